"""Setting officials and units aside from a person's matters when it becomes known later (art. 28, 30).

Whoever is set aside reads nothing of it: the booking leaves their day as any booking does that is given another time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.exclusion import Excluded
from server.accounts.models import Exclusion, User
from server.accounts.roles import Action, Actor, Role
from server.audit.service import record
from server.errors import Conflict, Invalid
from server.notices.words import NoticeEvent
from server.petitions.models import Petition
from server.petitions.service_petition import booked_matter, exclude
from server.places.models import Unit
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_free import hours_of
from server.scheduling.service_freed import open_offer, share_out, take_back
from server.scheduling.service_joint import dissolve, joint_officials
from server.scheduling.service_moving import close_or_reopen
from server.scheduling.service_notices import tell
from server.scheduling.service_waitlist import put_on_waitlist
from server.scheduling.words import BookingState

AFFECTED = (
    BookingState.BOOKED,
    BookingState.WAITING,
    BookingState.HELD,
    BookingState.WAITLISTED,
    BookingState.IN_SESSION,
)


@dataclass(frozen=True)
class Aside:
    """A booking with whom its matter is kept from, by the rows of it, and who could be named."""

    booking: Booking
    petition: Petition
    day: ReceptionDay
    minute: int | None
    receiving: list[User]
    people: list[tuple[Exclusion, User]]
    units: list[tuple[Exclusion, Unit]]
    officials: list[User]
    all_units: list[Unit]


def aside_of(db: Session, *, actor: Actor, number: str) -> Aside:
    """Whom a booked matter is kept from. A clerk who is among them finds no such booking."""
    booking, petition = booked_matter(db, actor=actor, action=Action.SET_ASIDE, number=number)
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    beside = joint_officials(db, booking_ids=[booking.id or 0]).get(booking.id or 0, [])
    people = select(Exclusion, User).join(User, col(User.id) == Exclusion.user_id)
    units = select(Exclusion, Unit).join(Unit, col(Unit.id) == Exclusion.unit_id)
    mine = Exclusion.petition_id == petition.id
    officials = select(User).where(User.role == Role.OFFICIAL, col(User.active)).order_by(col(User.id))
    placed = booking.state is not BookingState.WAITLISTED
    return Aside(
        booking=booking,
        petition=petition,
        day=day,
        minute=hours_of(day).minute(booking.slot) if booking.slot is not None else None,
        receiving=[db.get_one(User, day.official_id), *beside] if placed else [],
        people=list(db.exec(people.where(mine).order_by(col(Exclusion.id)))),
        units=list(db.exec(units.where(mine).order_by(col(Exclusion.id)))),
        officials=list(db.exec(officials)),
        all_units=list(db.exec(select(Unit).where(col(Unit.active)).order_by(col(Unit.id)))),
    )


def set_aside(
    db: Session, *, actor: Actor, now: datetime, number: str, official_id: int | None, unit_id: int | None
) -> None:
    """Keep an official or a unit away from the matter. Again: nothing changes.

    Every booking of the person with one of them is given up, first in the line since it was booked, and offered the
    next time that suits. Raises ``Conflict("talking_now")`` while one of them talks with the person.
    """
    _, petition = booked_matter(db, actor=actor, action=Action.SET_ASIDE, number=number)
    named = _named(db, official_id, unit_id)
    rows = db.exec(select(Exclusion).where(Exclusion.petition_id == petition.id)).all()
    if not any((one.user_id, one.unit_id) == (official_id, unit_id) for one in rows):
        exclude(db, actor=actor, now=now, petition=petition, excluded=named)
    query = select(Booking).where(Booking.petitioner_id == petition.petitioner_id, col(Booking.state).in_(AFFECTED))
    for booking in db.exec(query.order_by(col(Booking.id))).all():
        _part(db, actor, now, booking, named)
    share_out(db, now=now)


def _named(db: Session, official_id: int | None, unit_id: int | None) -> Excluded:
    official = db.get(User, official_id) if official_id is not None else None
    unit = db.get(Unit, unit_id) if unit_id is not None else None
    if (official is None) == (unit is None) or (official is not None and official.role is not Role.OFFICIAL):
        raise Invalid("nobody_named", "Please choose one official or one unit.", field="official")
    people = frozenset({official_id}) if official_id is not None else frozenset[int]()
    return Excluded(people, frozenset({unit_id}) if unit_id is not None else frozenset())


def _part(db: Session, actor: Actor, now: datetime, booking: Booking, named: Excluded) -> None:
    """Take the booking away from whoever is named, as far as it stands with one of them."""
    offer = open_offer(db, booking=booking)
    if offer is not None and _meets(db, [db.get_one(ReceptionDay, offer.reception_day_id).official_id], named):
        take_back(db, now=now, booking=booking, actor=actor)
    if booking.state is BookingState.WAITLISTED:
        return
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    beside = joint_officials(db, booking_ids=[booking.id or 0]).get(booking.id or 0, [])
    leads = _meets(db, [day.official_id], named)
    if not leads and not _meets(db, [one.id or 0 for one in beside], named):
        return
    if booking.state is BookingState.IN_SESSION:
        raise Conflict("talking_now", "They are talking at this moment. Please stop the talk first.")
    dissolve(db, actor=actor, now=now, booking=booking)
    if leads:
        take_back(db, now=now, booking=booking, actor=actor)
        booking.checked_in_at = None
        put_on_waitlist(db, actor=actor, now=now, booking=booking)
        tell(db, now=now, event=NoticeEvent.LISTED, booking=booking)
        close_or_reopen(db, actor=actor, now=now, day=day)


def _meets(db: Session, official_ids: Sequence[int], named: Excluded) -> bool:
    people = db.exec(select(User).where(col(User.id).in_(official_ids)))
    return any(named.concerns(user_id=one.id or 0, unit_id=one.unit_id) for one in people)


def let_back(db: Session, *, actor: Actor, now: datetime, number: str, exclusion_id: int) -> None:
    """Take back what was set aside by mistake. Again: nothing changes.

    The audit log has that it was done, and not whom it concerns.
    """
    _, petition = booked_matter(db, actor=actor, action=Action.SET_ASIDE, number=number)
    row = db.get(Exclusion, exclusion_id)
    if row is None or row.petition_id != petition.id:
        return
    db.delete(row)
    db.flush()
    record(db, actor=actor, now=now, action="petition.unguarded", subject="petition", subject_id=petition.id or 0)
    share_out(db, now=now)
