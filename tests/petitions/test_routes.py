"""The pages of the petition record, asked for as a browser does."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import select

from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import NotFound
from server.media.ports import RecordedFile
from server.petitions.service_review import send_back
from server.petitions.service_session import session_by_token
from server.responses import clock_time
from server.sealed_file import write_stored
from server.sealing import recording_key
from server.settings import Settings
from tests.district import WHO, District
from tests.fakes import FakeMedia
from tests.petitions.record import Talk, approved, begin, cookie_of, end, keep_away, read_back, say, whole

FILE = RecordedFile(
    seat="petitioner",
    name="petitioner-1.webm",
    offset=0.5,
    duration=42.0,
    bytes=2048,
    has_video=True,
    has_audio=True,
    speech=((1.0, 9.0),),
    gaps=((32.0, 34.0),),
)
HTML = {"accept": "text/html"}


def kept(talk: Talk, media: FakeMedia, settings: Settings) -> Path:
    """Two finalised files of a talk, on disk; return the folder."""
    folder = settings.sessions_dir / talk.token
    folder.mkdir(parents=True)
    for name in ("petitioner-1.webm", "official-1.webm"):
        (folder / name).write_bytes(bytes(range(256)) * 8)
    (folder / "journal.bin").write_bytes(b"not for browsers")
    media.recorded[talk.token] = [FILE, replace(FILE, seat="official", name="official-1.webm", offset=0.0)]
    return folder


def audit(district: District, action: str) -> list[AuditEntry]:
    """Entries of one action."""
    with reading(district.engine) as db:
        return list(db.exec(select(AuditEntry).where(AuditEntry.action == action)))


def test_review_list_shows_what_waits(client: TestClient, district: District) -> None:
    """The talk is on the clerk's list with its objection; nobody else has a list."""
    empty = client.get("/reviews", headers=cookie_of(district, district.clerk))
    assert "没有等待审核的笔录" in empty.text
    talk, _ = whole(district, object_first=True)
    body = client.get("/reviews", headers=cookie_of(district, district.clerk)).text
    assert f"/reviews/{talk.token}" in body
    assert "异议 1" in body
    assert client.get("/reviews", headers=cookie_of(district, district.official)).status_code == 403
    assert (
        f"/reviews/{talk.token}"
        not in client.get("/reviews?state=approved", headers=cookie_of(district, district.clerk)).text
    )


def test_review_page(client: TestClient, district: District, media: FakeMedia, settings: Settings) -> None:
    """Files with their offsets, lines with their instants, flags that jump, a masked name."""
    talk, _ = whole(district, object_first=True)
    kept(talk, media, settings)
    body = client.get(f"/reviews/{talk.token}", headers=cookie_of(district, district.clerk)).text
    assert f'src="/recordings/{talk.token}/petitioner-1.webm" data-offset="0.5" data-duration="42.0"' in body
    assert re.findall(r'<li id="line-\d+" data-ms="(\d+)"', body) == ["10000", "20000", "30000"]
    assert "我说的是前年。" in body
    assert 'data-seek="32000"' in body
    assert WHO.name not in body
    assert WHO.id_number not in body


def test_review_while_files_are_made(client: TestClient, district: District, media: FakeMedia) -> None:
    """A plain sentence and a page that looks again; without an engine another sentence; without consent a third."""
    talk, _ = whole(district)
    headers = cookie_of(district, district.clerk)
    body = client.get(f"/reviews/{talk.token}", headers=headers).text
    assert 'http-equiv="refresh"' in body
    assert "正在整理录像" in body
    media.down = True
    assert "暂时看不到录像" in client.get(f"/reviews/{talk.token}", headers=headers).text
    silent = begin(district, slot=7, key="two", consent=False, recorded=False)
    say(silent)
    end(silent)
    assert "没有录像" in client.get(f"/reviews/{silent.token}", headers=headers).text


