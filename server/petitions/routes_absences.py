"""Receptions that cannot be held: the three ways side by side, one button, and its undoing."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Action, Actor, require
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now
from server.errors import Conflict, Invalid
from server.petitions import service_absence_doing as doing
from server.petitions import service_absence_view as view
from server.petitions.labels import FATES, WAYS
from server.petitions.service_absence import Asked
from server.petitions.service_absence_undo import undo
from server.petitions.words import Way
from server.places.naming import row_id
from server.responses import page, refused, see_other
from server.scheduling.replan import PRICES
from server.scheduling.typed import typed_day

router = APIRouter(prefix="/absences")
EVERYBODY = "all"
TABLES: dict[str, Any] = {"ways": WAYS, "fates": FATES, "prices": PRICES}


async def _typed(request: Request) -> dict[str, str]:
    form = dict(request.query_params) if request.method == "GET" else dict(await request.form())
    return {name: value for name, value in form.items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(_typed)]


def _asked(typed: dict[str, str], now: Now) -> Asked | None:
    """The question, once an official (or everybody) is chosen."""
    official, chosen = row_id(typed.get("official", "")), typed.get("way", "")
    if official is None and typed.get("official") != EVERYBODY:
        return None
    first = typed_day(typed.get("first", "")) or local_date(now)
    last = max(first, typed_day(typed.get("last", "")) or first)
    way = Way(chosen) if chosen in {one.value for one in Way} else Way.MOVE
    return Asked(official, first, last, way, typed.get(way.value, ""))


def _shown(db: Session, actor: Actor, now: Now, typed: dict[str, str]) -> dict[str, Any]:
    """Everything of the page, as far as it was asked."""
    require(actor, Action.REPLAN)
    asked, chosen = _asked(typed, now), typed.get("way", "")
    people = view.receiving(db, actor=actor, now=now)
    found: dict[str, Any] = {"people": people, "known": view.names(db), "today": local_date(now), **TABLES}
    if asked is None:
        return {**found, "lost": None, "columns": [], "shown": None}
    others = {way: typed.get(way.value, "") for way in Way}
    columns = view.compare(db, actor=actor, now=now, asked=asked, others=others)
    shown = next((one for one in columns if one.way == chosen), None)
    lost = view.lost(db, actor=actor, now=now, asked=asked)
    return {**found, "asked": asked, "lost": lost, "columns": columns, "shown": shown}


@router.get("")
def absences(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """What was done, what can still be undone, and who has no place."""
    with reading(engine) as db:
        rows, waiting = view.actions(db, actor=actor), view.without_place(db, actor=actor)
    return page(request, "absences/list.html", rows=rows, waiting=waiting, now=now, **TABLES)


@router.get("/new")
def new_absence(request: Request, engine: Database, actor: CurrentActor, now: Now, typed: Typed) -> Response:
    """Who is absent when, and what each of the three ways would break. All of it is in the address."""
    with reading(engine) as db:
        context = _shown(db, actor, now, typed)
    return page(request, "absences/new.html", values=typed, **context)


@router.post("")
def act(request: Request, engine: Database, actor: CurrentActor, now: Now, typed: Typed) -> Response:
    """Do what was shown."""
    asked = _asked(typed, now)
    try:
        if asked is None:
            raise Invalid("official_missing", "Please choose the official.", field="official")
        keys = {"why": typed.get("why", ""), "seen": typed.get("seen", ""), "request_key": typed.get("request_key", "")}
        with writing(engine) as db:
            done = doing.carry_out(db, actor=actor, now=now, asked=asked, **keys)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            context = _shown(db, actor, now, typed)
        return refused(request, "absences/new.html", error, values=typed, **context)
    return see_other(f"/absences/{done.id}?done=acted")


def _one(db: Session, actor: Actor, now: Now, absence_id: int) -> dict[str, Any]:
    done, rows = view.one_action(db, actor=actor, absence_id=absence_id)
    return {"done": done, "rows": rows, "known": view.names(db), "now": now, **TABLES}


@router.get("/{absence_id}")
def one_absence(request: Request, engine: Database, actor: CurrentActor, now: Now, absence_id: Key) -> Response:
    """One action: everybody whom it touched, and the button to undo it while there is time."""
    with reading(engine) as db:
        context = _one(db, actor, now, absence_id)
    return page(request, "absences/one.html", **context)


@router.post("/{absence_id}/undo")
def undo_absence(request: Request, engine: Database, actor: CurrentActor, now: Now, absence_id: Key) -> Response:
    """Take it back."""
    try:
        with writing(engine) as db:
            undo(db, actor=actor, now=now, absence_id=absence_id)
    except Conflict as error:
        with reading(engine) as db:
            context = _one(db, actor, now, absence_id)
        return refused(request, "absences/one.html", error, values={}, **context)
    return see_other(f"/absences/{absence_id}?done=undone")
