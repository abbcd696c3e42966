"""The seats of one session, and where each packet goes. The recorder is one more receiver."""

from server.media import rtcp
from server.media.peer import Peer
from server.media.ports import PacketSink, SeatHealth, SeatState
from server.media.rewrite import audio_level


class Room:
    """One session. ``order`` is the order of first joining; it decides on which pair a seat is received."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.order: list[str] = []
        self.peers: dict[str, Peer] = {}
        self.sink: PacketSink | None = None
        self.recording = False

    def pair(self, sender: str, receiver: str) -> int:
        """On which incoming pair of ``receiver`` the ``sender`` is, from 0."""
        return [one for one in self.order if one != receiver].index(sender)

    def others(self, seat: str) -> list[Peer]:
        """Everybody else who is connected."""
        return [peer for name, peer in self.peers.items() if name != seat]

    def seat(self, peer: Peer) -> None:
        """Put a peer on its seat, in place of the one before; the others go on receiving the same streams."""
        if peer.seat not in self.order:
            self.order.append(peer.seat)
        self.peers[peer.seat] = peer
        self.route()
        self.want_keyframes()

    def unseat(self, seat: str) -> Peer | None:
        """Take a seat's peer away; the seat keeps its place in the order."""
        peer = self.peers.pop(seat, None)
        self.route()
        return peer

    def route(self) -> None:
        """Work out anew where each sender's packets go; after every change of peers and of what they receive."""
        for sender in self.peers.values():
            for kind in ("audio", "video"):
                found = [one.route(kind, self.pair(sender.seat, one.seat)) for one in self.others(sender.seat)]
                sender.routes[kind] = tuple(one for one in found if one is not None)

    def resume(self) -> None:
        """Go on after this process stood still."""
        for peer in self.peers.values():
            peer.resume()

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

    def deliver(self, sender: Peer, packet: bytes, at: float, *, live: bool = True) -> None:
        """Take a decrypted RTP packet; one that is not ``live`` any more is recorded but not passed on."""
        arrived = sender.arrived(packet, at)
        if arrived is None:
            return
        if live:
            for receiver, stream, payload_type in sender.routes[arrived.kind]:
                receiver.forward(arrived, stream, payload_type, at)
        if self.recording and self.sink is not None:
            level = audio_level(packet, sender.level_id) if arrived.kind == "audio" else None
            self.sink.packet(seat=sender.seat, kind=arrived.kind, received_at=at, rtp=packet, audio_level=level)

    def reported(self, sender: Peer, compound: bytes, now: float) -> None:
        """Take a decrypted RTCP compound."""
        sender.heard_at = now
        for report in rtcp.read_compound(compound):
            self._act(sender, report, now)

    def _act(self, peer: Peer, report: rtcp.Report, now: float) -> None:
        match report:
            case rtcp.SenderReport(ssrc, ntp, timestamp):
                peer.took_sender_report(ssrc, ntp, now)
                self._pass_on(peer, ssrc, ntp, timestamp, now)
            case rtcp.ReportBlock(block):
                peer.took_report_block(block, now)
            case rtcp.Nack(ssrc, sequences):
                peer.resend(ssrc, sequences)
            case rtcp.PictureLost(ssrc):
                self._picture_lost(peer, ssrc)

    def _pass_on(self, peer: Peer, ssrc: int, ntp: int, timestamp: int, now: float) -> None:
        stream = peer.incoming.get(ssrc)
        if stream is not None:
            kind = "audio" if stream.clock_rate == 48000 else "video"
            for receiver in self.others(peer.seat):
                pair = self.pair(peer.seat, receiver.seat)
                receiver.pass_sender_report(kind, pair, ssrc, ntp, timestamp, now)

    def _picture_lost(self, peer: Peer, ssrc: int) -> None:
        for (_, pair), stream in peer.outgoing.items():
            if stream.ssrc == ssrc:
                sender = [one for one in self.order if one != peer.seat][pair]
                if sender in self.peers:
                    self.peers[sender].keyframe_wanted = True

    def downstream_loss(self, seat: str) -> float:
        """The worst loss at which somebody receives this seat."""
        losses = [0.0]
        for receiver in self.others(seat):
            pair = self.pair(seat, receiver.seat)
            losses += [stream.loss for (_, number), stream in receiver.outgoing.items() if number == pair]
        return max(losses)

    def health(self, now: float) -> list[SeatHealth]:
        """Every seat ever taken, in the order of joining."""
        return [self._health_of(seat, now) for seat in self.order]

    def _health_of(self, seat: str, now: float) -> SeatHealth:
        peer = self.peers.get(seat)
        if peer is None:
            return SeatHealth(seat, SeatState.ABSENT)
        live = [one for one in peer.incoming.values() if now - one.last_at < 3]
        return SeatHealth(
            seat=seat,
            state=peer.judge(now),
            loss=max([one.loss for one in live], default=0.0),
            jitter=max([one.jitter / one.clock_rate for one in live], default=0.0),
            round_trip=next((one.round_trip for one in peer.outgoing.values() if one.round_trip is not None), None),
            bitrate=float(peer.bitrate),
        )
