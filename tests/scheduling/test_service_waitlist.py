"""Waiting for a time on a real database: offers in order, held, passed on; nobody is lost."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.accounts.roles import Actor
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.notices.models import Notice
from server.notices.words import NoticeEvent
from server.scheduling import service, service_closing, service_days
from server.scheduling.models import Booking, ReceptionDay, SlotHold
from server.scheduling.models_waitlist import SlotOffer
from server.scheduling.service_free import free_slots
from server.scheduling.service_list import check_in
from server.scheduling.service_offer import accept, anything_over, decline, expire, offer_of, offer_slot
from server.scheduling.service_waitlist import Waited, join_waitlist, line
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState, OfferState
from tests.administrator import administrator
from tests.district import TODAY, District

LATER = TODAY + timedelta(days=7)
PATIENCE = timedelta(hours=2)


@pytest.fixture
def full(district: District) -> District:
    """Next week the official has three times, and all of them are booked."""
    with writing(district.engine) as db:
        day = db.get_one(ReceptionDay, district.day_id)
        day.day, day.opens_minute, day.closes_minute = LATER, 540, 600
        db.add(day)
    for slot in range(3):
        district.book(slot=slot, key=f"booked-{slot}")
    return district


def join(
    district: District, key: str, *, at: Actor | None = None, official_id: int | None = None, last: int = 28
) -> str:
    """Wait at a kiosk for whoever has time; the number."""
    kiosk = at or district.kiosk
    with writing(district.engine) as db:
        waited = Waited(TODAY, TODAY + timedelta(days=last), official_id=official_id)
        petitioner = service.register_petitioner(
            db, actor=kiosk, now=district.clock.now(), name="", id_number="", phone="", anonymous=True
        )
        return join_waitlist(
            db,
            actor=kiosk,
            now=district.clock.now(),
            waited=waited,
            point_id=kiosk.point_id or 0,
            petitioner_id=petitioner.id or 0,
            request_key=key,
            content="housing",
        ).number


def booked(db: Session, slot: int) -> Booking:
    return db.exec(select(Booking).where(Booking.slot == slot, Booking.state != BookingState.CANCELLED)).one()


def give_back(district: District, slot: int) -> None:
    with writing(district.engine) as db:
        service.cancel(db, actor=district.clerk, now=district.clock.now(), number=booked(db, slot).number)


def open_offers(district: District) -> dict[str, int]:
    """Which place is offered to which number."""
    with reading(district.engine) as db:
        offers = db.exec(select(SlotOffer).where(SlotOffer.state == OfferState.OPEN)).all()
        return {db.get_one(Booking, one.booking_id).number: one.slot for one in offers}


def state_of(district: District, number: str) -> tuple[BookingState, int | None]:
    with reading(district.engine) as db:
        found = db.exec(select(Booking).where(Booking.number == number)).one()
        return found.state, found.slot


def free_at(district: District, kiosk: Actor) -> list[int]:
    with reading(district.engine) as db:
        return [one.slot for one in free_slots(db, actor=kiosk, now=district.clock.now(), from_day=TODAY, days=28)]


def test_a_freed_time_is_offered_to_the_first_in_the_line_and_is_free_for_nobody_else(full: District) -> None:
    first = join(full, "first")
    full.clock.forward(minutes=1)
    second = join(full, "second", at=full.other_kiosk)
    assert open_offers(full) == {}
    give_back(full, 1)
    assert open_offers(full) == {first: 1}
    assert free_at(full, full.kiosk) == free_at(full, full.other_kiosk) == []
    with pytest.raises(Conflict, match="slot_taken"):
        full.book(slot=1, key="pushes in")
    give_back(full, 0)
    assert open_offers(full) == {first: 1, second: 0}


def test_the_offer_is_taken_and_the_number_stays(full: District) -> None:
    number = join(full, "first")
    give_back(full, 1)
    for _ in range(2):
        with writing(full.engine) as db:
            taken = accept(db, actor=full.kiosk, now=full.clock.now(), number=number)
            assert (taken.number, taken.state, taken.slot) == (number, BookingState.BOOKED, 1)
    with reading(full.engine) as db:
        assert db.exec(select(SlotHold)).all() == []
        told = [one.event for one in db.exec(select(Notice).where(Notice.number == number))]
        assert {NoticeEvent.OFFERED, NoticeEvent.BOOKED} <= set(told)
        assert line(db, actor=full.clerk) == []


def test_a_time_that_was_declined_goes_to_the_next_and_the_place_in_the_line_stays(full: District) -> None:
    first = join(full, "first")
    full.clock.forward(minutes=1)
    second = join(full, "second", at=full.other_kiosk)
    give_back(full, 1)
    for _ in range(2):
        with writing(full.engine) as db:
            decline(db, actor=full.kiosk, now=full.clock.now(), number=first)
    assert open_offers(full) == {second: 1}
    give_back(full, 2)
    assert open_offers(full) == {second: 1, first: 2}
    with reading(full.engine) as db:
        assert [(one.booking.number, one.ahead) for one in line(db, actor=full.clerk)] == [(first, 0), (second, 1)]
        assert [(one.booking.number, one.ahead) for one in line(db, actor=full.other_kiosk)] == [(second, 1)]


def test_an_offer_that_nobody_answers_passes_on_and_cannot_be_taken_any_more(full: District) -> None:
    first, second = join(full, "first"), join(full, "second")
    give_back(full, 1)
    full.clock.forward(hours=2)
    assert free_at(full, full.kiosk) == []
    with pytest.raises(Conflict, match="offer_over"), writing(full.engine) as db:
        accept(db, actor=full.kiosk, now=full.clock.now(), number=first)
    with reading(full.engine) as db:
        assert anything_over(db, now=full.clock.now())
    with writing(full.engine) as db:
        assert [one.number for one in expire(db, now=full.clock.now())] == [first]
    assert open_offers(full) == {second: 1}
    assert state_of(full, first) == (BookingState.WAITLISTED, None)
    with reading(full.engine) as db:
        assert not anything_over(db, now=full.clock.now())
        told = db.exec(select(Notice.event).where(Notice.number == first)).all()
    assert NoticeEvent.OFFER_OVER in told


def test_when_nobody_is_left_to_ask_the_time_is_free_for_all(full: District) -> None:
    number = join(full, "first")
    give_back(full, 1)
    with writing(full.engine) as db:
        decline(db, actor=full.kiosk, now=full.clock.now(), number=number)
    assert free_at(full, full.kiosk) == [1]


def test_only_what_suits_is_offered(full: District) -> None:
    join(full, "too early", last=6)
    with pytest.raises(Invalid, match="nobody_receives"):
        join(full, "another", official_id=full.other_official.id)
    suited = join(full, "suits", official_id=full.official.id)
    give_back(full, 1)
    assert open_offers(full) == {suited: 1}


def test_a_free_time_that_suits_is_offered_at_once(full: District) -> None:
    give_back(full, 1)
    number = join(full, "first")
    assert open_offers(full) == {number: 1}


def test_joining_twice_is_joining_once_and_a_wish_must_have_its_days_in_order(full: District) -> None:
    assert join(full, "first") == join(full, "first")
    with pytest.raises(Invalid, match="bad_days"):
        join(full, "backwards", last=-1)


def test_who_leaves_the_line_gives_the_offered_time_to_the_next(full: District) -> None:
    first, second = join(full, "first"), join(full, "second")
    give_back(full, 1)
    with writing(full.engine) as db:
        service.cancel(db, actor=full.kiosk, now=full.clock.now(), number=first)
    assert state_of(full, first)[0] is BookingState.CANCELLED
    assert open_offers(full) == {second: 1}


def test_the_place_of_somebody_absent_is_offered_if_there_is_time_to_come(full: District) -> None:
    number = join(full, "first")
    full.clock.instant += timedelta(days=7)
    with writing(full.engine) as db:
        service.move(
            db, actor=full.official, now=full.clock.now(), booking=booked(db, 2), event=BookingEvent.MARK_ABSENT
        )
    assert open_offers(full) == {}
    assert state_of(full, number)[0] is BookingState.WAITLISTED


def test_a_cancelled_day_is_offered_to_nobody(full: District) -> None:
    join(full, "first")
    with writing(full.engine) as db:
        service_days.cancel_day(db, actor=administrator(full, db), now=full.clock.now(), day_id=full.day_id)
        assert db.exec(select(SlotOffer)).all() == []


def test_a_closed_point_has_nobody_waiting(full: District) -> None:
    mine, theirs = join(full, "mine"), join(full, "theirs", at=full.other_kiosk)
    with writing(full.engine) as db:
        service_closing.close_point(
            db, actor=administrator(full, db), now=full.clock.now(), point_id=full.kiosk.point_id or 0
        )
    assert state_of(full, mine)[0] is BookingState.CANCELLED
    assert open_offers(full) == {theirs: 0}


def test_who_has_a_time_is_offered_another_and_keeps_the_old_one_until_it_is_taken(full: District) -> None:
    give_back(full, 1)
    with writing(full.engine) as db:
        one = booked(db, 0)
        until = full.clock.now() + PATIENCE
        told = {"reception_day_id": full.day_id, "until": until, "now": full.clock.now()}
        offer_slot(db, booking=one, slot=1, **told)  # type: ignore[arg-type]
        with pytest.raises(Conflict, match="slot_taken"):
            offer_slot(db, booking=booked(db, 2), slot=1, **told)  # type: ignore[arg-type]
    assert state_of(full, one.number) == (BookingState.BOOKED, 0)
    waiting = join(full, "waits")
    assert open_offers(full) == {one.number: 1}
    with writing(full.engine) as db:
        accept(db, actor=full.kiosk, now=full.clock.now(), number=one.number)
    assert state_of(full, one.number) == (BookingState.BOOKED, 1)
    assert open_offers(full) == {waiting: 0}


@pytest.mark.parametrize("answer", ["declined", "none"])
def test_who_has_no_time_any_more_and_takes_no_offer_is_on_the_waitlist(full: District, answer: str) -> None:
    with writing(full.engine) as db:
        other = ReceptionDay(
            official_id=full.other_official.id, day=LATER, opens_minute=540, closes_minute=560, slot_minutes=20
        )
        db.add(other)
        db.flush()
        one = booked(db, 0)
        day = db.get_one(ReceptionDay, full.day_id)
        day.off_plan = True
        db.add(day)
        until, place = full.clock.now() + PATIENCE, other.id or 0
        offer_slot(db, now=full.clock.now(), booking=one, reception_day_id=place, slot=0, until=until)
    full.clock.instant = until - timedelta(minutes=1) if answer == "declined" else until
    with writing(full.engine) as db:
        if answer == "declined":
            decline(db, actor=full.kiosk, now=full.clock.now(), number=one.number)
        else:
            expire(db, now=full.clock.now())
        found = line(db, actor=full.clerk)
    assert [(entry.booking.number, entry.place.since) for entry in found] == [(one.number, one.booked_at)]
    assert state_of(full, one.number) == (BookingState.WAITLISTED, None)


def test_who_is_there_already_is_offered_nothing(full: District) -> None:
    full.clock.instant += timedelta(days=7)
    with writing(full.engine) as db:
        one = booked(db, 0)
        check_in(db, actor=full.kiosk, now=full.clock.now(), number=one.number)
        told = {"reception_day_id": full.day_id, "until": full.clock.now(), "now": full.clock.now()}
        with pytest.raises(Conflict, match="wrong_state"):
            offer_slot(db, booking=one, slot=1, **told)  # type: ignore[arg-type]


def test_an_offer_is_answered_at_the_own_point_by_who_may_book(full: District) -> None:
    number = join(full, "first")
    with reading(full.engine) as db, pytest.raises(NotFound, match="no_offer"):
        offer_of(db, actor=full.kiosk, number=number)
    give_back(full, 1)
    for verb in (accept, decline):
        with pytest.raises(NotFound), writing(full.engine) as db:
            verb(db, actor=full.other_kiosk, now=full.clock.now(), number=number)
        with pytest.raises(Forbidden), writing(full.engine) as db:
            verb(db, actor=full.official, now=full.clock.now(), number=number)
    with reading(full.engine) as db:
        assert offer_of(db, actor=full.kiosk, number=number)[1].slot == 1
    with pytest.raises(Forbidden), reading(full.engine) as db:
        line(db, actor=full.handler)
