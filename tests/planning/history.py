"""A past and a coming month for the small district, so that there is something to try a change on."""

from datetime import timedelta
from random import Random
from typing import Any

from server.database import writing
from server.planning.models import PlanningTrial
from server.planning.service_trials import ask_trial
from server.planning.trial_form import checked_trial
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_free import instant_of
from server.scheduling.words import BookingState
from tests.administrator import administrator
from tests.district import TODAY, District

CHANGE = {"official_id": "1", "officials": "0", "points": "0", "visitors": "100", "days": "200", "seed": "7"}


def add_history(district: District, *, weeks: int = 6, talks: int = 7) -> None:
    """Every Tuesday of the past weeks with talks, two without a booking, one who did not come; and of the coming."""
    dice = Random(1)  # noqa: S311 - an example
    with writing(district.engine) as db:
        db.add(Petitioner(id=1, anonymous=True, created_at=district.clock.now()))
        for week in (one for one in range(-weeks, 5) if one):
            day = ReceptionDay(
                official_id=district.official.id, day=TODAY + timedelta(weeks=week), opens_minute=540, closes_minute=720
            )
            db.add(day)
            db.flush()
            ended = 541.0
            for number in range(talks if week < 0 else 0):
                slot = number if number < talks - 2 else None
                came = 540.0 + (20 * number - 8 if slot is not None else 5)
                begins = max(ended + 2, came)
                ended = begins + dice.randint(10, 28)
                told = [instant_of(day.day, 0) + timedelta(minutes=one) for one in (came, begins, ended)]
                db.add(_booking(district, day, f"{week}-{number}", slot, BookingState.DONE, *told))
            if week < 0:
                db.add(_booking(district, day, f"{week}-away", talks, BookingState.ABSENT))


def _booking(
    district: District, day: ReceptionDay, key: str, slot: int | None, state: BookingState, *at: Any
) -> Booking:
    came, admitted, ended = at or (None, None, None)
    return Booking(
        number=key,
        reception_day_id=day.id or 0,
        slot=slot,
        point_id=1,
        petitioner_id=1,
        state=state,
        request_key=key,
        booked_at=district.clock.now(),
        checked_in_at=came,
        admitted_at=admitted,
        ended_at=ended,
        content="land",
    )


def ask(district: District, **other: str) -> int:
    """Ask for a trial; its number."""
    with writing(district.engine) as db:
        actor, form = administrator(district, db), checked_trial({**CHANGE, **other})
        row: PlanningTrial = ask_trial(db, actor=actor, now=district.clock.now(), form=form)
        return row.id or 0
