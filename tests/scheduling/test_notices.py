"""What is put into the outbox when a booking changes, and what is dropped again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from server.accounts.roles import Actor, Role
from server.database import reading, writing
from server.notices.models import Notice
from server.notices.service import channels_in_use, use_channels
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.places.models import VillagePoint
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import cancel
from server.scheduling.service_days import cancel_day
from server.scheduling.service_list import change, check_in
from server.scheduling.service_moving import move_booking
from server.scheduling.service_notices import place_of, tell
from server.scheduling.states import BookingEvent
from tests.district import TODAY, WHO, District

ADMIN = Actor(role=Role.ADMINISTRATOR, id=1, name="管理员")
E, C, S = NoticeEvent, Channel, NoticeState
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _ways() -> object:
    """Texts and e-mail are set up."""
    before = channels_in_use()
    use_channels({C.SMS, C.EMAIL})
    yield
    use_channels(before)


def in_days(district: District, days: int) -> int:
    """A reception some days from today, nine to twelve; its row."""
    with writing(district.engine) as db:
        made = ReceptionDay(
            official_id=district.official.id, day=TODAY + timedelta(days=days), opens_minute=540, closes_minute=720
        )
        db.add(made)
        db.flush()
        return made.id or 0


def booked(district: District, *, days: int = 7, slot: int = 6, key: str = "one") -> str:
    """Somebody who comes in some days; the number."""
    return replace(district, day_id=in_days(district, days)).book(slot=slot, key=key).booking.number


def outbox(district: District, *states: NoticeState) -> list[Notice]:
    with reading(district.engine) as db:
        query = select(Notice).where(col(Notice.state).in_(states or tuple(S)))
        return list(db.exec(query.order_by(col(Notice.due_at), col(Notice.id))))


def told(district: District, *states: NoticeState) -> list[tuple[NoticeEvent, Channel]]:
    return [(one.event, one.channel) for one in outbox(district, *states)]


def start_of(district: District, number: str) -> datetime:
    with reading(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        at = place_of(db, booking.reception_day_id, booking.slot).starts_at
        assert at is not None
        return at


def move_to(district: District, number: str, day_id: int, slot: int = 6) -> None:
    with writing(district.engine) as db:
        now = district.clock.now()
        move_booking(db, actor=ADMIN, now=now, number=number, reception_day_id=day_id, slot=slot)


def test_a_booking_is_told_and_its_reminders_are_planned(district: District) -> None:
    number = booked(district)
    starts_at = start_of(district, number)
    assert told(district) == [
        (E.BOOKED, C.SCREEN),
        (E.BOOKED, C.SMS),
        (E.REMINDER_DAY, C.SMS),
        (E.REMINDER_HOUR, C.SCREEN),
        (E.REMINDER_HOUR, C.SMS),
    ]
    due = {one.event: one.due_at for one in outbox(district)}
    assert due[E.REMINDER_DAY] == starts_at - timedelta(days=1)
    assert due[E.REMINDER_HOUR] == starts_at - timedelta(hours=1)
    assert {one.number for one in outbox(district)} == {number}


def test_a_rolled_back_booking_tells_nothing(district: District) -> None:
    number = booked(district)

    def half_way(db: Session) -> None:
        cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"), writing(district.engine) as db:
        half_way(db)
    assert E.CANCELLED not in {event for event, _ in told(district)}
    assert len(outbox(district, S.PENDING)) == 5


def test_without_a_mobile_phone_the_screen_tells(district: District) -> None:
    at = replace(district, day_id=in_days(district, 7))
    at.book(who=replace(WHO, phone=""))
    assert {channel for _, channel in told(district)} == {C.SCREEN}


def test_a_landline_gets_no_text(district: District) -> None:
    at = replace(district, day_id=in_days(district, 7))
    at.book(who=replace(WHO, phone="0571-87654321"))
    assert {channel for _, channel in told(district)} == {C.SCREEN}


def test_a_walk_in_stands_there_and_is_told_nothing(district: District) -> None:
    district.book(slot=None)
    assert outbox(district) == []


def test_whoever_cancels_hears_of_that_alone(district: District) -> None:
    number = booked(district)
    with writing(district.engine) as db:
        cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
    assert told(district, S.PENDING) == [(E.CANCELLED, C.SCREEN), (E.CANCELLED, C.SMS)]
    assert {event for event, _ in told(district, S.DROPPED)} == {E.BOOKED, E.REMINDER_DAY, E.REMINDER_HOUR}


def test_a_moved_booking_has_reminders_of_its_new_place(district: District) -> None:
    number = booked(district)
    move_to(district, number, in_days(district, 14))
    starts_at = start_of(district, number)
    assert starts_at.astimezone(district.clock.now().tzinfo).date() == TODAY + timedelta(days=14)
    waiting = {one.event: one for one in outbox(district, S.PENDING)}
    assert set(waiting) == {E.MOVED, E.REMINDER_DAY, E.REMINDER_HOUR}
    assert waiting[E.REMINDER_DAY].due_at == starts_at - timedelta(days=1)
    assert waiting[E.MOVED].day == TODAY + timedelta(days=14)


def test_there_and_back_again_is_reminded_of_once(district: District) -> None:
    first, second = in_days(district, 7), in_days(district, 14)
    number = replace(district, day_id=first).book(slot=6).booking.number
    for day_id in (second, first, second, first):
        district.clock.forward(minutes=1)
        move_to(district, number, day_id)
    starts_at = start_of(district, number)
    reminders = [one for one in outbox(district, S.PENDING) if one.event is E.REMINDER_HOUR]
    assert [(one.channel, one.starts_at) for one in reminders] == [(C.SCREEN, starts_at), (C.SMS, starts_at)]
    assert told(district, S.PENDING).count((E.MOVED, C.SMS)) == 1


def test_a_reminder_that_was_sent_is_not_sent_again_for_the_same_place(district: District) -> None:
    first, second = in_days(district, 1), in_days(district, 14)
    number = replace(district, day_id=first).book(slot=6).booking.number
    with writing(district.engine) as db:
        for one in db.exec(select(Notice).where(Notice.event == E.REMINDER_HOUR)):
            one.state = S.SENT
            db.add(one)
    move_to(district, number, second)
    district.clock.forward(minutes=1)
    move_to(district, number, first)
    assert E.REMINDER_HOUR not in {event for event, _ in told(district, S.PENDING)}


def test_a_cancelled_day_tells_everybody(district: District) -> None:
    day_id = in_days(district, 7)
    at = replace(district, day_id=day_id)
    numbers = {at.book(slot=slot, key=str(slot)).booking.number for slot in (1, 2, 3)}
    with writing(district.engine) as db:
        cancel_day(db, actor=ADMIN, now=district.clock.now(), day_id=day_id)
    texts = [one for one in outbox(district, S.PENDING) if one.channel is C.SMS]
    assert {one.number for one in texts} == numbers
    assert {one.event for one in texts} == {E.CANCELLED}


def test_whoever_is_there_is_not_reminded(district: District) -> None:
    number = district.book(slot=8).booking.number
    assert (E.REMINDER_HOUR, C.SMS) in told(district, S.PENDING)
    with writing(district.engine) as db:
        check_in(db, actor=district.kiosk, now=district.clock.now(), number=number)
    assert E.REMINDER_HOUR not in {event for event, _ in told(district, S.PENDING)}


def test_whoever_misses_the_turn_is_told_how_to_come_back(district: District) -> None:
    number = district.book(slot=8).booking.number
    with writing(district.engine) as db:
        now = district.clock.now()
        change(db, actor=district.official, now=now, number=number, event=BookingEvent.MARK_ABSENT)
    assert {event for event, _ in told(district, S.PENDING)} == {E.BOOKED, E.MISSED}


def test_the_same_thing_is_told_once_however_often_it_is_asked_for(district: District) -> None:
    number = booked(district)
    before = told(district)
    for _ in range(3):
        with writing(district.engine) as db:
            booking = db.exec(select(Booking).where(Booking.number == number)).one()
            tell(db, now=district.clock.now(), event=E.BOOKED, booking=booking)
    assert told(district) == before
    assert len(outbox(district, S.PENDING)) == len(before)


def test_an_offer_speaks_of_the_offered_place(district: District) -> None:
    number, other = booked(district), in_days(district, 3)
    until = district.clock.now() + timedelta(hours=4)
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        now = district.clock.now() + MINUTE
        tell(db, now=now, event=E.OFFERED, booking=booking, reception_day_id=other, slot=2, at=until)
    offers = [one for one in outbox(district) if one.event is E.OFFERED]
    assert {(one.day, one.at, one.until) for one in offers} == {(TODAY + timedelta(days=3), until, until)}
    assert E.REMINDER_DAY in {event for event, _ in told(district, S.PENDING)}


def test_the_agent_gets_an_e_mail_but_not_of_a_private_talk(district: District) -> None:
    with writing(district.engine) as db:
        point = db.get_one(VillagePoint, 1)
        point.email = "liuwan@qingxi.example"
        db.add(point)
    day_id = in_days(district, 7)
    at = replace(district, day_id=day_id)
    open_, private = at.book(slot=1).booking.number, at.book(slot=2, key="two").booking.number
    with writing(district.engine) as db:
        db.exec(select(Booking).where(Booking.number == private)).one().private = True
    with writing(district.engine) as db:
        cancel_day(db, actor=ADMIN, now=district.clock.now(), day_id=day_id)
    mails = [one for one in outbox(district, S.PENDING) if one.channel is C.EMAIL]
    assert {(one.number, one.event) for one in mails} == {(open_, E.CANCELLED)}


def test_ways_that_are_not_set_up_are_not_planned(district: District) -> None:
    use_channels(())
    booked(district)
    assert {channel for _, channel in told(district)} == {C.SCREEN}
