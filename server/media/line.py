"""What the numbers of a line mean to people: good, weak, or only voice."""

from dataclasses import dataclass

from server.media.ports import SeatState

LOSS, LOSS_ENDS = 0.08, 0.04
ROUND_TRIP, ROUND_TRIP_ENDS = 0.6, 0.4
JITTER, JITTER_ENDS = 0.06, 0.04
STOOD_STILL = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """One seat's line over the last seconds, the worse of both ways. ``pictures``: whether they go both ways."""

    loss: float = 0.0
    jitter: float = 0.0
    round_trip: float | None = None
    pictures: bool = True


def judge(line: Line, before: SeatState) -> SeatState:
    """The word for a connected seat. What was weak must be clearly better before it is good again."""
    if not line.pictures:
        return SeatState.VOICE_ONLY
    weak = before is SeatState.WEAK
    trip = line.round_trip or 0.0
    exceeded = (
        line.loss > (LOSS_ENDS if weak else LOSS),
        line.jitter > (JITTER_ENDS if weak else JITTER),
        trip > (ROUND_TRIP_ENDS if weak else ROUND_TRIP),
    )
    return SeatState.WEAK if any(exceeded) else SeatState.CONNECTED
