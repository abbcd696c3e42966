"""Encrypted journals: the same recording comes of them, nobody else reads them, and the proof needs no key."""

import re
import time
from pathlib import Path

import pytest

from server.errors import Unavailable
from server.media.finalise import finalise
from server.media.journal_cipher import JournalCipher, journal_records
from server.media.journal_format import (
    START,
    ChunkType,
    Kind,
    PacketRecord,
    SegmentHeader,
    first_link,
    pack_chunk,
    pack_header,
    pack_record,
    read_header,
)
from server.media.manifest import read_files
from server.media.recorder import Recorder
from server.media.recovery import recover
from server.media.verify_recording import status, verify
from tests.media.packets import Source, decode, feed, talk
from tests.media.test_recorder import recorded

KEY, OTHER = b"k" * 32, b"o" * 32


def test_the_same_files_come_of_encrypted_journals(tmp_path: Path) -> None:
    packets = talk(3.0, Source())
    plain = recorded(tmp_path / "plain", ("petitioner", packets))
    folder = recorded(tmp_path / "sealed", ("petitioner", packets), key=KEY)
    told = decode(folder / "petitioner.webm", KEY)
    assert told.sizes == decode(plain / "petitioner.webm").sizes
    assert len(told.loud) > 120
    assert read_files(tmp_path / "sealed", "s")[0].speech[0] == pytest.approx((0.0, 3.0), abs=0.1)
    assert b"LXSEAL" not in (plain / "petitioner.webm").read_bytes()


def test_nothing_that_was_sent_stands_in_an_encrypted_journal(tmp_path: Path) -> None:
    packets = talk(1.0, Source())
    folder = recorded(tmp_path, ("petitioner", packets), key=KEY)
    journal = (folder / "petitioner-0001.journal").read_bytes()
    assert len(journal) > sum(len(one.rtp) for one in packets)
    assert [one.at for one in packets if one.rtp[12:] in journal] == []


def test_the_chain_is_proven_without_the_key(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())), key=KEY)
    assert status(verify(folder)) == 0
    journal = folder / "petitioner-0001.journal"
    changed = bytearray(journal.read_bytes())
    changed[len(changed) // 2] ^= 1
    journal.write_bytes(changed)
    assert "changed" in {one.word for one in verify(folder)}


@pytest.mark.parametrize("key", [None, OTHER])
def test_without_its_key_nothing_is_made_and_nothing_is_lost(tmp_path: Path, key: bytes | None) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())), key=KEY)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Unavailable, match="file_locked"):
        finalise(tmp_path, "s", key)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_recording_that_began_before_there_was_a_key_goes_on_encrypted(tmp_path: Path) -> None:
    for key, source in ((None, Source()), (KEY, Source(ssrc=7))):
        recorder = Recorder(root=tmp_path, session="s", key=key)
        recorder.start()
        feed(recorder, time.monotonic(), "petitioner", talk(1.0, source))
        recorder.close()
        time.sleep(1.1)
    assert recover(tmp_path, keys=lambda _: KEY) == ["s"]
    assert len(decode(tmp_path / "s" / "petitioner.webm", KEY).pictures) == 30


NAME = "petitioner-0001.journal"
HEADER = pack_header(SegmentHeader(1, 2, 0))
RECORDS = [[pack_record(Kind.AUDIO, 100 * chunk + step, 30, b"said") for step in range(2)] for chunk in range(3)]


def segment(tmp_path: Path, *, key: bytes = KEY, name: str = NAME) -> tuple[Path, list[int]]:
    """A small encrypted segment of three chunks, and where each ends."""
    close, link, data, ends = JournalCipher(key, HEADER, name).close, first_link(HEADER, name), HEADER, []
    for number, records in enumerate(RECORDS, start=1):
        chunk = pack_chunk(ChunkType.SEALED, number, (0, 0), b"".join(records), link, close)
        data, link = data + chunk, chunk[-len(START) :]
        ends.append(len(data))
    (tmp_path / NAME).write_bytes(data)
    return tmp_path / NAME, ends


def read(path: Path, key: bytes | None = KEY) -> list[PacketRecord]:
    with path.open("rb") as stream:
        return list(journal_records(stream, path, path.stat().st_size, key)) if read_header(stream) else []


def test_a_segment_cut_at_any_byte_gives_every_whole_chunk(tmp_path: Path) -> None:
    path, ends = segment(tmp_path)
    whole, records = path.read_bytes(), read(path)
    assert [mono_us for _, mono_us, _, _ in records] == [0, 1, 100, 101, 200, 201]
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        assert read(path) == records[: 2 * sum(end <= cut for end in ends)]


def test_one_changed_byte_loses_its_chunk_and_no_other(tmp_path: Path) -> None:
    path, ends = segment(tmp_path)
    whole, records = path.read_bytes(), read(path)
    for at in range(len(HEADER), len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 0x41
        path.write_bytes(changed)
        hit = sum(end <= at for end in ends)
        kept = records[: 2 * hit] + records[2 * hit + 2 :]
        # The link is not what is read: a chunk that opens is true without it.
        assert read(path) == (records if at >= ends[hit] - len(START) else kept), at


@pytest.mark.parametrize(("key", "name"), [(OTHER, NAME), (KEY, "official-0001.journal")])
def test_a_segment_does_not_open_with_another_key_or_under_another_name(tmp_path: Path, key: bytes, name: str) -> None:
    path, _ = segment(tmp_path, key=key, name=name)
    with pytest.raises(Unavailable, match="file_locked"):
        read(path)


def test_the_document_names_the_type() -> None:
    document = (Path(__file__).parents[2] / "docs" / "recording-format.md").read_text()
    assert re.search(rf"{int(ChunkType.SEALED)} encrypted records", document)
