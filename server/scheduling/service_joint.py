"""Several officials receive together: a booking takes a place of each one's day, all of them or none."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select

from server.accounts.models import User
from server.accounts.roles import Actor
from server.audit.service import record
from server.errors import Conflict
from server.scheduling.models import Booking, ReceptionDay, SlotHold
from server.scheduling.models_party import JointPlace
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.service_holds import held, hold
from server.scheduling.slots import Hours
from server.scheduling.states import GONE


def take_joint(db: Session, *, now: datetime, booking: Booking, lead: ReceptionDay, official: User) -> list[JointPlace]:
    """Take the same time of ``official``'s day for a booking of ``lead``. For services.

    Raises ``Conflict("official_not_free")``; the caller's transaction then leaves nothing behind.
    """
    day, first_places = _asked_for(db, booking, lead, official)
    if day is None or not first_places:
        raise _not_free(official)
    until = instant_of(lead.day, 24 * 60)
    taken = []
    for first in first_places:
        owner = f"{_owner(booking)}{day.id}:{first}"
        place = hold(db, now=now, owner=owner, reception_day_id=day.id or 0, slot=first, until=until)
        if place is None:
            raise _not_free(official)
        taken.append(
            JointPlace(
                reception_day_id=day.id or 0, slot=place, booking_id=booking.id or 0, official_id=official.id or 0
            )
        )
    db.add_all(taken)
    db.flush()
    return taken


def sit_beside(db: Session, booking: Booking, places: Iterable[Sequence[int]]) -> None:
    """Take places of the others' days; they are held until the day is over. For services; checks no right."""
    for day_id, slot in places:
        day = db.get_one(ReceptionDay, day_id)
        place = {"reception_day_id": day_id, "slot": slot}
        db.merge(JointPlace(**place, booking_id=booking.id or 0, official_id=day.official_id))
        owner = f"{_owner(booking)}{day_id}:{slot}"
        db.merge(SlotHold(**place, owner=owner, until=instant_of(day.day, 24 * 60)))
    db.flush()


def leave_beside(db: Session, booking: Booking, *, days: Collection[int] | None = None) -> None:
    """Give the places of the others back, or those on these days only. For services; checks no right."""
    places = delete(JointPlace).where(col(JointPlace.booking_id) == booking.id)
    holds = delete(SlotHold).where(col(SlotHold.owner).startswith(_owner(booking)))
    if days is not None:
        places = places.where(col(JointPlace.reception_day_id).in_(days))
        holds = holds.where(col(SlotHold.reception_day_id).in_(days))
    db.exec(places)
    db.exec(holds)
    db.flush()


def _asked_for(
    db: Session, booking: Booking, lead: ReceptionDay, official: User
) -> tuple[ReceptionDay | None, list[int]]:
    """The official's day, and of every slot of it that the booking's time touches the first place."""
    query = select(ReceptionDay).where(ReceptionDay.official_id == official.id, ReceptionDay.day == lead.day)
    day = db.exec(query.where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False))).first()
    begins = hours_of(lead).minute(booking.slot or 0)
    return day, _overlapping(hours_of(day), begins, begins + lead.slot_minutes) if day is not None else []


def could_join(db: Session, *, now: datetime, booking: Booking, lead: ReceptionDay, official: User) -> bool:
    """Whether ``take_joint`` would take the official's time, or has taken it for this booking."""
    day, first_places = _asked_for(db, booking, lead, official)
    if day is None or day.id is None:
        return False
    mine = select(JointPlace.slot).where(JointPlace.reception_day_id == day.id, JointPlace.booking_id == booking.id)
    booked = select(Booking.slot).where(Booking.reception_day_id == day.id, col(Booking.state).not_in(GONE))
    taken: set[int | None] = {*held(db, now=now).get(day.id, set())} - {*db.exec(mine)} | {*db.exec(booked)}
    together = [hours_of(day).together(first) for first in first_places]
    return bool(together) and all(any(place not in taken for place in places) for places in together)


def _overlapping(hours: Hours, begins: int, ends: int) -> list[int]:
    """The first place of every slot that shares a minute with this time; none where it is not open all the while."""
    if not any(opens <= begins and ends <= closes for opens, closes in hours.spans):
        return []
    return [
        at * hours.capacity for at, start in enumerate(hours.starts) if start < ends and begins < start + hours.length
    ]


def _owner(booking: Booking) -> str:
    return f"joint:{booking.id}:"


def _not_free(official: User) -> Conflict:
    return Conflict(
        "official_not_free",
        "%(official)s does not receive at this time or is booked. Nobody was added; please choose another time.",
        params={"official": official.display_name},
    )


def dissolve(db: Session, *, actor: Actor, now: datetime, booking: Booking) -> None:
    """Give the places of the other officials back, as the booking has lost its own. Without any: nothing happens."""
    if db.exec(select(JointPlace.slot).where(JointPlace.booking_id == booking.id)).first() is None:
        return
    leave_beside(db, booking)
    record(db, actor=actor, now=now, action="booking.parted", subject="booking", subject_id=booking.id or 0)


def leave_day(db: Session, *, actor: Actor, now: datetime, day_id: int) -> None:
    """An official's day is cancelled: the bookings of others that take places of it are received without."""
    rows = db.exec(select(JointPlace.booking_id).where(JointPlace.reception_day_id == day_id).distinct()).all()
    db.exec(delete(JointPlace).where(col(JointPlace.reception_day_id) == day_id))
    held = (col(SlotHold.reception_day_id) == day_id, col(SlotHold.owner).startswith("joint:"))
    db.exec(delete(SlotHold).where(*held))
    for booking_id in rows:
        record(db, actor=actor, now=now, action="booking.parted", subject="booking", subject_id=booking_id)


def joint_officials(db: Session, *, booking_ids: Sequence[int]) -> dict[int, list[User]]:
    """Who receives together with the official of each booking."""
    rows = db.exec(
        select(JointPlace.booking_id, User)
        .join(User, col(User.id) == JointPlace.official_id)
        .where(col(JointPlace.booking_id).in_(booking_ids))
        .order_by(col(User.id))
        .distinct()
    )
    found: dict[int, list[User]] = {}
    for booking_id, official in rows:
        found.setdefault(booking_id, []).append(official)
    return found


def officials_of(db: Session, *, number: str) -> frozenset[int]:
    """The ids of those who receive together with the own official of this booking. For the house itself."""
    query = select(JointPlace.official_id).join(Booking, col(Booking.id) == JointPlace.booking_id)
    return frozenset(db.exec(query.where(Booking.number == number)))


def takes_part(official_id: int) -> ColumnElement[bool]:
    """A condition on bookings: this official receives together with their own one."""
    return col(Booking.id).in_(select(JointPlace.booking_id).where(JointPlace.official_id == official_id))


def is_joint(db: Session, *, booking_id: int, official_id: int) -> bool:
    """Whether this official receives together with the booking's own."""
    query = select(JointPlace.slot).where(JointPlace.booking_id == booking_id, JointPlace.official_id == official_id)
    return db.exec(query.limit(1)).first() is not None
