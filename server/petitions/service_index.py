"""Keeping the index by which matters are found. For services that write a matter; checks no right."""

from collections.abc import Iterable

from sqlmodel import Session, col, delete, exists, insert, select

from server.petitions.finding import is_identity, pieces
from server.petitions.models import Petition
from server.petitions.models_find import FoundWord
from server.places.models import Township, Unit, VillagePoint
from server.scheduling.models import Booking, Petitioner
from server.sealing import current_sealer

INDEXED = 0
BATCH = 500


def hashed(piece: str) -> int:
    """What is kept of a piece: 60 bits that do not give it away."""
    return int(current_sealer().index(f"found by {piece}")[:15], 16)


def index(db: Session, *, petition: Petition) -> None:
    """Let the matter be found by what it says now."""
    db.exec(delete(FoundWord).where(col(FoundWord.petition_id) == petition.id))
    words = {INDEXED, *(hashed(one) for one in _pieces(db, petition))}
    db.execute(insert(FoundWord), [{"word": one, "petition_id": petition.id} for one in sorted(words)])


def index_missing(db: Session, *, most: int = BATCH) -> int:
    """Matters that were written before there was an index; how many were done, none when all are in it."""
    there = exists().where(col(FoundWord.word) == INDEXED, col(FoundWord.petition_id) == col(Petition.id))
    missing = db.exec(select(Petition).where(~there).order_by(col(Petition.id)).limit(most)).all()
    for one in missing:
        index(db, petition=one)
    return len(missing)


def _pieces(db: Session, petition: Petition) -> set[str]:
    found: set[str] = set()
    for text in _texts(db, petition):
        found |= pieces(text)
    person = db.get_one(Petitioner, petition.petitioner_id)
    phone = (person.phone or "").removeprefix("+86")
    whole = {(person.id_number or "").lower(), phone}
    return {one for one in found if not is_identity(one)} | {one for one in whole if is_identity(one)}


def _texts(db: Session, petition: Petition) -> Iterable[str]:
    person = db.get_one(Petitioner, petition.petitioner_id)
    point = db.get_one(VillagePoint, petition.point_id)
    yield db.get_one(Booking, petition.booking_id).number
    yield from (petition.number or "", person.name or "", petition.summary, petition.outcome_opinion)
    yield from (point.name, db.get_one(Township, point.township_id).name)
    if petition.unit_id is not None:
        yield db.get_one(Unit, petition.unit_id).name
