"""Undoing an action about receptions: everything as it was, but nobody's own decision since is undone."""

from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict, NotFound
from server.notices.words import NoticeEvent
from server.petitions.models_absence import Absence, AbsenceDay, Displaced
from server.petitions.service_absence_doing import LEAVING
from server.petitions.service_absence_people import barred_from
from server.petitions.service_absence_places import line_up, receive_beside, taken_by_others
from server.petitions.service_petition import follow_booking
from server.petitions.words import Fate
from server.scheduling.models import Booking, PlanChange, ReceptionDay
from server.scheduling.service import move
from server.scheduling.service_freed import share_out, take_back
from server.scheduling.service_joint import leave_beside, sit_beside
from server.scheduling.service_notices import tell
from server.scheduling.states import GONE, BookingEvent
from server.scheduling.words import BookingState, ChangeKind


def undo(db: Session, *, actor: Actor, now: datetime, absence_id: int) -> Absence:
    """Take everything back for which it is not too late. Again: nothing changes.

    Who has cancelled, answered an offer or come to a talk since keeps what came of that. Raises ``Conflict`` when the
    time is over, a talk has begun, or an official receives elsewhere on such a day by now.
    """
    require(actor, Action.REPLAN)
    absence = db.get(Absence, absence_id)
    if absence is None:
        raise NotFound("no_such_absence", "This action is not there.")
    if absence.undone_at is not None:
        return absence
    if now > absence.undo_until:
        raise Conflict("undo_over", "The time to undo this is over. Please make a new change instead.")
    turned = list(db.exec(select(AbsenceDay).where(AbsenceDay.absence_id == absence_id)))
    _no_talk_since(db, absence, turned)
    _turn_back(db, turned)
    _plans_back(db, absence)
    rows = list(db.exec(select(Displaced).where(Displaced.absence_id == absence_id).order_by(col(Displaced.id))))
    _people_back(db, actor, now, rows)
    _newcomers(db, actor, now, turned)
    absence.undone_at = now
    db.add(absence)
    share_out(db, now=now)
    told: dict[str, object] = {"bookings": sum(one.restored for one in rows)}
    record(db, actor=actor, now=now, action="absence.undone", subject="absence", subject_id=absence_id, detail=told)
    return absence


def _no_talk_since(db: Session, absence: Absence, turned: list[AbsenceDay]) -> None:
    talks = select(Booking.id).where(
        col(Booking.reception_day_id).in_([one.reception_day_id for one in turned]),
        or_(Booking.state == BookingState.IN_SESSION, col(Booking.admitted_at) > absence.made_at),
    )
    if db.exec(talks).first() is not None:
        raise Conflict("talk_since", "A talk has begun on this day since, so this cannot be undone any more.")


def _turn_back(db: Session, turned: list[AbsenceDay]) -> None:
    days = [(db.get_one(ReceptionDay, one.reception_day_id), one) for one in turned]
    for day, _ in days:
        day.cancelled = True
        db.add(day)
    db.flush()
    for day, before in days:
        there = select(ReceptionDay.id).where(
            ReceptionDay.official_id == before.official_id,
            ReceptionDay.day == before.day,
            col(ReceptionDay.cancelled).is_(False),
        )
        if db.exec(there).first() is not None:
            raise Conflict("receives_too", "This official receives on that day already.", field="other")
        day.official_id, day.day, day.cancelled = before.official_id, before.day, False
        receive_beside(db, day)
        db.add(day)
        db.flush()


def _plans_back(db: Session, absence: Absence) -> None:
    for before in reversed(absence.exceptions):
        when = date.fromisoformat(before["day"])
        query = select(PlanChange).where(PlanChange.rule_id == before["rule"], PlanChange.day == when)
        change = db.exec(query).first()
        if change is not None and "kind" not in before:
            db.delete(change)
        elif change is not None:
            change.kind, change.spans, change.why = ChangeKind(before["kind"]), before["spans"], before["why"]
            db.add(change)
    db.flush()


