"""Promises: made in the talk, worked in the unit, done."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, case, col, select
from sqlmodel.sql.expression import Select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict, Invalid, NotFound
from server.petitions.models import FollowUp, MinutesLine, Petition, ProgressEntry, ReceptionSession
from server.petitions.service_ending import check_unit
from server.petitions.service_petition import VISIBLE, known_to, move
from server.petitions.service_session import talking
from server.petitions.states import FOLLOW_UP, FollowUpEvent, PetitionEvent
from server.petitions.words import FollowUpState, PetitionState
from server.places.models import Unit
from server.transitions import advance

PAGE = 50


@dataclass(frozen=True)
class Promised:
    """A follow-up with its unit's name."""

    follow_up: FollowUp
    unit: str


def promise(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    token: str,
    key: str,
    what: str,
    unit_id: int,
    person: str,
    due_on: date,
    line_key: str | None = None,
) -> FollowUp:
    """Write down a promise. The same ``key`` again changes the same promise, while the talk runs."""
    require(actor, Action.WRITE_MINUTES)
    session = talking(db, actor=actor, token=token)
    what = what.strip()
    if not what or len(what) > 1000:
        raise Invalid("what_missing", "Please write down what was promised.", field="what")
    if due_on < local_date(now):
        raise Invalid("due_in_the_past", "This day is over. Please choose a later one.", field="due_on")
    check_unit(db, petition_id=session.petition_id, unit_id=unit_id)
    found = _of_key(db, session, key)
    follow_up = found or FollowUp(
        petition_id=session.petition_id, key=key, what=what, unit_id=unit_id, due_on=due_on, created_at=now
    )
    follow_up.what, follow_up.unit_id, follow_up.due_on = what, unit_id, due_on
    follow_up.person = person.strip()[:64]
    if line_key is not None:
        line = select(MinutesLine).where(MinutesLine.session_id == session.id, MinutesLine.key == line_key)
        follow_up.line_id = getattr(db.exec(line).first(), "id", None)
    db.add(follow_up)
    db.flush()
    return follow_up


def _of_key(db: Session, session: ReceptionSession, key: str) -> FollowUp | None:
    query = select(FollowUp).where(FollowUp.petition_id == session.petition_id, FollowUp.key == key)
    return db.exec(query).first()


def withdraw(db: Session, *, actor: Actor, token: str, key: str) -> None:
    """Take a promise back while the talk runs; one that is not there is taken back already."""
    require(actor, Action.WRITE_MINUTES)
    session = talking(db, actor=actor, token=token)
    found = _of_key(db, session, key)
    if found is not None:
        db.delete(found)
        db.flush()


def list_of_petition(db: Session, *, petition_id: int) -> list[Promised]:
    """All promises of a petition in the order of their making."""
    rows = db.exec(
        select(FollowUp, Unit.name)
        .join(Unit, col(Unit.id) == FollowUp.unit_id)
        .where(FollowUp.petition_id == petition_id)
        .order_by(col(FollowUp.id))
    )
    return [Promised(follow_up, unit) for follow_up, unit in rows]


def overdue_among(db: Session, *, petition_ids: list[int], today: date) -> set[int]:
    """Those of the petitions with a promise that should have been kept before ``today``."""
    rows = db.exec(
        select(FollowUp.petition_id).where(
            col(FollowUp.petition_id).in_(petition_ids), FollowUp.state != FollowUpState.DONE, FollowUp.due_on < today
        )
    )
    return set(rows)


def _of_unit(actor: Actor) -> Select[FollowUp, Petition]:
    return (
        select(FollowUp, Petition)
        .join(Petition, col(Petition.id) == FollowUp.petition_id)
        .where(FollowUp.unit_id == actor.unit_id, col(Petition.state).in_(VISIBLE), known_to(actor))
    )


def list_of_unit(
    db: Session, *, actor: Actor, states: tuple[FollowUpState, ...] = tuple(FollowUpState), page: int = 1
) -> list[tuple[FollowUp, Petition]]:
    """The handler's unit's promises out of approved minutes: open ones first, the most urgent on top.

    One more row than ``PAGE`` says that there is a next page.
    """
    require(actor, Action.WORK_FOLLOW_UP)
    done = case((col(FollowUp.state) == FollowUpState.DONE, 1), else_=0)
    wanted = _of_unit(actor).where(col(FollowUp.state).in_(states))
    ordered = wanted.order_by(done, col(FollowUp.due_on), col(FollowUp.id))
    return list(db.exec(ordered.offset((page - 1) * PAGE).limit(PAGE + 1)))


def get_follow_up(db: Session, *, actor: Actor, follow_up_id: int) -> tuple[FollowUp, Petition]:
    """One promise of the handler's unit."""
    require(actor, Action.WORK_FOLLOW_UP)
    found = db.exec(_of_unit(actor).where(FollowUp.id == follow_up_id)).first()
    if found is None:
        raise NotFound("no_such_follow_up", "This promise is not one of your unit's.")
    return found[0], found[1]


def list_progress(db: Session, *, follow_up_id: int) -> list[ProgressEntry]:
    """What was done about it, oldest first."""
    query = select(ProgressEntry).where(ProgressEntry.follow_up_id == follow_up_id).order_by(col(ProgressEntry.id))
    return list(db.exec(query))


def report(db: Session, *, actor: Actor, now: datetime, follow_up_id: int, text: str, done: bool) -> FollowUp:
    """Write down what was done; ``done`` finishes the promise. The first report takes the petition up."""
    follow_up, petition = get_follow_up(db, actor=actor, follow_up_id=follow_up_id)
    if not text.strip() or len(text) > 2000:
        raise Invalid("progress_missing", "Please write what was done, in at most 2000 characters.", field="text")
    event = FollowUpEvent.FINISH if done else FollowUpEvent.REPORT
    if follow_up.state is FollowUpState.DONE:
        raise Conflict("already_done", "This promise is done already.")
    before, follow_up.state = follow_up.state, advance(FOLLOW_UP, follow_up.state, event)
    if done:
        follow_up.done_at = now
    db.add(follow_up)
    db.add(ProgressEntry(follow_up_id=follow_up_id, text=text.strip(), author_id=actor.id, written_at=now))
    detail = {"from": before.value, "to": follow_up.state.value, "why": ""}
    action = f"follow_up.{event.value}"
    record(db, actor=actor, now=now, action=action, subject="follow_up", subject_id=follow_up_id, detail=detail)
    if petition.state is PetitionState.REGISTERED:
        move(db, actor=actor, now=now, petition=petition, event=PetitionEvent.TAKE_UP)
    return follow_up
