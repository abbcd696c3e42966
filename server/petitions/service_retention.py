"""How long recordings stay: deletion after the matter is closed, holds against it, and what is left in their place."""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.errors import Invalid
from server.petitions.models import (
    BookingDraft,
    DeletedRecording,
    HandOut,
    Paper,
    Petition,
    ReceptionSession,
    RecordingHold,
)
from server.petitions.words import PetitionState
from server.scheduling.models import Booking

RETENTION = "retention"
SHOWN = 200


def due_recordings(db: Session, *, actor: Actor, now: datetime, keep_days: int) -> list[int]:
    """Sessions whose recording may go: reviewed, closed ``keep_days`` ago, under no hold. Nothing with 0 days."""
    require(actor, Action.SET_UP)
    found = db.exec(_due(now, keep_days)) if keep_days else ()
    return [session.id for session in found if session.id is not None]


def _due(now: datetime, keep_days: int) -> SelectOfScalar[ReceptionSession]:
    return (
        select(ReceptionSession)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .where(
            col(Petition.state) == PetitionState.CLOSED,
            col(Petition.closed_at) <= now - timedelta(days=keep_days),
            col(ReceptionSession.recording_started_at).is_not(None),
            col(ReceptionSession.id).not_in(select(RecordingHold.session_id)),
            col(ReceptionSession.id).not_in(select(DeletedRecording.session_id)),
        )
        .order_by(col(Petition.closed_at))
    )


def delete_recording(
    db: Session, *, actor: Actor, now: datetime, sessions_dir: Path, session_id: int, keep_days: int
) -> bool:
    """Delete one recording if it is due, and say so in its place; whether it was. Raises ``OSError`` and leaves it due.

    The empty folder stays until ``clear_away``: where this transaction is lost, it tells that there was a recording.
    """
    require(actor, Action.SET_UP)
    db.get_one(ReceptionSession, session_id, with_for_update=True)
    session = db.exec(_due(now, keep_days).where(ReceptionSession.id == session_id)).first() if keep_days else None
    if session is None or not (sessions_dir / session.token).is_dir():
        return False
    files = [Path(one.path) for one in os.scandir(sessions_dir / session.token)]
    size = sum(one.lstat().st_size for one in files)
    kept: dict[str, Any] = {"why": RETENTION, "files": len(files), "bytes": size}
    db.add(DeletedRecording(session_id=session_id, deleted_at=now, digest=session.recording_seal, **kept))
    record(
        db,
        actor=actor,
        now=now,
        action="recording.deleted",
        subject="session",
        subject_id=session_id,
        detail={**kept, "seal": session.recording_seal or ""},
    )
    hand_out = db.get(HandOut, session_id)
    if hand_out is not None:
        db.delete(hand_out)
    for one in files:
        one.unlink()
    return True


def clear_away(db: Session, *, actor: Actor, sessions_dir: Path) -> None:
    """Remove the folders of recordings that are told to be deleted. Raises ``OSError``."""
    require(actor, Action.SET_UP)
    query = select(ReceptionSession.token).join(
        DeletedRecording, col(DeletedRecording.session_id) == col(ReceptionSession.id)
    )
    gone = set(db.exec(query))
    for entry in os.scandir(sessions_dir) if sessions_dir.is_dir() else ():
        if entry.name in gone and entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)


def throw_drafts_away(db: Session, *, actor: Actor, now: datetime, papers_dir: Path, keep_days: int) -> None:
    """Forget bookings that nobody went on with, and every photograph that belongs to nothing. Raises ``OSError``."""
    require(actor, Action.SET_UP)
    before = now - timedelta(days=keep_days)
    for draft in db.exec(select(BookingDraft).where(col(BookingDraft.updated_at) < before)):
        db.delete(draft)
    db.flush()
    kept = set(db.exec(select(Paper.name)))
    for draft in db.exec(select(BookingDraft)):
        kept |= {paper["name"] for paper in json.loads(draft.content)["papers"]}
    for entry in os.scandir(papers_dir) if papers_dir.is_dir() else ():
        if entry.name not in kept and entry.stat(follow_symlinks=False).st_mtime < before.timestamp():
            Path(entry.path).unlink()


def _session_of(db: Session, number: str) -> ReceptionSession:
    wanted = number.strip().upper()
    query = (
        select(ReceptionSession.id)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .join(Booking, col(Booking.id) == ReceptionSession.booking_id)
        .where(or_(col(Petition.number) == wanted, col(Booking.number) == wanted))
    )
    found = db.exec(query).first()
    if found is None:
        raise Invalid("no_such_number", "No talk has this number. Please look at the slip.", field="number")
    return db.get_one(ReceptionSession, found, with_for_update=True)


def hold_recording(db: Session, *, actor: Actor, now: datetime, number: str, reason: str) -> None:
    """Keep a recording from being deleted, by the number of petition or booking; to hold it again changes nothing."""
    require(actor, Action.SET_UP)
    session = _session_of(db, number)
    if not reason.strip():
        raise Invalid("reason_missing", "Please write down the reason.", field="reason")
    if db.get(DeletedRecording, session.id) is not None:
        raise Invalid("recording_gone", "This recording was deleted already.", field="number")
    if db.get(RecordingHold, session.id) is None:
        kept = reason.strip()[:500]
        db.add(RecordingHold(session_id=session.id or 0, reason=kept, placed_by=actor.id, placed_at=now))
        record(db, actor=actor, now=now, action="recording.held", subject="session", subject_id=session.id or 0)


def release_recording(db: Session, *, actor: Actor, now: datetime, session_id: int) -> None:
    """End a hold; one that is not there has ended already."""
    require(actor, Action.SET_UP)
    hold = db.get(RecordingHold, session_id)
    if hold is not None:
        db.delete(hold)
        record(db, actor=actor, now=now, action="recording.released", subject="session", subject_id=session_id)


@dataclass(frozen=True)
class HeldRow:
    """One hold as the administrator sees it, by the petition's or booking's number."""

    hold: RecordingHold
    number: str
    name: str


@dataclass(frozen=True)
class DeletedRow:
    """One deleted recording as the administrator sees it."""

    left: DeletedRecording
    number: str


def held_rows(db: Session, *, actor: Actor) -> list[HeldRow]:
    """Every hold, the newest first."""
    require(actor, Action.SET_UP)
    query = (
        select(RecordingHold, Petition.number, Booking.number, User.display_name)
        .join(ReceptionSession, col(ReceptionSession.id) == RecordingHold.session_id)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .join(Booking, col(Booking.id) == ReceptionSession.booking_id)
        .join(User, col(User.id) == RecordingHold.placed_by)
        .order_by(col(RecordingHold.placed_at).desc())
    )
    return [HeldRow(hold, number or booking, name) for hold, number, booking, name in db.exec(query)]


def deleted_rows(db: Session, *, actor: Actor) -> list[DeletedRow]:
    """The recordings deleted last."""
    require(actor, Action.SET_UP)
    query = (
        select(DeletedRecording, Petition.number)
        .join(ReceptionSession, col(ReceptionSession.id) == DeletedRecording.session_id)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .order_by(col(DeletedRecording.deleted_at).desc())
        .limit(SHOWN)
    )
    return [DeletedRow(left, number or "") for left, number in db.exec(query)]
