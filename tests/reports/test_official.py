"""The forms as official papers: the layout of GB/T 9704, every word in it, the fonts; what was typed is no markup."""

import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.reports.forms import BLANKS, TO_A_UNIT, DocumentKind, Facts, Form, Present, Typed, form_of
from server.reports.models import IssuedDocument
from server.reports.official import paper, sex_and_age
from server.reports.typesetting import FAMILIES, available_fonts
from tests.fakes import FakeClock

FACTS = Facts(
    number="XFB-2026-000012",
    booking_number="261124-001-1",
    petitioner="张秀英",
    id_number="990101194803150010",
    phone="13800138000",
    address="",
    agent="李明",
    people=2,
    purpose="request",
    content="housing",
    summary="房子漏水，找了物业三次没人管。",
    received_on="2026-11-24",
    talk_began="2026-11-24T01:00:00+00:00",
    talk_ended="2026-11-24T01:30:00+00:00",
    place="青溪镇柳湾村",
    official="王建国",
    post="局长",
    opinion="请住建局督促维修。",
    unit="住房建设局",
    due_on="2026-12-14",
    handle_by="2027-01-23",
    present=[Present("张秀英", "petitioner"), Present("王建国", "official")],
)
MM = 72 / 25.4


def form(kind: DocumentKind, **typed: str) -> Form:
    """A form with something in every blank."""
    words = {
        one.name: "2026-12-20" if one.kind is Typed.DAY else f"《{one.name}》一是修好。\n二是赔偿。"
        for one in BLANKS[kind]
    }
    unit = "住房建设局" if kind in TO_A_UNIT else ""
    verify_at = "https://lianxin.example/verify/ABCDEFGHJKMNPQRT"
    return Form(kind, 2026, 7, "青溪县信访局", "2026-11-25", unit, FACTS, {**words, **typed}, verify_at)


def document(kind: DocumentKind) -> IssuedDocument:
    """Its row, as far as the paper shows it."""
    return IssuedDocument(
        petition_id=1,
        kind=kind,
        year=2026,
        serial=7,
        content="",
        code="ABCDEFGHJKMNPQRT",
        digest="0123456789abcdef" * 4,
        issued_at=FakeClock().now(),
        issued_by=1,
    )


def printed(one: Form, folder: Path) -> Path:
    """The paper as a file."""
    path = folder / "paper.pdf"
    path.write_bytes(paper(document(one.kind), one))
    return path


def told(command: str, path: Path, *options: str) -> str:
    """What a tool of poppler says of the paper."""
    output = ["-"] if command == "pdftotext" else []
    called = [command, *options, str(path), *output]
    return subprocess.run(called, check=True, capture_output=True, text=True).stdout


def text_of(path: Path) -> str:
    """All its words, without spaces and line ends."""
    return "".join(told("pdftotext", path).split())


def words_at(path: Path) -> list[tuple[float, float, float, float, str]]:
    """Every word with its box in millimetres from the upper left corner of its page."""
    found = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>',
        told("pdftotext", path, "-bbox"),
    )
    return [(*(float(one) / MM for one in box[:4]), box[4]) for box in found]


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_form_says_what_it_must(kind: DocumentKind, tmp_path: Path) -> None:
    """Number, codes to verify it by, the matter, everything that was typed; one sheet of A4, all fonts inside."""
    path = printed(form(kind), tmp_path)
    text = text_of(path)
    for wanted in ("〔2026〕7号", "ABCDEFGHJKMNPQRT", "0123456789abcdef", "房子漏水，找了物业三次没人管。", "张秀英"):
        assert wanted in text
    for blank in BLANKS[kind]:
        assert ("2026年12月20日" if blank.kind is Typed.DAY else f"《{blank.name}》一是修好。") in text
    if kind is not DocumentKind.REGISTRATION:
        assert "青溪县信访局（盖章）" in text
        assert "2026年11月25日" in text
        assert ("住房建设局：" if kind in TO_A_UNIT else "张秀英：") in text
    assert "595.276 x 841.89 pts (A4)" in told("pdfinfo", path)
    fonts = told("pdffonts", path).splitlines()[2:]
    assert fonts
    assert all(re.search(r" yes yes yes +\d+ ", one) for one in fonts), fonts


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_the_body_stays_in_its_area(kind: DocumentKind, tmp_path: Path) -> None:
    """156 × 225 mm, 37 mm from the top and 28 mm from the binding edge; below it only page number and codes."""
    words = words_at(printed(form(kind), tmp_path))
    body = [one for one in words if one[3] <= 297 - 35]
    assert body
    assert min(one[0] for one in body) >= 28 - 0.5
    # The box of a mark at the end of a line is a whole character, and only its first half is used.
    assert max(one[2] for one in body) <= 28 + 156 + 8 * 25.4 / 72 + 0.5
    assert min(one[1] for one in body) >= 37 - 3
    foot = {one[4] for one in words if one[3] > 297 - 35}
    assert {"验证码", "校验码", "—", "1"} <= foot


