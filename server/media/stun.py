"""STUN binding (RFC 8489) as an ICE-lite agent needs it (RFC 8445): read a check, write its answer."""

import hashlib
import hmac
import ipaddress
import struct
import zlib
from dataclasses import dataclass

COOKIE = 0x2112A442
REQUEST, SUCCESS = 0x0001, 0x0101
USERNAME, INTEGRITY, XOR_ADDRESS, USE_CANDIDATE, FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x0025, 0x8028
MAX_LENGTH = 1500
CRC_MASK = 0x5354554E


@dataclass(frozen=True)
class Check:
    """A binding request. ``ufrag`` is ours, ``peer_ufrag`` the other's; ``signed`` is what the integrity covers."""

    transaction: bytes
    ufrag: str
    peer_ufrag: str
    use_candidate: bool
    signed: bytes
    integrity: bytes

    def authentic(self, password: str) -> bool:
        """Whether the sender knows our password; compared in constant time."""
        expected = hmac.new(password.encode(), self.signed, hashlib.sha1).digest()
        return hmac.compare_digest(expected, self.integrity)


def is_stun(data: bytes) -> bool:
    """Whether a datagram looks like STUN and not like DTLS or RTP (RFC 7983)."""
    return len(data) >= 20 and data[0] < 4 and data[4:8] == COOKIE.to_bytes(4, "big")


def read_check(data: bytes) -> Check | None:
    """The binding request in ``data``; None for anything else or anything malformed."""
    if not 20 <= len(data) <= MAX_LENGTH or not is_stun(data):
        return None
    kind, length = struct.unpack_from("!HH", data)
    if kind != REQUEST or length != len(data) - 20:
        return None
    found = _attributes(data)
    if found is None:
        return None
    name = found.get(USERNAME, (0, b""))[1]
    ours, colon, theirs = name.partition(b":")
    place, integrity = found.get(INTEGRITY, (0, b""))
    if not colon or len(integrity) != 20 or not name.isascii():
        return None
    signed = struct.pack("!HH", kind, place + 24 - 20) + data[4:place]
    return Check(data[8:20], ours.decode(), theirs.decode(), USE_CANDIDATE in found, signed, integrity)


def _attributes(data: bytes) -> dict[int, tuple[int, bytes]] | None:
    found: dict[int, tuple[int, bytes]] = {}
    place = 20
    while place < len(data):
        if place + 4 > len(data):
            return None
        kind, length = struct.unpack_from("!HH", data, place)
        end = place + 4 + length
        if end > len(data):
            return None
        if INTEGRITY not in found:
            found.setdefault(kind, (place, data[place + 4 : end]))
        place = end + (-length % 4)
    return found


def write_answer(check: Check, password: str, address: tuple[str, int]) -> bytes:
    """The success response, telling the sender the address it was seen under."""
    mapped = _xor_address(address, check.transaction)
    body = _attribute(XOR_ADDRESS, mapped)
    head = struct.pack("!HHI", SUCCESS, len(body) + 24, COOKIE) + check.transaction
    body += _attribute(INTEGRITY, hmac.new(password.encode(), head + body, hashlib.sha1).digest())
    head = struct.pack("!HHI", SUCCESS, len(body) + 8, COOKIE) + check.transaction
    return head + body + _attribute(FINGERPRINT, struct.pack("!I", zlib.crc32(head + body) ^ CRC_MASK))


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _xor_address(address: tuple[str, int], transaction: bytes) -> bytes:
    host = ipaddress.ip_address(address[0])
    if isinstance(host, ipaddress.IPv6Address) and host.ipv4_mapped is not None:
        host = host.ipv4_mapped
    mask = COOKIE.to_bytes(4, "big") + transaction
    mixed = bytes(one ^ other for one, other in zip(host.packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if host.version == 4 else 2, address[1] ^ (COOKIE >> 16)) + mixed
