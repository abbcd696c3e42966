"""What is typed for a trial, checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.errors import Invalid
from server.places.naming import row_id
from server.planning.changed import Change

DAYS = (200, 1000, 3000)
VISITORS = (100, 150, 200)
MOST_OFFICIALS, MOST_POINTS, MOST_SEED = 5, 50, 999_999


@dataclass(frozen=True)
class TrialForm:
    """A trial as it is asked for; without a seed the house takes one."""

    change: Change
    visitors: int
    days: int
    seed: int | None


def checked_trial(typed: Mapping[str, str]) -> TrialForm:
    """Refuses by field."""
    officials, points = row_id(typed.get("officials", "") or "0"), row_id(typed.get("points", "") or "0")
    if officials is None or officials > MOST_OFFICIALS:
        raise Invalid("bad_officials", "Please give 0 to 5 officials.", field="officials")
    if points is None or points > MOST_POINTS:
        raise Invalid("bad_points", "Please give 0 to 50 points.", field="points")
    change = Change(row_id(typed.get("official_id", "")), officials, points)
    if change.nothing:
        raise Invalid("no_change", "Please choose what is to be added.", field="official_id")
    seed = typed.get("seed", "").strip()
    if seed and (row_id(seed) or 0) not in range(1, MOST_SEED + 1):
        raise Invalid("bad_seed", "The start number lies between 1 and 999999, or is left empty.", field="seed")
    return TrialForm(change, _one_of(typed, "visitors", VISITORS), _one_of(typed, "days", DAYS), row_id(seed))


def _one_of(typed: Mapping[str, str], name: str, choices: tuple[int, ...]) -> int:
    found = row_id(typed.get(name, ""))
    return found if found in choices else choices[0]
