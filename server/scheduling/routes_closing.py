"""Closing a village point: one question, with what it takes away."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict
from server.places.service_admin import get_point
from server.responses import page, refused, see_other
from server.scheduling import service_closing as closing

router = APIRouter(prefix="/admin/points/{point_id}/close")
Key = Annotated[int, Path(ge=1, le=999_999_999)]


def _question(db: Session, actor: Actor, now: Now, point_id: int) -> dict[str, Any]:
    point = get_point(db, actor=actor, point_id=point_id)
    return {"point": point, "booked": closing.bookings_to_come(db, actor=actor, now=now, point_id=point_id)}


@router.get("")
def close_question(request: Request, engine: Database, actor: CurrentActor, now: Now, point_id: Key) -> Response:
    """What closing this point means."""
    with reading(engine) as db:
        context = _question(db, actor, now, point_id)
    return page(request, "admin/point_close.html", **context)


@router.post("")
def close_point(request: Request, engine: Database, actor: CurrentActor, now: Now, point_id: Key) -> Response:
    """Close the point and cancel what is booked there."""
    try:
        with writing(engine) as db:
            closing.close_point(db, actor=actor, now=now, point_id=point_id)
    except Conflict as error:
        with reading(engine) as db:
            context = _question(db, actor, now, point_id)
        return refused(request, "admin/point_close.html", error, values={}, **context)
    return see_other(f"/admin/points/{point_id}?done=closed")
