"""Addresses, the socket, and both kinds of wire over loopback: the same promises, batches or not."""

import socket
from collections.abc import Callable, Iterator

import pytest

from server.media.udp import SLOT, SLOTS, Wire, bound_socket, host_and_port, pack_address
from server.media.udp_batch import BatchWire, can_batch
from server.media.udp_plain import PlainWire

WIRES = [pytest.param(BatchWire, marks=pytest.mark.skipif(not can_batch(), reason="no recvmmsg here")), PlainWire]
Make = Callable[[socket.socket], Wire]


@pytest.fixture
def people() -> Iterator[list[socket.socket]]:
    made: list[socket.socket] = []
    yield made
    for one in made:
        one.close()


@pytest.fixture(params=WIRES)
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    made = request.param(bound_socket("::", 0))
    yield made
    made.close()


def caller(people: list[socket.socket], host: str) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(5)
    made.bind((host, 0))
    people.append(made)
    return made


def came(wire: Wire, count: int) -> list[tuple[bytes, tuple[str, int]]]:
    """Receive until that many have come, with their bytes and readable addresses."""
    found: list[tuple[bytes, tuple[str, int]]] = []
    while len(found) < count:
        for index, (length, address) in enumerate(wire.receive()):
            found.append((bytes(wire.inbox.data[index * SLOT : index * SLOT + length]), host_and_port(address)))
    return found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.0.2.7", "2001:db8::5"])
def test_an_address_is_packed_and_read(host: str) -> None:
    assert host_and_port(pack_address(host, 40001)) == (host, 40001)


def test_an_ipv4_address_seen_through_ipv6_is_told_as_ipv4() -> None:
    assert host_and_port(pack_address("::ffff:192.0.2.7", 5)) == ("192.0.2.7", 5)


def test_both_families_are_heard_and_answered(wire: Wire, people: list[socket.socket]) -> None:
    for host in ("127.0.0.1", "::1"):
        one = caller(people, host)
        one.sendto(b"hello", (host, wire.port))
        received = wire.receive()
        assert [length for length, _ in received] == [5]
        assert host_and_port(received[0][1]) == one.getsockname()[:2]
        wire.outbox.data[:6] = b"answer"
        assert wire.send([(6, received[0][1])]) == 0
        assert one.recv(100) == b"answer"


@pytest.mark.parametrize("make", WIRES)
def test_ipv4_alone_is_served_as_well(make: Make, people: list[socket.socket]) -> None:
    made = make(bound_socket("127.0.0.1", 0))
    one = caller(people, "127.0.0.1")
    one.sendto(b"hello", ("127.0.0.1", made.port))
    ((length, address),) = made.receive()
    assert (length, host_and_port(address)) == (5, one.getsockname())
    made.outbox.data[:2] = b"ok"
    assert made.send([(2, address)]) == 0
    assert one.recv(100) == b"ok"
    made.close()


@pytest.mark.parametrize("count", [1, SLOTS - 1, SLOTS, SLOTS + 1, 2 * SLOTS + 3])
def test_nothing_is_lost_or_mixed_up_at_the_border_of_a_batch(
    wire: Wire, people: list[socket.socket], count: int
) -> None:
    callers = [caller(people, host) for host in ("127.0.0.1", "::1")]
    for number in range(count):
        one = callers[number % 2]
        one.sendto(str(number).encode() * (1 + number % 7), (one.getsockname()[0], wire.port))
    received = came(wire, count)
    assert wire.receive() == []
    expected = [
        (str(number).encode() * (1 + number % 7), callers[number % 2].getsockname()[:2]) for number in range(count)
    ]
    assert sorted(received) == sorted(expected)


def test_a_full_box_goes_out_in_order(wire: Wire, people: list[socket.socket]) -> None:
    one = caller(people, "127.0.0.1")
    one.sendto(b"x", ("127.0.0.1", wire.port))
    address = wire.receive()[0][1]
    for index in range(SLOTS):
        wire.outbox.data[index * SLOT : index * SLOT + 3] = b"%03d" % index
    assert wire.send([(3, address)] * SLOTS) == 0
    assert [one.recv(100) for _ in range(SLOTS)] == [b"%03d" % index for index in range(SLOTS)]


def test_one_that_cannot_be_sent_is_counted_and_stops_no_other(wire: Wire, people: list[socket.socket]) -> None:
    one = caller(people, "127.0.0.1")
    one.sendto(b"x", ("127.0.0.1", wire.port))
    good, nowhere = wire.receive()[0][1], pack_address("::ffff:127.0.0.1", 0)
    assert wire.send([(1, nowhere), (2, good), (3, nowhere), (4, good)]) == 2
    assert [len(one.recv(100)) for _ in range(2)] == [2, 4]


def test_empty_and_overlong_datagrams_are_told_as_such(wire: Wire, people: list[socket.socket]) -> None:
    one = caller(people, "127.0.0.1")
    for data in (b"", b"x" * (SLOT + 500), b"after"):
        one.sendto(data, ("127.0.0.1", wire.port))
    assert [length for length, _ in wire.receive()] == [0, SLOT, 5]


def test_the_kernel_s_instants_are_in_order_and_past(wire: Wire, people: list[socket.socket]) -> None:
    one = caller(people, "127.0.0.1")
    for _ in range(3):
        one.sendto(b"x", ("127.0.0.1", wire.port))
    count = len(wire.receive())
    instants = [wire.received_at(index) for index in range(count)]
    assert count == 3
    assert instants == sorted(instants)
    assert instants[0] > 1_600_000_000


def test_a_taken_port_is_refused(wire: Wire) -> None:
    with pytest.raises(OSError, match="in use"):
        bound_socket("::", wire.port)
