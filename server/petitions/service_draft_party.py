"""Who else comes and by which mandate, while a booking is typed; and written down with the booking."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from server.accounts.roles import Actor
from server.petitions.booking_party import as_answer, checked_paper, given_of, others_in, others_of
from server.petitions.booking_steps import Step
from server.petitions.service_booking import PhotographedPaper, keep_photograph
from server.petitions.service_drafts import Draft, get_draft, keep_draft
from server.scheduling.identity import Identity
from server.scheduling.models import Booking
from server.scheduling.party import added
from server.scheduling.service_party import bring_others, give_mandate


def add_other(db: Session, *, actor: Actor, now: datetime, name: str, id_number: str) -> Draft:
    """One more person comes; the sixth is refused."""
    draft = get_draft(db, actor=actor)
    first = draft.answers.get(Step.ID_NUMBER, "")
    others = added(others_half(draft), first=first, name=name, id_number=id_number)
    draft.typed[Step.OTHERS] = as_answer(others)
    return keep_draft(db, actor=actor, now=now, draft=draft)


def remove_other(db: Session, *, actor: Actor, now: datetime, id_number: str) -> Draft:
    """This person does not come after all."""
    draft = get_draft(db, actor=actor)
    draft.typed[Step.OTHERS] = as_answer([one for one in others_half(draft) if one.id_number != id_number])
    draft.answers.pop(Step.OTHERS, None)
    return keep_draft(db, actor=actor, now=now, draft=draft)


def others_half(draft: Draft) -> list[Identity]:
    """Who was added so far."""
    return others_in(draft.typed.get(Step.OTHERS, draft.answers.get(Step.OTHERS, "")))


def photograph_mandate(db: Session, *, actor: Actor, now: datetime, papers_dir: Path, data: bytes) -> Draft:
    """Photograph the mandate; it is one of the papers. It counts once somebody has said that it can be read."""
    draft = get_draft(db, actor=actor)
    paper = keep_photograph(papers_dir, data, known=draft.papers)
    if paper is None:
        paper = next(one for one in draft.papers if one.sha256 == hashlib.sha256(data).hexdigest())
    else:
        draft.papers.append(paper)
    draft.typed[Step.MANDATE] = paper.sha256
    return keep_draft(db, actor=actor, now=now, draft=draft)


def mandate_shown(draft: Draft) -> PhotographedPaper | None:
    """The photograph of the mandate, if it was taken and is still there."""
    digest = draft.typed.get(Step.MANDATE, draft.answers.get(Step.MANDATE, ""))
    return next((one for one in draft.papers if one.sha256 == digest), None)


def write_party_down(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    booking: Booking,
    answers: Mapping[str, str],
    papers: Sequence[PhotographedPaper],
) -> None:
    """Who comes and who speaks, beside the new booking. Raises ``Invalid`` with the question to ask again."""
    others = others_of(answers)
    if others:
        bring_others(db, actor=actor, now=now, booking=booking, others=others)
    given = given_of(answers)
    if given is not None:
        if given.paper not in {one.sha256 for one in papers}:
            checked_paper("")
        give_mandate(db, actor=actor, now=now, booking=booking, given=given)
