"""What is put into the box goes out together, encrypted where it must be, and a full box empties itself."""

import struct

from server.media.outbox import LARGEST, Outbox
from server.media.srtp import PROFILES, Direction
from server.media.udp import SLOTS, pack_address
from tests.fakes import FakeWire

PROFILE = b"SRTP_AEAD_AES_128_GCM"
KEY = bytes(sum(PROFILES[PROFILE][1:]))
HERE = pack_address("127.0.0.1", 5)


HEAD, PAYLOAD = struct.pack("!BBHII", 0x80, 96, 1, 0, 9), b"payload"


def box() -> tuple[Outbox, FakeWire, list[int]]:
    wire, wanted = FakeWire(), [0]

    def count() -> None:
        wanted[0] += 1

    return Outbox(wire, count), wire, wanted


def test_nothing_leaves_before_the_flush_and_everything_with_it() -> None:
    outbox, wire, wanted = box()
    outbox.put(b"one", HERE)
    outbox.put_rtp(HEAD, PAYLOAD, HERE, Direction(PROFILE, KEY, inbound=False))
    assert (wire.sent, wanted) == ([], [1])
    outbox.flush()
    outbox.flush()
    assert [address for _, address in wire.sent] == [HERE, HERE]
    assert wire.sent[0][0] == b"one"
    wire.inbox.data[: len(wire.sent[1][0])] = wire.sent[1][0]
    length = Direction(PROFILE, KEY, inbound=True).open_rtp(wire.inbox.pointers[0], len(wire.sent[1][0]))
    assert bytes(wire.inbox.data[:length]) == HEAD + PAYLOAD


def test_a_full_box_goes_out_by_itself() -> None:
    outbox, wire, wanted = box()
    for number in range(SLOTS + 1):
        outbox.put(str(number).encode(), HERE)
    assert [data for data, _ in wire.sent] == [str(number).encode() for number in range(SLOTS)]
    outbox.flush()
    assert len(wire.sent) == SLOTS + 1
    assert wanted == [2]


def test_what_does_not_fit_or_cannot_be_encrypted_is_counted() -> None:
    outbox, wire, wanted = box()
    keys = Direction(PROFILE, KEY, inbound=False)
    outbox.put(bytes(LARGEST + 1), HERE)
    outbox.put_rtp(b"no packet", b"", HERE, keys)
    outbox.put_rtp(HEAD, bytes(LARGEST), HERE, keys)
    outbox.put_rtcp(b"none", HERE, keys)
    outbox.flush()
    assert (outbox.dropped, wire.sent, wanted) == (4, [], [0])


def test_what_the_wire_refuses_is_counted() -> None:
    outbox, wire, _ = box()
    wire.refuses = 2
    for _ in range(3):
        outbox.put(b"x", HERE)
    outbox.flush()
    assert outbox.dropped == 2
