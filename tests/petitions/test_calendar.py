"""A new notice of holidays through the pages: seen first, then in force, with every date that follows."""

import re
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from server.accounts.roles import Actor, Role
from server.audit.models import AuditEntry
from server.audit.service_reading import check_chain
from server.database import reading, writing
from server.errors import Forbidden, NotSignedIn
from server.petitions.deadlines import Clock, due
from server.petitions.models import Deadline
from server.petitions.service_calendar import adopt, effects
from server.scheduling.models import CalendarVersion, ReceptionDay
from server.scheduling.service_calendar import calendar_in_force, years
from server.scheduling.words import Holiday, Source
from server.scheduling.workdays import Special
from tests.administrator import HTML, administrator
from tests.district import District
from tests.signaling.talkers import cookie_of

NOTICE = {
    **{"holiday_1": "new_year", "first_1": "2027-01-01", "last_1": "2027-01-03"},
    **{"holiday_2": "spring_festival", "first_2": "2027-02-05", "last_2": "2027-02-12"},
    **{"made_up_2_1": "2027-01-31", "made_up_2_2": "2027-02-20", "source": "notice"},
}


@pytest.fixture
def pages(client: TestClient, district: District) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, administrator(district)))
    return client


@pytest.fixture
def clocks(district: District) -> dict[str, int]:
    """Three clocks: one that the notice moves, one that it makes certain, one that is over."""
    petition_id = district.book(slot=6).petition.id or 0
    told = {"moved": (Clock.HANDLE, date(2026, 12, 8), 60), "fixed": (Clock.TARGET, date(2027, 1, 18), 10)}
    made = {}
    with writing(district.engine) as db:
        for name, (clock, start, days) in {**told, "over": (Clock.ACCEPT, date(2026, 12, 8), 60)}.items():
            counted = due(clock, start, days, calendar_in_force(db)).counted
            deadline = Deadline(
                petition_id=petition_id,
                kind=clock.value,
                starts_on=start,
                counted_on=counted.counted_on,
                due_on=counted.day,
                provisional=counted.provisional,
                met_at=district.clock.now() if name == "over" else None,
            )
            db.add(deadline)
            db.flush()
            made[name] = deadline.id or 0
    return made


