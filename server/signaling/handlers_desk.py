"""What the desk may ask for: running the list, minutes, promises, the end."""

import secrets
from contextlib import suppress
from typing import Any

from sqlmodel import Session

from server.accounts.roles import Actor, Role
from server.clock import local_date
from server.errors import Invalid, LianxinError, NotFound, Unavailable
from server.petitions import service_ending, service_follow_up, service_minutes, service_overrun, service_session
from server.places import service as places
from server.scheduling import service_list
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_joint import officials_of
from server.scheduling.states import BookingEvent
from server.signaling import messages
from server.signaling.connection import Connection
from server.signaling.messages import Place
from server.signaling.service_states import day_from
from server.signaling.switchboard import Switchboard


async def admit(board: Switchboard, me: Connection, message: messages.Admit) -> dict[str, Any]:
    """Begin the talk with this visitor."""
    return await _admit(board, me, message.booking)


async def call_next(board: Switchboard, me: Connection, message: messages.CallNext) -> dict[str, Any]:
    """Begin the talk with the first one who waits."""
    now = board.clock.now()
    asked: dict[str, Any] = {"actor": me.actor, "now": now, "official_id": me.official_id or 0, "day": local_date(now)}
    booking = await board.read(service_list.next_in_list, **asked)
    if booking is None:
        raise NotFound("nobody_waits", "Nobody is waiting at this moment.")
    return await _admit(board, me, booking.number)


async def _make_room(board: Switchboard) -> str:
    """The token of a talk that has room in an engine. Raises ``Unavailable("media_full")``.

    Where no engine answers the talk may begin all the same: it comes into one as soon as one does.
    """
    token = secrets.token_urlsafe(18)
    try:
        await board.media.open_session(session=token)
    except Unavailable as error:
        if error.code == "media_full":
            raise
    return token


async def _give_up_room(board: Switchboard, token: str) -> None:
    with suppress(LianxinError):
        await board.media.close_session(session=token)


async def _admit(board: Switchboard, me: Connection, number: str) -> dict[str, Any]:
    known = await board.read(service_session.session_of_booking, actor=me.actor, number=number)
    room = known.token if known is not None else await _make_room(board)
    token = ""
    try:
        told: dict[str, Any] = {"actor": me.actor, "now": board.clock.now(), "number": number, "token": room}
        token, official_id = await board.write(_admitted, **told)
    finally:
        if token != room and known is None:
            await _give_up_room(board, room)
    await board.begin(token, number=number, official_id=official_id)
    await _call_together(board, number)
    await board.tell_lists()
    return {"token": token}


async def _call_together(board: Switchboard, number: str) -> None:
    """Whoever receives together and is in no other talk comes back by a new hello, to a seat of this one."""
    ids = await board.read(officials_of, number=number)
    for one in list(board.connections.values()):
        if one.place is Place.DESK and one.actor.role is Role.OFFICIAL and one.actor.id in ids and one.token is None:
            one.close(1012)


def _admitted(db: Session, *, actor: Actor, now: Any, number: str, token: str) -> tuple[str, int]:
    session = service_session.admit(db, actor=actor, now=now, number=number, token=token)
    booking = db.get_one(Booking, session.booking_id)
    return session.token, db.get_one(ReceptionDay, booking.reception_day_id).official_id


async def _change(board: Switchboard, me: Connection, number: str, event: BookingEvent) -> dict[str, Any]:
    await board.write(service_list.change, actor=me.actor, now=board.clock.now(), number=number, event=event)
    await board.tell_lists()
    return {}


async def mark_absent(board: Switchboard, me: Connection, message: messages.MarkAbsent) -> dict[str, Any]:
    """The visitor does not come."""
    return await _change(board, me, message.booking, BookingEvent.MARK_ABSENT)


async def hold(board: Switchboard, me: Connection, message: messages.Hold) -> dict[str, Any]:
    """Let others go first."""
    return await _change(board, me, message.booking, BookingEvent.HOLD)


