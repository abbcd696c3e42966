"""Searching for a free time, for those who book for others: filters in the address, then one touch begins a booking."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now, SettingsDep
from server.errors import Conflict, Invalid
from server.petitions import service_drafts
from server.petitions.booking_steps import CHOICES, Step
from server.petitions.categories import CONTENTS
from server.petitions.routes_booking import held_until
from server.petitions.routes_booking_pages import address_of_next
from server.responses import page, refused, see_other
from server.scheduling.service_free import Wanted
from server.scheduling.service_nearest import slots_named
from server.scheduling.service_offers import point_choices
from server.scheduling.service_search import search, search_choices

router = APIRouter(prefix="/kiosk/free")
Word = Annotated[str, Query(max_length=40)]
TEMPLATE = "booking/free.html"


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) < 10 else None


def _date(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _context(engine: Database, actor: CurrentActor, now: Now, asked: dict[str, str]) -> dict[str, Any]:
    with reading(engine) as db:
        draft = service_drafts.get_draft(db, actor=actor)
        known = service_drafts.wanted_by(db, actor=actor, draft=draft)
        wanted = Wanted(
            official_id=_number(asked["official"]),
            unit_id=_number(asked["unit"]),
            township_id=_number(asked["township"]),
            point_id=actor.point_id or _number(asked["point"]),
            content=asked["content"] if asked["content"] in CONTENTS else None,
            excluded=known.excluded,
        )
        found = search(db, actor=actor, now=now, wanted=wanted, from_day=_date(asked["from"]), day=asked["day"])
        choices, points = search_choices(db, actor=actor), point_choices(db, actor=actor)
    shown = {"points": [] if actor.point_id else points, "contents": CHOICES[Step.CONTENT], "nearest": []}
    return {"found": found, "choices": choices, "values": asked, **shown}


@router.get("")
def find_time(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    official: Word = "",
    unit: Word = "",
    township: Word = "",
    point: Word = "",
    content: Word = "",
    day: Word = "",
    from_day: Annotated[str, Query(alias="from", max_length=40)] = "",
) -> Response:
    """Filters, the soonest time, the days, and one day in full."""
    asked = {"official": official, "unit": unit, "township": township, "point": point, "content": content}
    return page(request, TEMPLATE, **_context(engine, actor, now, {**asked, "day": day, "from": from_day}))


@router.post("")
def take_time(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    settings: SettingsDep,
    answer: Annotated[str, Form()] = "",
    point: Annotated[str, Form()] = "",
) -> Response:
    """Hold the time and begin the booking with it; the questions come after."""
    try:
        with writing(engine) as db:
            begun = service_drafts.get_draft(db, actor=actor).begun
            until, at = held_until(now, settings), point if _number(point) else ""
            draft = service_drafts.choose_time(db, actor=actor, now=now, until=until, slot=answer, point=at)
    except (Conflict, Invalid) as error:
        return _refused(request, engine, actor, now, error)
    return see_other("/kiosk/book" if begun else address_of_next(draft, actor))


def _refused(request: Request, engine: Database, actor: CurrentActor, now: Now, error: Conflict | Invalid) -> Response:
    asked = dict.fromkeys(("official", "unit", "township", "point", "content", "day", "from"), "")
    context = _context(engine, actor, now, asked)
    nearest: Any = error.params.get("nearest", ())
    with reading(engine) as db:
        context["nearest"] = slots_named(db, nearest)
    return refused(request, TEMPLATE, error, **context)
