"""A sealed file gives back what was written, at any place, and nothing that was changed, cut, moved or renamed."""

import gc
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import Unavailable
from server.sealed_file import (
    CHUNK,
    HEAD_SIZE,
    OVERHEAD,
    SealedWriter,
    StoredFile,
    is_sealed,
    write_stored,
)

KEY, OTHER = b"k" * 32, b"o" * 32
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7)


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311 - test data


def read(path: Path, key: bytes | None = KEY) -> bytes:
    with StoredFile(path, key) as file:
        return file.read()


@pytest.mark.parametrize("key", [KEY, None])
@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_read_as_it_was_written_at_any_place(tmp_path: Path, size: int, key: bytes | None) -> None:
    data, path = content(size), tmp_path / "file"
    write_stored(path, data, key)
    assert is_sealed(path) is (key is not None)
    assert path.stat().st_mode & 0o777 == 0o600
    with StoredFile(path, key) as file:
        assert (file.size, file.read()) == (size, data)
        for at in (size, 2 * CHUNK + 1, CHUNK, CHUNK - 3, 5, 0):
            file.seek(at)
            assert b"".join(iter(lambda: file.read(1000), b"")) == data[at:]


def test_nothing_of_the_content_stands_in_the_file(tmp_path: Path) -> None:
    write_stored(tmp_path / "file", b"what was said " * 20_000, KEY)
    assert b"what was said" not in (tmp_path / "file").read_bytes()


def test_one_may_go_back_into_the_first_chunk(tmp_path: Path) -> None:
    data = bytearray(content(2 * CHUNK + 5))
    with (tmp_path / "file").open("wb") as stream:
        writer = SealedWriter(stream, KEY, "file")
        for at in range(0, len(data), 1000):
            writer.write(bytes(data[at : at + 1000]))
        end = writer.tell()
        writer.seek(40)
        writer.write(b"length")
        assert writer.tell() == 46
        writer.seek(CHUNK - 2)
        with pytest.raises(ValueError, match="first chunk"):
            writer.write(b"too far")
        writer.seek(end)
        writer.write(b"tail")
        writer.finish()
    data[40:46] = b"length"
    assert read(tmp_path / "file") == bytes(data) + b"tail"


@pytest.mark.parametrize("size", [0, 10, CHUNK, 2 * CHUNK, 2 * CHUNK + 10])
def test_a_file_cut_anywhere_is_told_when_it_is_opened(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    write_stored(path, content(size), KEY)
    whole = path.read_bytes()
    near = {HEAD_SIZE + n * (CHUNK + OVERHEAD) + step for n in range(4) for step in (-1, 0, 1, OVERHEAD)}
    for cut in sorted(one for one in {8, 20, HEAD_SIZE, len(whole) - 1, *near} if 8 <= one < len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(Unavailable, match="file_damaged"):
            StoredFile(path, KEY)
    path.write_bytes(whole + bytes(5))
    with pytest.raises(Unavailable, match="file_damaged"):
        StoredFile(path, KEY)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(8, 3 * CHUNK + 200), bit=st.integers(0, 7))
def test_one_changed_bit_is_never_read(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int) -> None:
    path = tmp_path_factory.mktemp("changed") / "file"
    write_stored(path, content(3 * CHUNK + 7), KEY)
    changed = bytearray(path.read_bytes())
    changed[at % len(changed)] ^= 1 << bit
    if changed[:8] != b"LXSEAL01":
        return
    path.write_bytes(changed)
    with pytest.raises(Unavailable, match="file_damaged"):
        read(path)


def test_what_stands_before_a_changed_chunk_is_still_read(tmp_path: Path) -> None:
    path, data = tmp_path / "file", content(3 * CHUNK)
    write_stored(path, data, KEY)
    changed = bytearray(path.read_bytes())
    changed[HEAD_SIZE + (CHUNK + OVERHEAD) + 100] ^= 1
    path.write_bytes(changed)
    with StoredFile(path, KEY) as file:
        assert file.read(CHUNK) == data[:CHUNK]
        with pytest.raises(Unavailable, match="file_damaged"):
            file.read(1)
        file.seek(2 * CHUNK)
        assert file.read(CHUNK) == data[2 * CHUNK :]


def test_chunks_do_not_open_elsewhere(tmp_path: Path) -> None:
    path, other, data = tmp_path / "file", tmp_path / "other", content(3 * CHUNK)
    write_stored(path, data, KEY)
    write_stored(other, data, KEY)
    one, two = path.read_bytes(), other.read_bytes()
    first, second = HEAD_SIZE, HEAD_SIZE + CHUNK + OVERHEAD
    end = second + CHUNK + OVERHEAD
    for mixed in (
        one[:first] + one[second:end] + one[first:second] + one[end:],
        one[:second] + two[second:end] + one[end:],
        two[:first] + one[first:],
    ):
        path.write_bytes(mixed)
        with pytest.raises(Unavailable, match="file_damaged"):
            read(path)
    path.write_bytes(two)
    with pytest.raises(Unavailable, match="file_damaged"):
        read(path)


@pytest.mark.parametrize("key", [OTHER, None])
def test_without_its_key_a_file_is_locked(tmp_path: Path, key: bytes | None) -> None:
    write_stored(tmp_path / "file", b"x", KEY)
    with pytest.raises(Unavailable, match="file_locked"):
        StoredFile(tmp_path / "file", key)


def test_a_file_that_stays_locked_closes_nothing_of_others(tmp_path: Path) -> None:
    """Its number is somebody else's by the time the object goes."""
    path = tmp_path / "file"
    write_stored(path, b"content", KEY)
    with pytest.raises(Unavailable) as told:
        StoredFile(path, None)
    other = os.open(path, os.O_RDONLY)
    del told
    gc.collect()
    assert os.fstat(other).st_size > 0
    os.close(other)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):  # noqa: PT011 - the system's own words
        StoredFile(tmp_path / "link", None)
    with pytest.raises(FileExistsError):
        write_stored(tmp_path / "link", b"x", None)


def test_the_same_content_gives_different_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_stored(tmp_path / name, bytes(CHUNK), KEY)
    one, two = ((tmp_path / name).read_bytes() for name in ("one", "two"))
    assert one[:12] == two[:12]
    assert one[12:HEAD_SIZE] != two[12:HEAD_SIZE]
    assert one[HEAD_SIZE + 12 :] != two[HEAD_SIZE + 12 :]
