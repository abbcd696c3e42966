"""Points, kiosks and units, set up by the administrator and by nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, col, select

from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_token, start_kiosk_sign_in
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, LianxinError, NotFound
from server.places import service_admin as admin
from server.places.models import Kiosk
from server.places.naming import row_id
from server.places.service import enrol_kiosk, unit_choices
from tests.district import District

ADMIN = Actor(role=Role.ADMINISTRATOR, id=1, name="管理员")
FORM = admin.PointForm("桃溪村", 1, "990101001207", "青溪镇桃溪村口", has_video=True)


def noted(db: Session) -> list[str]:
    """The actions recorded so far."""
    return list(db.exec(select(AuditEntry.action).order_by(col(AuditEntry.id))))


def with_video(district: District, point_id: int = 1) -> None:
    """Switch video on."""
    with writing(district.engine) as db:
        point = admin.get_point(db, actor=ADMIN, point_id=point_id)
        told: dict[str, Any] = {"name": point.name, "address": "", "has_video": True, "email": ""}
        admin.change_point(db, actor=ADMIN, now=district.clock.now(), point_id=point_id, **told)


def test_a_new_point_is_listed_and_noted(district: District) -> None:
    with writing(district.engine) as db:
        made = admin.add_point(db, actor=ADMIN, now=district.clock.now(), form=FORM)
    with reading(district.engine) as db:
        rows = admin.point_rows(db, actor=ADMIN, kind="video")
        assert [(one.point.id, one.township, one.kiosks) for one in rows] == [(made.id, "青溪镇", 0)]
        assert noted(db) == ["point.added"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": "  "}, "empty", "name"),
        ({"name": "长" * 65}, "too_long", "name"),
        ({"name": "村\x00"}, "too_long", "name"),
        ({"township_id": None}, "township_missing", "township_id"),
        ({"township_id": 99}, "township_missing", "township_id"),
        ({"area_code": "99010100120"}, "bad_area_code", "area_code"),
        ({"area_code": "９９０１０１００１２０７"}, "bad_area_code", "area_code"),
        ({"area_code": "990101002207"}, "other_township", "area_code"),
        ({"area_code": "990101001001"}, "code_taken", "area_code"),
        ({"address": "长" * 129}, "too_long", "address"),
    ],
)
def test_a_bad_point_names_its_field(district: District, change: dict[str, object], code: str, field: str) -> None:
    form = admin.PointForm(**{**vars(FORM), **change})
    with pytest.raises(LianxinError) as caught, writing(district.engine) as db:
        admin.add_point(db, actor=ADMIN, now=district.clock.now(), form=form)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_rows_are_found_by_name_code_and_township_and_sorted(district: District) -> None:
    with reading(district.engine) as db:
        assert [one.point.name for one in admin.point_rows(db, actor=ADMIN, text="杨")] == ["杨湾村"]
        assert [one.point.name for one in admin.point_rows(db, actor=ADMIN, text="990101001001")] == ["柳湾村"]
        assert admin.point_rows(db, actor=ADMIN, text="%") == []
        assert admin.point_rows(db, actor=ADMIN, township_id=2) == []
        by_name = admin.point_rows(db, actor=ADMIN, order=admin.PointOrder.NAME)
        assert [one.point.name for one in by_name] == ["杨湾村", "柳湾村"]


def test_only_what_changed_is_noted(district: District) -> None:
    with_video(district)
    with_video(district)
    with reading(district.engine) as db:
        entry = db.exec(select(AuditEntry)).one()
        assert (entry.action, entry.detail) == ("point.changed", {"has_video": {"from": False, "to": True}})


def test_a_kiosk_gets_one_code_which_makes_a_browser_the_kiosk_until_it_is_stopped(district: District) -> None:
    with_video(district)
    now = district.clock.now()
    with writing(district.engine) as db:
        code = admin.add_kiosk(db, actor=ADMIN, now=now, point_id=1, name="大厅左侧")
        with pytest.raises(Conflict, match="kiosk_name_taken"):
            admin.add_kiosk(db, actor=ADMIN, now=now, point_id=1, name=" 大厅左侧 ")
        kiosk = enrol_kiosk(db, code=code, now=now)
        token = start_kiosk_sign_in(db, kiosk=kiosk, now=now)
        assert actor_of_token(db, token=token, now=now).role is Role.KIOSK
    with writing(district.engine) as db:
        for _ in range(2):
            admin.revoke_kiosk(db, actor=ADMIN, now=now, kiosk_id=kiosk.id or 0)
        assert actor_of_token(db, token=token, now=now).role is Role.PUBLIC
        assert noted(db).count("kiosk.revoked") == 1


def test_a_stopped_kiosks_unused_code_is_void(district: District) -> None:
    with_video(district)
    now = district.clock.now()
    with writing(district.engine) as db:
        code = admin.add_kiosk(db, actor=ADMIN, now=now, point_id=1, name="大厅左侧")
        made = db.exec(select(Kiosk).where(Kiosk.name == "大厅左侧")).one()
        admin.revoke_kiosk(db, actor=ADMIN, now=now, kiosk_id=made.id or 0)
        with pytest.raises(Invalid, match="bad_code"):
            enrol_kiosk(db, code=code, now=now)


def test_there_is_no_kiosk_without_video(district: District) -> None:
    with pytest.raises(Conflict, match="no_video"), writing(district.engine) as db:
        admin.add_kiosk(db, actor=ADMIN, now=district.clock.now(), point_id=1, name="大厅")


def test_closing_stops_the_kiosks_and_opening_again_does_not_start_them(district: District) -> None:
    with_video(district)
    with writing(district.engine) as db:
        for _ in range(2):
            admin.close_point(db, actor=ADMIN, now=district.clock.now(), point_id=1)
        assert [one.point.id for one in admin.point_rows(db, actor=ADMIN, kind="closed")] == [1]
        told: dict[str, Any] = {"name": "新", "address": "", "has_video": True, "email": ""}
        with pytest.raises(Conflict, match="point_closed"):
            admin.change_point(db, actor=ADMIN, now=district.clock.now(), point_id=1, **told)
        admin.open_point(db, actor=ADMIN, now=district.clock.now(), point_id=1)
        assert [one.revoked_at is None for one in admin.kiosks_of(db, actor=ADMIN, point_id=1)] == [False]
        assert noted(db) == ["point.changed", "point.closed", "kiosk.revoked", "point.opened"]


def test_units_are_added_renamed_closed_and_opened(district: District) -> None:
    now = district.clock.now()
    with writing(district.engine) as db:
        unit = admin.add_unit(db, actor=ADMIN, now=now, name=" 区水利局 ", township_id=None)
        unit_id = unit.id or 0
        with pytest.raises(Conflict, match="unit_name_taken"):
            admin.add_unit(db, actor=ADMIN, now=now, name="区水利局", township_id=None)
        with pytest.raises(Conflict, match="unit_name_taken"):
            admin.rename_unit(db, actor=ADMIN, now=now, unit_id=unit_id, name="人力资源局")
        admin.rename_unit(db, actor=ADMIN, now=now, unit_id=unit_id, name="区水务局")
        admin.set_unit_active(db, actor=ADMIN, now=now, unit_id=unit_id, active=False)
        assert "区水务局" not in [one.name for one in unit_choices(db)]
        admin.set_unit_active(db, actor=ADMIN, now=now, unit_id=unit_id, active=True)
        assert "区水务局" in [one.name for one in unit_choices(db)]
        assert noted(db) == ["unit.added", "unit.renamed", "unit.closed", "unit.opened"]


@pytest.mark.parametrize("missing", [admin.get_point, admin.get_unit, admin.get_kiosk])
def test_what_is_not_there_is_not_found(district: District, missing: Callable[..., object]) -> None:
    name = {"get_point": "point_id", "get_unit": "unit_id", "get_kiosk": "kiosk_id"}[missing.__name__]
    with reading(district.engine) as db, pytest.raises(NotFound):
        missing(db, actor=ADMIN, **{name: 99})


@pytest.mark.parametrize("who", ["clerk", "official", "handler", "kiosk"])
def test_nobody_else_sets_up(district: District, who: str) -> None:
    actor: Actor = getattr(district, who)
    now = district.clock.now()
    calls: list[Callable[[Session], object]] = [
        lambda db: admin.point_rows(db, actor=actor),
        lambda db: admin.add_point(db, actor=actor, now=now, form=FORM),
        lambda db: admin.close_point(db, actor=actor, now=now, point_id=1),
        lambda db: admin.open_point(db, actor=actor, now=now, point_id=1),
        lambda db: admin.add_kiosk(db, actor=actor, now=now, point_id=1, name="一号"),
        lambda db: admin.revoke_kiosk(db, actor=actor, now=now, kiosk_id=1),
        lambda db: admin.add_unit(db, actor=actor, now=now, name="新", township_id=None),
        lambda db: admin.rename_unit(db, actor=actor, now=now, unit_id=1, name="新"),
        lambda db: admin.set_unit_active(db, actor=actor, now=now, unit_id=1, active=False),
    ]
    with writing(district.engine) as db:
        for call in calls:
            with pytest.raises(Forbidden):
                call(db)


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("", None), ("-1", None), ("１", None), ("9" * 10, None)])
def test_a_rows_number_is_read_or_is_none(text: str, number: int | None) -> None:
    assert row_id(text) == number
