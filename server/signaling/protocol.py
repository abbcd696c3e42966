"""Who may send which message, when, and what the server tells (docs/protocol.md is tested against this)."""

from typing import NamedTuple

from server.errors import Conflict, Forbidden
from server.signaling import messages as m
from server.signaling.messages import Phase, Place


class Rule(NamedTuple):
    """Who may send a message, and how far the reception must be."""

    places: frozenset[Place]
    phases: frozenset[Phase]


_ALL, _DESK, _KIOSK = frozenset(Place), frozenset({Place.DESK}), frozenset({Place.TALK})
_EITHER = _DESK | _KIOSK
_ANY_TIME = frozenset(Phase)
_TALK, _READ = frozenset({Phase.TALK}), frozenset({Phase.READ_BACK})
RULES: dict[type[m.Message], Rule] = {
    m.Hello: Rule(_ALL, frozenset()),
    m.Ping: Rule(_ALL, _ANY_TIME),
    m.Admit: Rule(_DESK, _ANY_TIME),
    m.CallNext: Rule(_DESK, _ANY_TIME),
    m.MarkAbsent: Rule(_DESK, _ANY_TIME),
    m.Hold: Rule(_DESK, _ANY_TIME),
    m.BringBack: Rule(_DESK, _ANY_TIME),
    m.OfferTimes: Rule(_DESK, _ANY_TIME),
    m.AnswerHelp: Rule(_DESK, _ANY_TIME),
    m.Offer: Rule(_ALL, _TALK | _READ),
    m.Switches: Rule(_ALL, _TALK | _READ),
    m.Pause: Rule(_EITHER, _TALK),
    m.Resume: Rule(_EITHER, _TALK),
    m.AskToEnd: Rule(_KIOSK, _TALK),
    m.CallHelp: Rule(_KIOSK, _ANY_TIME),
    m.RestartRecording: Rule(_DESK, _TALK | _READ),
    m.Invite: Rule(_DESK, _TALK),
    m.WriteLine: Rule(_DESK, _TALK),
    m.Promise: Rule(_DESK, _TALK),
    m.WithdrawPromise: Rule(_DESK, _TALK),
    m.End: Rule(_DESK, _TALK),
    m.CloseUnsigned: Rule(_DESK, _READ),
    m.ConfirmLine: Rule(_KIOSK, _READ),
    m.ObjectLine: Rule(_KIOSK, _READ),
    m.Sign: Rule(_KIOSK, _READ),
}

PUSHES: dict[str, tuple[str, ...]] = {
    "welcome": ("reply_to", "you"),
    "done": ("reply_to",),
    "answer": ("reply_to", "sdp"),
    "error": ("reply_to", "code", "message", "field"),
    "waiting": (
        "number",
        "state",
        "position",
        "ahead",
        "official",
        "official_post",
        "booked_time",
        "wait",
        "back_at",
        "reason",
    ),
    "list": ("day", "entries", "help", "checks", "misses", "receivers"),
    "session": (
        "token",
        "number",
        "phase",
        "participants",
        "slots",
        "paused",
        "recording",
        "started_at",
        "petitioner",
        "matter",
        "papers",
        "wishes_to_end",
    ),
    "relays": ("servers", "policy"),
    "speaking": ("seats",),
    "minutes": ("lines", "follow_ups"),
    "reconnect_media": (),
    "replaced": (),
}


def out_of_state() -> Conflict:
    """The message comes at the wrong time."""
    return Conflict("out_of_state", "This cannot be done at this moment of the reception.")


def check(message: m.Message, place: Place, phase: Phase) -> None:
    """Raise ``Forbidden`` for somebody else's message, ``Conflict`` for one at the wrong time."""
    rule = RULES[type(message)]
    if place not in rule.places:
        raise Forbidden("not_yours", "This cannot be done from this page.")
    if phase not in rule.phases:
        raise out_of_state()
