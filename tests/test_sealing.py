"""Sealed text opens only with its own key, and the index finds equal values without telling them."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from server.sealing import Sealer

ONE = Sealer.from_secret("one secret of at least thirty-two characters")
OTHER = Sealer.from_secret("other secret of at least thirty-two characters")


@given(st.text(max_size=200))
def test_sealed_text_opens_again_and_shows_nothing(text: str) -> None:
    sealed = ONE.seal(text)
    assert ONE.open(sealed) == text
    assert len(text) < 4 or text.encode() not in sealed


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert ONE.seal("张三") != ONE.seal("张三")


def test_another_key_does_not_open() -> None:
    with pytest.raises(InvalidTag):
        OTHER.open(ONE.seal("张三"))


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(ONE.seal("张三"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        ONE.open(bytes(sealed))


def test_the_index_is_equal_for_equal_values_under_one_key_only() -> None:
    assert ONE.index("990101199001010011") == ONE.index("990101199001010011")
    assert ONE.index("990101199001010011") != ONE.index("990101199001010012")
    assert ONE.index("990101199001010011") != OTHER.index("990101199001010011")
