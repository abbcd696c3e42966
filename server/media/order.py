"""Pictures in the order they were sent: what follows a lost packet waits for it while it is asked for again.

Nobody can show it before. A receiver that got it would ask too, more often than the way to the sender and back allows,
give up, and want a whole picture anew: measured on a line that loses every fifth packet, pictures stood still for a
third of the time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.media.rewrite import Arrived, is_vp8_keyframe

LONGEST = 0.5
MOST = 128


@dataclass(slots=True)
class Missing:
    """A gap: since when, how often asked for, when last."""

    since: float
    tries: int = 0
    asked: float = 0.0


@dataclass(slots=True)
class Order:
    """One source's packets that wait, by extended number. ``start``: from here a decoder can begin without the rest."""

    held: dict[int, Arrived] = field(default_factory=dict)
    start: int = -1

    def take(self, number: int, arrived: Arrived, gaps: Mapping[int, Missing], now: float) -> Sequence[Arrived]:
        """What may go on now that this packet has come. ``gaps`` are the numbers asked for, rising."""
        header, data = arrived.header, arrived.data
        if is_vp8_keyframe(data[header.payload : header.payload + 8]):
            self.start = max(self.start, number)
        self.held[number] = arrived
        return self.due(gaps, now)

    def due(self, gaps: Mapping[int, Missing], now: float) -> Sequence[Arrived]:
        """What has waited for long enough, or for what has come."""
        first = None
        if len(self.held) <= MOST:
            first = next((one for one, gap in gaps.items() if one > self.start and now - gap.since < LONGEST), None)
        return [self.held.pop(one) for one in sorted(self.held) if first is None or one < first]
