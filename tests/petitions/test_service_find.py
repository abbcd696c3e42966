"""Matters are found by those who may see them, by words, by what they are, page by page."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, delete, select

from server.accounts.roles import Actor, Role
from server.database import reading, writing
from server.errors import Forbidden, Invalid, NotFound, NotSignedIn
from server.petitions.models_find import FoundWord
from server.petitions.service_find import Sieve, find
from server.petitions.service_index import index_missing
from server.petitions.service_petition import get_petition
from server.petitions.words import PetitionState
from server.places.models import Township, VillagePoint
from tests.district import TODAY, WHO, District
from tests.petitions.record import Talk, approved, cookie_of, keep_away, whole


def found(district: District, actor: Actor | None = None, before: int | None = None, **sieve: Any) -> list[int]:
    """Whose matters are found, by the clerk unless somebody else looks."""
    with reading(district.engine) as db:
        rows = find(db, actor=actor or district.clerk, sieve=Sieve(**sieve), today=TODAY, before=before)
        return [one.petition.id or 0 for one in rows]


@pytest.fixture
def talk(district: District) -> Talk:
    """An approved matter of the first unit."""
    made, _ = whole(district)
    approved(made)
    return made


@pytest.mark.parametrize(
    "words",
    ["漏水", "物业三次", "张秀英", "秀英", "青溪", "柳湾村", "住房建设局", "督促 漏水", "XF2026-000001", "000001", "1"],
)
def test_by_words_names_places_and_numbers(talk: Talk, words: str) -> None:
    assert found(talk.district, words=words) == [talk.petition_id]


@pytest.mark.parametrize("words", ["水房", "漏水 工资", "李秀", "XF2025"])
def test_what_is_not_in_it_does_not_find_it(talk: Talk, words: str) -> None:
    assert found(talk.district, words=words) == []


def test_by_the_number_of_the_booking(talk: Talk) -> None:
    assert found(talk.district, words=talk.number) == [talk.petition_id]


@pytest.mark.parametrize("number", [WHO.id_number, WHO.phone])
def test_by_identity_only_for_who_may_see_it(talk: Talk, number: str) -> None:
    district = talk.district
    assert found(district, words=number) == [talk.petition_id]
    with pytest.raises(Invalid):
        found(district, district.official, words=number)


def test_one_character_asks_for_more(district: District) -> None:
    with pytest.raises(Invalid):
        found(district, words="水")


def test_everybody_finds_what_they_may_open_and_nothing_else(talk: Talk) -> None:
    """The list and the page of a matter never disagree, whoever is excluded, whatever state it is in."""
    district = talk.district
    whole(district, key="two", slot=7)
    district.book(slot=8, key="three")
    everybody = [
        *(district.clerk, district.official, district.other_official, district.handler, district.other_handler),
        replace(district.official, id=9999),
    ]
    steps: tuple[tuple[set[int], set[int]], ...] = ((set(), set()), ({district.clerk.id}, set()), (set(), {1}))
    for people, units in steps:
        with writing(district.engine) as db:
            keep_away(db, talk, people=people, units=units)
        for who in everybody:
            may_open = [number for number in (3, 2, 1) if opens(district, who, number)]
            assert found(district, who) == may_open, who
            assert found(district, who, words="漏水") == may_open


def opens(district: District, who: Actor, petition_id: int) -> bool:
    """Whether the page of the matter opens."""
    with reading(district.engine) as db:
        try:
            return get_petition(db, actor=who, petition_id=petition_id).id == petition_id
        except NotFound:
            return False


def test_who_may_not_look(district: District) -> None:
    with pytest.raises(NotSignedIn):
        found(district, Actor(role=Role.PUBLIC))
    for role in (Role.KIOSK, Role.AGENT, Role.ADMINISTRATOR, Role.AUDITOR):
        with pytest.raises(Forbidden):
            found(district, Actor(role=role, id=1))


def test_by_what_it_is(talk: Talk) -> None:
    district = talk.district
    with writing(district.engine) as db:
        db.add(Township(name="白石镇", area_code="990101002"))
        db.flush()
        db.add(VillagePoint(township_id=2, name="石桥村", area_code="990101002001"))
    fits: list[dict[str, Any]] = [
        {"state": PetitionState.REGISTERED},
        {"unit_id": 1},
        {"township_id": 1},
        {"content": "housing"},
        {"first": TODAY, "last": TODAY},
    ]
    misses: list[dict[str, Any]] = [
        {"state": PetitionState.CLOSED},
        {"unit_id": 2},
        {"township_id": 2},
        {"content": "land"},
        {"first": TODAY + timedelta(days=1)},
        {"last": TODAY - timedelta(days=1)},
        {"overdue": True},
    ]
    assert all(found(district, **one) == [talk.petition_id] for one in fits)
    assert all(found(district, **one) == [] for one in misses)


def test_overdue(talk: Talk) -> None:
    later = date(2027, 6, 1)
    with reading(talk.district.engine) as db:
        rows = find(db, actor=talk.district.clerk, sieve=Sieve(overdue=True), today=later)
    assert [one.petition.id for one in rows] == [talk.petition_id]


def test_pages_follow_each_other_without_a_gap(talk: Talk) -> None:
    """Each matter stands on one page, whatever is added meanwhile."""
    district = talk.district
    for index in range(5):
        district.book(slot=None, key=f"more-{index}")
    everything = found(district)
    assert everything == sorted(everything, reverse=True)
    assert found(district, before=everything[2]) == everything[3:]


def test_what_was_there_before_is_put_into_the_index(talk: Talk) -> None:
    district = talk.district
    with writing(district.engine) as db:
        db.exec(delete(FoundWord))
    assert found(district, words="漏水") == []
    with writing(district.engine) as db:
        assert index_missing(db) == 1
        assert index_missing(db) == 0
    assert found(district, words="漏水") == [talk.petition_id]


def test_the_index_does_not_give_words_away(talk: Talk) -> None:
    """Numbers only, and none of a word that the secret does not belong to."""
    with reading(talk.district.engine) as db:
        words = db.exec(select(FoundWord.word).where(col(FoundWord.petition_id) == talk.petition_id)).all()
    assert 0 in words
    assert len(words) > 20
    assert all(0 <= one < 2**60 for one in words)


def test_the_page(client: TestClient, talk: Talk) -> None:
    """Names are masked, the question stays in the form and in the address of the next page; a bad one is told."""
    clerk = {"accept": "text/html", **cookie_of(talk.district, talk.district.clerk)}
    shown = client.get("/petitions?q=漏水&state=registered&unit=1", headers=clerk)
    assert 'value="漏水"' in shown.text
    assert "XF2026-000001" in shown.text
    assert "张秀英" not in shown.text
    assert "张**" in shown.text
    too_short = client.get("/petitions?q=水", headers=clerk)
    assert (too_short.status_code, "请至少输入两个字" in too_short.text) == (422, True)
    assert client.get("/petitions?state=nothing&unit=x&since=never", headers=clerk).status_code == 200
