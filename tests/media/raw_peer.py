"""A browser reduced to its datagrams: checks, DTLS as the client, SRTP of chosen packets. Blocking, without a task."""

import hashlib
import hmac
import re
import secrets
import select
import socket
import struct
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from OpenSSL import SSL

from server.media.dtls import EXPORTER, MTU, Identity
from server.media.srtp import PROFILES, REFUSED, Direction
from server.media.stun import COOKIE, CRC_MASK
from server.media.udp import Slots

AUDIO, VIDEO = 111, 96
ROUNDS = 100


@dataclass
class RawPeer:
    """One participant at one local address, ``host``.

    With ``remote_of`` it knows what another one has learned of the engine.
    """

    host: str = "127.0.0.1"
    pairs: int = 1
    profile: bytes = b"SRTP_AEAD_AES_256_GCM"
    ufrag: str = field(default_factory=lambda: secrets.token_hex(4))
    password: str = field(default_factory=lambda: secrets.token_hex(12))
    identity: Identity = field(default_factory=Identity.make)
    ssrcs: dict[int, int] = field(default_factory=lambda: {one: secrets.randbits(31) | 1 for one in (AUDIO, VIDEO)})
    remote_of: "RawPeer | None" = None

    def __post_init__(self) -> None:
        self.socket = self._bound()
        self.remote: tuple[str, int] = self.remote_of.remote if self.remote_of is not None else (self.host, 0)
        self.theirs: Sequence[str] = self.remote_of.theirs if self.remote_of is not None else ("", "")
        self.slots = Slots()
        self.inbound: Direction
        self.outbound: Direction
        self.new_outbound: Callable[[], Direction]

    def __del__(self) -> None:
        self.socket.close()

    def _bound(self) -> socket.socket:
        made = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((self.host, 0))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
        made.setblocking(False)
        return made

    def offer(self, setup: str = "actpass") -> str:
        """What it would say to the signalling: sound and picture both ways, ``pairs`` times."""
        lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        mids = [(kind, f"{kind[0]}{pair}") for pair in range(self.pairs) for kind in ("audio", "video")]
        lines += [f"a=group:BUNDLE {' '.join(mid for _, mid in mids)}", "a=msid-semantic: WMS *"]
        for kind, mid in mids:
            number, codec = (AUDIO, "opus/48000/2") if kind == "audio" else (VIDEO, "VP8/90000")
            lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", "a=rtcp-mux"]
            lines += ["a=sendrecv", f"a=rtpmap:{number} {codec}", f"a=setup:{setup}"]
            lines += [f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.password}"]
            lines += [f"a=fingerprint:sha-256 {self.identity.fingerprint}"]
            lines += [f"a=ssrc:{self.ssrcs[number]} cname:{self.ufrag}"]
            lines += [f"a=candidate:1 1 udp 2130706431 {self.host} {self.socket.getsockname()[1]} typ host"]
            if kind == "video":
                lines += [f"a=rtcp-fb:{number} nack", f"a=rtcp-fb:{number} nack pli"]
        return "\r\n".join(lines) + "\r\n"

    def take(self, answer: str) -> None:
        """Read where the other is; nothing is sent yet."""
        family = r"[0-9a-f:]*:[0-9a-f:]*" if ":" in self.host else r"[0-9.]+"
        found = re.search(rf"a=candidate:\S+ 1 udp \d+ ({family}) (\d+) typ host", answer, re.IGNORECASE)
        assert found is not None, answer
        self.remote = (found[1], int(found[2]))
        self.retake(answer)

    def retake(self, answer: str) -> None:
        """Take the ufrag and password of a new answer."""
        found = [re.search(rf"a=ice-{name}:(\S+)", answer) for name in ("ufrag", "pwd")]
        self.theirs = [one[1] for one in found if one is not None]

    def check(self, *, nominate: bool = True, password: str | None = None) -> bytes:
        """Send a check and return its transaction."""
        written = self.written_check(nominate=nominate, password=password)
        self.socket.sendto(written, self.remote)
        return written[8:20]

    def written_check(self, *, nominate: bool = True, password: str | None = None) -> bytes:
        """A check that is not sent yet."""
        name = f"{self.theirs[0]}:{self.ufrag}".encode()
        body = _attribute(0x0006, name) + _attribute(0x0024, struct.pack("!I", 1)) + _attribute(0x802A, bytes(8))
        body += _attribute(0x0025, b"") if nominate else b""
        behind = struct.pack("!I", COOKIE) + secrets.token_bytes(12)
        key = (password or self.theirs[1]).encode()
        head = struct.pack("!HH", 1, len(body) + 24) + behind
        body += _attribute(0x0008, hmac.new(key, head + body, hashlib.sha1).digest())
        head = struct.pack("!HH", 1, len(body) + 8) + behind
        return head + body + _attribute(0x8028, struct.pack("!I", zlib.crc32(head + body) ^ CRC_MASK))

    def wait(self, seconds: float = 0.05) -> list[bytes]:
        """Datagrams that have come, waiting a little for the first; checks of the other are answered on the way."""
        select.select([self.socket], [], [], seconds)
        found: list[bytes] = []
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return found
            if data[:2] == b"\0\1":
                self.answer(data)
            found.append(data)

    def answer(self, check: bytes) -> None:
        """Answer a check of the other."""
        body = _attribute(0x0020, struct.pack("!BBH", 0, 1, self.remote[1] ^ (COOKIE >> 16)) + _mixed(self.remote[0]))
        head = struct.pack("!HHI", 0x0101, len(body) + 24, COOKIE) + check[8:20]
        body += _attribute(0x0008, hmac.new(self.password.encode(), head + body, hashlib.sha1).digest())
        head = struct.pack("!HHI", 0x0101, len(body) + 8, COOKIE) + check[8:20]
        self.socket.sendto(
            head + body + _attribute(0x8028, struct.pack("!I", zlib.crc32(head + body) ^ CRC_MASK)), self.remote
        )

    def checked(self, *, nominate: bool = True) -> bool:
        """Check until it is answered; False if it never is."""
        asked: set[bytes] = set()
        for _ in range(ROUNDS):
            asked.add(self.check(nominate=nominate))
            if any(one[:2] == b"\1\1" and one[8:20] in asked for one in self.wait()):
                return True
        return False

    def shake_hands(self) -> None:
        """Make the SRTP keys. Raises ``AssertionError`` when the other does not answer."""
        context = self.identity.context()
        context.set_tlsext_use_srtp(self.profile)
        connection = SSL.Connection(context)
        connection.set_connect_state()
        connection.set_ciphertext_mtu(MTU)
        for _ in range(ROUNDS):
            try:
                connection.do_handshake()
                break
            except SSL.WantReadError:
                self._exchange(connection)
        self._flush(connection)
        profile = connection.get_selected_srtp_profile()
        _, key, salt = PROFILES[profile]
        block = connection.export_keying_material(EXPORTER, 2 * (key + salt))
        client = block[:key] + block[2 * key : 2 * key + salt]
        server = block[key : 2 * key] + block[2 * key + salt :]
        self.new_outbound = partial(Direction, profile, client, inbound=False)
        self.outbound, self.inbound = self.new_outbound(), Direction(profile, server, inbound=True)

    def _exchange(self, connection: SSL.Connection) -> None:
        self._flush(connection)
        for data in self.wait(0.2):
            if 20 <= data[0] <= 63:
                connection.bio_write(data)
        if (left := connection.DTLSv1_get_timeout()) is not None and left <= 0:
            connection.DTLSv1_handle_timeout()

    def _flush(self, connection: SSL.Connection) -> None:
        while True:
            try:
                self.socket.sendto(connection.bio_read(65536), self.remote)
            except SSL.WantReadError:
                return

    def connect(self, answer: str) -> None:
        """Everything up to the keys."""
        self.take(answer)
        assert self.checked()
        self.shake_hands()

    def move(self) -> None:
        """Go on from another local port."""
        self.socket.close()
        self.socket = self._bound()

    def sealed(self, packet: bytes) -> bytes:
        """An RTP packet as it goes over the wire."""
        self.slots.data[: len(packet)] = packet
        return bytes(self.slots.data[: self.outbound.seal_rtp(self.slots.pointers[0], len(packet))])

    def sealed_report(self, compound: bytes) -> bytes:
        """An RTCP compound as it goes over the wire."""
        self.slots.data[: len(compound)] = compound
        return bytes(self.slots.data[: self.outbound.seal_rtcp(self.slots.pointers[0], len(compound))])

    def send(self, *packets: bytes) -> None:
        """Send RTP packets."""
        for packet in packets:
            self.socket.sendto(self.sealed(packet), self.remote)

    def packets(self, count: int) -> list[bytes]:
        """The next RTP packets, decrypted, as soon as there are ``count``; fewer when nothing more comes."""
        found: list[bytes] = []
        until = time.monotonic() + 5
        while len(found) < count and time.monotonic() < until:
            for data in self.wait():
                if data[0] >= 128 and not 192 <= data[1] <= 223:
                    self.slots.data[: len(data)] = data
                    length = self.inbound.open_rtp(self.slots.pointers[0], len(data))
                    found += [bytes(self.slots.data[:length])] if length != REFUSED else []
        return found


def rtp(kind: int, sequence: int, timestamp: int, ssrc: int, payload: bytes) -> bytes:
    """A packet without extensions."""
    return struct.pack("!BBHII", 0x80, kind, sequence % 65536, timestamp % (1 << 32), ssrc) + payload


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _mixed(host: str) -> bytes:
    raw = socket.inet_pton(socket.AF_INET, host) if "." in host else bytes(4)
    return bytes(one ^ other for one, other in zip(raw, COOKIE.to_bytes(4, "big"), strict=True))
