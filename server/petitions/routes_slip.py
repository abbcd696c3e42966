"""The slip that the villager takes home."""

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from server.database import reading
from server.dependencies import CurrentActor, Database, Now
from server.petitions.service_view import slip_of
from server.responses import page

router = APIRouter()


@router.get("/kiosk/reception/{number}/slip")
def slip(request: Request, engine: Database, actor: CurrentActor, now: Now, number: str) -> Response:
    """Number, codes, promises. The drawing leads to the question page and says the number, never the query code."""
    with reading(engine) as db:
        found = slip_of(db, actor=actor, number=number, now=now)
    address = f"{request.base_url}ask?number={found.booking.number}"
    drawing = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=2)
    return page(
        request,
        "petitions/slip.html",
        slip=found,
        drawing=Markup(drawing),  # noqa: S704 - made here from our own address, not from anybody's text
        ask_address=f"{request.base_url}ask",
    )
