"""The letters of the outbox, each with the number or address it goes to. For services; checks no right."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Role
from server.accounts.service_exclusions import excluded_for
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
    """Claim the next letter. What has nowhere to go any more is given up on the way.

    What would reach somebody who must know nothing of the matter is dropped.
    """
    while (notice := claim(db, now=now, ways=ways)) is not None:
        to, kept_from = _address(db, notice), _kept_from_agent(db, notice)
        if to and not kept_from:
            notice.sent_to = masked(to)
            db.flush()
            point = db.get_one(VillagePoint, notice.point_id)
            told = text(notice.event, notice.facts(point.name), words)
            letter = Letter(notice.key, to, words("About your talk"), told)
            return Outgoing(notice.id or 0, notice.channel, letter)
        came = Came(SendingEvent.DROP) if kept_from else Came(SendingEvent.GIVE_UP, "nowhere")
        note(db, now=now, notice_id=notice.id or 0, came=came)
    return None


def _kept_from_agent(db: Session, notice: Notice) -> bool:
    """Whether the mail of the point would be read by an agent who is excluded from the person's matters (art. 28)."""
    if notice.channel is not Channel.EMAIL:
        return False
    aside = excluded_for(db, petitioner_id=notice.petitioner_id)
    agents = select(User).where(User.role == Role.AGENT, User.point_id == notice.point_id, col(User.active))
    return any(aside.concerns(user_id=one.id or 0, unit_id=one.unit_id) for one in db.exec(agents))


def _address(db: Session, notice: Notice) -> str:
    if notice.channel is Channel.EMAIL:
        return db.get_one(VillagePoint, notice.point_id).email
    phone = db.get_one(Petitioner, notice.petitioner_id).phone
    return phone if phone is not None and can_be_texted(phone) else ""
