"""Making, reading and withdrawing the forms of a matter; saying whether a paper is real."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from server.accounts.models import Exclusion, User
from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record, seen
from server.clock import local_date
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.petitions.models import Petition
from server.petitions.service_petition import get_petition
from server.places.models import Unit
from server.places.one_time_codes import new_code, normal
from server.reports.forms import (
    TO_A_UNIT,
    Asked,
    DocumentKind,
    Form,
    Letterhead,
    checked,
    fits,
    form_of,
    may_make,
    may_read,
)
from server.reports.models import IssuedDocument
from server.reports.service_facts import facts_of
from server.sealing import current_sealer

CODE = 16


@dataclass(frozen=True)
class Listed:
    """A document with who made it."""

    document: IssuedDocument
    author: str


def issue(
    db: Session, *, actor: Actor, now: datetime, petition_id: int, asked: Asked, head: Letterhead
) -> IssuedDocument:
    """Make a form and give it the next number of its kind and year. A handler makes it in the name of the unit."""
    petition = _to_make(db, actor, petition_id, asked.kind)
    to = _unit_to(db, petition, asked.unit_id) if asked.kind in TO_A_UNIT else None
    own = db.get(Unit, actor.unit_id) if actor.role is Role.HANDLER else None
    about, code = to or own, new_code(secrets.token_bytes(CODE))
    form = Form(
        kind=asked.kind,
        year=local_date(now).year,
        serial=_next_serial(db, asked.kind, local_date(now).year),
        office=own.name if own is not None else head.office,
        issued_on=local_date(now).isoformat(),
        unit=to.name if to is not None else "",
        facts=facts_of(db, petition=petition),
        typed=checked(asked.kind, asked.typed),
        verify_at=f"{head.verify_at}/{code}",
    )
    content = json.dumps(form.plain(), sort_keys=True, ensure_ascii=False)
    made = IssuedDocument(
        petition_id=petition_id,
        kind=form.kind,
        year=form.year,
        serial=form.serial,
        unit_id=about.id if about is not None else None,
        content=content,
        code=code,
        digest=current_sealer().index(content),
        issued_at=now,
        issued_by=actor.id,
    )
    db.add(made)
    db.flush()
    _log(db, actor, now, "document.made", made)
    return made


def _next_serial(db: Session, kind: DocumentKind, year: int) -> int:
    last = select(func.max(IssuedDocument.serial)).where(IssuedDocument.kind == kind, IssuedDocument.year == year)
    return (db.exec(last).one() or 0) + 1


def kinds_to_make(db: Session, *, actor: Actor, petition_id: int) -> list[DocumentKind]:
    """Which forms the actor can make for this matter as it stands."""
    require(actor, Action.MAKE_DOCUMENT)
    petition = get_petition(db, actor=actor, petition_id=petition_id)
    return [one for one in DocumentKind if may_make(actor.role, one) and _fits(petition, one)]


def to_make(db: Session, *, actor: Actor, petition_id: int, kind: DocumentKind) -> Petition:
    """The matter for which this form is about to be made; refuses as ``issue`` would."""
    return _to_make(db, actor, petition_id, kind)


def _to_make(db: Session, actor: Actor, petition_id: int, kind: DocumentKind) -> Petition:
    require(actor, Action.MAKE_DOCUMENT)
    petition = get_petition(db, actor=actor, petition_id=petition_id)
    if not may_make(actor.role, kind):
        raise Forbidden("not_your_form", "This form is made by the clerks.")
    if not _fits(petition, kind):
        raise Conflict(
            "form_does_not_fit", "This form does not fit what was decided. Please look at the outcome first."
        )
    return petition


def _fits(petition: Petition, kind: DocumentKind) -> bool:
    return fits(kind, numbered=petition.number is not None, outcome=petition.outcome)


def units_to_write_to(db: Session, *, actor: Actor, petition_id: int) -> list[Unit]:
    """Units in business that may know of the matter."""
    petition = get_petition(db, actor=actor, petition_id=petition_id)
    units = select(Unit).where(col(Unit.active), col(Unit.id).not_in(_kept_away(db, petition))).order_by(col(Unit.name))
    return list(db.exec(units))


def _unit_to(db: Session, petition: Petition, unit_id: int | None) -> Unit:
    asked = select(Unit).where(Unit.id == unit_id, col(Unit.active), col(Unit.id).not_in(_kept_away(db, petition)))
    unit = db.exec(asked).first()
    if unit is None:
        raise Invalid("unit_to_write_to", "Please choose the unit that this is written to.", field="unit_id")
    return unit


def _kept_away(db: Session, petition: Petition) -> list[int]:
    asked = select(Exclusion.unit_id).where(Exclusion.petition_id == petition.id)
    return [one for one in db.exec(asked) if one is not None]


def list_documents(db: Session, *, actor: Actor, petition_id: int) -> list[Listed]:
    """The documents of a matter that the actor may read, the newest first."""
    require(actor, Action.SEE_DOCUMENT)
    get_petition(db, actor=actor, petition_id=petition_id)
    query = (
        select(IssuedDocument, User.display_name)
        .join(User, col(User.id) == IssuedDocument.issued_by)
        .where(IssuedDocument.petition_id == petition_id)
        .order_by(col(IssuedDocument.id).desc())
    )
    return [Listed(one, author) for one, author in db.exec(query) if _may_read(actor, one)]


def _may_read(actor: Actor, document: IssuedDocument) -> bool:
    ours = actor.role is not Role.HANDLER or document.unit_id == actor.unit_id
    return ours and may_read(actor.role, document.kind)


def get_document(db: Session, *, actor: Actor, document_id: int) -> IssuedDocument:
    """A document that the actor may read. Absent and forbidden answer alike."""
    require(actor, Action.SEE_DOCUMENT)
    document = db.get(IssuedDocument, document_id)
    if document is None or not _may_read(actor, document):
        raise NotFound("no_such_document", "There is no such document that you may read.")
    get_petition(db, actor=actor, petition_id=document.petition_id)
    return document


def print_document(db: Session, *, actor: Actor, now: datetime, document_id: int) -> tuple[IssuedDocument, Form]:
    """A document to print; that somebody did is logged."""
    document = get_document(db, actor=actor, document_id=document_id)
    seen(db, actor=actor, now=now, action="document.printed", subject="document", subject_id=document_id)
    return document, form_of(json.loads(document.content))


def to_withdraw(db: Session, *, actor: Actor, document_id: int) -> IssuedDocument:
    """A document that the actor may withdraw: whoever makes such a form."""
    document = get_document(db, actor=actor, document_id=document_id)
    if not may_make(actor.role, document.kind):
        raise Forbidden("not_your_form", "This form is made by the clerks.")
    if document.withdrawn_at is not None:
        raise Conflict("withdrawn_already", "This paper was withdrawn already.")
    return document


def withdraw(db: Session, *, actor: Actor, now: datetime, document_id: int, why: str) -> IssuedDocument:
    """Say that a paper holds no more. It stays, with the reason; its number is not given again."""
    document = to_withdraw(db, actor=actor, document_id=document_id)
    reason = " ".join(why.split())[:200]
    if not reason:
        raise Invalid("why_withdrawn", "Please say why this paper holds no more.", field="why")
    document.withdrawn_at, document.withdrawn_by, document.why = now, actor.id, reason
    db.add(document)
    db.flush()
    _log(db, actor, now, "document.withdrawn", document, why=reason)
    return document


def document_by_code(db: Session, *, code: str) -> IssuedDocument | None:
    """For anybody who holds the paper: the document with this code. Only its head may be shown."""
    meant = normal(code)
    return db.exec(select(IssuedDocument).where(IssuedDocument.code == meant)).first() if meant else None


def _log(db: Session, actor: Actor, now: datetime, action: str, document: IssuedDocument, why: str = "") -> None:
    detail = {"kind": document.kind.value, "number": f"{document.year}/{document.serial}", "why": why}
    subject_id = document.id or 0
    record(db, actor=actor, now=now, action=action, subject="document", subject_id=subject_id, detail=detail)
