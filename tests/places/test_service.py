"""Enrolment of kiosks by one-time code, and calls for help."""

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from server.accounts.roles import ANYBODY, Actor, Role
from server.accounts.service import actor_of_token, start_kiosk_sign_in
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.places import service
from server.places.models import Kiosk, Township, VillagePoint
from server.places.one_time_codes import ALPHABET, new_code, normal
from tests.district import District
from tests.fakes import FakeClock

ADMINISTRATOR = Actor(role=Role.ADMINISTRATOR, id=1, name="管理员")
CLERK = Actor(role=Role.CLERK, id=0, name="工作人员")


@pytest.fixture
def code(engine: Engine, clock: FakeClock) -> str:
    with writing(engine) as db:
        db.add(Township(id=1, name="青溪镇", area_code="990101001"))
        db.flush()
        db.add(VillagePoint(id=1, township_id=1, name="柳湾村", area_code="990101001001", has_video=True))
        db.flush()
        return service.new_kiosk_code(db, actor=ADMINISTRATOR, now=clock.now(), point_id=1, name="一号终端")


def enrol(engine: Engine, clock: FakeClock, code: str) -> Actor:
    with writing(engine) as db:
        token = start_kiosk_sign_in(db, kiosk=service.enrol_kiosk(db, code=code, now=clock.now()), now=clock.now())
        return actor_of_token(db, token=token, now=clock.now())


def test_a_code_makes_a_browser_the_points_kiosk(engine: Engine, clock: FakeClock, code: str) -> None:
    kiosk = enrol(engine, clock, f" {code[:4].lower()}-{code[4:]} ")
    assert (kiosk.role, kiosk.point_id, kiosk.name) == (Role.KIOSK, 1, "一号终端")


def test_enrolment_is_in_the_audit_log(engine: Engine, clock: FakeClock, code: str) -> None:
    kiosk = enrol(engine, clock, code)
    with reading(engine) as db:
        last = db.exec(select(AuditEntry).where(AuditEntry.action == "kiosk.enrolled")).one()
    assert (last.actor_role, last.actor_name, last.subject_id) == ("kiosk", "一号终端", kiosk.id)


def test_guessing_codes_is_bounded(client: TestClient, district: District) -> None:
    with writing(district.engine) as db:
        code = service.new_kiosk_code(db, actor=ADMINISTRATOR, now=district.clock.now(), point_id=1, name="新终端")
    for _ in range(10):
        assert client.post("/kiosk/enrol", data={"code": "AAAAAAAA"}).status_code == 422
    assert client.post("/kiosk/enrol", data={"code": code}).status_code == 429
    district.clock.forward(minutes=10)
    assert client.post("/kiosk/enrol", data={"code": code}).status_code == 303


def test_a_code_works_once(engine: Engine, clock: FakeClock, code: str) -> None:
    enrol(engine, clock, code)
    with pytest.raises(Invalid, match="bad_code"):
        enrol(engine, clock, code)


def test_a_code_is_dead_after_a_day(engine: Engine, clock: FakeClock, code: str) -> None:
    clock.forward(hours=24)
    with pytest.raises(Invalid, match="bad_code"):
        enrol(engine, clock, code)


def test_a_revoked_kiosk_is_nobody(engine: Engine, clock: FakeClock, code: str) -> None:
    with writing(engine) as db:
        kiosk = service.enrol_kiosk(db, code=code, now=clock.now())
        token = start_kiosk_sign_in(db, kiosk=kiosk, now=clock.now())
        db.get_one(Kiosk, kiosk.id).revoked_at = clock.now()
    with reading(engine) as db:
        assert actor_of_token(db, token=token, now=clock.now()) == ANYBODY


@pytest.mark.parametrize(("point", "name", "field"), [(77, "终端", "point_id"), (1, "  ", "name")])
def test_bad_input_names_its_field(
    engine: Engine, clock: FakeClock, code: str, point: int, name: str, field: str
) -> None:
    with pytest.raises(Invalid) as caught, writing(engine) as db:
        service.new_kiosk_code(db, actor=ADMINISTRATOR, now=clock.now(), point_id=point, name=name)
    assert caught.value.field == field


def test_only_the_administrator_makes_codes(engine: Engine, clock: FakeClock, code: str) -> None:
    with pytest.raises(Forbidden), writing(engine) as db:
        service.new_kiosk_code(db, actor=CLERK, now=clock.now(), point_id=1, name="终端")


def test_a_call_rings_once_until_it_is_answered(engine: Engine, clock: FakeClock, code: str) -> None:
    kiosk = enrol(engine, clock, code)
    with writing(engine) as db:
        first = service.call_help(db, actor=kiosk, now=clock.now(), page="/kiosk")
        again = service.call_help(db, actor=kiosk, now=clock.now(), page="/kiosk")
        assert first.id == again.id
        assert [(call.id, name) for call, name in service.open_help_calls(db, actor=CLERK)] == [(first.id, "柳湾村")]
        agent = Actor(role=Role.AGENT, id=0)
        with pytest.raises(NotFound):
            service.answer_help(db, actor=agent, now=clock.now(), help_id=99)


@given(st.binary(min_size=8, max_size=8))
def test_codes_have_no_look_alikes_and_survive_being_typed_badly(randomness: bytes) -> None:
    code = new_code(randomness)
    assert len(code) == 8
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL5S2Z")
    assert normal(f" {code[:4].lower()} - {code[4:]}") == code


def test_an_agent_calls_help_as_the_kiosk_of_the_own_point(district: District) -> None:
    agent = Actor(role=Role.AGENT, id=district.kiosk.id, name="代办员", point_id=district.other_kiosk.point_id)
    nowhere = Actor(role=Role.AGENT, id=district.kiosk.id, name="代办员")
    with writing(district.engine) as db:
        call = service.call_help(db, actor=agent, now=district.clock.now(), page="/kiosk")
        assert call.kiosk_id == district.other_kiosk.id
        with pytest.raises(Conflict, match="no_kiosk_here"):
            service.call_help(db, actor=nowhere, now=district.clock.now(), page="/kiosk")
