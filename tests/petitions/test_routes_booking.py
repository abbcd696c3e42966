"""Booking, one question a page, through the real application."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.roles import Actor
from server.database import reading
from server.petitions.models import Paper, Petition
from server.petitions.service_booking import Who
from server.scheduling.models import Booking, Petitioner
from server.settings import Settings
from tests.district import District
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 500
ANSWERS = {
    "who": "named",
    "name": "张秀英",
    "id_number": "990101194803150010",
    "phone": "13800138000",
    "private": "no",
    "purpose": "request",
    "content": "housing",
    "summary": "房子漏水两年了",
    "papers": "done",
}


def at(client: TestClient, district: District, actor: Actor) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, actor))
    return client


@pytest.fixture
def kiosk(client: TestClient, district: District) -> TestClient:
    return at(client, district, district.kiosk)


def answer(client: TestClient, **answers: str) -> None:
    """Answer these questions; each must lead on."""
    for word, text in answers.items():
        told = client.post(f"/kiosk/book/{word}", data={"answer": text})
        assert told.status_code == 303, (word, told.text[:400])


def key_of(client: TestClient) -> str:
    found = re.search(r'name="request_key" value="([^"]+)"', client.get("/kiosk/book/check", headers=HTML).text)
    assert found is not None
    return found.group(1)


def to_slot(client: TestClient, district: District, slot: str = "7") -> None:
    answer(client, **ANSWERS, wanted=f"official-{district.official.id}", slot=f"{district.day_id}-{slot}")


def bookings(district: District) -> list[Booking]:
    with reading(district.engine) as db:
        return list(db.exec(select(Booking)))


def test_a_booking_from_the_first_question_to_the_number(kiosk: TestClient, district: District) -> None:
    assert kiosk.get("/kiosk/book").headers["location"] == "/kiosk/book/who"
    to_slot(kiosk, district)
    page = kiosk.get("/kiosk/book/check", headers=HTML).text
    assert "张秀英" in page
    assert ANSWERS["id_number"] not in page
    booked = kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)})
    number = bookings(district)[0].number
    assert booked.headers["location"] == f"/kiosk/book/done/{number}"
    shown = kiosk.get(f"/kiosk/book/done/{number}", headers=HTML).text
    assert number in shown
    assert "<svg" in shown
    assert kiosk.get("/kiosk/book").headers["location"] == "/kiosk/book/who"


def test_sent_twice_it_is_one_booking(kiosk: TestClient, district: District) -> None:
    to_slot(kiosk, district)
    key = key_of(kiosk)
    first, second = (kiosk.post("/kiosk/book/check", data={"request_key": key}) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(bookings(district)) == 1


WRONG = [
    ("name", "", "请写身份证上的姓名"),
    ("id_number", "990101194803150011", "身份证号码不对"),
    ("phone", "12", "电话号码不对"),
    ("summary", " ", "几句话"),
    ("content", "aliens", "请从下面选一个"),
]


@pytest.mark.parametrize(("word", "wrong", "said"), WRONG, ids=[one[0] for one in WRONG])
def test_a_wrong_answer_is_said_and_kept(
    kiosk: TestClient, district: District, word: str, wrong: str, said: str
) -> None:
    before = list(ANSWERS)[: list(ANSWERS).index(word)]
    answer(kiosk, **{one: ANSWERS[one] for one in before})
    told = kiosk.post(f"/kiosk/book/{word}", data={"answer": wrong}, headers=HTML)
    assert told.status_code == 422
    assert said in told.text
    assert wrong.strip() == "" or word == "content" or wrong in told.text
    answer(kiosk, **{word: ANSWERS[word]})


@pytest.mark.parametrize("page", ["check", "name", "summary", ""])
def test_what_somebody_left_behind_is_gone_after_a_while(
    kiosk: TestClient, district: District, settings: Settings, page: str
) -> None:
    """No address shows it, not even one that was kept."""
    kiosk.post("/kiosk/book/papers/add", files={"paper": ("b.jpg", JPEG)})
    to_slot(kiosk, district)
    district.clock.forward(minutes=9)
    assert ANSWERS["summary"] in kiosk.get("/kiosk/book/check", headers=HTML).text
    district.clock.forward(minutes=2)
    told = kiosk.get(f"/kiosk/book/{page}".rstrip("/"), headers=HTML)
    assert told.headers["location"] == "/kiosk/book/who"
    assert list(settings.papers_dir.iterdir()) == []


def test_half_typed_words_survive_a_reload(kiosk: TestClient) -> None:
    answer(kiosk, **{one: ANSWERS[one] for one in list(ANSWERS)[:7]})
    assert kiosk.post("/kiosk/book/summary/keep", data={"answer": "房子漏"}).status_code == 204
    assert "房子漏" in kiosk.get("/kiosk/book/summary", headers=HTML).text
    assert "没填完的预约" in kiosk.get("/kiosk/book", headers=HTML).text


def test_questions_cannot_be_jumped_over(kiosk: TestClient) -> None:
    answer(kiosk, who="named")
    assert kiosk.get("/kiosk/book/slot").headers["location"] == "/kiosk/book/name"
    assert kiosk.get("/kiosk/book/check").headers["location"] == "/kiosk/book/name"
    assert kiosk.get("/kiosk/book/nonsense", headers=HTML).status_code == 404


def test_without_a_name_nothing_personal_is_asked(kiosk: TestClient, district: District) -> None:
    answers = {word: text for word, text in ANSWERS.items() if word not in {"name", "id_number", "phone"}}
    answer(kiosk, **{**answers, "who": "anonymous"}, wanted="any", slot=f"{district.day_id}-walk")
    kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)})
    with reading(district.engine) as db:
        visitor = db.exec(select(Petitioner)).one()
    assert (visitor.anonymous, visitor.name, visitor.id_number) == (True, None, None)


def test_a_time_that_was_just_taken_offers_the_nearest_three(
    kiosk: TestClient, district: District, client: TestClient
) -> None:
    to_slot(kiosk, district, "7")
    key = key_of(kiosk)
    district.clock.forward(minutes=10)
    district.book(slot=7, key="faster", kiosk=district.other_kiosk, who=Who(anonymous=True))
    told = kiosk.post("/kiosk/book/check", data={"request_key": key}, headers=HTML)
    assert told.status_code == 409
    assert "刚被别人约了" in told.text
    nearest = re.findall(rf'value="{district.day_id}-(\d+)"', told.text)[:3]
    assert set(nearest) == {"5", "6", "8"}
    answer(kiosk, slot=f"{district.day_id}-{nearest[0]}")
    assert kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)}).status_code == 303
    with reading(district.engine) as db:
        assert {one.summary for one in db.exec(select(Petition))} >= {ANSWERS["summary"]}


def test_papers_are_photographed_seen_taken_away_and_kept(
    kiosk: TestClient, district: District, settings: Settings
) -> None:
    answer(kiosk, **{one: ANSWERS[one] for one in list(ANSWERS)[:8]})
    for name in ("a.jpg", "a.jpg"):
        assert kiosk.post("/kiosk/book/papers/add", files={"paper": (name, JPEG)}).status_code == 303
    shown = re.findall(r"/kiosk/book/papers/([0-9a-f]{32})", kiosk.get("/kiosk/book/papers", headers=HTML).text)
    assert len(shown) == 1
    seen = kiosk.get(f"/kiosk/book/papers/{shown[0]}")
    assert (seen.content, seen.headers["content-type"]) == (JPEG, "image/jpeg")
    (kept,) = settings.papers_dir.iterdir()
    assert JPEG not in kept.read_bytes()
    assert [one.stat().st_mode & 0o777 for one in (settings.papers_dir, kept)] == [0o700, 0o600]
    kiosk.post("/kiosk/book/papers/remove", data={"name": shown[0]})
    assert list(settings.papers_dir.iterdir()) == []
    kiosk.post("/kiosk/book/papers/add", files={"paper": ("b.jpg", JPEG + b"1")})
    answer(kiosk, papers="done", wanted="any", slot=f"{district.day_id}-7")
    kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)})
    with reading(district.engine) as db:
        assert len(list(db.exec(select(Paper)))) == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"GIF89a", 422), (b"<svg onload=alert(1)>", 422), (b"", 422), (JPEG + b"0" * (9 * 2**20), 422)],
    ids=["gif", "svg", "nothing", "nine megabytes"],
)
def test_what_is_not_a_photograph_is_refused(kiosk: TestClient, data: bytes, status: int) -> None:
    answer(kiosk, **{one: ANSWERS[one] for one in list(ANSWERS)[:8]})
    told = kiosk.post("/kiosk/book/papers/add", files={"paper": ("x.jpg", data)}, headers=HTML)
    assert told.status_code == status
    assert "error-summary" in told.text


def test_a_disk_that_keeps_no_photograph_is_told_and_the_booking_goes_on(kiosk: TestClient, settings: Settings) -> None:
    answer(kiosk, **{one: ANSWERS[one] for one in list(ANSWERS)[:8]})
    settings.papers_dir.rmdir()
    settings.papers_dir.write_text("a file where the folder should be")
    told = kiosk.post("/kiosk/book/papers/add", files={"paper": ("a.jpg", JPEG)}, headers=HTML)
    assert told.status_code == 503
    assert "没能保存" in told.text
    assert 'action="/kiosk/book/papers"' in told.text


def test_one_kiosk_never_sees_what_another_is_typing(kiosk: TestClient, district: District, client: TestClient) -> None:
    answer(kiosk, who="named", name="张秀英")
    other = at(client, district, district.other_kiosk)
    assert other.get("/kiosk/book").headers["location"] == "/kiosk/book/who"
    assert other.get("/kiosk/book/name").headers["location"] == "/kiosk/book/who"


def test_a_booking_belongs_to_the_kiosk_s_own_point(kiosk: TestClient, district: District) -> None:
    answer(kiosk, **ANSWERS)
    assert kiosk.post("/kiosk/book/point_id", data={"answer": "2"}).status_code in {303, 422, 404}
    answer(kiosk, wanted="any", slot=f"{district.day_id}-7")
    kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)})
    assert bookings(district)[0].point_id == 1


def test_nobody_else_books(client: TestClient, district: District) -> None:
    for actor in (district.handler, district.official):
        told = at(client, district, actor).get("/kiosk/book", headers=HTML)
        assert told.status_code == 403
    client.cookies.clear()
    assert client.get("/kiosk/book", headers=HTML).headers["location"].startswith("/sign-in")


def test_from_arriving_to_the_talk(kiosk: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    assert number in kiosk.get("/kiosk/reception", headers=HTML).text
    assert kiosk.post("/kiosk/reception", data={"number": number}).headers["location"].endswith(number)
    assert kiosk.post(f"/kiosk/reception/{number}/check-in").headers["location"].endswith("/check")
    assert kiosk.get(f"/kiosk/reception/{number}/talk").headers["location"].endswith("/consent")
    refused = kiosk.post(f"/kiosk/reception/{number}/consent", data={"answer": "maybe"}, headers=HTML)
    assert refused.status_code == 422
    assert (
        kiosk.post(f"/kiosk/reception/{number}/consent", data={"answer": "yes"}).headers["location"].endswith("/talk")
    )
    assert kiosk.get(f"/kiosk/reception/{number}/talk", headers=HTML).status_code == 200
    assert "正在等您回来谈" in kiosk.get("/kiosk", headers=HTML).text


def test_staff_write_an_arrival_down_and_go_no_further(client: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    clerk = at(client, district, district.clerk)
    assert clerk.post(f"/kiosk/reception/{number}/check-in").headers["location"] == f"/kiosk/reception/{number}"
    body = clerk.get(f"/kiosk/reception/{number}", headers=HTML).text
    assert f"/kiosk/reception/{number}/talk" not in body
    assert clerk.get(f"/kiosk/reception/{number}/talk", headers=HTML).status_code == 403


def test_a_number_of_another_point_is_not_found(client: TestClient, district: District) -> None:
    number = district.book(slot=6).booking.number
    other = at(client, district, district.other_kiosk)
    told = other.post("/kiosk/reception", data={"number": number}, headers=HTML)
    assert told.status_code == 404
    assert number in told.text
    for page in ("", "/check", "/consent", "/talk", "/slip"):
        assert other.get(f"/kiosk/reception/{number}{page}", headers=HTML).status_code == 404


def test_papers_are_seen_with_the_matter_by_those_who_may(kiosk: TestClient, district: District) -> None:
    answer(kiosk, **{one: ANSWERS[one] for one in list(ANSWERS)[:8]})
    kiosk.post("/kiosk/book/papers/add", files={"paper": ("b.jpg", JPEG)})
    answer(kiosk, papers="done", wanted=f"official-{district.official.id}", slot=f"{district.day_id}-7")
    kiosk.post("/kiosk/book/check", data={"request_key": key_of(kiosk)})
    with reading(district.engine) as db:
        paper = db.exec(select(Paper)).one()
    address = f"/petitions/{paper.petition_id}/papers/{paper.name}"
    official = at(kiosk, district, district.official)
    assert address in official.get(f"/petitions/{paper.petition_id}", headers=HTML).text
    assert official.get(address).content == JPEG
    for actor in (district.other_official, district.handler, district.other_kiosk):
        assert at(kiosk, district, actor).get(address).status_code in {403, 404}
    assert at(kiosk, district, district.clerk).get(f"{address}x").status_code == 404
