"""One text an event, in plain Chinese, from public facts only."""

from dataclasses import fields
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import DISTRICT_ZONE
from server.notices.texts import TEXTS, Facts, text
from server.notices.words import NoticeEvent
from server.translation import translate

TWO_PARTS = 134
"""Characters of a text to a phone that takes two parts."""
NINE = datetime(2026, 11, 27, 9, 20, tzinfo=DISTRICT_ZONE)
FACTS = Facts(
    number="261127-001-12",
    day=date(2026, 11, 27),
    starts_at=NINE,
    official="副区长李建国",
    point="柳湾村",
    at=datetime(2026, 11, 26, 17, 0, tzinfo=DISTRICT_ZONE),
)


def chinese(message: str) -> str:
    return translate(message, "zh_CN")


@pytest.mark.parametrize("event", NoticeEvent)
def test_each_event_has_its_own_text_that_fits_a_phone(event: NoticeEvent) -> None:
    told = text(event, FACTS, chinese)
    assert len({chinese(one) for one in TEXTS.values()}) == len(NoticeEvent)
    assert "261127-001-12" in told
    assert told.endswith("。")
    assert "{" not in told
    assert len(told) <= TWO_PARTS


def test_a_text_knows_nothing_but_when_where_and_with_whom() -> None:
    assert {one.name for one in fields(Facts)} == {"number", "day", "starts_at", "official", "point", "at"}


def test_days_are_said_as_people_say_them() -> None:
    assert "11月27日 周五 9:20" in text(NoticeEvent.BOOKED, FACTS, chinese)
    assert "11月26日 周四 17:00 前" in text(NoticeEvent.OFFERED, FACTS, chinese)
    assert "今天 9:20" in text(NoticeEvent.REMINDER_HOUR, FACTS, chinese)
    assert "Friday 27/11 9:20" in text(NoticeEvent.BOOKED, FACTS, lambda message: message)


def test_the_day_is_left_out_where_it_is_the_same() -> None:
    back = Facts("1", date(2026, 11, 27), None, "李", "村", datetime(2026, 11, 27, 10, 40, tzinfo=DISTRICT_ZONE))
    assert "在 10:40 左右" in text(NoticeEvent.COME_BACK, back, chinese)
    assert "11月27日 周五的接访" in text(NoticeEvent.CANCELLED, back, chinese)


@given(
    event=st.sampled_from(NoticeEvent),
    official=st.text(min_size=1, max_size=20),
    point=st.text(min_size=1, max_size=20),
    starts_at=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda one: NINE + one),
)
def test_any_name_is_said_as_it_is(event: NoticeEvent, official: str, point: str, starts_at: datetime | None) -> None:
    facts = Facts("261127-001-12", date(2026, 11, 27), starts_at, official, point, None)
    for words in (chinese, str):
        told = text(event, facts, words)
        assert "261127-001-12" in told
        assert official in told or point in told or event is NoticeEvent.OFFER_OVER
