"""The same request sent twice is done once: its answer is kept under its key, in the transaction that did it.

A browser that lost the line, a finger that pressed twice and a page that was loaded anew send a form again. What was
refused is not kept: it may be asked again under the same key.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete

from server.accounts.roles import Actor
from server.errors import Conflict, Invalid
from server.scheduling.models import AnsweredRequest, Booking
from server.scheduling.service import booking_by_number
from server.scheduling.service_list import check_in
from server.sealing import current_sealer

KEPT = timedelta(days=1)
MAX_KEY = 64


def once(
    db: Session, *, actor: Actor, now: datetime, key: str, asked: Mapping[str, object], do: Callable[[], str]
) -> str:
    """Do what was ``asked`` and keep the answer for a day; asked again under this key, the kept answer.

    Something else under the same key of the same actor raises ``Conflict("key_used")``. An empty key: it is just done.
    """
    if not key:
        return do()
    if len(key) > MAX_KEY:
        raise Invalid("bad_input", "Something in the form was not understood. Please check it.")
    owner = f"{actor.role.value}:{actor.id}"
    digest = current_sealer().index(json.dumps(asked, sort_keys=True, ensure_ascii=False))
    kept = db.get(AnsweredRequest, (owner, key))
    if kept is not None and kept.answered_at > now - KEPT:
        if kept.digest != digest:
            raise Conflict("key_used", "This page was sent already with something else on it. Please open it anew.")
        return kept.answer
    answer = do()
    db.merge(AnsweredRequest(owner=owner, key=key, digest=digest, answer=answer, answered_at=now))
    db.flush()
    return answer


def check_in_once(db: Session, *, actor: Actor, now: datetime, number: str, priority: str, request_key: str) -> Booking:
    """Check in; an old form that is sent again does not bring back somebody who was marked absent since."""

    def do() -> str:
        return check_in(db, actor=actor, now=now, number=number, priority=priority).number

    asked = {"do": "check in", "number": number, "priority": priority}
    once(db, actor=actor, now=now, key=request_key, asked=asked, do=do)
    return booking_by_number(db, actor=actor, number=number)


def forget_answers(db: Session, *, now: datetime) -> None:
    """Throw away the answers that are too old to be asked for again."""
    db.exec(delete(AnsweredRequest).where(col(AnsweredRequest.answered_at) <= now - KEPT))
