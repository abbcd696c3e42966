"""A booking while it is typed: kept on the server, sealed, over reloads and power cuts; then booked or thrown away."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from server.accounts.exclusion import NOBODY
from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.accounts.service_exclusions import excluded_for
from server.errors import NotFound
from server.petitions import booking_steps
from server.petitions.booking_party import others_in
from server.petitions.booking_steps import ANONYMOUS, BY_MANDATE, FOUND, GROUP, Step
from server.petitions.models import BookingDraft
from server.petitions.service_booking import (
    PhotographedPaper,
    keep_photograph,
)
from server.petitions.service_same import Earlier, earlier_booking
from server.scheduling.models import ReceptionDay
from server.scheduling.service import hold_slot, petitioner_with
from server.scheduling.service_free import Wanted, hours_of
from server.scheduling.service_holds import ends_hold, holder, release, renew

STALE = timedelta(minutes=10)
MAX_TYPED = 4000


@dataclass
class Draft:
    """What was answered, what is half typed, and the papers photographed so far."""

    request_key: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    answers: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    papers: list[PhotographedPaper] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether anything would be lost."""
        return bool(self.answers or self.typed or self.papers)


def get_draft(db: Session, *, actor: Actor) -> Draft:
    """The draft of this kiosk or person; an empty one when nothing was begun."""
    require(actor, Action.BOOK)
    kept = db.get(BookingDraft, holder(actor))
    if kept is None:
        return Draft()
    content = json.loads(kept.content)
    content["papers"] = [PhotographedPaper(**one) for one in content["papers"]]
    return Draft(**content)


def keep_draft(db: Session, *, actor: Actor, now: datetime, draft: Draft) -> Draft:
    """Keep the answers as they are. For services; checks no right."""
    content = json.dumps(asdict(draft), ensure_ascii=False)
    db.merge(BookingDraft(owner=holder(actor), content=content, updated_at=now))
    db.flush()
    return draft


def keep_typing(db: Session, *, actor: Actor, now: datetime, step: Step, text: str) -> None:
    """Remember half an answer, as it stands in the field."""
    draft = get_draft(db, actor=actor)
    draft.typed[step.value] = text[:MAX_TYPED]
    keep_draft(db, actor=actor, now=now, draft=draft)


def answer(db: Session, *, actor: Actor, now: datetime, until: datetime, step: Step, text: str) -> Draft:
    """Check and keep an answer. Raises ``Invalid`` in the words of the question.

    A chosen time is held until then; one that is gone raises ``Conflict("slot_taken")`` with the nearest.
    """
    draft = get_draft(db, actor=actor)
    checked = booking_steps.checked(step, text)
    draft.answers = booking_steps.after(step, checked, draft.answers)
    _look_for_earlier(db, actor, now, draft)
    if step is Step.SLOT:
        _hold(db, actor, now, until, draft)
    elif Step.SLOT not in draft.answers:
        release(db, owner=holder(actor))
    draft.typed.pop(step.value, None)
    return keep_draft(db, actor=actor, now=now, draft=draft)


def choose_time(db: Session, *, actor: Actor, now: datetime, until: datetime, slot: str, point: str = "") -> Draft:
    """Begin with a time that was found by searching, or change to it; the questions come after."""
    draft = get_draft(db, actor=actor)
    day_id, _ = booking_steps.slot_ids(booking_steps.checked(Step.SLOT, slot))
    day = db.get(ReceptionDay, day_id)
    draft.answers[Step.WANTED] = "any" if day is None else f"official-{day.official_id}"
    if point and actor.point_id is None:
        draft.answers[Step.POINT] = booking_steps.checked(Step.POINT, point)
    keep_draft(db, actor=actor, now=now, draft=draft)
    return answer(db, actor=actor, now=now, until=until, step=Step.SLOT, text=slot)


def _hold(db: Session, actor: Actor, now: datetime, until: datetime, draft: Draft) -> None:
    """What somebody joins without a time needs no hold, and neither does one for a point that is still to be said."""
    day_id, slot = booking_steps.slot_ids(draft.answers[Step.SLOT])
    wanted = wanted_by(db, actor=actor, draft=draft)
    if slot is None or wanted.point_id is None:
        return
    place = hold_slot(db, actor=actor, now=now, until=until, reception_day_id=day_id, slot=slot, wanted=wanted)
    draft.answers[Step.SLOT] = f"{day_id}-{place}"


def wanted_by(db: Session, *, actor: Actor, draft: Draft) -> Wanted:
    """What the draft asks for. Whoever it reports, or an earlier matter of the person did, is left out."""
    answers = draft.answers
    official_id, unit_id = booking_steps.wanted_ids(answers.get(Step.WANTED, "any"))
    point_id = actor.point_id or int(answers.get(Step.POINT, 0)) or None
    excluded = booking_steps.accused(answers, actor.role)
    if answers.get(Step.WHO) != ANONYMOUS and Step.ID_NUMBER in answers:
        known = petitioner_with(db, id_number=answers[Step.ID_NUMBER])
        excluded |= excluded_for(db, petitioner_id=known.id or 0) if known is not None else NOBODY
    return Wanted(official_id, unit_id, None, point_id, answers.get(Step.CONTENT), excluded)


