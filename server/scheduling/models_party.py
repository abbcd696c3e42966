"""Who comes besides the petitioner, who speaks for the petitioner, and which officials receive together."""

from datetime import date, datetime

from sqlmodel import CheckConstraint, Field, SQLModel, UniqueConstraint

from server.database import SealedText, UtcDateTime


class Representative(SQLModel, table=True):
    """One of the others who come for a group's matter; with the petitioner at most five (Regulations, art. 20)."""

    __tablename__ = "representatives"
    __table_args__ = (
        UniqueConstraint("booking_id", "id_index", name="uq_representatives_person"),
        UniqueConstraint("booking_id", "place", name="uq_representatives_place"),
        CheckConstraint("place BETWEEN 2 AND 5", name="ck_representatives_five"),
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(foreign_key="bookings.id", index=True)
    place: int
    name: str = Field(sa_type=SealedText)
    id_number: str = Field(sa_type=SealedText)
    id_index: str = Field(index=True, max_length=64)


class Mandate(SQLModel, table=True):
    """By which paper somebody acts for the petitioner of a booking. ``scope`` is a word of ``mandates.py``.

    ``paper`` is the digest of the photograph that shows it.
    """

    __tablename__ = "mandates"

    booking_id: int = Field(foreign_key="bookings.id", primary_key=True)
    name: str = Field(sa_type=SealedText)
    id_number: str = Field(sa_type=SealedText)
    id_index: str = Field(index=True, max_length=64)
    scope: str = Field(max_length=20)
    valid_until: date
    paper: str = Field(max_length=64)
    given_at: datetime = Field(sa_type=UtcDateTime)


class JointPlace(SQLModel, table=True):
    """A place of another official's day that a booking takes besides its own: they receive together."""

    __tablename__ = "joint_places"

    reception_day_id: int = Field(foreign_key="reception_days.id", primary_key=True)
    slot: int = Field(primary_key=True)
    booking_id: int = Field(foreign_key="bookings.id", index=True)
    official_id: int = Field(foreign_key="users.id", index=True)
