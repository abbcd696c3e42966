"""The running day is re-estimated: whoever would miss its end is told early, and offered a place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Forbidden, NotFound
from server.notices.models import Notice
from server.notices.words import NoticeEvent
from server.petitions.service_absence import PATIENCE, WEEKS
from server.petitions.service_absence_people import joined_on, openings, promised_on
from server.scheduling.durations import SHOWS
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.overrun import Coming, missed
from server.scheduling.replan import Given
from server.scheduling.replan_flow import replan
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.service_freed import make_offer
from server.scheduling.service_notices import tell
from server.scheduling.service_order import Entry, breaks_of, entries_of, expected_in_order
from server.scheduling.service_waits import history, kind_of, minutes_between
from server.scheduling.waitlist import answer_by
from server.scheduling.words import BookingState
from server.settings import Settings

_overtime: list[timedelta] = [timedelta(0)]


def use_overtime(settings: Settings) -> None:
    """Talks may begin so long after the end of the day, from now on."""
    _overtime[:] = [timedelta(minutes=settings.overtime_minutes)]


@dataclass(frozen=True)
class Late:
    """Somebody whose turn would come only after the day: when that would be, and whether it was said already."""

    number: str
    begins_at: datetime
    told: bool


def too_late(db: Session, *, now: datetime, official_id: int, entries: Sequence[Entry]) -> list[Late]:
    """Those on today's list of an official who would miss the end of the day. For services; checks no right."""
    day = _today(db, official_id, local_date(now))
    if day is None:
        return []
    known, running = history(db, now=now), next((one for one in entries if _talks(one)), None)
    free_in = max(0.0, minutes_between(now, instant_of(day.day, hours_of(day).opens)))
    if running is not None and running.booking.admitted_at is not None:
        elapsed = minutes_between(running.booking.admitted_at, now)
        free_in = known.rest(kind_of(running.booking, official_id), elapsed).mean + known.gap.mean
    coming = [
        Coming(
            one.booking.number,
            known.talk(kind_of(one.booking, official_id)).mean + known.gap.mean,
            0.0 if one.position is not None or one.slot_at is None else minutes_between(now, one.slot_at),
            1.0 if one.position is not None else SHOWS,
        )
        for one in expected_in_order(entries, now=now)
    ]
    ends_in = minutes_between(now, instant_of(day.day, hours_of(day).closes) + _overtime[0])
    found = missed(coming, free_in=free_in, ends_in=ends_in, breaks=breaks_of(day, now))
    told = _told(db, day, {number for number, _ in found})
    return [Late(number, now + timedelta(minutes=at), number in told) for number, at in found]


def _talks(entry: Entry) -> bool:
    return entry.booking.state is BookingState.IN_SESSION


def _today(db: Session, official_id: int, today: date) -> ReceptionDay | None:
    query = select(ReceptionDay).where(
        ReceptionDay.official_id == official_id, ReceptionDay.day == today, col(ReceptionDay.cancelled).is_(False)
    )
    return db.exec(query.order_by(col(ReceptionDay.closes_minute).desc())).first()


def _told(db: Session, day: ReceptionDay, numbers: Collection[str]) -> set[str]:
    query = select(Notice.number).where(
        col(Notice.number).in_(numbers), Notice.event == NoticeEvent.OVERRUN, Notice.day == day.day
    )
    return set(db.exec(query))


def offer_other_times(db: Session, *, actor: Actor, now: datetime, official_id: int) -> list[Given]:
    """Tell everybody who would miss the end of the day, and offer each another time; who was told is left alone.

    The place in today's list stays until the offer is taken.
    """
    require(actor, Action.RUN_LIST)
    if actor.role is Role.OFFICIAL and actor.id != official_id:
        raise Forbidden("not_your_list", "This is the list of another official.")
    today = local_date(now)
    day = _today(db, official_id, today)
    entries = entries_of(db, now=now, official_id=official_id, day=today)
    late = {one.number for one in too_late(db, now=now, official_id=official_id, entries=entries) if not one.told}
    if day is None or not late:
        raise NotFound("nobody_late", "Everybody on the list has a turn today, or knows already.")
    everybody = [*promised_on(db, days=[day]), *joined_on(db, [day])]
    lost = [one for one in everybody if one.booking.number in late]
    free = openings(db, now=now, first=today, last=today + WEEKS, without={day.id or 0})
    given = replan([one.person for one in lost], free)
    known = {one.person.number: one.booking for one in lost}
    for one in given:
        _offered(db, actor, now, one, known[one.person.number])
    told: dict[str, object] = {"bookings": len(given), "day": today.isoformat()}
    record(db, actor=actor, now=now, action="day.overrun", subject="reception_day", subject_id=day.id or 0, detail=told)
    return given


def _offered(db: Session, actor: Actor, now: datetime, given: Given, booking: Booking) -> None:
    tell(db, now=now, event=NoticeEvent.OVERRUN, booking=booking)
    if given.opening is None:
        return
    at = instant_of(date.fromordinal(given.opening.day), given.minute)
    until = answer_by(now, at, PATIENCE)
    if until is not None:
        place, beside = (given.opening.key, given.place), given.beside
        make_offer(db, now=now, booking=booking, place=place, until=until, actor=actor, beside=beside)
