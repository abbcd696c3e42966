"""Signing in and out. Only hashes of passwords and tokens are kept; every sign-in can be revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from sqlmodel import Session, col, select, update

from server.accounts.models import SignIn, User
from server.accounts.roles import ANYBODY, Action, Actor, Role, require
from server.audit.service import record
from server.errors import Forbidden, Invalid, NotFound, TooMany
from server.places.models import Kiosk

ATTEMPTS = 5
LEAST_PASSWORD, MOST_PASSWORD = 10, 200
STAFF = frozenset({Role.OFFICIAL, Role.CLERK, Role.HANDLER, Role.AGENT, Role.ADMINISTRATOR, Role.AUDITOR})
STAFF_STAY = timedelta(hours=12)
KIOSK_STAY = timedelta(days=366)
SEEN_EVERY = timedelta(minutes=1)

_hasher = PasswordHash.recommended()


@cache
def _nobody() -> str:
    """A hash of no password, so that an unknown name takes as long as a known one; made when first asked for."""
    return _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Argon2id with the library's recommended cost."""
    return _hasher.hash(password)


def _fits(password: str, password_hash: str) -> bool:
    """Whether the password is the one; no password fits an account whose hash is none (``!``)."""
    try:
        return _hasher.verify(password, password_hash)
    except UnknownHashError:
        return False


def hash_token(token: str) -> str:
    """Tokens are random, so that a plain hash is enough to keep them out of the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_user(user: User) -> Actor:
    """The actor a signed-in person is."""
    return Actor(role=user.role, id=user.id or 0, name=user.display_name, unit_id=user.unit_id, point_id=user.point_id)


def _wrong() -> Invalid:
    return Invalid("wrong_password", "The name or the password is not right. Please try again.", field="password")


def sign_in(
    db: Session, *, username: str, password: str, now: datetime, lockout_minutes: int
) -> str | Invalid | TooMany:
    """Return the new token, or the refusal.

    The refusal is returned and not raised, so that the counted failure is committed with it. An unknown
    name costs the same time as a wrong password.
    """
    user = db.exec(select(User).where(User.username == username.strip())).first()
    if user is None or not user.active:
        _hasher.verify(password, _nobody())
        return _wrong()
    if user.locked_until is not None and user.locked_until > now:
        return TooMany(
            "locked_out",
            "Too many wrong passwords. Please wait %(minutes)s minutes, or ask the administrator.",
            params={"minutes": lockout_minutes},
        )
    if not _fits(password, user.password_hash):
        _count_failure(db, user, now, lockout_minutes)
        return _wrong()
    user.failed_attempts, user.locked_until = 0, None
    db.add(user)
    record(db, actor=actor_of_user(user), now=now, action="user.signed_in", subject="user", subject_id=user.id or 0)
    return _new_token(db, now=now, stay=STAFF_STAY, user_id=user.id)


def _count_failure(db: Session, user: User, now: datetime, lockout_minutes: int) -> None:
    user.failed_attempts += 1
    if user.failed_attempts >= ATTEMPTS:
        user.failed_attempts, user.locked_until = 0, now + timedelta(minutes=lockout_minutes)
        record(db, actor=ANYBODY, now=now, action="user.locked_out", subject="user", subject_id=user.id or 0)
    db.add(user)


def _new_token(
    db: Session, *, now: datetime, stay: timedelta, user_id: int | None = None, kiosk_id: int | None = None
) -> str:
    token = secrets.token_urlsafe(32)
    db.add(
        SignIn(
            token_hash=hash_token(token),
            user_id=user_id,
            kiosk_id=kiosk_id,
            created_at=now,
            seen_at=now,
            expires_at=now + stay,
        )
    )
    db.flush()
    return token


def start_kiosk_sign_in(db: Session, *, kiosk: Kiosk, now: datetime) -> str:
    """A token for an enrolled kiosk; it lasts a year and is revoked with the kiosk."""
    return _new_token(db, now=now, stay=KIOSK_STAY, kiosk_id=kiosk.id)


def sign_out(db: Session, *, token: str, now: datetime) -> None:
    """Revoke the token; an unknown one is none of anybody's business."""
    db.exec(
        update(SignIn)
        .where(col(SignIn.token_hash) == hash_token(token), col(SignIn.revoked_at).is_(None))
        .values(revoked_at=now)
    )


def actor_of_token(db: Session, *, token: str | None, now: datetime) -> Actor:
    """Who holds the token; ``ANYBODY`` for none, an expired, a revoked or a deactivated one."""
    if not token:
        return ANYBODY
    found = db.exec(select(SignIn).where(SignIn.token_hash == hash_token(token))).first()
    if found is None or found.revoked_at is not None or found.expires_at <= now:
        return ANYBODY
    if found.user_id is not None:
        user = db.get(User, found.user_id)
        return actor_of_user(user) if user is not None and user.active else ANYBODY
    kiosk = db.get(Kiosk, found.kiosk_id)
    if kiosk is None or kiosk.revoked_at is not None:
        return ANYBODY
    return Actor(role=Role.KIOSK, id=kiosk.id or 0, name=kiosk.name, point_id=kiosk.point_id)


def change_password(db: Session, *, actor: Actor, now: datetime, token: str, old: str, new: str) -> None:
    """Choose an own password. Every other sign-in of the person ends; the one that asks (``token``) stays."""
    user = db.get(User, actor.id) if actor.role in STAFF else None
    if user is None:
        raise Forbidden("not_allowed", "Your account may not do this. Please ask the administrator.")
    if not _fits(old, user.password_hash):
        raise Invalid("wrong_old_password", "The present password is not right. Please try again.", field="old")
    if not LEAST_PASSWORD <= len(new) <= MOST_PASSWORD or new in {old, user.username}:
        raise Invalid("weak_password", "Please choose a new password of at least ten characters.", field="new")
    user.password_hash = hash_password(new)
    db.add(user)
    others = (col(SignIn.user_id) == user.id, col(SignIn.token_hash) != hash_token(token))
    db.exec(update(SignIn).where(*others, col(SignIn.revoked_at).is_(None)).values(revoked_at=now))
    record(db, actor=actor, now=now, action="user.password_changed", subject="user", subject_id=actor.id)


def revoke_all(db: Session, *, actor: Actor, user_id: int, now: datetime) -> None:
    """Sign a person out everywhere: oneself, or anybody for the administrator."""
    if actor.role is Role.KIOSK or actor.id != user_id:
        require(actor, Action.SET_UP)
    if db.get(User, user_id) is None:
        raise NotFound("no_such_person", "This person is not known here.")
    db.exec(
        update(SignIn).where(col(SignIn.user_id) == user_id, col(SignIn.revoked_at).is_(None)).values(revoked_at=now)
    )
    record(db, actor=actor, now=now, action="user.signed_out_everywhere", subject="user", subject_id=user_id)
