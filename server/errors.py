"""The one tree of errors.

::

    LianxinError
    ├── Invalid        the input cannot be accepted as it is          HTTP 422
    ├── NotFound       absent, or not for this person to know         HTTP 404
    ├── NotSignedIn    nobody is signed in                            HTTP 401
    ├── Forbidden      signed in, but not allowed                     HTTP 403
    ├── Conflict       somebody else was first, or the state moved    HTTP 409
    ├── TooMany        too fast, too large, too often                 HTTP 429
    └── Unavailable    a part of the system does not answer           HTTP 503

``code`` is for machines and never changes once released. ``message`` is the English
source text, translated where it is shown, with ``params`` filled in after translation.
``field`` names the input it belongs to, so that a form can show it there.
"""

from collections.abc import Mapping


class LianxinError(Exception):
    """Anything this product refuses. Never raised itself; see the tree above."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.params: dict[str, object] = dict(params or {})


class Invalid(LianxinError):
    """The input cannot be accepted as it is."""


class NotFound(LianxinError):
    """Absent, or not for this person to know: both answer alike."""


class NotSignedIn(LianxinError):
    """Nobody is signed in."""


class Forbidden(LianxinError):
    """Signed in, but not allowed."""


class Conflict(LianxinError):
    """Somebody else was first, or the state has moved on."""


class TooMany(LianxinError):
    """Too fast, too large or too often."""


class Unavailable(LianxinError):
    """A part of the system does not answer."""
