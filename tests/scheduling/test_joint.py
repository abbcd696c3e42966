"""Several officials in one slot, on a real database: all of them or nobody, cancelled together, seen by each."""

from datetime import timedelta

import pytest
from sqlmodel import select

from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.database import reading, writing
from server.errors import Conflict, Forbidden, Invalid, LianxinError, NotFound
from server.scheduling import service, service_days, service_list
from server.scheduling.models import Booking, ReceptionDay, SlotHold
from server.scheduling.models_party import JointPlace
from server.scheduling.service_free import free_slots
from server.scheduling.service_inviting import receive_together, table_of
from tests.administrator import administrator
from tests.district import TODAY, District, user


def receives(district: District, official: Actor, *, opens: int = 540, closes: int = 720, length: int = 20) -> int:
    """Another official receives today too; the day."""
    with writing(district.engine) as db:
        day = ReceptionDay(
            official_id=official.id, day=TODAY, opens_minute=opens, closes_minute=closes, slot_minutes=length
        )
        db.add(day)
        db.flush()
        return day.id or 0


def third(district: District) -> Actor:
    with writing(district.engine) as db:
        made = user("third_official", Role.OFFICIAL, 2)
        db.add(made)
        db.flush()
        return actor_of_user(made)


def ask(district: District, number: str, *officials: Actor, actor: Actor | None = None) -> list[str]:
    with writing(district.engine) as db:
        ids = [one.id for one in officials]
        now = district.clock.now()
        found = receive_together(db, actor=actor or district.clerk, now=now, number=number, official_ids=ids)
        return [one.display_name for one in found]


def taken(district: District, official: Actor) -> list[int]:
    """The minutes of this official's day that nobody can book any more."""
    with reading(district.engine) as db:
        days = db.exec(select(ReceptionDay).where(ReceptionDay.official_id == official.id)).all()
        found = free_slots(
            db, actor=district.clerk, now=district.clock.now(), from_day=TODAY, days=1, official_id=official.id
        )
        free = {one.minute for one in found}
        step = days[0].slot_minutes
        return [minute for minute in range(560, days[0].closes_minute, step) if minute not in free]


def test_the_same_time_of_every_official_is_taken_and_nobody_else_can_book_it(district: District) -> None:
    other = receives(district, district.other_official)
    number = district.book(slot=3).booking.number
    assert ask(district, number, district.other_official) == ["other_official"]
    assert taken(district, district.other_official) == [600]
    with reading(district.engine) as db:
        assert [(one.reception_day_id, one.slot) for one in db.exec(select(JointPlace))] == [(other, 3)]
    with pytest.raises(Conflict, match="slot_taken"), writing(district.engine) as db:
        service.book(
            db,
            actor=district.kiosk,
            now=district.clock.now(),
            reception_day_id=other,
            slot=3,
            point_id=1,
            petitioner_id=1,
            request_key="pushes in",
        )


def test_a_longer_slot_and_several_shorter_ones_are_taken_whole(district: District) -> None:
    receives(district, district.other_official, opens=535, closes=725, length=15)
    number = district.book(slot=3).booking.number
    ask(district, number, district.other_official)
    with reading(district.engine) as db:
        day = db.exec(select(ReceptionDay).where(ReceptionDay.official_id == district.other_official.id)).one()
        starts = [day.opens_minute + one.slot * 15 for one in db.exec(select(JointPlace))]
    assert starts == [595, 610]


def test_where_one_of_them_is_booked_nobody_is_added(district: District) -> None:
    other, one = receives(district, district.other_official), third(district)
    third_day = receives(district, one)
    with writing(district.engine) as db:
        service.book(
            db,
            actor=district.kiosk,
            now=district.clock.now(),
            reception_day_id=third_day,
            slot=3,
            point_id=1,
            petitioner_id=service.register_petitioner(
                db, actor=district.kiosk, now=district.clock.now(), name="", id_number="", phone="", anonymous=True
            ).id
            or 0,
            request_key="first",
        )
    number = district.book(slot=3).booking.number
    with pytest.raises(Conflict, match="official_not_free"):
        ask(district, number, district.other_official, one)
    assert taken(district, district.other_official) == []
    with reading(district.engine) as db:
        table = table_of(db, actor=district.clerk, now=district.clock.now(), number=number)
        assert [(official.id, free) for official, free in table.choices] == [
            (district.other_official.id, True),
            (one.id, False),
        ]
    assert other != third_day


