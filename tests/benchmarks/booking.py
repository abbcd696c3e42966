"""Booking by fifty real kiosks at a real server, on both databases: how fast, and whether anything is wrong then."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.contest import Contest, Kept, Outcome, open_contest
from tests.postgresql import Cluster, open_cluster

KIOSKS = 50
ATTEMPTS = 10_000
CONTESTED = 200
KILLS, KILLS_AT_ONCE = 50, 4
"""The supervisor gives up a process that dies five times in a row within ten seconds."""
HOLD = 1
"""Minutes a chosen time is kept, in the shortest setting."""
Figure = dict[str, object]


@dataclass
class Wrong:
    """What must not be, added up."""

    doubles: int = 0
    lost: int = 0
    half: int = 0
    held: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome, kept: Kept) -> None:
        """One more contest."""
        self.doubles += kept.doubles
        self.lost += kept.lost(outcome)
        self.half += kept.half
        self.held += kept.held
        self.errors += outcome.errors

    def figures(self, database: str, n: int, *, after: str = "") -> Iterator[Figure]:
        """A figure each."""
        found = {
            "double_bookings": self.doubles,
            "lost_bookings": self.lost,
            "half_bookings": self.half,
            "holds_left": self.held,
            "booking_errors": len(self.errors),
        }
        for name, value in found.items():
            yield {"name": f"{name}{after}_{database}", "value": value, "unit": "", "n": n}


def booking_figures(folder: Path) -> Iterator[Figure]:
    """SQLite first."""
    yield from _figures(folder, "sqlite", None)
    with open_cluster() as cluster:
        yield from _figures(folder, "postgresql", cluster)


def _figures(folder: Path, database: str, cluster: Cluster | None) -> Iterator[Figure]:
    def address() -> str:
        return cluster.address(cluster.new_database()) if cluster else ""

    own = KIOSKS * 6
    with open_contest(folder / database, kiosks=KIOSKS, slots=CONTESTED + own, address=address()) as contest:
        yield from _speed(contest, database, own)
        yield from _contest(contest, database)
    wrong = Wrong()
    for begun in range(0, KILLS, KILLS_AT_ONCE):
        kills = min(KILLS_AT_ONCE, KILLS - begun)
        with open_contest(folder / f"{database}-{begun}", kiosks=10, slots=80, address=address()) as contest:
            wrong.add(contest.play_through_deaths(kiosks=10, attempts=8, kills=kills), contest.kept())
    yield from wrong.figures(database, KILLS, after="_after_kill")
    with open_contest(folder / f"{database}-hold", kiosks=2, slots=1, address=address(), hold=HOLD) as contest:
        yield _hold(contest, database)


def _hold(contest: Contest, database: str) -> Figure:
    """How long a time stays taken that somebody chose and left, when the server is killed in between."""
    slot = contest.slots[0]
    with contest.kiosk(0) as gone, contest.kiosk(1) as other:
        if not gone.hold(slot):
            raise RuntimeError("the time is not free")
        began = time.monotonic()
        contest.house.kill("server.web")
        while not other.hold(slot):
            time.sleep(0.5)
        value = round(time.monotonic() - began, 1)
    return {"name": f"held_after_kill_{database}", "value": value, "unit": "s", "n": 1, "aim": HOLD * 60}


def _speed(contest: Contest, database: str, bookings: int) -> Iterator[Figure]:
    """Whole bookings, from the first question to the number, nobody in another's way."""
    outcome = contest.play(kiosks=KIOSKS, attempts=bookings // KIOSKS, slots=contest.slots[CONTESTED:], again=True)
    value = round(len(outcome.numbers) / outcome.seconds, 1)
    yield {"name": f"bookings_per_second_{database}", "value": value, "unit": "1/s", "n": len(outcome.numbers)}


def _contest(contest: Contest, database: str) -> Iterator[Figure]:
    """Everybody wants the same slots."""
    slots = contest.slots[:CONTESTED]
    outcome = contest.play(kiosks=KIOSKS, attempts=ATTEMPTS // KIOSKS, slots=slots)
    wrong = Wrong()
    wrong.add(outcome, contest.kept())
    yield from wrong.figures(database, outcome.attempts)
    value = round(outcome.attempts / outcome.seconds, 1)
    yield {"name": f"booking_attempts_per_second_{database}", "value": value, "unit": "1/s", "n": outcome.attempts}
