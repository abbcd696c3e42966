"""Holding a place on a real database."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete, select

from server.accounts.roles import Actor, Role
from server.database import reading, writing
from server.errors import Conflict
from server.notices.models import Notice
from server.petitions.models import Petition
from server.petitions.models_find import FoundWord
from server.scheduling.models import AnsweredRequest, Booking, ReceptionDay, SlotHold
from server.scheduling.service import cancel
from server.scheduling.service_free import free_slots
from server.scheduling.service_holds import forget_holds, held, hold, holder, release, renew
from tests.district import TODAY, District
from tests.fakes import FakeClock

WHILE = timedelta(minutes=1)


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
    district.clock.forward(minutes=1)
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
    district.clock.forward(seconds=30)
    until = district.clock.now() + WHILE
    with writing(district.engine) as db:
        renew(db, now=district.clock.now(), owner=holder(district.kiosk), until=until)
    district.clock.forward(seconds=59)
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
    district.clock.forward(minutes=1)
    keep(district, 4, actor=district.other_kiosk)
    with writing(district.engine) as db:
        forget_holds(db, now=district.clock.now())
    with reading(district.engine) as db:
        assert [one.slot for one in db.exec(select(SlotHold))] == [4]
        assert held(db, now=district.clock.now()) == {district.day_id: {4}}


def test_of_many_at_once_exactly_one_holds_it(district: District) -> None:
    kept: list[int | None] = []
    actors = [Actor(role=Role.KIOSK, id=number, point_id=1) for number in range(1, 9)]
    threads = [threading.Thread(target=lambda one=one: kept.append(keep(district, 3, actor=one))) for one in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept, key=str) == [3, *[None] * 7]


STEPS = st.lists(
    st.tuples(st.sampled_from(("hold", "book", "release", "cancel", "wait")), st.integers(0, 2), st.integers(1, 3)),
    max_size=12,
)


@dataclass
class Kiosks:
    """Three kiosks at three places, and what they should find."""

    district: District
    booked: dict[int, str] = field(default_factory=dict)
    holds: dict[int, tuple[int, datetime]] = field(default_factory=dict)

    @staticmethod
    def actor(who: int) -> Actor:
        return Actor(role=Role.KIOSK, id=who + 1, point_id=1)

    def can_take(self, who: int) -> set[int]:
        now = self.district.clock.now()
        others = {slot for one, (slot, until) in self.holds.items() if one != who and until > now}
        return {1, 2, 3} - others - set(self.booked)

    def hold(self, who: int, slot: int) -> None:
        can = slot in self.can_take(who)
        assert (keep(self.district, slot, actor=self.actor(who)) == slot) is can
        self.holds.pop(who, None)
        if can:
            self.holds[who] = (slot, self.district.clock.now() + WHILE)

    def book(self, who: int, slot: int) -> None:
        can, key = slot in self.can_take(who), uuid4().hex
        try:
            self.booked[slot] = self.district.book(slot=slot, key=key, kiosk=self.actor(who)).booking.number
        except Conflict:
            assert not can
        else:
            assert can
            self.holds.pop(who, None)

    def release(self, who: int, _slot: int) -> None:
        with writing(self.district.engine) as db:
            release(db, owner=holder(self.actor(who)))
        self.holds.pop(who, None)

    def cancel(self, who: int, slot: int) -> None:
        if slot in self.booked:
            with writing(self.district.engine) as db:
                now, number = self.district.clock.now(), self.booked.pop(slot)
                cancel(db, actor=self.actor(who), now=now, number=number)

    def wait(self, _who: int, slot: int) -> None:
        self.district.clock.forward(seconds=1 + 20 * slot)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_place_is_never_two_people_s_whatever_they_do(district: District, steps: list[tuple[str, int, int]]) -> None:
    """Each kiosk finds free, after every step, exactly what it could take."""
    district.clock.forward(seconds=-(district.clock.now() - FakeClock().now()).total_seconds())
    with writing(district.engine) as db:
        for table in (Notice, FoundWord, Petition, Booking, SlotHold, AnsweredRequest):
            db.exec(delete(table))
    kiosks = Kiosks(district)
    for verb, who, slot in steps:
        getattr(kiosks, verb)(who, slot)
        for one in range(3):
            assert {place for place in free_for(district, kiosks.actor(one)) if place <= 3} == kiosks.can_take(one)
