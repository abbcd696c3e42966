"""The web process: every room's pages and the live socket in one application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from starlette.exceptions import HTTPException

from server import health
from server.accounts import routes as accounts
from server.accounts import routes_people as people
from server.audit import routes as audit
from server.clock import Clock, SystemClock
from server.database import make_engine
from server.errors import Invalid, LianxinError, NotFound, Unavailable
from server.hand_outs import hand_outs
from server.housekeeping import housekeeping
from server.media.ports import EngineLoad, MediaPort
from server.metrics import Measured, Metrics, route_of
from server.notices.channels import ways_of
from server.notices.service import use_channels
from server.outbox import outbox
from server.passing import passing_on
from server.petitions import (
    routes_absences,
    routes_aside,
    routes_ask,
    routes_booking,
    routes_booking_party,
    routes_calendar,
    routes_change,
    routes_find,
    routes_follow_ups,
    routes_hand_out,
    routes_notices,
    routes_override,
    routes_petitions,
    routes_recordings,
    routes_returned,
    routes_review,
    routes_search,
    routes_slip,
    routes_waitlist,
)
from server.petitions.service_absence_doing import use_undo_time
from server.petitions.service_overrun import use_overtime
from server.petitions.service_same import use_days
from server.places import routes as places
from server.places import routes_admin as places_admin
from server.planning import routes as planning
from server.reports import routes as reports
from server.reports import routes_documents as documents
from server.reports.typesetting import use_fonts
from server.responses import answer_error, page
from server.scheduling import routes as scheduling
from server.scheduling import routes_board as board
from server.scheduling import routes_closing as closing
from server.scheduling import routes_days as days
from server.scheduling import routes_overview as overview
from server.scheduling import routes_plans as plans
from server.scheduling import routes_publication as publication
from server.scheduling import routes_together as together
from server.scheduling import routes_waits as waits
from server.scheduling.service_freed import use_patience
from server.scheduling.service_order import use_rules
from server.sealing import Sealer, use_sealer
from server.security import HEADERS, Walls
from server.settings import Settings
from server.signaling import endpoint, routes_check
from server.signaling import routes as signaling
from server.signaling.loopback import Loopbacks
from server.signaling.placement import Placement
from server.signaling.relays import Relays
from server.signaling.switchboard import Switchboard
from server.signaling.watch import watching
from server.translation import WEB
from server.trials import trials

log = structlog.get_logger()
BOOKING = (
    board,
    scheduling,
    routes_search,
    routes_booking_party,
    routes_booking,
    routes_change,
    routes_waitlist,
    together,
)
PETITIONS = (
    routes_absences,
    routes_aside,
    routes_override,
    routes_review,
    routes_hand_out,
    routes_returned,
    routes_follow_ups,
    routes_ask,
    routes_find,
    routes_petitions,
    routes_slip,
    routes_notices,
    documents,
)
ADMINISTRATION = (
    places_admin,
    closing,
    people,
    overview,
    days,
    plans,
    publication,
    waits,
    planning,
    routes_calendar,
    routes_recordings,
    audit,
)
LIVE = (endpoint, signaling, routes_check)
ROOMS = (health, accounts, places, *BOOKING, *PETITIONS, *ADMINISTRATION, reports, *LIVE)


def create_app(
    settings: Settings, *, media: MediaPort, clock: Clock | None = None, engine: Engine | None = None
) -> FastAPI:
    """The application over a migrated database. Tests pass their clock, engine and media."""
    _use(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with watching(app.state.board), _going_by_itself(app, media):
            if isinstance(media, Placement):
                await media.start()
            yield
            await app.state.loopbacks.stop()
            if isinstance(media, Placement):
                await media.stop()
        app.state.engine.dispose()

    app = FastAPI(title="Lianxin", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.settings = settings
    app.state.clock = clock or SystemClock()
    app.state.engine = engine or make_engine(settings.database_address)
    app.state.media = media
    app.state.attempts = {}
    relays = Relays.of(settings)
    app.state.board = Switchboard(engine=app.state.engine, clock=app.state.clock, media=media, relays=relays)
    app.state.loopbacks = Loopbacks(media)
    app.state.metrics = Metrics()
    media.subscribe(app.state.metrics.take)
    app.add_middleware(Walls)
    app.add_middleware(Measured)
    app.mount("/api/static", StaticFiles(packages=[("fastapi_offline", "static")]), name="description")
    app.mount("/static", StaticFiles(directory=WEB / "static"), name="static")
    _add_rooms(app)
    _add_error_answers(app)
    return app


def _use(settings: Settings) -> None:
    """Give the settings to the rooms that work by them."""
    use_sealer(Sealer.from_secret(settings.secret.get_secret_value()))
    use_channels(ways_of(settings))
    for use in (use_rules, use_patience, use_days, use_undo_time, use_overtime, use_fonts):
        use(settings)


@asynccontextmanager
async def _going_by_itself(app: FastAPI, media: MediaPort) -> AsyncIterator[None]:
    own, loads = (app.state.engine, app.state.clock, app.state.settings), partial(loads_of, media)
    async with (
        housekeeping(*own),
        outbox(*own, app.state.metrics.noticed),
        passing_on(*own[:2]),
        hand_outs(*own, loads),
        trials(*own, loads),
    ):
        yield


def loads_of(media: MediaPort) -> list[EngineLoad | None]:
    """How busy each media process is; nothing where one does not answer."""
    return [one.load for one in getattr(media, "engines", ())]


def _add_rooms(app: FastAPI) -> None:
    for room in ROOMS:
        app.include_router(room.router, tags=[room.__name__.split(".")[1]])


def _add_error_answers(app: FastAPI) -> None:
    @app.exception_handler(LianxinError)
    def _refusal(request: Request, error: LianxinError) -> Response:
        if isinstance(error, Unavailable):
            log.error(error.code, request_id=request.state.request_id, route=route_of(request.scope), exc_info=error)
        return answer_error(request, error)

    @app.exception_handler(RequestValidationError)
    def _misunderstood(request: Request, error: RequestValidationError) -> Response:
        return answer_error(request, Invalid("bad_input", "Something in the form was not understood. Please check it."))

    @app.exception_handler(HTTPException)
    def _unknown_page(request: Request, error: HTTPException) -> Response:
        return answer_error(request, NotFound("no_such_page", "This page does not exist. Please go back to the start."))

    @app.exception_handler(Exception)
    def _fault(request: Request, error: Exception) -> Response:
        request_id = request.state.request_id
        log.error("fault", request_id=request_id, route=route_of(request.scope), exc_info=error)
        # This answer is made outside the walls, which would have added these.
        answer = page(request, "layouts/fault.html", status_code=500, request_id=request_id)
        answer.headers.update({**HEADERS, "x-request-id": request_id})
        return answer
