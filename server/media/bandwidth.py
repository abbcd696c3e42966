"""How much a line bears, and whether it bears pictures. Instants are seconds and arguments; rates are bits a second.

Sound has right of way. One voice is 32 kbit/s of Opus in 50 packets a second, which headers (IPv4, UDP, SRTP: 64 bytes)
make 58 on the wire; repairs and reports bring it to about 65. A line of 150 kbit/s thus has 85 left, less than
VP8 needs for a face that moves (100), so its pictures are stopped and its voices stay whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from server.transitions import advance

LEAST = 100_000
START = 900_000
AGAIN = 150_000
CEILING = 1_500_000
LOWEST_CAP = 60_000
MUCH, LITTLE, HOPELESS = 0.10, 0.02, 0.25
UNKNOWN = 0.05
FULL, CONGESTED_AFTER = 0.9, 1.0
QUEUE_FULL = 1.0
NARROW_FOR = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
COMING_FOR = 2.0
PROVED_AFTER = 30.0
FRESH = 5.0


class Picture(StrEnum):
    """Whether somebody is sent pictures. ``COMING``: the senders are made to shrink first."""

    SHOWN = "shown"
    STOPPED = "stopped"
    COMING = "coming"


class Event(StrEnum):
    """What changes that."""

    TOO_NARROW = "too_narrow"
    TRY_AGAIN = "try_again"
    SHRUNK = "shrunk"


PICTURE: dict[tuple[Picture, Event], Picture] = {
    (Picture.SHOWN, Event.TOO_NARROW): Picture.STOPPED,
    (Picture.STOPPED, Event.TRY_AGAIN): Picture.COMING,
    (Picture.COMING, Event.SHRUNK): Picture.SHOWN,
}


def next_bitrate(current: int, loss: float, *, least: int = LEAST) -> int:
    """More while little is lost, less by half of what is lost when much is; once a second.

    Loss alone never asks for less than ``least``: a line may lose at random, and repairs cope with that.
    """
    if loss > MUCH:
        return max(least, int(current * (1 - loss / 2)))
    return min(CEILING, int(current * 1.08)) if loss < LITTLE else current


@dataclass(slots=True)
class Downlink:
    """The way down to one browser. ``told`` is its own estimate (REMB), which sees delay before loss.

    A browser that for a second measures less than it is sent has a full line (``congested``); from then on its
    estimate is the limit. Before, it only follows what happens to be sent, and would slow a good line's start.
    """

    estimate: int = START
    told: int = 0
    told_at: float = 0.0
    congested: bool = False
    low_since: float | None = None
    picture: Picture = Picture.SHOWN
    since: float = 0.0
    narrow_since: float | None = None
    pause: float = FIRST_PAUSE

    def take_estimate(self, bitrate: int, now: float, *, sending: float) -> None:
        """The browser's own estimate; forgotten after five seconds, and while it is sent no pictures."""
        low = bitrate < FULL * sending
        self.low_since = (self.low_since if self.low_since is not None else now) if low else None
        self.congested |= self.low_since is not None and now - self.low_since >= CONGESTED_AFTER
        if self.picture is Picture.SHOWN and self.congested:
            self.told, self.told_at = bitrate, now

    @property
    def shown(self) -> bool:
        """Whether pictures are sent."""
        return self.picture is Picture.SHOWN

    def share(self, pictures: int) -> int | None:
        """What each of so many senders may use for its picture; nothing where this browser does not matter."""
        if self.picture is Picture.STOPPED or pictures < 1:
            return None
        return max(LOWEST_CAP, (AGAIN if self.picture is Picture.COMING else self.bitrate) // pictures)

    @property
    def bitrate(self) -> int:
        """The line as far as it is known."""
        return min(self.estimate, self.told) if self.told else self.estimate

    def step(self, now: float, *, loss: float, round_trip: float | None) -> bool:
        """Judge the last second; whether pictures begin again now, which needs a keyframe."""
        if now - self.told_at > FRESH:
            self.told = 0
        self.estimate = next_bitrate(self.estimate, loss)
        hopeless = loss > HOPELESS or (round_trip is not None and round_trip > QUEUE_FULL)
        narrow = self.bitrate < LEAST or (self.estimate <= LEAST and hopeless)
        self.narrow_since = (self.narrow_since if self.narrow_since is not None else now) if narrow else None
        if self.picture is Picture.SHOWN:
            self._judge_shown(now)
        elif self.picture is Picture.STOPPED and now - self.since >= self.pause and not hopeless:
            self._become(Event.TRY_AGAIN, now)
        elif self.picture is Picture.COMING and now - self.since >= COMING_FOR:
            self._become(Event.SHRUNK, now)
            self.estimate, self.told, self.narrow_since, self.congested = AGAIN, 0, None, True
            return True
        return False

    def _judge_shown(self, now: float) -> None:
        if self.narrow_since is not None and now - self.narrow_since >= NARROW_FOR:
            self._become(Event.TOO_NARROW, now)
        elif now - self.since > PROVED_AFTER:
            self.pause = FIRST_PAUSE

    def _become(self, event: Event, now: float) -> None:
        if event is Event.TOO_NARROW:
            self.pause = min(LONGEST_PAUSE, 2 * self.pause) if now - self.since < PROVED_AFTER else FIRST_PAUSE
        self.picture = advance(PICTURE, self.picture, event)
        self.since = now


def tightest(own: int, shares: Iterable[int | None]) -> int:
    """What a sender is told: its own way up, or the tightest way down of those who are sent its picture."""
    return max(LOWEST_CAP, min([own, CEILING, *(one for one in shares if one is not None)]))
