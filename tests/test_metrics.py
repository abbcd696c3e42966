"""The numbers are right, bounded, and hold nothing of anybody."""

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from server.media.ports import Alarm, EventKind, MediaEvent, SeatHealth, SeatState
from server.security import HEADERS
from tests.district import District
from tests.fakes import FakeMedia
from tests.signaling.talkers import connected, cookie_of

Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def local(app: FastAPI) -> TestClient:
    """A client on this machine."""
    return TestClient(app, client=("127.0.0.1", 40000), follow_redirects=False, raise_server_exceptions=False)


def numbers(client: TestClient) -> Numbers:
    """Every sample by its name and labels."""
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for one in family.samples
    }


def labelled(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return f"lianxin_{name}", tuple(sorted(labels.items()))


def test_requests_are_counted_by_template_not_by_address(local: TestClient) -> None:
    for code in ("secret-one", "secret-two"):
        local.get(f"/join/{code}")
    local.get("/nothing/of/ours")
    local.request("BREW", "/nothing")
    told = numbers(local)
    joined = [key for key in told if key[0] == "lianxin_requests_total" and ("route", "/join/{invitation}") in key[1]]
    assert sum(told[key] for key in joined) == 2
    assert told[labelled("requests_total", method="GET", route="unknown", status="404")] == 1
    assert told[labelled("requests_total", method="other", route="unknown", status="404")] == 1
    assert "secret" not in local.get("/metrics").text
    assert told[labelled("request_seconds_count", route="/join/{invitation}")] == 2


def test_who_waits_talks_and_is_connected(client: TestClient, local: TestClient, district: District) -> None:
    number = district.wait()
    before = numbers(local)
    assert before[labelled("waiting")] == 1
    assert before[labelled("bookings", state="waiting")] == 1
    assert before[labelled("bookings", state="cancelled")] == 0
    official = cookie_of(district.engine, district.clock, district.official)
    with connected(client, official, place="desk") as desk:
        desk.done("admit", booking=number)
        during = numbers(local)
    assert during[labelled("sessions")] == 1
    assert during[labelled("waiting")] == 0
    assert during[labelled("live_sockets", place="desk")] == 1
    assert during[labelled("live_sockets", place="talk")] == 0


def test_recordings_that_cannot_be_trusted_are_counted(local: TestClient, media: FakeMedia) -> None:
    media.report(MediaEvent(EventKind.RECORDING_ALARM, session="a", alarm=Alarm.SILENT))
    media.report(MediaEvent(EventKind.RECORDING_HEALTHY, session="a"))
    assert numbers(local)[labelled("recording_alarms_total", alarm="silent")] == 1


def test_lines_are_told_in_numbers_that_name_nobody(
    client: TestClient, local: TestClient, district: District, media: FakeMedia
) -> None:
    number = district.wait()
    official = cookie_of(district.engine, district.clock, district.official)
    with connected(client, official, place="desk") as desk:
        token = desk.done("admit", booking=number)["token"]
        good = SeatHealth("official", SeatState.CONNECTED, 0.0, 0.002, 0.04, 600_000.0)
        weak = SeatHealth("petitioner", SeatState.WEAK, 0.12, 0.05, None, 90_000.0, 3)
        media.lines[token] = (good, weak, SeatHealth("guest-1", SeatState.ABSENT))
        media.report(MediaEvent(EventKind.SEAT_CHANGED, token, "petitioner", SeatState.WEAK))
        told = numbers(local)
        media.down = True
        assert numbers(local)[labelled("seats", state="weak")] == 0
    assert {state.value: told[labelled("seats", state=state.value)] for state in SeatState} == {
        "absent": 1,
        "connecting": 0,
        "connected": 1,
        "weak": 1,
        "voice_only": 0,
        "lost": 0,
    }
    assert told[labelled("line_loss", of="worst")] == 0.12
    assert told[labelled("line_round_trip_seconds", of="middle")] == 0.04
    assert told[labelled("seat_bitrate", of="middle")] == 345_000
    assert told[labelled("picture_freezes")] == 3
    assert told[labelled("seat_changes_total", state="weak")] == 1


def test_a_request_is_logged_by_its_template(local: TestClient) -> None:
    with capture_logs() as lines:
        local.get("/join/secret?name=secret", headers={"cookie": "lianxin=secret"})
        local.get("/healthz")
    (line,) = [one for one in lines if one["event"] == "request"]
    assert (line["method"], line["route"]) == ("GET", "/join/{invitation}")
    assert "secret" not in json.dumps(line)


def test_a_fault_is_logged_without_its_message(app: FastAPI, local: TestClient) -> None:
    @app.get("/broken/{code}")
    def broken(code: str) -> None:
        raise RuntimeError(f"petitioner 张三 {code}")

    with capture_logs() as lines:
        answer = local.get("/broken/secret")
    (fault,) = [one for one in lines if one["event"] == "fault"]
    assert (answer.status_code, fault["route"]) == (500, "/broken/{code}")
    assert fault["request_id"] == answer.headers["x-request-id"]
    assert HEADERS.items() <= answer.headers.items()
