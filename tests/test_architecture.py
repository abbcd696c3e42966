"""The house rules: layers by file name, directions between rooms, sizes, names, thin routes, kept tasks."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("foundation", "rules", "models", "services", "adapters", "interface", "composition")
FOUNDATION = {"errors", "clock", "settings", "transitions", "sealing", "sealed_file", "storage", "translation", "turns"}
TOP = {
    "database": "models",
    "tables": "models",
    "dependencies": "interface",
    "responses": "interface",
    "ranges": "interface",
    "security": "interface",
    "health": "interface",
    "metrics": "interface",
    "logs": "foundation",
    "certificates": "adapters",
    "initial": "composition",
    "app": "composition",
    "hand_outs": "composition",
    "piecework": "composition",
    "background": "foundation",
    "trials": "composition",
    "housekeeping": "composition",
    "passing": "composition",
    "cli": "composition",
    "outbox": "composition",
    "console": "foundation",
    "relay_trial": "composition",
    "selftest": "composition",
    "supervisor": "composition",
    "verification": "composition",
    "web": "composition",
}
INTERFACE = re.compile(r"routes(_\w+)?|handlers(_\w+)?|endpoint|greeting|switchboard|watch|connection")
ROOMS: dict[str, set[str]] = {
    "audit": {"accounts"},
    "accounts": {"audit", "places"},
    "places": {"audit", "accounts"},
    "notices": {"audit", "accounts", "places"},
    "scheduling": {"audit", "accounts", "places", "notices"},
    "planning": {"audit", "accounts", "places", "scheduling"},
    "petitions": {"audit", "accounts", "places", "notices", "scheduling", "media"},
    "reports": {"audit", "accounts", "places", "scheduling", "petitions"},
    "media": set(),
    "signaling": {"accounts", "places", "scheduling", "petitions", "media"},
}
RULES_OF_MEDIA = {"ports", "rewrite", "journal_format", "rtp_packet", "vp8", "opus", "stun", "rtcp", "feedback"} | {
    *(
        "order",
        "sdp",
        "sdp_answer",
        "transport_feedback",
        "retransmission",
        "bandwidth",
        "speaking",
        "line",
        "extensions",
        "redundancy",
        "outgoing",
        "agreed",
        "pace",
    ),
}
ADAPTERS = {"channels", "documents", "official", "typesetting", "loopback", "media_client", "placement", "signature"}
REFUSED_NAMES = {"utils", "util", "helpers", "common", "manager", "misc"}
PARSERS = {"migrations"}


def files() -> list[Path]:
    """Every Python file of the product; migrations are generated."""
    return [path for path in sorted((ROOT / "server").rglob("*.py")) if not PARSERS & set(path.parts)]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def layer(module: str) -> str:
    """The layer that a module's name puts it into."""
    parts = module.split(".")[1:]
    if len(parts) == 1:
        return "foundation" if parts[0] in FOUNDATION else TOP[parts[0]]
    room, name = parts[0], parts[-1]
    if room in {"demonstration"}:
        return "composition"
    if name == "models" or name.startswith("models_"):
        return "models"
    if name.startswith("service"):
        return "services"
    if room == "media":
        return "rules" if name in RULES_OF_MEDIA else "adapters"
    if INTERFACE.fullmatch(name):
        return "interface"
    return "adapters" if name in ADAPTERS else "rules"


