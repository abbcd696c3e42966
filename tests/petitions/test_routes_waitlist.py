"""A matter of several, one by mandate, and the waitlist with its offer, through the pages."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.database import reading, writing
from server.petitions.models import Paper, Petition
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.models_party import Mandate, Representative
from server.scheduling.service import cancel
from server.scheduling.words import BookingState
from tests.district import District
from tests.petitions.test_routes_booking import ANSWERS, HTML, JPEG, answer, at, key_of

OTHERS = ["990101195804120029", "990101196609230032", "990101197101050043", "990101198006300053"]


@pytest.fixture
def kiosk(client: TestClient, district: District) -> TestClient:
    return at(client, district, district.kiosk)


def confirm(kiosk: TestClient) -> str:
    """Book; where one is led."""
    told = kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)})
    assert told.status_code == 303, told.text[:600]
    return told.headers["location"]


def person(**changed: str) -> dict[str, str]:
    return {**{name: ANSWERS[name] for name in ("who", "name", "id_number", "phone")}, **changed}


def rest(district: District, slot: str) -> dict[str, str]:
    left_out = {"who", "name", "id_number", "phone"}
    told = {name: text for name, text in ANSWERS.items() if name not in left_out}
    return {**told, "wanted": f"official-{district.official.id}", "slot": slot}


def add(kiosk: TestClient, id_number: str, name: str = "李四") -> int:
    return kiosk.post("/kiosk/book/others/add", data={"name": name, "id_number": id_number}, headers=HTML).status_code


def test_five_come_for_one_matter_and_the_sixth_is_told_the_rule(kiosk: TestClient, district: District) -> None:
    answer(kiosk, **person(who="group"))
    assert kiosk.post("/kiosk/book/others", data={"answer": "[]"}).status_code == 422
    assert [add(kiosk, one) for one in OTHERS] == [303] * 4
    refused = kiosk.post("/kiosk/book/others/add", data={"name": "赵六", "id_number": "990101198501010061"})
    assert refused.status_code == 422
    assert "第二十条" in refused.text
    shown = re.search(r'name="answer" value="([^"]+)"', kiosk.get("/kiosk/book/others", headers=HTML).text)
    assert shown is not None
    answer(kiosk, others=shown.group(1).replace("&#34;", '"'), **rest(district, f"{district.day_id}-7"))
    page = kiosk.get(confirm(kiosk), headers=HTML)
    assert page.status_code == 200
    with reading(district.engine) as db:
        assert db.exec(select(Booking.people)).one() == 5
        assert len(db.exec(select(Representative)).all()) == 4


def test_the_same_person_is_not_added_twice_and_can_be_taken_away(kiosk: TestClient) -> None:
    answer(kiosk, **person(who="group"))
    assert [add(kiosk, OTHERS[0]), add(kiosk, OTHERS[0]), add(kiosk, ANSWERS["id_number"])] == [303, 422, 422]
    kiosk.post("/kiosk/book/others/remove", data={"id_number": OTHERS[0]})
    assert add(kiosk, OTHERS[0]) == 303


def test_who_acts_for_another_shows_the_mandate_and_without_it_is_refused(
    kiosk: TestClient, district: District
) -> None:
    answer(kiosk, **person(who="mandate"))
    answer(kiosk, agent_name="李四", agent_id=OTHERS[0], scope="talk", mandate_until="2026-12-31")
    refused = kiosk.post("/kiosk/book/mandate", data={"answer": "done"})
    assert refused.status_code == 422
    assert "委托书" in refused.text
    kiosk.post("/kiosk/book/mandate/add", files={"paper": ("paper.jpg", JPEG, "image/jpeg")})
    shown = re.search(r'name="answer" value="([0-9a-f]{64})"', kiosk.get("/kiosk/book/mandate", headers=HTML).text)
    assert shown is not None
    answer(kiosk, mandate=shown.group(1), **rest(district, f"{district.day_id}-7"))
    confirm(kiosk)
    with reading(district.engine) as db:
        mandate = db.exec(select(Mandate)).one()
        assert (mandate.name, mandate.paper) == ("李四", shown.group(1))
        assert db.exec(select(Paper.sha256)).all() == [shown.group(1)]


def test_a_mandate_that_is_over_asks_for_its_day_again(kiosk: TestClient, district: District) -> None:
    answer(kiosk, **person(who="mandate"))
    answer(kiosk, agent_name="李四", agent_id=OTHERS[0], scope="talk", mandate_until="2026-11-01")
    kiosk.post("/kiosk/book/mandate/add", files={"paper": ("paper.jpg", JPEG, "image/jpeg")})
    shown = re.search(r'name="answer" value="([0-9a-f]{64})"', kiosk.get("/kiosk/book/mandate", headers=HTML).text)
    assert shown is not None
    answer(kiosk, mandate=shown.group(1), **rest(district, f"{district.day_id}-7"))
    refused = kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)})
    assert refused.status_code == 422
    assert "到期" in refused.text
    with reading(district.engine) as db:
        assert db.exec(select(Booking)).all() == []


@pytest.fixture
def waiting(kiosk: TestClient, district: District) -> str:
    """Somebody waits, by the pages; all times of next week's day are booked. The number."""
    with writing(district.engine) as db:
        day = db.get_one(ReceptionDay, district.day_id)
        day.day, day.opens_minute, day.closes_minute = day.day.replace(month=12, day=1), 540, 560
        db.add(day)
    district.book(slot=0, key="full", kiosk=district.other_kiosk)
    answer(kiosk, who="anonymous", **rest(district, "wait"), wait_days="1-28")
    led = confirm(kiosk)
    assert led.startswith("/kiosk/waitlist/")
    return led.rsplit("/", 1)[1]


