"""The whole states that browsers are told, read from the database. Reads only; permission first."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.clock import local_date
from server.petitions.categories import CONTENTS, OUTCOMES, PURPOSES
from server.petitions.models import Paper, Petition, ReceptionSession
from server.petitions.service_follow_up import list_of_petition, overdue_among
from server.petitions.service_hand_over import Context, contexts, expected_on, receivers
from server.petitions.service_minutes import list_lines
from server.petitions.service_overrun import too_late
from server.petitions.service_petition import known_to
from server.petitions.service_session import official_of, participants, session_by_token, session_of_booking
from server.places.service import open_help_calls
from server.places.service_readiness import failed_today
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_joint import joint_officials, takes_part
from server.scheduling.service_list import place_in_list, waiting_list
from server.scheduling.service_order import Entry, waits_of
from server.scheduling.waiting import PRIORITIES, sentence
from server.scheduling.words import BookingState
from server.signaling.messages import Phase

Words = Callable[[str], str]
EARLIER = 5


def phase_of(session: ReceptionSession | None) -> Phase:
    """How far a reception is."""
    if session is None:
        return Phase.WAITING
    if session.signed_at is not None:
        return Phase.OVER
    return Phase.TALK if session.talk_ended_at is None else Phase.READ_BACK


def iso(instant: datetime | None) -> str | None:
    """An instant for a browser."""
    return instant.isoformat() if instant is not None else None


def waiting_state(db: Session, *, actor: Actor, now: datetime, number: str, words: Words) -> dict[str, Any]:
    """Where a visitor stands on the list and why, from how many to how many minutes it may take, when to be back."""
    place = place_in_list(db, actor=actor, now=now, number=number)
    return {
        "number": number,
        "state": place.booking.state.value,
        "position": place.position,
        "ahead": place.ahead,
        "official": place.official,
        "official_post": place.post,
        "booked_time": iso(place.slot_at),
        "wait": [place.wait.least, place.wait.most] if place.wait is not None else None,
        "back_at": iso(place.back_at),
        "reason": sentence(place.placed, words) if place.placed is not None else "",
    }


def list_state(db: Session, *, actor: Actor, official_id: int, now: datetime, words: Words) -> dict[str, Any]:
    """An official's list of today: who waits, since when, about what, with which earlier matters."""
    today = local_date(now)
    entries = waiting_list(db, actor=actor, now=now, official_id=official_id, day=today)
    matters = _matters(db, actor, [one.booking.id or 0 for one in entries])
    waits = waits_of(db, now=now, entries=entries)
    together = joint_officials(db, booking_ids=[one.booking.id or 0 for one in entries])
    before = _earlier(db, actor, [one.petitioner_id for one in matters.values()])
    overdue = overdue_among(db, petition_ids=[one.id or 0 for one, _ in before], today=today)
    shown = [(row, _told_earlier(actor, *row, words) | {"overdue": row[0].id in overdue}) for row in before]
    said = contexts(db, booking_ids=list(matters))
    told = [
        _entry(
            one,
            matter,
            [earlier for row, earlier in shown if _is_before(row[0], matter)],
            together.get(one.booking.id or 0, ()),
            words,
        )
        | {"wait": [wait.least, wait.most] if (wait := waits.get(one.booking.number)) is not None else None}
        | {"context": _told_context(said.get(one.booking.id or 0))}
        for one in entries
        if (matter := matters.get(one.booking.id or 0)) is not None
    ]
    calls = [
        {"id": call.id, "point": point, "called_at": iso(call.called_at)}
        for call, point in open_help_calls(db, actor=actor)
    ]
    points = {one.booking.point_id for one in entries}
    checks = [
        {"point": point, "kind": check.kind.value, "checked_at": iso(check.checked_at)}
        for check, point in failed_today(db, actor=actor, now=now, point_ids=points)
    ]
    late = too_late(db, now=now, official_id=official_id, entries=entries)
    misses = [{"number": one.number, "begins_at": iso(one.begins_at), "told": one.told} for one in late]
    others = _receivers(db, now, [one for one in entries if one.booking.state is BookingState.IN_SESSION], matters)
    state = {"day": today.isoformat(), "entries": told, "help": calls, "checks": checks}
    return state | {"misses": misses, "receivers": others}


def _told_context(context: Context | None) -> dict[str, Any] | None:
    if context is None:
        return None
    lines = [{"speaker": one.speaker, "text": one.text} for one in context.lines]
    return {"official": f"{context.post}{context.official}", "reason": context.reason, "lines": lines}


def _receivers(db: Session, now: datetime, talking: list[Entry], matters: dict[int, Petition]) -> list[dict[str, Any]]:
    """To whom the visitor in the talk can be passed on, with how many are expected there."""
    matter = next((matters[one.booking.id or 0] for one in talking if one.booking.id in matters), None)
    if matter is None:
        return []
    found = receivers(db, now=now, petition=matter)
    counts = expected_on(db, day_ids=[one.day.id or 0 for one in found])
    return [
        {
            "official": one.official.id,
            "name": f"{one.official.post}{one.official.display_name}",
            "waiting": counts.get(one.day.id or 0, 0),
        }
        for one in found
    ]


