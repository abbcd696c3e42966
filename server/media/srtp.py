"""SRTP in place: packets are opened and sealed in the memory where they lie.

The only file that knows private names of pylibsrtp, whose public verbs copy each packet twice and refuse those above
1,356 bytes. A pointer is one of cffi; behind a packet to be sealed ``TRAILER`` bytes must be free.
"""

from typing import Any

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

TRAILER = 4 + 16 + 128
WINDOW = 1024
REFUSED = -1
PROFILES: dict[bytes, tuple[int, int, int]] = {
    b"SRTP_AEAD_AES_256_GCM": (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12),
    b"SRTP_AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    b"SRTP_AES128_CM_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
}


class Direction:
    """The keys of one direction. Each verb returns the new length, or ``REFUSED`` and the packet is not to be used."""

    __slots__ = ("_context", "_length", "_session")

    def __init__(self, profile: bytes, key: bytes, *, inbound: bool) -> None:
        kind = Policy.SSRC_ANY_INBOUND if inbound else Policy.SSRC_ANY_OUTBOUND
        policy = Policy(key=key, ssrc_type=kind, srtp_profile=PROFILES[profile][0])
        policy.allow_repeat_tx = not inbound
        policy.window_size = WINDOW
        self._session = Session(policy)
        self._context = self._session._srtp[0]
        self._length = ffi.new("int *")

    def open_rtp(self, pointer: Any, length: int) -> int:
        """Decrypt an RTP packet; a forged or replayed one is refused."""
        size = self._length
        size[0] = length
        return size[0] if lib.srtp_unprotect(self._context, pointer, size) == 0 else REFUSED

    def open_rtcp(self, pointer: Any, length: int) -> int:
        """Decrypt an RTCP compound."""
        size = self._length
        size[0] = length
        return size[0] if lib.srtp_unprotect_rtcp(self._context, pointer, size) == 0 else REFUSED

    def seal_rtp(self, pointer: Any, length: int) -> int:
        """Encrypt an RTP packet; one sent again must be the same to the byte."""
        size = self._length
        size[0] = length
        return size[0] if lib.srtp_protect(self._context, pointer, size) == 0 else REFUSED

    def seal_rtcp(self, pointer: Any, length: int) -> int:
        """Encrypt an RTCP compound."""
        size = self._length
        size[0] = length
        return size[0] if lib.srtp_protect_rtcp(self._context, pointer, size) == 0 else REFUSED
