"""A place beyond the rules, for one booking by its number."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid, NotFound
from server.petitions.booking_steps import Step, checked, slot_ids
from server.petitions.service_override import outside_of, override
from server.places.naming import row_id
from server.responses import page, refused, see_other
from server.scheduling.typed import typed_day

router = APIRouter(prefix="/override/{number}")
Text = Annotated[str, Form()]
PAGE = "petitions/override.html"


@router.get("")
def outside(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: str, official: str = "", day: str = ""
) -> Response:
    """Whose days there are, their free times, and the end of the list."""
    with reading(engine) as db:
        chosen, on = row_id(official), typed_day(day)
        found = outside_of(db, actor=actor, now=now, number=number, official_id=chosen, on=on)
    return page(request, PAGE, outside=found, values={})


@router.post("")
def give(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    number: str,
    answer: Text = "",
    why: Text = "",
    official: Text = "",
    day: Text = "",
) -> Response:
    """Give the place; what was typed stays where it is refused."""
    try:
        day_id, slot = slot_ids(checked(Step.SLOT, answer))
        with writing(engine) as db:
            override(db, actor=actor, now=now, number=number, reception_day_id=day_id, slot=slot, why=why)
    except (Conflict, Invalid, NotFound) as error:
        with reading(engine) as db:
            chosen, on = row_id(official), typed_day(day)
            found = outside_of(db, actor=actor, now=now, number=number, official_id=chosen, on=on)
        return refused(request, PAGE, error, values={"why": why}, outside=found)
    return see_other(f"/kiosk/book/done/{number}")
