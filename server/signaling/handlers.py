"""Which handler takes which message."""

from collections.abc import Awaitable, Callable
from typing import Any

from server.signaling import handlers_desk as desk
from server.signaling import handlers_session as session
from server.signaling import messages as m
from server.signaling.connection import Connection
from server.signaling.protocol import check
from server.signaling.switchboard import Switchboard

Handler = Callable[[Switchboard, Connection, Any], Awaitable[dict[str, Any]]]
HANDLERS: dict[type[m.Message], Handler] = {
    m.Ping: session.ping,
    m.Admit: desk.admit,
    m.CallNext: desk.call_next,
    m.MarkAbsent: desk.mark_absent,
    m.Hold: desk.hold,
    m.BringBack: desk.bring_back,
    m.OfferTimes: desk.offer_times,
    m.AnswerHelp: desk.answer_help,
    m.Offer: session.offer,
    m.Switches: session.switches,
    m.Pause: session.pause,
    m.Resume: session.resume,
    m.AskToEnd: session.ask_to_end,
    m.CallHelp: session.call_help,
    m.RestartRecording: session.restart_recording,
    m.Invite: desk.invite,
    m.WriteLine: desk.write_line,
    m.Promise: desk.promise,
    m.WithdrawPromise: desk.withdraw_promise,
    m.End: desk.end,
    m.CloseUnsigned: desk.close_unsigned,
    m.ConfirmLine: session.confirm_line,
    m.ObjectLine: session.object_line,
    m.Sign: session.sign,
}


async def answer(board: Switchboard, me: Connection, message: m.Message) -> dict[str, Any]:
    """Take one message; the reply. Raises the house's errors only."""
    check(message, me.place, await board.phase(me))
    told = await HANDLERS[type(message)](board, me, message)
    return {"type": "done", **told, "reply_to": message.id}
