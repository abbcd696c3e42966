"""The end of a talk: outcome, read-back, signature."""

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from server.accounts.roles import Action, Actor, Role, require
from server.clock import local_date
from server.errors import Conflict, Forbidden, Invalid
from server.petitions.categories import NEED_REASON, NEED_UNIT_AND_DATE
from server.petitions.models import MinutesLine, Petition, ReceptionSession, Signature
from server.petitions.service_hand_over import go_on, hand_over
from server.petitions.service_petition import excluded, move
from server.petitions.service_session import note_event, session_by_token, talking
from server.petitions.service_versions import digest_now, keep_version
from server.petitions.states import PetitionEvent
from server.petitions.words import Outcome, PetitionState, ReadBack, VersionCause
from server.places.models import Unit
from server.places.one_time_codes import new_code
from server.scheduling import service as scheduling
from server.scheduling.models import Booking
from server.scheduling.service_waits import forget_history
from server.scheduling.states import BookingEvent
from server.sealing import current_sealer

PATH = re.compile(r"(?:[ML] \d{1,4} \d{1,4} ?){2,4000}")
SIGNERS = ("petitioner", "witness")


@dataclass(frozen=True)
class Ended:
    """What the villager keeps: the number of the reception and the code to ask with."""

    number: str
    query_code: str


def end_talk(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    token: str,
    outcome: str,
    opinion: str,
    unit_id: int | None = None,
    due_on: date | None = None,
    official_id: int | None = None,
) -> Ended:
    """Decide and go on to the read-back. No talk ends without an outcome.

    Handed over, the visitor stands on the list of ``official_id`` with what was said, and waits there once this one
    is signed.
    """
    require(actor, Action.END_SESSION)
    session = talking(db, actor=actor, token=token)
    petition = db.get_one(Petition, session.petition_id)
    if petition.official_id != actor.id:
        raise Forbidden("not_the_lead", "The official who leads this talk decides how it ends.")
    decided = _checked_outcome(db, petition, outcome, opinion, unit_id, due_on, local_date(now))
    if decided is Outcome.HANDED_OVER:
        hand_over(db, actor=actor, now=now, session=session, official_id=official_id)
    petition.outcome, petition.outcome_opinion = decided, opinion.strip()
    petition.unit_id, petition.due_on = unit_id, due_on
    code = petition.query_code or new_code(secrets.token_bytes(8))
    petition.query_code, petition.query_code_hash = code, current_sealer().index(code)
    move(db, actor=actor, now=now, petition=petition, event=PetitionEvent.END_TALK, why=decided.value)
    session.talk_ended_at = now
    db.add(session)
    note_event(db, session=session, now=now, kind="talk_ended", seat="official", detail={"outcome": decided.value})
    return Ended(db.get_one(Booking, session.booking_id).number, code)


def _checked_outcome(
    db: Session, petition: Petition, outcome: str, opinion: str, unit_id: int | None, due_on: date | None, today: date
) -> Outcome:
    if outcome not in {one.value for one in Outcome}:
        raise Invalid("outcome_missing", "Please choose how this was decided.", field="outcome")
    decided = Outcome(outcome)
    if decided in NEED_UNIT_AND_DATE:
        if unit_id is None:
            raise Invalid("unit_missing", "Please choose the unit that handles it.", field="unit")
        if due_on is None:
            raise Invalid("due_missing", "Please choose the day by which it is handled.", field="due_on")
    if decided in NEED_REASON and not opinion.strip():
        raise Invalid("reason_missing", "Please write down the reason.", field="opinion")
    if due_on is not None and due_on < today:
        raise Invalid("due_in_the_past", "This day is over. Please choose a later one.", field="due_on")
    if unit_id is not None:
        check_unit(db, petition_id=petition.id or 0, unit_id=unit_id)
    return decided


def check_unit(db: Session, *, petition_id: int, unit_id: int) -> Unit:
    """A unit that may be given the matter: known, active, and not complained of."""
    unit = db.get(Unit, unit_id)
    as_unit = Actor(role=Role.HANDLER, id=-1, unit_id=unit_id)
    if unit is None or not unit.active or excluded(db, petition_id=petition_id, actor=as_unit):
        raise Invalid("bad_unit", "This unit cannot be given the matter. Please choose another.", field="unit")
    return unit


def sign(db: Session, *, actor: Actor, now: datetime, token: str, role: str, path: str) -> ReceptionSession:
    """Sign the minutes as they stand, once every line was answered. The petitioner's signature hands them to review."""
    require(actor, Action.READ_BACK)
    session = session_by_token(db, actor=actor, token=token)
    if role not in SIGNERS or not PATH.fullmatch(path):
        raise Invalid("bad_signature", "Please sign in the field with a finger or the mouse.", field="path")
    known = db.exec(select(Signature).where(Signature.session_id == session.id, Signature.role == role)).first()
    if known is not None:
        return session
    _not_over(session)
    _everything_answered(db, session)
    digest = digest_now(db, session=session)
    db.add(Signature(session_id=session.id or 0, role=role, path=path, digest=digest, signed_at=now))
    note_event(db, session=session, now=now, kind="signed", seat=role)
    if role == "petitioner":
        keep_version(db, actor=actor, now=now, session=session, cause=VersionCause.SIGNED)
        finish(db, actor=actor, now=now, session=session)
    return session


def _not_over(session: ReceptionSession) -> None:
    if session.signed_at is not None:
        raise Conflict("reception_over", "This reception is over. What was signed or closed stays as it is.")


def _everything_answered(db: Session, session: ReceptionSession) -> None:
    if session.talk_ended_at is None:
        raise Conflict("talk_not_over", "The talk is not over yet.")
    pending = select(MinutesLine.id).where(
        MinutesLine.session_id == session.id, col(MinutesLine.read_back) == ReadBack.PENDING
    )
    if db.exec(pending.limit(1)).first() is not None:
        raise Conflict("lines_open", "Please say for every line whether it is right.")


def close_unsigned(db: Session, *, actor: Actor, now: datetime, token: str, reason: str) -> ReceptionSession:
    """End the read-back without a signature, when the petitioner has left or declines."""
    require(actor, Action.END_SESSION)
    session = session_by_token(db, actor=actor, token=token)
    if session.talk_ended_at is None:
        raise Conflict("talk_not_over", "The talk is not over yet.")
    if not reason.strip():
        raise Invalid("reason_missing", "Please write down the reason.", field="reason")
    _not_over(session)
    note_event(db, session=session, now=now, kind="unsigned", seat="petitioner", detail={"reason": reason.strip()})
    keep_version(db, actor=actor, now=now, session=session, cause=VersionCause.UNSIGNED, why=reason.strip())
    finish(db, actor=actor, now=now, session=session)
    return session


def finish(db: Session, *, actor: Actor, now: datetime, session: ReceptionSession) -> None:
    """Hand the minutes to review and the place on the list to the next one. Doing it twice changes nothing."""
    petition = db.get_one(Petition, session.petition_id)
    if petition.state is not PetitionState.READ_BACK:
        return
    session.signed_at = now
    db.add(session)
    move(db, actor=actor, now=now, petition=petition, event=PetitionEvent.SIGN)
    booking = db.get_one(Booking, session.booking_id)
    booking.ended_at = now
    scheduling.move(db, actor=actor, now=now, booking=booking, event=BookingEvent.FINISH)
    go_on(db, actor=actor, now=now, session=session)
    forget_history(db)