def seen_in(text: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', text)
    assert found is not None
    return found[1]


def dates(district: District, clocks: dict[str, int]) -> dict[str, tuple[date, bool]]:
    with reading(district.engine) as db:
        rows = {name: db.get_one(Deadline, key) for name, key in clocks.items()}
    return {name: (one.due_on, one.provisional) for name, one in rows.items()}


def test_a_notice_is_seen_then_adopted_and_moves_what_was_provisional(
    pages: TestClient, district: District, clocks: dict[str, int]
) -> None:
    assert "暂定" in pages.get("/admin/calendar", headers=HTML).text
    shown = pages.post("/admin/calendar/2027/preview", data=NOTICE, headers=HTML)
    assert "1 个期限会移动,另有 1 个期限" in shown.text
    assert "2月6日 周六至2月12日 周五(春节)" in shown.text
    assert dates(district, clocks)["moved"] == (date(2027, 2, 8), True)
    form = {**NOTICE, "why": "国办发明电〔2026〕7号", "seen": seen_in(shown.text)}
    answer = pages.post("/admin/calendar/2027", data=form, headers=HTML)
    assert answer.headers["location"] == "/admin/calendar/2027?done=adopted"
    assert dates(district, clocks) == {
        "moved": (date(2027, 2, 15), False),
        "fixed": (date(2027, 1, 28), False),
        "over": (date(2027, 2, 8), True),
    }
    year = pages.get("/admin/calendar/2027", headers=HTML).text
    assert "国办发明电〔2026〕7号" in year
    assert 'title="春节"' in year


def test_what_moved_stands_in_the_audit_chain(pages: TestClient, district: District, clocks: dict[str, int]) -> None:
    shown = pages.post("/admin/calendar/2027/preview", data=NOTICE, headers=HTML)
    pages.post("/admin/calendar/2027", data={**NOTICE, "why": "通知", "seen": seen_in(shown.text)})
    with reading(district.engine) as db:
        entries = list(db.exec(select(AuditEntry).where(AuditEntry.actor_name == "administrator")))
        told = [one.detail for one in entries if one.action == "deadline.recomputed"]
        assert [one.action for one in entries if one.action.startswith("calendar")] == ["calendar.adopted"]
    assert {"from": "2027-02-08", "to": "2027-02-15"} in [one.get("due_on") for one in told]
    assert len(told) == 2
    auditor = Actor(role=Role.AUDITOR, id=1, name="auditor")
    with reading(district.engine) as db:
        assert check_chain(db, actor=auditor).broken_at is None


def test_what_was_not_seen_is_not_put_in_force(pages: TestClient, district: District) -> None:
    shown = pages.post("/admin/calendar/2027/preview", data=NOTICE, headers=HTML)
    with writing(district.engine) as db:
        official = district.official.id
        db.add(ReceptionDay(official_id=official, day=date(2027, 2, 8), opens_minute=540, closes_minute=600))
    form = {**NOTICE, "why": "通知", "seen": seen_in(shown.text)}
    refused = pages.post("/admin/calendar/2027", data=form, headers=HTML)
    assert refused.status_code == 409
    assert "遇上放假" in refused.text
    with reading(district.engine) as db:
        assert 2027 not in calendar_in_force(db).announced
    again = pages.post("/admin/calendar/2027", data={**form, "seen": seen_in(refused.text)})
    assert again.status_code == 303


def test_a_reason_is_asked_for_and_nothing_typed_is_lost(pages: TestClient) -> None:
    shown = pages.post("/admin/calendar/2027/preview", data=NOTICE, headers=HTML)
    refused = pages.post("/admin/calendar/2027", data={**NOTICE, "seen": seen_in(shown.text)}, headers=HTML)
    assert refused.status_code == 422
    assert 'value="2027-02-12"' in refused.text
    wrong = pages.post("/admin/calendar/2027/preview", data={**NOTICE, "made_up_2_1": "2027-02-01"}, headers=HTML)
    assert "周六或周日" in wrong.text


def test_an_older_version_comes_back_as_a_new_one(pages: TestClient, district: District) -> None:
    values = pages.get("/admin/calendar/2026/edit", headers=HTML).text
    assert 'value="2026-10-07"' in values
    day = {date(2026, 12, 31): Special(False, Holiday.OTHER)}
    with writing(district.engine) as db:
        told: dict[str, Any] = {
            "actor": administrator(district, db),
            "now": district.clock.now(),
            "year": 2026,
            "days": day,
        }
        seen = effects(db, **told).digest
        adopt(db, **told, source=Source.CORRECTION, why="试改", seen=seen)
        assert calendar_in_force(db).is_working(date(2026, 10, 1))
    old = pages.get("/admin/calendar/2026?revision=1", headers=HTML).text
    assert 'title="国庆节"' in old
    assert 'value="2026-10-07"' in pages.get("/admin/calendar/2026/edit?revision=1", headers=HTML).text


def test_a_version_is_there_once(district: District) -> None:
    def again(db: Session) -> None:
        first = db.exec(select(CalendarVersion).where(CalendarVersion.year == 2026)).one()
        db.add(CalendarVersion(**{**first.model_dump(), "id": None}))
        db.flush()

    with pytest.raises(IntegrityError), writing(district.engine) as db:
        again(db)


def test_only_the_administrator(client: TestClient, district: District) -> None:
    everybody = (district.official, district.clerk, district.handler, district.kiosk)
    with reading(district.engine) as db:
        for actor in everybody:
            with pytest.raises(Forbidden):
                years(db, actor=actor, now=district.clock.now())
            with pytest.raises(Forbidden):
                effects(db, actor=actor, now=district.clock.now(), year=2027, days={})
        with pytest.raises(NotSignedIn):
            years(db, actor=Actor(role=Role.PUBLIC), now=district.clock.now())
    for address in ("/admin/calendar", "/admin/calendar/2026", "/admin/calendar/2026/edit"):
        assert client.get(address).status_code == 401
    assert client.get("/admin/calendar/1999").status_code == 422