def imports(path: Path) -> Iterator[str]:
    """The modules of the house that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("server"):
            yield from (_module(node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("server."))


def _module(package: str, name: str) -> str:
    inner = ROOT / Path(*package.split(".")) / f"{name}.py"
    return f"{package}.{name}" if inner.is_file() else package


CHECKED = [path for path in files() if path.name != "__init__.py"]


def ids(path: Path) -> str:
    return module_of(path)


@pytest.mark.parametrize("path", CHECKED, ids=ids)
def test_a_layer_never_imports_a_higher_one(path: Path) -> None:
    own = LAYERS.index(layer(module_of(path)))
    higher = [one for one in imports(path) if one != "server" and LAYERS.index(layer(one)) > own]
    assert higher == []


@pytest.mark.parametrize("path", CHECKED, ids=ids)
def test_rooms_look_in_one_direction(path: Path) -> None:
    parts = module_of(path).split(".")
    if len(parts) < 3 or parts[1] not in ROOMS:
        return
    allowed = ROOMS[parts[1]] | {parts[1]}
    other = {one for one in imports(path) if len(one.split(".")) > 2 and one.split(".")[1] not in allowed}
    assert other == set()


def test_only_ports_of_the_media_room_are_known_elsewhere() -> None:
    known = {
        (module_of(path), one)
        for path in CHECKED
        for one in imports(path)
        if one.startswith("server.media.") and not module_of(path).startswith("server.media.")
    }
    outside = {one for one in known if layer(one[0]) != "composition"}
    assert {module for _, module in outside} <= {"server.media.ports"}


def test_services_and_rules_know_no_framework() -> None:
    for path in CHECKED:
        if LAYERS.index(layer(module_of(path))) <= LAYERS.index("services"):
            text = path.read_text()
            assert "import fastapi" not in text, path
            assert "from fastapi" not in text, path


@pytest.mark.parametrize("path", CHECKED, ids=ids)
def test_files_and_functions_fit_on_a_screen(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


def test_es_modules_fit_on_a_screen() -> None:
    sizes = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "web/static/js").rglob("*.js")}
    assert {name: size for name, size in sizes.items() if size > 150} == {}


def test_names_say_what_is_inside() -> None:
    stems = {path.stem for path in CHECKED}
    assert stems & REFUSED_NAMES == set()
    shadows = {stem for stem in stems - {"__main__"} if stem in sys.stdlib_module_names}
    assert shadows == set()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_routes_parse_call_one_verb_and_render() -> None:
    for path in CHECKED:
        if path.stem.startswith("routes"):
            for node in functions(path):
                body = [
                    one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
                ]
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
                assert lines <= 15, f"{module_of(path)}.{node.name}"


def test_routes_and_handlers_ask_no_database() -> None:
    for path in CHECKED:
        if layer(module_of(path)) == "interface" and path.stem != "health":
            names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
            assert names & {"select", "insert", "update", "delete"} == set(), path


def test_every_task_is_kept() -> None:
    for path in CHECKED:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                called = node.value.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                assert name not in {"create_task", "ensure_future"}, f"{path}:{node.lineno}"


def test_every_public_function_says_what_a_caller_must_know() -> None:
    silent = [
        f"{module_of(path)}.{node.name}"
        for path in CHECKED
        for node in functions(path)
        if not node.name.startswith("_") and ast.get_docstring(node) is None
    ]
    assert silent == []


TEMPLATES = sorted((ROOT / "web/templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_pages_carry_no_script_or_style_of_their_own_and_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    assert re.search(r"<script(?![^>]*\bsrc=)", text) is None
    assert re.search(r"<style|\sstyle=|\son[a-z]+=", text) is None
    assert re.search(r"(src|href)=[\"'](https?:)?//", text) is None


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name]


def test_no_commit_names_a_package_registry_or_a_path_of_one_machine() -> None:
    refused = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|" + "/".join(["", "work", "main"]))
    found = []
    for path in committed():
        if path.suffix in {".jpg", ".png", ".webm", ".pdf"} or not path.is_file():
            continue
        if refused.search(path.read_text(errors="ignore")):
            found.append(path.name)
    assert found in ([], ["test_architecture.py"])


def test_the_top_level_is_the_customer_s() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in committed()}
    fixed = {"server", "web", "recordings", "tests", "pyproject.toml"}
    beside = {"README.md", "CHANGELOG.md", "Makefile", "docs", ".ci", ".gitignore", ".env.example"}
    assert fixed <= top <= fixed | beside
