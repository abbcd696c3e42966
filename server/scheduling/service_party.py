"""Who comes besides the petitioner and who speaks for the petitioner, kept beside the booking. Checks no right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from server.accounts.roles import Actor
from server.audit.service import record
from server.clock import local_date
from server.scheduling.identity import Identity
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.models_party import Mandate, Representative
from server.scheduling.party import Given, checked_mandate, checked_party, covers, mandate_over
from server.scheduling.words import BookingState
from server.sealing import current_sealer


@dataclass(frozen=True)
class Party:
    """Who comes with a booking, besides the petitioner."""

    others: Sequence[Representative] = ()
    mandate: Mandate | None = None

    @property
    def names(self) -> list[str]:
        """The others by name, in their order."""
        return [one.name for one in self.others]


def bring_others(
    db: Session, *, actor: Actor, now: datetime, booking: Booking, others: Sequence[Identity]
) -> list[Representative]:
    """Write down the others who come for the same matter, each with name and ID number; at most five people come."""
    found = checked_party(others, first=_id_of(db, booking))
    made = [
        Representative(
            booking_id=booking.id or 0,
            place=place,
            name=one.name or "",
            id_number=one.id_number or "",
            id_index=current_sealer().index(one.id_number or ""),
        )
        for place, one in enumerate(found, 2)
    ]
    booking.people = 1 + len(made)
    db.add_all([booking, *made])
    db.flush()
    told = {"people": booking.people}
    record(db, actor=actor, now=now, action="booking.group", subject="booking", subject_id=booking.id or 0, detail=told)
    return made


def give_mandate(db: Session, *, actor: Actor, now: datetime, booking: Booking, given: Given) -> Mandate:
    """Write down by which paper somebody acts for the petitioner; it must be good on the day of the talk."""
    given = checked_mandate(given, principal=_id_of(db, booking), today=local_date(now))
    mandate = Mandate(
        booking_id=booking.id or 0,
        name=given.name,
        id_number=given.id_number,
        id_index=current_sealer().index(given.id_number),
        scope=given.scope,
        valid_until=given.valid_until or local_date(now),
        paper=given.paper,
        given_at=now,
    )
    db.add(mandate)
    db.flush()
    if booking.state is BookingState.BOOKED:
        require_mandate(db, booking=booking, day=db.get_one(ReceptionDay, booking.reception_day_id).day)
    told = {"until": mandate.valid_until.isoformat()}
    record(
        db, actor=actor, now=now, action="booking.mandate", subject="booking", subject_id=booking.id or 0, detail=told
    )
    return mandate


def _id_of(db: Session, booking: Booking) -> str:
    return db.get_one(Petitioner, booking.petitioner_id).id_number or ""


def require_mandate(db: Session, *, booking: Booking, day: date) -> None:
    """Refuse a day on which the mandate of a booking, if it has one, is over. Whoever moves a booking asks this."""
    mandate = db.get(Mandate, booking.id)
    if mandate is not None and not covers(mandate.valid_until, day):
        raise mandate_over()


def party_of(db: Session, *, booking: Booking) -> Party:
    """Who comes with a booking; the caller has found it for the actor."""
    others = select(Representative).where(Representative.booking_id == booking.id).order_by(col(Representative.place))
    return Party(list(db.exec(others)), db.get(Mandate, booking.id))


def name_in(db: Session, *, booking: Booking, id_index: str) -> str | None:
    """By which name this person comes with a booking of somebody else."""
    party = party_of(db, booking=booking)
    if party.mandate is not None and party.mandate.id_index == id_index:
        return party.mandate.name
    return next((one.name for one in party.others if one.id_index == id_index), None)


def concerns(id_index: str, *, by_mandate: bool = True) -> ColumnElement[bool]:
    """A condition on bookings: the person behind this keyed hash comes for it, in whichever part.

    As petitioner, as one of a group, or (``by_mandate``) as the one who acts for the petitioner. ``Petitioner`` must be
    joined.
    """
    comes = or_(
        col(Petitioner.id_index) == id_index,
        col(Booking.id).in_(select(Representative.booking_id).where(Representative.id_index == id_index)),
    )
    acts = col(Booking.id).in_(select(Mandate.booking_id).where(Mandate.id_index == id_index))
    return or_(comes, acts) if by_mandate else comes
