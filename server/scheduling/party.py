"""Who comes together, and who may speak for somebody else: checked as typed, refused in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from server.errors import Invalid
from server.scheduling.identity import Identity, checked_name, checked_resident_id

MOST = 5
"""Regulations on Petitioning Work, art. 20."""
SCOPES: dict[str, str] = {
    "talk": "Speak for the person in this talk",
    "matter": "Do everything about this matter",
}


@dataclass(frozen=True)
class Given:
    """A mandate as typed; ``paper`` is the digest of its photograph."""

    name: str
    id_number: str
    scope: str
    valid_until: date | None
    paper: str


def added(known: Sequence[Identity], *, first: str, name: str, id_number: str) -> list[Identity]:
    """The others who come, with one more. ``first`` is the ID number of the one whose name the matter has."""
    if len(known) + 1 >= MOST:
        raise too_many()
    one = Identity(name=checked_name(name), id_number=checked_resident_id(id_number))
    if one.id_number in {first, *(other.id_number for other in known)}:
        raise Invalid("same_person", "This person is on the list already.", field="id_number")
    return [*known, one]


def checked_party(others: Sequence[Identity], *, first: str) -> list[Identity]:
    """All others once more, as ``added`` one by one."""
    found: list[Identity] = []
    for one in others:
        found = added(found, first=first, name=one.name or "", id_number=one.id_number or "")
    return found


def too_many() -> Invalid:
    """The rule in plain words."""
    return Invalid(
        "too_many_representatives",
        "The Regulations on Petitioning Work (article 20) allow at most five representatives for one matter. Please"
        " choose five among you; the others are heard through them.",
        field="others",
    )


def checked_mandate(given: Given, *, principal: str, today: date) -> Given:
    """A mandate that holds today; ``principal`` is the ID number of the one who gave it."""
    name, id_number = checked_name(given.name), checked_resident_id(given.id_number)
    if id_number == principal:
        raise Invalid(
            "mandate_to_oneself", "Who gives the mandate and who acts for them must be two people.", field="agent_id"
        )
    if not given.paper:
        raise Invalid(
            "mandate_paper_missing",
            "Without a signed mandate nobody can act for somebody else. Please photograph it, or let the person come.",
            field="mandate",
        )
    if given.scope not in SCOPES:
        raise Invalid("scope_missing", "Please choose what the mandate is for.", field="scope")
    if given.valid_until is None:
        raise Invalid("mandate_end_missing", "Please enter until which day the mandate is good.", field="mandate_until")
    if not covers(given.valid_until, today):
        raise mandate_over()
    return Given(name, id_number, given.scope, given.valid_until, given.paper)


def covers(valid_until: date, day: date) -> bool:
    """Whether a mandate is still good on the day of the talk."""
    return day <= valid_until


def mandate_over() -> Invalid:
    """A mandate that ends too soon."""
    return Invalid(
        "mandate_over",
        "The mandate ends before this day. Please choose an earlier day, or have the mandate renewed.",
        field="mandate_until",
    )
