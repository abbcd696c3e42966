"""The live pages: the desk, the visitor's talk, a guest's seat; and papers photographed in a talk."""

from typing import Annotated, Any

from anyio import from_thread
from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from server.accounts.roles import Action, Role, require
from server.clock import local_date
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now, QueryKey, SettingsDep
from server.petitions.categories import NEED_REASON, NEED_UNIT_AND_DATE, OUTCOMES
from server.petitions.service_papers import paper_of_petition, paper_of_talk, photograph
from server.petitions.service_session import accept_invitation, session_of_booking
from server.places.service import unit_choices
from server.ranges import paper_answer
from server.responses import page, see_other
from server.scheduling.service import booking_by_number
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_desk import official_named, receiving_today
from server.scheduling.service_offers import booked_view
from server.scheduling.words import BookingState
from server.scheduling.workdays import working_days_after

router = APIRouter()
SUGGESTED_DAYS = (3, 5, 10, 20)


@router.get("/desk")
def desk(request: Request, engine: Database, actor: CurrentActor, now: Now, official: QueryKey = None) -> Response:
    """The official's desk; a clerk chooses whose."""
    require(actor, Action.RUN_LIST)
    chosen = actor.id if actor.role is Role.OFFICIAL else official
    with reading(engine) as db:
        if chosen is None:
            return page(request, "signaling/choose.html", officials=receiving_today(db, actor=actor, now=now))
        whose, units = official_named(db, official_id=chosen), unit_choices(db)
        calendar, today = calendar_in_force(db), local_date(now)
    due = [working_days_after(calendar, today, days) for days in SUGGESTED_DAYS]
    told: dict[str, Any] = {"whose": whose, "units": units, "outcomes": OUTCOMES, "due": due, "today": today}
    return page(request, "signaling/desk.html", **told, needs_unit=NEED_UNIT_AND_DATE, needs_reason=NEED_REASON)


@router.get("/kiosk/reception/{number}/talk")
def talk(request: Request, engine: Database, actor: CurrentActor, number: str) -> Response:
    """Waiting, talking, read-back: one page, so that nothing has to be connected twice. The kiosk's alone."""
    require(actor, Action.READ_BACK)
    with reading(engine) as db:
        booking = booking_by_number(db, actor=actor, number=number)
        session = session_of_booking(db, actor=actor, number=number)
        view = booked_view(db, booking=booking)
    if session is not None and session.signed_at is not None:
        return see_other(f"/kiosk/reception/{booking.number}/slip")
    if booking.state is BookingState.BOOKED:
        return see_other(f"/kiosk/reception/{booking.number}")
    if booking.consent is None and (session is None or session.talk_ended_at is None):
        return see_other(f"/kiosk/reception/{booking.number}/consent")
    return page(request, "signaling/talk.html", booking=booking, view=view)


@router.get("/join/{invitation}")
def join(request: Request, engine: Database, now: Now, invitation: str) -> Response:
    """A guest's seat."""
    with reading(engine) as db:
        admission = accept_invitation(db, secret=invitation, now=now)
    return page(request, "signaling/join.html", invitation=invitation, name=admission.actor.name)


@router.post("/live/{token}/papers")
def add_paper(
    request: Request,
    engine: Database,
    actor: CurrentActor,
    now: Now,
    settings: SettingsDep,
    token: str,
    paper: Annotated[UploadFile, File()],
) -> Response:
    """Keep a paper that was photographed in the talk."""
    data = paper.file.read()
    with writing(engine) as db:
        photograph(db, actor=actor, now=now, papers_dir=settings.papers_dir, token=token, data=data)
    from_thread.run(request.app.state.board.tell_session, token)
    return JSONResponse({"kept": True})


@router.get("/live/{token}/papers/{name}")
def paper_in_talk(
    request: Request, engine: Database, actor: CurrentActor, settings: SettingsDep, token: str, name: str
) -> Response:
    """A paper, for those in the talk."""
    with reading(engine) as db:
        path, kind = paper_of_talk(db, actor=actor, papers_dir=settings.papers_dir, token=token, name=name)
    return paper_answer(request, path, kind)


@router.get("/petitions/{petition_id}/papers/{name}")
def paper_in_record(
    request: Request, engine: Database, actor: CurrentActor, settings: SettingsDep, petition_id: Key, name: str
) -> Response:
    """A paper, for those who may see the matter."""
    with reading(engine) as db:
        told: dict[str, Any] = {"petition_id": petition_id, "name": name, "papers_dir": settings.papers_dir}
        path, kind = paper_of_petition(db, actor=actor, **told)
    return paper_answer(request, path, kind)
