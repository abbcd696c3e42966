"""Who is excluded from the matters of a person. Reads only; the rows are written with the matter.

It is asked for the person and not for the matter: whoever was accused by somebody has an interest in all that they
bring. Nothing of it is ever shown, and whoever is left out looks like somebody without a free time.
"""

from sqlmodel import Session, select

from server.accounts.exclusion import Excluded
from server.accounts.models import Exclusion


def excluded_for(db: Session, *, petitioner_id: int) -> Excluded:
    """Who must not receive this person, by any of the person's matters. For services; checks no right."""
    rows = db.exec(select(Exclusion.user_id, Exclusion.unit_id).where(Exclusion.petitioner_id == petitioner_id)).all()
    people = frozenset(user_id for user_id, _ in rows if user_id is not None)
    return Excluded(people, frozenset(unit_id for _, unit_id in rows if unit_id is not None))
