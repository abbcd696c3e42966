"""Who stands where on an official's list, why, and how long it may take. Reads only; checks no right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlmodel import Session, col, or_, select

from server.accounts.models import User
from server.places.models import VillagePoint
from server.scheduling.durations import SHOWS, Ahead, Estimate, Queue, Wait, back_at, estimate, told
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.service_joint import takes_part
from server.scheduling.service_waits import history, kind_of, minutes_between
from server.scheduling.waiting import PRIORITIES, Placed, Rules, Visitor, in_order
from server.scheduling.words import BookingState, Priority
from server.settings import Settings

SHOWN = (
    BookingState.IN_SESSION,
    BookingState.WAITING,
    BookingState.HELD,
    BookingState.BOOKED,
    BookingState.ABSENT,
    BookingState.DONE,
)
GONE = (BookingState.IN_SESSION, BookingState.DONE)
_rules: list[Rules] = [Rules()]


def use_rules(settings: Settings) -> None:
    """Order lists by these settings from now on."""
    _rules[:] = [rules_from(settings)]


def rules_from(settings: Settings) -> Rules:
    """The settings as the rule's value."""
    return Rules(
        grace=timedelta(minutes=settings.grace_minutes),
        credit=timedelta(minutes=settings.priority_minutes),
        share=timedelta(minutes=settings.point_share_minutes),
        longest=timedelta(minutes=settings.longest_wait_minutes),
        reasons=frozenset(Priority(one) for one in settings.chosen_reasons),
        old_age=settings.priority_age,
    )


def rules_in_use() -> Rules:
    """How lists are ordered in this process."""
    return _rules[0]


def reasons_offered() -> list[tuple[str, str]]:
    """The reasons of priority that can be chosen at check-in, with their words."""
    return [(one.value, text) for one, text in PRIORITIES.items() if one in rules_in_use().reasons]


@dataclass(frozen=True)
class Entry:
    """One visitor on the list. ``position`` counts from 1 among those who wait, and is empty for everybody else.

    ``led_by`` is the official who admits, where it is another one: they receive together.
    """

    booking: Booking
    petitioner: Petitioner
    point: str
    slot_at: datetime | None
    position: int | None = None
    placed: Placed | None = None
    led_by: str = ""

    @property
    def late(self) -> bool:
        """Whether the visitor came so late that the arrival counts."""
        return self.placed is not None and self.placed.late


@dataclass(frozen=True)
class Place:
    """Where a visitor stands: how many are before, the one in session not counted, why, and how long it may take.

    ``wait`` is empty where no range would help, ``back_at`` where it is not worth going away.
    """

    booking: Booking
    position: int | None
    ahead: int
    official_id: int
    official: str
    post: str
    slot_at: datetime | None
    placed: Placed | None
    wait: Wait | None
    back_at: datetime | None


