"""The live socket through the real application: a whole reception, and what must not work."""

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from structlog.testing import capture_logs

from server.accounts.roles import Role
from server.accounts.service import actor_of_user
from server.database import reading, writing
from server.media.ports import Alarm, EventKind, MediaEvent, SeatState
from server.petitions.service_seal import sealed_session
from server.signaling.messages import Close
from server.signaling.placement import PASSING
from tests.district import District, user
from tests.fakes import FakeMedia
from tests.signaling.talkers import END, PATH, Open, Talker, cookie_of


def test_a_visitor_who_waits_is_on_the_list_and_rings(opened: Open, district: District) -> None:
    desk = opened(district.official, place="desk")
    assert desk.until("list")["entries"] == []
    number = district.wait()
    entry = desk.until("list", help=[])["entries"]
    while not entry:
        entry = desk.hear().get("entries", [])
    kiosk = opened(district.kiosk, place="talk", booking=number)
    told = kiosk.until("waiting", state="waiting", position=1, ahead=0)
    assert (told["official"], entry[0]["number"], entry[0]["name"]) == ("official", number, "张秀英")


def test_a_whole_reception(
    opened: Open, district: District, talk: tuple[Talker, Talker, str], media: FakeMedia
) -> None:
    kiosk, desk, number = talk
    assert kiosk.done("offer", sdp="x")["sdp"] == "answer to x"
    desk.done("offer", sdp="y")
    assert [seat for _, seat in media.seats] == ["petitioner", "official"]
    assert ("start_recording", desk.last["session"]["token"]) in media.calls
    line = desk.done("write_line", key="a", speaker="petitioner", text="房子漏水。")
    assert desk.done("write_line", key="a", speaker="petitioner", text="房子漏水。")["line"] == line["line"]
    desk.done("promise", key="p", line_key="a", what="派人去看", unit=1, person="李工", due_on="2026-12-01")
    while not kiosk.until("minutes")["follow_ups"]:
        kiosk.hear()
    assert kiosk.last["minutes"]["lines"][0]["text"] == "房子漏水。"
    assert kiosk.last["minutes"]["lines"][0]["offset_ms"] is not None
    assert desk.ask("end", outcome="", opinion="")["code"] == "outcome_missing"
    assert desk.ask("end", outcome="accepted", opinion="")["code"] == "unit_missing"
    desk.done("end", **END)
    kiosk.until("session", phase="read_back")
    assert desk.ask("write_line", key="b", speaker="official", text="再补一句")["code"] == "out_of_state"
    assert kiosk.ask("sign", role="petitioner", path=PATH)["code"] == "lines_open"
    kiosk.done("object_line", line=line["line"], text="漏了两年")
    signed = kiosk.done("sign", role="petitioner", path=PATH)
    assert signed["slip"] == f"/kiosk/reception/{number}/slip"
    desk.until("session", phase="over")
    assert ("close_session", desk.last["session"]["token"]) in media.calls


def test_the_seal_of_a_talk_is_kept_and_asked_for_again_where_it_was_missed(
    opened: Open, district: District, talk: tuple[Talker, Talker, str], media: FakeMedia
) -> None:
    kiosk, desk, number = talk
    desk.done("end", **END)
    kiosk.until("session", phase="read_back")
    kiosk.done("sign", role="petitioner", path=PATH)
    token = desk.until("session", phase="over")["token"]
    media.seals[token] = "ab" * 32
    media.report(MediaEvent(EventKind.ENGINE_READY, detail="another run"))
    end = time.monotonic() + 10
    while (kept := seal_of(district, number)) == "" and time.monotonic() < end:
        time.sleep(0.02)
    assert kept == "ab" * 32


def test_the_seal_of_a_check_is_nobody_s_and_nothing_is_logged(
    opened: Open, district: District, talk: tuple[Talker, Talker, str], media: FakeMedia
) -> None:
    desk, token = talk[1], talk[1].last["session"]["token"]
    with capture_logs() as logged:
        media.report(MediaEvent(EventKind.SEALED, f"{PASSING}selftest-1", detail="ab" * 32))
        media.report(MediaEvent(EventKind.SPEAKING, token, speaking=("official",)))
        desk.until("speaking", seats=["official"])
    assert [one for one in logged if one["event"] == "report_not_taken"] == []


def seal_of(district: District, number: str) -> str:
    with reading(district.engine) as db:
        found = sealed_session(db, name=number)
    assert found is not None
    return found.seal


