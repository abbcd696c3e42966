"""The colours of interface.md: enough contrast, and no others anywhere."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[1] / "web" / "static" / "css"
BASE = (CSS / "base.css").read_text()
TOKENS = dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", BASE.split(".contrast", 1)[0]))
HIGH = {**TOKENS, **dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", BASE.split(".contrast", 1)[1].split("}", 1)[0]))}
PAIRS = [
    ("ink", "paper"), ("ink", "surface"), ("quiet", "paper"), ("quiet", "surface"), ("accent", "paper"),
    ("accent", "surface"), ("accent", "tint"), ("surface", "accent"), ("surface", "ink"), ("ink", "tint"),
    ("alarm", "alarm-tint"), ("caution", "caution-tint"), ("good", "good-tint"), ("alarm", "surface"),
    ("quiet", "caution-tint"), ("quiet", "good-tint"), ("ink", "caution-tint"), ("ink", "good-tint"),
]  # fmt: skip


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [TOKENS, HIGH], ids=["plain", "high contrast"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_stands_out(tokens: dict[str, str], front: str, back: str) -> None:
    assert contrast(tokens[front], tokens[back]) >= 4.5


def test_the_accent_on_paper_is_eight_to_one() -> None:
    assert contrast(TOKENS["accent"], TOKENS["paper"]) >= 7.5


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.stem)
def test_no_colour_but_the_tokens(path: Path) -> None:
    text = path.read_text()
    if path.name == "base.css":
        text = text.split("*, ::before", 1)[1]
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b(?![^{]*\{)", text) == []
    assert re.findall(r"\b(?:rgb|hsl|white|black|red|green|blue|gray|grey)\b(?=[\s;(])", text) == []
