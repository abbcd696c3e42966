"""How true the promised waits were: the rule, and the administrator's page."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from server.accounts.roles import Role
from server.database import reading, writing
from server.errors import Forbidden
from server.scheduling.calibration import Kept, calibrated
from server.scheduling.models import Booking
from server.scheduling.service_waits import calibration
from tests.district import District
from tests.petitions.record import cookie_of
from tests.places.setting_up import new_person

kept = st.builds(
    lambda official, month, least, width, truth: Kept(
        official, month, least, None if least is None else least + width, 20.0, truth
    ),
    st.sampled_from("AB"),
    st.sampled_from(["2026-10", "2026-11"]),
    st.none() | st.integers(0, 60),
    st.integers(5, 60),
    st.floats(0, 200),
)


@given(st.lists(kept, max_size=40))
def test_every_promise_is_counted_once_and_the_rows_add_up(promises: list[Kept]) -> None:
    everybody, rows = calibrated(promises)
    assert everybody.told + everybody.untold == len(promises)
    assert everybody.inside + everybody.early + everybody.late == everybody.told
    for name in ("told", "inside", "early", "late", "untold"):
        assert getattr(everybody, name) == sum(getattr(row, name) for row in rows)
    assert [row.month for row in rows] == sorted((row.month for row in rows), reverse=True)


def test_the_ends_belong_to_the_range() -> None:
    truths = (9.9, 10, 20, 20.1)
    everybody, _ = calibrated(Kept("A", "2026-11", 10, 20, 15.0, truth) for truth in truths)
    assert (everybody.early, everybody.inside, everybody.late, everybody.share) == (1, 2, 1, 50)
    assert calibrated([])[0].share is None


def admitted(district: District, number: str, after: int) -> None:
    """Called so many minutes after the check-in."""
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        assert booking.checked_in_at is not None
        booking.admitted_at = booking.checked_in_at + timedelta(minutes=after)


def test_the_report_compares_what_was_told_with_what_came(client: TestClient, district: District) -> None:
    for key, after in (("one", 3), ("two", 90)):
        admitted(district, district.wait(slot=None, key=key), after)
    district.wait(slot=None, key="still waiting")
    administrator = new_person(district, "administrator", Role.ADMINISTRATOR)
    with reading(district.engine) as db:
        everybody, rows = calibration(db, actor=administrator, now=district.clock.now())
    assert [(row.official, row.month) for row in rows] == [("official", "2026-11")]
    assert (everybody.told, everybody.inside, everybody.late) == (2, 1, 1)
    headers = cookie_of(district, administrator) | {"accept": "text/html"}
    body = client.get("/admin/waits", headers=headers).text
    assert re.search(r"2026-11</th>.*official</td>\s*<td[^>]*>2</td><td[^>]*>1</td><td[^>]*>50%", body, re.DOTALL)


def test_an_empty_report_says_so_and_others_do_not_see_it(client: TestClient, district: District) -> None:
    headers = cookie_of(district, new_person(district, "administrator", Role.ADMINISTRATOR)) | {"accept": "text/html"}
    assert "第一次接访后开始统计" in client.get("/admin/waits", headers=headers).text
    with reading(district.engine) as db, pytest.raises(Forbidden):
        calibration(db, actor=district.official, now=district.clock.now())
