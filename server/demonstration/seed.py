"""The demonstration district, planted into an empty database and kept up to date by the day.

Everything follows from one seed number and the day, so that two people who try it see the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from server.accounts.models import User
from server.accounts.roles import Role
from server.accounts.service import hash_password
from server.clock import local_date
from server.database import writing
from server.demonstration.coming import plant_coming, serials_after
from server.demonstration.district import (
    KIOSK_CODES,
    officials_of,
    plant_days,
    plant_district,
    planted_before,
    renew_codes,
)
from server.demonstration.past import KNOWN_CODE, Past, Serials, plant_past
from server.demonstration.plans import plant_plans
from server.petitions.service_index import index_missing

PASSWORD = "lianxin-2026"  # noqa: S105 - of the fictitious district, printed at every start
WEEKS_BACK, WEEKS_AHEAD = 8, 4


@dataclass(frozen=True)
class Account:
    """One account to try; ``note`` says what it is good for."""

    role: Role
    username: str
    password: str
    note: str


def demonstration_accounts() -> list[Account]:
    """One account a role; more are numbered: official2, handler3, agent4."""
    notes = {
        Role.OFFICIAL: "receives visitors, decides",
        Role.CLERK: "reviews the minutes beside the recording",
        Role.HANDLER: "works the promises of the housing office",
        Role.AGENT: "books for villagers at the first village point",
        Role.ADMINISTRATOR: "sets up points, units, people, reception days",
        Role.AUDITOR: "reads who did and saw what",
    }
    return [Account(role, role.value, PASSWORD, note) for role, note in notes.items()]


def demonstration_kiosk_codes() -> tuple[str, ...]:
    """One-time codes, good once after every start, that make a browser the kiosk of the first, … point with video."""
    return KIOSK_CODES


def demonstration_question(now: datetime) -> tuple[str, str]:
    """Number and query code of a matter to ask about, when the district was planted in the year of ``now``."""
    return f"XF{local_date(now).year}-000001", KNOWN_CODE


def plant(engine: Engine, *, now: datetime, seed: int = 1) -> bool:
    """Fill an empty database, or bring an older demonstration to today. Returns whether it was empty."""
    with writing(engine) as db:
        empty = db.exec(select(func.count()).select_from(User)).one() == 0
        if empty:
            _plant_all(db, now, Random(seed))  # noqa: S311 - fictitious names, nothing secret
        elif officials_of(db):
            _bring_to_today(db, now, Random(seed + local_date(now).toordinal()))  # noqa: S311 - as above
    return empty


def _plant_all(db: Session, now: datetime, dice: Random) -> None:
    planted = plant_district(db, now=now, dice=dice, password_hash=hash_password(PASSWORD))
    today, serials = local_date(now), Serials()
    first, last = today - timedelta(weeks=WEEKS_BACK), today + timedelta(weeks=WEEKS_AHEAD)
    days = plant_days(db, now=now, first=first, last=last)
    plant_past(Past(db, dice, planted, serials, now), days)
    plant_coming(db, days, now=now, dice=dice, planted=planted, serials=serials)
    plant_plans(db, now=now, planted=planted)
    index_missing(db)


def _bring_to_today(db: Session, now: datetime, dice: Random) -> None:
    today, planted = local_date(now), planted_before(db)
    renew_codes(planted.kiosks, now=now)
    days = plant_days(db, now=now, first=today, last=today + timedelta(weeks=WEEKS_AHEAD))
    plant_coming(db, days, now=now, dice=dice, planted=planted, serials=serials_after(db))
