"""Who gets which place when receptions are lost: as little as can be of what was promised is broken, nobody is lost.

Every way in which a new place differs from the promised one has a price, and the places are given out so that the sum
of all prices is the least there is. Among people whose prices are alike whoever was promised first goes first.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import mul

from server.scheduling.plan import Audience
from server.scheduling.words import Priority

NOON = 12 * 60
LONGEST = 60
"""Days: standing on the list of the office counts like a place so late."""


class Burden(StrEnum):
    """What a new place can cost somebody."""

    DAY = "day"
    DEADLINE_DAY = "deadline_day"
    FRAIL_DAY = "frail_day"
    AGAIN_DAY = "again_day"
    COLLEAGUE = "colleague"
    STRANGER = "stranger"
    DAYTIME = "daytime"
    TAKEN = "taken"
    NOWHERE = "nowhere"


PRICES: dict[Burden, tuple[int, str]] = {
    Burden.DAY: (10, "Each day later than promised"),
    Burden.DEADLINE_DAY: (20, "Besides, each day for somebody with a deadline that is near: a right may be lost"),
    Burden.FRAIL_DAY: (8, "Besides, each day for somebody old, ill, disabled or from far: the way was arranged"),
    Burden.AGAIN_DAY: (4, "Besides, each day for each time that the place was confirmed or moved before"),
    Burden.COLLEAGUE: (60, "Another official of the same unit: knows the field, but was not chosen"),
    Burden.STRANGER: (120, "An official of another unit: must be told everything from the beginning"),
    Burden.DAYTIME: (15, "Afternoon instead of morning, or morning instead of afternoon: buses and field work"),
    Burden.TAKEN: (400, "A place is taken from somebody who still has it"),
    Burden.NOWHERE: (10_000_000, "No place at all: only where none is left that may be given"),
}

KEPT = "keeps the place"
SAME_DAY = "on the promised day, but later"
LATER = "{days} days later than promised"
SAME = "with the same official"
COLLEAGUE = "with another official of the same unit"
STRANGER = "with an official of another unit"
DAYTIME = "at another time of day"
NEAREST = "nothing nearer to the promise is free"
OTHERS = "{count} places nearer to the promise go to people for whom the delay weighs more"
NOWHERE = "no place is left in these weeks that may be given, so the office finds one"
JOINED = "{one}; {other}"
SENTENCES = (KEPT, SAME_DAY, LATER, SAME, COLLEAGUE, STRANGER, DAYTIME, NEAREST, OTHERS, NOWHERE, JOINED)


@dataclass(frozen=True)
class Person:
    """Somebody with a promise: the day (as a number), the minute and the official.

    ``holds`` is the promised place, as (reception day, place), where it is still there. ``refused`` are officials who
    must know nothing of the matter. ``confirmed``: how often the promise was repeated or moved. ``others`` are the
    officials who receive this person together with ``official``.
    """

    number: str
    day: int
    minute: int
    official: int
    unit: int = 0
    priority: Priority | None = None
    confirmed: int = 0
    refused: frozenset[int] = frozenset()
    township: int | None = None
    content: str | None = None
    holds: tuple[int, int] | None = None
    others: frozenset[int] = frozenset()

    @property
    def promised(self) -> tuple[int, int, str]:
        """The order in which people were promised."""
        return self.day, self.minute, self.number


@dataclass(frozen=True)
class Opening:
    """A reception day with its free places: pairs of minute and place, in order."""

    key: int
    day: int
    official: int
    unit: int
    places: tuple[tuple[int, int], ...]
    audience: Audience = field(default_factory=Audience)


@dataclass(frozen=True)
class Given:
    """What somebody gets: a place, or (``opening`` empty) a line on the list of the office.

    ``beside``: the places of the others who receive together, as (reception day, place).
    """

    person: Person
    opening: Opening | None = None
    minute: int = 0
    place: int = 0
    beside: tuple[tuple[int, int], ...] = ()

    @property
    def keeps(self) -> bool:
        """Whether it is the place that the person has."""
        return self.opening is not None and self.person.holds == (self.opening.key, self.place)

    @property
    def price(self) -> int:
        """What it costs."""
        return 0 if self.keeps else price(self.person, self.opening, self.minute)


def _counts(person: Person, opening: Opening | None, minute: int) -> tuple[int, ...]:
    """How often each burden counts, in the order of ``Burden``; asked very often, so it is plain arithmetic."""
    urgent = person.priority is Priority.DEADLINE
    frail = person.priority is not None and not urgent
    if opening is None:
        days, other, unit, daytime = LONGEST, False, False, False
    else:
        days = opening.day - person.day
        other, unit = opening.official != person.official, opening.unit == person.unit
        daytime = (minute < NOON) != (person.minute < NOON)
    return (
        days,
        days * urgent,
        days * frail,
        days * person.confirmed,
        other and unit,
        other and not unit,
        daytime,
        person.holds is not None,
        opening is None,
    )


def burdens(person: Person, opening: Opening | None, minute: int) -> dict[Burden, int]:
    """How often each price is paid for a place that the person does not have, or for none."""
    counted = zip(Burden, _counts(person, opening, minute), strict=True)
    return {one: int(count) for one, count in counted if count}


POINTS = tuple(PRICES[one][0] for one in Burden)


def price(person: Person, opening: Opening | None, minute: int = 0) -> int:
    """What a place costs somebody who does not have it, or what none costs."""
    return sum(map(mul, _counts(person, opening, minute), POINTS))


def admissible(person: Person, opening: Opening, minute: int) -> bool:
    """Whether somebody may be given a place: one in a later hour, and nobody's who must not know or is not open.

    Who still has a place may be given one of a later day only.
    """
    if opening.official in person.refused:
        return False
    if not opening.audience.admits(township_id=person.township, content=person.content):
        return False
    if opening.day == person.day and person.holds is None:
        return minute // 60 > person.minute // 60
    return opening.day > person.day


def explain(everybody: Sequence[Given]) -> Iterator[list[tuple[str, int]]]:
    """Why each one gets this, in the same order: parts of one sentence, with the number to fill in."""
    taken = Counter((one.opening, one.minute // 60) for one in everybody if one.opening is not None and not one.keeps)
    known: dict[Person, list[tuple[int, int]]] = {}
    for one in everybody:
        if one.keeps:
            yield [(KEPT, 0)]
        elif one.opening is None:
            yield [(NOWHERE, 0)]
        else:
            alike = replace(one.person, number="", minute=60 * (one.person.minute // 60), holds=None)
            if alike not in known:
                known[alike] = _costs(alike, taken)
            cost = price(alike, one.opening, one.minute)
            nearer = sum(count for other, count in known[alike] if other < cost)
            yield [*_differences(one.person, one.opening, one.minute), (OTHERS, nearer) if nearer else (NEAREST, 0)]


def _costs(person: Person, taken: Mapping[tuple[Opening, int], int]) -> list[tuple[int, int]]:
    """What the places that are newly given out would have cost somebody, and how many there are."""
    return [
        (price(person, opening, 60 * hour), count)
        for (opening, hour), count in taken.items()
        if admissible(person, opening, 60 * hour)
    ]


def _differences(person: Person, opening: Opening, minute: int) -> list[tuple[str, int]]:
    paid = burdens(person, opening, minute)
    days = paid.get(Burden.DAY, 0)
    official = COLLEAGUE if Burden.COLLEAGUE in paid else STRANGER if Burden.STRANGER in paid else SAME
    return [
        (LATER, days) if days else (SAME_DAY, 0),
        (official, 0),
        *([(DAYTIME, 0)] if Burden.DAYTIME in paid else []),
    ]


def sentence(parts: Sequence[tuple[str, int]], words: Callable[[str], str]) -> str:
    """The parts as one sentence of the reader's language."""
    told = ""
    for message, count in parts:
        part = words(message).format(days=count, count=count)
        told = words(JOINED).format(one=told, other=part) if told else part
    return told
