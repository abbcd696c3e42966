"""Waiting for a time to become free: getting onto the line, standing in it, being told where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Invalid
from server.places.models import Unit, VillagePoint
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.models_waitlist import SlotOffer, WaitlistPlace
from server.scheduling.service import booked_before, move, new_number, require_own_point
from server.scheduling.service_audience import Bookable
from server.scheduling.service_free import of_unit
from server.scheduling.service_freed import share_out
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState, OfferState

LONGEST = timedelta(days=60)
"""How far ahead somebody waits who did not say until when."""


@dataclass(frozen=True)
class Waited:
    """What is waited for: an official, a unit or (both empty) anybody, and from which day to which.

    ``barred`` officials are never offered.
    """

    first_day: date
    last_day: date
    official_id: int | None = None
    unit_id: int | None = None
    barred: Sequence[int] = ()


def join_waitlist(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    waited: Waited,
    point_id: int,
    petitioner_id: int,
    request_key: str,
    private: bool = False,
    content: str = "",
    people: int = 1,
) -> Booking:
    """Wait for a time. If one that suits is free already, it is offered at once.

    The booking stands at the first reception that would suit, without a place of it; the same ``request_key`` gives
    the same booking again.
    """
    require(actor, Action.BOOK)
    require_own_point(actor, point_id)
    again = booked_before(db, actor=actor, request_key=request_key)
    if again is not None:
        return again
    _checked_days(waited, local_date(now))
    booking = Booking(
        number=new_number(db, local_date(now), point_id),
        reception_day_id=_beside(db, actor, now, waited, point_id, content),
        point_id=point_id,
        petitioner_id=petitioner_id,
        state=BookingState.WAITLISTED,
        request_key=request_key,
        private=private,
        booked_at=now,
        content=content,
        people=people,
    )
    db.add(booking)
    db.flush()
    _stand(db, booking, waited, now)
    record(db, actor=actor, now=now, action="booking.waitlisted", subject="booking", subject_id=booking.id or 0)
    share_out(db, now=now)
    return booking


def _checked_days(waited: Waited, today: date) -> None:
    if waited.last_day < waited.first_day or waited.last_day < today:
        raise Invalid("bad_days", "The last day lies before the first. Please choose again.", field="last_day")


def _beside(db: Session, actor: Actor, now: datetime, waited: Waited, point_id: int, content: str) -> int:
    point = db.get(VillagePoint, point_id)
    if point is None or point.closed_at is not None:
        raise Invalid("no_such_point", "Please choose the village point.", field="point_id")
    query = (
        select(ReceptionDay)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False), col(User.active))
        .where(ReceptionDay.day >= local_date(now), col(User.id).not_in(waited.barred))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.id))
    )
    if waited.official_id is not None:
        query = query.where(ReceptionDay.official_id == waited.official_id)
    if waited.unit_id is not None:
        query = query.where(of_unit(waited.unit_id))
    days = db.exec(query).all()
    plans = {one.rule_id for one in days if one.rule_id is not None}
    bookable = Bookable(db, plans, actor=actor, point_id=point_id, content=content)
    found = next((one for one in days if bookable.admits(one)), None)
    if found is None:
        words = "Nobody receives there in the coming weeks. Please choose somebody else, or call for help."
        raise Invalid("nobody_receives", words, field="wanted")
    return found.id or 0


def _stand(db: Session, booking: Booking, waited: Waited, since: datetime) -> None:
    db.merge(
        WaitlistPlace(
            booking_id=booking.id or 0,
            official_id=waited.official_id,
            unit_id=waited.unit_id,
            first_day=waited.first_day,
            last_day=waited.last_day,
            since=since,
            barred=list(waited.barred),
        )
    )
    db.flush()


def put_on_waitlist(
    db: Session, *, actor: Actor, now: datetime, booking: Booking, waited: Waited | None = None
) -> Booking:
    """Put a booking whose time is gone on the waitlist, in the line since it was booked. For services.

    Without ``waited`` it waits for anybody from now on. Call ``service_freed.share_out`` afterwards.
    """
    today = local_date(now)
    booking.slot = None
    move(db, actor=actor, now=now, booking=booking, event=BookingEvent.WAITLIST)
    _stand(db, booking, waited or Waited(today, today + LONGEST), booking.booked_at)
    return booking


@dataclass(frozen=True)
class InLine:
    """Somebody on the waitlist: how many are before, and the offer that waits for an answer, if there is one."""

    booking: Booking
    name: str | None
    point: str
    wanted: str
    place: WaitlistPlace
    ahead: int
    offer: SlotOffer | None


def line(db: Session, *, actor: Actor) -> list[InLine]:
    """The whole line, the first one first; kiosks and agents see their own point's only, with the true places."""
    require(actor, Action.BOOK)
    rows = db.exec(
        select(WaitlistPlace, Booking, Petitioner, VillagePoint)
        .join(Booking, col(Booking.id) == WaitlistPlace.booking_id)
        .join(Petitioner, col(Petitioner.id) == Booking.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .where(Booking.state == BookingState.WAITLISTED)
        .order_by(col(WaitlistPlace.since), col(WaitlistPlace.booking_id))
    ).all()
    offers = {one.booking_id: one for one in db.exec(select(SlotOffer).where(SlotOffer.state == OfferState.OPEN))}
    found = [
        InLine(booking, who.name, point.name, _wanted(db, place), place, ahead, offers.get(place.booking_id))
        for ahead, (place, booking, who, point) in enumerate(rows)
    ]
    return [one for one in found if actor.point_id in {None, one.booking.point_id}]


def _wanted(db: Session, place: WaitlistPlace) -> str:
    if place.official_id is not None:
        return db.get_one(User, place.official_id).display_name
    return db.get_one(Unit, place.unit_id).name if place.unit_id is not None else ""
