"""How long the server takes to list and to find among 100,000 matters, at the 95th percentile."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, func
from sqlmodel import Session, col, insert, select

from server.app import create_app
from server.clock import SystemClock, local_date
from server.database import reading, writing
from server.dependencies import COOKIE
from server.petitions.finding import pieces
from server.petitions.models import Petition
from server.petitions.models_find import FoundWord
from server.petitions.service_index import INDEXED, hashed
from server.petitions.words import Outcome, PetitionState, Purpose
from server.places.models import Unit, VillagePoint
from server.scheduling.contents import CONTENTS
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.words import BookingState
from tests.benchmarks.pages import planted, signed_in
from tests.fakes import FakeMedia

MATTERS, BATCH, REQUESTS = 100_000, 10_000, 40
SUBJECTS = ("房顶漏水", "土地补偿款", "拖欠工资", "工厂噪音", "办理房产证", "路灯不亮", "自来水断水", "低保待遇")
PLACES = ("村口", "小学旁边", "三号楼", "河边", "老街", "工业园", "新区", "卫生院后面")
DONE = ("一直没有人管", "找了三次", "去年就反映过", "希望尽快解决", "家里有老人", "影响出行")
RARE = "水库移民"
FIND = ("漏水", "补偿款", "拖欠工资 工业园", "路灯", RARE, "没有人管 小学", "XF2019-050000", "青溪", "土地 河边")
LIST = ("", "state=handling", "unit=3", "township=2", "content=land", "state=closed&unit=2&township=5", "overdue=yes")


def find_figures(data_dir: Path) -> Iterator[dict[str, object]]:
    """Two figures: of lists that are narrowed, and of questions in words; each page with its older ones."""
    settings, engine, now = planted(data_dir)
    fill(engine)
    with TestClient(create_app(settings, media=FakeMedia(), engine=engine), follow_redirects=False) as client:
        client.cookies.set(COOKIE, signed_in(engine, "clerk", now))
        _taken(client, "")
        for name, questions in (("list_p95", LIST), ("search_p95", [f"q={one}" for one in FIND])):
            times = [_taken(client, f"{one}{older}") for one in questions for older in ("", "&before=50000")]
            times += [_taken(client, random.choice(questions)) for _ in range(REQUESTS)]  # noqa: S311 - a benchmark
            value = sorted(times)[round(len(times) * 0.95) - 1]
            yield {"name": name, "value": round(value, 1), "unit": "ms", "n": len(times), "matters": MATTERS}
    engine.dispose()


def _taken(client: TestClient, question: str) -> float:
    began = time.perf_counter()
    answer = client.get(f"/petitions?{question}", headers={"accept": "text/html"})
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code} {question}")
    return taken


@dataclass(frozen=True)
class Filling:
    """What the matters are made of."""

    dice: random.Random
    first: int
    now: datetime
    days: Sequence[tuple[int | None, int]]
    points: list[int]
    units: list[int]
    known: dict[str, int] = field(default_factory=dict)

    def booking(self, index: int) -> dict[str, Any]:
        """The row of a booking long done."""
        return {
            "id": self.first + index,
            "number": f"B{index:06d}",
            "reception_day_id": self.days[index % len(self.days)][0],
            "state": BookingState.DONE,
            "request_key": f"find-{index}",
            "booked_at": self.at(index),
            "private": False,
            "people": 1,
            **self.place(index),
        }

    def petition(self, index: int) -> dict[str, Any]:
        """The row of its matter."""
        about = f"{self.dice.choice(PLACES)}{self.dice.choice(SUBJECTS)},{self.dice.choice(DONE)}。"
        return {
            "id": self.first + index,
            "booking_id": self.first + index,
            "purpose": Purpose.REQUEST,
            "summary": about + (RARE if index % 997 == 0 else ""),
            "state": self.dice.choice((PetitionState.REGISTERED, PetitionState.HANDLING, PetitionState.CLOSED)),
            "number": f"XF2019-{index:06d}",
            "outcome": Outcome.ACCEPTED,
            "outcome_opinion": "",
            "due_on": local_date(self.at(index)),
            "created_at": self.at(index),
            "unit_id": self.dice.choice(self.units),
            "content": self.dice.choice(list(CONTENTS)),
            "official_id": self.days[index % len(self.days)][1],
            **self.place(index),
        }

    def words(self, petition: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What it is found by."""
        for piece in pieces(f"{petition['summary']} {petition['number']}"):
            yield {"word": self.known.setdefault(piece, hashed(piece)), "petition_id": petition["id"]}
        yield {"word": INDEXED, "petition_id": petition["id"]}

    def at(self, index: int) -> datetime:
        """Ten years, evenly."""
        return self.now - timedelta(days=3650 * (1 - index / MATTERS))

    def place(self, index: int) -> dict[str, int]:
        """Where it came in, and by whom."""
        return {"point_id": self.points[index * 7 % len(self.points)], "petitioner_id": 1 + index % 30}


def fill(engine: Engine) -> None:
    """Matters of ten years, in every state, at every point; the words in the index are those of the matters."""
    with reading(engine) as db:
        days = db.exec(select(ReceptionDay.id, ReceptionDay.official_id)).all()
        told = (_first(db), SystemClock().now(), days, _ids(db, VillagePoint), _ids(db, Unit))
    filling = Filling(random.Random(1), *told)  # noqa: S311 - a benchmark
    for start in range(0, MATTERS, BATCH):
        batch = range(start, start + BATCH)
        petitions = [filling.petition(index) for index in batch]
        with writing(engine) as db:
            db.execute(insert(Booking), [filling.booking(index) for index in batch])
            db.execute(insert(Petition), petitions)
            db.execute(insert(FoundWord), [word for one in petitions for word in filling.words(one)])


def _first(db: Session) -> int:
    return max(db.exec(select(func.max(one))).one() or 0 for one in (col(Booking.id), col(Petition.id))) + 1


def _ids(db: Session, table: Any) -> list[int]:
    return list(db.exec(select(table.id)))