def _matters(db: Session, actor: Actor, booking_ids: list[int]) -> dict[int, Petition]:
    query = select(Petition).where(col(Petition.booking_id).in_(booking_ids), known_to(actor))
    return {one.booking_id: one for one in db.exec(query)}


def _earlier(db: Session, actor: Actor, petitioner_ids: list[int]) -> list[tuple[Petition, ReceptionDay]]:
    rows = db.exec(
        select(Petition, ReceptionDay)
        .join(Booking, col(Booking.id) == Petition.booking_id)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .where(
            col(Petition.petitioner_id).in_(petitioner_ids),
            col(Petition.outcome).is_not(None),
            known_to(actor),
        )
        .order_by(col(Petition.id).desc())
    )
    return [(matter, day) for matter, day in rows]


def _is_before(earlier: Petition, matter: Petition) -> bool:
    return earlier.petitioner_id == matter.petitioner_id and (earlier.id or 0) < (matter.id or 0)


def _told_earlier(actor: Actor, matter: Petition, day: ReceptionDay, words: Words) -> dict[str, Any]:
    return {
        "id": matter.id,
        "number": matter.number or "",
        "day": day.day.isoformat(),
        "content": words(CONTENTS.get(matter.content, matter.content)),
        "outcome": words(OUTCOMES[matter.outcome]) if matter.outcome is not None else "",
        "mine": actor.role is Role.CLERK or matter.official_id == actor.id,
    }


def _entry(
    one: Entry, matter: Petition, earlier: list[dict[str, Any]], together: Sequence[User], words: Words
) -> dict[str, Any]:
    return {
        "number": one.booking.number,
        "state": one.booking.state.value,
        "point": one.point,
        "name": one.petitioner.name or words("Anonymous visitor"),
        "people": one.booking.people,
        "purpose": words(PURPOSES[matter.purpose]),
        "content": words(CONTENTS.get(matter.content, matter.content)),
        "summary": matter.summary,
        "booked_time": iso(one.slot_at),
        "waiting_since": iso(one.booking.checked_in_at),
        "position": one.position,
        "reason": sentence(one.placed, words) if one.placed is not None else "",
        "priority": words(PRIORITIES[one.booking.priority]) if one.booking.priority is not None else "",
        "late": one.late,
        "outside": one.booking.outside,
        "led_by": one.led_by,
        "together": [official.display_name for official in together],
        "earlier": earlier[:EARLIER],
        "consent": one.booking.consent,
        "private": one.booking.private,
    }


def running_session(db: Session, *, actor: Actor, official_id: int, now: datetime) -> ReceptionSession | None:
    """The talk on an official's list, if one is under way; one that was left open on an earlier day comes first.

    Then one that the official leads together with another, who admitted.
    """
    found = db.exec(
        select(Booking.number)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .where(
            or_(col(ReceptionDay.official_id) == official_id, takes_part(official_id)),
            ReceptionDay.day <= local_date(now),
            col(Booking.state) == BookingState.IN_SESSION,
        )
        .order_by(col(ReceptionDay.official_id) != official_id, col(ReceptionDay.day))
    ).first()
    return session_of_booking(db, actor=actor, number=found) if found is not None else None


def session_state(db: Session, *, actor: Actor, token: str, words: Words) -> dict[str, Any]:
    """A talk: who has a seat, how far it is, what it is about."""
    session = session_by_token(db, actor=actor, token=token)
    petition = db.get_one(Petition, session.petition_id)
    booking = db.get_one(Booking, session.booking_id)
    petitioner = db.get_one(Petitioner, petition.petitioner_id)
    official = official_of(db, session=session)
    return {
        "token": token,
        "number": booking.number,
        "phase": phase_of(session).value,
        "participants": [
            {
                "seat": one.seat,
                "role": one.role,
                "name": one.name or words("Anonymous visitor"),
                "post": official.post if one.seat == "official" else "",
            }
            for one in participants(db, session=session)
        ],
        "started_at": iso(session.started_at),
        "consent": bool(booking.consent),
        "petitioner": petitioner.name or words("Anonymous visitor"),
        "matter": words(CONTENTS.get(petition.content, petition.content)),
        "papers": [
            f"/live/{token}/papers/{name}"
            for name in db.exec(select(Paper.name).where(Paper.petition_id == petition.id).order_by(col(Paper.id)))
        ],
    }


def minutes_state(db: Session, *, actor: Actor, token: str) -> dict[str, Any]:
    """The minutes and promises as they stand."""
    session = session_by_token(db, actor=actor, token=token)
    lines = [
        {
            "line": one.id,
            "key": one.key,
            "speaker": one.speaker,
            "text": one.text,
            "offset_ms": one.offset_ms,
            "read_back": one.read_back.value,
            "objection": one.objection,
        }
        for one in list_lines(db, session=session)
    ]
    promised = [
        {
            "key": one.follow_up.key,
            "what": one.follow_up.what,
            "unit": one.unit,
            "person": one.follow_up.person,
            "due_on": one.follow_up.due_on.isoformat(),
        }
        for one in list_of_petition(db, petition_id=session.petition_id)
    ]
    return {"lines": lines, "follow_ups": promised}


def day_from(text: str) -> date | None:
    """A day as the browser writes it; nothing for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
