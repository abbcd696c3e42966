"""Photographed papers of a matter: added in a talk, shown to those who take part or may see the matter."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from server.accounts.roles import Action, Actor, require
from server.errors import NotFound
from server.petitions.models import Paper, Petition
from server.petitions.service_booking import PhotographedPaper, adopt_papers, keep_photograph
from server.petitions.service_petition import get_petition
from server.petitions.service_session import note_event, session_by_token, talking


def photograph(db: Session, *, actor: Actor, now: datetime, papers_dir: Path, token: str, data: bytes) -> None:
    """Keep a photograph taken in a talk; the same one again is kept once. At most 8 MiB, JPEG, PNG or WebP."""
    require(actor, Action.TALK)
    session = talking(db, actor=actor, token=token)
    rows = db.exec(select(Paper).where(Paper.petition_id == session.petition_id))
    known = [PhotographedPaper(one.name, one.media_type, one.sha256, one.bytes) for one in rows]
    kept = keep_photograph(papers_dir, data, known=known)
    if kept is not None:
        petition = db.get_one(Petition, session.petition_id)
        adopt_papers(db, actor=actor, now=now, petition=petition, papers=[kept], session_id=session.id)
        note_event(db, session=session, now=now, kind="paper", detail={"name": kept.name})


def paper_of_talk(db: Session, *, actor: Actor, papers_dir: Path, token: str, name: str) -> tuple[Path, str]:
    """The file and media type of a paper, for somebody in the talk."""
    session = session_by_token(db, actor=actor, token=token)
    return _file(db, papers_dir, session.petition_id, name)


def paper_of_petition(db: Session, *, actor: Actor, papers_dir: Path, petition_id: int, name: str) -> tuple[Path, str]:
    """The file and media type of a paper, for somebody who may see the matter."""
    petition = get_petition(db, actor=actor, petition_id=petition_id)
    return _file(db, papers_dir, petition.id or 0, name)


def _file(db: Session, papers_dir: Path, petition_id: int, name: str) -> tuple[Path, str]:
    paper = db.exec(select(Paper).where(Paper.petition_id == petition_id, Paper.name == name)).first()
    if paper is None:
        raise NotFound("no_such_paper", "This paper is not there, or it is not yours to see.")
    return papers_dir / paper.name, paper.media_type
