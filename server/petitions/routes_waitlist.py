"""The waitlist: one's own place in the line and the offer to answer, and the whole line for the office."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts.roles import Action, require
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid
from server.petitions.service_change import cancel_booking
from server.petitions.service_waiting import accept_offer, decline_offer
from server.responses import page, refused, see_other
from server.scheduling.service_line import line, standing_of
from server.scheduling.waitlist import FAIR

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/waitlist")
def whole_line(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """Everybody who waits, in order, with what is offered to whom."""
    require(actor, Action.REVIEW)
    with reading(engine) as db:
        rows = line(db, actor=actor)
    return page(request, "booking/line.html", rows=rows, fair=FAIR)


@router.get("/kiosk/waitlist/{number}")
def standing(request: Request, engine: Database, actor: CurrentActor, number: str) -> Response:
    """One's own place in the line, or the offer to answer."""
    with reading(engine) as db:
        found = standing_of(db, actor=actor, number=number)
    if found.mine is None and found.offered is None:
        return see_other(f"/kiosk/reception/{found.booking.number}")
    return page(request, "booking/waiting.html", standing=found, fair=FAIR)


@router.post("/kiosk/waitlist/{number}/accept")
def accept(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: str, request_key: Text = ""
) -> Response:
    """Take the offered time."""
    try:
        with writing(engine) as db:
            booking = accept_offer(db, actor=actor, now=now, number=number, request_key=request_key)
    except (Conflict, Invalid) as error:
        with reading(engine) as db:
            found = standing_of(db, actor=actor, number=number)
        if found.mine is None and found.offered is None:
            raise
        return refused(request, "booking/waiting.html", error, values={}, standing=found, fair=FAIR)
    return see_other(f"/kiosk/book/done/{booking.number}")


@router.post("/kiosk/waitlist/{number}/decline")
def decline(engine: Database, actor: CurrentActor, now: Now, number: str, request_key: Text = "") -> Response:
    """Let the offered time go to the next one, and wait on."""
    with writing(engine) as db:
        decline_offer(db, actor=actor, now=now, number=number, request_key=request_key)
    return see_other(f"/kiosk/waitlist/{number}")


@router.post("/kiosk/waitlist/{number}/leave")
def leave(engine: Database, actor: CurrentActor, now: Now, number: str) -> Response:
    """Wait no more."""
    with writing(engine) as db:
        booking = cancel_booking(db, actor=actor, now=now, number=number, code=None, reason="")
    return see_other(f"/kiosk/reception/{booking.number}")
