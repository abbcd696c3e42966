"""Asking how a matter stands, with the number and the code on the slip."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.database import reading
from server.dependencies import CurrentActor, Database, Now, address_of, attempts_at
from server.errors import Conflict, Invalid, LianxinError
from server.petitions import labels
from server.petitions.categories import OUTCOMES
from server.petitions.service_ask import ask
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
        with counted(request, now, number), reading(engine) as db:
            matter = ask(db, actor=actor, now=now, number=number, code=code)
    except LianxinError as error:
        return refused(request, "petitions/ask.html", error, values={"number": number})
    context: dict[str, Any] = {"labels": labels, "outcomes": OUTCOMES, "code": code, "changed": False}
    return page(request, "petitions/answer.html", matter=matter, **context)


@contextmanager
def counted(request: Request, now: datetime, number: str) -> Iterator[None]:
    """A try with a code: it counts against the address and the number, unless it was right."""
    keys = (f"address {address_of(request)}", f"number {number.strip()[:24].upper()}")
    attempts = attempts_at(request, "ask")
    attempts.take(keys, now)
    try:
        yield
    except (Conflict, Invalid):
        attempts.give_back(keys)
        raise
    attempts.give_back(keys)
