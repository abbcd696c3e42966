"""Setting up points, their kiosks, and units. All for the administrator."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.errors import Conflict, Invalid, NotFound
from server.places.models import Kiosk, ReadinessCheck, Township, Unit, VillagePoint
from server.places.naming import one_line, optional_line, optional_mail, point_area_code
from server.places.service import new_kiosk_code
from server.places.service_readiness import newest_checks


class PointOrder(StrEnum):
    """How the list of points is sorted."""

    CODE = "code"
    NAME = "name"
    KIOSKS = "kiosks"


@dataclass(frozen=True)
class PointRow:
    """A point with its township, how many kiosks work there and wait for their code, and its newest check."""

    point: VillagePoint
    township: str
    kiosks: int
    waiting: int
    check: ReadinessCheck | None = None


@dataclass(frozen=True)
class PointForm:
    """What is typed about a point."""

    name: str
    township_id: int | None
    area_code: str
    address: str
    has_video: bool


def townships(db: Session) -> list[Township]:
    """Every township, by area code: public knowledge."""
    return list(db.exec(select(Township).order_by(Township.area_code)))


def point_rows(
    db: Session,
    *,
    actor: Actor,
    township_id: int | None = None,
    kind: str = "",
    text: str = "",
    order: PointOrder = PointOrder.CODE,
) -> list[PointRow]:
    """Points with their kiosks; ``kind`` is ``video``, ``plain``, ``closed`` or empty for all that are open."""
    require(actor, Action.SET_UP)
    alive = (Kiosk.point_id == VillagePoint.id, col(Kiosk.revoked_at).is_(None))
    count = select(func.count()).select_from(Kiosk).where(*alive)
    working = count.where(col(Kiosk.enrolled_at).is_not(None)).scalar_subquery()
    waiting = count.where(col(Kiosk.enrolled_at).is_(None)).scalar_subquery()
    query = select(VillagePoint, Township.name, working, waiting).join(
        Township, col(Township.id) == VillagePoint.township_id
    )
    query = query.where(_of_kind(kind))
    if township_id is not None:
        query = query.where(VillagePoint.township_id == township_id)
    if text.strip():
        wanted = text.strip()
        query = query.where(
            or_(
                col(VillagePoint.name).contains(wanted, autoescape=True),
                col(VillagePoint.area_code).startswith(wanted, autoescape=True),
            )
        )
    first = {
        PointOrder.NAME: col(VillagePoint.name).asc(),
        PointOrder.KIOSKS: working.desc(),
        PointOrder.CODE: col(VillagePoint.area_code).asc(),
    }
    rows = db.exec(query.order_by(first[order], col(VillagePoint.area_code))).all()
    checks = newest_checks(db, actor=actor, point_ids=[point.id or 0 for point, *_ in rows])
    return [PointRow(*row, check=checks.get(row[0].id or 0)) for row in rows]


def _of_kind(kind: str) -> ColumnElement[bool]:
    if kind == "closed":
        return col(VillagePoint.closed_at).is_not(None)
    still_open = col(VillagePoint.closed_at).is_(None)
    if kind in {"video", "plain"}:
        return still_open & col(VillagePoint.has_video).is_(kind == "video")
    return still_open


def get_point(db: Session, *, actor: Actor, point_id: int) -> VillagePoint:
    """One point."""
    require(actor, Action.SET_UP)
    point = db.get(VillagePoint, point_id)
    if point is None:
        raise NotFound("unknown_point", "This point is not known here.")
    return point


def add_point(db: Session, *, actor: Actor, now: datetime, form: PointForm) -> VillagePoint:
    """A new point. Its area code is its identity and cannot be changed later."""
    require(actor, Action.SET_UP)
    township = db.get(Township, form.township_id) if form.township_id is not None else None
    if township is None:
        raise Invalid("township_missing", "Please choose the township.", field="township_id")
    code = point_area_code(form.area_code, township=township.area_code)
    if db.exec(select(VillagePoint).where(VillagePoint.area_code == code)).first() is not None:
        raise Conflict("code_taken", "There is a point with this area code already.", field="area_code")
    point = VillagePoint(
        township_id=township.id or 0,
        name=one_line(form.name, field="name"),
        area_code=code,
        address=optional_line(form.address, field="address", most=128),
        has_video=form.has_video,
    )
    db.add(point)
    db.flush()
    _noted(db, actor, now, "point.added", "point", point.id)
    return point


def change_point(
    db: Session, *, actor: Actor, now: datetime, point_id: int, name: str, address: str, has_video: bool, email: str
) -> VillagePoint:
    """Rename, move, say whether there is video and where notices go. Without video its kiosks go on as they are."""
    point = get_point(db, actor=actor, point_id=point_id)
    if point.closed_at is not None:
        raise Conflict("point_closed", "This point is closed. Please open it again first.")
    new = {
        "name": one_line(name, field="name"),
        "address": optional_line(address, field="address", most=128),
        "has_video": has_video,
        "email": optional_mail(email, field="email"),
    }
    changed: dict[str, object] = {
        key: {"from": getattr(point, key), "to": value} for key, value in new.items() if getattr(point, key) != value
    }
    if changed:
        for key, value in new.items():
            setattr(point, key, value)
        db.add(point)
        _noted(db, actor, now, "point.changed", "point", point.id, changed)
    return point


def close_point(db: Session, *, actor: Actor, now: datetime, point_id: int) -> VillagePoint:
    """Nobody can book there any more and its kiosks stop. Twice changes nothing.

    Bookings to come are scheduling's to cancel; its ``service_closing`` does both at once.
    """
    point = get_point(db, actor=actor, point_id=point_id)
    if point.closed_at is None:
        point.closed_at, point.has_video = now, False
        db.add(point)
        _noted(db, actor, now, "point.closed", "point", point.id)
        for kiosk in kiosks_of(db, actor=actor, point_id=point_id):
            revoke_kiosk(db, actor=actor, now=now, kiosk_id=kiosk.id or 0)
    return point


def open_point(db: Session, *, actor: Actor, now: datetime, point_id: int) -> VillagePoint:
    """Open a closed point again: without video and kiosks until they are set up."""
    point = get_point(db, actor=actor, point_id=point_id)
    if point.closed_at is not None:
        point.closed_at = None
        db.add(point)
        _noted(db, actor, now, "point.opened", "point", point.id)
    return point


def kiosks_of(db: Session, *, actor: Actor, point_id: int) -> list[Kiosk]:
    """The kiosks of a point, revoked ones last."""
    require(actor, Action.SET_UP)
    query = select(Kiosk).where(Kiosk.point_id == point_id)
    return list(db.exec(query.order_by(col(Kiosk.revoked_at).is_not(None), col(Kiosk.id))))


def add_kiosk(db: Session, *, actor: Actor, now: datetime, point_id: int, name: str) -> str:
    """A new kiosk; returns its one-time code. The same name twice is refused: a form sent twice does no harm."""
    point = get_point(db, actor=actor, point_id=point_id)
    if point.closed_at is not None or not point.has_video:
        raise Conflict("no_video", "There is no video at this point. Please switch video on first.", field="name")
    kept = one_line(name, field="name")
    same = select(Kiosk).where(Kiosk.point_id == point_id, Kiosk.name == kept, col(Kiosk.revoked_at).is_(None))
    if db.exec(same).first() is not None:
        raise Conflict(
            "kiosk_name_taken",
            "There is a kiosk of this name here already. If its code was lost, stop it and make a new one.",
            field="name",
        )
    return new_kiosk_code(db, actor=actor, now=now, point_id=point_id, name=kept)


def get_kiosk(db: Session, *, actor: Actor, kiosk_id: int) -> Kiosk:
    """One kiosk."""
    require(actor, Action.SET_UP)
    kiosk = db.get(Kiosk, kiosk_id)
    if kiosk is None:
        raise NotFound("no_such_kiosk", "This kiosk is not known here.")
    return kiosk


def revoke_kiosk(db: Session, *, actor: Actor, now: datetime, kiosk_id: int) -> Kiosk:
    """The machine is a kiosk no longer, and a code not yet used is void. Twice changes nothing."""
    kiosk = get_kiosk(db, actor=actor, kiosk_id=kiosk_id)
    if kiosk.revoked_at is None:
        kiosk.revoked_at, kiosk.code_hash, kiosk.code_expires_at = now, None, None
        db.add(kiosk)
        _noted(db, actor, now, "kiosk.revoked", "kiosk", kiosk.id)
    return kiosk


def get_unit(db: Session, *, actor: Actor, unit_id: int) -> Unit:
    """One unit."""
    require(actor, Action.SET_UP)
    unit = db.get(Unit, unit_id)
    if unit is None:
        raise NotFound("no_such_unit", "This unit is not known here.")
    return unit


def add_unit(db: Session, *, actor: Actor, now: datetime, name: str, township_id: int | None) -> Unit:
    """A new unit, of the district or of a township."""
    require(actor, Action.SET_UP)
    if township_id is not None and db.get(Township, township_id) is None:
        raise Invalid("township_missing", "Please choose the township.", field="township_id")
    unit = Unit(name=_free_unit_name(db, name, None), township_id=township_id)
    db.add(unit)
    db.flush()
    _noted(db, actor, now, "unit.added", "unit", unit.id)
    return unit


def _free_unit_name(db: Session, name: str, own_id: int | None) -> str:
    kept = one_line(name, field="name")
    other = db.exec(select(Unit).where(Unit.name == kept)).first()
    if other is not None and other.id != own_id:
        raise Conflict("unit_name_taken", "There is a unit of this name already.", field="name")
    return kept


def rename_unit(db: Session, *, actor: Actor, now: datetime, unit_id: int, name: str) -> Unit:
    """Rename; its people and follow-ups stay with it."""
    unit = get_unit(db, actor=actor, unit_id=unit_id)
    before, unit.name = unit.name, _free_unit_name(db, name, unit_id)
    if before != unit.name:
        db.add(unit)
        _noted(db, actor, now, "unit.renamed", "unit", unit_id, {"from": before, "to": unit.name})
    return unit


def set_unit_active(db: Session, *, actor: Actor, now: datetime, unit_id: int, active: bool) -> Unit:
    """Close a unit, so that nothing new can be given to it, or open it again. What it has, it keeps."""
    unit = get_unit(db, actor=actor, unit_id=unit_id)
    if unit.active is not active:
        unit.active = active
        db.add(unit)
        _noted(db, actor, now, "unit.opened" if active else "unit.closed", "unit", unit_id)
    return unit


def _noted(
    db: Session,
    actor: Actor,
    now: datetime,
    action: str,
    subject: str,
    subject_id: int | None,
    detail: dict[str, object] | None = None,
) -> None:
    record(db, actor=actor, now=now, action=action, subject=subject, subject_id=subject_id or 0, detail=detail)
