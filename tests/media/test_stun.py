"""Checks of a browser are read; what is not one, or to nobody here, is told at once."""

import struct

import pytest

from server.media.stun import COOKIE, Check, read_check
from tests.media.raw_peer import RawPeer

OURS, PASSWORD = "ours", "our-password-of-22-chars"
KNOWN = {OURS: None, "other": None}


@pytest.fixture
def check() -> bytes:
    browser = RawPeer(ufrag="theirs")
    browser.theirs = (OURS, PASSWORD)
    return browser.written_check()


def with_attribute(check: bytes, kind: int, value: bytes, at: int = 20) -> bytes:
    """The same with one more attribute at that place, and the length that goes with it."""
    more = struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
    body = check[20:at] + more + check[at:]
    return check[:2] + struct.pack("!H", len(body)) + check[4:20] + body


def test_a_check_is_read_and_its_password_is_needed(check: bytes) -> None:
    found = read_check(check, KNOWN)
    assert isinstance(found, Check)
    assert (found.ufrag, found.peer_ufrag, found.use_candidate) == (OURS, "theirs", True)
    assert found.transaction == check[8:20]
    assert found.authentic(PASSWORD)
    assert not found.authentic(PASSWORD[:-1] + "z")


def test_nothing_behind_the_integrity_counts(check: bytes) -> None:
    found = read_check(with_attribute(check, 0x0025, b"", len(check)), KNOWN)
    unsigned = RawPeer(ufrag="theirs")
    unsigned.theirs = (OURS, PASSWORD)
    added = read_check(with_attribute(plain := unsigned.written_check(nominate=False), 0x0025, b"", len(plain)), KNOWN)
    assert found is not None
    assert added is not None
    assert (found.use_candidate, added.use_candidate) == (True, False)


def test_a_check_that_is_cut_is_none(check: bytes) -> None:
    """Also where its length is made to fit, until the integrity is whole."""
    for length in range(len(check)):
        assert read_check(check[:length], KNOWN) is None
    for length in range(20, len(check) - 8):
        fitting = check[:2] + struct.pack("!H", length - 20) + check[4:length]
        assert read_check(fitting, KNOWN) is None


def test_what_is_no_check_or_to_nobody_is_none(check: bytes) -> None:
    assert read_check(check, {"other": None}) is None
    assert read_check(with_attribute(check, 0x0006, b"nobody:theirs"), KNOWN) is None
    assert read_check(with_attribute(check, 0x0006, b"ours"), KNOWN) is None
    assert read_check(with_attribute(check, 0x0006, "ours:\u00e9".encode()), KNOWN) is None
    assert read_check(with_attribute(check, 0x0008, bytes(19)), KNOWN) is None
    assert read_check(b"\1\1" + check[2:], KNOWN) is None
    assert read_check(check[:4] + struct.pack("!I", COOKIE + 1) + check[8:], KNOWN) is None
    assert read_check(with_attribute(check, 0x8022, bytes(1500)), KNOWN) is None
