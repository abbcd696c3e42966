"""One shape for every error, one status a kind, one sentence a code; and no request makes the server stumble."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from server import errors
from server.accounts.roles import Role
from server.errors import LianxinError
from server.responses import STATUS
from tests.district import District
from tests.hostile import Attempt, attempts, make_site, routes
from tests.petitions.record import cookie_of

ROOT = Path(__file__).resolve().parents[1]
KINDS = {kind.__name__: kind for kind in LianxinError.__subclasses__()}
HTML, JSON = {"accept": "text/html"}, {"accept": "application/json"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ROLES = tuple(role for role in Role if role is not Role.GUEST)


def raised() -> Iterator[tuple[str, str, str]]:
    """Every error made in the source: code, kind and message."""
    for path in sorted((ROOT / "server").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                kind = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if kind in KINDS and len(node.args) >= 2:
                    code, message = node.args[:2]
                    if isinstance(code, ast.Constant) and isinstance(message, ast.Constant):
                        yield str(code.value), kind, str(message.value)


def test_every_kind_has_one_status() -> None:
    assert set(STATUS) == set(KINDS.values())
    assert len(set(STATUS.values())) == len(STATUS)
    for kind, status in STATUS.items():
        assert re.search(rf"{kind.__name__} .*HTTP {status}\n", errors.__doc__ or "")


def test_a_code_means_one_thing() -> None:
    told = defaultdict(set)
    for code, kind, message in raised():
        told[code].add((kind, message))
    assert {code: said for code, said in told.items() if len(said) > 1} == {}


def test_codes_are_for_machines_and_messages_for_people() -> None:
    found = list(raised())
    assert len(found) > 50
    assert [one for one in found if re.fullmatch(r"[a-z][a-z0-9_]{2,39}", one[0]) is None] == []
    assert [one for one in found if not one[2][0].isupper() and not one[2].startswith("%")] == []


def shape(response: Response) -> dict[str, str | None]:
    """The error in an answer, which has the one shape and Chinese words."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "field"}
    error: dict[str, str | None] = body["error"]
    assert re.fullmatch(r"[a-z][a-z0-9_]+", error["code"] or "")
    assert CHINESE.search(error["message"] or "")
    return error


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_error_answers_machines_and_people(app: FastAPI, kind: str) -> None:
    def refuse() -> None:
        raise KINDS[kind]("an_example", "Please sign in first.", field="name")

    app.add_api_route("/example", refuse)
    with TestClient(app, follow_redirects=False) as client:
        machine, person = client.get("/example", headers=JSON), client.get("/example", headers=HTML)
    assert machine.status_code == STATUS[KINDS[kind]]
    assert shape(machine) == {"code": "an_example", "message": "请先登录。", "field": "name"}
    if kind == "NotSignedIn":
        assert person.headers["location"] == "/sign-in?next=/example"
    else:
        assert person.status_code == machine.status_code
        assert "请先登录。" in person.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "no_such_page"),
        ("POST", "/sign-in", 422, "bad_input"),
        ("GET", "/reviews?page=x", 422, "bad_input"),
    ],
)
def test_what_the_framework_refuses_has_the_same_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    response = client.request(method, path, headers=JSON)
    assert response.status_code == status
    assert shape(response)["code"] == code
    assert CHINESE.search(client.request(method, path, headers=HTML).text)


def test_walls_refuse_in_the_same_shape(client: TestClient) -> None:
    foreign = client.post("/sign-out", headers={"origin": "https://elsewhere.example"})
    large = client.post("/sign-out", headers={"content-length": str(11 * 1024 * 1024)}, content=b"")
    assert (foreign.status_code, shape(foreign)["code"]) == (403, "foreign_request")
    assert (large.status_code, shape(large)["code"]) == (413, "too_large")


def test_a_fault_tells_nothing_but_its_number(app: FastAPI) -> None:
    def stumble() -> None:
        raise RuntimeError("the password of the database")

    app.add_api_route("/fault", stumble)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/fault", headers=HTML)
    assert response.status_code == 500
    assert "password" not in response.text
    assert re.search(r"[0-9a-f]{16}", response.text)


@pytest.mark.parametrize("role", ROLES)
def test_no_request_makes_the_server_stumble(app: FastAPI, district: District, role: Role) -> None:
    """Malformed words in every place of every route; the site has matters in every state."""
    site, stumbled, tried = make_site(district), set[str](), 0
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        for path, route in routes(app):
            signed_in = {} if role is Role.PUBLIC else cookie_of(district, site.actors[role])
            for attempt in attempts(path, route, site):
                response = send(client, attempt, {**signed_in, **JSON})
                tried += 1
                if response.status_code >= 500:
                    stumbled.add(f"{response.status_code} {attempt}")
                elif response.status_code >= 400 and "json" in response.headers.get("content-type", ""):
                    assert attempt.method == "HEAD" or shape(response)
    assert tried > 500
    assert sorted(stumbled) == []


def send(client: TestClient, attempt: Attempt, headers: dict[str, str]) -> Response:
    """The attempt as a request."""
    extra = {name: value for name, value in attempt.extra.items() if name != "headers"}
    response: Response = client.request(
        attempt.method, attempt.path, headers={**headers, **attempt.extra.get("headers", {})}, **extra
    )
    return response
