"""Reading the audit log, which is itself recorded, and proving its chain."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from server.accounts.roles import Action, Actor, require
from server.audit.chain import START, digest
from server.audit.models import AuditEntry
from server.audit.service import body_of, record
from server.clock import DISTRICT_ZONE

PAGE = 100


@dataclass(frozen=True)
class Sieve:
    """What is looked for; everything empty: all. Days are the district's, both included."""

    who: str = ""
    role: str = ""
    action: str = ""
    subject: str = ""
    subject_id: int | None = None
    since: date | None = None
    until: date | None = None

    def used(self) -> dict[str, object]:
        """What is noted of it in the log: everything but the words of a name."""
        told = {key: value.isoformat() if isinstance(value, date) else value for key, value in vars(self).items()}
        return {key: value for key, value in told.items() if value not in {"", None} and key != "who"} | (
            {"who": True} if self.who else {}
        )


@dataclass(frozen=True)
class Link:
    """One entry, and whether its digest follows from the entry before it."""

    entry: AuditEntry
    sound: bool


@dataclass(frozen=True)
class LogPage:
    """The newest entries that fit. ``older`` is the id to go on before; empty on the last page."""

    links: list[Link]
    older: int | None

    @property
    def sound(self) -> bool:
        """Whether every entry of this page is as it was written."""
        return all(one.sound for one in self.links)


@dataclass(frozen=True)
class Chain:
    """The whole log proved: its length, the first entry that does not follow, the last digest."""

    count: int
    broken_at: int | None
    last: str


def read_log(db: Session, *, actor: Actor, now: datetime, sieve: Sieve, before: int | None = None) -> LogPage:
    """One page of the log, newest first; that it was read is recorded."""
    require(actor, Action.READ_AUDIT)
    before_it = aliased(AuditEntry)
    link = select(before_it.digest).where(col(before_it.id) < col(AuditEntry.id)).order_by(col(before_it.id).desc())
    query = _sifted(select(AuditEntry, link.limit(1).scalar_subquery()), sieve)
    if before is not None:
        query = query.where(col(AuditEntry.id) < before)
    found = list(db.exec(query.order_by(col(AuditEntry.id).desc()).limit(PAGE + 1)))
    shown = found[:PAGE]
    links = [Link(entry, entry.digest == digest(last or START, body_of(entry))) for entry, last in shown]
    detail = sieve.used() | ({"before": before} if before is not None else {})
    record(db, actor=actor, now=now, action="audit.read", subject="audit", subject_id=0, detail=detail)
    return LogPage(links, links[-1].entry.id if len(found) > PAGE else None)


def _sifted(query: Select[AuditEntry, Any], sieve: Sieve) -> Select[AuditEntry, Any]:
    if sieve.who:
        query = query.where(col(AuditEntry.actor_name).contains(sieve.who, autoescape=True))
    for column, value in (
        (AuditEntry.actor_role, sieve.role),
        (AuditEntry.action, sieve.action),
        (AuditEntry.subject, sieve.subject),
    ):
        if value:
            query = query.where(col(column) == value)
    if sieve.subject_id is not None:
        query = query.where(AuditEntry.subject_id == sieve.subject_id)
    if sieve.since is not None:
        query = query.where(AuditEntry.at >= _midnight(sieve.since))
    if sieve.until is not None:
        query = query.where(AuditEntry.at < _midnight(sieve.until + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=DISTRICT_ZONE).astimezone(UTC)


def log_length(db: Session, *, actor: Actor) -> int:
    """How many entries there are."""
    require(actor, Action.READ_AUDIT)
    return db.exec(select(func.count()).select_from(AuditEntry)).one()


def check_chain(db: Session, *, actor: Actor) -> Chain:
    """Go through the whole log, oldest first, and compute every digest anew."""
    require(actor, Action.READ_AUDIT)
    last, count, broken_at = START, 0, None
    for entry in db.exec(select(AuditEntry).order_by(col(AuditEntry.id)).execution_options(yield_per=500)):
        if broken_at is None and entry.digest != digest(last, body_of(entry)):
            broken_at = entry.id
        last, count = entry.digest, count + 1
        db.expunge(entry)
    return Chain(count, broken_at, last)


def note_checked(db: Session, *, actor: Actor, now: datetime, chain: Chain) -> None:
    """Record that somebody checked, and what came of it."""
    require(actor, Action.READ_AUDIT)
    detail = {"entries": chain.count, "broken_at": chain.broken_at}
    record(db, actor=actor, now=now, action="audit.checked", subject="audit", subject_id=0, detail=detail)
