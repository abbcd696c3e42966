"""The rules of the list: slots, states, identity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Conflict, Invalid
from server.scheduling.identity import Identity, checked
from server.scheduling.slots import Hours, bits, carried_over, free, nearest, places_in, vacant
from server.scheduling.states import BOOKING, BookingEvent
from server.scheduling.words import BookingState
from server.transitions import advance


@st.composite
def openings(draw: st.DrawFn) -> Hours:
    """Up to three spans that do not touch."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    spans = tuple((edges[at], edges[at + 1]) for at in range(0, len(edges) - 1, 2))
    return Hours(spans, draw(st.integers(5, 120)), draw(st.integers(0, 30)), draw(st.integers(1, 3)))


@given(openings())
def test_slots_are_whole_within_a_span_and_apart_by_the_buffer(hours: Hours) -> None:
    for start in hours.starts:
        assert any(opens <= start and start + hours.length <= closes for opens, closes in hours.spans)
    for opens, closes in hours.spans:
        inside = [start for start in hours.starts if opens <= start < closes]
        assert inside == [opens + n * (hours.length + hours.buffer) for n in range(len(inside))]
        assert opens + len(inside) * (hours.length + hours.buffer) + hours.length > closes
    assert [hours.minute(place) for place in range(hours.count)] == [
        start for start in hours.starts for _ in range(hours.capacity)
    ]


@given(openings(), st.sets(st.integers(0, 80)), st.integers(0, 1440))
def test_free_is_what_going_through_every_place_finds(hours: Hours, taken: set[int], now: int) -> None:
    found = free(hours, bits(taken), not_before=now)
    first: dict[int, int] = {}
    for place in range(hours.count):
        if place not in taken and hours.minute(place) >= now:
            first.setdefault(hours.minute(place), place)
    assert found == sorted(first.values())
    assert vacant(hours, bits(taken), not_before=now) == bits(found)


@given(st.sets(st.integers(0, 400)))
def test_places_survive_being_a_number(places: set[int]) -> None:
    assert places_in(bits(places)) == sorted(places)


@given(openings(), openings(), st.data())
def test_carried_over_bookings_keep_their_minute_and_never_share_a_place(
    before: Hours, after: Hours, data: st.DataObject
) -> None:
    taken = sorted(data.draw(st.sets(st.integers(0, max(0, before.count - 1)), max_size=before.count)))
    carried = carried_over(before, after, taken)
    if carried is None:
        minutes = [before.minute(place) for place in taken]
        room = dict.fromkeys(after.starts, after.capacity)
        assert before.length > after.length or any(minutes.count(one) > room.get(one, 0) for one in minutes)
    else:
        assert sorted(carried) == taken
        assert len(set(carried.values())) == len(taken)
        assert all(after.minute(carried[place]) == before.minute(place) for place in taken)


@given(openings(), st.integers(0, 200))
def test_places_that_begin_together_are_one_slot(hours: Hours, place: int) -> None:
    if hours.has(place):
        assert {hours.minute(one) for one in hours.together(place)} == {hours.minute(place)}
        assert sorted(hours.together(place)) == [
            one for one in range(hours.count) if hours.minute(one) == hours.minute(place)
        ]


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
        "booked": {
            "check_in": "waiting",
            "mark_absent": "absent",
            "cancel": "cancelled",
            "waitlist": "waitlisted",
        },
        "waitlisted": {"place": "booked", "cancel": "cancelled"},
        "waiting": {
            "admit": "in_session",
            "hold": "held",
            "mark_absent": "absent",
            "cancel": "cancelled",
            "waitlist": "waitlisted",
        },
        "held": {
            "bring_back": "waiting",
            "mark_absent": "absent",
            "cancel": "cancelled",
            "waitlist": "waitlisted",
        },
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
