"""One petition as its reader may see it, the person behind it, and the villager's slip."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record, seen
from server.errors import NotFound
from server.petitions.deadlines import as_counted
from server.petitions.models import (
    Deadline,
    DeletedRecording,
    MinutesLine,
    Paper,
    Petition,
    ProgressEntry,
    ReceptionSession,
)
from server.petitions.service_follow_up import Promised, list_of_petition
from server.petitions.service_hand_over import next_number
from server.petitions.service_minutes import list_lines
from server.petitions.service_petition import get_petition
from server.places.models import Unit, VillagePoint
from server.scheduling.models import Booking, Petitioner
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_party import Party, party_of
from server.scheduling.words import BookingState
from server.scheduling.workdays import Counted

SEAL_PATIENCE = timedelta(seconds=30)
SLIP_LASTS = timedelta(minutes=30)


@dataclass(frozen=True)
class Progress:
    """What was done about a promise, and by whom."""

    entry: ProgressEntry
    author: str


@dataclass(frozen=True)
class PetitionView:
    """A petition with what belongs to it. ``token`` leads a clerk to its review; before the talk it is empty.

    ``said``: the minutes, for a handler of the unit that the matter was given to; nobody else needs them here.

    ``seal`` is the check code of the recording; empty while there is none.
    """

    petition: Petition
    petitioner: Petitioner
    number: str
    point: str
    official: str
    post: str
    unit: str
    token: str
    seal: str
    deadlines: list[tuple[Deadline, Counted]]
    promised: list[Promised]
    progress: dict[int, list[Progress]]
    papers: list[Paper]
    party: Party
    deleted: DeletedRecording | None
    said: list[MinutesLine]


def petition_view(db: Session, *, actor: Actor, petition_id: int) -> PetitionView:
    """The petition for its official, a clerk, or a handler of its unit. A handler sees only the unit's promises."""
    petition = get_petition(db, actor=actor, petition_id=petition_id)
    promised = list_of_petition(db, petition_id=petition_id)
    if actor.role is Role.HANDLER:
        promised = [one for one in promised if one.follow_up.unit_id == actor.unit_id]
    official = db.get_one(User, petition.official_id)
    session = _session_of(db, petition)
    clocks = select(Deadline).where(Deadline.petition_id == petition_id).order_by(col(Deadline.due_on))
    papers = select(Paper).where(Paper.petition_id == petition_id).order_by(col(Paper.id))
    return PetitionView(
        petition=petition,
        petitioner=db.get_one(Petitioner, petition.petitioner_id),
        number=db.get_one(Booking, petition.booking_id).number,
        point=db.get_one(VillagePoint, petition.point_id).name,
        official=official.display_name,
        post=official.post,
        unit=db.get_one(Unit, petition.unit_id).name if petition.unit_id is not None else "",
        token=session.token if session is not None else "",
        seal=(session.recording_seal or "") if session is not None else "",
        deadlines=_explained(db, list(db.exec(clocks))),
        promised=promised,
        progress=progress_of(db, follow_up_ids=[one.follow_up.id or 0 for one in promised]),
        papers=list(db.exec(papers)),
        party=party_of(db, booking=db.get_one(Booking, petition.booking_id)),
        deleted=db.get(DeletedRecording, session.id) if session is not None else None,
        said=list_lines(db, session=session) if session is not None and _given_to(actor, petition) else [],
    )


def _given_to(actor: Actor, petition: Petition) -> bool:
    return actor.role is Role.HANDLER and petition.unit_id is not None and petition.unit_id == actor.unit_id


def _explained(db: Session, deadlines: list[Deadline]) -> list[tuple[Deadline, Counted]]:
    calendar = calendar_in_force(db)
    return [
        (one, as_counted(one.starts_on, one.counted_on, one.due_on, calendar, provisional=one.provisional))
        for one in deadlines
    ]


def see_petition(db: Session, *, actor: Actor, now: datetime, petition_id: int) -> None:
    """Log that somebody opens a petition."""
    get_petition(db, actor=actor, petition_id=petition_id)
    seen(db, actor=actor, now=now, action="petition.seen", subject="petition", subject_id=petition_id)


