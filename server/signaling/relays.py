"""How those to whom UDP is closed reach the engine: by TURN servers, with credentials that soon end.

What is made here coturn checks with ``use-auth-secret``: the name says until when it is good and nothing else, the
password is the name's HMAC-SHA1 with the shared secret.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from server.settings import Settings


@dataclass(frozen=True)
class Relays:
    """The TURN servers by ``urls``, with what is shared with them. ``only``: media go no other way."""

    urls: tuple[str, ...]
    secret: str = field(repr=False)
    seconds: int
    only: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings."""
        return cls(
            urls=tuple(settings.turn_servers),
            secret=settings.turn_secret.get_secret_value(),
            seconds=settings.turn_seconds,
            only=settings.turn_only,
        )

    def told(self, now: datetime) -> dict[str, Any]:
        """What a browser gives its connection as ``iceServers`` and ``iceTransportPolicy``; every time another name."""
        servers = [{"urls": list(self.urls), **self._credentials(now)}] if self.urls else []
        return {"servers": servers, "policy": "relay" if self.only else "all"}

    def _credentials(self, now: datetime) -> dict[str, str]:
        username = f"{int(now.timestamp()) + self.seconds}:{secrets.token_urlsafe(12)}"
        password = hmac.digest(self.secret.encode(), username.encode(), "sha1")
        return {"username": username, "credential": base64.b64encode(password).decode()}
