"""Pictures come out whole or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from server.media.rtp_packet import RtpPacket, parse_rtp
from server.media.vp8 import Assembler, Frame, key_frame_size, parse_descriptor
from tests.media.packets import Source, talk

PICTURES = Source(kinds=("video",), key_every=10, size=(640, 480))


def packets(seconds: float = 2) -> list[tuple[int, RtpPacket]]:
    found = [(sent.frame, parse_rtp(sent.rtp)) for sent in talk(seconds, PICTURES)]
    return [(frame, packet) for frame, packet in found if packet is not None]


def frames_without(missing: set[int]) -> list[Frame]:
    """What is assembled when the packets at these places never come."""
    assembler, frames, lost = Assembler(), [], False
    for place, (_, packet) in enumerate(packets()):
        if place in missing:
            lost = True
            continue
        frame = assembler.push(packet, lost=lost)
        lost = False
        if frame is not None:
            frames.append(frame)
    return frames


def test_every_picture_comes_out_with_its_size() -> None:
    frames = frames_without(set())
    assert len(frames) == 30
    assert [place for place, frame in enumerate(frames) if frame.key] == [0, 10, 20]
    assert (frames[0].width, frames[0].height) == (640, 480)


def test_after_a_loss_nothing_comes_until_the_next_key_frame() -> None:
    all_of_frame = [place for place, (frame, _) in enumerate(packets()) if frame == 5]
    for place in all_of_frame:
        assert len(frames_without({place})) == 30 - 5
    assert len(frames_without(set(all_of_frame))) == 30 - 5


def test_a_lost_key_frame_waits_for_the_next() -> None:
    first_packet = next(place for place, (frame, _) in enumerate(packets()) if frame == 10)
    assert len(frames_without({first_packet})) == 20


def test_padding_that_is_lost_costs_nothing() -> None:
    assembler, count = Assembler(), 0
    for _, packet in packets():
        count += assembler.push(packet, lost=packet.marker is False and packet.payload[0] & 0x10 != 0) is not None
    assert count == 30


@given(st.binary(max_size=60), st.booleans(), st.booleans())
def test_garbage_is_no_picture_and_no_error(data: bytes, marker: bool, lost: bool) -> None:
    assembler = Assembler()
    frame = assembler.push(RtpPacket(marker, 1, 1, 1, data), lost=lost)
    descriptor = parse_descriptor(data)
    assert frame is None or (descriptor is not None and key_frame_size(data[descriptor.size :]) is not None)
