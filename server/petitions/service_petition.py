"""Finding a petition, for those who may know of it, and moving it along its table."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, or_, select

from server.accounts.exclusion import Excluded
from server.accounts.models import Exclusion
from server.accounts.roles import Action, Actor, Role, may, require
from server.audit.service import record
from server.errors import NotFound
from server.petitions.models import FollowUp, Petition
from server.petitions.service_index import index
from server.petitions.states import PETITION, PetitionEvent
from server.petitions.words import PetitionState
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import booking_by_number, no_such_booking
from server.scheduling.service_joint import is_joint
from server.transitions import advance

VISIBLE = (PetitionState.REGISTERED, PetitionState.HANDLING, PetitionState.CLOSED)


def no_such_petition() -> NotFound:
    """Absent and forbidden answer alike."""
    return NotFound("no_such_petition", "There is no matter with this number that you may see.")


def excluded(db: Session, *, petition_id: int, actor: Actor) -> bool:
    """Whether the actor, or the actor's unit, must know nothing of the petition (art. 28, 30)."""
    concerns = or_(
        col(Exclusion.user_id) == actor.id,
        (col(Exclusion.unit_id) == actor.unit_id) if actor.unit_id is not None else False,
    )
    query = select(Exclusion.id).where(Exclusion.petition_id == petition_id, concerns).limit(1)
    return actor.role not in {Role.KIOSK, Role.GUEST} and db.exec(query).first() is not None


def known_to(actor: Actor) -> ColumnElement[bool]:
    """The same as a condition on a query over petitions: that nothing excludes the actor."""
    concerns = col(Exclusion.user_id) == actor.id
    if actor.unit_id is not None:
        concerns = or_(concerns, col(Exclusion.unit_id) == actor.unit_id)
    return ~exists().where(col(Exclusion.petition_id) == col(Petition.id), concerns)


def exclude(db: Session, *, actor: Actor, now: datetime, petition: Petition, excluded: Excluded) -> None:
    """Keep these persons and units away from the petition. For services; checks no right.

    The audit log has that it was done, and not whom it concerns: one of them may read it.
    """
    whose = {"petition_id": petition.id or 0, "petitioner_id": petition.petitioner_id}
    db.add_all([Exclusion(**whose, user_id=one) for one in sorted(excluded.people)])
    db.add_all([Exclusion(**whose, unit_id=one) for one in sorted(excluded.units)])
    db.flush()
    record(db, actor=actor, now=now, action="petition.guarded", subject="petition", subject_id=petition.id or 0)


def get_petition(db: Session, *, actor: Actor, petition_id: int) -> Petition:
    """A petition the actor may see: officials their own, handlers their unit's approved ones, clerks all.

    Nobody who is excluded.
    """
    require(actor, Action.SEE_PETITION)
    petition = db.get(Petition, petition_id)
    if petition is None or not _may_see(db, actor, petition):
        raise no_such_petition()
    return petition


def _may_see(db: Session, actor: Actor, petition: Petition) -> bool:
    if not may(actor, Action.SEE_PETITION) or excluded(db, petition_id=petition.id or 0, actor=actor):
        return False
    if actor.role is Role.OFFICIAL:
        return receives(db, petition=petition, official_id=actor.id)
    if actor.role is Role.HANDLER:
        ours = select(FollowUp.id).where(FollowUp.petition_id == petition.id, FollowUp.unit_id == actor.unit_id)
        ours_at_all = petition.unit_id == actor.unit_id or db.exec(ours.limit(1)).first() is not None
        return petition.state in VISIBLE and ours_at_all
    return True


def receives(db: Session, *, petition: Petition, official_id: int) -> bool:
    """Whether the official receives this matter, alone, as the one who leads, or together with that one."""
    return petition.official_id == official_id or is_joint(db, booking_id=petition.booking_id, official_id=official_id)


def move(
    db: Session, *, actor: Actor, now: datetime, petition: Petition, event: PetitionEvent, why: str = ""
) -> Petition:
    """Take one step of the table, and write down who, when and why. For services; checks no right."""
    before = petition.state
    petition.state = advance(PETITION, before, event)
    db.add(petition)
    db.flush()
    index(db, petition=petition)
    record(
        db,
        actor=actor,
        now=now,
        action=f"petition.{event.value}",
        subject="petition",
        subject_id=petition.id or 0,
        detail={"from": before.value, "to": petition.state.value, "why": why},
    )
    return petition


def booked_matter(db: Session, *, actor: Actor, action: Action, number: str) -> tuple[Booking, Petition]:
    """The booking with this number and its petition, for who may do ``action`` and is not kept away from it."""
    require(actor, action)
    booking = booking_by_number(db, actor=actor, number=number)
    petition = db.exec(select(Petition).where(Petition.booking_id == booking.id)).one()
    if excluded(db, petition_id=petition.id or 0, actor=actor):
        raise no_such_booking()
    return booking, petition


def follow_booking(db: Session, *, booking: Booking) -> None:
    """The petition goes with its booking to whoever receives it now. For services that move a booking."""
    petition = db.exec(select(Petition).where(Petition.booking_id == booking.id)).first()
    if petition is not None:
        petition.official_id = db.get_one(ReceptionDay, booking.reception_day_id).official_id
        db.add(petition)
        db.flush()
