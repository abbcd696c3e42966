"""The page of what was sent to whom."""

from contextlib import suppress
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from server.accounts.roles import Actor
from server.database import reading, writing
from server.dependencies import CurrentActor, Database, Key, Now, PageNumber, SettingsDep
from server.errors import Conflict
from server.notices import labels
from server.notices.planning import Quiet
from server.notices.service import channels_in_use
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.petitions.service_notices import PAGE, TO_LOOK_AT, Sieve, notice_rows, send_again, to_look_at
from server.responses import page, refused, see_other
from server.scheduling.typed import typed_day

router = APIRouter(prefix="/notices")
TEMPLATE = "notices/list.html"
Word = TypeVar("Word", bound=StrEnum)


def _word(kind: type[Word], text: str) -> Word | None:
    with suppress(ValueError):
        return kind(text)
    return None


def _sieve(request: Request) -> Sieve:
    """What is looked for, from the address; what is no word of ours does not sift."""
    typed = request.query_params
    return Sieve(
        text=typed.get("q", "").strip()[:24],
        event=_word(NoticeEvent, typed.get("event", "")),
        channel=_word(Channel, typed.get("channel", "")),
        state=_word(NoticeState, typed.get("state", "")),
        day=typed_day(typed.get("day", "")),
    )


def _address(sieve: Sieve) -> str:
    named = {"q": sieve.text, "event": sieve.event, "channel": sieve.channel, "state": sieve.state, "day": sieve.day}
    return urlencode({name: str(value) for name, value in named.items() if value})


def _shown(
    engine: Database, actor: Actor, now: Now, settings: SettingsDep, sieve: Sieve, number: int
) -> dict[str, Any]:
    with reading(engine) as db:
        rows, waiting = notice_rows(db, actor=actor, sieve=sieve, page=number), to_look_at(db, actor=actor)
    quiet = Quiet.of(settings.quiet_hours)
    return {
        "rows": rows[:PAGE],
        "more": len(rows) > PAGE,
        "number": number,
        "waiting": waiting,
        "address": _address(sieve),
        "labels": labels,
        "again": TO_LOOK_AT,
        "in_use": channels_in_use(),
        "quiet_until": quiet.over_at(now) if quiet.holds(now) else None,
    }


@router.get("")
def notices(
    request: Request, engine: Database, actor: CurrentActor, now: Now, settings: SettingsDep, number: PageNumber = 1
) -> Response:
    """What was sent to whom; what is looked for is in the address."""
    sieve = _sieve(request)
    shown = _shown(engine, actor, now, settings, sieve, number)
    return page(request, TEMPLATE, values=vars(sieve), **shown)


@router.post("/{notice_id}/again")
def again(
    request: Request, engine: Database, actor: CurrentActor, now: Now, settings: SettingsDep, notice_id: Key
) -> Response:
    """Send it again; back to what was looked for."""
    sieve = _sieve(request)
    try:
        with writing(engine) as db:
            send_again(db, actor=actor, now=now, notice_id=notice_id)
    except Conflict as error:
        shown = _shown(engine, actor, now, settings, sieve, 1)
        return refused(request, TEMPLATE, error, values=vars(sieve), **shown)
    return see_other(f"/notices?{_address(sieve)}&done=again")
