"""Who did and saw what: for the auditor only, filtered by the address, proved as a chain, and itself recorded."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.audit.models import AuditEntry
from server.audit.service_reading import PAGE, Sieve, check_chain, read_log
from server.database import reading, writing
from server.errors import Forbidden
from tests.district import District, user
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}


@pytest.fixture
def auditor(district: District) -> Actor:
    with writing(district.engine) as db:
        db.add(user("auditor", Role.AUDITOR))
        db.flush()
        return actor_of_user(db.exec(select(User).where(User.username == "auditor")).one())


@pytest.fixture
def reader(client: TestClient, district: District, auditor: Actor) -> TestClient:
    district.book()
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, auditor))
    return client


def test_the_log_tells_what_was_done_and_that_it_was_read(reader: TestClient, district: District) -> None:
    first = reader.get("/audit", headers=HTML)
    assert first.status_code == 200
    with reading(district.engine) as db:
        actions = [one.action for one in db.exec(select(AuditEntry))]
    assert actions[-1] == "audit.read"
    assert "booking.booked" in actions or "petition.booked" in actions or len(actions) > 1


def test_what_is_looked_for_stands_in_the_address(reader: TestClient) -> None:
    reader.get("/audit", headers=HTML)
    only = reader.get("/audit?action=audit.read", headers=HTML)
    assert only.text.count("<tr") == 2
    assert reader.get("/audit?who=nobody-of-this-name", headers=HTML).text.count("<tr") <= 1


@pytest.mark.parametrize(
    ("query", "said"), [("since=2026-13-40", "日"), ("subject_id=x", "数字"), ("before=-1", "数字")]
)
def test_a_wrong_filter_is_said_and_kept(reader: TestClient, query: str, said: str) -> None:
    answer = reader.get(f"/audit?who=张&{query}", headers=HTML)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="张"' in answer.text


def test_nobody_else_reads_it(district: District) -> None:
    with writing(district.engine) as db:
        for actor in (district.official, district.clerk, district.handler, district.kiosk):
            with pytest.raises(Forbidden):
                read_log(db, actor=actor, now=district.clock.now(), sieve=Sieve())
            with pytest.raises(Forbidden):
                check_chain(db, actor=actor)


def test_long_logs_come_in_pages(district: District, auditor: Actor) -> None:
    with writing(district.engine) as db:
        for _ in range(PAGE + 5):
            read_log(db, actor=auditor, now=district.clock.now(), sieve=Sieve(action="nothing"))
        first = read_log(db, actor=auditor, now=district.clock.now(), sieve=Sieve())
        assert len(first.links) == PAGE
        second = read_log(db, actor=auditor, now=district.clock.now(), sieve=Sieve(), before=first.older)
    ids = [one.entry.id for one in (*first.links, *second.links)]
    assert ids == sorted(ids, key=lambda one: -(one or 0))
    assert len(set(ids)) == len(ids)


def test_a_changed_entry_breaks_the_chain(reader: TestClient, district: District, auditor: Actor) -> None:
    with reading(district.engine) as db:
        assert check_chain(db, actor=auditor).broken_at is None
        third = db.exec(select(AuditEntry.id).limit(1)).one()
    with district.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET actor_name = 'somebody else' WHERE id = :id"), {"id": third})
    with reading(district.engine) as db:
        assert check_chain(db, actor=auditor).broken_at == third
    answer = reader.post("/audit/check", headers=HTML)
    assert answer.status_code == 200
    assert str(third) in answer.text
