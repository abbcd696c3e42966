"""The letters of the outbox, each with the number or address it goes to. For services; checks no right."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from server.notices.models import Notice
from server.notices.planning import can_be_texted, masked
from server.notices.sending import Came, Letter
from server.notices.service_sending import claim, note
from server.notices.states import SendingEvent
from server.notices.texts import Words, text
from server.notices.words import Channel
from server.places.models import VillagePoint
from server.scheduling.models import Petitioner


@dataclass(frozen=True)
class Outgoing:
    """A claimed letter and its way."""

    notice_id: int
    channel: Channel
    letter: Letter


def next_letter(db: Session, *, now: datetime, ways: Collection[Channel], words: Words) -> Outgoing | None:
    """Claim the next letter. What has nowhere to go any more is given up on the way."""
    while (notice := claim(db, now=now, ways=ways)) is not None:
        to = _address(db, notice)
        if to:
            notice.sent_to = masked(to)
            db.flush()
            point = db.get_one(VillagePoint, notice.point_id)
            told = text(notice.event, notice.facts(point.name), words)
            letter = Letter(notice.key, to, words("About your talk"), told)
            return Outgoing(notice.id or 0, notice.channel, letter)
        note(db, now=now, notice_id=notice.id or 0, came=Came(SendingEvent.GIVE_UP, "nowhere"))
    return None


def _address(db: Session, notice: Notice) -> str:
    if notice.channel is Channel.EMAIL:
        return db.get_one(VillagePoint, notice.point_id).email
    phone = db.get_one(Petitioner, notice.petitioner_id).phone
    return phone if phone is not None and can_be_texted(phone) else ""
