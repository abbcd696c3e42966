"""The table of a trial, as a full product."""

from itertools import product

import pytest

from server.errors import Conflict
from server.planning.states import TRIAL, TrialEvent
from server.planning.words import TrialState
from server.transitions import advance

WAYS = {
    "waiting": {"go_on": "playing", "fail": "failed", "cancel": "cancelled"},
    "playing": {"rest": "waiting", "finish": "done", "fail": "failed", "cancel": "cancelled"},
}


@pytest.mark.parametrize(("state", "event"), list(product(TrialState, TrialEvent)))
def test_trial(state: TrialState, event: TrialEvent) -> None:
    """Every pair leads where the list says, or is refused."""
    wanted = WAYS.get(state.value, {}).get(event.value)
    if wanted is None:
        with pytest.raises(Conflict, match="wrong_state"):
            advance(TRIAL, state, event)
    else:
        assert advance(TRIAL, state, event) is TrialState(wanted)
