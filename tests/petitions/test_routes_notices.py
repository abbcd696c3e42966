"""The page of what was sent to whom: filters in the address, exclusion, sending again."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.accounts.models import Exclusion
from server.accounts.roles import Actor, Role
from server.audit.models import AuditEntry
from server.database import reading, writing
from server.notices.models import Notice
from server.notices.service import use_channels
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.petitions.models import Petition
from server.petitions.service_notices import PAGE
from tests.district import District
from tests.places.setting_up import new_person
from tests.scheduling.test_notices import booked, in_days, move_to
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}


@pytest.fixture
def pages(client: TestClient, district: District) -> Iterator[TestClient]:
    """The clerk's browser; texts are set up."""
    use_channels({Channel.SMS})
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, district.clerk))
    yield client
    use_channels(())


def as_(client: TestClient, district: District, actor: Actor) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, actor))
    return client


def become(district: District, state: NoticeState, *, fault: str = "no_answer") -> int:
    """The text about the place comes to this; its row."""
    with writing(district.engine) as db:
        query = select(Notice).where(Notice.event == NoticeEvent.BOOKED, Notice.channel == Channel.SMS)
        notice = db.exec(query).one()
        notice.state, notice.fault, notice.sent_to, notice.attempts = state, fault, "138****8000", 1
        return notice.id or 0


def state_of(district: District, notice_id: int) -> NoticeState:
    with reading(district.engine) as db:
        return db.get_one(Notice, notice_id).state


def test_it_is_shown_masked_with_its_result(pages: TestClient, district: District) -> None:
    number = booked(district)
    become(district, NoticeState.SENT, fault="")
    body = pages.get("/notices", headers=HTML).text
    for word in (number, "张**", "138****8000", "手机短信", "已发出", "您约好了", "提前一小时提醒", "等着发"):
        assert word in body
    for secret in ("张秀英", "13800138000", "漏水"):
        assert secret not in body


@pytest.mark.parametrize(
    ("sought", "count"),
    [
        ({"event": "booked"}, 2),
        ({"event": "booked", "channel": "sms"}, 1),
        ({"channel": "screen"}, 2),
        ({"state": "pending"}, 4),
        ({"state": "unsure"}, 1),
        ({"day": "2026-11-24"}, 2),
        ({"day": "2026-12-01"}, 2),
        ({"q": "8000"}, 1),
        ({"q": "26120"}, 5),
        ({"q": "%"}, 0),
        ({"event": "nonsense", "day": "soon", "page": "1"}, 5),
    ],
)
def test_filters_stand_in_the_address(
    pages: TestClient, district: District, sought: dict[str, str], count: int
) -> None:
    booked(district)
    become(district, NoticeState.UNSURE)
    body = pages.get("/notices", params=sought, headers=HTML).text
    assert body.count("<tr>") - 1 == (count if count else -1)
    if "event" in sought and sought["event"] == "booked":
        assert '<option value="booked" selected>' in body


def test_pages_are_turned_with_the_filter(pages: TestClient, district: District) -> None:
    booked(district)
    with writing(district.engine) as db:
        [one] = db.exec(select(Notice).where(Notice.event == NoticeEvent.REMINDER_DAY))
        same = one.model_dump(exclude={"id", "key"})
        db.add_all(Notice(key=str(index), **same) for index in range(PAGE))
    body = pages.get("/notices?event=reminder_day", headers=HTML).text
    assert "/notices?event=reminder_day&amp;page=2" in body
    assert pages.get("/notices?event=reminder_day&page=2", headers=HTML).text.count("<tr>") == 2


@pytest.mark.parametrize("state", [NoticeState.FAILED, NoticeState.UNSURE])
def test_what_failed_is_sent_again_by_hand_and_noted(pages: TestClient, district: District, state: NoticeState) -> None:
    number = booked(district)
    notice_id = become(district, state)
    body = pages.get("/notices?channel=sms", headers=HTML).text
    assert "有 1 条没有发出" in body
    assert f'action="/notices/{notice_id}/again?channel=sms"' in body
    answer = pages.post(f"/notices/{notice_id}/again?{urlencode({'channel': 'sms'})}", headers=HTML)
    assert answer.headers["location"] == "/notices?channel=sms&done=again"
    assert state_of(district, notice_id) is NoticeState.PENDING
    assert "正在重新发" in pages.get(answer.headers["location"], headers=HTML).text
    with reading(district.engine) as db:
        entry = db.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
        assert entry is not None
        assert (entry.action, entry.detail["number"]) == ("notice.sent_again", number)


def test_what_was_sent_is_not_sent_again(pages: TestClient, district: District) -> None:
    booked(district)
    notice_id = become(district, NoticeState.SENT, fault="")
    assert f"/notices/{notice_id}/again" not in pages.get("/notices", headers=HTML).text
    assert pages.post(f"/notices/{notice_id}/again", headers=HTML).status_code == 409
    assert state_of(district, notice_id) is NoticeState.SENT


def test_what_is_not_true_any_more_is_not_sent_again(pages: TestClient, district: District) -> None:
    number = booked(district)
    notice_id = become(district, NoticeState.FAILED)
    district.clock.forward(minutes=1)
    move_to(district, number, in_days(district, 14))
    answer = pages.post(f"/notices/{notice_id}/again", headers=HTML)
    assert answer.status_code == 409
    assert "已经过时" in answer.text
    assert state_of(district, notice_id) is NoticeState.FAILED


def test_whom_a_matter_excludes_sees_nothing_of_its_notices(pages: TestClient, district: District) -> None:
    number = booked(district)
    notice_id = become(district, NoticeState.FAILED)
    with writing(district.engine) as db:
        petition = db.exec(select(Petition)).one()
        db.add(Exclusion(petition_id=petition.id or 0, petitioner_id=petition.petitioner_id, user_id=district.clerk.id))
    body = pages.get("/notices", headers=HTML).text
    assert number not in body
    assert "没有发出" not in body
    assert pages.post(f"/notices/{notice_id}/again", headers=HTML).status_code == 404
    other = new_person(district, "王敏", Role.CLERK)
    assert number in as_(pages, district, other).get("/notices", headers=HTML).text


def test_quiet_hours_are_said(pages: TestClient, district: District) -> None:
    assert "安静时间" not in pages.get("/notices", headers=HTML).text
    district.clock.forward(hours=13)
    as_(pages, district, district.clerk)
    assert "7:30 以前不给手机发短信" in pages.get("/notices", headers=HTML).text


def test_clerks_and_administrators_only(pages: TestClient, district: District) -> None:
    administrator = new_person(district, "赵敏", Role.ADMINISTRATOR)
    assert as_(pages, district, administrator).get("/notices", headers=HTML).status_code == 200
    for actor in (district.official, district.handler, district.kiosk):
        assert as_(pages, district, actor).get("/notices", headers=HTML).status_code == 403
        assert pages.post("/notices/1/again", headers=HTML).status_code == 403


def test_where_there_are_no_texts_it_is_said(client: TestClient, district: District) -> None:
    as_(client, district, district.clerk)
    body = client.get("/notices", headers=HTML).text
    assert "没有开通短信" in body
    assert "没有符合的通知" in body
