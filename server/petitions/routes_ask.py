"""Asking how a matter stands, with the number and the code on the slip."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import Engine

from server.accounts.roles import Actor
from server.database import reading
from server.dependencies import CurrentActor, Database, Now, address_of, attempts_at
from server.errors import LianxinError
from server.petitions import labels
from server.petitions.categories import OUTCOMES
from server.petitions.service_ask import MatterView, ask
from server.responses import page, refused

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/ask")
def ask_form(request: Request, actor: CurrentActor, number: str = "") -> Response:
    """The question: number and code. The address on the slip fills the number in, never the code."""
    return page(request, "petitions/ask.html", values={"number": number[:24]})


@router.post("/ask")
def ask_now(
    request: Request, engine: Database, actor: CurrentActor, now: Now, number: Text = "", code: Text = ""
) -> Response:
    """How it stands, in plain words."""
    number, code = number.strip()[:24], code.strip()[:24]
    try:
        matter = _counted_answer(request, engine, actor, now, number, code)
    except LianxinError as error:
        return refused(request, "petitions/ask.html", error, values={"number": number})
    return page(request, "petitions/answer.html", matter=matter, labels=labels, outcomes=OUTCOMES)


def _counted_answer(
    request: Request, engine: Engine, actor: Actor, now: datetime, number: str, code: str
) -> MatterView:
    keys = (f"address {address_of(request)}", f"number {number.upper()}")
    attempts = attempts_at(request, "ask")
    attempts.take(keys, now)
    with reading(engine) as db:
        matter = ask(db, actor=actor, number=number, code=code)
    attempts.give_back(keys)
    return matter
