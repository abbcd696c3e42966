"""Closing a village point with everything booked there, through the real pages."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.roles import Role
from server.database import reading, writing
from server.errors import Forbidden
from server.petitions.service_session import admit
from server.places.models import Kiosk, VillagePoint
from server.scheduling.models import Booking
from server.scheduling.service_closing import bookings_to_come, close_point
from server.scheduling.words import BookingState
from tests.district import District
from tests.petitions.record import cookie_of
from tests.places.setting_up import new_person

ADDRESS = "/admin/points/1/close"


@pytest.fixture
def headers(district: District) -> dict[str, str]:
    """The administrator's browser."""
    return cookie_of(district, new_person(district, "administrator", Role.ADMINISTRATOR)) | {"accept": "text/html"}


def states(district: District) -> dict[str, BookingState]:
    with reading(district.engine) as db:
        return {one.number: one.state for one in db.exec(select(Booking))}


def is_open(district: District) -> tuple[bool, bool]:
    """Whether the point is, and its kiosk."""
    with reading(district.engine) as db:
        return db.get_one(VillagePoint, 1).closed_at is None, db.get_one(Kiosk, 1).revoked_at is None


def test_the_button_asks_first_and_names_who_must_be_told(
    client: TestClient, district: District, headers: dict[str, str]
) -> None:
    number = district.book(slot=8).booking.number
    assert f'href="{ADDRESS}"' in client.get("/admin/points/1", headers=headers).text
    body = client.get(ADDRESS, headers=headers).text
    assert "会取消 1 个预约" in body
    assert number in body
    assert is_open(district) == (True, True)


def test_closing_cancels_what_is_booked_there_and_nothing_elsewhere(
    client: TestClient, district: District, headers: dict[str, str]
) -> None:
    booked = district.book(slot=6).booking.number
    waiting = district.wait(slot=7, key="two")
    elsewhere = district.book(slot=8, key="three", kiosk=district.other_kiosk).booking.number
    answer = client.post(ADDRESS, headers=headers)
    assert answer.headers["location"] == "/admin/points/1?done=closed"
    assert is_open(district) == (False, False)
    expected = {booked: BookingState.CANCELLED, waiting: BookingState.CANCELLED, elsewhere: BookingState.BOOKED}
    assert states(district) == expected
    assert "已停用" in client.get("/admin/points/1?done=closed", headers=headers).text


def test_a_talk_is_not_cut_off(client: TestClient, district: District, headers: dict[str, str]) -> None:
    talking, other = district.wait(slot=7), district.book(slot=8, key="two").booking.number
    with writing(district.engine) as db:
        admit(db, actor=district.official, now=district.clock.now(), number=talking)
    answer = client.post(ADDRESS, headers=headers)
    assert answer.status_code == 409
    assert "正有谈话在进行" in answer.text
    assert is_open(district) == (True, True)
    assert states(district) == {talking: BookingState.IN_SESSION, other: BookingState.BOOKED}


def test_only_administrators_close(district: District) -> None:
    told = {"now": district.clock.now(), "point_id": 1}
    for actor in (district.kiosk, district.official, district.clerk, district.handler):
        with writing(district.engine) as db:
            with pytest.raises(Forbidden):
                close_point(db, actor=actor, **told)  # type: ignore[arg-type]
            with pytest.raises(Forbidden):
                bookings_to_come(db, actor=actor, **told)  # type: ignore[arg-type]


def test_a_point_that_is_not_there(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/admin/points/99/close", headers=headers).status_code == 404
    assert client.post("/admin/points/99/close", headers=headers).status_code == 404
