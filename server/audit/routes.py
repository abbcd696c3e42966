"""The auditor's page: who did and saw what, and whether the log is whole."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server.accounts.roles import Action, require
from server.audit import labels
from server.audit.service_reading import LogPage, Sieve, check_chain, log_length, note_checked, read_log
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Invalid
from server.responses import page, refused

router = APIRouter(prefix="/audit")
LAST_DAY = date(9000, 1, 1)
FIELDS = ("who", "role", "action", "subject", "subject_id", "since", "until")


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return min(date.fromisoformat(text), LAST_DAY)
    except ValueError:
        raise Invalid("bad_day", "Please enter a day, for example 2026-11-24.", field=field) from None


def _number(text: str, field: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise Invalid("bad_number", "Please enter a number, or leave it empty.", field=field)
    return int(text)


def _sieve(typed: dict[str, str]) -> Sieve:
    return Sieve(
        who=typed["who"].strip()[:64],
        role=typed["role"][:20],
        action=typed["action"][:64],
        subject=typed["subject"][:32],
        subject_id=_number(typed["subject_id"].strip(), "subject_id"),
        since=_day(typed["since"], "since"),
        until=_day(typed["until"], "until"),
    )


@router.get("")
def audit_log(request: Request, engine: Database, actor: CurrentActor, now: Now, before: str = "") -> Response:
    """A page of the log; what is looked for is in the address."""
    require(actor, Action.READ_AUDIT)
    typed = {name: request.query_params.get(name, "") for name in FIELDS}
    try:
        sieve, first = _sieve(typed), _number(before, "before")
        with writing(engine) as db:
            count = log_length(db, actor=actor)
            log = read_log(db, actor=actor, now=now, sieve=sieve, before=first)
    except Invalid as error:
        return refused(request, "audit/log.html", error, values=typed, log=LogPage([], None), count=None, labels=labels)
    return page(request, "audit/log.html", values=typed, log=log, count=count, labels=labels)


@router.post("/check")
def check(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """Prove the whole chain, and say what came of it."""
    with reading(engine) as db:
        chain = check_chain(db, actor=actor)
    with writing(engine) as db:
        note_checked(db, actor=actor, now=now, chain=chain)
    return page(request, "audit/checked.html", chain=chain, now=now)
