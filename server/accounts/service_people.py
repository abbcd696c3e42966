"""People with accounts: added, changed, locked, given a new password. Nobody is ever deleted: the record names them."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.accounts.service import hash_password, revoke_all
from server.audit.service import record
from server.errors import Conflict, Invalid, NotFound
from server.places.models import Unit, VillagePoint
from server.places.naming import one_line, optional_line

STAFF = (Role.OFFICIAL, Role.CLERK, Role.HANDLER, Role.AGENT, Role.ADMINISTRATOR, Role.AUDITOR)
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
PAGE = 50


@dataclass(frozen=True)
class PersonForm:
    """What is typed of a person. ``unit_id`` belongs to officials and handlers, ``point_id`` to agents."""

    display_name: str
    role: str
    post: str = ""
    unit_id: int | None = None
    point_id: int | None = None


def list_people(
    db: Session, *, actor: Actor, text: str = "", role: str = "", unit_id: int | None = None, page: int = 1
) -> list[tuple[User, str]]:
    """People with the name of their unit or point, by name; one more than ``PAGE`` if there is a next page."""
    require(actor, Action.SET_UP)
    query = (
        select(User, Unit.name, VillagePoint.name)
        .join(Unit, col(Unit.id) == User.unit_id, isouter=True)
        .join(VillagePoint, col(VillagePoint.id) == User.point_id, isouter=True)
    )
    if text:
        words = (
            col(User.display_name).contains(text, autoescape=True),
            col(User.username).contains(text, autoescape=True),
        )
        query = query.where(or_(*words))
    if role in STAFF:
        query = query.where(User.role == Role(role))
    if unit_id is not None:
        query = query.where(User.unit_id == unit_id)
    rows = db.exec(query.order_by(col(User.role), col(User.username)).offset((page - 1) * PAGE).limit(PAGE + 1))
    return [(user, unit or point or "") for user, unit, point in rows]


def get_person(db: Session, *, actor: Actor, user_id: int) -> User:
    """One person."""
    require(actor, Action.SET_UP)
    found = db.get(User, user_id)
    if found is None:
        raise NotFound("no_such_person", "This person is not known here.")
    return found


def _fill(db: Session, person: User, form: PersonForm) -> None:
    person.display_name = one_line(form.display_name, field="display_name")
    if form.role not in STAFF:
        raise Invalid("role_missing", "Please choose what this person does.", field="role")
    person.role = Role(form.role)
    person.post = optional_line(form.post, field="post")
    person.unit_id = form.unit_id if person.role in {Role.OFFICIAL, Role.HANDLER} else None
    person.point_id = form.point_id if person.role is Role.AGENT else None
    if person.role is Role.HANDLER and (person.unit_id is None or db.get(Unit, person.unit_id) is None):
        raise Invalid("unit_missing", "Please choose the unit that handles it.", field="unit_id")
    if person.role is Role.AGENT and (person.point_id is None or db.get(VillagePoint, person.point_id) is None):
        raise Invalid("no_such_point", "Please choose the village point.", field="point_id")


def add_person(db: Session, *, actor: Actor, now: datetime, username: str, form: PersonForm) -> tuple[User, str]:
    """A new account and its first password, which is shown once."""
    require(actor, Action.SET_UP)
    name = one_line(username, field="username", most=32)
    if not (name.isascii() and name.replace("-", "").replace("_", "").replace(".", "").isalnum()):
        raise Invalid("bad_username", "Please use only letters, digits, dot and hyphen.", field="username")
    if db.exec(select(User).where(User.username == name)).first() is not None:
        raise Conflict("username_taken", "Somebody has this user name already.", field="username")
    password = _new_password()
    person = User(username=name, display_name="", role=Role.CLERK, password_hash=hash_password(password))
    _fill(db, person, form)
    db.add(person)
    db.flush()
    _noted(db, actor, now, "user.added", person, {"role": person.role.value})
    return person, password


def change_person(db: Session, *, actor: Actor, now: datetime, user_id: int, form: PersonForm) -> User:
    """Keep name, role, post, unit. A changed role signs the person out, so that no page keeps the old rights."""
    person = get_person(db, actor=actor, user_id=user_id)
    before = (person.role, person.unit_id, person.point_id)
    if person.id == actor.id and form.role != person.role:
        raise Conflict("own_account", "You cannot take your own rights away. Ask another administrator.", field="role")
    _fill(db, person, form)
    db.add(person)
    db.flush()
    if before != (person.role, person.unit_id, person.point_id):
        revoke_all(db, actor=actor, user_id=user_id, now=now)
    _noted(db, actor, now, "user.changed", person, {"from": before[0].value, "to": person.role.value})
    return person


def set_active(db: Session, *, actor: Actor, now: datetime, user_id: int, active: bool) -> User:
    """Lock an account and sign it out everywhere, or unlock it."""
    person = get_person(db, actor=actor, user_id=user_id)
    if person.id == actor.id:
        raise Conflict("own_account", "You cannot take your own rights away. Ask another administrator.")
    if person.active is not active:
        person.active, person.failed_attempts, person.locked_until = active, 0, None
        db.add(person)
        if not active:
            revoke_all(db, actor=actor, user_id=user_id, now=now)
        _noted(db, actor, now, "user.unlocked" if active else "user.locked", person)
    return person


def new_password(db: Session, *, actor: Actor, now: datetime, user_id: int) -> str:
    """A new password, shown once; the old one and every sign-in end."""
    person = get_person(db, actor=actor, user_id=user_id)
    password = _new_password()
    person.password_hash, person.failed_attempts, person.locked_until = hash_password(password), 0, None
    db.add(person)
    revoke_all(db, actor=actor, user_id=user_id, now=now)
    _noted(db, actor, now, "user.password_made", person)
    return password


def _new_password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def _noted(
    db: Session, actor: Actor, now: datetime, action: str, person: User, detail: dict[str, object] | None = None
) -> None:
    record(db, actor=actor, now=now, action=action, subject="user", subject_id=person.id or 0, detail=detail)
