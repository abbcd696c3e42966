"""Ends that cross: a signature and a closing without one, at the same moment."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.database import reading, writing
from server.errors import Conflict
from server.petitions.models import ReceptionSession, SessionEvent, Signature
from server.petitions.service_ending import close_unsigned, sign
from tests.district import District
from tests.petitions.record import SIGNATURE, Talk, begin, end


def left(district: District, db: Session) -> tuple[list[str], list[str]]:
    kinds = [one.kind for one in db.exec(select(SessionEvent)) if one.kind in {"signed", "unsigned"}]
    return kinds, [one.role for one in db.exec(select(Signature))]


@pytest.fixture
def ended(district: District) -> Talk:
    talk = begin(district)
    end(talk)
    return talk


def signed(talk: Talk, role: str = "petitioner") -> None:
    with writing(talk.district.engine) as db:
        now = talk.district.clock.now()
        sign(db, actor=talk.district.kiosk, now=now, token=talk.token, role=role, path=SIGNATURE)


def closed(talk: Talk) -> None:
    with writing(talk.district.engine) as db:
        close_unsigned(
            db, actor=talk.district.official, now=talk.district.clock.now(), token=talk.token, reason="离开了"
        )


def test_what_was_signed_is_not_closed_without_a_signature(district: District, ended: Talk) -> None:
    signed(ended)
    with pytest.raises(Conflict, match="reception_over"):
        closed(ended)
    with reading(district.engine) as db:
        assert left(district, db) == (["signed"], ["petitioner"])


@pytest.mark.parametrize("role", ["petitioner", "witness"])
def test_what_was_closed_is_not_signed_afterwards(district: District, ended: Talk, role: str) -> None:
    closed(ended)
    with pytest.raises(Conflict, match="reception_over"):
        signed(ended, role)
    with reading(district.engine) as db:
        assert left(district, db) == (["unsigned"], [])


def test_the_same_signature_again_is_the_same(district: District, ended: Talk) -> None:
    signed(ended)
    with reading(district.engine) as db:
        over_at = db.exec(select(ReceptionSession)).one().signed_at
    district.clock.forward(minutes=1)
    signed(ended)
    with reading(district.engine) as db:
        assert left(district, db) == (["signed"], ["petitioner"])
        assert db.exec(select(ReceptionSession)).one().signed_at == over_at
    assert over_at is not None
    assert district.clock.now() - over_at == timedelta(minutes=1)
