"""The words of the list, of the calendar and of the plans."""

from enum import StrEnum


class BookingState(StrEnum):
    """Where a visitor stands; the table of transitions is in ``states.py``."""

    BOOKED = "booked"
    WAITING = "waiting"
    HELD = "held"
    IN_SESSION = "in_session"
    ABSENT = "absent"
    DONE = "done"
    CANCELLED = "cancelled"
    WAITLISTED = "waitlisted"


class Priority(StrEnum):
    """Why somebody goes before others who came as early."""

    OLD = "old"
    DISABLED = "disabled"
    ILL = "ill"
    FAR = "far"
    DEADLINE = "deadline"


class Holiday(StrEnum):
    """What the State Council's yearly notice calls its days."""

    NEW_YEAR = "new_year"
    SPRING_FESTIVAL = "spring_festival"
    TOMB_SWEEPING = "tomb_sweeping"
    LABOUR = "labour"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    NATIONAL = "national"
    OTHER = "other"


class Source(StrEnum):
    """Where a version of a year's days comes from."""

    LIBRARY = "library"
    NOTICE = "notice"
    CORRECTION = "correction"


class Repeat(StrEnum):
    """How a plan names its days."""

    WEEKLY = "weekly"
    NTH_WEEKDAY = "nth_weekday"
    MONTH_DAY = "month_day"
    WORKING_DAYS = "working_days"


class OnDayOff(StrEnum):
    """What becomes of a named day that is a day off."""

    MOVE = "move"
    SKIP = "skip"


class ChangeKind(StrEnum):
    """What an exception does to one day of a plan."""

    EXTRA = "extra"
    CANCELLED = "cancelled"
    CHANGED = "changed"


class PlanState(StrEnum):
    """Whether a plan is in the published list; the table of transitions is in ``states.py``."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class OfferState(StrEnum):
    """What became of an offered time; the table of transitions is in ``states.py``."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    OVER = "over"
    WITHDRAWN = "withdrawn"
