"""The planning aid: try a change on the district's own history, see how far it is, read what came of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now
from server.errors import Conflict, Invalid
from server.planning import labels, service_trials
from server.planning.chart import chart
from server.planning.summing import Group
from server.planning.trial import ROUNDS
from server.planning.trial_form import DAYS, VISITORS, checked_trial
from server.responses import page, refused, see_other

router = APIRouter(prefix="/admin/planning")
USUAL = {"officials": "0", "points": "0", "visitors": "100", "days": "1000"}


async def _read(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(_read)]


def _shown(db: Session, actor: Actor, now: datetime) -> dict[str, Any]:
    rows = service_trials.trials(db, actor=actor)
    known = service_trials.ground(db, actor=actor, now=now)
    return {"rows": rows, "ground": known, "labels": labels, "choices": {"days": DAYS, "visitors": VISITORS}}


@router.get("")
def trials(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """The form, and what was tried before."""
    with reading(engine) as db:
        shown = _shown(db, actor, now)
    return page(request, "admin/planning.html", values=USUAL, **shown)


@router.post("")
def ask(request: Request, engine: Database, actor: CurrentActor, now: Now, typed: Typed) -> Response:
    """Let a change be tried."""
    try:
        form = checked_trial(typed)
        with writing(engine) as db:
            row = service_trials.ask_trial(db, actor=actor, now=now, form=form)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            shown = _shown(db, actor, now)
        return refused(request, "admin/planning.html", error, values={**USUAL, **typed}, **shown)
    return see_other(f"/admin/planning/{row.id}")


@router.get("/{trial_id}")
def one_trial(request: Request, engine: Database, actor: CurrentActor, trial_id: Key) -> Response:
    """How far it is, or what came of it."""
    with reading(engine) as db:
        trial = service_trials.get_trial(db, actor=actor, trial_id=trial_id)
    context: dict[str, Any] = {"trial": trial, "labels": labels, "rounds": ROUNDS}
    if trial.result is not None:
        lines = trial.result.lines
        context["minutes"] = chart([one for one in lines if one.group is not Group.LEADS])
        context["days"] = chart([one for one in lines if one.group is Group.LEADS])
    return page(request, "admin/planning_trial.html", **context)


@router.post("/{trial_id}/cancel")
def cancel(engine: Database, actor: CurrentActor, now: Now, trial_id: Key) -> Response:
    """Stop it."""
    with writing(engine) as db:
        service_trials.cancel_trial(db, actor=actor, now=now, trial_id=trial_id)
    return see_other(f"/admin/planning/{trial_id}")
