"""The administrator's reception days, through the real pages."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.database import reading, writing
from server.errors import Forbidden
from server.petitions.service_session import admit
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_days import cancel_day, days_on
from server.scheduling.words import BookingState
from tests.district import TODAY, District, user
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}
NEW = {"day": "2026-12-01", "opens": "9:00", "closes": "11:30", "slot_minutes": "30", "weeks": "1"}


@pytest.fixture
def pages(client: TestClient, district: District) -> TestClient:
    with writing(district.engine) as db:
        db.add(user("administrator", Role.ADMINISTRATOR))
        db.flush()
        administrator: Actor = actor_of_user(db.exec(select(User).where(User.username == "administrator")).one())
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, administrator))
    return client


def days_of(district: District, official: Actor) -> list[ReceptionDay]:
    with reading(district.engine) as db:
        query = select(ReceptionDay).where(ReceptionDay.official_id == official.id)
        return sorted(db.exec(query), key=lambda one: one.day)


def test_a_series_leaves_days_off_out(pages: TestClient, district: District) -> None:
    form = {**NEW, "official_id": str(district.other_official.id), "day": "2026-12-25", "weeks": "2"}
    answer = pages.post("/admin/days", data=form, headers=HTML)
    assert answer.status_code == 200
    made = days_of(district, district.other_official)
    assert [one.day.isoformat() for one in made] == ["2026-12-25", "2027-01-01"][: len(made)]
    assert (made[0].opens_minute, made[0].closes_minute, made[0].slot_minutes) == (540, 690, 30)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"official_id": ""}, "领导"),
        ({"day": "2026-11-01"}, "日子"),
        ({"day": "soon"}, "日子"),
        ({"opens": "12:00"}, "结束要晚于开始"),
        ({"opens": "x"}, "结束要晚于开始"),
        ({"slot_minutes": "3"}, "5 到 120"),
        ({"day": "2026-11-29"}, "放假"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    pages: TestClient, district: District, wrong: dict[str, str], said: str
) -> None:
    form = {**NEW, "official_id": str(district.official.id), **wrong}
    answer = pages.post("/admin/days", data=form, headers=HTML)
    assert answer.status_code in {409, 422}
    assert said in answer.text
    assert 'value="11:30"' in answer.text


def test_times_that_are_booked_are_not_lost(pages: TestClient, district: District) -> None:
    district.book(slot=6)
    shorter = {"opens": "9:00", "closes": "10:00", "slot_minutes": "20"}
    refused = pages.post(f"/admin/days/{district.day_id}", data=shorter, headers=HTML)
    assert refused.status_code == 409
    assert "已约的时间" in refused.text
    longer = {"opens": "9:00", "closes": "17:00", "slot_minutes": "20"}
    assert pages.post(f"/admin/days/{district.day_id}", data=longer).status_code == 303


def test_a_cancelled_day_says_whom_to_tell_and_gives_everything_back(pages: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    assert number in pages.get(f"/admin/days/{district.day_id}", headers=HTML).text
    assert pages.post(f"/admin/days/{district.day_id}/cancel").headers["location"] == "/admin/days?done=cancelled"
    with reading(district.engine) as db:
        assert db.exec(select(Booking).where(Booking.number == number)).one().state is BookingState.CANCELLED
        assert db.get_one(ReceptionDay, district.day_id).cancelled
    assert pages.get(f"/admin/days/{district.day_id}", headers=HTML).status_code == 404


def test_a_day_is_not_cancelled_under_a_talk(pages: TestClient, district: District) -> None:
    number = district.wait()
    with writing(district.engine) as db:
        admit(db, actor=district.official, now=district.clock.now(), number=number)
    answer = pages.post(f"/admin/days/{district.day_id}/cancel", headers=HTML)
    assert answer.status_code == 409
    assert "正有谈话" in answer.text


def test_only_the_administrator(district: District) -> None:
    with writing(district.engine) as db:
        for actor in (district.official, district.clerk, district.handler, district.kiosk):
            with pytest.raises(Forbidden):
                days_on(db, actor=actor, days=[TODAY])
            with pytest.raises(Forbidden):
                cancel_day(db, actor=actor, now=district.clock.now(), day_id=district.day_id)
