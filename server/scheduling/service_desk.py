"""Whose desk it is. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.clock import local_date
from server.errors import NotFound
from server.scheduling.models import ReceptionDay


@dataclass(frozen=True)
class Receiving:
    """An official who receives today, and when."""

    official: User
    day: ReceptionDay


def receiving_today(db: Session, *, actor: Actor, now: datetime) -> list[Receiving]:
    """Everybody who receives today, for a clerk who writes the minutes."""
    require(actor, Action.RUN_LIST)
    rows = db.exec(
        select(User, ReceptionDay)
        .join(ReceptionDay, col(ReceptionDay.official_id) == User.id)
        .where(ReceptionDay.day == local_date(now), col(ReceptionDay.cancelled).is_(False))
        .order_by(col(ReceptionDay.opens_minute), col(User.id))
    )
    return [Receiving(user, day) for user, day in rows]


def official_named(db: Session, *, official_id: int) -> User:
    """The official of a list."""
    found = db.get(User, official_id)
    if found is None or found.role is not Role.OFFICIAL:
        raise NotFound("no_such_list", "Please choose whose list you want to work with.")
    return found
