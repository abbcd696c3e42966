"""Signing in: lock-out, revocation, expiry; nothing but hashes in the database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from server.accounts.models import User
from server.accounts.roles import ANYBODY, Actor, Role
from server.accounts.service import actor_of_token, hash_password, revoke_all, sign_in, sign_out
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Forbidden, Invalid, NotFound, TooMany
from tests.fakes import FakeClock

PASSWORD = "a long enough password"  # noqa: S105 - of a person who does not exist


@pytest.fixture
def clerk(engine: Engine) -> Actor:
    with writing(engine) as db:
        user = User(username="clerk", display_name="钱书", role=Role.CLERK, password_hash=hash_password(PASSWORD))
        db.add(user)
        db.flush()
        return Actor(role=Role.CLERK, id=user.id or 0, name="钱书")


def attempt(engine: Engine, clock: FakeClock, password: str, username: str = "clerk") -> str | Invalid | TooMany:
    with writing(engine) as db:
        return sign_in(db, username=username, password=password, now=clock.now(), lockout_minutes=15)


def who(engine: Engine, clock: FakeClock, token: object) -> Actor:
    assert isinstance(token, str)
    with reading(engine) as db:
        return actor_of_token(db, token=token, now=clock.now())


def test_a_person_signs_in_and_out(engine: Engine, clock: FakeClock, clerk: Actor) -> None:
    token = attempt(engine, clock, PASSWORD)
    assert who(engine, clock, token) == clerk
    with writing(engine) as db:
        sign_out(db, token=str(token), now=clock.now())
    assert who(engine, clock, token) == ANYBODY


def test_a_sign_in_ends_by_itself(engine: Engine, clock: FakeClock, clerk: Actor) -> None:
    token = attempt(engine, clock, PASSWORD)
    clock.forward(hours=12, seconds=1)
    assert who(engine, clock, token) == ANYBODY


def test_five_failures_lock_for_a_while_even_with_the_right_password(
    engine: Engine, clock: FakeClock, clerk: Actor
) -> None:
    for _ in range(5):
        assert isinstance(attempt(engine, clock, "wrong"), Invalid)
    refusal = attempt(engine, clock, PASSWORD)
    assert isinstance(refusal, TooMany)
    assert refusal.code == "locked_out"
    clock.forward(minutes=15, seconds=1)
    assert who(engine, clock, attempt(engine, clock, PASSWORD)) == clerk


def test_a_success_forgets_earlier_failures(engine: Engine, clock: FakeClock, clerk: Actor) -> None:
    for _ in range(3):
        for _ in range(4):
            attempt(engine, clock, "wrong")
        assert isinstance(attempt(engine, clock, PASSWORD), str)


def test_an_unknown_and_a_deactivated_person_are_refused_alike(engine: Engine, clock: FakeClock, clerk: Actor) -> None:
    token = attempt(engine, clock, PASSWORD)
    with writing(engine) as db:
        user = db.get_one(User, clerk.id)
        user.active = False
        db.add(user)
    refusals = [attempt(engine, clock, PASSWORD), attempt(engine, clock, PASSWORD, username="nobody")]
    assert [getattr(one, "code", None) for one in refusals] == ["wrong_password", "wrong_password"]
    assert who(engine, clock, token) == ANYBODY


def test_only_oneself_or_the_administrator_signs_a_person_out_everywhere(
    engine: Engine, clock: FakeClock, clerk: Actor
) -> None:
    token = attempt(engine, clock, PASSWORD)
    handler, administrator = Actor(role=Role.HANDLER, id=999), Actor(role=Role.ADMINISTRATOR, id=998)
    with pytest.raises(Forbidden), writing(engine) as db:
        revoke_all(db, actor=handler, user_id=clerk.id, now=clock.now())
    with pytest.raises(NotFound), writing(engine) as db:
        revoke_all(db, actor=administrator, user_id=4711, now=clock.now())
    assert who(engine, clock, token) == clerk
    with writing(engine) as db:
        revoke_all(db, actor=administrator, user_id=clerk.id, now=clock.now())
    assert who(engine, clock, token) == ANYBODY


def test_neither_token_nor_password_is_in_the_file(
    engine: Engine, clock: FakeClock, clerk: Actor, tmp_path: Path
) -> None:
    token = str(attempt(engine, clock, PASSWORD))
    content = b"".join(path.read_bytes() for path in tmp_path.glob("data/state/*"))
    assert b"$argon2id$" in content
    assert token.encode() not in content
    assert PASSWORD.encode() not in content


def test_signing_in_and_lock_out_are_in_the_audit_log(engine: Engine, clock: FakeClock, clerk: Actor) -> None:
    attempt(engine, clock, PASSWORD)
    for _ in range(5):
        attempt(engine, clock, "wrong")
    with reading(engine) as db:
        assert [one.action for one in db.exec(select(AuditEntry))] == ["user.signed_in", "user.locked_out"]


def test_no_password_fits_an_account_without_one(engine: Engine, clock: FakeClock, clerk: Actor) -> None:
    with writing(engine) as db:
        db.get_one(User, clerk.id).password_hash = "!"  # noqa: S105 - no hash
    for password in ("!", "", PASSWORD):
        assert isinstance(attempt(engine, clock, password), Invalid)
