"""Townships, village points with their kiosks, and units."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.database import UtcDateTime, word
from server.places.readiness import CheckKind


class Township(SQLModel, table=True):
    """A township or sub-district with its reception centre. Area code of 9 digits."""

    __tablename__ = "townships"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=64)
    area_code: str = Field(unique=True, max_length=9)


class VillagePoint(SQLModel, table=True):
    """A village or community point with a petition agent. Area code of 12 digits. A closed one takes nobody.

    ``email`` is the agent's address for notices.
    """

    __tablename__ = "village_points"

    id: int | None = Field(default=None, primary_key=True)
    township_id: int = Field(foreign_key="townships.id", index=True)
    name: str = Field(max_length=64)
    area_code: str = Field(unique=True, max_length=12)
    address: str = Field(default="", max_length=128)
    email: str = Field(default="", max_length=254)
    has_video: bool = False
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Unit(SQLModel, table=True):
    """A department or township office that handles matters (责任单位)."""

    __tablename__ = "units"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=64)
    township_id: int | None = Field(default=None, foreign_key="townships.id")
    active: bool = True


class Kiosk(SQLModel, table=True):
    """A kiosk at a point. Enrolled once with a one-time code, of which only the hash is kept."""

    __tablename__ = "kiosks"

    id: int | None = Field(default=None, primary_key=True)
    point_id: int = Field(foreign_key="village_points.id", index=True)
    name: str = Field(max_length=64)
    code_hash: str | None = Field(default=None, max_length=64, unique=True)
    code_expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    enrolled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HelpCall(SQLModel, table=True):
    """A call for help from a kiosk: rings at the office until answered."""

    __tablename__ = "help_calls"

    id: int | None = Field(default=None, primary_key=True)
    kiosk_id: int = Field(foreign_key="kiosks.id", index=True)
    called_at: datetime = Field(sa_type=UtcDateTime)
    page: str = Field(default="", max_length=64)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: int | None = Field(default=None, foreign_key="users.id")


class ReadinessCheck(SQLModel, table=True):
    """A point tried its camera, microphone and line with a call to the engine and back. Nothing of it was recorded."""

    __tablename__ = "readiness_checks"

    id: int | None = Field(default=None, primary_key=True)
    point_id: int = Field(foreign_key="village_points.id", index=True)
    checked_at: datetime = Field(sa_type=UtcDateTime)
    kind: CheckKind = Field(sa_type=word(CheckKind))
    loss_percent: int = 0
    round_trip_ms: int | None = None
