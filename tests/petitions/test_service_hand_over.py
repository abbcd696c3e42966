"""A visitor is passed on: to another official's list of today with what was said, or to a unit with the minutes."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.models import Exclusion
from server.accounts.roles import Actor
from server.database import reading, writing
from server.errors import Conflict, Invalid
from server.petitions.models import Deadline, Petition
from server.petitions.models_hand_over import HandOver
from server.petitions.service_ending import end_talk
from server.petitions.service_hand_over import contexts, receivers
from server.petitions.service_session import admit
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_list import waiting_list
from server.scheduling.words import BookingState
from server.signaling.service_states import list_state
from tests.district import TODAY, District
from tests.petitions.record import Talk, approved, begin, cookie_of, end, read_back, say, whole

HTML = {"accept": "text/html"}
REASON = "工资的事请人社局领导接着谈。"


@pytest.fixture
def talk(district: District) -> Talk:
    """Somebody talks with the official; the other one receives today too."""
    with writing(district.engine) as db:
        other = ReceptionDay(
            official_id=district.other_official.id, day=TODAY, opens_minute=540, closes_minute=720, slot_minutes=20
        )
        db.add(other)
    made = begin(district)
    say(made)
    return made


def pass_on(talk: Talk, official: Actor) -> None:
    district = talk.district
    district.clock.forward(minutes=20)
    with writing(district.engine) as db:
        end_talk(
            db,
            actor=district.official,
            now=district.clock.now(),
            token=talk.token,
            outcome="handed_over",
            opinion=REASON,
            official_id=official.id,
        )


def passed_on(talk: Talk) -> Booking:
    """The visitor's place on the other's list."""
    with reading(talk.district.engine) as db:
        return db.get_one(Booking, db.exec(select(HandOver)).one().booking_id)


def first(talk: Talk) -> Booking:
    with reading(talk.district.engine) as db:
        return db.exec(select(Booking).where(Booking.number == talk.number)).one()


def test_the_visitor_stands_on_the_other_list_at_once_and_waits_once_the_minutes_are_signed(talk: Talk) -> None:
    district = talk.district
    pass_on(talk, district.other_official)
    booking = passed_on(talk)
    assert booking.state is BookingState.HELD
    assert booking.checked_in_at == first(talk).checked_in_at
    assert booking.consent is True
    read_back(talk)
    assert passed_on(talk).state is BookingState.WAITING
    with writing(district.engine) as db:
        session = admit(db, actor=district.other_official, now=district.clock.now(), number=booking.number)
        assert session.token != talk.token


def test_the_place_is_by_rule_from_the_first_arrival(talk: Talk) -> None:
    district = talk.district
    with writing(district.engine) as db:
        other_day = db.exec(select(ReceptionDay).where(ReceptionDay.official_id == district.other_official.id)).one()
        row = Booking(
            number="later",
            reception_day_id=other_day.id or 0,
            point_id=2,
            petitioner_id=1,
            state=BookingState.WAITING,
            request_key="later",
            booked_at=district.clock.now(),
            checked_in_at=district.clock.now() + timedelta(minutes=5),
        )
        db.add(row)
    pass_on(talk, district.other_official)
    read_back(talk)
    with reading(district.engine) as db:
        now, official = district.clock.now(), district.other_official
        entries = waiting_list(db, actor=official, now=now, official_id=official.id, day=TODAY)
    assert [one.booking.number for one in entries if one.position] == [passed_on(talk).number, "later"]


def test_the_receiver_sees_who_why_and_what_was_said(talk: Talk) -> None:
    district = talk.district
    pass_on(talk, district.other_official)
    with reading(district.engine) as db:
        now, official = district.clock.now(), district.other_official
        told = list_state(db, actor=official, official_id=official.id, now=now, words=str)
    (entry,) = told["entries"]
    assert entry["context"]["official"] == "official"
    assert entry["context"]["reason"] == REASON
    assert [one["speaker"] for one in entry["context"]["lines"]] == ["petitioner", "official", "petitioner"]
    assert [one["outcome"] for one in entry["earlier"]] == ["Handed over to another official"]


def test_the_desk_is_told_to_whom_a_visitor_can_be_passed_on(talk: Talk) -> None:
    district = talk.district
    with reading(district.engine) as db:
        asked = {"actor": district.official, "official_id": district.official.id, "now": district.clock.now()}
        told = list_state(db, words=str, **asked)  # type: ignore[arg-type]
    assert told["receivers"] == [{"official": district.other_official.id, "name": "other_official", "waiting": 0}]
    read_back_first(talk)
    with reading(district.engine) as db:
        assert list_state(db, words=str, **asked)["receivers"] == []  # type: ignore[arg-type]


def read_back_first(talk: Talk) -> None:
    end(talk)
    read_back(talk)


def test_nobody_excluded_is_offered_or_chosen_and_exclusions_go_along(talk: Talk) -> None:
    district = talk.district
    with writing(district.engine) as db:
        whose = {"petition_id": talk.petition_id, "petitioner_id": talk.petition(db).petitioner_id}
        db.add(Exclusion(**whose, unit_id=district.other_official.unit_id))
    with reading(district.engine) as db:
        assert receivers(db, now=district.clock.now(), petition=talk.petition(db)) == []
    with pytest.raises(Invalid, match="receiver_missing"):
        pass_on(talk, district.other_official)
    with writing(district.engine) as db:
        row = db.exec(select(Exclusion)).one()
        row.unit_id, row.user_id = None, district.clerk.id
        db.add(row)
    pass_on(talk, district.other_official)
    with reading(district.engine) as db:
        assert {one.petition_id for one in db.exec(select(Exclusion))} == {one.id for one in db.exec(select(Petition))}


@pytest.mark.parametrize("wrong", ["nobody", "oneself", "closed", "without a reason"])
def test_what_cannot_be_is_refused_and_nothing_is_changed(talk: Talk, wrong: str) -> None:
    district = talk.district
    if wrong == "closed":
        district.clock.forward(hours=4)
    official = {"nobody": None, "oneself": district.official.id}.get(wrong, district.other_official.id)
    with pytest.raises(Invalid), writing(district.engine) as db:
        end_talk(
            db,
            actor=district.official,
            now=district.clock.now(),
            token=talk.token,
            outcome="handed_over",
            opinion="" if wrong == "without a reason" else REASON,
            official_id=official,
        )
    with reading(district.engine) as db:
        assert db.exec(select(HandOver)).first() is None
        assert talk.petition(db).outcome is None


def test_ending_twice_passes_on_once(talk: Talk) -> None:
    pass_on(talk, talk.district.other_official)
    with pytest.raises(Conflict, match="talk_over"):
        pass_on(talk, talk.district.other_official)
    assert passed_on(talk).state is BookingState.HELD


def test_the_slip_leads_to_the_other_waiting_room(client: TestClient, talk: Talk) -> None:
    pass_on(talk, talk.district.other_official)
    read_back(talk)
    headers = cookie_of(talk.district, talk.district.kiosk) | HTML
    page = client.get(f"/kiosk/reception/{talk.number}/slip", headers=headers).text
    onward = f"/kiosk/reception/{passed_on(talk).number}/talk"
    assert f'href="{onward}"' in page
    assert client.get(onward, headers=headers).status_code == 200


def test_the_clocks_run_with_the_talk_in_which_it_is_decided(talk: Talk) -> None:
    pass_on(talk, talk.district.other_official)
    read_back(talk)
    assert approved(talk)
    with reading(talk.district.engine) as db:
        assert db.exec(select(Deadline)).first() is None


def test_a_unit_sees_the_minutes_of_what_it_is_given(client: TestClient, district: District) -> None:
    talk, _ = whole(district)
    approved(talk)
    ours, theirs = cookie_of(district, district.handler) | HTML, cookie_of(district, district.clerk) | HTML
    page = client.get(f"/petitions/{talk.petition_id}", headers=ours).text
    assert "我家的房顶从去年夏天就漏水" in page.split('id="said"')[1]
    assert 'id="said"' not in client.get(f"/petitions/{talk.petition_id}", headers=theirs).text


def test_contexts_of_nobody(district: District) -> None:
    with reading(district.engine) as db:
        assert contexts(db, booking_ids=[1, 2]) == {}
