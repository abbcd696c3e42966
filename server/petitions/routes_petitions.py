"""One petition: how it stands, its clocks, its promises; the person behind it on a logged click."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Action, Actor, may
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now
from server.petitions import labels
from server.petitions.categories import CONTENTS, OUTCOMES, PURPOSES
from server.petitions.service_view import petition_view, see_petition, unmask
from server.responses import page
from server.scheduling.party import SCOPES

router = APIRouter()


def _context(db: Session, actor: Actor, petition_id: int) -> dict[str, Any]:
    return {
        "view": petition_view(db, actor=actor, petition_id=petition_id),
        "labels": labels,
        "outcomes": OUTCOMES,
        "purposes": PURPOSES,
        "contents": CONTENTS,
        "scopes": SCOPES,
        "may_unmask": may(actor, Action.UNMASK),
        "may_read_minutes": may(actor, Action.WRITE_MINUTES),
        "may_review": may(actor, Action.REVIEW),
    }


@router.get("/petitions/{petition_id}")
def petition(request: Request, engine: Database, actor: CurrentActor, now: Now, petition_id: Key) -> Response:
    """The petition, the person masked; that it was opened is logged."""
    with writing(engine) as db:
        see_petition(db, actor=actor, now=now, petition_id=petition_id)
    with reading(engine) as db:
        context = _context(db, actor, petition_id)
    return page(request, "petitions/petition.html", person=None, today=local_date(now), **context)


@router.post("/petitions/{petition_id}/person")
def person(request: Request, engine: Database, actor: CurrentActor, now: Now, petition_id: Key) -> Response:
    """The same page with the person in full, once; that it was looked at is logged."""
    with writing(engine) as db:
        found = unmask(db, actor=actor, now=now, petition_id=petition_id)
        context = _context(db, actor, petition_id)
    return page(request, "petitions/petition.html", person=found, today=local_date(now), **context)
