"""Plans through the administrator's pages: seen, kept, published, changed, and never a booking lost."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from server.accounts.roles import Actor
from server.database import reading, writing
from server.errors import Forbidden, Invalid
from server.petitions.service_booking import book_matter
from server.scheduling.models import Booking, PlanChange, ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.service_free import FreeSlot, free_slots, hours_of
from server.scheduling.service_plan_days import extend_plans
from server.scheduling.service_plans import list_plans, preview_event
from server.scheduling.states import PlanEvent
from server.scheduling.words import BookingState, ChangeKind, PlanState
from tests.administrator import HTML, administrator
from tests.district import MATTER, TODAY, WHO, District
from tests.signaling.talkers import cookie_of

WEDNESDAYS = [TODAY + timedelta(days=1 + 7 * week) for week in range(4)]


@pytest.fixture
def pages(client: TestClient, district: District) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, administrator(district)))
    return client


def form(district: District, **other: Any) -> dict[str, Any]:
    usual = {
        "official_id": str(district.other_official.id),
        "repeat": "weekly",
        "weekdays": ["2"],
        "on_day_off": "move",
        "valid_from": "2026-11-01",
        **{"from_1": "9:00", "to_1": "10:00", "from_2": "14:00", "to_2": "15:00"},
        **{"slot_minutes": "20", "buffer_minutes": "10", "capacity": "1", "notice_days": "3", "horizon_days": "28"},
    }
    return {**usual, **other}


def seen_in(text: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', text)
    assert found is not None, re.findall(r'class="wrong"[^<]*', text)
    return found[1]


def keep(pages: TestClient, typed: dict[str, Any], at: str = "/admin/plans") -> str:
    shown = pages.post(f"{at}/preview", data=typed, headers=HTML)
    kept = pages.post(at, data={**typed, "seen": seen_in(shown.text)}, headers=HTML)
    assert kept.status_code == 303, kept.text
    return str(kept.headers["location"]).split("?")[0]


def turn(pages: TestClient, plan: str, event: str) -> None:
    shown = pages.get(f"{plan}/state/{event}", headers=HTML)
    done = pages.post(f"{plan}/state/{event}", data={"seen": seen_in(shown.text)})
    assert done.headers["location"] == f"{plan}?done={event}"


def days(district: District) -> list[ReceptionDay]:
    with reading(district.engine) as db:
        query = select(ReceptionDay).where(ReceptionDay.official_id == district.other_official.id)
        return sorted((one for one in db.exec(query) if not one.cancelled), key=lambda one: one.day)


def book(district: District, day: ReceptionDay, slot: int, key: str, actor: Actor | None = None) -> str:
    at = actor or district.clerk
    told: dict[str, Any] = {"reception_day_id": day.id, "slot": slot, "point_id": 1, "request_key": key}
    with writing(district.engine) as db:
        return book_matter(db, actor=at, now=district.clock.now(), who=WHO, matter=MATTER, **told).booking.number


def free(district: District, actor: Actor, **asked: Any) -> list[FreeSlot]:
    with reading(district.engine) as db:
        told: dict[str, Any] = {"from_day": TODAY, "days": 60, "official_id": district.other_official.id, **asked}
        return free_slots(db, actor=actor, now=district.clock.now(), **told)


@pytest.fixture
def plan(pages: TestClient, district: District) -> str:
    made = keep(pages, form(district))
    turn(pages, made, "publish")
    return made


def test_a_draft_names_days_that_nobody_can_book_until_it_is_published(pages: TestClient, district: District) -> None:
    shown = pages.post("/admin/plans/preview", data=form(district), headers=HTML)
    assert "9:00–10:00、14:00–15:00" in shown.text
    assert "半年内有 26 天接访" in shown.text
    made = keep(pages, form(district))
    assert days(district) == []
    turn(pages, made, "publish")
    there = days(district)
    assert [one.day for one in there][:4] == WEDNESDAYS
    assert [hours_of(there[0]).minute(place) for place in range(hours_of(there[0]).count)] == [540, 570, 840, 870]


def test_notice_and_horizon_bound_what_is_offered_and_clerks_may_book_later(plan: str, district: District) -> None:
    offered = {one.day for one in free(district, district.kiosk)}
    assert offered == set(WEDNESDAYS[1:])
    assert {one.day for one in free(district, district.clerk)} == set(WEDNESDAYS)
    with pytest.raises(Invalid, match="not_in_time"):
        book(district, days(district)[0], 0, "soon", district.kiosk)
    with pytest.raises(Invalid, match="not_in_time"):
        book(district, days(district)[5], 0, "far", district.kiosk)


def test_a_plan_for_some_is_offered_to_them_only(pages: TestClient, district: District) -> None:
    made = keep(pages, form(district, contents=["land"], units=["1"], townships=["1"]))
    turn(pages, made, "publish")
    assert free(district, district.kiosk, content="housing") == []
    assert free(district, district.kiosk, content="land")
    assert free(district, district.kiosk, unit_id=1)
    with pytest.raises(Invalid, match="not_received_here"):
        book(district, days(district)[1], 0, "stranger")
    shown = pages.get(made, headers=HTML).text
    assert 'name="contents" value="land" checked' in shown


def test_capacity_lets_several_come_at_one_time_and_no_more(pages: TestClient, district: District) -> None:
    turn(pages, keep(pages, form(district, capacity="2")), "publish")
    day = days(district)[1]
    numbers = {book(district, day, 0, "a"), book(district, day, 0, "b")}
    with reading(district.engine) as db:
        places = [one.slot for one in db.exec(select(Booking)) if one.number in numbers]
    assert sorted(place for place in places if place is not None) == [0, 1]
    assert next(one.slot for one in free(district, district.clerk) if one.reception_day_id == day.id) == 2
    with pytest.raises(Exception, match="slot_taken"):
        book(district, day, 0, "c")


def test_other_hours_keep_everybody_at_the_time_booked(pages: TestClient, plan: str, district: District) -> None:
    day = days(district)[1]
    number = book(district, day, 2, "afternoon")
    at = f"/admin/plans/{plan.rsplit('/', 1)[1]}"
    keep(pages, form(district, from_1="8:00"), at)
    with reading(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        after = hours_of(db.get_one(ReceptionDay, day.id))
        assert after.opens == 480
        assert after.minute(booking.slot or 0) == 840


def test_a_time_that_would_be_lost_keeps_its_day_and_waits_for_a_person(
    pages: TestClient, plan: str, district: District
) -> None:
    day = days(district)[1]
    number = book(district, day, 2, "afternoon")
    typed = form(district, from_2="", to_2="")
    shown = pages.post(f"{plan}/preview", data=typed, headers=HTML)
    assert number in shown.text
    assert "预约都不取消" in shown.text
    keep(pages, typed, plan)
    with reading(district.engine) as db:
        kept = db.get_one(ReceptionDay, day.id)
        assert (kept.off_plan, hours_of(kept).closes) == (True, 900)
        assert db.exec(select(Booking).where(Booking.number == number)).one().state is BookingState.BOOKED
    assert day.id not in {one.reception_day_id for one in free(district, district.clerk)}
    assert "这些人需要改时间" in pages.get("/admin/plans", headers=HTML).text


def test_a_booking_of_such_a_day_gets_an_offered_time_and_the_day_goes(
    pages: TestClient, plan: str, district: District
) -> None:
    day = days(district)[1]
    number = book(district, day, 0, "morning")
    turn(pages, plan, "withdraw")
    turn(pages, plan, "publish")
    typed = {"day": day.day.isoformat(), "kind": "cancelled", "why": "开会"}
    shown = pages.post(f"{plan}/change/preview", data=typed, headers=HTML)
    assert number in shown.text
    pages.post(f"{plan}/change", data={**typed, "seen": seen_in(shown.text)})
    offered = pages.get(f"/admin/days/{day.id}", headers=HTML).text
    place = re.search(r'name="place" value="(\d+-\d+)"', offered)
    assert place is not None
    moved = pages.post(f"/admin/days/{day.id}/move/{number}", data={"place": place[1]})
    assert moved.headers["location"] == "/admin/plans?done=moved"
    with reading(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        assert booking.state is BookingState.BOOKED
        assert f"{booking.reception_day_id}-{booking.slot}" == place[1]
        assert db.get_one(ReceptionDay, day.id).cancelled


def test_what_was_not_seen_is_not_done(pages: TestClient, plan: str, district: District) -> None:
    shown = pages.get(f"{plan}/state/withdraw", headers=HTML)
    number = book(district, days(district)[1], 0, "late")
    again = pages.post(f"{plan}/state/withdraw", data={"seen": seen_in(shown.text)})
    assert again.headers["location"] == f"{plan}/state/withdraw"
    assert number in pages.get(f"{plan}/state/withdraw", headers=HTML).text
    typed = form(district, slot_minutes="30")
    stale = pages.post(plan, data={**typed, "seen": "0"}, headers=HTML)
    assert stale.status_code == 409
    assert hours_of(days(district)[0]).length == 20


def test_a_day_changed_by_hand_stays_as_it_is(pages: TestClient, plan: str, district: District) -> None:
    first, second = days(district)[1:3]
    pages.post(f"/admin/days/{first.id}/cancel")
    pages.post(f"/admin/days/{second.id}", data={"opens": "9:00", "closes": "11:00", "slot_minutes": "20"})
    with writing(district.engine) as db:
        extend_plans(db, actor=administrator(district, db), now=district.clock.now())
    found = {one.day: hours_of(one).spans for one in days(district)}
    assert first.day not in found
    assert found[second.day] == ((540, 660),)
    with reading(district.engine) as db:
        assert {one.kind for one in db.exec(select(PlanChange))} == {ChangeKind.CANCELLED, ChangeKind.CHANGED}


def test_days_come_up_by_themselves_as_time_goes_on(plan: str, district: District) -> None:
    last = days(district)[-1].day
    district.clock.forward(days=14)
    for _ in range(2):
        with writing(district.engine) as db:
            extend_plans(db, actor=administrator(district, db), now=district.clock.now())
    assert [one.day for one in days(district)][-2:] == [last + timedelta(days=7), last + timedelta(days=14)]


def test_a_plan_gives_way_to_a_day_that_is_there(pages: TestClient, district: District) -> None:
    with writing(district.engine) as db:
        own: dict[str, Any] = {"official_id": district.other_official.id, "opens_minute": 600, "closes_minute": 660}
        db.add(ReceptionDay(day=WEDNESDAYS[1], **own))
    turn(pages, keep(pages, form(district)), "publish")
    assert [hours_of(one).opens for one in days(district)][:3] == [540, 600, 540]


def test_a_moved_day_says_why(pages: TestClient, district: District) -> None:
    shown = pages.post("/admin/plans/preview", data=form(district, weekdays=["5"]), headers=HTML).text
    assert "顺延:为什么是这一天?" in shown
    assert "计划定在11月28日 周六,不是工作日,跳过:11月28日 周六至11月29日 周日(周末),所以是11月30日 周一。" in shown


WRONG = [
    ({"official_id": ""}, "请选择领导"),
    ({"repeat": "never"}, "怎样重复"),
    ({"weekdays": []}, "星期几"),
    ({"repeat": "nth_weekday"}, "每月第几个"),
    ({"repeat": "month_day", "month_days": "32"}, "1 到 31"),
    ({"valid_from": ""}, "从哪天起"),
    ({"valid_until": "2026-10-01"}, "晚于开始日期"),
    ({"to_1": "8:00"}, "结束要晚于开始"),
    ({"from_2": "9:30"}, "早于上一段"),
    ({"slot_minutes": "120", "from_2": "", "to_2": ""}, "放不下"),
    ({"buffer_minutes": "61"}, "0 到 60"),
    ({"capacity": "0"}, "1 到 20"),
    ({"notice_days": "x"}, "0 到 30"),
    ({"horizon_days": "181"}, "1 到 180"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    pages: TestClient, district: District, wrong: dict[str, Any], said: str
) -> None:
    answer = pages.post("/admin/plans/preview", data=form(district, **wrong), headers=HTML)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="14:00"' in answer.text or wrong.get("from_2") is not None


def test_the_database_refuses_what_is_no_plan(district: District) -> None:
    def refused(db: Session, row: Any) -> None:
        db.add(row)
        db.flush()

    told: dict[str, Any] = {"official_id": district.official.id, "repeat": "weekly", "on_day_off": "skip", "spans": []}
    for wrong in ({"capacity": 0}, {"valid_until": date(2026, 1, 1)}, {"horizon_days": 0}, {"slot_minutes": 4}):
        row = ReceptionRule(**told, valid_from=TODAY, state=PlanState.DRAFT, **wrong)
        with pytest.raises(IntegrityError), writing(district.engine) as db:
            refused(db, row)
    with writing(district.engine) as db:
        db.add(ReceptionRule(**told, valid_from=TODAY, id=1))
    with pytest.raises(IntegrityError), writing(district.engine) as db:
        refused(db, RuleAudience(rule_id=1, township_id=1, content="land"))


def test_only_the_administrator(client: TestClient, district: District) -> None:
    now = district.clock.now()
    with writing(district.engine) as db:
        for actor in (district.official, district.clerk, district.handler, district.kiosk):
            with pytest.raises(Forbidden):
                list_plans(db, actor=actor)
            with pytest.raises(Forbidden):
                preview_event(db, actor=actor, now=now, rule_id=1, event=PlanEvent.PUBLISH)
            with pytest.raises(Forbidden):
                extend_plans(db, actor=actor, now=now)
    for address in ("/admin/plans", "/admin/plans/new", "/admin/plans/1", "/admin/feeds"):
        assert client.get(address).status_code == 401
