"""Searching for a free time, and beginning a booking with it."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from server.database import writing
from server.scheduling.models import ReceptionDay
from tests.district import TODAY, District
from tests.petitions.test_routes_booking import ANSWERS, HTML, answer, at, bookings, key_of


@pytest.fixture
def other_day(district: District) -> int:
    """Tomorrow the other official receives."""
    day = ReceptionDay(
        official_id=district.other_official.id, day=TODAY + timedelta(days=1), opens_minute=540, closes_minute=720
    )
    with writing(district.engine) as db:
        db.add(day)
        db.flush()
        return day.id or 0


def times(text: str) -> list[str]:
    return re.findall(r'name="answer" value="(\d+-\d+)"', text)


def test_soonest_first_then_a_day_in_full(client: TestClient, district: District, other_day: int) -> None:
    at(client, district, district.clerk)
    page = client.get("/kiosk/free", headers=HTML).text
    assert times(page) == [f"{district.day_id}-1", *(f"{district.day_id}-{slot}" for slot in range(1, 9))]
    for query in (f"official={district.other_official.id}", "unit=2", "from=2026-11-25", "day=2026-11-25"):
        shown = times(client.get(f"/kiosk/free?{query}", headers=HTML).text)
        assert shown[-9:] == [f"{other_day}-{slot}" for slot in range(9)], query
    for query in ("official=99", "township=1", "unit=2&from=2026-11-26", "from=9999-12-31"):
        assert "四周内没有空闲时间" in client.get(f"/kiosk/free?{query}", headers=HTML).text


@pytest.mark.parametrize("query", ["official=x", "from=nonsense", "content=nonsense", "day=nonsense", "point=-1"])
def test_nonsense_in_the_address_restricts_nothing(client: TestClient, district: District, query: str) -> None:
    at(client, district, district.clerk)
    assert len(times(client.get(f"/kiosk/free?{query}", headers=HTML).text)) == 9


def test_one_touch_holds_it_and_begins_the_booking(client: TestClient, district: District, other_day: int) -> None:
    at(client, district, district.kiosk)
    taken = client.post("/kiosk/free", data={"answer": f"{other_day}-3"})
    assert taken.headers["location"] == "/kiosk/book/who"
    at(client, district, district.other_kiosk)
    assert f"{other_day}-3" not in times(client.get("/kiosk/free?unit=2", headers=HTML).text)
    refused = client.post("/kiosk/free", data={"answer": f"{other_day}-3"}, headers=HTML)
    assert refused.status_code == 409
    assert times(refused.text)[:3] == [f"{other_day}-2", f"{other_day}-4", f"{other_day}-1"]
    at(client, district, district.kiosk)
    answer(client, **ANSWERS)
    assert client.post("/kiosk/book/check", data={"request_key": key_of(client)}).status_code == 303
    assert [(one.reception_day_id, one.slot) for one in bookings(district)] == [(other_day, 3)]


def test_a_clerk_begins_with_the_point_that_was_searched_for(
    client: TestClient, district: District, other_day: int
) -> None:
    at(client, district, district.clerk)
    taken = client.post("/kiosk/free", data={"answer": f"{other_day}-3", "point": "2"})
    assert taken.headers["location"] == "/kiosk/book/who"
    at(client, district, district.kiosk)
    assert f"{other_day}-3" not in times(client.get("/kiosk/free?unit=2", headers=HTML).text)


def test_what_was_begun_before_is_asked_about_first(client: TestClient, district: District) -> None:
    at(client, district, district.kiosk)
    answer(client, who="anonymous")
    taken = client.post("/kiosk/free", data={"answer": f"{district.day_id}-3"})
    assert taken.headers["location"] == "/kiosk/book"


@pytest.mark.parametrize("value", ["", "nonsense", "999-1", "1-99"])
def test_a_time_that_never_was_is_refused(client: TestClient, district: District, value: str) -> None:
    at(client, district, district.kiosk)
    assert client.post("/kiosk/free", data={"answer": value}, headers=HTML).status_code == 422


@pytest.mark.parametrize("who", ["official", "handler"])
def test_it_is_for_those_who_book(client: TestClient, district: District, who: str) -> None:
    at(client, district, getattr(district, who))
    assert client.get("/kiosk/free").status_code == 403
    assert client.post("/kiosk/free", data={"answer": f"{district.day_id}-3"}).status_code == 403
