"""Versions of the minutes: kept when they are signed, returned, handed in and approved; nothing is overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from server.accounts.roles import Actor, Role
from server.audit.service import record
from server.petitions.minutes_content import AddendumContent, LineContent, Part, differences, digest, wordings
from server.petitions.models import Addendum, MinutesLine, ReceptionSession, Signature
from server.petitions.models_minutes import MinutesVersion
from server.petitions.service_minutes import list_addenda, list_lines
from server.petitions.words import VersionCause

STAFF = (Role.OFFICIAL, Role.CLERK)


@dataclass(frozen=True)
class Version:
    """A version as it is shown. ``intact``: what stands there still is what stood there then.

    ``added`` is what it has more than the version before, ``signers`` the roles of those who signed just this.
    """

    kept: MinutesVersion
    intact: bool
    added: Sequence[Addendum]
    signers: Sequence[str]


def line_content(line: MinutesLine) -> LineContent:
    """A line as it counts for the digest."""
    return LineContent(
        id=line.id or 0,
        speaker=line.speaker,
        text=line.text,
        written_at=line.written_at,
        offset_ms=line.offset_ms,
        author_id=line.author_id,
        read_back=line.read_back,
        objection=line.objection,
    )


def addendum_content(one: Addendum) -> AddendumContent:
    """An addendum as it counts for the digest."""
    return AddendumContent(one.id or 0, one.line_id, one.text, one.wording, one.author_id, one.written_at)


def digest_of(lines: Sequence[MinutesLine], addenda: Sequence[Addendum]) -> str:
    """The digest of these lines and addenda."""
    return digest([line_content(one) for one in lines], [addendum_content(one) for one in addenda])


def digest_now(db: Session, *, session: ReceptionSession) -> str:
    """The digest of the minutes as they stand."""
    return digest_of(list_lines(db, session=session), list_addenda(db, session=session))


def keep_version(
    db: Session, *, actor: Actor, now: datetime, session: ReceptionSession, cause: VersionCause, why: str = ""
) -> MinutesVersion:
    """Keep the minutes as they stand now; for the services that decide about them, which have checked the right."""
    addenda = list_addenda(db, session=session)
    before = db.exec(_of(session).order_by(col(MinutesVersion.number).desc())).first()
    version = MinutesVersion(
        session_id=session.id or 0,
        number=before.number + 1 if before is not None else 1,
        cause=cause,
        why=why,
        digest=digest_of(list_lines(db, session=session), addenda),
        last_addendum_id=max((one.id or 0 for one in addenda), default=0),
        author_id=actor.id if actor.role in STAFF else None,
        made_at=now,
    )
    db.add(version)
    db.flush()
    about = {"number": version.number, "digest": version.digest}
    record(db, actor=actor, now=now, action="minutes.kept", subject="session", subject_id=session.id or 0, detail=about)
    return version


def _of(session: ReceptionSession) -> SelectOfScalar[MinutesVersion]:
    return select(MinutesVersion).where(MinutesVersion.session_id == session.id)


def list_versions(db: Session, *, session: ReceptionSession) -> list[Version]:
    """All versions in order, for those who may see the minutes; each is compared with what stands there now."""
    lines, addenda = list_lines(db, session=session), list_addenda(db, session=session)
    signatures = list(db.exec(select(Signature).where(Signature.session_id == session.id)))
    found, since = [], 0
    for one in db.exec(_of(session).order_by(col(MinutesVersion.number))):
        then = [each for each in addenda if (each.id or 0) <= one.last_addendum_id]
        found.append(
            Version(
                kept=one,
                intact=digest_of(lines, then) == one.digest,
                added=[each for each in then if (each.id or 0) > since],
                signers=[each.role for each in signatures if each.digest == one.digest and one.number == 1],
            )
        )
        since = one.last_addendum_id
    return found


def changes_of(line: MinutesLine, addenda: Sequence[Addendum]) -> dict[int, list[Part]]:
    """For each addendum that gives a line a new wording, how it differs from the one before."""
    told = wordings(line_content(line), [addendum_content(one) for one in addenda])
    return {addendum: differences(before, after) for addendum, before, after in told}