def give_back(district: District) -> None:
    with writing(district.engine) as db:
        number = db.exec(select(Booking.number).where(Booking.slot == 0)).one()
        cancel(db, actor=district.other_kiosk, now=district.clock.now(), number=number)


def test_who_waits_sees_the_place_in_the_line_and_takes_what_is_offered(
    kiosk: TestClient, district: District, waiting: str
) -> None:
    page = kiosk.get(f"/kiosk/waitlist/{waiting}", headers=HTML).text
    assert "您排在第一位" in page
    assert "谁先登记" in page
    assert kiosk.get(f"/kiosk/reception/{waiting}").headers["location"] == f"/kiosk/waitlist/{waiting}"
    give_back(district)
    assert "12月1日 周二 9:00" in kiosk.get(f"/kiosk/waitlist/{waiting}", headers=HTML).text
    assert waiting in kiosk.get("/kiosk/reception", headers=HTML).text
    led = [kiosk.post(f"/kiosk/waitlist/{waiting}/accept", data={"request_key": "once"}) for _ in range(2)]
    assert [one.headers["location"] for one in led] == [f"/kiosk/book/done/{waiting}"] * 2
    with reading(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == waiting)).one()
        assert (booking.state, booking.slot) == (BookingState.BOOKED, 0)
        petition = db.exec(select(Petition).where(Petition.booking_id == booking.id)).one()
        assert petition.official_id == district.official.id


def test_who_does_not_want_it_waits_on_or_leaves(kiosk: TestClient, district: District, waiting: str) -> None:
    give_back(district)
    kiosk.post(f"/kiosk/waitlist/{waiting}/decline", data={"request_key": "once"})
    assert "您排在第一位" in kiosk.get(f"/kiosk/waitlist/{waiting}", headers=HTML).text
    late = kiosk.post(f"/kiosk/waitlist/{waiting}/accept", data={"request_key": "late"})
    assert late.status_code == 409
    kiosk.post(f"/kiosk/waitlist/{waiting}/leave")
    with reading(district.engine) as db:
        state = db.exec(select(Booking.state).where(Booking.number == waiting)).one()
    assert state is BookingState.CANCELLED


def test_who_waits_for_nothing_is_told_that_nothing_is_offered(kiosk: TestClient, district: District) -> None:
    number = district.wait()
    assert kiosk.post(f"/kiosk/waitlist/{number}/accept", headers=HTML).status_code == 409


def test_the_whole_line_is_the_office_s(client: TestClient, district: District, waiting: str) -> None:
    assert client.get("/waitlist", headers=HTML).status_code == 403
    at(client, district, district.clerk)
    assert waiting in client.get("/waitlist", headers=HTML).text
