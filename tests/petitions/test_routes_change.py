"""Another time, or none: at the kiosk, and with number and code."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.exclusion import Excluded
from server.accounts.roles import Actor
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.petitions.models import Petition
from server.petitions.service_petition import exclude
from server.petitions.words import PetitionState
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_holds import hold
from server.scheduling.words import BookingState
from tests.district import TODAY, District
from tests.petitions.test_routes_booking import HTML, at

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def other_day(district: District) -> int:
    """Tomorrow the other official receives."""
    with writing(district.engine) as db:
        day = ReceptionDay(official_id=district.other_official.id, day=TOMORROW, opens_minute=540, closes_minute=720)
        db.add(day)
        db.flush()
        return day.id or 0


@pytest.fixture
def booked(district: District) -> tuple[str, str]:
    """Number and code of a booking of today, slot 6."""
    made = district.book(slot=6)
    return made.booking.number, made.petition.query_code or ""


def now_at(district: District, number: str) -> tuple[int, int | None, BookingState, PetitionState, int]:
    with reading(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        petition = db.exec(select(Petition).where(Petition.booking_id == booking.id)).one()
        return booking.reception_day_id, booking.slot, booking.state, petition.state, petition.official_id


def send(client: TestClient, way: str, booked: tuple[str, str], verb: str, **more: str) -> Any:
    """The same form at the kiosk or with the code."""
    if way == "kiosk":
        return client.post(f"/kiosk/reception/{booked[0]}/{verb}", data=more, headers=HTML)
    return client.post(f"/ask/{verb}", data={"number": booked[0], "code": booked[1], **more}, headers=HTML)


def enter(client: TestClient, district: District, way: str) -> None:
    if way == "kiosk":
        at(client, district, district.kiosk)


WAYS = pytest.mark.parametrize("way", ["kiosk", "code"])


@WAYS
def test_another_time_of_another_official(
    client: TestClient, district: District, other_day: int, booked: tuple[str, str], way: str
) -> None:
    enter(client, district, way)
    moved = send(client, way, booked, "change", answer=f"{other_day}-2")
    assert moved.status_code == (303 if way == "kiosk" else 200), moved.text
    wanted = (other_day, 2, BookingState.BOOKED, PetitionState.BOOKED, district.other_official.id)
    assert now_at(district, booked[0]) == wanted
    again = send(client, way, booked, "change", answer=f"{other_day}-2")
    assert again.status_code == moved.status_code
    assert district.book(slot=6, key="freed").booking.slot == 6
    with reading(district.engine) as db:
        assert len(db.exec(select(AuditEntry).where(AuditEntry.action == "booking.changed")).all()) == 1


@WAYS
def test_the_page_shows_the_same_official_first_and_others_when_asked(
    client: TestClient, district: District, other_day: int, booked: tuple[str, str], way: str
) -> None:
    enter(client, district, way)

    def shown(**more: str) -> str:
        if way == "kiosk":
            return client.get(f"/kiosk/reception/{booked[0]}/times", params=more, headers=HTML).text
        return str(send(client, way, booked, "times", **more).text)

    assert f'value="{district.day_id}-5"' in shown()
    assert f'value="{district.day_id}-6"' not in shown()
    assert f'value="{other_day}-' not in shown()
    assert f'value="{other_day}-0"' in shown(others="1", day=TOMORROW.isoformat())
    assert "11月24日" in shown()


@WAYS
def test_a_time_that_is_gone_offers_the_nearest_and_the_old_one_stays(
    client: TestClient, district: District, booked: tuple[str, str], way: str
) -> None:
    district.book(slot=3, key="other", kiosk=district.other_kiosk)
    now = district.clock.now()
    with writing(district.engine) as db:
        hold(db, now=now, owner="kiosk:9", reception_day_id=district.day_id, slot=4, until=now + timedelta(minutes=5))
    enter(client, district, way)
    for slot, near in ((3, ["2", "1", "5"]), (4, ["5", "2", "1"])):
        told = send(client, way, booked, "change", answer=f"{district.day_id}-{slot}")
        assert told.status_code == 409
        assert "刚被别人约了" in told.text
        assert re.findall(rf'value="{district.day_id}-(\d+)"', told.text)[:3] == near
    assert now_at(district, booked[0])[:2] == (district.day_id, 6)


@WAYS
@pytest.mark.parametrize("answer", ["", "nonsense", "99-1", "{day}-walk", "{day}-0", "{day}-99"])
def test_a_time_that_never_was_is_refused_with_what_to_do(
    client: TestClient, district: District, booked: tuple[str, str], way: str, answer: str
) -> None:
    enter(client, district, way)
    told = send(client, way, booked, "change", answer=answer.format(day=district.day_id))
    assert told.status_code == 422
    assert now_at(district, booked[0])[:2] == (district.day_id, 6)


@WAYS
def test_an_excluded_official_is_neither_shown_nor_taken(
    client: TestClient, district: District, other_day: int, booked: tuple[str, str], way: str
) -> None:
    with writing(district.engine) as db:
        petition = db.exec(select(Petition)).one()
        excluded = Excluded(units=frozenset({district.other_official.unit_id or 0}))
        exclude(db, actor=district.clerk, now=district.clock.now(), petition=petition, excluded=excluded)
    enter(client, district, way)
    if way == "kiosk":
        page = client.get(f"/kiosk/reception/{booked[0]}/times?others=1", headers=HTML)
    else:
        page = send(client, way, booked, "times", others="1")
    assert f'value="{other_day}-' not in page.text
    told = send(client, way, booked, "change", answer=f"{other_day}-2")
    assert told.status_code == 409
    assert "刚被别人约了" in told.text
    assert now_at(district, booked[0])[:2] == (district.day_id, 6)


@WAYS
@pytest.mark.parametrize("reason", ["", "no_time", "solved"])
def test_cancelled_it_is_free_at_once_and_the_matter_is_taken_back(
    client: TestClient, district: District, booked: tuple[str, str], way: str, reason: str
) -> None:
    enter(client, district, way)
    for _ in range(2):
        assert send(client, way, booked, "cancel", reason=reason).status_code == (303 if way == "kiosk" else 200)
    assert now_at(district, booked[0])[2:4] == (BookingState.CANCELLED, PetitionState.WITHDRAWN)
    assert district.book(slot=6, key="freed").booking.slot == 6
    with reading(district.engine) as db:
        (entry,) = db.exec(select(AuditEntry).where(AuditEntry.action == "booking.cancel")).all()
    assert f'"why": "{reason}"' in str(entry.detail).replace("'", '"')


def test_an_unknown_reason_is_refused(client: TestClient, district: District, booked: tuple[str, str]) -> None:
    enter(client, district, "kiosk")
    assert send(client, "kiosk", booked, "cancel", reason="nonsense").status_code == 422
    assert now_at(district, booked[0])[2] is BookingState.BOOKED


@WAYS
def test_what_is_over_or_has_begun_is_changed_no_more(
    client: TestClient, district: District, booked: tuple[str, str], way: str
) -> None:
    enter(client, district, way)
    district.clock.forward(hours=3)
    assert send(client, way, booked, "change", answer=f"{district.day_id}-8").status_code == 409
    with writing(district.engine) as db:
        booking = db.exec(select(Booking)).one()
        booking.state = BookingState.IN_SESSION
        db.add(booking)
    assert send(client, way, booked, "cancel").status_code == 409


@pytest.mark.parametrize("verb", ["times", "change", "cancel-question", "cancel"])
def test_a_wrong_code_answers_like_an_unknown_number(
    client: TestClient, district: District, booked: tuple[str, str], verb: str
) -> None:
    wrong = send(client, "code", (booked[0], "BBBBBBBB"), verb, answer=f"{district.day_id}-5")
    unknown = send(client, "code", ("260101-001-9", booked[1]), verb, answer=f"{district.day_id}-5")
    assert wrong.status_code == unknown.status_code == 404
    assert wrong.text == unknown.text
    assert now_at(district, booked[0])[:3] == (district.day_id, 6, BookingState.BOOKED)


def test_guessing_codes_here_is_bounded_too(client: TestClient, district: District, booked: tuple[str, str]) -> None:
    for _ in range(10):
        send(client, "code", (booked[0], "BBBBBBBB"), "cancel")
    assert send(client, "code", booked, "cancel").status_code == 429
    assert now_at(district, booked[0])[2] is BookingState.BOOKED


@pytest.mark.parametrize("who", ["other_kiosk", "official", "handler"])
def test_without_the_code_it_is_its_own_point_s(
    client: TestClient, district: District, booked: tuple[str, str], who: str
) -> None:
    actor: Actor = getattr(district, who)
    at(client, district, actor)
    for answer in (
        client.get(f"/kiosk/reception/{booked[0]}/times"),
        client.get(f"/kiosk/reception/{booked[0]}/cancel"),
        send(client, "kiosk", booked, "change", answer=f"{district.day_id}-5"),
        send(client, "kiosk", booked, "cancel"),
    ):
        assert answer.status_code == (404 if who == "other_kiosk" else 403)
    assert now_at(district, booked[0])[:3] == (district.day_id, 6, BookingState.BOOKED)


def test_the_code_is_on_the_last_page_until_somebody_else_comes(
    client: TestClient, district: District, booked: tuple[str, str]
) -> None:
    at(client, district, district.kiosk)
    grouped = f"{booked[1][:4]} {booked[1][4:]}"
    assert grouped in client.get(f"/kiosk/book/done/{booked[0]}", headers=HTML).text
    district.clock.forward(minutes=1)
    district.book(slot=7, key="next")
    assert grouped not in client.get(f"/kiosk/book/done/{booked[0]}", headers=HTML).text


def test_the_answer_by_code_shows_the_time_and_both_ways_on(
    client: TestClient, district: District, booked: tuple[str, str]
) -> None:
    told = client.post("/ask", data={"number": booked[0], "code": booked[1]}, headers=HTML)
    assert "11:00" in told.text
    assert 'action="/ask/times"' in told.text
    asked = send(client, "code", booked, "cancel-question")
    assert "11:00" in asked.text
    assert booked[1] not in str(told.url)
