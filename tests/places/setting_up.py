"""An administrator in the test district, as an actor and as a signed-in browser."""

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.database import writing
from tests.district import District, user


def new_person(district: District, name: str, role: Role) -> Actor:
    """A further person of the district."""
    person: User = user(name, role)
    with writing(district.engine) as db:
        db.add(person)
        db.flush()
    return actor_of_user(person)
