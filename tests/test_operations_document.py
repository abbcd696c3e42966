"""docs/operations.md and .env.example say what the code does: settings, commands, numbers."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from server.cli import cli
from server.metrics import Metrics
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs/operations.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
ROWS = dict(re.findall(r"^\| `(LIANXIN_\w+)` \| (.+?) \|", DOCUMENT, re.MULTILINE))


def shown(value: object) -> str:
    """A default as the table shows it."""
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return f"`{plain}`" if str(plain) else "empty"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_there_with_its_default(name: str) -> None:
    setting = f"LIANXIN_{name.upper()}"
    assert ROWS[setting] == ("refused" if name == "secret" else shown(Settings.model_fields[name].default))
    assert re.search(rf"^(# )?{setting}=", EXAMPLE, re.MULTILINE)


def test_nothing_is_promised_that_is_not_there() -> None:
    known = {f"LIANXIN_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"LIANXIN_[A-Z_]+", DOCUMENT + EXAMPLE)) <= known


def test_the_example_is_refused_until_it_has_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in ("LIANXIN_DEMONSTRATION", "LIANXIN_SECRET"):
        monkeypatch.delenv(setting, raising=False)
    path = tmp_path / ".env"
    path.write_text(EXAMPLE)
    with pytest.raises(ValueError, match="LIANXIN_SECRET"):
        Settings(_env_file=path)
    path.write_text(EXAMPLE.replace("LIANXIN_SECRET=", f"LIANXIN_SECRET={'s' * 32}").replace("# LIANXIN", "LIANXIN"))
    assert Settings(_env_file=path).model_dump(exclude={"secret"}) == {
        name: field.default for name, field in Settings.model_fields.items() if name != "secret"
    }


def test_every_command_is_described() -> None:
    commands = {one.name or getattr(one.callback, "__name__", "") for one in cli.registered_commands}
    assert commands == set(re.findall(r"`lianxin (\w+)[^`]*`", DOCUMENT.split("## Settings")[0]))


def test_every_number_is_described() -> None:
    own = {f"{one.name}_total" if one.type == "counter" else one.name for one in Metrics().registry.collect()}
    assert own <= set(re.findall(r"`(lianxin_\w+)`", DOCUMENT))
