"""The whole record of one talk, for those who review, print or follow it. Reads only, apart from what it logs."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import seen
from server.clock import local_date
from server.errors import NotFound
from server.petitions.minutes_content import Part
from server.petitions.models import (
    Addendum,
    DeletedRecording,
    HandOut,
    MinutesLine,
    Participant,
    Petition,
    ReceptionSession,
    Review,
    SessionEvent,
    Signature,
)
from server.petitions.service_follow_up import Promised, list_of_petition
from server.petitions.service_minutes import list_addenda, list_lines
from server.petitions.service_petition import get_petition, no_such_petition
from server.petitions.service_review import TO_REVIEW, list_reviews
from server.petitions.service_session import participants, session_by_token
from server.petitions.service_versions import Version, changes_of, list_versions
from server.petitions.words import PetitionState, ReadBack
from server.places.models import Township, Unit, VillagePoint
from server.scheduling.models import Booking, Petitioner


@dataclass(frozen=True)
class ReviewRow:
    """One line of the clerk's list. ``days_waiting`` is empty once it waits no more."""

    session: ReceptionSession
    petition: Petition
    point: str
    official: str
    days_waiting: int | None
    objections: int
    unsigned: bool
    no_consent: bool


@dataclass(frozen=True)
class Record:
    """Everything a talk left behind. ``changes``: for each addendum with a new wording, how it differs."""

    session: ReceptionSession
    petition: Petition
    booking: Booking
    petitioner: Petitioner
    official: User
    point: VillagePoint
    township: str
    unit: str
    participants: list[Participant]
    lines: list[MinutesLine]
    addenda: list[Addendum]
    events: list[SessionEvent]
    promised: list[Promised]
    signatures: list[Signature]
    reviews: list[tuple[Review, str]]
    authors: dict[int, str]
    deleted: DeletedRecording | None
    hand_out: HandOut | None
    versions: list[Version]
    changes: dict[int, list[Part]]

    def addenda_of(self, line: int | None) -> list[Addendum]:
        """The corrections beside a line, or those beside the whole minutes."""
        return [one for one in self.addenda if one.line_id == line]


def review_rows(
    db: Session, *, actor: Actor, now: datetime, states: tuple[PetitionState, ...], page: int = 1
) -> list[ReviewRow]:
    """One page of the clerk's list, with what must be looked at; one row more than a page has if there is a next."""
    found = list_reviews(db, actor=actor, states=states, page=page)
    sessions = [session.id or 0 for session, _ in found]
    points = dict(db.exec(select(VillagePoint.id, VillagePoint.name)).all())
    officials = dict(db.exec(select(User.id, User.display_name).where(User.role == Role.OFFICIAL)).all())
    consents = dict(
        db.exec(
            select(Booking.id, Booking.consent).where(col(Booking.id).in_([session.booking_id for session, _ in found]))
        ).all()
    )
    objections = Counter(
        db.exec(
            select(MinutesLine.session_id).where(
                col(MinutesLine.session_id).in_(sessions), MinutesLine.read_back == ReadBack.OBJECTED
            )
        )
    )
    signed = set(
        db.exec(
            select(Signature.session_id).where(col(Signature.session_id).in_(sessions), Signature.role == "petitioner")
        )
    )
    return [
        ReviewRow(
            session=session,
            petition=petition,
            point=points[petition.point_id],
            official=officials.get(petition.official_id, ""),
            days_waiting=_days_waiting(session, petition, now),
            objections=objections[session.id or 0],
            unsigned=session.id not in signed,
            no_consent=not consents.get(session.booking_id),
        )
        for session, petition in found
    ]


def _days_waiting(session: ReceptionSession, petition: Petition, now: datetime) -> int | None:
    if petition.state not in TO_REVIEW:
        return None
    return (local_date(now) - local_date(session.signed_at or session.started_at)).days


