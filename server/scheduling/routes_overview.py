"""The administrator's reception days as a day, a week, a month or a list; what is shown is in the address."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server.clock import local_date
from server.database import reading
from server.dependencies import CurrentActor, Database, Now
from server.places.naming import row_id
from server.responses import page
from server.scheduling import service_overview as overview
from server.scheduling.labels import HOLIDAYS
from server.scheduling.overview import Period, View, by_day, by_official, head, period
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.typed import typed_day

router = APIRouter(prefix="/admin/days")


@router.get("")
def reception_days(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    view: str = "week",
    day: str = "",
    official: str = "",
    unit: str = "",
    township: str = "",
) -> Response:
    """The reception days around a day."""
    values = {"official": official, "unit": unit, "township": township}
    shown = period(View(view) if view in set(View) else View.WEEK, typed_day(day) or local_date(now))
    sieve = overview.Sieve(row_id(official), row_id(unit), row_id(township))
    with reading(engine) as db:
        wanted: dict[str, Any] = {"first": shown.first, "last": shown.last, "sieve": sieve}
        found = overview.receptions(db, actor=actor, now=now, **wanted)
        choices, calendar = overview.sieve_choices(db, actor=actor), calendar_in_force(db)
    heads = {one: head(calendar, one) for week in shown.weeks for one in week}
    context: dict[str, Any] = {"rows": by_official(found), "days": by_day(found), "heads": heads, "choices": choices}
    return page(request, f"admin/days_{shown.view}.html", **context, **_way(shown, values, local_date(now)))


def _way(shown: Period, values: dict[str, str], today: date) -> dict[str, Any]:
    """The period, and the addresses around it with everything that was chosen."""
    kept = {name: value for name, value in values.items() if value}

    def at(day: date, view: str = shown.view) -> str:
        return "?" + urlencode({"view": str(view), "day": day.isoformat(), **kept})

    return {"period": shown, "at": at, "today": today, "holidays": HOLIDAYS, "values": values}
