"""The pages of the booking questions: what each shows, and how a question is asked again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from server.accounts.roles import Actor
from server.errors import LianxinError
from server.petitions import booking_steps, service_drafts
from server.petitions.booking_party import as_answer
from server.petitions.booking_steps import CHOICES, QUESTIONS, Step, question_of
from server.petitions.service_draft_party import mandate_shown, others_half
from server.petitions.service_drafts import Draft
from server.responses import refused
from server.scheduling.service_nearest import slots_named
from server.scheduling.service_offers import offers, point_choices, times_for, walk_ins
from server.scheduling.service_search import search_choices

TEMPLATES = {
    "choice": "booking/choice.html",
    "text": "booking/text.html",
    "digits": "booking/digits.html",
    "words": "booking/words.html",
    "papers": "booking/papers.html",
    "slot": "booking/slot.html",
    "accused": "booking/accused.html",
    "earlier": "booking/earlier.html",
    "others": "booking/others.html",
    "mandate": "booking/mandate.html",
    "date": "booking/date.html",
}


def template_of(step: Step) -> str:
    """The page of a question."""
    return "booking/wanted.html" if step is Step.WANTED else TEMPLATES[QUESTIONS[step].kind]


def address_of_next(draft: Draft, actor: Actor) -> str:
    """Where the first open question is asked, or everything is shown to be confirmed."""
    step = booking_steps.next_open(draft.answers, actor.role)
    return f"/kiosk/book/{step.value if step else 'check'}"


def context_of(
    db: Session, actor: Actor, now: datetime, step: Step, day: str = "", nearest: Sequence[tuple[int, int]] = ()
) -> dict[str, Any]:
    """What the page of a question shows: ``day`` is the one looked at, ``nearest`` is offered after a collision."""
    draft = service_drafts.get_draft(db, actor=actor)
    context = {**_frame(draft, actor, step), **_options(db, actor, now, step, draft, day)}
    if step is Step.SLOT:
        context["nearest"] = slots_named(db, nearest)
    shown = draft.typed.get(
        step.value, "" if step in {Step.ID_NUMBER, Step.AGENT_ID} else draft.answers.get(step.value, "")
    )
    return {**context, "values": {"answer": shown.removeprefix("+86") if step is Step.PHONE else shown}}


def _frame(draft: Draft, actor: Actor, step: Step) -> dict[str, Any]:
    """What every question's page shows besides the question's own options."""
    asked = booking_steps.steps(draft.answers, actor.role)
    before = booking_steps.previous(step, draft.answers, actor.role)
    return {
        "step": step.value,
        "question": question_of(step, draft.answers),
        "back": f"/kiosk/book/{before.value}" if before else "/kiosk",
        "place": asked.index(step) + 1 if step in asked else 1,
        "places": len(asked),
        "answered": draft.answers.get(step.value, ""),
        "papers": draft.papers,
    }


def _options(db: Session, actor: Actor, now: datetime, step: Step, draft: Draft, day: str) -> dict[str, Any]:
    """What there is to choose from."""
    wanted = service_drafts.wanted_by(db, actor=actor, draft=draft)
    if step is Step.SLOT:
        joins = walk_ins(db, actor=actor, now=now, wanted=wanted)
        times = times_for(db, actor=actor, now=now, wanted=wanted, day=day)
        return {"times": times, "walk_in": joins[0] if joins else None}
    if step is Step.WANTED:
        return {"offers": offers(db, actor=actor, now=now, wanted=wanted)}
    if step is Step.POINT:
        return {"choices": {str(one.id): one.name for one in point_choices(db, actor=actor)}}
    if step is Step.ACCUSED:
        return {"accusable": search_choices(db, actor=actor)}
    if step is Step.EARLIER:
        return {"earlier": service_drafts.earlier_of(db, actor=actor, now=now, draft=draft), "choices": CHOICES[step]}
    return {"choices": CHOICES.get(step, {}), "party": party_facts(draft)}


def party_facts(draft: Draft) -> dict[str, Any]:
    """Who else comes, as far as they were added, and the photograph of the mandate."""
    others, shown = others_half(draft), mandate_shown(draft)
    return {
        "first": draft.answers.get(Step.NAME, ""),
        "others": others,
        "answer": as_answer(others),
        "shown": shown,
        "name": "",
        "id_number": "",
    }


def ask_again(
    request: Request, db: Session, actor: Actor, now: datetime, step: Step, error: LianxinError, entered: str | None
) -> Response:
    """The question again, with what was entered and what to do."""
    nearest: Any = error.params.get("nearest", ())
    context = context_of(db, actor, now, step, nearest=nearest)
    values = context.pop("values") if entered is None else {"answer": entered}
    context.pop("values", None)
    error.field = "answer"
    return refused(request, template_of(step), error, values=values, **context)
