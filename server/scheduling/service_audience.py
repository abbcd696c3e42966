"""Whom a plan receives, and from how soon to how far ahead its days can be booked. Reads only."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import Session

from server.accounts.roles import Actor, Role
from server.database import table_of
from server.places.models import VillagePoint
from server.scheduling.models import ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.plan import Audience

EVERYBODY = Audience()


def audiences(db: Session, rule_ids: Collection[int]) -> Mapping[int, Audience]:
    """The audiences of these plans; a plan without rows receives everybody and is left out."""
    rows: dict[int, list[tuple[int | None, str | None, int | None]]] = {}
    table = table_of(RuleAudience).c
    columns = (table.rule_id, table.township_id, table.content, table.unit_id)
    for rule_id, *whom in db.connection().execute(select(*columns).where(table.rule_id.in_(rule_ids))).all():
        rows.setdefault(rule_id, []).append((whom[0], whom[1], whom[2]))
    return {
        rule_id: Audience(
            frozenset(township_id for township_id, _, _ in some if township_id is not None),
            frozenset(content for _, content, _ in some if content is not None),
            frozenset(unit_id for _, _, unit_id in some if unit_id is not None),
        )
        for rule_id, some in rows.items()
    }


class Bookable:
    """Answers for many days whether an actor can book them for somebody; asks the database three times at most."""

    def __init__(
        self, db: Session, rule_ids: Collection[int | None], *, actor: Actor, point_id: int | None, content: str | None
    ) -> None:
        plans = {one for one in rule_ids if one is not None}
        chosen = actor.point_id if point_id is None else point_id
        point = None if chosen is None else db.get(VillagePoint, chosen)
        self._township_id = None if point is None else point.township_id
        rule = table_of(ReceptionRule).c
        rules = select(rule.id, rule.notice_days, rule.horizon_days).where(rule.id.in_(plans))
        self._rules = {one: (notice, horizon) for one, notice, horizon in db.connection().execute(rules).all()}
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
        rule = self._rules.get(rule_id or 0)
        if rule is None:
            return date.min, date.max
        notice, horizon = rule
        first = today if self._staff else today + timedelta(days=notice)
        return first, today + timedelta(days=horizon)

    def window(self, rule_id: int | None, today: date) -> tuple[date, date]:
        """The first and the last day of this plan that can be booked; the last before the first where none can."""
        return self._in_time(rule_id, today) if self._admits(rule_id) else (date.max, date.min)
