"""Booking and the list on a real database."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.scheduling import service, service_free, service_list
from server.scheduling.models import Booking, Petitioner
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState
from tests.district import TODAY, District


def free_numbers(district: District) -> list[int]:
    with reading(district.engine) as db:
        found = service_free.free_slots(
            db, actor=district.kiosk, now=district.clock.now(), from_day=TODAY, days=28, official_id=None
        )
    return [one.slot for one in found]


def positions(district: District) -> dict[str, int | None]:
    with reading(district.engine) as db:
        entries = service_list.waiting_list(
            db, actor=district.official, now=district.clock.now(), official_id=district.official.id, day=TODAY
        )
    return {one.booking.number: one.position for one in entries}


def test_a_booked_slot_is_not_free_any_more(district: District) -> None:
    assert free_numbers(district) == [1, 2, 3, 4, 5, 6, 7, 8]
    district.book(slot=3)
    assert free_numbers(district) == [1, 2, 4, 5, 6, 7, 8]


def test_a_taken_slot_answers_with_the_three_nearest(district: District) -> None:
    district.book(slot=3)
    with pytest.raises(Conflict) as caught:
        district.book(slot=3, key="two")
    assert caught.value.code == "slot_taken"
    assert caught.value.params["nearest"] == [(district.day_id, 2), (district.day_id, 4), (district.day_id, 1)]


def test_the_same_request_sent_twice_books_once(district: District) -> None:
    first, again = district.book(slot=3), district.book(slot=3)
    assert (first.booking.id, first.petition.id) == (again.booking.id, again.petition.id)
    with reading(district.engine) as db:
        assert len(db.exec(select(Booking)).all()) == 1


def test_of_many_at_once_exactly_one_gets_the_slot(district: District) -> None:
    results: list[str] = []

    def attempt(key: str) -> None:
        try:
            district.book(slot=5, key=key)
            results.append("booked")
        except Conflict as refusal:
            results.append(refusal.code)

    threads = [threading.Thread(target=attempt, args=(f"key-{index}",)) for index in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["booked"] + ["slot_taken"] * 11
    with reading(district.engine) as db:
        assert len(db.exec(select(Booking)).all()) == 1


@pytest.mark.parametrize(("slot", "code"), [(0, "no_such_slot"), (9, "no_such_slot"), (-1, "no_such_slot")])
def test_a_slot_that_is_over_or_never_was_is_refused(district: District, slot: int, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        district.book(slot=slot)


def test_the_same_person_is_found_again(district: District) -> None:
    district.book(slot=3)
    district.book(slot=4, key="two")
    with reading(district.engine) as db:
        assert len(db.exec(select(Petitioner)).all()) == 1


def test_a_kiosk_knows_nothing_of_another_points_bookings(district: District) -> None:
    number = district.book().booking.number
    with reading(district.engine) as db, pytest.raises(NotFound):
        service.booking_by_number(db, actor=district.other_kiosk, number=number)
    with pytest.raises(NotFound), writing(district.engine) as db:
        service.cancel(db, actor=district.other_kiosk, now=district.clock.now(), number=number)


def test_a_cancelled_place_is_free_again(district: District) -> None:
    number = district.book(slot=3).booking.number
    with writing(district.engine) as db:
        service.cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
    assert 3 in free_numbers(district)
    assert district.book(slot=3, key="two").booking.id is not None


def test_an_official_sees_only_the_own_list(district: District) -> None:
    with reading(district.engine) as db, pytest.raises(Forbidden):
        service_list.waiting_list(
            db, actor=district.other_official, now=district.clock.now(), official_id=district.official.id, day=TODAY
        )
    with reading(district.engine) as db, pytest.raises(Forbidden):
        service_list.waiting_list(
            db, actor=district.handler, now=district.clock.now(), official_id=district.official.id, day=TODAY
        )
    number = district.wait()
    with pytest.raises(NotFound), writing(district.engine) as db:
        service_list.change(
            db, actor=district.other_official, now=district.clock.now(), number=number, event=BookingEvent.HOLD
        )


def test_those_who_wait_have_positions_and_know_how_many_are_before(district: District) -> None:
    later = district.wait(slot=5, key="later")
    sooner = district.wait(slot=2, key="sooner")
    walk_in = district.wait(slot=None, key="walk-in", kiosk=district.other_kiosk)
    assert positions(district) == {walk_in: 1, sooner: 2, later: 3}
    with reading(district.engine) as db:
        place = service_list.place_in_list(db, actor=district.kiosk, now=district.clock.now(), number=later)
    assert (place.position, place.ahead, place.official_id) == (3, 2, district.official.id)


def test_checking_in_twice_keeps_the_place(district: District) -> None:
    number = district.wait(slot=None)
    arrived = district.clock.now()
    district.clock.forward(minutes=5)
    with writing(district.engine) as db:
        again = service_list.check_in(db, actor=district.kiosk, now=district.clock.now(), number=number)
        assert again.checked_in_at == arrived


def test_who_was_absent_may_come_back_but_has_lost_the_slot(district: District) -> None:
    number = district.book(slot=3).booking.number
    with writing(district.engine) as db:
        service_list.change(
            db, actor=district.official, now=district.clock.now(), number=number, event=BookingEvent.MARK_ABSENT
        )
    district.book(slot=3, key="two")
    with writing(district.engine) as db:
        back = service_list.check_in(db, actor=district.kiosk, now=district.clock.now(), number=number)
        assert (back.state, back.slot) == (BookingState.WAITING, None)


def test_one_who_is_held_does_not_wait_until_brought_back(district: District) -> None:
    number = district.wait()
    for event, position in ((BookingEvent.HOLD, None), (BookingEvent.BRING_BACK, 1)):
        with writing(district.engine) as db:
            service_list.change(db, actor=district.official, now=district.clock.now(), number=number, event=event)
        assert positions(district) == {number: position}


def test_a_reception_of_another_day_cannot_be_checked_in(district: District) -> None:
    number = district.book().booking.number
    district.clock.forward(days=1)
    with pytest.raises(Conflict, match="not_today"), writing(district.engine) as db:
        service_list.check_in(db, actor=district.kiosk, now=district.clock.now(), number=number)


def test_a_walk_in_joins_today_only(district: District) -> None:
    district.clock.forward(days=-1)
    with pytest.raises(Invalid, match="slot_missing"):
        district.book(slot=None)
    district.clock.instant += timedelta(days=2)
    with pytest.raises(Invalid, match="no_such_day"):
        district.book(slot=None, key="two")
