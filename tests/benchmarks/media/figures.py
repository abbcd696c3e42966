"""What a benchmark prints, and how one chooses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Figure = dict[str, object]


@dataclass(frozen=True)
class Group:
    """Figures that come of one run. ``measure`` is given the wanted ones of ``names``, and may leave the others out."""

    names: tuple[str, ...]
    measure: Callable[[frozenset[str]], Iterator[Figure]]

    def wanted(self, beginnings: list[str]) -> frozenset[str]:
        """The names that begin with one of these; all, where nothing is said."""
        return frozenset(one for one in self.names if not beginnings or one.startswith(tuple(beginnings)))


def chosen(groups: tuple[Group, ...], beginnings: list[str]) -> Iterator[Figure]:
    """Measure what begins with one of these."""
    for group in groups:
        wanted = group.wanted(beginnings)
        if wanted:
            yield from (one for one in group.measure(wanted) if str(one["name"]) in wanted)
