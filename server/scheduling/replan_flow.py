"""The places of least price for everybody at once, as a flow from people to places in whole numbers.

People whose every price is the same are one node, and so are places that are the same to everybody: a reception day
before or after noon. No person needs more of the cheapest places than there are people, so the dearer ones are left
out, and a district's day is a small flow.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import networkx as nx

from server.scheduling.replan import NOON, Given, Opening, Person, admissible, price

SINK = "sink"


@dataclass
class Bin:
    """Places that are alike: pairs of minute and place, in order."""

    opening: Opening
    minute: int
    places: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Likeness:
    """What people have in common whose prices are alike.

    ``kin``: the order among them is kept, whatever the ``hour``, which only says what is too early on the lost day.
    """

    kin: tuple[object, ...]
    hour: int
    own: tuple[int, int] | None


def replan(people: Sequence[Person], openings: Sequence[Opening]) -> list[Given]:
    """Everybody exactly once, in the order in which they were promised, each with a place or on the list.

    Joint receptions come first: all who receive together need a place at one time.
    """
    together, left = _together([one for one in people if one.others], openings)
    alone = [one for one in people if not one.others]
    lost = {one.day for one in alone if one.holds is None}
    bins = _bins(alone, left, lost)
    classes = _classes(alone, left, lost)
    chosen = list(_chosen(classes, bins))
    given = [*together, *_keepers(chosen, bins), *_in_order(_placed(chosen, bins), left)]
    return sorted(given, key=lambda one: one.person.promised)


def _together(people: Sequence[Person], openings: Sequence[Opening]) -> tuple[list[Given], list[Opening]]:
    """The best common time for each joint reception, first promised first, and what is left for everybody else."""
    left = {one.key: one for one in openings}
    given = []
    for person in sorted(people, key=lambda one: one.promised):
        found = min(
            (one for opening in left.values() for one in _common(person, opening, left.values())),
            key=lambda one: (one.price, one.opening.day if one.opening else 0, one.minute),
            default=Given(person),
        )
        given.append(found)
        gone = {*found.beside, *([(found.opening.key, found.place)] if found.opening else [])}
        for key in {key for key, _ in gone}:
            places = tuple(one for one in left[key].places if (key, one[1]) not in gone)
            left[key] = replace(left[key], places=places)
    return given, list(left.values())


def _common(person: Person, opening: Opening, openings: Iterable[Opening]) -> Iterator[Given]:
    """Times of the person's own official at which all the others are free too."""
    if opening.official != person.official:
        return
    same_day = [one for one in openings if one.day == opening.day and one.official in person.others]
    for minute, place in opening.places:
        beside = {one.official: (one.key, at) for one in same_day for begins, at in one.places if begins == minute}
        if admissible(person, opening, minute) and set(beside) == person.others:
            yield Given(person, opening, minute, place, tuple(beside[one] for one in sorted(beside)))


def _name(opening: Opening, minute: int, lost: set[int]) -> tuple[int, int]:
    """The bin of a place. On a day on which promises are lost an hour is a bin: later ones serve, earlier do not."""
    return opening.key, minute // 60 if opening.day in lost else 24 * (minute >= NOON)


def _bins(people: Sequence[Person], openings: Sequence[Opening], lost: set[int]) -> dict[tuple[int, int], Bin]:
    """All places by bin, those too that somebody holds."""
    held: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for person in people:
        if person.holds is not None:
            held[person.holds[0]].append((person.minute, person.holds[1]))
    bins: dict[tuple[int, int], Bin] = {}
    for opening in sorted(openings, key=lambda one: (one.day, one.key)):
        for minute, place in sorted((*opening.places, *held[opening.key])):
            name = _name(opening, minute, lost)
            bins.setdefault(name, Bin(opening, minute)).places.append((minute, place))
    return bins


def _classes(people: Sequence[Person], openings: Sequence[Opening], lost: set[int]) -> dict[Likeness, list[Person]]:
    """People by likeness, in the order in which they were promised."""
    by_key = {one.key: one for one in openings}
    officials = {one.official for one in openings}
    homes = any(one.audience.townships for one in openings)
    fields = any(one.audience.contents for one in openings)
    hourly = bool(lost & {one.day for one in openings})
    classes: dict[Likeness, list[Person]] = defaultdict(list)
    for one in sorted(people, key=lambda one: one.promised):
        own = None if one.holds is None else _name(by_key[one.holds[0]], one.minute, lost)
        kin = (
            (one.day, one.minute < NOON, one.official, one.unit),
            (one.priority, one.confirmed, one.refused & officials),
            (one.township if homes else None, one.content if fields else None, own),
        )
        hour = one.minute // 60 if hourly and own is None else 0
        classes[Likeness(kin, hour, own)].append(one)
    return classes


