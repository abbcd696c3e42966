"""Log lines are for machines, carry the request, and quote nobody."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from server.logs import configure


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging is the process's own: put it back."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_object_a_line_with_the_request_and_the_process() -> None:
    stream = io.StringIO()
    configure("INFO", process="web", stream=stream)
    with bound_contextvars(request_id="abc"):
        structlog.get_logger().info("request", route="/ask")
        logging.getLogger("a.library").warning("something %s", "happened")
    first, second = lines(stream)
    assert (first["event"], first["request_id"], first["process"], first["level"]) == ("request", "abc", "web", "info")
    assert (second["event"], second["request_id"]) == ("something happened", "abc")


def test_libraries_are_heard_from_warnings_on() -> None:
    stream = io.StringIO()
    configure("DEBUG", process="web", stream=stream)
    logging.getLogger("a.library").info("GET /join/secret")
    assert lines(stream) == []


def test_of_a_fault_kind_and_place_are_kept_not_the_message() -> None:
    stream = io.StringIO()
    configure("INFO", process="web", stream=stream)
    try:
        try:
            raise KeyError("张三")
        except KeyError as cause:
            raise ValueError("330102199001010000") from cause
    except ValueError:
        structlog.get_logger().exception("own")
        logging.getLogger("a.library").exception("theirs\n330102199001010000")
    assert "张三" not in stream.getvalue()
    assert "330102" not in stream.getvalue()
    for line in lines(stream):
        assert line["fault"] == ["ValueError", "KeyError"]
        assert line["at"][-1].startswith("tests/test_logs.py:")


@pytest.mark.parametrize(("level", "shown"), [("INFO", False), ("DEBUG", True)])
def test_a_terminal_stays_quiet_unless_asked(level: str, shown: bool) -> None:
    stream = Terminal()
    configure(level, process="web", stream=stream)
    structlog.get_logger().info("request")
    structlog.get_logger().warning("worrying")
    assert ("request" in stream.getvalue()) is shown
    assert "worrying" in stream.getvalue()
