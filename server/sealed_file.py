"""Files at rest: AES-256-GCM in chunks of one size, read at any place.

docs/recording-format.md has the bytes. Every file has a key of its own, made of the caller's key and the
file's random id, so that a chunk's number is its nonce. A chunk opens only in its own file, under its own
name, at its own place; a last chunk says that it is the last.
"""

import io
import os
import struct
from pathlib import Path
from typing import BinaryIO, Self
from zlib import crc32

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.errors import Unavailable

MAGIC = b"LXSEAL01"
CHUNK = 64 * 1024
SYNC = b"LXC"
_HEAD = struct.Struct(">8sI16s4s")
_CHECKSUM = struct.Struct(">I")
_CHUNK_HEAD = struct.Struct(">3sBII")
HEAD_SIZE = _HEAD.size + _CHECKSUM.size
OVERHEAD = _CHUNK_HEAD.size + 16


def damaged() -> Unavailable:
    """What is raised for a file that is not as it was written."""
    return Unavailable(
        "file_damaged",
        "This file was changed or cut off on the disk, so it is not shown. Please tell the administrator.",
    )


def locked() -> Unavailable:
    """What is raised for a file whose key is not the one in the settings."""
    return Unavailable(
        "file_locked", "This file is locked, and its key is not set up here. Please tell the administrator."
    )


class Seal:
    """The cipher of one file. ``head`` is the file's first bytes."""

    def __init__(self, key: bytes, name: str, *, file_id: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=36, salt=file_id, info=b"lianxin file").derive(key)
        fields = _HEAD.pack(MAGIC, CHUNK, file_id, derived[32:])
        self.head = fields + _CHECKSUM.pack(crc32(fields))
        self._cipher = AESGCM(derived[:32])
        self._bound = self.head + name.encode()

    @classmethod
    def of_head(cls, head: bytes, key: bytes | None, name: str) -> Self:
        """The seal of a file that exists. Raises ``Unavailable``: ``file_damaged`` or ``file_locked``."""
        if len(head) < HEAD_SIZE or _CHECKSUM.unpack_from(head, _HEAD.size) != (crc32(head[: _HEAD.size]),):
            raise damaged()
        _, chunk, file_id, _ = _HEAD.unpack_from(head)
        if chunk != CHUNK:
            raise damaged()
        if key is None:
            raise locked()
        found = cls(key, name, file_id=file_id)
        if found.head != head[:HEAD_SIZE]:
            raise locked()
        return found

    def close(self, index: int, plain: bytes, *, last: bool = False) -> bytes:
        """Chunk ``index`` as it stands in the file; no index may be closed twice."""
        head = _CHUNK_HEAD.pack(SYNC, last, index, len(plain))
        return head + self._cipher.encrypt(index.to_bytes(12, "big"), plain, self._bound + head)

    def open(self, index: int, sealed: bytes, *, last: bool = False) -> bytes:
        """The plain bytes of chunk ``index``. Raises ``Unavailable("file_damaged")``."""
        head, body = sealed[: _CHUNK_HEAD.size], sealed[_CHUNK_HEAD.size :]
        if head != _CHUNK_HEAD.pack(SYNC, last, index, max(len(sealed) - OVERHEAD, 0)):
            raise damaged()
        try:
            return self._cipher.decrypt(index.to_bytes(12, "big"), body, self._bound + head)
        except InvalidTag as error:
            raise damaged() from error


