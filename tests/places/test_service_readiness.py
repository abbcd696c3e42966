"""Checks are kept with the point, the newest counts, and only those who may see it do."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server.accounts.roles import Actor, Role
from server.database import reading, writing
from server.errors import Forbidden, NotSignedIn
from server.places.models import ReadinessCheck
from server.places.readiness import CheckKind, Figures
from server.places.service_readiness import failed_today, is_due, keep_check, newest_checks
from tests.district import District

ADMINISTRATOR = Actor(role=Role.ADMINISTRATOR, id=1)
FINE = Figures(camera=True, microphone=True, connected=True, pictures=90, packets=190, level=0.1, round_trip_ms=30.4)
BLIND = Figures(camera=False, microphone=True, connected=True, packets=190, loss=0.012)


def keep(district: District, actor: Actor, figures: Figures) -> CheckKind:
    with writing(district.engine) as db:
        return keep_check(db, actor=actor, now=district.clock.now(), figures=figures).kind


def failed(district: District) -> list[tuple[str, CheckKind]]:
    with reading(district.engine) as db:
        told = failed_today(db, actor=district.official, now=district.clock.now(), point_ids={1, 2})
        return [(name, check.kind) for check, name in told]


def test_the_newest_check_of_each_point_is_kept_with_its_figures(district: District) -> None:
    assert keep(district, district.kiosk, FINE) is CheckKind.GOOD
    assert keep(district, district.kiosk, BLIND) is CheckKind.NO_PICTURE
    with reading(district.engine) as db:
        told = newest_checks(db, actor=ADMINISTRATOR, point_ids=[1, 2])
    assert list(told) == [1]
    assert (told[1].kind, told[1].loss_percent, told[1].round_trip_ms) == (CheckKind.NO_PICTURE, 1, None)
    assert told[1].checked_at == district.clock.now()


def test_a_failed_check_of_today_is_seen_until_a_better_one(district: District) -> None:
    keep(district, district.other_kiosk, BLIND)
    district.clock.forward(minutes=1)
    keep(district, district.kiosk, Figures(camera=True, microphone=True, connected=False))
    assert failed(district) == [("杨湾村", CheckKind.NO_PICTURE), ("柳湾村", CheckKind.NO_LINE)]
    keep(district, district.other_kiosk, FINE)
    assert failed(district) == [("柳湾村", CheckKind.NO_LINE)]
    district.clock.forward(days=1)
    assert failed(district) == []


def test_a_point_tries_itself_once_a_day_and_again_after_a_failure(district: District) -> None:
    def due() -> bool:
        with reading(district.engine) as db:
            return is_due(db, actor=district.kiosk, now=district.clock.now())

    assert due()
    keep(district, district.kiosk, BLIND)
    assert not due()
    district.clock.forward(minutes=30)
    assert due()
    keep(district, district.kiosk, FINE)
    district.clock.forward(minutes=30)
    assert not due()
    district.clock.forward(days=1)
    assert due()


def test_somebody_without_a_point_is_only_told(district: District) -> None:
    assert keep(district, district.clerk, BLIND) is CheckKind.NO_PICTURE
    with reading(district.engine) as db:
        assert db.exec(select(ReadinessCheck)).all() == []


def test_old_checks_are_thrown_away(district: District) -> None:
    keep(district, district.kiosk, FINE)
    district.clock.forward(**{"seconds": timedelta(days=91).total_seconds()})
    keep(district, district.kiosk, FINE)
    with reading(district.engine) as db:
        assert len(db.exec(select(ReadinessCheck)).all()) == 1


def test_others_see_and_keep_nothing(district: District) -> None:
    with pytest.raises(Forbidden):
        keep(district, district.handler, FINE)
    with pytest.raises(NotSignedIn):
        keep(district, Actor(role=Role.PUBLIC), FINE)
    with reading(district.engine) as db:
        with pytest.raises(Forbidden):
            newest_checks(db, actor=district.clerk, point_ids=[1])
        with pytest.raises(Forbidden):
            failed_today(db, actor=district.handler, now=district.clock.now(), point_ids=[1])
