"""A talk from admission to signature: who sits where, what happened, how it was decided."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.errors import Conflict, Invalid, NotFound
from server.petitions.models import (
    Participant,
    Petition,
    ReceptionSession,
    SessionEvent,
)
from server.petitions.service_petition import excluded, move, receives
from server.petitions.states import PetitionEvent
from server.places.one_time_codes import code_hash
from server.scheduling import service as scheduling
from server.scheduling.models import Booking, Petitioner
from server.scheduling.service_joint import joint_officials
from server.scheduling.service_list import on_own_list
from server.scheduling.service_party import party_of
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState
from server.sealing import current_sealer

GUEST_ROLES = ("unit", "interpreter", "agent", "witness", "companion")
MAX_GUESTS = 4
LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Admission:
    """A guest who was let in by an invitation."""

    actor: Actor
    token: str
    seat: str


def no_such_session() -> NotFound:
    """Absent and forbidden answer alike."""
    return NotFound("no_such_session", "This talk is not there, or it is not yours.")


def admit(db: Session, *, actor: Actor, now: datetime, number: str, token: str = "") -> ReceptionSession:
    """Begin the talk with a waiting visitor. Only one talk at a time on a list; admitting again gives the same talk.

    ``token`` names a room already made for the talk; without one it gets a token of its own.
    """
    require(actor, Action.ADMIT)
    booking = on_own_list(db, actor=actor, number=number)
    petition = db.exec(select(Petition).where(Petition.booking_id == booking.id)).one()
    if excluded(db, petition_id=petition.id or 0, actor=actor):
        raise scheduling.no_such_booking()
    known = db.exec(select(ReceptionSession).where(ReceptionSession.booking_id == booking.id)).first()
    if known is not None:
        return known
    _nobody_else_in_session(db, petition)
    booking.admitted_at = now
    scheduling.move(db, actor=actor, now=now, booking=booking, event=BookingEvent.ADMIT)
    move(db, actor=actor, now=now, petition=petition, event=PetitionEvent.ADMIT)
    session = ReceptionSession(
        token=token or secrets.token_urlsafe(18),
        booking_id=booking.id or 0,
        petition_id=petition.id or 0,
        started_at=now,
    )
    db.add(session)
    db.flush()
    _set_the_table(db, session, booking, actor)
    note_event(db, session=session, now=now, kind="admitted", seat="official")
    return session


def _set_the_table(db: Session, session: ReceptionSession, booking: Booking, lead: Actor) -> None:
    """A seat for the petitioner and the official, and for everybody who comes or receives together with them."""
    petitioner, party = db.get_one(Petitioner, booking.petitioner_id), party_of(db, booking=booking)
    seats: list[tuple[str, str, str, int | None]] = [
        ("petitioner", "petitioner", petitioner.name or "", None),
        ("official", "official", lead.name, lead.id),
    ]
    seats += [(f"representative-{one.place}", "representative", one.name, None) for one in party.others]
    if party.mandate is not None:
        seats.append(("mandate-1", "mandate", party.mandate.name, None))
    joint = joint_officials(db, booking_ids=[booking.id or 0]).get(booking.id or 0, [])
    seats += [(joint_seat(one.id or 0), "joint", one.display_name, one.id) for one in joint]
    for seat, role, name, user_id in seats:
        db.add(Participant(session_id=session.id or 0, seat=seat, role=role, name=name, user_id=user_id))


def joint_seat(official_id: int) -> str:
    """The seat of an official who receives together with the one who leads."""
    return f"joint-{official_id}"


def _nobody_else_in_session(db: Session, petition: Petition) -> None:
    """Not even on another day: a talk that was left open is ended before the next one."""
    query = (
        select(Booking.number)
        .join(Petition, col(Petition.booking_id) == Booking.id)
        .where(Petition.official_id == petition.official_id, col(Booking.state) == BookingState.IN_SESSION)
    )
    if db.exec(query).first() is not None:
        raise Conflict("talk_under_way", "A talk is under way. Please end it before you admit the next visitor.")


def session_by_token(db: Session, *, actor: Actor, token: str) -> ReceptionSession:
    """A talk the actor takes part in or may review: its official, clerks, its point's kiosk, its guests."""
    found = db.exec(select(ReceptionSession).where(ReceptionSession.token == token)).first()
    if found is None or not _takes_part(db, actor, found):
        raise no_such_session()
    return found


def by_token(db: Session, *, token: str) -> ReceptionSession:
    """A talk for the house itself (events, recording); checks no right."""
    found = db.exec(select(ReceptionSession).where(ReceptionSession.token == token)).first()
    if found is None:
        raise no_such_session()
    return found


@dataclass(frozen=True)
class Standing:
    """How a talk stands: all that a process must know to go on with one that another began."""

    over: bool
    consent: bool
    paused: bool
    wishes_to_end: bool


