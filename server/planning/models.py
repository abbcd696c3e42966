"""Trials of the planning aid, with what came of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import CheckConstraint, Field, SQLModel

from server.database import UtcDateTime, word
from server.planning.words import TrialState


class PlanningTrial(SQLModel, table=True):
    """One trial: what was changed, on how many receptions, with which seed; ``result`` once it is done.

    ``visitors`` is how many come, in percent of now; ``talks`` is how many past talks it rests on.
    """

    __tablename__ = "planning_trials"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="ck_planning_trials_percent"),
        CheckConstraint("officials BETWEEN 0 AND 5", name="ck_planning_trials_officials"),
        CheckConstraint("points BETWEEN 0 AND 50", name="ck_planning_trials_points"),
    )

    id: int | None = Field(default=None, primary_key=True)
    state: TrialState = Field(default=TrialState.WAITING, sa_type=word(TrialState), index=True)
    official_id: int | None = Field(default=None, foreign_key="users.id")
    officials: int = 0
    points: int = 0
    visitors: int = 100
    days: int
    seed: int
    talks: int = 0
    percent: int = 0
    tries: int = 0
    fault: str = Field(default="", max_length=20)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    asked_by: int = Field(foreign_key="users.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
