"""The rule of the audit chain: each digest covers its entry and the digest before it."""

import hashlib
import json
from collections.abc import Mapping

START = "0" * 64


def digest(previous: str, entry: Mapping[str, object]) -> str:
    """SHA-256 over the previous digest and the entry as canonical JSON; values must be JSON types."""
    body = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
