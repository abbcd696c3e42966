"""Whatever is done to a recording is found and named; what a crash leaves is told from it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.journal_format import HEADER_SIZE
from server.media.recorder import Recorder
from server.media.recording_index import append_entries, read_index
from server.media.seal import read_seal, seal
from server.media.verify_recording import SENTENCES, Finding, sentences, status, verify
from tests.e2e.house import ROOT
from tests.media.journals import SEGMENTS, entries, pack_segment, write_recording
from tests.media.killed import recording_until_killed
from tests.media.packets import Source, feed, talk

SCRIPT = ROOT / "server/media/verify_recording.py"
INDEX = "events.journal"
OFFICIAL, FIRST, SECOND, THIRD = (f"{name}.journal" for name in SEGMENTS)
FILES = [OFFICIAL, FIRST, SECOND, THIRD, INDEX]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_recording(tmp_path / "s")
    return tmp_path / "s"


def faults(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.word, one.name) for one in findings if one.word not in {"whole", "sealed", "compare"}]


def unsealed(folder: Path) -> list[Finding]:
    """What is found without anything to compare with."""
    (folder / "seal.txt").unlink(missing_ok=True)
    return [one for one in verify(folder) if one.word != "unsealed"]


def pieces_of(name: str, folder: Path) -> list[bytes]:
    """The header and the chunks of a segment that ``write_recording`` wrote."""
    data, sizes = (folder / name).read_bytes(), [len(one) for one in pack_segment("any", 0)]
    return [data[sum(sizes[:at]) : sum(sizes[: at + 1])] for at in range(len(sizes))]


def test_a_whole_recording_is_whole(folder: Path) -> None:
    digest = write_recording(folder.parent / "again")
    findings = verify(folder, digest)
    assert [(one.word, one.name) for one in findings] == [("whole", name) for name in FILES] + [("sealed", "")]
    assert [(one.start, one.end) for one in findings[:2]] == [(0.0, 3.9), (0.0, 3.9)]
    assert status(findings) == 0
    assert status(verify(folder)) == 0
    assert verify(folder, digest[:20])[-1].word == "sealed"


def test_where_nothing_is_nothing_is_said_to_be_whole(tmp_path: Path) -> None:
    assert status(verify(tmp_path)) == 2
    assert status(verify(tmp_path / "absent")) == 2


def test_a_segment_cut_at_any_byte_is_cut_and_what_is_before_is_whole(folder: Path) -> None:
    data, sizes = (folder / OFFICIAL).read_bytes(), [len(one) for one in pack_segment("any", 0)]
    for cut in range(len(data)):
        (folder / OFFICIAL).write_bytes(data[:cut])
        chunks = sum(1 for at in range(1, len(sizes) - 1) if sum(sizes[: at + 1]) <= cut)
        last = chunks - 0.1 if chunks else 0.0
        found = [one for one in unsealed(folder) if one.name == OFFICIAL]
        whole = [Finding("whole", OFFICIAL, 0.0, last)] if chunks else []
        assert found == [*whole, Finding("cut", OFFICIAL, 0.0, last)]


def test_an_index_cut_at_any_byte_is_cut_and_goes_on_whole(folder: Path) -> None:
    data = (folder / INDEX).read_bytes()
    for cut in range(1, len(data)):
        (folder / INDEX).write_bytes(data[:cut])
        assert {word for word, name in faults(unsealed(folder)) if name == INDEX} == {"cut"}
        append_entries(folder, entries(("reopened", 13.0, ""), ("closed", 14.0, "")))
        assert [one for one in faults(unsealed(folder)) if one[1] == INDEX] == []
        assert [one.event for one in read_index(folder)][-2:] == ["reopened", "closed"]


@pytest.mark.parametrize("name", [FIRST, INDEX])
def test_every_byte_that_is_changed_is_found_in_its_file(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    (folder / "seal.txt").unlink()
    for at in range(len(data)):
        (folder / name).write_bytes(data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :])
        assert name in {one for _, one in faults(verify(folder))}, at


def test_a_changed_chunk_is_placed_in_time(folder: Path) -> None:
    pieces = pieces_of(SECOND, folder)
    for number in range(1, 5):
        for at in (32, len(pieces[number]) - 40):
            changed = bytearray(pieces[number])
            changed[at] ^= 0x40
            (folder / SECOND).write_bytes(b"".join([*pieces[:number], changed, *pieces[number + 1 :]]))
            assert [one for one in unsealed(folder) if one.word == "changed"] == [
                Finding("changed", SECOND, 3.0 + number, 3.9 + number)
            ]


def test_a_chunk_whose_head_is_damaged_is_placed_between_its_neighbours(folder: Path) -> None:
    pieces = pieces_of(SECOND, folder)
    (folder / SECOND).write_bytes(b"".join([*pieces[:2], bytes(len(pieces[2])), *pieces[3:]]))
    assert Finding("changed", SECOND, 4.9, 6.0) in unsealed(folder)


Change = Callable[[list[bytes]], list[bytes]]
CHANGES: dict[str, tuple[Change, set[str]]] = {
    "a chunk is removed": (lambda one: [*one[:2], *one[3:]], {"missing"}),
    "two chunks are exchanged": (lambda one: [*one[:2], one[3], one[2], *one[4:]], {"moved"}),
    "a chunk is there twice": (lambda one: [*one[:3], one[2], *one[3:]], {"moved"}),
    "a chunk of another segment stands in its place": (
        lambda one: [*one[:2], pack_segment("official-0001", 4)[2], *one[3:]],
        {"changed"},
    ),
    "a chunk is put in": (lambda one: [*one[:2], pack_segment("official-0001", 4)[2], *one[2:]], {"moved", "changed"}),
    "bytes are put in": (lambda one: [*one[:2], b"something else", *one[2:]], {"changed"}),
    "bytes follow the end": (lambda one: [*one, b"something else"], {"added"}),
    "a chunk follows the end": (lambda one: [*one, one[2]], {"added"}),
    "the end is cut off": (lambda one: one[:-1], {"cut"}),
    "the beginning is another": (lambda one: [bytes(HEADER_SIZE), *one[1:]], {"beginning"}),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_kind_of_change_is_named(folder: Path, what: str) -> None:
    change, words = CHANGES[what]
    (folder / THIRD).write_bytes(b"".join(change(pieces_of(THIRD, folder))))
    assert set(faults(unsealed(folder))) == {(word, THIRD) for word in words}


def test_lines_of_the_index_removed_exchanged_or_put_in_are_named(folder: Path) -> None:
    lines = (folder / INDEX).read_bytes().splitlines(keepends=True)
    for changed, word in (
        ([*lines[:3], *lines[4:]], "missing"),
        ([*lines[:3], lines[4], lines[3], *lines[5:]], "moved"),
        ([*lines[:3], lines[2], *lines[3:]], "moved"),
        ([*lines[:3], b'{"event": "help", "offset": 4.0}\n', *lines[3:]], "changed"),
    ):
        (folder / INDEX).write_bytes(b"".join(changed))
        assert (word, INDEX) in faults(unsealed(folder))


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_named_by_what_stays(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert ("gone", name) in faults(unsealed(folder))


def test_a_segment_that_ended_later_is_known_by_the_next(folder: Path) -> None:
    (folder / FIRST).write_bytes(b"".join(pieces_of(FIRST, folder)[:3]))
    assert Finding("went_on", FIRST, 0.0, 1.9) in unsealed(folder)


def test_files_under_each_other_s_name_are_found(folder: Path) -> None:
    first, other = (folder / FIRST).read_bytes(), (folder / OFFICIAL).read_bytes()
    (folder / FIRST).write_bytes(other)
    (folder / OFFICIAL).write_bytes(first)
    assert {("changed", FIRST), ("changed", OFFICIAL)} <= set(faults(unsealed(folder)))


def test_a_chain_that_was_made_anew_is_found_by_the_seal(folder: Path) -> None:
    digest = seal(folder)
    pieces = pack_segment("official-0001", 0, chunks=3)
    (folder / OFFICIAL).write_bytes(b"".join(pieces))
    assert faults(verify(folder)) == [("other_seal", ""), ("other", OFFICIAL)]
    (folder / "seal.txt").unlink()
    assert faults(verify(folder, digest)) == [("other_seal", "")]
    seal(folder)
    assert status(verify(folder)) == 0
    assert faults(verify(folder, digest)) == [("other_seal", "")]


def test_what_is_cut_off_or_added_after_sealing_is_found(folder: Path) -> None:
    digest, whole = seal(folder), (folder / INDEX).read_bytes()
    (folder / INDEX).write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert faults(verify(folder, digest)) == [("cut", INDEX), ("other_seal", ""), ("other", INDEX)]
    (folder / INDEX).write_bytes(whole)
    (folder / "guest-1-0001.journal").write_bytes(b"".join(pack_segment("guest-1-0001", 0)))
    assert faults(verify(folder, digest)) == [("other_seal", ""), ("other", "guest-1-0001.journal")]


def test_a_torn_tail_is_sealed_too(folder: Path) -> None:
    torn = b"".join(pieces_of(OFFICIAL, folder)[:3])[:-10]
    (folder / OFFICIAL).write_bytes(torn)
    (folder / "seal.txt").unlink()
    digest = seal(folder)
    assert faults(verify(folder, digest)) == [("cut", OFFICIAL)]
    (folder / OFFICIAL).write_bytes(torn[:-1] + bytes([torn[-1] ^ 1]))
    assert ("other", OFFICIAL) in faults(verify(folder, digest))


def test_after_kill_minus_nine_it_is_cut_and_goes_on_in_another_process(tmp_path: Path) -> None:
    with recording_until_killed(tmp_path, flush_seconds=0.1):
        while not any((tmp_path / "s").glob("petitioner-*")) or (tmp_path / "s" / FIRST).stat().st_size < 20_000:
            time.sleep(0.02)
    findings = verify(tmp_path / "s")
    assert faults(findings) == [("cut", FIRST), ("cut", INDEX), ("unsealed", "")]
    assert [(one.word, one.name) for one in findings if one.word == "whole"] == [("whole", FIRST), ("whole", INDEX)]
    second = Recorder(root=tmp_path, session="s")
    second.start()
    feed(second, time.monotonic(), "petitioner", talk(0.5, Source(ssrc=5)))
    second.close()
    assert faults(verify(tmp_path / "s")) == [("cut", FIRST)]
    assert {one.name for one in verify(tmp_path / "s") if one.word == "whole"} == {FIRST, SECOND, INDEX}


def test_a_recording_that_goes_on_has_a_new_seal_and_remembers_the_old_one(tmp_path: Path) -> None:
    digests = []
    for _ in range(2):
        recorder = Recorder(root=tmp_path, session="s")
        recorder.start()
        feed(recorder, time.monotonic(), "petitioner", talk(0.5, Source()))
        recorder.close()
        digests.append(seal(tmp_path / "s"))
        assert status(verify(tmp_path / "s", digests[-1])) == 0
    assert digests[0] != digests[1]
    assert digests[0] in [one.detail for one in read_index(tmp_path / "s") if one.event == "reopened"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*FILES, "seal.txt"]), st.integers(0, 2000), st.integers(0, 60), st.binary(max_size=80))
def test_whatever_stands_there_something_is_said(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: int, cut: int, put: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzzed"
    if not folder.is_dir():
        write_recording(folder)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[:at] + put + data[at + cut :])
    told = list(sentences(verify(folder)))
    (folder / name).write_bytes(data)
    assert told[-1] in {"录像完整。", "录像不完整。"}


def test_files_made_while_it_is_recorded_leave_no_seal_behind(tmp_path: Path) -> None:
    recorder = Recorder(root=tmp_path, session="s", flush_seconds=0.02)
    recorder.start()
    feed(recorder, time.monotonic(), "petitioner", talk(0.5, Source()))
    while not recorder.state().bytes:
        time.sleep(0.02)
    early = seal(tmp_path / "s")
    recorder.close()
    assert read_seal(tmp_path / "s") != early
    assert status(verify(tmp_path / "s")) == 0


def test_a_segment_that_was_lost_or_cannot_be_read_does_not_stop_the_next(tmp_path: Path) -> None:
    write_recording(tmp_path / "s")
    (tmp_path / "s" / FIRST).unlink()
    (tmp_path / "s" / THIRD).unlink()
    (tmp_path / "s" / THIRD).mkdir()
    recorder = Recorder(root=tmp_path, session="s")
    recorder.start()
    feed(recorder, time.monotonic(), "petitioner", talk(0.5, Source()))
    recorder.close()
    assert recorder.state().alarm is None
    assert ("whole", "petitioner-0004.journal") in {(one.word, one.name) for one in verify(tmp_path / "s")}
    assert {("gone", FIRST), ("gone", THIRD)} <= set(faults(verify(tmp_path / "s")))


def test_a_seal_that_cannot_be_taken_off_stops_no_recording(tmp_path: Path) -> None:
    write_recording(tmp_path / "s")
    (tmp_path / "s" / "seal.txt").unlink()
    (tmp_path / "s" / "seal.txt").mkdir()
    recorder = Recorder(root=tmp_path, session="s")
    assert recorder.start().recording
    recorder.close()


def alone(*words: str | Path) -> tuple[int, list[str]]:
    """The script by itself, without this package and without site-packages."""
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT, *words], capture_output=True, text=True, cwd="/")
    return done.returncode, done.stdout.splitlines()


def test_the_script_stands_alone(folder: Path) -> None:
    digest = seal(folder)
    code, lines = alone(folder, "--seal", f"{digest[:4]} {digest[4:8].upper()} {digest[8:12]} {digest[12:16]}")
    assert (code, lines[-1], lines[0]) == (0, "录像完整。", "接访领导第 1 段:0:00.0 至 0:03.9 完整。")
    (folder / FIRST).unlink()
    code, lines = alone(folder)
    assert (code, lines[-1]) == (1, "录像不完整。")
    assert "信访人第 1 段:文件缺失。" in lines
    assert alone(folder / "absent") == (2, ["这里没有录像。"])
    assert alone(folder, "--seal", "12ab")[1] == []


def test_there_is_a_sentence_for_everything() -> None:
    every = [Finding(str(word), "guest-1-0002.journal", 61.0, 62.5, "ab" * 32) for word in SENTENCES]
    told = list(sentences([one for one in every if not one.word.isdigit()]))
    assert "guest-1第 2 段:1:01.0 至 1:02.5 之间被改动。" in told
    assert len(set(told)) == len(SENTENCES) - 2
    assert not any("{" in line for line in told)
