"""From a template and plain data to a PDF, by typst. The same data gives the same bytes."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
import typst

from server.errors import Unavailable
from server.settings import Settings
from server.translation import WEB

log = structlog.get_logger()
TEMPLATES = WEB / "templates" / "documents"
FAMILIES: dict[str, tuple[str, ...]] = {
    "body": ("FangSong", "FangSong_GB2312", "STFangsong", "FZFangSong-Z02", "Noto Serif CJK SC", "Noto Sans CJK SC"),
    "heading": ("FZXiaoBiaoSong-B05", "FZXiaoBiaoSong-B05S", "STZhongsong", "Noto Serif CJK SC", "Noto Sans CJK SC"),
    "plain": ("SimHei", "STHeiti", "Noto Sans CJK SC", "Noto Serif CJK SC"),
}
_wished: list[str] = []
_turn = Lock()


def use_fonts(settings: Settings) -> None:
    """Prefer the families that were set."""
    if _wished != settings.wished_fonts:
        _wished[:] = settings.wished_fonts
        available_fonts.cache_clear()


def look_for_fonts() -> None:
    """Say in the log where papers cannot be printed at all. Reads all fonts of the machine, a tenth of a second."""
    if not available_fonts()["body"]:
        log.error("no_document_font", wanted=[*_wished, *FAMILIES["body"]])


@cache
def available_fonts() -> dict[str, list[str]]:
    """For each use the families that this machine has, the preferred first; typst is silent about missing ones."""
    known = {family.lower() for family in typst.Fonts().families()}
    wanted = {use: (*_wished, *families) if use == "body" else families for use, families in FAMILIES.items()}
    return {use: [one for one in families if one.lower() in known] for use, families in wanted.items()}


@cache
def _compiler() -> typst.Compiler:
    """It reads all fonts of the machine, which takes longer than a paper."""
    return typst.Compiler(root=TEMPLATES)


def typeset(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF. Raises ``Unavailable("no_document_font")`` where it would have boxes in the place of words."""
    fonts = available_fonts()
    if not fonts["body"]:
        raise Unavailable(
            "no_document_font",
            "This machine has no font for Chinese papers. Please ask the administrator to install one.",
        )
    inputs = {"data": json.dumps(data, ensure_ascii=False), "fonts": json.dumps(fonts, ensure_ascii=False)}
    path: Path = TEMPLATES / template
    with _turn:
        made = _compiler().compile(str(path), format="pdf", sys_inputs=inputs, timestamp=0)
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made
