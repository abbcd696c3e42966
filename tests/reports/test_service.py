"""Papers of a matter: who makes and reads which, numbers, what fits the outcome, withdrawing, the page for anybody."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from server.accounts.roles import Actor, Role
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, LianxinError, NotFound
from server.petitions.words import Outcome
from server.reports.forms import BLANKS, Asked, DocumentKind, Letterhead, Typed, checked, fits, may_make, may_read
from server.reports.models import IssuedDocument
from server.reports.service import (
    document_by_code,
    get_document,
    issue,
    kinds_to_make,
    list_documents,
    print_document,
    to_withdraw,
    units_to_write_to,
    withdraw,
)
from tests.district import District
from tests.petitions.record import Talk, approved, keep_away, whole

K = DocumentKind


def typed(kind: DocumentKind) -> dict[str, str]:
    """Something in every blank."""
    return {one.name: "2026-12-20" if one.kind is Typed.DAY else "写了这些" for one in BLANKS[kind]}


def make(
    talk: Talk, kind: DocumentKind, actor: Actor | None = None, *, unit_id: int | None = 1, **words: str
) -> IssuedDocument:
    """Made by the clerk, unless somebody else does."""
    district = talk.district
    head = Letterhead("青溪县信访局", "https://lianxin.example/verify")
    asked = Asked(kind, {**typed(kind), **words}, unit_id)
    who, now = actor or district.clerk, district.clock.now()
    with writing(district.engine) as db:
        return issue(db, actor=who, now=now, petition_id=talk.petition_id, asked=asked, head=head)


@pytest.fixture
def talk(district: District) -> Talk:
    """An approved, accepted matter of the first unit."""
    made, _ = whole(district)
    approved(made)
    return made


def test_numbers_count_by_kind_and_year(talk: Talk) -> None:
    """Each kind from one on, without holes; a new year begins anew."""
    assert [make(talk, K.TRANSFER).serial for _ in range(3)] == [1, 2, 3]
    assert make(talk, K.ACCEPTANCE).serial == 1
    talk.district.clock.forward(seconds=timedelta(days=60).total_seconds())
    later = make(talk, K.TRANSFER)
    assert (later.year, later.serial) == (2027, 1)


@pytest.mark.parametrize("kind", list(K))
@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICIAL, Role.HANDLER, Role.ADMINISTRATOR, Role.KIOSK, Role.PUBLIC])
def test_who_makes_which(talk: Talk, role: Role, kind: DocumentKind) -> None:
    """The table of forms, asked through the service."""
    district = talk.district
    actor = {
        Role.CLERK: district.clerk,
        Role.OFFICIAL: district.official,
        Role.HANDLER: district.handler,
        Role.KIOSK: district.kiosk,
    }.get(role, Actor(role=role, id=99))
    fitting = kind is not K.REFUSAL
    if may_make(role, kind) and fitting:
        assert make(talk, kind, actor).kind is kind
    else:
        with pytest.raises(LianxinError):
            make(talk, kind, actor)


def test_a_handler_writes_in_the_name_of_the_unit(talk: Talk) -> None:
    """The opinion is the unit's, and only its own people read it among handlers; another unit finds nothing."""
    district = talk.district
    made = make(talk, K.OPINION, district.handler)
    with writing(district.engine) as db:
        _, form = print_document(db, actor=district.handler, now=district.clock.now(), document_id=made.id or 0)
        assert form.office == "住房建设局"
        with pytest.raises(NotFound):
            get_document(db, actor=district.other_handler, document_id=made.id or 0)


def test_who_reads_which(talk: Talk) -> None:
    """The clerk all, the official all but the identity numbers, a handler what is written to or by the own unit."""
    district = talk.district
    for kind in (K.REGISTRATION, K.ACCEPTANCE, K.TRANSFER):
        make(talk, kind)
    make(talk, K.ASSIGNMENT, unit_id=2)
    found = {}
    with reading(district.engine) as db:
        for who in (district.clerk, district.official, district.handler):
            rows = list_documents(db, actor=who, petition_id=talk.petition_id)
            found[who.role] = {one.document.kind for one in rows}
        with pytest.raises(NotFound):
            list_documents(db, actor=district.other_official, petition_id=talk.petition_id)
    assert found == {
        Role.CLERK: {K.REGISTRATION, K.ACCEPTANCE, K.TRANSFER, K.ASSIGNMENT},
        Role.OFFICIAL: {K.ACCEPTANCE, K.TRANSFER, K.ASSIGNMENT},
        Role.HANDLER: {K.TRANSFER},
    }


