"""The same load as packets that can be decoded: VP8 and Opus that were really encoded. For those who decode."""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

import av
from aiortc.codecs.vpx import Vp8Encoder

from server.media.rewrite import read_header
from tests.benchmarks.media.load import FRAMES, SOUNDS, Event
from tests.media.packets import Source, talk
from tests.media.raw_peer import AUDIO, VIDEO, RawPeer, rtp

SIZE, BITRATE = (640, 480), 600_000
KEY_EVERY = 250


@lru_cache(maxsize=1)
def pictures(seconds: float) -> Sequence[Sequence[bytes]]:
    """The payloads of every picture: noise of which a part moves, at the bitrate of the load."""
    chance, encoder = random.Random(1), Vp8Encoder()  # noqa: S311 - a picture, nothing secret
    encoder.target_bitrate = BITRATE
    ground = chance.randbytes(SIZE[0] * SIZE[1])
    found = []
    for number in range(int(seconds * FRAMES)):
        frame = av.VideoFrame(*SIZE, "yuv420p")
        for plane in frame.planes:
            size = plane.line_size * plane.height
            moved = 64 * number % 4096
            plane.update((ground[moved : moved + size // 40] + bytes([128]) * size)[:size])
        frame.pts, frame.time_base = number, Fraction(1, FRAMES)
        found.append(encoder.encode(frame, force_keyframe=number % KEY_EVERY == 0)[0])
    return found


def clip(peer: RawPeer, number: int, seconds: float) -> Iterator[Event]:
    """All that a peer sends, encrypted, from a phase of its own."""
    phase, sequence = random.Random(number).random() / FRAMES, 0  # noqa: S311 - phases, nothing secret
    for frame, payloads in enumerate(pictures(seconds)):
        packets = [
            rtp(VIDEO, sequence + part, 3600 * frame, peer.ssrcs[VIDEO], one) for part, one in enumerate(payloads)
        ]
        sequence += len(packets)
        packets[-1] = packets[-1][:1] + bytes((packets[-1][1] | 128,)) + packets[-1][2:]
        yield phase + frame / FRAMES, number, [peer.sealed(one) for one in packets], (VIDEO, 3600 * frame)
    for sound, sent in enumerate(talk(seconds, Source(kinds=("audio",)))):
        header = read_header(sent.rtp)
        assert header is not None
        packet = rtp(AUDIO, sound, 960 * sound, peer.ssrcs[AUDIO], sent.rtp[header.payload : header.end])
        yield phase + sound / SOUNDS, number, [peer.sealed(packet)], (AUDIO, 960 * sound)
