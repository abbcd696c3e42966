"""The control socket: one request that fails must not take the line away from everybody."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.errors import Unavailable
from server.media.control import Control
from server.media.ports import RecordedFile, RecordingState
from server.signaling.media_client import MediaClient
from tests.fakes import FakeMedia
from tests.media.browsers import until


class Stumbling(FakeMedia):
    """An engine with a fault of its own, and with a very long recording."""

    async def start_recording(self, *, session: str) -> RecordingState:
        """Fail as a disk does."""
        raise OSError(28, "No space left on device")

    async def files(self, *, session: str) -> Sequence[RecordedFile]:
        """A talk of many hours, in which much was said."""
        speech = tuple((index * 2.125, index * 2.125 + 1.375) for index in range(30_000))
        return [RecordedFile("petitioner", "petitioner.webm", 0.0, 64_000.0, 1, True, True, speech)]


async def with_stumbling(folder: Path) -> tuple[str, int, bool]:
    control, client = Control(Stumbling(), folder / "m.sock"), MediaClient(folder / "m.sock")
    await control.start()
    await client.start()
    try:
        async with asyncio.timeout(20):
            await until(lambda: client.connected)
            await client.open_session(session="s")
            with pytest.raises(Unavailable) as refused:
                await client.start_recording(session="s")
            files = await client.files(session="s")
            known = (await client.status(session="s")).session == "s"
            return refused.value.code, len(files[0].speech), known
    finally:
        await client.stop()
        await control.stop()


def test_a_fault_of_the_engine_and_a_long_answer_leave_the_line_open(tmp_path: Path) -> None:
    assert asyncio.run(with_stumbling(tmp_path)) == ("media_fault", 30_000, True)
