"""The questions of a booking, one a page: which come, in which order, and what counts as an answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.accounts.exclusion import Excluded
from server.accounts.roles import Role
from server.errors import Invalid
from server.petitions.booking_party import checked_others, checked_paper, checked_until
from server.petitions.categories import CONTENTS, PURPOSES
from server.petitions.words import Purpose
from server.scheduling import identity
from server.scheduling.party import SCOPES

MAX_SUMMARY = 2000
WALK_IN = "walk"
WANTED = re.compile(r"any|(?:official|unit)-\d{1,9}")
SLOT = re.compile(r"(\d{1,9})-(\d{1,3}|walk)|wait")
WAIT = "wait"
"""Instead of a time: onto the waitlist."""
ACCUSED = re.compile(r"(?:(?:official|unit)-\d{1,9}(?:,(?!$)|$))*")
MOST_ACCUSED = 20
POINT = re.compile(r"\d{1,9}")


class Step(StrEnum):
    """A question; its word is also the field that errors name."""

    POINT = "point_id"
    WHO = "who"
    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    OTHERS = "others"
    AGENT_NAME = "agent_name"
    AGENT_ID = "agent_id"
    SCOPE = "scope"
    MANDATE_UNTIL = "mandate_until"
    MANDATE = "mandate"
    PRIVATE = "private"
    PURPOSE = "purpose"
    ACCUSED = "accused"
    CONTENT = "content"
    EARLIER = "earlier"
    SUMMARY = "summary"
    PAPERS = "papers"
    WANTED = "wanted"
    SLOT = "slot"
    WAIT_DAYS = "wait_days"


@dataclass(frozen=True)
class Question:
    """What is asked; ``kind`` says how it is answered."""

    kind: str
    text: str
    hint: str = ""


QUESTIONS: dict[Step, Question] = {
    Step.POINT: Question("choice", "Which village point is it for?"),
    Step.WHO: Question("choice", "Whose matter is it?", "With a name we can find your matter again."),
    Step.NAME: Question("text", "What is your name?", "As it is on the ID card."),
    Step.ID_NUMBER: Question("digits", "What is your ID number?", "18 digits. The last one may be an X."),
    Step.PHONE: Question("digits", "On which phone can we reach you?", "You may leave this empty."),
    Step.OTHERS: Question("others", "Who else comes?", "At most five people come for one matter, you included."),
    Step.AGENT_NAME: Question("text", "What is your own name?", "You speak for somebody else. As on your ID card."),
    Step.AGENT_ID: Question("digits", "What is your own ID number?", "18 digits. The last one may be an X."),
    Step.SCOPE: Question("choice", "What may you do for this person?", "As it is written in the mandate."),
    Step.MANDATE_UNTIL: Question("date", "Until which day is the mandate good?", "As it is written in the mandate."),
    Step.MANDATE: Question(
        "mandate", "Please show the mandate.", "The paper that this person has signed. Without it you cannot book."
    ),
    Step.PRIVATE: Question(
        "choice", "May the village agent be there?", "You can talk alone. Nobody may ask you for the reason."
    ),
    Step.PURPOSE: Question("choice", "What do you come for?"),
    Step.CONTENT: Question("choice", "What is it about?", "Take the nearest one. The office puts it right if needed."),
    Step.ACCUSED: Question(
        "accused", "Whom do you want to report?", "They will not be told, and will not receive you."
    ),
    Step.EARLIER: Question("earlier", "Is it the same matter?"),
    Step.SUMMARY: Question("words", "Please tell it in a few words.", "What happened, and what do you wish?"),
    Step.PAPERS: Question("papers", "Do you have papers to show?", "Contracts, receipts, letters. Or go on without."),
    Step.WANTED: Question("choice", "Whom do you want to talk to?"),
    Step.SLOT: Question("slot", "When do you want to come?"),
    Step.WAIT_DAYS: Question("choice", "From when to when could you come?", "We keep a time for you when one is free."),
}
OF_PRINCIPAL: dict[Step, Question] = {
    Step.NAME: Question("text", "For whom do you come? The name, please.", "The person who signed the mandate."),
    Step.ID_NUMBER: Question("digits", "What is this person's ID number?", "18 digits. The last one may be an X."),
    Step.PHONE: Question("digits", "On which phone can we reach this person or you?", "You may leave this empty."),
}
NAMED, ANONYMOUS, GROUP, BY_MANDATE = "named", "anonymous", "group", "mandate"
OF_MANDATE = {Step.AGENT_NAME, Step.AGENT_ID, Step.SCOPE, Step.MANDATE_UNTIL, Step.MANDATE}
FOUND = "found"
"""Beside the answers: the number of an earlier booking of the same person about the same."""
NEW, SAME = "new", "same"
CHOICES: dict[Step, dict[str, str]] = {
    Step.WHO: {
        NAMED: "My own, and I give my name",
        ANONYMOUS: "My own, without a name",
        GROUP: "Of several of us",
        BY_MANDATE: "Of somebody who sends me",
    },
    Step.SCOPE: SCOPES,
    Step.WAIT_DAYS: {
        "1-14": "As soon as possible, within two weeks",
        "1-28": "Any day within four weeks",
        "7-28": "Not this week, but within four weeks",
    },
    Step.PRIVATE: {"no": "Yes, the agent may be there", "yes": "No, I want to talk alone"},
    Step.EARLIER: {NEW: "No, it is something new", SAME: "Yes, the same"},
    Step.PURPOSE: {one.value: text for one, text in PURPOSES.items()},
    Step.CONTENT: CONTENTS,
}


def steps(answers: Mapping[str, str], role: Role) -> list[Step]:
    """The questions for this role, given the answers so far."""
    left_out = set() if role is Role.CLERK else {Step.POINT}
    if role is not Role.KIOSK:
        left_out.add(Step.PRIVATE)
    if answers.get(Step.WHO) == ANONYMOUS:
        left_out |= {Step.NAME, Step.ID_NUMBER, Step.PHONE}
    if answers.get(Step.WHO) != GROUP:
        left_out.add(Step.OTHERS)
    if answers.get(Step.WHO) != BY_MANDATE:
        left_out |= OF_MANDATE
    if answers.get(Step.SLOT) != WAIT:
        left_out.add(Step.WAIT_DAYS)
    if answers.get(Step.PURPOSE) != Purpose.ACCUSATION:
        left_out.add(Step.ACCUSED)
    if FOUND not in answers:
        left_out.add(Step.EARLIER)
    return [one for one in Step if one not in left_out]


def question_of(step: Step, answers: Mapping[str, str]) -> Question:
    """What is asked; of somebody who comes for another it is asked about the other."""
    asked = OF_PRINCIPAL if answers.get(Step.WHO) == BY_MANDATE else QUESTIONS
    return asked.get(step, QUESTIONS[step])


def next_open(answers: Mapping[str, str], role: Role) -> Step | None:
    """The first question without an answer; none when everything is said."""
    return next((one for one in steps(answers, role) if one not in answers), None)


def may_ask(step: Step, answers: Mapping[str, str], role: Role) -> bool:
    """Whether everything before ``step`` is answered, and it is asked at all."""
    asked, missing = steps(answers, role), next_open(answers, role)
    return step in asked and (missing is None or asked.index(step) <= asked.index(missing))


def previous(step: Step, answers: Mapping[str, str], role: Role) -> Step | None:
    """The question before ``step``."""
    asked = steps(answers, role)
    index = asked.index(step) if step in asked else 0
    return asked[index - 1] if index > 0 else None


def checked(step: Step, answer: str) -> str:
    """The answer in order, or ``Invalid`` with what to do."""
    answer = answer.strip()
    if step in CHOICES:
        return _one_of(step, answer)
    if step in CHECKS:
        return CHECKS[step](answer)
    if step is Step.SUMMARY and (not answer or len(answer) > MAX_SUMMARY):
        raise Invalid("summary_missing", "Please say in a few words what it is about.", field=step)
    if step is Step.POINT and not POINT.fullmatch(answer):
        raise Invalid("no_such_point", "Please choose the village point.", field=step)
    if step is Step.WANTED and not WANTED.fullmatch(answer):
        raise Invalid("wanted_missing", "Please choose whom you want to talk to.", field=step)
    if step is Step.ACCUSED and (not ACCUSED.fullmatch(answer) or answer.count(",") >= MOST_ACCUSED):
        raise Invalid("choice_missing", "Please choose one of these.", field=step)
    if step is Step.SLOT and not SLOT.fullmatch(answer):
        raise Invalid("slot_missing", "Please choose a time.", field=step)
    return answer


CHECKS: dict[Step, Callable[[str], str]] = {
    Step.NAME: identity.checked_name,
    Step.ID_NUMBER: identity.checked_resident_id,
    Step.PHONE: lambda answer: identity.checked_phone(answer) or "",
    Step.OTHERS: checked_others,
    Step.AGENT_NAME: identity.checked_name,
    Step.AGENT_ID: identity.checked_resident_id,
    Step.MANDATE_UNTIL: checked_until,
    Step.MANDATE: checked_paper,
}


def _one_of(step: Step, answer: str) -> str:
    if answer not in CHOICES[step]:
        raise Invalid("choice_missing", "Please choose one of these.", field=step)
    return answer


def after(step: Step, answer: str, answers: Mapping[str, str]) -> dict[str, str]:
    """All answers with this one; what was chosen by another answer does not outlive it."""
    changed = {**answers, step.value: answer}
    before = answers.get(step, "" if step is Step.ACCUSED else answer)
    if step in {Step.WANTED, Step.POINT, Step.ACCUSED} and before != answer:
        changed.pop(Step.SLOT, None)
    if step is Step.ACCUSED and changed.get(Step.WANTED, "any") in answer.split(","):
        changed.pop(Step.WANTED, None)
    return changed


def wanted_ids(answer: str) -> tuple[int | None, int | None]:
    """The official and the unit that were asked for, at most one of them."""
    kind, _, number = answer.partition("-")
    wanted = int(number) if number.isdecimal() else None
    return (wanted if kind == "official" else None), (wanted if kind == "unit" else None)


def accused(answers: Mapping[str, str], role: Role) -> Excluded:
    """Who is complained of, as far as it was asked."""
    named = answers.get(Step.ACCUSED, "") if Step.ACCUSED in steps(answers, role) else ""
    ids = [wanted_ids(one) for one in named.split(",")]
    people = frozenset(official_id for official_id, _ in ids if official_id is not None)
    return Excluded(people, frozenset(unit_id for _, unit_id in ids if unit_id is not None))


def slot_ids(answer: str) -> tuple[int, int | None]:
    """The reception day and the slot; no slot for a walk-in, no day (0) for somebody who waits."""
    if answer == WAIT:
        return 0, None
    day, _, slot = answer.partition("-")
    return int(day), None if slot == WALK_IN else int(slot)
