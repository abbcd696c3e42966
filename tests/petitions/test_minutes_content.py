"""The digest of the minutes, open objections, and readable differences."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.petitions.minutes_content import (
    COMPARED,
    AddendumContent,
    Change,
    LineContent,
    Part,
    differences,
    digest,
    unanswered,
    wordings,
)
from server.petitions.words import ReadBack

AT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
LINE = LineContent(1, "petitioner", "房顶漏水。", AT, 10_000, 7, ReadBack.CONFIRMED, None)
OBJECTED = replace(LINE, id=2, read_back=ReadBack.OBJECTED, objection="是前年。")
ADDENDUM = AddendumContent(1, 2, "听录音是前年。", "房顶前年就漏水。", 9, AT)
texts = st.text("漏水前去年修好", max_size=30)


@given(st.permutations([LINE, OBJECTED, replace(LINE, id=3)]))
def test_the_digest_is_of_the_content_and_not_of_how_it_was_read(lines: list[LineContent]) -> None:
    elsewhere = [replace(one, written_at=one.written_at.astimezone(timezone(timedelta(hours=8)))) for one in lines]
    assert digest(lines, [ADDENDUM]) == digest([LINE, OBJECTED, replace(LINE, id=3)], [ADDENDUM])
    assert digest(elsewhere, [ADDENDUM]) == digest(lines, [ADDENDUM])


CHANGED = {
    "id": 9,
    "line_id": None,
    "speaker": "official",
    "text": "房顶不漏水。",
    "wording": "房顶漏水",
    "written_at": AT + timedelta(microseconds=1),
    "offset_ms": None,
    "author_id": 8,
    "read_back": ReadBack.PENDING,
    "objection": "",
}


@pytest.mark.parametrize("name", [one.name for one in fields(LineContent)])
def test_anything_else_in_a_line_gives_another_digest(name: str) -> None:
    assert digest([replace(LINE, **{name: CHANGED[name]})], []) != digest([LINE], [])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [one.name for one in fields(AddendumContent)])
def test_anything_else_in_an_addendum_gives_another_digest(name: str) -> None:
    changed = replace(ADDENDUM, **{name: CHANGED[name]})  # type: ignore[arg-type]
    assert digest([LINE], [changed]) != digest([LINE], [ADDENDUM])
    assert digest([LINE], []) != digest([LINE], [ADDENDUM])


def test_an_objection_is_open_until_something_stands_beside_its_line() -> None:
    lines = [LINE, OBJECTED]
    assert unanswered(lines, []) == [2]
    assert unanswered(lines, [replace(ADDENDUM, line_id=None), replace(ADDENDUM, line_id=1)]) == [2]
    assert unanswered(lines, [ADDENDUM]) == []


@given(texts, texts)
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    parts = differences(before, after)
    assert "".join(one.text for one in parts if one.change is not Change.ADDED) == before
    assert "".join(one.text for one in parts if one.change is not Change.REMOVED) == after
    assert all(one.text for one in parts)
    assert (before == after) == all(one.change is Change.SAME for one in parts)


def test_a_difference_is_as_small_as_it_reads() -> None:
    told = differences("房顶从去年就漏水。", "房顶从前年就漏水。")
    assert told == [
        Part(Change.SAME, "房顶从"),
        Part(Change.REMOVED, "去"),
        Part(Change.ADDED, "前"),
        Part(Change.SAME, "年就漏水。"),
    ]


def test_two_long_texts_without_a_common_end_are_told_whole() -> None:
    before, after = "漏" * (COMPARED + 1), "修" * 5 + "漏" + "好"
    assert differences(before, after) == [Part(Change.REMOVED, before), Part(Change.ADDED, after)]


@given(st.lists(st.tuples(st.sampled_from([1, 2, None]), st.none() | texts.filter(bool)), max_size=6))
def test_each_wording_differs_from_the_one_before(given_: list[tuple[int | None, str | None]]) -> None:
    addenda = [
        replace(ADDENDUM, id=number, line_id=line, wording=wording) for number, (line, wording) in enumerate(given_, 1)
    ]
    found = wordings(LINE, addenda[::-1])
    assert [after for _, _, after in found] == [one.wording for one in addenda if one.line_id == 1 and one.wording]
    assert [before for _, before, _ in found] == [LINE.text, *(after for _, _, after in found)][: len(found)]
