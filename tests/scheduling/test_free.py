"""What is free, asked of a real database: the same few questions however much there is, and nobody who is excluded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from server.accounts.exclusion import Excluded
from server.accounts.models import Exclusion
from server.accounts.roles import Actor
from server.database import reading, writing
from server.errors import Conflict, LianxinError
from server.places.models import Unit
from server.scheduling.models import Booking, Petitioner, ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.service import book, hold_slot
from server.scheduling.service_free import Wanted, free_days, free_slots
from server.scheduling.service_holds import hold
from server.scheduling.service_offers import offers, times_for, walk_ins
from server.scheduling.service_search import search
from server.scheduling.words import BookingState, OnDayOff, PlanState, Repeat
from tests.district import TODAY, District

QUESTIONS = 6
"""The days, what is taken, what is held, the plans, whom they are for, where the point is."""
TOMORROW = TODAY + timedelta(days=1)


def receives(district: District, official: Actor, *, day: Any = TOMORROW, **other: Any) -> int:
    """One more reception day."""
    with writing(district.engine) as db:
        hours = {"opens_minute": 540, "closes_minute": 720, **other}
        made = ReceptionDay(official_id=official.id, day=day, **hours)
        db.add(made)
        db.flush()
        return made.id or 0


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def ask(district: District, **asked: Any) -> tuple[int, int]:
    """How many questions it took, and how many slots are free."""
    with reading(district.engine) as db, statements(district.engine) as told:
        wanted = Wanted(point_id=1, content="housing", **asked)
        days = free_days(db, actor=district.clerk, now=district.clock.now(), from_day=TODAY, days=28, wanted=wanted)
    return len([one for one in told if one.startswith("SELECT")]), sum(one.count for one in days)


def plan_of(district: District, official: Actor) -> int:
    with writing(district.engine) as db:
        plan = ReceptionRule(
            official_id=official.id,
            repeat=Repeat.WORKING_DAYS,
            valid_from=TODAY,
            on_day_off=OnDayOff.SKIP,
            spans=[[540, 720]],
            state=PlanState.PUBLISHED,
        )
        db.add(plan)
        db.flush()
        db.add(RuleAudience(rule_id=plan.id or 0, content="housing"))
        return plan.id or 0


def test_it_takes_the_same_few_questions_however_many_days_officials_and_bookings_there_are(
    district: District,
) -> None:
    rule = plan_of(district, district.other_official)
    receives(district, district.other_official, rule_id=rule)
    few = ask(district)
    for ahead in range(2, 20):
        for official in (district.official, district.other_official):
            receives(district, official, day=TODAY + timedelta(days=ahead), rule_id=rule, capacity=9)
    for slot in range(2, 8):
        district.book(slot=slot, key=f"key {slot}")
    many = ask(district)
    assert (few[0], many[0]) == (QUESTIONS, QUESTIONS)
    assert few[1] == 8 + 9
    assert many[1] == 8 - 6 + 9 + 18 * 2 * 9


def test_every_place_of_a_long_day_is_counted_one_by_one(district: District) -> None:
    """More places than fit into one number of the database."""
    day_id = receives(district, district.official, opens_minute=480, closes_minute=1080, slot_minutes=5, capacity=3)
    taken = [*range(0, 360, 7), 61, 62, 63, 123, 124, 125, 359]
    with writing(district.engine) as db:
        person = Petitioner(anonymous=True, created_at=district.clock.now())
        db.add(person)
        db.flush()
        for slot in sorted(set(taken)):
            db.add(
                Booking(
                    number=f"n{slot}",
                    reception_day_id=day_id,
                    slot=slot,
                    point_id=1,
                    petitioner_id=person.id or 0,
                    state=BookingState.CANCELLED if slot == 7 else BookingState.BOOKED,
                    request_key=f"k{slot}",
                    booked_at=district.clock.now(),
                )
            )
    with reading(district.engine) as db:
        found = free_slots(db, actor=district.clerk, now=district.clock.now(), from_day=TOMORROW, days=1)
    gone = set(taken) - {7}
    first = {place // 3: place for place in range(359, -1, -1) if place not in gone}
    assert [one.slot for one in found] == sorted(first.values())


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ({}, {"official", "other_official"}),
        ({"unit_id": 2}, {"other_official"}),
        ({"township_id": 1}, {"other_official"}),
        ({"township_id": 2}, set()),
        ({"content": "labour"}, {"official"}),
    ],
)
def test_a_search_finds_whom_it_asks_for(district: District, asked: dict[str, Any], who: set[str]) -> None:
    receives(district, district.other_official, rule_id=plan_of(district, district.other_official))
    with writing(district.engine) as db:
        unit = db.get_one(Unit, 2)
        unit.township_id = 1
        db.add(unit)
    now = district.clock.now()
    with reading(district.engine) as db:
        found = free_days(db, actor=district.clerk, now=now, from_day=TODAY, days=28, wanted=Wanted(**asked))
    assert {one.official for one in found} == who


def test_the_soonest_is_the_first_of_all_and_a_date_is_not_before(district: District) -> None:
    receives(district, district.other_official)
    receives(district, district.other_official, day=TODAY)
    now = district.clock.now()
    with reading(district.engine) as db:
        found = search(db, actor=district.clerk, now=now, wanted=Wanted())
        later = search(db, actor=district.clerk, now=now, wanted=Wanted(), from_day=TOMORROW)
        past = search(db, actor=district.clerk, now=now, wanted=Wanted(), from_day=TODAY - timedelta(days=9))
        nothing = search(db, actor=district.clerk, now=now, wanted=Wanted(unit_id=99))
    assert found.soonest is not None
    assert (found.soonest.day, found.soonest.minute, found.soonest.official_id) == (TODAY, 560, district.official.id)
    assert found.days == [(TODAY, 16), (TOMORROW, 9)]
    assert (found.shown, later.shown, past.days) == (TODAY, TOMORROW, found.days)
    assert (nothing.soonest, nothing.days, nothing.shown, nothing.officials) == (None, [], None, [])


BY_UNIT, BY_NAME = Excluded(units=frozenset({1})), Excluded(people=frozenset({1}))


@pytest.mark.parametrize("excluded", [BY_UNIT, BY_NAME], ids=["the unit", "the person"])
def test_whoever_is_excluded_is_offered_nowhere(district: District, excluded: Excluded) -> None:
    assert district.official.id == 1
    receives(district, district.other_official)
    told: dict[str, Any] = {"actor": district.kiosk, "now": district.clock.now(), "wanted": Wanted(excluded=excluded)}
    with reading(district.engine) as db:
        assert [one.official_id for one in offers(db, **told)] == [district.other_official.id]
        assert {one.official_id for one in times_for(db, **told).times} == {district.other_official.id}
        assert walk_ins(db, **told) == []
        found = search(db, **told)
    assert found.soonest is not None
    assert found.soonest.official_id == district.other_official.id
    assert [day for day, _ in found.days] == [TOMORROW]


def try_to_take(district: District, slot: int | None, excluded: Excluded, *, only_hold: bool) -> None:
    now = district.clock.now()
    told: dict[str, Any] = {"actor": district.other_kiosk, "now": now, "reception_day_id": district.day_id}
    with writing(district.engine) as db:
        if only_hold:
            wanted = Wanted(point_id=2, excluded=excluded)
            hold_slot(db, until=now + timedelta(minutes=5), slot=slot or 0, wanted=wanted, **told)
        else:
            person = Petitioner(anonymous=True, created_at=now)
            db.add(person)
            db.flush()
            more: dict[str, Any] = {"point_id": 2, "petitioner_id": person.id, "request_key": "forged"}
            book(db, slot=slot, excluded=excluded, **more, **told)


def refusal(district: District, slot: int | None, excluded: Excluded, *, only_hold: bool = False) -> LianxinError:
    """What a form gets that asks for the official's day in spite of it."""
    with pytest.raises(LianxinError) as caught:
        try_to_take(district, slot, excluded, only_hold=only_hold)
    return caught.value


