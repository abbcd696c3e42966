"""The administrator's reception days, one by one: added, changed, cancelled."""

from datetime import datetime
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
from server.scheduling import service_moving as moving
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.typed import typed_day, typed_minute
from server.scheduling.workdays import as_named

router = APIRouter(prefix="/admin/days")
Text = Annotated[str, Form()]
Key = Annotated[int, Path(ge=1, le=999_999_999)]


def _form(
    official_id: Text = "",
    day: Text = "",
    opens: Text = "",
    closes: Text = "",
    slot_minutes: Text = "",
    weeks: Text = "1",
) -> days.DayForm:
    return days.DayForm(
        row_id(official_id),
        typed_day(day),
        typed_minute(opens),
        typed_minute(closes),
        row_id(slot_minutes),
        row_id(weeks) or 1,
    )


Typed = Annotated[days.DayForm, Depends(_form)]


async def _typed(request: Request) -> dict[str, Any]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Values = Annotated[dict[str, Any], Depends(_typed)]


@router.get("/new")
def new_day(
    request: Request, engine: Database, actor: CurrentActor, now: Now, official: str = "", day: str = ""
) -> Response:
    """The form, with what is usual, and the official and the day where they were chosen already."""
    with reading(engine) as db:
        people = days.officials(db, actor=actor)
    usual = {"opens": "9:00", "closes": "12:00", "slot_minutes": "20", "weeks": "1"}
    chosen = {**usual, "official_id": official, "day": day}
    return page(request, "admin/day_new.html", people=people, values=chosen, today=local_date(now))


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


def _one(db: Session, actor: Actor, now: datetime, day_id: int) -> dict[str, Any]:
    day, official = days.get_day(db, actor=actor, day_id=day_id)
    booked = days.open_bookings(db, actor=actor, day_id=day_id)
    others = moving.other_times(db, actor=actor, now=now, day_id=day_id) if day.off_plan else {}
    counted = None if day.planned_on is None else as_named(calendar_in_force(db), day.planned_on, day.day)
    return {"day": day, "official": official, "booked": booked, "others": others, "counted": counted}


@router.get("/{day_id}")
def one_day(request: Request, engine: Database, actor: CurrentActor, now: Now, day_id: Key) -> Response:
    """One day: its times, who is booked, and what cancelling means."""
    with reading(engine) as db:
        context = _one(db, actor, now, day_id)
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
            context = _one(db, actor, now, day_id)
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
            context = _one(db, actor, now, day_id)
        return refused(request, "admin/day.html", error, values={}, **context)
    return see_other("/admin/days?done=cancelled")


@router.post("/{day_id}/move/{number}")
def move_booking(
    request: Request, engine: Database, actor: CurrentActor, now: Now, day_id: Key, number: str, place: Text = ""
) -> Response:
    """Give a booking of this day the chosen other time; ``place`` is a day's row and a slot."""
    to_day, _, slot = place.partition("-")
    try:
        with writing(engine) as db:
            told: dict[str, Any] = {"reception_day_id": row_id(to_day) or 0, "slot": row_id(slot) or 0}
            moving.move_booking(db, actor=actor, now=now, number=number, **told)
            left = bool(days.open_bookings(db, actor=actor, day_id=day_id))
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            context = _one(db, actor, now, day_id)
        return refused(request, "admin/day.html", error, values={}, **context)
    return see_other(f"/admin/days/{day_id}?done=moved" if left else "/admin/plans?done=moved")
