"""Every message that a browser may send on the live socket (docs/protocol.md is tested against this)."""

import json
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from server.errors import Invalid

VERSION = 1
SUBPROTOCOL = "lianxin.v1"
MAX_BYTES = 64 * 1024
MAX_ID = 64


class Close(IntEnum):
    """Why the server hangs up."""

    BAD_HELLO = 4000
    REPLACED = 4001
    NOT_ALLOWED = 4002
    TOO_LARGE = 4003
    TOO_MANY = 4004
    PROTOCOL = 4005
    IDLE = 4006


class Place(StrEnum):
    """From which page somebody speaks."""

    TALK = "talk"
    DESK = "desk"
    JOIN = "join"


class Phase(StrEnum):
    """How far a reception is."""

    WAITING = "waiting"
    TALK = "talk"
    READ_BACK = "read_back"
    OVER = "over"


class Message(BaseModel):
    """What every message from a browser has. ``id`` is chosen by the browser and comes back as ``reply_to``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=MAX_ID)


Number = Annotated[str, Field(max_length=24)]
Key = Annotated[str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
Text = Annotated[str, Field(max_length=4000)]
Row = Annotated[int, Field(ge=1, le=999_999_999)]


class Hello(Message):
    """First message, within five seconds: from which page, and for which reception, list or invitation."""

    type: Literal["hello"]
    version: int
    place: Place
    booking: Number | None = None
    invitation: Annotated[str, Field(max_length=64)] | None = None
    official: Row | None = None


class Ping(Message):
    """I am here."""

    type: Literal["ping"]


class Admit(Message):
    """Begin the talk with this visitor."""

    type: Literal["admit"]
    booking: Number


class CallNext(Message):
    """Begin the talk with the first one who waits."""

    type: Literal["call_next"]


class MarkAbsent(Message):
    """The visitor does not come."""

    type: Literal["mark_absent"]
    booking: Number


class Hold(Message):
    """Let others go first for a while."""

    type: Literal["hold"]
    booking: Number


class BringBack(Message):
    """Back to those who wait."""

    type: Literal["bring_back"]
    booking: Number


class OfferTimes(Message):
    """Tell those for whom the day is too short, and offer each another time."""

    type: Literal["offer_times"]


class AnswerHelp(Message):
    """Somebody takes care of this call for help."""

    type: Literal["answer_help"]
    help: Row


class Offer(Message):
    """An SDP offer; answered with ``answer``."""

    type: Literal["offer"]
    sdp: Annotated[str, Field(max_length=48 * 1024)]


class Switches(Message):
    """Whether microphone and camera are on."""

    type: Literal["switches"]
    microphone: bool
    camera: bool


class Pause(Message):
    """Rest: nobody is heard, seen or recorded until ``resume``."""

    type: Literal["pause"]


class Resume(Message):
    """Go on."""

    type: Literal["resume"]


class AskToEnd(Message):
    """The visitor wishes to end the talk."""

    type: Literal["ask_to_end"]


class CallHelp(Message):
    """Ring at the office."""

    type: Literal["call_help"]


class RestartRecording(Message):
    """Begin a new segment of a recording in doubt."""

    type: Literal["restart_recording"]


class Invite(Message):
    """Make a seat for a third participant; answered with the address that lets in."""

    type: Literal["invite"]
    role: Annotated[str, Field(max_length=20)]
    name: Annotated[str, Field(max_length=80)]


class WriteLine(Message):
    """A line of the minutes. The same ``key`` again is the same line."""

    type: Literal["write_line"]
    key: Key
    speaker: Annotated[str, Field(max_length=20)]
    text: Text


class Promise(Message):
    """A promise of the official. The same ``key`` again changes it."""

    type: Literal["promise"]
    key: Key
    line_key: Key | None = None
    what: Text
    unit: Row
    person: Annotated[str, Field(max_length=80)] = ""
    due_on: Annotated[str, Field(max_length=10)]


class WithdrawPromise(Message):
    """Take a promise back."""

    type: Literal["withdraw_promise"]
    key: Key


class End(Message):
    """Decide, and go on to the read-back."""

    type: Literal["end"]
    outcome: Annotated[str, Field(max_length=20)]
    opinion: Text
    unit: Row | None = None
    due_on: Annotated[str, Field(max_length=10)] | None = None
    official: Row | None = None


class CloseUnsigned(Message):
    """End the read-back without a signature."""

    type: Literal["close_unsigned"]
    reason: Text


class ConfirmLine(Message):
    """The visitor says that a line is right."""

    type: Literal["confirm_line"]
    line: Row


class ObjectLine(Message):
    """The visitor objects to a line."""

    type: Literal["object_line"]
    line: Row
    text: Text


class Sign(Message):
    """A signature as strokes: ``M x y L x y …``, whole numbers up to 9999."""

    type: Literal["sign"]
    role: Annotated[str, Field(max_length=20)]
    path: Annotated[str, Field(max_length=40_000)]


ClientMessage = (
    Hello
    | Ping
    | Admit
    | CallNext
    | MarkAbsent
    | Hold
    | BringBack
    | OfferTimes
    | AnswerHelp
    | Offer
    | Switches
    | Pause
    | Resume
    | AskToEnd
    | CallHelp
    | RestartRecording
    | Invite
    | WriteLine
    | Promise
    | WithdrawPromise
    | End
    | CloseUnsigned
    | ConfirmLine
    | ObjectLine
    | Sign
)
_READER: TypeAdapter[Any] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])


def type_of(kind: type[Message]) -> str:
    """The word a message is known by."""
    return str(kind.model_fields["type"].annotation.__args__[0])  # type: ignore[union-attr]  # always a Literal


def id_in(text: str) -> str | None:
    """The ``id`` of a message that was not understood, so that its sender gets an answer all the same."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    told = found.get("id") if isinstance(found, dict) else None
    return told if isinstance(told, str) and told.isascii() and 0 < len(told) <= MAX_ID else None


def read(text: str) -> Message:
    """A message from a browser. Raises ``Invalid("bad_message")`` naming the field that is wrong."""
    try:
        found: Message = _READER.validate_json(text)
    except (ValidationError, ValueError, RecursionError) as error:
        problems = error.errors() if isinstance(error, ValidationError) else []
        where = ".".join(str(part) for part in problems[0]["loc"][1:]) if problems else ""
        raise Invalid("bad_message", "This message was not understood.", field=where or None) from error
    return found
