"""Booking a matter: petitioner, place on the list and petition in one transaction; papers beside it."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from server.accounts.exclusion import NOBODY, Excluded
from server.accounts.models import Exclusion
from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.errors import Invalid, TooMany, Unavailable
from server.petitions.categories import CONTENTS
from server.petitions.models import Paper, Petition
from server.petitions.service_index import index
from server.petitions.service_petition import exclude, no_such_petition
from server.petitions.words import Purpose
from server.places.one_time_codes import new_code
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import book, booking_by_number, register_petitioner, require_own_point
from server.scheduling.service_once import once
from server.scheduling.service_waitlist import Waited, join_waitlist
from server.sealed_file import write_stored
from server.sealing import current_sealer

MAX_PAPER = 8 * 1024 * 1024
MAX_PAPERS = 20
SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True)
class Who:
    """The petitioner, as typed."""

    name: str = ""
    id_number: str = ""
    phone: str = ""
    anonymous: bool = False


@dataclass(frozen=True)
class Matter:
    """The matter, as typed. ``excluded``: who is complained of and gets nothing of it from now on."""

    purpose: str
    content: str
    summary: str
    excluded: Excluded = NOBODY

    @property
    def typed(self) -> list[object]:
        """All of it, in an order of its own."""
        aside = [sorted(self.excluded.people), sorted(self.excluded.units)]
        return [self.purpose, self.content, self.summary, *aside]


@dataclass(frozen=True)
class Booked:
    """What a booking made."""

    booking: Booking
    petition: Petition


def checked_matter(matter: Matter) -> Matter:
    """The matter with trimmed words; raises ``Invalid`` with the field to look at."""
    if matter.purpose not in {one.value for one in Purpose}:
        raise Invalid("purpose_missing", "Please choose what it is about.", field="purpose")
    if matter.content not in CONTENTS:
        raise Invalid("content_missing", "Please choose the field it belongs to.", field="content")
    summary = matter.summary.strip()
    if not summary or len(summary) > 2000:
        raise Invalid("summary_missing", "Please say in a few words what it is about.", field="summary")
    return Matter(matter.purpose, matter.content, summary, matter.excluded)


def book_matter(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    who: Who,
    matter: Matter,
    reception_day_id: int,
    slot: int | None,
    point_id: int,
    request_key: str,
    private: bool = False,
    waited: Waited | None = None,
) -> Booked:
    """Book and make the petition. The same request under ``request_key`` gives the same pair again.

    ``waited``: instead of a place, onto the waitlist.
    """
    matter = checked_matter(matter)

    def do() -> str:
        petitioner = register_petitioner(db, actor=actor, now=now, **asdict(who))
        told: dict[str, Any] = {"point_id": point_id, "petitioner_id": petitioner.id, "content": matter.content}
        told |= {"actor": actor, "now": now, "request_key": request_key, "private": private}
        if waited is not None:
            booking = join_waitlist(db, waited=waited, **told)
        else:
            booking = book(db, reception_day_id=reception_day_id, slot=slot, excluded=matter.excluded, **told)
        _make_petition(db, actor, now, booking, matter)
        return booking.number

    place = [reception_day_id, slot, point_id, private, str(waited)]
    asked = {"do": "book", "who": asdict(who), "matter": matter.typed, "place": place}
    number = once(db, actor=actor, now=now, key=request_key, asked=asked, do=do)
    booking = booking_by_number(db, actor=actor, number=number)
    return Booked(booking, db.exec(select(Petition).where(Petition.booking_id == booking.id)).one())


def _make_petition(db: Session, actor: Actor, now: datetime, booking: Booking, matter: Matter) -> None:
    """Unless the booking, found again under an old key, has its own.

    Who was excluded from an earlier matter of this person about the same is excluded again.
    """
    if db.exec(select(Petition).where(Petition.booking_id == booking.id)).first() is not None:
        return
    code = new_code(secrets.token_bytes(8))
    petition = Petition(
        booking_id=booking.id or 0,
        petitioner_id=booking.petitioner_id,
        point_id=booking.point_id,
        official_id=db.get_one(ReceptionDay, booking.reception_day_id).official_id,
        purpose=Purpose(matter.purpose),
        content=matter.content,
        summary=matter.summary,
        created_at=now,
        query_code=code,
        query_code_hash=current_sealer().index(code),
    )
    db.add(petition)
    db.flush()
    excluded = matter.excluded | _excluded_before(db, petition)
    if excluded != NOBODY:
        exclude(db, actor=actor, now=now, petition=petition, excluded=excluded)
    index(db, petition=petition)
    record(db, actor=actor, now=now, action="petition.made", subject="petition", subject_id=petition.id or 0)


def _excluded_before(db: Session, petition: Petition) -> Excluded:
    same = [col(Petition.petitioner_id) == petition.petitioner_id, col(Petition.content) == petition.content]
    rows = db.exec(select(Exclusion).join(Petition, col(Petition.id) == Exclusion.petition_id).where(*same)).all()
    people = frozenset(one.user_id for one in rows if one.user_id is not None)
    return Excluded(people, frozenset(one.unit_id for one in rows if one.unit_id is not None))


def paper_type(data: bytes) -> str:
    """The media type by the file's own first bytes; raises ``Invalid`` for anything but a photograph."""
    if len(data) > MAX_PAPER:
        raise Invalid("paper_too_large", "This photograph is too large. Please take it again.", field="paper")
    for start, media_type in SIGNATURES.items():
        if data.startswith(start):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise Invalid("not_a_photograph", "This is not a photograph. Please take it again.", field="paper")


