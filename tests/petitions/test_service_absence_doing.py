"""What an action about receptions leaves of plans and of joint receptions, and that its undoing leaves nothing."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from server.database import reading, writing
from server.petitions.service_absence_undo import undo
from server.petitions.words import Way
from server.scheduling.models import PlanChange, ReceptionDay, ReceptionRule
from server.scheduling.service_plan_days import extend_plans
from server.scheduling.words import OnDayOff, PlanState, Repeat
from tests.administrator import administrator
from tests.district import TODAY, District
from tests.petitions.absences import LOST, Town, make_town

WEEK = timedelta(weeks=1)
Day = tuple[int, date, bool, bool, tuple[int, ...], list[list[int]]]


@pytest.fixture
def town(district: District) -> Town:
    """The official's mornings and afternoons are two plans; every day of both is one reception."""
    made = make_town(district)
    with writing(district.engine) as db:
        morning, afternoon = (plan(db, made, spans) for spans in ([540, 720], [840, 960]))
        day = db.get_one(ReceptionDay, made.lost)
        day.rule_id, day.joined_rule_ids = morning, [afternoon]
        day.spans, day.closes_minute = [[540, 720], [840, 960]], 960
    redraw(made)
    return made


def plan(db: Session, town: Town, span: list[int]) -> int:
    rule = ReceptionRule(
        official_id=town.official.id,
        repeat=Repeat.WEEKLY,
        weekdays=1 << LOST.weekday(),
        valid_from=TODAY,
        on_day_off=OnDayOff.SKIP,
        spans=[span],
        state=PlanState.PUBLISHED,
    )
    db.add(rule)
    db.flush()
    return rule.id or 0


def redraw(town: Town) -> None:
    with writing(town.district.engine) as db:
        extend_plans(db, actor=administrator(town.district, db), now=town.district.clock.now())


def take_back(town: Town, absence_id: int) -> None:
    with writing(town.district.engine) as db:
        undo(db, actor=town.clerk, now=town.district.clock.now(), absence_id=absence_id)


def days(town: Town) -> dict[int, Day]:
    """Every reception day with its plans and windows."""
    with reading(town.district.engine) as db:
        rows = db.exec(select(ReceptionDay))
        return {
            one.id or 0: (one.official_id, one.day, one.cancelled, one.off_plan, one.rules, one.spans) for one in rows
        }


def day_on(town: Town, day: date) -> int:
    with reading(town.district.engine) as db:
        query = select(ReceptionDay).where(ReceptionDay.official_id == town.official.id, ReceptionDay.day == day)
        return db.exec(query).one().id or 0


@pytest.mark.parametrize("redrawn", [False, True])
@pytest.mark.parametrize("other", ["date", "own", "stranger"])
def test_a_swapped_day_of_several_plans_stays_swapped_and_comes_back_whole(
    town: Town, other: str, redrawn: bool
) -> None:
    theirs = town.day(town.stranger, LOST + timedelta(days=1))
    with_what = {
        "date": f"date:{LOST + timedelta(days=5)}",
        "own": f"day:{day_on(town, LOST + WEEK)}",
        "stranger": f"day:{theirs}",
    }[other]
    town.book(town.lost, 0)
    before = days(town)
    done = town.do(town.asked(Way.SWAP, with_what))
    swapped = days(town)
    assert swapped[town.lost][:2] != before[town.lost][:2]
    if redrawn:
        redraw(town)
        after = days(town)
        kept = {key: (*one[:4], one[5]) for key, one in after.items()}
        assert kept == {key: (*one[:4], one[5]) for key, one in swapped.items()}
    take_back(town, done)
    redraw(town)
    assert days(town) == before
    with reading(town.district.engine) as db:
        assert db.exec(select(PlanChange)).all() == []


def test_a_day_that_changes_its_date_takes_no_joint_reception_along(town: Town) -> None:
    lead = town.day(town.stranger, LOST)
    town.book(lead, 0, beside=[town.lost])
    together = town.beside()
    done = town.do(town.asked(Way.SWAP, f"date:{LOST + timedelta(days=5)}"))
    assert town.beside() == set()
    take_back(town, done)
    assert town.beside() == together


def test_a_deputy_does_not_sit_in_a_joint_reception_of_a_matter_that_must_be_kept_from_the_deputy(town: Town) -> None:
    lead = town.day(town.stranger, LOST)
    fine, barred = town.book(lead, 0, beside=[town.lost]), town.book(lead, 1, beside=[town.lost])
    town.bar(barred, town.colleague)
    before, together = town.standing(), town.beside()
    done = town.do(town.asked(Way.DEPUTY, f"user:{town.colleague.id}"))
    assert town.beside() == {(town.lost, 0, town.colleague.id)}
    assert {town.standing()[one][:2] for one in (fine, barred)} == {(lead, 0), (lead, 1)}
    take_back(town, done)
    assert (town.standing(), town.beside()) == (before, together)
