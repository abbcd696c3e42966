"""Every message has its Chinese words, once, with the same places to fill in; and Chinese stands only where it may."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fastapi.testclient import TestClient
from jinja2 import nodes

from server.demonstration.seed import demonstration_accounts
from server.dependencies import COOKIE
from server.errors import LianxinError
from server.notices import labels as notice_labels
from server.notices import texts
from server.petitions import booking_steps, categories, labels, service_absence
from server.planning import labels as planning_labels
from server.reports import labels as report_labels
from server.responses import environment
from server.scheduling import labels as scheduling_labels
from server.scheduling import party, replan, waiting, waitlist
from server.translation import WEB, catalogue, translate
from tests.district import District
from tests.signaling.talkers import cookie_of

ROOT = Path(__file__).resolve().parents[1]
SERVER = sorted((ROOT / "server").rglob("*.py"))
ERRORS = {kind.__name__ for kind in LianxinError.__subclasses__()}
FIRST = {"_", "message_id", "translate", "words"}
PLACES = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MAY_BE_CHINESE = {
    "demonstration": "the fictitious district speaks Chinese",
    "responses.py": "dates and durations as they are said",
    "security.py": "refusals that must not depend on anything else",
    "verify_recording.py": "it stands alone, without the catalogue",
    "disagreements.py": "the words of a promise are looked for in Chinese minutes",
    "documents.py": "the forms of the minutes are prescribed in Chinese",
}


def calls(path: Path) -> Iterator[tuple[str, list[ast.expr]]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = node.func
            yield (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")), node.args


def in_python() -> Iterator[str]:
    """Messages of errors and of what is marked for translation."""
    for path in SERVER:
        first = FIRST | ({"text"} if "from server.console import" in path.read_text() else set())
        for name, args in calls(path):
            place = 1 if name in ERRORS else 0 if name in first else None
            if place is not None and len(args) > place:
                yield from constants(args[place])


def constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*constants(node.body), *constants(node.orelse))


def in_templates() -> Iterator[str]:
    for path in sorted((WEB / "templates").rglob("*.html")):
        tree = environment().parse(path.read_text())
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in {"_", "translate"} and call.args:
                yield from template_constants(call.args[0])


def template_constants(node: nodes.Expr) -> Iterator[str]:
    if isinstance(node, nodes.Const):
        yield str(node.value)
    elif isinstance(node, nodes.CondExpr):
        yield from template_constants(node.expr1)
        if node.expr2 is not None:
            yield from template_constants(node.expr2)


def in_tables() -> Iterator[str]:
    """Messages that stand in tables and are translated where they are shown."""
    for table in (labels, categories, scheduling_labels, notice_labels, planning_labels, report_labels):
        for name, value in vars(table).items():
            if name.isupper() and isinstance(value, dict):
                yield from (one for one in value.values() if isinstance(one, str))
    yield from (labels.OTHER_EVENT, labels.HAND_OUT_BROKEN, report_labels.NOBODY)
    for question in booking_steps.QUESTIONS.values():
        yield from (one for one in (question.text, question.hint) if one)
    for question in booking_steps.OF_PRINCIPAL.values():
        yield from (question.text, question.hint)
    yield from (waitlist.FAIR, *party.SCOPES.values())
    for choices in booking_steps.CHOICES.values():
        yield from choices.values()
    yield from texts.MESSAGES
    yield from (*replan.SENTENCES, *service_absence.SENTENCES, *(why for _, why in replan.PRICES.values()))
    yield from (*waiting.SENTENCES, *waiting.PRIORITIES.values())
    yield from (account.note for account in demonstration_accounts())
    yield from audit_labels()


def audit_labels() -> Iterator[str]:
    path = ROOT / "server/audit/labels.py"
    if path.is_file():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Dict):
                for value in node.values:
                    yield from constants(value)


def used() -> set[str]:
    return {one for one in (*in_python(), *in_templates(), *in_tables()) if one}


def entries() -> Iterator[tuple[Path, str, str, bool]]:
    for path in sorted((WEB / "locale" / "zh_CN").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                if isinstance(message.id, str) and message.id:
                    yield path, message.id, str(message.string), message.fuzzy


def test_every_message_is_translated() -> None:
    known = catalogue("zh_CN")
    assert sorted(one for one in used() if one not in known and re.search(r"[A-Za-z]{2}", one)) == []


def test_no_translation_is_left_over() -> None:
    written = {
        node.value
        for path in SERVER
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted({one for _, one, _, _ in entries()} - used() - written) == []


def test_every_message_is_translated_once_and_for_sure() -> None:
    told = list(entries())
    assert [one for one, count in Counter(one for _, one, _, _ in told).items() if count > 1] == []
    assert [one for _, one, _, fuzzy in told if fuzzy] == []


@pytest.mark.parametrize("path", sorted((WEB / "locale" / "zh_CN").glob("*.po")), ids=lambda path: path.stem)
def test_the_same_places_are_filled_in(path: Path) -> None:
    for where, message, words, _ in entries():
        if where == path:
            assert sorted(PLACES.findall(message)) == sorted(PLACES.findall(words)), message


def test_sources_are_english() -> None:
    chinese = [
        str(path.relative_to(ROOT))
        for path in SERVER
        if CHINESE.search("\n".join(line.split("#")[0] for line in path.read_text().splitlines()))
        and not any(name in path.parts or name == path.name for name in MAY_BE_CHINESE)
    ]
    comments = re.compile(r'"""[\s\S]*?"""')
    assert [name for name in chinese if CHINESE.search(comments.sub("", (ROOT / name).read_text()))] == []


def test_templates_and_scripts_are_english() -> None:
    found = [
        path.name
        for folder, kind in (("templates", "*.html"), ("static/js", "*.js"))
        for path in (WEB / folder).rglob(kind)
        if CHINESE.search(path.read_text())
    ]
    assert sorted(found) == ["lines.js"]


ENGLISH = {
    "kiosk": ("/kiosk", "/kiosk/book/who", "/kiosk/reception", "/kiosk/notices", "/ask"),
    "official": ("/desk", "/returned"),
    "clerk": ("/desk", "/reviews", "/notices"),
    "handler": ("/follow-ups",),
}


@pytest.mark.parametrize("role", list(ENGLISH))
def test_pages_speak_english_to_those_who_choose_it(client: TestClient, district: District, role: str) -> None:
    actor = getattr(district, role)
    client.cookies.set(COOKIE, cookie_of(district.engine, district.clock, actor))
    client.cookies.set("lianxin_lang", "en")
    for address in ENGLISH[role]:
        page = client.get(address, headers={"accept": "text/html"})
        assert page.status_code == 200
        own_words = re.sub(r"中文|终端|柳湾村|住房建设局|人力资源局", "", page.text)
        assert CHINESE.findall(own_words) == [], address


def test_english_is_complete_because_it_is_the_source(client: TestClient) -> None:
    client.cookies.set("lianxin_lang", "en")
    page = client.get("/sign-in", headers={"accept": "text/html"})
    assert "Sign in" in page.text
    assert CHINESE.search(page.text) is None
    assert translate("Sign in", "zh_CN") == "登录"
