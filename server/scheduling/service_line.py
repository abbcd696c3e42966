"""Who stands where in the line of the waitlist, and what is offered to whom. Reads only; permission first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.places.models import Unit, VillagePoint
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.models_waitlist import SlotOffer, WaitlistPlace
from server.scheduling.service import booking_by_number
from server.scheduling.service_free import instant_of
from server.scheduling.service_freed import open_offer
from server.scheduling.words import BookingState, OfferState


@dataclass(frozen=True)
class Offered:
    """A time that waits for an answer. Who answers after ``until`` finds it given to the next one."""

    begins: datetime
    until: datetime
    official: str
    post: str


@dataclass(frozen=True)
class InLine:
    """Somebody who waits: how many are before, and what is offered, if anything."""

    booking: Booking
    name: str | None
    phone: str | None
    point: str
    wanted: str
    place: WaitlistPlace
    ahead: int
    offered: Offered | None


def line(db: Session, *, actor: Actor) -> list[InLine]:
    """Everybody who waits, the first one first; kiosks and agents see their own point's only, with the true places."""
    require(actor, Action.BOOK)
    rows = db.exec(
        select(WaitlistPlace, Booking, Petitioner, VillagePoint)
        .join(Booking, col(Booking.id) == WaitlistPlace.booking_id)
        .join(Petitioner, col(Petitioner.id) == Booking.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .where(Booking.state == BookingState.WAITLISTED)
        .order_by(col(WaitlistPlace.since), col(WaitlistPlace.booking_id))
    ).all()
    offers = _open_offers(db)
    found = [
        InLine(booking, who.name, who.phone, point.name, _wanted(db, place), place, ahead, offers.get(place.booking_id))
        for ahead, (place, booking, who, point) in enumerate(rows)
    ]
    return [one for one in found if actor.point_id in {None, one.booking.point_id}]


def line_at_point(db: Session, *, actor: Actor) -> list[InLine]:
    """Who waits at the actor's own point; nobody for those who have none."""
    return line(db, actor=actor) if actor.point_id is not None else []


def is_asked(db: Session, *, booking: Booking) -> bool:
    """Whether a booking waits for a time or for an answer. The caller has found it for the actor."""
    return booking.state is BookingState.WAITLISTED or open_offer(db, booking=booking) is not None


def _wanted(db: Session, place: WaitlistPlace) -> str:
    if place.official_id is not None:
        return db.get_one(User, place.official_id).display_name
    return db.get_one(Unit, place.unit_id).name if place.unit_id is not None else ""


def _open_offers(db: Session) -> dict[int, Offered]:
    offers: Sequence[SlotOffer] = db.exec(select(SlotOffer).where(SlotOffer.state == OfferState.OPEN)).all()
    return {one.booking_id: _offered(db, one) for one in offers}


def _offered(db: Session, offer: SlotOffer) -> Offered:
    day = db.get_one(ReceptionDay, offer.reception_day_id)
    official = db.get_one(User, day.official_id)
    return Offered(instant_of(day.day, offer.minute), offer.until, official.display_name, official.post)


@dataclass(frozen=True)
class Standing:
    """A booking that waits or has an offer to answer. ``mine`` is empty for one that has a time already."""

    booking: Booking
    offered: Offered | None
    mine: InLine | None


def standing_of(db: Session, *, actor: Actor, number: str) -> Standing:
    """How a booking of the actor's stands in the line."""
    booking = booking_by_number(db, actor=actor, number=number)
    offer = open_offer(db, booking=booking)
    mine = next((one for one in line(db, actor=actor) if one.booking.number == booking.number), None)
    return Standing(booking, _offered(db, offer) if offer is not None else None, mine)
