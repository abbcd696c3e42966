"""The versions of the minutes."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from server.database import SealedText, UtcDateTime, word
from server.petitions.words import VersionCause


class MinutesVersion(SQLModel, table=True):
    """The minutes as they stood when something was decided about them: all lines, and the addenda up to the last one.

    ``digest`` is that of the content then. ``author_id`` is empty where the kiosk's petitioner made it by signing.
    """

    __tablename__ = "minutes_versions"
    __table_args__ = (UniqueConstraint("session_id", "number", name="uq_minutes_versions_number"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="sessions.id", index=True)
    number: int
    cause: VersionCause = Field(sa_type=word(VersionCause))
    why: str = Field(default="", sa_type=SealedText)
    digest: str = Field(max_length=64)
    last_addendum_id: int = 0
    author_id: int | None = Field(default=None, foreign_key="users.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
