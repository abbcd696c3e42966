"""The waitlist's rules: fair, and nobody is asked at night."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.clock import DISTRICT_ZONE
from server.scheduling.plan import Audience
from server.scheduling.states import OFFER, OfferEvent
from server.scheduling.waitlist import (
    EVENING,
    LEAD,
    LEAST,
    MORNING,
    Opening,
    Wish,
    answer_by,
    in_line,
    shared_out,
    suits,
)
from server.scheduling.words import OfferState

FIRST = date(2026, 11, 25)
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@st.composite
def wishes(draw: st.DrawFn) -> list[Wish]:
    """Up to eight people; some asked at the same instant."""
    found = []
    for booking_id in range(1, draw(st.integers(0, 8)) + 1):
        first = FIRST + timedelta(days=draw(st.integers(0, 3)))
        found.append(
            Wish(
                booking_id,
                START + timedelta(minutes=draw(st.integers(0, 3))),
                first,
                first + timedelta(days=draw(st.integers(0, 4))),
                township_id=draw(st.integers(1, 2)),
                content=draw(st.sampled_from(["land", "labour"])),
                official_id=draw(st.none() | st.integers(1, 2)),
                unit_id=draw(st.none() | st.integers(1, 2)),
                barred=frozenset(draw(st.sets(st.integers(1, 3), max_size=1))),
                refused=frozenset(draw(st.sets(st.tuples(st.integers(1, 4), st.just(540)), max_size=2))),
            )
        )
    return found


@st.composite
def some_openings(draw: st.DrawFn) -> list[Opening]:
    """Up to eight free times."""
    places = draw(st.sets(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=8))
    return [
        Opening(
            day_id,
            slot,
            FIRST + timedelta(days=day_id - 1),
            540 + slot * 20,
            official_id=draw(st.integers(1, 3)),
            units=frozenset(draw(st.sets(st.integers(1, 2)))),
            audience=Audience(
                townships=frozenset(draw(st.sets(st.integers(1, 2), max_size=1))),
                contents=frozenset(draw(st.sets(st.sampled_from(["land", "labour"]), max_size=1))),
            ),
        )
        for day_id, slot in sorted(places)
    ]


@given(wishes(), some_openings())
def test_whoever_asked_first_is_offered_first(waiting: list[Wish], free: list[Opening]) -> None:
    """Nobody goes without while somebody later in the line gets a time that would have suited."""
    pairs = shared_out(waiting, free)
    got = {wish.booking_id: opening for wish, opening in pairs}
    line = in_line(waiting)
    for at, wish in enumerate(line):
        later = [got[one.booking_id] for one in line[at + 1 :] if one.booking_id in got]
        mine = got.get(wish.booking_id)
        for theirs in later:
            assert not suits(wish, theirs) or (
                mine is not None and (mine.day, mine.minute) <= (theirs.day, theirs.minute)
            )


@given(wishes(), some_openings())
def test_every_time_goes_to_one_person_whom_it_suits_and_none_is_left_that_suits(
    waiting: list[Wish], free: list[Opening]
) -> None:
    pairs = shared_out(waiting, free)
    places = [(one.reception_day_id, one.slot) for _, one in pairs]
    assert len(places) == len(set(places))
    assert len({one.booking_id for one, _ in pairs}) == len(pairs)
    assert all(suits(wish, opening) for wish, opening in pairs)
    without = [one for one in waiting if one.booking_id not in {wish.booking_id for wish, _ in pairs}]
    left = [one for one in free if (one.reception_day_id, one.slot) not in places]
    assert not any(suits(wish, opening) for wish in without for opening in left)


@given(wishes(), some_openings())
def test_what_does_not_fit_the_wish_never_suits(waiting: list[Wish], free: list[Opening]) -> None:
    for wish in waiting:
        for opening in (one for one in free if suits(wish, one)):
            assert wish.first_day <= opening.day <= wish.last_day
            assert opening.official_id not in wish.barred
            assert wish.official_id in {None, opening.official_id}
            assert wish.unit_id is None or wish.unit_id in opening.units
            assert opening.audience.admits(township_id=wish.township_id, content=wish.content)
            assert (opening.reception_day_id, opening.minute) not in wish.refused


@given(
    st.integers(0, 30 * 24 * 60),
    st.integers(0, 20 * 24 * 60),
    st.integers(15, 2880),
)
def test_an_answer_is_due_by_day_and_in_time_for_the_way(start: int, ahead: int, minutes: int) -> None:
    asked = START + timedelta(minutes=start)
    begins = asked + timedelta(minutes=ahead)
    until = answer_by(asked, begins, timedelta(minutes=minutes))
    plenty = answer_by(asked, asked + timedelta(days=60), timedelta(minutes=minutes))
    assert plenty is not None
    if until is None:
        assert begins - asked < timedelta(hours=24 - EVENING + MORNING) + LEAD + LEAST
    else:
        assert asked + LEAST <= until == min(plenty, begins - LEAD)
    local = plenty.astimezone(DISTRICT_ZONE)
    assert timedelta(hours=MORNING) < timedelta(hours=local.hour, minutes=local.minute, seconds=local.second + 1)
    assert local <= local.replace(hour=EVENING, minute=0, second=0, microsecond=0)


def test_time_to_answer_rests_at_night() -> None:
    evening = datetime(2026, 11, 24, 19, 30, tzinfo=DISTRICT_ZONE)
    until = answer_by(evening, evening + timedelta(days=7), timedelta(hours=2))
    assert until == datetime(2026, 11, 25, 9, 30, tzinfo=DISTRICT_ZONE)


def test_a_time_that_begins_too_soon_is_not_offered() -> None:
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=DISTRICT_ZONE)
    assert answer_by(noon, noon + LEAD + LEAST, timedelta(hours=2)) == noon + LEAST
    assert answer_by(noon, noon + LEAD + LEAST - timedelta(minutes=1), timedelta(hours=2)) is None


def test_an_offer_is_answered_once() -> None:
    ends = {state for state in OfferState if state is not OfferState.OPEN}
    assert set(OFFER) == {(OfferState.OPEN, event) for event in OfferEvent}
    assert set(OFFER.values()) == ends
