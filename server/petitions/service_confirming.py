"""A booking that was typed to its end: booked or put on the waitlist, with every person and paper of it."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from server.accounts.roles import Actor
from server.clock import local_date
from server.errors import Conflict, Invalid, NotFound
from server.petitions import booking_steps
from server.petitions.booking_party import days_of
from server.petitions.booking_steps import ANONYMOUS, FOUND, WAIT, Step
from server.petitions.models import Petition
from server.petitions.service_booking import Booked, Matter, Who, adopt_papers, book_matter
from server.petitions.service_draft_party import write_party_down
from server.petitions.service_drafts import Draft, earlier_of, forget_draft, get_draft
from server.scheduling.models import Booking
from server.scheduling.service import require_own_point
from server.scheduling.service_freed import share_out
from server.scheduling.service_waitlist import Waited


def confirm(db: Session, *, actor: Actor, now: datetime, request_key: str) -> Booked:
    """Book what the draft says, or put it on the waitlist, and forget it. Sent again, it answers with the same booking.

    Another booking of the same matter that was not shown yet raises ``Conflict("booked_before")``.
    """
    draft = get_draft(db, actor=actor)
    if draft.request_key != request_key:
        return _booked_before(db, actor, request_key)
    answers = draft.answers
    missing = booking_steps.next_open(answers, actor.role)
    if missing is not None:
        raise Invalid("answer_missing", "This question is still open.", field=missing)
    found = earlier_of(db, actor=actor, now=now, draft=draft)
    if found is not None and found.number != answers.get(FOUND):
        raise Conflict("booked_before", "There is a booking about this already. Please look at it.", field=Step.EARLIER)
    booked = book_matter(db, actor=actor, now=now, **_asked(draft, actor, now))
    adopt_papers(db, actor=actor, now=now, petition=booked.petition, papers=draft.papers)
    told: dict[str, Any] = {"answers": answers, "papers": draft.papers}
    write_party_down(db, actor=actor, now=now, booking=booked.booking, **told)
    share_out(db, now=now)
    forget_draft(db, actor=actor)
    return booked


def _asked(draft: Draft, actor: Actor, now: datetime) -> dict[str, Any]:
    answers = draft.answers
    who = Who(anonymous=True)
    if answers[Step.WHO] != ANONYMOUS:
        who = Who(name=answers[Step.NAME], id_number=answers[Step.ID_NUMBER], phone=answers[Step.PHONE])
    aside = booking_steps.accused(answers, actor.role)
    day_id, slot = booking_steps.slot_ids(answers[Step.SLOT])
    return {
        "who": who,
        "matter": Matter(answers[Step.PURPOSE], answers[Step.CONTENT], answers[Step.SUMMARY], aside),
        "reception_day_id": day_id,
        "slot": slot,
        "waited": _waited(draft, now) if answers[Step.SLOT] == WAIT else None,
        "point_id": actor.point_id or int(answers.get(Step.POINT, 0)),
        "request_key": draft.request_key,
        "private": answers.get(Step.PRIVATE) == "yes",
    }


def _waited(draft: Draft, now: datetime) -> Waited:
    first, last = days_of(draft.answers, local_date(now))
    official_id, unit_id = booking_steps.wanted_ids(draft.answers.get(Step.WANTED, "any"))
    return Waited(first, last, official_id, unit_id)


def _booked_before(db: Session, actor: Actor, request_key: str) -> Booked:
    row = db.exec(
        select(Booking, Petition)
        .join(Petition, col(Petition.booking_id) == Booking.id)
        .where(Booking.request_key == request_key)
    ).first()
    if row is None:
        raise NotFound("draft_gone", "This booking was thrown away. Please begin again.")
    require_own_point(actor, row[0].point_id)
    return Booked(*row)
