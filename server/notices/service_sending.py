"""The outbox being emptied: claimed, sent, noted. For services; checks no right.

A notice is claimed for good before it is sent, so that none goes out twice, whatever dies meanwhile: one that was
claimed and never noted is ``UNSURE`` after a while, and a person decides.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from server.notices.models import Notice
from server.notices.planning import next_try
from server.notices.sending import Came
from server.notices.states import NOTICE, SendingEvent
from server.notices.words import Channel, NoticeState
from server.transitions import advance

LEASE = timedelta(minutes=10)
"""Longer than any sending takes."""
AT_ONCE = 200


def has_work(db: Session, *, now: datetime, ways: Collection[Channel]) -> bool:
    """Whether ``tidy`` or ``claim`` would do anything."""
    work = or_(_late(now), _lost(now), _due(now, {*ways, Channel.SCREEN}))
    return db.exec(select(Notice.id).where(work).limit(1)).first() is not None


def tidy(db: Session, *, now: datetime) -> None:
    """Drop what came too late, mark what was lost, and note what stands on the screens now."""
    for notice in db.exec(select(Notice).where(_late(now)).limit(AT_ONCE)):
        _step(db, notice, SendingEvent.DROP, fault="too_late")
    for notice in db.exec(select(Notice).where(_lost(now)).limit(AT_ONCE)):
        _step(db, notice, SendingEvent.LOSE, fault="no_answer")
    db.flush()
    for notice in db.exec(select(Notice).where(_due(now, {Channel.SCREEN})).limit(AT_ONCE)):
        _step(db, notice, SendingEvent.CLAIM)
        _step(db, notice, SendingEvent.SUCCEED)
        notice.sent_at = now
    db.flush()


def claim(db: Session, *, now: datetime, ways: Collection[Channel]) -> Notice | None:
    """The next one to be sent, which nobody else sends from now on."""
    query = select(Notice).where(_due(now, ways)).order_by(col(Notice.due_at), col(Notice.id)).limit(1)
    notice = db.exec(query).first()
    if notice is not None:
        _step(db, notice, SendingEvent.CLAIM)
        notice.claimed_at, notice.attempts = now, notice.attempts + 1
        db.flush()
    return notice


def note(db: Session, *, now: datetime, notice_id: int, came: Came) -> None:
    """What came of it. A failure is tried again, in growing pauses, as long as that would help."""
    notice = db.get_one(Notice, notice_id)
    again = next_try(notice.attempts, now=now, until=notice.until) if came.event is SendingEvent.WAIT else None
    event = SendingEvent.GIVE_UP if came.event is SendingEvent.WAIT and again is None else came.event
    if (notice.state, event) not in NOTICE:
        return
    _step(db, notice, event, fault=came.fault)
    notice.due_at = again or notice.due_at
    notice.sent_at = now if event is SendingEvent.SUCCEED else None
    db.flush()


def forget(db: Session, *, now: datetime, keep_days: int) -> int:
    """Delete what was told so long ago; how many."""
    old = list(db.exec(select(Notice).where(Notice.until < now - timedelta(days=keep_days)).limit(AT_ONCE)))
    for notice in old:
        db.delete(notice)
    return len(old)


def _step(db: Session, notice: Notice, event: SendingEvent, fault: str = "") -> None:
    notice.state, notice.fault = advance(NOTICE, notice.state, event), fault
    db.add(notice)


def _late(now: datetime) -> ColumnElement[bool]:
    return and_(col(Notice.state) == NoticeState.PENDING, col(Notice.until) <= now)


def _lost(now: datetime) -> ColumnElement[bool]:
    return and_(col(Notice.state) == NoticeState.SENDING, col(Notice.claimed_at) <= now - LEASE)


def _due(now: datetime, ways: Collection[Channel]) -> ColumnElement[bool]:
    pending = and_(col(Notice.state) == NoticeState.PENDING, col(Notice.due_at) <= now, col(Notice.until) > now)
    return and_(pending, col(Notice.channel).in_(ways))
