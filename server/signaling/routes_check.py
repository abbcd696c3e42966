"""The readiness check of a kiosk: a call from its browser to the engine and back, and what came of it."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from server.accounts.roles import Action, Actor, require
from server.database import reading
from server.dependencies import CurrentActor, Database, Now
from server.places.readiness import Figures
from server.places.service_readiness import keep_check
from server.scheduling.service_offers import check_is_due
from server.signaling.loopback import LASTS_SECONDS, Loopbacks

router = APIRouter(prefix="/kiosk/check")
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Offer(BaseModel):
    """An SDP offer of one connection."""

    model_config = ConfigDict(extra="forbid")

    sdp: Annotated[str, Field(max_length=48 * 1024)]


class Measured(BaseModel):
    """See ``Figures``."""

    model_config = ConfigDict(extra="forbid")

    camera: bool
    microphone: bool
    connected: bool
    pictures: Count = 0
    packets: Count = 0
    level: Share = 0.0
    loss: Share = 0.0
    round_trip_ms: Annotated[float, Field(ge=0, le=60_000)] | None = None


def _running(request: Request) -> Loopbacks:
    loopbacks: Loopbacks = request.app.state.loopbacks
    return loopbacks


def _owner(actor: Actor) -> str:
    require(actor, Action.CHECK_IN)
    return f"{actor.role} {actor.id}"


@router.get("/due")
def due(engine: Database, actor: CurrentActor, now: Now) -> Response:
    """Whether this point should try itself now, before today's visitors come."""
    with reading(engine) as db:
        return JSONResponse({"due": check_is_due(db, actor=actor, now=now)})


@router.post("")
async def begin(request: Request, actor: CurrentActor, now: Now) -> Response:
    """Begin; it ends by itself after some seconds."""
    token = await _running(request).begin(owner=_owner(actor))
    relays = request.app.state.board.relays.told(now)
    return JSONResponse({"check": token, "seconds": LASTS_SECONDS, "relays": relays})


@router.post("/{token}/offers/{seat}")
async def offer(request: Request, actor: CurrentActor, token: str, seat: str, told: Offer) -> Response:
    """The engine's answer to one of the two connections, ``out`` and ``back``."""
    answer = await _running(request).offer(owner=_owner(actor), token=token, seat=seat, sdp=told.sdp)
    return JSONResponse({"sdp": answer})


@router.post("/{token}/result")
async def result(request: Request, actor: CurrentActor, now: Now, token: str, told: Measured) -> Response:
    """What the browser measured: kept with the point, and judged. The check is over."""
    await _running(request).end(owner=_owner(actor), token=token)
    figures = Figures(**told.model_dump())
    judged = await request.app.state.board.write(keep_check, actor=actor, now=now, figures=figures)
    return JSONResponse(vars(judged))
