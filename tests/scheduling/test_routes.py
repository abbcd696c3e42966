"""The kiosk's own pages through the real application."""

from datetime import timedelta

from fastapi.testclient import TestClient

from server.accounts.roles import Actor
from tests.district import District
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}


def seen(client: TestClient, district: District, actor: Actor, address: str) -> str:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, actor))
    return client.get(address, headers=HTML).text


def test_a_kiosk_keeps_its_bar_where_something_went_wrong(client: TestClient, district: District) -> None:
    assert "叫人帮忙" in seen(client, district, district.kiosk, "/kiosk/reception/nobody")
    assert "叫人帮忙" not in seen(client, district, district.handler, "/nowhere")


def test_a_person_signs_out_at_the_kiosk_and_a_kiosk_does_not(client: TestClient, district: District) -> None:
    assert 'action="/sign-out"' in seen(client, district, district.clerk, "/kiosk")
    assert 'action="/sign-out"' not in seen(client, district, district.kiosk, "/kiosk")


def test_checking_in_is_offered_on_the_day_itself(client: TestClient, district: District) -> None:
    address = f"/kiosk/reception/{district.book(slot=6).booking.number}"
    assert "check-in" in seen(client, district, district.kiosk, address)
    district.clock.instant -= timedelta(days=1)
    told = seen(client, district, district.kiosk, address)
    assert "check-in" not in told
    assert "再来" in told


def test_pages_with_personal_words_go_back_to_the_start(client: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    for address in ("/kiosk/reception", f"/kiosk/reception/{number}", "/ask"):
        assert 'data-idle="/kiosk"' in seen(client, district, district.kiosk, address), address
    assert "data-idle" not in seen(client, district, district.kiosk, "/kiosk")
    assert "data-idle" not in seen(client, district, district.handler, "/ask")
