"""Offers read (RFC 8829, 8843): one bundle of Opus and VP8 with what repairs and measures them. All else is refused.

Candidates in an offer are ignored: a peer is learned from its checks, and nobody makes the server probe a network.
The only error that leaves this file is ``Invalid`` with a code of ``REFUSALS``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.errors import Invalid

MAX_OFFER = 48 * 1024
MAX_SECTIONS = 12
MAX_PAIRS = 5
MAX_GROUPS = 16
LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
EXTENSIONS = {"audio": (LEVEL, TRANSPORT), "video": (TRANSPORT, TIME)}
CODECS = {"audio": "opus/48000/2", "video": "vp8/90000"}
SENDING, RECEIVING = {"sendrecv", "sendonly"}, {"sendrecv", "recvonly"}
DIRECTIONS = SENDING | RECEIVING | {"inactive"}
REFUSALS = {
    "sdp_size": "longer than 48 KiB, or no session description",
    "sdp_characters": "something else than printable ASCII",
    "sdp_sections": "no media section, or more than twelve",
    "sdp_section": "a media section that is malformed or lacks mid or rtcp-mux",
    "sdp_mid": "the same mid twice",
    "sdp_bundle": "usable sections outside the one bundle",
    "sdp_nothing_usable": "neither Opus nor VP8",
    "sdp_payload_type": "one payload type for two things",
    "sdp_extension": "one extension id for two things",
    "sdp_ice": "no ICE user and password, or malformed ones",
    "sdp_fingerprint": "no SHA-256 fingerprint",
    "sdp_setup": "wishes to wait for the server's handshake",
}

_TEXT = re.compile(r"[\t\r\n -~]*")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_MID = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}")
_LINE = re.compile(r"([a-z]{1,16}) (\d{1,5}) ([A-Z/]{1,40})((?: [A-Za-z0-9_-]{1,32}){1,128})")
_RTPMAP = re.compile(r"rtpmap:(\d{1,3}) ([A-Za-z0-9/-]{1,32})")
_APT = re.compile(r"fmtp:(\d{1,3}) (?:.*;)? *apt=(\d{1,3})(?:;.*)?")
_RED = re.compile(r"fmtp:(\d{1,3}) (\d{1,3})(?:/\2)+")
_EXTMAP = re.compile(r"extmap:(\d{1,2})(?:/sendrecv)? (\S{1,128})")
_FID = re.compile(r"ssrc-group:FID (\d{1,10}) (\d{1,10})")


@dataclass(frozen=True)
class Section:
    """One media section. ``pair`` counts sections of the same kind from 0; ``payload_type`` is empty if unusable.

    ``rtx`` and ``red`` are payload types (RFC 4588, 2198), ``extensions`` the ids by address, where offered.
    """

    kind: str
    mid: str
    pair: int
    direction: str
    payload_type: int | None
    line: str
    rtx: int | None = None
    red: int | None = None
    extensions: Mapping[str, int] = field(default_factory=dict)
    repairs: Mapping[int, int] = field(default_factory=dict)

    @property
    def sends(self) -> bool:
        """Whether the offerer sends here: only on its first pair."""
        return self.direction in SENDING and self.payload_type is not None and self.pair == 0

    @property
    def receives(self) -> bool:
        """Whether the offerer receives here."""
        return self.direction in RECEIVING and self.payload_type is not None

    @property
    def level_id(self) -> int:
        """The id of the audio level, 0 where there is none."""
        return self.extensions.get(LEVEL, 0)


@dataclass(frozen=True)
class Offer:
    """What an offer says that matters."""

    ufrag: str
    password: str
    fingerprint: str
    sections: Sequence[Section]

    @property
    def talks(self) -> bool:
        """Whether the offerer is to be heard or seen, and does not only listen."""
        return any(one.sends for one in self.sections)

    @property
    def sends_video(self) -> bool:
        """Whether it promises a picture."""
        return any(one.kind == "video" and one.sends for one in self.sections)

    def extension(self, address: str) -> int:
        """The id of a header extension, the same in the whole bundle; 0 where there is none."""
        return next((one.extensions[address] for one in self.sections if address in one.extensions), 0)


@dataclass
class _Draft:
    line: str
    attributes: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        prefix = f"{name}:"
        return next((one[len(prefix) :] for one in self.attributes if one.startswith(prefix)), "")


def _bad(code: str) -> Invalid:
    return Invalid(code, "The browser's offer was not understood (%(why)s).", params={"why": code})


def read_offer(text: str) -> Offer:
    """Read an offer; raises ``Invalid`` with a code of ``REFUSALS`` for anything that cannot be answered."""
    if len(text) > MAX_OFFER or not text.startswith("v=0"):
        raise _bad("sdp_size")
    if not _TEXT.fullmatch(text):
        raise _bad("sdp_characters")
    session, drafts = _split(text)
    if not 1 <= len(drafts) <= MAX_SECTIONS:
        raise _bad("sdp_sections")
    counts: dict[str, int] = {}
    sections = tuple(_section(draft, counts) for draft in drafts)
    usable = [index for index, one in enumerate(sections) if one.payload_type is not None]
    if not usable:
        raise _bad("sdp_nothing_usable")
    _hold_together(session, sections)
    ufrag, password, digest = _credentials(session, drafts[usable[0]])
    return Offer(ufrag, password, digest, sections)


def _split(text: str) -> tuple[_Draft, list[_Draft]]:
    session = _Draft("")
    drafts: list[_Draft] = []
    for line in re.split(r"\r\n|\n|\r", text):
        if line.startswith("m="):
            drafts.append(_Draft(line[2:]))
        elif line.startswith("a="):
            (drafts[-1] if drafts else session).attributes.append(line[2:])
    return session, drafts


def _section(draft: _Draft, counts: dict[str, int]) -> Section:
    line, mid = _LINE.fullmatch(draft.line), draft.value("mid")
    if line is None or not _MID.fullmatch(mid):
        raise _bad("sdp_section")
    kind, port, protocol, listed = line[1], int(line[2]), line[3], line[4].split()
    stopped = port == 0 and "bundle-only" not in draft.attributes
    if kind not in CODECS or stopped or protocol != "UDP/TLS/RTP/SAVPF":
        pair = counts.setdefault(kind, 0)
        counts[kind] += 1
        return Section(kind, mid, pair, "inactive", None, draft.line)
    if "rtcp-mux" not in draft.attributes:
        raise _bad("sdp_section")
    pair = counts.get(kind, 0)
    counts[kind] = pair + 1
    direction = next((one for one in draft.attributes if one in DIRECTIONS), "sendrecv")
    codecs = _codecs(draft, listed)
    main = next((number for number, codec in codecs.items() if codec == CODECS[kind]), None)
    if main is None or pair >= MAX_PAIRS:
        return Section(kind, mid, pair, "inactive", None, draft.line)
    return Section(
        kind=kind,
        mid=mid,
        pair=pair,
        direction=direction,
        payload_type=main,
        line=draft.line,
        rtx=_second(draft, _APT, codecs, "rtx/90000", main) if kind == "video" else None,
        red=_second(draft, _RED, codecs, "red/48000/2", main) if kind == "audio" else None,
        extensions=_extensions(draft, kind),
        repairs=_repairs(draft),
    )


def _codecs(draft: _Draft, listed: Sequence[str]) -> dict[int, str]:
    """Codecs by payload type, in the order of the offerer's wishes; dynamic ones only."""
    named: dict[str, str] = {}
    for one in draft.attributes:
        if match := _RTPMAP.fullmatch(one):
            if match[1] in named:
                raise _bad("sdp_payload_type")
            named[match[1]] = match[2].lower()
    return {int(one): named[one] for one in listed if one in named and _is_dynamic(int(one))}


