"""A trial's way, as a table. It waits whenever a talk needs the machine."""

from enum import StrEnum

from server.planning.words import TrialState

T = TrialState


class TrialEvent(StrEnum):
    """What can happen to a trial."""

    GO_ON = "go_on"
    REST = "rest"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"


TRIAL: dict[tuple[TrialState, TrialEvent], TrialState] = {
    (T.WAITING, TrialEvent.GO_ON): T.PLAYING,
    (T.WAITING, TrialEvent.FAIL): T.FAILED,
    (T.WAITING, TrialEvent.CANCEL): T.CANCELLED,
    (T.PLAYING, TrialEvent.REST): T.WAITING,
    (T.PLAYING, TrialEvent.FINISH): T.DONE,
    (T.PLAYING, TrialEvent.FAIL): T.FAILED,
    (T.PLAYING, TrialEvent.CANCEL): T.CANCELLED,
}
