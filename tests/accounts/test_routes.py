"""The sign-in pages over HTTP."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from server.accounts.models import User
from server.accounts.roles import Role
from server.accounts.routes import own_page
from server.accounts.service import hash_password
from server.database import writing

FORM = {"username": "official", "password": "a long enough password", "next": "/desk"}


@pytest.fixture(autouse=True)
def official(engine: Engine) -> None:
    with writing(engine) as db:
        db.add(
            User(
                username="official",
                display_name="周正",
                role=Role.OFFICIAL,
                password_hash=hash_password(FORM["password"]),
            )
        )


def test_nobody_gets_the_choice_of_signing_in_or_asking(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert 'href="/ask"' in answer.text
    assert "登录" in answer.text


def test_a_right_password_leads_on_and_the_start_page_knows_the_role(client: TestClient) -> None:
    answer = client.post("/sign-in", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/").headers["location"] == "/desk"


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(client: TestClient) -> None:
    answer = client.post("/sign-in", data={**FORM, "password": "wrong"})
    assert answer.status_code == 422
    assert 'value="official"' in answer.text
    assert 'value="/desk"' in answer.text
    assert "用户名或密码不对,请再试一次。" in answer.text


def test_signing_out_forgets_the_browser(client: TestClient) -> None:
    client.post("/sign-in", data=FORM)
    assert client.post("/sign-out").status_code == 303
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://elsewhere.example"}],
)
def test_a_form_of_another_site_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/sign-in", data=FORM, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "foreign_request"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("address", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", ""])
def test_nobody_is_sent_to_another_site(address: str) -> None:
    assert own_page(address) == "/"


def test_every_page_forbids_foreign_scripts_and_frames(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy


def test_the_language_can_be_chosen(client: TestClient) -> None:
    client.post("/language", data={"lang": "en"})
    assert "Sign in" in client.get("/").text
    client.post("/language", data={"lang": "xx"})
    assert "登录" in client.get("/").text


def test_an_own_password_is_chosen_and_every_other_browser_is_signed_out(client: TestClient, app: FastAPI) -> None:
    client.post("/sign-in", data=FORM)
    with TestClient(app, follow_redirects=False) as other:
        other.post("/sign-in", data=FORM)
        told = client.post("/account/password", data={"old": FORM["password"], "new": "several words in a row"})
        assert told.headers["location"] == "/account?done=password"
        assert client.get("/account", headers={"accept": "text/html"}).status_code == 200
        assert other.get("/account", headers={"accept": "text/html"}).status_code == 303
        assert other.post("/sign-in", data=FORM).status_code == 422
        assert other.post("/sign-in", data={**FORM, "password": "several words in a row"}).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("wrong", "several words in a row", "现在的密码不对"), (FORM["password"], "short", "至少十个字符")],
)
def test_a_password_that_is_wrong_or_weak_is_refused(client: TestClient, old: str, new: str, said: str) -> None:
    client.post("/sign-in", data=FORM)
    told = client.post("/account/password", data={"old": old, "new": new}, headers={"accept": "text/html"})
    assert told.status_code == 422
    assert said in told.text
    assert new not in told.text


def test_nobody_has_no_account(client: TestClient) -> None:
    assert client.get("/account", headers={"accept": "text/html"}).headers["location"] == "/sign-in?next=/account"
    assert client.post("/account/password", data={"old": "x", "new": "y"}).status_code == 401
