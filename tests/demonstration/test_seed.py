"""The demonstration district: whole, the same every time, and alive on any day."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import SQLModel, col, func, select
from stdnum.cn import ric

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user, sign_in, start_kiosk_sign_in
from server.clock import local_date
from server.database import reading, writing
from server.demonstration.seed import (
    demonstration_accounts,
    demonstration_kiosk_codes,
    demonstration_question,
    plant,
)
from server.errors import Invalid
from server.petitions.models import FollowUp, MinutesLine, Petition
from server.petitions.service_ask import ask
from server.petitions.service_review import list_returned
from server.petitions.words import FollowUpState, PetitionState
from server.places.models import Township, Unit, VillagePoint
from server.places.service import enrol_kiosk
from server.scheduling.models import Booking, Petitioner, ReceptionDay, ReceptionRule
from server.scheduling.service_free import free_slots
from server.scheduling.words import PlanState
from tests.fakes import FakeClock


def count(engine: Engine, table: type[SQLModel]) -> int:
    with reading(engine) as db:
        return db.exec(select(func.count()).select_from(table)).one()


@pytest.fixture
def planted(engine: Engine, clock: FakeClock) -> Engine:
    """The district of this test."""
    assert plant(engine, now=clock.now())
    return engine


def test_places_and_people_are_those_of_the_district(planted: Engine) -> None:
    assert (count(planted, Township), count(planted, VillagePoint), count(planted, Unit)) == (12, 86, 20)
    with reading(planted) as db:
        video = db.exec(select(VillagePoint.township_id).where(col(VillagePoint.has_video))).all()
        roles = Counter(db.exec(select(User.role)).all())
    assert (len(video), len(set(video))) == (50, 8)
    assert roles[Role.OFFICIAL] == 14
    assert roles[Role.CLERK] == 3
    assert roles[Role.AGENT] == 86
    assert roles[Role.HANDLER] == 20
    assert roles[Role.ADMINISTRATOR] == roles[Role.AUDITOR] == 1


def test_identities_are_valid_and_of_an_area_that_is_not(planted: Engine) -> None:
    with reading(planted) as db:
        numbers = [one or "" for one in db.exec(select(Petitioner.id_number))]
    assert len(numbers) == len(set(numbers)) > 50
    for number in numbers:
        assert number.startswith("990101")
        assert ric.calc_check_digit(number) == number[-1]


def test_everybody_can_sign_in_and_every_code_makes_one_kiosk(planted: Engine, clock: FakeClock) -> None:
    for one in demonstration_accounts():
        with writing(planted) as db:
            got = sign_in(db, username=one.username, password=one.password, now=clock.now(), lockout_minutes=15)
        assert isinstance(got, str)
    for code in demonstration_kiosk_codes():
        with writing(planted) as db:
            assert start_kiosk_sign_in(db, kiosk=enrol_kiosk(db, code=code, now=clock.now()), now=clock.now())


def test_the_next_start_makes_used_codes_good_again_but_not_those_of_a_stopped_kiosk(
    planted: Engine, clock: FakeClock
) -> None:
    first, second, *_ = demonstration_kiosk_codes()
    with writing(planted) as db:
        kiosk = enrol_kiosk(db, code=first, now=clock.now())
        enrol_kiosk(db, code=second, now=clock.now()).revoked_at = clock.now()
    plant(planted, now=clock.now())
    with writing(planted) as db:
        assert enrol_kiosk(db, code=first, now=clock.now()).id == kiosk.id
        with pytest.raises(Invalid, match="bad_code"):
            enrol_kiosk(db, code=second, now=clock.now())


def test_every_page_has_something_to_show(planted: Engine, clock: FakeClock) -> None:
    today = local_date(clock.now())
    with reading(planted) as db:
        states = Counter(db.exec(select(Petition.state)).all())
        promised = db.exec(select(FollowUp)).all()
        lines = db.exec(select(MinutesLine)).all()
        visitors = db.exec(
            select(Booking.point_id, ReceptionDay.official_id)
            .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
            .where(ReceptionDay.day == today)
        ).all()
        first = db.exec(select(User).where(User.username == "official")).one()
        returned = list_returned(db, actor=actor_of_user(first))
    assert returned
    assert set(states) == set(PetitionState) - {PetitionState.IN_SESSION, PetitionState.READ_BACK}
    assert {one.state for one in promised} == set(FollowUpState)
    assert any(one.due_on < today and one.state is not FollowUpState.DONE for one in promised)
    assert any(one.objection for one in lines)
    assert len({point for point, _ in visitors}) >= 3
    assert len({official for _, official in visitors}) >= 5


@pytest.mark.parametrize("hours", [-1, 6, 12, 13, 14.5])
def test_somebody_can_be_received_today_at_any_hour(engine: Engine, clock: FakeClock, hours: float) -> None:
    clock.forward(hours=hours)
    plant(engine, now=clock.now())
    actor = Actor(role=Role.CLERK)
    with reading(engine) as db:
        now = clock.now()
        assert free_slots(db, actor=actor, now=now, from_day=local_date(now), days=1)


def test_the_known_matter_can_be_asked_about(planted: Engine, clock: FakeClock) -> None:
    number, code = demonstration_question(clock.now())
    with reading(planted) as db:
        found = ask(db, actor=Actor(role=Role.PUBLIC), now=clock.now(), number=number, code=code)
    assert found.petition_number == number


def snapshot(engine: Engine) -> list[tuple[str, str | None, datetime]]:
    with reading(engine) as db:
        query = (
            select(Booking.number, Petitioner.name, Booking.booked_at)
            .join(Petitioner, col(Petitioner.id) == Booking.petitioner_id)
            .order_by(col(Booking.id))
        )
        return [(number, name, at) for number, name, at in db.exec(query)]


def test_a_second_start_changes_nothing_and_a_later_day_is_filled(planted: Engine, clock: FakeClock) -> None:
    before = snapshot(planted)
    assert not plant(planted, now=clock.now() + timedelta(hours=1))
    assert snapshot(planted) == before
    clock.forward(days=3)
    plant(planted, now=clock.now())
    with reading(planted) as db:
        query = (
            select(func.count())
            .select_from(Booking)
            .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        )
        assert db.exec(query.where(ReceptionDay.day == local_date(clock.now()))).one() > 5


def test_plans_are_published_with_their_days_and_one_is_a_draft(planted: Engine) -> None:
    with reading(planted) as db:
        states = [one.state for one in db.exec(select(ReceptionRule).order_by(col(ReceptionRule.id)))]
        made = [one.rule_id for one in db.exec(select(ReceptionDay)) if one.rule_id is not None]
    assert states == [PlanState.PUBLISHED, PlanState.PUBLISHED, PlanState.DRAFT]
    assert set(made) == {1, 2}


def test_the_same_seed_plants_the_same(planted: Engine, clock: FakeClock) -> None:
    first = snapshot(planted)
    with writing(planted) as db:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if not table.name.startswith("calendar_"):  # the migrations brought these days along
                db.exec(table.delete())
    plant(planted, now=clock.now())
    assert snapshot(planted) == first
