"""Bad lines: what a way does to datagrams, seeded and in any clock, and a UDP relay that puts such lines before a port.

All lines of a relay are as ``relay.up`` (towards the target) and ``relay.down`` say; both may be changed at any time,
and ``relay.lines[n].up.way = Way(…)`` makes one line different from the others.
"""

import heapq
import itertools
import random
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType

Address = tuple[str, int]
HEADERS = 44
LATE = 0.03
LONGEST = 65536
PATIENCE = 0.2
DTLS = [bytes((one,)) for one in range(20, 64)]
ROOM = 2**20


@dataclass
class Way:
    """What one direction does. Shares are from 0 to 1, times in seconds.

    ``late`` is the share that comes 30 ms later and is overtaken; ``jitter`` the most that a datagram is later by
    chance. ``rate`` is in bits a second, 0 for any; what would wait longer than ``queue`` is dropped.
    """

    loss: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    jitter: float = 0.0
    delay: float = 0.0
    rate: int = 0
    queue: float = 0.5


@dataclass
class Hop:
    """One direction of one line: the n-th datagram has the same fate in each run of the same seed."""

    seed: int
    way: Way = field(default_factory=Way)
    passed: int = 0
    lost: int = 0
    doubled: int = 0
    free_at: float = 0.0
    chance: random.Random = field(init=False)
    order: Iterator[int] = field(default_factory=itertools.count)
    under_way: list[tuple[float, int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - seeded on purpose

    def put(self, data: bytes, now: float) -> None:
        """Let a datagram in."""
        way, (lost, twice, late, jitter) = self.way, [self.chance.random() for _ in range(4)]
        if lost < way.loss or (way.rate and self.free_at - now > way.queue):
            self.lost += 1
            return
        self.passed += 1
        at = now + way.delay
        if way.rate:
            self.free_at = max(self.free_at, now) + 8 * (len(data) + HEADERS) / way.rate
            at = self.free_at + way.delay
        at += jitter * way.jitter
        heapq.heappush(self.under_way, (at + LATE * (late < way.late), next(self.order), data))
        if twice < way.twice:
            self.doubled += 1
            heapq.heappush(self.under_way, (at, next(self.order), data))

    def take(self, now: float) -> list[bytes]:
        """What has arrived."""
        found = []
        while self.under_way and self.under_way[0][0] <= now:
            found.append(heapq.heappop(self.under_way)[2])
        return found


@dataclass
class Line:
    """The line of one browser, which the target sees at the address of ``back``."""

    browser: Address
    back: socket.socket
    up: Hop
    down: Hop

    def next_at(self) -> float:
        """The instant of the next arrival, on either way."""
        return min(hop.under_way[0][0] if hop.under_way else float("inf") for hop in (self.up, self.down))


class Relay:
    """Listens on ``port`` and passes datagrams on, each browser's by a line of its own, in order of appearance.

    ``cut`` stops all of them; ``stopped`` counts what it took, ``handshakes`` the datagrams of DTLS on both ways.
    A seed, a line's number and a direction make the chance.
    """

    def __init__(self, target: Address, *, seed: int = 0, up: Way | None = None, down: Way | None = None) -> None:
        self._target, self._seed = target, seed
        self.up, self.down = up or Way(), down or Way()
        self._front = _bound("127.0.0.1")
        self.port = int(self._front.getsockname()[1])
        self._by_browser: dict[Address, Line] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._front, selectors.EVENT_READ, None)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.cut, self.stopped, self.handshakes = False, 0, 0

    @property
    def lines(self) -> list[Line]:
        """The lines that have been used, the first first."""
        return list(self._by_browser.values())

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(2)
        self._selector.close()
        for one in (self._front, *(line.back for line in self.lines)):
            one.close()

    def rebind(self, host: str = "127.0.0.1", *, line: Line | None = None) -> None:
        """Show the target another port, and another address where ``host`` is one; of all lines, or of one.

        What is on its way to the port before is lost.
        """
        with self._lock:
            for one in [line] if line is not None else self.lines:
                self._selector.unregister(one.back)
                one.back.close()
                one.back = _bound(host)
                self._selector.register(one.back, selectors.EVENT_READ, one)

    def _run(self) -> None:
        patience = PATIENCE
        while not self._stop.is_set():
            ready = self._selector.select(patience)
            with self._lock:
                for key, _ in ready:
                    self._read(key.fileobj, key.data)
                patience = self._deliver()

    def _read(self, ready: object, line: Line | None) -> None:
        assert isinstance(ready, socket.socket)
        while True:
            try:
                data, sender = ready.recvfrom(LONGEST)
            except BlockingIOError:
                return
            except OSError:
                # Refused by one who has gone, or the socket that a rebind has just replaced.
                return
            self.handshakes += data[:1] in DTLS
            if self.cut:
                self.stopped += 1
            elif line is None:
                self._line(sender).up.put(data, time.monotonic())
            else:
                line.down.put(data, time.monotonic())

    def _deliver(self) -> float:
        """Send on what is due; how long to wait for the rest."""
        now, first = time.monotonic(), float("inf")
        for line in self._by_browser.values():
            if line.next_at() <= now:
                for data in line.up.take(now):
                    _send(line.back, data, self._target)
                for data in line.down.take(now):
                    _send(self._front, data, line.browser)
            first = min(first, line.next_at())
        return min(PATIENCE, max(0.0, first - time.monotonic()))

    def _line(self, browser: Address) -> Line:
        if browser not in self._by_browser:
            number, back = len(self._by_browser), _bound("127.0.0.1")
            seed = 1000 * self._seed + 2 * number
            line = Line(browser, back, Hop(seed, self.up), Hop(seed + 1, self.down))
            self._by_browser[browser] = line
            self._selector.register(back, selectors.EVENT_READ, line)
        return self._by_browser[browser]


def _bound(host: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
    made.setblocking(False)
    made.bind((host, 0))
    return made


def _send(by: socket.socket, data: bytes, to: Address) -> None:
    try:
        by.sendto(data, to)
    except OSError:
        return  # a full buffer loses it, as a line would; nobody is there any more
