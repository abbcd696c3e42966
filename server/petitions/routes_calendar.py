"""The administrator's calendar of working days: years, their versions, a new notice with what it changes."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now, QueryKey
from server.errors import Conflict, Invalid
from server.petitions import service_calendar
from server.petitions.labels import CLOCKS
from server.responses import page, refused, see_other
from server.scheduling import service_calendar as calendar
from server.scheduling.holiday_notice import Line, days_of, lines_of
from server.scheduling.labels import HOLIDAYS, SOURCES
from server.scheduling.month_view import months_of
from server.scheduling.typed import typed_day
from server.scheduling.words import Source
from server.scheduling.workdays import Special, library_years

router = APIRouter(prefix="/admin/calendar")
LINES, MADE_UP = 9, 3
CalendarYear = Annotated[int, Path(ge=2004, le=2099)]
TABLES: dict[str, Any] = {"holidays": HOLIDAYS, "sources": SOURCES, "clocks": CLOCKS, "made_up": range(1, MADE_UP + 1)}


async def _typed(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(_typed)]


def _lines(typed: dict[str, str]) -> list[Line]:
    return [
        Line(
            typed.get(f"holiday_{number}", ""),
            typed_day(typed.get(f"first_{number}")),
            typed_day(typed.get(f"last_{number}")),
            tuple(
                day
                for at in range(1, MADE_UP + 1)
                if (day := typed_day(typed.get(f"made_up_{number}_{at}"))) is not None
            ),
        )
        for number in range(1, LINES + 1)
    ]


def _values(days: dict[date, Special]) -> dict[str, str]:
    values: dict[str, str] = {}
    usual = [one for one in HOLIDAYS if one != "other"]
    for number in range(1, LINES + 1):
        values[f"holiday_{number}"] = usual[number - 1] if number <= len(usual) else "other"
    for number, line in enumerate(lines_of(days)[:LINES], 1):
        values[f"holiday_{number}"] = line.holiday
        values[f"first_{number}"], values[f"last_{number}"] = str(line.first), str(line.last)
        for at, day in enumerate(line.made_up[:MADE_UP], 1):
            values[f"made_up_{number}_{at}"] = str(day)
    return values


def _form(year: int, **more: Any) -> dict[str, Any]:
    return {"year": year, "lines": range(1, LINES + 1), **TABLES, **more}


@router.get("")
def all_years(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """The years, and which of them are provisional."""
    with reading(engine) as db:
        rows = calendar.years(db, actor=actor, now=now)
    return page(request, "admin/calendar.html", rows=rows, **TABLES)


@router.get("/{year}")
def one_year(
    request: Request, engine: Database, actor: CurrentActor, year: CalendarYear, revision: QueryKey = None
) -> Response:
    """Its twelve months as they are in force or were in an older version, and who changed them when and why."""
    with reading(engine) as db:
        versions = calendar.versions_of(db, actor=actor, year=year)
        shown = calendar.version_of(db, actor=actor, year=year, revision=revision)
        days = calendar.days_of_version(db, shown) if shown else {}
    months = months_of(year, days)
    return page(request, "admin/calendar_year.html", months=months, versions=versions, shown=shown, **_form(year))


@router.get("/{year}/edit")
def edit(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    year: CalendarYear,
    source: str = "",
    revision: QueryKey = None,
) -> Response:
    """The notice as a form: what is in force, an older version, or what the program brings along."""
    with reading(engine) as db:
        version = calendar.version_of(db, actor=actor, year=year, revision=revision)
        days = calendar.days_of_version(db, version) if version else {}
    if source == Source.LIBRARY.value:
        days = library_years().get(year, days)
    chosen = source if source in SOURCES else (Source.CORRECTION if version else Source.NOTICE).value
    return page(request, "admin/calendar_edit.html", values={**_values(days), "source": chosen}, **_form(year))


@router.post("/{year}/preview")
def preview(
    request: Request, engine: Database, actor: CurrentActor, now: Now, year: CalendarYear, typed: Typed
) -> Response:
    """What the notice would change."""
    try:
        days = days_of(year, _lines(typed))
        with reading(engine) as db:
            found = service_calendar.effects(db, actor=actor, now=now, year=year, days=days)
    except Invalid as error:
        return refused(request, "admin/calendar_edit.html", error, values=typed, **_form(year))
    return page(request, "admin/calendar_edit.html", values=typed, **_form(year, effects=found))


@router.post("/{year}")
def adopt(
    request: Request, engine: Database, actor: CurrentActor, now: Now, year: CalendarYear, typed: Typed
) -> Response:
    """Put the notice in force as it was shown."""
    why, seen, found = typed.get("why", ""), typed.get("seen", ""), None
    source = Source(typed["source"]) if typed.get("source") in SOURCES else Source.NOTICE
    try:
        days = days_of(year, _lines(typed))
        with reading(engine) as db:
            found = service_calendar.effects(db, actor=actor, now=now, year=year, days=days)
        with writing(engine) as db:
            told: dict[str, Any] = {"year": year, "days": days, "source": source, "why": why, "seen": seen}
            service_calendar.adopt(db, actor=actor, now=now, **told)
    except (Invalid, Conflict) as error:
        return refused(request, "admin/calendar_edit.html", error, values=typed, **_form(year, effects=found))
    return see_other(f"/admin/calendar/{year}?done=adopted")
