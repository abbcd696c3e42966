"""One browser's connection: DTLS, SRTP, what comes in and what goes out. No socket and no task of its own."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from OpenSSL import SSL

from server.media import bandwidth, feedback
from server.media.agreed import Agreed
from server.media.bandwidth import Downlink
from server.media.dtls import Handshake, Keys
from server.media.extensions import transport_number
from server.media.feedback import REORDERED, Incoming
from server.media.guard import Guard
from server.media.line import Line, judge
from server.media.outbox import Outbox
from server.media.outgoing import Outgoing
from server.media.ports import SeatState
from server.media.retransmission import Allowance
from server.media.rewrite import Arrived, Continuity, Header, is_vp8_keyframe, read_header
from server.media.sdp import Offer
from server.media.speaking import Voice
from server.media.transport_feedback import Arrivals
from server.media.udp import Address

CLOCK_RATES = {"audio": 48000, "video": 90000}
MAX_SOURCES = 16
MAX_ASKED = 128
LOST_AFTER = 3.0
KEYFRAME_EVERY = 0.4
TOLD_EVERY = 0.1


class Route(NamedTuple):
    """Where one kind of a sender's packets goes: worked out when somebody joins or leaves, not per packet."""

    receiver: "Peer"
    stream: Outgoing


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
        self.bitrate = bandwidth.START
        self.uplink = bandwidth.CEILING
        self.downlink, self.voice = Downlink(), Voice()
        self.keyframe_wanted, self.guard = True, Guard()
        self.dropped = 0
        self.heard_at = self.video_at = 0.0
        self.state = SeatState.CONNECTING
        self._asked_keyframe_at = self._told_at = self._looked_at = 0.0
        self._arrivals = Arrivals()
        self._allowance = Allowance()
        self._handshake = Handshake(context, offer.fingerprint)
        self._outbox = outbox
        self.adopt(offer)

    def rename(self) -> None:
        """Take a new ufrag and password, as every ICE restart demands."""
        self.ufrag, self.password = secrets.token_urlsafe(6), secrets.token_urlsafe(18)

    def adopt(self, offer: Offer) -> None:
        """Take a new offer of the same browser (ICE restart, camera added): the association stays."""
        self.offer = offer
        self.agreed = Agreed.of(offer)

    @property
    def ready(self) -> bool:
        """Whether SRTP flows."""
        return self.keys is not None and self.address is not None

    @property
    def closed(self) -> bool:
        """Whether the browser said good-bye, or was not who it should be."""
        return self._handshake.closed

    def dtls(self, datagram: bytes | None) -> None:
        """Take a DTLS datagram, or with None retransmit what is due."""
        if self.address is not None:
            answers = self._handshake.tick() if datagram is None else self._handshake.receive(datagram)
            self.keys = self._handshake.keys
            for answer in answers:
                self._outbox.put(answer, self.address)

    def arrived(self, data: bytes, now: float) -> Arrived | None:
        """Take a decrypted RTP packet into account; None for what is of no use.

        A retransmission is given as the original, redundant sound as its newest part.
        """
        header, agreed = read_header(data), self.agreed
        use = agreed.uses.get(header[0]) if header is not None else None
        if header is None or use is None:
            self.dropped += 1
            return None
        if agreed.transport_id and (number := transport_number(data, agreed.transport_id)) >= 0:
            self._arrivals.take(number, now)
        if use in CLOCK_RATES:
            return self._taken(use, data, header, now)
        self.heard_at = now
        return self._inside(use, data, header, now)

    def _inside(self, use: str, data: bytes, header: Header, now: float) -> Arrived | None:
        """What came inside of another packet; nothing for what only probes the line or came already."""
        ssrc = self.agreed.repairs.get(header.ssrc) or self._newest_picture()
        plain = self.agreed.unwrapped(data, header, ssrc)
        inner = read_header(plain) if plain is not None else None
        if plain is None or inner is None:
            return None
        if use == "red":
            return self._taken("audio", plain, inner, now)
        stream = self.incoming.get(ssrc)
        return self._taken("video", plain, inner, now) if stream and stream.is_missing(inner.sequence) else None

    def _newest_picture(self) -> int:
        """The source of the picture of now: what a browser that names no groups sends again."""
        pictures = [one for one in self.incoming.values() if one.clock_rate == CLOCK_RATES["video"]]
        return max(pictures, key=lambda one: one.last_at).ssrc if pictures else 0

    def _taken(self, kind: str, data: bytes, header: Header, now: float) -> Arrived | None:
        stream = self.incoming.get(header.ssrc)
        if stream is None:
            if len(self.incoming) >= MAX_SOURCES:
                self.dropped += 1
                return None
            stream = self.incoming[header.ssrc] = Incoming(header.ssrc, CLOCK_RATES[kind])
        stream.take(header, now, len(data))
        if stream.missing and now - self._looked_at >= REORDERED:
            self._looked_at = now
            self.send_rtcp(*feedback.asks(self.own_ssrc, self.incoming.values(), now, self.round_trip))
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
            found = Outgoing(secrets.randbits(31) | 1, secrets.randbits(31) | 1, kind, Continuity(CLOCK_RATES[kind]))
            self.outgoing[kind, pair] = found
        return found

    def route(self, kind: str, pair: int) -> Route | None:
        """Where packets of the seat on the n-th pair go, if this browser receives that kind there and has room."""
        if kind == "video" and not self.downlink.shown:
            return None
        for section in self.offer.sections:
            if section.kind == kind and section.pair == pair and section.receives:
                stream = self.stream_out(kind, pair)
                stream.adopt(section)
                return Route(self, stream)
        return None

    def in_order(self, arrived: Arrived, now: float) -> Sequence[Arrived]:
        """What may be passed on of this picture's source now; see Order."""
        stream = self.incoming[arrived.header.ssrc]
        if not stream.missing and not stream.order.held:
            return (arrived,)
        return stream.order.take(stream.extended(arrived.header.sequence), arrived, stream.missing, now)

    def pass_on(self, arrived: Arrived, now: float) -> None:
        """Send what came from this browser to all who receive it."""
        for receiver, stream in self.routes.get(arrived.kind, ()):
            receiver.forward(arrived, stream, now)

    def forward(self, arrived: Arrived, stream: Outgoing, now: float) -> None:
        """Send somebody's packet on to this browser, under its own numbers."""
        keys, address, (_, header, data) = self.keys, self.address, arrived
        if keys is None or address is None:
            return
        head = stream.head(data, header, now)
        if head is not None:
            self._outbox.put_rtp(head, data[header.payload : header.end], address, keys.outbound)

    def resend(self, ssrc: int, sequences: list[int], now: float) -> None:
        """Answer a NACK, as far as the line can bear it."""
        stream = self.stream_of(ssrc)
        if stream is None or self.keys is None or self.address is None:
            return
        for sequence in sequences[:MAX_ASKED]:
            packet = stream.kept(sequence)
            bitrate = self.downlink.bitrate
            if packet is not None and self._allowance.grants(ssrc, sequence, len(packet), bitrate, now):
                self._outbox.put_rtp(stream.again(packet), b"", self.address, self.keys.outbound)

    def stream_of(self, ssrc: int) -> Outgoing | None:
        """The stream to this browser under that source."""
        return next((one for one in self.outgoing.values() if one.ssrc == ssrc), None)

    def resume(self, *kinds: str) -> None:
        """Go on after a standstill: what was not sent of these kinds leaves no gap in the numbers."""
        for stream in self.outgoing.values():
            stream.continuity.cut |= stream.kind in kinds

    def send_rtcp(self, *parts: bytes) -> None:
        """Send RTCP as one compound, led by a report as RFC 3550 demands."""
        if self.keys is None or self.address is None or not parts:
            return
        compound = b"".join(parts)
        if compound[1] not in {200, 201}:
            compound = feedback.receiver_report(self.own_ssrc, []) + compound
        self._outbox.put_rtcp(compound, self.address, self.keys.outbound)

    @property
    def round_trip(self) -> float | None:
        """How long the way to this browser and back took when it was last measured."""
        measured = [(one.trip_at, one.round_trip) for one in self.outgoing.values() if one.round_trip is not None]
        return max(measured)[1] if measured else None

    @property
    def sending(self) -> float:
        """How much of pictures is sent to this browser, in bits a second."""
        return sum(one.bitrate for one in self.outgoing.values() if one.kind == "video")

    def repair(self, now: float) -> None:
        """About every 30 ms: what is asked for though nothing comes, a keyframe; before that, the handshake."""
        if self.keys is None:
            self.dtls(None)
            return
        waiting = any(one.missing for one in self.incoming.values())
        parts = feedback.asks(self.own_ssrc, self.incoming.values(), now, self.round_trip) if waiting else []
        for stream in self.incoming.values():
            for one in stream.order.due(stream.missing, now) if stream.order.held else ():
                self.pass_on(one, now)
            if stream.broken:
                stream.broken = False
                self.keyframe_wanted |= stream.clock_rate == CLOCK_RATES["video"]
        if self.keyframe_wanted and now - self._asked_keyframe_at >= KEYFRAME_EVERY and self.offer.sends_video:
            self._asked_keyframe_at = now
            parts += [feedback.pli(self.own_ssrc, ssrc) for ssrc in self._video_sources(now)]
        if now - self._told_at >= TOLD_EVERY:
            self._told_at = now
            parts += self._arrivals.build(self.own_ssrc, next(iter(self.incoming), 0))
        self.send_rtcp(*parts)

    def _video_sources(self, now: float) -> list[int]:
        live = [one for one in self.incoming.values() if now - one.last_at < LOST_AFTER]
        return [one.ssrc for one in live if one.clock_rate == CLOCK_RATES["video"]]

    def report(self, now: float, shares: Sequence[int | None]) -> None:
        """Reports and the bitrate, once a second. ``shares`` is what those who are sent this seat's picture can bear.

        A browser that is told when its packets came makes its own estimate of the way up.
        """
        for stream in self.outgoing.values():
            stream.measure(now)
        live = [one for one in self.incoming.values() if now - one.last_at < 10]
        parts = [feedback.receiver_report(self.own_ssrc, [one.report_block(now) for one in live])]
        if not self.agreed.transport_id:
            self.uplink = bandwidth.next_bitrate(self.uplink, max((one.loss for one in live), default=0.0))
        self.bitrate = bandwidth.tightest(self.uplink, shares)
        video = self._video_sources(now)
        if video:
            parts.append(feedback.remb(self.own_ssrc, self.bitrate, video))
        self.send_rtcp(*parts)

    def pass_sender_report(self, kind: str, pair: int, ssrc: int, ntp: int, timestamp: int, now: float) -> None:
        """Tell this browser the sender's clock under our numbers, so that lips and voice agree."""
        stream = self.outgoing.get((kind, pair))
        if stream is None or stream.continuity.source != ssrc:
            return
        shifted = timestamp + stream.continuity.timestamp_offset
        stream.report_sent(ntp, now)
        self.send_rtcp(feedback.sender_report(stream.ssrc, ntp, shifted, stream.packets, stream.octets))

    def judge(self, now: float) -> SeatState:
        """What the packets say of this seat."""
        if not self.ready:
            return SeatState.CONNECTING if not self.heard_at or now - self.heard_at < LOST_AFTER else SeatState.LOST
        self.heard_at = self.heard_at or now
        if now - self.heard_at > LOST_AFTER or self.closed:
            return SeatState.LOST
        return judge(self.line(now), self.state)

    def line(self, now: float) -> Line:
        """The numbers of this seat's line; a browser spreads its pictures by itself, so the jitter is the voice's."""
        rate, live = CLOCK_RATES["audio"], [one for one in self.incoming.values() if now - one.last_at < LOST_AFTER]
        dark = self.offer.sends_video and self.video_at and now - self.video_at > LOST_AFTER
        return Line(
            loss=max([one.loss for one in live] + [one.loss for one in self.outgoing.values()], default=0.0),
            jitter=max([one.jitter for one in live if one.clock_rate == rate], default=0.0) / rate,
            round_trip=self.round_trip,
            pictures=self.downlink.shown and not dark,
        )
