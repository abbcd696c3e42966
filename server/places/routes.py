"""Kiosk enrolment and the call for help."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts.service import KIOSK_STAY, start_kiosk_sign_in
from server.database import writing
from server.dependencies import CurrentActor, Database, Now, address_of, attempts_at
from server.errors import LianxinError
from server.places.service import call_help, enrol_kiosk
from server.responses import page, refused, see_other, with_cookie

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/kiosk/enrol")
def enrol_form(request: Request, actor: CurrentActor) -> Response:
    """How to trust the certificate, and the field for the code."""
    return page(request, "places/enrol.html")


@router.post("/kiosk/enrol")
def enrol(request: Request, engine: Database, now: Now, code: Text) -> Response:
    """Redeem the code; from now on this browser is the kiosk."""
    keys, attempts = (f"address {address_of(request)}",), attempts_at(request, "enrol")
    try:
        attempts.take(keys, now)
        with writing(engine) as db:
            token = start_kiosk_sign_in(db, kiosk=enrol_kiosk(db, code=code, now=now), now=now)
        attempts.give_back(keys)
    except LianxinError as error:
        return refused(request, "places/enrol.html", error, values={"code": code})
    return with_cookie(see_other("/kiosk"), request, token, days=KIOSK_STAY.days)


@router.post("/kiosk/help")
def help_wanted(request: Request, engine: Database, now: Now, actor: CurrentActor, page_name: Text = "") -> Response:
    """Ring at the office and say so."""
    with writing(engine) as db:
        call_help(db, actor=actor, now=now, page=page_name)
    return page(request, "places/help_called.html")
