"""The administrator's people."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts import service_people as people
from server.accounts.labels import ROLES
from server.accounts.roles import Action, Actor, require
from server.accounts.service import revoke_all
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now, PageNumber
from server.errors import Conflict, Invalid
from server.places.naming import row_id
from server.places.service import list_points, unit_choices
from server.responses import page, refused, see_other

router = APIRouter(prefix="/admin/people")
Text = Annotated[str, Form()]
Key = Annotated[int, Path(ge=1, le=999_999_999)]


def _form(
    display_name: Text = "", role: Text = "", post: Text = "", unit_id: Text = "", point_id: Text = ""
) -> people.PersonForm:
    return people.PersonForm(display_name, role, post, row_id(unit_id), row_id(point_id))


Typed = Annotated[people.PersonForm, Depends(_form)]


def _choices(db: Session, actor: Actor) -> dict[str, Any]:
    points = [one for one in list_points(db, actor=actor) if one.has_video]
    return {"units": unit_choices(db), "points": points, "roles": {one.value: ROLES[one] for one in people.STAFF}}


@router.get("")
def everybody(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    number: PageNumber = 1,
    q: str = "",
    role: str = "",
    unit: str = "",
) -> Response:
    """People, filtered by the address."""
    with reading(engine) as db:
        told: dict[str, Any] = {"text": q.strip()[:64], "role": role, "unit_id": row_id(unit), "page": number}
        rows = people.list_people(db, actor=actor, **told)
        choices = _choices(db, actor)
    choices |= {"rows": rows[: people.PAGE], "number": number, "more": len(rows) > people.PAGE}
    return page(request, "admin/people.html", values={"q": q, "role": role, "unit": unit}, **choices)


@router.get("/new")
def new_person(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """The empty form."""
    require(actor, Action.SET_UP)
    with reading(engine) as db:
        choices = _choices(db, actor)
    return page(request, "admin/person_new.html", **choices)


@router.post("")
def add_person(
    request: Request, engine: Database, actor: CurrentActor, now: Now, form: Typed, username: Text = ""
) -> Response:
    """Add the account and show its password, this once."""
    try:
        with writing(engine) as db:
            person, password = people.add_person(db, actor=actor, now=now, username=username, form=form)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            choices = _choices(db, actor)
        typed = {**vars(form), "username": username}
        return refused(request, "admin/person_new.html", error, values=typed, **choices)
    return page(request, "admin/password.html", person=person, password=password)


@router.get("/{user_id}")
def one_person(request: Request, engine: Database, actor: CurrentActor, user_id: Key) -> Response:
    """One person."""
    with reading(engine) as db:
        person = people.get_person(db, actor=actor, user_id=user_id)
        choices = _choices(db, actor)
    return page(request, "admin/person.html", person=person, values=person.model_dump(), **choices)


@router.post("/{user_id}")
def change_person(
    request: Request, engine: Database, actor: CurrentActor, now: Now, user_id: Key, form: Typed
) -> Response:
    """Keep the changes."""
    try:
        with writing(engine) as db:
            people.change_person(db, actor=actor, now=now, user_id=user_id, form=form)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            person, choices = people.get_person(db, actor=actor, user_id=user_id), _choices(db, actor)
        return refused(request, "admin/person.html", error, values=vars(form), person=person, **choices)
    return see_other(f"/admin/people/{user_id}?done=saved")


@router.post("/{user_id}/lock")
def lock(engine: Database, actor: CurrentActor, now: Now, user_id: Key) -> Response:
    """Lock, and sign out everywhere."""
    with writing(engine) as db:
        people.set_active(db, actor=actor, now=now, user_id=user_id, active=False)
    return see_other(f"/admin/people/{user_id}?done=locked")


@router.post("/{user_id}/unlock")
def unlock(engine: Database, actor: CurrentActor, now: Now, user_id: Key) -> Response:
    """Unlock."""
    with writing(engine) as db:
        people.set_active(db, actor=actor, now=now, user_id=user_id, active=True)
    return see_other(f"/admin/people/{user_id}?done=unlocked")


@router.post("/{user_id}/sign-out")
def sign_out_person(engine: Database, actor: CurrentActor, now: Now, user_id: Key) -> Response:
    """Sign the person out everywhere."""
    require(actor, Action.SET_UP)
    with writing(engine) as db:
        revoke_all(db, actor=actor, user_id=user_id, now=now)
    return see_other(f"/admin/people/{user_id}?done=signed_out")


@router.post("/{user_id}/password")
def make_password(request: Request, engine: Database, actor: CurrentActor, now: Now, user_id: Key) -> Response:
    """A new password, shown this once."""
    with writing(engine) as db:
        password = people.new_password(db, actor=actor, now=now, user_id=user_id)
        person = people.get_person(db, actor=actor, user_id=user_id)
    return page(request, "admin/password.html", person=person, password=password)