def is_sealed(path: Path) -> bool:
    """Whether the file begins as a sealed one. Raises ``OSError``."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


class SealedWriter:
    """Writes a sealed file from front to back. The first chunk is sealed last: one may go back into it until then."""

    def __init__(self, stream: BinaryIO, key: bytes, name: str) -> None:
        self._stream = stream
        self._seal = Seal(key, name, file_id=os.urandom(16))
        self._first = bytearray()
        self._rest = b""
        self._index = 1
        self._at = 0
        self._size = 0
        stream.write(self._seal.head + bytes(CHUNK + OVERHEAD))

    def tell(self) -> int:
        """The place of the next write, in plain bytes."""
        return self._at

    def seek(self, at: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to the end, or back into the first chunk."""
        self._at = at + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def write(self, data: bytes, /) -> int:
        """Append, or write over what stands in the first chunk."""
        if self._at < self._size:
            end = self._at + len(data)
            if end > len(self._first):
                raise ValueError("only the first chunk can be written over")
            self._first[self._at : end] = data
            self._at = end
            return len(data)
        room = CHUNK - len(self._first)
        self._first += data[:room]
        self._rest += data[room:]
        if len(self._rest) > CHUNK:
            whole = range(0, len(self._rest) - CHUNK, CHUNK)
            for at in whole:
                self._write_chunk(self._rest[at : at + CHUNK], last=False)
            self._rest = self._rest[whole[-1] + CHUNK :]
        self._size += len(data)
        self._at = self._size
        return len(data)

    def finish(self) -> None:
        """Write what is held; the file is whole then."""
        if self._rest:
            self._write_chunk(self._rest, last=True)
        end = self._stream.tell()
        self._stream.seek(HEAD_SIZE)
        first = self._seal.close(0, bytes(self._first), last=not self._rest)
        self._stream.write(first)
        self._stream.truncate(end if self._rest else HEAD_SIZE + len(first))

    def _write_chunk(self, plain: bytes, *, last: bool) -> None:
        self._stream.write(self._seal.close(self._index, plain, last=last))
        self._index += 1


class StoredFile(io.RawIOBase):
    """A file of ours to read at any place, sealed or plain; one ``read`` gives a chunk at most.

    Raises ``Unavailable``: ``file_locked`` without its key, ``file_damaged`` where it is not what was written.
    A file that was cut is told when it is opened. Raises ``OSError`` where it cannot be opened.
    """

    def __init__(self, path: Path, key: bytes | None) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            facts = os.fstat(self._descriptor)
            head = os.pread(self._descriptor, HEAD_SIZE, 0)
            self._seal = Seal.of_head(head, key, path.name) if head.startswith(MAGIC) else None
            self.size = facts.st_size
            self.tag = f"{facts.st_mtime_ns:x}-{facts.st_size:x}" if self._seal is None else head[12:28].hex()
            self._chunks = -(-self.size // CHUNK)
            if self._seal is not None:
                self._measure(facts.st_size)
        except BaseException:
            self.close()
            raise
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def _measure(self, on_disk: int) -> None:
        whole, rest = divmod(on_disk - HEAD_SIZE, CHUNK + OVERHEAD)
        if on_disk <= HEAD_SIZE or 0 < rest < OVERHEAD:
            raise damaged()
        self._chunks = whole + (rest > 0)
        self.size = on_disk - HEAD_SIZE - self._chunks * OVERHEAD
        self._chunk(self._chunks - 1)

    def _chunk(self, index: int) -> bytes:
        if self._seal is None:
            return os.pread(self._descriptor, CHUNK, index * CHUNK)
        sealed = os.pread(self._descriptor, CHUNK + OVERHEAD, HEAD_SIZE + index * (CHUNK + OVERHEAD))
        return self._seal.open(index, sealed, last=index == self._chunks - 1)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place in the plain bytes."""
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence])
        return self._at

    def tell(self) -> int:
        """The place of the next read."""
        return self._at

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override]
        """The next bytes, of one chunk at most."""
        index, within = divmod(self._at, CHUNK)
        if self._at >= self.size:
            return 0
        if self._held[0] != index:
            self._held = (index, self._chunk(index))
        piece = self._held[1][within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Give the file back."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def write_stored(path: Path, data: bytes, key: bytes | None) -> None:
    """Make a new file for this user only, on the disk when this returns. Leaves nothing when it raises ``OSError``."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if key is None:
                stream.write(data)
            else:
                sealed = SealedWriter(stream, key, path.name)
                sealed.write(data)
                sealed.finish()
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
