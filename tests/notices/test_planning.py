"""When and by which ways somebody is told: examples, and what always holds."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import DISTRICT_ZONE, local_date
from server.notices.planning import (
    FOLLOWED,
    JUST_TOLD,
    PAUSES,
    PLACED,
    REMINDERS,
    Quiet,
    can_be_texted,
    channels_for,
    masked,
    next_try,
    reminders,
    worth_until,
)
from server.notices.words import Channel, NoticeEvent

NIGHT = Quiet.of("21:30-7:30")
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=730)).map(lambda one: datetime(2026, 1, 1, tzinfo=UTC) + one)
EVENTS = st.sampled_from(NoticeEvent)
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=DISTRICT_ZONE)


@pytest.mark.parametrize(
    ("instant", "then"),
    [
        (at(24, 21, 29), at(24, 21, 29)),
        (at(24, 21, 30), at(25, 7, 30)),
        (at(25, 0, 0), at(25, 7, 30)),
        (at(25, 7, 29), at(25, 7, 30)),
        (at(25, 7, 30), at(25, 7, 30)),
        (at(25, 12), at(25, 12)),
    ],
)
def test_no_phone_rings_at_night(instant: datetime, then: datetime) -> None:
    assert NIGHT.over_at(instant) == then


def test_quiet_at_noon_and_never() -> None:
    noon, never = Quiet.of("12:00-14:00"), Quiet.of("0:00-0:00")
    assert noon.over_at(at(24, 13)) == at(24, 14)
    assert noon.holds(at(24, 2)) is False
    assert never.holds(at(24, 0)) is False


@given(TIMES, TIMES, INSTANTS)
def test_quiet_ends_within_a_day_and_is_over_then(begins: time, ends: time, instant: datetime) -> None:
    quiet = Quiet(begins, ends)
    over = quiet.over_at(instant)
    assert timedelta(0) <= over - instant <= timedelta(days=1)
    assert quiet.holds(over) is False
    assert (over == instant) is not quiet.holds(instant)


def test_a_reminder_a_day_before_and_an_hour_before() -> None:
    assert list(reminders(at(27, 9), now=at(24, 9))) == [
        (NoticeEvent.REMINDER_DAY, at(26, 9)),
        (NoticeEvent.REMINDER_HOUR, at(27, 8)),
    ]


def test_nobody_is_reminded_of_what_was_just_told() -> None:
    assert [event for event, _ in reminders(at(25, 9), now=at(24, 8, 45))] == [NoticeEvent.REMINDER_HOUR]
    assert list(reminders(at(25, 9), now=at(25, 7, 31))) == []
    assert list(reminders(at(25, 9), now=at(25, 10))) == []


@given(INSTANTS, INSTANTS)
def test_reminders_lie_between_the_telling_and_the_talk(starts_at: datetime, now: datetime) -> None:
    for event, due_at in reminders(starts_at, now=now):
        assert now + JUST_TOLD <= due_at < starts_at
        assert due_at < worth_until(event, now=now, starts_at=starts_at, at=None) <= starts_at


@given(EVENTS, INSTANTS, st.none() | INSTANTS, st.none() | INSTANTS)
def test_what_happens_now_is_worth_telling_now(
    event: NoticeEvent, now: datetime, starts_at: datetime | None, at_: datetime | None
) -> None:
    until = worth_until(event, now=now, starts_at=starts_at, at=at_)
    if event not in REMINDERS:
        assert until >= now


def test_tomorrow_is_not_said_today() -> None:
    until = worth_until(NoticeEvent.REMINDER_DAY, now=at(24, 9), starts_at=at(27, 9), at=None)
    assert until == at(27, 0)
    assert local_date(until - timedelta(seconds=1)) < local_date(at(27, 9))


@given(EVENTS, st.booleans(), st.booleans(), st.booleans())
def test_ways(event: NoticeEvent, private: bool, phone: bool, mail: bool) -> None:
    ways = channels_for(event, private=private, phone=phone, mail=mail)
    assert (Channel.SMS in ways) is phone
    assert Channel.PRINT not in ways
    assert Channel.EMAIL not in ways or (mail and not private)


def test_each_event_reaches_somebody_who_has_no_phone_or_is_reminded_again() -> None:
    bare = {one: channels_for(one, private=True, phone=False, mail=False) for one in NoticeEvent}
    assert {one for one, ways in bare.items() if not ways} == {NoticeEvent.REMINDER_DAY}


@pytest.mark.parametrize("event", sorted(PLACED | {NoticeEvent.CANCELLED}))
def test_whoever_has_another_place_or_none_hears_no_more_of_the_old_one(event: NoticeEvent) -> None:
    assert FOLLOWED[event] >= PLACED | REMINDERS


@given(st.integers(1, 20), INSTANTS, INSTANTS)
def test_tries_come_in_growing_pauses_and_end(attempts: int, now: datetime, until: datetime) -> None:
    again = next_try(attempts, now=now, until=until)
    assert list(PAUSES) == sorted(set(PAUSES))
    if attempts > len(PAUSES):
        assert again is None
    if again is not None:
        assert now < again < until


@pytest.mark.parametrize(
    ("phone", "texted"),
    [
        ("+8613800138000", True),
        ("+8619912345678", True),
        ("+861012345678", False),
        ("+86057112345678", False),
        ("+85291234567", True),
        ("", False),
        (None, False),
    ],
)
def test_landlines_take_no_texts(phone: str | None, texted: bool) -> None:
    assert can_be_texted(phone) is texted


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+8613800138000", "138****8000"),
        ("+85291234567", "+852****4567"),
        ("liuwan@qingxi.example", "li***@qingxi.example"),
        ("12345", "****"),
    ],
)
def test_addresses_are_masked(address: str, shown: str) -> None:
    assert masked(address) == shown


@given(st.from_regex(r"\+861[3-9]\d{9}", fullmatch=True))
def test_a_masked_number_hides_four_digits(phone: str) -> None:
    assert phone not in masked(phone)
    assert masked(phone).count("*") == 4
