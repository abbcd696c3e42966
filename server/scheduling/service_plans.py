"""Plans: written as drafts, seen before they are kept, published, withdrawn, with exceptions for single days."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record
from server.errors import Conflict, Invalid, NotFound
from server.places.models import Township, Unit
from server.places.naming import optional_line
from server.scheduling.joining import Terms
from server.scheduling.models import PlanChange, ReceptionRule, RuleAudience
from server.scheduling.plan import LAST, Audience, Change
from server.scheduling.plan_form import PlanForm
from server.scheduling.service_audience import EVERYBODY, audiences
from server.scheduling.service_plan_days import Drawn, Outcome, carry_out, change_of, changes_of, drawn, outcome
from server.scheduling.states import PLAN, PlanEvent
from server.scheduling.words import PlanState
from server.transitions import advance


@dataclass(frozen=True)
class Plan:
    """A plan with its official, whom it receives, and its exceptions."""

    row: ReceptionRule
    official: User
    audience: Audience
    changes: list[PlanChange]


def list_plans(db: Session, *, actor: Actor) -> list[Plan]:
    """Every plan, by official; those withdrawn last."""
    require(actor, Action.SET_UP)
    rows = db.exec(
        select(ReceptionRule, User)
        .join(User, col(User.id) == ReceptionRule.official_id)
        .order_by(col(User.id), col(ReceptionRule.id))
    ).all()
    known = audiences(db, [row.id or 0 for row, _ in rows])
    plans = [Plan(row, user, known.get(row.id or 0, EVERYBODY), changes_of(db, row.id or 0)) for row, user in rows]
    return sorted(plans, key=lambda one: one.row.state is PlanState.WITHDRAWN)


def get_plan(db: Session, *, actor: Actor, rule_id: int) -> Plan:
    """One plan."""
    require(actor, Action.SET_UP)
    row = db.get(ReceptionRule, rule_id)
    if row is None:
        raise NotFound("no_such_plan", "This plan is not there any more.")
    audience = audiences(db, [rule_id]).get(rule_id, EVERYBODY)
    return Plan(row, db.get_one(User, row.official_id), audience, changes_of(db, rule_id))


def choices(db: Session, *, actor: Actor) -> tuple[list[Township], list[Unit]]:
    """The townships and units a plan can be for."""
    require(actor, Action.SET_UP)
    units = select(Unit).where(col(Unit.active)).order_by(col(Unit.id))
    return list(db.exec(select(Township).order_by(Township.area_code))), list(db.exec(units))


def preview(db: Session, *, actor: Actor, now: datetime, rule_id: int | None, form: PlanForm) -> Outcome:
    """What the plan as typed would mean. For a plan that is not published: which days it would name."""
    require(actor, Action.SET_UP)
    official = db.get(User, form.official_id)
    if official is None or official.role is not Role.OFFICIAL or not official.active:
        raise Invalid("official_missing", "Please choose the official.", field="official_id")
    plan = None if rule_id is None else get_plan(db, actor=actor, rule_id=rule_id)
    if plan is not None and plan.row.official_id != form.official_id:
        raise Invalid("other_official", "A plan stays with its official. Please make a new one.", field="official_id")
    changes = [] if plan is None else [change_of(one) for one in plan.changes]
    state = PlanState.DRAFT if plan is None else plan.row.state
    terms = Terms(form.audience, form.notice_days, form.horizon_days)
    return outcome(db, now=now, plan=Drawn(form.official_id, rule_id, form.rule, changes, terms, state))


def save(db: Session, *, actor: Actor, now: datetime, rule_id: int | None, form: PlanForm, seen: str) -> ReceptionRule:
    """Keep the plan as it was shown; a new one is a draft. ``seen`` is the digest of the outcome shown."""
    found = preview(db, actor=actor, now=now, rule_id=rule_id, form=form)
    _refuse_unseen(found, seen)
    row = ReceptionRule(**_columns(form)) if rule_id is None else db.get_one(ReceptionRule, rule_id)
    for name, value in _columns(form).items():
        setattr(row, name, value)
    db.add(row)
    db.flush()
    _keep_audience(db, row.id or 0, form.audience)
    action = "plan.made" if rule_id is None else "plan.changed"
    record(db, actor=actor, now=now, action=action, subject="plan", subject_id=row.id or 0)
    carry_out(db, actor=actor, now=now, row=row, found=found)
    return row


def _refuse_unseen(found: Outcome, seen: str) -> None:
    if found.digest != seen:
        raise Conflict("effects_changed", "Something has changed meanwhile. Please look at the effects once more.")


def _columns(form: PlanForm) -> dict[str, Any]:
    rule = form.rule
    return {
        "official_id": form.official_id,
        "repeat": rule.repeat,
        "weekdays": sum(1 << day for day in rule.weekdays),
        "ordinals": sum(1 << (6 if one == LAST else one) for one in rule.ordinals),
        "month_days": sum(1 << day for day in rule.month_days),
        "valid_from": rule.valid_from,
        "valid_until": rule.valid_until,
        "on_day_off": rule.on_day_off,
        "spans": [list(one) for one in rule.hours.spans],
        "slot_minutes": rule.hours.length,
        "buffer_minutes": rule.hours.buffer,
        "capacity": rule.hours.capacity,
        "notice_days": form.notice_days,
        "horizon_days": form.horizon_days,
    }


def _keep_audience(db: Session, rule_id: int, audience: Audience) -> None:
    db.exec(delete(RuleAudience).where(col(RuleAudience.rule_id) == rule_id))
    townships, units = set(db.exec(select(Township.id))), set(db.exec(select(Unit.id)))
    db.add_all(RuleAudience(rule_id=rule_id, township_id=one) for one in sorted(audience.townships) if one in townships)
    db.add_all(RuleAudience(rule_id=rule_id, content=one) for one in sorted(audience.contents))
    db.add_all(RuleAudience(rule_id=rule_id, unit_id=one) for one in sorted(audience.units) if one in units)
    db.flush()


def preview_event(db: Session, *, actor: Actor, now: datetime, rule_id: int, event: PlanEvent) -> Outcome:
    """What publishing or withdrawing would mean."""
    plan = get_plan(db, actor=actor, rule_id=rule_id)
    return _outcome(db, now, plan, [change_of(one) for one in plan.changes], advance(PLAN, plan.row.state, event))


def move(db: Session, *, actor: Actor, now: datetime, rule_id: int, event: PlanEvent, seen: str) -> ReceptionRule:
    """Publish or withdraw a plan, as it was shown."""
    found = preview_event(db, actor=actor, now=now, rule_id=rule_id, event=event)
    _refuse_unseen(found, seen)
    row = db.get_one(ReceptionRule, rule_id)
    before, row.state = row.state, advance(PLAN, row.state, event)
    db.add(row)
    detail = {"from": before.value, "to": row.state.value}
    record(db, actor=actor, now=now, action=f"plan.{event.value}", subject="plan", subject_id=rule_id, detail=detail)
    carry_out(db, actor=actor, now=now, row=row, found=found)
    return row


def preview_change(db: Session, *, actor: Actor, now: datetime, rule_id: int, change: Change) -> Outcome:
    """What an exception for one day would mean; an earlier one of that day is replaced."""
    plan = get_plan(db, actor=actor, rule_id=rule_id)
    others = [change_of(one) for one in plan.changes if one.day != change.day]
    return _outcome(db, now, plan, [*others, change], plan.row.state)


def save_change(
    db: Session, *, actor: Actor, now: datetime, rule_id: int, change: Change, why: str, seen: str
) -> PlanChange:
    """Keep the exception, as it was shown."""
    found = preview_change(db, actor=actor, now=now, rule_id=rule_id, change=change)
    _refuse_unseen(found, seen)
    query = select(PlanChange).where(PlanChange.rule_id == rule_id, PlanChange.day == change.day)
    row = db.exec(query).first() or PlanChange(rule_id=rule_id, day=change.day, kind=change.kind)
    row.kind, row.spans = change.kind, [list(one) for one in change.spans]
    row.why = optional_line(why, field="why", most=200)
    db.add(row)
    db.flush()
    detail = {"day": change.day.isoformat(), "kind": change.kind.value, "why": row.why}
    record(db, actor=actor, now=now, action="plan.excepted", subject="plan", subject_id=rule_id, detail=detail)
    carry_out(db, actor=actor, now=now, row=db.get_one(ReceptionRule, rule_id), found=found)
    return row


def remove_change(db: Session, *, actor: Actor, now: datetime, rule_id: int, change_id: int) -> None:
    """The day follows the plan again."""
    plan = get_plan(db, actor=actor, rule_id=rule_id)
    row = next((one for one in plan.changes if one.id == change_id), None)
    if row is None:
        return
    db.delete(row)
    db.flush()
    detail = {"day": row.day.isoformat()}
    record(db, actor=actor, now=now, action="plan.unexcepted", subject="plan", subject_id=rule_id, detail=detail)
    others = [change_of(one) for one in plan.changes if one.id != change_id]
    carry_out(db, actor=actor, now=now, row=plan.row, found=_outcome(db, now, plan, others, plan.row.state))


def _outcome(db: Session, now: datetime, plan: Plan, changes: list[Change], state: PlanState) -> Outcome:
    return outcome(db, now=now, plan=replace(drawn(db, plan.row), changes=changes, state=state))
