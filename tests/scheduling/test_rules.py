"""The rules of the list: working days, slots, states, identity."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Conflict, Invalid
from server.scheduling.identity import Identity, checked
from server.scheduling.slots import Window, free, nearest
from server.scheduling.states import BOOKING, BookingEvent
from server.scheduling.words import BookingState
from server.scheduling.workdays import add_working_days, is_working, working_day_on_or_after
from server.transitions import advance


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2026, 11, 24), True),
        (date(2026, 11, 28), False),
    ],
)
def test_days_off_and_make_up_days_follow_the_notice_of_2026(day: date, working: bool) -> None:
    assert is_working(day) == (working, False)


def test_a_year_without_notice_is_provisional() -> None:
    counted = working_day_on_or_after(date(2030, 10, 5))
    assert counted.provisional
    assert counted.day == date(2030, 10, 7)


def test_ten_working_days_over_the_national_holiday_use_the_make_up_saturday() -> None:
    counted = add_working_days(date(2026, 9, 28), 10)
    assert counted.day == date(2026, 10, 16)
    assert counted.skipped == (*(date(2026, 10, day) for day in range(1, 8)), date(2026, 10, 11))


@given(st.dates(date(2024, 1, 1), date(2026, 11, 1)), st.integers(0, 30))
def test_a_counted_day_is_worked_and_everything_skipped_is_not(start: date, days: int) -> None:
    counted = add_working_days(start, days)
    assert is_working(counted.day)[0]
    assert all(not is_working(one)[0] for one in counted.skipped)
    between = [start + timedelta(days=n) for n in range(1, (counted.day - start).days + 1)]
    if days:
        assert sum(is_working(one)[0] for one in between) == days


windows = st.builds(
    lambda opens, length, hours: Window(opens, opens + hours, length),
    st.integers(0, 1000),
    st.integers(5, 120),
    st.integers(0, 400),
)


@given(windows, st.sets(st.integers(0, 80)), st.integers(0, 1440))
def test_free_slots_are_whole_not_taken_and_not_over(window: Window, taken: set[int], now: int) -> None:
    found = free(window, taken, not_before=now)
    assert found == sorted(set(found))
    for slot in range(window.count):
        assert (slot in found) == (slot not in taken and window.minute(slot) >= now)
        assert window.minute(slot) + window.length <= window.closes


@given(st.sets(st.tuples(st.integers(0, 30), st.integers(0, 1439)), max_size=40), st.integers(0, 30))
def test_the_nearest_are_nearer_than_all_others(candidates: set[tuple[int, int]], day: int) -> None:
    chosen = nearest(candidates, (day, 600))
    assert len(chosen) == min(3, len(candidates))

    def away(one: tuple[int, int]) -> int:
        return abs((one[0] - day) * 1440 + one[1] - 600)

    assert all(away(one) <= away(other) for one in chosen for other in candidates - set(chosen))


@pytest.mark.parametrize("state", BookingState)
@pytest.mark.parametrize("event", BookingEvent)
def test_the_full_product_of_states_and_events(state: BookingState, event: BookingEvent) -> None:
    allowed = {
        "booked": {"check_in": "waiting", "mark_absent": "absent", "cancel": "cancelled"},
        "waiting": {"admit": "in_session", "hold": "held", "mark_absent": "absent", "cancel": "cancelled"},
        "held": {"bring_back": "waiting", "mark_absent": "absent", "cancel": "cancelled"},
        "absent": {"bring_back": "waiting", "check_in": "waiting"},
        "in_session": {"finish": "done"},
    }
    expected = allowed.get(state.value, {}).get(event.value)
    if expected is None:
        with pytest.raises(Conflict, match="wrong_state"):
            advance(BOOKING, state, event)
    else:
        assert advance(BOOKING, state, event).value == expected


def test_a_good_identity_is_put_in_order() -> None:
    found = checked(name=" 张 秀英 ", id_number="990101 19480315 0010", phone="138 0013 8000", anonymous=False)
    assert found == Identity("张 秀英", "990101194803150010", "+8613800138000")
    assert checked(name="", id_number="", phone="", anonymous=True).anonymous


@pytest.mark.parametrize(
    ("name", "id_number", "phone", "field"),
    [
        (" ", "990101194803150010", "", "name"),
        ("张" * 41, "990101194803150010", "", "name"),
        ("张三", "990101194803150011", "", "id_number"),
        ("张三", "990101194813150010", "", "id_number"),
        ("张三", "12345", "", "id_number"),
        ("张三", "", "", "id_number"),
        ("张三", "990101194803150010", "12345", "phone"),
        ("张三", "990101194803150010", "电话", "phone"),
    ],
)
def test_a_bad_identity_names_the_field_to_look_at(name: str, id_number: str, phone: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked(name=name, id_number=id_number, phone=phone, anonymous=False)
    assert caught.value.field == field


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_what_is_typed_at_random_is_refused_by_field(name: str, id_number: str, phone: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked(name=name, id_number=id_number, phone=phone, anonymous=False)
    assert caught.value.field in {"name", "id_number", "phone"}
