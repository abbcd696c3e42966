"""Every kind of file we make of what was recorded, in one session, each second of a picture in a grey of its own."""

import time
from dataclasses import dataclass
from pathlib import Path

from server.media.finalise import finalise
from server.media.recorder import Recorder
from tests.media.packets import FRAMES_PER_SECOND, Sent, Source, feed, later, talk

SECONDS = 6.0
GREYS = tuple((50 + 30 * second, 128, 128) for second in range(int(SECONDS)))
INSTANTS = (4.5, 0.5, 3.5, 1.5, 5.5, 2.5)
"""To seek to, in this order: forwards and backwards."""


@dataclass(frozen=True)
class File:
    """One seat's file. ``stands`` are the seconds whose picture is still seen in a later second."""

    seat: str
    stands: dict[int, int]
    has_picture: bool = True

    def seen(self, instant: float) -> int:
        """How light the picture is at an instant in a player: what was shown last."""
        second = int(instant)
        return GREYS[self.stands.get(second, second)][0]

    def next(self, instant: float) -> int:
        """How light the first picture from an instant on is."""
        second = int(instant)
        while second in self.stands:
            second += 1
        return GREYS[second][0]


FILES = (
    File("petitioner", {}),
    File("official", {2: 1, 3: 1}),
    File("guest-1", {3: 2}),
    File("guest-2", {}),
    File("guest-3", {}, has_picture=False),
)


def _grey(number: int, **told: object) -> Source:
    return Source(ssrc=1000 * (number + 1), key_every=FRAMES_PER_SECOND, colours=GREYS, **told)  # type: ignore[arg-type]


def _sent() -> dict[str, tuple[Sent, ...]]:
    """Whole; away for two seconds; one part of a picture lost; another camera from the third second on; sound only."""
    lost = [one for one in talk(SECONDS, _grey(2)) if not (one.kind == "video" and 3.0 <= one.at < 3.05)]
    half = int(SECONDS / 2)
    wide = Source(ssrc=9000, kinds=("video",), size=(320, 180), key_every=FRAMES_PER_SECOND, colours=GREYS[half:])
    first = [one for one in talk(SECONDS, _grey(3)) if one.kind == "audio" or one.at < half]
    return {
        "petitioner": talk(SECONDS, _grey(0)),
        "official": tuple(one for one in talk(SECONDS, _grey(1)) if not 2.0 <= one.at < 4.0),
        "guest-1": tuple(lost),
        "guest-2": tuple(sorted((*first, *later(talk(half, wide), half)), key=lambda one: one.at)),
        "guest-3": talk(SECONDS, Source(ssrc=7000, kinds=("audio",))),
    }


def write_kinds(root: Path, session: str, key: bytes | None) -> None:
    """Record and finalise them."""
    everything = [(one.at, seat, one) for seat, packets in _sent().items() for one in packets]
    recorder = Recorder(root=root, session=session, key=key)
    recorder.start()
    origin = time.monotonic()
    for _, seat, one in sorted(everything, key=lambda told: told[:2]):
        feed(recorder, origin, seat, (one,))
    recorder.close()
    finalise(root, session, key)
