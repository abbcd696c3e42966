"""One browser's connection: DTLS, SRTP, what comes in and what goes out. No socket and no task of its own."""

import secrets
import struct
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from OpenSSL import SSL

from server.media import feedback
from server.media.dtls import Handshake, Keys
from server.media.feedback import Incoming
from server.media.outbox import Outbox
from server.media.ports import SeatState
from server.media.rewrite import Continuity, Header, is_vp8_keyframe, read_header, write_packet
from server.media.sdp import Offer
from server.media.udp import Address

CLOCK_RATES = {"audio": 48000, "video": 90000}
RING = {"audio": 200, "video": 600}
MAX_SOURCES = 16
LOST_AFTER = 3.0
KEYFRAME_EVERY = 0.4


@dataclass(slots=True)
class Outgoing:
    """One stream to this browser; ``ssrc`` stays over reloads of the one who sends."""

    ssrc: int
    kind: str
    continuity: Continuity
    ring: OrderedDict[int, bytes] = field(default_factory=OrderedDict)
    packets: int = 0
    octets: int = 0
    loss: float = 0.0
    round_trip: float | None = None
    reported: dict[int, float] = field(default_factory=dict)


class Arrived(NamedTuple):
    """A decrypted packet with what was learned of it."""

    kind: str
    header: Header
    data: bytes


class Route(NamedTuple):
    """Where one kind of a sender's packets goes: worked out when somebody joins or leaves, not per packet."""

    receiver: "Peer"
    stream: Outgoing
    payload_type: int


