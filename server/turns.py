"""A lock for writers of one process that goes to whoever waits longest."""

from collections import deque
from threading import Lock, get_ident


class Turns:
    """Whoever has the turn may take it again, and gives it back as often. A lock of Python's lets some wait forever."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[tuple[int, Lock]] = deque()
        self._whose: int | None = None
        self._depth = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self, *, timeout: float) -> bool:
        """Wait for the turn; whether it came within ``timeout`` seconds."""
        own, gate = get_ident(), Lock()
        with self._guard:
            if self._whose in {None, own}:
                self._whose, self._depth = own, self._depth + 1
                return True
            gate.acquire()
            self._waiting.append((own, gate))
        if gate.acquire(timeout=timeout):
            return True
        with self._guard:
            if self._whose == own:
                return True
            self._waiting.remove((own, gate))
            return False

    def give_back(self) -> None:
        """Hand it to the next one."""
        with self._guard:
            self._depth -= 1
            if self._depth > 0:
                return
            self._whose = None
            if self._waiting:
                self._whose, gate = self._waiting.popleft()
                self._depth = 1
                gate.release()
