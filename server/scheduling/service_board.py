"""What stands on a kiosk's screen for those who come to its point today; printing it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from server.accounts.roles import Action, Actor, require
from server.clock import local_date
from server.errors import NotFound
from server.notices.models import Notice
from server.notices.service import print_out
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.places.models import VillagePoint
from server.scheduling.models import Booking, Petitioner
from server.scheduling.words import BookingState

SHOWN = (NoticeState.PENDING, NoticeState.SENT)
IN_HOUSE = (BookingState.WAITING, BookingState.HELD)
OVER = (BookingState.IN_SESSION, BookingState.DONE)
E = NoticeEvent
FOR_THOSE_HERE = frozenset({E.OFFERED, E.OFFER_OVER, E.OFFICIAL_CHANGED, E.COME_BACK, E.OVERRUN})
FOR_THOSE_TO_COME = frozenset(NoticeEvent) - {E.BOOKED}
"""Whoever has just booked has it on paper."""


@dataclass(frozen=True)
class Posted:
    """A notice with the name of its visitor, and the point."""

    notice: Notice
    name: str | None
    point: str


def posted_here(db: Session, *, actor: Actor, now: datetime) -> list[Posted]:
    """The newest word to each of today's people of the actor's point, the newest first; nothing of private talks.

    Today's people are also those who were to come today until they were told otherwise, and who have an offer.
    """
    require(actor, Action.CHECK_IN)
    rows = db.exec(
        select(Notice, Petitioner, VillagePoint, Booking)
        .join(Petitioner, col(Petitioner.id) == Notice.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Notice.point_id)
        .join(Booking, col(Booking.id) == Notice.booking_id, isouter=True)
        .where(Notice.point_id == actor.point_id, col(Notice.number).in_(_todays(actor, now)))
        .where(Notice.channel == Channel.SCREEN, col(Notice.state).in_(SHOWN), Notice.due_at <= now)
        .where(col(Notice.private).is_(False))
        .order_by(col(Notice.due_at), col(Notice.id))
    )
    newest: dict[str, Posted] = {}
    for notice, person, point, booking in rows:
        newest.pop(notice.number, None)
        if _matters(notice, booking, now):
            newest[notice.number] = Posted(notice, person.name, point.name)
    return list(reversed(newest.values()))


def _todays(actor: Actor, now: datetime) -> SelectOfScalar[str]:
    offered = and_(col(Notice.event) == E.OFFERED, col(Notice.at) > now)
    query = select(Notice.number).where(Notice.point_id == actor.point_id, Notice.channel == Channel.SCREEN)
    return query.where(or_(col(Notice.day) == local_date(now), offered))


def _matters(notice: Notice, booking: Booking | None, now: datetime) -> bool:
    if (notice.at is not None and notice.at <= now) or (booking is not None and booking.state in OVER):
        return False
    here = booking is not None and booking.state in IN_HOUSE
    return notice.event in (FOR_THOSE_HERE if here else FOR_THOSE_TO_COME)


def posted(db: Session, *, actor: Actor, now: datetime, notice_id: int) -> Posted:
    """One of them."""
    for one in posted_here(db, actor=actor, now=now):
        if one.notice.id == notice_id:
            return one
    raise NotFound("no_such_notice", "This notice is not there any more.")


def print_posted(db: Session, *, actor: Actor, now: datetime, notice_id: int) -> None:
    """Note that it is printed here."""
    print_out(db, now=now, notice=posted(db, actor=actor, now=now, notice_id=notice_id).notice)
