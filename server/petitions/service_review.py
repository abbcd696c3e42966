"""The clerk's review: approve, which gives the number and starts the clocks, or send back with a reason."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from server.accounts.roles import Action, Actor, require
from server.clock import local_date
from server.errors import Invalid
from server.petitions.categories import NEED_UNIT_AND_DATE
from server.petitions.deadlines import Limits, clocks_at_approval
from server.petitions.minutes_content import unanswered
from server.petitions.models import Deadline, NumberRow, Petition, ReceptionSession, Review
from server.petitions.service_index import index
from server.petitions.service_minutes import list_addenda, list_lines
from server.petitions.service_petition import known_to, move
from server.petitions.service_session import session_by_token
from server.petitions.service_versions import addendum_content, keep_version, line_content
from server.petitions.states import PetitionEvent
from server.petitions.words import Outcome, PetitionState, VersionCause
from server.scheduling.service_calendar import calendar_in_force

PAGE = 50
TO_REVIEW = (PetitionState.IN_REVIEW, PetitionState.RETURNED)


def list_reviews(
    db: Session, *, actor: Actor, states: tuple[PetitionState, ...] = TO_REVIEW, page: int = 1
) -> list[tuple[ReceptionSession, Petition]]:
    """Talks whose minutes wait for a clerk, the oldest first, approved ones the newest first.

    Nothing that excludes the clerk. One more row than ``PAGE`` says that there is a next page.
    """
    require(actor, Action.REVIEW)
    started = col(ReceptionSession.started_at)
    rows = db.exec(
        select(ReceptionSession, Petition)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .where(col(Petition.state).in_(states), known_to(actor))
        .order_by(started if set(states) <= set(TO_REVIEW) else started.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    return list(rows.all())


def approve(db: Session, *, actor: Actor, now: datetime, token: str, limits: Limits) -> str:
    """Return the petition's number. Approving again gives the same number.

    The clocks of a matter that was handed over run with the talk in which it was decided.
    """
    require(actor, Action.REVIEW)
    session = session_by_token(db, actor=actor, token=token)
    petition = db.get_one(Petition, session.petition_id)
    if petition.number is not None:
        return petition.number
    _every_objection_answered(db, session)
    move(db, actor=actor, now=now, petition=petition, event=PetitionEvent.APPROVE)
    keep_version(db, actor=actor, now=now, session=session, cause=VersionCause.APPROVED)
    petition.number = _next_number(db, local_date(now).year)
    petition.registered_at = now
    db.add(petition)
    db.add(Review(session_id=session.id or 0, approved=True, clerk_id=actor.id, decided_at=now))
    if petition.outcome is Outcome.HANDED_OVER:
        return petition.number
    accepted, calendar = petition.outcome in NEED_UNIT_AND_DATE, calendar_in_force(db)
    for one in clocks_at_approval(local_date(session.started_at), local_date(now), limits, calendar, accepted=accepted):
        db.add(
            Deadline(
                petition_id=petition.id or 0,
                kind=one.clock.value,
                starts_on=one.counted.start,
                counted_on=one.counted.counted_on,
                due_on=one.due_on,
                provisional=one.counted.provisional,
            )
        )
    db.flush()
    index(db, petition=petition)
    return petition.number


def _every_objection_answered(db: Session, session: ReceptionSession) -> None:
    """An objection stays beside its line; the record gets its number once somebody has written something to it."""
    lines = [line_content(one) for one in list_lines(db, session=session)]
    if unanswered(lines, [addendum_content(one) for one in list_addenda(db, session=session)]):
        raise Invalid("objection_open", "Please write beside every line objected to what was found. Then approve.")


def _next_number(db: Session, year: int) -> str:
    row = db.exec(select(NumberRow).where(NumberRow.year == year).with_for_update()).first()
    row = row or NumberRow(year=year, last=0)
    row.last += 1
    db.add(row)
    db.flush()
    return f"XF{year}-{row.last:06d}"


def send_back(db: Session, *, actor: Actor, now: datetime, token: str, reason: str) -> None:
    """Return the minutes to the official with a reason."""
    require(actor, Action.REVIEW)
    if not reason.strip():
        raise Invalid("reason_missing", "Please write down the reason.", field="reason")
    session = session_by_token(db, actor=actor, token=token)
    petition = db.get_one(Petition, session.petition_id)
    move(db, actor=actor, now=now, petition=petition, event=PetitionEvent.SEND_BACK, why=reason.strip()[:500])
    review = Review(
        session_id=session.id or 0, approved=False, reason=reason.strip()[:500], clerk_id=actor.id, decided_at=now
    )
    db.add(review)
    keep_version(db, actor=actor, now=now, session=session, cause=VersionCause.RETURNED, why=review.reason)


def list_returned(db: Session, *, actor: Actor) -> list[tuple[ReceptionSession, Petition, Review]]:
    """The official's own minutes that a clerk returned, each with the newest reason, the oldest first."""
    require(actor, Action.END_SESSION)
    newest = (
        select(func.max(Review.id))
        .where(Review.session_id == ReceptionSession.id)
        .correlate(ReceptionSession)
        .scalar_subquery()
    )
    rows = db.exec(
        select(ReceptionSession, Petition, Review)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .join(Review, col(Review.id) == newest)
        .where(Petition.official_id == actor.id, col(Petition.state) == PetitionState.RETURNED, known_to(actor))
        .order_by(col(ReceptionSession.started_at))
    )
    return [(session, petition, review) for session, petition, review in rows]


def resubmit(db: Session, *, actor: Actor, now: datetime, token: str) -> None:
    """Put returned minutes into review again, after the addenda they needed."""
    require(actor, Action.END_SESSION)
    session = session_by_token(db, actor=actor, token=token)
    petition = db.get_one(Petition, session.petition_id)
    if petition.state is not PetitionState.IN_REVIEW:
        move(db, actor=actor, now=now, petition=petition, event=PetitionEvent.RESUBMIT)
        keep_version(db, actor=actor, now=now, session=session, cause=VersionCause.HANDED_IN)
