"""The petition and everything its reception leaves behind: papers, session, minutes, outcome, follow-ups, review."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, SQLModel, UniqueConstraint

from server.database import SealedText, UtcDateTime, word
from server.petitions.words import FollowUpState, HandOutState, Outcome, PetitionState, Purpose, ReadBack


class Petition(SQLModel, table=True):
    """A matter. Made with the booking; ``number`` and clocks come with the clerk's approval.

    ``content`` is a level-1 category's code (``categories.py``). ``query_code_hash`` is the keyed hash of the code
    on the villager's slip. ``unit_id`` and ``due_on`` are set with the outcome where it demands them.
    """

    __tablename__ = "petitions"

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(foreign_key="bookings.id", unique=True)
    petitioner_id: int = Field(foreign_key="petitioners.id", index=True)
    point_id: int = Field(foreign_key="village_points.id", index=True)
    official_id: int = Field(foreign_key="users.id", index=True)
    purpose: Purpose = Field(sa_type=word(Purpose))
    content: str = Field(max_length=40)
    summary: str = Field(sa_type=SealedText)
    state: PetitionState = Field(default=PetitionState.BOOKED, sa_type=word(PetitionState), index=True)
    number: str | None = Field(default=None, unique=True, max_length=24)
    query_code: str | None = Field(default=None, sa_type=SealedText)
    query_code_hash: str | None = Field(default=None, max_length=64, index=True)
    outcome: Outcome | None = Field(default=None, sa_type=word(Outcome))
    outcome_opinion: str = ""
    unit_id: int | None = Field(default=None, foreign_key="units.id", index=True)
    due_on: date | None = None
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    registered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NumberRow(SQLModel, table=True):
    """The last number given in a year."""

    __tablename__ = "petition_numbers"

    year: int = Field(primary_key=True)
    last: int


class Paper(SQLModel, table=True):
    """A photographed paper; the file lies below the papers folder under ``name``."""

    __tablename__ = "papers"

    id: int | None = Field(default=None, primary_key=True)
    petition_id: int = Field(foreign_key="petitions.id", index=True)
    name: str = Field(unique=True, max_length=64)
    media_type: str = Field(max_length=32)
    sha256: str = Field(max_length=64)
    bytes: int
    taken_at: datetime = Field(sa_type=UtcDateTime)
    session_id: int | None = Field(default=None, foreign_key="sessions.id")


class BookingDraft(SQLModel, table=True):
    """A booking that is being typed, one for each kiosk and each person who books; kept over reloads and power cuts."""

    __tablename__ = "booking_drafts"

    owner: str = Field(primary_key=True, max_length=40)
    content: str = Field(sa_type=SealedText)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ReceptionSession(SQLModel, table=True):
    """One talk. ``token`` names it to the media engine and in addresses; it says nothing about people.

    ``recording_seal`` is the digest that proves the recording (docs/recording-format.md).
    """

    __tablename__ = "sessions"

    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(unique=True, max_length=32)
    booking_id: int = Field(foreign_key="bookings.id", unique=True)
    petition_id: int = Field(foreign_key="petitions.id", unique=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    recording_started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recording_seal: str | None = Field(default=None, max_length=64)
    talk_ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Participant(SQLModel, table=True):
    """Somebody in a session, with a seat. ``invitation_hash`` lets an invited guest in."""

    __tablename__ = "participants"
    __table_args__ = (UniqueConstraint("session_id", "seat", name="uq_participants_seat"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="sessions.id", index=True)
    seat: str = Field(max_length=32)
    role: str = Field(max_length=20)
    name: str = Field(sa_type=SealedText)
    user_id: int | None = Field(default=None, foreign_key="users.id")
    kiosk_id: int | None = Field(default=None, foreign_key="kiosks.id")
    invitation_hash: str | None = Field(default=None, unique=True, max_length=64)
    joined_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MinutesLine(SQLModel, table=True):
    """One line of the minutes. ``offset_ms`` is its instant in the recording, empty where nothing was recorded.

    ``key`` is chosen by the writing browser, so that a line sent twice is kept once.
    """

    __tablename__ = "minutes_lines"
    __table_args__ = (UniqueConstraint("session_id", "key", name="uq_minutes_lines_key"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="sessions.id", index=True)
    key: str = Field(max_length=64)
    speaker: str = Field(max_length=20)
    text: str = Field(sa_type=SealedText)
    written_at: datetime = Field(sa_type=UtcDateTime)
    offset_ms: int | None = None
    author_id: int = Field(foreign_key="users.id")
    read_back: ReadBack = Field(default=ReadBack.PENDING, sa_type=word(ReadBack))
    objection: str | None = Field(default=None, sa_type=SealedText)


class Addendum(SQLModel, table=True):
    """A correction beside a line or the whole minutes; nothing is overwritten.

    ``text`` says why, ``wording`` how the line should read, where it should read otherwise.
    """

    __tablename__ = "addenda"

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="sessions.id", index=True)
    line_id: int | None = Field(default=None, foreign_key="minutes_lines.id")
    text: str = Field(sa_type=SealedText)
    wording: str | None = Field(default=None, sa_type=SealedText)
    author_id: int = Field(foreign_key="users.id")
    written_at: datetime = Field(sa_type=UtcDateTime)


class SessionEvent(SQLModel, table=True):
    """What happened in a session besides words: joined, left, gap, paused, resumed, paper, help, alarm."""

    __tablename__ = "session_events"

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="sessions.id", index=True)
    kind: str = Field(max_length=32)
    seat: str = Field(default="", max_length=32)
    at: datetime = Field(sa_type=UtcDateTime)
    offset_ms: int | None = None
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class FollowUp(SQLModel, table=True):
    """A promise: what, which unit, who, by when."""

    __tablename__ = "follow_ups"
    __table_args__ = (UniqueConstraint("petition_id", "key", name="uq_follow_ups_key"),)

    id: int | None = Field(default=None, primary_key=True)
    petition_id: int = Field(foreign_key="petitions.id", index=True)
    key: str = Field(max_length=64)
    line_id: int | None = Field(default=None, foreign_key="minutes_lines.id")
    what: str = Field(sa_type=SealedText)
    unit_id: int = Field(foreign_key="units.id", index=True)
    person: str = Field(default="", max_length=64)
    due_on: date = Field(index=True)
    state: FollowUpState = Field(default=FollowUpState.OPEN, sa_type=word(FollowUpState), index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ProgressEntry(SQLModel, table=True):
    """What a handler did about a follow-up."""

    __tablename__ = "progress_entries"

    id: int | None = Field(default=None, primary_key=True)
    follow_up_id: int = Field(foreign_key="follow_ups.id", index=True)
    text: str = Field(sa_type=SealedText)
    author_id: int = Field(foreign_key="users.id")
    written_at: datetime = Field(sa_type=UtcDateTime)


class Signature(SQLModel, table=True):
    """A signature drawn at the kiosk, as an SVG path; ``role`` is petitioner or witness.

    ``digest`` is that of the minutes that were signed; empty for signatures from before digests were kept.
    """

    __tablename__ = "signatures"
    __table_args__ = (UniqueConstraint("session_id", "role", name="uq_signatures_role"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="sessions.id", index=True)
    role: str = Field(max_length=20)
    path: str = Field(sa_type=SealedText)
    digest: str = Field(default="", max_length=64)
    signed_at: datetime = Field(sa_type=UtcDateTime)


class Review(SQLModel, table=True):
    """A clerk's decision on the minutes."""

    __tablename__ = "reviews"

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="sessions.id", index=True)
    approved: bool
    reason: str = ""
    clerk_id: int = Field(foreign_key="users.id")
    decided_at: datetime = Field(sa_type=UtcDateTime)


