"""A matter that waits for a time, and the answer to an offered one: the petition goes with its booking."""

from datetime import datetime

from sqlmodel import Session

from server.accounts.roles import Actor
from server.petitions.service_petition import follow_booking
from server.scheduling import service_offer
from server.scheduling.models import Booking
from server.scheduling.service import booking_by_number
from server.scheduling.service_once import once


def accept_offer(db: Session, *, actor: Actor, now: datetime, number: str, request_key: str) -> Booking:
    """Take the offered time; the petition goes to whoever receives then."""

    def do() -> str:
        booking = service_offer.accept(db, actor=actor, now=now, number=number)
        follow_booking(db, booking=booking)
        return booking.number

    once(db, actor=actor, now=now, key=request_key, asked={"do": "accept", "number": number}, do=do)
    return booking_by_number(db, actor=actor, number=number)


def decline_offer(db: Session, *, actor: Actor, now: datetime, number: str, request_key: str) -> None:
    """Do not take the offered time. An old form sent again does not decline a newer offer."""

    def do() -> str:
        return service_offer.decline(db, actor=actor, now=now, number=number).number

    once(db, actor=actor, now=now, key=request_key, asked={"do": "decline", "number": number}, do=do)
