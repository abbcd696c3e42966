"""Checks of points: kept with the point, seen by the administrator, a failed one by those who receive today."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from server.accounts.roles import Action, Actor, require
from server.clock import local_date
from server.places.models import ReadinessCheck, VillagePoint
from server.places.readiness import FAILED, Figures, Judgement, judge

KEPT = timedelta(days=90)
AGAIN_AFTER = timedelta(minutes=30)


def keep_check(db: Session, *, actor: Actor, now: datetime, figures: Figures) -> Judgement:
    """Judge a check and keep it with the actor's point; somebody without a point is only told."""
    require(actor, Action.CHECK_IN)
    judged = judge(figures)
    if actor.point_id is not None:
        trip = figures.round_trip_ms
        row = ReadinessCheck(
            point_id=actor.point_id,
            checked_at=now,
            kind=judged.kind,
            loss_percent=round(100 * figures.loss),
            round_trip_ms=None if trip is None else round(trip),
        )
        db.add(row)
        for old in db.exec(select(ReadinessCheck).where(ReadinessCheck.checked_at < now - KEPT)):
            db.delete(old)
    return judged


def newest_checks(db: Session, *, actor: Actor, point_ids: Collection[int]) -> dict[int, ReadinessCheck]:
    """The newest check of each of these points that had one, for the administrator."""
    require(actor, Action.SET_UP)
    return {check.point_id: check for check, _ in _newest(db, point_ids)}


def failed_today(
    db: Session, *, actor: Actor, now: datetime, point_ids: Collection[int]
) -> list[tuple[ReadinessCheck, str]]:
    """Of these points those whose newest check is of today and failed, each with the point's name, by time."""
    require(actor, Action.SEE_WAITING_LIST)
    today = local_date(now)
    failed = [
        (check, name)
        for check, name in _newest(db, point_ids)
        if check.kind in FAILED and local_date(check.checked_at) == today
    ]
    return sorted(failed, key=lambda pair: pair[0].checked_at)


def is_due(db: Session, *, actor: Actor, now: datetime) -> bool:
    """Whether the actor's point should try itself: not tried today yet, or failed and not tried anew for a while."""
    require(actor, Action.CHECK_IN)
    newest = _newest(db, () if actor.point_id is None else (actor.point_id,))
    today = [check for check, _ in newest if local_date(check.checked_at) == local_date(now)]
    return not today or (today[0].kind in FAILED and now - today[0].checked_at >= AGAIN_AFTER)


def _newest(db: Session, point_ids: Collection[int]) -> list[tuple[ReadinessCheck, str]]:
    newest = (
        select(func.max(ReadinessCheck.id))
        .where(col(ReadinessCheck.point_id).in_(point_ids))
        .group_by(col(ReadinessCheck.point_id))
    )
    rows = db.exec(
        select(ReadinessCheck, VillagePoint.name)
        .join(VillagePoint, col(VillagePoint.id) == ReadinessCheck.point_id)
        .where(col(ReadinessCheck.id).in_(newest))
    )
    return [(check, name) for check, name in rows]
