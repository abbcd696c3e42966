"""Trials of the planning aid: asked for by administrators, played in the background, one at a time, and kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import ANYBODY, Action, Actor, Role, require
from server.audit.service import record
from server.errors import Conflict, Invalid, NotFound
from server.planning.changed import Change
from server.planning.facts import Facts
from server.planning.models import PlanningTrial
from server.planning.player import RESULT
from server.planning.service_facts import facts
from server.planning.states import TRIAL, TrialEvent
from server.planning.summing import Result
from server.planning.trial import Trial
from server.planning.trial_form import MOST_SEED, TrialForm
from server.planning.words import TrialState
from server.scheduling.service_order import rules_in_use
from server.transitions import advance

UNDER_WAY = (TrialState.WAITING, TrialState.PLAYING)
MOST_TRIES, MOST_SHOWN = 3, 50


@dataclass(frozen=True)
class Kept:
    """A trial with the names of who asked for it and of the official who gets a day, and what came of it."""

    row: PlanningTrial
    asked_by: str
    official: str
    result: Result | None

    @property
    def under_way(self) -> bool:
        """Whether it waits or is played."""
        return self.row.state in UNDER_WAY


def trials(db: Session, *, actor: Actor) -> list[Kept]:
    """The latest trials, the newest first."""
    require(actor, Action.SET_UP)
    rows = db.exec(select(PlanningTrial).order_by(col(PlanningTrial.id).desc()).limit(MOST_SHOWN))
    return [_kept(db, row) for row in rows]


def get_trial(db: Session, *, actor: Actor, trial_id: int) -> Kept:
    """One trial."""
    require(actor, Action.SET_UP)
    row = db.get(PlanningTrial, trial_id)
    if row is None:
        raise NotFound("no_such_trial", "This trial is not there.")
    return _kept(db, row)


def _kept(db: Session, row: PlanningTrial) -> Kept:
    who, official = db.get_one(User, row.asked_by), db.get(User, row.official_id) if row.official_id else None
    result = None if row.result is None else RESULT.validate_python(row.result, strict=False)
    return Kept(row, who.display_name, official.display_name if official else "", result)


@dataclass(frozen=True)
class Ground:
    """On what a trial would rest, and the officials who can be given a day."""

    talks: int
    past: int
    coming: int
    officials: list[User]


def ground(db: Session, *, actor: Actor, now: datetime) -> Ground:
    """What is known, before anything is tried."""
    require(actor, Action.SET_UP)
    found = facts(db, now=now)
    keys = {one.official for one in found.coming}
    officials = db.exec(select(User).where(col(User.id).in_(keys)).order_by(col(User.id)))
    return Ground(found.talks, len(found.past), len(found.coming), list(officials))


def ask_trial(db: Session, *, actor: Actor, now: datetime, form: TrialForm) -> PlanningTrial:
    """Let a trial be played in the background; one at a time."""
    require(actor, Action.SET_UP)
    if db.exec(select(PlanningTrial.id).where(col(PlanningTrial.state).in_(UNDER_WAY))).first() is not None:
        raise Conflict("trial_under_way", "A trial is being played already. Please wait for it, or stop it first.")
    found, change = facts(db, now=now), form.change
    _refuse_too_little(found)
    if change.official is not None:
        official = db.get(User, change.official)
        if official is None or official.role is not Role.OFFICIAL or not _receives(found, change.official):
            raise Invalid(
                "not_receiving", "This official receives nobody in the coming four weeks.", field="official_id"
            )
    row = PlanningTrial(
        official_id=change.official,
        officials=change.officials,
        points=change.points,
        visitors=form.visitors,
        days=form.days,
        seed=form.seed or 1 + secrets.randbelow(MOST_SEED),
        talks=found.talks,
        asked_by=actor.id,
        asked_at=now,
        changed_at=now,
    )
    db.add(row)
    db.flush()
    _log(db, actor, now, "trial.ask", row)
    return row


def _refuse_too_little(found: Facts) -> None:
    if not found.talks:
        raise Conflict("no_history", "No talk has been held in the last half year, so there is nothing to learn from.")
    if not found.coming:
        raise Conflict("nothing_coming", "Nobody receives in the coming four weeks. Please make reception days first.")


def _receives(found: Facts, official_id: int) -> bool:
    return any(one.official == official_id for one in found.coming)


def cancel_trial(db: Session, *, actor: Actor, now: datetime, trial_id: int) -> None:
    """Do not play it after all; one that is not under way stays as it is."""
    row = get_trial(db, actor=actor, trial_id=trial_id).row
    if row.state in UNDER_WAY:
        _move(db, row, now, TrialEvent.CANCEL)
        _log(db, actor, now, "trial.cancel", row)


def next_trial(db: Session) -> int | None:
    """For the house itself: the trial that was asked for first and is not done."""
    query = select(PlanningTrial.id).where(col(PlanningTrial.state).in_(UNDER_WAY)).order_by(col(PlanningTrial.id))
    return db.exec(query).first()


def begin_trial(db: Session, *, trial_id: int, now: datetime) -> Trial | None:
    """For the house itself: it begins, from the start. Nothing: it is not wanted any more, or was given up."""
    row = db.get_one(PlanningTrial, trial_id, with_for_update=True)
    if row.state not in UNDER_WAY:
        return None
    if row.tries >= MOST_TRIES:
        end_trial(db, trial_id=trial_id, now=now, fault="broken")
        return None
    found = facts(db, now=now)
    row.tries, row.percent, row.talks = row.tries + 1, 0, found.talks
    if not found.talks or not found.coming:
        end_trial(db, trial_id=trial_id, now=now, fault="no_history")
        return None
    _settle(db, row, now, resting=False)
    change = Change(row.official_id, row.officials, row.points)
    return Trial(found, change, rules_in_use(), row.days, row.seed, row.visitors / 100)


def report_trial(db: Session, *, trial_id: int, now: datetime, percent: int, resting: bool) -> bool:
    """For the house itself: how far it is, and whether it rests; whether it is still wanted."""
    row = db.get_one(PlanningTrial, trial_id, with_for_update=True)
    if row.state not in UNDER_WAY:
        return False
    row.percent = percent
    _settle(db, row, now, resting=resting)
    return True


def end_trial(db: Session, *, trial_id: int, now: datetime, fault: str = "", result: Result | None = None) -> None:
    """For the house itself: it came to its result, or failed with ``fault``. Too late is too late."""
    row = db.get_one(PlanningTrial, trial_id, with_for_update=True)
    if row.state not in UNDER_WAY:
        return
    if result is not None:
        _settle(db, row, now, resting=False)
        row.result = RESULT.dump_python(result, mode="json")
    row.fault, row.percent = fault, 100 if result is not None else 0
    _move(db, row, now, TrialEvent.FINISH if result is not None else TrialEvent.FAIL)
    _log(db, ANYBODY, now, "trial.finish" if result is not None else "trial.fail", row)


def _settle(db: Session, row: PlanningTrial, now: datetime, *, resting: bool) -> None:
    if resting and row.state is TrialState.PLAYING:
        _move(db, row, now, TrialEvent.REST)
    elif not resting and row.state is TrialState.WAITING:
        _move(db, row, now, TrialEvent.GO_ON)
    db.add(row)


def _move(db: Session, row: PlanningTrial, now: datetime, event: TrialEvent) -> None:
    row.state, row.changed_at = advance(TRIAL, row.state, event), now
    db.add(row)


def _log(db: Session, actor: Actor, now: datetime, action: str, row: PlanningTrial) -> None:
    record(db, actor=actor, now=now, action=action, subject="trial", subject_id=row.id or 0)