class Peer:
    """A seat's connection. ``outbox`` takes what is to be sent; times are monotonic seconds.

    ``address`` is where we send to; ``addresses`` are all that passed a check. ``routes`` are kept by the room.
    """

    def __init__(self, *, session: str, seat: str, offer: Offer, context: SSL.Context, outbox: Outbox) -> None:
        self.session, self.seat, self.offer = session, seat, offer
        self.rename()
        self.own_ssrc = secrets.randbits(31) | 1
        self.address: Address | None = None
        self.addresses: list[Address] = []
        self.keys: Keys | None = None
        self.incoming: dict[int, Incoming] = {}
        self.outgoing: dict[tuple[str, int], Outgoing] = {}
        self.routes: dict[str, Sequence[Route]] = {}
        self.bitrate = feedback.START
        self.keyframe_wanted = True
        self.dropped = 0
        self.heard_at = 0.0
        self.video_at = 0.0
        self.state = SeatState.CONNECTING
        self._asked_keyframe_at = 0.0
        self._handshake = Handshake(context, offer.fingerprint)
        self._outbox = outbox
        self._kinds: dict[int, str] = {}
        self.level_id = 0
        self.adopt(offer)

    def rename(self) -> None:
        """Take a new ufrag and password, as every ICE restart demands."""
        self.ufrag, self.password = secrets.token_urlsafe(6), secrets.token_urlsafe(18)

    def adopt(self, offer: Offer) -> None:
        """Take a new offer of the same browser (ICE restart, camera added): the association stays."""
        self.offer = offer
        self._kinds = {one.payload_type: one.kind for one in offer.sections if one.payload_type is not None}
        self.level_id = next((one.level_id for one in offer.sections if one.kind == "audio"), 0)

    @property
    def ready(self) -> bool:
        """Whether SRTP flows."""
        return self.keys is not None and self.address is not None

    @property
    def closed(self) -> bool:
        """Whether the browser said good-bye, or was not who it should be."""
        return self._handshake.closed

    @property
    def sends_video(self) -> bool:
        """Whether the offer promises a picture."""
        return any(one.kind == "video" and one.sends for one in self.offer.sections)

    def dtls(self, datagram: bytes | None) -> None:
        """Take a DTLS datagram, or with None retransmit what is due."""
        if self.address is not None:
            answers = self._handshake.tick() if datagram is None else self._handshake.receive(datagram)
            self.keys = self._handshake.keys
            for answer in answers:
                self._outbox.put(answer, self.address)

    def arrived(self, data: bytes, now: float) -> Arrived | None:
        """Take a decrypted RTP packet into account; None for what is of no use."""
        header = read_header(data)
        kind = self._kinds.get(header.payload_type) if header is not None else None
        if header is None or kind is None:
            self.dropped += 1
            return None
        stream = self.incoming.get(header.ssrc)
        if stream is None:
            if len(self.incoming) >= MAX_SOURCES:
                self.dropped += 1
                return None
            stream = self.incoming[header.ssrc] = Incoming(header.ssrc, CLOCK_RATES[kind])
        stream.take(header, now, len(data))
        self.heard_at = now
        if kind == "video":
            self.video_at = now
            if self.keyframe_wanted and is_vp8_keyframe(data[header.payload : header.payload + 8]):
                self.keyframe_wanted = False
        return Arrived(kind, header, data)

    def stream_out(self, kind: str, pair: int) -> Outgoing:
        """The stream on the n-th incoming pair of this browser."""
        found = self.outgoing.get((kind, pair))
        if found is None:
            found = Outgoing(secrets.randbits(31) | 1, kind, Continuity(CLOCK_RATES[kind]))
            self.outgoing[kind, pair] = found
        return found

    def route(self, kind: str, pair: int) -> Route | None:
        """Where packets of the seat on the n-th pair go, if this browser receives that kind there."""
        for section in self.offer.sections:
            if section.kind == kind and section.pair == pair and section.receives and section.payload_type is not None:
                return Route(self, self.stream_out(kind, pair), section.payload_type)
        return None

    def forward(self, arrived: Arrived, stream: Outgoing, payload_type: int, now: float) -> None:
        """Send somebody's packet on to this browser, under its own numbers."""
        numbers = stream.continuity.next(arrived.header, now) if self.keys is not None else None
        if numbers is None:
            return
        packet = write_packet(
            arrived.data,
            arrived.header,
            payload_type=payload_type,
            sequence=numbers[0],
            timestamp=numbers[1],
            ssrc=stream.ssrc,
        )
        stream.ring[numbers[0]] = packet
        if len(stream.ring) > RING[stream.kind]:
            stream.ring.popitem(last=False)
        stream.packets += 1
        stream.octets += len(packet) - 12
        self._send_rtp(packet)

    def resend(self, ssrc: int, sequences: list[int]) -> None:
        """Answer a NACK from the ring."""
        for stream in self.outgoing.values():
            if stream.ssrc == ssrc:
                for sequence in sequences[:128]:
                    if sequence in stream.ring:
                        self._send_rtp(stream.ring[sequence])

    def resume(self) -> None:
        """Go on after a standstill: what was not sent leaves no gap in the numbers, pictures start afresh."""
        self.keyframe_wanted = True
        for stream in self.outgoing.values():
            stream.continuity.cut = True

    def _send_rtp(self, packet: bytes) -> None:
        if self.keys is not None and self.address is not None:
            self._outbox.put_rtp(packet, self.address, self.keys.outbound)

    def send_rtcp(self, *parts: bytes) -> None:
        """Send RTCP as one compound, led by a report as RFC 3550 demands."""
        if self.keys is None or self.address is None or not parts:
            return
        compound = b"".join(parts)
        if compound[1] not in {200, 201}:
            compound = feedback.receiver_report(self.own_ssrc, []) + compound
        self._outbox.put_rtcp(compound, self.address, self.keys.outbound)

    def repair(self, now: float) -> None:
        """Ask again for what is missing, and for a keyframe where one is wanted. About every 30 ms."""
        parts = []
        for stream in self.incoming.values():
            lost = stream.to_ask(now)
            if lost:
                parts.append(feedback.nack(self.own_ssrc, stream.ssrc, lost))
        if self.keyframe_wanted and now - self._asked_keyframe_at >= KEYFRAME_EVERY and self.sends_video:
            self._asked_keyframe_at = now
            parts += [feedback.pli(self.own_ssrc, ssrc) for ssrc in self._video_sources(now)]
        self.send_rtcp(*parts)

    def _video_sources(self, now: float) -> list[int]:
        rate = CLOCK_RATES["video"]
        return [one.ssrc for one in self.incoming.values() if one.clock_rate == rate and now - one.last_at < LOST_AFTER]

    def report(self, now: float, downstream_loss: float) -> None:
        """Reports and the bitrate, once a second. ``downstream_loss`` is the worst of those who watch this seat."""
        live = [one for one in self.incoming.values() if now - one.last_at < 10]
        blocks = [one.report_block(now) for one in live]
        self.bitrate = feedback.next_bitrate(self.bitrate, max([downstream_loss, *(one.loss for one in live)]))
        parts = [feedback.receiver_report(self.own_ssrc, blocks)]
        video = self._video_sources(now)
        if video:
            parts.append(feedback.remb(self.own_ssrc, self.bitrate, video))
        self.send_rtcp(*parts)

    def took_sender_report(self, ssrc: int, ntp: int, now: float) -> None:
        """Remember a sender report for the delay in our own reports."""
        stream = self.incoming.get(ssrc)
        if stream is not None:
            stream.report_middle, stream.report_at = (ntp >> 16) & 0xFFFFFFFF, now

    def pass_sender_report(self, kind: str, pair: int, ssrc: int, ntp: int, timestamp: int, now: float) -> None:
        """Tell this browser the sender's clock under our numbers, so that lips and voice agree."""
        stream = self.outgoing.get((kind, pair))
        if stream is None or stream.continuity.source != ssrc:
            return
        shifted = timestamp + stream.continuity.timestamp_offset
        stream.reported[(ntp >> 16) & 0xFFFFFFFF] = now
        while len(stream.reported) > 8:
            del stream.reported[next(iter(stream.reported))]
        self.send_rtcp(feedback.sender_report(stream.ssrc, ntp, shifted, stream.packets, stream.octets))

    def took_report_block(self, block: bytes, now: float) -> None:
        """Learn from the browser how our stream arrives."""
        ssrc, lost, _, _, middle, delay = struct.unpack("!IIIIII", block)
        for stream in self.outgoing.values():
            if stream.ssrc == ssrc:
                stream.loss = (lost >> 24) / 256
                sent = stream.reported.get(middle)
                if sent is not None:
                    stream.round_trip = max(0.0, now - sent - delay / 65536)

    def judge(self, now: float) -> SeatState:
        """What the packets say of this seat."""
        if not self.ready:
            return SeatState.CONNECTING if not self.heard_at or now - self.heard_at < LOST_AFTER else SeatState.LOST
        if now - self.heard_at > LOST_AFTER or self.closed:
            return SeatState.LOST
        if self.sends_video and self.video_at and now - self.video_at > LOST_AFTER:
            return SeatState.VOICE_ONLY
        worst = max([one.loss for one in self.incoming.values()], default=0.0)
        return SeatState.WEAK if worst > 0.08 else SeatState.CONNECTED
