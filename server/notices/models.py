"""The outbox of notices."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from server.database import UtcDateTime, word
from server.notices.words import Channel, NoticeEvent, NoticeState


class Notice(SQLModel, table=True):
    """One text to one person by one way; ``texts.py`` makes the text of ``event``, ``number`` to ``at`` and the point.

    ``key`` makes it one: who, event, instant, way. It is sent from ``due_at`` on, and worthless after ``until``.
    ``sent_to`` is the masked number or address it went to; the number itself stays with the petitioner. A notice that
    is ``private`` is shown to its own visitor only. ``fault`` is the code of what went wrong last.
    """

    __tablename__ = "notices"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=120)
    booking_id: int | None = Field(default=None, foreign_key="bookings.id", index=True)
    petitioner_id: int = Field(foreign_key="petitioners.id", index=True)
    point_id: int = Field(foreign_key="village_points.id", index=True)
    private: bool = False
    event: NoticeEvent = Field(sa_type=word(NoticeEvent))
    channel: Channel = Field(sa_type=word(Channel))
    state: NoticeState = Field(default=NoticeState.PENDING, sa_type=word(NoticeState), index=True)
    number: str = Field(max_length=20)
    day: date = Field(index=True)
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    official: str = Field(max_length=140)
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime, index=True)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    until: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_to: str = Field(default="", max_length=64)
    fault: str = Field(default="", max_length=40)
