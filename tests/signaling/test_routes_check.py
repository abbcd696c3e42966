"""The check of a kiosk over HTTP: begun, answered, kept, seen at the desk; nobody else's, and never recorded."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.database import writing
from server.dependencies import COOKIE
from server.signaling.loopback import MOST_A_MINUTE, MOST_AT_ONCE
from tests.district import District, user
from tests.fakes import FakeMedia
from tests.signaling.talkers import connected, cookie_of

FINE = {"camera": True, "microphone": True, "connected": True, "pictures": 90, "packets": 190, "level": 0.1}
BLIND = {**FINE, "camera": False, "pictures": 0}


class Machine:
    """Somebody's browser at the check."""

    def __init__(self, client: TestClient, district: District, actor: Actor) -> None:
        self.client, self.cookie = client, cookie_of(district.engine, district.clock, actor)

    def post(self, address: str, told: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and answer; of a refusal its code."""
        answer = self.client.post(
            f"/kiosk/check{address}", json=told or {}, headers={"cookie": f"{COOKIE}={self.cookie}"}
        )
        body = answer.json()
        return answer.status_code, body.get("error", body)

    def begin(self) -> str:
        """Begin a check; its token."""
        status, told = self.post("")
        assert status == 200, told
        return str(told["check"])


@pytest.fixture
def kiosk(client: TestClient, district: District) -> Machine:
    return Machine(client, district, district.kiosk)


def test_a_check_is_a_call_of_two_seats_that_is_never_recorded(kiosk: Machine, media: FakeMedia) -> None:
    token = kiosk.begin()
    assert list(media.sessions) == [token]
    for seat in ("out", "back"):
        assert kiosk.post(f"/{token}/offers/{seat}", {"sdp": "x"}) == (200, {"sdp": "answer to x"})
    assert [seat for _, seat in media.seats] == ["out", "back"]
    told = {"picture": "good", "sound": "good", "line": "good", "kind": "good"}
    assert kiosk.post(f"/{token}/result", FINE) == (200, told)
    assert media.sessions == {}
    assert "start_recording" not in {verb for verb, _ in media.calls}
    assert kiosk.post(f"/{token}/result", FINE)[1]["code"] == "no_such_check"


def test_a_failed_check_is_seen_at_the_desk_until_it_is_mended(
    client: TestClient, district: District, kiosk: Machine
) -> None:
    district.book()
    official = cookie_of(district.engine, district.clock, district.official)
    with connected(client, official, place="desk") as desk:
        assert desk.until("list")["checks"] == []
        kiosk.post(f"/{kiosk.begin()}/result", BLIND)
        while not (told := desk.until("list")["checks"]):
            desk.hear()
        assert [(one["point"], one["kind"]) for one in told] == [("柳湾村", "no_picture")]
        kiosk.post(f"/{kiosk.begin()}/result", FINE)
        while desk.until("list")["checks"]:
            desk.hear()


def test_a_failed_check_of_a_point_without_bookings_troubles_nobody(client: TestClient, district: District) -> None:
    district.book()
    other = Machine(client, district, district.other_kiosk)
    other.post(f"/{other.begin()}/result", BLIND)
    official = cookie_of(district.engine, district.clock, district.official)
    with connected(client, official, place="desk") as desk:
        assert desk.until("list")["checks"] == []


def test_the_administrator_sees_the_newest_check(client: TestClient, district: District, kiosk: Machine) -> None:
    with writing(district.engine) as db:
        admin = user("admin", Role.ADMINISTRATOR)
        db.add(admin)
        db.flush()
        actor = actor_of_user(admin)
    headers = {"cookie": f"{COOKIE}={cookie_of(district.engine, district.clock, actor)}"}
    client.post("/admin/points/1", data={"name": "柳湾村", "has_video": "yes"}, headers=headers)
    assert "还没有自检过" in client.get("/admin/points", headers=headers).text
    kiosk.post(f"/{kiosk.begin()}/result", {**FINE, "round_trip_ms": 12.3, "loss": 0.02})
    assert "一切正常" in client.get("/admin/points", headers=headers).text
    kiosk.post(f"/{kiosk.begin()}/result", BLIND)
    assert "没有画面" in client.get("/admin/points", headers=headers).text
    assert "没有画面" in client.get("/admin/points/1", headers=headers).text


def test_a_check_is_nobody_else_s(client: TestClient, district: District, kiosk: Machine) -> None:
    token, other = kiosk.begin(), Machine(client, district, district.other_kiosk)
    for address, told in ((f"/{token}/offers/out", {"sdp": "x"}), (f"/{token}/result", FINE)):
        assert other.post(address, told)[1]["code"] == "no_such_check"
    assert kiosk.post(f"/{token}/offers/official", {"sdp": "x"})[1]["code"] == "no_such_check"
    handler, nobody = Machine(client, district, district.handler), Machine(client, district, district.handler)
    nobody.cookie = "none"
    assert handler.post("")[0] == 403
    assert nobody.post("")[0] == 401


def test_what_is_no_figure_is_refused_and_the_check_goes_on(kiosk: Machine) -> None:
    token = kiosk.begin()
    for wrong in ({"loss": 2.0}, {"pictures": -1}, {"round_trip_ms": 1e9}, {"extra": 1}):
        assert kiosk.post(f"/{token}/result", {**FINE, **wrong})[0] == 422
    assert kiosk.post(f"/{token}/offers/out", {"sdp": "x" * 50_000})[0] == 422
    assert kiosk.post(f"/{token}/result", FINE)[0] == 200


def test_the_next_check_ends_the_one_before_and_too_many_are_refused(
    app: FastAPI, district: District, kiosk: Machine, media: FakeMedia
) -> None:
    tokens = [kiosk.begin() for _ in range(MOST_A_MINUTE)]
    assert list(media.sessions) == tokens[-1:]
    assert kiosk.post("")[1]["code"] == "checks_too_often"
    running = app.state.loopbacks
    for number in range(MOST_AT_ONCE - 1):
        kiosk.client.portal.call(_begin, running, f"other {number}")  # type: ignore[union-attr]  # it is entered
    assert len(media.sessions) == MOST_AT_ONCE
    assert Machine(kiosk.client, district, district.other_kiosk).post("")[1]["code"] == "checks_running"


async def _begin(running: Any, owner: str) -> None:
    await running.begin(owner=owner)


def test_a_full_engine_refuses_the_check_and_keeps_nothing(kiosk: Machine, media: FakeMedia) -> None:
    media.full = True
    assert kiosk.post("")[1]["code"] == "media_full"
    media.full = False
    kiosk.begin()
    assert len(media.sessions) == 1


def test_a_point_tries_itself_only_where_somebody_is_booked(district: District, kiosk: Machine) -> None:
    def due() -> bool:
        told: dict[str, bool] = kiosk.client.get(
            "/kiosk/check/due", headers={"cookie": f"{COOKIE}={kiosk.cookie}"}
        ).json()
        return told["due"]

    assert not due()
    district.book()
    assert due()
    kiosk.post(f"/{kiosk.begin()}/result", BLIND)
    assert not due()
