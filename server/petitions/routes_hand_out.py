"""The one file of a talk for handing out: ask for it, see how far it is, take it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now, SettingsDep
from server.media.ports import SIDE_BY_SIDE
from server.petitions import labels
from server.petitions.service_hand_out import ask_hand_out, cancel_hand_out, hand_out_of, no_hand_out, take_hand_out
from server.petitions.service_record import record_by_token
from server.ranges import stored_answer
from server.responses import page, see_other
from server.sealing import recording_key

router = APIRouter(prefix="/reviews/{token}/hand-out")


@router.get("")
def how_far(request: Request, engine: Database, actor: CurrentActor, token: str) -> Response:
    """Its place on the page of the minutes, as it is now."""
    with reading(engine) as db:
        hand_out_of(db, actor=actor, token=token)
        record = record_by_token(db, actor=actor, token=token)
    return page(request, "review/hand_out.html", record=record, labels=labels)


@router.post("")
def ask(
    engine: Database, actor: CurrentActor, now: Now, token: str, again: Annotated[bool, Form()] = False
) -> Response:
    """Let it be made, in the background."""
    with writing(engine) as db:
        ask_hand_out(db, actor=actor, now=now, token=token, again=again)
    return see_other(f"/reviews/{token}#hand-out")


@router.post("/cancel")
def cancel(engine: Database, actor: CurrentActor, now: Now, token: str) -> Response:
    """Do not make it after all."""
    with writing(engine) as db:
        cancel_hand_out(db, actor=actor, now=now, token=token)
    return see_other(f"/reviews/{token}#hand-out")


@router.get("/file")
def take(
    request: Request, engine: Database, actor: CurrentActor, now: Now, settings: SettingsDep, token: str
) -> Response:
    """The file itself, in ranges; each time is logged."""
    with writing(engine) as db:
        name = take_hand_out(db, actor=actor, now=now, token=token)
    path = settings.sessions_dir / token / SIDE_BY_SIDE
    key = recording_key(settings.recording_key.get_secret_value(), token)
    answer = stored_answer(request, path, key, media_type="video/mp4", missing=no_hand_out())
    answer.headers["content-disposition"] = f'attachment; filename="{name}"'
    return answer
