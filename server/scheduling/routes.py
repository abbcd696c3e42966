"""The kiosk: its start page, and the way from arriving to the talk."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts.roles import Action, Role, require
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid, LianxinError
from server.responses import page, refused, see_other
from server.scheduling.service import booking_by_number
from server.scheduling.service_board import posted_here
from server.scheduling.service_line import is_asked, line_at_point
from server.scheduling.service_list import give_consent
from server.scheduling.service_offers import booked_view, day_of, today_at_point
from server.scheduling.service_once import check_in_once
from server.scheduling.service_order import reasons_offered
from server.scheduling.words import BookingState

router = APIRouter(prefix="/kiosk")
Text = Annotated[str, Form()]


@router.get("")
def home(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """Few large actions; after a power cut the way back into a talk comes first."""
    if actor.role is Role.PUBLIC:
        return see_other("/kiosk/enrol")
    require(actor, Action.BOOK)
    with reading(engine) as db:
        here = today_at_point(db, actor=actor, now=now) if actor.role is Role.KIOSK else []
        posted = posted_here(db, actor=actor, now=now) if actor.point_id is not None else []
    arrived = [one for one in here if one.booking.state in {BookingState.WAITING, BookingState.IN_SESSION}]
    return page(request, "scheduling/home.html", arrived=arrived, posted=posted)


@router.get("/reception")
def receptions(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """Today's receptions at this point, or any by its number."""
    with reading(engine) as db:
        here, waiting = today_at_point(db, actor=actor, now=now), line_at_point(db, actor=actor)
    return page(request, "scheduling/receptions.html", here=here, waiting=waiting, now=now)


@router.post("/reception")
def find(request: Request, engine: Database, actor: CurrentActor, now: Now, number: Text = "") -> Response:
    """To the reception with this number."""
    try:
        with reading(engine) as db:
            found = booking_by_number(db, actor=actor, number=number)
    except LianxinError as error:
        with reading(engine) as db:
            here, waiting = today_at_point(db, actor=actor, now=now), line_at_point(db, actor=actor)
        error.field = "number"
        shown = {"here": here, "waiting": waiting, "now": now}
        return refused(request, "scheduling/receptions.html", error, values={"number": number}, **shown)
    return see_other(f"/kiosk/reception/{found.number}")


@router.get("/reception/{number}")
def reception(request: Request, engine: Database, actor: CurrentActor, now: Now, number: str) -> Response:
    """One reception: when, with whom, and the one next step."""
    with reading(engine) as db:
        booking = booking_by_number(db, actor=actor, number=number)
        if is_asked(db, booking=booking):
            return see_other(f"/kiosk/waitlist/{booking.number}")
        view, when = booked_view(db, booking=booking), day_of(db, booking=booking)
    reasons, today = reasons_offered(), local_date(now)
    return page(request, "scheduling/reception.html", view=view, when=when, today=today, reasons=reasons)


@router.post("/reception/{number}/check-in")
def arrive(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    number: str,
    priority: Text = "",
    request_key: Text = "",
) -> Response:
    """The visitor is there; on to the check of camera and microphone. Staff only write the arrival down."""
    try:
        with writing(engine) as db:
            booking = check_in_once(db, actor=actor, now=now, number=number, priority=priority, request_key=request_key)
    except (Conflict, Invalid) as error:
        with reading(engine) as db:
            booking = booking_by_number(db, actor=actor, number=number)
            view, when = booked_view(db, booking=booking), day_of(db, booking=booking)
        shown = {"view": view, "when": when, "today": local_date(now), "reasons": reasons_offered()}
        return refused(request, "scheduling/reception.html", error, values={}, **shown)
    onward = "/talk" if booking.state is BookingState.IN_SESSION else "/check"
    return see_other(f"/kiosk/reception/{booking.number}{onward if actor.role is Role.KIOSK else ''}")


@router.get("/reception/{number}/check")
def check(request: Request, engine: Database, actor: CurrentActor, number: str) -> Response:
    """Camera, microphone and connection, tried in the browser."""
    with reading(engine) as db:
        booking = booking_by_number(db, actor=actor, number=number)
    onward = "consent" if booking.consent is None else "talk"
    return page(request, "scheduling/check.html", booking=booking, onward=f"/kiosk/reception/{number}/{onward}")


@router.get("/reception/{number}/consent")
def consent_question(request: Request, engine: Database, actor: CurrentActor, number: str) -> Response:
    """May we record? Two equal answers."""
    with reading(engine) as db:
        booking = booking_by_number(db, actor=actor, number=number)
    return page(request, "scheduling/consent.html", booking=booking)


@router.post("/reception/{number}/consent")
def consent(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: str, answer: Text = ""
) -> Response:
    """Keep the answer and go to the talk."""
    try:
        if answer not in {"yes", "no"}:
            raise Invalid("consent_missing", "Please choose one of the two answers.", field="answer")
        with writing(engine) as db:
            give_consent(db, actor=actor, now=now, number=number, consent=answer == "yes")
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            booking = booking_by_number(db, actor=actor, number=number)
        if booking.state is BookingState.IN_SESSION:
            return see_other(f"/kiosk/reception/{number}/talk")
        return refused(request, "scheduling/consent.html", error, values={}, booking=booking)
    return see_other(f"/kiosk/reception/{number}/talk")
