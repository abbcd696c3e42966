"""The kiosk's page of notices for those who come today, and printing one."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now
from server.responses import page, see_other
from server.scheduling.service_board import posted, posted_here, print_posted

router = APIRouter(prefix="/kiosk/notices")


@router.get("")
def notices(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """All of them."""
    with reading(engine) as db:
        here = posted_here(db, actor=actor, now=now)
    return page(request, "notices/board.html", here=here)


@router.post("/{notice_id}/print")
def print_one(engine: Database, actor: CurrentActor, now: Now, notice_id: Key) -> Response:
    """Note it, and on to the sheet."""
    with writing(engine) as db:
        print_posted(db, actor=actor, now=now, notice_id=notice_id)
    return see_other(f"/kiosk/notices/{notice_id}/sheet")


@router.get("/{notice_id}/sheet")
def sheet(request: Request, engine: Database, actor: CurrentActor, now: Now, notice_id: Key) -> Response:
    """The sheet to print."""
    with reading(engine) as db:
        one = posted(db, actor=actor, now=now, notice_id=notice_id)
    return page(request, "notices/sheet.html", one=one, now=now)
