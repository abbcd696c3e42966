"""State machines as tables (rule of the house 1)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from server.errors import Conflict

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def advance(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """Return the state after ``event``; raise ``Conflict("wrong_state")`` where the table has no entry."""
    try:
        return table[state, event]
    except KeyError:
        raise Conflict(
            "wrong_state",
            "This step is not possible now. Please reload the page to see the current state.",
            params={"state": state.value, "event": event.value},
        ) from None
