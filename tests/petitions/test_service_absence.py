"""Absences on a real database: what is shown is what is done, nobody is lost, and everything can be undone."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, LianxinError, NotFound
from server.notices.models import Notice
from server.notices.words import NoticeEvent
from server.petitions.service_absence import ALONE, LATER, SOONER, STAYS, Asked, propose
from server.petitions.service_absence_doing import carry_out
from server.petitions.service_absence_undo import undo
from server.petitions.words import Fate, Way
from server.scheduling.models import Booking, PlanChange, ReceptionDay, ReceptionRule
from server.scheduling.models_waitlist import WaitlistPlace
from server.scheduling.replan import COLLEAGUE, NEAREST, NOWHERE, OTHERS, SAME
from server.scheduling.replan import LATER as DAYS_LATER
from server.scheduling.service import cancel
from server.scheduling.service_list import check_in
from server.scheduling.service_offer import accept
from server.scheduling.service_plan_days import extend_plans
from server.scheduling.words import BookingState, ChangeKind, OnDayOff, PlanState, Priority, Repeat
from tests.administrator import administrator
from tests.district import TODAY, District
from tests.petitions.absences import LOST, Town, crowd, make_town

WEEK = timedelta(weeks=1)


@pytest.fixture
def town(district: District) -> Town:
    """Somebody is booked with the official on the lost day."""
    return make_town(district)


def take_back(town: Town, absence_id: int) -> None:
    with writing(town.district.engine) as db:
        undo(db, actor=town.clerk, now=town.district.clock.now(), absence_id=absence_id)


def told(town: Town, number: str) -> list[NoticeEvent]:
    """What somebody is told on the screen, in order."""
    with reading(town.district.engine) as db:
        rows = db.exec(select(Notice).where(Notice.number == number)).all()
        return [one.event for one in rows if one.channel.value == "screen" and "reminder" not in one.event.value]


def test_a_deputy_takes_the_day_over_as_it_is(town: Town) -> None:
    numbers = [town.book(town.lost, slot) for slot in (0, 3)]
    before = town.standing()
    asked = town.asked(Way.DEPUTY, f"user:{town.colleague.id}")
    lines = town.propose(asked).lines
    assert [(one.fate, one.parts) for one in lines] == [(Fate.DEPUTY, ((STAYS, 0),))] * 2
    done = town.do(asked)
    assert town.days()[town.lost] == (town.colleague.id, LOST, False)
    after = town.standing()
    for number in numbers:
        assert after[number][:3] == before[number][:3]
        assert after[number][3] == town.colleague.id
        assert told(town, number) == [NoticeEvent.OFFICIAL_CHANGED]
    take_back(town, done)
    assert town.standing() == before
    assert town.days()[town.lost] == (town.official.id, LOST, False)


def test_whose_matter_the_deputy_must_not_know_is_given_another_place(town: Town) -> None:
    other, barred = town.book(town.lost, 0), town.book(town.lost, 1)
    later = town.day(town.official, LOST + WEEK)
    town.bar(barred, town.colleague)
    before = town.standing()
    done = town.do(town.asked(Way.DEPUTY, f"user:{town.colleague.id}"))
    after = town.standing()
    assert after[other][:4] == (town.lost, 0, BookingState.BOOKED, town.colleague.id)
    assert after[barred][:4] == (later, 0, BookingState.BOOKED, town.official.id)
    take_back(town, done)
    assert town.standing() == before


def test_who_booked_with_the_deputy_since_and_may_not_meet_the_official_is_listed_at_the_undo(town: Town) -> None:
    done = town.do(town.asked(Way.DEPUTY, f"user:{town.colleague.id}"))
    fine, barred = town.book(town.lost, 2), town.book(town.lost, 4)
    town.bar(barred, town.official)
    take_back(town, done)
    after = town.standing()
    assert after[fine][:4] == (town.lost, 2, BookingState.BOOKED, town.official.id)
    assert after[barred][2] is BookingState.WAITLISTED
    assert told(town, barred) == [NoticeEvent.LISTED]


def test_two_officials_swap_and_everybody_keeps_day_and_time(town: Town) -> None:
    other_day = town.day(town.stranger, LOST + timedelta(days=1))
    mine, theirs = town.book(town.lost, 0), town.book(other_day, 1)
    before = town.standing()
    done = town.do(town.asked(Way.SWAP, f"day:{other_day}"))
    after = town.standing()
    assert (after[mine][:2], after[mine][3]) == ((town.lost, 0), town.stranger.id)
    assert (after[theirs][:2], after[theirs][3]) == ((other_day, 1), town.official.id)
    assert town.days()[other_day] == (town.official.id, LOST + timedelta(days=1), False)
    take_back(town, done)
    assert town.standing() == before
    assert town.days()[other_day][0] == town.stranger.id


def test_one_official_s_receptions_change_dates_and_everybody_keeps_the_official(town: Town) -> None:
    other_day = town.day(town.official, LOST + WEEK, minutes=(840, 960))
    first, second = town.book(town.lost, 0), town.book(other_day, 1)
    asked = town.asked(Way.SWAP, f"day:{other_day}")
    parts = {one.promised.booking.number: one.parts for one in town.propose(asked).lines}
    assert parts == {first: ((LATER, 7),), second: ((SOONER, 7),)}
    done = town.do(asked)
    assert town.days()[town.lost] == (town.official.id, LOST + WEEK, False)
    assert town.days()[other_day] == (town.official.id, LOST, False)
    assert told(town, first) == told(town, second) == [NoticeEvent.DAY_MOVED]
    take_back(town, done)
    assert town.days()[town.lost] == (town.official.id, LOST, False)


def test_a_reception_goes_to_a_working_day_without_one(town: Town) -> None:
    number = town.book(town.lost, 0)
    done = town.do(town.asked(Way.SWAP, f"date:{LOST + timedelta(days=4)}"))
    assert town.days()[town.lost] == (town.official.id, LOST + timedelta(days=4), False)
    assert town.standing()[number][:3] == (town.lost, 0, BookingState.BOOKED)
    take_back(town, done)
    assert town.days()[town.lost] == (town.official.id, LOST, False)


def test_moved_offered_or_listed_and_never_lost(town: Town) -> None:
    numbers = [town.book(town.lost, slot) for slot in (0, 1, 2)]
    town.day(town.official, LOST + WEEK, minutes=(540, 560))
    town.day(town.colleague, LOST + WEEK, minutes=(540, 560))
    before = town.standing()
    asked = town.asked(Way.MOVE)
    shown = town.propose(asked)
    assert [(one.fate, one.parts) for one in shown.lines] == [
        (Fate.MOVED, ((DAYS_LATER, 7), (SAME, 0), (NEAREST, 0))),
        (Fate.OFFERED, ((DAYS_LATER, 7), (COLLEAGUE, 0), (OTHERS, 1))),
        (Fate.LISTED, ((NOWHERE, 0),)),
    ]
    done = town.do(asked)
    after = [town.standing()[one] for one in numbers]
    assert [one[2] for one in after] == [BookingState.BOOKED, BookingState.WAITLISTED, BookingState.WAITLISTED]
    assert [bool(one[4]) for one in after] == [False, True, False]
    assert [told(town, one) for one in numbers] == [[NoticeEvent.MOVED], [NoticeEvent.OFFERED], [NoticeEvent.LISTED]]
    assert town.days()[town.lost][2]
    take_back(town, done)
    assert town.standing() == before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_day_on_which_nobody_receives_loses_nobody_and_can_be_undone(town: Town, seed: int) -> None:
    town.book(town.lost, None, state=BookingState.WAITING)
    lost = {*crowd(town, seed=seed, officials=6), town.lost}
    before, days = town.standing(), town.days()
    done = town.do(Asked(None, LOST, LOST, Way.MOVE))
    after, free = town.standing(), town.days()
    places = [one[:2] for one in after.values() if one[1] is not None]
    assert len(places) == len(set(places))
    with reading(town.district.engine) as db:
        line = {db.get_one(Booking, one.booking_id).number for one in db.exec(select(WaitlistPlace))}
    for number, (day_id, slot, state, official_id, offered) in after.items():
        if state is BookingState.BOOKED:
            assert slot is not None
            assert not free[day_id][2]
            assert official_id == free[day_id][0]
        else:
            assert state is BookingState.WAITLISTED
            assert number in line
            assert not offered or int(offered.split("-")[0]) not in lost
    take_back(town, done)
    assert town.standing() == before
    assert town.days() == days


def test_a_visitor_who_waits_already_waits_again_after_the_undo(town: Town) -> None:
    today = town.district.day_id
    waiting = town.book(today, 3, state=BookingState.WAITING)
    held = town.book(today, 4, state=BookingState.HELD)
    before = town.standing()
    done = town.do(town.asked(Way.MOVE, first=TODAY))
    assert [town.standing()[one][:3] for one in (waiting, held)] == [
        (town.lost, 0, BookingState.BOOKED),
        (town.lost, 1, BookingState.BOOKED),
    ]
    take_back(town, done)
    assert town.standing() == before


def test_nobody_s_own_decision_is_undone(town: Town) -> None:
    gone, takes, stays = (town.book(town.lost, slot) for slot in (0, 1, 2))
    town.day(town.official, LOST + WEEK, minutes=(540, 560))
    offered = town.day(town.colleague, LOST + WEEK, minutes=(540, 560))
    done = town.do(town.asked(Way.MOVE))
    with writing(town.district.engine) as db:
        now = town.district.clock.now()
        accept(db, actor=town.clerk, now=now, number=takes)
        cancel(db, actor=town.clerk, now=now, number=gone)
    take_back(town, done)
    after = town.standing()
    assert after[gone][2] is BookingState.CANCELLED
    assert after[takes][:3] == (offered, 0, BookingState.BOOKED)
    assert after[stays][:3] == (town.lost, 2, BookingState.BOOKED)


def test_joint_receptions_stay_together(town: Town) -> None:
    beside = town.day(town.stranger, LOST)
    joint, alone = town.book(town.lost, 0, beside=[beside]), town.book(town.lost, 1)
    town.day(town.official, LOST + timedelta(days=1))
    mine, theirs = town.day(town.official, LOST + WEEK), town.day(town.stranger, LOST + WEEK)
    before, together = town.standing(), town.beside()
    done = town.do(town.asked(Way.MOVE))
    assert town.standing()[joint][:3] == (mine, 0, BookingState.BOOKED)
    assert town.beside() == {(theirs, 0, town.stranger.id)}
    assert town.standing()[alone][0] not in {mine, town.lost}
    take_back(town, done)
    assert (town.standing(), town.beside()) == (before, together)


def test_a_joint_reception_is_held_without_the_absent_one_where_no_other_time_is_free(town: Town) -> None:
    primary = town.day(town.stranger, LOST)
    joint = town.book(primary, 0, beside=[town.lost])
    before, together = town.standing(), town.beside()
    asked = town.asked(Way.MOVE)
    assert [(one.fate, one.parts) for one in town.propose(asked).lines] == [(Fate.KEPT, ((ALONE, 0),))]
    done = town.do(asked)
    assert town.standing()[joint][:3] == (primary, 0, BookingState.BOOKED)
    assert town.beside() == set()
    take_back(town, done)
    assert (town.standing(), town.beside()) == (before, together)


def test_a_deputy_sits_in_joint_receptions_too(town: Town) -> None:
    primary = town.day(town.stranger, LOST)
    town.book(primary, 0, beside=[town.lost])
    done = town.do(town.asked(Way.DEPUTY, f"user:{town.colleague.id}"))
    assert town.beside() == {(town.lost, 0, town.colleague.id)}
    take_back(town, done)
    assert town.beside() == {(town.lost, 0, town.official.id)}


def test_a_plan_makes_good_nothing_that_a_person_decided(town: Town) -> None:
    with writing(town.district.engine) as db:
        rule = ReceptionRule(
            official_id=town.official.id,
            repeat=Repeat.WEEKLY,
            weekdays=1 << LOST.weekday(),
            valid_from=TODAY,
            on_day_off=OnDayOff.SKIP,
            spans=[[540, 720]],
            state=PlanState.PUBLISHED,
        )
        db.add(rule)
        db.flush()
        day = db.get_one(ReceptionDay, town.lost)
        day.rule_id = rule.id
        db.add(PlanChange(rule_id=rule.id or 0, day=LOST + WEEK, kind=ChangeKind.CANCELLED, why="会议"))
        db.flush()
        extend_plans(db, actor=administrator(town.district, db), now=town.district.clock.now())
    before = town.days()
    for asked in (
        town.asked(Way.DEPUTY, f"user:{town.colleague.id}"),
        town.asked(Way.SWAP, f"date:{LOST + timedelta(days=4)}"),
        town.asked(Way.SWAP, f"date:{LOST + WEEK}"),
        town.asked(Way.MOVE),
    ):
        done = town.do(asked)
        after = town.days()
        with writing(town.district.engine) as db:
            extend_plans(db, actor=administrator(town.district, db), now=town.district.clock.now())
        assert town.days() == after
        take_back(town, done)
        with writing(town.district.engine) as db:
            extend_plans(db, actor=administrator(town.district, db), now=town.district.clock.now())
        assert town.days() == before
        with reading(town.district.engine) as db:
            assert [(one.kind, one.why) for one in db.exec(select(PlanChange))] == [(ChangeKind.CANCELLED, "会议")]


def refusals(town: Town) -> list[tuple[Asked, str]]:
    """Questions that cannot be answered, and the code of the refusal."""
    same_day = town.day(town.stranger, LOST)
    past = town.asked(Way.MOVE, first=TODAY - WEEK, last=TODAY - timedelta(days=1))
    return [
        (past, "nothing_lost"),
        (town.asked(Way.DEPUTY), "deputy_missing"),
        (town.asked(Way.DEPUTY, f"user:{town.clerk.id}"), "deputy_missing"),
        (town.asked(Way.DEPUTY, f"user:{town.stranger.id}"), "receives_too"),
        (town.asked(Way.DEPUTY, f"user:{town.official.id}"), "receives_too"),
        (town.asked(Way.SWAP, f"day:{same_day}"), "receives_too"),
        (town.asked(Way.SWAP, f"day:{town.lost}"), "swap_with"),
        (town.asked(Way.SWAP, f"date:{LOST + timedelta(days=3)}"), "swap_with"),
        (town.asked(Way.SWAP, f"date:{TODAY}"), "swap_with"),
        (town.asked(Way.SWAP, "date:x"), "swap_with"),
        (town.asked(Way.SWAP, f"date:{LOST}", first=TODAY), "receives_too"),
        (town.asked(Way.SWAP, "x", first=TODAY, last=LOST), "swap_one"),
    ]


def test_what_cannot_be_is_refused(town: Town) -> None:
    for asked, code in refusals(town):
        with pytest.raises(LianxinError) as refused:
            town.propose(asked)
        assert refused.value.code == code, asked


def test_nothing_is_done_under_a_talk_or_under_another_view_of_things(town: Town) -> None:
    town.book(town.lost, 0)
    asked, now = town.asked(Way.MOVE), town.district.clock.now()
    with pytest.raises(Conflict, match="effects_changed"), writing(town.district.engine) as db:
        carry_out(db, actor=town.clerk, now=now, asked=asked, why="", seen="x", request_key="")
    town.book(town.lost, 1, state=BookingState.IN_SESSION)
    with pytest.raises(Conflict, match="talk_under_way_today"):
        town.propose(asked)


def test_the_same_form_twice_is_done_once(town: Town) -> None:
    town.book(town.lost, 0)
    asked, now = town.asked(Way.DEPUTY, f"user:{town.colleague.id}"), town.district.clock.now()
    seen = town.propose(asked).digest
    for _ in range(2):
        with writing(town.district.engine) as db:
            done = carry_out(db, actor=town.clerk, now=now, asked=asked, why="", seen=seen, request_key="k")
            assert done.id == 1


def test_undoing_has_its_time_and_ends_with_the_first_talk(town: Town) -> None:
    number = town.book(town.lost, 0)
    done = town.do(town.asked(Way.DEPUTY, f"user:{town.colleague.id}"))
    with writing(town.district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        booking.state, booking.admitted_at = BookingState.IN_SESSION, town.district.clock.now()
        db.add(booking)
    with pytest.raises(Conflict, match="talk_since"):
        take_back(town, done)
    town.district.clock.forward(hours=3)
    with pytest.raises(Conflict, match="undo_over"):
        take_back(town, done)
    with pytest.raises(NotFound, match="no_such_absence"):
        take_back(town, 99)


def test_undoing_twice_is_undoing_once_and_not_over_a_new_reception(town: Town) -> None:
    first = town.do(town.asked(Way.MOVE))
    take_back(town, first)
    take_back(town, first)
    second = town.do(town.asked(Way.MOVE))
    town.day(town.official, LOST)
    with pytest.raises(Conflict, match="receives_too"):
        take_back(town, second)
    assert town.absence(second).undone_at is None


def test_only_clerks_and_administrators(town: Town) -> None:
    now, asked = town.district.clock.now(), town.asked(Way.MOVE)
    district = town.district
    for actor in (district.official, district.handler, district.kiosk):
        with writing(district.engine) as db:
            with pytest.raises(Forbidden):
                propose(db, actor=actor, now=now, asked=asked)
            with pytest.raises(Forbidden):
                carry_out(db, actor=actor, now=now, asked=asked, why="", seen="", request_key="")
            with pytest.raises(Forbidden):
                undo(db, actor=actor, now=now, absence_id=1)
    with reading(district.engine) as db:
        assert propose(db, actor=administrator(district), now=now, asked=asked).lines == []


def test_what_was_done_is_in_the_audit_log(town: Town) -> None:
    town.book(town.lost, 0)
    take_back(town, town.do(town.asked(Way.DEPUTY, f"user:{town.colleague.id}")))
    with reading(town.district.engine) as db:
        rows = [one for one in db.exec(select(AuditEntry)) if one.subject == "absence"]
    assert [(one.action, one.detail.get("deputy"), one.detail.get("bookings")) for one in rows] == [
        ("absence.done", 1, None),
        ("absence.undone", None, 1),
    ]


def test_a_place_is_not_given_in_the_next_hour(town: Town) -> None:
    number = town.book(town.district.day_id, 0)
    town.day(town.colleague, TODAY, minutes=(600, 630), length=30)
    asked = town.asked(Way.MOVE, first=TODAY, last=LOST)
    town.district.clock.forward(minutes=20)
    (line,) = town.propose(asked).lines
    assert (line.promised.booking.number, line.fate) == (number, Fate.LISTED)
    with pytest.raises(Invalid, match="nothing_lost"):
        town.propose(town.asked(Way.MOVE, first=TODAY - WEEK))


def test_who_was_given_another_day_cannot_check_in_on_the_lost_one(town: Town) -> None:
    number = town.book(town.district.day_id, 3)
    town.day(town.official, TODAY + WEEK)
    town.do(town.asked(Way.MOVE, first=TODAY))
    with writing(town.district.engine) as db, pytest.raises(Conflict, match="not_today"):
        check_in(db, actor=town.clerk, now=town.district.clock.now(), number=number)


def test_only_for_a_deadline_that_would_be_missed_somebody_else_gives_a_place_up(town: Town) -> None:
    near, far = town.day(town.official, LOST + timedelta(days=1), minutes=(540, 560)), LOST + 4 * WEEK
    town.day(town.official, far, minutes=(540, 580))
    holder = town.book(near, 0)
    plain = town.book(town.lost, 0)
    fates = {one.promised.booking.number: one.fate for one in town.propose(town.asked(Way.MOVE)).lines}
    assert fates == {plain: Fate.MOVED}
    urgent = town.book(town.lost, 1, priority=Priority.DEADLINE)
    before = town.standing()
    done = town.do(town.asked(Way.MOVE))
    after = town.standing()
    assert after[urgent][:3] == (near, 0, BookingState.BOOKED)
    assert after[holder][0] == after[plain][0] != near
    assert told(town, holder) == [NoticeEvent.MOVED]
    take_back(town, done)
    assert town.standing() == before


def test_who_lost_the_old_place_to_somebody_else_meanwhile_is_listed_at_the_undo(town: Town) -> None:
    barred = town.book(town.lost, 1)
    town.day(town.official, LOST + WEEK)
    town.bar(barred, town.colleague)
    done = town.do(town.asked(Way.DEPUTY, f"user:{town.colleague.id}"))
    newcomer = town.book(town.lost, 1)
    take_back(town, done)
    after = town.standing()
    assert after[newcomer][:3] == (town.lost, 1, BookingState.BOOKED)
    assert after[barred][2] is BookingState.WAITLISTED
    assert told(town, barred) == [NoticeEvent.MOVED, NoticeEvent.LISTED]
