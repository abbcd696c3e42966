"""SRTP in place, against pylibsrtp's own public verbs, and what a hostile sender may hand in."""

import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from server.media.srtp import PROFILES, REFUSED, TRAILER, WINDOW, Direction
from server.media.udp import SLOT, Slots

PROFILE = b"SRTP_AEAD_AES_256_GCM"
HEADER_AND_TAG = 12 + 10


def rtp(sequence: int, size: int = 1000) -> bytes:
    return struct.pack("!BBHII", 0x80, 96, sequence, 3000 * sequence, 0x1234) + bytes(
        index % 251 for index in range(size)
    )


def secret(profile: bytes) -> bytes:
    return bytes(range(sum(PROFILES[profile][1:])))


def peer(profile: bytes, kind: int) -> Session:
    """What a browser has at its end, made by the public names."""
    policy = Policy(key=secret(profile), ssrc_type=kind, srtp_profile=PROFILES[profile][0])
    policy.window_size = WINDOW
    return Session(policy)


def sealed(keys: Direction, slots: Slots, packet: bytes) -> bytes:
    slots.data[: len(packet)] = packet
    return bytes(slots.data[: keys.seal_rtp(slots.pointers[0], len(packet))])


def opened(keys: Direction, slots: Slots, packet: bytes) -> bytes | None:
    slots.data[SLOT : SLOT + len(packet)] = packet
    length = keys.open_rtp(slots.pointers[1], len(packet))
    return None if length == REFUSED else bytes(slots.data[SLOT : SLOT + length])


@pytest.mark.parametrize("profile", PROFILES)
def test_packets_pass_both_ways_between_us_and_a_browser(profile: bytes) -> None:
    slots = Slots()
    ours, theirs = Direction(profile, secret(profile), inbound=False), peer(profile, Policy.SSRC_ANY_INBOUND)
    assert theirs.unprotect(sealed(ours, slots, rtp(1))) == rtp(1)
    ours, theirs = Direction(profile, secret(profile), inbound=True), peer(profile, Policy.SSRC_ANY_OUTBOUND)
    assert opened(ours, slots, theirs.protect(rtp(2))) == rtp(2)


@pytest.mark.parametrize("profile", PROFILES)
def test_rtcp_passes_both_ways(profile: bytes) -> None:
    slots, report = Slots(), struct.pack("!BBHI", 0x80, 201, 1, 7)
    out, back = (Direction(profile, secret(profile), inbound=inbound) for inbound in (False, True))
    slots.data[: len(report)] = report
    length = out.seal_rtcp(slots.pointers[0], len(report))
    assert len(report) < length <= len(report) + TRAILER
    assert bytes(slots.data[: len(report)])[:8] == report[:8]
    length = back.open_rtcp(slots.pointers[0], length)
    assert bytes(slots.data[:length]) == report


def test_packets_larger_than_the_public_verbs_allow_are_not_refused() -> None:
    slots, large = Slots(), rtp(1, 1450)
    out, back = (Direction(PROFILE, secret(PROFILE), inbound=inbound) for inbound in (False, True))
    with pytest.raises(ValueError, match="too long"):
        peer(PROFILE, Policy.SSRC_ANY_OUTBOUND).protect(large)
    assert opened(back, slots, sealed(out, slots, large)) == large


def test_a_packet_sent_again_is_the_same_and_one_that_came_before_is_refused() -> None:
    slots = Slots()
    out, back = (Direction(PROFILE, secret(PROFILE), inbound=inbound) for inbound in (False, True))
    first = sealed(out, slots, rtp(1))
    sealed(out, slots, rtp(2))
    assert sealed(out, slots, rtp(1)) == first
    assert opened(back, slots, first) == rtp(1)
    assert opened(back, slots, first) is None


def test_a_forged_packet_is_refused() -> None:
    slots = Slots()
    out, back = (Direction(PROFILE, secret(PROFILE), inbound=inbound) for inbound in (False, True))
    packet = bytearray(sealed(out, slots, rtp(1)))
    packet[100] ^= 1
    assert opened(back, slots, bytes(packet)) is None


@pytest.mark.parametrize("profile", PROFILES)
def test_packets_of_every_short_length_are_refused(profile: bytes) -> None:
    slots, back = Slots(), Direction(profile, secret(profile), inbound=True)
    for length in range(1, 64):
        slots.data[:length] = (b"\x80" + os.urandom(length))[:length]
        assert back.open_rtp(slots.pointers[0], length) == REFUSED
        slots.data[:length] = (b"\x80\xc9" + os.urandom(length))[:length]
        assert back.open_rtcp(slots.pointers[0], length) == REFUSED


@given(st.binary(min_size=1, max_size=1500))
def test_noise_is_refused(noise: bytes) -> None:
    slots, back = Slots(), Direction(PROFILE, secret(PROFILE), inbound=True)
    assert opened(back, slots, noise) is None