@dataclass(frozen=True)
class PhotographedPaper:
    """A photograph that lies sealed below the papers folder under ``name``."""

    name: str
    media_type: str
    sha256: str
    bytes: int


def keep_photograph(papers_dir: Path, data: bytes, *, known: Sequence[PhotographedPaper]) -> PhotographedPaper | None:
    """Check and write a photograph; nothing when it is ``known`` already. Raises ``Unavailable("paper_not_kept")``."""
    paper = PhotographedPaper(secrets.token_hex(16), paper_type(data), hashlib.sha256(data).hexdigest(), len(data))
    if any(one.sha256 == paper.sha256 for one in known):
        return None
    if len(known) >= MAX_PAPERS:
        raise TooMany("too_many_papers", "There are enough photographs already. Please show the rest in the talk.")
    try:
        papers_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_stored(papers_dir / paper.name, data, current_sealer().papers_key)
    except OSError as error:
        message = "The photograph could not be kept. Please go on without it and show the paper in the talk."
        raise Unavailable("paper_not_kept", message, field="paper") from error
    return paper


def adopt_papers(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    petition: Petition,
    papers: Sequence[PhotographedPaper],
    session_id: int | None = None,
) -> list[Paper]:
    """Make photographs that are written already part of the petition. The caller has checked the right."""
    made = [
        Paper(
            petition_id=petition.id or 0,
            name=one.name,
            media_type=one.media_type,
            sha256=one.sha256,
            bytes=one.bytes,
            taken_at=now,
            session_id=session_id,
        )
        for one in papers
    ]
    db.add_all(made)
    db.flush()
    for _ in made:
        record(db, actor=actor, now=now, action="paper.added", subject="petition", subject_id=petition.id or 0)
    return made


def add_paper(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    papers_dir: Path,
    petition_id: int,
    data: bytes,
    session_id: int | None = None,
) -> Paper:
    """Keep a photographed paper. The same photograph sent twice is kept once."""
    require(actor, Action.BOOK)
    petition = db.get(Petition, petition_id)
    if petition is None:
        raise no_such_petition()
    require_own_point(actor, petition.point_id)
    rows = list(db.exec(select(Paper).where(Paper.petition_id == petition_id)))
    known = [PhotographedPaper(one.name, one.media_type, one.sha256, one.bytes) for one in rows]
    kept = keep_photograph(papers_dir, data, known=known)
    if kept is None:
        digest = hashlib.sha256(data).hexdigest()
        return next(one for one in rows if one.sha256 == digest)
    return adopt_papers(db, actor=actor, now=now, petition=petition, papers=[kept], session_id=session_id)[0]
