"""Who will not have a turn before the day ends, if everything takes as long as it usually does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Coming:
    """Somebody who is there or expected, in the order of the list; minutes from now on.

    ``takes``: the talk with the pause after it; ``not_before``: the booked time of who is not there yet; ``chance``
    that the person comes at all.
    """

    number: str
    takes: float
    not_before: float = 0.0
    chance: float = 1.0


def begins(coming: Sequence[Coming], *, free_in: float, breaks: Sequence[tuple[float, float]] = ()) -> Iterator[float]:
    """When each one's talk is likely to begin; nobody is called during a break (when it begins, how long it is)."""
    at = free_in
    for one in coming:
        at = max(at, one.not_before)
        for start, length in breaks:
            if start <= at < start + length:
                at = start + length
        yield at
        at += one.chance * one.takes


def missed(
    coming: Sequence[Coming], *, free_in: float, ends_in: float, breaks: Sequence[tuple[float, float]] = ()
) -> list[tuple[str, float]]:
    """Those whose talk would begin only when the day is over, with that time; they are the last ones of the list."""
    starts = begins(coming, free_in=free_in, breaks=breaks)
    return [(one.number, at) for one, at in zip(coming, starts, strict=True) if at >= ends_in]
