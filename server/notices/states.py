"""What can become of a notice, as a table.

A notice whose sending was begun and not seen to end is ``UNSURE``: it may have arrived, so only a person sends it
again.
"""

from enum import StrEnum

from server.notices.words import NoticeState

S = NoticeState


class SendingEvent(StrEnum):
    """What can happen to a notice."""

    CLAIM = "claim"
    SUCCEED = "succeed"
    WAIT = "wait"
    GIVE_UP = "give_up"
    LOSE = "lose"
    DROP = "drop"
    PLAN_AGAIN = "plan_again"
    SEND_AGAIN = "send_again"


E = SendingEvent
NOTICE: dict[tuple[NoticeState, SendingEvent], NoticeState] = {
    (S.PENDING, E.CLAIM): S.SENDING,
    (S.PENDING, E.DROP): S.DROPPED,
    (S.SENDING, E.DROP): S.DROPPED,
    (S.SENDING, E.SUCCEED): S.SENT,
    (S.SENDING, E.WAIT): S.PENDING,
    (S.SENDING, E.GIVE_UP): S.FAILED,
    (S.SENDING, E.LOSE): S.UNSURE,
    (S.DROPPED, E.PLAN_AGAIN): S.PENDING,
    (S.UNSURE, E.SUCCEED): S.SENT,
    (S.UNSURE, E.SEND_AGAIN): S.PENDING,
    (S.FAILED, E.SEND_AGAIN): S.PENDING,
}
