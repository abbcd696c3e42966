"""The file for handing out, on the page of the minutes: asked for, waited for, taken, refused."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import select

from server.accounts.roles import Actor
from server.database import reading, writing
from server.media.ports import SIDE_BY_SIDE
from server.petitions.models import DeletedRecording, HandOut
from server.petitions.service_hand_out import begin_hand_out, end_hand_out, report_hand_out
from server.petitions.words import HandOutState
from server.sealed_file import write_stored
from server.sealing import recording_key
from server.settings import Settings
from tests.district import District
from tests.fakes import FakeMedia
from tests.petitions.record import Talk, approved, begin, cookie_of, end, keep_away, read_back, whole
from tests.petitions.test_routes import HTML, audit, kept

SECRET = "a recording key of at least thirty-two characters"  # noqa: S105 - opens nothing but test data
FILM = bytes(range(256)) * 600


@pytest.fixture
def talk(app: FastAPI, district: District, media: FakeMedia, settings: Settings) -> Talk:
    """A talk whose recording has its files, encrypted."""
    app.state.settings = settings.model_copy(update={"recording_key": SecretStr(SECRET)})
    made, _ = whole(district)
    kept(made, media, settings)
    return made


def row(talk: Talk) -> HandOut | None:
    with reading(talk.district.engine) as db:
        return db.exec(select(HandOut)).first()


def page(client: TestClient, talk: Talk) -> str:
    headers = cookie_of(talk.district, talk.district.clerk) | HTML
    return client.get(f"/reviews/{talk.token}", headers=headers).text


def press(client: TestClient, talk: Talk, action: str = "", actor: Actor | None = None, **form: str) -> int:
    headers = cookie_of(talk.district, actor or talk.district.clerk) | HTML
    return client.post(f"/reviews/{talk.token}/hand-out{action}", data=form, headers=headers).status_code


def done(talk: Talk, settings: Settings) -> Path:
    """The file is there."""
    path = settings.sessions_dir / talk.token / SIDE_BY_SIDE
    write_stored(path, FILM, recording_key(SECRET, talk.token))
    with writing(talk.district.engine) as db:
        begin_hand_out(db, session_id=1, now=talk.district.clock.now())
        end_hand_out(db, session_id=1, now=talk.district.clock.now(), size=12_345_678)
    return path


def test_one_button_then_how_far_it_is_then_the_file(client: TestClient, talk: Talk, settings: Settings) -> None:
    assert "制作文件" in page(client, talk)
    assert (press(client, talk), press(client, talk)) == (303, 303)
    assert "文件在等待" in page(client, talk)
    with writing(talk.district.engine) as db:
        begin_hand_out(db, session_id=1, now=talk.district.clock.now())
        report_hand_out(db, session_id=1, now=talk.district.clock.now(), percent=42, resting=False)
    address = f"/reviews/{talk.token}/hand-out"
    part = client.get(address, headers=cookie_of(talk.district, talk.district.clerk)).text
    for shown in (part, page(client, talk)):
        assert "正在制作文件" in shown
        assert "<strong>42 %</strong>" in shown
        assert f'data-goes-on="{address}"' in shown
    assert "<html" not in part
    done(talk, settings)
    shown = page(client, talk)
    assert "下载(12.3 MB)" in shown
    assert "data-goes-on" not in shown
    assert len(audit(talk.district, "hand_out.ask")) == 1


def test_it_is_taken_whole_or_in_ranges_under_the_matter_s_number_and_that_is_logged(
    client: TestClient, talk: Talk, settings: Settings
) -> None:
    press(client, talk)
    done(talk, settings)
    number, headers = approved(talk), cookie_of(talk.district, talk.district.clerk)
    address = f"/reviews/{talk.token}/hand-out/file"
    taken = client.get(address, headers=headers)
    assert (taken.status_code, taken.content == FILM, taken.headers["content-type"]) == (200, True, "video/mp4")
    assert taken.headers["content-disposition"] == f'attachment; filename="{number}.mp4"'
    part = client.get(address, headers=headers | {"range": "bytes=70000-70003"})
    assert (part.status_code, part.content) == (206, FILM[70000:70004])
    (entry,) = audit(talk.district, "hand_out.taken")
    assert entry.actor_name == talk.district.clerk.name


def test_it_is_cancelled_tried_again_and_made_anew(client: TestClient, talk: Talk, settings: Settings) -> None:
    press(client, talk)
    press(client, talk, "/cancel")
    assert "制作文件" in page(client, talk)
    press(client, talk)
    with writing(talk.district.engine) as db:
        end_hand_out(db, session_id=1, now=talk.district.clock.now(), fault="no_room")
    assert "磁盘空间不够" in page(client, talk)
    press(client, talk)
    done(talk, settings)
    press(client, talk)
    assert "下载" in page(client, talk)
    press(client, talk, again="1")
    # The workshop of this house looks every two seconds, and may have begun already.
    assert any(words in page(client, talk) for words in ("文件在等待", "正在制作文件"))


@pytest.mark.parametrize("who", ["official", "handler", "kiosk"])
def test_nobody_who_may_not_see_the_recording_has_it(
    client: TestClient, talk: Talk, settings: Settings, who: str
) -> None:
    actor = getattr(talk.district, who)
    assert press(client, talk, actor=actor) == 403
    press(client, talk)
    done(talk, settings)
    address, headers = f"/reviews/{talk.token}/hand-out", cookie_of(talk.district, actor)
    assert [client.get(address + part, headers=headers).status_code for part in ("", "/file")] == [403, 403]
    assert press(client, talk, "/cancel", actor=actor) == 403


def test_an_excluded_clerk_never_has_it(client: TestClient, talk: Talk, settings: Settings) -> None:
    press(client, talk)
    done(talk, settings)
    with writing(talk.district.engine) as db:
        keep_away(db, talk, people={talk.district.clerk.id})
    address, headers = f"/reviews/{talk.token}/hand-out", cookie_of(talk.district, talk.district.clerk)
    assert [client.get(address + part, headers=headers).status_code for part in ("", "/file")] == [404, 404]
    assert (press(client, talk), press(client, talk, again="1"), press(client, talk, "/cancel")) == (404, 404, 404)
    assert row(talk) is not None
    assert row(talk).state is HandOutState.DONE  # type: ignore[union-attr]


def test_what_is_not_there_is_said(client: TestClient, talk: Talk, settings: Settings) -> None:
    address, headers = f"/reviews/{talk.token}/hand-out/file", cookie_of(talk.district, talk.district.clerk)
    assert client.get(address, headers=headers).json()["error"]["code"] == "no_hand_out"
    press(client, talk)
    done(talk, settings).unlink()
    assert client.get(address, headers=headers).json()["error"]["code"] == "no_hand_out"
    with writing(talk.district.engine) as db:
        now = talk.district.clock.now()
        db.add(DeletedRecording(session_id=1, deleted_at=now, why="retention", files=4, bytes=4))
    assert client.get(address, headers=headers).json()["error"]["code"] == "recording_deleted"
    assert "制作文件" not in page(client, talk)


def test_a_talk_that_was_not_recorded_has_none(client: TestClient, district: District) -> None:
    talk = begin(district, consent=False, recorded=False)
    end(talk)
    read_back(talk)
    told = client.post(
        f"/reviews/{talk.token}/hand-out", headers=cookie_of(district, district.clerk) | {"accept": "application/json"}
    )
    assert (told.status_code, told.json()["error"]["code"]) == (409, "not_recorded")
