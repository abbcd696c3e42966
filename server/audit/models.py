"""The audit log: who did and saw what, chained so that a removed or changed entry shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from server.database import UtcDateTime


class AuditEntry(SQLModel, table=True):
    """One deed. ``detail`` holds states and ids, never personal data; ``digest`` is the link of the chain."""

    __tablename__ = "audit_entries"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor_role: str = Field(max_length=20)
    actor_id: int
    actor_name: str = Field(max_length=64)
    action: str = Field(max_length=64, index=True)
    subject: str = Field(max_length=32)
    subject_id: int
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    digest: str = Field(unique=True, max_length=64)
