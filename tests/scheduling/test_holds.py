"""Holding a place on a real database."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server.accounts.roles import Actor
from server.database import reading, writing
from server.errors import Conflict
from server.scheduling.models import ReceptionDay, SlotHold
from server.scheduling.service_free import free_slots
from server.scheduling.service_holds import forget_holds, held, hold, holder, release, renew
from tests.district import TODAY, District

WHILE = timedelta(minutes=10)


def keep(district: District, slot: int, *, actor: Actor | None = None) -> int | None:
    now = district.clock.now()
    with writing(district.engine) as db:
        owner = holder(actor or district.kiosk)
        return hold(db, now=now, owner=owner, reception_day_id=district.day_id, slot=slot, until=now + WHILE)


def free_for(district: District, actor: Actor) -> list[int]:
    with reading(district.engine) as db:
        found = free_slots(db, actor=actor, now=district.clock.now(), from_day=TODAY, days=28)
    return [one.slot for one in found]


def test_a_held_place_is_free_for_its_holder_alone(district: District) -> None:
    assert keep(district, 3) == 3
    assert 3 in free_for(district, district.kiosk)
    assert 3 not in free_for(district, district.other_kiosk)


def test_others_cannot_hold_or_book_it_and_are_told_what_is_near(district: District) -> None:
    keep(district, 3)
    assert keep(district, 3, actor=district.other_kiosk) is None
    with pytest.raises(Conflict, match="slot_taken") as caught:
        district.book(slot=3, kiosk=district.other_kiosk)
    assert caught.value.params["nearest"] == [(district.day_id, 2), (district.day_id, 4), (district.day_id, 1)]


def test_a_booked_place_cannot_be_held(district: District) -> None:
    district.book(slot=3)
    assert keep(district, 3) is None


def test_booking_it_lets_the_hold_go(district: District) -> None:
    keep(district, 3)
    assert district.book(slot=3).booking.slot == 3
    with reading(district.engine) as db:
        assert db.exec(select(SlotHold)).all() == []


def test_a_hold_is_over_by_itself_and_can_then_be_somebody_else_s(district: District) -> None:
    keep(district, 3)
    district.clock.forward(minutes=10)
    assert 3 in free_for(district, district.other_kiosk)
    assert keep(district, 3, actor=district.other_kiosk) == 3
    assert 3 not in free_for(district, district.kiosk)


def test_a_holder_has_one_place_at_a_time(district: District) -> None:
    keep(district, 3)
    keep(district, 5)
    assert [one for one in (3, 5) if one in free_for(district, district.other_kiosk)] == [3]


def test_a_hold_that_is_let_go_is_free(district: District) -> None:
    keep(district, 3)
    with writing(district.engine) as db:
        release(db, owner=holder(district.kiosk))
    assert 3 in free_for(district, district.other_kiosk)


def test_a_hold_is_renewed_but_not_woken_again(district: District) -> None:
    keep(district, 3)
    district.clock.forward(minutes=5)
    until = district.clock.now() + WHILE
    with writing(district.engine) as db:
        renew(db, now=district.clock.now(), owner=holder(district.kiosk), until=until)
    district.clock.forward(minutes=9, seconds=59)
    assert 3 not in free_for(district, district.other_kiosk)
    district.clock.forward(seconds=1)
    with writing(district.engine) as db:
        renew(db, now=district.clock.now(), owner=holder(district.kiosk), until=until + WHILE)
    assert 3 in free_for(district, district.other_kiosk)


def test_where_two_begin_together_the_second_holder_gets_the_other_place(district: District) -> None:
    with writing(district.engine) as db:
        day = db.get_one(ReceptionDay, district.day_id)
        day.capacity = 2
        db.add(day)
    assert (keep(district, 6), keep(district, 6, actor=district.other_kiosk)) == (6, 7)
    assert keep(district, 6, actor=district.clerk) is None


def test_holds_that_are_over_are_thrown_away(district: District) -> None:
    keep(district, 3)
    district.clock.forward(minutes=10)
    keep(district, 4, actor=district.other_kiosk)
    with writing(district.engine) as db:
        forget_holds(db, now=district.clock.now())
    with reading(district.engine) as db:
        assert [one.slot for one in db.exec(select(SlotHold))] == [4]
        assert held(db, now=district.clock.now(), day_ids=[district.day_id]) == {district.day_id: {4}}
