"""The minutes: every line saved as it is written, read back line by line, corrected only beside."""

from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.roles import Action, Actor, Role, require
from server.errors import Conflict, Invalid, NotFound
from server.petitions.models import Addendum, MinutesLine, Petition, ReceptionSession
from server.petitions.service_session import offset_ms, session_by_token, talking
from server.petitions.words import PetitionState, ReadBack
from server.scheduling.service_once import once

SPEAKERS = ("petitioner", "official", "agent", "other")
MAX_TEXT = 2000


def write_line(
    db: Session, *, actor: Actor, now: datetime, token: str, key: str, speaker: str, text: str
) -> MinutesLine:
    """Save a line with its instant in the recording. The same ``key`` again gives the same line."""
    require(actor, Action.WRITE_MINUTES)
    session = session_by_token(db, actor=actor, token=token)
    known = db.exec(select(MinutesLine).where(MinutesLine.session_id == session.id, MinutesLine.key == key)).first()
    if known is not None:
        return known
    talking(db, actor=actor, token=token)
    if speaker not in SPEAKERS:
        raise Invalid("bad_speaker", "Please choose who said it.", field="speaker")
    line = MinutesLine(
        session_id=session.id or 0,
        key=key,
        speaker=speaker,
        text=_checked_text(text),
        written_at=now,
        offset_ms=offset_ms(session, now),
        author_id=actor.id,
    )
    db.add(line)
    db.flush()
    return line


def _checked_text(text: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        raise Invalid("text_missing", "Please write what was said, in at most 2000 characters.", field="text")
    return text


def list_lines(db: Session, *, session: ReceptionSession) -> list[MinutesLine]:
    """All lines in the order of their writing."""
    query = select(MinutesLine).where(MinutesLine.session_id == session.id).order_by(col(MinutesLine.id))
    return list(db.exec(query))


def _line_in_read_back(db: Session, actor: Actor, token: str, line: int) -> MinutesLine:
    require(actor, Action.READ_BACK)
    session = session_by_token(db, actor=actor, token=token)
    if session.talk_ended_at is None or session.signed_at is not None:
        raise Conflict("not_read_back", "The minutes are not being read back now.")
    found = db.get(MinutesLine, line)
    if found is None or found.session_id != session.id:
        raise NotFound("no_such_line", "This line is not in these minutes.")
    return found


def confirm_line(db: Session, *, actor: Actor, token: str, line: int) -> MinutesLine:
    """The petitioner says that the line is right; an earlier objection to it is withdrawn."""
    found = _line_in_read_back(db, actor, token, line)
    found.read_back, found.objection = ReadBack.CONFIRMED, None
    db.add(found)
    return found


def object_line(db: Session, *, actor: Actor, token: str, line: int, text: str) -> MinutesLine:
    """The petitioner objects; the words are kept beside the line, which stays as it was written."""
    found = _line_in_read_back(db, actor, token, line)
    found.read_back, found.objection = ReadBack.OBJECTED, _checked_text(text)
    db.add(found)
    return found


def add_addendum(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    token: str,
    text: str,
    line: int | None = None,
    wording: str = "",
    request_key: str = "",
) -> Addendum:
    """Correct beside the minutes, before they are approved; what was written stays.

    Clerks do so in review, the official once the minutes were returned. ``text`` says why, ``wording`` how the line
    should read; the words that it has now are none. The same ``request_key`` again is the same addendum.
    """
    require(actor, Action.REVIEW if actor.role is Role.CLERK else Action.WRITE_MINUTES)
    session = session_by_token(db, actor=actor, token=token)
    asked = {"do": "addendum", "session": session.id, "text": text, "line": line, "wording": wording}

    def do() -> str:
        _may_correct(db, actor, session)
        reads = _reads(db, session, line) if line is not None else ""
        addendum = Addendum(
            session_id=session.id or 0,
            line_id=line,
            text=_checked_text(text),
            wording=_checked_wording(wording, reads) if line is not None else None,
            author_id=actor.id,
            written_at=now,
        )
        db.add(addendum)
        db.flush()
        return str(addendum.id)

    return db.get_one(Addendum, int(once(db, actor=actor, now=now, key=request_key, asked=asked, do=do)))


def _may_correct(db: Session, actor: Actor, session: ReceptionSession) -> None:
    petition = db.get_one(Petition, session.petition_id)
    reviewed = PetitionState.IN_REVIEW if actor.role is Role.CLERK else PetitionState.RETURNED
    if petition.state not in {reviewed, PetitionState.RETURNED}:
        raise Conflict("not_in_review", "These minutes are not in review.")


def _reads(db: Session, session: ReceptionSession, line: int) -> str:
    """How a line reads now, with its corrections."""
    found = db.get(MinutesLine, line)
    if found is None or found.session_id != session.id:
        raise NotFound("no_such_line", "This line is not in these minutes.")
    given = [one.wording for one in list_addenda(db, session=session) if one.line_id == line and one.wording]
    return given[-1] if given else found.text


def _checked_wording(wording: str, reads: str) -> str | None:
    wording = " ".join(wording.split())
    if len(wording) > MAX_TEXT:
        raise Invalid("wording_too_long", "A line has at most 2000 characters.", field="wording")
    return wording if wording and wording != " ".join(reads.split()) else None


def list_addenda(db: Session, *, session: ReceptionSession) -> list[Addendum]:
    """All corrections in order."""
    query = select(Addendum).where(Addendum.session_id == session.id).order_by(col(Addendum.id))
    return list(db.exec(query))
