"""A petition's and a follow-up's way, as tables."""

from enum import StrEnum

from server.petitions.words import FollowUpState, HandOutState, PetitionState

P = PetitionState
F = FollowUpState
H = HandOutState


class PetitionEvent(StrEnum):
    """What can happen to a petition."""

    ADMIT = "admit"
    END_TALK = "end_talk"
    SIGN = "sign"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    RESUBMIT = "resubmit"
    TAKE_UP = "take_up"
    CLOSE = "close"
    WITHDRAW = "withdraw"


class FollowUpEvent(StrEnum):
    """What can happen to a follow-up."""

    REPORT = "report"
    FINISH = "finish"


class HandOutEvent(StrEnum):
    """What can happen to a file for handing out."""

    ASK = "ask"
    GO_ON = "go_on"
    REST = "rest"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"


PETITION: dict[tuple[PetitionState, PetitionEvent], PetitionState] = {
    (P.BOOKED, PetitionEvent.ADMIT): P.IN_SESSION,
    (P.BOOKED, PetitionEvent.WITHDRAW): P.WITHDRAWN,
    (P.IN_SESSION, PetitionEvent.END_TALK): P.READ_BACK,
    (P.READ_BACK, PetitionEvent.SIGN): P.IN_REVIEW,
    (P.IN_REVIEW, PetitionEvent.APPROVE): P.REGISTERED,
    (P.IN_REVIEW, PetitionEvent.SEND_BACK): P.RETURNED,
    (P.RETURNED, PetitionEvent.RESUBMIT): P.IN_REVIEW,
    (P.REGISTERED, PetitionEvent.TAKE_UP): P.HANDLING,
    (P.REGISTERED, PetitionEvent.CLOSE): P.CLOSED,
    (P.HANDLING, PetitionEvent.CLOSE): P.CLOSED,
}
FOLLOW_UP: dict[tuple[FollowUpState, FollowUpEvent], FollowUpState] = {
    (F.OPEN, FollowUpEvent.REPORT): F.IN_PROGRESS,
    (F.IN_PROGRESS, FollowUpEvent.REPORT): F.IN_PROGRESS,
    (F.OPEN, FollowUpEvent.FINISH): F.DONE,
    (F.IN_PROGRESS, FollowUpEvent.FINISH): F.DONE,
}
HAND_OUT: dict[tuple[HandOutState, HandOutEvent], HandOutState] = {
    (H.WAITING, HandOutEvent.GO_ON): H.MAKING,
    (H.WAITING, HandOutEvent.FAIL): H.FAILED,
    (H.WAITING, HandOutEvent.CANCEL): H.CANCELLED,
    (H.MAKING, HandOutEvent.REST): H.WAITING,
    (H.MAKING, HandOutEvent.FINISH): H.DONE,
    (H.MAKING, HandOutEvent.FAIL): H.FAILED,
    (H.MAKING, HandOutEvent.CANCEL): H.CANCELLED,
    (H.DONE, HandOutEvent.ASK): H.WAITING,
    (H.FAILED, HandOutEvent.ASK): H.WAITING,
    (H.CANCELLED, HandOutEvent.ASK): H.WAITING,
}
