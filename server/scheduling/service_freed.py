"""Times that became free go to those who wait, before anybody else can see them: offered, and held for the answer."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service_exclusions import excluded_for
from server.audit.service import record
from server.clock import local_date
from server.notices.words import NoticeEvent
from server.places.models import VillagePoint
from server.scheduling.models import Booking, ReceptionDay, SlotHold
from server.scheduling.models_party import Mandate
from server.scheduling.models_waitlist import SlotOffer, WaitlistPlace
from server.scheduling.service_audience import EVERYBODY, audiences
from server.scheduling.service_free import FreeSlot, free_days, hours_of, instant_of, slots_of
from server.scheduling.service_holds import hold, release
from server.scheduling.service_nearest import slot_taken
from server.scheduling.service_notices import tell
from server.scheduling.states import OFFER, OfferEvent
from server.scheduling.waitlist import Opening, Wish, answer_by, shared_out
from server.scheduling.words import BookingState, OfferState
from server.settings import Settings
from server.transitions import advance

HOUSE = Actor(role=Role.CLERK, name="waitlist")
"""Offers in the name of the office: the notice a villager must give does not bind it."""
PASSING = timedelta(minutes=5)
"""How long a place is still held after the answer was due, so that it goes to the next one and to nobody else."""
Place = tuple[int, int]
"""A reception day and a slot of it."""
_patience: list[timedelta] = [timedelta(hours=2)]


def use_patience(settings: Settings) -> None:
    """Wait for answers as long as the settings say, from now on."""
    _patience[:] = [timedelta(minutes=settings.offer_minutes)]


def share_out(db: Session, *, now: datetime) -> list[SlotOffer]:
    """Offer every free time to the first one who waits for it. For services; call it wherever a place became free."""
    offers: list[SlotOffer] = []
    while made := _one_round(db, now):
        offers += made
    return offers


def _one_round(db: Session, now: datetime) -> list[SlotOffer]:
    """A time with several places comes once in a round."""
    wishes = _wishes(db)
    if not wishes:
        return []
    offers = []
    for wish, opening in shared_out(wishes, _openings(db, now, wishes)):
        begins = instant_of(opening.day, opening.minute)
        until = answer_by(now, begins, _patience[0])
        if until is not None:
            booking = db.get_one(Booking, wish.booking_id)
            place = (opening.reception_day_id, opening.slot)
            offers.append(make_offer(db, now=now, booking=booking, place=place, until=until))
    return offers


def _wishes(db: Session) -> list[Wish]:
    """Everybody on the waitlist who has no offer to answer."""
    asked = select(SlotOffer.booking_id).where(SlotOffer.state == OfferState.OPEN)
    rows = db.exec(
        select(WaitlistPlace, Booking, VillagePoint.township_id)
        .join(Booking, col(Booking.id) == WaitlistPlace.booking_id)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .where(Booking.state == BookingState.WAITLISTED, col(Booking.id).not_in(asked))
    ).all()
    waiting = [one.booking_id for one, _, _ in rows]
    mandates = db.exec(select(Mandate).where(col(Mandate.booking_id).in_(waiting)))
    ends = {one.booking_id: one.valid_until for one in mandates}
    refused: dict[int, set[tuple[int, int]]] = {}
    before = select(SlotOffer.booking_id, SlotOffer.reception_day_id, SlotOffer.minute)
    for booking_id, day_id, minute in db.exec(before.where(col(SlotOffer.booking_id).in_(waiting))):
        refused.setdefault(booking_id, set()).add((day_id, minute))
    return [
        Wish(
            place.booking_id,
            place.since,
            place.first_day,
            min(place.last_day, ends.get(place.booking_id, place.last_day)),
            township_id,
            booking.content,
            place.official_id,
            place.unit_id,
            excluded_for(db, petitioner_id=booking.petitioner_id),
            frozenset(refused.get(place.booking_id, ())),
        )
        for place, booking, township_id in rows
    ]


def _openings(db: Session, now: datetime, wishes: Iterable[Wish]) -> list[Opening]:
    today = local_date(now)
    last = max(one.last_day for one in wishes)
    days = max(0, (last - today).days) + 1
    return _with_audience(db, slots_of(free_days(db, actor=HOUSE, now=now, from_day=today, days=days)))


def _with_audience(db: Session, slots: list[FreeSlot]) -> list[Opening]:
    days = db.exec(
        select(ReceptionDay, User.unit_id)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(col(ReceptionDay.id).in_({one.reception_day_id for one in slots}))
    )
    by_id = {day.id: (day.rule_id or 0, unit_id) for day, unit_id in days}
    whom = audiences(db, {rule_id for rule_id, _ in by_id.values()})
    openings = []
    for one in slots:
        rule_id, unit_id = by_id[one.reception_day_id]
        audience = whom.get(rule_id, EVERYBODY)
        units = audience.units | ({unit_id} if unit_id is not None else frozenset())
        openings.append(
            Opening(one.reception_day_id, one.slot, one.day, one.minute, one.official_id, unit_id, units, audience)
        )
    return openings


def make_offer(
    db: Session,
    *,
    now: datetime,
    booking: Booking,
    place: Place,
    until: datetime,
    actor: Actor = HOUSE,
    beside: Iterable[Place] = (),
) -> SlotOffer:
    """Offer a place and hold it, and those ``beside`` of the others who receive together. For services.

    Raises ``Conflict("slot_taken")``; the caller's transaction then leaves nothing behind.
    """
    take_back(db, now=now, booking=booking, actor=actor)
    day_id, slot = place
    day = db.get_one(ReceptionDay, day_id)
    owners = {place: owner_of(booking)} | {one: f"{owner_of(booking)}:{one[0]}:{one[1]}" for one in beside}
    held = [
        hold(db, now=now, owner=owner, reception_day_id=one[0], slot=one[1], until=until + PASSING)
        for one, owner in owners.items()
    ]
    kept = held[0]
    if kept is None or None in held:
        raise slot_taken(db, actor=actor, now=now, day=day, slot=slot)
    minute = hours_of(day).minute(kept)
    offer = SlotOffer(
        booking_id=booking.id or 0, reception_day_id=day_id, slot=kept, minute=minute, made_at=now, until=until
    )
    db.add(offer)
    db.flush()
    told = {"until": until.isoformat()}
    record(db, actor=actor, now=now, action="offer.made", subject="booking", subject_id=booking.id or 0, detail=told)
    tell(db, now=now, event=NoticeEvent.OFFERED, booking=booking, reception_day_id=day_id, slot=kept, at=until)
    return offer


def owner_of(booking: Booking) -> str:
    """In whose name the place of an offer is held."""
    return f"offer:{booking.id}"


def held_beside(db: Session, *, booking: Booking) -> list[Place]:
    """The places that are held, with the one of the offer, on the days of the others who receive together."""
    query = select(SlotHold).where(col(SlotHold.owner).startswith(f"{owner_of(booking)}:"))
    return [(one.reception_day_id, one.slot) for one in db.exec(query)]


def open_offer(db: Session, *, booking: Booking) -> SlotOffer | None:
    """The offer that waits for an answer, if there is one; it may be over already."""
    query = select(SlotOffer).where(SlotOffer.booking_id == booking.id, SlotOffer.state == OfferState.OPEN)
    return db.exec(query).first()


def answer_offer(db: Session, *, actor: Actor, now: datetime, offer: SlotOffer, event: OfferEvent) -> None:
    """Take one step of the offers' table, let its places go, and write it down. For services."""
    offer.state, offer.answered_at = advance(OFFER, offer.state, event), now
    db.add(offer)
    owner = f"offer:{offer.booking_id}"
    release(db, owner=owner)
    db.exec(delete(SlotHold).where(col(SlotHold.owner).startswith(f"{owner}:")))
    db.flush()
    action = f"offer.{event.value}"
    record(db, actor=actor, now=now, action=action, subject="booking", subject_id=offer.booking_id)


def take_back(db: Session, *, now: datetime, booking: Booking, actor: Actor = HOUSE) -> None:
    """Withdraw the open offer of a booking, if it has one."""
    offer = open_offer(db, booking=booking)
    if offer is not None:
        answer_offer(db, actor=actor, now=now, offer=offer, event=OfferEvent.WITHDRAW)
