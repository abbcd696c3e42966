"""Booking at the kiosk, one question a page. Everything typed is kept on the server until it is booked."""

from datetime import date, datetime
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response
from markupsafe import Markup
from sqlmodel import Session

from server.accounts.roles import Actor
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Now, SettingsDep
from server.errors import Invalid, LianxinError, NotFound
from server.petitions import booking_steps, service_drafts
from server.petitions.booking_steps import CHOICES, QUESTIONS, Step
from server.petitions.service_drafts import Draft
from server.ranges import paper_answer
from server.responses import clock_time, day, page, refused, see_other
from server.scheduling.service import booking_by_number
from server.scheduling.service_free import FreeSlot
from server.scheduling.service_offers import (
    booked_view,
    day_of,
    offers,
    point_choices,
    point_of,
    slots_for,
    walk_ins,
)


def _nothing_stale(engine: Database, actor: CurrentActor, now: Now, settings: SettingsDep) -> None:
    """Whichever page is asked for, the next person must not see what the last one left."""
    with reading(engine) as db:
        stale = service_drafts.is_stale(db, actor=actor, now=now)
    if not stale:
        return
    with writing(engine) as db:
        service_drafts.throw_stale_away(db, actor=actor, now=now, papers_dir=settings.papers_dir)


router = APIRouter(prefix="/kiosk/book", dependencies=[Depends(_nothing_stale)])
Text = Annotated[str, Form()]
TEMPLATES = {
    "choice": "booking/choice.html",
    "text": "booking/text.html",
    "digits": "booking/digits.html",
    "words": "booking/words.html",
    "papers": "booking/papers.html",
    "slot": "booking/slot.html",
}


def _address(draft: Draft, actor: Actor) -> str:
    step = booking_steps.next_open(draft.answers, actor.role)
    return f"/kiosk/book/{step.value if step else 'check'}"


def _step(word: str) -> Step:
    if word not in set(Step):
        raise NotFound("no_such_page", "This page does not exist. Please go back to the start.")
    return Step(word)


def _frame(draft: Draft, actor: Actor, step: Step) -> dict[str, Any]:
    """What every question's page shows besides the question's own options."""
    asked = booking_steps.steps(draft.answers, actor.role)
    before = booking_steps.previous(step, draft.answers, actor.role)
    return {
        "step": step.value,
        "question": QUESTIONS[step],
        "back": f"/kiosk/book/{before.value}" if before else "/kiosk",
        "place": asked.index(step) + 1 if step in asked else 1,
        "places": len(asked),
        "answered": draft.answers.get(step.value, ""),
        "papers": draft.papers,
    }


def _options(db: Session, actor: Actor, now: datetime, step: Step, draft: Draft) -> dict[str, Any]:
    """What there is to choose from."""
    content = draft.answers.get(Step.CONTENT.value)
    if step is Step.SLOT:
        official_id, unit_id = booking_steps.wanted_ids(draft.answers.get(Step.WANTED, "any"))
        told: dict[str, Any] = {"official_id": official_id, "unit_id": unit_id, "content": content}
        slots, joins = slots_for(db, actor=actor, now=now, **told), walk_ins(db, actor=actor, now=now, **told)
        return {"slots": slots, "walk_in": joins[0] if joins else None}
    if step is Step.WANTED:
        return {"offers": offers(db, actor=actor, now=now, content=content)}
    if step is Step.POINT:
        return {"choices": {str(one.id): one.name for one in point_choices(db, actor=actor)}}
    return {"choices": CHOICES.get(step, {})}


def _slot_context(context: dict[str, Any], chosen: str, nearest: list[tuple[int, int]]) -> dict[str, Any]:
    """Days with their times, the chosen day's shown; after a collision the nearest times first."""
    slots: list[FreeSlot] = context["slots"]
    days = sorted({one.day for one in slots})
    shown = next((one for one in days if one.isoformat() == chosen), days[0] if days else date.min)
    by_id = {(one.reception_day_id, one.slot): one for one in slots}
    return {
        **context,
        "days": days,
        "shown": shown,
        "times": [one for one in slots if one.day == shown],
        "nearest": [by_id[pair] for pair in nearest if pair in by_id],
    }


def _template(step: Step) -> str:
    return "booking/wanted.html" if step is Step.WANTED else TEMPLATES[QUESTIONS[step].kind]


def _context(
    db: Session, actor: Actor, now: datetime, step: Step, chosen: str = "", nearest: list[tuple[int, int]] | None = None
) -> dict[str, Any]:
    draft = service_drafts.get_draft(db, actor=actor)
    context = {**_frame(draft, actor, step), **_options(db, actor, now, step, draft)}
    if step is Step.SLOT:
        context = _slot_context(context, chosen, nearest or [])
    shown = draft.typed.get(step.value, "" if step is Step.ID_NUMBER else draft.answers.get(step.value, ""))
    return {**context, "values": {"answer": shown.removeprefix("+86") if step is Step.PHONE else shown}}


def _again(
    request: Request, db: Session, actor: Actor, now: datetime, step: Step, error: LianxinError, entered: str | None
) -> Response:
    """The question again, with what was entered and what to do."""
    context = _context(db, actor, now, step, nearest=list(error.params.get("nearest", ())))  # type: ignore[call-overload]
    values = context.pop("values") if entered is None else {"answer": entered}
    context.pop("values", None)
    error.field = "answer"
    return refused(request, _template(step), error, values=values, **context)


