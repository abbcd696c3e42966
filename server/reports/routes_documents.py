"""The papers of a matter: making, printing, withdrawing them; and the page that says whether a paper is real."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Action, Actor, may
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now, SettingsDep
from server.errors import Invalid
from server.places.naming import row_id
from server.places.one_time_codes import normal
from server.reports import labels
from server.reports.forms import BLANKS, TO_A_UNIT, Asked, DocumentKind, Letterhead, may_make
from server.reports.official import CHECK, number_of, paper
from server.reports.service import (
    document_by_code,
    issue,
    kinds_to_make,
    list_documents,
    print_document,
    to_make,
    to_withdraw,
    units_to_write_to,
    withdraw,
)
from server.responses import locale_of, page, refused, see_other
from server.scheduling.service_once import once

router = APIRouter()
Text = Annotated[str, Form()]
SHOWN: dict[str, Any] = {"labels": labels, "number_of": number_of, "blanks": BLANKS, "may_make": may_make}


def _list(db: Session, actor: Actor, petition_id: int) -> dict[str, Any]:
    makes = may(actor, Action.MAKE_DOCUMENT)
    return {
        "petition_id": petition_id,
        "rows": list_documents(db, actor=actor, petition_id=petition_id),
        "kinds": kinds_to_make(db, actor=actor, petition_id=petition_id) if makes else [],
        **SHOWN,
    }


@router.get("/petitions/{petition_id}/documents")
def documents(request: Request, engine: Database, actor: CurrentActor, petition_id: Key) -> Response:
    """The papers of a matter that the reader may know, and those that can be made now."""
    with reading(engine) as db:
        context = _list(db, actor, petition_id)
    return page(request, "reports/documents.html", locale=locale_of(request), **context)


def _blank(db: Session, actor: Actor, petition_id: int, kind: DocumentKind) -> dict[str, Any]:
    petition = to_make(db, actor=actor, petition_id=petition_id, kind=kind)
    units = units_to_write_to(db, actor=actor, petition_id=petition_id) if kind in TO_A_UNIT else []
    return {"petition": petition, "kind": kind, "units": [(one.id, one.name) for one in units], **SHOWN}


@router.get("/petitions/{petition_id}/documents/new")
def new_document(
    request: Request, engine: Database, actor: CurrentActor, petition_id: Key, kind: DocumentKind
) -> Response:
    """The blanks of one form."""
    with reading(engine) as db:
        context = _blank(db, actor, petition_id, kind)
    values = {"unit_id": str(context["petition"].unit_id or "")}
    return page(request, "reports/document_new.html", values=values, **context)


async def filled_in(request: Request) -> dict[str, str]:
    """What stands in the form."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


FilledIn = Annotated[dict[str, str], Depends(filled_in)]


@router.post("/petitions/{petition_id}/documents")
def make_document(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    settings: SettingsDep,
    petition_id: Key,
    values: FilledIn,
) -> Response:
    """Make the paper, and show it in the list; sent twice, it is made once."""
    kind = _kind(values.get("kind", ""))
    head = Letterhead(settings.office_name, f"{request.base_url}verify")
    asked = Asked(kind, values, row_id(values.get("unit_id", "")))
    try:
        with writing(engine) as db:
            _make(db, actor, now, petition_id, asked, head)
    except Invalid as error:
        with reading(engine) as db:
            context = _blank(db, actor, petition_id, kind)
        return refused(request, "reports/document_new.html", error, values=values, **context)
    return see_other(f"/petitions/{petition_id}/documents")


def _kind(word: str) -> DocumentKind:
    try:
        return DocumentKind(word)
    except ValueError as error:
        raise Invalid("bad_input", "Something in the form was not understood. Please check it.") from error


def _make(db: Session, actor: Actor, now: datetime, petition_id: int, asked: Asked, head: Letterhead) -> None:
    def do() -> str:
        return str(issue(db, actor=actor, now=now, petition_id=petition_id, asked=asked, head=head).id)

    same = {"do": "document", "petition_id": petition_id, "kind": asked.kind.value, "typed": asked.typed}
    once(db, actor=actor, now=now, key=asked.typed.get("request_key", ""), asked=same, do=do)


@router.get("/documents/{document_id}/paper.pdf")
def print_paper(engine: Database, actor: CurrentActor, now: Now, document_id: Key) -> Response:
    """The paper; that somebody printed it is logged."""
    with writing(engine) as db:
        document, form = print_document(db, actor=actor, now=now, document_id=document_id)
    name = f"{document.kind.value}-{document.year}-{document.serial}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
    return Response(paper(document, form), media_type="application/pdf", headers=headers)


@router.get("/documents/{document_id}/withdraw")
def ask_to_withdraw(request: Request, engine: Database, actor: CurrentActor, document_id: Key) -> Response:
    """Which paper, and why it holds no more."""
    with reading(engine) as db:
        document = to_withdraw(db, actor=actor, document_id=document_id)
    return page(request, "reports/withdraw.html", document=document, locale=locale_of(request), **SHOWN)


@router.post("/documents/{document_id}/withdraw")
def withdraw_document(
    request: Request, engine: Database, actor: CurrentActor, now: Now, document_id: Key, why: Text = ""
) -> Response:
    """Withdraw it, and show the list."""
    try:
        with writing(engine) as db:
            document = withdraw(db, actor=actor, now=now, document_id=document_id, why=why)
    except Invalid as error:
        with reading(engine) as db:
            found = to_withdraw(db, actor=actor, document_id=document_id)
        shown: dict[str, Any] = {"document": found, "locale": locale_of(request), **SHOWN}
        return refused(request, "reports/withdraw.html", error, values={"why": why}, **shown)
    return see_other(f"/petitions/{document.petition_id}/documents")


@router.get("/verify")
def verify(request: Request, code: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Where the code of a paper is typed in."""
    return see_other(f"/verify/{normal(code)}") if normal(code) else page(request, "reports/verify.html")


@router.get("/verify/{code}")
def verified(request: Request, engine: Database, settings: SettingsDep, code: str) -> Response:
    """Whether there is such a paper: its kind, number, day and check code, and nothing of what it says."""
    with reading(engine) as db:
        document = document_by_code(db, code=code[:40])
    check = document.digest[:CHECK] if document is not None else ""
    shown = {"document": document, "check": check, "office": settings.office_name, "locale": locale_of(request)}
    return page(request, "reports/verified.html", status_code=200 if document else 404, **shown, **SHOWN)
