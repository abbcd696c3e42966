"""What goes by itself: recordings whose time is over, and nothing else; a disk that refuses is tried again."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from server.accounts.roles import Actor, Role
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.housekeeping import HOUSE, keep_house
from server.petitions.models import BookingDraft, DeletedRecording, HandOut
from server.petitions.service_hand_out import ask_hand_out
from server.petitions.service_petition import move
from server.petitions.service_retention import due_recordings, hold_recording, release_recording
from server.petitions.service_seal import keep_seal
from server.petitions.states import PetitionEvent
from server.scheduling.models import ReceptionDay, ReceptionRule
from server.scheduling.words import OnDayOff, PlanState, Repeat
from server.settings import Settings
from tests.district import TODAY, District
from tests.petitions.record import Talk, approved, cookie_of, whole
from tests.places.setting_up import new_person

NAMES = ("events.journal", "petitioner-0001.journal", "petitioner.webm", "side-by-side.mp4")


@pytest.fixture
def administrator(district: District) -> Actor:
    """Somebody who sets up."""
    return new_person(district, "赵敏", Role.ADMINISTRATOR)


def recorded(settings: Settings, talk: Talk) -> Path:
    """The files of a talk, on the disk."""
    folder = settings.sessions_dir / talk.token
    folder.mkdir(parents=True, mode=0o700)
    for name in NAMES:
        (folder / name).write_bytes(b"x" * 100)
    return folder


def close(talk: Talk) -> str:
    """The matter is approved and closed now; its number."""
    number = approved(talk)
    with writing(talk.district.engine) as db:
        petition = talk.petition(db)
        petition.closed_at = talk.district.clock.now()
        move(db, actor=talk.district.clerk, now=petition.closed_at, petition=petition, event=PetitionEvent.CLOSE)
    return number


def left(district: District) -> list[DeletedRecording]:
    with reading(district.engine) as db:
        return list(db.exec(select(DeletedRecording)))


def keep(district: District, settings: Settings) -> None:
    keep_house(district.engine, district.clock, settings)


def test_the_days_of_a_plan_come_by_themselves(district: District, settings: Settings) -> None:
    told: dict[str, Any] = {"repeat": Repeat.WEEKLY, "weekdays": 1 << 2, "on_day_off": OnDayOff.MOVE}
    with writing(district.engine) as db:
        rule = ReceptionRule(official_id=district.official.id, valid_from=TODAY, spans=[[540, 600]], **told)
        rule.state = PlanState.PUBLISHED
        db.add(rule)
    keep(district, settings)
    with reading(district.engine) as db:
        days = [one.day for one in db.exec(select(ReceptionDay).where(col(ReceptionDay.rule_id).is_not(None)))]
    assert len(days) == 26
    assert min(days) == TODAY + timedelta(days=1)


def test_a_recording_goes_when_its_time_is_over_and_not_a_day_before(district: District, settings: Settings) -> None:
    talk, _ = whole(district)
    folder = recorded(settings, talk)
    number = close(talk)
    with writing(district.engine) as db:
        keep_seal(db, token=talk.token, digest="5ea1" * 16, now=district.clock.now())
        ask_hand_out(db, actor=district.clerk, now=district.clock.now(), token=talk.token)
    district.clock.forward(days=179, hours=23)
    keep(district, settings)
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert left(district) == []
    district.clock.forward(hours=2)
    keep(district, settings)
    assert not folder.exists()
    (one,) = left(district)
    assert (one.why, one.files, one.bytes, one.digest) == ("retention", 4, 400, "5ea1" * 16)
    assert one.deleted_at == district.clock.now()
    with reading(district.engine) as db:
        entry = db.exec(select(AuditEntry).where(AuditEntry.action == "recording.deleted")).one()
        assert (entry.actor_name, entry.detail["files"], entry.detail["seal"]) == (HOUSE.name, 4, "5ea1" * 16)
        assert talk.petition(db).number == number
        assert db.exec(select(HandOut)).all() == []
    keep(district, settings)
    assert len(left(district)) == 1


def test_what_is_not_closed_is_never_deleted(district: District, settings: Settings) -> None:
    talk, _ = whole(district)
    folder = recorded(settings, talk)
    district.clock.forward(days=5000)
    keep(district, settings)
    approved(talk)
    district.clock.forward(days=5000)
    keep(district, settings)
    assert len(list(folder.iterdir())) == 4


def test_with_no_days_nothing_is_deleted(district: District, settings: Settings) -> None:
    talk, _ = whole(district)
    folder = recorded(settings, talk)
    close(talk)
    district.clock.forward(days=5000)
    keep(district, settings.model_copy(update={"recording_keep_days": 0}))
    assert folder.exists()


def test_a_hold_keeps_a_recording_until_it_ends(district: District, settings: Settings, administrator: Actor) -> None:
    talk, _ = whole(district)
    folder = recorded(settings, talk)
    number = close(talk)
    with writing(district.engine) as db:
        for _ in range(2):
            hold_recording(db, actor=administrator, now=district.clock.now(), number=number.lower(), reason="复核中")
    district.clock.forward(days=200)
    keep(district, settings)
    assert folder.exists()
    with writing(district.engine) as db:
        assert due_recordings(db, actor=administrator, now=district.clock.now(), keep_days=180) == []
        for _ in range(2):
            release_recording(db, actor=administrator, now=district.clock.now(), session_id=1)
    keep(district, settings)
    assert not folder.exists()
    with reading(district.engine) as db:
        deeds = select(AuditEntry.action).where(col(AuditEntry.action).startswith("recording."))
        told = db.exec(deeds.order_by(col(AuditEntry.id))).all()
    assert told == ["recording.held", "recording.released", "recording.deleted"]


def test_a_recording_that_is_elsewhere_is_not_told_to_be_deleted(district: District, settings: Settings) -> None:
    talk, _ = whole(district)
    close(talk)
    district.clock.forward(days=200)
    keep(district, settings)
    assert left(district) == []


def test_a_disk_that_refuses_leaves_it_due(district: District, settings: Settings) -> None:
    talk, _ = whole(district)
    folder = recorded(settings, talk)
    (folder / "a folder").mkdir()
    close(talk)
    district.clock.forward(days=200)
    keep(district, settings)
    assert left(district) == []
    (folder / "a folder").rmdir()
    keep(district, settings)
    assert len(left(district)) == 1
    assert not folder.exists()


def test_a_deletion_whose_word_was_lost_is_told_the_next_time(district: District, settings: Settings) -> None:
    talk, _ = whole(district)
    folder = recorded(settings, talk)
    close(talk)
    for path in folder.iterdir():
        path.unlink()
    district.clock.forward(days=200)
    keep(district, settings)
    assert (left(district)[0].files, folder.exists()) == (0, False)


def draft(db: Session, owner: str, papers: str, district: District) -> None:
    """A booking that is being typed, with a photograph."""
    content = f'{{"request_key": "k", "answers": {{}}, "typed": {{}}, "papers": [{{"name": "{papers}"}}]}}'
    db.add(BookingDraft(owner=owner, content=content, updated_at=district.clock.now()))


def test_unfinished_bookings_and_photographs_of_nothing_go(district: District, settings: Settings) -> None:
    with writing(district.engine) as db:
        draft(db, "kiosk:1", "old", district)
        district.clock.forward(days=2)
        draft(db, "kiosk:2", "new", district)
    before = district.clock.now() - timedelta(days=3)
    for name in ("old", "new", "lost"):
        (settings.papers_dir / name).write_bytes(b"x")
        os.utime(settings.papers_dir / name, (before.timestamp(),) * 2)
    (settings.papers_dir / "just written").write_bytes(b"x")
    os.utime(settings.papers_dir / "just written", (district.clock.now().timestamp(),) * 2)
    keep(district, settings)
    assert {path.name for path in settings.papers_dir.iterdir()} == {"new", "just written"}
    with reading(district.engine) as db:
        assert [one.owner for one in db.exec(select(BookingDraft))] == ["kiosk:2"]


def test_pages_say_that_a_recording_was_deleted(client: TestClient, district: District, settings: Settings) -> None:
    talk, _ = whole(district)
    recorded(settings, talk)
    close(talk)
    district.clock.forward(days=200)
    keep(district, settings)
    headers = cookie_of(district, district.clerk)
    for address in (f"/reviews/{talk.token}", f"/petitions/{talk.petition_id}"):
        body = client.get(address, headers=headers).text
        assert "录像保存期满,已于6月12日 周六删除;笔录保留。" in body
        assert "http-equiv" not in body
    told = client.get(f"/recordings/{talk.token}/petitioner.webm", headers=headers)
    assert (told.status_code, told.json()["error"]["code"]) == (404, "recording_deleted")


def test_an_administrator_keeps_and_releases_by_number(
    client: TestClient, district: District, settings: Settings, administrator: Actor
) -> None:
    talk, _ = whole(district)
    recorded(settings, talk)
    number, headers = close(talk), cookie_of(district, administrator) | {"accept": "text/html"}
    address = "/admin/recordings"
    assert "180 天后删除录像" in client.get(address, headers=headers).text
    for form, words in (({"number": "XF0"}, "没有这个编号"), ({"number": number}, "请写明原因")):
        told = client.post(address, data={"reason": " ", **form}, headers=headers)
        assert (told.status_code, words in told.text) == (422, True)
    kept = client.post(address, data={"number": f" {talk.number} ", "reason": "复核中"}, headers=headers)
    assert kept.headers["location"] == "/admin/recordings?done=held"
    body = client.get(address, headers=headers).text
    assert all(word in body for word in (number, "复核中", "赵敏", "/admin/recordings/1/release"))
    client.post("/admin/recordings/1/release", headers=headers)
    assert "复核中" not in client.get(address, headers=headers).text
    district.clock.forward(days=200)
    keep(district, settings)
    headers = cookie_of(district, administrator) | {"accept": "text/html"}
    assert number in client.get(address, headers=headers).text
    late = client.post(address, data={"number": number, "reason": "复核中"}, headers=headers)
    assert "已经删除" in late.text


@pytest.mark.parametrize("who", ["clerk", "official", "kiosk"])
def test_nobody_else_keeps_or_releases(client: TestClient, district: District, who: str) -> None:
    headers = cookie_of(district, getattr(district, who))
    assert client.get("/admin/recordings", headers=headers).status_code == 403
    assert client.post("/admin/recordings", data={"number": "1", "reason": "x"}, headers=headers).status_code == 403
    assert client.post("/admin/recordings/1/release", headers=headers).status_code == 403
