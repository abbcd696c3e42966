"""The words of the planning aid."""

from enum import StrEnum


class TrialState(StrEnum):
    """How far a trial is; the table of transitions is in ``states.py``."""

    WAITING = "waiting"
    PLAYING = "playing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
