"""The bound on guessing."""

from datetime import UTC, datetime, timedelta

import pytest

from server.accounts.attempts import Attempts
from server.errors import TooMany

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_ten_failures_then_a_pause() -> None:
    """The eleventh try is refused, for either key, until the window has gone by."""
    attempts = Attempts()
    for _ in range(10):
        attempts.take(("address a", "number 1"), NOW)
    with pytest.raises(TooMany, match="too_many_tries"):
        attempts.take(("address a", "number 2"), NOW)
    with pytest.raises(TooMany, match="too_many_tries"):
        attempts.take(("address b", "number 1"), NOW + timedelta(minutes=9))
    attempts.take(("address b", "number 3"), NOW)
    attempts.take(("address a", "number 1"), NOW + timedelta(minutes=10))


def test_success_does_not_count() -> None:
    """A kiosk that a whole village asks at is not locked by right answers."""
    attempts = Attempts()
    for _ in range(30):
        attempts.take(("address a",), NOW)
        attempts.give_back(("address a",))


def test_memory_is_bounded() -> None:
    """The longest unused key is forgotten first."""
    attempts = Attempts(limit=1, keys=3)
    for name in "abcd":
        attempts.take((name,), NOW)
    attempts.take(("a",), NOW)
    with pytest.raises(TooMany, match="too_many_tries"):
        attempts.take(("d",), NOW)
