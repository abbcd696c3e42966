"""Doing what was proposed about receptions that cannot be held, in one transaction, so that it can be undone in one."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.errors import Conflict
from server.notices.words import NoticeEvent
from server.petitions.models_absence import Absence, AbsenceDay, Displaced
from server.petitions.service_absence import Asked, Line, Proposal, Turn, propose
from server.petitions.service_absence_places import beside_of, line_up, receive_beside
from server.petitions.service_petition import follow_booking
from server.petitions.words import Fate
from server.scheduling.models import Booking, PlanChange, ReceptionDay, ReceptionRule
from server.scheduling.service import move
from server.scheduling.service_freed import make_offer
from server.scheduling.service_joint import leave_beside, sit_beside
from server.scheduling.service_notices import tell
from server.scheduling.service_once import once
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState, ChangeKind, PlanState
from server.settings import Settings

LEAVING = frozenset({Fate.MOVED, Fate.OFFERED, Fate.LISTED})
_undo_time: list[timedelta] = [timedelta(hours=2)]


def use_undo_time(settings: Settings) -> None:
    """Actions can be undone for as long as the settings say, from now on."""
    _undo_time[:] = [timedelta(minutes=settings.absence_undo_minutes)]


def carry_out(
    db: Session, *, actor: Actor, now: datetime, asked: Asked, why: str, seen: str, request_key: str
) -> Absence:
    """Do what was shown, for everybody at once. The same request again gives the same action.

    ``seen`` is the digest of the proposal that was shown; another one raises ``Conflict("effects_changed")``.
    """
    require(actor, Action.REPLAN)

    def do() -> str:
        found = propose(db, actor=actor, now=now, asked=asked)
        if found.digest != seen:
            raise Conflict("effects_changed", "Something has changed meanwhile. Please look at the effects once more.")
        return str(_done(db, actor, now, found, why).id)

    told = {"do": "absence", "asked": str(asked), "why": why}
    return db.get_one(Absence, int(once(db, actor=actor, now=now, key=request_key, asked=told, do=do)))


def _done(db: Session, actor: Actor, now: datetime, found: Proposal, why: str) -> Absence:
    asked = found.asked
    absence = Absence(
        way=asked.way,
        official_id=asked.official_id,
        first_day=min(one.day.day for one in found.turns),
        last_day=max(one.day.day for one in found.turns),
        why=why.strip()[:200],
        made_by=actor.id,
        made_at=now,
        undo_until=now + _undo_time[0],
    )
    absence.exceptions = except_plans(db, found.turns)
    db.add(absence)
    db.flush()
    rows = [_written(db, absence, line) for line in found.lines]
    _turn(db, absence, found.turns)
    gone = {one.day.id or 0 for one in found.turns}
    for line in found.lines:
        _leave(db, actor, now, line, gone)
    for line, row in zip(found.lines, rows, strict=True):
        _arrive(db, actor, now, line, row)
    told: dict[str, object] = {"way": asked.way.value, "day": absence.first_day.isoformat()}
    told |= {fate.value: count for fate, count in sorted(found.counted.items())}
    record(db, actor=actor, now=now, action="absence.done", subject="absence", subject_id=absence.id or 0, detail=told)
    return absence


def _written(db: Session, absence: Absence, line: Line) -> Displaced:
    """How the booking stands, before anything is changed."""
    booking, opening = line.promised.booking, line.given.opening if line.given is not None else None
    placed = line.fate in {Fate.MOVED, Fate.OFFERED}
    row = Displaced(
        absence_id=absence.id or 0,
        booking_id=booking.id or 0,
        fate=line.fate,
        from_day_id=booking.reception_day_id,
        from_slot=booking.slot,
        from_state=booking.state,
        from_at=line.promised.at,
        from_official_id=line.promised.day.official_id,
        checked_in_at=booking.checked_in_at,
        to_day_id=opening.key if opening is not None and placed else None,
        to_slot=line.given.place if line.given is not None and placed else None,
        to_at=line.at,
        to_official_id=line.official_id,
        from_beside=beside_of(db, booking),
        to_beside=[list(one) for one in line.given.beside] if line.given is not None else [],
        parts=[list(one) for one in line.parts],
    )
    db.add(row)
    return row


def except_plans(db: Session, turns: Sequence[Turn]) -> list[dict[str, object]]:
    """Keep the plans from making good what a person decided; returns their exceptions as they were, in that order.

    No plan of the official makes another reception on a lost date. Then the first plan of each day names its new date,
    with all its windows: that may be a date that another day has just left.
    """
    kept = []
    for day in (one.day for one in turns):
        query = select(ReceptionRule.id).where(
            ReceptionRule.official_id == day.official_id, ReceptionRule.state == PlanState.PUBLISHED
        )
        kept += [_except(db, rule_id or 0, day, ChangeKind.CANCELLED, day.day) for rule_id in db.exec(query)]
    for turn in turns:
        if turn.day.rule_id is not None and turn.on is not None and turn.on != turn.day.day:
            kept.append(_except(db, turn.day.rule_id, turn.day, ChangeKind.EXTRA, turn.on))
    return kept


def _except(db: Session, rule_id: int, day: ReceptionDay, kind: ChangeKind, when: date) -> dict[str, object]:
    change = db.exec(select(PlanChange).where(PlanChange.rule_id == rule_id, PlanChange.day == when)).first()
    before: dict[str, object] = {"rule": rule_id, "day": when.isoformat()}
    if change is not None:
        before |= {"kind": change.kind.value, "spans": change.spans, "why": change.why}
    change = change or PlanChange(rule_id=rule_id, day=when, kind=kind)
    change.kind = kind
    change.spans = (day.spans or [[day.opens_minute, day.closes_minute]]) if kind is ChangeKind.EXTRA else []
    db.add(change)
    db.flush()
    return before


def _turn(db: Session, absence: Absence, turns: Iterable[Turn]) -> None:
    """Give the days their new officials and dates, all at once: two of them may change places."""
    turned = list(turns)
    for turn in turned:
        day = turn.day
        db.add(
            AbsenceDay(
                absence_id=absence.id or 0, reception_day_id=day.id or 0, official_id=day.official_id, day=day.day
            )
        )
        day.cancelled = True
        db.add(day)
    db.flush()
    for turn in turned:
        day = turn.day
        if turn.official_id is not None and turn.on is not None:
            day.official_id, day.day, day.cancelled = turn.official_id, turn.on, False
            receive_beside(db, day)
        db.add(day)
    db.flush()


def _leave(db: Session, actor: Actor, now: datetime, line: Line, gone: Collection[int]) -> None:
    """Give up the places, so that others may take them; of a joint reception that is kept only those ``gone``."""
    booking = line.promised.booking
    if line.fate is Fate.KEPT:
        leave_beside(db, booking, days=gone)
    if line.fate not in LEAVING:
        return
    leave_beside(db, booking)
    if line.fate is not Fate.MOVED or booking.state is not BookingState.BOOKED:
        promised = line.promised
        line_up(db, actor=actor, now=now, booking=booking, first=promised.day.day)
    booking.slot = None
    db.add(booking)
    db.flush()


def _arrive(db: Session, actor: Actor, now: datetime, line: Line, row: Displaced) -> None:
    """Take the new place or be offered it, and tell the visitor and the point."""
    booking = line.promised.booking
    if line.fate is Fate.DEPUTY:
        follow_booking(db, booking=booking)
        tell(db, now=now, event=NoticeEvent.OFFICIAL_CHANGED, booking=booking)
    elif line.fate is Fate.DATE:
        tell(db, now=now, event=NoticeEvent.DAY_MOVED, booking=booking)
    elif line.fate is Fate.MOVED:
        _take(db, actor, now, booking, row)
    elif line.fate is Fate.OFFERED and line.until is not None:
        place = (row.to_day_id or 0, row.to_slot or 0)
        make_offer(db, now=now, booking=booking, place=place, until=line.until, actor=actor)
    elif line.fate is Fate.LISTED:
        tell(db, now=now, event=NoticeEvent.LISTED, booking=booking)


def _take(db: Session, actor: Actor, now: datetime, booking: Booking, row: Displaced) -> None:
    if booking.state is BookingState.WAITLISTED:
        move(db, actor=actor, now=now, booking=booking, event=BookingEvent.PLACE)
    booking.reception_day_id, booking.slot, booking.checked_in_at = row.to_day_id or 0, row.to_slot, None
    db.add(booking)
    sit_beside(db, booking, row.to_beside)
    told = {"day": {"to": row.to_at.date().isoformat() if row.to_at else ""}}
    record(db, actor=actor, now=now, action="booking.moved", subject="booking", subject_id=booking.id or 0, detail=told)
    tell(db, now=now, event=NoticeEvent.MOVED, booking=booking)