class Deadline(SQLModel, table=True):
    """A clock of a petition: its kind, its days, and why this date."""

    __tablename__ = "deadlines"
    __table_args__ = (UniqueConstraint("petition_id", "kind", name="uq_deadlines_kind"),)

    id: int | None = Field(default=None, primary_key=True)
    petition_id: int = Field(foreign_key="petitions.id", index=True)
    kind: str = Field(max_length=32)
    starts_on: date
    counted_on: date
    due_on: date = Field(index=True)
    provisional: bool = False
    met_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecordingHold(SQLModel, table=True):
    """A recording that must not be deleted, for as long as this row is there."""

    __tablename__ = "recording_holds"

    session_id: int = Field(foreign_key="sessions.id", primary_key=True)
    reason: str = Field(sa_type=SealedText)
    placed_by: int = Field(foreign_key="users.id")
    placed_at: datetime = Field(sa_type=UtcDateTime)


class DeletedRecording(SQLModel, table=True):
    """What is left of a deleted recording. ``digest`` is its seal, where it had one."""

    __tablename__ = "deleted_recordings"

    session_id: int = Field(foreign_key="sessions.id", primary_key=True)
    deleted_at: datetime = Field(sa_type=UtcDateTime)
    why: str = Field(max_length=20)
    files: int
    bytes: int = Field(sa_type=BigInteger)
    digest: str | None = Field(default=None, max_length=64)


class HandOut(SQLModel, table=True):
    """A talk's one file for handing out. ``tries``: how often its making began; ``fault``: why it failed, as a code."""

    __tablename__ = "hand_outs"

    session_id: int = Field(foreign_key="sessions.id", primary_key=True)
    state: HandOutState = Field(default=HandOutState.WAITING, sa_type=word(HandOutState), index=True)
    percent: int = 0
    tries: int = 0
    fault: str = Field(default="", max_length=20)
    bytes: int = Field(default=0, sa_type=BigInteger)
    asked_by: int = Field(foreign_key="users.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