def _is_dynamic(number: int) -> bool:
    """RFC 5761: 64 to 95 would be taken for RTCP."""
    return 35 <= number <= 63 or 96 <= number <= 127


def _second(draft: _Draft, form: re.Pattern[str], codecs: Mapping[int, str], codec: str, main: int) -> int | None:
    """The payload type of a ``codec`` that says by its format that it carries ``main``."""
    for one in draft.attributes:
        match = form.fullmatch(one)
        if match is not None and int(match[2]) == main and codecs.get(int(match[1])) == codec:
            return int(match[1])
    return None


def _extensions(draft: _Draft, kind: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in draft.attributes:
        match = _EXTMAP.fullmatch(one)
        if match is not None and match[2] in EXTENSIONS[kind] and 1 <= int(match[1]) <= 14:
            found.setdefault(match[2], int(match[1]))
    return found


def _repairs(draft: _Draft) -> dict[int, int]:
    """Which source repairs which, where the offer says so (RFC 5576)."""
    groups = [match for one in draft.attributes if (match := _FID.fullmatch(one))][:MAX_GROUPS]
    return {int(one[2]): int(one[1]) for one in groups}


def _hold_together(session: _Draft, sections: Sequence[Section]) -> None:
    """One bundle, in which a name, a payload type and an extension id mean one thing each."""
    if len({one.mid for one in sections}) < len(sections):
        raise _bad("sdp_mid")
    groups = [one.split()[1:] for one in session.attributes if one.startswith("group:BUNDLE")]
    usable = [one for one in sections if one.payload_type is not None]
    if len(groups) != 1 or not {one.mid for one in usable} <= set(groups[0]):
        raise _bad("sdp_bundle")
    numbers: dict[int | None, str] = {}
    ids: dict[int, str] = {}
    for one in usable:
        for number, use in ((one.payload_type, one.kind), (one.rtx, "rtx"), (one.red, "red")):
            if number is not None and numbers.setdefault(number, use) != use:
                raise _bad("sdp_payload_type")
        for address, number in one.extensions.items():
            if ids.setdefault(number, address) != address:
                raise _bad("sdp_extension")


def _credentials(session: _Draft, first: _Draft) -> tuple[str, str, str]:
    """ICE user and password and the fingerprint, of the bundle's first section or of the session."""
    ufrag, password = (first.value(name) or session.value(name) for name in ("ice-ufrag", "ice-pwd"))
    if not _TOKEN.fullmatch(ufrag) or not _TOKEN.fullmatch(password):
        raise _bad("sdp_ice")
    algorithm, _, digest = (first.value("fingerprint") or session.value("fingerprint")).partition(" ")
    if algorithm.lower() != "sha-256" or not _FINGERPRINT.fullmatch(digest):
        raise _bad("sdp_fingerprint")
    if (first.value("setup") or session.value("setup") or "actpass") not in {"actpass", "active"}:
        raise _bad("sdp_setup")
    return ufrag, password, digest.upper()
