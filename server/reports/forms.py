"""The forms of domain.md section 6: who may make and see which, when, and what must be typed for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from server.accounts.roles import Role
from server.errors import Invalid
from server.petitions.words import Outcome

MOST = 2000


class DocumentKind(StrEnum):
    """A form; its template has the same name."""

    REGISTRATION = "registration"
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    TRANSFER = "transfer"
    ASSIGNMENT = "assignment"
    OPINION = "opinion"
    REVIEW_OPINION = "review_opinion"
    SUPERVISION = "supervision"


class Typed(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"


@dataclass(frozen=True)
class Blank:
    """A field that somebody fills in."""

    name: str
    kind: Typed
    required: bool = True


K = DocumentKind
BLANKS: dict[DocumentKind, tuple[Blank, ...]] = {
    K.REGISTRATION: (),
    K.ACCEPTANCE: (Blank("note", Typed.TEXT, required=False),),
    K.REFUSAL: (Blank("reason", Typed.TEXT), Blank("ways", Typed.TEXT)),
    K.TRANSFER: (Blank("demand", Typed.TEXT, required=False),),
    K.ASSIGNMENT: (Blank("demand", Typed.TEXT), Blank("report_by", Typed.DAY)),
    K.OPINION: (
        Blank("facts", Typed.TEXT),
        Blank("grounds", Typed.TEXT),
        Blank("opinion", Typed.TEXT),
        Blank("review_at", Typed.LINE),
    ),
    K.REVIEW_OPINION: (
        Blank("against", Typed.LINE),
        Blank("facts", Typed.TEXT),
        Blank("grounds", Typed.TEXT),
        Blank("opinion", Typed.TEXT),
        Blank("review_at", Typed.LINE),
    ),
    K.SUPERVISION: (Blank("reason", Typed.TEXT), Blank("demand", Typed.TEXT), Blank("report_by", Typed.DAY)),
}
TO_A_UNIT = frozenset({K.TRANSFER, K.ASSIGNMENT, K.SUPERVISION})
"""Forms that are written to a unit and not to the petitioner."""
MAY_MAKE: dict[Role, frozenset[DocumentKind]] = {
    Role.CLERK: frozenset(K),
    Role.HANDLER: frozenset({K.OPINION}),
}
MAY_READ: dict[Role, frozenset[DocumentKind]] = {
    Role.CLERK: frozenset(K),
    # The registration form has the identity number in full.
    Role.OFFICIAL: frozenset(K) - {K.REGISTRATION},
    Role.HANDLER: TO_A_UNIT | {K.OPINION},
}
REFUSED = frozenset({Outcome.NOT_ACCEPTED, Outcome.TO_LAW})
TAKEN = frozenset({Outcome.ACCEPTED, Outcome.TRANSFERRED, Outcome.ASSIGNED})


def fits(kind: DocumentKind, *, numbered: bool, outcome: Outcome | None) -> bool:
    """Whether a matter that stands like this can have this form: a paper never says what was not decided."""
    if kind is K.REGISTRATION:
        return outcome is not None
    if kind is K.REFUSAL:
        return numbered and outcome in REFUSED
    return numbered and outcome in TAKEN


def may_make(role: Role, kind: DocumentKind) -> bool:
    """Whether the role makes this form at all."""
    return kind in MAY_MAKE.get(role, frozenset())


def may_read(role: Role, kind: DocumentKind) -> bool:
    """Whether the role reads this form at all."""
    return kind in MAY_READ.get(role, frozenset())


def checked(kind: DocumentKind, values: Mapping[str, str]) -> dict[str, str]:
    """What was typed for the form, and nothing else. Raises ``Invalid`` with the field to look at."""
    return {one.name: _checked(one, values.get(one.name, "").strip()) for one in BLANKS[kind]}


def _checked(blank: Blank, value: str) -> str:
    if blank.required and not value:
        raise Invalid("blank_empty", "Please fill this in: it is printed on the form.", field=blank.name)
    if len(value) > MOST or "\x00" in value:
        raise Invalid(
            "blank_too_long", "Please write at most %(most)s characters.", field=blank.name, params={"most": MOST}
        )
    if blank.kind is Typed.DAY and value:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError as error:
            raise Invalid("blank_no_day", "Please choose a day.", field=blank.name) from error
    return " ".join(value.split()) if blank.kind is Typed.LINE else value.replace("\r\n", "\n")


@dataclass(frozen=True)
class Present:
    """Somebody in the room."""

    name: str
    role: str


@dataclass(frozen=True)
class Facts:
    """What a form may say of a matter: plain words and codes, days as ISO dates; empty where nothing is known."""

    number: str
    booking_number: str
    petitioner: str
    id_number: str
    phone: str
    address: str
    agent: str
    people: int
    purpose: str
    content: str
    summary: str
    received_on: str
    talk_began: str
    talk_ended: str
    place: str
    official: str
    post: str
    opinion: str
    unit: str
    due_on: str
    handle_by: str
    present: list[Present] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """Which form somebody wants, what was typed for it, and whom it is written to where that is a unit."""

    kind: DocumentKind
    typed: Mapping[str, str]
    unit_id: int | None = None


@dataclass(frozen=True)
class Letterhead:
    """In whose name papers are made, and at which address, with the code added, anybody finds whether one is real."""

    office: str
    verify_at: str


@dataclass(frozen=True)
class Form:
    """A form as it is kept: everything that is printed, and nothing else; the same form gives the same paper.

    ``unit`` is whom it is written to, where that is a unit. ``verify_at`` is the address that says whether it is real.
    """

    kind: DocumentKind
    year: int
    serial: int
    office: str
    issued_on: str
    unit: str
    facts: Facts
    typed: dict[str, str]
    verify_at: str

    def plain(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)


def form_of(plain: Mapping[str, Any]) -> Form:
    """The form again."""
    facts = plain["facts"]
    present = [Present(**one) for one in facts["present"]]
    told = {**plain, "kind": DocumentKind(plain["kind"]), "facts": Facts(**{**facts, "present": present})}
    return Form(**told)
