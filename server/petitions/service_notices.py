"""What was sent to whom, by which way, with what result; and sending again by hand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.errors import Conflict, NotFound
from server.notices.models import Notice
from server.notices.planning import FOLLOWED, STILL_WORTH
from server.notices.states import NOTICE, SendingEvent
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.petitions.models import Petition
from server.petitions.service_petition import known_to
from server.places.models import VillagePoint
from server.scheduling.models import Petitioner
from server.scheduling.service_free import instant_of
from server.transitions import advance

PAGE = 50
TO_LOOK_AT = (NoticeState.UNSURE, NoticeState.FAILED)


@dataclass(frozen=True)
class Sieve:
    """Which notices; what is empty does not sift. ``text``: part of a number, or the end of a phone number."""

    text: str = ""
    event: NoticeEvent | None = None
    channel: Channel | None = None
    state: NoticeState | None = None
    day: date | None = None


@dataclass(frozen=True)
class NoticeRow:
    """A notice with the visitor's name and the point."""

    notice: Notice
    name: str | None
    point: str


def notice_rows(db: Session, *, actor: Actor, sieve: Sieve, page: int = 1) -> list[NoticeRow]:
    """The newest first; nothing of a matter that excludes the actor.

    One more row than ``PAGE`` says that there is a next page.
    """
    require(actor, Action.SEE_NOTICES)
    rows = db.exec(
        select(Notice, Petitioner, VillagePoint)
        .join(Petitioner, col(Petitioner.id) == Notice.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Notice.point_id)
        .join(Petition, col(Petition.booking_id) == Notice.booking_id, isouter=True)
        .where(known_to(actor), *_sifted(sieve))
        .order_by(col(Notice.due_at).desc(), col(Notice.id).desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    return [NoticeRow(notice, petitioner.name, point.name) for notice, petitioner, point in rows]


def to_look_at(db: Session, *, actor: Actor) -> int:
    """How many wait for a person: those that were not, or only perhaps, sent."""
    require(actor, Action.SEE_NOTICES)
    query = (
        select(func.count())
        .select_from(Notice)
        .join(Petition, col(Petition.booking_id) == Notice.booking_id, isouter=True)
    )
    return db.exec(query.where(known_to(actor), col(Notice.state).in_(TO_LOOK_AT))).one()


def _sifted(sieve: Sieve) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sieve.text:
        text = sieve.text.strip()
        found.append(or_(col(Notice.number).contains(text, autoescape=True), _ends_with(text)))
    if sieve.event is not None:
        found.append(col(Notice.event) == sieve.event)
    if sieve.channel is not None:
        found.append(col(Notice.channel) == sieve.channel)
    if sieve.state is not None:
        found.append(col(Notice.state) == sieve.state)
    if sieve.day is not None:
        begins = instant_of(sieve.day, 0)
        found += [col(Notice.due_at) >= begins, col(Notice.due_at) < begins + timedelta(days=1)]
    return found


def _ends_with(text: str) -> ColumnElement[bool]:
    return col(Notice.sent_to).endswith(text[-4:], autoescape=True)


def send_again(db: Session, *, actor: Actor, now: datetime, notice_id: int) -> Notice:
    """Put a notice that was not, or only perhaps, sent into the outbox again. Quiet hours hold for it too."""
    require(actor, Action.SEE_NOTICES)
    notice = _known(db, actor, notice_id)
    if _outdated(db, notice, now):
        raise Conflict(
            "notice_outdated", "This is not true any more. The visitor was told, or will be, what holds now."
        )
    notice.state = advance(NOTICE, notice.state, SendingEvent.SEND_AGAIN)
    notice.due_at, notice.until, notice.attempts, notice.fault = now, max(notice.until, now + STILL_WORTH), 0, ""
    db.add(notice)
    db.flush()
    detail = {"number": notice.number, "kind": notice.event.value}
    record(db, actor=actor, now=now, action="notice.sent_again", subject="notice", subject_id=notice_id, detail=detail)
    return notice


def _known(db: Session, actor: Actor, notice_id: int) -> Notice:
    query = (
        select(Notice)
        .join(Petition, col(Petition.booking_id) == Notice.booking_id, isouter=True)
        .where(Notice.id == notice_id, known_to(actor))
    )
    notice = db.exec(query).first()
    if notice is None:
        raise NotFound("no_such_notice", "This notice is not there any more.")
    return notice


def _outdated(db: Session, notice: Notice, now: datetime) -> bool:
    """Whether something newer was told since, or its time is over."""
    newer = select(Notice).where(Notice.number == notice.number, Notice.made_at > notice.made_at)
    over = notice.at is not None and notice.at <= now
    return over or any(notice.event in FOLLOWED.get(one.event, ()) for one in db.exec(newer))
