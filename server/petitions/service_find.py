"""Finding matters among many: by words, and by what they are. Nobody meets one that they may not see."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, or_, select

from server.accounts.roles import Action, Actor, Role, may, require
from server.clock import DISTRICT_ZONE
from server.errors import Invalid
from server.petitions.finding import is_identity, wanted
from server.petitions.models import Deadline, FollowUp, Petition
from server.petitions.models_find import FoundWord
from server.petitions.service_index import hashed
from server.petitions.service_petition import VISIBLE, known_to
from server.petitions.words import PetitionState
from server.places.models import Township, Unit, VillagePoint
from server.scheduling.models import Booking, Petitioner
from server.scheduling.models_party import JointPlace

PAGE = 50
OFTEN = 2000
"""A word of so many matters finds a page of them soon wherever one begins to look."""
OVER = (PetitionState.CLOSED, PetitionState.WITHDRAWN)


@dataclass(frozen=True)
class Sieve:
    """What is looked for; empty: everything. ``first`` and ``last`` are days of the matter's beginning."""

    words: str = ""
    state: PetitionState | None = None
    unit_id: int | None = None
    township_id: int | None = None
    content: str = ""
    first: date | None = None
    last: date | None = None
    overdue: bool = False


@dataclass(frozen=True)
class FoundRow:
    """A matter in the list, and whose it is."""

    petition: Petition
    number: str
    name: str | None
    point: str
    unit: str


@dataclass(frozen=True)
class Choices:
    """What can be chosen besides the words, with its rows' numbers."""

    units: list[tuple[int, str]]
    townships: list[tuple[int, str]]


def choices(db: Session, *, actor: Actor) -> Choices:
    """Every unit and township: the same for everybody, so that nothing is to be read from what is missing."""
    require(actor, Action.SEE_PETITION)
    units = db.exec(select(Unit).order_by(col(Unit.name)))
    townships = db.exec(select(Township).order_by(col(Township.name)))
    return Choices([(one.id or 0, one.name) for one in units], [(one.id or 0, one.name) for one in townships])


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The same as ``get_petition`` as a condition on a query over petitions."""
    if actor.role is Role.OFFICIAL:
        together = exists().where(
            col(JointPlace.booking_id) == col(Petition.booking_id), col(JointPlace.official_id) == actor.id
        )
        return or_(col(Petition.official_id) == actor.id, together) & known_to(actor)
    if actor.role is Role.HANDLER:
        ours = exists().where(col(FollowUp.petition_id) == col(Petition.id), col(FollowUp.unit_id) == actor.unit_id)
        of_unit = or_(col(Petition.unit_id) == actor.unit_id, ours)
        return col(Petition.state).in_(VISIBLE) & of_unit & known_to(actor)
    return known_to(actor)


def find(db: Session, *, actor: Actor, sieve: Sieve, today: date, before: int | None = None) -> list[FoundRow]:
    """The newest first, one more than a page where there are more; ``before`` is the last one of the page before."""
    require(actor, Action.SEE_PETITION)
    query = (
        select(Petition, Booking.number, Petitioner, VillagePoint.name)
        .join(Booking, col(Booking.id) == Petition.booking_id)
        .join(Petitioner, col(Petitioner.id) == Petition.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Petition.point_id)
        .where(visible_to(actor), *_by_words(db, actor, sieve.words), *_by_kind(sieve), *_by_day(sieve, today))
        .order_by(col(Petition.id).desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(col(Petition.id) < before)
    units = {one.id: one.name for one in db.exec(select(Unit))}
    rows = db.exec(query)
    return [FoundRow(one, number, who.name, point, units.get(one.unit_id, "")) for one, number, who, point in rows]


def _by_words(db: Session, actor: Actor, question: str) -> list[ColumnElement[bool]]:
    asked = wanted(question)
    if question.strip() and not asked:
        raise Invalid("too_little_to_find", "Please type at least two characters, or a number.", field="q")
    if any(is_identity(one) for one in asked) and not may(actor, Action.UNMASK):
        raise Invalid("not_by_identity", "Your account may not look for identity or phone numbers.", field="q")
    counts = sorted((_how_often(db, word), word) for word in map(hashed, asked))
    rare = [word for often, word in counts[:1] if often < OFTEN]
    others = [word for _, word in counts if word not in rare]
    return [*(_rarely(one) for one in rare), *(_often(one) for one in others)]


def _how_often(db: Session, word: int) -> int:
    """How many matters have the word; ``OFTEN`` for more."""
    some = select(FoundWord.petition_id).where(FoundWord.word == word).limit(OFTEN).subquery()
    return db.exec(select(func.count()).select_from(some)).one()


def _rarely(word: int) -> ColumnElement[bool]:
    """Begins with the matters that have the word."""
    return col(Petition.id).in_(select(FoundWord.petition_id).where(FoundWord.word == word))


def _often(word: int) -> ColumnElement[bool]:
    """Begins with the newest matters, and looks at each."""
    return exists().where(col(FoundWord.word) == word, col(FoundWord.petition_id) == col(Petition.id))


def _by_kind(sieve: Sieve) -> list[ColumnElement[bool]]:
    kinds: list[ColumnElement[bool]] = []
    if sieve.state is not None:
        kinds.append(col(Petition.state) == sieve.state)
    if sieve.unit_id is not None:
        kinds.append(col(Petition.unit_id) == sieve.unit_id)
    if sieve.content:
        kinds.append(col(Petition.content) == sieve.content)
    if sieve.township_id is not None:
        # Looked up for each, so that the database goes along the newest matters and sorts none.
        where = select(VillagePoint.township_id).where(col(VillagePoint.id) == col(Petition.point_id))
        kinds.append(where.correlate(Petition).scalar_subquery() == sieve.township_id)
    return kinds


def _by_day(sieve: Sieve, today: date) -> list[ColumnElement[bool]]:
    days: list[ColumnElement[bool]] = []
    if sieve.first is not None:
        days.append(col(Petition.created_at) >= _midnight(sieve.first))
    if sieve.last is not None:
        days.append(col(Petition.created_at) < _midnight(sieve.last) + timedelta(days=1))
    if sieve.overdue:
        late = select(Deadline.petition_id).where(col(Deadline.due_on) < today, col(Deadline.met_at).is_(None))
        days += [col(Petition.id).in_(late), col(Petition.state).not_in(OVER)]
    return days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), DISTRICT_ZONE)
