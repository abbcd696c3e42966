"""Real RTP packets of a seat: pictures and sound made by aiortc's encoders."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal

import av
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtp import RtpPacket

from server.media.recorder import Recorder
from server.sealed_file import StoredFile

FRAMES_PER_SECOND = 15
PACKETS_PER_SECOND = 50
Medium = Literal["audio", "video"]


@dataclass(frozen=True)
class Sent:
    """One packet at its instant in the talk."""

    at: float
    kind: Medium
    rtp: bytes
    level: int | None = None
    frame: int = -1
    begins: bool = False
    ends: bool = False


@dataclass(frozen=True)
class Source:
    """How a seat numbers its packets, and what it shows: a pattern that moves, or colours (Y, U, V), a second each."""

    ssrc: int = 1000
    sequence: int = 100
    timestamp: int = 5000
    key_every: int = 30
    size: tuple[int, int] = (160, 120)
    level: int = 30
    kinds: tuple[Medium, ...] = field(default=("audio", "video"))
    colours: tuple[tuple[int, int, int], ...] = ()


def _picture(number: int, source: Source) -> av.VideoFrame:
    frame = av.VideoFrame(*source.size, "yuv420p")
    for index, plane in enumerate(frame.planes):
        if source.colours:
            colour = source.colours[number // FRAMES_PER_SECOND % len(source.colours)]
            plane.update(bytes([colour[index]]) * plane.buffer_size)
            continue
        line = bytes((number * 3 + x * 5) % 256 for x in range(plane.line_size))
        plane.update(b"".join(line[shift % 17 :] + line[: shift % 17] for shift in range(plane.height)))
    frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
    return frame


def _video(seconds: float, source: Source) -> Iterator[Sent]:
    encoder = Vp8Encoder()
    sequence = source.sequence
    for number in range(int(seconds * FRAMES_PER_SECOND)):
        key = number % source.key_every == 0
        payloads, timestamp = encoder.encode(_picture(number, source), force_keyframe=key)
        for index, payload in enumerate(payloads):
            last = index == len(payloads) - 1
            packet = RtpPacket(
                payload_type=97,
                marker=int(last),
                sequence_number=sequence & 0xFFFF,
                timestamp=(timestamp + source.timestamp) & 0xFFFFFFFF,
                ssrc=source.ssrc,
                payload=payload,
            )
            sequence += 1
            at = number / FRAMES_PER_SECOND + index * 0.0005
            yield Sent(at, "video", packet.serialize(), frame=number, begins=index == 0, ends=last)


def _audio(seconds: float, source: Source) -> Iterator[Sent]:
    encoder = OpusEncoder()
    for number in range(int(seconds * PACKETS_PER_SECOND)):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        tone = b"".join(int(8000 * ((k * 7 % 100) / 50 - 1)).to_bytes(2, "little", signed=True) * 2 for k in range(960))
        frame.planes[0].update(tone)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        payloads, timestamp = encoder.encode(frame)
        for payload in payloads:
            packet = RtpPacket(
                payload_type=96,
                sequence_number=(source.sequence + number) & 0xFFFF,
                timestamp=(timestamp + source.timestamp) & 0xFFFFFFFF,
                ssrc=source.ssrc + 1,
                payload=payload,
            )
            yield Sent(number / PACKETS_PER_SECOND, "audio", packet.serialize(), level=source.level)


@lru_cache(maxsize=16)
def talk(seconds: float, source: Source = Source()) -> tuple[Sent, ...]:
    """What a seat sends in ``seconds``, in order."""
    both: list[Sent] = []
    if "video" in source.kinds:
        both += _video(seconds, source)
    if "audio" in source.kinds:
        both += _audio(seconds, source)
    return tuple(sorted(both, key=lambda sent: sent.at))


def later(packets: tuple[Sent, ...], seconds: float) -> tuple[Sent, ...]:
    """The same packets, arriving later."""
    return tuple(replace(sent, at=sent.at + seconds) for sent in packets)


def feed(recorder: Recorder, origin: float, seat: str, packets: tuple[Sent, ...]) -> None:
    """Hand the packets over as if they arrived at their instants after ``origin`` on the monotonic clock."""
    for sent in packets:
        recorder.packet(seat=seat, kind=sent.kind, received_at=origin + sent.at, rtp=sent.rtp, audio_level=sent.level)


@dataclass(frozen=True)
class Decoded:
    """A finished file, decoded whole: instants of pictures and sound, their sizes, the header's length."""

    duration: float
    pictures: list[float]
    sizes: list[tuple[int, int]]
    sound: list[float]
    loud: list[float]


def decode(path: Path, key: bytes | None = None) -> Decoded:
    """Open a finished file and decode everything in it."""
    with StoredFile(path, key) as stored, av.open(stored, "r") as container:
        duration = (container.duration or 0) / 1_000_000
        told = Decoded(duration, [], [], [], [])
        for frame in container.decode():
            at = float(frame.pts * frame.time_base) if frame.pts is not None and frame.time_base else -1.0
            if isinstance(frame, av.VideoFrame):
                told.pictures.append(at)
                told.sizes.append((frame.width, frame.height))
            elif isinstance(frame, av.AudioFrame):
                told.sound.append(at)
                if _is_loud(frame):
                    told.loud.append(at)
    return told


def _is_loud(frame: av.AudioFrame) -> bool:
    samples = memoryview(bytes(frame.planes[0])).cast("f" if frame.format.name.startswith("flt") else "h")
    full = 1.0 if frame.format.name.startswith("flt") else 32768.0
    return max(abs(value) for value in samples[::16]) > 0.01 * full
