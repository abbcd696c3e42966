"""Asking a second and a third official to receive together with the first."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid
from server.responses import page, refused, see_other
from server.scheduling.service_inviting import receive_together, table_of

router = APIRouter(prefix="/desk/together")


@router.get("/{number}")
def together(request: Request, engine: Database, actor: CurrentActor, now: Now, number: str) -> Response:
    """Who receives a booking, and who could receive it too."""
    with reading(engine) as db:
        table = table_of(db, actor=actor, now=now, number=number)
    return page(request, "scheduling/together.html", table=table)


@router.post("/{number}")
def invite(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    number: str,
    officials: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """Take the same time of all of them, or of none."""
    try:
        with writing(engine) as db:
            receive_together(db, actor=actor, now=now, number=number, official_ids=officials or [])
    except (Conflict, Invalid) as error:
        with reading(engine) as db:
            table = table_of(db, actor=actor, now=now, number=number)
        return refused(request, "scheduling/together.html", error, values={}, table=table)
    return see_other(f"/desk/together/{number}")
