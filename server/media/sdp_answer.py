"""Answers written (RFC 8829): ICE-lite, passive, one bundle, and only what the engine really does.

Extension ids and payload types are the offer's. MID and RID are left out: sources are told in the answer instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.media.sdp import EXTENSIONS, TIME, TRANSPORT, Offer, Section

ANSWERED = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
VIDEO_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")


@dataclass(frozen=True)
class Ours:
    """What we put into an answer. ``ssrcs`` gives what we send on a section, by kind and pair: stream and repair."""

    ufrag: str
    password: str
    fingerprint: str
    addresses: Sequence[str]
    port: int
    ssrcs: Mapping[tuple[str, int], tuple[int, int]]


def write_answer(offer: Offer, ours: Ours) -> str:
    """The answer; the n-th incoming pair is the stream ``slot-n``, from 1."""
    usable = [one for one in offer.sections if one.payload_type is not None]
    bundle = " ".join(one.mid for one in usable)
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-lite", f"a=group:BUNDLE {bundle}"]
    lines.append("a=msid-semantic: WMS *")
    for section in offer.sections:
        lines += _section(section, ours) if section in usable else _rejected(section)
    return "\r\n".join(lines) + "\r\n"


def _rejected(section: Section) -> list[str]:
    words = section.line.split()
    line = f"m={words[0]} 0 {words[2]} {' '.join(words[3:])}"
    return [line, "c=IN IP4 0.0.0.0", f"a=mid:{section.mid}", "a=inactive"]


def _section(section: Section, ours: Ours) -> list[str]:
    numbers = [one for one in (section.payload_type, section.rtx, section.red) if one is not None]
    lines = [
        f"m={section.kind} {ours.port} UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=mid:{section.mid}",
        f"a=ice-ufrag:{ours.ufrag}",
        f"a=ice-pwd:{ours.password}",
        f"a=fingerprint:sha-256 {ours.fingerprint}",
        "a=setup:passive",
        f"a={_direction(section)}",
    ]
    lines += _codec_lines(section) + _extension_lines(section) + _stream_lines(section, ours)
    for index, address in enumerate(ours.addresses):
        priority = (126 << 24) + ((65535 - index) << 8) + 255
        lines.append(f"a=candidate:{index + 1} 1 udp {priority} {address} {ours.port} typ host")
    return [*lines, "a=end-of-candidates"]


def _direction(section: Section) -> str:
    """Nobody is heard on a further pair, whatever was offered."""
    answered = ANSWERED[section.direction]
    if section.pair == 0:
        return answered
    return {"sendrecv": "sendonly", "recvonly": "inactive"}.get(answered, answered)


def _codec_lines(section: Section) -> list[str]:
    number = section.payload_type
    transport = section.sends and TRANSPORT in section.extensions
    feedback = (*(("nack",) if section.kind == "audio" else VIDEO_FEEDBACK), *(("transport-cc",) if transport else ()))
    if section.kind == "audio":
        lines = [f"a=rtpmap:{number} opus/48000/2", f"a=fmtp:{number} minptime=10;useinbandfec=1;usedtx=0"]
        if section.red is not None:
            lines += [f"a=rtpmap:{section.red} red/48000/2", f"a=fmtp:{section.red} {number}/{number}"]
    else:
        lines = [f"a=rtpmap:{number} VP8/90000"]
        if section.rtx is not None:
            lines += [f"a=rtpmap:{section.rtx} rtx/90000", f"a=fmtp:{section.rtx} apt={number}"]
    return lines + [f"a=rtcp-fb:{number} {one}" for one in feedback]


def _extension_lines(section: Section) -> list[str]:
    """The level and the transport number come up to us, the time of sending goes down."""
    wanted = [one for one in EXTENSIONS[section.kind] if (section.receives if one == TIME else section.sends)]
    return [f"a=extmap:{section.extensions[one]} {one}" for one in wanted if one in section.extensions]


def _stream_lines(section: Section, ours: Ours) -> list[str]:
    sources = ours.ssrcs.get((section.kind, section.pair))
    if not section.receives or sources is None:
        return []
    stream, (main, repair) = f"slot-{section.pair + 1}", sources
    lines = [f"a=msid:{stream} {stream}-{section.kind}"]
    if section.rtx is None:
        return [*lines, f"a=ssrc:{main} cname:{stream}"]
    lines.append(f"a=ssrc-group:FID {main} {repair}")
    return [*lines, f"a=ssrc:{main} cname:{stream}", f"a=ssrc:{repair} cname:{stream}"]
