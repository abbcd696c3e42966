"""Reception days and the bookings on them. One list for booked and walk-in visitors."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, text
from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from server.database import SealedText, UtcDateTime, word
from server.scheduling.words import BookingState, ChangeKind, Holiday, OnDayOff, PlanState, Priority, Repeat, Source

SLOT_TAKEN = "slot IS NOT NULL AND state NOT IN ('cancelled','absent')"
"""Which bookings take their place; a query with these very words is answered from the index alone."""


class ReceptionDay(SQLModel, table=True):
    """One official's reception on one day. Minutes count from local midnight.

    ``spans`` are the openings within the day; empty for one from ``opens_minute`` to ``closes_minute``. A day made by a
    plan has its ``rule_id`` and the day that the plan named, ``planned_on``; an extra day has none. Further plans that
    have windows on the day, on the same terms, are ``joined_rule_ids``. ``off_plan`` days are planned no more, but
    booked: they take nobody new and wait for a person to move the bookings.
    """

    __tablename__ = "reception_days"
    __table_args__ = (
        CheckConstraint("opens_minute < closes_minute", name="ck_reception_days_window"),
        CheckConstraint("slot_minutes BETWEEN 5 AND 120", name="ck_reception_days_slot"),
        CheckConstraint("buffer_minutes BETWEEN 0 AND 60", name="ck_reception_days_buffer"),
        CheckConstraint("capacity BETWEEN 1 AND 20", name="ck_reception_days_capacity"),
        Index(
            "uq_reception_days_official_day",
            "official_id",
            "day",
            unique=True,
            sqlite_where=text("NOT cancelled"),
            postgresql_where=text("NOT cancelled"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    official_id: int = Field(foreign_key="users.id", index=True)
    day: date = Field(index=True)
    opens_minute: int
    closes_minute: int
    slot_minutes: int = 20
    cancelled: bool = False
    spans: list[list[int]] = Field(default_factory=list, sa_type=JSON)
    buffer_minutes: int = 0
    capacity: int = 1
    rule_id: int | None = Field(default=None, foreign_key="reception_rules.id", index=True)
    planned_on: date | None = None
    off_plan: bool = False
    joined_rule_ids: list[int] = Field(default_factory=list, sa_type=JSON)

    @property
    def rules(self) -> tuple[int, ...]:
        """The plans that have windows on the day, the one that goes first first."""
        return () if self.rule_id is None else (self.rule_id, *self.joined_rule_ids)


class Petitioner(SQLModel, table=True):
    """A villager. Name, ID and phone are sealed; keyed hashes find them again. Anonymous: all empty."""

    __tablename__ = "petitioners"

    id: int | None = Field(default=None, primary_key=True)
    anonymous: bool = False
    name: str | None = Field(default=None, sa_type=SealedText)
    id_number: str | None = Field(default=None, sa_type=SealedText)
    id_index: str | None = Field(default=None, index=True, max_length=64)
    phone: str | None = Field(default=None, sa_type=SealedText)
    phone_index: str | None = Field(default=None, index=True, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Booking(SQLModel, table=True):
    """A place on an official's list (see ``slots.Hours``), or (``slot`` empty) a walk-in.

    ``number`` is what the villager keeps. ``content`` is the category of the matter, ``people`` how many come for it:
    how long talks take depends on them. ``outside`` is why a clerk gave the place beyond the rules, if one did.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        Index(
            "uq_bookings_slot_taken",
            "reception_day_id",
            "slot",
            unique=True,
            sqlite_where=text(SLOT_TAKEN),
            postgresql_where=text(SLOT_TAKEN),
        ),
        Index(
            "uq_bookings_in_session",
            "reception_day_id",
            unique=True,
            sqlite_where=text("state = 'in_session'"),
            postgresql_where=text("state = 'in_session'"),
        ),
        CheckConstraint("people BETWEEN 1 AND 5", name="ck_bookings_people"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True, max_length=20)
    reception_day_id: int = Field(foreign_key="reception_days.id", index=True)
    slot: int | None = None
    point_id: int = Field(foreign_key="village_points.id", index=True)
    petitioner_id: int = Field(foreign_key="petitioners.id", index=True)
    state: BookingState = Field(default=BookingState.BOOKED, sa_type=word(BookingState), index=True)
    private: bool = False
    request_key: str = Field(unique=True, max_length=64)
    booked_at: datetime = Field(sa_type=UtcDateTime)
    checked_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    admitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    consent: bool | None = None
    consent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    content: str = Field(default="", max_length=40)
    people: int = 1
    outside: str = Field(default="", max_length=200)
    priority: Priority | None = Field(default=None, sa_type=word(Priority))


class SlotHold(SQLModel, table=True):
    """A place that is kept for ``owner`` until an instant: while a form is filled in, or an offer is open.

    Kept over its time it binds nobody; see ``service_holds.py``.
    """

    __tablename__ = "slot_holds"

    reception_day_id: int = Field(foreign_key="reception_days.id", primary_key=True)
    slot: int = Field(primary_key=True)
    owner: str = Field(index=True, max_length=40)
    until: datetime = Field(sa_type=UtcDateTime, index=True)


class WaitPromise(SQLModel, table=True):
    """What a visitor was told at check-in about the wait. ``least`` and ``most`` are empty where nothing was told.

    ``middle`` and ``spread`` are the estimate behind it, in minutes. ``admitted_at`` of the booking is the truth.
    """

    __tablename__ = "wait_promises"
    __table_args__ = (CheckConstraint("least <= most", name="ck_wait_promises_range"),)

    booking_id: int = Field(foreign_key="bookings.id", primary_key=True)
    official_id: int = Field(foreign_key="users.id", index=True)
    promised_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ahead: int
    middle: float
    spread: float
    least: int | None = None
    most: int | None = None


