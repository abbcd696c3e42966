"""The engine of a media process: it tells its load, and takes no session too many."""

from typing import Any

from server.media.engine import Engine
from server.media.load import Load
from server.media.ports import EngineLoad


class AdmittingEngine(Engine):
    """An EnginePort. ``load`` is measured by the process; everything else is the engine's own."""

    def __init__(self, *, measured: Load, **told: Any) -> None:
        super().__init__(**told)
        self._measured = measured
        self._open: set[str] = set()

    @property
    def count(self) -> int:
        """How many sessions are open."""
        return len(self._open)

    async def open_session(self, *, session: str) -> None:
        """See MediaPort. Raises ``Unavailable("media_full")`` before those who talk would suffer."""
        if session not in self._open:
            self._measured.admit(self.count)
        await super().open_session(session=session)
        self._open.add(session)

    async def close_session(self, *, session: str) -> None:
        """See MediaPort."""
        self._open.discard(session)
        await super().close_session(session=session)

    async def load(self) -> EngineLoad:
        """See EnginePort."""
        seen = self._measured
        sessions = tuple(sorted(self._open))
        return EngineLoad(sessions, round(seen.expected, 4), round(seen.lag, 5), seen.full, self.dropped)
