"""The outbox being emptied, against a real gateway and a real mail server, and through the death of the process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import col, select

from server.accounts.models import Exclusion, User
from server.accounts.roles import Role
from server.database import reading, writing
from server.housekeeping import keep_house
from server.metrics import Metrics
from server.notices.channels import ways_of
from server.notices.models import Notice
from server.notices.planning import PAUSES, Quiet
from server.notices.service import use_channels
from server.notices.service_sending import LEASE
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.outbox import REST, Outbox
from server.petitions.models import Petition
from server.places.models import VillagePoint
from server.scheduling.models import Booking, Petitioner
from server.settings import Settings
from tests.district import District
from tests.fakes import FakeClock
from tests.notices.post_office import SILENCE, Gateway, MailOffice, open_gateway, open_mail_office
from tests.scheduling.test_notices import booked, in_days, move_to

NEVER = Quiet.of("0:00-0:00")
C, E, S = Channel, NoticeEvent, NoticeState


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as made:
        yield made


@pytest.fixture
def office() -> Iterator[MailOffice]:
    with open_mail_office() as made:
        yield made


@pytest.fixture
def told(settings: Settings, gateway: Gateway, office: MailOffice) -> Iterator[Settings]:
    """Settings with both ways."""
    made = settings.model_copy(
        update={
            "sms_url": gateway.url,
            "sms_secret": SecretStr("Bearer known"),
            "mail_host": "127.0.0.1",
            "mail_port": office.port,
            "mail_security": "none",
            "mail_from": "jiefang@qingxi.example",
        }
    )
    use_channels(ways_of(made))
    yield made
    use_channels(())


@pytest.fixture
def outbox(told: Settings, district: District) -> Outbox:
    return Outbox(district.engine, district.clock, ways_of(told), NEVER)


def rows(engine: Engine, channel: Channel = C.SMS, event: NoticeEvent = E.BOOKED) -> list[Notice]:
    with reading(engine) as db:
        query = select(Notice).where(Notice.channel == channel, Notice.event == event)
        return list(db.exec(query.order_by(col(Notice.id))))


def test_what_is_due_goes_out_and_what_is_not_waits(outbox: Outbox, gateway: Gateway, district: District) -> None:
    number = booked(district)
    outbox.look()
    outbox.look()
    assert [one["phone"] for one in gateway.texts] == ["+8613800138000"]
    assert number in gateway.texts[0]["text"]
    assert "您约好了" in gateway.texts[0]["text"]
    [row] = rows(district.engine)
    assert (row.state, row.sent_to, row.sent_at) == (S.SENT, "138****8000", district.clock.now())
    assert [one.state for one in rows(district.engine, C.SCREEN)] == [S.SENT]
    district.clock.forward(days=6, hours=3)
    outbox.look()
    assert [one["text"][:2] for one in gateway.texts] == ["您约", "明天"]


def test_no_text_says_who_or_what_about(
    outbox: Outbox, gateway: Gateway, office: MailOffice, district: District
) -> None:
    with writing(district.engine) as db:
        db.get_one(VillagePoint, 1).email = "liuwan@qingxi.example"
    number = booked(district)
    move_to(district, number, in_days(district, 14))
    district.clock.forward(days=14, hours=1)
    outbox.look()
    outbox.look()
    said = "".join([*(one["text"] for one in gateway.texts), *(letter for _, letter in office.letters)])
    for secret in ("张", "秀英", "990101", "13800138000", "房子", "漏水", "物业", "housing"):
        assert secret not in said


def test_an_agent_who_is_complained_of_gets_no_e_mail(
    outbox: Outbox, gateway: Gateway, office: MailOffice, district: District
) -> None:
    with writing(district.engine) as db:
        db.get_one(VillagePoint, 1).email = "liuwan@qingxi.example"
        db.add(User(username="agent", display_name="吴秋生", role=Role.AGENT, point_id=1, password_hash="!"))  # noqa: S106 - no hash
    number = booked(district)
    with writing(district.engine) as db:
        agent = db.exec(select(User).where(User.username == "agent")).one()
        petition = db.exec(
            select(Petition).join(Booking, col(Booking.id) == Petition.booking_id).where(Booking.number == number)
        ).one()
        whose = {"petition_id": petition.id or 0, "petitioner_id": petition.petitioner_id}
        db.add(Exclusion(**whose, user_id=agent.id))
    move_to(district, number, in_days(district, 14))
    outbox.look()
    assert office.letters == []
    assert "改到" in gateway.texts[-1]["text"]
    assert [one.state for one in rows(district.engine, C.EMAIL, E.MOVED)] == [S.DROPPED]


def test_a_text_in_the_night_waits_for_the_morning_and_says_what_holds_then(
    told: Settings, gateway: Gateway, district: District
) -> None:
    night = Outbox(district.engine, district.clock, ways_of(told), Quiet.of(told.quiet_hours))
    number = booked(district)
    district.clock.instant = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    move_to(district, number, in_days(district, 14))
    night.look()
    assert gateway.texts == []
    assert [one.state for one in rows(district.engine, C.SCREEN, E.MOVED)] == [S.SENT]
    district.clock.instant = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    night.look()
    assert [one["text"][:6] for one in gateway.texts] == ["您的接访改到"]


def test_a_busy_gateway_is_tried_again_in_growing_pauses(outbox: Outbox, gateway: Gateway, district: District) -> None:
    booked(district)
    gateway.answers.extend([503, 503, 200])
    for number, pause in enumerate((timedelta(0), *PAUSES[:2]), start=1):
        district.clock.forward(seconds=pause.total_seconds() - 1 if pause else 0)
        outbox.look()
        assert len(gateway.texts) == number - bool(pause)
        district.clock.forward(seconds=1 if pause else 0)
        outbox.look()
        assert len(gateway.texts) == number
    [row] = rows(district.engine)
    assert (row.state, row.attempts, row.fault) == (S.SENT, 3, "")
    assert len({one["id"] for one in gateway.texts}) == 1


def test_it_is_given_up_in_the_end_and_stands_there(outbox: Outbox, gateway: Gateway, district: District) -> None:
    booked(district, days=30)
    gateway.answers.extend([503] * 50)
    for _ in range(len(PAUSES) + 5):
        outbox.look()
        district.clock.forward(hours=5)
    [row] = rows(district.engine)
    assert (row.state, row.attempts, row.fault) == (S.FAILED, len(PAUSES) + 1, "busy")


def test_what_comes_too_late_is_not_sent(outbox: Outbox, gateway: Gateway, district: District) -> None:
    booked(district, days=1)
    district.clock.forward(days=3)
    outbox.look()
    assert gateway.texts == []
    assert [(one.state, one.fault) for one in rows(district.engine)] == [(S.DROPPED, "too_late")]


def test_a_way_that_fails_rests_and_the_other_goes_on(
    outbox: Outbox, gateway: Gateway, office: MailOffice, district: District
) -> None:
    with writing(district.engine) as db:
        db.get_one(VillagePoint, 1).email = "liuwan@qingxi.example"
    numbers = [booked(district, days=days, key=str(days)) for days in (7, 8, 9)]
    move_to(district, numbers[0], in_days(district, 14))
    gateway.answers.extend([503])
    outbox.look()
    assert len(gateway.texts) == 1
    assert [to for to, _ in office.letters] == ["liuwan@qingxi.example"]
    district.clock.forward(seconds=REST.total_seconds())
    outbox.look()
    assert len({one["id"] for one in gateway.texts}) == 3


def test_an_answer_that_never_came_is_left_to_a_person(outbox: Outbox, gateway: Gateway, district: District) -> None:
    booked(district)
    gateway.answers.append(SILENCE)
    for _ in range(3):
        outbox.look()
        district.clock.forward(hours=2)
    assert len(gateway.texts) == 1
    assert [(one.state, one.fault) for one in rows(district.engine)] == [(S.UNSURE, "no_answer")]


def test_each_try_is_counted(told: Settings, gateway: Gateway, district: District) -> None:
    metrics = Metrics()
    out = Outbox(district.engine, district.clock, ways_of(told), NEVER, metrics.noticed)
    booked(district)
    gateway.answers.append(503)
    for _ in range(2):
        out.look()
        district.clock.forward(hours=1)
    counted = {
        came: metrics.registry.get_sample_value("lianxin_notices_total", {"channel": "sms", "came": came})
        for came in ("succeed", "wait")
    }
    assert counted == {"succeed": 1, "wait": 1}


def test_a_number_that_is_gone_is_said(outbox: Outbox, gateway: Gateway, district: District) -> None:
    booked(district)
    with writing(district.engine) as db:
        db.exec(select(Petitioner)).one().phone = None
    outbox.look()
    assert gateway.texts == []
    assert [(one.state, one.fault) for one in rows(district.engine)] == [(S.FAILED, "nowhere")]


def test_the_newest_number_is_used(outbox: Outbox, gateway: Gateway, district: District) -> None:
    booked(district)
    with writing(district.engine) as db:
        db.exec(select(Petitioner)).one().phone = "+8613900139000"
    outbox.look()
    assert [one["phone"] for one in gateway.texts] == ["+8613900139000"]


DYING = """
import sys
from server.clock import SystemClock
from server.database import make_engine
from server.notices.channels import ways_of
from server.notices.planning import Quiet
from server.outbox import Outbox
from server.sealing import Sealer, use_sealer
from server.settings import Settings
from tests.fakes import FakeClock
from datetime import datetime

