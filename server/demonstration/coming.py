"""Who comes today and in the next days: bookings at several points, some of them waiting already."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session, func, select

from server.clock import DISTRICT_ZONE, local_date
from server.demonstration.district import Planted
from server.demonstration.matters import MATTERS, Told
from server.demonstration.past import Serials, make_petitioner
from server.petitions.models import Petition
from server.petitions.words import Purpose
from server.places.models import VillagePoint
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_free import hours_of
from server.scheduling.words import BookingState

TODAY = (3, 4, 3, 2, 2, 2)


def plant_coming(
    db: Session, days: Sequence[ReceptionDay], *, now: datetime, dice: Random, planted: Planted, serials: Serials
) -> None:
    """Book the first officials today, everybody later on, on the ``days``; the first official's are still to come."""
    today = local_date(now)
    order = [one.id for one in planted.officials]
    minute = now.astimezone(DISTRICT_ZONE).hour * 60 + now.astimezone(DISTRICT_ZONE).minute
    for day in (one for one in days if one.day >= today):
        index = order.index(day.official_id)
        if day.day == today:
            count = TODAY[index] if index < len(TODAY) else 0
            still = [slot for slot in range(hours_of(day).count) if hours_of(day).minute(slot) > minute + 30]
            slots = [still[2 * step] for step in range(count) if 2 * step < len(still)]
        else:
            slots = dice.sample(range(hours_of(day).count), k=dice.randint(0, 3))
        for place, slot in enumerate(slots):
            waits = day.day == today and index in {1, 2} and place < 2
            point = planted.points[place % 4] if day.day == today else dice.choice(planted.points)
            _book(db, now, dice, serials, day, slot, point, waits=waits)


def _book(
    db: Session,
    now: datetime,
    dice: Random,
    serials: Serials,
    day: ReceptionDay,
    slot: int,
    point: VillagePoint,
    *,
    waits: bool,
) -> None:
    told, booked_at = dice.choice(MATTERS), now - timedelta(days=2, minutes=dice.randint(0, 300))
    person = make_petitioner(db, dice, serials, booked_at)
    number = serials.booking(day.day, point.id or 0)
    booking = Booking(
        number=number,
        reception_day_id=day.id or 0,
        slot=slot,
        point_id=point.id or 0,
        petitioner_id=person.id or 0,
        state=BookingState.WAITING if waits else BookingState.BOOKED,
        request_key=f"demonstration-{number}",
        booked_at=booked_at,
        checked_in_at=now - timedelta(minutes=dice.randint(3, 25)) if waits else None,
        consent=True if waits else None,
        consent_at=now if waits else None,
        content=told.content,
    )
    db.add(booking)
    db.flush()
    db.add(_matter(booking, day.official_id, told))


def _matter(booking: Booking, official_id: int, told: Told) -> Petition:
    return Petition(
        booking_id=booking.id or 0,
        petitioner_id=booking.petitioner_id,
        point_id=booking.point_id,
        official_id=official_id,
        purpose=Purpose(told.purpose),
        content=told.content,
        summary=told.summary,
        created_at=booking.booked_at,
    )


def serials_after(db: Session) -> Serials:
    """Go on counting where an earlier start ended."""
    serials = Serials(people=db.exec(select(func.count()).select_from(Petitioner)).one())
    for number in db.exec(select(Booking.number)):
        start, _, last = number.rpartition("-")
        serials.numbers[f"{start}-"] = max(serials.numbers.get(f"{start}-", 0), int(last))
    return serials
