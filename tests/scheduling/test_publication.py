"""The published list, its PDF, and calendar feeds: right to the letter, and without anybody who comes."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from server.database import reading, writing
from server.errors import Forbidden
from server.scheduling.icalendar import Event, Status, calendar_file, escaped, folded
from server.scheduling.models import CalendarFeed, ReceptionDay
from server.scheduling.service_publication import feeds, renew_feed
from tests.administrator import HTML, administrator
from tests.district import TODAY, WHO, District
from tests.signaling.talkers import cookie_of

STAMP = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def unfolded(file: bytes) -> list[str]:
    return file.decode().replace("\r\n ", "").split("\r\n")[:-1]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_folded_lines_are_short_and_come_back_whole(text: str) -> None:
    line = "SUMMARY:" + escaped(text)
    parts = folded(line).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=60))
def test_escaped_text_is_read_back_as_it_was_and_stays_one_line(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert escaped(f"{text}\r\nX-EVIL:1").count("\n") == 0


def test_a_calendar_file_is_exact() -> None:
    event = Event(
        "reception-7-9:00@lianxin", date(2026, 11, 25), 540, 725, "接访:局长", "一;二,三\n四", status=Status.CANCELLED
    )
    lines = unfolded(calendar_file("局长", [event], stamp=STAMP))
    assert lines[:7] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lianxin//Receptions//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:局长",
        "X-WR-TIMEZONE:Asia/Shanghai",
    ]
    assert lines[16:] == [
        "BEGIN:VEVENT",
        "UID:reception-7-9:00@lianxin",
        "DTSTAMP:20261124T010000Z",
        "DTSTART;TZID=Asia/Shanghai:20261125T090000",
        "DTEND;TZID=Asia/Shanghai:20261125T120500",
        "SUMMARY:接访:局长",
        "DESCRIPTION:一\\;二\\,三\\n四",
        "STATUS:CANCELLED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.fixture
def pages(client: TestClient, district: District) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, administrator(district)))
    return client


def address(pages: TestClient, kind: str, key: int) -> str:
    pages.post("/admin/feeds", data={"kind": kind, "key": str(key)})
    row = pages.get("/admin/feeds", headers=HTML).text.split(f'<tr id="{kind}-{key}">')[1]
    found = re.search(r'href="(/feeds/[\w-]+\.ics)"', row)
    assert found is not None
    return found[1]


def test_feeds_tell_receptions_and_nothing_about_who_comes(pages: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    official = address(pages, "official", district.official.id)
    point = address(pages, "point", 1)
    pages.cookies.clear()
    for one in (official, point):
        answer = pages.get(one)
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        text = "\n".join(unfolded(answer.content))
        assert "DTSTART;TZID=Asia/Shanghai:20261124T090000" in text
        assert not [word for word in (number, WHO.name, WHO.id_number, WHO.phone, "漏水") if word in text]


def test_a_cancelled_day_is_told_as_cancelled(pages: TestClient, district: District) -> None:
    feed = address(pages, "official", district.official.id)
    before = unfolded(pages.get(feed).content)
    pages.post(f"/admin/days/{district.day_id}/cancel")
    after = unfolded(pages.get(feed).content)
    assert [line for line in after if line not in before] == ["STATUS:CANCELLED"]
    assert [line for line in before if line not in after] == ["STATUS:CONFIRMED"]


def test_a_renewed_address_ends_the_old_one(pages: TestClient, district: District) -> None:
    old, new = (address(pages, "official", district.official.id) for _ in range(2))
    assert old != new
    assert pages.get(old).status_code == 404
    assert pages.get("/feeds/x.ics").status_code == 404
    assert pages.get(new).status_code == 200
    with reading(district.engine) as db:
        row = db.exec(select(CalendarFeed)).one()
        assert row.token_hash != row.token
        assert len(row.token) >= 32


def test_only_the_administrator_makes_addresses(district: District) -> None:
    with writing(district.engine) as db:
        for actor in (district.official, district.clerk, district.kiosk):
            with pytest.raises(Forbidden):
                feeds(db, actor=actor)
            with pytest.raises(Forbidden):
                renew_feed(db, actor=actor, now=district.clock.now(), kind="official", key=1)


def test_anybody_reads_the_list_and_its_pdf(client: TestClient, district: District) -> None:
    with writing(district.engine) as db:
        gone = ReceptionDay(
            official_id=district.official.id, day=TODAY + timedelta(days=2), opens_minute=1, closes_minute=60
        )
        gone.cancelled = True
        db.add(gone)
    text = client.get("/receptions", headers=HTML).text
    assert "11月24日" in text
    assert "9:00–12:00" in text
    assert "11月26日" not in text
    pdf = client.get("/receptions.pdf?township=1")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert client.get("/receptions.pdf?township=1").content == pdf.content
