"""Talks that outlive their connections, their processes, their day."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.app import create_app
from server.database import reading, writing
from server.media.ports import EventKind, MediaEvent, RecordingState, SeatState
from server.petitions.models import Petition, ReceptionSession, SessionEvent
from server.petitions.service_ending import close_unsigned, end_talk
from server.petitions.service_session import admit
from server.scheduling.models import Booking
from server.scheduling.service_list import give_consent
from server.settings import Settings
from tests.district import District
from tests.fakes import FakeMedia
from tests.signaling.talkers import END, PATH, Open, Talker, connected, cookie_of

Talk = tuple[Talker, Talker, str]


@contextmanager
def another_process(settings: Settings, district: District, media: FakeMedia) -> Iterator[TestClient]:
    """The web process, started again over the same database and the same engine."""
    app = create_app(settings, media=media, clock=district.clock, engine=district.engine)
    with TestClient(app, follow_redirects=False) as client:
        yield client


def token_in(district: District) -> str:
    with reading(district.engine) as db:
        return db.exec(select(ReceptionSession)).one().token


def kinds_in(district: District) -> list[str]:
    with reading(district.engine) as db:
        return list(db.exec(select(SessionEvent.kind).order_by(SessionEvent.id)))  # type: ignore[arg-type]  # a column


def test_a_talk_that_is_over_is_not_opened_again_by_a_kiosk_that_comes_back(
    opened: Open, district: District, talk: Talk, media: FakeMedia
) -> None:
    kiosk, desk, number = talk
    token = token_in(district)
    kiosk.socket.close()
    desk.done("end", **END)
    desk.done("close_unsigned", reason="信访人离开了")
    before = kinds_in(district)
    back = opened(district.kiosk, place="talk", booking=number)
    assert back.until("session")["phase"] == "over"
    back.done("ping")
    back.socket.close()
    desk.done("ping")
    assert token not in media.sessions
    assert kinds_in(district) == before


def test_a_pause_outlives_the_web_process(
    settings: Settings, district: District, talk: Talk, media: FakeMedia, client: TestClient
) -> None:
    kiosk, desk, number = talk
    kiosk.done("ask_to_end")
    desk.done("pause")
    with another_process(settings, district, media) as anew:
        cookies = [cookie_of(district.engine, district.clock, one) for one in (district.kiosk, district.official)]
        with (
            connected(anew, cookies[0], place="talk", booking=number) as visitor,
            connected(anew, cookies[1], place="desk") as official,
        ):
            assert visitor.until("session")["paused"] is True
            assert official.until("session")["wishes_to_end"] is True
            official.done("resume")
            assert official.until("session", paused=False)["recording"]["on"] is True


def test_what_should_be_recorded_and_is_not_rings_at_the_desk(
    opened: Open, district: District, talk: Talk, media: FakeMedia
) -> None:
    _, desk, _ = talk
    assert desk.last["session"]["recording"]["alarm"] is None
    media.sessions[token_in(district)] = RecordingState(recording=False)
    desk.done("switches", microphone=False, camera=True)
    desk.comes_to("session", lambda told: told["recording"]["alarm"] == "not_growing")
    desk.done("restart_recording")
    told = desk.comes_to("session", lambda told: told["recording"]["alarm"] is None)
    assert told["recording"]["on"] is True


def test_an_engine_that_fails_between_opening_and_recording_is_asked_again(
    opened: Open, district: District, media: FakeMedia
) -> None:
    number = district.wait()
    desk = opened(district.official, place="desk")
    media.fails = {"start_recording"}
    desk.done("admit", booking=number)
    desk.comes_to("session", lambda told: told["recording"]["alarm"] == "not_growing")
    media.fails = set()
    media.report(MediaEvent(EventKind.ENGINE_READY, detail="the same"))
    told = desk.comes_to("session", lambda told: told["recording"]["alarm"] is None)
    assert told["recording"]["on"] is True


@pytest.mark.parametrize(("first", "verb"), [((), "pause"), (("pause",), "resume")])
def test_a_refused_pause_or_resume_changes_nothing(
    talk: Talk, media: FakeMedia, first: tuple[str, ...], verb: str
) -> None:
    _, desk, _ = talk
    for step in first:
        desk.done(step)
    media.fails = {"pause_recording", "start_recording"}
    assert desk.ask(verb)["code"] == "media_unavailable"
    media.fails = set()
    desk.done("switches", microphone=False, camera=True)
    told = desk.comes_to("session", lambda told: not told["participants"][1]["microphone"])
    assert told["paused"] is bool(first)


def test_the_end_of_a_talk_ends_its_pause(talk: Talk) -> None:
    kiosk, desk, _ = talk
    kiosk.done("pause")
    desk.done("end", **END)
    told = desk.until("session", phase="read_back")
    assert (told["paused"], told["recording"]["on"]) == (False, True)


def test_a_kiosk_that_reloads_while_it_is_admitted_does_not_leave_the_official_behind(
    opened: Open, district: District
) -> None:
    number = district.wait()
    desk = opened(district.official, place="desk")
    desk.until("list")
    with writing(district.engine) as db:
        admit(db, actor=district.official, now=district.clock.now(), number=number)
    kiosk = opened(district.kiosk, place="talk", booking=number)
    kiosk.until("session", phase="talk")
    desk.done("admit", booking=number)
    desk.done("write_line", key="a", speaker="official", text="请讲")


def test_consent_that_is_asked_after_admission_begins_the_recording(
    opened: Open, district: District, media: FakeMedia, client: TestClient
) -> None:
    number = district.wait(consent=None)
    desk = opened(district.official, place="desk")
    desk.done("admit", booking=number)
    token = token_in(district)
    page = client.get(
        f"/kiosk/reception/{number}/talk",
        headers={"cookie": f"lianxin={cookie_of(district.engine, district.clock, district.kiosk)}"},
    )
    assert page.headers["location"] == f"/kiosk/reception/{number}/consent"
    assert ("start_recording", token) not in media.calls
    with writing(district.engine) as db:
        give_consent(db, actor=district.kiosk, now=district.clock.now(), number=number, consent=True)
    kiosk = opened(district.kiosk, place="talk", booking=number)
    assert kiosk.until("session")["recording"]["consent"] is True
    assert ("start_recording", token) in media.calls


def test_a_talk_left_open_is_ended_on_another_day(opened: Open, district: District, talk: Talk) -> None:
    kiosk, desk, _ = talk
    desk.done("end", **END)
    for one in (kiosk, desk):
        one.socket.close()
    district.clock.forward(days=1)
    desk = opened(district.official, place="desk")
    assert desk.until("session")["phase"] == "read_back"
    desk.done("close_unsigned", reason="信访人离开了")
    with reading(district.engine) as db:
        assert (db.exec(select(Booking)).one().state, db.exec(select(Petition)).one().state) == ("done", "in_review")


def test_files_are_made_of_a_talk_whose_end_the_engine_missed(
    district: District, talk: Talk, media: FakeMedia, settings: Settings
) -> None:
    token = token_in(district)
    told = {"actor": district.official, "now": district.clock.now(), "token": token}
    with writing(district.engine) as db:
        end_talk(db, **told, outcome="answered", opinion="")  # type: ignore[arg-type]  # by name
        close_unsigned(db, **told, reason="走了")  # type: ignore[arg-type]  # by name
    with another_process(settings, district, media) as anew:
        media.report(MediaEvent(EventKind.ENGINE_READY, detail="the same"))
        with connected(anew, cookie_of(district.engine, district.clock, district.official), place="desk") as again:
            again.done("ping")
            for _ in range(60):
                if token not in media.sessions:
                    break
                again.done("ping")
    assert ("close_session", token) in media.calls


def test_a_report_that_cannot_be_kept_does_not_stop_the_next_one(
    district: District, talk: Talk, media: FakeMedia
) -> None:
    _, desk, _ = talk
    token = token_in(district)
    media.report(MediaEvent(EventKind.SEAT_CHANGED, token, "\ud800", SeatState.LOST))
    media.report(MediaEvent(EventKind.SEAT_CHANGED, token, "petitioner", SeatState.LOST))
    for _ in range(60):
        if "lost" in kinds_in(district):
            break
        desk.done("ping")
    assert "lost" in kinds_in(district)


def test_the_engine_s_return_is_in_the_minutes_and_in_the_recording_s_index(
    district: District, talk: Talk, media: FakeMedia
) -> None:
    _, desk, _ = talk
    token = token_in(district)
    media.sessions.clear()
    media.report(MediaEvent(EventKind.ENGINE_READY, detail="another"))
    desk.until("reconnect_media")
    assert "engine_lost" in kinds_in(district)
    calls = [verb for verb, session in media.calls if session == token]
    assert calls.index("mark engine_lost") > len(calls) - 1 - calls[::-1].index("start_recording")


def test_a_signature_and_an_end_without_one_exclude_each_other(district: District, talk: Talk) -> None:
    kiosk, desk, _ = talk
    desk.done("end", **END)
    kiosk.done("sign", role="petitioner", path=PATH)
    assert "unsigned" not in kinds_in(district)
