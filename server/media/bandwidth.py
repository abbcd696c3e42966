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
AGAIN = 120_000
CEILING = 1_500_000
LOWEST_CAP = 60_000
MUCH, LITTLE, HOPELESS = 0.10, 0.02, 0.35
UNKNOWN = 0.05
FALLEN, RISEN, MET, WATCHED = 0.95, 1.03, 0.9, 1.0
REMEMBERED, MOMENT = 10.0, 1.5
NEVER = -1000.0
QUEUE_FULL = 1.0
NARROW_FOR, NARROW_FOR_AGAIN = 2.0, 0.0
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

    It follows what happens to be sent, rises by a few percent a second, and falls only when a queue grows. So it says
    that a line is full (``full_at``) by falling, or standing still for a second, below what is sent; before it first
    did, it is no limit at all. Where less than a picture needs was sent (not ``much``) one late packet is enough for
    that, so it counts for a moment only. ``mark`` is what it is compared with, and since when.
    """

    estimate: int = START
    told: int = 0
    told_at: float = NEVER
    full_at: float = NEVER
    much: bool = True
    mark: tuple[int, float] = (0, NEVER)
    picture: Picture = Picture.SHOWN
    since: float = 0.0
    narrow_since: float | None = None
    pause: float = FIRST_PAUSE

    def take_estimate(self, bitrate: int, now: float, *, sending: float) -> None:
        """The browser's own estimate, while it is sent pictures at the rate ``sending``."""
        before, at = self.mark
        if now - at > FRESH:
            before, at = bitrate, now
        stands = now - at >= WATCHED and bitrate < RISEN * before and bitrate < MET * sending
        if stands or (bitrate < FALLEN * before and bitrate < sending):
            self.full_at, self.much = now, sending >= LEAST
        if now - at >= WATCHED or bitrate < before or now == at:
            self.mark = bitrate, now
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
        if self.full_at == NEVER or not self.told:
            return self.estimate
        return min(self.estimate, self.told if self.told_at - self.full_at < REMEMBERED else max(self.told, AGAIN))

    def step(self, now: float, *, loss: float, round_trip: float | None) -> bool:
        """Judge the last second; whether pictures begin again now, which needs a keyframe."""
        if now - self.told_at > FRESH:
            self.told = 0
        full = self.told > 0 and now - self.full_at < (REMEMBERED if self.much else MOMENT)
        self.estimate = next_bitrate(self.estimate, loss)
        hopeless = loss > HOPELESS or (round_trip is not None and round_trip > QUEUE_FULL)
        narrow = (full and self.told < LEAST) or (self.estimate <= LEAST and hopeless)
        self.narrow_since = (self.narrow_since if self.narrow_since is not None else now) if narrow else None
        if self.picture is Picture.SHOWN:
            self._judge_shown(now)
        elif self.picture is Picture.STOPPED and now - self.since >= self.pause and not hopeless:
            self._become(Event.TRY_AGAIN, now)
        elif self.picture is Picture.COMING and now - self.since >= COMING_FOR:
            self._become(Event.SHRUNK, now)
            self.estimate, self.told, self.narrow_since = AGAIN, 0, None
            return True
        return False

    def _judge_shown(self, now: float) -> None:
        patience = NARROW_FOR_AGAIN if self.much and now - self.since < PROVED_AFTER else NARROW_FOR
        if self.narrow_since is not None and now - self.narrow_since >= patience:
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