def standing_of(db: Session, *, token: str) -> Standing:
    """How a talk stands, from what was written down; for the house itself."""
    session = by_token(db, token=token)
    kinds = ("paused", "resumed", "wishes_to_end")
    query = select(SessionEvent.kind).where(SessionEvent.session_id == session.id, col(SessionEvent.kind).in_(kinds))
    told = list(db.exec(query.order_by(col(SessionEvent.id))))
    rests = [one for one in told if one != "wishes_to_end"]
    return Standing(
        over=session.signed_at is not None,
        consent=bool(db.get_one(Booking, session.booking_id).consent),
        paused=rests[-1:] == ["paused"],
        wishes_to_end="wishes_to_end" in told,
    )


def lately_over(db: Session, *, now: datetime) -> list[str]:
    """Tokens of the talks that ended within a day; for the house itself."""
    return list(db.exec(select(ReceptionSession.token).where(col(ReceptionSession.signed_at) > now - LATELY)))


def _takes_part(db: Session, actor: Actor, session: ReceptionSession) -> bool:
    petition = db.get_one(Petition, session.petition_id)
    if actor.role in {Role.CLERK, Role.OFFICIAL}:
        theirs = actor.role is Role.CLERK or receives(db, petition=petition, official_id=actor.id)
        return theirs and not excluded(db, petition_id=petition.id or 0, actor=actor)
    if actor.role is Role.KIOSK:
        return petition.point_id == actor.point_id
    if actor.role is Role.GUEST:
        guest = db.get(Participant, actor.id)
        return guest is not None and guest.session_id == session.id
    return False


def session_of_booking(db: Session, *, actor: Actor, number: str) -> ReceptionSession | None:
    """The talk of a booking, if it has begun."""
    query = (
        select(ReceptionSession)
        .join(Booking, col(Booking.id) == ReceptionSession.booking_id)
        .where(Booking.number == number)
    )
    found = db.exec(query).first()
    return found if found is not None and _takes_part(db, actor, found) else None


def participants(db: Session, *, session: ReceptionSession) -> list[Participant]:
    """Everybody with a seat, in the order of their seats' making."""
    query = select(Participant).where(Participant.session_id == session.id).order_by(col(Participant.id))
    return list(db.exec(query))


def offset_ms(session: ReceptionSession, now: datetime) -> int | None:
    """The instant in the recording; empty where nothing is recorded."""
    if session.recording_started_at is None:
        return None
    return max(0, round((now - session.recording_started_at).total_seconds() * 1000))


def note_event(
    db: Session,
    *,
    session: ReceptionSession,
    now: datetime,
    kind: str,
    seat: str = "",
    detail: dict[str, Any] | None = None,
) -> SessionEvent:
    """Write down what happened in a talk besides words."""
    event = SessionEvent(
        session_id=session.id or 0,
        kind=kind,
        seat=seat,
        at=now,
        offset_ms=offset_ms(session, now),
        detail=detail or {},
    )
    db.add(event)
    return event


def recording_started(db: Session, *, session: ReceptionSession, at: datetime) -> None:
    """Remember the recording's time zero; later starts continue the first."""
    if session.recording_started_at is None:
        session.recording_started_at = at
        db.add(session)


def invite(db: Session, *, actor: Actor, now: datetime, token: str, role: str, name: str) -> str:
    """Make a seat for a third participant; the returned secret lets its holder in while the talk runs."""
    require(actor, Action.INVITE)
    session = talking(db, actor=actor, token=token)
    if role not in GUEST_ROLES:
        raise Invalid("bad_role", "Please choose whom you call in.", field="role")
    if not name.strip():
        raise Invalid("guest_name_missing", "Please give the name of the person you call in.", field="name")
    guests = (
        select(func.count())
        .select_from(Participant)
        .where(col(Participant.session_id) == session.id, col(Participant.seat).startswith("guest-"))
    )
    count = db.exec(guests).one()
    if count >= MAX_GUESTS:
        raise Conflict("table_full", "No more than four others can be called in.")
    secret = secrets.token_urlsafe(24)
    db.add(
        Participant(
            session_id=session.id or 0,
            seat=f"guest-{count + 1}",
            role=role,
            name=name.strip()[:40],
            invitation_hash=code_hash(current_sealer().index(secret)),
        )
    )
    note_event(db, session=session, now=now, kind="invited", seat=f"guest-{count + 1}")
    return secret


def accept_invitation(db: Session, *, secret: str, now: datetime) -> Admission:
    """Who holds an invitation, as long as the talk is not over."""
    hashed = code_hash(current_sealer().index(secret))
    guest = db.exec(select(Participant).where(Participant.invitation_hash == hashed)).first()
    session = db.get(ReceptionSession, guest.session_id) if guest is not None else None
    if guest is None or session is None or session.signed_at is not None:
        raise NotFound("no_such_invitation", "This invitation is not valid any more. Please ask for a new one.")
    return Admission(Actor(role=Role.GUEST, id=guest.id or 0, name=guest.name), session.token, guest.seat)


def talking(db: Session, *, actor: Actor, token: str) -> ReceptionSession:
    """A talk that is still in its talking phase."""
    session = session_by_token(db, actor=actor, token=token)
    if session.talk_ended_at is not None:
        raise Conflict("talk_over", "The talk has ended; the minutes are being read back.")
    return session


def official_of(db: Session, *, session: ReceptionSession) -> User:
    """The official who receives."""
    return db.get_one(User, db.get_one(Petition, session.petition_id).official_id)
