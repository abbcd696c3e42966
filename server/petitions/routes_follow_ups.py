"""The promises of a handler's unit: the list, one of them, what was done."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now, PageNumber
from server.errors import Invalid
from server.petitions import labels
from server.petitions.service_follow_up import PAGE, get_follow_up, list_of_unit, report
from server.petitions.service_view import progress_of
from server.petitions.words import FollowUpState
from server.responses import page, refused, see_other

router = APIRouter()
Text = Annotated[str, Form()]
FILTERS: dict[str, tuple[FollowUpState, ...]] = {
    "all": tuple(FollowUpState),
    "open": (FollowUpState.OPEN, FollowUpState.IN_PROGRESS),
    "done": (FollowUpState.DONE,),
}


@router.get("/follow-ups")
def follow_ups(
    request: Request, engine: Database, actor: CurrentActor, now: Now, state: str = "all", number: PageNumber = 1
) -> Response:
    """The unit's promises, the most overdue on top, done ones last."""
    chosen = state if state in FILTERS else "all"
    with reading(engine) as db:
        rows = list_of_unit(db, actor=actor, states=FILTERS[chosen], page=number)
    shown: dict[str, Any] = {"rows": rows[:PAGE], "number": number, "more": len(rows) > PAGE, "chosen": chosen}
    return page(request, "petitions/follow_ups.html", labels=labels, today=local_date(now), **shown)


def _context(db: Session, actor: Actor, follow_up_id: int) -> dict[str, Any]:
    follow_up, petition = get_follow_up(db, actor=actor, follow_up_id=follow_up_id)
    entries = progress_of(db, follow_up_ids=[follow_up_id])
    return {"follow_up": follow_up, "petition": petition, "entries": entries.get(follow_up_id, []), "labels": labels}


@router.get("/follow-ups/{follow_up_id}")
def follow_up(request: Request, engine: Database, actor: CurrentActor, now: Now, follow_up_id: Key) -> Response:
    """One promise with what was done about it."""
    with reading(engine) as db:
        context = _context(db, actor, follow_up_id)
    return page(request, "petitions/follow_up.html", today=local_date(now), **context)


@router.post("/follow-ups/{follow_up_id}/progress")
def progress(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    follow_up_id: Key,
    text: Text = "",
    done: Text = "",
) -> Response:
    """What was done; with ``done`` the promise is kept."""
    try:
        with writing(engine) as db:
            report(db, actor=actor, now=now, follow_up_id=follow_up_id, text=text, done=done == "yes")
    except Invalid as error:
        with reading(engine) as db:
            context = _context(db, actor, follow_up_id)
        values = {"text": text, "done": done}
        return refused(request, "petitions/follow_up.html", error, values=values, today=local_date(now), **context)
    return see_other(f"/follow-ups/{follow_up_id}")
