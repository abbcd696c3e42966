"""Journals at rest: the body of each chunk is encrypted, its head and link stay in the clear.

So the chain is proven without a key, and a reader without the key knows how much there is and when it came.
"""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.media.journal_format import (
    CHUNK_HEAD_SIZE,
    HEADER_SIZE,
    SEALED_OVERHEAD,
    ChunkType,
    PacketRecord,
    read_records,
    records_of,
)
from server.media.verify_recording import Item, read_segment
from server.sealed_file import locked

_NONCE = 12


class JournalCipher:
    """Encrypts and opens the chunks of one segment, by the session's key, the segment's header and its name."""

    def __init__(self, key: bytes, header: bytes, name: str) -> None:
        info = b"lianxin journal " + name.encode()
        self._cipher = AESGCM(HKDF(algorithm=SHA256(), length=32, salt=header, info=info).derive(key))

    def close(self, head: bytes, body: bytes) -> bytes:
        """The body as it stands behind ``head``; ``SEALED_OVERHEAD`` bytes longer."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, body, head)

    def open(self, head: bytes, sealed: bytes) -> bytes | None:
        """The body again, or None where it is not what was closed behind this head with this key."""
        if len(sealed) < SEALED_OVERHEAD:
            return None
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], head)
        except InvalidTag:
            return None


def journal_records(
    stream: BinaryIO, path: Path, size: int, key: bytes | None, *, end_only: bool = False
) -> Iterator[PacketRecord]:
    """Every whole record of the first ``size`` bytes of the segment at ``path``; the stream stands behind its header.

    ``end_only``: from the last whole chunk on. Damaged stretches are passed over. Raises
    ``Unavailable("file_locked")`` where a chunk is whole but opens with no key or another.
    """
    begin, journal = stream.tell(), read_segment(path)
    whole = [one for one in enumerate(journal.items) if one[1].end <= size and not one[1].closes]
    if end_only and whole:
        begin, whole = whole[-1][1].at, whole[-1:]
    chunks = [one for one in whole if _is_sealed(stream, one[1])]
    if not chunks:
        stream.seek(begin)
        yield from read_records(stream, size - begin)
        return
    if key is None:
        raise locked()
    stream.seek(0)
    cipher = JournalCipher(key, stream.read(HEADER_SIZE), path.name)
    for place, item in chunks:
        stream.seek(item.at)
        head, sealed = stream.read(CHUNK_HEAD_SIZE), stream.read(item.until - item.at - CHUNK_HEAD_SIZE)
        body = cipher.open(head, sealed)
        if body is not None:
            yield from records_of(body)
        elif sha256(journal.links[place] + head + sealed).digest() == item.link:
            raise locked()


def is_encrypted(path: Path) -> bool:
    """Whether the segment at ``path`` was written with a key: its first chunk tells, as one key holds for all of it.

    Raises ``OSError``.
    """
    with path.open("rb") as stream:
        return _says_sealed(stream, HEADER_SIZE)


def _is_sealed(stream: BinaryIO, item: Item) -> bool:
    return _says_sealed(stream, item.at)


def _says_sealed(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    return stream.read(4)[3:] == bytes([ChunkType.SEALED])
