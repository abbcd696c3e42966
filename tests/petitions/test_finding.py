"""What a text is found by: any two characters that stand together in it, any number in it."""

from hypothesis import given
from hypothesis import strategies as st

from server.petitions.finding import MOST, is_identity, pieces, wanted

HAN = st.text("房子漏水物业土地补偿工资张秀英", min_size=2, max_size=30)
SHORT = st.text("房子漏水物业土地补偿工资张秀英", min_size=2, max_size=MOST // 2 - 1)
"""Two of these are looked at whole."""


@given(HAN, st.data())
def test_any_part_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    assert wanted(text[start:end])
    assert wanted(text[start:end]) <= pieces(text)


@given(SHORT, SHORT)
def test_two_words_are_both_wanted(one: str, other: str) -> None:
    assert wanted(f"{one} {other}") == wanted(one) | wanted(other)


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_a_number_is_found_with_and_without_its_zeros(number: int, zeros: int) -> None:
    written = "0" * zeros + str(number)
    if number:
        assert wanted(str(number)) <= pieces(f"XF2026-{written}")
    assert wanted(written) <= pieces(f"XF2026-{written}")


def test_width_and_case_do_not_matter() -> None:
    assert wanted("ＸＦ２０２６") == wanted("xf2026") <= pieces("XF2026-000012")


def test_a_character_alone_or_a_mark_finds_nothing() -> None:
    assert wanted("房") == wanted("，。") == wanted("") == set()


def test_which_numbers_are_of_a_person() -> None:
    assert is_identity("99010119480315001x")
    assert is_identity("13800138000")
    assert not is_identity("261124")
