"""Versions of the minutes: kept at every decision, compared with what stands there, signed, sealed."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Conflict, Invalid
from server.petitions.models import Addendum, MinutesLine, Signature
from server.petitions.models_minutes import MinutesVersion
from server.petitions.service_ending import close_unsigned, sign
from server.petitions.service_minutes import add_addendum, confirm_line, list_lines, object_line
from server.petitions.service_review import resubmit, send_back
from server.petitions.service_session import session_by_token
from server.petitions.service_versions import Version, list_versions
from server.petitions.words import VersionCause as Cause
from tests.district import District
from tests.petitions.record import SIGNATURE, Talk, approved, begin, cookie_of, end, say, whole

HTML = {"accept": "text/html"}


def versions(talk: Talk) -> list[Version]:
    with reading(talk.district.engine) as db:
        session = session_by_token(db, actor=talk.district.clerk, token=talk.token)
        return list_versions(db, session=session)


def correct(talk: Talk, *, line: int | None, text: str = "听录音是前年。", wording: str = "", key: str = "") -> int:
    district = talk.district
    told: dict[str, Any] = {"token": talk.token, "line": line, "text": text, "wording": wording, "request_key": key}
    with writing(district.engine) as db:
        return add_addendum(db, actor=district.clerk, now=district.clock.now(), **told).id or 0


def line_ids(talk: Talk) -> list[int]:
    with reading(talk.district.engine) as db:
        session = session_by_token(db, actor=talk.district.clerk, token=talk.token)
        return [one.id or 0 for one in list_lines(db, session=session)]


def test_every_decision_keeps_a_version_and_says_who_when_and_why(district: District) -> None:
    talk, _ = whole(district)
    correct(talk, line=None, text="补充一句。")
    with writing(district.engine) as db:
        send_back(db, actor=district.clerk, now=district.clock.now(), token=talk.token, reason="请写明期限")
    with writing(district.engine) as db:
        told: dict[str, Any] = {"actor": district.official, "now": district.clock.now(), "token": talk.token}
        add_addendum(db, text="期限为十二月一日", **told)
        resubmit(db, **told)
    approved(talk)
    found = versions(talk)
    assert [one.kept.cause for one in found] == [Cause.SIGNED, Cause.RETURNED, Cause.HANDED_IN, Cause.APPROVED]
    assert [one.kept.number for one in found] == [1, 2, 3, 4]
    assert [one.kept.why for one in found] == ["", "请写明期限", "", ""]
    assert [one.kept.author_id for one in found] == [None, district.clerk.id, district.official.id, district.clerk.id]
    assert [[each.text for each in one.added] for one in found] == [[], ["补充一句。"], ["期限为十二月一日"], []]
    assert found[2].kept.digest == found[3].kept.digest != found[0].kept.digest
    assert [one.signers for one in found] == [["petitioner"], [], [], []]
    assert all(one.intact for one in found)
    with reading(district.engine) as db:
        kept = db.exec(select(AuditEntry).where(AuditEntry.action == "minutes.kept")).all()
        assert [one.detail["digest"] for one in kept] == [one.kept.digest for one in found]


def test_a_line_changed_in_the_database_is_told(district: District) -> None:
    talk, _ = whole(district)
    approved(talk)
    with writing(district.engine) as db:
        line = db.get_one(MinutesLine, line_ids(talk)[0])
        line.text = "我家的房顶不漏水。"
        db.add(line)
    assert [one.intact for one in versions(talk)] == [False, False]


def test_a_witness_who_signed_before_an_answer_changed_did_not_sign_the_version(district: District) -> None:
    talk = begin(district)
    lines = say(talk)
    end(talk)
    told: dict[str, Any] = {"actor": district.kiosk, "token": talk.token}
    with writing(district.engine) as db:
        for line in lines:
            confirm_line(db, line=line, **told)
        sign(db, now=district.clock.now(), role="witness", path=SIGNATURE, **told)
        object_line(db, line=lines[0], text="我说的是前年。", **told)
        sign(db, now=district.clock.now(), role="petitioner", path=SIGNATURE, **told)
    assert versions(talk)[0].signers == ["petitioner"]
    with reading(district.engine) as db:
        assert len({one.digest for one in db.exec(select(Signature))}) == 2


def test_minutes_closed_without_a_signature_have_a_version_with_the_reason(district: District) -> None:
    talk = begin(district)
    end(talk)
    told: dict[str, Any] = {"actor": district.official, "now": district.clock.now(), "token": talk.token}
    with writing(district.engine) as db:
        close_unsigned(db, reason="有事先走了", **told)
    found = versions(talk)
    assert [(one.kept.cause, one.kept.why, one.signers) for one in found] == [(Cause.UNSIGNED, "有事先走了", [])]


def test_an_objection_is_answered_before_the_record_gets_its_number(client: TestClient, district: District) -> None:
    """Refused on the page in words; answered beside the line, which stays; then approved and sealed."""
    talk, _ = whole(district, object_first=True)
    headers = cookie_of(district, district.clerk) | HTML
    with pytest.raises(Invalid, match="objection_open"):
        approved(talk)
    refused = client.post(f"/reviews/{talk.token}/approve", headers=headers)
    assert refused.status_code == 422
    assert "有异议的条目还没有答复" in refused.text
    first = line_ids(talk)[0]
    correct(talk, line=first, wording="我家的房顶从前年夏天就漏水。")
    body = client.get(f"/reviews/{talk.token}", headers=headers).text
    assert "我家的房顶从<del>去</del><ins>前</ins>年夏天就漏水。" in body
    assert "我家的房顶从去年夏天就漏水。" in body
    assert approved(talk).startswith("XF")
    with pytest.raises(Conflict, match="not_in_review"):
        correct(talk, line=first)
    assert "审核通过,已封存" in client.get(f"/reviews/{talk.token}", headers=headers).text


def test_a_correction_sent_twice_is_one_and_the_same_words_are_no_new_wording(district: District) -> None:
    talk, _ = whole(district)
    line = line_ids(talk)[0]
    assert correct(talk, line=line, wording=" 我家的房顶从去年夏天就漏水。 ", key="k1") == correct(
        talk, line=line, wording=" 我家的房顶从去年夏天就漏水。 ", key="k1"
    )
    with reading(district.engine) as db:
        assert [one.wording for one in db.exec(select(Addendum))] == [None]


def test_a_refused_correction_keeps_what_was_typed(client: TestClient, district: District) -> None:
    talk, _ = whole(district)
    line = line_ids(talk)[0]
    typed = {"line": str(line), "text": " ", "wording": "房顶前年就漏水"}
    answer = client.post(
        f"/reviews/{talk.token}/addenda", data=typed, headers=cookie_of(district, district.clerk) | HTML
    )
    assert answer.status_code == 422
    assert "房顶前年就漏水</textarea>" in answer.text
    long = client.post(
        f"/reviews/{talk.token}/addenda",
        data={"line": str(line), "text": "听录音", "wording": "长" * 2001},
        headers=cookie_of(district, district.clerk) | HTML,
    )
    assert long.status_code == 422
    assert "一条最多 2000 字" in long.text
    with reading(district.engine) as db:
        assert db.exec(select(Addendum)).all() == []
        assert len(db.exec(select(MinutesVersion)).all()) == 1
