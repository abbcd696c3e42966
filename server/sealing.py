"""Personal data at rest: AES-256-GCM sealing, and a keyed hash to find a sealed value again."""

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _derive(secret: str, purpose: str) -> bytes:
    """A key for one purpose (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"lianxin", info=purpose.encode()).derive(secret.encode())


def recording_key(secret: str, session: str) -> bytes | None:
    """The key of one session's recording; none where no secret is set up: it is kept plain."""
    return _derive(secret, f"recording {session}") if secret else None


@dataclass(frozen=True)
class Sealer:
    """Seals and opens text with keys derived from one secret."""

    sealing_key: bytes
    index_key: bytes
    papers_key: bytes

    @classmethod
    def from_secret(cls, secret: str) -> "Sealer":
        """Derive the keys."""
        return cls(_derive(secret, "sealing"), _derive(secret, "index"), _derive(secret, "papers"))

    def seal(self, text: str) -> bytes:
        """Nonce and ciphertext of ``text``."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self.sealing_key).encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        """The text again; raises ``cryptography.exceptions.InvalidTag`` for another key or a changed value."""
        return AESGCM(self.sealing_key).decrypt(sealed[:12], sealed[12:], None).decode()

    def index(self, value: str) -> str:
        """A keyed hash, equal for equal values, that does not give the value away."""
        return hmac.new(self.index_key, value.encode(), hashlib.sha256).hexdigest()


_current: list[Sealer] = []


def use_sealer(sealer: Sealer) -> None:
    """Set the sealer of this process, before the database is used."""
    _current[:] = [sealer]


def current_sealer() -> Sealer:
    """The sealer of this process; ``RuntimeError`` before ``use_sealer``."""
    if not _current:
        raise RuntimeError("no sealer in use: call use_sealer at start")
    return _current[0]
