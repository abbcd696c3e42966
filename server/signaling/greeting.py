"""Hello: who is this, which seat is theirs, and is there a talk already."""

from typing import Any

from sqlmodel import Session

from server.accounts.roles import Action, Actor, Role, require
from server.errors import Forbidden, NotFound
from server.petitions.models import ReceptionSession
from server.petitions.service_session import accept_invitation, joint_seat, official_of, session_of_booking
from server.scheduling.service import booking_by_number
from server.signaling.connection import Connection
from server.signaling.messages import Hello, Place
from server.signaling.service_states import running_session
from server.signaling.switchboard import Switchboard


async def connection(board: Switchboard, actor: Actor, hello: Hello, language: str) -> Connection:
    """The connection for a hello. Raises ``NotSignedIn``, ``Forbidden`` or ``NotFound``."""
    openers = {Place.TALK: _talk, Place.DESK: _desk, Place.JOIN: _join}
    return await board.write(openers[hello.place], actor=actor, hello=hello, now=board.clock.now(), language=language)


def _talk(db: Session, *, actor: Actor, hello: Hello, now: Any, language: str) -> Connection:
    require(actor, Action.READ_BACK)
    booking = booking_by_number(db, actor=actor, number=hello.booking or "")
    session = session_of_booking(db, actor=actor, number=booking.number)
    return Connection(
        place=Place.TALK,
        actor=actor,
        key=f"talk {booking.number}",
        seat="petitioner",
        language=language,
        number=booking.number,
        token=session.token if session is not None else None,
    )


def _desk(db: Session, *, actor: Actor, hello: Hello, now: Any, language: str) -> Connection:
    require(actor, Action.RUN_LIST)
    own = actor.role is Role.OFFICIAL
    official_id = actor.id if own else hello.official
    if official_id is None:
        raise NotFound("no_such_list", "Please choose whose list you want to work with.")
    if own and hello.official not in {None, actor.id}:
        raise Forbidden("not_your_list", "This is the list of another official.")
    session = running_session(db, actor=actor, official_id=official_id, now=now)
    return Connection(
        place=Place.DESK,
        actor=actor,
        key=f"desk {actor.id}",
        seat=_seat_at_desk(db, actor, session),
        language=language,
        official_id=official_id,
        token=session.token if session is not None else None,
    )


def _seat_at_desk(db: Session, actor: Actor, session: ReceptionSession | None) -> str:
    if actor.role is not Role.OFFICIAL:
        return f"recorder-{actor.id}"
    leads = session is None or official_of(db, session=session).id == actor.id
    return "official" if leads else joint_seat(actor.id)


def _join(db: Session, *, actor: Actor, hello: Hello, now: Any, language: str) -> Connection:
    admission = accept_invitation(db, secret=hello.invitation or "", now=now)
    return Connection(
        place=Place.JOIN,
        actor=admission.actor,
        key=f"join {admission.actor.id}",
        seat=admission.seat,
        language=language,
        token=admission.token,
    )


def you(me: Connection) -> dict[str, Any]:
    """What the browser is told of itself."""
    return {"seat": me.seat, "role": me.actor.role.value, "name": me.actor.name, "number": me.number}
