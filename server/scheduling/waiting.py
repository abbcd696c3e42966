"""The order of the one list, and why somebody stands where they stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Visitor:
    """What the order depends on. ``slot_at`` is empty for a walk-in."""

    number: str
    checked_in_at: datetime
    slot_at: datetime | None = None


@dataclass(frozen=True)
class Placed:
    """A visitor with the instant that counts and the reason for it."""

    visitor: Visitor
    counts_from: datetime
    reason: str


@dataclass(frozen=True)
class Wait:
    """How many minutes it may take until it is one's turn."""

    least: int
    most: int


STEP = 5
ON_TIME = "booked for this time"
LATE = "came after the booked time, so the arrival counts"
WALK_IN = "came without a booking, so the arrival counts"


def place(visitor: Visitor, *, grace: timedelta) -> Placed:
    """A booked visitor counts from the slot, unless more than ``grace`` late; everybody else from arrival."""
    if visitor.slot_at is None:
        return Placed(visitor, visitor.checked_in_at, WALK_IN)
    if visitor.checked_in_at <= visitor.slot_at + grace:
        return Placed(visitor, visitor.slot_at, ON_TIME)
    return Placed(visitor, visitor.checked_in_at, LATE)


def expected(ahead: int, *, talking: bool, minutes: int, opens_in: int = 0) -> Wait:
    """A range on the safe side, in steps of five minutes: a talk takes from half to one and a half of its ``minutes``.

    ``talking`` says that somebody is inside, ``opens_in`` how many minutes it is until the reception begins.
    """
    least = opens_in + ahead * minutes / 2
    most = opens_in + (ahead + talking) * minutes * 3 / 2
    return Wait(int(least // STEP) * STEP, int(-(-most // STEP)) * STEP)


def in_order(visitors: Iterable[Visitor], *, grace: timedelta) -> list[Placed]:
    """Everybody who waits, first one first; a booking goes before an arrival of the same minute."""

    def key(one: Placed) -> tuple[datetime, bool, datetime, str]:
        return one.counts_from, one.reason is not ON_TIME, one.visitor.checked_in_at, one.visitor.number

    return sorted((place(one, grace=grace) for one in visitors), key=key)
