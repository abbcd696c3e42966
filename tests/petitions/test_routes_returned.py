"""Returned minutes: the official completes them beside what was written, and hands them in again."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.roles import Actor
from server.database import reading, writing
from server.errors import Conflict, Forbidden
from server.petitions.models import Addendum, Petition
from server.petitions.service_minutes import add_addendum
from server.petitions.service_review import list_returned, send_back
from server.petitions.words import PetitionState
from tests.district import District
from tests.petitions.record import whole
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}


@pytest.fixture
def token(district: District) -> str:
    """The token of returned minutes."""
    talk, _ = whole(district)
    with writing(district.engine) as db:
        send_back(db, actor=district.clerk, now=district.clock.now(), token=talk.token, reason="请写明期限")
    return talk.token


def as_actor(client: TestClient, district: District, actor: Actor) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, actor))
    return client


def state(district: District) -> PetitionState:
    with reading(district.engine) as db:
        return db.exec(select(Petition)).one().state


def test_the_official_reads_why_completes_and_hands_in_again(
    client: TestClient, district: District, token: str
) -> None:
    pages = as_actor(client, district, district.official)
    assert "请写明期限" in pages.get("/returned", headers=HTML).text
    assert "请写明期限" in pages.get(f"/returned/{token}", headers=HTML).text
    assert pages.post(f"/returned/{token}/addenda", data={"text": "期限为十二月一日"}).status_code == 303
    assert "期限为十二月一日" in pages.get(f"/returned/{token}", headers=HTML).text
    assert pages.post(f"/returned/{token}/hand-in").headers["location"] == "/returned"
    assert state(district) is PetitionState.IN_REVIEW
    assert "没有退回的笔录" in pages.get("/returned", headers=HTML).text
    assert pages.post(f"/returned/{token}/hand-in").status_code == 303
    with reading(district.engine) as db:
        assert [one.text for one in db.exec(select(Addendum))] == ["期限为十二月一日"]


def test_an_empty_correction_is_said_and_nothing_is_lost(client: TestClient, district: District, token: str) -> None:
    pages = as_actor(client, district, district.official)
    answer = pages.post(f"/returned/{token}/addenda", data={"text": " "}, headers=HTML)
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_nobody_else_sees_or_completes_them(client: TestClient, district: District, token: str) -> None:
    assert (
        as_actor(client, district, district.other_official).get(f"/returned/{token}", headers=HTML).status_code == 404
    )
    with writing(district.engine) as db:
        assert list_returned(db, actor=district.other_official) == []
        for actor in (district.handler, district.clerk, district.kiosk):
            with pytest.raises(Forbidden):
                list_returned(db, actor=actor)


def test_before_they_are_returned_the_official_changes_nothing(district: District) -> None:
    talk, _ = whole(district)
    with writing(district.engine) as db, pytest.raises(Conflict, match="not_in_review"):
        add_addendum(db, actor=district.official, now=district.clock.now(), token=talk.token, text="x")