def earlier_of(db: Session, *, actor: Actor, now: datetime, draft: Draft) -> Earlier | None:
    """An earlier booking of one of those who come, or who sends somebody, about the same, as far as it is said."""
    answers = draft.answers
    if answers.get(Step.WHO) == ANONYMOUS or not {Step.NAME, Step.ID_NUMBER, Step.CONTENT} <= set(answers):
        return None
    others = [(one.name or "", one.id_number or "") for one in others_in(answers.get(Step.OTHERS, ""))]
    people = [(answers[Step.NAME], answers[Step.ID_NUMBER]), *(others if answers[Step.WHO] == GROUP else [])]
    sent = answers[Step.WHO] == BY_MANDATE and {Step.AGENT_NAME, Step.AGENT_ID} <= set(answers)
    told: dict[str, Any] = {"actor": actor, "now": now, "content": answers[Step.CONTENT]}
    found = [earlier_booking(db, name=name, id_number=number, **told) for name, number in people]
    if sent:
        told |= {"name": answers[Step.AGENT_NAME], "id_number": answers[Step.AGENT_ID]}
        found.append(earlier_booking(db, by_mandate=False, **told))
    return next((one for one in found if one is not None), None)


def _look_for_earlier(db: Session, actor: Actor, now: datetime, draft: Draft) -> None:
    """Ask whether it is the same, once for each booking that is found."""
    found = earlier_of(db, actor=actor, now=now, draft=draft)
    if found is None or draft.answers.get(FOUND) != found.number:
        draft.answers.pop(FOUND, None)
        draft.answers.pop(Step.EARLIER, None)
    if found is not None:
        draft.answers[FOUND] = found.number


def keep_hold(db: Session, *, actor: Actor, now: datetime, until: datetime) -> None:
    """Somebody is still there: what is held is held for longer."""
    require(actor, Action.BOOK)
    renew(db, now=now, owner=holder(actor), until=until)


def is_held(db: Session, *, actor: Actor, now: datetime, before: datetime | None = None) -> bool:
    """Whether the actor holds a time now; with ``before``, one whose hold is over by then."""
    return ends_hold(db, now=now, owner=holder(actor), before=before)


def take_back(db: Session, *, actor: Actor, now: datetime, step: Step) -> Draft:
    """Ask a question again, with the refused answer still in its field."""
    draft = get_draft(db, actor=actor)
    refused = draft.answers.pop(step.value, "")
    if step is Step.SLOT:
        release(db, owner=holder(actor))
    if step is Step.EARLIER:
        _look_for_earlier(db, actor, now, draft)
    elif step not in {Step.SLOT, Step.WANTED, Step.POINT, Step.ACCUSED}:
        draft.typed[step.value] = refused
    return keep_draft(db, actor=actor, now=now, draft=draft)


def photograph(db: Session, *, actor: Actor, now: datetime, papers_dir: Path, data: bytes) -> Draft:
    """Add a photographed paper; the same photograph sent twice is kept once."""
    draft = get_draft(db, actor=actor)
    paper = keep_photograph(papers_dir, data, known=draft.papers)
    if paper is not None:
        draft.papers.append(paper)
    return keep_draft(db, actor=actor, now=now, draft=draft)


def photograph_path(db: Session, *, actor: Actor, papers_dir: Path, name: str) -> tuple[Path, str]:
    """File and media type of a paper of the own draft."""
    found = next((one for one in get_draft(db, actor=actor).papers if one.name == name), None)
    if found is None:
        raise NotFound("no_such_photograph", "This photograph is not there any more.")
    return papers_dir / found.name, found.media_type


def throw_paper_away(db: Session, *, actor: Actor, now: datetime, papers_dir: Path, name: str) -> Draft:
    """Remove a photograph; one that is not there is removed already."""
    draft = get_draft(db, actor=actor)
    if any(one.name == name for one in draft.papers):
        (papers_dir / name).unlink(missing_ok=True)
    draft.papers = [one for one in draft.papers if one.name != name]
    return keep_draft(db, actor=actor, now=now, draft=draft)


def throw_away(db: Session, *, actor: Actor, papers_dir: Path) -> None:
    """Forget everything that was typed and photographed."""
    for paper in get_draft(db, actor=actor).papers:
        (papers_dir / paper.name).unlink(missing_ok=True)
    forget_draft(db, actor=actor)


def forget_draft(db: Session, *, actor: Actor) -> None:
    """The draft is booked: its photographs stay, with the matter. For services."""
    release(db, owner=holder(actor))
    kept = db.get(BookingDraft, holder(actor))
    if kept is not None:
        db.delete(kept)
        db.flush()


def is_stale(db: Session, *, actor: Actor, now: datetime) -> bool:
    """Whether nobody touched the draft for ten minutes: the next person must not see it."""
    require(actor, Action.BOOK)
    kept = db.get(BookingDraft, holder(actor))
    return kept is not None and kept.updated_at < now - STALE


def throw_stale_away(db: Session, *, actor: Actor, now: datetime, papers_dir: Path) -> None:
    """Forget a draft that is stale."""
    if is_stale(db, actor=actor, now=now):
        throw_away(db, actor=actor, papers_dir=papers_dir)


@dataclass(frozen=True)
class ChosenTime:
    """A time as it is shown before it is booked; no minute for a walk-in."""

    day: date
    minute: int | None
    official: str
    post: str


def chosen_time(db: Session, *, day_id: int, slot: int | None) -> ChosenTime | None:
    """The reception behind an answer; empty when it is not there any more."""
    day = db.get(ReceptionDay, day_id)
    if day is None:
        return None
    official = db.get_one(User, day.official_id)
    minute = None if slot is None else hours_of(day).minute(slot)
    return ChosenTime(day.day, minute, official.display_name, official.post)