def record_by_token(db: Session, *, actor: Actor, token: str) -> Record:
    """The record beside which a clerk hears and sees the recording."""
    require(actor, Action.REVIEW)
    return _record(db, session_by_token(db, actor=actor, token=token))


def record_of_petition(db: Session, *, actor: Actor, petition_id: int) -> Record:
    """The record of a petition, for its official and the clerks; before the talk there is none."""
    require(actor, Action.WRITE_MINUTES)
    petition = get_petition(db, actor=actor, petition_id=petition_id)
    session = db.exec(select(ReceptionSession).where(ReceptionSession.petition_id == petition.id)).first()
    if session is None:
        raise no_such_petition()
    return _record(db, session)


def _record(db: Session, session: ReceptionSession) -> Record:
    petition = db.get_one(Petition, session.petition_id)
    point = db.get_one(VillagePoint, petition.point_id)
    reviews = select(Review).where(Review.session_id == session.id).order_by(col(Review.id))
    lines, addenda, decided = list_lines(db, session=session), list_addenda(db, session=session), list(db.exec(reviews))
    versions = list_versions(db, session=session)
    wrote = {one.author_id for one in lines} | {one.author_id for one in addenda}
    authors = _names(db, wrote | {one.clerk_id for one in decided} | {one.kept.author_id or 0 for one in versions})
    return Record(
        session=session,
        petition=petition,
        booking=db.get_one(Booking, session.booking_id),
        petitioner=db.get_one(Petitioner, petition.petitioner_id),
        official=db.get_one(User, petition.official_id),
        point=point,
        township=db.get_one(Township, point.township_id).name,
        unit=db.get_one(Unit, petition.unit_id).name if petition.unit_id is not None else "",
        participants=participants(db, session=session),
        lines=lines,
        addenda=addenda,
        events=list(
            db.exec(select(SessionEvent).where(SessionEvent.session_id == session.id).order_by(col(SessionEvent.id)))
        ),
        promised=list_of_petition(db, petition_id=petition.id or 0),
        signatures=list(
            db.exec(select(Signature).where(Signature.session_id == session.id).order_by(col(Signature.id)))
        ),
        reviews=[(one, authors[one.clerk_id]) for one in decided],
        authors=authors,
        deleted=db.get(DeletedRecording, session.id),
        hand_out=db.get(HandOut, session.id),
        versions=versions,
        changes={number: parts for one in lines for number, parts in changes_of(one, addenda).items()},
    )


def _names(db: Session, ids: set[int]) -> dict[int, str]:
    rows = db.exec(select(User).where(col(User.id).in_(ids)))
    return {user.id or 0: user.display_name for user in rows}


def see_minutes(db: Session, *, actor: Actor, now: datetime, token: str) -> None:
    """Log that a clerk reads the minutes."""
    require(actor, Action.REVIEW)
    session = session_by_token(db, actor=actor, token=token)
    seen(db, actor=actor, now=now, action="minutes.seen", subject="session", subject_id=session.id or 0)


def see_printed(db: Session, *, actor: Actor, now: datetime, petition_id: int) -> None:
    """Log that somebody prints the minutes."""
    require(actor, Action.WRITE_MINUTES)
    get_petition(db, actor=actor, petition_id=petition_id)
    seen(db, actor=actor, now=now, action="minutes.printed", subject="petition", subject_id=petition_id)


def see_recording(db: Session, *, actor: Actor, now: datetime, token: str, name: str) -> ReceptionSession:
    """Let a clerk see one file, and log it.

    Raises ``NotFound("recording_deleted")`` for one that is deleted under retention.
    """
    require(actor, Action.SEE_RECORDING)
    session = session_by_token(db, actor=actor, token=token)
    if db.get(DeletedRecording, session.id) is not None:
        raise NotFound("recording_deleted", "This recording was deleted under retention; the minutes stay.")
    about = {"name": name}
    seen(db, actor=actor, now=now, action="recording.seen", subject="session", subject_id=session.id or 0, detail=about)
    return session
