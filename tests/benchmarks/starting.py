"""How long it takes from the command to the first page, when the data are there already."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.house import open_house

STARTS = 3


def start_figures(data_dir: Path) -> Iterator[dict[str, object]]:
    """The second start and later ones; the first one plants the district and is told beside."""
    times = []
    for _ in range(STARTS + 1):
        began = time.monotonic()
        with open_house(data_dir):
            times.append(time.monotonic() - began)
    yield {"name": "first_start_with_district", "value": round(times[0], 3), "unit": "s", "n": 1}
    yield {
        "name": "start_to_first_page",
        "value": round(statistics.median(times[1:]), 3),
        "unit": "s",
        "n": STARTS,
    }
