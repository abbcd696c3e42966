"""Sound stays in time."""

from hypothesis import given
from hypothesis import strategies as st

from server.media.opus import SILENCE, SILENCE_SAMPLES, SoundTrack, packet_samples
from server.media.rtp_packet import parse_rtp
from tests.media.packets import Source, talk

PACKET = bytes([0x78, 1, 2])


def test_lengths_are_read_from_the_first_byte() -> None:
    assert packet_samples(SILENCE) == SILENCE_SAMPLES
    assert packet_samples(bytes([0x00])) == 480
    assert packet_samples(bytes([0x18])) == 2880
    assert packet_samples(bytes([0x60])) == 480
    assert packet_samples(bytes([0x80])) == 120
    assert packet_samples(bytes([0xF9])) == 1920
    assert packet_samples(bytes([0xFB, 3])) == 2880
    assert packet_samples(bytes([0xFB, 0x3F])) == 0
    assert packet_samples(b"") == 0


def test_encoded_packets_are_twenty_milliseconds() -> None:
    for sent in talk(1, Source(kinds=("audio",))):
        packet = parse_rtp(sent.rtp)
        assert packet is not None
        assert packet_samples(packet.payload) == 960


def test_silence_leads_to_the_first_packet() -> None:
    track = SoundTrack()
    placed = list(track.add(0.1, PACKET))
    assert [packet for _, packet in placed] == [SILENCE] * 5 + [PACKET]
    assert [round(at, 3) for at, _ in placed] == [0.0, 0.02, 0.04, 0.06, 0.08, 0.1]


def test_a_packet_that_comes_too_late_is_left_out() -> None:
    track = SoundTrack()
    list(track.fill(1.0))
    assert list(track.add(0.97, PACKET)) == []
    assert len(list(track.add(0.99, PACKET))) == 1


@given(st.lists(st.floats(0, 5), max_size=60))
def test_the_track_never_has_a_hole_and_never_runs_away(instants: list[float]) -> None:
    track, expected, samples = SoundTrack(), 0.0, packet_samples(PACKET)
    for instant in instants:
        for at, packet in track.add(instant, PACKET):
            assert abs(at - expected) < 1e-9
            expected = track.position if packet is PACKET else at + 0.02
            assert packet is not PACKET or abs(at - instant) < 0.0201
        expected = track.position
    assert samples == 960


@given(st.binary(max_size=20))
def test_garbage_has_a_length_or_none(data: bytes) -> None:
    assert 0 <= packet_samples(data) <= 5_760
