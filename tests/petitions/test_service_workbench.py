"""The record as a clerk works on it: one stream, and what to look at first."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from server.database import reading, writing
from server.media.ports import RecordedFile
from server.petitions.service_minutes import write_line
from server.petitions.service_papers import photograph
from server.petitions.service_record import record_by_token
from server.petitions.service_workbench import Flag, Workbench, workbench
from tests.district import District
from tests.petitions.record import Talk, begin, cookie_of, end, read_back, say, whole
from tests.petitions.test_routes_booking import JPEG


def recorded(seat: str, duration: float, **told: tuple[tuple[float, float], ...]) -> RecordedFile:
    return RecordedFile(seat, f"{seat}.webm", 0.0, duration, 2048, has_video=True, has_audio=True, **told)


def bench_of(talk: Talk, *files: RecordedFile) -> Workbench:
    with reading(talk.district.engine) as db:
        return workbench(record_by_token(db, actor=talk.district.clerk, token=talk.token), files)


def kinds(bench: Workbench) -> list[str]:
    return [one.kind for one in bench.flags]


def test_lines_and_events_are_one_stream_in_the_order_in_which_they_came(district: District) -> None:
    talk, _ = whole(district)
    bench = bench_of(talk)
    told = [one.line.text[:2] if one.line else one.event.kind if one.event else "" for one in bench.stream]
    assert told == ["admitted", "我家", "物业", "他们", "gap", "talk_ended", "signed"]
    assert bench.promised == {bench.record.lines[1].id}


def test_what_the_recording_lacks_is_flagged_at_its_line(district: District) -> None:
    """The second of three lines, at 20 s, falls into a gap of the official; the recording ends when it was signed."""
    talk, _ = whole(district)
    both = [recorded("petitioner", 60.0), recorded("official", 60.0, gaps=((15.0, 25.0),))]
    bench = bench_of(talk, *both)
    assert [(one.kind, one.offset_ms) for one in bench.flags] == [("line_in_gap", 20_000), ("gap", 32_000)]
    assert bench.flags[0].line == bench.record.lines[1].id
    assert "line_in_gap" not in kinds(bench_of(talk))


def test_speech_without_a_line_and_a_length_that_is_off(district: District) -> None:
    """The last line is written after 30 s; from then on one of both speaks for 61 s, in a recording of 100 s."""
    talk, _ = whole(district)
    speech = [
        recorded("petitioner", 100.0, speech=((35.0, 70.0),)),
        recorded("official", 100.0, speech=((60.0, 96.0),)),
    ]
    flags = [one for one in bench_of(talk, *speech).flags if one.kind != "gap"]
    assert flags == [Flag("unwritten", offset_ms=35_000, seconds=61), Flag("length_off", offset_ms=60_000, seconds=40)]


def test_words_of_a_promise_are_flagged_until_a_follow_up_is_kept(district: District) -> None:
    talk = begin(district)
    say(talk)
    with writing(district.engine) as db:
        now = district.clock.now() + timedelta(seconds=1)
        told: dict[str, Any] = {"token": talk.token, "speaker": "official"}
        write_line(db, actor=district.official, now=now, key="l8", text="我们十二月十四日前修好房顶。", **told)
        write_line(db, actor=district.official, now=now, key="l9", text="我们会通知您。", **told)
    end(talk)
    read_back(talk)
    bench = bench_of(talk)
    assert [one.line for one in bench.flags if one.kind == "no_follow_up"] == [bench.record.lines[4].id]


def test_a_talk_without_a_recording_has_no_places_in_it(district: District) -> None:
    talk = begin(district, consent=False, recorded=False)
    say(talk)
    end(talk)
    bench = bench_of(talk)
    assert kinds(bench) == ["no_consent", "unsigned", "gap"]
    assert [one.offset_ms for one in bench.flags] == [None, None, None]


def test_a_paper_shown_in_the_talk_stands_at_its_instant(
    client: TestClient, district: District, tmp_path: Path
) -> None:
    talk = begin(district)
    told: dict[str, Any] = {"token": talk.token, "papers_dir": tmp_path, "data": JPEG}
    with writing(district.engine) as db:
        photograph(db, actor=district.kiosk, now=district.clock.now(), **told)
    say(talk)
    end(talk)
    stream = [one.event for one in bench_of(talk).stream if one.event]
    name = next(one.detail["name"] for one in stream if one.kind == "paper")
    body = client.get(f"/reviews/{talk.token}", headers=cookie_of(district, district.clerk)).text
    assert body.index(f"/petitions/{talk.petition_id}/papers/{name}") < body.index("我家的房顶")