settings = Settings(_env_file=None)
use_sealer(Sealer.from_secret(settings.secret.get_secret_value()))
engine = make_engine(settings.database_address)
clock = FakeClock(datetime.fromisoformat(sys.argv[1]))
Outbox(engine, clock, ways_of(settings), Quiet.of("0:00-0:00")).look()
"""


def sender(told: Settings, engine: Engine, clock: FakeClock) -> subprocess.Popen[bytes]:
    """A process that sends what is due, once."""
    own = {
        "LIANXIN_SECRET": told.secret.get_secret_value(),
        "LIANXIN_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "LIANXIN_SMS_URL": told.sms_url,
        "LIANXIN_SMS_SECRET": told.sms_secret.get_secret_value(),
    }
    command = [sys.executable, "-c", DYING, clock.now().isoformat()]
    return subprocess.Popen(command, env={**os.environ, **own})


def test_killed_between_sending_and_noting_it_is_not_sent_twice(
    told: Settings, outbox: Outbox, gateway: Gateway, district: District
) -> None:
    booked(district)
    child: list[subprocess.Popen[bytes]] = []
    gateway.before_answer = lambda: os.kill(child[0].pid, signal.SIGKILL)
    child.append(sender(told, district.engine, district.clock))
    assert child[0].wait(timeout=60) == -signal.SIGKILL
    gateway.before_answer = lambda: None
    assert [one.state for one in rows(district.engine)] == [S.SENDING]
    outbox.look()
    assert [one.state for one in rows(district.engine)] == [S.SENDING]
    district.clock.forward(seconds=LEASE.total_seconds())
    outbox.look()
    outbox.look()
    assert [one.state for one in rows(district.engine)] == [S.UNSURE]
    assert len(gateway.texts) == 1


def test_several_processes_send_each_once(told: Settings, gateway: Gateway, district: District) -> None:
    at = replace(district, day_id=in_days(district, 7))
    for slot in range(8):
        at.book(slot=slot, key=str(slot))
    children = [sender(told, district.engine, district.clock) for _ in range(3)]
    assert [one.wait(timeout=60) for one in children] == [0, 0, 0]
    assert len(gateway.texts) == len({one["id"] for one in gateway.texts}) == 8
    assert {one.state for one in rows(district.engine)} == {S.SENT}


def test_old_notices_are_forgotten(outbox: Outbox, settings: Settings, district: District) -> None:
    booked(district)
    outbox.look()
    district.clock.forward(days=settings.notice_keep_days)
    keep_house(district.engine, district.clock, settings)
    assert rows(district.engine) != []
    district.clock.forward(days=8)
    keep_house(district.engine, district.clock, settings)
    assert rows(district.engine) == []
