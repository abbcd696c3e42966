"""Names and area codes as typed: put in order, or refused beside their field."""

import re

from server.errors import Invalid

MAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)


def one_line(text: str, *, field: str, most: int = 64) -> str:
    """The text without needless spaces, on one line; refuses none, too long a one and unprintable characters."""
    kept = optional_line(text, field=field, most=most)
    if not kept:
        raise Invalid("empty", "Please fill this in.", field=field)
    return kept


def optional_line(text: str, *, field: str, most: int = 64) -> str:
    """The same, and empty is allowed."""
    kept = " ".join(text.split())
    if len(kept) > most or not kept.isprintable():
        raise Invalid(
            "too_long", "Please use at most %(most)s ordinary characters.", field=field, params={"most": most}
        )
    return kept


def optional_mail(text: str, *, field: str) -> str:
    """An e-mail address, or empty."""
    kept = text.strip()
    if kept and (len(kept) > 254 or not MAIL.fullmatch(kept)):
        raise Invalid("bad_mail", "This e-mail address is not right. Please check it, or leave it empty.", field=field)
    return kept


def point_area_code(text: str, *, township: str) -> str:
    """Twelve digits that begin with the nine of the township."""
    code = "".join(text.split())
    if len(code) != 12 or not (code.isascii() and code.isdecimal()):
        raise Invalid("bad_area_code", "The area code has twelve digits.", field="area_code")
    if not code.startswith(township):
        raise Invalid(
            "other_township",
            "The area codes of this township begin with %(start)s. Please compare code and township.",
            field="area_code",
            params={"start": township},
        )
    return code


def row_id(text: str) -> int | None:
    """The number of a row as a form sends it; empty or anything else: none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None
