"""Passing a visitor on to another official who receives today, with everything that was said so far."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from server.accounts.models import Exclusion, User
from server.accounts.roles import Actor
from server.accounts.service_exclusions import excluded_for
from server.audit.service import record
from server.clock import DISTRICT_ZONE, local_date
from server.errors import Invalid
from server.petitions.models import MinutesLine, Petition, ReceptionSession
from server.petitions.models_hand_over import HandOver
from server.petitions.service_index import index
from server.scheduling import service as scheduling
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_free import hours_of
from server.scheduling.service_list import join_list
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState

EXPECTED = (BookingState.BOOKED, BookingState.WAITING, BookingState.HELD, BookingState.IN_SESSION)


@dataclass(frozen=True)
class Receiver:
    """An official to whom a visitor can be passed on now."""

    official: User
    day: ReceptionDay


@dataclass(frozen=True)
class Context:
    """What the receiver must know: who passed the visitor on and why, and what was said."""

    official: str
    post: str
    reason: str
    lines: list[MinutesLine]


def receivers(db: Session, *, now: datetime, petition: Petition) -> list[Receiver]:
    """Officials whose reception of today is not over, who may know of the matter. For services; checks no right."""
    local = now.astimezone(DISTRICT_ZONE)
    rows = db.exec(
        select(User, ReceptionDay)
        .join(ReceptionDay, col(ReceptionDay.official_id) == User.id)
        .where(ReceptionDay.day == local_date(now), col(ReceptionDay.cancelled).is_(False), col(User.active))
        .where(User.id != petition.official_id)
        .order_by(col(User.id))
    ).all()
    minute, aside = local.hour * 60 + local.minute, excluded_for(db, petitioner_id=petition.petitioner_id)
    lasting = [(user, day) for user, day in rows if hours_of(day).closes > minute and not day.off_plan]
    return [Receiver(*one) for one in lasting if not aside.concerns(user_id=one[0].id or 0, unit_id=one[0].unit_id)]


def expected_on(db: Session, *, day_ids: Collection[int]) -> dict[int, int]:
    """How many are still expected on each of these days. For services; checks no right."""
    rows = db.exec(
        select(Booking.reception_day_id, func.count())
        .where(col(Booking.reception_day_id).in_(day_ids), col(Booking.state).in_(EXPECTED))
        .group_by(col(Booking.reception_day_id))
    )
    return dict(rows.all())


def hand_over(db: Session, *, actor: Actor, now: datetime, session: ReceptionSession, official_id: int | None) -> None:
    """Put the visitor on the other's list of today, aside until the minutes are signed. For services.

    The place counts from when the visitor came first. A matter of its own goes with it, about the same.
    """
    petition = db.get_one(Petition, session.petition_id)
    found = next((one for one in receivers(db, now=now, petition=petition) if one.official.id == official_id), None)
    if found is None:
        words = "Please choose an official whose reception of today is not over."
        raise Invalid("receiver_missing", words, field="official")
    before = db.get_one(Booking, session.booking_id)
    booking = join_list(db, now=now, before=before, day=found.day, request_key=f"handed-over:{session.id}")
    _same_matter(db, now, petition, booking, found)
    db.add(
        HandOver(
            session_id=session.id or 0,
            booking_id=booking.id or 0,
            from_official_id=petition.official_id,
            to_official_id=found.official.id or 0,
            made_at=now,
        )
    )
    db.flush()
    told: dict[str, object] = {"official": found.official.id}
    record(
        db,
        actor=actor,
        now=now,
        action="booking.handed_over",
        subject="booking",
        subject_id=before.id or 0,
        detail=told,
    )


def _same_matter(db: Session, now: datetime, petition: Petition, booking: Booking, found: Receiver) -> None:
    matter = Petition(
        booking_id=booking.id or 0,
        petitioner_id=petition.petitioner_id,
        point_id=petition.point_id,
        official_id=found.official.id or 0,
        purpose=petition.purpose,
        content=petition.content,
        summary=petition.summary,
        created_at=now,
    )
    db.add(matter)
    db.flush()
    _copy_exclusions(db, petition, matter)
    index(db, petition=matter)


def _copy_exclusions(db: Session, before: Petition, after: Petition) -> None:
    """Who must know nothing of the one matter must know nothing of the other."""
    for row in db.exec(select(Exclusion).where(Exclusion.petition_id == before.id)).all():
        db.add(Exclusion(**row.model_dump(exclude={"id", "petition_id"}), petition_id=after.id or 0))
    db.flush()


def go_on(db: Session, *, actor: Actor, now: datetime, session: ReceptionSession) -> None:
    """The first talk is signed: the visitor waits for the other official now. For services."""
    row = db.get(HandOver, session.id)
    booking = db.get_one(Booking, row.booking_id) if row is not None else None
    if booking is not None and booking.state is BookingState.HELD:
        scheduling.move(db, actor=actor, now=now, booking=booking, event=BookingEvent.BRING_BACK)


def next_number(db: Session, *, session: ReceptionSession) -> str:
    """The number under which the visitor waits for the other official; empty where there is none."""
    row = db.get(HandOver, session.id)
    booking = db.get_one(Booking, row.booking_id) if row is not None else None
    waits = booking is not None and booking.state in {BookingState.WAITING, BookingState.HELD}
    return booking.number if booking is not None and waits else ""


def contexts(db: Session, *, booking_ids: Collection[int]) -> dict[int, Context]:
    """What was said before, by booking, for those who may know of the matter. For services; checks no right."""
    rows = db.exec(
        select(HandOver, User, Petition)
        .join(User, col(User.id) == HandOver.from_official_id)
        .join(ReceptionSession, col(ReceptionSession.id) == HandOver.session_id)
        .join(Petition, col(Petition.id) == ReceptionSession.petition_id)
        .where(col(HandOver.booking_id).in_(booking_ids))
    ).all()
    sessions = [one.session_id for one, _, _ in rows]
    lines: dict[int, list[MinutesLine]] = {}
    query = select(MinutesLine).where(col(MinutesLine.session_id).in_(sessions)).order_by(col(MinutesLine.id))
    for line in db.exec(query):
        lines.setdefault(line.session_id, []).append(line)
    return {
        one.booking_id: Context(user.display_name, user.post, petition.outcome_opinion, lines.get(one.session_id, []))
        for one, user, petition in rows
    }