def test_whoever_is_excluded_finds_nothing(talk: Talk) -> None:
    """The accused unit is written nothing to and is not offered; an excluded clerk and official have no paper."""
    district = talk.district
    made = make(talk, K.TRANSFER)
    with writing(district.engine) as db:
        keep_away(db, talk, people={district.clerk.id, district.official.id}, units={1})
    other = replace(district.clerk, id=district.clerk.id + 1000)
    with pytest.raises(Invalid) as caught:
        make(talk, K.TRANSFER, other, unit_id=1)
    assert caught.value.code == "unit_to_write_to"
    with reading(district.engine) as db:
        assert [one.id for one in units_to_write_to(db, actor=other, petition_id=talk.petition_id)] == [2]
        for who in (district.clerk, district.official, district.handler):
            with pytest.raises(NotFound):
                get_document(db, actor=who, document_id=made.id or 0)
            with pytest.raises(NotFound):
                list_documents(db, actor=who, petition_id=talk.petition_id)
    with pytest.raises(NotFound):
        make(talk, K.TRANSFER, district.clerk, unit_id=2)


def test_what_fits_an_outcome() -> None:
    """A paper never says what was not decided: the full product."""
    taken = {Outcome.ACCEPTED, Outcome.TRANSFERRED, Outcome.ASSIGNED}
    for kind, outcome, numbered in itertools.product(K, [None, *Outcome], [True, False]):
        expected = {
            K.REGISTRATION: outcome is not None,
            K.REFUSAL: numbered and outcome in {Outcome.NOT_ACCEPTED, Outcome.TO_LAW},
        }.get(kind, numbered and outcome in taken)
        assert fits(kind, numbered=numbered, outcome=outcome) is expected


def test_a_form_that_does_not_fit_is_refused_and_not_offered(talk: Talk) -> None:
    """An accepted matter is not refused on paper."""
    with pytest.raises(Conflict):
        make(talk, K.REFUSAL)
    with reading(talk.district.engine) as db:
        assert K.REFUSAL not in kinds_to_make(db, actor=talk.district.clerk, petition_id=talk.petition_id)


@pytest.mark.parametrize(("field", "value"), [("demand", "  "), ("report_by", "2026-02-30"), ("demand", "字" * 2001)])
def test_blanks_are_looked_at(talk: Talk, field: str, value: str) -> None:
    """Empty, too long, no day: the field is named, and no number is spent."""
    with pytest.raises(Invalid) as caught:
        make(talk, K.ASSIGNMENT, None, unit_id=1, **{field: value})
    assert caught.value.field == field
    assert make(talk, K.ASSIGNMENT).serial == 1


def test_nothing_but_the_blanks_is_kept() -> None:
    """A form field that is no blank is dropped; line ends are of one kind."""
    kept = checked(K.TRANSFER, {"demand": "一\r\n二", "request_key": "x", "number": "1"})
    assert kept == {"demand": "一\n二"}


def test_withdrawn(talk: Talk) -> None:
    """With a reason, once, by whoever makes such forms; the paper stays, and its number is not given again."""
    district = talk.district
    made = make(talk, K.TRANSFER)
    told = {"now": district.clock.now(), "document_id": made.id or 0}
    with writing(district.engine) as db:
        with pytest.raises(Forbidden):
            to_withdraw(db, actor=district.official, document_id=made.id or 0)
        with pytest.raises(Invalid):
            withdraw(db, actor=district.clerk, why=" ", **told)  # type: ignore[arg-type]
        withdraw(db, actor=district.clerk, why="写错单位", **told)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            withdraw(db, actor=district.clerk, why="再来", **told)  # type: ignore[arg-type]
    assert make(talk, K.TRANSFER).serial == 2
    with reading(district.engine) as db:
        assert get_document(db, actor=district.clerk, document_id=made.id or 0).why == "写错单位"


def test_the_code_finds_it_however_it_is_typed(talk: Talk) -> None:
    """In small letters and groups; nothing else does."""
    made = make(talk, K.TRANSFER)
    written = " ".join(made.code[at : at + 4] for at in range(0, 16, 4)).lower()
    with reading(talk.district.engine) as db:
        found = document_by_code(db, code=written)
        assert found is not None
        assert found.id == made.id
        assert document_by_code(db, code=made.code[:15]) is None
        assert document_by_code(db, code=" ") is None


def test_everything_is_in_the_audit_log(talk: Talk) -> None:
    """Made, printed (once in ten minutes), withdrawn; the petitioner's name is in none of it."""
    district = talk.district
    made = make(talk, K.TRANSFER)
    with writing(district.engine) as db:
        for _ in range(2):
            print_document(db, actor=district.clerk, now=district.clock.now(), document_id=made.id or 0)
        withdraw(db, actor=district.clerk, now=district.clock.now(), document_id=made.id or 0, why="重做")
    with reading(district.engine) as db:
        entries = db.exec(select(AuditEntry).where(AuditEntry.subject == "document")).all()
    assert [one.action for one in entries] == ["document.made", "document.printed", "document.withdrawn"]
    assert entries[0].detail["number"] == "2026/1"
    assert "张秀英" not in str([one.detail for one in entries])


def test_roles_without_forms_read_none() -> None:
    """The table says nothing of them, so they have nothing."""
    assert not any(may_read(role, kind) for role in (Role.KIOSK, Role.AGENT, Role.AUDITOR, Role.PUBLIC) for kind in K)
