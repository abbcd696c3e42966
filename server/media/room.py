"""The seats of one session, and where each packet goes. The recorder is one more receiver."""

from server.media import bandwidth, rtcp
from server.media.extensions import audio_level
from server.media.feedback import Incoming
from server.media.peer import CLOCK_RATES, LOST_AFTER, Peer
from server.media.ports import Alarm, PacketSink, SeatHealth, SeatState
from server.media.sdp import MAX_PAIRS, Offer

MAX_SEATS = MAX_PAIRS + 1
MAX_LISTENERS = 2


class Room:
    """One session. ``order`` is that of first joining of those who are seen or heard; it decides on which pair a seat
    is received. Who only listens has no place in it. ``alarm`` is what was told of the recording last, ``untold`` that
    it is to be told again.
    """

    def __init__(self, token: str, *, judged_at: float = 0.0) -> None:
        self.token, self.judged_at = token, judged_at
        self.order: list[str] = []
        self.peers: dict[str, Peer] = {}
        self.sink: PacketSink | None = None
        self.recording = self.untold = False
        self.alarm: Alarm | None = None
        self.spoke: tuple[str, ...] = ()

    def pair(self, sender: str, receiver: str) -> int:
        """On which incoming pair of ``receiver`` the ``sender`` is, from 0."""
        return [one for one in self.order if one != receiver].index(sender)

    def is_full_for(self, seat: str, offer: Offer) -> bool:
        """Whether one more would be received by nobody, or be one listener too many; a seat once taken is kept."""
        if offer.talks:
            return seat not in self.order and len(self.order) >= MAX_SEATS
        return seat not in self.peers and len(self._listeners()) >= MAX_LISTENERS

    def _listeners(self) -> list[str]:
        return [one for one in self.peers if one not in self.order]

    def others(self, seat: str) -> list[Peer]:
        """Everybody else who is connected."""
        return [peer for name, peer in self.peers.items() if name != seat]

    def seat(self, peer: Peer) -> None:
        """Put a peer on its seat, in place of the one before; the others go on receiving the same streams."""
        if peer.offer.talks and peer.seat not in self.order:
            self.order.append(peer.seat)
        self.peers[peer.seat] = peer
        self.route()
        if peer.ready:
            self.want_keyframes()

    def unseat(self, seat: str) -> Peer | None:
        """Take a seat's peer away; the seat keeps its place in the order."""
        peer = self.peers.pop(seat, None)
        self.route()
        return peer

    def route(self) -> None:
        """Work out anew where each sender's packets go; after every change of peers and of what they receive."""
        for sender in [peer for name, peer in self.peers.items() if name in self.order]:
            for kind in ("audio", "video"):
                found = [one.route(kind, self.pair(sender.seat, one.seat)) for one in self.others(sender.seat)]
                sender.routes[kind] = tuple(one for one in found if one is not None)

    def resume(self) -> None:
        """Go on after this process stood still."""
        for peer in self.peers.values():
            peer.resume("audio", "video")
        self.want_keyframes()

    def want_keyframes(self) -> None:
        """Somebody new looks: every picture starts afresh."""
        for peer in self.peers.values():
            peer.keyframe_wanted = True

    def shake_hands(self, peer: Peer, datagram: bytes) -> None:
        """Take a DTLS datagram; from the moment SRTP flows, the newcomer needs every picture from its start."""
        before = peer.ready
        peer.dtls(datagram)
        if peer.ready and not before:
            self.want_keyframes()

    def deliver(self, sender: Peer, packet: bytes, at: float, *, live: bool) -> None:
        """Take a decrypted RTP packet; one that is not ``live`` any more is recorded but not passed on."""
        arrived = sender.arrived(packet, at)
        if arrived is None:
            return
        if live:
            for one in sender.in_order(arrived, at) if arrived.kind == "video" else (arrived,):
                sender.pass_on(one, at)
        level = audio_level(packet, sender.agreed.level_id) if arrived.kind == "audio" else None
        if level is not None:
            sender.voice.take(level, at)
        if self.recording and self.sink is not None:
            self.sink.packet(seat=sender.seat, kind=arrived.kind, received_at=at, rtp=arrived.data, audio_level=level)

    def reported(self, sender: Peer, compound: bytes, now: float) -> None:
        """Take a decrypted RTCP compound."""
        sender.heard_at = now
        for report in rtcp.read_compound(compound):
            self._act(sender, report, now)

    def _act(self, peer: Peer, report: rtcp.Report, now: float) -> None:
        match report:
            case rtcp.SenderReport(ssrc, ntp, timestamp):
                source = peer.incoming.get(ssrc)
                if source is not None:
                    source.reported(ntp, now)
                    self._pass_on(peer, source, ntp, timestamp, now)
            case rtcp.ReportBlock(block):
                stream = peer.stream_of(int.from_bytes(block[:4], "big"))
                if stream is not None:
                    stream.take_block(block, now)
            case rtcp.Nack(ssrc, sequences):
                peer.resend(ssrc, sequences, now)
            case rtcp.PictureLost(ssrc):
                self._picture_lost(peer, ssrc)
            case rtcp.Estimate(bitrate):
                peer.downlink.take_estimate(bitrate, now, sending=peer.sending)

    def _pass_on(self, peer: Peer, stream: Incoming, ntp: int, timestamp: int, now: float) -> None:
        if peer.seat in self.order:
            kind = "audio" if stream.clock_rate == 48000 else "video"
            for receiver in self.others(peer.seat):
                pair = self.pair(peer.seat, receiver.seat)
                receiver.pass_sender_report(kind, pair, stream.ssrc, ntp, timestamp, now)

    def _picture_lost(self, peer: Peer, ssrc: int) -> None:
        for (_, pair), stream in peer.outgoing.items():
            if stream.ssrc == ssrc:
                seats = [one for one in self.order if one != peer.seat]
                sender = self.peers.get(seats[pair]) if pair < len(seats) else None
                if sender is not None:
                    sender.keyframe_wanted = True

    def steer(self, now: float) -> None:
        """Once a second: who is sent pictures, and what each sender is told of the lines of those who see it."""
        changed = False
        for peer in self.peers.values():
            before = peer.downlink.picture
            losses = [one for one in (stream.news() for stream in peer.outgoing.values()) if one is not None]
            loss = max(losses, default=bandwidth.UNKNOWN)
            if peer.ready and peer.downlink.step(now, loss=loss, round_trip=peer.round_trip):
                peer.resume("video")
                self.want_keyframes()
            changed |= peer.downlink.picture is not before
        if changed:
            self.route()
        for peer in self.peers.values():
            peer.report(now, [one.downlink.share(self._pictures(one)) for one in self.others(peer.seat) if one.ready])

    def speaking(self, now: float) -> tuple[str, ...]:
        """Who speaks, in the order of joining."""
        return tuple(seat for seat in self.order if seat in self.peers and self.peers[seat].voice.speaks_at(now))

    def _pictures(self, receiver: Peer) -> int:
        """How many pictures a seat is to be sent."""
        return sum(one.offer.sends_video for one in self.others(receiver.seat))

    def health(self, now: float) -> list[SeatHealth]:
        """Every seat ever taken, in the order of joining; who only listens comes last."""
        return [self._health_of(seat, now) for seat in [*self.order, *self._listeners()]]

    def _health_of(self, seat: str, now: float) -> SeatHealth:
        peer = self.peers.get(seat)
        if peer is None:
            return SeatHealth(seat, SeatState.ABSENT)
        line = peer.line(now)
        live = [one for one in peer.incoming.values() if now - one.last_at < LOST_AFTER]
        return SeatHealth(
            seat=seat,
            state=peer.judge(now),
            loss=line.loss,
            jitter=line.jitter,
            round_trip=line.round_trip,
            bitrate=sum(one.bitrate for one in live),
            freezes=sum(one.freezes for one in peer.incoming.values() if one.clock_rate == CLOCK_RATES["video"]),
            speaking=peer.voice.speaks_at(now),
            listens=seat not in self.order,
        )
