"""A small district with several officials' receptions in the coming weeks, and people booked on them."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from server.accounts.models import Exclusion, User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.database import reading, writing
from server.petitions.models import Petition
from server.petitions.models_absence import Absence
from server.petitions.service_absence import Asked, Proposal, propose
from server.petitions.service_absence_doing import carry_out
from server.petitions.words import Purpose, Way
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.models_party import JointPlace
from server.scheduling.models_waitlist import SlotOffer
from server.scheduling.words import BookingState, OfferState, Priority
from tests.administrator import administrator
from tests.district import TODAY, District, user

LOST = TODAY + timedelta(days=2)
Standing = tuple[int, int | None, BookingState, int, str]


@dataclass
class Town:
    """What tests of absences ask for."""

    district: District
    clerk: Actor
    official: Actor
    colleague: Actor
    stranger: Actor
    lost: int

    def day(self, official: Actor, day: date, *, minutes: tuple[int, int] = (540, 720), length: int = 20) -> int:
        """A reception day; its row."""
        with writing(self.district.engine) as db:
            row = ReceptionDay(
                official_id=official.id,
                day=day,
                opens_minute=minutes[0],
                closes_minute=minutes[1],
                slot_minutes=length,
            )
            db.add(row)
            db.flush()
            return row.id or 0

    def book(self, day_id: int, slot: int | None, **how: Any) -> str:
        """Somebody booked there, with a matter; the number."""
        with writing(self.district.engine) as db:
            return booked(db, self.district, day_id, slot, **how).number

    def bar(self, number: str, official: Actor) -> None:
        """Whose matter it is has accused the official."""
        with writing(self.district.engine) as db:
            booking = db.exec(select(Booking).where(Booking.number == number)).one()
            petition = db.exec(select(Petition).where(Petition.booking_id == booking.id)).one()
            db.add(Exclusion(petition_id=petition.id or 0, petitioner_id=booking.petitioner_id, user_id=official.id))

    def asked(self, way: Way, other: str = "", first: date = LOST, last: date | None = None) -> Asked:
        """The question about the official's lost days."""
        return Asked(self.official.id, first, last or first, way, other)

    def propose(self, asked: Asked) -> Proposal:
        """What would become of everybody."""
        with reading(self.district.engine) as db:
            return propose(db, actor=self.clerk, now=self.district.clock.now(), asked=asked)

    def do(self, asked: Asked, key: str = "") -> int:
        """Do it as it is shown; the action's row."""
        seen = self.propose(asked).digest
        with writing(self.district.engine) as db:
            now = self.district.clock.now()
            told = {"why": "生病", "seen": seen, "request_key": key}
            return carry_out(db, actor=self.clerk, now=now, asked=asked, **told).id or 0

    def standing(self) -> dict[str, Standing]:
        """How every booking stands: day, place, state, the petition's official, and what is offered."""
        with reading(self.district.engine) as db:
            rows = db.exec(
                select(Booking, Petition, ReceptionDay).where(
                    Petition.booking_id == Booking.id, Booking.reception_day_id == ReceptionDay.id
                )
            ).all()
            open_offers = db.exec(select(SlotOffer).where(SlotOffer.state == OfferState.OPEN)).all()
            offers = {one.booking_id: f"{one.reception_day_id}-{one.slot}" for one in open_offers}
            return {
                one.number: (
                    one.reception_day_id,
                    one.slot,
                    one.state,
                    petition.official_id,
                    offers.get(one.id or 0, ""),
                )
                for one, petition, _ in rows
            }

    def days(self) -> dict[int, tuple[int, date, bool]]:
        """Every reception day: whose, when, cancelled or not."""
        with reading(self.district.engine) as db:
            return {one.id or 0: (one.official_id, one.day, one.cancelled) for one in db.exec(select(ReceptionDay))}

    def beside(self) -> set[tuple[int, int, int]]:
        """The places of joint receptions beside the booked ones."""
        with reading(self.district.engine) as db:
            return {(one.reception_day_id, one.slot, one.official_id) for one in db.exec(select(JointPlace))}

    def absence(self, absence_id: int) -> Absence:
        """The action as it is kept."""
        with reading(self.district.engine) as db:
            return db.get_one(Absence, absence_id)


def booked(
    db: Session,
    district: District,
    day_id: int,
    slot: int | None,
    *,
    state: BookingState = BookingState.BOOKED,
    priority: Priority | None = None,
    beside: Iterable[int] = (),
    point_id: int = 1,
) -> Booking:
    """A booking with its petitioner and petition; ``beside`` are days of officials who receive together with it."""
    now, number = district.clock.now(), f"{day_id}-{slot}-{len(db.exec(select(Booking.id)).all())}"
    petitioner = Petitioner(anonymous=True, created_at=now)
    db.add(petitioner)
    db.flush()
    waits = now if state in {BookingState.WAITING, BookingState.HELD} else None
    booking = Booking(
        number=number,
        reception_day_id=day_id,
        slot=slot,
        point_id=point_id,
        petitioner_id=petitioner.id or 0,
        state=state,
        request_key=number,
        booked_at=now,
        checked_in_at=waits,
        priority=priority,
        content="housing",
    )
    db.add(booking)
    db.flush()
    day = db.get_one(ReceptionDay, day_id)
    petition = Petition(
        booking_id=booking.id or 0,
        petitioner_id=petitioner.id or 0,
        point_id=point_id,
        official_id=day.official_id,
        purpose=Purpose.REQUEST,
        content="housing",
        summary="房子漏水",
        created_at=now,
    )
    db.add(petition)
    for other in beside:
        official_id = db.get_one(ReceptionDay, other).official_id
        joint = JointPlace(reception_day_id=other, slot=slot or 0, booking_id=booking.id or 0, official_id=official_id)
        db.add(joint)
    db.flush()
    return booking


def make_town(district: District) -> Town:
    """The official receives on the lost day; a colleague of the same unit and a stranger are there too."""
    with writing(district.engine) as db:
        colleague = user("colleague", Role.OFFICIAL, 1)
        db.add(colleague)
        db.flush()
        other = actor_of_user(colleague)
        administrator(district, db)
        people = {one.username: actor_of_user(one) for one in db.exec(select(User))}
    town = Town(district, district.clerk, people["official"], other, people["other_official"], 0)
    town.lost = town.day(town.official, LOST)
    return town


def crowd(town: Town, *, seed: int, officials: int, booked_share: float = 0.5, weeks: int = 4) -> list[int]:
    """Many officials who all receive on the lost day, fully booked, and weekly afterwards; the lost days' rows."""
    chance = random.Random(seed)  # noqa: S311 - test data
    with writing(town.district.engine) as db:
        people = [user(f"crowd{index}", Role.OFFICIAL, 1 + index % 2) for index in range(officials)]
        db.add_all(people)
        db.flush()
        lost = []
        for person in people:
            for week in range(weeks + 1):
                row = ReceptionDay(
                    official_id=person.id or 0,
                    day=LOST + timedelta(weeks=week),
                    opens_minute=540,
                    closes_minute=720 if week else 840,
                )
                db.add(row)
                db.flush()
                if not week:
                    lost.append(row.id or 0)
                for slot in range(15 if not week else 9):
                    if not week or chance.random() < booked_share:
                        why = chance.choice((None, None, None, Priority.OLD, Priority.DEADLINE))
                        booked(db, town.district, row.id or 0, slot, priority=why, point_id=chance.choice((1, 2)))
        return lost
