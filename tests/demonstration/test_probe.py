"""What a probe measures with: numbers in pictures, and a tone among other sounds."""

import asyncio
import math
from array import array
from collections.abc import Sequence
from fractions import Fraction

import av

from server.demonstration.probe import RECOGNISED, Numbered, Probe, number_of, tone_share
from server.demonstration.synthetic import RATE


def wave(pitch: float, loud: float = 9000.0, samples: int = 960) -> Sequence[int]:
    return array("h", (int(loud * math.sin(2 * math.pi * pitch * at / RATE)) for at in range(samples)))


def test_a_tone_is_recognised_at_its_pitch_only() -> None:
    assert tone_share(wave(440), 440) > 0.9
    assert tone_share(wave(1000, loud=300), 1000) > 0.9
    assert tone_share(wave(1000), 440) < RECOGNISED
    assert tone_share(array("h", [0] * 960), 440) == 0.0
    assert tone_share(array("h", [8000, -8000] * 480), 440) < 0.05


def test_a_picture_carries_its_number_through_the_codec() -> None:
    async def numbers() -> list[int]:
        track = Numbered()
        track.sent = dict.fromkeys(range(741), 0.0)
        encoder, decoder = av.CodecContext.create("libvpx", "w"), av.CodecContext.create("vp8", "r")
        frames = [await track.recv() for _ in range(3)]
        encoder.width, encoder.height, encoder.pix_fmt = frames[0].width, frames[0].height, "yuv420p"
        encoder.bit_rate, encoder.time_base = 200_000, Fraction(1, 90_000)
        packets = [packet for frame in [*frames, None] for packet in encoder.encode(frame)]
        return [number_of(frame) for packet in packets for frame in decoder.decode(packet)]

    assert asyncio.run(numbers()) == [741, 742, 743]


def test_pictures_between_the_first_and_the_last_that_came_are_missed() -> None:
    async def shares() -> list[float]:
        probe, told = Probe(pitch=440), []
        for numbers in ([], [3, 4, 5, 6], [3, 6]):
            probe.delays = dict.fromkeys(numbers, 0.0)
            told.append(probe.lost)
        await probe.close()
        return told

    assert asyncio.run(shares()) == [1.0, 0.0, 0.5]
