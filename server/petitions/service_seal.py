"""The seal of a talk's recording, kept with the talk so that the recording can be proven later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from server.accounts.roles import ANYBODY
from server.audit.service import record
from server.petitions.models import Petition, ReceptionSession
from server.petitions.service_session import by_token
from server.scheduling.models import Booking

LOOK_BACK = timedelta(days=7)
MOST = 20


@dataclass(frozen=True)
class Sealed:
    """A talk's name to the media engine, and the seal of its recording; empty where none is kept."""

    token: str
    seal: str


def keep_seal(db: Session, *, token: str, digest: str, now: datetime) -> None:
    """Keep what the engine told. A seal that takes the place of another is logged with both."""
    session = by_token(db, token=token)
    before, session.recording_seal = session.recording_seal, digest
    if before == digest:
        return
    db.add(session)
    record(
        db,
        actor=ANYBODY,
        now=now,
        action="recording.sealed",
        subject="session",
        subject_id=session.id or 0,
        detail={"seal": digest if before is None else {"from": before, "to": digest}},
    )


def unsealed(db: Session, *, now: datetime) -> list[str]:
    """Talks of the last days that are over and recorded, and whose seal has not come."""
    query = select(ReceptionSession.token).where(
        col(ReceptionSession.signed_at) > now - LOOK_BACK,
        col(ReceptionSession.recording_started_at).is_not(None),
        col(ReceptionSession.recording_seal).is_(None),
    )
    return list(db.exec(query.order_by(col(ReceptionSession.id).desc()).limit(MOST)))


def sealed_session(db: Session, *, name: str) -> Sealed | None:
    """For the console: a talk by its token, by the reception's number or by the petition's."""
    query = (
        select(ReceptionSession.token, ReceptionSession.recording_seal)
        .join(Booking, col(Booking.id) == ReceptionSession.booking_id)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .where(or_(ReceptionSession.token == name, Booking.number == name, col(Petition.number) == name))
    )
    found = db.exec(query).first()
    return None if found is None else Sealed(found[0], found[1] or "")
