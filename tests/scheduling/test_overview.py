"""The reception days by day, week, month and list: the way through time, and what stands on the pages."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from server.accounts.models import User
from server.accounts.roles import Role
from server.database import reading, writing
from server.errors import Forbidden
from server.scheduling.models import PlanChange, ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.overview import EARLIEST, LATEST, Mark, Shown, View, by_day, by_official, head, period
from server.scheduling.service_holds import hold, holder
from server.scheduling.service_overview import Sieve, receptions, sieve_choices
from server.scheduling.slots import Hours
from server.scheduling.words import ChangeKind, OnDayOff, PlanState, Repeat
from server.scheduling.workdays import library_calendar
from tests.administrator import HTML, administrator
from tests.district import TODAY, District
from tests.signaling.talkers import cookie_of

WEDNESDAY = date(2026, 11, 25)
MORNING = Hours(((540, 720),), 20)
days = st.dates(EARLIEST + timedelta(days=60), LATEST - timedelta(days=60))


@given(st.sampled_from(View), days)
def test_a_period_holds_its_day_and_turning_on_and_back_leads_to_it_again(view: View, day: date) -> None:
    found = period(view, day)
    assert found.holds(day)
    assert found.first <= day <= found.last
    assert period(view, period(view, found.after).before).first == found.first
    assert period(view, found.before).first < found.first < period(view, found.after).first


@given(st.sampled_from(View), days)
def test_turning_on_leaves_no_day_out(view: View, day: date) -> None:
    found, following = period(view, day), period(view, period(view, day).after)
    assert following.first <= found.last + timedelta(days=1)
    shown = [one for week in found.weeks for one in week]
    assert shown == [found.first + timedelta(days=away) for away in range(len(shown))]
    assert shown[-1] == found.last
    assert view is View.DAY or {one.weekday() for one in shown[::7]} == {0}


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("view", View)
def test_a_day_out_of_all_reason_is_brought_near(view: View, day: date) -> None:
    assert EARLIEST - timedelta(days=31) < period(view, day).first < LATEST + timedelta(days=31)


MARKS = [
    (date(2026, 10, 1), "off", "national", False),
    (date(2026, 10, 10), "made_up", "national", True),
    (date(2026, 11, 28), "weekend", "", False),
    (date(2026, 11, 25), "", "", True),
]


@pytest.mark.parametrize(("day", "mark", "holiday", "works"), MARKS)
def test_a_day_says_what_the_calendar_makes_of_it(day: date, mark: str, holiday: str, works: bool) -> None:
    found = head(library_calendar(), day)
    assert (found.mark, found.holiday, found.works) == (mark, holiday, works)


def reception(official: int, day: date, opens: int = 540) -> Shown:
    return Shown(day, official, f"{official}", "", Hours(((opens, opens + 60),), 20))


@given(st.lists(st.tuples(st.integers(1, 4), st.dates(TODAY, TODAY + timedelta(days=9)), st.integers(0, 900))))
def test_rows_and_days_have_every_reception_once(told: list[tuple[int, date, int]]) -> None:
    shown = [reception(*one) for one in told]
    by_row = [one for row in by_official(shown) for some in row.cells.values() for one in some]
    in_days = [one for some in by_day(shown).values() for one in some]
    assert sorted(map(repr, by_row)) == sorted(map(repr, in_days)) == sorted(map(repr, shown))
    assert all(
        one.official_id == row.official_id for row in by_official(shown) for some in row.cells.values() for one in some
    )
    assert [one.hours.opens for one in in_days if one.day == TODAY] == sorted(
        one.hours.opens for one in shown if one.day == TODAY
    )


@pytest.fixture
def pages(client: TestClient, district: District) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, administrator(district)))
    return client


def add_day(district: District, day: date, **other: Any) -> int:
    own: dict[str, Any] = {"official_id": district.other_official.id, "opens_minute": 600, "closes_minute": 660}
    with writing(district.engine) as db:
        made = ReceptionDay(day=day, **{**own, **other})
        db.add(made)
        db.flush()
        return made.id or 0


def add_plan(district: District, **audience: Any) -> int:
    told: dict[str, Any] = {"repeat": Repeat.WEEKLY, "on_day_off": OnDayOff.MOVE, "spans": [[600, 660]]}
    with writing(district.engine) as db:
        rule = ReceptionRule(
            official_id=district.other_official.id, valid_from=TODAY, state=PlanState.PUBLISHED, **told
        )
        db.add(rule)
        db.flush()
        if audience:
            db.add(RuleAudience(rule_id=rule.id or 0, **audience))
        return rule.id or 0


def shown(district: District, sieve: Sieve | None = None) -> list[Shown]:
    week = period(View.WEEK, TODAY)
    with writing(district.engine) as db:
        told: dict[str, Any] = {"first": week.first, "last": week.last, "sieve": sieve or Sieve()}
        return receptions(db, actor=administrator(district, db), now=district.clock.now(), **told)


def test_what_is_booked_is_free_no_more_and_who_was_received_is_counted(district: District) -> None:
    before = shown(district)[0]
    district.book(slot=6, key="a")
    district.wait(slot=None, key="b")
    after = shown(district)[0]
    assert (before.booked, before.free) == (0, 9)
    assert (after.booked, after.free, after.done) == (2, 8, 0)


def test_what_is_held_is_free_no_more_until_the_hold_is_over(district: District) -> None:
    until = district.clock.now() + timedelta(minutes=5)
    with writing(district.engine) as db:
        place = {"reception_day_id": district.day_id, "slot": 3}
        hold(db, now=district.clock.now(), owner=holder(district.kiosk), until=until, **place)
    assert shown(district)[0].free == 8
    district.clock.forward(minutes=6)
    assert shown(district)[0].free == 9


def test_off_plan_cancelled_and_moved_days_are_marked_and_say_why(district: District) -> None:
    rule = add_plan(district)
    add_day(district, date(2026, 11, 23), rule_id=rule, off_plan=True, planned_on=date(2026, 11, 21))
    add_day(district, WEDNESDAY, cancelled=True)
    add_day(district, date(2026, 11, 26), cancelled=True)
    add_day(district, date(2026, 11, 26))
    add_day(district, date(2026, 11, 27), rule_id=rule, cancelled=True)
    with writing(district.engine) as db:
        db.add(PlanChange(rule_id=rule, day=date(2026, 11, 28), kind=ChangeKind.CANCELLED, why="外出学习"))
    found = {one.day.day: one for one in shown(district) if one.official_id == district.other_official.id}
    assert {day: one.mark for day, one in found.items()} == {
        23: Mark.OFF_PLAN,
        25: Mark.CANCELLED,
        26: Mark.HELD,
        28: Mark.CANCELLED,
    }
    assert (found[23].free, found[28].why, found[28].hours.opens) == (0, "外出学习", 600)
    assert found[23].counted is not None
    assert [one.day.day for one in found[23].counted.skipped] == [21, 22]


def test_a_day_that_stands_hides_an_older_exception(district: District) -> None:
    rule = add_plan(district)
    add_day(district, WEDNESDAY, rule_id=rule)
    with writing(district.engine) as db:
        db.add(PlanChange(rule_id=rule, day=WEDNESDAY, kind=ChangeKind.CANCELLED))
    assert [one.mark for one in shown(district) if one.day == WEDNESDAY] == [Mark.HELD]


def test_the_sieve_knows_officials_units_of_plans_and_townships(district: District) -> None:
    rule = add_plan(district, unit_id=1)
    add_day(district, WEDNESDAY, rule_id=rule)
    with writing(district.engine) as db:
        db.add(RuleAudience(rule_id=rule, township_id=1))
        db.add(PlanChange(rule_id=rule, day=date(2026, 11, 26), kind=ChangeKind.CANCELLED))

    def of(**told: int) -> set[int]:
        return {one.day.day for one in shown(district, Sieve(**told))}

    assert of(official_id=district.official.id) == {24}
    assert of(unit_id=1) == {24, 25, 26}
    assert of(unit_id=2) == {25, 26}
    assert of(township_id=1) == {24, 25, 26}
    assert of(township_id=2) == {24}
    assert of(official_id=999) == set()


VIEWS = [
    ("", "11月23日 周一 – 11月29日 周日"),
    ("month", "2026年11月"),
    ("day", "2026 · 11月24日 周二"),
    ("list", "12月20日 周日"),
]


@pytest.mark.parametrize(("view", "title"), VIEWS)
def test_each_view_shows_the_reception_and_leads_on_with_everything_chosen(
    pages: TestClient, district: District, view: str, title: str
) -> None:
    district.book()
    asked = f"/admin/days?view={view}&day=2026-11-24&official={district.official.id}&township=1"
    text = pages.get(asked, headers=HTML).text
    assert title in text
    assert f'href="/admin/days/{district.day_id}">' in text
    assert ("9:00 official" if view == "month" else ">9:00–12:00</span></a>") in text
    assert "约 1 · 空 8" in text
    turns = re.findall(r'data-key="Page\w+"[^>]*href="([^"]*)"', text)
    assert len(turns) == 2
    for turn in turns:
        assert f"official={district.official.id}" in turn
        assert "township=1" in turn
        assert pages.get(f"/admin/days{turn.replace('&amp;', '&')}", headers=HTML).status_code == 200


def test_holidays_and_make_up_days_say_because_of_what(pages: TestClient) -> None:
    with_names = pages.get("/admin/days?view=month&day=2026-10-01", headers=HTML).text
    assert "休:国庆节" in with_names
    assert "班:补国庆节" in with_names
    assert "没有接访日" in pages.get("/admin/days?view=month&day=2026-06-01", headers=HTML).text


def test_an_empty_place_leads_to_the_form_filled_in(pages: TestClient, district: District) -> None:
    text = pages.get("/admin/days", headers=HTML).text
    link = f"/admin/days/new?official={district.official.id}&amp;day=2026-11-25"
    assert link in text
    assert f"official={district.official.id}&amp;day=2026-11-23" not in text
    form = pages.get(link.replace("&amp;", "&"), headers=HTML).text
    assert 'value="2026-11-25"' in form
    assert f'value="{district.official.id}" selected' in form
    assert "这一周没有接访的领导:" in text


def test_many_receptions_of_a_day_are_told_in_a_month_and_shown_on_the_day(
    pages: TestClient, district: District
) -> None:
    with writing(district.engine) as db:
        for index in range(5):
            db.add(User(username=f"chief{index}", display_name=f"领导{index}", role=Role.OFFICIAL, password_hash="!"))  # noqa: S106 - no hash
        db.flush()
        more = [one.id for one in db.exec(select(User).where(User.username.startswith("chief")))]
    for one in more:
        add_day(district, TODAY, official_id=one)
    month = pages.get("/admin/days?view=month", headers=HTML).text
    assert "还有 2 场" in month
    assert "领导4" in pages.get("/admin/days?view=day", headers=HTML).text


@pytest.mark.parametrize(
    "odd", ["view=x", "day=x", "day=0001-01-01", "day=9999-12-31", "official=x&unit=-1&township=²"]
)
@pytest.mark.parametrize("view", View)
def test_what_is_odd_in_the_address_is_left_out(pages: TestClient, odd: str, view: View) -> None:
    assert pages.get(f"/admin/days?view={view}&{odd}", headers=HTML).status_code == 200


def test_only_the_administrator(district: District, client: TestClient) -> None:
    with reading(district.engine) as db:
        for actor in (district.official, district.clerk, district.handler, district.kiosk):
            with pytest.raises(Forbidden):
                receptions(db, actor=actor, now=district.clock.now(), first=TODAY, last=TODAY, sieve=Sieve())
            with pytest.raises(Forbidden):
                sieve_choices(db, actor=actor)
    assert client.get("/admin/days").status_code == 401
