"""The words of notices."""

from enum import StrEnum


class NoticeEvent(StrEnum):
    """What somebody is told. ``texts.py`` has one text for each."""

    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    OFFERED = "offered"
    OFFER_OVER = "offer_over"
    MOVED = "moved"
    DAY_MOVED = "day_moved"
    OFFICIAL_CHANGED = "official_changed"
    LISTED = "listed"
    COME_BACK = "come_back"
    OVERRUN = "overrun"
    MISSED = "missed"
    REMINDER_DAY = "reminder_day"
    REMINDER_HOUR = "reminder_hour"


class Channel(StrEnum):
    """By which way. The screen is the kiosk's at the point; e-mail goes to the agent of the point."""

    SCREEN = "screen"
    PRINT = "print"
    SMS = "sms"
    EMAIL = "email"


class NoticeState(StrEnum):
    """What became of a notice; the table of transitions is in ``states.py``."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    DROPPED = "dropped"
