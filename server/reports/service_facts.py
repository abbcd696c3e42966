"""What the forms say of a matter, gathered from the record. The one place to connect more of it to."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.clock import local_date
from server.petitions.deadlines import Clock
from server.petitions.models import Deadline, Petition, ReceptionSession
from server.petitions.service_session import participants
from server.places.models import Township, Unit, VillagePoint
from server.reports.forms import Facts, Present
from server.scheduling.models import Booking, Petitioner
from server.scheduling.service_party import party_of


def facts_of(db: Session, *, petition: Petition) -> Facts:
    """Everything a form may say. For services that found the petition for their actor; checks no right."""
    person = db.get_one(Petitioner, petition.petitioner_id)
    booking = db.get_one(Booking, petition.booking_id)
    official = db.get_one(User, petition.official_id)
    session = db.exec(select(ReceptionSession).where(ReceptionSession.petition_id == petition.id)).first()
    mandate = party_of(db, booking=booking).mandate
    return Facts(
        number=petition.number or "",
        booking_number=booking.number,
        petitioner=person.name or "",
        id_number=person.id_number or "",
        phone=person.phone or "",
        address="",
        agent=mandate.name if mandate is not None else "",
        people=booking.people,
        purpose=petition.purpose.value,
        content=petition.content,
        summary=petition.summary,
        received_on=local_date(session.started_at if session is not None else petition.created_at).isoformat(),
        talk_began=_instant(session.started_at if session is not None else None),
        talk_ended=_instant(session.talk_ended_at if session is not None else None),
        place=_place(db, petition),
        official=official.display_name,
        post=official.post,
        opinion=petition.outcome_opinion,
        unit=db.get_one(Unit, petition.unit_id).name if petition.unit_id is not None else "",
        due_on=_day(petition.due_on),
        handle_by=_day(_handle_by(db, petition)),
        present=[Present(one.name, one.role) for one in participants(db, session=session)] if session else [],
    )


def _place(db: Session, petition: Petition) -> str:
    point = db.get_one(VillagePoint, petition.point_id)
    return db.get_one(Township, point.township_id).name + point.name


def _handle_by(db: Session, petition: Petition) -> date | None:
    clock = select(col(Deadline.due_on)).where(Deadline.petition_id == petition.id, Deadline.kind == Clock.HANDLE.value)
    return db.exec(clock).first()


def _day(value: date | None) -> str:
    return value.isoformat() if value is not None else ""


def _instant(value: datetime | None) -> str:
    return value.isoformat() if value is not None else ""
