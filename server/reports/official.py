"""The forms as official papers: PDF, always in Chinese."""

from datetime import date, datetime

import segno

from server.clock import DISTRICT_ZONE
from server.errors import Invalid
from server.petitions import labels as petition_labels
from server.petitions.categories import CONTENTS
from server.petitions.words import Purpose
from server.reports import labels
from server.reports.forms import Facts, Form
from server.reports.models import IssuedDocument
from server.reports.typesetting import typeset
from server.scheduling.identity import age_on, checked_resident_id
from server.translation import DEFAULT_LOCALE, translate

CHECK = 16
"""How much of the digest is printed."""


def number_of(document: IssuedDocument | Form, locale: str = DEFAULT_LOCALE) -> str:
    """The number as it is printed."""
    return translate(labels.NUMBERS[document.kind], locale, {"year": document.year, "serial": document.serial})


def paper(document: IssuedDocument, form: Form) -> bytes:
    """The PDF of a document."""
    square = segno.make(form.verify_at, error="m", micro=False).svg_inline(scale=3, border=0)
    told = {
        "number": number_of(form),
        "code": document.code,
        "check": document.digest[:CHECK],
        "square": square,
        "facts": _facts(form.facts, date.fromisoformat(form.issued_on)),
    }
    return typeset(f"{form.kind.value}.typ", {**form.plain(), **told})


def _say(message: str) -> str:
    return translate(message, DEFAULT_LOCALE)


def _facts(facts: Facts, on: date) -> dict[str, object]:
    sex, age = sex_and_age(facts.id_number, on)
    return {
        **{name: getattr(facts, name) for name in facts.__dataclass_fields__},
        "sex": _say(labels.SEXES[sex]) if sex else "",
        "age": age,
        "petitioner": facts.petitioner or _say(labels.NOBODY),
        "purpose": _say(labels.PURPOSES[Purpose(facts.purpose)]),
        "content": _say(CONTENTS.get(facts.content, facts.content)),
        "talked_at": [_instant(one) for one in (facts.talk_began, facts.talk_ended) if one],
        "present": [[one.name or "—", _say(petition_labels.ROLES.get(one.role, one.role))] for one in facts.present],
    }


def _instant(iso: str) -> list[str]:
    local = datetime.fromisoformat(iso).astimezone(DISTRICT_ZONE)
    return [local.date().isoformat(), f"{local:%H:%M}"]


def sex_and_age(id_number: str, on: date) -> tuple[str, str]:
    """As the identity number says; empty where it says nothing."""
    try:
        number = checked_resident_id(id_number)
    except Invalid:
        return "", ""
    return ("male" if int(number[16]) % 2 else "female"), str(age_on(number, on))
