"""A whole day of the district is given up: how long until everybody has another place, and until it is done."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from sqlalchemy import Engine
from sqlmodel import col, select

from server.database import make_engine, reading, writing
from server.migrations.run import migrate
from server.petitions.service_absence import Asked
from server.petitions.service_absence_doing import carry_out
from server.petitions.service_absence_people import openings, promised_on
from server.petitions.words import Fate, Way
from server.scheduling.models import ReceptionDay
from server.scheduling.replan_flow import replan
from server.sealing import Sealer, use_sealer
from tests.district import make_district
from tests.fakes import FakeClock
from tests.petitions.absences import LOST, Town, crowd, make_town

OFFICIALS, ROUNDS = 20, 5
Figure = dict[str, object]


def replan_figures(folder: Path) -> Iterator[Figure]:
    """300 people of 20 officials, half of whose places in the coming four weeks are taken."""
    use_sealer(Sealer.from_secret("a secret for the benchmark of thirty-two characters"))
    folder.mkdir(parents=True, exist_ok=True)
    engine = make_engine(f"sqlite:///{folder / 'replan.sqlite3'}")
    migrate(engine)
    town = make_town(make_district(engine, FakeClock()))
    crowd(town, seed=1, officials=OFFICIALS)
    asked = Asked(None, LOST, LOST, Way.MOVE)
    shown = [_timed(lambda: town.propose(asked)) for _ in range(ROUNDS)]
    lines, seen = town.propose(asked).lines, town.propose(asked).digest
    told = {"asked": asked, "why": "", "seen": seen, "request_key": ""}
    rule = _rule(town, engine)

    def act() -> None:
        with writing(engine) as db:
            carry_out(db, actor=town.clerk, now=town.district.clock.now(), **told)  # type: ignore[arg-type]

    yield {
        "name": "replan_300",
        "value": round(median(shown), 3),
        "unit": "s",
        "n": len(lines),
        "rule": round(rule, 3),
        "carried_out": round(_timed(act), 3),
        **{fate.value: sum(one.fate is fate for one in lines) for fate in (Fate.MOVED, Fate.OFFERED, Fate.LISTED)},
    }
    engine.dispose()


def _rule(town: Town, engine: Engine) -> float:
    """The rule alone, without the database."""
    with reading(engine) as db:
        days = db.exec(select(ReceptionDay).where(col(ReceptionDay.day) == LOST)).all()
        people = [one.person for one in promised_on(db, days=days)]
        last = LOST.replace(month=12, day=24)
        without = {one.id or 0 for one in days}
        free = openings(db, now=town.district.clock.now(), first=LOST, last=last, without=without)
    return median(_timed(lambda: replan(people, free)) for _ in range(ROUNDS))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
