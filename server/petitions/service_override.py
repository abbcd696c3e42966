"""A clerk gives a place that the rules would not: sooner, with somebody else, or beyond what a day has room for.

Two things no reason can buy: a time that is somebody else's, and an official who must know nothing of the matter.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict, Invalid, NotFound
from server.notices.words import NoticeEvent
from server.petitions.models import Petition
from server.petitions.service_petition import booked_matter, follow_booking
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import move, open_day, refuse_excluded, wanted_for
from server.scheduling.service_free import FreeSlot, free_of_official, hours_of
from server.scheduling.service_freed import share_out, take_back
from server.scheduling.service_joint import dissolve
from server.scheduling.service_moving import close_or_reopen, place_booking
from server.scheduling.service_notices import tell
from server.scheduling.service_party import require_mandate
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState

LONGEST_REASON = 200
SHOWN_DAYS = 14


@dataclass(frozen=True)
class Outside:
    """A booking, and what an official has: their next days, and the free times of the one that is looked at."""

    booking: Booking
    day: ReceptionDay
    receiver: User
    minute: int | None
    officials: list[User]
    chosen: User | None
    days: list[ReceptionDay]
    shown: ReceptionDay | None
    times: list[FreeSlot]


def outside_of(
    db: Session, *, actor: Actor, now: datetime, number: str, official_id: int | None, on: date | None
) -> Outside:
    """What could be given, whoever the plans are for. Officials who must know nothing of the matter are left out."""
    booking, petition = booked_matter(db, actor=actor, action=Action.OVERRIDE, number=number)
    wanted = wanted_for(db, petitioner_id=booking.petitioner_id, point_id=booking.point_id, content=petition.content)
    query = select(User).where(User.role == Role.OFFICIAL, col(User.active)).order_by(col(User.id))
    aside = wanted.excluded
    officials = [one for one in db.exec(query) if not aside.concerns(user_id=one.id or 0, unit_id=one.unit_id)]
    chosen = next((one for one in officials if one.id == official_id), None)
    days = _days(db, now, chosen.id or 0) if chosen is not None else []
    shown = next((one for one in days if one.day == on), days[0] if days else None)
    free = free_of_official(db, now=now, official_id=shown.official_id) if shown is not None else []
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    return Outside(
        booking=booking,
        day=day,
        receiver=db.get_one(User, day.official_id),
        minute=hours_of(day).minute(booking.slot) if booking.slot is not None else None,
        officials=officials,
        chosen=chosen,
        days=days,
        shown=shown,
        times=[one for one in free if shown is not None and one.reception_day_id == shown.id],
    )


def _days(db: Session, now: datetime, official_id: int) -> list[ReceptionDay]:
    query = (
        select(ReceptionDay)
        .where(ReceptionDay.official_id == official_id, ReceptionDay.day >= local_date(now))
        .where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.opens_minute))
    )
    return list(db.exec(query.limit(SHOWN_DAYS)))


def override(
    db: Session, *, actor: Actor, now: datetime, number: str, reception_day_id: int, slot: int | None, why: str
) -> Booking:
    """Give a booking that is booked or waits this place, or (``slot`` empty) the end of that day's list.

    ``why`` stays with the booking and is shown on the list; the audit log has none of it. Again: nothing changes.
    A taken time raises ``Conflict("slot_taken")`` with the nearest.
    """
    booking, petition = booked_matter(db, actor=actor, action=Action.OVERRIDE, number=number)
    why = why.strip()
    if not why or len(why) > LONGEST_REASON:
        raise Invalid("override_unexplained", "Please say in a few words why the rules do not hold here.", field="why")
    if (booking.reception_day_id, booking.slot, booking.outside) == (reception_day_id, slot, why):
        return booking
    if booking.state not in {BookingState.BOOKED, BookingState.WAITLISTED}:
        raise Conflict("wrong_state", "This step is not possible now. Please reload the page to see the current state.")
    day = _day(db, actor, now, booking, petition, reception_day_id, slot)
    old = db.get_one(ReceptionDay, booking.reception_day_id)
    take_back(db, now=now, booking=booking, actor=actor)
    _place(db, actor, now, booking, day, slot)
    if booking.state is BookingState.WAITLISTED:
        move(db, actor=actor, now=now, booking=booking, event=BookingEvent.PLACE)
    booking.outside = why
    db.add(booking)
    follow_booking(db, booking=booking)
    told: dict[str, object] = {"day": {"from": old.day.isoformat(), "to": day.day.isoformat()}}
    action, subject_id = "booking.overridden", booking.id or 0
    record(db, actor=actor, now=now, action=action, subject="booking", subject_id=subject_id, detail=told)
    tell(db, now=now, event=NoticeEvent.MOVED, booking=booking)
    close_or_reopen(db, actor=actor, now=now, day=old)
    share_out(db, now=now)
    return booking


def _day(
    db: Session,
    actor: Actor,
    now: datetime,
    booking: Booking,
    petition: Petition,
    reception_day_id: int,
    slot: int | None,
) -> ReceptionDay:
    wanted = wanted_for(db, petitioner_id=booking.petitioner_id, point_id=booking.point_id, content=petition.content)
    if slot is not None:
        day = open_day(db, reception_day_id, slot, now)
    else:
        found = db.get(ReceptionDay, reception_day_id)
        if found is None or found.cancelled or found.off_plan or found.day < local_date(now):
            raise NotFound("unknown_day", "This reception day is not there any more.")
        day = found
    refuse_excluded(db, actor, now, day, slot, wanted)
    return day


def _place(db: Session, actor: Actor, now: datetime, booking: Booking, day: ReceptionDay, slot: int | None) -> None:
    if slot is not None:
        place_booking(db, actor=actor, now=now, booking=booking, day=day, slot=slot)
        return
    require_mandate(db, booking=booking, day=day.day)
    dissolve(db, actor=actor, now=now, booking=booking)
    booking.reception_day_id, booking.slot = day.id or 0, None
    db.add(booking)
    db.flush()
