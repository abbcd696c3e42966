"""STUN binding (RFC 8489) as an ICE-lite agent needs it (RFC 8445): read a check, write its answer."""

import hashlib
import hmac
import ipaddress
import struct
import zlib
from collections.abc import Container
from typing import NamedTuple

COOKIE = 0x2112A442
REQUEST, SUCCESS = 0x0001, 0x0101
USERNAME, INTEGRITY, XOR_ADDRESS, USE_CANDIDATE, FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x0025, 0x8028
MAX_LENGTH = 1500
CRC_MASK = 0x5354554E
_HEAD, _ATTRIBUTE = struct.Struct("!HHI12s"), struct.Struct("!HH")


class Check(NamedTuple):
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


def read_check(data: bytes, known: Container[str]) -> Check | None:
    """The binding request in ``data`` to one of the ``known`` ufrags; None for anything else or anything malformed.

    Who floods knows no ufrag: that is found out first.
    """
    if not _HEAD.size <= len(data) <= MAX_LENGTH:
        return None
    kind, length, cookie, transaction = _HEAD.unpack_from(data)
    if kind != REQUEST or cookie != COOKIE or length != len(data) - _HEAD.size:
        return None
    found = _attributes(data, known)
    if found is None or USERNAME not in found or INTEGRITY not in found:
        return None
    ours, _, theirs = found[USERNAME][1].decode().partition(":")
    place, integrity = found[INTEGRITY]
    signed = struct.pack("!HH", kind, place + 24 - _HEAD.size) + data[4:place]
    return Check(transaction, ours, theirs, USE_CANDIDATE in found, signed, integrity)


def _attributes(data: bytes, known: Container[str]) -> dict[int, tuple[int, bytes]] | None:
    """What the integrity covers, and itself; None where it is malformed or to nobody here."""
    found: dict[int, tuple[int, bytes]] = {}
    place, size = _HEAD.size, len(data)
    while place < size:
        if place + 4 > size:
            return None
        kind, length = _ATTRIBUTE.unpack_from(data, place)
        end = place + 4 + length
        if end > size:
            return None
        if INTEGRITY not in found and kind not in found:
            value = data[place + 4 : end]
            if (kind == USERNAME and not _names(value, known)) or (kind == INTEGRITY and length != 20):
                return None
            found[kind] = place, value
        place = end + (-length % 4)
    return found


def _names(username: bytes, known: Container[str]) -> bool:
    ours, colon, _ = username.partition(b":")
    return bool(colon) and username.isascii() and ours.decode() in known


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
