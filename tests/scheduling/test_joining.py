"""Several plans of one official on one day: the windows of all, nothing twice, and who was there first stays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from server.database import reading, writing
from server.scheduling.joining import Meeting, Share, Span, Terms, joined, without
from server.scheduling.models import Booking, PlanChange, ReceptionDay
from server.scheduling.plan import Audience, Planned
from server.scheduling.service_free import hours_of
from server.scheduling.service_offer import accept, offer_slot
from server.scheduling.service_plan_days import extend_plans
from server.scheduling.slots import Hours
from server.scheduling.words import BookingState, ChangeKind
from tests.administrator import HTML, administrator
from tests.district import TODAY, District
from tests.scheduling.test_plans import book, days, form, keep, pages, seen_in, turn

__all__ = ["pages"]
FIRST = date(2026, 12, 2)
EVERYBODY = Terms(Audience(), 3, 28)
OTHERS = Terms(Audience(contents=frozenset({"land"})), 3, 28)


def spans_of(cuts: Sequence[int]) -> tuple[Span, ...]:
    ordered = sorted(cuts)
    return tuple(zip(ordered[::2], ordered[1::2], strict=False))


spans = st.sets(st.integers(96, 252), min_size=2, max_size=6).map(lambda some: spans_of([5 * one for one in some]))
planned_days = st.builds(
    Planned,
    day=st.dates(FIRST, FIRST + timedelta(days=3)),
    hours=st.builds(Hours, spans, st.sampled_from([5, 20]), st.sampled_from([0, 5]), st.just(1)),
    counted=st.none(),
)
shares = st.lists(
    st.tuples(st.sampled_from([EVERYBODY, OTHERS]), st.lists(planned_days, max_size=4, unique_by=lambda one: one.day)),
    max_size=4,
).map(lambda some: [Share(index, *one) for index, one in enumerate(some, 1)])


def minutes(some: Sequence[Span]) -> set[int]:
    return {minute for opens, closes in some for minute in range(opens, closes)}


@given(shares)
def test_every_day_comes_once_with_windows_in_order_and_nothing_twice(told: list[Share]) -> None:
    found, _ = joined(told)
    assert [one.day for one in found] == sorted({day.day for share in told for day in share.days})
    for one in found:
        edges = [edge for span in one.hours.spans for edge in span]
        assert edges == sorted(edges)
        assert all(opens < closes for opens, closes in one.hours.spans)
        assert list(one.rules) == sorted(one.rules)


@given(shares)
def test_every_window_is_on_the_day_or_it_is_told_why_not(told: list[Share]) -> None:
    found, met = joined(told)
    there = {one.day: one for one in found}
    for share in told:
        for one in share.days:
            own = [each for each in met if (each.rule_id, each.day) == (share.rule_id, one.day)]
            missing = minutes(one.hours.spans) - minutes(there[one.day].hours.spans)
            assert missing <= minutes(
                [span for each in own if each.meeting is not Meeting.JOINED for span in each.spans]
            )
            assert (share.rule_id in there[one.day].rules) != any(each.meeting is Meeting.APART for each in own) or own


@given(shares)
def test_a_later_plan_never_takes_a_minute_from_an_older_one(told: list[Share]) -> None:
    for count in range(len(told)):
        before, after = joined(told[:count])[0], {one.day: one for one in joined(told[: count + 1])[0]}
        for one in before:
            assert set(one.hours.spans) <= set(after[one.day].hours.spans)
            assert one.rules == after[one.day].rules[: len(one.rules)]


@given(spans, spans)
def test_pieces_are_what_is_left(one: tuple[Span, ...], taken: tuple[Span, ...]) -> None:
    for span in one:
        assert minutes(list(without(span, taken))) == minutes([span]) - minutes(taken)


@given(st.sets(st.integers(96, 252), min_size=2, max_size=8).map(sorted), st.booleans())
def test_windows_that_touch_are_told_as_one(edges: list[int], touching: bool) -> None:
    some = tuple(pairwise(edges)) if touching else spans_of(edges)
    told = Hours(some, 5).openings
    assert minutes(told) == minutes(some)
    assert all(one[1] < following[0] for one, following in pairwise(told))


MORNING = Planned(FIRST, Hours(((540, 660),), 20), None)
CASES = [
    (EVERYBODY, ((840, 960),), 20, ((540, 660), (840, 960)), {Meeting.JOINED}),
    (EVERYBODY, ((600, 720),), 20, ((540, 660), (660, 720)), {Meeting.JOINED, Meeting.CUT}),
    (EVERYBODY, ((600, 670),), 20, ((540, 660),), {Meeting.CUT}),
    (EVERYBODY, ((500, 700),), 20, ((500, 540), (540, 660), (660, 700)), {Meeting.JOINED, Meeting.CUT}),
    (EVERYBODY, ((840, 960),), 30, ((540, 660),), {Meeting.APART}),
    (OTHERS, ((840, 960),), 20, ((540, 660),), {Meeting.APART}),
]


@pytest.mark.parametrize(("terms", "later", "length", "together", "meetings"), CASES)
def test_known_meetings(
    terms: Terms, later: tuple[Span, ...], length: int, together: tuple[Span, ...], meetings: set[Meeting]
) -> None:
    other = replace(MORNING, hours=Hours(later, length))
    found, met = joined([Share(1, EVERYBODY, [MORNING]), Share(2, terms, [other])])
    assert found[0].hours.spans == together
    assert {one.meeting for one in met} == meetings
    assert {(one.rule_id, one.other) for one in met} == {(2, 1)}


WEDNESDAY = TODAY + timedelta(days=8)
MORNINGS: dict[str, Any] = {"from_2": "", "to_2": "", "buffer_minutes": "0"}
SECOND: dict[str, Any] = {**MORNINGS, "repeat": "month_day", "month_days": "2", "from_1": "14:00", "to_1": "15:00"}


@pytest.fixture
def first(pages: TestClient, district: District) -> str:
    """Every Wednesday from nine to ten."""
    made = keep(pages, form(district, **MORNINGS))
    turn(pages, made, "publish")
    return made


@pytest.fixture
def second(pages: TestClient, district: District, first: str) -> str:
    """The second of every month from two to three, which in December is a Wednesday."""
    made = keep(pages, form(district, **SECOND))
    turn(pages, made, "publish")
    return made


def day_of(district: District) -> ReceptionDay:
    return next(one for one in days(district) if one.day == WEDNESDAY)


def booking_of(district: District, number: str) -> tuple[BookingState, int]:
    """Its state, and the minute for which it is booked now."""
    with reading(district.engine) as db:
        one = db.exec(select(Booking).where(Booking.number == number)).one()
        return one.state, hours_of(db.get_one(ReceptionDay, one.reception_day_id)).minute(one.slot or 0)


def test_the_preview_says_which_days_are_shared(pages: TestClient, district: District, first: str) -> None:
    shown = pages.post("/admin/plans/preview", data=form(district, **SECOND), headers=HTML).text
    assert 'id="joined"' in shown
    assert "12月2日 周三 14:00–15:00" in shown
    cut = pages.post("/admin/plans/preview", data=form(district, **{**SECOND, "from_1": "9:30"}), headers=HTML).text
    assert "12月2日 周三 9:30–10:00" in cut.split('id="cut"')[1]
    apart = form(district, **{**SECOND, "slot_minutes": "30"})
    assert 'id="apart"' in pages.post("/admin/plans/preview", data=apart, headers=HTML).text


def test_the_day_has_the_windows_of_both_and_bookings_keep_their_time(
    pages: TestClient, district: District, first: str
) -> None:
    number = book(district, day_of(district), 1, "early")
    turn(pages, keep(pages, form(district, **SECOND)), "publish")
    assert hours_of(day_of(district)).spans == ((540, 600), (840, 900))
    assert day_of(district).rules == (1, 2)
    assert booking_of(district, number) == (BookingState.BOOKED, 560)
    for _ in range(2):
        with writing(district.engine) as db:
            extend_plans(db, actor=administrator(district, db), now=district.clock.now())
    assert len([one for one in days(district) if one.day == WEDNESDAY]) == 1
    assert hours_of(day_of(district)).spans == ((540, 600), (840, 900))


@pytest.mark.parametrize(("gone", "left"), [("first", ((840, 900),)), ("second", ((540, 600),))])
def test_taking_one_plan_back_keeps_the_other_s_windows(
    pages: TestClient, district: District, first: str, second: str, gone: str, left: tuple[Span, ...]
) -> None:
    number = book(district, day_of(district), 0 if gone == "second" else 4, "stays")
    minute = booking_of(district, number)[1]
    turn(pages, {"first": first, "second": second}[gone], "withdraw")
    assert hours_of(day_of(district)).spans == left
    assert len(day_of(district).rules) == 1
    assert not day_of(district).off_plan
    assert booking_of(district, number) == (BookingState.BOOKED, minute)


def test_a_booking_in_the_windows_that_go_keeps_the_day_until_it_is_moved(
    pages: TestClient, district: District, first: str, second: str
) -> None:
    number, staying = book(district, day_of(district), 4, "afternoon"), book(district, day_of(district), 1, "morning")
    assert number in pages.get(f"{second}/state/withdraw", headers=HTML).text
    turn(pages, second, "withdraw")
    kept = day_of(district)
    assert (kept.off_plan, hours_of(kept).spans) == (True, ((540, 600), (840, 900)))
    assert booking_of(district, number) == (BookingState.BOOKED, 860)
    offered = pages.get(f"/admin/days/{kept.id}", headers=HTML).text
    assert f"/move/{staying}" not in offered
    place = offered.split('name="place" value="')[1].split('"')[0]
    pages.post(f"/admin/days/{kept.id}/move/{number}", data={"place": place})
    assert booking_of(district, number)[0] is BookingState.BOOKED
    assert booking_of(district, staying) == (BookingState.BOOKED, 560)
    again = day_of(district)
    assert (again.off_plan, hours_of(again).spans) == (False, ((540, 600),))


def test_a_day_of_both_that_is_cancelled_or_changed_by_hand_stays_so(
    pages: TestClient, district: District, first: str, second: str
) -> None:
    pages.post(f"/admin/days/{day_of(district).id}", data={"opens": "8:00", "closes": "9:00", "slot_minutes": "20"})
    with writing(district.engine) as db:
        extend_plans(db, actor=administrator(district, db), now=district.clock.now())
    assert hours_of(day_of(district)).spans == ((480, 540),)
    with reading(district.engine) as db:
        found = {one.rule_id: one.kind for one in db.exec(select(PlanChange))}
    assert found == {1: ChangeKind.CHANGED, 2: ChangeKind.CANCELLED}
    pages.post(f"/admin/days/{day_of(district).id}/cancel")
    with writing(district.engine) as db:
        extend_plans(db, actor=administrator(district, db), now=district.clock.now())
    assert WEDNESDAY not in {one.day for one in days(district)}


def test_an_exception_of_one_plan_leaves_the_other_s_windows(
    pages: TestClient, district: District, first: str, second: str
) -> None:
    typed = {"day": WEDNESDAY.isoformat(), "kind": "cancelled", "why": "开会"}
    shown = pages.post(f"{first}/change/preview", data=typed, headers=HTML)
    pages.post(f"{first}/change", data={**typed, "seen": seen_in(shown.text)})
    assert hours_of(day_of(district)).spans == ((840, 900),)
    assert day_of(district).rules == (2,)


def test_a_day_opens_again_too_when_the_booking_without_room_takes_an_offer(
    pages: TestClient, district: District, first: str, second: str
) -> None:
    number, _ = book(district, day_of(district), 4, "afternoon"), book(district, day_of(district), 1, "morning")
    turn(pages, second, "withdraw")
    later = next(one.id or 0 for one in days(district) if one.day > WEDNESDAY and not one.cancelled)
    now = district.clock.now()
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        until = now + timedelta(hours=1)
        offer_slot(db, now=now, booking=booking, reception_day_id=later, slot=0, until=until)
        accept(db, actor=district.clerk, now=now, number=number)
    again = day_of(district)
    assert (again.off_plan, hours_of(again).spans) == (False, ((540, 600),))
