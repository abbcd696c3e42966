"""Credentials for TURN: what coturn can check, what ends, what says nothing; and who is told, and when."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from server.settings import Settings
from server.signaling.messages import Close
from server.signaling.relays import Relays
from tests.conftest import SECRET
from tests.district import District
from tests.fakes import FakeClock
from tests.signaling.talkers import END, PATH, Open, Talker, cookie_of

URL = "turn:turn.example:3478?transport=tcp"
SHARED = "a secret that coturn has as well, of some length"
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RELAYS = Relays(urls=(URL,), secret=SHARED, seconds=600, only=False)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"turn_urls": URL, "turn_secret": SecretStr(SHARED), "turn_seconds": 600})


def test_a_name_says_when_it_ends_and_the_password_proves_it() -> None:
    (server,) = RELAYS.told(NOW)["servers"]
    assert server["urls"] == [URL]
    ends, _ = server["username"].split(":")
    assert int(ends) == NOW.timestamp() + 600
    expected = hmac.new(SHARED.encode(), server["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(server["credential"]) == expected


def test_nobody_has_the_same_name_and_the_secret_is_never_shown() -> None:
    names = {RELAYS.told(NOW)["servers"][0]["username"] for _ in range(100)}
    assert len(names) == 100
    assert SHARED not in repr(RELAYS) + str(RELAYS.told(NOW))


def test_without_servers_there_is_nothing_to_give() -> None:
    assert Relays(urls=(), secret="", seconds=600, only=False).told(NOW) == {"servers": [], "policy": "all"}
    assert Relays(urls=(URL,), secret=SHARED, seconds=600, only=True).told(NOW)["policy"] == "relay"


def name_of(one: Talker) -> str:
    """The name in what a browser was told last."""
    return str(one.last["relays"]["servers"][0]["username"])


def test_a_seat_in_a_talk_is_told_before_it_connects(opened: Open, district: District) -> None:
    number = district.wait()
    kiosk, desk = opened(district.kiosk, place="talk", booking=number), opened(district.official, place="desk")
    kiosk.until("waiting", position=1)
    for one in (kiosk, desk):
        one.done("ping")
        assert "relays" not in one.last
    desk.done("admit", booking=number)
    for one in (kiosk, desk):
        while "session" not in one.last:
            one.hear()
        assert one.last["relays"]["policy"] == "all"
    assert name_of(kiosk) != name_of(desk)
    assert "张" not in name_of(kiosk)
    assert number not in name_of(kiosk)


def test_credentials_are_told_anew_before_they_end(talk: tuple[Talker, Talker, str], clock: FakeClock) -> None:
    kiosk, desk, _ = talk
    first = name_of(kiosk)
    clock.forward(seconds=299)
    kiosk.done("ping")
    desk.done("ping")
    assert name_of(kiosk) == first
    clock.forward(seconds=1)
    kiosk.done("ping")
    while name_of(kiosk) == first:
        kiosk.hear()
    assert int(name_of(kiosk).split(":")[0]) == clock.now().timestamp() + 600


def test_a_browser_that_comes_back_has_its_own(
    opened: Open, district: District, talk: tuple[Talker, Talker, str]
) -> None:
    kiosk, _, number = talk
    again = opened(district.kiosk, place="talk", booking=number)
    again.until("session")
    assert kiosk.cut_off() == Close.REPLACED
    assert name_of(again) != name_of(kiosk)


def test_after_the_talk_there_are_no_more(
    opened: Open, district: District, talk: tuple[Talker, Talker, str], clock: FakeClock
) -> None:
    kiosk, desk, number = talk
    desk.done("end", **END)
    kiosk.until("session", phase="read_back")
    kiosk.done("sign", role="petitioner", path=PATH)
    kiosk.until("session", phase="over")
    had = name_of(kiosk)
    clock.forward(seconds=599)
    kiosk.done("ping")
    kiosk.done("ping")
    assert name_of(kiosk) == had
    late = opened(district.kiosk, place="talk", booking=number)
    late.until("session", phase="over")
    assert kiosk.cut_off() == Close.REPLACED
    late.done("ping")
    assert "relays" not in late.last


def test_a_point_that_checks_itself_goes_the_same_way(client: TestClient, district: District) -> None:
    cookie = cookie_of(district.engine, district.clock, district.kiosk)
    told = client.post("/kiosk/check", json={}, headers={"cookie": f"lianxin={cookie}"}).json()["relays"]
    assert [one["urls"] for one in told["servers"]] == [[URL]]
    assert int(told["servers"][0]["username"].split(":")[0]) == district.clock.now().timestamp() + 600


WRONG = [
    "turn.example:3478", "turn:", "turn:turn.example:0", "turn:turn.example:70000", "turn:turn.example?transport=sctp",
    "turns:turn.example?transport=udp", "http://turn.example", "turn://turn.example", "stun:turn.example",
    f"{URL}; {URL}", "turn:turn.example:3478?transport=tcp&x=1", "turn:someone@turn.example",
]  # fmt: skip
RIGHT = [
    "turn:10.1.2.3", "turns:turn.example", "turn:turn.example?transport=udp", "turn:[2001:db8::1]:3478?transport=tcp",
    f"{URL}, turns:turn.example:5349?transport=tcp",
]  # fmt: skip


def made(**told: object) -> Settings:
    return Settings.model_validate({"secret": SECRET, "turn_secret": SHARED, **told})


@pytest.mark.parametrize("value", WRONG)
def test_an_address_that_browsers_refuse_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="LIANXIN_TURN_URLS must be like"):
        made(turn_urls=value)


@pytest.mark.parametrize("value", RIGHT)
def test_an_address_that_browsers_take_is_taken(value: str) -> None:
    assert ", ".join(made(turn_urls=value).turn_servers) == value


def test_servers_without_a_secret_and_nothing_but_no_servers_are_refused() -> None:
    for secret in ("", "short"):
        with pytest.raises(ValueError, match="LIANXIN_TURN_URLS needs LIANXIN_TURN_SECRET"):
            made(turn_urls=URL, turn_secret=secret)
    with pytest.raises(ValueError, match="LIANXIN_TURN_ONLY needs LIANXIN_TURN_URLS"):
        made(turn_only=True)
    assert SHARED not in repr(made(turn_urls=URL))
