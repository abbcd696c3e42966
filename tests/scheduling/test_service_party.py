"""Groups and mandates beside a booking, on a real database."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.database import reading, writing
from server.errors import Invalid
from server.scheduling.identity import Identity
from server.scheduling.models import Booking, Petitioner
from server.scheduling.models_party import Representative
from server.scheduling.party import Given
from server.scheduling.service import booking_by_number
from server.scheduling.service_party import bring_others, concerns, give_mandate, party_of, require_mandate
from server.sealing import current_sealer
from tests.district import TODAY, WHO, District

LI = Identity("李四", "990101195804120029")
WANG = Identity("王五", "990101196609230032")


def group(district: District, *others: Identity) -> Booking:
    number = district.book().booking.number
    with writing(district.engine) as db:
        booking = booking_by_number(db, actor=district.kiosk, number=number)
        bring_others(db, actor=district.kiosk, now=district.clock.now(), booking=booking, others=others)
        return booking


def given(days: int = 30) -> Given:
    return Given(LI.name or "", LI.id_number or "", "talk", TODAY + timedelta(days=days), "ab" * 32)


def concerned(db: Session, id_number: str) -> list[str]:
    query = select(Booking.number).join(Petitioner, Petitioner.id == Booking.petitioner_id)  # type: ignore[arg-type]
    return list(db.exec(query.where(concerns(current_sealer().index(id_number)))))


def test_all_of_a_group_are_kept_with_their_numbers_sealed_and_counted(district: District) -> None:
    booking = group(district, LI, WANG)
    assert booking.people == 3
    with reading(district.engine) as db:
        assert party_of(db, booking=booking).names == ["李四", "王五"]
        assert db.exec(select(Representative.place)).all() == [2, 3]


def test_the_petitioner_is_not_among_the_others_too(district: District) -> None:
    with pytest.raises(Invalid, match="same_person"):
        group(district, Identity(WHO.name, WHO.id_number))
    with reading(district.engine) as db:
        assert db.exec(select(Representative)).all() == []


def test_everybody_who_comes_and_whoever_acts_by_mandate_is_found_again(district: District) -> None:
    booking = group(district, WANG)
    with writing(district.engine) as db:
        give_mandate(db, actor=district.kiosk, now=district.clock.now(), booking=booking, given=given())
    with reading(district.engine) as db:
        for id_number in (WHO.id_number, LI.id_number, WANG.id_number):
            assert concerned(db, id_number or "") == [booking.number]
        assert concerned(db, "990101197101050043") == []


def test_a_mandate_must_be_good_on_the_day_of_the_talk(district: District) -> None:
    booking = district.book().booking
    with writing(district.engine) as db:
        made = give_mandate(db, actor=district.kiosk, now=district.clock.now(), booking=booking, given=given(0))
        assert (made.name, made.scope) == ("李四", "talk")
        require_mandate(db, booking=booking, day=TODAY)
        with pytest.raises(Invalid, match="mandate_over"):
            require_mandate(db, booking=booking, day=TODAY + timedelta(days=1))


def test_a_mandate_that_ends_before_the_talk_is_refused(district: District) -> None:
    booking = district.book().booking
    district.clock.forward(days=1)
    with pytest.raises(Invalid, match="mandate_over"), writing(district.engine) as db:
        give_mandate(db, actor=district.kiosk, now=district.clock.now(), booking=booking, given=given(0))


def test_a_booking_without_a_mandate_can_be_moved_to_any_day(district: District) -> None:
    booking = district.book().booking
    with reading(district.engine) as db:
        require_mandate(db, booking=booking, day=TODAY + timedelta(days=900))
        assert party_of(db, booking=booking).mandate is None
