"""A state machine moves only along its table."""

from enum import StrEnum

import pytest

from server.errors import Conflict
from server.transitions import advance


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"


class Push(StrEnum):
    SHUT_IT = "shut_it"


TABLE = {(Door.OPEN, Push.SHUT_IT): Door.SHUT}


def test_an_entry_of_the_table_is_followed() -> None:
    assert advance(TABLE, Door.OPEN, Push.SHUT_IT) is Door.SHUT


def test_anything_else_is_refused_with_the_state_named() -> None:
    with pytest.raises(Conflict) as caught:
        advance(TABLE, Door.SHUT, Push.SHUT_IT)
    assert caught.value.code == "wrong_state"
    assert caught.value.params == {"state": "shut", "event": "shut_it"}