def test_without_consent_nothing_is_recorded(opened: Open, district: District, media: FakeMedia) -> None:
    number = district.wait(consent=False)
    desk = opened(district.official, place="desk")
    desk.done("admit", booking=number)
    desk.done("restart_recording")
    desk.done("pause")
    desk.done("resume")
    assert "start_recording" not in {verb for verb, _ in media.calls}
    assert desk.until("session")["recording"]["on"] is False


def test_a_call_for_help_rings_at_every_desk_until_somebody_takes_it(
    opened: Open, district: District, talk: tuple[Talker, Talker, str]
) -> None:
    kiosk, desk, _ = talk
    other = opened(district.other_official, place="desk")
    kiosk.done("call_help")
    kiosk.done("call_help")
    for one in (desk, other):
        while not one.until("list")["help"]:
            one.hear()
    call = desk.last["list"]["help"]
    assert [one["point"] for one in call] == ["柳湾村"]
    other.done("answer_help", help=call[0]["id"])
    while desk.last["list"]["help"]:
        desk.hear()
    assert desk.ask("answer_help", help=999)["code"] == "no_such_call"


def test_holding_bringing_back_and_marking_absent_move_the_visitor(opened: Open, district: District) -> None:
    number = district.wait()
    kiosk, desk = opened(district.kiosk, place="talk", booking=number), opened(district.official, place="desk")
    for step, state in (
        ("hold", "held"),
        ("bring_back", "waiting"),
        ("mark_absent", "absent"),
        ("bring_back", "waiting"),
    ):
        desk.done(step, booking=number)
        kiosk.until("waiting", state=state)
    assert desk.ask("bring_back", booking=number)["code"]
    desk.done("call_next")
    kiosk.until("session", phase="talk")
    assert desk.ask("call_next")["code"] == "nobody_waits"


def test_a_second_visitor_is_not_admitted_into_a_talk(district: District, talk: tuple[Talker, Talker, str]) -> None:
    _, desk, number = talk
    second = district.wait(slot=8, key="two", kiosk=district.other_kiosk)
    assert desk.ask("admit", booking=second)["code"] == "talk_under_way"
    assert desk.done("admit", booking=number)["token"] == desk.last["session"]["token"]


def test_a_visitor_cannot_do_what_the_desk_does(talk: tuple[Talker, Talker, str]) -> None:
    kiosk, desk, number = talk
    told: dict[str, dict[str, Any]] = {
        "admit": {"booking": number},
        "write_line": {"key": "k", "speaker": "official", "text": "好"},
        "end": END,
        "invite": {"role": "unit", "name": "王"},
    }
    assert {kind: kiosk.ask(kind, **fields)["code"] for kind, fields in told.items()} == dict.fromkeys(
        told, "not_yours"
    )
    assert desk.ask("sign", role="petitioner", path=PATH)["code"] == "not_yours"


def test_the_same_seat_elsewhere_replaces_the_first(
    opened: Open, district: District, talk: tuple[Talker, Talker, str]
) -> None:
    kiosk, desk, number = talk
    again = opened(district.official, place="desk")
    assert again.until("session")["number"] == number
    assert (desk.cut_off(), desk.last["replaced"]["type"]) == (Close.REPLACED, "replaced")
    again.done("write_line", key="k", speaker="official", text="我换了一个窗口")
    kiosk.until("minutes")


def test_a_reload_keeps_the_seat_and_both_are_told(
    opened: Open, district: District, talk: tuple[Talker, Talker, str]
) -> None:
    kiosk, desk, number = talk
    kiosk.socket.close()

    def present() -> list[bool]:
        return [one["present"] for one in desk.last["session"]["participants"]]

    while present() != [False, True]:
        desk.hear()
    back = opened(district.kiosk, place="talk", booking=number)
    assert back.until("session")["phase"] == "talk"
    while present() != [True, True]:
        desk.hear()


def test_a_third_participant_is_let_in_by_the_address_only(opened: Open, talk: tuple[Talker, Talker, str]) -> None:
    _, desk, _ = talk
    address = desk.done("invite", role="interpreter", name="王译")["address"]
    guest = opened(None, place="join", invitation=address.removeprefix("/join/"))
    assert guest.until("welcome")["you"]["seat"] == "guest-1"
    guest.done("offer", sdp="z")
    assert guest.ask("write_line", key="k", speaker="other", text="…")["code"] == "not_yours"
    assert "minutes" not in guest.last
    assert opened(None, place="join", invitation="something else").cut_off() == Close.NOT_ALLOWED


