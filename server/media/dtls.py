"""DTLS-SRTP (RFC 5764) as the passive side, over memory; the only file that touches OpenSSL.

No task and no socket: datagrams go in, datagrams come out, keys appear.
"""

import datetime
import hmac
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from server.media.srtp import PROFILES, Direction

MTU = 1200
RECORD_HEADER = 13
EXPORTER = b"EXTRACTOR-dtls_srtp"
CHANGE_CIPHER_SPEC, HANDSHAKE = 20, 22
CLIENT_SAYS = {1, 11, 15, 16}
"""Handshake messages of a client: hello, certificate, its proof, key exchange (RFC 5246)."""


@dataclass(frozen=True)
class Identity:
    """The process's certificate, made at start; browsers pin its fingerprint through the answer."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls) -> "Identity":
        """A fresh self-signed certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "media")])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        return cls(key, builder.not_valid_after(now + datetime.timedelta(days=365)).sign(key, hashes.SHA256()))

    @property
    def fingerprint(self) -> str:
        """SHA-256 in the notation of RFC 8122."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def context(self) -> SSL.Context:
        """A DTLS context that demands a certificate; whose it is, the fingerprint decides."""
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_certificate(self.certificate)
        context.use_privatekey(self.key)
        context.set_tlsext_use_srtp(b":".join(PROFILES))
        return context


@dataclass(frozen=True)
class Keys:
    """The SRTP keys of both directions."""

    inbound: Direction
    outbound: Direction


class Handshake:
    """One passive handshake, and the association after it."""

    def __init__(self, context: SSL.Context, fingerprint: str) -> None:
        self._ssl = SSL.Connection(context)
        self._ssl.set_accept_state()
        self._ssl.set_ciphertext_mtu(MTU)
        self.fingerprint = fingerprint
        self.keys: Keys | None = None
        self.closed = False

    def receive(self, datagram: bytes) -> list[bytes]:
        """Take a datagram; return those to send. A forged or broken one is dropped."""
        heard = _of_a_client(datagram)
        if not heard:
            return []
        self._ssl.bio_write(heard)
        return self._go_on()

    def tick(self) -> list[bytes]:
        """Retransmit where it is due; call about every 100 ms until ``keys`` are there."""
        if self.keys is not None or self.closed:
            return []
        left = self._ssl.DTLSv1_get_timeout()
        if left is not None and left <= 0:
            self._ssl.DTLSv1_handle_timeout()
        return self._outgoing()

    def _go_on(self) -> list[bytes]:
        try:
            if self.keys is None:
                self._ssl.do_handshake()
                self._finish()
            while self.keys is not None:
                self._ssl.recv(MTU)
        except SSL.ZeroReturnError:
            self.closed = True
        except (SSL.WantReadError, SSL.Error):
            pass
        return self._outgoing()

    def _finish(self) -> None:
        peer = self._ssl.get_peer_certificate(as_cryptography=True)
        shown = peer.fingerprint(hashes.SHA256()).hex(":").upper() if peer is not None else ""
        profile = self._ssl.get_selected_srtp_profile()
        if not hmac.compare_digest(shown, self.fingerprint) or profile not in PROFILES:
            self.closed = True
            return
        _, key, salt = PROFILES[profile]
        block = self._ssl.export_keying_material(EXPORTER, 2 * (key + salt))
        client = block[:key] + block[2 * key : 2 * key + salt]
        server = block[key : 2 * key] + block[2 * key + salt :]
        self.keys = Keys(Direction(profile, client, inbound=True), Direction(profile, server, inbound=False))

    def _outgoing(self) -> list[bytes]:
        try:
            written = self._ssl.bio_read(65536)
        except SSL.WantReadError:
            return []
        return _datagrams(written)


def _of_a_client(datagram: bytes) -> bytes:
    """The records that a client may send: in clear only its part of a handshake, the rest is a forger's.

    An alert or a server's word in clear would end the handshake of whoever is at that address.
    """
    heard, place = b"", 0
    while place + RECORD_HEADER < len(datagram):
        end = place + RECORD_HEADER + int.from_bytes(datagram[place + 11 : place + 13], "big")
        kind, in_clear = datagram[place], datagram[place + 3 : place + 5] == bytes(2)
        shakes_hands = kind == HANDSHAKE and datagram[place + RECORD_HEADER] in CLIENT_SAYS
        if end <= len(datagram) and (not in_clear or shakes_hands or kind == CHANGE_CIPHER_SPEC):
            heard += datagram[place:end]
        place = end
    return heard


def _datagrams(written: bytes) -> list[bytes]:
    """Records packed into datagrams, none cut: OpenSSL's memory is a stream and forgets their borders."""
    packed: list[bytes] = []
    current = b""
    place = 0
    while place + RECORD_HEADER <= len(written):
        end = place + RECORD_HEADER + int.from_bytes(written[place + 11 : place + 13], "big")
        if current and len(current) + end - place > MTU:
            packed.append(current)
            current = b""
        current += written[place:end]
        place = end
    return [*packed, current] if current else packed