def test_the_last_word_counts_and_the_places_of_who_was_taken_out_are_free(district: District) -> None:
    receives(district, district.other_official)
    one = third(district)
    receives(district, one)
    number = district.book(slot=3).booking.number
    ask(district, number, district.other_official, one)
    assert (taken(district, district.other_official), taken(district, one)) == ([600], [600])
    ask(district, number, one)
    assert (taken(district, district.other_official), taken(district, one)) == ([], [600])


def test_cancelling_the_booking_cancels_it_for_all(district: District) -> None:
    receives(district, district.other_official)
    number = district.book(slot=3).booking.number
    ask(district, number, district.other_official)
    with writing(district.engine) as db:
        service.cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
    assert taken(district, district.other_official) == []
    with reading(district.engine) as db:
        assert db.exec(select(JointPlace)).all() == []
        assert db.exec(select(SlotHold)).all() == []


def test_cancelling_the_day_of_the_second_one_leaves_the_booking_to_the_first(district: District) -> None:
    other = receives(district, district.other_official)
    number = district.book(slot=3).booking.number
    ask(district, number, district.other_official)
    with writing(district.engine) as db:
        now = district.clock.now()
        assert service_days.cancel_day(db, actor=administrator(district, db), now=now, day_id=other) == 0
        assert db.exec(select(JointPlace)).all() == []
        assert db.exec(select(Booking.slot).where(Booking.number == number)).one() == 3


def test_each_sees_it_on_the_own_list_and_only_the_first_one_admits(district: District) -> None:
    receives(district, district.other_official)
    number = district.wait(slot=3)
    ask(district, number, district.other_official)
    now = district.clock.now()
    told = {"now": now, "day": TODAY}
    with reading(district.engine) as db:
        mine = service_list.waiting_list(db, actor=district.official, official_id=district.official.id, **told)  # type: ignore[arg-type]
        theirs = service_list.waiting_list(
            db,
            actor=district.other_official,
            official_id=district.other_official.id,
            **told,  # type: ignore[arg-type]
        )
        assert [(one.booking.number, one.position, one.led_by) for one in mine] == [(number, 1, "")]
        assert [(one.booking.number, one.position, one.led_by) for one in theirs] == [(number, None, "official")]
        found = service_list.next_in_list(
            db,
            actor=district.other_official,
            official_id=district.other_official.id,
            **told,  # type: ignore[arg-type]
        )
        assert found is None
        with pytest.raises(NotFound):
            service_list.on_own_list(db, actor=district.other_official, number=number)


def test_what_cannot_be_received_together_is_refused(district: District) -> None:
    receives(district, district.other_official, opens=600, closes=615, length=15)
    number = district.book(slot=3).booking.number
    refusals: list[tuple[list[Actor], type[LianxinError], str]] = [
        ([district.other_official], Conflict, "official_not_free"),
        ([district.official], Invalid, "bad_official"),
        ([district.clerk], Invalid, "bad_official"),
        ([third(district)], Conflict, "official_not_free"),
    ]
    for officials, kind, code in refusals:
        with pytest.raises(kind, match=code):
            ask(district, number, *officials)
    with pytest.raises(Invalid, match="too_many_officials"), writing(district.engine) as db:
        receive_together(db, actor=district.clerk, now=district.clock.now(), number=number, official_ids=[7, 8, 9])
    walk_in = district.book(slot=None, key="walk").booking.number
    with pytest.raises(Conflict, match="no_joint_time"):
        ask(district, walk_in, district.other_official)


def test_only_the_own_official_and_clerks_ask_others(district: District) -> None:
    receives(district, district.other_official)
    number = district.book(slot=3).booking.number
    for actor, kind in (
        (district.other_official, NotFound),
        (district.kiosk, Forbidden),
        (district.handler, Forbidden),
    ):
        with pytest.raises(kind):
            ask(district, number, district.other_official, actor=actor)
    assert ask(district, number, district.other_official, actor=district.official) == ["other_official"]


def test_a_time_kept_for_a_joint_reception_stays_kept_all_day(district: District) -> None:
    receives(district, district.other_official)
    number = district.book(slot=3).booking.number
    ask(district, number, district.other_official)
    district.clock.forward(minutes=50)
    assert taken(district, district.other_official)[:3] == [560, 580, 600]
    district.clock.instant -= timedelta(minutes=50)
