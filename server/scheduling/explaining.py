"""Why this date? One sentence that lists every day skipped."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Protocol

from server.scheduling.labels import HOLIDAYS
from server.scheduling.workdays import DAY, Counted, Counting, DayOff


class Words(Protocol):
    """Says a message in the reader's language."""

    def __call__(self, message: str, **params: object) -> str:
        """The message with its places filled in."""
        ...


def why(counted: Counted, words: Words, day: Callable[[date], str]) -> str:
    """The sentence for ``counted``; ``day`` writes a date as the reader does."""
    told = {"start": day(counted.start), "days": counted.days, "counted": day(counted.counted_on)}
    parts = [_beginning(counted, words, told)]
    if counted.skipped:
        parts.append(words("left out: %(skipped)s", skipped=_skipped(counted.skipped, words, day)))
    if counted.made_up:
        made_up = words(", ").join(day(one) for one in counted.made_up)
        parts.append(words("worked although a weekend: %(made_up)s", made_up=made_up))
    if counted.skipped or counted.counting is Counting.WORKING_DAYS:
        parts.append(words("so it is %(end)s", end=day(counted.day)))
    if counted.provisional:
        parts.append(words("the holidays of %(year)s are not announced yet, so it may move", year=counted.day.year))
    return words("%(parts)s.", parts=words("; ").join(parts))


def _beginning(counted: Counted, words: Words, told: dict[str, object]) -> str:
    if counted.counting is Counting.WORKING_DAYS:
        return words("%(days)s working days, counted from the day after %(start)s", **told)
    if counted.counting is Counting.DAYS:
        if counted.skipped:
            return words("%(days)s days after %(start)s is %(counted)s, a day off", **told)
        return words("%(days)s days after %(start)s is %(counted)s, a working day", **told)
    if counted.skipped:
        return words("The plan names %(counted)s, a day off", **told)
    return words("The plan names %(counted)s, a working day", **told)


def _skipped(days: Sequence[DayOff], words: Words, day: Callable[[date], str]) -> str:
    return words(", ").join(_stretch(one, words, day) for one in stretches(days))


def _stretch(days: Sequence[DayOff], words: Words, day: Callable[[date], str]) -> str:
    first, last, holiday = days[0].day, days[-1].day, days[0].holiday
    name = words("weekend") if holiday is None else words(HOLIDAYS[holiday.value])
    if first == last:
        return words("%(day)s (%(name)s)", day=day(first), name=name)
    return words("%(first)s to %(last)s (%(name)s)", first=day(first), last=day(last), name=name)


def stretches(days: Sequence[DayOff]) -> Iterator[list[DayOff]]:
    """Days that follow each other for the same reason, together; no day is lost."""
    run = list(days[:1])
    for before, one in pairwise(days):
        if one.day - before.day == DAY and one.holiday == before.holiday:
            run.append(one)
        else:
            yield run
            run = [one]
    if run:
        yield run
