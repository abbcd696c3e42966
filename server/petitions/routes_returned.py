"""Minutes that a clerk returned: the official completes them beside what was written, and hands them in again."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Invalid, NotFound
from server.petitions import labels
from server.petitions.service_minutes import add_addendum
from server.petitions.service_record import Record, record_of_petition
from server.petitions.service_review import list_returned, resubmit
from server.responses import page, refused, see_other

router = APIRouter(prefix="/returned")
Text = Annotated[str, Form()]


@router.get("")
def returned(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """What was returned, and why."""
    with reading(engine) as db:
        rows = list_returned(db, actor=actor)
    return page(request, "review/returned.html", rows=rows)


def _record(db: Session, actor: Actor, token: str) -> Record:
    for session, petition, _ in list_returned(db, actor=actor):
        if session.token == token:
            return record_of_petition(db, actor=actor, petition_id=petition.id or 0)
    raise NotFound("not_returned", "These minutes were not returned, or are handed in already.")


@router.get("/{token}")
def one(request: Request, engine: Database, actor: CurrentActor, token: str) -> Response:
    """The minutes with the clerk's reason."""
    with reading(engine) as db:
        record = _record(db, actor, token)
    return page(request, "review/complete.html", record=record, labels=labels)


@router.post("/{token}/addenda")
def complete(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    token: str,
    text: Text = "",
    line: Text = "",
    wording: Text = "",
    request_key: Text = "",
) -> Response:
    """Write beside a line, or beside the whole."""
    number = int(line[:12]) if line.isascii() and line.isdecimal() else None
    typed: dict[str, Any] = {"text": text, "line": number, "wording": wording}
    try:
        with writing(engine) as db:
            add_addendum(db, actor=actor, now=now, token=token, request_key=request_key, **typed)
    except Invalid as error:
        with reading(engine) as db:
            record = _record(db, actor, token)
        return refused(request, "review/complete.html", error, values=typed, record=record, labels=labels)
    return see_other(f"/returned/{token}")


@router.post("/{token}/hand-in")
def hand_in(engine: Database, actor: CurrentActor, now: Now, token: str) -> Response:
    """Into review again."""
    with writing(engine) as db:
        resubmit(db, actor=actor, now=now, token=token)
    return see_other("/returned")
