"""A place beyond the rules: what a reason can buy, and the two things that none can."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from server.accounts.models import Exclusion
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, LianxinError, NotFound
from server.petitions.models import Petition
from server.petitions.service_override import outside_of, override
from server.scheduling.models import Booking, ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.service_list import check_in, waiting_list
from server.scheduling.service_waitlist import put_on_waitlist
from server.scheduling.words import BookingState, OnDayOff, PlanState, Repeat
from tests.district import TODAY, District

WHY = "老人明天要住院"


@pytest.fixture
def tomorrow(district: District) -> int:
    """The other official receives tomorrow, by a plan for people of nowhere and booked a week ahead."""
    told: dict[str, Any] = {
        "repeat": Repeat.WEEKLY,
        "on_day_off": OnDayOff.MOVE,
        "state": PlanState.PUBLISHED,
        "valid_from": TODAY,
    }
    with writing(district.engine) as db:
        rule = ReceptionRule(official_id=district.other_official.id, notice_days=7, spans=[[540, 720]], **told)
        db.add(rule)
        db.flush()
        db.add(RuleAudience(rule_id=rule.id or 0, content="environment"))
        day = ReceptionDay(
            official_id=district.other_official.id,
            day=TODAY + timedelta(days=1),
            opens_minute=540,
            closes_minute=720,
            rule_id=rule.id,
        )
        db.add(day)
        db.flush()
        return day.id or 0


def give(district: District, number: str, day: int, slot: int | None, why: str = WHY) -> Booking:
    with writing(district.engine) as db:
        now, place = district.clock.now(), {"reception_day_id": day, "slot": slot}
        return override(db, actor=district.clerk, now=now, number=number, why=why, **place)  # type: ignore[arg-type]


def test_sooner_and_with_somebody_else_than_the_plan_has_it(district: District, tomorrow: int) -> None:
    number = district.book(slot=6).booking.number
    given = give(district, number, tomorrow, 0)
    assert (given.reception_day_id, given.slot, given.outside) == (tomorrow, 0, WHY)
    with reading(district.engine) as db:
        petition = db.exec(select(Petition)).one()
        entry = db.exec(select(AuditEntry).where(AuditEntry.action == "booking.overridden")).one()
    assert petition.official_id == district.other_official.id
    assert WHY not in str(entry.detail)


def test_beyond_what_the_day_has_room_for(district: District, tomorrow: int) -> None:
    for slot in range(9):
        give(district, district.book(slot=6, key=f"{slot}").booking.number, tomorrow, slot)
    number = district.book(slot=6, key="late").booking.number
    assert give(district, number, tomorrow, None).slot is None
    district.clock.forward(days=1)
    with writing(district.engine) as db:
        check_in(db, actor=district.kiosk, now=district.clock.now(), number=number)
        official, now = district.other_official, district.clock.now()
        entries = waiting_list(db, actor=official, now=now, official_id=official.id, day=TODAY + timedelta(days=1))
    assert number in {one.booking.number for one in entries}


def test_a_time_of_somebody_else_stays_theirs(district: District, tomorrow: int) -> None:
    give(district, district.book(slot=1, key="a").booking.number, tomorrow, 2)
    number = district.book(slot=6, key="b").booking.number
    with pytest.raises(Conflict, match="slot_taken"):
        give(district, number, tomorrow, 2)
    with reading(district.engine) as db:
        assert db.exec(select(Booking).where(Booking.number == number)).one().slot == 6


def test_whoever_must_step_aside_is_neither_offered_nor_given(district: District, tomorrow: int) -> None:
    number = district.book(slot=6).booking.number
    with writing(district.engine) as db:
        petition = db.exec(select(Petition)).one()
        whose = {"petition_id": petition.id or 0, "petitioner_id": petition.petitioner_id}
        db.add(Exclusion(**whose, unit_id=district.other_official.unit_id))
    for slot in (0, None):
        with pytest.raises(LianxinError) as refused:
            give(district, number, tomorrow, slot)
        assert refused.value.code in {"slot_taken", "no_such_day"}
    with reading(district.engine) as db:
        asked = {"official_id": district.other_official.id, "on": None}
        found = outside_of(db, actor=district.clerk, now=district.clock.now(), number=number, **asked)  # type: ignore[arg-type]
    assert district.other_official.id not in {one.id for one in found.officials}
    assert (found.chosen, found.days) == (None, [])


def test_who_waits_for_a_time_has_one_then(district: District, tomorrow: int) -> None:
    number = district.book(slot=6).booking.number
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        put_on_waitlist(db, actor=district.clerk, now=district.clock.now(), booking=booking)
    assert give(district, number, tomorrow, 4).state is BookingState.BOOKED


def test_it_needs_a_reason_and_a_day_that_is_there(district: District, tomorrow: int) -> None:
    number = district.book(slot=6).booking.number
    for why in ("", "  ", "长" * 201):
        with pytest.raises(Invalid, match="override_unexplained"):
            give(district, number, tomorrow, 0, why)
    with pytest.raises(Invalid, match="no_such_slot"):
        give(district, number, tomorrow, 99)
    with pytest.raises(NotFound, match="unknown_day"):
        give(district, number, 999, None)


def test_twice_is_once_and_only_by_a_clerk(district: District, tomorrow: int) -> None:
    number = district.book(slot=6).booking.number
    for _ in range(2):
        give(district, number, tomorrow, 0)
    with reading(district.engine) as db:
        assert len(db.exec(select(AuditEntry).where(AuditEntry.action == "booking.overridden")).all()) == 1
    with writing(district.engine) as db:
        for actor in (district.official, district.handler, district.kiosk):
            with pytest.raises(Forbidden):
                override(
                    db,
                    actor=actor,
                    now=district.clock.now(),
                    number=number,
                    reception_day_id=tomorrow,
                    slot=1,
                    why=WHY,
                )