class CalendarVersion(SQLModel, table=True):
    """One version of a year's days; the highest ``revision`` of a year is in force. Rows are never changed.

    ``made_by`` is what the audit log calls the person; a year without a version is provisional.
    """

    __tablename__ = "calendar_versions"
    __table_args__ = (
        UniqueConstraint("year", "revision", name="uq_calendar_versions_revision"),
        CheckConstraint("revision >= 1", name="ck_calendar_versions_revision"),
    )

    id: int | None = Field(default=None, primary_key=True)
    year: int
    revision: int
    source: Source = Field(sa_type=word(Source))
    why: str = Field(default="", max_length=200)
    made_by: str = Field(default="", max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)


class CalendarDay(SQLModel, table=True):
    """A day that a version names: off, or a weekend day worked. All other days follow their weekday."""

    __tablename__ = "calendar_days"

    version_id: int = Field(foreign_key="calendar_versions.id", primary_key=True)
    day: date = Field(primary_key=True)
    working: bool
    holiday: Holiday = Field(sa_type=word(Holiday))


class ReceptionRule(SQLModel, table=True):
    """A plan: when an official receives again and again, whom, and from how soon to how far ahead it can be booked.

    ``weekdays`` has bit 0 for Monday, ``ordinals`` bits 1 to 5 and bit 6 for the last of the month, ``month_days`` bits
    1 to 31. Whom: ``RuleAudience``.
    """

    __tablename__ = "reception_rules"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="ck_reception_rules_valid"),
        CheckConstraint("slot_minutes BETWEEN 5 AND 120", name="ck_reception_rules_slot"),
        CheckConstraint("buffer_minutes BETWEEN 0 AND 60", name="ck_reception_rules_buffer"),
        CheckConstraint("capacity BETWEEN 1 AND 20", name="ck_reception_rules_capacity"),
        CheckConstraint("notice_days BETWEEN 0 AND 30", name="ck_reception_rules_notice"),
        CheckConstraint("horizon_days BETWEEN 1 AND 180", name="ck_reception_rules_horizon"),
    )

    id: int | None = Field(default=None, primary_key=True)
    official_id: int = Field(foreign_key="users.id", index=True)
    repeat: Repeat = Field(sa_type=word(Repeat))
    weekdays: int = 0
    ordinals: int = 0
    month_days: int = Field(default=0, sa_type=BigInteger)
    valid_from: date
    valid_until: date | None = None
    on_day_off: OnDayOff = Field(sa_type=word(OnDayOff))
    spans: list[list[int]] = Field(sa_type=JSON)
    slot_minutes: int = 20
    buffer_minutes: int = 0
    capacity: int = 1
    notice_days: int = 3
    horizon_days: int = 28
    state: PlanState = Field(default=PlanState.DRAFT, sa_type=word(PlanState), index=True)


class RuleAudience(SQLModel, table=True):
    """Whom a plan receives: one row a township, content or unit. A kind without rows is not restricted."""

    __tablename__ = "rule_audiences"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN township_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN content IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN unit_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="ck_rule_audiences_one",
        ),
        UniqueConstraint("rule_id", "township_id", name="uq_rule_audiences_township"),
        UniqueConstraint("rule_id", "content", name="uq_rule_audiences_content"),
        UniqueConstraint("rule_id", "unit_id", name="uq_rule_audiences_unit"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule_id: int = Field(foreign_key="reception_rules.id", index=True)
    township_id: int | None = Field(default=None, foreign_key="townships.id")
    content: str | None = Field(default=None, max_length=40)
    unit_id: int | None = Field(default=None, foreign_key="units.id")


class PlanChange(SQLModel, table=True):
    """One day on which a plan is not as its rule says."""

    __tablename__ = "plan_changes"
    __table_args__ = (UniqueConstraint("rule_id", "day", name="uq_plan_changes_day"),)

    id: int | None = Field(default=None, primary_key=True)
    rule_id: int = Field(foreign_key="reception_rules.id", index=True)
    day: date
    kind: ChangeKind = Field(sa_type=word(ChangeKind))
    spans: list[list[int]] = Field(default_factory=list, sa_type=JSON)
    why: str = Field(default="", max_length=200)


class CalendarFeed(SQLModel, table=True):
    """The secret address of a calendar feed: of an official, or of a point. Renewing replaces the token."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (CheckConstraint("(official_id IS NULL) <> (point_id IS NULL)", name="ck_calendar_feeds_one"),)

    id: int | None = Field(default=None, primary_key=True)
    official_id: int | None = Field(default=None, foreign_key="users.id", unique=True)
    point_id: int | None = Field(default=None, foreign_key="village_points.id", unique=True)
    token: str = Field(sa_type=SealedText)
    token_hash: str = Field(unique=True, max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)


class AnsweredRequest(SQLModel, table=True):
    """A form that was sent and done, with what was answered: sent again, it is answered again and not done again.

    ``digest`` is a keyed hash of what was asked for.
    """

    __tablename__ = "answered_requests"

    owner: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=64)
    digest: str = Field(max_length=64)
    answer: str = Field(max_length=200)
    answered_at: datetime = Field(sa_type=UtcDateTime, index=True)
