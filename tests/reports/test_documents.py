"""The minutes as PDF: everything that was said and signed is in it, and nothing typed becomes markup."""

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from server.database import reading, writing
from server.petitions.service_ending import close_unsigned
from server.petitions.service_minutes import add_addendum, list_lines, write_line
from server.petitions.service_record import record_of_petition
from server.petitions.service_session import session_by_token
from server.reports.documents import minutes_pdf, receptions_pdf
from server.reports.signature import drawing
from server.scheduling.service_publication import Published
from server.scheduling.slots import Hours
from server.scheduling.workdays import library_calendar, on_or_after
from tests.district import WHO, District
from tests.petitions.record import SIGNATURE, Talk, approved, begin, cookie_of, end, say, whole


def text_of(pdf: bytes, folder: Path) -> str:
    """What a reader copies out of the PDF, without spaces and line ends."""
    path = folder / "minutes.pdf"
    path.write_bytes(pdf)
    printed = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True)
    return "".join(printed.stdout.split())


def pdf_of(talk: Talk) -> bytes:
    """The clerk's PDF."""
    with reading(talk.district.engine) as db:
        return minutes_pdf(record_of_petition(db, actor=talk.district.clerk, petition_id=talk.petition_id))


def test_everything_is_in_it(district: District, tmp_path: Path) -> None:
    """Number, people, consent, lines with instants, objection, promise, event, addendum, read-back, official."""
    talk, _ = whole(district, object_first=True)
    with writing(district.engine) as db:
        told: dict[str, Any] = {"actor": district.clerk, "now": district.clock.now(), "token": talk.token}
        add_addendum(db, text="房号为三单元二零一", **told)
        session = session_by_token(db, actor=district.clerk, token=talk.token)
        first = list_lines(db, session=session)[0].id
        add_addendum(db, text="听录音是前年。", line=first, wording="我家的房顶从前年夏天就漏水。", **told)
    number = approved(talk)
    text = text_of(pdf_of(talk), tmp_path)
    for wanted in (
        "接访笔录",
        number,
        talk.number,
        f"{WHO.name}(信访人)",
        "青溪镇柳湾村视频接访点",
        "2026年11月24日(周二)09:00至2026年11月24日(周二)09:01",
        "信访人表示同意",
        "00:10信访人:我家的房顶从去年夏天就漏水。",
        "信访人提出异议:我说的是前年。",
        "00:32信访人:连接中断",
        "十二月十四日前修好房顶",
        "2026-12-14",
        "受理;请住建局督促维修。;责任单位:住房建设局;办理期限:2026-12-14",
        "共3条,已逐条向信访人宣读核对,其中1条提出异议",
        "补正:房号为三单元二零一(clerk,",
        "补正:听录音是前年。本条应为:我家的房顶从前年夏天就漏水。(clerk,",
        "第2版(审核通过,已封存),校验码",
        "信访人签名",
    ):
        assert wanted in text


def test_words_are_never_markup(district: District, tmp_path: Path) -> None:
    """A line that looks like typst or like JSON is printed as it was typed."""
    odd = '#read("/etc/passwd") *粗* $x$ \\ "引号" </svg>'
    talk = begin(district)
    with writing(district.engine) as db:
        write_line(
            db, actor=district.official, now=district.clock.now(), token=talk.token, key="x", speaker="other", text=odd
        )
    assert "".join(odd.split()) in text_of(pdf_of(talk), tmp_path)


def test_unsigned_and_unrecorded(district: District, tmp_path: Path) -> None:
    """Without consent and signature the form says so, with the reason; instants are the time of day."""
    talk = begin(district, consent=False, recorded=False)
    say(talk)
    end(talk)
    with writing(district.engine) as db:
        now = district.clock.now()
        close_unsigned(db, actor=district.official, now=now, token=talk.token, reason="信访人赶车先走")
    text = text_of(pdf_of(talk), tmp_path)
    for wanted in ("信访人表示不同意", "信访人赶车先走", "3条未经信访人核对", "签名:无", "09:00:10信访人:"):
        assert wanted in text


def test_same_record_same_bytes(district: District) -> None:
    """Printed twice, the paper is the same."""
    talk, _ = whole(district)
    assert pdf_of(talk) == pdf_of(talk)


def test_signature_fills_its_box() -> None:
    """The drawing is cut to the strokes, wherever on the field they were."""
    assert 'viewBox="12 12 196 76"' in drawing(SIGNATURE)
    assert drawing('M 1 1 L 2 2"/><script>').count("<") == 3


def test_route(client: TestClient, district: District) -> None:
    """Clerk and official read it; a handler may not; another official finds nothing; before the talk there is none."""
    talk, _ = whole(district)
    address = f"/petitions/{talk.petition_id}/minutes.pdf"
    for who in (district.clerk, district.official):
        answer = client.get(address, headers=cookie_of(district, who))
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["content-type"] == "application/pdf"
    assert client.get(address, headers=cookie_of(district, district.handler)).status_code == 403
    assert client.get(address, headers=cookie_of(district, district.other_official)).status_code == 404
    booked = district.book(slot=8, key="later").petition.id
    assert (
        client.get(f"/petitions/{booked}/minutes.pdf", headers=cookie_of(district, district.clerk)).status_code == 404
    )


def test_the_published_list_for_posting(district: District, tmp_path: Path) -> None:
    """Every reception with day, times, official and whom; a moved day says why; an odd post is no markup."""
    hours, moved = Hours(((540, 720), (840, 1020)), 20), on_or_after(library_calendar(), date(2026, 10, 1))
    told: dict[str, Any] = {
        "hours": hours,
        "unit": "住房建设局",
        "counted": None,
        "official": "王 局",
    }
    rows = [
        Published(1, date(2026, 9, 30), post="#局长*", townships=[], contents=["land"], **told),
        Published(2, moved.day, post="局长", townships=["青溪镇"], contents=[], **{**told, "counted": moved}),
    ]
    first, last = date(2026, 9, 28), date(2026, 11, 1)
    text = text_of(receptions_pdf(rows, first=first, last=last, now=district.clock.now(), place="青溪镇"), tmp_path)
    for wanted in (
        "青溪镇领导接访日程公示",
        "2026年9月28日(周一)至2026年11月1日(周日)",
        "9月30日(周三)",
        "9:00—12:00、14:00—17:00",
        "#局长*",
        "国土资",
        "10月8日(周四)",
        "10月1日(周四)至10月7日(周三)(国庆节)",
        "2026年11月24日(周二)公布",
    ):
        assert wanted in text, wanted
