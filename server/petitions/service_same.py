"""Whether somebody has booked the same matter already. It is only told: a person decides whether it is the same."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.petitions.models import Petition
from server.petitions.service_petition import excluded
from server.petitions.words import PetitionState
from server.places.models import VillagePoint
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_free import hours_of
from server.scheduling.service_party import concerns, name_in
from server.scheduling.states import GONE
from server.sealing import current_sealer
from server.settings import Settings

_days: list[int] = [90]


def use_days(settings: Settings) -> None:
    """Look back this far from now on."""
    _days[:] = [settings.same_matter_days]


@dataclass(frozen=True)
class Earlier:
    """An earlier booking. ``here``: the actor may open it; what belongs to another point says only when and where."""

    number: str
    day: date
    minute: int | None
    point: str
    official: str
    post: str
    here: bool


def earlier_booking(
    db: Session, *, actor: Actor, now: datetime, name: str, id_number: str, content: str, by_mandate: bool = True
) -> Earlier | None:
    """The newest booking for which this person came, about the same; none where name and ID number are not both theirs.

    Whoever acts for many is not asked about all of them: without ``by_mandate`` only what they came for themselves.
    Nothing that was cancelled or missed, and nothing of which the actor must not know.
    """
    require(actor, Action.BOOK)
    index = current_sealer().index(id_number)
    rows = db.exec(
        select(Petition, Booking, Petitioner)
        .join(Booking, col(Booking.id) == Petition.booking_id)
        .join(Petitioner, col(Petitioner.id) == Petition.petitioner_id)
        .where(concerns(index, by_mandate=by_mandate), Petition.content == content)
        .where(col(Petition.state) != PetitionState.WITHDRAWN, col(Booking.state).not_in(GONE))
        .where(col(Booking.booked_at) > now - timedelta(days=_days[0]))
        .order_by(col(Booking.booked_at).desc(), col(Booking.id).desc())
    )
    for petition, booking, petitioner in rows:
        known = petitioner.name if petitioner.id_index == index else name_in(db, booking=booking, id_index=index)
        if known == name and not excluded(db, petition_id=petition.id or 0, actor=actor):
            return _earlier(db, actor, booking)
    return None


def _earlier(db: Session, actor: Actor, booking: Booking) -> Earlier:
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    official, point = db.get_one(User, day.official_id), db.get_one(VillagePoint, booking.point_id)
    minute = None if booking.slot is None else hours_of(day).minute(booking.slot)
    here = actor.role is Role.CLERK or actor.point_id == booking.point_id
    return Earlier(booking.number, day.day, minute, point.name, official.display_name, official.post, here)
