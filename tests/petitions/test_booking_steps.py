"""The questions of a booking, as rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.accounts.exclusion import NOBODY, Excluded
from server.accounts.roles import Role
from server.errors import Invalid
from server.petitions.booking_steps import MOST_ACCUSED, Step, accused, after, checked, next_open, steps

IDS = st.frozensets(st.integers(1, 999_999_999), max_size=MOST_ACCUSED // 2)


@given(IDS, IDS)
def test_whoever_is_touched_is_excluded_and_nobody_else(people: frozenset[int], units: frozenset[int]) -> None:
    named = ",".join([*(f"official-{one}" for one in people), *(f"unit-{one}" for one in units)])
    answers = {Step.PURPOSE.value: "accusation", Step.ACCUSED.value: checked(Step.ACCUSED, named)}
    assert accused(answers, Role.KIOSK) == Excluded(people, units)
    assert accused({**answers, Step.PURPOSE.value: "request"}, Role.KIOSK) == NOBODY


@given(st.text(alphabet="officaunt-,0123456789 ", max_size=30))
def test_what_is_no_choice_is_refused(text: str) -> None:
    words = text.strip().split(",")
    fine = text.strip() == "" or all(
        kind in {"official", "unit"} and number.isdecimal() and len(number) <= 9
        for kind, _, number in (one.partition("-") for one in words)
    )
    if fine:
        assert checked(Step.ACCUSED, text) == text.strip()
    else:
        with pytest.raises(Invalid):
            checked(Step.ACCUSED, text)


@given(st.dictionaries(st.sampled_from([one.value for one in Step]), st.sampled_from(["any", "1", "official-1", ""])))
def test_a_time_outlives_no_other_answer_that_it_was_chosen_by(answers: dict[str, str]) -> None:
    for step, answer in ((Step.WANTED, "official-1"), (Step.ACCUSED, "official-1"), (Step.POINT, "2")):
        changed = after(step, answer, answers)
        assert changed[step.value] == answer
        if answers.get(step.value, answer) != answer:
            assert Step.SLOT.value not in changed
        if step is Step.ACCUSED:
            assert changed.get(Step.WANTED.value) != answer


@pytest.mark.parametrize("role", [Role.KIOSK, Role.AGENT, Role.CLERK])
@given(st.dictionaries(st.sampled_from([*(one.value for one in Step), "found"]), st.sampled_from(["accusation", "x"])))
def test_the_next_question_is_one_that_is_asked(role: Role, answers: dict[str, str]) -> None:
    asked = steps(answers, role)
    assert (Step.ACCUSED in asked) is (answers.get("purpose") == "accusation")
    assert (Step.EARLIER in asked) is ("found" in answers)
    following = next_open(answers, role)
    assert following is None or (following in asked and following.value not in answers)
