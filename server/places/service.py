"""Points, units and kiosks: setting up, enrolment, calls for help."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record
from server.errors import Conflict, Invalid, NotFound
from server.places.models import HelpCall, Kiosk, Unit, VillagePoint
from server.places.one_time_codes import code_hash, new_code

CODE_LASTS = timedelta(hours=24)


def list_points(db: Session, *, actor: Actor) -> list[VillagePoint]:
    """All village points, for the administrator."""
    require(actor, Action.SET_UP)
    return list(db.exec(select(VillagePoint).order_by(VillagePoint.area_code)))


def list_units(db: Session, *, actor: Actor) -> list[Unit]:
    """All units, active or not, for the administrator."""
    require(actor, Action.SET_UP)
    return list(db.exec(select(Unit).order_by(Unit.name)))


def unit_choices(db: Session) -> list[Unit]:
    """Active units, by name: public knowledge."""
    return list(db.exec(select(Unit).where(col(Unit.active)).order_by(Unit.name)))


def new_kiosk_code(db: Session, *, actor: Actor, now: datetime, point_id: int, name: str) -> str:
    """Make a kiosk and return its one-time code, which is shown once and lasts a day."""
    require(actor, Action.SET_UP)
    if db.get(VillagePoint, point_id) is None:
        raise Invalid("no_such_point", "Please choose the village point.", field="point_id")
    if not name.strip():
        raise Invalid("kiosk_name_missing", "Please give the kiosk a name.", field="name")
    code = new_code(secrets.token_bytes(8))
    kiosk = Kiosk(
        point_id=point_id, name=name.strip()[:64], code_hash=code_hash(code), code_expires_at=now + CODE_LASTS
    )
    db.add(kiosk)
    db.flush()
    record(db, actor=actor, now=now, action="kiosk.code_made", subject="kiosk", subject_id=kiosk.id or 0)
    return code


def enrol_kiosk(db: Session, *, code: str, now: datetime) -> Kiosk:
    """Redeem a one-time code; it works once. The caller starts the kiosk's sign-in."""
    found = db.exec(select(Kiosk).where(Kiosk.code_hash == code_hash(code))).first()
    if found is None or found.revoked_at or found.code_expires_at is None or found.code_expires_at <= now:
        raise Invalid("bad_code", "This code is not valid. Please ask the administrator for a new one.", field="code")
    found.code_hash = None
    found.code_expires_at = None
    found.enrolled_at = now
    db.add(found)
    kiosk = Actor(role=Role.KIOSK, id=found.id or 0, name=found.name, point_id=found.point_id)
    record(db, actor=kiosk, now=now, action="kiosk.enrolled", subject="kiosk", subject_id=kiosk.id)
    return found


def call_help(db: Session, *, actor: Actor, now: datetime, page: str) -> HelpCall:
    """Ring at the office. A call that still rings is not made twice. An agent rings as the kiosk of the own point."""
    require(actor, Action.CALL_HELP)
    kiosk_id = actor.id if actor.role is Role.KIOSK else _kiosk_of_point(db, actor.point_id)
    ringing = db.exec(select(HelpCall).where(HelpCall.kiosk_id == kiosk_id, col(HelpCall.answered_at).is_(None)))
    call = ringing.first()
    if call is None:
        call = HelpCall(kiosk_id=kiosk_id, called_at=now, page=page[:64])
        db.add(call)
        db.flush()
        record(db, actor=actor, now=now, action="help.called", subject="help_call", subject_id=call.id or 0)
    return call


def _kiosk_of_point(db: Session, point_id: int | None) -> int:
    in_force = (
        select(Kiosk.id).where(Kiosk.point_id == point_id, col(Kiosk.revoked_at).is_(None)).order_by(col(Kiosk.id))
    )
    kiosk_id = db.exec(in_force).first()
    if kiosk_id is None:
        raise Conflict("no_kiosk_here", "Your point has no kiosk to call from. Please phone the office.")
    return kiosk_id


def answer_help(db: Session, *, actor: Actor, now: datetime, help_id: int) -> HelpCall:
    """Say that somebody takes care; answering twice changes nothing."""
    require(actor, Action.ANSWER_HELP)
    call = db.get(HelpCall, help_id)
    if call is None:
        raise NotFound("no_such_call", "This call for help is not there any more.")
    if call.answered_at is None:
        call.answered_at, call.answered_by = now, actor.id
        db.add(call)
        record(db, actor=actor, now=now, action="help.answered", subject="help_call", subject_id=help_id)
    return call


def open_help_calls(db: Session, *, actor: Actor) -> list[tuple[HelpCall, str]]:
    """Calls nobody answered yet, oldest first, each with its point's name."""
    require(actor, Action.ANSWER_HELP)
    rows = db.exec(
        select(HelpCall, VillagePoint.name)
        .join(Kiosk, col(Kiosk.id) == HelpCall.kiosk_id)
        .join(VillagePoint, col(VillagePoint.id) == Kiosk.point_id)
        .where(col(HelpCall.answered_at).is_(None))
        .order_by(col(HelpCall.called_at))
    )
    return [(call, name) for call, name in rows]
