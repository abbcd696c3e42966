"""The administrator's people, through the real pages."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.models import SignIn, User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.accounts.service_people import PersonForm, add_person, list_people, new_password, set_active
from server.database import reading, writing
from server.errors import Conflict, Forbidden
from tests.district import District, user
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}
NEW = {"username": "wang.li", "display_name": "王丽", "role": "handler", "unit_id": "1", "post": "科员"}


@pytest.fixture
def administrator(district: District) -> Actor:
    with writing(district.engine) as db:
        db.add(user("administrator", Role.ADMINISTRATOR))
        db.flush()
        return actor_of_user(db.exec(select(User).where(User.username == "administrator")).one())


@pytest.fixture
def pages(client: TestClient, district: District, administrator: Actor) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, administrator))
    return client


def person(district: District, username: str) -> User:
    with reading(district.engine) as db:
        return db.exec(select(User).where(User.username == username)).one()


def test_a_new_person_signs_in_with_the_password_that_is_shown_once(pages: TestClient, district: District) -> None:
    answer = pages.post("/admin/people", data=NEW, headers=HTML)
    assert answer.status_code == 200
    shown = re.search(r'class="once">([a-z0-9-]{14})<', answer.text)
    assert shown is not None
    made = person(district, "wang.li")
    assert (made.role, made.unit_id, made.display_name) == (Role.HANDLER, 1, "王丽")
    assert shown.group(1) not in pages.get(f"/admin/people/{made.id}", headers=HTML).text
    form = {"username": "wang.li", "password": shown.group(1), "next": "/follow-ups"}
    assert pages.post("/sign-in", data=form).headers["location"] == "/follow-ups"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "王丽"}, "字母"),
        ({"username": "official"}, "有人用"),
        ({"role": "emperor"}, "角色"),
        ({"unit_id": "999"}, "单位"),
        ({"display_name": " "}, "填"),
        ({"role": "agent", "point_id": ""}, "接访点"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(pages: TestClient, wrong: dict[str, str], said: str) -> None:
    answer = pages.post("/admin/people", data={**NEW, **wrong}, headers=HTML)
    assert answer.status_code in {409, 422}
    assert said in answer.text
    assert 'value="科员"' in answer.text


def test_a_changed_role_signs_the_person_out(pages: TestClient, district: District) -> None:
    cookie_of(district.engine, district.clock, district.handler)
    changed = {"display_name": "handler", "role": "clerk", "post": ""}
    answer = pages.post(f"/admin/people/{district.handler.id}", data=changed)
    assert answer.headers["location"].endswith("done=saved")
    with reading(district.engine) as db:
        row = db.exec(select(SignIn).where(SignIn.user_id == district.handler.id)).one()
        assert row.revoked_at is not None
    assert person(district, "handler").role is Role.CLERK


def test_a_locked_person_cannot_go_on_and_can_be_unlocked(pages: TestClient, district: District) -> None:
    pages.post(f"/admin/people/{district.official.id}/lock")
    assert person(district, "official").active is False
    assert "已停用" in pages.get("/admin/people?role=official", headers=HTML).text
    pages.post(f"/admin/people/{district.official.id}/unlock")
    assert person(district, "official").active is True


def test_nobody_takes_the_own_rights_away(district: District, administrator: Actor) -> None:
    with writing(district.engine) as db, pytest.raises(Conflict, match="own_account"):
        set_active(db, actor=administrator, now=district.clock.now(), user_id=administrator.id, active=False)


def test_only_the_administrator(district: District) -> None:
    now = district.clock.now()
    with writing(district.engine) as db:
        for actor in (district.official, district.clerk, district.handler, district.kiosk):
            with pytest.raises(Forbidden):
                list_people(db, actor=actor)
            with pytest.raises(Forbidden):
                new_password(db, actor=actor, now=now, user_id=district.clerk.id)
            with pytest.raises(Forbidden):
                add_person(db, actor=actor, now=now, username="x", form=PersonForm("x", "clerk"))


def test_people_are_found_by_name_role_and_unit(pages: TestClient) -> None:
    assert "other_official" in pages.get("/admin/people?q=other_off", headers=HTML).text
    assert "没有符合的人" in pages.get("/admin/people?q=nobody", headers=HTML).text
    only = pages.get("/admin/people?unit=2", headers=HTML).text
    assert "other_handler" in only
    assert ">handler<" not in only
