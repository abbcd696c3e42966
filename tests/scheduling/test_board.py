"""Notices on the kiosk's screen, for today's people of the point, and one printed; through the real pages."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.accounts.roles import Actor, Role
from server.database import reading, writing
from server.errors import Forbidden
from server.notices.models import Notice
from server.notices.words import Channel, NoticeEvent, NoticeState
from server.scheduling.models import Booking
from server.scheduling.service import cancel
from server.scheduling.service_board import posted_here
from server.scheduling.service_list import change, check_in
from server.scheduling.service_notices import tell
from server.scheduling.states import BookingEvent
from tests.district import District
from tests.scheduling.test_notices import in_days, move_to
from tests.signaling.talkers import cookie_of

HTML = {"accept": "text/html"}
E = NoticeEvent


def board(district: District, kiosk: Actor | None = None) -> list[NoticeEvent]:
    with reading(district.engine) as db:
        here = posted_here(db, actor=kiosk or district.kiosk, now=district.clock.now())
    return [one.notice.event for one in here]


def seen(client: TestClient, district: District, address: str, actor: Actor | None = None) -> str:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, actor or district.kiosk))
    return client.get(address, headers=HTML).text


def test_whoever_just_booked_has_it_on_paper(district: District) -> None:
    district.book(slot=8)
    assert board(district) == []


def test_the_reminder_comes_an_hour_before_and_goes_with_the_check_in(district: District) -> None:
    number = district.book(slot=8).booking.number
    district.clock.forward(minutes=99)
    assert board(district) == []
    district.clock.forward(minutes=1)
    assert board(district) == [E.REMINDER_HOUR]
    assert board(district, district.other_kiosk) == []
    with writing(district.engine) as db:
        check_in(db, actor=district.kiosk, now=district.clock.now(), number=number)
    assert board(district) == []


def test_whoever_was_moved_away_from_today_reads_it_today(district: District) -> None:
    number = district.book(slot=8).booking.number
    district.clock.forward(minutes=1)
    move_to(district, number, in_days(district, 7))
    assert board(district) == [E.MOVED]
    district.clock.forward(days=1)
    assert board(district) == []


def test_the_newest_word_stands_alone_and_first(district: District) -> None:
    first, second = (district.book(slot=slot, key=str(slot)).booking.number for slot in (7, 8))
    district.clock.forward(minutes=1)
    move_to(district, first, in_days(district, 7))
    district.clock.forward(minutes=1)
    with writing(district.engine) as db:
        cancel(db, actor=district.kiosk, now=district.clock.now(), number=second)
    district.clock.forward(minutes=1)
    assert board(district) == [E.CANCELLED, E.MOVED]
    with writing(district.engine) as db:
        cancel(db, actor=district.kiosk, now=district.clock.now(), number=first)
    assert board(district) == [E.CANCELLED, E.CANCELLED]


def test_a_call_to_be_back_goes_when_its_time_has_come(district: District) -> None:
    number = district.wait(slot=8)
    at = district.clock.now() + timedelta(minutes=40)
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        tell(db, now=district.clock.now(), event=E.COME_BACK, booking=booking, at=at)
    assert board(district) == [E.COME_BACK]
    district.clock.forward(minutes=40)
    assert board(district) == []


def test_an_offer_stands_there_until_it_is_over(district: District) -> None:
    number = replace(district, day_id=in_days(district, 7)).book().booking.number
    other, until = in_days(district, 3), district.clock.now() + timedelta(hours=2)
    district.clock.forward(minutes=1)
    with writing(district.engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        now = district.clock.now()
        tell(db, now=now, event=E.OFFERED, booking=booking, reception_day_id=other, slot=2, at=until)
    assert board(district) == [E.OFFERED]
    district.clock.forward(hours=2)
    assert board(district) == []


def test_whoever_came_back_is_no_more_told_to(district: District) -> None:
    number = district.wait(slot=8)
    for event, expected in ((BookingEvent.MARK_ABSENT, [E.MISSED]), (BookingEvent.BRING_BACK, [])):
        with writing(district.engine) as db:
            change(db, actor=district.official, now=district.clock.now(), number=number, event=event)
        assert board(district) == expected


def test_private_talks_do_not_stand_where_everybody_reads(district: District) -> None:
    number = district.book(slot=8).booking.number
    with writing(district.engine) as db:
        db.exec(select(Booking).where(Booking.number == number)).one().private = True
        cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
    assert board(district) == []


def test_only_a_point_has_a_board(district: District) -> None:
    assert board(district, district.clerk) == []
    with reading(district.engine) as db, pytest.raises(Forbidden):
        posted_here(db, actor=Actor(role=Role.HANDLER, id=1), now=district.clock.now())


def test_the_start_page_shows_it_masked_and_the_rest_on_one_page(client: TestClient, district: District) -> None:
    numbers = [district.book(slot=slot, key=str(slot)).booking.number for slot in (6, 7, 8)]
    home = seen(client, district, "/kiosk")
    assert "取消了" not in home
    for number in numbers:
        district.clock.forward(minutes=1)
        with writing(district.engine) as db:
            cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
    home = seen(client, district, "/kiosk")
    assert home.count("取消了") == 2
    assert "今天有 3 条通知" in home
    assert "张**" in home
    assert "张秀英" not in home
    assert seen(client, district, "/kiosk/notices").count("取消了") == 3
    assert "没有新通知" in seen(client, district, "/kiosk/notices", district.other_kiosk)


def test_one_is_printed_noted_and_found_again(client: TestClient, district: District) -> None:
    number = district.book(slot=8).booking.number
    district.clock.forward(minutes=1)
    with writing(district.engine) as db:
        cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
    with reading(district.engine) as db:
        [one] = posted_here(db, actor=district.kiosk, now=district.clock.now())
    assert f"/kiosk/notices/{one.notice.id}/print" in seen(client, district, "/kiosk")
    for _ in range(2):
        answer = client.post(f"/kiosk/notices/{one.notice.id}/print")
        assert answer.headers["location"] == f"/kiosk/notices/{one.notice.id}/sheet"
    sheet = seen(client, district, f"/kiosk/notices/{one.notice.id}/sheet")
    assert number in sheet
    assert 'data-print="now"' in sheet
    with reading(district.engine) as db:
        [printed] = db.exec(select(Notice).where(Notice.channel == Channel.PRINT))
    assert (printed.state, printed.attempts, printed.event) == (NoticeState.SENT, 2, E.CANCELLED)
    assert board(district) == [E.CANCELLED]


def test_the_notice_of_another_point_is_not_there(client: TestClient, district: District) -> None:
    number = district.book(slot=8).booking.number
    with writing(district.engine) as db:
        cancel(db, actor=district.kiosk, now=district.clock.now(), number=number)
    with reading(district.engine) as db:
        [one] = posted_here(db, actor=district.kiosk, now=district.clock.now())
    seen(client, district, "/kiosk", district.other_kiosk)
    assert client.post(f"/kiosk/notices/{one.notice.id}/print", headers=HTML).status_code == 404
    assert client.get(f"/kiosk/notices/{one.notice.id}/sheet", headers=HTML).status_code == 404


def test_an_agent_reads_the_board_of_the_own_point(client: TestClient, district: District) -> None:
    agent = replace(district.clerk, role=Role.AGENT, point_id=1)
    assert board(district, agent) == []
    number = district.book(slot=8).booking.number
    with writing(district.engine) as db:
        cancel(db, actor=agent, now=district.clock.now(), number=number)
    assert board(district, agent) == [E.CANCELLED]
