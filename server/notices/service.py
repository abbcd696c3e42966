"""What goes into the outbox and out of it again. For services; checks no right."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from server.notices.models import Notice
from server.notices.planning import FOLLOWED, channels_for, worth_until
from server.notices.states import NOTICE, SendingEvent
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.places.models import VillagePoint
from server.transitions import advance

_in_use: list[frozenset[Channel]] = [frozenset()]


def use_channels(channels: Iterable[Channel]) -> None:
    """The ways that are set up beside screen and print, from now on."""
    _in_use[:] = [frozenset(channels)]


def channels_in_use() -> frozenset[Channel]:
    """The ways that are set up in this process."""
    return _in_use[0]


@dataclass(frozen=True)
class Addressee:
    """Who is told: a booking's petitioner, or somebody who waits for a place (``booking_id`` empty)."""

    number: str
    petitioner_id: int
    point_id: int
    phone: bool
    booking_id: int | None = None
    private: bool = False


@dataclass(frozen=True)
class Place:
    """The place a notice speaks of."""

    day: date
    starts_at: datetime | None
    official: str


def put(
    db: Session,
    *,
    now: datetime,
    event: NoticeEvent,
    to: Addressee,
    place: Place,
    at: datetime | None = None,
    due_at: datetime | None = None,
    about: datetime | None = None,
) -> None:
    """Into the outbox, in the caller's transaction, by every way that fits. The same thing twice is told once.

    ``about`` is the instant that makes it the same, else ``now``. What it makes pointless is dropped, if not yet sent.
    """
    drop(db, to=to, events=FOLLOWED.get(event, frozenset()))
    instant = (about or now).astimezone(UTC).isoformat()
    for channel in sorted(_ways(db, event, to)):
        key = f"{to.number}:{event}:{instant}:{channel}"
        known = db.exec(select(Notice).where(Notice.key == key)).first()
        if known is None:
            known = Notice(
                key=key,
                booking_id=to.booking_id,
                petitioner_id=to.petitioner_id,
                point_id=to.point_id,
                private=to.private,
                event=event,
                channel=channel,
                number=to.number,
                day=place.day,
                starts_at=place.starts_at,
                official=place.official,
                at=at,
                made_at=now,
                due_at=due_at or now,
                until=worth_until(event, now=now, starts_at=place.starts_at, at=at),
            )
        elif known.state is NoticeState.DROPPED:
            known.state = advance(NOTICE, known.state, SendingEvent.PLAN_AGAIN)
            known.official, known.due_at = place.official, due_at or now
        db.add(known)
    db.flush()


def drop(db: Session, *, to: Addressee, events: Collection[NoticeEvent]) -> None:
    """What was not sent yet of these events need not be told any more."""
    query = select(Notice).where(Notice.number == to.number, Notice.state == NoticeState.PENDING)
    for notice in db.exec(query.where(col(Notice.event).in_(events))):
        notice.state = advance(NOTICE, notice.state, SendingEvent.DROP)
        db.add(notice)
    db.flush()


def _ways(db: Session, event: NoticeEvent, to: Addressee) -> frozenset[Channel]:
    point = db.get_one(VillagePoint, to.point_id)
    in_use = channels_in_use()
    mail = Channel.EMAIL in in_use and bool(point.email)
    return channels_for(event, private=to.private, phone=Channel.SMS in in_use and to.phone, mail=mail)