async def bring_back(board: Switchboard, me: Connection, message: messages.BringBack) -> dict[str, Any]:
    """Back to those who wait."""
    return await _change(board, me, message.booking, BookingEvent.BRING_BACK)


async def offer_times(board: Switchboard, me: Connection, message: messages.OfferTimes) -> dict[str, Any]:
    """Tell those who would miss the end of the day."""
    asked: dict[str, Any] = {"actor": me.actor, "now": board.clock.now(), "official_id": me.official_id or 0}
    given = await board.write(service_overrun.offer_other_times, **asked)
    await board.tell_lists()
    return {"told": len(given)}


async def answer_help(board: Switchboard, me: Connection, message: messages.AnswerHelp) -> dict[str, Any]:
    """Somebody takes care."""
    await board.write(places.answer_help, actor=me.actor, now=board.clock.now(), help_id=message.help)
    await board.tell_lists()
    return {}


def token_of(me: Connection) -> str:
    """The talk the connection is in."""
    if me.token is None:
        raise service_session.no_such_session()
    return me.token


async def invite(board: Switchboard, me: Connection, message: messages.Invite) -> dict[str, Any]:
    """Make a seat for a third participant."""
    token, now = token_of(me), board.clock.now()
    told = {"role": message.role, "name": message.name}
    secret = await board.write(service_session.invite, actor=me.actor, now=now, token=token, **told)
    await board.tell_session(token)
    return {"address": f"/join/{secret}"}


async def write_line(board: Switchboard, me: Connection, message: messages.WriteLine) -> dict[str, Any]:
    """Save a line and show it to everybody."""
    token, now = token_of(me), board.clock.now()
    told = {"key": message.key, "speaker": message.speaker, "text": message.text}
    line = await board.write(service_minutes.write_line, actor=me.actor, now=now, token=token, **told)
    await board.tell_minutes(token)
    return {"line": line.id, "offset_ms": line.offset_ms}


async def promise(board: Switchboard, me: Connection, message: messages.Promise) -> dict[str, Any]:
    """Save a promise."""
    token, due_on = token_of(me), day_from(message.due_on)
    if due_on is None:
        raise Invalid("due_missing", "Please choose the day by which it is handled.", field="due_on")
    told: dict[str, Any] = {
        "key": message.key,
        "what": message.what,
        "unit_id": message.unit,
        "person": message.person,
        "due_on": due_on,
        "line_key": message.line_key,
    }
    await board.write(service_follow_up.promise, actor=me.actor, now=board.clock.now(), token=token, **told)
    await board.tell_minutes(token)
    return {}


async def withdraw_promise(board: Switchboard, me: Connection, message: messages.WithdrawPromise) -> dict[str, Any]:
    """Take a promise back."""
    await board.write(service_follow_up.withdraw, actor=me.actor, token=token_of(me), key=message.key)
    await board.tell_minutes(token_of(me))
    return {}


async def end(board: Switchboard, me: Connection, message: messages.End) -> dict[str, Any]:
    """Decide, and read back; a pause ends with the talk."""
    token = token_of(me)
    told: dict[str, Any] = {
        "outcome": message.outcome,
        "opinion": message.opinion,
        "unit_id": message.unit,
        "due_on": day_from(message.due_on or ""),
        "official_id": message.official,
    }
    await board.write(service_ending.end_talk, actor=me.actor, now=board.clock.now(), token=token, **told)
    await board.note(token, "read_back")
    live = await board.restore(token)
    if live.paused:
        with suppress(Unavailable):
            await board.go_on(live, me.seat)
    await board.tell_session(token)
    await board.tell_minutes(token)
    return {}


async def close_unsigned(board: Switchboard, me: Connection, message: messages.CloseUnsigned) -> dict[str, Any]:
    """End the read-back without a signature."""
    token = token_of(me)
    told = {"token": token, "reason": message.reason}
    await board.write(service_ending.close_unsigned, actor=me.actor, now=board.clock.now(), **told)
    await board.finish(token)
    await board.tell_lists()
    return {}