def test_twenty_two_lines_of_twenty_eight_characters(tmp_path: Path) -> None:
    """A page of nothing but body: each whole line has 28 characters, each whole page 22 lines."""
    path = printed(form(DocumentKind.REFUSAL, reason="信" * 28 * 60), tmp_path)
    pages = told("pdftotext", path, "-layout").split("\f")
    lines = [[line.strip() for line in page.splitlines() if re.fullmatch(r"信+", line.strip())] for page in pages]
    assert {len(line) for page in lines[:2] for line in page} == {26, 28}
    assert len(lines[1]) == 22


def test_the_same_form_gives_the_same_bytes(tmp_path: Path) -> None:
    """Also after it was kept as text and read again."""
    one = form(DocumentKind.OPINION)
    assert paper(document(one.kind), one) == paper(document(one.kind), form_of(one.plain()))


ODD = '#read("/etc/passwd") *粗* $x$ `码` \\ "引号" // <a> </svg> @b [c] {d}'


def test_what_was_typed_is_no_markup(tmp_path: Path) -> None:
    """Printed as it was typed, wherever it stands."""
    one = form(DocumentKind.OPINION, facts=ODD, review_at=ODD)
    text = text_of(printed(replace(one, facts=replace(FACTS, petitioner=ODD, summary=ODD)), tmp_path))
    assert text.count("".join(ODD.split())) == 4


def test_a_long_registration_loses_nothing(tmp_path: Path) -> None:
    """More words than the boxes hold make them, and the form, longer."""
    one = form(DocumentKind.REGISTRATION)
    facts = replace(FACTS, summary="漏" * 900 + "尾。", opinion="办" * 900 + "完。")
    text = text_of(printed(replace(one, facts=facts), tmp_path))
    assert text.count("漏") == 900
    assert "尾。" in text
    assert "完。" in text


def test_the_registration_form_is_filled_in(tmp_path: Path) -> None:
    """Who, when, where, with whom; sex and age by the identity number; official words for the purpose."""
    text = text_of(printed(form(DocumentKind.REGISTRATION), tmp_path))
    for wanted in (
        "2026年11月24日09:00至2026年11月24日09:30",
        "张秀英（信访人）、王建国（接访领导）",
        "990101194803150010",
        "男",
        "78",
        "求决",
        "李明",
        "2人",
    ):
        assert wanted in text, wanted


def test_nobody_left_a_name(tmp_path: Path) -> None:
    """An anonymous petitioner is addressed as such, and the rest of the form stays empty."""
    facts = replace(FACTS, petitioner="", id_number="", phone="", agent="", present=[])
    one = replace(form(DocumentKind.REGISTRATION), facts=facts)
    assert "匿名信访人" in text_of(printed(one, tmp_path))


@given(st.text(max_size=30))
def test_sex_and_age_of_anything(number: str) -> None:
    """An identity number that is none says nothing."""
    assert sex_and_age(number, date(2026, 11, 24)) == ("", "")


def test_sex_and_age_of_a_number() -> None:
    """The last birthday counts."""
    assert sex_and_age("990101194803150010", date(2026, 3, 14)) == ("male", "77")
    assert sex_and_age("990101194803150010", date(2026, 3, 15)) == ("male", "78")


def test_fonts_are_there_for_every_use() -> None:
    """On this machine papers can be printed."""
    assert set(available_fonts()) == set(FAMILIES)
    assert all(available_fonts().values())
