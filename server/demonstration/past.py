"""What happened before today: talks with their minutes, promises, reviews, in every state a talk leaves behind."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import Session

from server.accounts.models import User
from server.accounts.service import actor_of_user
from server.audit.service import record
from server.clock import local_date
from server.demonstration import names
from server.demonstration.district import Planted
from server.demonstration.matters import MATTERS, Told
from server.petitions.categories import NEED_UNIT_AND_DATE
from server.petitions.deadlines import Limits, clocks_at_approval
from server.petitions.models import (
    Addendum,
    Deadline,
    FollowUp,
    MinutesLine,
    NumberRow,
    Participant,
    Petition,
    ProgressEntry,
    ReceptionSession,
    Review,
    SessionEvent,
    Signature,
)
from server.petitions.words import FollowUpState, Outcome, PetitionState, Purpose, ReadBack
from server.places.one_time_codes import new_code
from server.scheduling.models import Booking, Petitioner, ReceptionDay, WaitPromise
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.words import BookingState
from server.sealing import current_sealer

P = PetitionState
WAY = (
    (P.IN_REVIEW, 7),
    (P.RETURNED, 1),
    (P.WITHDRAWN, 3),
    (P.REGISTERED, 8),
    (P.HANDLING, 16),
    (P.CLOSED, 14),
)
NUMBERED = {P.REGISTERED, P.HANDLING, P.CLOSED}
DONE = FollowUpState.DONE
STROKE = "M 20 90 L 60 30 L 90 95 L 130 40 L 170 88 L 230 50 L 280 80"
KNOWN_CODE = "YCLX3467"


@dataclass
class Serials:
    """Numbers given so far."""

    people: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    petitions: int = 0

    def booking(self, day: date, point_id: int) -> str:
        """The next number of a point on a day."""
        start = f"{day:%y%m%d}-{point_id:03d}-"
        self.numbers[start] = self.numbers.get(start, 0) + 1
        return f"{start}{self.numbers[start]}"


@dataclass(frozen=True)
class Past:
    """Where the past is written to, and by whom."""

    db: Session
    dice: Random
    planted: Planted
    serials: Serials
    now: datetime


def make_petitioner(db: Session, dice: Random, serials: Serials, at: datetime) -> Petitioner:
    """A villager nobody is."""
    serials.people += 1
    identity, phone = names.id_number(dice, serials.people), names.phone_number(serials.people)
    sealer = current_sealer()
    made = Petitioner(
        name=names.person_name(dice),
        id_number=identity,
        id_index=sealer.index(identity),
        phone=phone,
        phone_index=sealer.index(phone),
        created_at=at,
    )
    db.add(made)
    db.flush()
    return made


def plant_past(past: Past, days: list[ReceptionDay]) -> None:
    """Spread the states over the past days, those in review on the latest ones; the first official has one returned."""
    before = sorted((one for one in days if one.day < local_date(past.now)), key=lambda one: (one.day, one.official_id))
    wanted = [state for state, count in WAY for _ in range(count)]
    first = [one for one in before if one.official_id == past.planted.officials[0].id]
    for index, state in enumerate(wanted):
        day = before[-1 - (index * len(before)) // len(wanted)]
        _plant_one(past, day, slot=index % 4, state=state, told=MATTERS[index % len(MATTERS)])
    _plant_one(past, first[-1], slot=4, state=P.RETURNED, told=MATTERS[0])
    year = local_date(past.now).year
    past.db.merge(NumberRow(year=year, last=past.serials.petitions))
    past.db.flush()


def _plant_one(past: Past, day: ReceptionDay, *, slot: int, state: PetitionState, told: Told) -> None:
    began = instant_of(day.day, hours_of(day).minute(slot)) + timedelta(minutes=past.dice.randint(0, 4))
    point = past.dice.choice(past.planted.points)
    person = make_petitioner(past.db, past.dice, past.serials, began - timedelta(days=3))
    withdrawn = state is P.WITHDRAWN
    number = past.serials.booking(day.day, point.id or 0)
    booking = Booking(
        number=number,
        reception_day_id=day.id or 0,
        slot=slot,
        point_id=point.id or 0,
        petitioner_id=person.id or 0,
        state=BookingState.CANCELLED if withdrawn else BookingState.DONE,
        request_key=f"demonstration-{number}",
        booked_at=began - timedelta(days=3),
        content=told.content,
    )
    if not withdrawn:
        booking.consent, booking.consent_at = False, began - timedelta(minutes=9)
        booking.checked_in_at, booking.admitted_at = began - timedelta(minutes=12), began
        booking.ended_at = began + timedelta(minutes=18)
    past.db.add(booking)
    past.db.flush()
    if booking.checked_in_at is not None:
        past.db.add(_promised(booking, booking.checked_in_at, day.official_id))
    petition = Petition(
        booking_id=booking.id or 0,
        petitioner_id=person.id or 0,
        point_id=booking.point_id,
        official_id=day.official_id,
        purpose=Purpose(told.purpose),
        content=told.content,
        summary=told.summary,
        state=state,
        created_at=booking.booked_at,
    )
    past.db.add(petition)
    past.db.flush()
    if not withdrawn:
        _plant_talk(past, petition, booking, person, began, told)


def _promised(booking: Booking, at: datetime, official_id: int) -> WaitPromise:
    middle = Random(booking.number).gauss(13, 9)  # noqa: S311 - what a visitor nobody is was told
    least = 5 * max(0, int((middle - 7) // 5))
    return WaitPromise(
        booking_id=booking.id or 0,
        official_id=official_id,
        promised_at=at,
        ahead=1,
        middle=middle,
        spread=9.0,
        least=least,
        most=least + 15,
    )


def _plant_talk(
    past: Past, petition: Petition, booking: Booking, person: Petitioner, began: datetime, told: Told
) -> None:
    db, ended = past.db, began + timedelta(minutes=12)
    official = next(one for one in past.planted.officials if one.id == petition.official_id)
    session = ReceptionSession(
        token=f"demonstration-{booking.id:05d}",
        booking_id=booking.id or 0,
        petition_id=petition.id or 0,
        started_at=began,
        talk_ended_at=ended,
        signed_at=booking.ended_at,
    )
    db.add(session)
    db.flush()
    sid = session.id or 0
    db.add(Participant(session_id=sid, seat="petitioner", role="petitioner", name=person.name or ""))
    db.add(
        Participant(session_id=sid, seat="official", role="official", name=official.display_name, user_id=official.id)
    )
    lines = _plant_lines(past, sid, began, official, told)
    for kind, seat, at in (
        ("admitted", "official", began),
        ("talk_ended", "official", ended),
        ("signed", "petitioner", ended + timedelta(minutes=5)),
    ):
        db.add(SessionEvent(session_id=sid, kind=kind, seat=seat, at=at))
    db.add(Signature(session_id=sid, role="petitioner", path=STROKE, signed_at=ended + timedelta(minutes=5)))
    _decide(past, petition, told, ended)
    _plant_review(past, petition, session, lines, ended)
    _plant_promises(past, petition, told, lines, ended)


def _plant_lines(past: Past, session_id: int, began: datetime, official: User, told: Told) -> list[MinutesLine]:
    lines = [
        MinutesLine(
            session_id=session_id,
            key=f"line-{index}",
            speaker=speaker,
            text=text,
            written_at=began + timedelta(minutes=1 + 2 * index),
            author_id=official.id or 0,
            read_back=ReadBack.CONFIRMED,
        )
        for index, (speaker, text) in enumerate(told.lines)
    ]
    if past.dice.random() < 0.2:
        lines[0].read_back, lines[0].objection = ReadBack.OBJECTED, "时间说得不准,是前年开始的。"
    past.db.add_all(lines)
    past.db.flush()
    return lines


def _decide(past: Past, petition: Petition, told: Told, ended: datetime) -> None:
    told_by_code = petition.purpose is Purpose.INQUIRY
    petition.outcome = Outcome.ANSWERED if told_by_code else past.dice.choice((Outcome.ACCEPTED, Outcome.ASSIGNED))
    petition.outcome_opinion = "已当面解释清楚。" if told_by_code else "情况属实,请责任单位按期办理并答复本人。"
    if petition.outcome in NEED_UNIT_AND_DATE:
        petition.unit_id, petition.due_on = told.unit + 1, local_date(ended) + timedelta(days=20)
    first_numbered = petition.state in NUMBERED and past.serials.petitions == 0
    petition.query_code = KNOWN_CODE if first_numbered else new_code(past.dice.randbytes(8))
    petition.query_code_hash = current_sealer().index(petition.query_code)


def _plant_review(
    past: Past, petition: Petition, session: ReceptionSession, lines: list[MinutesLine], ended: datetime
) -> None:
    clerk = past.dice.choice(past.planted.clerks)
    decided = min(ended + timedelta(days=1, hours=2), past.now)
    sid, clerk_id, db = session.id or 0, clerk.id or 0, past.db
    if petition.state is P.RETURNED:
        reason = "没有写明答复的时间,请补充。"
        db.add(Review(session_id=sid, approved=False, reason=reason, clerk_id=clerk_id, decided_at=decided))
        note = "经核对录音,时间应为去年六月。"
        db.add(Addendum(session_id=sid, line_id=lines[0].id, text=note, author_id=clerk_id, written_at=decided))
    if petition.state not in NUMBERED:
        return
    past.serials.petitions += 1
    petition.number = f"XF{local_date(past.now).year}-{past.serials.petitions:06d}"
    petition.registered_at = decided
    if petition.state is P.CLOSED:
        petition.closed_at = min(decided + timedelta(days=9), past.now)
    db.add(Review(session_id=sid, approved=True, clerk_id=clerk_id, decided_at=decided))
    accepted = petition.outcome in NEED_UNIT_AND_DATE
    calendar = calendar_in_force(db)
    for one in clocks_at_approval(local_date(ended), local_date(decided), Limits(), calendar, accepted=accepted):
        db.add(
            Deadline(
                petition_id=petition.id or 0,
                kind=one.clock.value,
                starts_on=one.counted.start,
                counted_on=one.counted.counted_on,
                due_on=one.due_on,
                provisional=one.counted.provisional,
                met_at=petition.closed_at,
            )
        )
    change = {"from": P.IN_REVIEW.value, "to": P.REGISTERED.value, "why": ""}
    told: dict[str, Any] = {"action": "petition.approve", "subject": "petition", "detail": change}
    record(db, actor=actor_of_user(clerk), now=decided, subject_id=petition.id or 0, **told)


def _plant_promises(past: Past, petition: Petition, told: Told, lines: list[MinutesLine], ended: datetime) -> None:
    handler = next(one for one in past.planted.handlers if one.unit_id == told.unit + 1)
    for index, (what, person) in enumerate(told.promises):
        promised = FollowUp(
            petition_id=petition.id or 0,
            key=f"promise-{index}",
            line_id=lines[-1].id,
            what=what,
            unit_id=told.unit + 1,
            person=person,
            due_on=local_date(ended) + timedelta(days=7 + 14 * index),
            created_at=ended,
        )
        past.db.add(promised)
        past.db.flush()
        texts = {P.HANDLING: ("已联系本人,约好上门的时间。",), P.CLOSED: ("已联系本人。", "已办好,本人表示满意。")}
        entries = texts.get(petition.state, ()) if index == 0 or petition.state is P.CLOSED else ()
        for step, text in enumerate(entries):
            at = min(ended + timedelta(days=2 + 3 * step), past.now)
            past.db.add(
                ProgressEntry(follow_up_id=promised.id or 0, text=text, author_id=handler.id or 0, written_at=at)
            )
        promised.state = FollowUpState.IN_PROGRESS if entries else FollowUpState.OPEN
        if petition.state is P.CLOSED:
            promised.state, promised.done_at = DONE, petition.closed_at
