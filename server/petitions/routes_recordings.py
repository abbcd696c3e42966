"""The administrator's page of recordings: which are kept beyond their time, and which were deleted."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now, SettingsDep
from server.errors import Invalid
from server.petitions.service_retention import deleted_rows, held_rows, hold_recording, release_recording
from server.responses import page, refused, see_other
from server.settings import Settings

router = APIRouter(prefix="/admin/recordings")
Text = Annotated[str, Form()]
TEMPLATE = "admin/recordings.html"


def _context(db: Session, actor: Actor, settings: Settings) -> dict[str, Any]:
    held, deleted = held_rows(db, actor=actor), deleted_rows(db, actor=actor)
    return {"held": held, "deleted": deleted, "keep_days": settings.recording_keep_days}


@router.get("")
def recordings(request: Request, engine: Database, actor: CurrentActor, settings: SettingsDep) -> Response:
    """Holds, and what was deleted."""
    with reading(engine) as db:
        return page(request, TEMPLATE, **_context(db, actor, settings))


@router.post("")
def hold(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    settings: SettingsDep,
    number: Text = "",
    reason: Text = "",
) -> Response:
    """Keep a recording beyond its time."""
    try:
        with writing(engine) as db:
            hold_recording(db, actor=actor, now=now, number=number[:64], reason=reason)
    except Invalid as error:
        with reading(engine) as db:
            values = {"number": number, "reason": reason}
            return refused(request, TEMPLATE, error, values=values, **_context(db, actor, settings))
    return see_other("/admin/recordings?done=held")


@router.post("/{session_id}/release")
def release(engine: Database, actor: CurrentActor, now: Now, session_id: Key) -> Response:
    """Let its time decide again."""
    with writing(engine) as db:
        release_recording(db, actor=actor, now=now, session_id=session_id)
    return see_other("/admin/recordings?done=released")
