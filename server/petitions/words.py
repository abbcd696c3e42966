"""The words of a petition."""

from enum import StrEnum


class Purpose(StrEnum):
    """目的, domain.md section 5."""

    APPEAL = "appeal"
    REQUEST = "request"
    SUGGESTION = "suggestion"
    ACCUSATION = "accusation"
    INQUIRY = "inquiry"


class PetitionState(StrEnum):
    """A petition's way from booking to archive; transitions in ``states.py``."""

    BOOKED = "booked"
    IN_SESSION = "in_session"
    READ_BACK = "read_back"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    REGISTERED = "registered"
    HANDLING = "handling"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """How a session was decided, domain.md section 3 step 6."""

    ANSWERED = "answered"
    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"
    ASSIGNED = "assigned"
    TO_LAW = "to_law"
    NOT_ACCEPTED = "not_accepted"
    BROKEN_OFF = "broken_off"
    HANDED_OVER = "handed_over"


class ReadBack(StrEnum):
    """What the petitioner said of a line."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"


class VersionCause(StrEnum):
    """Why a version of the minutes was kept."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    RETURNED = "returned"
    HANDED_IN = "handed_in"
    APPROVED = "approved"


class HandOutState(StrEnum):
    """How far the file for handing out is. It waits for its turn, and whenever talks need the machine."""

    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class FollowUpState(StrEnum):
    """A promise's way."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class CancelReason(StrEnum):
    """Why a booking is cancelled, where somebody says it."""

    NO_TIME = "no_time"
    SOLVED = "solved"
    OTHER = "other"


class Way(StrEnum):
    """What is done about receptions that an official cannot hold."""

    DEPUTY = "deputy"
    SWAP = "swap"
    MOVE = "move"


class Fate(StrEnum):
    """What becomes of somebody who was promised such a reception: nobody is without one of these."""

    DEPUTY = "deputy"
    DATE = "date"
    KEPT = "kept"
    MOVED = "moved"
    OFFERED = "offered"
    LISTED = "listed"
