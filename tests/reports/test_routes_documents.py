"""The pages of papers: made through the form, once; printed, withdrawn, verified by anybody who holds the paper."""

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from server.database import reading
from server.reports.models import IssuedDocument
from tests.district import WHO, District
from tests.petitions.record import approved, cookie_of, whole

HTML = {"accept": "text/html"}


def post(client: TestClient, district: District, **values: str) -> Response:
    """The clerk sends the form of a transfer."""
    form = {"kind": "transfer", "unit_id": "1", "demand": "请入户查看。", "request_key": "k1", **values}
    headers = {**HTML, **cookie_of(district, district.clerk)}
    answer: Response = client.post("/petitions/1/documents", data=form, headers=headers)
    return answer


def test_from_the_form_to_the_paper(client: TestClient, district: District) -> None:
    """Sent twice, it is made once; the list leads to the PDF; the square's address says that it is real."""
    talk, _ = whole(district)
    approved(talk)
    clerk = {**HTML, **cookie_of(district, district.clerk)}
    blank = client.get("/petitions/1/documents/new?kind=transfer", headers=clerk)
    assert '<option value="1" selected>住房建设局' in blank.text
    assert [post(client, district).status_code for _ in range(2)] == [303, 303]
    listed = client.get("/petitions/1/documents", headers=clerk).text
    assert listed.count("信转〔2026〕1号") == 1
    assert client.get("/documents/1/paper.pdf", headers=clerk).content.startswith(b"%PDF-")
    with reading(district.engine) as db:
        made = db.exec(select(IssuedDocument)).one()
    told = client.get(f"/verify/{made.code}", headers=HTML)
    assert (told.status_code, "信转〔2026〕1号" in told.text) == (200, True)
    assert WHO.name not in told.text
    assert "房子漏水" not in told.text
    assert "住房建设局" not in told.text


def test_the_form_again_with_what_was_typed(client: TestClient, district: District) -> None:
    """A missing unit is named beside its field; the words are still there."""
    talk, _ = whole(district)
    approved(talk)
    again = post(client, district, unit_id="", demand="请入户查看。")
    assert again.status_code == 422
    assert "请选择主送单位" in again.text
    assert "请入户查看。" in again.text
    unknown = post(client, district, kind="nothing")
    assert (unknown.status_code, "bad_input" in unknown.text) == (422, True)


def test_withdrawn_papers_are_told(client: TestClient, district: District) -> None:
    """The page asks why, and whoever verifies the paper is told that it holds no more."""
    talk, _ = whole(district)
    approved(talk)
    post(client, district)
    clerk = {**HTML, **cookie_of(district, district.clerk)}
    assert "要作废这份文书吗" in client.get("/documents/1/withdraw", headers=clerk).text
    assert client.post("/documents/1/withdraw", data={"why": ""}, headers=clerk).status_code == 422
    assert client.post("/documents/1/withdraw", data={"why": "写错单位"}, headers=clerk).status_code == 303
    assert "写错单位" in client.get("/petitions/1/documents", headers=clerk).text
    with reading(district.engine) as db:
        made = db.exec(select(IssuedDocument)).one()
    told = client.get(f"/verify/{made.code}", headers=HTML)
    assert "已经作废" in told.text
    assert "写错单位" not in told.text


def test_a_paper_that_is_none_of_ours(client: TestClient) -> None:
    """The page says so; what is typed in groups finds its address; an empty field asks again."""
    assert client.get("/verify/AAAABBBBCCCCDDDD", headers=HTML).status_code == 404
    assert client.get("/verify?code=abcd efgh", headers=HTML).headers["location"] == "/verify/ABCDEFGH"
    assert "验证码" in client.get("/verify?code=", headers=HTML).text


def test_the_official_reads_and_makes_none(client: TestClient, district: District) -> None:
    """No form is offered; the blank page refuses."""
    talk, _ = whole(district)
    approved(talk)
    post(client, district)
    official = {**HTML, **cookie_of(district, district.official)}
    listed = client.get("/petitions/1/documents", headers=official).text
    assert "信转〔2026〕1号" in listed
    assert "documents/new" not in listed
    assert "/withdraw" not in listed
    assert client.get("/petitions/1/documents/new?kind=transfer", headers=official).status_code == 403
