"""The administrator's points with their kiosks, and units."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Action, Actor, require
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now
from server.errors import Conflict, Invalid
from server.places import service_admin as admin
from server.places.naming import row_id
from server.places.service import list_units
from server.places.service_readiness import newest_checks
from server.responses import page, refused, see_other

router = APIRouter(prefix="/admin")
Text = Annotated[str, Form()]
Key = Annotated[int, Path(ge=1, le=999_999_999)]


@router.get("")
def administration() -> Response:
    """Where an administrator begins."""
    return see_other("/admin/days")


@router.get("/points")
def points(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    township: str = "",
    kind: str = "",
    q: str = "",
    sort: str = "code",
) -> Response:
    """The points, filtered and sorted by the address."""
    order = admin.PointOrder(sort) if sort in list(admin.PointOrder) else admin.PointOrder.CODE
    with reading(engine) as db:
        rows = admin.point_rows(db, actor=actor, township_id=row_id(township), kind=kind, text=q[:64], order=order)
        towns = admin.townships(db)
    values = {"township": township, "kind": kind, "q": q, "sort": order.value}
    return page(request, "admin/points.html", rows=rows, townships=towns, values=values)


@router.get("/points/new")
def new_point(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """The empty form."""
    require(actor, Action.SET_UP)
    with reading(engine) as db:
        towns = admin.townships(db)
    return page(request, "admin/point_new.html", townships=towns, values={})


@router.post("/points")
def add_point(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    name: Text = "",
    township_id: Text = "",
    area_code: Text = "",
    address: Text = "",
    has_video: Text = "",
) -> Response:
    """Add it and show it."""
    form = admin.PointForm(name, row_id(township_id), area_code, address, has_video == "yes")
    try:
        with writing(engine) as db:
            point = admin.add_point(db, actor=actor, now=now, form=form)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            towns = admin.townships(db)
        return refused(request, "admin/point_new.html", error, values=vars(form), townships=towns)
    return see_other(f"/admin/points/{point.id}?done=added")


def _one_point(db: Session, actor: Actor, point_id: int) -> dict[str, Any]:
    point = admin.get_point(db, actor=actor, point_id=point_id)
    names = {one.id: one.name for one in admin.townships(db)}
    kiosks = admin.kiosks_of(db, actor=actor, point_id=point_id)
    check = newest_checks(db, actor=actor, point_ids=[point_id]).get(point_id)
    return {"point": point, "township": names[point.township_id], "kiosks": kiosks, "check": check}


@router.get("/points/{point_id}")
def point(request: Request, engine: Database, actor: CurrentActor, now: Now, point_id: Key) -> Response:
    """One point and its kiosks."""
    with reading(engine) as db:
        context = _one_point(db, actor, point_id)
    return page(request, "admin/point.html", now=now, values=vars(context["point"]), **context)


@router.post("/points/{point_id}")
def change_point(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    point_id: Key,
    name: Text = "",
    address: Text = "",
    has_video: Text = "",
    email: Text = "",
) -> Response:
    """Keep name, addresses and whether there is video."""
    typed: dict[str, Any] = {"name": name, "address": address, "has_video": has_video == "yes", "email": email}
    try:
        with writing(engine) as db:
            admin.change_point(db, actor=actor, now=now, point_id=point_id, **typed)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            context = _one_point(db, actor, point_id)
        return refused(request, "admin/point.html", error, values=typed, now=now, **context)
    return see_other(f"/admin/points/{point_id}?done=saved")


@router.post("/points/{point_id}/open")
def open_point(engine: Database, actor: CurrentActor, now: Now, point_id: Key) -> Response:
    """Open a closed point again."""
    with writing(engine) as db:
        admin.open_point(db, actor=actor, now=now, point_id=point_id)
    return see_other(f"/admin/points/{point_id}?done=opened")


@router.post("/points/{point_id}/kiosks")
def add_kiosk(
    request: Request, engine: Database, actor: CurrentActor, now: Now, point_id: Key, kiosk_name: Text = ""
) -> Response:
    """Make a kiosk and show its code, this once."""
    try:
        with writing(engine) as db:
            code = admin.add_kiosk(db, actor=actor, now=now, point_id=point_id, name=kiosk_name)
            context = _one_point(db, actor, point_id)
    except (Invalid, Conflict) as error:
        error.field = "kiosk_name" if error.field == "name" else error.field
        with reading(engine) as db:
            context = _one_point(db, actor, point_id)
        typed = {**vars(context["point"]), "kiosk_name": kiosk_name}
        return refused(request, "admin/point.html", error, values=typed, now=now, **context)
    return page(request, "admin/kiosk_code.html", code=code, kiosk_name=kiosk_name.strip(), **context)


@router.get("/kiosks/{kiosk_id}/stop")
def stop_question(request: Request, engine: Database, actor: CurrentActor, kiosk_id: Key) -> Response:
    """What stopping this kiosk means."""
    with reading(engine) as db:
        kiosk = admin.get_kiosk(db, actor=actor, kiosk_id=kiosk_id)
        context = _one_point(db, actor, kiosk.point_id)
    return page(request, "admin/kiosk_stop.html", kiosk=kiosk, **context)


@router.post("/kiosks/{kiosk_id}/stop")
def stop_kiosk(engine: Database, actor: CurrentActor, now: Now, kiosk_id: Key) -> Response:
    """The machine is a kiosk no longer."""
    with writing(engine) as db:
        kiosk = admin.revoke_kiosk(db, actor=actor, now=now, kiosk_id=kiosk_id)
    return see_other(f"/admin/points/{kiosk.point_id}?done=stopped")


@router.get("/units")
def units(request: Request, engine: Database, actor: CurrentActor, kind: str = "", q: str = "") -> Response:
    """The units, filtered by the address."""
    with reading(engine) as db:
        rows = list_units(db, actor=actor)
        names = {one.id: one.name for one in admin.townships(db)}
    found = [one for one in rows if one.active is (kind != "closed") and q.strip() in one.name]
    values = {"kind": kind, "q": q}
    return page(request, "admin/units.html", rows=found, townships=names, values=values)


@router.get("/units/new")
def new_unit(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """The empty form."""
    require(actor, Action.SET_UP)
    with reading(engine) as db:
        towns = admin.townships(db)
    return page(request, "admin/unit_new.html", townships=towns)


@router.post("/units")
def add_unit(
    request: Request, engine: Database, actor: CurrentActor, now: Now, name: Text = "", township_id: Text = ""
) -> Response:
    """Add it and show it."""
    try:
        with writing(engine) as db:
            unit = admin.add_unit(db, actor=actor, now=now, name=name, township_id=row_id(township_id))
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            towns = admin.townships(db)
        typed = {"name": name, "township_id": township_id}
        return refused(request, "admin/unit_new.html", error, values=typed, townships=towns)
    return see_other(f"/admin/units/{unit.id}?done=added")


@router.get("/units/{unit_id}")
def unit(request: Request, engine: Database, actor: CurrentActor, unit_id: Key) -> Response:
    """One unit."""
    with reading(engine) as db:
        found = admin.get_unit(db, actor=actor, unit_id=unit_id)
    return page(request, "admin/unit.html", unit=found, values={"name": found.name})


@router.post("/units/{unit_id}")
def rename_unit(
    request: Request, engine: Database, actor: CurrentActor, now: Now, unit_id: Key, name: Text = ""
) -> Response:
    """Keep the new name."""
    try:
        with writing(engine) as db:
            admin.rename_unit(db, actor=actor, now=now, unit_id=unit_id, name=name)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            found = admin.get_unit(db, actor=actor, unit_id=unit_id)
        return refused(request, "admin/unit.html", error, values={"name": name}, unit=found)
    return see_other(f"/admin/units/{unit_id}?done=saved")


@router.post("/units/{unit_id}/close")
def close_unit(engine: Database, actor: CurrentActor, now: Now, unit_id: Key) -> Response:
    """Nothing new can be given to it."""
    with writing(engine) as db:
        admin.set_unit_active(db, actor=actor, now=now, unit_id=unit_id, active=False)
    return see_other(f"/admin/units/{unit_id}?done=closed")


@router.post("/units/{unit_id}/open")
def open_unit(engine: Database, actor: CurrentActor, now: Now, unit_id: Key) -> Response:
    """It can be given matters again."""
    with writing(engine) as db:
        admin.set_unit_active(db, actor=actor, now=now, unit_id=unit_id, active=True)
    return see_other(f"/admin/units/{unit_id}?done=opened")
