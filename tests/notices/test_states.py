"""The full product of what a notice can be and what can happen to it."""

import pytest

from server.errors import Conflict
from server.notices.states import NOTICE, SendingEvent
from server.notices.words import NoticeState
from server.transitions import advance

COLUMNS = "claim succeed wait give_up lose drop plan_again send_again"
TABLE = """
pending   sending .    .       .      .      dropped .       .
sending   .       sent pending failed unsure dropped .       .
sent      .       .    .       .      .      .       .       .
unsure    .       sent .       .      .      .       .       pending
failed    .       .    .       .      .      .       .       pending
dropped   .       .    .       .      .      .       pending .
"""
EXPECTED = {
    (NoticeState(words[0]), SendingEvent(event)): words[1 + index]
    for words in (line.split() for line in TABLE.strip().splitlines())
    for index, event in enumerate(COLUMNS.split())
}


def test_the_table_is_the_full_product() -> None:
    assert set(EXPECTED) == {(state, event) for state in NoticeState for event in SendingEvent}


@pytest.mark.parametrize(("state", "event"), sorted(EXPECTED))
def test_each_step_leads_where_the_table_says(state: NoticeState, event: SendingEvent) -> None:
    expected = EXPECTED[state, event]
    if expected == ".":
        with pytest.raises(Conflict, match="wrong_state"):
            advance(NOTICE, state, event)
    else:
        assert advance(NOTICE, state, event) == expected


def test_what_was_sent_is_never_sent_again() -> None:
    assert not any(state is NoticeState.SENT for state, _ in NOTICE)
