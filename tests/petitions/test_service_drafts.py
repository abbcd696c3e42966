"""What a booking that is being typed keeps for its visitor: the time, who is reported, an earlier booking."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.exclusion import Excluded
from server.accounts.models import Exclusion
from server.accounts.roles import Actor
from server.database import reading, writing
from server.petitions.models import Petition
from server.petitions.service_change import cancel_booking
from server.petitions.service_petition import exclude
from server.scheduling.models import ReceptionDay
from server.scheduling.service_free import free_slots
from tests.district import TODAY, WHO, District
from tests.petitions.test_routes_booking import ANSWERS, HTML, answer, at, bookings, key_of, to_slot

CONFIRM = "/kiosk/book/check"


@pytest.fixture
def kiosk(client: TestClient, district: District) -> TestClient:
    return at(client, district, district.kiosk)


def free_for(district: District, actor: Actor) -> list[int]:
    with reading(district.engine) as db:
        return [one.slot for one in free_slots(db, actor=actor, now=district.clock.now(), from_day=TODAY, days=1)]


def test_a_chosen_time_is_kept_and_every_page_keeps_it_longer(kiosk: TestClient, district: District) -> None:
    to_slot(kiosk, district, "8")
    assert "一直为您留着" in kiosk.get(CONFIRM, headers=HTML).text
    for _ in range(3):
        district.clock.forward(minutes=9)
        assert 8 not in free_for(district, district.other_kiosk)
        kiosk.post("/kiosk/book/summary/keep", data={"answer": "房子漏水"})
    district.clock.forward(minutes=10)
    assert 8 in free_for(district, district.other_kiosk)


def test_who_left_without_a_word_loses_it_and_who_comes_back_in_time_can_still_book(
    kiosk: TestClient, district: District
) -> None:
    to_slot(kiosk, district, "8")
    key = key_of(kiosk)
    district.clock.forward(minutes=10)
    assert 8 in free_for(district, district.other_kiosk)
    assert "一直为您留着" not in kiosk.get(CONFIRM, headers=HTML).text
    assert kiosk.post(CONFIRM, data={"request_key": key}).status_code == 303
    assert [one.slot for one in bookings(district)] == [8]


@pytest.mark.parametrize("way", ["thrown away", "somebody else wanted", "another time"])
def test_a_time_that_is_not_wanted_any_more_is_free_at_once(kiosk: TestClient, district: District, way: str) -> None:
    to_slot(kiosk, district, "8")
    if way == "thrown away":
        kiosk.post("/kiosk/book/anew")
    elif way == "somebody else wanted":
        answer(kiosk, wanted="any")
    else:
        answer(kiosk, slot=f"{district.day_id}-7")
    assert 8 in free_for(district, district.other_kiosk)


def test_a_time_that_others_hold_is_refused_when_it_is_chosen(
    kiosk: TestClient, client: TestClient, district: District
) -> None:
    to_slot(kiosk, district, "8")
    at(client, district, district.other_kiosk)
    answer(client, **ANSWERS, wanted="any")
    told = client.post("/kiosk/book/slot", data={"answer": f"{district.day_id}-8"}, headers=HTML)
    assert told.status_code == 409
    assert "刚被别人约了" in told.text
    assert re.findall(rf'value="{district.day_id}-(\d+)"', told.text)[:3] == ["7", "6", "5"]


def report(client: TestClient, *accused: str) -> None:
    """Everything up to the choice of the official, with who is reported."""
    for word, text in ANSWERS.items():
        answer(client, **{word: "accusation" if word == "purpose" else text})
        if word == "purpose":
            assert client.post("/kiosk/book/accused", data={"answer": list(accused)}).status_code == 303


def other_receives(district: District) -> int:
    with writing(district.engine) as db:
        tomorrow = TODAY + timedelta(days=1)
        day = ReceptionDay(official_id=district.other_official.id, day=tomorrow, opens_minute=540, closes_minute=720)
        db.add(day)
        db.flush()
        return day.id or 0


def test_only_who_reports_somebody_is_asked_whom(kiosk: TestClient, district: District) -> None:
    answer(kiosk, **{word: ANSWERS[word] for word in list(ANSWERS)[:5]}, purpose="request")
    assert kiosk.get("/kiosk/book/accused").headers["location"] == "/kiosk/book/content"
    answer(kiosk, purpose="accusation")
    page = kiosk.get("/kiosk/book/accused", headers=HTML).text
    assert {f'value="official-{one.id}"' in page for one in (district.official, district.other_official)} == {True}
    assert 'value="unit-1"' in page
    assert kiosk.post("/kiosk/book/accused", data={}).headers["location"] == "/kiosk/book/content"


@pytest.mark.parametrize("accused", ["official-1", "unit-1"])
def test_whoever_is_reported_is_not_offered_and_a_forged_form_gets_nobody(
    kiosk: TestClient, district: District, accused: str
) -> None:
    other = other_receives(district)
    report(kiosk, accused, "unit-99")
    page = kiosk.get("/kiosk/book/wanted", headers=HTML).text
    assert f'value="official-{district.official.id}"' not in page
    assert f'value="official-{district.other_official.id}"' in page
    answer(kiosk, wanted=f"official-{district.official.id}")
    told = kiosk.post("/kiosk/book/slot", data={"answer": f"{district.day_id}-6"}, headers=HTML)
    assert told.status_code == 409
    assert "刚被别人约了" in told.text
    assert re.findall(r'value="(\d+)-\d+"', told.text) == [str(other)] * 3
    answer(kiosk, slot=f"{district.day_id}-walk")
    assert kiosk.post(CONFIRM, data={"request_key": key_of(kiosk)}, headers=HTML).status_code == 422
    assert bookings(district) == []


def test_who_is_reported_is_kept_with_the_matter_and_with_the_next_about_the_same(
    kiosk: TestClient, district: District
) -> None:
    day = other_receives(district)
    report(kiosk, "official-1", "unit-1")
    answer(kiosk, wanted="any", slot=f"{day}-2")
    assert kiosk.post(CONFIRM, data={"request_key": key_of(kiosk)}).status_code == 303
    answer(kiosk, **{word: ANSWERS[word] for word in list(ANSWERS)[:7]}, earlier="new", summary="还是没人管")
    answer(kiosk, papers="done")
    assert f'value="official-{district.official.id}"' not in kiosk.get("/kiosk/book/wanted", headers=HTML).text
    answer(kiosk, wanted="any", slot=f"{day}-3")
    assert kiosk.post(CONFIRM, data={"request_key": key_of(kiosk)}).status_code == 303
    with reading(district.engine) as db:
        rows = [(one.petition_id, one.user_id, one.unit_id) for one in db.exec(select(Exclusion))]
        first, second = (one.id for one in db.exec(select(Petition).order_by(Petition.id)))  # type: ignore[arg-type]
    assert sorted(rows, key=str) == sorted(
        [(first, 1, None), (first, None, 1), (second, 1, None), (second, None, 1)], key=str
    )


def test_naming_somebody_afterwards_asks_for_another_time(kiosk: TestClient, district: District) -> None:
    report(kiosk)
    answer(kiosk, wanted=f"official-{district.official.id}", slot=f"{district.day_id}-6")
    assert kiosk.get(CONFIRM, headers=HTML).status_code == 200
    told = kiosk.post("/kiosk/book/accused", data={"answer": f"official-{district.official.id}"})
    assert told.headers["location"] == "/kiosk/book/wanted"
    assert 6 in free_for(district, district.other_kiosk)


def test_nonsense_is_not_somebody(kiosk: TestClient, district: District) -> None:
    answer(kiosk, **{word: ANSWERS[word] for word in list(ANSWERS)[:5]}, purpose="accusation")
    for value in (["nonsense"], ["official-"], ["official-1", ""], [f"unit-{n}" for n in range(30)]):
        assert kiosk.post("/kiosk/book/accused", data={"answer": value}, headers=HTML).status_code == 422


def to_content(client: TestClient, **other: str) -> str:
    """The answers up to what it is about; where that leads to."""
    said = {word: ANSWERS[word] for word in list(ANSWERS)[:6]} | other
    answer(client, **said)
    return str(client.post("/kiosk/book/content", data={"answer": "housing"}).headers["location"])


def test_the_same_matter_of_the_same_person_is_shown_before_it_is_booked(kiosk: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    assert to_content(kiosk) == "/kiosk/book/earlier"
    page = kiosk.get("/kiosk/book/earlier", headers=HTML).text
    assert "11月24日" in page
    assert "11:00" in page
    assert number in page
    seen = kiosk.post("/kiosk/book/earlier", data={"answer": "same"})
    assert seen.headers["location"] == f"/kiosk/reception/{number}"
    assert kiosk.get("/kiosk/book").headers["location"] == "/kiosk/book/who"
    assert len(bookings(district)) == 1


def test_something_new_goes_on_and_is_not_asked_about_again(kiosk: TestClient, district: District) -> None:
    district.book(slot=6)
    assert to_content(kiosk) == "/kiosk/book/earlier"
    answer(kiosk, earlier="new", summary="另外一件", papers="done", wanted="any", slot=f"{district.day_id}-8")
    assert kiosk.post(CONFIRM, data={"request_key": key_of(kiosk)}).status_code == 303
    assert len(bookings(district)) == 2
    assert kiosk.post("/kiosk/book/earlier", data={"answer": "nonsense"}, headers=HTML).status_code == 422


def test_at_another_point_it_says_when_and_where_only(client: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    at(client, district, district.other_kiosk)
    assert to_content(client) == "/kiosk/book/earlier"
    page = client.get("/kiosk/book/earlier", headers=HTML).text
    assert "柳湾村" in page
    assert number not in page
    assert client.post("/kiosk/book/earlier", data={"answer": "same"}).headers["location"] == "/kiosk"


@pytest.mark.parametrize("why", ["another name", "another content", "cancelled", "long ago", "anonymous"])
def test_what_is_not_the_same_is_not_asked_about(kiosk: TestClient, district: District, why: str) -> None:
    booked = district.book(slot=6)
    if why == "cancelled":
        told = {"number": booked.booking.number, "code": None, "reason": ""}
        with writing(district.engine) as db:
            cancel_booking(db, actor=district.kiosk, now=district.clock.now(), **told)  # type: ignore[arg-type]
    if why == "long ago":
        district.clock.forward(days=91)
        at(kiosk, district, district.kiosk)
    if why == "another content":
        assert to_content(kiosk) == "/kiosk/book/earlier"
        assert kiosk.post("/kiosk/book/content", data={"answer": "labour"}).headers["location"] == "/kiosk/book/summary"
        return
    if why == "anonymous":
        answer(kiosk, who="anonymous", private="no", purpose="request", content="housing")
        assert kiosk.get("/kiosk/book/earlier").headers["location"] == "/kiosk/book/summary"
        return
    assert to_content(kiosk, **({"name": "李秀英"} if why == "another name" else {})) == "/kiosk/book/summary"


def test_a_booking_made_meanwhile_is_shown_at_the_last_moment(kiosk: TestClient, district: District) -> None:
    to_slot(kiosk, district, "8")
    key = key_of(kiosk)
    district.book(slot=3, kiosk=district.other_kiosk, who=WHO)
    told = kiosk.post(CONFIRM, data={"request_key": key}, headers=HTML)
    assert told.status_code == 409
    assert "这类事情" in told.text
    answer(kiosk, earlier="new")
    assert kiosk.post(CONFIRM, data={"request_key": key}).status_code == 303


def test_who_must_not_know_of_the_earlier_one_is_not_told(client: TestClient, district: District) -> None:
    booked = district.book(slot=6)
    with writing(district.engine) as db:
        excluded = Excluded(people=frozenset({district.clerk.id}))
        petition = db.get_one(Petition, booked.petition.id)
        exclude(db, actor=district.official, now=district.clock.now(), petition=petition, excluded=excluded)
    at(client, district, district.clerk)
    answer(client, point_id="1", **{word: ANSWERS[word] for word in list(ANSWERS)[:4]}, purpose="request")
    assert client.post("/kiosk/book/content", data={"answer": "housing"}).headers["location"] == "/kiosk/book/summary"
