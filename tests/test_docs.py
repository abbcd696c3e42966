"""The documents against the code: rooms, layers, addresses, decisions, links."""

import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ARCHITECTURE = (DOCS / "architecture.md").read_text()


def test_every_page_stands_in_the_table_of_addresses(app: FastAPI) -> None:
    table = ARCHITECTURE.split("## Addresses", 1)[1]
    told = set(re.findall(r"`(/[^`\s]*)`", table)) - {"/live"}
    served = {one.path for one in iter_route_contexts(app.routes) if "GET" in (one.methods or ()) and one.path}
    assert told == served - {"/static"}


def test_every_room_is_named() -> None:
    rooms = {path.name for path in (ROOT / "server").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {room for room in rooms if f"`{room}" not in ARCHITECTURE} <= {"migrations", "demonstration"}


def test_decisions_are_numbered_one_by_one_and_say_context_choice_cost() -> None:
    names = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    for name in names:
        text = (DOCS / "decisions" / name).read_text()
        assert all(word in text for word in ("**Context.**", "**Choice.**", "**Cost.**")), name


def test_links_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *DOCS.glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), (page.name, target)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 60
