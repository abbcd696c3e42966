"""The administrator's plans: seen before they are kept, published, withdrawn, with exceptions for single days."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sqlalchemy import Engine
from sqlmodel import Session

from server.accounts.roles import Actor
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid
from server.responses import page, refused, see_other
from server.scheduling import service_plans as plans
from server.scheduling.contents import CONTENTS
from server.scheduling.labels import CHANGES, ORDINALS, PLAN_STATES, REPEATS, WEEKDAYS
from server.scheduling.plan_form import PlanForm, Typed, checked_change, checked_plan, one, typed_again
from server.scheduling.service_days import officials
from server.scheduling.service_moving import off_plan_days
from server.scheduling.service_plan_days import rule_of
from server.scheduling.states import PlanEvent

router = APIRouter(prefix="/admin/plans")
Key = Annotated[int, Path(ge=1, le=999_999_999)]
TABLES: dict[str, Any] = {
    "repeats": REPEATS,
    "weekdays": WEEKDAYS,
    "ordinals": ORDINALS,
    "contents": CONTENTS,
    "states": PLAN_STATES,
    "kinds": CHANGES,
}
USUAL: dict[str, list[str]] = {
    "repeat": ["weekly"],
    "on_day_off": ["move"],
    **{"from_1": ["9:00"], "to_1": ["12:00"], "slot_minutes": ["20"], "buffer_minutes": ["0"], "capacity": ["1"]},
    **{"notice_days": ["3"], "horizon_days": ["28"]},
}


async def _read(request: Request) -> dict[str, list[str]]:
    typed: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            typed.setdefault(name, []).append(value)
    return typed


Read = Annotated[dict[str, list[str]], Depends(_read)]


def _values(plan: plans.Plan) -> Typed:
    row = plan.row
    return typed_again(PlanForm(row.official_id, rule_of(row), row.notice_days, row.horizon_days, plan.audience))


def _shown(db: Session, actor: Actor, values: Typed, rule_id: int | None, **more: Any) -> dict[str, Any]:
    """Everything the page of a plan needs."""
    townships, units = plans.choices(db, actor=actor)
    plan = None if rule_id is None else plans.get_plan(db, actor=actor, rule_id=rule_id)
    single = {name: one(values, name) for name in values}
    told = {"plan": plan, "people": officials(db, actor=actor), "townships": townships, "units": units, "many": values}
    return {**told, "typed": single, "values": single, **TABLES, **more}


@router.get("")
def all_plans(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """The plans, and on top what waits for a person."""
    with reading(engine) as db:
        rows = plans.list_plans(db, actor=actor)
        waiting = off_plan_days(db, actor=actor)
    return page(request, "admin/plans.html", rows=[(row, rule_of(row.row)) for row in rows], waiting=waiting, **TABLES)


@router.get("/new")
def new_plan(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """The form, with what is usual."""
    usual = {**USUAL, "valid_from": [local_date(now).isoformat()]}
    with reading(engine) as db:
        shown = _shown(db, actor, usual, None)
    return page(request, "admin/plan.html", **shown)


@router.get("/{rule_id}")
def one_plan(request: Request, engine: Database, actor: CurrentActor, rule_id: Key) -> Response:
    """One plan as a form, its state and its exceptions."""
    with reading(engine) as db:
        shown = _shown(db, actor, _values(plans.get_plan(db, actor=actor, rule_id=rule_id)), rule_id)
    return page(request, "admin/plan.html", **shown)


@dataclass(frozen=True)
class Asked:
    """One request about a plan; ``rule_id`` is empty for a new one."""

    request: Request
    engine: Engine
    actor: Actor
    now: datetime
    typed: Typed
    rule_id: int | None


def _preview(asked: Asked, told: Conflict | None = None) -> Response:
    """What the plan as typed means; after a conflict what it means by now."""
    who: dict[str, Any] = {"actor": asked.actor, "now": asked.now, "rule_id": asked.rule_id}
    with reading(asked.engine) as db:
        shown = _shown(db, asked.actor, asked.typed, asked.rule_id)
        try:
            found = plans.preview(db, form=checked_plan(asked.typed), **who)
        except (Invalid, Conflict) as error:
            return refused(asked.request, "admin/plan.html", error, **shown)
    if told is not None:
        return refused(asked.request, "admin/plan.html", told, outcome=found, **shown)
    return page(asked.request, "admin/plan.html", outcome=found, **shown)


def _save(asked: Asked) -> Response:
    typed, new = asked.typed, asked.rule_id is None
    try:
        form = checked_plan(typed)
        with writing(asked.engine) as db:
            told: dict[str, Any] = {"rule_id": asked.rule_id, "form": form, "seen": one(typed, "seen")}
            row = plans.save(db, actor=asked.actor, now=asked.now, **told)
    except Conflict as error:
        return _preview(asked, error)
    except Invalid:
        return _preview(asked)
    return see_other(f"/admin/plans/{row.id}?done={'added' if new else 'saved'}")


@router.post("/preview")
def preview_new(request: Request, engine: Database, actor: CurrentActor, now: Now, typed: Read) -> Response:
    """Which days the plan as typed names."""
    return _preview(Asked(request, engine, actor, now, typed, None))


@router.post("/{rule_id}/preview")
def preview(request: Request, engine: Database, actor: CurrentActor, now: Now, rule_id: Key, typed: Read) -> Response:
    """Which days change, and which bookings that touches."""
    return _preview(Asked(request, engine, actor, now, typed, rule_id))


@router.post("")
def add_plan(request: Request, engine: Database, actor: CurrentActor, now: Now, typed: Read) -> Response:
    """Keep a new plan as a draft."""
    return _save(Asked(request, engine, actor, now, typed, None))


@router.post("/{rule_id}")
def save_plan(request: Request, engine: Database, actor: CurrentActor, now: Now, rule_id: Key, typed: Read) -> Response:
    """Keep the plan as it was shown."""
    return _save(Asked(request, engine, actor, now, typed, rule_id))


@router.get("/{rule_id}/state/{event}")
def state_question(
    request: Request, engine: Database, actor: CurrentActor, now: Now, rule_id: Key, event: PlanEvent
) -> Response:
    """What publishing or withdrawing means."""
    with reading(engine) as db:
        plan = plans.get_plan(db, actor=actor, rule_id=rule_id)
        found = plans.preview_event(db, actor=actor, now=now, rule_id=rule_id, event=event)
    return page(request, "admin/plan_state.html", plan=plan, event=event.value, outcome=found)


@router.post("/{rule_id}/state/{event}")
def change_state(
    request: Request, engine: Database, actor: CurrentActor, now: Now, rule_id: Key, event: PlanEvent, typed: Read
) -> Response:
    """Publish or withdraw."""
    try:
        with writing(engine) as db:
            plans.move(db, actor=actor, now=now, rule_id=rule_id, event=event, seen=one(typed, "seen"))
    except Conflict as error:
        if error.code != "effects_changed":
            raise
        return see_other(f"/admin/plans/{rule_id}/state/{event.value}")
    return see_other(f"/admin/plans/{rule_id}?done={event.value}")


@router.get("/{rule_id}/change")
def new_change(
    request: Request, engine: Database, actor: CurrentActor, rule_id: Key, day: str = "", kind: str = ""
) -> Response:
    """An exception for one day."""
    with reading(engine) as db:
        shown = _shown(db, actor, {"day": [day], "kind": [kind or "cancelled"]}, rule_id)
    return page(request, "admin/plan_change.html", **shown)


def _preview_change(asked: Asked, told: Conflict | None = None) -> Response:
    rule_id = asked.rule_id or 0
    with reading(asked.engine) as db:
        shown = _shown(db, asked.actor, asked.typed, rule_id)
        try:
            change = checked_change(asked.typed, after=local_date(asked.now))
            found = plans.preview_change(db, actor=asked.actor, now=asked.now, rule_id=rule_id, change=change)
        except (Invalid, Conflict) as error:
            return refused(asked.request, "admin/plan_change.html", error, **shown)
    if told is not None:
        return refused(asked.request, "admin/plan_change.html", told, outcome=found, **shown)
    return page(asked.request, "admin/plan_change.html", outcome=found, **shown)


@router.post("/{rule_id}/change/preview")
def preview_change(
    request: Request, engine: Database, actor: CurrentActor, now: Now, rule_id: Key, typed: Read
) -> Response:
    """What the exception means."""
    return _preview_change(Asked(request, engine, actor, now, typed, rule_id))


@router.post("/{rule_id}/change")
def save_change(
    request: Request, engine: Database, actor: CurrentActor, now: Now, rule_id: Key, typed: Read
) -> Response:
    """Keep the exception as it was shown."""
    asked = Asked(request, engine, actor, now, typed, rule_id)
    try:
        change, told = (
            checked_change(typed, after=local_date(now)),
            {"why": one(typed, "why"), "seen": one(typed, "seen")},
        )
        with writing(engine) as db:
            plans.save_change(db, actor=actor, now=now, rule_id=rule_id, change=change, **told)
    except Conflict as error:
        return _preview_change(asked, error)
    except Invalid:
        return _preview_change(asked)
    return see_other(f"/admin/plans/{rule_id}?done=saved")


@router.post("/{rule_id}/change/{change_id}/remove")
def remove_change(engine: Database, actor: CurrentActor, now: Now, rule_id: Key, change_id: Key) -> Response:
    """The day follows the plan again."""
    with writing(engine) as db:
        plans.remove_change(db, actor=actor, now=now, rule_id=rule_id, change_id=change_id)
    return see_other(f"/admin/plans/{rule_id}?done=saved")