def test_an_interruption_without_a_recording_names_its_time_and_its_line(
    client: TestClient, district: District
) -> None:
    silent = begin(district, consent=False, recorded=False)
    lines = say(silent)
    at = clock_time(district.clock.now() + timedelta(seconds=2))
    end(silent)
    body = client.get(f"/reviews/{silent.token}", headers=cookie_of(district, district.clerk)).text
    assert re.search(rf'<a href="#line-{lines[-1]}" data-seek="">[^<]+ {at}</a>', body)
    assert 'id="timeline"' not in body


def test_recording_in_ranges(client: TestClient, district: District, media: FakeMedia, settings: Settings) -> None:
    """A range is answered; what the engine does not list is not there; each file seen is logged once."""
    talk, _ = whole(district)
    kept(talk, media, settings)
    headers = cookie_of(district, district.clerk)
    address = f"/recordings/{talk.token}/petitioner-1.webm"
    part = client.get(address, headers=headers | {"range": "bytes=256-511"})
    assert (part.status_code, part.content) == (206, bytes(range(256)))
    assert part.headers["content-range"] == "bytes 256-511/2048"
    assert client.get(address, headers=headers).status_code == 200
    for name in ("journal.bin", "absent.webm", "..%2f..%2fstate%2flianxin.sqlite3", "%2e%2e"):
        assert client.get(f"/recordings/{talk.token}/{name}", headers=headers).status_code == 404
    entries = [one.detail["name"] for one in audit(district, "recording.seen")]
    assert entries.count("petitioner-1.webm") == 1


def test_a_sealed_recording_plays_in_ranges_and_damage_is_named(
    client: TestClient, app: FastAPI, district: District, media: FakeMedia, settings: Settings
) -> None:
    """With the key of the settings; a file that was changed on the disk is refused in words."""
    talk, _ = whole(district)
    folder, secret = kept(talk, media, settings), "a recording key of at least thirty-two characters"
    path, data = folder / "petitioner-1.webm", bytes(range(256)) * 1000
    path.unlink()
    write_stored(path, data, recording_key(secret, talk.token))
    headers, address = cookie_of(district, district.clerk), f"/recordings/{talk.token}/petitioner-1.webm"
    assert client.get(address, headers=headers).json()["error"]["code"] == "file_locked"
    app.state.settings = settings.model_copy(update={"recording_key": SecretStr(secret)})
    part = client.get(address, headers=headers | {"range": "bytes=65530-131080"})
    assert (part.status_code, part.content) == (206, data[65530:131081])
    assert part.headers["content-range"] == "bytes 65530-131080/256000"
    assert client.head(address, headers=headers).headers["content-length"] == "256000"
    assert client.get(address, headers=headers | {"range": "bytes=256000-"}).status_code == 416
    path.write_bytes(path.read_bytes()[:-1])
    told = client.get(address, headers=headers | HTML)
    assert told.status_code == 503
    assert "改动或截断" in told.text


@pytest.mark.parametrize("who", ["official", "handler", "kiosk", "other_official"])
def test_recording_is_for_clerks(
    client: TestClient, district: District, media: FakeMedia, settings: Settings, who: str
) -> None:
    """Nobody else hears it again."""
    talk, _ = whole(district)
    kept(talk, media, settings)
    headers = cookie_of(district, getattr(district, who))
    assert client.get(f"/recordings/{talk.token}/petitioner-1.webm", headers=headers).status_code == 403
    assert client.get(f"/recordings/{talk.token}/petitioner-1.webm").status_code == 401


