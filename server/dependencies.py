"""What routes are given: the database, the time, the settings, and who is asking."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlalchemy import Engine

from server.accounts.attempts import Attempts
from server.accounts.roles import Actor
from server.accounts.service import actor_of_token
from server.database import reading
from server.media.ports import MediaPort
from server.settings import Settings

COOKIE = "lianxin"


def get_engine(request: Request) -> Engine:
    """The engine of this process."""
    engine: Engine = request.app.state.engine
    return engine


def get_settings_of(request: Request) -> Settings:
    """The settings of this process."""
    settings: Settings = request.app.state.settings
    return settings


def get_now(request: Request) -> datetime:
    """The instant of this request: one clock reading a request."""
    now: datetime = request.app.state.clock.now()
    return now


def get_media(request: Request) -> MediaPort:
    """The media engine."""
    media: MediaPort = request.app.state.media
    return media


def address_of(request: Request) -> str:
    """The network address that asks."""
    return request.client.host if request.client else ""


def attempts_at(request: Request, door: str) -> Attempts:
    """The tries at one door, counted from the start of this process."""
    doors: dict[str, Attempts] = request.app.state.attempts
    return doors.setdefault(door, Attempts())


Database = Annotated[Engine, Depends(get_engine)]
SettingsDep = Annotated[Settings, Depends(get_settings_of)]
Now = Annotated[datetime, Depends(get_now)]
Media = Annotated[MediaPort, Depends(get_media)]
Key = Annotated[int, Path(ge=1, le=999_999_999)]
QueryKey = Annotated[int | None, Query(ge=1, le=999_999_999)]
PageNumber = Annotated[int, Query(alias="page", ge=1, le=100_000)]


def get_actor(request: Request, engine: Database, now: Now) -> Actor:
    """Who holds the cookie; ``ANYBODY`` without a valid one. Pages find it in ``request.state.actor``."""
    with reading(engine) as db:
        actor = actor_of_token(db, token=request.cookies.get(COOKIE), now=now)
    request.state.actor = actor
    return actor


CurrentActor = Annotated[Actor, Depends(get_actor)]
