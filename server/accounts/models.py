"""People with accounts, and their sign-ins."""

from datetime import datetime

from sqlmodel import CheckConstraint, Field, SQLModel

from server.accounts.roles import Role
from server.database import UtcDateTime, word

STAFF_ROLES = "role IN ('agent','official','clerk','handler','administrator','auditor')"


class User(SQLModel, table=True):
    """A person with an account. ``post`` is an official's office, ``unit_id``/``point_id`` bound what they see."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(STAFF_ROLES, name="ck_users_role"),)

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True, max_length=64)
    display_name: str = Field(max_length=64)
    role: Role = Field(sa_type=word(Role))
    post: str = Field(default="", max_length=64)
    password_hash: str
    unit_id: int | None = Field(default=None, foreign_key="units.id", index=True)
    point_id: int | None = Field(default=None, foreign_key="village_points.id", index=True)
    active: bool = True
    failed_attempts: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignIn(SQLModel, table=True):
    """A revocable signed-in browser: of a user, or of a kiosk. Only the token's hash is kept."""

    __tablename__ = "sign_ins"
    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (kiosk_id IS NULL)", name="ck_sign_ins_one_owner"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    user_id: int | None = Field(default=None, foreign_key="users.id", index=True)
    kiosk_id: int | None = Field(default=None, foreign_key="kiosks.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Exclusion(SQLModel, table=True):
    """A person or unit complained of, or with an interest: sees, gets and finds nothing of the petition.

    ``petitioner_id`` is whose petition it is.
    """

    __tablename__ = "exclusions"
    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (unit_id IS NULL)", name="ck_exclusions_one"),)

    id: int | None = Field(default=None, primary_key=True)
    petition_id: int = Field(foreign_key="petitions.id", index=True)
    petitioner_id: int = Field(foreign_key="petitioners.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="users.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="units.id", index=True)
