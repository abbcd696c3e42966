"""Booking at the kiosk, one question a page. Everything typed is kept on the server until it is booked."""

from datetime import datetime, timedelta
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
from server.errors import Conflict, Invalid, LianxinError, NotFound
from server.petitions import booking_steps, service_drafts
from server.petitions.booking_steps import CHOICES, Step
from server.petitions.routes_booking_pages import address_of_next, ask_again, context_of, party_facts, template_of
from server.petitions.service_confirming import confirm as confirm_draft
from server.petitions.service_drafts import Draft
from server.petitions.service_view import code_to_keep
from server.ranges import paper_answer
from server.responses import clock_time, day, page, see_other
from server.scheduling.service import booking_by_number
from server.scheduling.service_offers import booked_view, day_of, point_choices, point_of
from server.scheduling.words import BookingState
from server.settings import Settings


def held_until(now: datetime, settings: Settings) -> datetime:
    """How long a time that is chosen now, or looked at again, is kept."""
    return now + timedelta(minutes=settings.hold_minutes)


def somebody_is_there(engine: Database, actor: CurrentActor, now: Now, settings: SettingsDep) -> None:
    """Whichever page is asked for: the next person must not see what the last one left, and a held time stays held.

    The hold is written anew once a minute at most.
    """
    until = held_until(now, settings)
    with reading(engine) as db:
        stale = service_drafts.is_stale(db, actor=actor, now=now)
        due = service_drafts.is_held(db, actor=actor, now=now, before=until - timedelta(minutes=1))
    if not stale and not due:
        return
    with writing(engine) as db:
        service_drafts.keep_hold(db, actor=actor, now=now, until=until)
        service_drafts.throw_stale_away(db, actor=actor, now=now, papers_dir=settings.papers_dir)


router = APIRouter(prefix="/kiosk/book", dependencies=[Depends(somebody_is_there)])
Text = Annotated[str, Form()]


def _step(word: str) -> Step:
    if word not in set(Step):
        raise NotFound("no_such_page", "This page does not exist. Please go back to the start.")
    return Step(word)


@router.get("")
def begin(request: Request, engine: Database, actor: CurrentActor) -> Response:
    """The first question, or whether to go on with what was begun."""
    with reading(engine) as db:
        draft = service_drafts.get_draft(db, actor=actor)
    if draft.begun:
        return page(request, "booking/begun.html", address=address_of_next(draft, actor))
    return see_other(address_of_next(draft, actor))


@router.post("/anew")
def begin_anew(engine: Database, actor: CurrentActor, settings: SettingsDep) -> Response:
    """Throw away what was typed."""
    with writing(engine) as db:
        service_drafts.throw_away(db, actor=actor, papers_dir=settings.papers_dir)
    return see_other("/kiosk")


@router.get("/check")
def check(request: Request, engine: Database, actor: CurrentActor, now: Now) -> Response:
    """Everything that was answered, to be confirmed."""
    with reading(engine) as db:
        draft = service_drafts.get_draft(db, actor=actor)
        if booking_steps.next_open(draft.answers, actor.role) is not None:
            return see_other(address_of_next(draft, actor))
        facts = {**_facts(db, draft, actor), "held": service_drafts.is_held(db, actor=actor, now=now)}
    back = f"/kiosk/book/{facts['steps'][-1]}"
    return page(request, "booking/check.html", draft=draft, facts=facts, back=back, choices=CHOICES)


def _facts(db: Session, draft: Draft, actor: Actor) -> dict[str, Any]:
    day_id, slot = booking_steps.slot_ids(draft.answers[Step.SLOT])
    points = {one.id: one.name for one in point_choices(db, actor=actor)}
    chosen = service_drafts.chosen_time(db, day_id=day_id, slot=slot)
    point_id = actor.point_id or int(draft.answers.get(Step.POINT, 0))
    return {
        "time": chosen,
        "party": party_facts(draft),
        "point": points.get(point_id, ""),
        "steps": booking_steps.steps(draft.answers, actor.role),
    }


