"""Offers read and answers written (RFC 8829), for one bundle of Opus and VP8. Everything else is refused by name.

Candidates in an offer are ignored: a peer is learned from its checks, and nobody makes the server probe a network.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.errors import Invalid

MAX_OFFER = 48 * 1024
MAX_SECTIONS = 12
LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
MID = re.compile(r"[A-Za-z0-9_.-]{1,32}")
FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}")
CODECS = {"audio": "opus/48000/2", "video": "vp8/90000"}
ANSWERED = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


@dataclass(frozen=True)
class Section:
    """One media section. ``pair`` counts sections of the same kind from 0; ``payload_type`` is empty if unusable."""

    kind: str
    mid: str
    pair: int
    direction: str
    payload_type: int | None
    level_id: int
    line: str

    @property
    def sends(self) -> bool:
        """Whether the offerer sends here."""
        return self.direction in {"sendrecv", "sendonly"} and self.payload_type is not None

    @property
    def receives(self) -> bool:
        """Whether the offerer receives here."""
        return self.direction in {"sendrecv", "recvonly"} and self.payload_type is not None


@dataclass(frozen=True)
class Offer:
    """What an offer says that matters."""

    ufrag: str
    password: str
    fingerprint: str
    sections: Sequence[Section]


@dataclass
class _Draft:
    line: str
    attributes: list[str] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        prefix = f"{name}:"
        return next((one[len(prefix) :] for one in self.attributes if one.startswith(prefix)), None)


def _bad(why: str) -> Invalid:
    return Invalid("bad_sdp", "The browser's offer was not understood (%(why)s).", params={"why": why})


def read_offer(text: str) -> Offer:
    """Read an offer; raises ``Invalid("bad_sdp")`` for anything that is not one bundle with DTLS and ICE."""
    if len(text) > MAX_OFFER or not text.startswith("v=0"):
        raise _bad("size")
    session, drafts = _split(text)
    if not 1 <= len(drafts) <= MAX_SECTIONS:
        raise _bad("sections")
    counts: dict[str, int] = {}
    sections: list[Section] = []
    for draft in drafts:
        section = _section(draft, counts)
        if any(one.mid == section.mid for one in sections):
            raise _bad("mid")
        sections.append(section)
    first = drafts[0]
    ufrag, password = first.value("ice-ufrag") or session.value("ice-ufrag"), first.value("ice-pwd")
    password = password or session.value("ice-pwd")
    algorithm, _, digest = (first.value("fingerprint") or session.value("fingerprint") or "").partition(" ")
    if ufrag is None or password is None or not TOKEN.fullmatch(ufrag) or not TOKEN.fullmatch(password):
        raise _bad("ice")
    if algorithm.lower() != "sha-256" or not FINGERPRINT.fullmatch(digest):
        raise _bad("fingerprint")
    return Offer(ufrag, password, digest.upper(), tuple(sections))


def _split(text: str) -> tuple[_Draft, list[_Draft]]:
    session = _Draft("")
    drafts: list[_Draft] = []
    for line in text.splitlines():
        if line.startswith("m="):
            drafts.append(_Draft(line[2:]))
        elif line.startswith("a="):
            (drafts[-1] if drafts else session).attributes.append(line[2:])
    return session, drafts


def _section(draft: _Draft, counts: dict[str, int]) -> Section:
    words = draft.line.split()
    mid = draft.value("mid")
    if len(words) < 4 or mid is None or not MID.fullmatch(mid) or "rtcp-mux" not in draft.attributes:
        raise _bad("section")
    kind = words[0]
    if kind not in CODECS:
        return Section(kind, mid, -1, "inactive", None, 0, draft.line)
    pair = counts.get(kind, 0)
    counts[kind] = pair + 1
    direction = next((one for one in draft.attributes if one in ANSWERED), "sendrecv")
    return Section(kind, mid, pair, direction, _payload_type(draft, kind, words[3:]), _level_id(draft), draft.line)


def _payload_type(draft: _Draft, kind: str, listed: Sequence[str]) -> int | None:
    for one in draft.attributes:
        number, _, codec = one.removeprefix("rtpmap:").partition(" ")
        if one.startswith("rtpmap:") and codec.lower() == CODECS[kind] and number in listed and number.isdigit():
            return int(number) if 35 <= int(number) <= 127 else None
    return None


def _level_id(draft: _Draft) -> int:
    for one in draft.attributes:
        number, _, address = one.removeprefix("extmap:").partition(" ")
        if one.startswith("extmap:") and address.split(" ")[0] == LEVEL:
            number = number.partition("/")[0]
            return int(number) if number.isdigit() and 1 <= int(number) <= 14 else 0
    return 0


@dataclass(frozen=True)
class Ours:
    """What we put into an answer. ``ssrcs`` gives the stream we send on a section, by kind and pair."""

    ufrag: str
    password: str
    fingerprint: str
    addresses: Sequence[str]
    port: int
    ssrcs: dict[tuple[str, int], int]


def write_answer(offer: Offer, ours: Ours) -> str:
    """The answer: ICE-lite, passive, one bundle; the n-th incoming pair is the stream ``slot-n``, from 1."""
    usable = [one for one in offer.sections if one.payload_type is not None]
    bundle = " ".join(one.mid for one in usable)
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-lite", f"a=group:BUNDLE {bundle}"]
    lines.append("a=msid-semantic: WMS *")
    for section in offer.sections:
        lines += _answer_section(section, ours) if section in usable else _rejected(section)
    return "\r\n".join(lines) + "\r\n"


def _rejected(section: Section) -> list[str]:
    words = section.line.split()
    return [
        f"m={words[0]} 0 {words[2]} {' '.join(words[3:])}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=inactive",
    ]


def _answer_section(section: Section, ours: Ours) -> list[str]:
    number = section.payload_type
    lines = [
        f"m={section.kind} {ours.port} UDP/TLS/RTP/SAVPF {number}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=mid:{section.mid}",
        f"a=ice-ufrag:{ours.ufrag}",
        f"a=ice-pwd:{ours.password}",
        f"a=fingerprint:sha-256 {ours.fingerprint}",
        "a=setup:passive",
        f"a={ANSWERED[section.direction]}",
    ]
    lines += _codec_lines(section)
    ssrc = ours.ssrcs.get((section.kind, section.pair))
    if section.receives and ssrc is not None:
        stream = f"slot-{section.pair + 1}"
        lines += [f"a=msid:{stream} {stream}-{section.kind}", f"a=ssrc:{ssrc} cname:{stream}"]
    for index, address in enumerate(ours.addresses):
        priority = (126 << 24) + ((65535 - index) << 8) + 255
        lines.append(f"a=candidate:{index + 1} 1 udp {priority} {address} {ours.port} typ host")
    return [*lines, "a=end-of-candidates"]


def _codec_lines(section: Section) -> list[str]:
    number = section.payload_type
    if section.kind == "audio":
        lines = [f"a=rtpmap:{number} opus/48000/2", f"a=fmtp:{number} minptime=10;useinbandfec=1;usedtx=0"]
        lines.append(f"a=rtcp-fb:{number} nack")
        return [*lines, f"a=extmap:{section.level_id} {LEVEL}"] if section.level_id else lines
    feedback = ("nack", "nack pli", "ccm fir", "goog-remb")
    return [f"a=rtpmap:{number} VP8/90000", *(f"a=rtcp-fb:{number} {one}" for one in feedback)]
