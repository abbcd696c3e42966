"""Writing the audit log; ``service_reading.py`` reads it. Every service records here, inside its own transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.roles import Actor
from server.audit.chain import START, digest
from server.audit.models import AuditEntry

SEEN_AGAIN = timedelta(minutes=10)


def body_of(entry: AuditEntry) -> dict[str, object]:
    """What the digest of an entry covers; the instant always in UTC, as the database gives it back."""
    return {
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": [entry.actor_role, entry.actor_id, entry.actor_name],
        "action": entry.action,
        "subject": [entry.subject, entry.subject_id],
        "detail": entry.detail,
    }


def record(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    action: str,
    subject: str,
    subject_id: int,
    detail: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Append one entry to the chain within the caller's transaction.

    A change of state is recorded as action ``"<subject>.<event>"`` with detail ``{"from", "to", "why"}``.
    """
    last = db.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(1)).first()
    entry = AuditEntry(
        at=now,
        actor_role=actor.role,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        subject=subject,
        subject_id=subject_id,
        detail=dict(detail or {}),
        digest="",
    )
    entry.digest = digest(last.digest if last else START, body_of(entry))
    db.add(entry)
    db.flush()
    return entry


def seen(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    action: str,
    subject: str,
    subject_id: int,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Record that somebody looked at something: once in ten minutes, because pages and players ask again and again."""
    lately = select(AuditEntry).where(
        AuditEntry.action == action,
        AuditEntry.actor_id == actor.id,
        AuditEntry.actor_role == actor.role,
        AuditEntry.subject_id == subject_id,
        AuditEntry.at > now - SEEN_AGAIN,
    )
    if not any(entry.detail == dict(detail or {}) for entry in db.exec(lately)):
        record(db, actor=actor, now=now, action=action, subject=subject, subject_id=subject_id, detail=detail)
