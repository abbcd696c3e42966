"""For machines and those who keep them: alive, ready, numbers, the certificate to trust, the description of routes."""

import hmac
import ipaddress
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server.accounts.roles import Action, require
from server.certificates import certificates_in
from server.database import reading
from server.dependencies import CurrentActor, Database, Media, SettingsDep
from server.errors import LianxinError, NotFound
from server.media.ports import EngineLoad
from server.responses import locale_of, message_id, page
from server.scheduling.service_figures import bookings_by_state
from server.storage import takes_data
from server.translation import translate

router = APIRouter()
WRONG = {
    "database": message_id(
        "The database does not answer. Please look at its file and rights, or at LIANXIN_DATABASE_URL."
    ),
    "media": message_id("No media process answers. Please look at the log of the server."),
    "disk": message_id("The disk takes no data. Please look at its rights and at the free space."),
}
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get("/healthz")
def healthz() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"alive": True})


@router.get("/readyz")
async def readyz(request: Request, engine: Database, media: Media, settings: SettingsDep) -> JSONResponse:
    """Database and a media process answer and the disk takes data; else 503, which does not, and a sentence."""
    parts = {
        "database": await run_in_threadpool(_database_answers, engine),
        "media": await _media_answers(media),
        "disk": await run_in_threadpool(takes_data, settings),
    }
    said = " ".join(translate(WRONG[name], locale_of(request)) for name, well in parts.items() if not well)
    engines = {one.name: _told(one.load) for one in getattr(media, "engines", ())}
    return JSONResponse({**parts, "said": said, "engines": engines}, status_code=503 if said else 200)


@router.get("/metrics")
async def metrics(request: Request, engine: Database, settings: SettingsDep) -> Response:
    """Numbers for Prometheus: with the bearer token, or from this machine where none is set."""
    if not _may_see_numbers(request, settings.metrics_token.get_secret_value()):
        raise NotFound("no_such_page", "This page does not exist. Please go back to the start.")
    state = request.app.state
    bookings = await run_in_threadpool(_bookings, engine)
    state.metrics.see(await state.board.lines())
    told = state.metrics.text(board=state.board, bookings=bookings)
    return Response(told, media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/trust/lianxin-ca.crt")
def authority(settings: SettingsDep) -> Response:
    """The certificate that kiosks are told to trust; for anybody."""
    path = certificates_in(settings.state_dir).authority
    if not path.is_file():
        raise NotFound("no_certificate", "There is no certificate yet. The administrator makes it with: lianxin tls")
    return FileResponse(path, media_type="application/x-x509-ca-cert", filename="lianxin-ca.crt")


@router.get("/api/docs", include_in_schema=False)
def description(request: Request, actor: CurrentActor) -> Response:
    """Every route, to read and to try, for administrators; nothing is loaded from elsewhere."""
    require(actor, Action.SET_UP)
    return page(request, "layouts/api.html")


@router.get("/api/openapi.json", include_in_schema=False)
def description_for_machines(request: Request, actor: CurrentActor) -> JSONResponse:
    """The same as OpenAPI."""
    require(actor, Action.SET_UP)
    return JSONResponse(request.app.openapi())


def _bookings(engine: Database) -> dict[str, int]:
    with reading(engine) as db:
        return bookings_by_state(db)


def _told(load: EngineLoad | None) -> dict[str, object] | None:
    """One media process; nothing where it does not answer."""
    if load is None:
        return None
    lag_ms = round(load.lag * 1000, 1)
    return {"sessions": len(load.sessions), "cpu": round(load.cpu, 3), "lag_ms": lag_ms, "full": load.full}


def _database_answers(engine: Database) -> bool:
    """A file that was taken away is still read and written by those who hold it open, and then lost."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        return False
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return False
    return True


async def _media_answers(media: Media) -> bool:
    """Ask about a talk that is not there: a process that hangs stays connected, but answers nothing."""
    try:
        await media.status(session="")
    except LianxinError as error:
        return isinstance(error, NotFound)
    return True


def _may_see_numbers(request: Request, token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy everybody seems to call from this machine.
    return _is_loopback(request) and not any(name in request.headers for name in FORWARDED)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
