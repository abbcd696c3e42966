"""Keeping somebody away from a matter that is booked already: nobody is lost, and the one kept away learns nothing."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server.accounts.exclusion import Excluded
from server.accounts.models import Exclusion
from server.accounts.service_exclusions import excluded_for
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.notices.models import Notice
from server.notices.words import NoticeEvent
from server.petitions.models import Petition
from server.petitions.service_aside import aside_of, let_back, set_aside
from server.petitions.service_session import admit
from server.petitions.service_waiting import accept_offer
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.models_waitlist import SlotOffer
from server.scheduling.service_list import waiting_list
from server.scheduling.words import BookingState, OfferState
from tests.district import TODAY, District


@pytest.fixture
def other_day(district: District) -> int:
    """The other official receives tomorrow."""
    with writing(district.engine) as db:
        day = ReceptionDay(
            official_id=district.other_official.id,
            day=TODAY + timedelta(days=1),
            opens_minute=540,
            closes_minute=720,
        )
        db.add(day)
        db.flush()
        return day.id or 0


def aside(district: District, number: str, *, official: int | None = None, unit: int | None = None) -> None:
    with writing(district.engine) as db:
        now = district.clock.now()
        set_aside(db, actor=district.clerk, now=now, number=number, official_id=official, unit_id=unit)


def booking(district: District, number: str) -> Booking:
    with reading(district.engine) as db:
        return db.exec(select(Booking).where(Booking.number == number)).one()


def offers(district: District) -> list[SlotOffer]:
    with reading(district.engine) as db:
        return list(db.exec(select(SlotOffer).where(SlotOffer.state == OfferState.OPEN)))


def events(district: District) -> list[NoticeEvent]:
    with reading(district.engine) as db:
        return [one.event for one in db.exec(select(Notice).order_by(Notice.id))]  # type: ignore[arg-type]


def test_a_booked_matter_is_offered_another_official(district: District, other_day: int) -> None:
    number = district.book(slot=6).booking.number
    aside(district, number, official=district.official.id)
    [offer] = offers(district)
    assert (booking(district, number).state, offer.reception_day_id) == (BookingState.WAITLISTED, other_day)
    assert NoticeEvent.LISTED in events(district)
    assert NoticeEvent.OFFERED in events(district)
    with writing(district.engine) as db:
        accept_offer(db, actor=district.kiosk, now=district.clock.now(), number=number, request_key="")
        petition = db.exec(select(Petition)).one()
    assert petition.official_id == district.other_official.id
    assert (booking(district, number).state, booking(district, number).reception_day_id) == (
        BookingState.BOOKED,
        other_day,
    )


def test_who_waits_already_leaves_the_list_and_whoever_is_kept_away_sees_nobody(
    district: District, other_day: int
) -> None:
    number = district.wait(slot=None, key="b")
    aside(district, number, unit=district.official.unit_id)
    with reading(district.engine) as db:
        official, now = district.official, district.clock.now()
        assert waiting_list(db, actor=official, now=now, official_id=official.id, day=TODAY) == []
    assert (booking(district, number).checked_in_at, len(offers(district))) == (None, 1)


def test_with_nobody_else_the_person_stands_in_the_line(district: District) -> None:
    number = district.book(slot=6).booking.number
    aside(district, number, official=district.official.id)
    assert booking(district, number).state is BookingState.WAITLISTED
    assert offers(district) == []


def test_an_offer_with_somebody_kept_away_is_taken_back(district: District, other_day: int) -> None:
    number = district.book(slot=6).booking.number
    aside(district, number, official=district.official.id)
    aside(district, number, official=district.other_official.id)
    assert offers(district) == []
    assert booking(district, number).state is BookingState.WAITLISTED


def test_another_official_named_leaves_the_booking_where_it_is(district: District) -> None:
    number = district.book(slot=6).booking.number
    aside(district, number, official=district.other_official.id)
    assert (booking(district, number).state, booking(district, number).slot) == (BookingState.BOOKED, 6)


def test_twice_is_once_and_by_mistake_is_taken_back(district: District) -> None:
    number = district.book(slot=6).booking.number
    for _ in range(2):
        aside(district, number, official=district.other_official.id)
    with writing(district.engine) as db:
        row = db.exec(select(Exclusion)).one()
        petitioner = row.petitioner_id
        for _ in range(2):
            let_back(db, actor=district.clerk, now=district.clock.now(), number=number, exclusion_id=row.id or 0)
        assert excluded_for(db, petitioner_id=petitioner) == Excluded()


def test_during_the_talk_it_is_refused(district: District) -> None:
    number = district.wait(slot=None, key="b")
    with writing(district.engine) as db:
        admit(db, actor=district.official, now=district.clock.now(), number=number)
    with pytest.raises(Conflict, match="talking_now"):
        aside(district, number, official=district.official.id)
    with reading(district.engine) as db:
        assert db.exec(select(Exclusion)).all() == []


def test_one_is_to_be_named_and_only_officials_and_units(district: District) -> None:
    number = district.book(slot=6).booking.number
    for named in (
        {},
        {"official": district.clerk.id},
        {"official": 999},
        {"official": district.official.id, "unit": 1},
    ):
        with pytest.raises(Invalid, match="nobody_named"):
            aside(district, number, **named)


def test_only_a_clerk_who_is_not_kept_away(district: District) -> None:
    number = district.book(slot=6).booking.number
    with writing(district.engine) as db:
        for actor in (district.official, district.handler, district.kiosk):
            with pytest.raises(Forbidden):
                aside_of(db, actor=actor, number=number)
            with pytest.raises(Forbidden):
                set_aside(db, actor=actor, now=district.clock.now(), number=number, official_id=1, unit_id=None)
        petition = db.exec(select(Petition)).one()
        whose = {"petition_id": petition.id or 0, "petitioner_id": petition.petitioner_id}
        db.add(Exclusion(**whose, user_id=district.clerk.id))
        db.flush()
        with pytest.raises(NotFound, match="no_such_booking"):
            aside_of(db, actor=district.clerk, number=number)