def entries_of(db: Session, *, now: datetime, official_id: int, day: date) -> list[Entry]:
    """Everybody on the list of that day: in session, waiting in order, held, expected, absent, done.

    Whoever is received together under another official has no place in the order here: the other one admits.
    """
    rows = db.exec(
        select(Booking, Petitioner, VillagePoint.name, ReceptionDay)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .join(Petitioner, col(Petitioner.id) == Booking.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .where(or_(col(ReceptionDay.official_id) == official_id, takes_part(official_id)))
        .where(ReceptionDay.day == day, col(Booking.state).in_(SHOWN))
    ).all()
    slots = {booking.number: slot_at(booking, opened) for booking, _, _, opened in rows}
    own = {booking.number for booking, _, _, opened in rows if opened.official_id == official_id}
    there = [
        _visitor(booking, slots[booking.number])
        for booking, _, _, _ in rows
        if booking.number in own and (booking.state is BookingState.WAITING or booking.state in GONE)
    ]
    ordered = in_order(there, now=now, rules=rules_in_use())
    placed = {one.visitor.number: (index, one) for index, one in enumerate(ordered, 1)}
    names = _officials(db, {opened.official_id for _, _, _, opened in rows} - {official_id})
    entries = []
    for booking, petitioner, point, opened in rows:
        position, found = placed.get(booking.number, (None, None))
        led_by = "" if booking.number in own else names[opened.official_id]
        entries.append(Entry(booking, petitioner, point, slots[booking.number], position, found, led_by))
    return sorted(entries, key=_shown_order)


def _officials(db: Session, ids: set[int]) -> dict[int, str]:
    return {one.id or 0: one.display_name for one in db.exec(select(User).where(col(User.id).in_(ids)))} if ids else {}


def _visitor(booking: Booking, slot: datetime | None) -> Visitor:
    came = booking.checked_in_at or booking.booked_at
    gone = booking.state in GONE
    return Visitor(booking.number, came, slot, booking.point_id, booking.priority, gone)


def slot_at(booking: Booking, day: ReceptionDay) -> datetime | None:
    """The booked instant."""
    return None if booking.slot is None else instant_of(day.day, hours_of(day).minute(booking.slot))


def _shown_order(entry: Entry) -> tuple[int, int, datetime]:
    booking = entry.booking
    return SHOWN.index(booking.state), entry.position or 0, entry.slot_at or booking.checked_in_at or booking.booked_at


def estimated(
    db: Session, *, now: datetime, entries: Sequence[Entry], booking: Booking, day: ReceptionDay
) -> tuple[int, Estimate]:
    """How many wait before, and how long all that goes before a waiting visitor takes from now on."""
    mine = next(one for one in entries if one.booking.number == booking.number)
    waiting = [one for one in entries if one.position is not None and one.position < (mine.position or 0)]
    ahead = [Ahead(kind_of(one.booking, day.official_id)) for one in waiting]
    ahead += [
        Ahead(kind_of(one.booking, day.official_id), SHOWS) for one in entries if _comes_before(one, mine.placed, now)
    ]
    talking = next((one.booking for one in entries if one.booking.state is BookingState.IN_SESSION), None)
    since = talking.admitted_at if talking is not None else None
    queue = Queue(
        ahead=ahead,
        running=kind_of(talking, day.official_id) if talking is not None else None,
        elapsed=minutes_between(since, now) if since is not None else 0.0,
        opens_in=max(0.0, minutes_between(now, instant_of(day.day, day.opens_minute))),
        breaks=breaks_of(day, now),
    )
    return len(waiting), estimate(queue, history(db, now=now))


def breaks_of(day: ReceptionDay, now: datetime) -> list[tuple[float, float]]:
    """The pauses between the day's openings that are still to come, or what is left of the present one."""
    found = []
    for (_, closes), (opens, _) in pairwise(hours_of(day).spans):
        begins, ends = (minutes_between(now, instant_of(day.day, minute)) for minute in (closes, opens))
        if ends > 0:
            found.append((max(0.0, begins), ends - max(0.0, begins)))
    return found


def expected_in_order(entries: Sequence[Entry], *, now: datetime) -> list[Entry]:
    """Everybody who may still be called, in that order: those who wait, those who can come in time, those aside."""
    keyed: list[tuple[datetime, int, Entry]] = []
    latest = now
    for one in sorted((one for one in entries if one.position is not None), key=lambda one: one.position or 0):
        latest = max(latest, one.placed.turn) if one.placed is not None and keyed else now
        keyed.append((latest, len(keyed), one))
    grace = rules_in_use().grace
    for one in entries:
        if one.booking.state is BookingState.BOOKED and one.slot_at is not None and now <= one.slot_at + grace:
            keyed.append((one.slot_at, len(keyed), one))
    aside = [one for one in entries if one.booking.state is BookingState.HELD]
    return [*(one for _, _, one in sorted(keyed, key=lambda each: each[:2])), *aside]


def waits_of(db: Session, *, now: datetime, entries: Sequence[Entry]) -> dict[str, Wait]:
    """What each one who waits can be told, by number; left out where no range would help."""
    found = {}
    for one in entries:
        if one.position is not None:
            day = db.get_one(ReceptionDay, one.booking.reception_day_id)
            _, sum_ahead = estimated(db, now=now, entries=entries, booking=one.booking, day=day)
            found[one.booking.number] = told(sum_ahead, history(db, now=now))
    return {number: wait for number, wait in found.items() if wait is not None}


def _comes_before(one: Entry, mine: Placed | None, now: datetime) -> bool:
    """Whether somebody who is booked and not here yet would go first."""
    if one.booking.state is not BookingState.BOOKED or one.slot_at is None or mine is None:
        return False
    return one.slot_at <= mine.turn and now <= one.slot_at + rules_in_use().grace


def place_of(db: Session, *, now: datetime, booking: Booking, day: ReceptionDay, official: User) -> Place:
    """Where a visitor stands now."""
    entries = entries_of(db, now=now, official_id=day.official_id, day=day.day)
    mine = next((one for one in entries if one.booking.number == booking.number), None)
    ahead, wait = 0, None
    if mine is not None and mine.position is not None:
        ahead, found = estimated(db, now=now, entries=entries, booking=booking, day=day)
        wait = told(found, history(db, now=now))
    return Place(
        booking=booking,
        position=mine.position if mine is not None else None,
        ahead=ahead,
        official_id=day.official_id,
        official=official.display_name,
        post=official.post,
        slot_at=slot_at(booking, day),
        placed=mine.placed if mine is not None else None,
        wait=wait,
        back_at=back_at(wait, now),
    )
