"""The seal of a recording stays with its talk, and every change of it in the audit log."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import NotFound
from server.petitions.service_seal import Sealed, keep_seal, sealed_session, unsealed
from tests.district import District
from tests.petitions.record import Talk, approved, begin, cookie_of, whole

FIRST, SECOND = "0123456789abcdef" * 4, "fedcba9876543210" * 4


def keep(talk: Talk, digest: str) -> None:
    with writing(talk.district.engine) as db:
        keep_seal(db, token=talk.token, digest=digest, now=talk.district.clock.now())


def test_a_seal_is_kept_and_logged_once(district: District) -> None:
    talk, _ = whole(district)
    for digest in (FIRST, FIRST, SECOND):
        keep(talk, digest)
    with reading(district.engine) as db:
        logged = db.exec(select(AuditEntry).where(AuditEntry.action == "recording.sealed")).all()
        assert [one.detail["seal"] for one in logged] == [FIRST, {"from": FIRST, "to": SECOND}]
        found = sealed_session(db, name=talk.number)
    assert found == Sealed(talk.token, SECOND)


def test_a_seal_of_nothing_is_refused(district: District) -> None:
    with pytest.raises(NotFound), writing(district.engine) as db:
        keep_seal(db, token="none", digest=FIRST, now=district.clock.now())  # noqa: S106 - names no secret


def test_a_talk_is_found_by_each_of_its_names(district: District) -> None:
    talk, _ = whole(district)
    for name in (talk.token, talk.number, approved(talk)):
        with reading(district.engine) as db:
            assert sealed_session(db, name=name) == Sealed(talk.token, "")
            assert sealed_session(db, name="260101-001-9") is None


def test_a_talk_that_goes_on_waits_for_no_seal(district: District) -> None:
    begin(district)
    with reading(district.engine) as db:
        assert unsealed(db, now=district.clock.now()) == []


def test_a_seal_that_came_is_waited_for_no_more(district: District) -> None:
    talk, _ = whole(district)
    with reading(district.engine) as db:
        assert unsealed(db, now=district.clock.now()) == [talk.token]
    keep(talk, FIRST)
    with reading(district.engine) as db:
        assert unsealed(db, now=district.clock.now()) == []


def test_after_a_week_nobody_waits_for_a_seal(district: District) -> None:
    whole(district)
    district.clock.forward(days=8)
    with reading(district.engine) as db:
        assert unsealed(db, now=district.clock.now()) == []


def test_the_whole_check_code_is_on_the_pages_of_those_who_work_with_it(client: TestClient, district: District) -> None:
    talk, _ = whole(district)
    keep(talk, FIRST)
    shown = " ".join(["0123 4567 89ab cdef"] * 4)
    clerk = cookie_of(district, district.clerk)
    for address in (f"/reviews/{talk.token}", f"/petitions/{talk.petition_id}"):
        assert f'id="seal">{shown}</dd>' in client.get(address, headers=clerk).text
