"""A bound on guessing: how often the same key may fail in a while. Kept in memory, one for each process."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from server.errors import TooMany


class Attempts:
    """At most ``limit`` failures a key within ``window``; at most ``keys`` keys, the longest unused forgotten first."""

    def __init__(self, *, limit: int = 10, window: timedelta = timedelta(minutes=10), keys: int = 20_000) -> None:
        self._limit = limit
        self._window = window
        self._keys = keys
        self._tried: dict[str, deque[datetime]] = {}

    def take(self, keys: Iterable[str], now: datetime) -> None:
        """Count a try for every key before it is known whether it succeeds; raises ``TooMany``."""
        tried = [self._recent(key, now) for key in keys]
        if any(len(instants) >= self._limit for instants in tried):
            raise TooMany(
                "too_many_tries", "That was tried too often. Please wait ten minutes, or ask the staff at the point."
            )
        for instants in tried:
            instants.append(now)

    def give_back(self, keys: Iterable[str]) -> None:
        """The try succeeded and does not count."""
        for key in keys:
            if self._tried.get(key):
                self._tried[key].pop()

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        instants = self._tried.pop(key, deque())
        while instants and instants[0] <= now - self._window:
            instants.popleft()
        self._tried[key] = instants
        while len(self._tried) > self._keys:
            del self._tried[next(iter(self._tried))]
        return instants