def _people_back(db: Session, actor: Actor, now: datetime, rows: list[Displaced]) -> None:
    """First everybody leaves where the action put them, then everybody takes the old place again."""
    back = [(one, booking) for one in rows if _as_we_left(one, booking := db.get_one(Booking, one.booking_id))]
    for row, booking in back:
        if row.fate in LEAVING:
            take_back(db, now=now, booking=booking, actor=actor)
            booking.slot = None
            db.add(booking)
        if row.fate in {*LEAVING, Fate.KEPT}:
            leave_beside(db, booking)
    db.flush()
    for row, booking in back:
        row.restored = row.fate not in LEAVING or _is_free(db, row)
        if row.restored:
            _restore(db, actor, now, row, booking)
        elif booking.state is not BookingState.WAITLISTED:
            line_up(db, actor=actor, now=now, booking=booking, first=local_date(now))
            tell(db, now=now, event=NoticeEvent.LISTED, booking=booking)
        db.add(row)
    db.flush()


def _as_we_left(row: Displaced, booking: Booking) -> bool:
    """Whether nothing was decided about the booking since."""
    if row.fate in {Fate.OFFERED, Fate.LISTED}:
        return booking.state is BookingState.WAITLISTED
    if row.fate is Fate.MOVED:
        there = (booking.reception_day_id, booking.slot) == (row.to_day_id, row.to_slot)
        return there and booking.state is BookingState.BOOKED
    return booking.reception_day_id == row.from_day_id and booking.state not in GONE


def _is_free(db: Session, row: Displaced) -> bool:
    """Whether nobody has taken the old place since, or one beside it; a walk-in had none."""
    places = [(row.from_day_id, row.from_slot), *((day_id, slot) for day_id, slot in row.from_beside)]
    return not any(taken_by_others(db, day_id, slot, row.booking_id) for day_id, slot in places if slot is not None)


def _restore(db: Session, actor: Actor, now: datetime, row: Displaced, booking: Booking) -> None:
    if booking.state is BookingState.WAITLISTED:
        move(db, actor=actor, now=now, booking=booking, event=BookingEvent.PLACE)
    if row.fate in LEAVING:
        booking.reception_day_id, booking.slot = row.from_day_id, row.from_slot
    if row.fate in {*LEAVING, Fate.KEPT}:
        sit_beside(db, booking, row.from_beside)
    db.add(booking)
    db.flush()
    follow_booking(db, booking=booking)
    tell(db, now=now, event=BACK[row.fate], booking=booking)
    if row.fate in LEAVING and row.from_state in {BookingState.WAITING, BookingState.HELD}:
        booking.checked_in_at = row.checked_in_at
        move(db, actor=actor, now=now, booking=booking, event=BookingEvent.CHECK_IN)
        if row.from_state is BookingState.HELD:
            move(db, actor=actor, now=now, booking=booking, event=BookingEvent.HOLD)


BACK = {
    Fate.DEPUTY: NoticeEvent.OFFICIAL_CHANGED,
    Fate.DATE: NoticeEvent.DAY_MOVED,
    Fate.KEPT: NoticeEvent.CHANGED,
    Fate.MOVED: NoticeEvent.MOVED,
    Fate.OFFERED: NoticeEvent.MOVED,
    Fate.LISTED: NoticeEvent.MOVED,
}
"""How people are told that it is as before."""


def _newcomers(db: Session, actor: Actor, now: datetime, turned: list[AbsenceDay]) -> None:
    """Who booked with the deputy since stays on the day, unless its official must know nothing of the matter."""
    for one in turned:
        query = select(Booking).where(
            Booking.reception_day_id == one.reception_day_id, col(Booking.state).not_in((*GONE, BookingState.DONE))
        )
        bookings = [each for each in db.exec(query) if each.state is not BookingState.WAITLISTED]
        barred = barred_from(db, {each.petitioner_id for each in bookings})
        for booking in bookings:
            if one.official_id in barred.get(booking.petitioner_id, ()):
                line_up(db, actor=actor, now=now, booking=booking, first=one.day)
                tell(db, now=now, event=NoticeEvent.LISTED, booking=booking)
            else:
                follow_booking(db, booking=booking)
