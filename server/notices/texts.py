"""What notices say: one text an event, in plain words. Nothing of the matter, of the visitor, or of anybody accused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from server.clock import DISTRICT_ZONE
from server.notices.words import NoticeEvent

TEXTS: dict[NoticeEvent, str] = {
    NoticeEvent.BOOKED: (
        "You have a place: {when}, with {official}. Please be at {point} ten minutes early, with your ID card."
        " Number {number}."
    ),
    NoticeEvent.CHANGED: "Your talk is changed: {when}, with {official}. Please come to {point}. Number {number}.",
    NoticeEvent.CANCELLED: (
        "The talk on {when} is cancelled, you need not come. For another time please ask at {point}. Number {number}."
    ),
    NoticeEvent.OFFERED: (
        "A time is free for you: {when}, with {official}. If you want it, please answer at {point} before {at}."
        " Number {number}."
    ),
    NoticeEvent.OFFER_OVER: (
        "The time that was kept for you, {when}, was not answered and is given away. All else stays. Number {number}."
    ),
    NoticeEvent.MOVED: (
        "Your talk is moved to {when}, with {official}. The place is {point}. If you cannot come, please say so there."
        " Number {number}."
    ),
    NoticeEvent.DAY_MOVED: (
        "The reception day is moved. Your talk is now on {when}, with {official}, at {point}."
        " If you cannot come, please say so there. Number {number}."
    ),
    NoticeEvent.OFFICIAL_CHANGED: (
        "Your talk on {when} is now with {official}. Time and place stay: {point}. Number {number}."
    ),
    NoticeEvent.LISTED: (
        "The reception on {when} with {official} cannot be held, please do not come. You are on our list: we look for"
        " another time and tell you. You may also ask at {point}. Number {number}."
    ),
    NoticeEvent.COME_BACK: (
        "It is not your turn yet. Please be back at {point} at about {at}. You keep your place. Number {number}."
    ),
    NoticeEvent.OVERRUN: (
        "Many people came today, and your turn may not come. Please ask at {point} for another time. Number {number}."
    ),
    NoticeEvent.MISSED: (
        "It was your turn, and you were not there. If you come today, please check in at {point}. Number {number}."
    ),
    NoticeEvent.REMINDER_DAY: (
        "Tomorrow you have a talk: {when}, with {official}. Please be at {point} ten minutes early, with your ID card."
        " Number {number}."
    ),
    NoticeEvent.REMINDER_HOUR: (
        "Your talk is today at {time}, with {official}. Please be at {point} ten minutes early. Number {number}."
    ),
}
DAY = "{weekday} {day}/{month}"
DAY_AND_TIME = "{date} {time}"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MESSAGES = (*TEXTS.values(), DAY, DAY_AND_TIME, *WEEKDAYS)
Words = Callable[[str], str]


@dataclass(frozen=True)
class Facts:
    """Everything a text may name. ``starts_at`` is empty for who came without a time.

    ``at`` is until when to answer, or when to be back.
    """

    number: str
    day: date
    starts_at: datetime | None
    official: str
    point: str
    at: datetime | None = None


def text(event: NoticeEvent, facts: Facts, words: Words) -> str:
    """The text in the language of ``words``."""
    return words(TEXTS[event]).format(
        when=_when(facts, words),
        time=_clock(facts.starts_at),
        official=facts.official,
        point=facts.point,
        number=facts.number,
        at=_at(facts, words),
    )


def _when(facts: Facts, words: Words) -> str:
    date_ = _day(facts.day, words)
    return words(DAY_AND_TIME).format(date=date_, time=_clock(facts.starts_at)) if facts.starts_at else date_


def _at(facts: Facts, words: Words) -> str:
    """With its day where that is another one than the reception's."""
    if facts.at is None:
        return ""
    local = facts.at.astimezone(DISTRICT_ZONE).date()
    if local == facts.day:
        return _clock(facts.at)
    return words(DAY_AND_TIME).format(date=_day(local, words), time=_clock(facts.at))


def _day(day: date, words: Words) -> str:
    return words(DAY).format(month=day.month, day=day.day, weekday=words(WEEKDAYS[day.weekday()]))


def _clock(instant: datetime | None) -> str:
    local = instant.astimezone(DISTRICT_ZONE) if instant is not None else None
    return f"{local.hour}:{local.minute:02d}" if local is not None else ""
