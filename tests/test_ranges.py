"""Stored files over HTTP: every range of a sealed file as of a plain one, and nothing of a damaged one as whole."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.testclient import TestClient
from starlette.types import Message

from server.errors import LianxinError, NotFound, Unavailable
from server.ranges import Unsatisfiable, stored_answer, wanted
from server.responses import answer_error
from server.sealed_file import CHUNK, HEAD_SIZE, OVERHEAD, write_stored

KEY = b"k" * 32
DATA = bytes(range(256)) * 800
SIZE = len(DATA)
MISSING = NotFound("no_such_recording", "This recording is not there.")


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-", (0, 99)),
        ("bytes=0-0", (0, 0)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-500", (0, 99)),
        (" Bytes = 5 - 6 ", (5, 6)),
        ("", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=a-b", None),
        ("bytes=1-2,4-5", None),
        ("bytes=--5", None),
        ("bytes=+1-2", None),
        ("bytes=٣-٤", None),
        ("bytes=0-" + "9" * 5000, None),
        ("lines=1-2", None),
    ],
)
def test_a_range_is_read_or_left_out(header: str, span: tuple[int, int] | None) -> None:
    assert wanted(header, 100) == span


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-1", 0)])
def test_a_range_after_the_end_cannot_be_given(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        wanted(header, size)


def serving(path: Path, key: bytes | None) -> FastAPI:
    app = FastAPI()

    @app.head("/file")
    @app.get("/file")
    def _file(request: Request) -> Response:
        return stored_answer(request, path, key, media_type="video/webm", missing=MISSING)

    @app.exception_handler(LianxinError)
    def _refusal(request: Request, error: LianxinError) -> Response:
        return answer_error(request, error)

    return app


@pytest.fixture(params=[KEY, None], ids=["sealed", "plain"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestClient]:
    write_stored(tmp_path / "file.webm", DATA, request.param)
    with TestClient(serving(tmp_path / "file.webm", KEY)) as made:
        yield made


def test_the_whole_file(client: TestClient) -> None:
    answer = client.get("/file")
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("first", "last"), [(0, 0), (0, SIZE - 1), (CHUNK - 2, CHUNK + 1), (CHUNK, 2 * CHUNK), (SIZE - 1, SIZE - 1)]
)
def test_any_range(client: TestClient, first: int, last: int) -> None:
    answer = client.get("/file", headers={"range": f"bytes={first}-{last}"})
    assert (answer.status_code, answer.content) == (206, DATA[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)


def test_the_end_of_the_file(client: TestClient) -> None:
    assert client.get("/file", headers={"range": "bytes=-1000"}).content == DATA[-1000:]
    beyond = client.get("/file", headers={"range": f"bytes={SIZE}-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["content-range"] == f"bytes */{SIZE}"


def test_a_head_request_tells_the_size_and_sends_nothing(client: TestClient) -> None:
    answer = client.head("/file", headers={"range": "bytes=0-9"})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(SIZE))


def test_a_range_of_another_version_gets_the_whole(client: TestClient) -> None:
    tag = client.head("/file").headers["etag"]
    assert client.get("/file", headers={"range": "bytes=1-2", "if-range": tag}).status_code == 206
    assert client.get("/file", headers={"range": "bytes=1-2", "if-range": '"other"'}).status_code == 200


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with TestClient(serving(tmp_path / "absent", KEY)) as client:
        assert client.get("/file").json()["error"]["code"] == "no_such_recording"
    with TestClient(serving(tmp_path, KEY)) as client:
        assert client.get("/file").status_code == 404


def damaged_at(path: Path, chunk: int) -> None:
    write_stored(path, DATA, KEY)
    changed = bytearray(path.read_bytes())
    changed[HEAD_SIZE + chunk * (CHUNK + OVERHEAD) + 50] ^= 1
    path.write_bytes(changed)


def test_what_cannot_be_shown_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "file.webm"
    write_stored(path, DATA, KEY)
    with TestClient(serving(path, b"o" * 32)) as client:
        assert client.get("/file").json()["error"]["code"] == "file_locked"
    path.write_bytes(path.read_bytes()[: HEAD_SIZE + 2 * (CHUNK + OVERHEAD)])
    with TestClient(serving(path, KEY)) as client:
        assert client.get("/file").json()["error"]["code"] == "file_damaged"
        assert client.head("/file").status_code == 503
    path.unlink()
    damaged_at(path, 1)
    with TestClient(serving(path, KEY)) as client:
        told = client.get("/file", headers={"range": f"bytes={CHUNK + 7}-"})
        assert (told.status_code, told.json()["error"]["code"]) == (503, "file_damaged")


async def sent_by(path: Path) -> list[Message]:
    """Everything that is sent for the whole file."""
    scope = {"type": "http", "method": "GET", "headers": [], "asgi": {"spec_version": "2.3"}}
    request, sent = Request(scope), list[Message]()
    answer = await asyncio.to_thread(
        lambda: stored_answer(request, path, KEY, media_type="video/webm", missing=MISSING)
    )

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    await answer(scope, receive, send)
    return sent


def test_an_answer_ends_before_a_damaged_chunk_and_is_never_completed(tmp_path: Path) -> None:
    damaged_at(tmp_path / "file.webm", 2)
    start, *bodies = asyncio.run(sent_by(tmp_path / "file.webm"))
    assert dict(start["headers"])[b"content-length"] == str(SIZE).encode()
    assert b"".join(one["body"] for one in bodies) == DATA[: 2 * CHUNK]
    assert all(one["more_body"] for one in bodies)


def test_a_whole_answer_comes_in_pieces_of_a_chunk(tmp_path: Path) -> None:
    write_stored(tmp_path / "file.webm", DATA, KEY)
    _, *bodies = asyncio.run(sent_by(tmp_path / "file.webm"))
    assert [len(one["body"]) for one in bodies] == [CHUNK, CHUNK, CHUNK, SIZE - 3 * CHUNK, 0]
    assert bodies[-1]["more_body"] is False


def test_damage_has_words(tmp_path: Path) -> None:
    damaged_at(tmp_path / "file.webm", 0)
    with TestClient(serving(tmp_path / "file.webm", KEY)) as client:
        assert "改动" in client.get("/file").json()["error"]["message"]
    with pytest.raises(Unavailable):
        asyncio.run(sent_by(tmp_path / "file.webm"))
