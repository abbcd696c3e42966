"""The published list for anybody, and calendar feeds with their secret addresses."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from server.accounts.roles import Action, require
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.places.naming import row_id
from server.responses import clock_time, page, see_other
from server.scheduling import service_publication as publication
from server.scheduling.contents import CONTENTS
from server.scheduling.icalendar import Event, calendar_file
from server.translation import DEFAULT_LOCALE, translate

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/receptions")
def receptions(request: Request, engine: Database, actor: CurrentActor, now: Now, township: str = "") -> Response:
    """Who receives when, for anybody to read and print."""
    with reading(engine) as db:
        rows = publication.published(db, now=now, township_id=row_id(township))
        towns = publication.townships(db)
    values = {"township": township}
    return page(request, "scheduling/published.html", rows=rows, towns=towns, contents=CONTENTS, values=values)


@router.get("/admin/feeds")
def feeds(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """The secret addresses."""
    with reading(engine) as db:
        rows = publication.feeds(db, actor=actor)
    return page(request, "admin/feeds.html", rows=rows)


@router.post("/admin/feeds")
def renew(engine: Database, actor: CurrentActor, now: Now, kind: Text = "", key: Text = "") -> Response:
    """A new address; the old one is void."""
    require(actor, Action.SET_UP)
    with writing(engine) as db:
        publication.renew_feed(db, actor=actor, now=now, kind=kind, key=row_id(key) or 0)
    return see_other(f"/admin/feeds?done=saved#{kind}-{row_id(key)}")


@router.get("/feeds/{token}.ics")
def feed(engine: Database, now: Now, token: str) -> Response:
    """The receptions behind a secret address, for calendar programs."""
    with reading(engine) as db:
        name, rows = publication.receptions_of_feed(db, now=now, token=token)
    events = [event for one in rows for event in events_of(one)]
    headers = {"cache-control": "private, max-age=900", "x-robots-tag": "noindex"}
    return Response(calendar_file(name, events, stamp=now), media_type="text/calendar; charset=utf-8", headers=headers)


def events_of(one: publication.Published) -> list[Event]:
    """One event for each part of a day, in Chinese."""
    title = translate("Reception: %(post)s %(name)s", DEFAULT_LOCALE, {"post": one.post, "name": one.official})
    told = {"unit": one.unit or "—", "minutes": one.hours.length}
    words = translate("%(unit)s; %(minutes)s minutes a talk. Please book at your village point.", DEFAULT_LOCALE, told)
    return [
        Event(f"reception-{one.day_id}-{clock_time(opens)}@lianxin", one.day, opens, closes, title, words, one.status)
        for opens, closes in one.hours.openings
    ]
