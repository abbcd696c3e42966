"""The administrator's reception days."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid
from server.places.naming import row_id
from server.responses import clock_time, page, refused, see_other
from server.scheduling import service_days as days

router = APIRouter(prefix="/admin/days")
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 1, 1)
Text = Annotated[str, Form()]
Key = Annotated[int, Path(ge=1, le=999_999_999)]


def _minute(text: str) -> int | None:
    hour, _, minute = text.partition(":")
    fits = len(text) <= 5 and hour.isdecimal() and minute.isdecimal() and int(hour) <= 24 and int(minute) < 60
    return int(hour) * 60 + int(minute) if fits else None


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


def _form(
    official_id: Text = "",
    day: Text = "",
    opens: Text = "",
    closes: Text = "",
    slot_minutes: Text = "",
    weeks: Text = "1",
) -> days.DayForm:
    return days.DayForm(
        row_id(official_id), _day(day), _minute(opens), _minute(closes), row_id(slot_minutes), row_id(weeks) or 1
    )


Typed = Annotated[days.DayForm, Depends(_form)]


async def _typed(request: Request) -> dict[str, Any]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Values = Annotated[dict[str, Any], Depends(_typed)]


@router.get("")
def calendar(
    request: Request, engine: Database, actor: CurrentActor, now: Now, since: str = "", official: str = ""
) -> Response:
    """Four weeks of reception days; which ones is in the address."""
    today = local_date(now)
    first = min(max(_day(since) or today - timedelta(days=today.weekday()), EARLIEST), LATEST)
    with reading(engine) as db:
        rows = days.list_days(db, actor=actor, first=first, official_id=row_id(official))
        people = days.officials(db, actor=actor)
    step = timedelta(weeks=days.WEEKS_SHOWN)
    turns = {"before": first - step, "after": first + step}
    values = {"official": official, "since": first.isoformat()}
    return page(request, "admin/days.html", rows=rows, people=people, turns=turns, values=values, today=today)


@router.get("/new")
def new_day(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """The form, with what is usual."""
    with reading(engine) as db:
        people = days.officials(db, actor=actor)
    usual = {"opens": "9:00", "closes": "12:00", "slot_minutes": "20", "weeks": "1"}
    return page(request, "admin/day_new.html", people=people, values=usual, today=local_date(now))


@router.post("")
def add_days(request: Request, engine: Database, actor: CurrentActor, now: Now, form: Typed, typed: Values) -> Response:
    """Add the day or the series, and show what came of it."""
    try:
        with writing(engine) as db:
            added = days.add_days(db, actor=actor, now=now, form=form)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            people = days.officials(db, actor=actor)
        return refused(request, "admin/day_new.html", error, values=typed, people=people, today=local_date(now))
    return page(request, "admin/days_added.html", added=added)


def _one(db: Session, actor: Actor, day_id: int) -> dict[str, Any]:
    day, official = days.get_day(db, actor=actor, day_id=day_id)
    return {"day": day, "official": official, "booked": days.open_bookings(db, actor=actor, day_id=day_id)}


@router.get("/{day_id}")
def one_day(request: Request, engine: Database, actor: CurrentActor, day_id: Key) -> Response:
    """One day: its times, who is booked, and what cancelling means."""
    with reading(engine) as db:
        context = _one(db, actor, day_id)
    day = context["day"]
    values = {"opens": clock_time(day.opens_minute), "closes": clock_time(day.closes_minute)}
    return page(request, "admin/day.html", values={**values, "slot_minutes": day.slot_minutes}, **context)


@router.post("/{day_id}")
def change_day(
    request: Request, engine: Database, actor: CurrentActor, now: Now, day_id: Key, form: Typed, typed: Values
) -> Response:
    """Keep the times."""
    try:
        with writing(engine) as db:
            days.change_day(db, actor=actor, now=now, day_id=day_id, form=form)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            context = _one(db, actor, day_id)
        return refused(request, "admin/day.html", error, values=typed, **context)
    return see_other(f"/admin/days/{day_id}?done=saved")


@router.post("/{day_id}/cancel")
def cancel_day(request: Request, engine: Database, actor: CurrentActor, now: Now, day_id: Key) -> Response:
    """Cancel the day and everything booked on it."""
    try:
        with writing(engine) as db:
            days.cancel_day(db, actor=actor, now=now, day_id=day_id)
    except Conflict as error:
        with reading(engine) as db:
            context = _one(db, actor, day_id)
        return refused(request, "admin/day.html", error, values={}, **context)
    return see_other("/admin/days?done=cancelled")
