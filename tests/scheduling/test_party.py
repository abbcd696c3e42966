"""Who comes together and who may speak for somebody: at most five, nobody twice, no mandate without its paper."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Invalid
from server.scheduling.identity import Identity
from server.scheduling.party import MOST, SCOPES, Given, added, checked_mandate, checked_party, covers

IDS = [
    "990101194803150010",
    "990101195804120029",
    "990101196609230032",
    "990101197101050043",
    "990101198006300053",
    "990101198501010061",
]
TODAY = date(2026, 11, 24)


@given(st.lists(st.sampled_from(IDS), max_size=8))
def test_a_party_has_at_most_five_people_and_nobody_twice(numbers: list[str]) -> None:
    others = [Identity("张三", one) for one in numbers]
    everybody = [IDS[0], *numbers]
    if len(everybody) <= MOST and len(set(everybody)) == len(everybody):
        assert [one.id_number for one in checked_party(others, first=IDS[0])] == numbers
    else:
        with pytest.raises(Invalid, match=r"too_many_representatives|same_person"):
            checked_party(others, first=IDS[0])


def test_the_sixth_is_refused_in_the_words_of_the_rule() -> None:
    four = [Identity("张三", one) for one in IDS[1:5]]
    with pytest.raises(Invalid, match="too_many_representatives") as caught:
        added(four, first=IDS[0], name="李四", id_number=IDS[5])
    assert "article 20" in caught.value.message
    assert "five" in caught.value.message


@pytest.mark.parametrize(("name", "id_number", "code"), [("", IDS[1], "name_missing"), ("李四", "1", "bad_id_number")])
def test_everybody_has_a_name_and_an_id_number(name: str, id_number: str, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        added([], first=IDS[0], name=name, id_number=id_number)


def mandate(**changed: object) -> Given:
    told = {
        "name": " 李 四 ",
        "id_number": IDS[1],
        "scope": "talk",
        "valid_until": TODAY,
        "paper": "ab" * 32,
        **changed,
    }
    return checked_mandate(Given(**told), principal=IDS[0], today=TODAY)  # type: ignore[arg-type]


def test_a_mandate_is_put_in_order() -> None:
    assert mandate().name == "李 四"
    assert {mandate(scope=one).scope for one in SCOPES} == set(SCOPES)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"paper": ""}, "mandate_paper_missing"),
        ({"scope": "anything"}, "scope_missing"),
        ({"valid_until": None}, "mandate_end_missing"),
        ({"valid_until": TODAY - timedelta(days=1)}, "mandate_over"),
        ({"id_number": IDS[0]}, "mandate_to_oneself"),
        ({"name": ""}, "name_missing"),
        ({"id_number": "12"}, "bad_id_number"),
    ],
)
def test_without_a_valid_mandate_there_is_a_clear_refusal(changed: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        mandate(**changed)


@given(st.dates(), st.dates())
def test_a_mandate_is_good_to_its_last_day(until: date, day: date) -> None:
    assert covers(until, day) == (day <= until)
