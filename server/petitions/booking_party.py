"""The answers of a booking about who else comes, by which mandate, and how long one waits: text in, values out."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from server.errors import Invalid
from server.scheduling.identity import Identity
from server.scheduling.party import Given, checked_party

PAPER = re.compile(r"[0-9a-f]{64}")
DAYS = re.compile(r"(\d{1,2})-(\d{1,2})")


def others_in(answer: str) -> list[Identity]:
    """The others as an answer keeps them."""
    return [Identity(name, id_number) for name, id_number in json.loads(answer or "[]")]


def as_answer(others: Sequence[Identity]) -> str:
    """The others as an answer."""
    return json.dumps([[one.name, one.id_number] for one in others], ensure_ascii=False)


def checked_others(answer: str) -> str:
    """At least one other person comes for a matter of several; who they are was checked one by one."""
    if not others_in(answer):
        raise Invalid(
            "nobody_else", "Please add who else comes. If you come alone, go back and choose so.", field="others"
        )
    return answer


def checked_until(answer: str) -> str:
    """A day as the browser writes it."""
    try:
        return date.fromisoformat(answer).isoformat()
    except ValueError:
        message = "Please enter until which day the mandate is good."
        raise Invalid("mandate_end_missing", message, field="mandate_until") from None


def checked_paper(answer: str) -> str:
    """The digest of the photograph that shows the mandate."""
    if not PAPER.fullmatch(answer):
        message = (
            "Without a signed mandate nobody can act for somebody else. Please photograph it, or let the person come."
        )
        raise Invalid("mandate_paper_missing", message, field="mandate")
    return answer


def others_of(answers: Mapping[str, str]) -> list[Identity]:
    """Who else comes; nobody where it is not a matter of several."""
    if answers.get("who") != "group":
        return []
    return checked_party(others_in(answers.get("others", "")), first=answers.get("id_number", ""))


def given_of(answers: Mapping[str, str]) -> Given | None:
    """The mandate; nothing where everybody comes for themselves."""
    if answers.get("who") != "mandate":
        return None
    until = date.fromisoformat(answers["mandate_until"]) if "mandate_until" in answers else None
    return Given(
        answers.get("agent_name", ""),
        answers.get("agent_id", ""),
        answers.get("scope", ""),
        until,
        answers.get("mandate", ""),
    )


def days_of(answers: Mapping[str, str], today: date) -> tuple[date, date]:
    """From which to which day somebody waits."""
    found = DAYS.fullmatch(answers.get("wait_days", ""))
    if found is None:
        raise Invalid("choice_missing", "Please choose one of these.", field="wait_days")
    first, last = (today + timedelta(days=int(one)) for one in found.groups())
    return first, last
