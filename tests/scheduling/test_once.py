"""What is sent twice is done once, whatever it is and whoever sends it."""

import pytest
from sqlmodel import select

from server.accounts.roles import Actor
from server.database import reading, writing
from server.errors import Conflict, Invalid
from server.scheduling.models import AnsweredRequest, Booking
from server.scheduling.service import booking_by_number
from server.scheduling.service_list import change
from server.scheduling.service_once import check_in_once, forget_answers, once
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState
from tests.district import District


class Deeds:
    """Counts what was really done."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.done: list[str] = []

    def ask(self, what: str, *, key: str = "key", actor: Actor | None = None, refused: bool = False) -> str:
        """Send the request."""
        actor, now = actor or self.district.kiosk, self.district.clock.now()

        def do() -> str:
            self.done.append(what)
            if refused:
                raise Invalid("refused", "No.")
            return f"answer {len(self.done)}"

        with writing(self.district.engine) as db:
            return once(db, actor=actor, now=now, key=key, asked={"what": what}, do=do)


@pytest.fixture
def deeds(district: District) -> Deeds:
    return Deeds(district)


def test_the_same_request_gets_the_same_answer(deeds: Deeds) -> None:
    assert [deeds.ask("a"), deeds.ask("a")] == ["answer 1", "answer 1"]
    assert deeds.done == ["a"]


def test_something_else_under_the_same_key_is_refused(deeds: Deeds) -> None:
    deeds.ask("a")
    with pytest.raises(Conflict) as caught:
        deeds.ask("b")
    assert (caught.value.code, deeds.done) == ("key_used", ["a"])


def test_two_kiosks_with_one_key_know_nothing_of_each_other(deeds: Deeds) -> None:
    assert deeds.ask("a") != deeds.ask("b", actor=deeds.district.other_kiosk)


def test_what_was_refused_may_be_asked_again(deeds: Deeds) -> None:
    with pytest.raises(Invalid):
        deeds.ask("a", refused=True)
    assert deeds.ask("b") == "answer 2"


def test_without_a_key_everything_is_done(deeds: Deeds) -> None:
    assert deeds.ask("a", key="") != deeds.ask("a", key="")


def test_a_key_that_is_too_long_is_refused(deeds: Deeds) -> None:
    with pytest.raises(Invalid):
        deeds.ask("a", key="k" * 65)
    assert deeds.done == []


def test_an_answer_is_kept_for_a_day(deeds: Deeds) -> None:
    deeds.ask("a")
    deeds.district.clock.forward(hours=23, minutes=59)
    assert deeds.ask("a") == "answer 1"
    deeds.district.clock.forward(minutes=1)
    assert deeds.ask("b") == "answer 2"


def test_old_answers_are_thrown_away(deeds: Deeds) -> None:
    deeds.ask("a", key="old")
    deeds.district.clock.forward(days=1)
    deeds.ask("b", key="new")
    with writing(deeds.district.engine) as db:
        forget_answers(db, now=deeds.district.clock.now())
    with reading(deeds.district.engine) as db:
        assert db.exec(select(AnsweredRequest.key)).all() == ["new"]


def test_another_booking_under_the_key_of_one_is_refused(district: District) -> None:
    first = district.book(slot=6, key="one")
    assert district.book(slot=6, key="one").booking.number == first.booking.number
    with pytest.raises(Conflict) as caught:
        district.book(slot=7, key="one")
    with reading(district.engine) as db:
        assert (caught.value.code, len(db.exec(select(Booking)).all())) == ("key_used", 1)


def test_an_old_form_does_not_bring_back_who_was_marked_absent(district: District) -> None:
    number, now = district.book().booking.number, district.clock.now()

    def arrive(key: str) -> BookingState:
        with writing(district.engine) as db:
            return check_in_once(db, actor=district.kiosk, now=now, number=number, priority="", request_key=key).state

    assert arrive("page one") is BookingState.WAITING
    with writing(district.engine) as db:
        change(db, actor=district.official, now=now, number=number, event=BookingEvent.MARK_ABSENT)
    assert arrive("page one") is BookingState.ABSENT
    assert arrive("page two") is BookingState.WAITING
    with reading(district.engine) as db:
        assert booking_by_number(db, actor=district.kiosk, number=number).slot is None
