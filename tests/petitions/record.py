"""A talk played through the services, as far as a test needs it."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from server.accounts.exclusion import Excluded
from server.accounts.models import SignIn
from server.accounts.roles import Actor, Role
from server.accounts.service import hash_token
from server.database import writing
from server.dependencies import COOKIE
from server.petitions.deadlines import Limits
from server.petitions.models import Petition
from server.petitions.service_ending import end_talk, sign
from server.petitions.service_follow_up import promise
from server.petitions.service_minutes import confirm_line, list_lines, object_line, write_line
from server.petitions.service_petition import exclude
from server.petitions.service_review import approve
from server.petitions.service_session import admit, note_event, recording_started, session_by_token
from tests.district import District

SIGNATURE = "M 20 60 L 60 20 L 100 80 M 120 30 L 160 70 L 200 30"
STAY = timedelta(days=1)
DUE = date(2026, 12, 14)
SAID = (
    ("petitioner", "我家的房顶从去年夏天就漏水。"),
    ("official", "物业为什么没有修?"),
    ("petitioner", "他们说没有钱。"),
)


@dataclass(frozen=True)
class Talk:
    """A talk with the numbers a test asks by."""

    district: District
    number: str
    token: str
    petition_id: int

    def petition(self, db: Session) -> Petition:
        """The petition as it stands now."""
        return db.get_one(Petition, self.petition_id)


def begin(district: District, *, slot: int = 6, key: str = "one", consent: bool = True, recorded: bool = True) -> Talk:
    """A waiting visitor is admitted; with ``recorded`` the recording begins at once."""
    number = district.wait(slot=slot, key=key, consent=consent)
    with writing(district.engine) as db:
        session = admit(db, actor=district.official, now=district.clock.now(), number=number)
        if recorded:
            recording_started(db, session=session, at=district.clock.now())
        return Talk(district, number, session.token, session.petition_id)


def say(talk: Talk) -> list[int]:
    """Three lines, ten seconds apart, an interruption and a promise; return the ids of the lines."""
    district = talk.district
    with writing(district.engine) as db:
        lines = []
        for index, (speaker, text) in enumerate(SAID):
            district.clock.forward(seconds=10)
            now = district.clock.now()
            made = write_line(
                db, actor=district.official, now=now, token=talk.token, key=f"l{index}", speaker=speaker, text=text
            )
            lines.append(made.id or 0)
        session = session_by_token(db, actor=district.official, token=talk.token)
        note_event(db, session=session, now=now + timedelta(seconds=2), kind="gap", seat="petitioner")
        promise(
            db,
            actor=district.official,
            now=now,
            token=talk.token,
            key="p1",
            what="十二月十四日前修好房顶",
            unit_id=1,
            person="李工",
            due_on=DUE,
            line_key="l1",
        )
    return lines


def end(talk: Talk, *, outcome: str = "accepted") -> str:
    """The talk ends; return the query code."""
    district = talk.district
    district.clock.forward(seconds=30)
    with writing(district.engine) as db:
        ended = end_talk(
            db,
            actor=district.official,
            now=district.clock.now(),
            token=talk.token,
            outcome=outcome,
            opinion="请住建局督促维修。",
            unit_id=1,
            due_on=DUE,
        )
    return ended.query_code


def read_back(talk: Talk, *, object_to: int | None = None) -> None:
    """Every line is confirmed, but for one that the petitioner may object to; then the petitioner signs."""
    district, kiosk = talk.district, talk.district.kiosk
    with writing(district.engine) as db:
        session = session_by_token(db, actor=kiosk, token=talk.token)
        for line in list_lines(db, session=session):
            if line.id == object_to:
                object_line(db, actor=kiosk, token=talk.token, line=line.id or 0, text="我说的是前年。")
            else:
                confirm_line(db, actor=kiosk, token=talk.token, line=line.id or 0)
        sign(db, actor=kiosk, now=district.clock.now(), token=talk.token, role="petitioner", path=SIGNATURE)


def whole(district: District, *, object_first: bool = False, key: str = "one", slot: int = 6) -> tuple[Talk, str]:
    """A talk up to the clerk's review; return it with its query code."""
    talk = begin(district, key=key, slot=slot)
    lines = say(talk)
    code = end(talk)
    read_back(talk, object_to=lines[0] if object_first else None)
    return talk, code


def approved(talk: Talk) -> str:
    """The clerk approves; return the petition's number."""
    district = talk.district
    with writing(district.engine) as db:
        return approve(db, actor=district.clerk, now=district.clock.now(), token=talk.token, limits=Limits())


def cookie_of(district: District, actor: Actor) -> dict[str, str]:
    """The cookie header of a browser the actor is signed in at."""
    token, now = secrets.token_urlsafe(12), district.clock.now()
    kiosk = actor.role is Role.KIOSK
    row = SignIn(
        token_hash=hash_token(token),
        user_id=None if kiosk else actor.id,
        kiosk_id=actor.id if kiosk else None,
        created_at=now,
        seen_at=now,
        expires_at=now + STAY,
    )
    with writing(district.engine) as db:
        db.add(row)
    return {"cookie": f"{COOKIE}={token}"}


def keep_away(db: Session, talk: Talk, *, people: set[int], units: set[int] | None = None) -> None:
    """These must know nothing of the talk's petition."""
    excluded = Excluded(frozenset(people), frozenset(units or ()))
    exclude(db, actor=talk.district.clerk, now=talk.district.clock.now(), petition=talk.petition(db), excluded=excluded)
