"""Offering a time to somebody, and the answer: taken, declined, or none in time. Nobody is lost by an offer.

Whoever has a standing time keeps it until the offer is taken. Whoever has none any more, and does not take the offer,
is on the waitlist from then on.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.accounts.service_exclusions import excluded_for
from server.audit.service import record
from server.errors import Conflict, NotFound
from server.notices.words import NoticeEvent
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.models_waitlist import SlotOffer
from server.scheduling.service import booking_by_number, move
from server.scheduling.service_free import hours_of
from server.scheduling.service_freed import HOUSE, Place, answer_offer, held_beside, make_offer, open_offer, share_out
from server.scheduling.service_joint import sit_beside
from server.scheduling.service_moving import close_or_reopen, place_booking
from server.scheduling.service_notices import tell
from server.scheduling.service_waitlist import put_on_waitlist
from server.scheduling.states import BookingEvent, OfferEvent
from server.scheduling.words import BookingState, OfferState

OFFERABLE = (BookingState.BOOKED, BookingState.WAITLISTED)


def offer_slot(
    db: Session,
    *,
    now: datetime,
    booking: Booking,
    reception_day_id: int,
    slot: int,
    until: datetime,
    actor: Actor = HOUSE,
) -> SlotOffer:
    """Offer a time to a booking that is booked or waitlisted; the place is held until the answer or ``until``.

    An older open offer of this booking is withdrawn. A place that is taken raises ``Conflict("slot_taken")``. For
    services; checks no right.
    """
    if booking.state not in OFFERABLE:
        raise Conflict("wrong_state", "This step is not possible now. Please reload the page to see the current state.")
    return make_offer(db, now=now, booking=booking, place=(reception_day_id, slot), until=until, actor=actor)


def accept(db: Session, *, actor: Actor, now: datetime, number: str) -> Booking:
    """Take the offered time: the booking moves there and keeps its number. Again: nothing changes.

    Who is there and waits leaves today's list with it. Others receive together where their places were held with it.

    The caller brings the petition along (``petitions.service_petition.follow_booking``).
    """
    require(actor, Action.BOOK)
    booking = booking_by_number(db, actor=actor, number=number)
    offer = open_offer(db, booking=booking)
    if offer is None and _taken_before(db, booking):
        return booking
    day = db.get_one(ReceptionDay, offer.reception_day_id) if offer is not None else None
    if offer is None or day is None or offer.until <= now or not _stands(db, booking, offer, (day.id or 0, offer.slot)):
        raise _over()
    old = db.get_one(ReceptionDay, booking.reception_day_id)
    beside = [one for one in held_beside(db, booking=booking) if _stands(db, booking, offer, one)]
    answer_offer(db, actor=actor, now=now, offer=offer, event=OfferEvent.ACCEPT)
    if booking.state in {BookingState.WAITING, BookingState.HELD}:
        booking.checked_in_at = None
        move(db, actor=actor, now=now, booking=booking, event=BookingEvent.WAITLIST)
    place_booking(db, actor=actor, now=now, booking=booking, day=day, slot=offer.slot)
    sit_beside(db, booking, beside)
    event = NoticeEvent.MOVED
    if booking.state is BookingState.WAITLISTED:
        event = NoticeEvent.BOOKED
        move(db, actor=actor, now=now, booking=booking, event=BookingEvent.PLACE)
    told = {"day": {"to": day.day.isoformat()}}
    record(db, actor=actor, now=now, action="booking.moved", subject="booking", subject_id=booking.id or 0, detail=told)
    tell(db, now=now, event=event, booking=booking)
    close_or_reopen(db, actor=actor, now=now, day=old)
    share_out(db, now=now)
    return booking


def _stands(db: Session, booking: Booking, offer: SlotOffer, place: Place) -> bool:
    """Whether a place is still as it was offered, and its official must not step aside since."""
    day = db.get_one(ReceptionDay, place[0])
    official, hours = db.get_one(User, day.official_id), hours_of(day)
    aside = excluded_for(db, petitioner_id=booking.petitioner_id)
    if day.cancelled or day.off_plan or aside.concerns(user_id=day.official_id, unit_id=official.unit_id):
        return False
    return hours.has(place[1]) and hours.minute(place[1]) == offer.minute


def _over() -> Conflict:
    return Conflict(
        "offer_over",
        "The time to answer is over, and this time was given to the next one. You keep your place in the line.",
    )


def _taken_before(db: Session, booking: Booking) -> bool:
    accepted = select(SlotOffer.id).where(
        SlotOffer.booking_id == booking.id,
        SlotOffer.state == OfferState.ACCEPTED,
        SlotOffer.reception_day_id == booking.reception_day_id,
        SlotOffer.slot == booking.slot,
    )
    return db.exec(accepted).first() is not None


def decline(db: Session, *, actor: Actor, now: datetime, number: str) -> Booking:
    """Do not take the offered time, and go on waiting; it goes to the next one. Again: nothing changes."""
    require(actor, Action.BOOK)
    booking = booking_by_number(db, actor=actor, number=number)
    offer = open_offer(db, booking=booking)
    if offer is None:
        return booking
    answer_offer(db, actor=actor, now=now, offer=offer, event=OfferEvent.DECLINE)
    _keep(db, actor, now, booking)
    share_out(db, now=now)
    return booking


def _keep(db: Session, actor: Actor, now: datetime, booking: Booking) -> None:
    """Whoever has no time any more is on the waitlist."""
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    if booking.state is BookingState.BOOKED and (day.cancelled or day.off_plan):
        put_on_waitlist(db, actor=actor, now=now, booking=booking)


def anything_over(db: Session, *, now: datetime) -> bool:
    """Whether an offer waits for nobody any more. Cheap: it is asked often."""
    query = select(SlotOffer.id).where(SlotOffer.state == OfferState.OPEN, SlotOffer.until <= now).limit(1)
    return db.exec(query).first() is not None


def expire(db: Session, *, now: datetime) -> list[Booking]:
    """End the offers that nobody answered in time, and pass their times on. For the house itself."""
    due = select(SlotOffer).where(SlotOffer.state == OfferState.OPEN, SlotOffer.until <= now)
    bookings = []
    for offer in db.exec(due.order_by(col(SlotOffer.id))).all():
        answer_offer(db, actor=HOUSE, now=now, offer=offer, event=OfferEvent.EXPIRE)
        booking = db.get_one(Booking, offer.booking_id)
        _keep(db, HOUSE, now, booking)
        day_id, slot = offer.reception_day_id, offer.slot
        tell(db, now=now, event=NoticeEvent.OFFER_OVER, booking=booking, reception_day_id=day_id, slot=slot)
        bookings.append(booking)
    share_out(db, now=now)
    return bookings


def offer_of(db: Session, *, actor: Actor, number: str) -> tuple[Booking, SlotOffer]:
    """A booking of the actor with the offer it has to answer."""
    booking = booking_by_number(db, actor=actor, number=number)
    offer = open_offer(db, booking=booking)
    if offer is None:
        raise NotFound("no_offer", "There is no offer to answer at the moment.")
    return booking, offer
