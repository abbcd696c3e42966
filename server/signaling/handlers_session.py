"""What anybody in a talk may ask for, and the read-back at the kiosk."""

from typing import Any

from server.errors import NotFound
from server.petitions import service_ending, service_minutes
from server.places import service as places
from server.signaling import messages
from server.signaling.connection import Connection
from server.signaling.handlers_desk import token_of
from server.signaling.switchboard import Switchboard


async def ping(board: Switchboard, me: Connection, message: messages.Ping) -> dict[str, Any]:
    """Still there; and never with credentials that are about to end."""
    board.tell_relays(me)
    return {}


async def offer(board: Switchboard, me: Connection, message: messages.Offer) -> dict[str, Any]:
    """Connect to the engine, or connect anew in the same seat."""
    token = token_of(me)
    try:
        answer = await board.media.join(session=token, seat=me.seat, offer=message.sdp)
    except NotFound:
        await board.restore(token)
        answer = await board.media.join(session=token, seat=me.seat, offer=message.sdp)
    await board.tell_session(token)
    return {"type": "answer", "sdp": answer.sdp}


async def switches(board: Switchboard, me: Connection, message: messages.Switches) -> dict[str, Any]:
    """Tell the others whether microphone and camera are on."""
    me.microphone, me.camera = message.microphone, message.camera
    await board.tell_session(token_of(me))
    return {}


async def pause(board: Switchboard, me: Connection, message: messages.Pause) -> dict[str, Any]:
    """Rest: nothing is recorded, and the pages keep still."""
    live = await board.restore(token_of(me))
    if not live.paused:
        await board.rest(live, me.seat)
        await board.tell_session(live.token)
    return {}


async def resume(board: Switchboard, me: Connection, message: messages.Resume) -> dict[str, Any]:
    """Go on."""
    live = await board.restore(token_of(me))
    if live.paused:
        await board.go_on(live, me.seat)
        await board.tell_session(live.token)
    return {}


async def ask_to_end(board: Switchboard, me: Connection, message: messages.AskToEnd) -> dict[str, Any]:
    """The visitor wishes to end; the official decides how."""
    live = await board.restore(token_of(me))
    if not live.wishes_to_end:
        live.wishes_to_end = True
        await board.note(live.token, "wishes_to_end", me.seat)
        await board.tell_session(live.token)
    return {}


async def call_help(board: Switchboard, me: Connection, message: messages.CallHelp) -> dict[str, Any]:
    """Ring at the office, and write it down if a talk runs."""
    page = "talk" if me.token is not None else "waiting"
    await board.write(places.call_help, actor=me.actor, now=board.clock.now(), page=page)
    if me.token is not None:
        await board.note(me.token, "help", me.seat)
    await board.tell_lists()
    return {}


async def restart_recording(board: Switchboard, me: Connection, message: messages.RestartRecording) -> dict[str, Any]:
    """A new segment of a recording in doubt; without consent nothing is recorded."""
    live = await board.restore(token_of(me))
    if live.consent and not live.paused:
        await board.record(live)
        await board.note(live.token, "recording_restarted", me.seat)
    await board.tell_session(live.token)
    return {}


async def confirm_line(board: Switchboard, me: Connection, message: messages.ConfirmLine) -> dict[str, Any]:
    """A line is right."""
    await board.write(service_minutes.confirm_line, actor=me.actor, token=token_of(me), line=message.line)
    await board.tell_minutes(token_of(me))
    return {}


async def object_line(board: Switchboard, me: Connection, message: messages.ObjectLine) -> dict[str, Any]:
    """A line is objected to."""
    told = {"line": message.line, "text": message.text}
    await board.write(service_minutes.object_line, actor=me.actor, token=token_of(me), **told)
    await board.tell_minutes(token_of(me))
    return {}


async def sign(board: Switchboard, me: Connection, message: messages.Sign) -> dict[str, Any]:
    """Sign; the petitioner's signature ends the reception."""
    token, now = token_of(me), board.clock.now()
    told = {"role": message.role, "path": message.path}
    session = await board.write(service_ending.sign, actor=me.actor, now=now, token=token, **told)
    if session.signed_at is not None:
        await board.finish(token)
        await board.tell_lists()
    return {"slip": f"/kiosk/reception/{me.number}/slip"}
