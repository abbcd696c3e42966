"""The day that is too short: who is told, what is offered, and that nobody loses the place before taking another."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server.database import reading, writing
from server.errors import Forbidden, NotFound
from server.notices.models import Notice
from server.notices.words import NoticeEvent
from server.petitions.service_overrun import Late, offer_other_times, too_late, use_overtime
from server.scheduling.models import ReceptionDay
from server.scheduling.service_holds import held
from server.scheduling.service_list import waiting_list
from server.scheduling.service_offer import accept, decline
from server.scheduling.words import BookingState
from server.settings import Settings
from tests.district import TODAY, District
from tests.petitions.absences import LOST, Town, make_town


@pytest.fixture
def town(district: District) -> Town:
    """Five people came without a time half an hour before the end of the day."""
    made = make_town(district)
    district.clock.forward(hours=2, minutes=30)
    for _ in range(5):
        made.book(district.day_id, None, state=BookingState.WAITING)
        district.clock.forward(seconds=20)
    return made


def late(town: Town) -> list[Late]:
    now, official = town.district.clock.now(), town.official
    with reading(town.district.engine) as db:
        entries = waiting_list(db, actor=official, now=now, official_id=official.id, day=TODAY)
        return too_late(db, now=now, official_id=official.id, entries=entries)


def offer(town: Town) -> int:
    with writing(town.district.engine) as db:
        now = town.district.clock.now()
        return len(offer_other_times(db, actor=town.official, now=now, official_id=town.official.id))


def test_the_last_ones_are_seen_early_and_earlier_when_it_is_later(town: Town) -> None:
    first = late(town)
    assert 0 < len(first) < 5
    closes = town.district.clock.now() + timedelta(minutes=30)
    assert all(one.begins_at >= closes - timedelta(minutes=2) and not one.told for one in first)
    town.district.clock.forward(minutes=29)
    assert {one.number for one in first} < {one.number for one in late(town)}


def test_a_day_with_time_enough_and_an_official_without_one_miss_nobody(town: Town) -> None:
    use_overtime(Settings(demonstration=True, overtime_minutes=240, _env_file=None))
    assert late(town) == []
    use_overtime(Settings(demonstration=True, _env_file=None))
    now = town.district.clock.now()
    with reading(town.district.engine) as db:
        assert too_late(db, now=now, official_id=town.colleague.id, entries=[]) == []
    with pytest.raises(NotFound, match="nobody_late"), writing(town.district.engine) as db:
        offer_other_times(db, actor=town.colleague, now=now, official_id=town.colleague.id)


def test_they_are_told_once_and_offered_a_place_and_keep_theirs_until_they_take_it(town: Town) -> None:
    numbers = [one.number for one in late(town)]
    assert offer(town) == len(numbers)
    assert {(one.number, one.told) for one in late(town)} == {(number, True) for number in numbers}
    standing = town.standing()
    assert all(standing[one][2] is BookingState.WAITING and standing[one][4] for one in numbers)
    with reading(town.district.engine) as db:
        events = {(one.number, one.event) for one in db.exec(select(Notice))}
    assert events == {(one, event) for one in numbers for event in (NoticeEvent.OVERRUN, NoticeEvent.OFFERED)}
    with pytest.raises(NotFound, match="nobody_late"):
        offer(town)


def test_who_takes_the_place_leaves_the_list_and_who_does_not_stays(town: Town) -> None:
    takes, stays = [one.number for one in late(town)][:2]
    offer(town)
    with writing(town.district.engine) as db:
        now = town.district.clock.now()
        accept(db, actor=town.clerk, now=now, number=takes)
        decline(db, actor=town.clerk, now=now, number=stays)
    standing = town.standing()
    assert standing[takes][:3] == (town.lost, 0, BookingState.BOOKED)
    assert standing[stays][:3] == (town.district.day_id, None, BookingState.WAITING)
    assert takes not in {one.number for one in late(town)}


def test_only_those_who_run_the_list(town: Town) -> None:
    now = town.district.clock.now()
    for actor in (town.district.kiosk, town.district.handler, town.colleague):
        with pytest.raises(Forbidden), writing(town.district.engine) as db:
            offer_other_times(db, actor=actor, now=now, official_id=town.official.id)
    with writing(town.district.engine) as db:
        assert offer_other_times(db, actor=town.clerk, now=now, official_id=town.official.id)


def joint(town: Town, *, leads: bool = True) -> str:
    """Somebody who is to be received by both officials at 11:40 has been put aside, behind all who wait."""
    lead, other = town.district.day_id, town.day(town.stranger, TODAY)
    lead, other = (lead, other) if leads else (other, lead)
    number = town.book(lead, 8, beside=[other], state=BookingState.HELD)
    assert (number, False) in {(one.number, one.told) for one in late(town)}
    return number


@pytest.mark.parametrize("leads", [True, False])
def test_a_joint_reception_is_offered_a_time_of_everybody_and_taken_as_a_whole(town: Town, leads: bool) -> None:
    mine, theirs = town.lost, town.day(town.stranger, LOST)
    number, before = joint(town, leads=leads), town.beside()
    wanted, beside = (mine, (theirs, 0, town.stranger.id)) if leads else (theirs, (mine, 0, town.official.id))
    offer(town)
    assert town.standing()[number][4] == f"{wanted}-0"
    assert (number, True) in {(one.number, one.told) for one in late(town)}
    assert town.beside() == before
    with reading(town.district.engine) as db:
        assert 0 in held(db, now=town.district.clock.now())[beside[0]]
    with writing(town.district.engine) as db:
        accept(db, actor=town.clerk, now=town.district.clock.now(), number=number)
    assert town.standing()[number][:3] == (wanted, 0, BookingState.BOOKED)
    assert town.beside() == {beside}


def test_a_joint_offer_that_is_declined_lets_every_place_go_and_the_joint_reception_stands(town: Town) -> None:
    theirs = town.day(town.stranger, LOST)
    number, before = joint(town), town.beside()
    offer(town)
    with writing(town.district.engine) as db:
        assert theirs in held(db, now=town.district.clock.now())
        decline(db, actor=town.clerk, now=town.district.clock.now(), number=number)
    assert (town.standing()[number][:3], town.beside()) == ((town.district.day_id, 8, BookingState.HELD), before)
    with reading(town.district.engine) as db:
        assert theirs not in held(db, now=town.district.clock.now())


def test_a_joint_offer_is_taken_without_who_is_not_there_any_more(town: Town) -> None:
    theirs, number = town.day(town.stranger, LOST), joint(town)
    offer(town)
    with writing(town.district.engine) as db:
        db.get_one(ReceptionDay, theirs).cancelled = True
    with writing(town.district.engine) as db:
        accept(db, actor=town.clerk, now=town.district.clock.now(), number=number)
    assert town.standing()[number][:3] == (town.lost, 0, BookingState.BOOKED)
    assert town.beside() == set()


def test_a_joint_reception_without_a_common_time_is_told_and_stays(town: Town) -> None:
    number = joint(town)
    offer(town)
    assert town.standing()[number][:3] == (town.district.day_id, 8, BookingState.HELD)
    assert town.standing()[number][4] == ""
    assert (number, True) in {(one.number, one.told) for one in late(town)}