def progress_of(db: Session, *, follow_up_ids: list[int]) -> dict[int, list[Progress]]:
    """What was done about promises that the caller has found for their reader, oldest first."""
    rows = db.exec(
        select(ProgressEntry, User.display_name)
        .join(User, col(User.id) == ProgressEntry.author_id)
        .where(col(ProgressEntry.follow_up_id).in_(follow_up_ids))
        .order_by(col(ProgressEntry.id))
    )
    entries: dict[int, list[Progress]] = {}
    for entry, author in rows:
        entries.setdefault(entry.follow_up_id, []).append(Progress(entry, author))
    return entries


def unmask(db: Session, *, actor: Actor, now: datetime, petition_id: int) -> Petitioner:
    """The petitioner with name, identity and phone in full; that it was looked at is logged."""
    require(actor, Action.UNMASK)
    petition = get_petition(db, actor=actor, petition_id=petition_id)
    record(db, actor=actor, now=now, action="petition.unmasked", subject="petition", subject_id=petition_id)
    return db.get_one(Petitioner, petition.petitioner_id)


def _session_of(db: Session, petition: Petition) -> ReceptionSession | None:
    return db.exec(select(ReceptionSession).where(ReceptionSession.petition_id == petition.id)).first()


@dataclass(frozen=True)
class Slip:
    """What the villager keeps. ``seal_comes`` says that the seal of the recording is due any moment.

    ``onward`` is the number under which the visitor waits for another official now.
    """

    booking: Booking
    petition: Petition
    promised: list[Promised]
    party: Party
    recorded: bool
    seal: str
    seal_comes: bool
    onward: str = ""


def slip_of(db: Session, *, actor: Actor, number: str, now: datetime) -> Slip:
    """What the villager keeps, again for half an hour, until somebody else comes to the point.

    Numbers can be guessed, and whoever has the code may ask for ever: the next visitor must not get it.
    """
    require(actor, Action.READ_BACK)
    row = db.exec(
        select(Booking, Petition)
        .join(Petition, col(Petition.booking_id) == Booking.id)
        .where(Booking.number == number, Petition.point_id == actor.point_id)
    ).first()
    if row is None or row[1].query_code is None or not _still_there(db, row[0], now):
        raise NotFound("no_slip", "There is no slip for this number here any more. Please ask the staff at the point.")
    booking, petition = row
    session = _session_of(db, petition)
    seal = (session.recording_seal or "") if session is not None else ""
    return Slip(
        booking=booking,
        petition=petition,
        promised=list_of_petition(db, petition_id=petition.id or 0),
        party=party_of(db, booking=booking),
        recorded=session is not None and session.recording_started_at is not None,
        seal=seal,
        onward=next_number(db, session=session) if session is not None else "",
        seal_comes=not seal and booking.ended_at is not None and now - booking.ended_at < SEAL_PATIENCE,
    )


def code_to_keep(db: Session, *, booking: Booking, now: datetime) -> str | None:
    """The code to ask, change and cancel with, for as long as who booked is still there; see ``slip_of``.

    The caller has found the booking for the actor.
    """
    if booking.state is not BookingState.BOOKED or not _nobody_else(db, booking, booking.booked_at, now):
        return None
    return db.exec(select(Petition.query_code).where(Petition.booking_id == booking.id)).first()


def _still_there(db: Session, booking: Booking, now: datetime) -> bool:
    """Whether the visitor of a talk is still the one in front of the kiosk, as far as anybody can know."""
    return booking.ended_at is not None and _nobody_else(db, booking, booking.ended_at, now)


def _nobody_else(db: Session, booking: Booking, since: datetime, now: datetime) -> bool:
    came_later = or_(
        col(Booking.booked_at) > since, col(Booking.checked_in_at) > since, col(Booking.admitted_at) > since
    )
    others = select(Booking.id).where(Booking.point_id == booking.point_id, Booking.id != booking.id, came_later)
    return now - since <= SLIP_LASTS and db.exec(others.limit(1)).first() is None
