"""What a text can be found by: every two Chinese characters that stand together, every word of letters and digits."""

import re
import unicodedata

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
WORD = re.compile(r"[a-z0-9]+")
IDENTITY = re.compile(r"\d{17}[\dx]|1\d{10}")
MOST = 40
"""How much of a question is looked at."""


def pieces(text: str) -> set[str]:
    """What the text is found by. A number is found without its leading zeros too; width and case do not matter."""
    plain = unicodedata.normalize("NFKC", text).lower()
    words = set(WORD.findall(plain))
    pairs = {run[at : at + 2] for run in HAN.findall(plain) for at in range(len(run) - 1)}
    return pairs | words | {one.lstrip("0") for one in words if one.isdecimal() and one.strip("0")}


def wanted(question: str) -> set[str]:
    """What must be found in a text that answers the question. A number is meant without its leading zeros."""
    plain = unicodedata.normalize("NFKC", question[:MOST]).lower()
    pairs = {run[at : at + 2] for run in HAN.findall(plain) for at in range(len(run) - 1)}
    return pairs | {one.lstrip("0") or one if one.isdecimal() else one for one in WORD.findall(plain)}


def is_identity(piece: str) -> bool:
    """Whether a piece is a whole identity number or a mobile number: only who may see these may ask by them."""
    return IDENTITY.fullmatch(piece) is not None
