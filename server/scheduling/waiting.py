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


def in_order(visitors: Iterable[Visitor], *, grace: timedelta) -> list[Placed]:
    """Everybody who waits, first one first; a booking goes before an arrival of the same minute."""

    def key(one: Placed) -> tuple[datetime, bool, datetime, str]:
        return one.counts_from, one.reason is not ON_TIME, one.visitor.checked_in_at, one.visitor.number

    return sorted((place(one, grace=grace) for one in visitors), key=key)
