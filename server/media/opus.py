"""Opus packets (RFC 6716): how long each sounds, and a sound track without holes."""

from collections.abc import Iterator, Sequence

RATE = 48_000
SILENCE = b"\xf8\xff\xfe"
SILENCE_SAMPLES = 960
LONGEST_SAMPLES = 5_760
HEAD = b"OpusHead\x01\x02\x00\x00" + RATE.to_bytes(4, "little") + b"\x00\x00\x00"

_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)


def packet_samples(packet: bytes) -> int:
    """The length of a packet at 48 kHz; 0 where it is no Opus packet."""
    if not packet:
        return 0
    config = packet[0] >> 3
    if config < 12:
        frame = _SILK[config & 3]
    elif config < 16:
        frame = _HYBRID[config & 1]
    else:
        frame = _CELT[config & 3]
    count = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[packet[0] & 3]
    samples = frame * count
    return samples if samples <= LONGEST_SAMPLES else 0


class SoundTrack:
    """Places packets one after the other from zero, so that sound stays in time in every player.

    Holes are filled with silent packets; a packet that would come more than 20 ms late is left out.
    """

    def __init__(self) -> None:
        self._samples = 0

    @property
    def position(self) -> float:
        """The end of the track so far, in seconds."""
        return self._samples / RATE

    def fill(self, until: float) -> Iterator[tuple[float, bytes]]:
        """Silence up to ``until`` seconds."""
        while until * RATE - self._samples >= SILENCE_SAMPLES:
            yield self._place(SILENCE, SILENCE_SAMPLES)

    def add(self, instant: float, packet: bytes) -> Sequence[tuple[float, bytes]]:
        """The packet at ``instant`` seconds, after the silence that leads to it."""
        samples, late = packet_samples(packet), self._samples - instant * RATE
        if not samples or late >= SILENCE_SAMPLES:
            return ()
        if late > -SILENCE_SAMPLES:
            return (self._place(packet, samples),)
        return [*self.fill(instant), self._place(packet, samples)]

    def _place(self, packet: bytes, samples: int) -> tuple[float, bytes]:
        at = self.position
        self._samples += samples
        return at, packet
