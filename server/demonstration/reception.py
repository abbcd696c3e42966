"""``lianxin demo``: one whole reception, played by two synthetic peers against a running server."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from server.accounts.models import User
from server.accounts.roles import Role
from server.accounts.service import start_kiosk_sign_in
from server.clock import SystemClock, local_date
from server.console import text
from server.database import reading, writing
from server.demonstration.seed import PASSWORD
from server.demonstration.synthetic import SyntheticPeer
from server.demonstration.visitor import LiveSeat, Pages
from server.errors import Unavailable
from server.media.manifest import read_files
from server.petitions.models import Petition, ReceptionSession
from server.petitions.service_follow_up import list_of_petition
from server.places.models import Kiosk
from server.scheduling.models import Booking, ReceptionDay

OFFICIAL, CLERK, HANDLER = "official", "clerk", "handler"
TALK_SECONDS = 8.0
LINES = (
    ("petitioner", "家里的房子漏水两年了,找了物业三次没有人管。"),
    ("official", "情况我们了解了,本周内派人上门查看。"),
    ("petitioner", "好,那我在家等着。"),
)
SIGNATURE = "M 100 120 L 220 60 L 260 200 M 320 80 L 420 220 L 520 90 L 600 160"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Recorded:
    """One recording file."""

    seat: str
    file: str
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Played:
    """What came of the demonstration."""

    petition: str
    query_code: str
    recordings: list[Recorded]
    seconds: float
    minutes_pdf: str
    follow_ups: list[str]

    def plain(self) -> dict[str, object]:
        """For a machine."""
        return asdict(self)


@dataclass(frozen=True)
class Stage:
    """Where it is played."""

    address: str
    engine: Engine
    sessions_dir: Path
    out_dir: Path


def play(stage: Stage, progress: Progress) -> Played:
    """Book, wait, talk, decide, read back, sign, review. Raises ``Unavailable`` naming the step that was refused."""
    began = time.monotonic()
    kiosk = Pages(stage.address, _kiosk_token(stage.engine))
    progress(text("A villager books at the kiosk"))
    number = _book(stage, kiosk)
    progress(text("Checks in and agrees to be recorded: %(number)s", number=number))
    kiosk.post(f"/kiosk/reception/{number}/check-in")
    kiosk.post(f"/kiosk/reception/{number}/consent", answer="yes")
    asyncio.run(_talk(stage, kiosk, number, progress))
    code = _query_code(kiosk, number)
    progress(text("The recording becomes files"))
    token, petition_id = _session_of(stage.engine, number)
    recordings = _recordings(stage, token)
    progress(text("A clerk reviews and approves"))
    clerk = Pages(stage.address).sign_in(CLERK, PASSWORD)
    clerk.post(f"/reviews/{token}/approve")
    petition, follow_ups = _came_of(stage.engine, petition_id)
    minutes = stage.out_dir / f"{petition}.pdf"
    minutes.parent.mkdir(parents=True, exist_ok=True)
    minutes.write_bytes(clerk.get(f"/petitions/{petition_id}/minutes.pdf").content)
    return Played(petition, code, recordings, round(time.monotonic() - began, 1), str(minutes), follow_ups)


def _kiosk_token(engine: Engine) -> str:
    with writing(engine) as db:
        kiosk = db.exec(select(Kiosk).where(Kiosk.name == "Demonstration")).first()
        if kiosk is None:
            point = db.exec(select(Kiosk).order_by(Kiosk.id)).first()  # type: ignore[arg-type]  # a column in a query
            if point is None:
                raise Unavailable("demonstration_empty", "There is no demonstration district. Start it with make run.")
            kiosk = Kiosk(name="Demonstration", point_id=point.point_id, enrolled_at=SystemClock().now())
            db.add(kiosk)
            db.flush()
        return start_kiosk_sign_in(db, kiosk=kiosk, now=SystemClock().now())


def _book(stage: Stage, kiosk: Pages) -> str:
    with reading(stage.engine) as db:
        official = db.exec(select(User).where(User.username == OFFICIAL, User.role == Role.OFFICIAL)).one()
        today = local_date(SystemClock().now())
        day = db.exec(
            select(ReceptionDay).where(ReceptionDay.official_id == official.id, ReceptionDay.day == today)
        ).first()
    if day is None:
        raise Unavailable("demonstration_no_day", "The official does not receive today. Start the server once more.")
    kiosk.post("/kiosk/book/anew")
    answers = {
        "who": "named",
        "name": "张秀英",
        "id_number": "990101194803150010",
        "phone": "13800138000",
        "private": "no",
        "purpose": "request",
        "content": "housing",
        "summary": "房子漏水,找了物业三次没人管。",
        "papers": "none",
        "wanted": f"official-{official.id}",
        "slot": f"{day.id}-walk",
    }
    for word, answer in answers.items():
        kiosk.post(f"/kiosk/book/{word}", answer=answer)
    found = re.search(r'name="request_key" value="([^"]+)"', kiosk.get("/kiosk/book/check").text)
    return kiosk.post("/kiosk/book/check", request_key=found.group(1) if found else "").rsplit("/", 1)[1]


async def _talk(stage: Stage, kiosk: Pages, number: str, progress: Progress) -> None:
    desk = Pages(stage.address).sign_in(OFFICIAL, PASSWORD)
    visitor, official = SyntheticPeer(pitch=220, shade=235), SyntheticPeer(pitch=330, shade=200)
    seats = (
        LiveSeat(stage.address, kiosk.cookie, {"place": "talk", "booking": number}),
        LiveSeat(stage.address, desk.cookie, {"place": "desk"}),
    )
    async with seats[0] as ours, seats[1] as theirs:
        try:
            await theirs.ask("admit", booking=number)
            for seat, peer in ((ours, visitor), (theirs, official)):
                await seat.told("session", phase="talk")
                await peer.take(await seat.ask("offer", sdp=await peer.offer()))
            progress(text("Both talk, the server records"))
            unit_id = _handling_unit(stage.engine)
            await _write(theirs, unit_id)
            await asyncio.sleep(TALK_SECONDS)
            _both_heard(visitor, official)
            progress(text("The official decides; the visitor reads the minutes and signs"))
            await _end(ours, theirs, unit_id)
        finally:
            await visitor.close()
            await official.close()


def _handling_unit(engine: Engine) -> int:
    with reading(engine) as db:
        return db.exec(select(User).where(User.username == HANDLER)).one().unit_id or 0


async def _write(desk: LiveSeat, unit_id: int) -> None:
    for speaker, line in LINES:
        await desk.ask("write_line", key=secrets.token_hex(8), speaker=speaker, text=line)
        await asyncio.sleep(0.7)
    due = local_date(SystemClock().now()) + timedelta(days=7)
    promise = {"what": "派人上门查看漏水", "unit": unit_id, "person": "李工", "due_on": due.isoformat()}
    await desk.ask("promise", key=secrets.token_hex(8), **promise)


def _both_heard(*peers: SyntheticPeer) -> None:
    if not all(count > 0 for peer in peers for count in peer.frames.values()):
        raise Unavailable("demonstration_silent", "The two sides did not see and hear each other.")


async def _end(kiosk: LiveSeat, desk: LiveSeat, unit_id: int) -> None:
    due = local_date(SystemClock().now()) + timedelta(days=30)
    await desk.ask("end", outcome="accepted", opinion="由住建部门查看并维修。", unit=unit_id, due_on=due.isoformat())
    await kiosk.told("session", phase="read_back")
    for line in kiosk.last["minutes"]["lines"]:
        await kiosk.ask("confirm_line", line=line["line"])
    await kiosk.ask("sign", role="petitioner", path=SIGNATURE)


def _query_code(kiosk: Pages, number: str) -> str:
    found = re.search(r'id="code">([A-Z0-9 ]+)<', kiosk.get(f"/kiosk/reception/{number}/slip").text)
    return found.group(1).replace(" ", "") if found is not None else ""


def _session_of(engine: Engine, number: str) -> tuple[str, int]:
    with reading(engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        session = db.exec(select(ReceptionSession).where(ReceptionSession.booking_id == booking.id)).one()
        return session.token, session.petition_id


def _recordings(stage: Stage, token: str) -> list[Recorded]:
    end = time.monotonic() + 20
    while not (files := read_files(stage.sessions_dir, token)):
        if time.monotonic() > end:
            raise Unavailable("demonstration_no_files", "The recording did not become files in time.")
        time.sleep(0.1)
    return [
        Recorded(one.seat, str(stage.sessions_dir / token / one.name), round(one.duration, 2), one.bytes)
        for one in files
    ]


def _came_of(engine: Engine, petition_id: int) -> tuple[str, list[str]]:
    with reading(engine) as db:
        number = db.get_one(Petition, petition_id).number or ""
        promised = list_of_petition(db, petition_id=petition_id)
    return number, [f"{one.follow_up.what} ({one.unit}, {one.follow_up.due_on})" for one in promised]
