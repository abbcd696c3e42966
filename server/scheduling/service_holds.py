"""Holding a place for somebody for a while: it is free for nobody else until the hold is over or let go.

Nothing needs to run when a hold ends: it is over by itself. Writers take turns, so that who looks and then holds is
first.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from server.accounts.roles import Actor
from server.scheduling.models import Booking, ReceptionDay, SlotHold
from server.scheduling.slots import Hours
from server.scheduling.states import GONE


def holder(actor: Actor) -> str:
    """Who holds while ``actor`` fills in a form: one hold a kiosk or person."""
    return f"{actor.role.value}:{actor.id}"


def hours_of(day: ReceptionDay) -> Hours:
    """The day's opening as a rule's value."""
    spans = tuple((opens, closes) for opens, closes in day.spans) or ((day.opens_minute, day.closes_minute),)
    return Hours(spans, day.slot_minutes, day.buffer_minutes, day.capacity)


def hold(db: Session, *, now: datetime, owner: str, reception_day_id: int, slot: int, until: datetime) -> int | None:
    """Keep ``slot``, or another place that begins with it, for ``owner`` until then; what ``owner`` held is let go.

    Returns the place; none where all of them are booked or held by others. For services: the caller has checked that
    the day can be booked and has such a place.
    """
    release(db, owner=owner)
    together = hours_of(db.get_one(ReceptionDay, reception_day_id)).together(slot)
    booked = select(Booking.slot).where(
        Booking.reception_day_id == reception_day_id, col(Booking.slot).in_(together), col(Booking.state).not_in(GONE)
    )
    others = held(db, now=now, day_ids=[reception_day_id], besides=owner).get(reception_day_id, set())
    gone = others | set(db.exec(booked))
    place = next((one for one in together if one not in gone), None)
    if place is not None:
        db.merge(SlotHold(reception_day_id=reception_day_id, slot=place, owner=owner, until=until))
        db.flush()
    return place


def renew(db: Session, *, now: datetime, owner: str, until: datetime) -> None:
    """Keep what ``owner`` holds for longer; a hold that is over stays over: others may have seen the place as free."""
    db.exec(update(SlotHold).where(col(SlotHold.owner) == owner, col(SlotHold.until) > now).values(until=until))


def release(db: Session, *, owner: str) -> None:
    """Let go of whatever ``owner`` holds."""
    db.exec(delete(SlotHold).where(col(SlotHold.owner) == owner))


def held(db: Session, *, now: datetime, day_ids: Collection[int], besides: str = "") -> dict[int, set[int]]:
    """The places of these days that somebody else than ``besides`` holds now."""
    rows = db.exec(
        select(SlotHold.reception_day_id, SlotHold.slot).where(
            col(SlotHold.reception_day_id).in_(day_ids), col(SlotHold.until) > now, SlotHold.owner != besides
        )
    )
    found: dict[int, set[int]] = {}
    for day_id, slot in rows:
        found.setdefault(day_id, set()).add(slot)
    return found


def forget_holds(db: Session, *, now: datetime) -> None:
    """Throw away the holds that are over."""
    db.exec(delete(SlotHold).where(col(SlotHold.until) <= now))
