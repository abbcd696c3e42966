"""The words of the list."""

from enum import StrEnum


class BookingState(StrEnum):
    """Where a visitor stands; the table of transitions is in ``states.py``."""

    BOOKED = "booked"
    WAITING = "waiting"
    HELD = "held"
    IN_SESSION = "in_session"
    ABSENT = "absent"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    """Why somebody goes before others who came as early."""

    OLD = "old"
    DISABLED = "disabled"
    ILL = "ill"
    FAR = "far"
    DEADLINE = "deadline"
