"""Whom a plan receives, and from how soon to how far ahead its days can be booked. Reads only."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from sqlmodel import Session, col, select

from server.accounts.roles import Actor, Role
from server.places.models import VillagePoint
from server.scheduling.models import ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.plan import Audience

EVERYBODY = Audience()


def audiences(db: Session, rule_ids: Collection[int]) -> Mapping[int, Audience]:
    """The audiences of these plans; a plan without rows receives everybody and is left out."""
    rows: dict[int, list[RuleAudience]] = {}
    for row in db.exec(select(RuleAudience).where(col(RuleAudience.rule_id).in_(rule_ids))):
        rows.setdefault(row.rule_id, []).append(row)
    return {
        rule_id: Audience(
            frozenset(one.township_id for one in some if one.township_id is not None),
            frozenset(one.content for one in some if one.content is not None),
            frozenset(one.unit_id for one in some if one.unit_id is not None),
        )
        for rule_id, some in rows.items()
    }


class Bookable:
    """Answers for many days whether an actor can book them for somebody; asks the database twice at most."""

    def __init__(
        self, db: Session, rule_ids: Collection[int | None], *, actor: Actor, point_id: int | None, content: str | None
    ) -> None:
        plans = {one for one in rule_ids if one is not None}
        chosen = actor.point_id if point_id is None else point_id
        point = None if chosen is None else db.get(VillagePoint, chosen)
        self._township_id = None if point is None else point.township_id
        self._rules = {one.id: one for one in db.exec(select(ReceptionRule).where(col(ReceptionRule.id).in_(plans)))}
        self._audiences = audiences(db, plans)
        self._content, self._staff = content, actor.role is Role.CLERK

        self._known: dict[int | None, bool] = {}

    def _admits(self, rule_id: int | None) -> bool:
        """Whether the plan receives this person; a day without a plan receives everybody."""
        if rule_id not in self._known:
            audience = self._audiences.get(rule_id or 0, EVERYBODY)
            self._known[rule_id] = audience.admits(township_id=self._township_id, content=self._content)
        return self._known[rule_id]

    def admits(self, day: ReceptionDay) -> bool:
        """Whether the plan of ``day`` receives this person; a day without a plan receives everybody."""
        return self._admits(day.rule_id)

    def in_time(self, day: ReceptionDay, today: date) -> bool:
        """Whether ``day`` is neither too soon nor too far ahead. Clerks may book later than the notice."""
        first, last = self._in_time(day.rule_id, today)
        return first <= day.day <= last

    def _in_time(self, rule_id: int | None, today: date) -> tuple[date, date]:
        rule = self._rules.get(rule_id)
        if rule is None:
            return date.min, date.max
        first = today if self._staff else today + timedelta(days=rule.notice_days)
        return first, today + timedelta(days=rule.horizon_days)

    def window(self, rule_id: int | None, today: date) -> tuple[date, date]:
        """The first and the last day of this plan that can be booked; the last before the first where none can."""
        return self._in_time(rule_id, today) if self._admits(rule_id) else (date.max, date.min)
