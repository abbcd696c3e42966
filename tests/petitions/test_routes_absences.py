"""Absences through the real pages."""

import re

import pytest
from fastapi.testclient import TestClient

from server.petitions.words import Way
from server.scheduling.words import BookingState
from tests.administrator import HTML, administrator
from tests.district import District
from tests.petitions.absences import LOST, Town, make_town
from tests.signaling.talkers import cookie_of


@pytest.fixture
def town(district: District) -> Town:
    """Somebody is booked with the official on the lost day."""
    return make_town(district)


@pytest.fixture
def pages(client: TestClient, town: Town) -> TestClient:
    """The clerk's browser."""
    client.cookies.set("lianxin", cookie_of(town.district.engine, town.district.clock, town.clerk))
    return client


def question(town: Town, **more: str) -> dict[str, str]:
    """What the address of the page holds."""
    return {"official": str(town.official.id), "first": LOST.isoformat(), **more}


def hidden(body: str) -> dict[str, str]:
    """What the form of the preview would send."""
    form = body[body.index('<form method="post" action="/absences"') :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))


def test_the_three_ways_stand_side_by_side_with_what_each_breaks(pages: TestClient, town: Town) -> None:
    town.book(town.lost, 0)
    town.day(town.stranger, LOST)
    body = pages.get("/absences/new", params=question(town), headers=HTML).text
    ways = {way: body[body.index(f'id="way-{way.value}"') :].split("</section>")[0] for way in Way}
    assert "时间不变,换一位领导" in ways[Way.DEPUTY]
    assert "colleague" in ways[Way.DEPUTY]
    assert "other_official" not in ways[Way.DEPUTY]
    assert "领导不变,换日期" in ways[Way.SWAP]
    assert "可改由另一位领导接访" in ways[Way.MOVE]
    assert "有 1 人要来" in body
    assert 'id="preview"' not in body


def test_from_the_preview_to_the_deed_and_back(pages: TestClient, town: Town) -> None:
    number = town.book(town.lost, 0)
    before = town.standing()
    asked = question(town, way="deputy", deputy=f"user:{town.colleague.id}")
    body = pages.get("/absences/new", params=asked, headers=HTML).text
    assert number in body
    assert "日期和时间不变,由另一位领导接访" in body
    form = {**hidden(body), "why": "发烧"}
    answer = pages.post("/absences", data=form, headers=HTML)
    assert answer.headers["location"] == "/absences/1?done=acted"
    assert town.standing()[number][3] == town.colleague.id
    again = pages.post("/absences", data=form, headers=HTML)
    assert again.headers["location"] == "/absences/1?done=acted"
    shown = pages.get("/absences/1?done=acted", headers=HTML).text
    assert "办好了" in shown
    assert "发烧" in shown
    assert "全部撤销" in shown
    assert pages.post("/absences/1/undo").headers["location"] == "/absences/1?done=undone"
    assert town.standing() == before
    assert "已经撤销" in pages.get("/absences/1", headers=HTML).text
    assert "已撤销" in pages.get("/absences", headers=HTML).text


def test_what_has_changed_since_is_shown_anew(pages: TestClient, town: Town) -> None:
    asked = question(town, way="move")
    form = hidden(pages.get("/absences/new", params=asked, headers=HTML).text)
    late = town.book(town.lost, 4)
    answer = pages.post("/absences", data=form, headers=HTML)
    assert answer.status_code == 409
    assert "请再看一遍" in answer.text or "再看" in answer.text
    assert late in answer.text


def test_who_has_no_place_is_listed_for_the_clerk_first(pages: TestClient, town: Town) -> None:
    offered, nothing = town.book(town.lost, 0), town.book(town.lost, 1)
    town.day(town.colleague, LOST.replace(day=LOST.day + 1), minutes=(540, 560))
    town.do(town.asked(Way.MOVE))
    assert [town.standing()[one][2] for one in (offered, nothing)] == [BookingState.WAITLISTED] * 2
    body = pages.get("/absences", headers=HTML).text
    waiting = body[body.index('id="waiting"') :].split("</section>")[0]
    assert waiting.index(nothing) < waiting.index(offered)
    assert "还没有时间" in waiting
    assert "等答复" in waiting


def test_a_closed_day_for_all_can_only_be_moved(pages: TestClient, town: Town) -> None:
    town.book(town.lost, 0)
    town.day(town.stranger, LOST)
    asked = question(town, way="move") | {"official": "all"}
    body = pages.get("/absences/new", params=asked, headers=HTML).text
    assert body.count("这里没有可选的") == 1
    assert "一次只能对调一场接访" in body
    assert pages.post("/absences", data=hidden(body)).status_code == 303
    assert "都不接访" in pages.get("/absences/1", headers=HTML).text


@pytest.mark.parametrize(
    "odd",
    [
        {"official": "x"},
        {"official": "99"},
        {"first": "x"},
        {"first": "2026-01-01"},
        {"last": "9999-12-31"},
        {"way": "x"},
        {"way": "swap", "swap": "date:9999-12-31"},
        {"way": "deputy", "deputy": "user:99999999999"},
    ],
)
def test_odd_questions_are_answered_calmly(pages: TestClient, town: Town, odd: dict[str, str]) -> None:
    assert pages.get("/absences/new", params=question(town) | odd, headers=HTML).status_code == 200
    assert pages.post("/absences", data=question(town) | odd, headers=HTML).status_code in {409, 422}


def test_an_undo_that_is_too_late_says_so(pages: TestClient, town: Town) -> None:
    town.do(town.asked(Way.MOVE))
    town.district.clock.forward(hours=3)
    answer = pages.post("/absences/1/undo", headers=HTML)
    assert answer.status_code == 409
    assert "撤销的时间已过" in answer.text
    assert pages.post("/absences/9/undo", headers=HTML).status_code == 404
    assert pages.get("/absences/9", headers=HTML).status_code == 404


def test_clerks_and_administrators_find_the_page_and_nobody_else(client: TestClient, town: Town) -> None:
    district = town.district
    for actor, there in ((administrator(district), True), (district.clerk, True), (district.official, False)):
        client.cookies.set("lianxin", cookie_of(district.engine, district.clock, actor))
        answer = client.get("/absences", headers=HTML)
        assert (answer.status_code, 'href="/absences"' in answer.text) == ((200, True) if there else (403, False))
        for address in ("/absences/new", "/absences/1"):
            assert (client.get(address, headers=HTML).status_code == 403) is not there
