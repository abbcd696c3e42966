"""A small district for tests: one township, two points, two units, an official, a clerk, handlers, a kiosk each."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.database import writing
from server.petitions.service_booking import Booked, Matter, Who, book_matter
from server.places.models import Kiosk, Township, Unit, VillagePoint
from server.scheduling.models import ReceptionDay
from server.scheduling.service_list import check_in, give_consent
from tests.fakes import FakeClock

TODAY = date(2026, 11, 24)
WHO = Who(name="张秀英", id_number="990101194803150010", phone="13800138000")
MATTER = Matter(purpose="request", content="housing", summary="房子漏水,找了物业三次没人管。")


@dataclass(frozen=True)
class District:
    """Everybody in it, as actors; the official receives today from nine to twelve in slots of 20 minutes."""

    engine: Engine
    clock: FakeClock
    official: Actor
    other_official: Actor
    clerk: Actor
    handler: Actor
    other_handler: Actor
    kiosk: Actor
    other_kiosk: Actor
    day_id: int

    def book(self, *, slot: int | None = 6, key: str = "one", kiosk: Actor | None = None, who: Who = WHO) -> Booked:
        """Book a matter today at a kiosk."""
        at = kiosk or self.kiosk
        with writing(self.engine) as db:
            return book_matter(
                db,
                actor=at,
                now=self.clock.now(),
                who=who,
                matter=MATTER,
                reception_day_id=self.day_id,
                slot=slot,
                point_id=at.point_id or 0,
                request_key=key,
            )

    def wait(
        self, *, slot: int | None = 6, key: str = "one", consent: bool | None = True, kiosk: Actor | None = None
    ) -> str:
        """Book, check in, answer the consent question, unless ``consent`` is left open; return the number."""
        booked = self.book(slot=slot, key=key, kiosk=kiosk)
        at = kiosk or self.kiosk
        with writing(self.engine) as db:
            check_in(db, actor=at, now=self.clock.now(), number=booked.booking.number)
            if consent is not None:
                give_consent(db, actor=at, now=self.clock.now(), number=booked.booking.number, consent=consent)
        return booked.booking.number


def user(name: str, role: Role, unit_id: int | None = None) -> User:
    """A person with an account that nobody can sign in to."""
    return User(username=name, display_name=name, role=role, password_hash="!", unit_id=unit_id)  # noqa: S106 - no hash


def make_district(engine: Engine, clock: FakeClock) -> District:
    """Fill an empty database."""
    people = [
        user("official", Role.OFFICIAL, 1),
        user("other_official", Role.OFFICIAL, 2),
        user("clerk", Role.CLERK),
        user("handler", Role.HANDLER, 1),
        user("other_handler", Role.HANDLER, 2),
    ]
    with writing(engine) as db:
        db.add(Township(name="青溪镇", area_code="990101001"))
        db.add_all([Unit(name="住房建设局"), Unit(name="人力资源局")])
        db.flush()
        for index in (1, 2):
            db.add(VillagePoint(township_id=1, name=f"{'柳杨'[index - 1]}湾村", area_code=f"99010100100{index}"))
        db.flush()
        db.add_all([Kiosk(point_id=1, name="柳湾村终端"), Kiosk(point_id=2, name="杨湾村终端")])
        db.add_all(people)
        db.flush()
        day = ReceptionDay(official_id=people[0].id or 0, day=TODAY, opens_minute=540, closes_minute=720)
        db.add(day)
        db.flush()
    official, other_official, clerk, handler, other_handler = (actor_of_user(one) for one in people)
    kiosk, other_kiosk = (Actor(role=Role.KIOSK, id=index, name="终端", point_id=index) for index in (1, 2))
    return District(
        engine=engine,
        clock=clock,
        official=official,
        other_official=other_official,
        clerk=clerk,
        handler=handler,
        other_handler=other_handler,
        kiosk=kiosk,
        other_kiosk=other_kiosk,
        day_id=day.id or 0,
    )
