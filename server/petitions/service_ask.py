"""Asking by number and query code: how it stands, and nothing personal."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from server.accounts.roles import Action, Actor, require
from server.errors import NotFound
from server.petitions.models import Petition
from server.petitions.service_follow_up import Promised, list_of_petition
from server.petitions.words import Outcome, PetitionState
from server.places.one_time_codes import normal
from server.scheduling.models import Booking
from server.sealing import current_sealer


@dataclass(frozen=True)
class MatterView:
    """What anybody who holds the slip may know."""

    number: str
    petition_number: str | None
    state: PetitionState
    outcome: Outcome | None
    received_at: datetime
    due_on: date | None
    follow_ups: list[Promised]


def ask(db: Session, *, actor: Actor, number: str, code: str) -> MatterView:
    """The matter of this number (slip or petition) and code; a wrong code answers like an unknown number."""
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
    petition, booking = row
    return MatterView(
        number=booking.number,
        petition_number=petition.number,
        state=petition.state,
        outcome=petition.outcome,
        received_at=booking.admitted_at or booking.booked_at,
        due_on=petition.due_on,
        follow_ups=list_of_petition(db, petition_id=petition.id or 0),
    )
