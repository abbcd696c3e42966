"""The seal of a session's recording: one digest over the last links of all its journals.

``seal.txt`` names each journal with its bytes and its last link; the seal is the SHA-256 of that file. It is written
once, when the recording has ended, and stays as it is unless the recording goes on.
"""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from server.media.verify_recording import SEAL, seal_lines
from server.storage import write_whole


def seal(folder: Path) -> str:
    """Seal a recording that has ended; the digest. One that was sealed already keeps its seal."""
    if not read_seal(folder):
        write_whole(folder / SEAL, seal_lines(folder).encode())
    return read_seal(folder)


def read_seal(folder: Path) -> str:
    """The digest of a recording's seal; empty while it has none, or the disk does not give it."""
    try:
        return sha256((folder / SEAL).read_bytes()).hexdigest()
    except OSError:
        return ""


def break_seal(folder: Path) -> str:
    """Take the seal off a recording that goes on; the digest it had. A disk that refuses stops no recording."""
    digest = read_seal(folder)
    with suppress(OSError):
        (folder / SEAL).unlink(missing_ok=True)
    return digest
