"""Reviews: the list, the minutes beside the recording, the recording's files."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import anyio.from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts.roles import Action, Actor, require
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Media, Now, PageNumber, SettingsDep
from server.errors import Invalid, LianxinError, NotFound, Unavailable
from server.media.ports import MediaPort, RecordedFile
from server.petitions import labels
from server.petitions.categories import OUTCOMES
from server.petitions.deadlines import Limits
from server.petitions.service_minutes import add_addendum
from server.petitions.service_record import Record, record_by_token, review_rows, see_minutes, see_recording
from server.petitions.service_review import PAGE, TO_REVIEW, approve, send_back
from server.petitions.service_workbench import workbench
from server.petitions.words import PetitionState
from server.ranges import stored_answer
from server.responses import page, refused, see_other
from server.sealing import recording_key
from server.settings import Settings

router = APIRouter()
Text = Annotated[str, Form()]
FILTERS: dict[str, tuple[PetitionState, ...]] = {
    "open": TO_REVIEW,
    "in_review": (PetitionState.IN_REVIEW,),
    "returned": (PetitionState.RETURNED,),
    "approved": (PetitionState.REGISTERED, PetitionState.HANDLING, PetitionState.CLOSED),
}


@router.get("/reviews")
def reviews(
    request: Request, engine: Database, actor: CurrentActor, now: Now, state: str = "open", number: PageNumber = 1
) -> Response:
    """Minutes that wait for a clerk, the oldest first."""
    chosen = state if state in FILTERS else "open"
    with reading(engine) as db:
        rows = review_rows(db, actor=actor, now=now, states=FILTERS[chosen], page=number)
    shown: dict[str, Any] = {"rows": rows[:PAGE], "number": number, "more": len(rows) > PAGE}
    return page(request, "review/list.html", chosen=chosen, labels=labels, outcomes=OUTCOMES, **shown)


def finished_files(media: MediaPort, record: Record) -> tuple[Sequence[RecordedFile], str]:
    """The files of a talk, and in one word how far they are: ready, not_ready, none, deleted, away."""
    if record.session.recording_started_at is None or record.deleted is not None:
        return (), "none" if record.deleted is None else "deleted"
    try:
        files = anyio.from_thread.run(partial(media.files, session=record.session.token))
    except NotFound:
        return (), "not_ready"
    except Unavailable:
        return (), "away"
    return files, "ready" if files else "not_ready"


def _review_context(media: MediaPort, record: Record) -> dict[str, Any]:
    files, how_far = finished_files(media, record)
    bench = workbench(record, files)
    shown = {"record": record, "bench": bench, "picture": bench.picture}
    return {**shown, "how_far": how_far, "labels": labels, "outcomes": OUTCOMES}


@router.get("/reviews/{token}")
def review(request: Request, engine: Database, actor: CurrentActor, media: Media, now: Now, token: str) -> Response:
    """The minutes beside the recording; that they were read is logged."""
    with writing(engine) as db:
        see_minutes(db, actor=actor, now=now, token=token)
    with reading(engine) as db:
        record = record_by_token(db, actor=actor, token=token)
    return page(request, "review/one.html", **_review_context(media, record))


def _refused(
    request: Request,
    engine: Database,
    actor: Actor,
    media: MediaPort,
    token: str,
    error: LianxinError,
    values: dict[str, Any],
) -> Response:
    with reading(engine) as db:
        record = record_by_token(db, actor=actor, token=token)
    return refused(request, "review/one.html", error, values=values, **_review_context(media, record))


@router.post("/reviews/{token}/addenda")
def addendum(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    media: Media,
    now: Now,
    token: str,
    text: Text = "",
    line: Text = "",
    wording: Text = "",
    request_key: Text = "",
) -> Response:
    """A correction beside a line, or beside the whole."""
    number = int(line[:12]) if line.isascii() and line.isdecimal() else None
    told: dict[str, Any] = {"text": text, "line": number, "wording": wording}
    try:
        with writing(engine) as db:
            add_addendum(db, actor=actor, now=now, token=token, request_key=request_key, **told)
    except Invalid as error:
        return _refused(request, engine, actor, media, token, error, told)
    return see_other(f"/reviews/{token}#" + (f"line-{number}" if number else "addenda"))


@router.post("/reviews/{token}/approve")
def approve_now(
    request: Request, engine: Database, actor: CurrentActor, media: Media, now: Now, settings: SettingsDep, token: str
) -> Response:
    """Approve: the petition gets its number and its clocks."""
    try:
        with writing(engine) as db:
            approve(db, actor=actor, now=now, token=token, limits=limits_of(settings))
            petition_id = record_by_token(db, actor=actor, token=token).petition.id
    except Invalid as error:
        return _refused(request, engine, actor, media, token, error, {})
    return see_other(f"/petitions/{petition_id}")


@router.post("/reviews/{token}/return")
def return_now(
    request: Request, engine: Database, actor: CurrentActor, media: Media, now: Now, token: str, reason: Text = ""
) -> Response:
    """Return the minutes to the official, with a reason."""
    try:
        with writing(engine) as db:
            send_back(db, actor=actor, now=now, token=token, reason=reason)
    except Invalid as error:
        return _refused(request, engine, actor, media, token, error, {"reason": reason})
    return see_other("/reviews")


def limits_of(settings: Settings) -> Limits:
    """The district's own numbers of days."""
    return Limits(accept=settings.accept_days, target=settings.working_target_days, handle=settings.handle_days)


@router.head("/recordings/{token}/{name}", include_in_schema=False)
@router.get("/recordings/{token}/{name}")
def recording(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    media: Media,
    now: Now,
    settings: SettingsDep,
    token: str,
    name: str,
) -> Response:
    """One file of a recording, in ranges. Only names that the media engine lists are served."""
    require(actor, Action.SEE_RECORDING)
    with writing(engine) as db:
        session = see_recording(db, actor=actor, now=now, token=token, name=name[:80])
    listed = {one.name for one in anyio.from_thread.run(partial(media.files, session=session.token))}
    missing = NotFound("no_such_recording", "This recording is not there.")
    if name not in listed or "/" in name:
        raise missing
    path = settings.sessions_dir / session.token / name
    key = recording_key(settings.recording_key.get_secret_value(), session.token)
    return stored_answer(request, path, key, media_type="video/webm", missing=missing)
