"""How busy an engine is, by measure: its share of one core, and how late its event loop comes to a timer.

A new session is refused before those that run would suffer. Lateness counts only while the engine itself is
busy: otherwise something else slows the machine, and refusing people would not help.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from server.errors import Unavailable

TICK, BEAT, KEPT = 0.1, 1.0, 50
SMOOTHING = 0.4
CALM_CPU, CALM_LAG = 0.85, 0.5
BUSY_CPU = 0.2
SETTLING = 10.0
MAX_SESSIONS = 200
LEAST_SHARE, FIRST_SHARE = 0.005, 0.008


class Load:
    """Measured once a second. ``full_cpu`` is a share of a core, ``full_lag`` a lateness of timers in seconds.

    Once full, it stays so until the share is 15 % and the lateness half below the limits. Sessions opened in the
    last seconds, whose packets are not measured yet, are counted with the share that the others take.
    """

    def __init__(
        self,
        *,
        full_cpu: float,
        full_lag: float,
        now: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.process_time,
    ) -> None:
        self._full_cpu, self._full_lag, self._now, self._used = full_cpu, full_lag, now, used
        self._at, self._used_before = now(), used()
        self._late: deque[float] = deque(maxlen=KEPT)
        self._fresh: deque[float] = deque()
        self._share = FIRST_SHARE
        self.cpu = 0.0
        self.full = False

    @property
    def lag(self) -> float:
        """Seconds within which 95 of the last 100 timers came."""
        return sorted(self._late)[int(len(self._late) * 0.95)] if self._late else 0.0

    @property
    def expected(self) -> float:
        """The share of a core, with what the sessions just opened will take."""
        while self._fresh and self._now() - self._fresh[0] > SETTLING:
            self._fresh.popleft()
        return self.cpu + len(self._fresh) * self._share

    def admit(self, sessions: int) -> None:
        """Let one more in beside ``sessions``; the first always comes in. Raises ``Unavailable("media_full")``."""
        many = sessions >= MAX_SESSIONS or self.expected + self._share > self._full_cpu
        if sessions and (self.full or many):
            raise media_full()
        self._fresh.append(self._now())

    def late(self, seconds: float) -> None:
        """A timer came so much too late."""
        self._late.append(max(0.0, seconds))

    def beat(self, sessions: int) -> None:
        """Measure; once a second."""
        now, used = self._now(), self._used()
        share = (used - self._used_before) / max(0.001, now - self._at)
        self._at, self._used_before = now, used
        self.cpu += SMOOTHING * (share - self.cpu)
        settled = sessions - len(self._fresh)
        if settled > 4:
            self._share = max(LEAST_SHARE, self.cpu / settled)
        late = self.lag if self.cpu > BUSY_CPU else 0.0
        if self.full:
            self.full = self.cpu > self._full_cpu * CALM_CPU or late > self._full_lag * CALM_LAG
        else:
            self.full = self.cpu > self._full_cpu or late > self._full_lag

    async def measure(self, sessions: Callable[[], int]) -> None:
        """Measure until cancelled."""
        beat_at = self._now() + BEAT
        while True:
            due = self._now() + TICK
            await asyncio.sleep(TICK)
            self.late(self._now() - due)
            if self._now() >= beat_at:
                beat_at += BEAT
                self.beat(sessions())


def media_full() -> Unavailable:
    """No more sessions at this moment."""
    return Unavailable(
        "media_full",
        "All lines are taken now. The visitor keeps the place on the list. Please try again in a few minutes.",
    )
