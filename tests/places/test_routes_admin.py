"""The administrator's pages of points, kiosks and units, asked for as a browser does."""

import re

import pytest
from fastapi.testclient import TestClient

from server.accounts.roles import Role
from tests.district import District
from tests.petitions.record import cookie_of
from tests.places.setting_up import new_person

POINT = {
    "name": "桃溪村",
    "township_id": "1",
    "area_code": "990101001207",
    "address": "村口",
    "has_video": "yes",
}


@pytest.fixture
def headers(district: District) -> dict[str, str]:
    """The administrator's browser."""
    return cookie_of(district, new_person(district, "administrator", Role.ADMINISTRATOR)) | {"accept": "text/html"}


def test_a_point_from_the_form_to_its_kiosks_code(client: TestClient, headers: dict[str, str]) -> None:
    added = client.post("/admin/points", data=POINT, headers=headers)
    assert added.status_code == 303
    body = client.get(added.headers["location"], headers=headers).text
    assert "已添加" in body
    assert 'value="桃溪村"' in body
    address = added.headers["location"].partition("?")[0]
    made = client.post(f"{address}/kiosks", data={"kiosk_name": "大厅"}, headers=headers)
    code = re.findall(r'class="once">([A-Z0-9]{4}-[A-Z0-9]{4})<', made.text)[0]
    assert code not in client.get(address, headers=headers).text
    again = client.post(f"{address}/kiosks", data={"kiosk_name": "大厅"}, headers=headers)
    assert again.status_code == 409
    assert 'value="大厅"' in again.text
    client.cookies.clear()
    enrolled = client.post("/kiosk/enrol", data={"code": code})
    assert enrolled.headers["location"] == "/kiosk"


def test_a_kiosk_is_stopped_after_one_question(client: TestClient, district: District, headers: dict[str, str]) -> None:
    assert "立即退出登录" in client.get("/admin/kiosks/1/stop", headers=headers).text
    assert client.post("/admin/kiosks/1/stop", headers=headers).headers["location"] == "/admin/points/1?done=stopped"
    kiosk = cookie_of(district, district.kiosk) | {"accept": "text/html"}
    assert client.get("/kiosk", headers=kiosk).headers["location"] == "/kiosk/enrol"


def test_a_refused_form_keeps_everything_and_says_why_beside_the_field(
    client: TestClient, headers: dict[str, str]
) -> None:
    body = client.post("/admin/points", data={**POINT, "area_code": "12"}, headers=headers)
    assert body.status_code == 422
    assert 'id="area_code-wrong">区划代码是十二位数字' in body.text
    for kept in ('value="桃溪村"', 'value="12"', 'value="村口"', 'value="1" selected', "checked"):
        assert kept in body.text
    empty = client.post("/admin/points/1", data={"name": "", "address": "老地方", "has_video": "yes"}, headers=headers)
    assert empty.status_code == 422
    assert 'value="老地方"' in empty.text


def test_filters_and_order_are_in_the_address(client: TestClient, headers: dict[str, str]) -> None:
    body = client.get("/admin/points?q=杨&kind=plain&township=1&sort=name", headers=headers).text
    assert "杨湾村" in body
    assert "柳湾村" not in body
    assert 'aria-sort="ascending"' in body
    assert re.search(r'href="\?[^"]*kind=plain[^"]*sort=code"', body)
    assert "没有符合的接访点" in client.get("/admin/points?kind=closed", headers=headers).text
    assert client.get("/admin/points?sort=what&township=x&kind=%00", headers=headers).status_code == 200


def test_units(client: TestClient, headers: dict[str, str]) -> None:
    added = client.post("/admin/units", data={"name": "区水利局", "township_id": ""}, headers=headers)
    address = added.headers["location"].partition("?")[0]
    client.post(address, data={"name": "区水务局"}, headers=headers)
    assert "区水务局" in client.get("/admin/units?q=水务", headers=headers).text
    client.post(f"{address}/close", headers=headers)
    assert "区水务局" not in client.get("/admin/units", headers=headers).text
    assert "区水务局" in client.get("/admin/units?kind=closed", headers=headers).text
    refused = client.post("/admin/units", data={"name": "住房建设局", "township_id": "1"}, headers=headers)
    assert (refused.status_code, "已经有这个名称的单位" in refused.text) == (409, True)
    assert 'value="1" selected' in refused.text


@pytest.mark.parametrize("path", ["points", "points/new", "points/1", "kiosks/1/stop", "units", "units/new", "units/1"])
def test_the_pages_are_the_administrators(client: TestClient, district: District, path: str) -> None:
    assert client.get(f"/admin/{path}", headers=cookie_of(district, district.clerk)).status_code == 403
    assert client.get(f"/admin/{path}").status_code == 401


@pytest.mark.parametrize("number", ["99", "999999999999999999999", "0", "x"])
def test_a_number_that_is_nobodys_is_answered_calmly(client: TestClient, headers: dict[str, str], number: str) -> None:
    assert client.get(f"/admin/points/{number}", headers=headers).status_code in {404, 422}
