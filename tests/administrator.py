"""The administrator of the small district, for tests of what is set up."""

from sqlmodel import Session, select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.database import writing
from tests.district import District, user

HTML = {"accept": "text/html"}


def administrator(district: District, db: Session | None = None) -> Actor:
    """The one administrator, made at the first call; within the caller's transaction where there is one."""
    if db is None:
        with writing(district.engine) as own:
            return administrator(district, own)
    found = db.exec(select(User).where(User.username == "administrator")).first()
    if found is None:
        found = user("administrator", Role.ADMINISTRATOR)
        db.add(found)
        db.flush()
    return actor_of_user(found)