@router.post("/check")
def confirm(request: Request, engine: Database, actor: CurrentActor, now: Now, request_key: Text) -> Response:
    """Book. A refusal leads to the question it belongs to; nothing else is asked again."""
    try:
        with writing(engine) as db:
            booked = confirm_draft(db, actor=actor, now=now, request_key=request_key)
    except LianxinError as error:
        if error.field not in set(Step):
            raise
        with writing(engine) as db:
            service_drafts.take_back(db, actor=actor, now=now, step=Step(error.field))
        with reading(engine) as db:
            return ask_again(request, db, actor, now, Step(error.field), error, None)
    waits = booked.booking.state is BookingState.WAITLISTED
    return see_other(f"/kiosk/{'waitlist' if waits else 'book/done'}/{booked.booking.number}")


@router.get("/done/{number}")
def done(request: Request, engine: Database, actor: CurrentActor, now: Now, number: str) -> Response:
    """The number to keep, as words and as a picture to photograph."""
    with reading(engine) as db:
        booking = booking_by_number(db, actor=actor, number=number)
        view, when, point = booked_view(db, booking=booking), day_of(db, booking=booking), point_of(db, booking=booking)
        code = code_to_keep(db, booking=booking, now=now)
    time = clock_time(view.slot_at) if view.slot_at else ""
    text = f"{booking.number} {day(when.day)} {time} {point.name} {view.official}"
    picture = Markup(segno.make(text, error="m", micro=False).svg_inline(scale=6, border=2, dark="#1C2430"))  # noqa: S704 - drawn by us
    today = local_date(now).isoformat()
    return page(
        request, "booking/done.html", view=view, when=when, point=point, picture=picture, today=today, code=code
    )


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
            return ask_again(request, db, actor, now, Step.PAPERS, error, "")
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
            return see_other(address_of_next(draft, actor))
        return page(request, template_of(step), **context_of(db, actor, now, step, day))


@router.post("/{word}/keep")
def keep(engine: Database, actor: CurrentActor, now: Now, word: str, answer: Text = "") -> Response:
    """Remember half an answer while it is typed."""
    with writing(engine) as db:
        service_drafts.keep_typing(db, actor=actor, now=now, step=_step(word), text=answer)
    return Response(status_code=204)


@router.post("/earlier")
def answer_earlier(
    engine: Database, actor: CurrentActor, now: Now, settings: SettingsDep, answer: Text = ""
) -> Response:
    """Something new: go on. The same: what was begun here is thrown away, and the earlier booking is shown."""
    with writing(engine) as db:
        found = service_drafts.get_draft(db, actor=actor)
        earlier = service_drafts.earlier_of(db, actor=actor, now=now, draft=found)
        if answer == booking_steps.SAME and earlier is not None:
            service_drafts.throw_away(db, actor=actor, papers_dir=settings.papers_dir)
            return see_other(f"/kiosk/reception/{earlier.number}" if earlier.here else "/kiosk")
        until = held_until(now, settings)
        draft = service_drafts.answer(db, actor=actor, now=now, until=until, step=Step.EARLIER, text=answer)
    return see_other(address_of_next(draft, actor))


@router.post("/{word}")
def answer_question(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    settings: SettingsDep,
    word: str,
    answer: Annotated[list[str], Form()] = [],  # noqa: B006 - never changed
) -> Response:
    """Keep an answer and go on to the next open question; several are told apart by a comma."""
    step, text = _step(word), ",".join(answer)
    try:
        with writing(engine) as db:
            until = held_until(now, settings)
            draft = service_drafts.answer(db, actor=actor, now=now, until=until, step=step, text=text)
    except (Invalid, Conflict) as error:
        with reading(engine) as db:
            return ask_again(request, db, actor, now, step, error, text)
    return see_other(address_of_next(draft, actor))
