"""Logs on the standard error stream: one JSON object a line, or short coloured lines at a terminal.

Nothing personal is written: of a fault its kind and place are kept, never its message, because messages quote input.
At a terminal only warnings are shown, unless DEBUG is asked for.
"""

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MAX_FRAMES = 12
FOREIGN_LEVEL = logging.WARNING
_FROM_ROOT = Path(__file__).resolve().parents[1]


def configure(level: str, *, process: str, stream: TextIO | None = None) -> None:
    """Send everything this process logs, our own and the libraries', to ``stream`` (standard error)."""
    stream = stream or sys.stderr
    terminal = stream.isatty()
    least = logging.getLevelNamesMapping()[level]
    least = max(least, logging.WARNING) if terminal and level != "DEBUG" else least
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_messages,
    ]
    renderer: Processor = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[_named(process), *before, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_named(process), _first_line, *before],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers, root.level = [handler], max(least, FOREIGN_LEVEL)


def without_messages(_logger: WrappedLogger, _method: str, told: EventDict) -> EventDict:
    """Put kinds and places where an exception was."""
    given = told.pop("exc_info", None)
    fault = given[1] if isinstance(given, tuple) else sys.exception() if given is True else given
    if isinstance(fault, BaseException):
        told["fault"] = _kinds(fault)
        told["at"] = _places(fault.__traceback__)
    return told


def _kinds(fault: BaseException) -> list[str]:
    found: list[str] = []
    one: BaseException | None = fault
    while one is not None and len(found) < MAX_FRAMES:
        found.append(type(one).__name__)
        one = one.__cause__ or one.__context__
    return found


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in traceback.extract_tb(trace)][-MAX_FRAMES:]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_FROM_ROOT) if path.is_relative_to(_FROM_ROOT) else Path(*path.parts[-3:]))


def _named(process: str) -> Processor:
    def name(_logger: WrappedLogger, _method: str, told: EventDict) -> EventDict:
        return {"process": process, **told}

    return name


def _first_line(_logger: WrappedLogger, _method: str, told: EventDict) -> EventDict:
    """A library's further lines quote what it worked on."""
    told["event"] = str(told["event"]).split("\n", 1)[0]
    return told
