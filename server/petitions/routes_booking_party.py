"""The two questions of a booking that have parts: who else comes, and the photograph of the mandate."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now, SettingsDep
from server.errors import LianxinError
from server.petitions.booking_steps import Step
from server.petitions.routes_booking import somebody_is_there
from server.petitions.routes_booking_pages import context_of, template_of
from server.petitions.service_draft_party import add_other, photograph_mandate, remove_other
from server.responses import refused, see_other

router = APIRouter(prefix="/kiosk/book", dependencies=[Depends(somebody_is_there)])
Text = Annotated[str, Form()]


@router.post("/others/add")
def add(
    request: Request, engine: Database, actor: CurrentActor, now: Now, name: Text = "", id_number: Text = ""
) -> Response:
    """One more person; what was refused stays in its fields."""
    try:
        with writing(engine) as db:
            add_other(db, actor=actor, now=now, name=name, id_number=id_number)
    except LianxinError as error:
        with reading(engine) as db:
            context: dict[str, Any] = context_of(db, actor, now, Step.OTHERS)
        context["party"] |= {"name": name, "id_number": id_number}
        return refused(request, template_of(Step.OTHERS), error, **context)
    return see_other("/kiosk/book/others")


@router.post("/others/remove")
def remove(engine: Database, actor: CurrentActor, now: Now, id_number: Text = "") -> Response:
    """One person less."""
    with writing(engine) as db:
        remove_other(db, actor=actor, now=now, id_number=id_number)
    return see_other("/kiosk/book/others")


@router.post("/mandate/add")
def add_mandate(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    settings: SettingsDep,
    paper: Annotated[UploadFile, File()],
) -> Response:
    """Keep the photograph and show it."""
    try:
        with writing(engine) as db:
            data = paper.file.read()
            photograph_mandate(db, actor=actor, now=now, papers_dir=settings.papers_dir, data=data)
    except LianxinError as error:
        with reading(engine) as db:
            context = context_of(db, actor, now, Step.MANDATE)
        return refused(request, template_of(Step.MANDATE), error, **context)
    return see_other("/kiosk/book/mandate")
