"""Asking by number and query code: how it stands, and nothing personal."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from server.accounts.roles import Action, Actor, require
from server.clock import local_date
from server.errors import NotFound
from server.petitions.models import Petition
from server.petitions.service_follow_up import Promised, list_of_petition
from server.petitions.words import Outcome, PetitionState
from server.places.one_time_codes import normal
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_offers import booked_view, point_of
from server.scheduling.words import BookingState
from server.sealing import current_sealer


@dataclass(frozen=True)
class MatterView:
    """What anybody who holds the slip may know. ``open``: the talk is still to come and can be changed."""

    number: str
    petition_number: str | None
    state: PetitionState
    outcome: Outcome | None
    received_at: datetime | None
    due_on: date | None
    follow_ups: list[Promised]
    booked_on: date
    booked_at: datetime | None
    official: str
    point: str
    open: bool


def petition_by_code(db: Session, *, actor: Actor, number: str, code: str) -> tuple[Petition, Booking]:
    """What this number (slip or petition) and code open; a wrong code answers like an unknown number."""
    require(actor, Action.ASK_BY_CODE)
    wanted = number.strip().upper()
    row = db.exec(
        select(Petition, Booking)
        .join(Booking, col(Booking.id) == Petition.booking_id)
        .where(or_(col(Booking.number) == wanted, col(Petition.number) == wanted))
    ).first()
    offered = current_sealer().index(normal(code))
    kept = row[0].query_code_hash or "" if row is not None else ""
    if not hmac.compare_digest(offered, kept) or row is None:
        raise NotFound(
            "wrong_number_or_code", "The number or the code is not right. Please compare both with the slip."
        )
    return row[0], row[1]


def ask(db: Session, *, actor: Actor, now: datetime, number: str, code: str) -> MatterView:
    """The matter of this number and code."""
    petition, booking = petition_by_code(db, actor=actor, number=number, code=code)
    view, day = booked_view(db, booking=booking), db.get_one(ReceptionDay, booking.reception_day_id)
    return MatterView(
        number=booking.number,
        petition_number=petition.number,
        state=petition.state,
        outcome=petition.outcome,
        received_at=booking.admitted_at,
        due_on=petition.due_on,
        follow_ups=list_of_petition(db, petition_id=petition.id or 0),
        booked_on=day.day,
        booked_at=view.slot_at,
        official=f"{view.post} {view.official}".strip(),
        point=point_of(db, booking=booking).name,
        open=booking.state is BookingState.BOOKED and day.day >= local_date(now),
    )