@router.get("")
def begin(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """The first question, or whether to go on with what was begun."""
    with reading(engine) as db:
        draft = service_drafts.get_draft(db, actor=actor)
    if draft.begun:
        return page(request, "booking/begun.html", address=_address(draft, actor))
    return see_other(_address(draft, actor))


@router.post("/anew")
def begin_anew(engine: Database, actor: CurrentActor, settings: SettingsDep) -> Response:
    """Throw away what was typed."""
    with writing(engine) as db:
        service_drafts.throw_away(db, actor=actor, papers_dir=settings.papers_dir)
    return see_other("/kiosk")


@router.get("/check")
def check(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """Everything that was answered, to be confirmed."""
    with reading(engine) as db:
        draft = service_drafts.get_draft(db, actor=actor)
        if booking_steps.next_open(draft.answers, actor.role) is not None:
            return see_other(_address(draft, actor))
        facts = _facts(db, draft, actor)
    return page(request, "booking/check.html", draft=draft, facts=facts, back="/kiosk/book/slot", choices=CHOICES)


def _facts(db: Session, draft: Draft, actor: Actor) -> dict[str, Any]:
    day_id, slot = booking_steps.slot_ids(draft.answers[Step.SLOT])
    points = {one.id: one.name for one in point_choices(db, actor=actor)}
    chosen = service_drafts.chosen_time(db, day_id=day_id, slot=slot)
    point_id = actor.point_id or int(draft.answers.get(Step.POINT, 0))
    return {
        "time": chosen,
        "point": points.get(point_id, ""),
        "steps": booking_steps.steps(draft.answers, actor.role),
    }


@router.post("/check")
def confirm(request: Request, engine: Database, actor: CurrentActor, now: Now, request_key: Text) -> Response:
    """Book. A refusal leads to the question it belongs to; nothing else is asked again."""
    try:
        with writing(engine) as db:
            booked = service_drafts.confirm(db, actor=actor, now=now, request_key=request_key)
    except LianxinError as error:
        if error.field not in set(Step):
            raise
        with writing(engine) as db:
            service_drafts.take_back(db, actor=actor, now=now, step=Step(error.field))
        with reading(engine) as db:
            return _again(request, db, actor, now, Step(error.field), error, None)
    return see_other(f"/kiosk/book/done/{booked.booking.number}")


@router.get("/done/{number}")
def done(request: Request, engine: Database, actor: CurrentActor, now: Now, number: str) -> Response:
    """The number to keep, as words and as a picture to photograph."""
    with reading(engine) as db:
        booking = booking_by_number(db, actor=actor, number=number)
        view, when, point = booked_view(db, booking=booking), day_of(db, booking=booking), point_of(db, booking=booking)
    time = clock_time(view.slot_at) if view.slot_at else ""
    text = f"{booking.number} {day(when.day)} {time} {point.name} {view.official}"
    picture = Markup(segno.make(text, error="m", micro=False).svg_inline(scale=6, border=2, dark="#1C2430"))  # noqa: S704 - drawn by us
    today = local_date(now).isoformat()
    return page(request, "booking/done.html", view=view, when=when, point=point, picture=picture, today=today)


@router.get("/papers/{name}")
def paper(request: Request, engine: Database, actor: CurrentActor, settings: SettingsDep, name: str) -> Response:
    """A photograph of the draft, for the one who took it."""
    with reading(engine) as db:
        path, media_type = service_drafts.photograph_path(db, actor=actor, papers_dir=settings.papers_dir, name=name)
    return paper_answer(request, path, media_type)


@router.post("/papers/add")
def add_paper(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    settings: SettingsDep,
    paper: Annotated[UploadFile, File()],
) -> Response:
    """Keep a photograph and show the papers again."""
    try:
        with writing(engine) as db:
            data = paper.file.read()
            service_drafts.photograph(db, actor=actor, now=now, papers_dir=settings.papers_dir, data=data)
    except LianxinError as error:
        with reading(engine) as db:
            return _again(request, db, actor, now, Step.PAPERS, error, "")
    return see_other("/kiosk/book/papers")


@router.post("/papers/remove")
def remove_paper(engine: Database, actor: CurrentActor, now: Now, settings: SettingsDep, name: Text) -> Response:
    """Throw a photograph away."""
    with writing(engine) as db:
        service_drafts.throw_paper_away(db, actor=actor, now=now, papers_dir=settings.papers_dir, name=name)
    return see_other("/kiosk/book/papers")


@router.get("/{word}")
def question(request: Request, engine: Database, actor: CurrentActor, now: Now, word: str, day: str = "") -> Response:
    """One question; those before it must be answered first."""
    step = _step(word)
    with reading(engine) as db:
        draft = service_drafts.get_draft(db, actor=actor)
        asked, missing = (
            booking_steps.steps(draft.answers, actor.role),
            booking_steps.next_open(draft.answers, actor.role),
        )
        if step not in asked or (missing is not None and asked.index(step) > asked.index(missing)):
            return see_other(_address(draft, actor))
        return page(request, _template(step), **_context(db, actor, now, step, day))


@router.post("/{word}/keep")
def keep(engine: Database, actor: CurrentActor, now: Now, word: str, answer: Text = "") -> Response:
    """Remember half an answer while it is typed."""
    with writing(engine) as db:
        service_drafts.keep_typing(db, actor=actor, now=now, step=_step(word), text=answer)
    return Response(status_code=204)


@router.post("/{word}")
def answer_question(
    request: Request, engine: Database, actor: CurrentActor, now: Now, word: str, answer: Text = ""
) -> Response:
    """Keep an answer and go on to the next open question."""
    step = _step(word)
    try:
        with writing(engine) as db:
            draft = service_drafts.answer(db, actor=actor, now=now, step=step, text=answer)
    except Invalid as error:
        with reading(engine) as db:
            return _again(request, db, actor, now, step, error, answer)
    return see_other(_address(draft, actor))
