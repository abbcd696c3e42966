"""Another time for a booking, or none: at the kiosk of its point, and anywhere with number and code.

The pages are the same. With a code they are sent as forms, so that it stands in no address.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid, LianxinError
from server.petitions import booking_steps, labels
from server.petitions.categories import OUTCOMES
from server.petitions.routes_ask import counted
from server.petitions.service_ask import ask
from server.petitions.service_change import cancel_booking, change_time, other_times, own_booking
from server.responses import page, refused, see_other
from server.scheduling.service_nearest import slots_named
from server.scheduling.service_offers import booked_view

router = APIRouter()
Text = Annotated[str, Form()]
TIMES, CANCEL = "petitions/times.html", "petitions/cancel.html"


def _context(
    db: Session, actor: Actor, now: datetime, number: str, code: str | None, *, others: bool = False, day: str = ""
) -> dict[str, Any]:
    """What both pages show: the booking as it stands, and the free times."""
    own = own_booking(db, actor=actor, now=now, number=number, code=code)
    times = other_times(db, actor=actor, now=now, own=own, others=others, day=day)
    base = f"/kiosk/reception/{own.booking.number}" if code is None else "/ask"
    view = booked_view(db, booking=own.booking)
    return {"own": own, "view": view, "times": times, "others": others, "base": base, "code": code, "nearest": []}


def _again(
    request: Request, db: Session, actor: Actor, now: datetime, number: str, code: str | None, error: LianxinError
) -> Response:
    """The times once more, the nearest free ones first."""
    context = _context(db, actor, now, number, code)
    nearest: Any = error.params.get("nearest", ())
    context["nearest"] = slots_named(db, nearest)
    return refused(request, TIMES, error, values={}, **context)


@router.get("/kiosk/reception/{number}/times")
def times_here(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: str, day: str = "", others: bool = False
) -> Response:
    """Other free times for a booking of this point."""
    with reading(engine) as db:
        return page(request, TIMES, **_context(db, actor, now, number, None, others=others, day=day))


@router.post("/kiosk/reception/{number}/change")
def change_here(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: str, answer: Text = ""
) -> Response:
    """Move it, and show the number with the new time."""
    try:
        with writing(engine) as db:
            booking = _change(db, actor, now, number, None, answer)
    except (Conflict, Invalid) as error:
        with reading(engine) as db:
            return _again(request, db, actor, now, number, None, error)
    return see_other(f"/kiosk/book/done/{booking}")


def _change(db: Session, actor: Actor, now: datetime, number: str, code: str | None, answer: str) -> str:
    day_id, slot = booking_steps.slot_ids(booking_steps.checked(booking_steps.Step.SLOT, answer))
    if slot is None:
        raise Invalid("slot_missing", "Please choose a time.", field="slot")
    told = {"number": number, "code": code, "reception_day_id": day_id, "slot": slot}
    return change_time(db, actor=actor, now=now, **told).number  # type: ignore[arg-type]


@router.get("/kiosk/reception/{number}/cancel")
def cancel_question(request: Request, engine: Database, actor: CurrentActor, now: Now, number: str) -> Response:
    """Whether it is really to be cancelled, and why; the reason may be left out."""
    with reading(engine) as db:
        return page(request, CANCEL, reasons=labels.CANCEL_REASONS, **_context(db, actor, now, number, None))


@router.post("/kiosk/reception/{number}/cancel")
def cancel_here(engine: Database, actor: CurrentActor, now: Now, number: str, reason: Text = "") -> Response:
    """Cancel, and show that it is."""
    with writing(engine) as db:
        cancel_booking(db, actor=actor, now=now, number=number, code=None, reason=reason)
    return see_other(f"/kiosk/reception/{number}")


@router.post("/ask/times")
def times_by_code(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    number: Text = "",
    code: Text = "",
    day: Text = "",
    others: Text = "",
) -> Response:
    """Other free times, for whoever has number and code."""
    with counted(request, now, number), reading(engine) as db:
        return page(request, TIMES, **_context(db, actor, now, number, code, others=bool(others), day=day))


@router.post("/ask/change")
def change_by_code(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    number: Text = "",
    code: Text = "",
    answer: Text = "",
) -> Response:
    """Move it, and show how it stands."""
    try:
        with counted(request, now, number), writing(engine) as db:
            _change(db, actor, now, number, code, answer)
    except (Conflict, Invalid) as error:
        with reading(engine) as db:
            return _again(request, db, actor, now, number, code, error)
    return _how_it_stands(request, engine, actor, now, number, code)


def _how_it_stands(request: Request, engine: Database, actor: Actor, now: datetime, number: str, code: str) -> Response:
    with reading(engine) as db:
        matter = ask(db, actor=actor, now=now, number=number, code=code)
    context: dict[str, Any] = {"labels": labels, "outcomes": OUTCOMES, "code": code, "changed": True}
    return page(request, "petitions/answer.html", matter=matter, **context)


@router.post("/ask/cancel-question")
def cancel_question_by_code(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: Text = "", code: Text = ""
) -> Response:
    """Whether it is really to be cancelled, for whoever has number and code."""
    with counted(request, now, number), reading(engine) as db:
        return page(request, CANCEL, reasons=labels.CANCEL_REASONS, **_context(db, actor, now, number, code))


@router.post("/ask/cancel")
def cancel_by_code(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    number: Text = "",
    code: Text = "",
    reason: Text = "",
) -> Response:
    """Cancel, and show how it stands."""
    with counted(request, now, number), writing(engine) as db:
        cancel_booking(db, actor=actor, now=now, number=number, code=code, reason=reason)
    return _how_it_stands(request, engine, actor, now, number, code)
