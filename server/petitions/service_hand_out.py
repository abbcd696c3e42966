"""The one file of a talk for handing out: asked for by those who may see the recording, made in the background."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.roles import ANYBODY, Action, Actor, require
from server.audit.service import record, seen
from server.errors import Conflict, NotFound
from server.petitions.models import DeletedRecording, HandOut, Petition, ReceptionSession
from server.petitions.service_session import session_by_token
from server.petitions.states import HAND_OUT, HandOutEvent
from server.petitions.words import HandOutState
from server.scheduling.models import Booking
from server.transitions import advance

UNDER_WAY = (HandOutState.WAITING, HandOutState.MAKING)
MOST_TRIES = 3


@dataclass(frozen=True)
class Work:
    """A file to be made: its row, and the talk's name to the media engine."""

    session_id: int
    token: str


def _session(db: Session, actor: Actor, token: str) -> ReceptionSession:
    require(actor, Action.SEE_RECORDING)
    session = session_by_token(db, actor=actor, token=token)
    if db.get(DeletedRecording, session.id) is not None:
        raise NotFound("recording_deleted", "This recording was deleted under retention; the minutes stay.")
    return session


def hand_out_of(db: Session, *, actor: Actor, token: str) -> HandOut | None:
    """How far a talk's file is; nothing where nobody asked for it."""
    return db.get(HandOut, _session(db, actor, token).id)


def ask_hand_out(db: Session, *, actor: Actor, now: datetime, token: str, again: bool = False) -> None:
    """Let the file be made. To ask twice changes nothing; one that is there is made anew only ``again``."""
    session = _session(db, actor, token)
    if session.recording_started_at is None:
        raise Conflict("not_recorded", "This talk was not recorded, so there is nothing to hand out.")
    row = db.get(HandOut, session.id)
    if row is not None and (row.state in UNDER_WAY or (row.state is HandOutState.DONE and not again)):
        return
    if row is None:
        row = HandOut(session_id=session.id or 0, asked_by=actor.id, asked_at=now, changed_at=now)
    else:
        row.state = advance(HAND_OUT, row.state, HandOutEvent.ASK)
        row.asked_by, row.asked_at, row.changed_at = actor.id, now, now
        row.percent, row.tries, row.fault, row.bytes = 0, 0, "", 0
    db.add(row)
    _log(db, actor, now, HandOutEvent.ASK, row)


def cancel_hand_out(db: Session, *, actor: Actor, now: datetime, token: str) -> None:
    """Do not make it after all; one that is not under way stays as it is."""
    row = db.get(HandOut, _session(db, actor, token).id)
    if row is not None and row.state in UNDER_WAY:
        _move(db, row, now, HandOutEvent.CANCEL)
        _log(db, actor, now, HandOutEvent.CANCEL, row)


def take_hand_out(db: Session, *, actor: Actor, now: datetime, token: str) -> str:
    """Let somebody have the file, and log it; the name under which it leaves the house."""
    session = _session(db, actor, token)
    row = db.get(HandOut, session.id)
    if row is None or row.state is not HandOutState.DONE:
        raise no_hand_out()
    seen(db, actor=actor, now=now, action="hand_out.taken", subject="session", subject_id=row.session_id)
    number = db.get_one(Petition, session.petition_id).number
    return f"{number or db.get_one(Booking, session.booking_id).number}.mp4"


def no_hand_out() -> NotFound:
    """There is none yet, or none any more."""
    return NotFound("no_hand_out", "This file is not there. Please let it be made on the page of the minutes.")


def next_hand_out(db: Session) -> Work | None:
    """For the house itself: the file that was asked for first and is not there yet."""
    query = (
        select(ReceptionSession.id, ReceptionSession.token)
        .join(HandOut, col(HandOut.session_id) == col(ReceptionSession.id))
        .where(col(HandOut.state).in_(UNDER_WAY))
        .order_by(col(HandOut.asked_at))
    )
    found = db.exec(query).first()
    return None if found is None else Work(found[0] or 0, found[1])


def begin_hand_out(db: Session, *, session_id: int, now: datetime) -> bool:
    """For the house itself: the making begins, from the start. False: it is not wanted any more, or was given up."""
    row = db.get(HandOut, session_id, with_for_update=True)
    if row is None or row.state not in UNDER_WAY:
        return False
    if row.tries >= MOST_TRIES:
        end_hand_out(db, session_id=session_id, now=now, fault="broken")
        return False
    row.tries, row.percent = row.tries + 1, 0
    _settle(db, row, now, resting=False)
    return True


def report_hand_out(db: Session, *, session_id: int, now: datetime, percent: int, resting: bool) -> bool:
    """For the house itself: how far it is, and whether it rests; whether it is still wanted."""
    row = db.get(HandOut, session_id, with_for_update=True)
    if row is None or row.state not in UNDER_WAY:
        return False
    row.percent = percent
    _settle(db, row, now, resting=resting)
    return True


def end_hand_out(db: Session, *, session_id: int, now: datetime, fault: str = "", size: int = 0) -> None:
    """For the house itself: the file is there with so many bytes, or failed with ``fault``. Too late is too late."""
    row = db.get(HandOut, session_id, with_for_update=True)
    if row is None or row.state not in UNDER_WAY:
        return
    if not fault:
        _settle(db, row, now, resting=False)
    event = HandOutEvent.FAIL if fault else HandOutEvent.FINISH
    row.fault, row.bytes, row.percent = fault, size, 0 if fault else 100
    _move(db, row, now, event)
    _log(db, ANYBODY, now, event, row)


def _settle(db: Session, row: HandOut, now: datetime, *, resting: bool) -> None:
    if resting and row.state is HandOutState.MAKING:
        _move(db, row, now, HandOutEvent.REST)
    elif not resting and row.state is HandOutState.WAITING:
        _move(db, row, now, HandOutEvent.GO_ON)
    db.add(row)


def _move(db: Session, row: HandOut, now: datetime, event: HandOutEvent) -> None:
    row.state, row.changed_at = advance(HAND_OUT, row.state, event), now
    db.add(row)


def _log(db: Session, actor: Actor, now: datetime, event: HandOutEvent, row: HandOut) -> None:
    detail = {"why": row.fault} if row.fault else {}
    action = f"hand_out.{event.value}"
    record(db, actor=actor, now=now, action=action, subject="session", subject_id=row.session_id, detail=detail)
