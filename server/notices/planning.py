"""When and by which ways somebody is told. Values in, values out."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from server.clock import DISTRICT_ZONE
from server.notices.words import Channel, NoticeEvent

E, C = NoticeEvent, Channel
PLACED = frozenset({E.BOOKED, E.CHANGED, E.MOVED, E.DAY_MOVED, E.OFFICIAL_CHANGED})
"""Events after which a visitor has a place, of which reminders are planned anew."""
REMINDERS = frozenset({E.REMINDER_DAY, E.REMINDER_HOUR})
FOLLOWED: dict[NoticeEvent, frozenset[NoticeEvent]] = {
    E.CANCELLED: frozenset(NoticeEvent),
    **dict.fromkeys(PLACED, PLACED | REMINDERS | {E.OFFERED, E.OFFER_OVER, E.OVERRUN, E.COME_BACK}),
    E.LISTED: PLACED | REMINDERS | {E.OFFERED, E.OVERRUN, E.COME_BACK},
    E.MISSED: REMINDERS | {E.COME_BACK},
    E.COME_BACK: frozenset({E.COME_BACK}),
    E.OVERRUN: frozenset({E.OVERRUN}),
    E.OFFERED: frozenset({E.OFFERED, E.OFFER_OVER}),
    E.OFFER_OVER: frozenset({E.OFFERED}),
}
"""What need not be told any more, if it was not yet, once something newer is."""
NOT_ON_SCREEN = frozenset({E.REMINDER_DAY})
NOT_BY_MAIL = frozenset({E.BOOKED, E.COME_BACK, E.MISSED, E.REMINDER_HOUR})
DAY_BEFORE, HOUR_BEFORE = timedelta(days=1), timedelta(hours=1)
JUST_TOLD = timedelta(minutes=30)
STILL_WORTH = timedelta(hours=2)


def channels_for(event: NoticeEvent, *, private: bool, phone: bool, mail: bool) -> frozenset[Channel]:
    """By which ways: ``phone`` and ``mail`` say whether there is a number and an address, and a way to use them.

    The agent is not told about a private talk.
    """
    ways = {C.SCREEN} - ({C.SCREEN} if event in NOT_ON_SCREEN else set())
    ways |= {C.SMS} if phone else set()
    ways |= {C.EMAIL} if mail and not private and event not in NOT_BY_MAIL else set()
    return frozenset(ways)


def reminders(starts_at: datetime, *, now: datetime) -> Iterator[tuple[NoticeEvent, datetime]]:
    """What is to be reminded of when. Whoever was told just before is not reminded."""
    for event, before in ((E.REMINDER_DAY, DAY_BEFORE), (E.REMINDER_HOUR, HOUR_BEFORE)):
        if starts_at - before >= now + JUST_TOLD:
            yield event, starts_at - before


def worth_until(event: NoticeEvent, *, now: datetime, starts_at: datetime | None, at: datetime | None) -> datetime:
    """From when on nobody need be told: an offer is over, a reception has begun, "tomorrow" is today."""
    if at is not None:
        return max(at, now)
    if starts_at is None:
        return now + STILL_WORTH
    if event is E.REMINDER_DAY:
        return starts_at.astimezone(DISTRICT_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return starts_at if event is E.REMINDER_HOUR else max(starts_at, now + STILL_WORTH)