def test_the_engine_s_reports_reach_the_desk(
    talk: tuple[Talker, Talker, str], media: FakeMedia, district: District
) -> None:
    _, desk, _ = talk
    token = desk.last["session"]["token"]
    media.sessions[token] = media.sessions[token].__class__(recording=True, alarm=Alarm.SILENT)
    media.report(MediaEvent(EventKind.RECORDING_ALARM, token, alarm=Alarm.SILENT))
    while desk.last["session"]["recording"]["alarm"] != "silent":
        desk.hear()
    media.report(MediaEvent(EventKind.SPEAKING, token, speaking=("petitioner",)))
    assert desk.until("speaking")["seats"] == ["petitioner"]
    media.report(MediaEvent(EventKind.SEAT_CHANGED, token, "petitioner", SeatState.LOST))
    media.sessions.clear()
    media.report(MediaEvent(EventKind.ENGINE_READY, detail="another"))
    desk.until("reconnect_media")
    assert token in media.sessions


def test_an_engine_that_is_down_does_not_stop_the_reception(opened: Open, district: District, media: FakeMedia) -> None:
    number = district.wait()
    media.down = True
    desk = opened(district.official, place="desk")
    desk.done("admit", booking=number)
    assert desk.ask("offer", sdp="x")["code"] == "media_unavailable"
    desk.done("write_line", key="k", speaker="official", text="先用电话说")
    media.down = False
    media.report(MediaEvent(EventKind.ENGINE_READY, detail="first"))
    desk.until("reconnect_media")


BAD = [
    "", "[]", "null", "{", '{"type":"nothing","id":"1"}', '{"type":"ping"}', '{"type":"ping","id":"1","more":2}',
    '{"type":"write_line","id":"1","key":"!","speaker":"x","text":"y"}', '{"id":"1"}', "[" * 20000,
    '{"type":"promise","id":"1","key":"k","what":"x","unit":"one","due_on":"x"}', '"\\ud800"',
]  # fmt: skip


def test_nonsense_is_answered_and_disturbs_nobody(talk: tuple[Talker, Talker, str]) -> None:
    kiosk, desk, _ = talk
    for text in BAD:
        kiosk.socket.send_text(text)
        while (told := kiosk.hear())["type"] != "error":
            pass
        assert told["code"] == "bad_message", text
    desk.done("ping")
    kiosk.done("ping")


@pytest.mark.parametrize(
    ("sent", "code"), [("x" * 70_000, Close.TOO_LARGE), (b"bytes", Close.PROTOCOL)], ids=["too large", "bytes"]
)
def test_what_no_page_of_ours_sends_ends_the_connection(
    talk: tuple[Talker, Talker, str], sent: str | bytes, code: int
) -> None:
    kiosk, desk, _ = talk
    if isinstance(sent, bytes):
        kiosk.socket.send_bytes(sent)
    else:
        kiosk.socket.send_text(sent)
    assert kiosk.cut_off() == code
    desk.done("ping")


def test_too_many_messages_end_the_connection(talk: tuple[Talker, Talker, str]) -> None:
    kiosk, desk, _ = talk
    for number in range(300):
        kiosk.socket.send_json({"type": "ping", "id": str(number)})
    assert kiosk.cut_off() == Close.TOO_MANY
    desk.done("ping")


@pytest.mark.parametrize(
    "hello",
    ["", '{"type":"ping","id":"1"}', json.dumps({"type": "hello", "id": "1", "version": 9, "place": "desk"})],
    ids=["nothing", "ping", "other version"],
)
def test_a_bad_hello_is_refused(opened: Open, hello: str) -> None:
    talker = opened(None)
    talker.socket.send_text(hello)
    assert talker.cut_off() == Close.BAD_HELLO


def refusal(talker: Talker) -> tuple[str, int]:
    code = talker.cut_off()
    return talker.last["error"]["code"], code


def test_strangers_and_others_are_refused(opened: Open, district: District) -> None:
    number = district.wait()
    assert refusal(opened(None, place="desk")) == ("sign_in_first", Close.NOT_ALLOWED)
    assert refusal(opened(district.handler, place="desk")) == ("not_allowed", Close.NOT_ALLOWED)
    other = opened(district.other_kiosk, place="talk", booking=number)
    assert refusal(other) == ("no_such_booking", Close.NOT_ALLOWED)
    mine = opened(district.other_official, place="desk", official=district.official.id)
    assert refusal(mine) == ("not_your_list", Close.NOT_ALLOWED)
    assert refusal(opened(district.clerk, place="desk")) == ("no_such_list", Close.NOT_ALLOWED)


