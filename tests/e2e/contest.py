"""Many kiosks, each a process, that book at one running product at the same time; and what is in its database then."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service import start_kiosk_sign_in
from server.audit.models import AuditEntry
from server.audit.service_reading import check_chain
from server.clock import SystemClock, local_date
from server.database import make_engine, reading, writing
from server.migrations.run import migrate
from server.petitions.models import Petition
from server.places.models import Kiosk, Township, VillagePoint
from server.scheduling.models import Booking, ReceptionDay, SlotHold
from server.sealing import Sealer, use_sealer
from tests.e2e.contender import Contender, Orders
from tests.e2e.house import ROOT, House, open_house

SECRET = "a secret of the contest of thirty-two characters"  # noqa: S105 - opens nothing but test data
SLOTS_A_DAY = 20


@dataclass
class Outcome:
    """What the kiosks were told."""

    seconds: float = 0.0
    numbers: list[str] = field(default_factory=list)
    taken: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def attempts(self) -> int:
        """Each has one outcome."""
        return len(self.numbers) + self.taken + len(self.errors)


@dataclass(frozen=True)
class Kept:
    """What the database says afterwards. ``half`` are bookings without their matter or their entry in the audit log, or
    the other way round; ``held`` the times that are still kept for somebody.
    """

    numbers: set[str]
    doubles: int
    half: int
    held: int
    chain_broken_at: int | None

    def lost(self, outcome: Outcome) -> int:
        """Bookings that were acknowledged and are not there."""
        return len(set(outcome.numbers) - self.numbers)


@dataclass
class Contest:
    """A product with nothing but officials, their days and kiosks."""

    house: House
    engine: Engine
    cookies: list[str]
    slots: list[str]

    def begin(
        self, *, kiosks: int, attempts: int, slots: list[str], again: bool = False
    ) -> list[subprocess.Popen[str]]:
        """Let so many kiosks try so often each. ``again``: each slot once, by one kiosk, whatever it takes."""
        running = []
        for index, cookie in enumerate(self.cookies[:kiosks]):
            own = slots[index * attempts : (index + 1) * attempts] if again else slots
            orders = Orders(self.house.address, cookie, own, attempts, seed=index, again=again)
            command = [sys.executable, "-m", "tests.e2e.contender"]
            process = subprocess.Popen(
                command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1
            )
            assert process.stdin is not None
            process.stdin.write(json.dumps(asdict(orders)) + "\n")
            process.stdin.flush()
            running.append(process)
        return running

    def play(self, *, kiosks: int, attempts: int, slots: list[str], again: bool = False) -> Outcome:
        """Begin and wait for the end."""
        began = time.monotonic()
        outcome = finished(self.begin(kiosks=kiosks, attempts=attempts, slots=slots, again=again))
        outcome.seconds = time.monotonic() - began
        return outcome

    def play_through_deaths(self, *, kiosks: int, attempts: int, kills: int) -> Outcome:
        """Kill the web process at ``kills`` random instants meanwhile; it has to come back by itself."""
        dice = random.Random()  # noqa: S311 - when it is killed
        running = self.begin(kiosks=kiosks, attempts=attempts, slots=self.slots, again=True)
        for kill in range(1, kills + 1):
            while self.booked() < kiosks * attempts * kill // (kills + 1):
                time.sleep(0.01)
            time.sleep(dice.uniform(0, 0.1))
            self.house.kill("server.web")
        return finished(running)

    @contextmanager
    def kiosk(self, index: int) -> Iterator[Contender]:
        """One of them, to be led by hand; it asks again when the line is cut."""
        made = Contender(Orders(self.house.address, self.cookies[index], [], attempts=0, seed=index, again=True))
        yield made
        made.close()

    def booked(self) -> int:
        """How many bookings there are now."""
        with reading(self.engine) as db:
            return db.exec(select(func.count()).select_from(Booking)).one()

    def kept(self) -> Kept:
        """Look into the database."""
        with reading(self.engine) as db:
            rows = list(db.exec(select(Booking.id, Booking.number, Booking.reception_day_id, Booking.slot)))
            places = Counter((day, slot) for _, _, day, slot in rows)
            matters = set(db.exec(select(Petition.booking_id)))
            noted = db.exec(select(AuditEntry.subject_id).where(AuditEntry.action == "booking.booked")).all()
            holds = db.exec(select(func.count()).select_from(SlotHold)).one()
            chain = check_chain(db, actor=Actor(role=Role.AUDITOR, name="contest"))
        made = {booking_id for booking_id, _, _, _ in rows}
        return Kept(
            numbers={number for _, number, _, _ in rows},
            doubles=sum(count - 1 for count in places.values()),
            half=len(matters ^ made) + len(set(noted) ^ made) + len(noted) - len(set(noted)),
            held=holds,
            chain_broken_at=chain.broken_at,
        )


def finished(running: list[subprocess.Popen[str]]) -> Outcome:
    """What all of them were told, once they have ended."""
    outcome = Outcome()
    for process in running:
        told, _ = process.communicate()
        for kind, word in (json.loads(line) for line in told.splitlines()):
            if kind == "taken":
                outcome.taken += 1
            else:
                (outcome.numbers if kind == "booked" else outcome.errors).append(word)
        if process.returncode != 0:
            outcome.errors.append(f"exit status {process.returncode}")
    return outcome


@contextmanager
def open_contest(data_dir: Path, *, kiosks: int, slots: int, address: str = "", hold: int = 10) -> Iterator[Contest]:
    """``lianxin serve`` over a new SQLite file or the database at ``address``, which is empty; ``hold`` in minutes."""
    (data_dir / "state").mkdir(parents=True)
    used = address or f"sqlite:///{data_dir / 'state' / 'lianxin.sqlite3'}"
    use_sealer(Sealer.from_secret(SECRET))
    engine = make_engine(used)
    migrate(engine)
    with writing(engine) as db:
        cookies, places = _furnish(db, SystemClock().now(), kiosks, slots)
    own = {"LIANXIN_SECRET": SECRET, "LIANXIN_DATABASE_URL": used, "LIANXIN_HOLD_MINUTES": str(hold)}
    with open_house(data_dir, LIANXIN_DEMONSTRATION="0", **own) as house:
        yield Contest(house, engine, cookies, places)
    engine.dispose()


def _furnish(db: Session, now: datetime, kiosks: int, slots: int) -> tuple[list[str], list[str]]:
    township = Township(name="青溪镇", area_code="990101001")
    official = User(username="official", display_name="官员", role=Role.OFFICIAL, password_hash="!")  # noqa: S106 - no hash
    db.add_all([township, official])
    db.flush()
    cookies = []
    for index in range(kiosks):
        code = f"990101001{index + 1:03d}"
        point = VillagePoint(township_id=township.id or 0, name=f"{index + 1}号村", area_code=code, has_video=True)
        db.add(point)
        db.flush()
        kiosk = Kiosk(point_id=point.id or 0, name=f"{index + 1}号终端", enrolled_at=now)
        db.add(kiosk)
        db.flush()
        cookies.append(start_kiosk_sign_in(db, kiosk=kiosk, now=now))
    first = local_date(now) + timedelta(days=7)
    days = [_day(official.id or 0, first + timedelta(days=index)) for index in range(-(-slots // SLOTS_A_DAY))]
    db.add_all(days)
    db.flush()
    places = [f"{day.id}-{slot}" for day in days for slot in range(SLOTS_A_DAY)]
    return cookies, places[:slots]


def _day(official_id: int, day: date) -> ReceptionDay:
    return ReceptionDay(official_id=official_id, day=day, opens_minute=540, closes_minute=540 + 20 * SLOTS_A_DAY)
