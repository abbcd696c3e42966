"""How long the server takes for a page when there are 10,000 matters, at the 95th percentile."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, func
from sqlmodel import Session, SQLModel, col, insert, select

from server.accounts.models import SignIn, User
from server.accounts.roles import Role
from server.accounts.service import hash_token
from server.app import create_app
from server.clock import SystemClock, local_date
from server.database import make_engine, reading, writing
from server.demonstration.seed import plant
from server.dependencies import COOKIE
from server.migrations.run import migrate
from server.petitions.models import FollowUp, Petition, ReceptionSession
from server.petitions.words import FollowUpState, Outcome, PetitionState, Purpose
from server.places.models import Kiosk
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.words import BookingState
from server.sealing import Sealer, use_sealer
from server.settings import DEMONSTRATION_SECRET, Settings
from tests.fakes import FakeMedia

MATTERS = 10_000
REQUESTS = 60
PAGES: dict[str, tuple[str, ...]] = {
    "kiosk": ("/kiosk", "/kiosk/reception", "/kiosk/book/who", "/kiosk/free", "/ask"),
    "official": ("/desk",),
    "clerk": ("/reviews", "/reviews?state=approved", "/desk", "/petitions/{petition}", "/reviews/{review}"),
    "handler": ("/follow-ups",),
    "administrator": ("/admin/points", "/admin/units", "/admin/people", "/admin/days"),
    "auditor": ("/audit",),
}


def planted(data_dir: Path) -> tuple[Settings, Engine, datetime]:
    """The demonstration district in a database of its own, as it is now."""
    settings = Settings(demonstration=True, data_dir=data_dir, _env_file=None)
    settings.state_dir.mkdir(parents=True)
    use_sealer(Sealer.from_secret(DEMONSTRATION_SECRET))
    engine = make_engine(settings.database_address)
    migrate(engine)
    now = SystemClock().now()
    plant(engine, now=now)
    return settings, engine, now


def page_figures(data_dir: Path) -> Iterator[dict[str, object]]:
    """One figure a page."""
    settings, engine, now = planted(data_dir)
    with writing(engine) as db:
        fill(db, now)
    with TestClient(create_app(settings, media=FakeMedia(), engine=engine), follow_redirects=False) as client:
        for who, addresses in PAGES.items():
            client.cookies.set(COOKIE, signed_in(engine, who, now))
            for address in addresses:
                yield measured(client, who, address.format(**named(engine)), shape=address)


def named(engine: Engine) -> dict[str, object]:
    """A registered matter and one in review."""
    with reading(engine) as db:
        waiting = (
            select(ReceptionSession.token)
            .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
            .where(col(Petition.state) == PetitionState.IN_REVIEW)
        )
        return {"petition": MATTERS // 2, "review": db.exec(waiting.limit(1)).one()}


def measured(client: TestClient, who: str, address: str, *, shape: str) -> dict[str, object]:
    """The 95th percentile of many requests, after a first one that fills the caches."""
    first = client.get(address, headers={"accept": "text/html"})
    assert first.status_code == 200, (who, address, first.status_code)
    times = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        client.get(address, headers={"accept": "text/html"})
        times.append((time.perf_counter() - began) * 1000)
    value = sorted(times)[int(REQUESTS * 0.95)]
    return {"name": f"page_p95 {who} {shape}", "value": round(value, 1), "unit": "ms", "n": REQUESTS}


def signed_in(engine: Engine, username: str, now: datetime) -> str:
    """A sign-in of a person, or of the first kiosk."""
    token = f"benchmark {username}"
    with writing(engine) as db:
        user = db.exec(select(User).where(User.username == username)).first()
        kiosk = db.exec(select(Kiosk)).first()
        row = SignIn(token_hash=hash_token(token), created_at=now, seen_at=now, expires_at=now + timedelta(days=1))
        row.user_id, row.kiosk_id = (user.id, None) if user else (None, kiosk.id if kiosk else None)
        db.add(row)
    return token


def fill(db: Session, now: datetime) -> None:
    """Ten thousand matters of the past, a third of them with a promise that is open."""
    first = {table: int(db.exec(select(func.max(table.id))).one() or 0) + 1 for table in (Booking, Petition)}
    handler = db.exec(select(User).where(User.role == Role.HANDLER)).first()
    today = local_date(now)
    past = list(db.exec(select(ReceptionDay).where(ReceptionDay.day < today)))
    rows: dict[type[SQLModel], list[dict[str, Any]]] = {Booking: [], Petition: [], ReceptionSession: [], FollowUp: []}
    for index in range(MATTERS):
        day = past[index % len(past)]
        at = now - timedelta(days=(today - day.day).days, seconds=index % 3600)
        booking_id, petition_id = first[Booking] + index, first[Petition] + index
        rows[Booking].append(_booking(booking_id, index, day, at))
        rows[Petition].append(_petition(petition_id, booking_id, index, day, at))
        rows[ReceptionSession].append(
            {
                "token": f"benchmark-{index}",
                "booking_id": booking_id,
                "petition_id": petition_id,
                "started_at": at,
                "talk_ended_at": at,
                "signed_at": at,
            }
        )
        if index % 3 == 0 and handler is not None:
            rows[FollowUp].append(_follow_up(petition_id, index, handler.unit_id or 1, today, at))
    for table, values in rows.items():
        db.execute(insert(table), values)


def _booking(booking_id: int, index: int, day: ReceptionDay, at: datetime) -> dict[str, Any]:
    return {
        "id": booking_id,
        "number": f"B{index:06d}",
        "reception_day_id": day.id,
        "slot": None,
        "point_id": 1 + index % 50,
        "petitioner_id": 1 + index % 30,
        "state": BookingState.DONE,
        "request_key": f"benchmark-{index}",
        "booked_at": at,
        "checked_in_at": at,
        "admitted_at": at,
        "ended_at": at,
        "consent": True,
        "consent_at": at,
        "private": False,
    }


def _petition(petition_id: int, booking_id: int, index: int, day: ReceptionDay, at: datetime) -> dict[str, Any]:
    return {
        "id": petition_id,
        "booking_id": booking_id,
        "petitioner_id": 1 + index % 30,
        "point_id": 1 + index % 50,
        "official_id": day.official_id,
        "purpose": Purpose.REQUEST,
        "content": "housing",
        "summary": "房子漏水,找了物业三次没有人管。",
        "state": PetitionState.IN_REVIEW if index % 100 == 0 else PetitionState.REGISTERED,
        "number": None if index % 100 == 0 else f"XFB-{index:06d}",
        "outcome": Outcome.ACCEPTED,
        "outcome_opinion": "由住建部门查看。",
        "created_at": at,
        "registered_at": at,
    }


def _follow_up(petition_id: int, index: int, unit_id: int, today: Any, at: datetime) -> dict[str, Any]:
    return {
        "petition_id": petition_id,
        "key": f"benchmark-{index}",
        "what": "派人上门查看",
        "unit_id": unit_id,
        "person": "李工",
        "due_on": today + timedelta(days=index % 30),
        "state": FollowUpState.OPEN if index % 9 else FollowUpState.DONE,
        "created_at": at,
    }
