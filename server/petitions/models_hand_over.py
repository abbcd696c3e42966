"""Visitors whom one official has passed on to another."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.database import UtcDateTime


class HandOver(SQLModel, table=True):
    """A talk that goes on with another official: ``booking_id`` is the visitor's place on that one's list.

    The reason is the opinion that the talk was ended with.
    """

    __tablename__ = "hand_overs"

    session_id: int = Field(foreign_key="sessions.id", primary_key=True)
    booking_id: int = Field(foreign_key="bookings.id", unique=True)
    from_official_id: int = Field(foreign_key="users.id")
    to_official_id: int = Field(foreign_key="users.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
