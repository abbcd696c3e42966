"""docs/protocol.md against the code."""

import re
from pathlib import Path

from server.media.control import VERBS
from server.media.ports import Alarm, EventKind, SeatState
from server.signaling.handlers import HANDLERS
from server.signaling.messages import Close, Hello, Message, Phase, type_of
from server.signaling.protocol import PUSHES, RULES

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = DOCUMENT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def words(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def fields(kind: type[Message]) -> str:
    named = [
        f"`{name}`{'' if one.is_required() else '?'}"
        for name, one in kind.model_fields.items()
        if name not in {"type", "id"}
    ]
    return ", ".join(named) or "—"


def when(kind: type[Message]) -> str:
    if kind is Hello:
        return "first"
    phases = RULES[kind].phases
    return "any" if phases == frozenset(Phase) else ", ".join(one.value for one in Phase if one in phases)


def test_every_message_of_the_browser_is_described_as_it_is() -> None:
    told = {words(row[0])[0]: row[1:4] for row in rows("From the browser")}
    assert told == {
        type_of(kind): [fields(kind), ", ".join(sorted(one.value for one in rule.places)), when(kind)]
        for kind, rule in RULES.items()
    }


def test_every_message_has_a_rule_and_a_handler() -> None:
    kinds = set(Message.__subclasses__())
    assert set(RULES) == kinds
    assert set(HANDLERS) == kinds - {Hello}


def test_every_message_of_the_server_is_described_as_it_is() -> None:
    assert {words(row[0])[0]: tuple(words(row[1])) for row in rows("From the server")} == PUSHES


def test_the_close_codes_are_described() -> None:
    assert {int(row[0]): row[1] for row in rows("Close codes")} == {one.value: one.name.lower() for one in Close}


def test_links_alarms_verbs_and_reports_are_named() -> None:
    named = set(words(DOCUMENT))
    reports = set(EventKind) - {EventKind.ENGINE_LOST, EventKind.ENGINE_READY}
    assert {*SeatState, *Alarm, *VERBS, *reports} <= named
