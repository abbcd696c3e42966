"""Who must step aside from somebody's matters: the accused, and those with an interest (art. 28, 30)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Excluded:
    """Persons and units. Whoever belongs to an excluded unit is excluded with it."""

    people: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()

    def concerns(self, *, user_id: int, unit_id: int | None) -> bool:
        """Whether this person must step aside."""
        return user_id in self.people or (unit_id is not None and unit_id in self.units)

    def __or__(self, other: "Excluded") -> "Excluded":
        return Excluded(self.people | other.people, self.units | other.units)


NOBODY = Excluded()
