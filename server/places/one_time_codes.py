"""One-time codes that can be read out and typed: no letters or digits that look alike."""

import hashlib

ALPHABET = "ABCDEFGHJKMNPQRTUVWXY346789"


def new_code(randomness: bytes) -> str:
    """A code from random bytes, a letter each; eight of them give 27^8 codes, near enough evenly."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in randomness)


def normal(code: str) -> str:
    """What was meant: upper case, without spaces and dashes."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def code_hash(code: str) -> str:
    """The hash that is kept of a code, however it was typed."""
    return hashlib.sha256(normal(code).encode()).hexdigest()
