"""Words for people: English in the source, Chinese by default, one catalogue a room."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[1] / "web"
LOCALES = ("zh_CN", "en")
DEFAULT_LOCALE = "zh_CN"


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """Every message of ``locale``, from all rooms. English is the source itself and needs none."""
    messages: dict[str, str] = {}
    for path in sorted((WEB / "locale" / locale).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if isinstance(message.id, str) and message.id and isinstance(message.string, str) and message.string:
                    messages[message.id] = message.string
    return messages


def translate(message: str, locale: str, params: Mapping[str, object] | None = None) -> str:
    """``message`` in ``locale`` with ``%(name)s`` filled in; untranslated ones stay English."""
    text = catalogue(locale).get(message, message) if locale != "en" else message
    return text % params if params else text
