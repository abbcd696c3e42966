"""Keeping officials and units away from a booked matter, by its number."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts.roles import Action, require
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid, NotFound
from server.petitions.service_aside import aside_of, let_back, set_aside
from server.places.naming import row_id
from server.responses import page, refused, see_other

router = APIRouter(prefix="/aside")
Text = Annotated[str, Form()]


@router.get("")
def find(request: Request, engine: Database, actor: CurrentActor, number: str = "") -> Response:
    """Ask for the number of a booking, and go there."""
    require(actor, Action.SET_ASIDE)
    if not number.strip():
        return page(request, "petitions/aside_find.html", values={})
    try:
        with reading(engine) as db:
            found = aside_of(db, actor=actor, number=number.strip()).booking.number
    except NotFound as error:
        return refused(request, "petitions/aside_find.html", error, values={"number": number})
    return see_other(f"/aside/{found}")


@router.get("/{number}")
def aside(request: Request, engine: Database, actor: CurrentActor, number: str) -> Response:
    """Who receives, and whom the matter is kept from."""
    with reading(engine) as db:
        return page(request, "petitions/aside.html", aside=aside_of(db, actor=actor, number=number), values={})


@router.post("/{number}")
def keep_away(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: str, official: Text = "", unit: Text = ""
) -> Response:
    """Keep one official, or one unit, away."""
    try:
        with writing(engine) as db:
            named = {"official_id": row_id(official), "unit_id": row_id(unit)}
            set_aside(db, actor=actor, now=now, number=number, **named)
    except (Conflict, Invalid) as error:
        with reading(engine) as db:
            found, values = aside_of(db, actor=actor, number=number), {"official": official, "unit": unit}
        return refused(request, "petitions/aside.html", error, values=values, aside=found)
    return see_other(f"/aside/{number}")


@router.post("/{number}/back/{exclusion_id}")
def back(engine: Database, actor: CurrentActor, now: Now, number: str, exclusion_id: int) -> Response:
    """What was set aside by mistake."""
    with writing(engine) as db:
        let_back(db, actor=actor, now=now, number=number, exclusion_id=exclusion_id)
    return see_other(f"/aside/{number}")
