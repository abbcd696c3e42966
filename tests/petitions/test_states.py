"""The tables of the petition and the follow-up, as full products."""

from itertools import product

import pytest

from server.errors import Conflict
from server.petitions.states import FOLLOW_UP, HAND_OUT, PETITION, FollowUpEvent, HandOutEvent, PetitionEvent
from server.petitions.words import FollowUpState, HandOutState, PetitionState
from server.transitions import advance

PETITION_WAYS = {
    "booked": {"admit": "in_session", "withdraw": "withdrawn"},
    "in_session": {"end_talk": "read_back"},
    "read_back": {"sign": "in_review"},
    "in_review": {"approve": "registered", "send_back": "returned"},
    "returned": {"resubmit": "in_review"},
    "registered": {"take_up": "handling", "close": "closed"},
    "handling": {"close": "closed"},
    "closed": {},
    "withdrawn": {},
}
FOLLOW_UP_WAYS = {
    "open": {"report": "in_progress", "finish": "done"},
    "in_progress": {"report": "in_progress", "finish": "done"},
    "done": {},
}
HAND_OUT_WAYS = {
    "waiting": {"go_on": "making", "fail": "failed", "cancel": "cancelled"},
    "making": {"rest": "waiting", "finish": "done", "fail": "failed", "cancel": "cancelled"},
    "done": {"ask": "waiting"},
    "failed": {"ask": "waiting"},
    "cancelled": {"ask": "waiting"},
}


@pytest.mark.parametrize(("state", "event"), list(product(PetitionState, PetitionEvent)))
def test_petition(state: PetitionState, event: PetitionEvent) -> None:
    """Every pair leads where the list says, or is refused."""
    wanted = PETITION_WAYS[state.value].get(event.value)
    if wanted is None:
        with pytest.raises(Conflict, match="wrong_state"):
            advance(PETITION, state, event)
    else:
        assert advance(PETITION, state, event) is PetitionState(wanted)


@pytest.mark.parametrize(("state", "event"), list(product(FollowUpState, FollowUpEvent)))
def test_follow_up(state: FollowUpState, event: FollowUpEvent) -> None:
    """Every pair leads where the list says, or is refused."""
    wanted = FOLLOW_UP_WAYS[state.value].get(event.value)
    if wanted is None:
        with pytest.raises(Conflict, match="wrong_state"):
            advance(FOLLOW_UP, state, event)
    else:
        assert advance(FOLLOW_UP, state, event) is FollowUpState(wanted)


@pytest.mark.parametrize(("state", "event"), list(product(HandOutState, HandOutEvent)))
def test_hand_out(state: HandOutState, event: HandOutEvent) -> None:
    """Every pair leads where the list says, or is refused."""
    wanted = HAND_OUT_WAYS[state.value].get(event.value)
    if wanted is None:
        with pytest.raises(Conflict, match="wrong_state"):
            advance(HAND_OUT, state, event)
    else:
        assert advance(HAND_OUT, state, event) is HandOutState(wanted)
