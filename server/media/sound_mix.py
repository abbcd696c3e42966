"""Several people's sound as one: added up in time, holes left silent, never louder than full."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
from av import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph

RATE = 48_000
_EACH = "sample_fmts=fltp:channel_layouts=mono:sample_rates=48000"


class SoundMix:
    """Feed every sound to about the same instant before ``mixed``: what runs ahead is held."""

    def __init__(self, sounds: Sequence[AudioStream]) -> None:
        self._graph = Graph()
        self._graph.threads = 1
        self._inputs = [self._input(stream) for stream in sounds]
        mix = self._graph.add("amix", f"inputs={len(sounds)}:duration=longest:normalize=0:dropout_transition=0")
        for number, (_, last) in enumerate(self._inputs):
            last.link_to(mix, 0, number)
        limit = self._graph.add("alimiter", "limit=0.98:level=0:latency=1")
        end = self._graph.add("aformat", _EACH)
        self._output = self._graph.add("abuffersink")
        mix.link_to(limit)
        limit.link_to(end)
        end.link_to(self._output)
        self._graph.configure()

    def _input(self, stream: AudioStream) -> tuple[av.filter.context.FilterContext, av.filter.context.FilterContext]:
        begin = self._graph.add_abuffer(
            sample_rate=RATE, format=stream.format.name, layout=stream.layout.name, time_base=stream.time_base
        )
        filled = self._graph.add("aresample", f"{RATE}:async=1:min_hard_comp=0.01:first_pts=0")
        alike = self._graph.add("aformat", _EACH)
        begin.link_to(filled)
        filled.link_to(alike)
        return begin, alike

    def hear(self, number: int, frame: AudioFrame | None) -> None:
        """More of one sound, or its end."""
        self._inputs[number][0].push(frame)

    def mixed(self) -> Iterator[AudioFrame]:
        """What is ready."""
        while True:
            try:
                frame = self._output.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            assert isinstance(frame, AudioFrame)  # noqa: S101 - an audio sink gives nothing else
            frame.time_base = Fraction(1, RATE)
            yield frame
