"""Waits on a real database: priority at check-in, what is promised, what past talks teach."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server.audit.models import AuditEntry
from server.clock import DISTRICT_ZONE
from server.database import reading, writing
from server.errors import Invalid
from server.petitions.service_booking import Who
from server.scheduling import service_list
from server.scheduling.durations import Kind
from server.scheduling.models import Booking, ReceptionDay, WaitPromise
from server.scheduling.service_order import Place, rules_from, use_rules
from server.scheduling.service_waits import forget_history, history
from server.scheduling.states import BookingEvent
from server.scheduling.waiting import PRIORITIES, Rules
from server.scheduling.words import BookingState, Priority
from server.settings import Settings
from tests.district import TODAY, District

YOUNG = Who(name="李强", id_number="990101199003150015", phone="13800138001")


def check_in(district: District, number: str, priority: str = "") -> Booking:
    with writing(district.engine) as db:
        return service_list.check_in(
            db, actor=district.kiosk, now=district.clock.now(), number=number, priority=priority
        )


def place(district: District, number: str) -> Place:
    with reading(district.engine) as db:
        return service_list.place_in_list(db, actor=district.clerk, now=district.clock.now(), number=number)


def promises(district: District) -> list[WaitPromise]:
    with reading(district.engine) as db:
        return list(db.exec(select(WaitPromise)))


def talked(district: District, key: str, minutes: float) -> None:
    """A whole talk of today, straight into the tables."""
    number = district.wait(slot=None, key=key)
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        booking.state, booking.admitted_at = BookingState.DONE, district.clock.now() + timedelta(minutes=1)
        district.clock.forward(minutes=minutes + 1)
        booking.ended_at = district.clock.now()


def test_the_reason_told_at_check_in_is_kept_and_goes_first(district: District) -> None:
    first = district.book(slot=None, key="one", who=YOUNG).booking.number
    second = district.book(slot=None, key="two", who=YOUNG).booking.number
    check_in(district, first)
    district.clock.forward(minutes=5)
    assert check_in(district, second, "ill").priority is Priority.ILL
    assert (place(district, second).position, place(district, first).position) == (1, 2)
    with reading(district.engine) as db:
        entry = db.exec(select(AuditEntry).where(AuditEntry.action == "booking.check_in")).all()[-1]
    assert entry.detail["why"] == "ill"


def test_great_age_is_known_from_the_card(district: District) -> None:
    old, young = district.book(slot=2).booking.number, district.book(slot=3, key="two", who=YOUNG).booking.number
    assert check_in(district, old).priority is Priority.OLD
    assert check_in(district, young).priority is None


def test_a_reason_nobody_knows_is_refused(district: District) -> None:
    number = district.book().booking.number
    with pytest.raises(Invalid, match="bad_priority"):
        check_in(district, number, "rich")


def test_the_settings_say_what_counts() -> None:
    chosen = Settings(priority_reasons="old, ill", priority_minutes=15, longest_wait_minutes=90, demonstration=True)
    rules = rules_from(chosen)
    assert rules.reasons == {Priority.OLD, Priority.ILL}
    assert (rules.credit, rules.longest) == (timedelta(minutes=15), timedelta(minutes=90))
    assert rules_from(Settings(demonstration=True)) == Rules()
    assert set(PRIORITIES) == set(Priority)
    with pytest.raises(ValueError, match="priority reasons"):
        Settings(priority_reasons="rich", demonstration=True)
    use_rules(Settings(demonstration=True))


def test_what_is_told_at_check_in_is_kept_and_told_anew_after_an_absence(district: District) -> None:
    number = district.wait(slot=3)
    first = promises(district)[0]
    assert (first.ahead, first.official_id, first.promised_at) == (0, district.official.id, district.clock.now())
    wait = place(district, number).wait
    assert wait is not None
    assert (first.least, first.most) == (wait.least, wait.most)
    district.clock.forward(minutes=30)
    with writing(district.engine) as db:
        now = district.clock.now()
        service_list.change(db, actor=district.official, now=now, number=number, event=BookingEvent.MARK_ABSENT)
    check_in(district, number)
    assert [one.promised_at for one in promises(district)] == [district.clock.now()]


def test_past_talks_teach_how_long_the_next_ones_take(district: District) -> None:
    for index in range(12):
        talked(district, f"past {index}", 6)
    with reading(district.engine) as db:
        forget_history(db)
        known = history(db, now=district.clock.now())
    assert 6 < known.talk(Kind(district.official.id, "housing")).mean < 9
    assert known.gap.mean < 2


def test_what_is_known_is_read_once_a_minute_and_after_each_talk(district: District) -> None:
    with reading(district.engine) as db:
        before = history(db, now=district.clock.now())
    talked(district, "one", 6)
    district.clock.instant -= timedelta(minutes=7)
    with reading(district.engine) as db:
        assert history(db, now=district.clock.now()) is before
        later = history(db, now=district.clock.now() + timedelta(minutes=8))
        assert later is not before
    with writing(district.engine) as db:
        forget_history(db)
    with reading(district.engine) as db:
        assert history(db, now=district.clock.now() + timedelta(minutes=8)) is not later


def test_a_running_talk_shortens_the_wait_minute_by_minute(district: District) -> None:
    first = district.wait(slot=2, key="one")
    second = district.wait(slot=3, key="two")
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == first)).one()
        booking.state, booking.admitted_at = BookingState.IN_SESSION, district.clock.now()
    for index in range(30):
        with writing(district.engine) as db:
            done = db.exec(select(Booking).where(Booking.number == first)).one()
            ended = district.clock.now() - timedelta(days=1, minutes=index)
            db.add(
                Booking(
                    number=f"old-{index}",
                    reception_day_id=done.reception_day_id,
                    point_id=1,
                    petitioner_id=done.petitioner_id,
                    state=BookingState.DONE,
                    request_key=f"old {index}",
                    booked_at=ended,
                    admitted_at=ended - timedelta(minutes=40),
                    ended_at=ended,
                    content="housing",
                )
            )
    waits = []
    for _ in range(2):
        with reading(district.engine) as db:
            forget_history(db)
        waits.append(place(district, second).wait)
        district.clock.forward(minutes=30)
    assert waits[0] is not None
    assert waits[1] is not None
    assert waits[1].most < waits[0].most


def test_the_break_at_noon_is_counted_in(district: District) -> None:
    number = district.wait(slot=None)
    before = promises(district)[0]
    with writing(district.engine) as db:
        day = db.get_one(ReceptionDay, district.day_id)
        now = district.clock.now().astimezone(DISTRICT_ZONE)
        minute = now.hour * 60 + now.minute
        day.spans = [[minute - 60, minute], [minute + 30, minute + 90]]
        day.opens_minute, day.closes_minute = minute - 60, minute + 90
    wait = place(district, number).wait
    assert wait is not None
    assert wait.most == 30 + (before.most or 0)


def test_nothing_is_told_to_who_does_not_wait(district: District) -> None:
    found = place(district, district.book().booking.number)
    assert (found.position, found.wait, found.back_at) == (None, None, None)


def test_the_desk_hears_every_wait_and_every_reason(district: District) -> None:
    number = district.wait(slot=None)
    with reading(district.engine) as db:
        entries = service_list.waiting_list(
            db, actor=district.official, now=district.clock.now(), official_id=district.official.id, day=TODAY
        )
    assert [(one.booking.number, one.placed is not None) for one in entries] == [(number, True)]