@dataclass(frozen=True)
class Share:
    """How many of a class go to each bin; the rest go on the list."""

    likeness: Likeness
    people: list[Person]
    bins: Mapping[tuple[int, int], int]


def _chosen(classes: Mapping[Likeness, list[Person]], bins: Mapping[tuple[int, int], Bin]) -> Iterator[Share]:
    graph, everybody = nx.DiGraph(), sum(len(some) for some in classes.values())
    graph.add_node(SINK, demand=everybody)
    for index, (likeness, some) in enumerate(classes.items()):
        graph.add_node(index, demand=-len(some))
        graph.add_edge(index, SINK, capacity=len(some), weight=price(some[0], None))
        for name, cost in _cheapest(likeness, some[0], bins, everybody):
            graph.add_edge(index, name, capacity=len(some), weight=cost)
    for name, one in bins.items():
        if name in graph:
            graph.add_edge(name, SINK, capacity=len(one.places), weight=0)
    flow = nx.network_simplex(graph)[1] if everybody else {}
    for index, (likeness, some) in enumerate(classes.items()):
        yield Share(likeness, some, {name: count for name, count in flow[index].items() if count and name != SINK})


def _cheapest(
    likeness: Likeness, person: Person, bins: Mapping[tuple[int, int], Bin], enough: int
) -> Iterator[tuple[tuple[int, int], int]]:
    """The bins that a class could need, with their prices: the cheapest ones until there is room for everybody."""
    prices = {
        name: 0 if name == likeness.own else price(person, one.opening, one.minute)
        for name, one in bins.items()
        if name == likeness.own or admissible(person, one.opening, one.minute)
    }
    room = 0
    for name in sorted(prices, key=prices.__getitem__):
        if room >= enough:
            return
        yield name, prices[name]
        room += len(bins[name].places)


def _keepers(chosen: Sequence[Share], bins: Mapping[tuple[int, int], Bin]) -> Iterator[Given]:
    """Those who keep what they hold, the first ones of each class; their places leave the bins."""
    for share in chosen:
        if share.likeness.own is not None:
            there = bins[share.likeness.own]
            for one in share.people[: share.bins.get(share.likeness.own, 0)]:
                place = one.holds[1] if one.holds is not None else 0
                there.places.remove((one.minute, place))
                yield Given(one, there.opening, one.minute, place)


def _placed(chosen: Sequence[Share], bins: Mapping[tuple[int, int], Bin]) -> Iterator[tuple[Likeness, Given]]:
    """Everybody else: within a bin whoever was promised first begins first."""
    wanted: dict[tuple[int, int], list[tuple[Person, Likeness]]] = defaultdict(list)
    for share in chosen:
        left = Counter({name: count for name, count in share.bins.items() if name != share.likeness.own})
        moving = share.people[share.bins.get(share.likeness.own, 0) if share.likeness.own else 0 :]
        names = [name for name in bins if left[name] for _ in range(left[name])]
        for one, name in zip(moving, names, strict=False):
            wanted[name].append((one, share.likeness))
        for one in moving[len(names) :]:
            yield share.likeness, Given(one)
    for name, some in wanted.items():
        some.sort(key=lambda one: one[0].promised)
        for (one, likeness), (minute, place) in zip(some, bins[name].places, strict=False):
            yield likeness, Given(one, bins[name].opening, minute, place)


def _in_order(placed: Iterator[tuple[Likeness, Given]], openings: Sequence[Opening]) -> Iterator[Given]:
    """The same places, among those whose prices are alike in the order in which they were promised."""
    rank = {one.key: index for index, one in enumerate(openings)}
    kin: dict[tuple[object, ...], list[Given]] = defaultdict(list)
    for likeness, given in placed:
        kin[likeness.kin].append(given)
    for some in kin.values():
        people = sorted((one.person for one in some), key=lambda one: one.promised)
        places = [(one.opening, one.minute, one.place) for one in some if one.opening is not None]
        places.sort(key=lambda one: (one[0].day, one[1], rank[one[0].key]))
        for one, place in zip(people, places, strict=False):
            yield Given(one, *place)
        for one in people[len(places) :]:
            yield Given(one)
