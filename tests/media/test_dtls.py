"""A handshake in memory, with what a forger who knows the browser's address slips in between."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from OpenSSL import SSL

from server.media.dtls import MTU, Handshake, Identity
from tests.media.blaster import alert, client_hello, hello_verify, record

PROFILE = b"SRTP_AEAD_AES_256_GCM"
OURS, THEIRS = Identity.make(), Identity.make()
CONTEXT = OURS.context()
CLEAR = 23
Forge = Callable[[random.Random], bytes]


def server_hello(chance: random.Random) -> bytes:
    """A handshake message that only servers send, in clear."""
    return record(22, b"\x02" + bytes(11) + chance.randbytes(38))


def stray_data(chance: random.Random) -> bytes:
    """Data in clear."""
    return record(CLEAR, chance.randbytes(50))


def broken(chance: random.Random) -> bytes:
    """A record that says it is longer than it is."""
    return record(22, chance.randbytes(60))[:40]


class Browser:
    """The active side. ``said`` are its datagrams."""

    def __init__(self) -> None:
        context = THEIRS.context()
        context.set_tlsext_use_srtp(PROFILE)
        self.ssl = SSL.Connection(context)
        self.ssl.set_connect_state()
        self.ssl.set_ciphertext_mtu(MTU)

    def step(self, answers: list[bytes]) -> bytes:
        """Take what came and say what is next."""
        for one in answers:
            self.ssl.bio_write(one)
        with suppress(SSL.WantReadError):
            self.ssl.do_handshake()
        return self.flushed()

    def flushed(self) -> bytes:
        """What waits to be sent."""
        try:
            return self.ssl.bio_read(65536)
        except SSL.WantReadError:
            return b""


def shaken(ours: Handshake, between: Callable[[], bytes | None] = lambda: None) -> Browser:
    """Play a whole handshake; what a forger says comes behind each of the browser's two flights."""
    browser = Browser()
    answers: list[bytes] = []
    for _ in range(2):
        answers = ours.receive(browser.step(answers))
        forged = between()
        answers += ours.receive(forged) if forged is not None else []
    browser.step(answers)
    return browser


@pytest.fixture
def ours() -> Handshake:
    return Handshake(CONTEXT, THEIRS.fingerprint)


def test_a_handshake_makes_keys(ours: Handshake) -> None:
    browser = shaken(ours)
    assert ours.keys is not None
    assert browser.ssl.get_selected_srtp_profile() == PROFILE


@pytest.mark.parametrize("forge", [alert, hello_verify, client_hello, server_hello, stray_data, broken])
def test_what_is_forged_in_clear_ends_no_handshake_and_no_association(ours: Handshake, forge: Forge) -> None:
    chance = random.Random(7)  # noqa: S311 - seeded on purpose
    browser = shaken(ours, lambda: forge(chance))
    assert ours.keys is not None
    for _ in range(20):
        assert ours.receive(forge(chance)) == []
    assert not ours.closed
    browser.ssl.shutdown()
    ours.receive(browser.flushed())
    assert ours.closed


@pytest.mark.parametrize("forge", [alert, hello_verify, server_hello, stray_data, broken])
def test_what_is_forged_before_the_first_word_changes_nothing(ours: Handshake, forge: Forge) -> None:
    chance = random.Random(8)  # noqa: S311 - seeded on purpose
    for _ in range(3):
        assert ours.receive(forge(chance)) == []
    shaken(ours)
    assert ours.keys is not None


def test_everything_in_a_datagram_is_read_at_once(ours: Handshake) -> None:
    browser = shaken(ours)
    for _ in range(8):
        browser.ssl.send(b"data that nobody wants")
    browser.ssl.shutdown()
    ours.receive(browser.flushed())
    assert ours.closed


def test_another_certificate_than_the_signalling_named_makes_no_keys() -> None:
    deceived = Handshake(CONTEXT, OURS.fingerprint)
    shaken(deceived)
    assert (deceived.keys, deceived.closed) == (None, True)
