"""What goes into the outbox and out of it again. For services; checks no right."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
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
    """Who is told: a booking's petitioner, or somebody who waits for a place (``booking_id`` empty).

    ``phone``: whether there is one that takes texts.
    """

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
    drop(db, to=to, events=FOLLOWED.get(event, ()))
    instant = (about or now).astimezone(UTC).isoformat()
    for channel in sorted(_ways(db, event, to)):
        notice = Notice(
            key=f"{to.number}:{event}:{instant}:{channel}",
            event=event,
            channel=channel,
            at=at,
            made_at=now,
            due_at=due_at or now,
            until=worth_until(event, now=now, starts_at=place.starts_at, at=at),
            number=to.number,
            booking_id=to.booking_id,
            petitioner_id=to.petitioner_id,
            point_id=to.point_id,
            private=to.private,
            **asdict(place),
        )
        _add_once(db, notice)
    db.flush()


def _add_once(db: Session, notice: Notice) -> None:
    """Unless it is there; one that was dropped is wanted again."""
    known = db.exec(select(Notice).where(Notice.key == notice.key)).first()
    if known is None:
        db.add(notice)
    elif known.state is NoticeState.DROPPED:
        known.state = advance(NOTICE, known.state, SendingEvent.PLAN_AGAIN)
        known.official, known.due_at = notice.official, notice.due_at
        db.add(known)


def drop(db: Session, *, to: Addressee, events: Collection[NoticeEvent]) -> None:
    """What was not sent yet of these events need not be told any more."""
    if not events:
        return
    query = select(Notice).where(Notice.number == to.number, Notice.state == NoticeState.PENDING)
    for notice in db.exec(query.where(col(Notice.event).in_(events))):
        notice.state = advance(NOTICE, notice.state, SendingEvent.DROP)
        db.add(notice)
    db.flush()


def print_out(db: Session, *, now: datetime, notice: Notice) -> None:
    """Note that what stands on a screen was printed; again: another sheet of the same."""
    key = f"{notice.key.removesuffix(Channel.SCREEN)}{Channel.PRINT}"
    sheet = db.exec(select(Notice).where(Notice.key == key)).first()
    if sheet is None:
        same = notice.model_dump(exclude={"id", "key", "channel", "state", "attempts"})
        sheet = Notice(key=key, channel=Channel.PRINT, state=NoticeState.SENT, **same)
    sheet.attempts, sheet.sent_at = sheet.attempts + 1, now
    db.add(sheet)
    db.flush()


def _ways(db: Session, event: NoticeEvent, to: Addressee) -> frozenset[Channel]:
    point = db.get_one(VillagePoint, to.point_id)
    in_use = channels_in_use()
    mail = Channel.EMAIL in in_use and bool(point.email)
    return channels_for(event, private=to.private, phone=Channel.SMS in in_use and to.phone, mail=mail)