@pytest.mark.parametrize("only_hold", [False, True], ids=["booked", "held"])
def test_a_forged_form_reads_what_it_would_of_somebody_who_is_full(district: District, *, only_hold: bool) -> None:
    """The free times of another official are offered, in the same words."""
    receives(district, district.other_official)
    forged = refusal(district, 6, BY_NAME, only_hold=only_hold)
    for slot in range(1, 9):
        district.book(slot=slot, key=f"key {slot}")
    full = refusal(district, 6, Excluded(), only_hold=only_hold)
    assert (forged.code, forged.message, forged.params) == (full.code, full.message, full.params)
    assert len(forged.params["nearest"]) == 3  # type: ignore[arg-type]


def test_joining_without_a_time_reads_as_if_there_were_no_reception(district: District) -> None:
    assert refusal(district, None, BY_UNIT).code == "no_such_day"


def test_an_earlier_matter_excludes_too(district: District) -> None:
    """The same person with another matter: the accused of the first is not offered a second time."""
    booked = district.book(slot=3)
    with writing(district.engine) as db:
        whose = {"petition_id": booked.petition.id or 0, "petitioner_id": booked.booking.petitioner_id}
        db.add(Exclusion(**whose, user_id=district.official.id))
    with pytest.raises(Conflict, match="slot_taken") as caught:
        district.book(slot=5, key="second")
    assert caught.value.params["nearest"] == []


def test_what_is_near_leaves_out_what_others_hold(district: District) -> None:
    district.book(slot=3)
    now = district.clock.now()
    with writing(district.engine) as db:
        hold(db, now=now, owner="kiosk:9", reception_day_id=district.day_id, slot=2, until=now + timedelta(minutes=1))
    with pytest.raises(Conflict) as caught:
        district.book(slot=3, key="two")
    assert caught.value.params["nearest"] == [(district.day_id, 4), (district.day_id, 1), (district.day_id, 5)]
