"""The administrator's report on the promised waits."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server.database import reading
from server.dependencies import CurrentActor, Database, Now
from server.responses import page
from server.scheduling.service_waits import calibration

router = APIRouter(prefix="/admin/waits")


@router.get("")
def report(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """How true the promised waits were."""
    with reading(engine) as db:
        everybody, rows = calibration(db, actor=actor, now=now)
    return page(request, "admin/waits.html", everybody=everybody, rows=rows)
