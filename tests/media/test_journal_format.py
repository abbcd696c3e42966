"""Whatever happens to a journal, what was written whole is read."""

import struct
from io import BytesIO
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from server.media.journal_format import (
    HEADER_SIZE,
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
    read_records,
    records_of,
)

CHUNK_HEAD = 32
HEADER = SegmentHeader(wall_us=1_700_000_000_000_000, mono_us=5_000_000, offset_us=250_000)
RECORDS: list[PacketRecord] = [
    (Kind.AUDIO, 5_000_100, 30, b"\x80first"),
    (Kind.VIDEO, 5_000_200, None, b"\xa5LX" * 9),
    (Kind.AUDIO, 5_020_100, 127, b""),
    (Kind.VIDEO, 5_033_000, None, bytes(range(256))),
]
ENDS = [len(pack_record(*record)) for record in RECORDS]
BODY = b"".join(pack_record(*record) for record in RECORDS)


def read(data: bytes) -> list[PacketRecord]:
    return list(read_records(BytesIO(data), len(data)))


def test_a_segment_is_read_as_it_was_written() -> None:
    assert read_header(BytesIO(pack_header(HEADER))) == HEADER
    assert len(pack_header(HEADER)) == HEADER_SIZE
    assert read(BODY) == RECORDS
    assert HEADER.seconds(6_000_000) == 1.25


def test_a_cut_at_any_byte_keeps_every_whole_record() -> None:
    for cut in range(len(BODY) + 1):
        whole = sum(1 for number in range(len(RECORDS)) if sum(ENDS[: number + 1]) <= cut)
        assert read(BODY[:cut]) == RECORDS[:whole]


def segment() -> tuple[bytes, list[int]]:
    """Two chunks and an end behind a header, and where each record ends."""
    data, ends = pack_header(HEADER), []
    link = first_link(data, "petitioner-0001.journal")
    for number, records in enumerate((RECORDS[:2], RECORDS[2:], []), 1):
        packed = [pack_record(*one) for one in records]
        at = len(data) + CHUNK_HEAD
        ends += [at + sum(map(len, packed[: one + 1])) for one in range(len(packed))]
        kind = ChunkType.RECORDS if records else ChunkType.END
        data += pack_chunk(kind, number, (250_000, 260_000), b"".join(packed), link)
        link = data[-len(START) :]
    return data, ends


def test_a_segment_cut_at_any_byte_keeps_every_whole_record() -> None:
    data, ends = segment()
    for cut in range(len(data) + 1):
        stream = BytesIO(data[:cut])
        header = read_header(stream)
        assert (header is not None) == (cut >= HEADER_SIZE)
        if header is not None:
            whole = sum(1 for end in ends if end <= cut)
            assert list(read_records(stream, cut - HEADER_SIZE)) == RECORDS[:whole]


def test_a_segment_of_the_first_format_is_still_read() -> None:
    body = struct.pack(">8sqqq", b"LXJRNL01", HEADER.wall_us, HEADER.mono_us, HEADER.offset_us)
    stream = BytesIO(body + struct.pack(">I", crc32(body)) + BODY)
    assert read_header(stream) == HEADER
    assert list(read_records(stream, len(BODY))) == RECORDS


def test_a_damaged_byte_costs_at_most_its_own_record() -> None:
    for at in range(len(BODY)):
        damaged = BODY[:at] + bytes([BODY[at] ^ 0xFF]) + BODY[at + 1 :]
        hit = next(number for number in range(len(RECORDS)) if at < sum(ENDS[: number + 1]))
        assert read(damaged) == RECORDS[:hit] + RECORDS[hit + 1 :]


def test_a_proven_body_is_read_without_checksums_and_what_is_no_record_is_passed_over() -> None:
    wrong = bytearray(BODY)
    wrong[ENDS[0] - 1] ^= 1
    assert list(records_of(bytes(wrong))) == RECORDS
    assert list(records_of(BODY + b"something" + BODY + BODY[:9])) == RECORDS * 2


def test_records_beyond_the_limit_are_left_for_the_next_reading() -> None:
    assert list(read_records(BytesIO(BODY), ENDS[0] + ENDS[1])) == RECORDS[:2]


def test_a_long_journal_is_read_across_its_chunks() -> None:
    one = (Kind.VIDEO, 7, None, bytes(1_200))
    body = pack_record(*one) * 600
    assert read(body) == [one] * 600


@given(st.binary(max_size=400))
def test_garbage_is_no_record_and_no_error(data: bytes) -> None:
    assert read_header(BytesIO(data)) is None
    assert read(data) == []


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_records_are_found_between_garbage(before: bytes, after: bytes) -> None:
    assert read(before + BODY + after) == RECORDS