def test_approve(client: TestClient, district: District) -> None:
    """Approval leads to the petition, with its number and clocks and why each date is what it is."""
    talk, _ = whole(district)
    headers = cookie_of(district, district.clerk)
    answer = client.post(f"/reviews/{talk.token}/approve", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/petitions/{talk.petition_id}")
    body = client.get(answer.headers["location"], headers=headers).text
    assert "XF2026-000001" in body
    assert "15 天" in body
    assert "12月9日 周三" in body
    assert "张**" in body
    assert WHO.name not in body


def test_return_keeps_the_reason(client: TestClient, district: District) -> None:
    """Without a reason the form comes back; with one the minutes are returned."""
    talk, _ = whole(district)
    headers = cookie_of(district, district.clerk) | HTML
    refused = client.post(f"/reviews/{talk.token}/return", data={"reason": "  "}, headers=headers)
    assert refused.status_code == 422
    assert "请写明原因" in refused.text
    assert (
        client.post(f"/reviews/{talk.token}/return", data={"reason": "请补充地址"}, headers=headers).status_code == 303
    )
    assert "请补充地址" in client.get(f"/reviews/{talk.token}", headers=headers).text


def test_addendum_beside_its_line(client: TestClient, district: District) -> None:
    """The correction stands beside the line, whose words stay; too long a one keeps what was typed."""
    talk, _ = whole(district)
    headers = cookie_of(district, district.clerk) | HTML
    body = client.get(f"/reviews/{talk.token}", headers=headers).text
    line = re.findall(r'id="line-(\d+)"', body)[0]
    sent = client.post(f"/reviews/{talk.token}/addenda", data={"text": "房号是三单元", "line": line}, headers=headers)
    assert sent.headers["location"] == f"/reviews/{talk.token}#line-{line}"
    body = client.get(f"/reviews/{talk.token}", headers=headers).text
    assert "房号是三单元" in body
    assert "我家的房顶从去年夏天就漏水。" in body
    refused = client.post(f"/reviews/{talk.token}/addenda", data={"text": "长" * 2001, "line": line}, headers=headers)
    assert refused.status_code == 422
    assert "长" * 2001 in refused.text


def test_unmask_is_logged(client: TestClient, district: District) -> None:
    """A clerk sees the person in full on a click that is logged; the official may not."""
    talk, _ = whole(district)
    approved(talk)
    address = f"/petitions/{talk.petition_id}/person"
    body = client.post(address, headers=cookie_of(district, district.clerk)).text
    assert WHO.name in body
    assert WHO.id_number in body
    assert [one.subject_id for one in audit(district, "petition.unmasked")] == [talk.petition_id]
    assert client.post(address, headers=cookie_of(district, district.official)).status_code == 403


@pytest.mark.parametrize(
    ("who", "status"),
    [("official", 200), ("clerk", 200), ("handler", 200), ("other_official", 404), ("other_handler", 404)],
)
def test_petition_is_for_those_it_concerns(client: TestClient, district: District, who: str, status: int) -> None:
    """Its official, the clerks, its unit; for everybody else it is not there."""
    talk, _ = whole(district)
    approved(talk)
    headers = cookie_of(district, getattr(district, who))
    assert client.get(f"/petitions/{talk.petition_id}", headers=headers).status_code == status


def test_a_unit_sees_a_matter_only_once_it_is_approved(client: TestClient, district: District) -> None:
    """While it is talked about, read back, reviewed, a promise may still change; then it is the unit's."""
    talk = begin(district)
    headers = cookie_of(district, district.handler)
    address = f"/petitions/{talk.petition_id}"
    say(talk)
    assert client.get(address, headers=headers).status_code == 404
    end(talk)
    read_back(talk)
    assert client.get(address, headers=headers).status_code == 404
    approved(talk)
    assert client.get(address, headers=headers).status_code == 200


def test_who_read_what_is_in_the_audit_log(client: TestClient, district: District) -> None:
    """A matter, its minutes, its printed form: once in ten minutes for each reader; refused looks do not count."""
    talk, _ = whole(district)
    clerk, official = cookie_of(district, district.clerk), cookie_of(district, district.official)
    stranger = cookie_of(district, district.other_official)
    for headers in (clerk, clerk, official, stranger):
        client.get(f"/petitions/{talk.petition_id}", headers=headers)
    client.get(f"/reviews/{talk.token}", headers=clerk)
    client.get(f"/petitions/{talk.petition_id}/minutes.pdf", headers=official)
    seen = [(one.actor_name, one.subject_id) for one in audit(district, "petition.seen")]
    assert seen == [("clerk", talk.petition_id), ("official", talk.petition_id)]
    assert [one.actor_name for one in audit(district, "minutes.seen")] == ["clerk"]
    assert [one.actor_name for one in audit(district, "minutes.printed")] == ["official"]
    district.clock.forward(minutes=11)
    client.get(f"/petitions/{talk.petition_id}", headers=clerk)
    assert len(audit(district, "petition.seen")) == 3


def test_an_official_who_is_complained_of_loses_the_talk_too(client: TestClient, district: District) -> None:
    """Neither the papers of the talk nor its returned minutes are there any more."""
    talk, _ = whole(district)
    headers = cookie_of(district, district.official)
    with writing(district.engine) as db:
        send_back(db, actor=district.clerk, now=district.clock.now(), token=talk.token, reason="请补充")
    assert talk.token in client.get("/returned", headers=headers).text
    with writing(district.engine) as db:
        keep_away(db, talk, people={district.official.id})
    assert talk.token not in client.get("/returned", headers=headers).text
    with reading(district.engine) as db, pytest.raises(NotFound):
        session_by_token(db, actor=district.official, token=talk.token)


def test_excluded_people_find_nothing(client: TestClient, district: District) -> None:
    """A clerk and a unit complained of: list, review, petition, follow-ups and PDF are as if not there."""
    talk, _ = whole(district)
    approved(talk)
    with writing(district.engine) as db:
        keep_away(db, talk, people={district.clerk.id}, units={district.handler.unit_id or 0})
    clerk, handler = cookie_of(district, district.clerk), cookie_of(district, district.handler)
    assert talk.token not in client.get("/reviews?state=approved", headers=clerk).text
    for path in (
        f"/reviews/{talk.token}",
        f"/petitions/{talk.petition_id}",
        f"/petitions/{talk.petition_id}/minutes.pdf",
    ):
        assert client.get(path, headers=clerk).status_code == 404
    assert client.get(f"/petitions/{talk.petition_id}", headers=handler).status_code == 404
    assert "XF2026" not in client.get("/follow-ups", headers=handler).text
    assert client.get("/follow-ups/1", headers=handler).status_code == 404


def test_follow_up_from_open_to_done(client: TestClient, district: District) -> None:
    """The handler sees it after approval, says what was done, keeps the promise; another unit sees nothing."""
    talk, _ = whole(district)
    headers = cookie_of(district, district.handler) | HTML
    assert "修好房顶" not in client.get("/follow-ups", headers=headers).text
    approved(talk)
    assert "还有 20 天" in client.get("/follow-ups", headers=headers).text
    assert client.get("/follow-ups/1", headers=cookie_of(district, district.other_handler)).status_code == 404
    refused = client.post("/follow-ups/1/progress", data={"text": " ", "done": "no"}, headers=headers)
    assert (refused.status_code, "请写明做了什么" in refused.text) == (422, True)
    client.post("/follow-ups/1/progress", data={"text": "已派人上门查看", "done": "no"}, headers=headers)
    body = client.get("/follow-ups/1", headers=headers).text
    assert "已派人上门查看" in body
    assert "正在办" in body
    client.post("/follow-ups/1/progress", data={"text": "修好了", "done": "yes"}, headers=headers)
    assert "已办好" in client.get("/follow-ups", headers=headers).text
    again = client.post("/follow-ups/1/progress", data={"text": "再写", "done": "yes"}, headers=headers)
    assert again.status_code == 409


def test_follow_ups_are_filtered_by_the_address(client: TestClient, district: District) -> None:
    talk, _ = whole(district)
    approved(talk)
    headers = cookie_of(district, district.handler)
    shown = {state: client.get(f"/follow-ups?state={state}", headers=headers).text for state in ("open", "done", "odd")}
    assert {state: "十二月十四日前修好房顶" in body for state, body in shown.items()} == {
        "open": True,
        "done": False,
        "odd": True,
    }
    assert "请在上面换一类" in shown["done"]


def test_overdue_is_said_in_words(client: TestClient, district: District) -> None:
    """Twenty-five days on, the promise is five days late."""
    talk, _ = whole(district)
    approved(talk)
    district.clock.forward(days=25)
    assert "已超期 5 天" in client.get("/follow-ups", headers=cookie_of(district, district.handler)).text
