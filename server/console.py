"""Words on the terminal, in the default language."""

import sys

from server.translation import DEFAULT_LOCALE, translate


def _(message: str, **params: object) -> str:
    return translate(message, DEFAULT_LOCALE, params)


def say(line: str = "") -> None:
    """Print one line for the one who started the command."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def refuse(line: str) -> int:
    """Say why it cannot be done; the exit status."""
    sys.stderr.write(line + "\n")
    return 1


text = _
