"""Malformed requests for every route of the application, as each role."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlmodel import select

from server.accounts.roles import ANYBODY, Actor, Role
from server.accounts.service import actor_of_user
from server.database import reading, writing
from server.petitions.models import FollowUp
from tests.district import District, user
from tests.petitions.record import approved, begin, whole

WORDS = (
    "",
    " ",
    "\x00",
    "0",
    "-1",
    "1",
    "9" * 30,
    "²",
    "１２",
    "1e9",
    "nan",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "../../state/lianxin.sqlite3",
    "%(name)s {name} %s",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "字" * 5000,
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
)
BODIES: tuple[dict[str, Any], ...] = (
    {"content": b"\xff\xfe\x00", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    {"content": b"{", "headers": {"content-type": "application/json"}},
    {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}},
    {"content": b"a=1", "headers": {"content-type": "multipart/form-data"}},
    {"content": b"%ff=%ff&answer=%ff%00", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    {"content": b"x", "headers": {"content-type": "text/plain; charset=nothing"}},
)


@dataclass(frozen=True)
class Site:
    """A district with matters in every state, and who may be signed in there."""

    actors: dict[Role, Actor]
    known: dict[str, list[str]] = field(default_factory=dict)


def make_site(district: District) -> Site:
    """One matter decided, one in review, one in session, one waiting; somebody for every role."""
    done, _ = whole(district, key="one", slot=6)
    approved(done)
    reviewed, _ = whole(district, key="two", slot=7)
    talking = begin(district, key="three", slot=8)
    waiting = district.wait(key="four", slot=None, kiosk=district.other_kiosk)
    people = [
        user("administrator", Role.ADMINISTRATOR),
        user("auditor", Role.AUDITOR),
        user("agent", Role.AGENT),
    ]
    people[2].point_id = 1
    with writing(district.engine) as db:
        db.add_all(people)
        db.flush()
        made = [actor_of_user(one) for one in people]
    everybody = [*made, district.official, district.clerk, district.handler, district.kiosk, ANYBODY]
    with reading(district.engine) as db:
        promised = [str(one.id) for one in db.exec(select(FollowUp)).all()]
    tokens = [done.token, reviewed.token, talking.token]
    known = {
        "token": tokens,
        "number": [done.number, talking.number, waiting],
        "follow_up_id": promised[:1],
        "name": ["petitioner-1.webm"],
    }
    return Site(actors={one.role: one for one in everybody}, known=known)


@dataclass(frozen=True)
class Attempt:
    """One request: how, where, with what."""

    method: str
    path: str
    extra: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {str(self.extra)[:300]}"


def routes(app: FastAPI) -> list[tuple[str, APIRoute]]:
    """Every page and form of the application with its whole address."""
    found = [
        (one.path or "", one.original_route)
        for one in iter_route_contexts(app.routes)
        if isinstance(one.original_route, APIRoute)
    ]
    return [(path, route) for path, route in found if isinstance(route, APIRoute)]


def attempts(path: str, route: APIRoute, site: Site) -> Iterator[Attempt]:
    """What nobody should send: hostile words in every place, at addresses that exist and at others."""
    names = [one.alias for one in route.dependant.query_params]
    fields = [one.alias for one in route.dependant.body_params]
    places = [one.alias for one in route.dependant.path_params]
    for method in sorted(route.methods or ()):
        for real in range(2 if "token" in places else 1):
            address = _filled(path, {one: _known(site, one, real) for one in places})
            for word in WORDS if fields or names else WORDS[:1]:
                extra: dict[str, Any] = {"params": dict.fromkeys(names, word[:400])}
                if fields:
                    extra["data"] = dict.fromkeys(fields, word)
                yield Attempt(method, address, extra)
            if method != "GET":
                yield from (Attempt(method, address, dict(body)) for body in ({}, *BODIES))
        for word in WORDS if places else ():
            yield Attempt(
                method, _filled(path, dict.fromkeys(places, word[:400])), {"data": dict.fromkeys(fields, "1")}
            )


def _known(site: Site, place: str, index: int) -> str:
    values = site.known.get(place, ["1"])
    return values[index % len(values)]


def _filled(path: str, values: dict[str, str]) -> str:
    for place, value in values.items():
        path = path.replace(f"{{{place}}}", value.replace("/", "%2F").replace("\x00", "%00") or "%20")
    return path
