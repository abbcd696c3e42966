"""The bad lines of the tests are as bad as they say, and equally bad in every run."""

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.relay import HEADERS, Hop, Relay, Way

ALL = Way(loss=0.1, twice=0.1, late=0.1, jitter=0.01, delay=0.02)


@pytest.fixture
def target() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(10)
        yield bound


@pytest.fixture
def browser() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(10)
        yield bound


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def through(hop: Hop, count: int = 2000, every: float = 0.005) -> list[tuple[float, bytes]]:
    """What comes out of a hop, and when, where a datagram of 100 bytes goes in every 5 ms."""
    came = []
    for tick in range(count + 200):
        now = tick * every
        if tick < count:
            hop.put(b"%05d" % tick + bytes(95), now)
        came += [(now, data[:5]) for data in hop.take(now)]
    return came


def test_the_same_seed_is_the_same_line() -> None:
    first, again, other = through(Hop(1, ALL)), through(Hop(1, ALL)), through(Hop(2, ALL))
    assert first == again
    assert first != other


def test_loss_and_doubling_are_counted() -> None:
    hop = Hop(3, Way(loss=0.2, twice=0.1))
    came = Counter(data for _, data in through(hop))
    assert (len(came), came.total()) == (hop.passed, hop.passed + hop.doubled)
    assert hop.passed + hop.lost == 2000
    assert 350 <= hop.lost <= 450
    assert 120 <= hop.doubled <= 200


def test_a_late_one_is_overtaken_and_a_delay_overtakes_nobody() -> None:
    steady = [data for _, data in through(Hop(4, Way(delay=0.05)))]
    assert steady == sorted(steady)
    for way in (Way(late=0.05), Way(jitter=0.02)):
        shuffled = [data for _, data in through(Hop(4, way))]
        assert shuffled != steady
        assert sorted(shuffled) == steady


def test_a_narrow_line_passes_its_rate_and_keeps_no_longer_queue() -> None:
    hop = Hop(5, Way(rate=150_000, queue=0.3))
    came = through(hop)
    octets = sum(100 + HEADERS for now, _ in came if now < 10)
    assert 0.97 * 150_000 <= octets * 8 / 10 <= 150_000
    assert max(now - int(data) * 0.005 for now, data in came) <= 0.3 + 2 * 8 * 144 / 150_000
    hop.way.rate = 0
    hop.put(b"wide", 100.0)
    assert hop.take(100.0) == [b"wide"]


def test_datagrams_go_both_ways_and_each_browser_has_a_line(target: socket.socket, browser: socket.socket) -> None:
    with Relay(target.getsockname()) as relay, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(10)
        seen = []
        for one in (browser, other):
            one.sendto(b"up", ("127.0.0.1", relay.port))
            data, address = target.recvfrom(100)
            target.sendto(data + b" and down", address)
            assert one.recv(100) == b"up and down"
            seen.append(address)
        assert seen[0] != seen[1]
        assert [line.browser for line in relay.lines] == [browser.getsockname(), ("127.0.0.1", other.getsockname()[1])]


def test_a_way_is_set_for_all_or_for_one(target: socket.socket, browser: socket.socket) -> None:
    with Relay(target.getsockname(), down=Way(loss=1.0)) as relay:
        browser.sendto(b"one", ("127.0.0.1", relay.port))
        _, address = target.recvfrom(100)
        target.sendto(b"lost", address)
        until(lambda: relay.lines[0].down.lost == 1)
        relay.lines[0].down.way = Way()
        relay.up.twice = 1.0
        browser.sendto(b"two", ("127.0.0.1", relay.port))
        assert [target.recv(100), target.recv(100)] == [b"two", b"two"]
        target.sendto(b"down", address)
        assert browser.recv(100) == b"down"
        assert (relay.lines[0].down.lost, relay.lines[0].down.passed, relay.down.loss) == (1, 1, 1.0)


def test_a_rebind_shows_another_address_and_a_cut_stops_all(target: socket.socket, browser: socket.socket) -> None:
    with Relay(target.getsockname()) as relay:
        browser.sendto(b"before", ("127.0.0.1", relay.port))
        _, before = target.recvfrom(100)
        relay.rebind("127.0.0.7")
        browser.sendto(b"after", ("127.0.0.1", relay.port))
        data, after = target.recvfrom(100)
        assert (data, after[0], after != before) == (b"after", "127.0.0.7", True)
        target.sendto(b"down", after)
        assert browser.recv(100) == b"down"
        relay.cut = True
        browser.sendto(b"cut", ("127.0.0.1", relay.port))
        until(lambda: relay.stopped == 1)
        relay.cut = False
        browser.sendto(b"on", ("127.0.0.1", relay.port))
        assert target.recv(100) == b"on"
