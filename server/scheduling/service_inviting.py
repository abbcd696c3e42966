"""A second and a third official are asked to receive together with the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.accounts.service_exclusions import excluded_for
from server.audit.service import record
from server.errors import Conflict, Invalid
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_free import hours_of
from server.scheduling.service_joint import could_join, dissolve, joint_officials, take_joint
from server.scheduling.service_list import on_own_list
from server.scheduling.words import BookingState

MOST_OTHERS = 2
JOINABLE = (BookingState.BOOKED, BookingState.WAITING, BookingState.HELD)


@dataclass(frozen=True)
class Table:
    """Who receives a booking: its own official, and those who do so together.

    ``choices`` are all who receive on that day, and whether they have that time free.
    """

    booking: Booking
    day: ReceptionDay
    lead: User
    begins: int | None
    others: list[User]
    choices: list[tuple[User, bool]]


def receive_together(
    db: Session, *, actor: Actor, now: datetime, number: str, official_ids: Sequence[int]
) -> list[User]:
    """These officials, at most two, receive together with the booking's own; nobody else any more.

    All of them must have that time free, or nothing changes: ``Conflict("official_not_free")``.
    """
    require(actor, Action.RUN_LIST)
    booking = on_own_list(db, actor=actor, number=number)
    lead = db.get_one(ReceptionDay, booking.reception_day_id)
    if booking.slot is None or booking.state not in JOINABLE:
        raise Conflict("no_joint_time", "Only a booked time that is still to come can be received together.")
    wanted = list(dict.fromkeys(official_ids))
    if len(wanted) > MOST_OTHERS:
        raise Invalid("too_many_officials", "At most three officials receive together.", field="officials")
    dissolve(db, actor=actor, now=now, booking=booking)
    officials = [_asked(db, booking, lead, one) for one in wanted]
    for official in officials:
        take_joint(db, now=now, booking=booking, lead=lead, official=official)
    told = {"officials": [one.display_name for one in officials]}
    record(
        db, actor=actor, now=now, action="booking.together", subject="booking", subject_id=booking.id or 0, detail=told
    )
    return officials


def _asked(db: Session, booking: Booking, lead: ReceptionDay, official_id: int) -> User:
    official = db.get(User, official_id)
    aside = excluded_for(db, petitioner_id=booking.petitioner_id)
    if (
        official is None
        or official.role is not Role.OFFICIAL
        or not official.active
        or official.id == lead.official_id
        or aside.concerns(user_id=official_id, unit_id=official.unit_id)
    ):
        raise Invalid("bad_official", "This official cannot be added. Please choose another.", field="officials")
    return official


def table_of(db: Session, *, actor: Actor, now: datetime, number: str) -> Table:
    """Who receives a booking, for its official and for clerks."""
    booking = on_own_list(db, actor=actor, number=number)
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    rows = db.exec(
        select(User)
        .join(ReceptionDay, col(ReceptionDay.official_id) == User.id)
        .where(ReceptionDay.day == day.day, col(ReceptionDay.cancelled).is_(False), col(User.active))
        .where(User.id != day.official_id)
        .order_by(col(User.id))
    )
    aside = excluded_for(db, petitioner_id=booking.petitioner_id)
    choices = [one for one in rows if not aside.concerns(user_id=one.id or 0, unit_id=one.unit_id)]
    free = [could_join(db, now=now, booking=booking, lead=day, official=one) for one in choices]
    others = joint_officials(db, booking_ids=[booking.id or 0]).get(booking.id or 0, [])
    begins = None if booking.slot is None else hours_of(day).minute(booking.slot)
    return Table(booking, day, db.get_one(User, day.official_id), begins, others, list(zip(choices, free, strict=True)))
