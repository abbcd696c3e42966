"""Several officials in one talk, and all who come with the visitor, through the real application."""

import pytest

from server.database import reading, writing
from server.petitions.service_booking import Who, book_matter
from server.petitions.service_record import record_of_petition
from server.scheduling.identity import Identity
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import booking_by_number
from server.scheduling.service_inviting import receive_together
from server.scheduling.service_list import check_in
from server.scheduling.service_party import bring_others
from tests.district import MATTER, TODAY, District
from tests.signaling.talkers import END, PATH, Open

OTHERS = [Identity("李四", "990101195804120029"), Identity("王五", "990101196609230032")]


@pytest.fixture
def together(district: District) -> str:
    """Somebody waits whom two officials receive, and two others come along; the number."""
    number = district.wait(slot=3)
    with writing(district.engine) as db:
        official = district.other_official.id
        db.add(ReceptionDay(official_id=official, day=TODAY, opens_minute=540, closes_minute=720))
        db.flush()
        now = district.clock.now()
        receive_together(db, actor=district.clerk, now=now, number=number, official_ids=[official])
        booking = booking_by_number(db, actor=district.kiosk, number=number)
        bring_others(db, actor=district.kiosk, now=now, booking=booking, others=OTHERS)
    return number


def test_whoever_receives_together_comes_in_by_himself_and_only_the_first_one_decides(
    opened: Open, district: District, together: str
) -> None:
    kiosk = opened(district.kiosk, place="talk", booking=together)
    second = opened(district.other_official, place="desk")
    first = opened(district.official, place="desk")
    listed = second.comes_to("list", lambda told: bool(told["entries"]))["entries"][0]
    assert (listed["led_by"], listed["position"]) == ("official", None)
    mine = first.comes_to("list", lambda told: bool(told["entries"]))["entries"][0]
    assert (mine["led_by"], mine["together"]) == ("", ["other_official"])
    assert second.ask("admit", booking=together)["code"] == "no_such_booking"
    first.done("admit", booking=together)
    assert second.cut_off() == 1012
    second = opened(district.other_official, place="desk")
    seat = f"joint-{district.other_official.id}"
    assert second.until("welcome")["you"]["seat"] == seat
    second.until("session", phase="talk")
    seats = kiosk.comes_to(
        "session", lambda told: any(one["seat"] == seat and one["present"] for one in told["participants"])
    )["participants"]
    assert [(one["seat"], one["role"]) for one in seats] == [
        ("petitioner", "petitioner"),
        ("official", "official"),
        ("representative-2", "representative"),
        ("representative-3", "representative"),
        (seat, "joint"),
    ]
    line = second.done("write_line", key="a", speaker="official", text="住建局参加联合接访。")
    assert second.ask("end", **END)["code"] == "not_the_lead"
    first.done("end", **END)
    kiosk.until("session", phase="read_back")
    kiosk.done("confirm_line", line=line["line"])
    kiosk.done("sign", role="petitioner", path=PATH)
    assert second.cut_off() == 1012
    second = opened(district.other_official, place="desk")
    assert second.until("welcome")["you"]["seat"] == "official"
    with reading(district.engine) as db:
        petition_id = db.get_one(Booking, 1).id or 0
        for actor in (district.official, district.other_official):
            names = [one.name for one in record_of_petition(db, actor=actor, petition_id=petition_id).participants]
            assert {"李四", "王五", "other_official"} <= set(names)


def test_an_own_talk_is_not_left_for_one_that_is_led_by_another(
    opened: Open, district: District, together: str
) -> None:
    with writing(district.engine) as db:
        own = book_matter(
            db,
            actor=district.other_kiosk,
            now=district.clock.now(),
            who=Who(anonymous=True),
            matter=MATTER,
            reception_day_id=2,
            slot=6,
            point_id=2,
            request_key="own",
        ).booking.number
        check_in(db, actor=district.other_kiosk, now=district.clock.now(), number=own)
    second = opened(district.other_official, place="desk")
    second.done("admit", booking=own)
    first = opened(district.official, place="desk")
    first.done("admit", booking=together)
    second.done("write_line", key="a", speaker="official", text="我们接着谈。")
    assert second.until("session", phase="talk")["number"] == own
