"""What a recording loses when its process is killed: synthetic peers, whose every packet is known, and kill -9."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from server.media.recovery import recover
from server.media.rewrite import read_header
from tests.benchmarks.media.figures import Figure, Group
from tests.benchmarks.media.lianxin import Lianxin
from tests.media.packets import FRAMES_PER_SECOND, PACKETS_PER_SECOND, Decoded, Sent, Source, decode, talk
from tests.media.raw_peer import AUDIO, VIDEO, RawPeer, rtp

ROUNDS, AT_ONCE = 6, 4
EARLIEST, LATEST = 1.5, 3.5
SEATS = ("petitioner", "official")


@dataclass
class Speaker:
    """A peer that speaks and shows until its process is killed. ``sent`` counts its packets of sound and pictures."""

    peer: RawPeer = field(default_factory=RawPeer)
    sounds: int = 0
    pictures: int = 0

    def send(self, one: Sent) -> None:
        """One packet of the talk, under this peer's numbers."""
        header = read_header(one.rtp)
        assert header is not None
        kind = AUDIO if one.kind == "audio" else VIDEO
        payload = one.rtp[header.payload : header.end]
        packet = rtp(kind, header.sequence, header.timestamp, self.peer.ssrcs[kind], payload)
        self.peer.send(packet[:1] + bytes((packet[1] | 128 * header.marker,)) + packet[2:])
        self.sounds += one.kind == "audio"
        self.pictures += one.ends


@dataclass
class Victim:
    """A media process with one recorded session, and when it is killed, in seconds after the first packet."""

    target: Lianxin
    until: float
    speakers: tuple[Speaker, Speaker] = field(default_factory=lambda: (Speaker(), Speaker()))
    killed: bool = False

    def kill(self) -> None:
        """SIGKILL, now."""
        self.target.process.kill()
        self.killed = True

    def lost(self) -> float:
        """The seconds of sound or pictures, whichever is more, that the recovered files lack."""
        self.target.stop()
        root = self.target.folder / "sessions"
        recover(root)
        missing = []
        for seat, speaker in zip(SEATS, self.speakers, strict=True):
            file = root / "session-0" / f"{seat}.webm"
            told = decode(file) if file.exists() else Decoded(0.0, [], [], [], [])
            missing.append((speaker.sounds - len(told.sound)) / PACKETS_PER_SECOND)
            missing.append((speaker.pictures - len(told.pictures)) / FRAMES_PER_SECOND)
        return max(missing)


def killing_figures(_wanted: frozenset[str]) -> Iterator[Figure]:
    """The median, and the worst of all."""
    chance = random.Random(1)  # noqa: S311 - instants, nothing secret
    lost: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            made = [Lianxin(Path(folder) / str(number)) for number in range(AT_ONCE)]
            lost += _round([Victim(one, chance.uniform(EARLIEST, LATEST)) for one in made])
    told = {"value": round(max(lost), 2), "unit": "s", "n": len(lost), "median": round(statistics.median(lost), 2)}
    yield {"name": "lost_after_kill", **told}


def _round(victims: list[Victim]) -> list[float]:
    for one in victims:
        one.target.connect(0, (one.speakers[0].peer, one.speakers[1].peer))
    origin = time.monotonic()
    for sent in talk(LATEST, Source(size=(64, 48))):
        while (now := time.monotonic() - origin) < sent.at:
            time.sleep(max(0.0, min(sent.at, *(one.until for one in victims if not one.killed), LATEST) - now))
            _kill_who_is_due(victims, time.monotonic() - origin)
        for speaker in [each for one in victims if not one.killed for each in one.speakers]:
            speaker.send(sent)
    _kill_who_is_due(victims, LATEST)
    return [one.lost() for one in victims]


def _kill_who_is_due(victims: list[Victim], now: float) -> None:
    for one in victims:
        if not one.killed and one.until <= now:
            one.kill()


KILLING = Group(("lost_after_kill",), killing_figures)
