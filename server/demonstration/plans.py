"""Plans of the first officials: two published, one with an exception, and a draft."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from server.accounts.roles import Actor, Role
from server.clock import local_date
from server.demonstration.district import Planted
from server.scheduling.models import PlanChange, ReceptionRule, RuleAudience
from server.scheduling.service_plan_days import extend_plans
from server.scheduling.words import ChangeKind, OnDayOff, PlanState, Repeat

PLANTING = Actor(role=Role.ADMINISTRATOR, name="demonstration")
HOURS = [[9 * 60, 11 * 60 + 30], [14 * 60, 16 * 60]]


def plant_plans(db: Session, *, now: datetime, planted: Planted) -> None:
    """Plans that hold from four weeks on, after the days that are planted one by one."""
    first = local_date(now) + timedelta(weeks=4, days=1)
    kept: dict[str, Any] = {"valid_from": first, "on_day_off": OnDayOff.MOVE, "spans": HOURS}
    ids = [one.id or 0 for one in planted.officials[:3]]
    weekly = ReceptionRule(official_id=ids[0], repeat=Repeat.WEEKLY, weekdays=1 << 1, state=PlanState.PUBLISHED, **kept)
    monthly = ReceptionRule(
        official_id=ids[1], repeat=Repeat.MONTH_DAY, month_days=1 << 1 | 1 << 15, state=PlanState.PUBLISHED, **kept
    )
    draft = ReceptionRule(official_id=ids[2], repeat=Repeat.NTH_WEEKDAY, weekdays=1 << 3, ordinals=0b1010, **kept)
    db.add_all([weekly, monthly, draft])
    db.flush()
    tuesday = first + timedelta(days=(1 - first.weekday()) % 7)
    off = PlanChange(rule_id=weekly.id or 0, day=tuesday, kind=ChangeKind.CANCELLED, why="外出学习")
    db.add_all([off, RuleAudience(rule_id=monthly.id or 0, content="housing")])
    db.flush()
    extend_plans(db, actor=PLANTING, now=now)
