"""For machines: whether the process lives, and whether it can do its work."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server.dependencies import Database, Media

router = APIRouter()


@router.get("/healthz")
def healthz() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"alive": True})


@router.get("/readyz")
def readyz(request: Request, engine: Database, media: Media) -> JSONResponse:
    """The database and the media process answer; 503 and which one does not."""
    parts = {"database": _database_answers(engine), "media": getattr(media, "connected", True)}
    return JSONResponse(parts, status_code=200 if all(parts.values()) else 503)


def _database_answers(engine: Database) -> bool:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