def test_a_clerk_writes_the_minutes_as_recorder(
    opened: Open, district: District, talk: tuple[Talker, Talker, str]
) -> None:
    kiosk, _, number = talk
    clerk = opened(district.clerk, place="desk", official=district.official.id)
    assert clerk.until("session")["number"] == number
    clerk.done("write_line", key="c", speaker="official", text="记录员写的")
    while not kiosk.until("minutes")["lines"]:
        kiosk.hear()
    assert clerk.ask("end", **END)["code"] == "not_allowed"
    assert {"seat": f"recorder-{district.clerk.id}", "role": "recorder", "name": "clerk"}.items() <= clerk.last[
        "session"
    ]["participants"][-1].items()


def test_a_foreign_page_gets_no_socket(client: TestClient, district: District) -> None:
    cookie = cookie_of(district.engine, district.clock, district.official)
    headers = {"origin": "http://elsewhere.example", "cookie": f"lianxin={cookie}"}
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/live", headers=headers),
    ):
        pass
    assert closed.value.code == Close.NOT_ALLOWED


def test_a_full_engine_leaves_the_visitor_on_the_list(opened: Open, district: District, media: FakeMedia) -> None:
    number = district.wait()
    kiosk, desk = opened(district.kiosk, place="talk", booking=number), opened(district.official, place="desk")
    kiosk.until("waiting", position=1)
    media.full = True
    refused = desk.ask("admit", booking=number)
    assert refused["code"] == "media_full"
    assert "不用重新排队" in refused["message"]
    assert desk.ask("call_next")["code"] == "media_full"
    kiosk.done("ping")
    assert (kiosk.last["waiting"]["state"], kiosk.last["waiting"]["position"]) == ("waiting", 1)
    assert "session" not in kiosk.last
    assert media.sessions == {}
    media.full = False
    token = desk.done("admit", booking=number)["token"]
    kiosk.until("session", phase="talk")
    media.full = True
    assert desk.done("admit", booking=number)["token"] == token
    assert list(media.sessions) == [token]


def test_a_refused_admission_gives_its_room_up(
    opened: Open, district: District, talk: tuple[Talker, Talker, str], media: FakeMedia
) -> None:
    desk, second = talk[1], district.wait(slot=8, key="two", kiosk=district.other_kiosk)
    running = list(media.sessions)
    assert desk.ask("admit", booking=second)["code"] == "talk_under_way"
    assert desk.ask("admit", booking="none")["code"] == "no_such_booking"
    assert list(media.sessions) == running


def test_a_talk_begins_without_an_engine_and_comes_into_one_later(
    opened: Open, district: District, media: FakeMedia
) -> None:
    number = district.wait()
    kiosk, desk = opened(district.kiosk, place="talk", booking=number), opened(district.official, place="desk")
    media.down = True
    token = desk.done("admit", booking=number)["token"]
    kiosk.until("session", phase="talk")
    media.down = False
    media.report(MediaEvent(EventKind.ENGINE_READY))
    kiosk.until("reconnect_media")
    assert list(media.sessions) == [token]


@pytest.mark.parametrize("who", ["agent", "clerk"])
def test_the_visitor_s_seat_is_the_kiosk_s_alone(
    opened: Open, district: District, talk: tuple[Talker, Talker, str], who: str
) -> None:
    kiosk, _, number = talk
    agent = user("agent", Role.AGENT)
    agent.point_id = 1
    with writing(district.engine) as db:
        db.add(agent)
        db.flush()
        actor = actor_of_user(agent) if who == "agent" else district.clerk
    assert refusal(opened(actor, place="talk", booking=number)) == ("not_allowed", Close.NOT_ALLOWED)
    kiosk.done("ping")


HUGE = 2**70


def test_numbers_too_large_for_a_row_are_refused(opened: Open, district: District, talk: Any) -> None:
    kiosk, desk, _ = talk
    promise = {"key": "k", "what": "x", "due_on": "2026-12-01"}
    for sent, told in (
        ("answer_help", {"help": HUGE}),
        ("promise", promise | {"unit": HUGE}),
        ("end", END | {"unit": HUGE}),
    ):
        assert desk.ask(sent, **told)["code"] == "bad_message"
    desk.done("end", **END)
    assert kiosk.ask("confirm_line", line=-HUGE)["code"] == "bad_message"
    assert opened(district.clerk, place="desk", official=HUGE).cut_off() == Close.BAD_HELLO
