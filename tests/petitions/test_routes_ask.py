"""Asking with number and code, and the slip both stand on."""

from fastapi.testclient import TestClient

from server.database import writing
from server.petitions.service_seal import keep_seal
from tests.district import MATTER, WHO, District
from tests.petitions.record import approved, begin, cookie_of, end, read_back, say, whole

DIGEST = "0123456789abcdef" * 4


def test_answer_without_personal_data(client: TestClient, district: District) -> None:
    """Reception and petition number both work; state, unit, day, progress; nothing of the person."""
    talk, code = whole(district)
    number = approved(talk)
    for asked in (talk.number, number, number.lower()):
        answer = client.post("/ask", data={"number": asked, "code": f" {code[:4].lower()} {code[4:]}"})
        assert answer.status_code == 200
        assert "已经登记" in answer.text
        assert "住房建设局" in answer.text
        assert "12月14日 周一" in answer.text
        for secret in (WHO.name, WHO.id_number, WHO.phone, MATTER.summary, "修好房顶", "李工", code):
            assert secret not in answer.text


def test_unknown_number_and_wrong_code_answer_alike(client: TestClient, district: District) -> None:
    """The two pages differ in nothing but the number that was typed."""
    talk, _ = whole(district)
    wrong = client.post("/ask", data={"number": talk.number, "code": "AAAAAAAA"})
    unknown = client.post("/ask", data={"number": "260101-001-9", "code": "AAAAAAAA"})
    assert wrong.status_code == unknown.status_code == 404
    assert wrong.text.replace(f'value="{talk.number}"', "") == unknown.text.replace('value="260101-001-9"', "")
    assert "AAAAAAAA" not in wrong.text


def test_an_empty_code_is_nobody_s(client: TestClient, district: District) -> None:
    """Also not that of a petition that has none."""
    talk = begin(district)
    with writing(district.engine) as db:
        petition = talk.petition(db)
        petition.query_code = petition.query_code_hash = None
        db.add(petition)
    assert client.post("/ask", data={"number": talk.number, "code": ""}).status_code == 404


def test_guessing_is_bounded(client: TestClient, district: District) -> None:
    """After ten wrong codes the right one waits too, ten minutes long."""
    talk, code = whole(district)
    for _ in range(10):
        assert client.post("/ask", data={"number": talk.number, "code": "BBBBBBBB"}).status_code == 404
    refused = client.post("/ask", data={"number": talk.number, "code": code})
    assert refused.status_code == 429
    assert "请等十分钟" in refused.text
    district.clock.forward(minutes=10)
    assert client.post("/ask", data={"number": talk.number, "code": code}).status_code == 200


def test_slip_again_for_half_an_hour(client: TestClient, district: District) -> None:
    """Number, code and promises at its own kiosk; at another kiosk or later there is none."""
    talk = begin(district)
    say(talk)
    address = f"/kiosk/reception/{talk.number}/slip"
    kiosk = cookie_of(district, district.kiosk)
    assert client.get(address, headers=kiosk).status_code == 404
    code = end(talk)
    assert client.get(address, headers=kiosk).status_code == 404
    read_back(talk)
    body = client.get(address, headers=kiosk).text
    assert talk.number in body
    assert f"{code[:4]} {code[4:]}" in body
    assert "修好房顶" in body
    assert 'class="qrline"' in body
    assert WHO.name not in body
    assert client.get(address, headers=cookie_of(district, district.other_kiosk)).status_code == 404
    assert client.get(address, headers=cookie_of(district, district.official)).status_code == 403
    district.clock.forward(minutes=29)
    assert client.get(address, headers=kiosk).status_code == 200
    district.clock.forward(minutes=2)
    assert client.get(address, headers=kiosk).status_code == 404


def test_the_slip_shows_the_check_code_as_soon_as_it_is_there(client: TestClient, district: District) -> None:
    """First that it comes, then its first 24 digits in groups of four; after half a minute it looks again no more."""
    talk, _ = whole(district)
    address, kiosk = f"/kiosk/reception/{talk.number}/slip", cookie_of(district, district.kiosk)
    body = client.get(address, headers=kiosk).text
    assert "data-comes" in body
    assert "正在生成" in body
    district.clock.forward(seconds=31)
    body = client.get(address, headers=kiosk).text
    assert "data-comes" not in body
    assert "工作人员索取" in body
    with writing(district.engine) as db:
        keep_seal(db, token=talk.token, digest=DIGEST, now=district.clock.now())
    body = client.get(address, headers=kiosk).text
    assert ">0123 4567 89ab cdef 0123 4567</dd>" in body
    assert "data-comes" not in body


def test_without_a_recording_the_slip_has_no_check_code(client: TestClient, district: District) -> None:
    """Nothing was recorded, so nothing is promised."""
    talk = begin(district, recorded=False)
    end(talk)
    body = client.get(f"/kiosk/reception/{talk.number}/slip", headers=cookie_of(district, district.kiosk)).text
    assert 'id="seal"' not in body


def test_the_next_visitor_at_the_kiosk_cannot_have_the_last_one_s_slip(client: TestClient, district: District) -> None:
    """Numbers can be guessed; the code on the slip opens the matter for ever."""
    talk, _ = whole(district)
    kiosk = cookie_of(district, district.kiosk)
    address = f"/kiosk/reception/{talk.number}/slip"
    assert client.get(address, headers=kiosk).status_code == 200
    assert address in client.get(f"/kiosk/reception/{talk.number}", headers=kiosk).text
    district.clock.forward(minutes=1)
    district.wait(slot=7, key="two")
    assert client.get(address, headers=kiosk).status_code == 404


def test_no_page_at_the_kiosk_stays_open_for_the_next_visitor(client: TestClient, district: District) -> None:
    """Whatever was left open goes back to the start by itself; only the start and the talk stay."""
    talk, code = whole(district)
    kiosk = cookie_of(district, district.kiosk)
    pages = [f"/kiosk/reception/{talk.number}{page}" for page in ("", "/slip")]
    pages += ["/ask", "/kiosk/reception", f"/kiosk/book/done/{talk.number}", "/kiosk/book/who"]
    bodies = {page: client.get(page, headers=kiosk).text for page in pages}
    bodies["answer"] = client.post("/ask", data={"number": talk.number, "code": code}, headers=kiosk).text
    assert [page for page, body in bodies.items() if 'data-idle="/kiosk"' not in body] == []
    assert "data-idle" not in client.get("/kiosk", headers=kiosk).text
    assert "data-idle" not in client.get("/ask").text


def test_ask_page_fills_the_number_in(client: TestClient) -> None:
    """The square on the slip leads to the form with the number."""
    assert 'value="261124-001-1"' in client.get("/ask?number=261124-001-1").text
