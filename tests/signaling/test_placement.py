"""Several engines behind one port: where a session goes, when its engine is gone, and after a restart of our own."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.errors import NotFound, Unavailable
from server.media.control import Control
from server.media.ports import EventKind, MediaEvent, RecordingState
from server.signaling.placement import Placement, placement_of
from tests.fakes import FakeMedia
from tests.media.browsers import until

NAMES = ("1", "2")


class Engines:
    """Two engines in memory behind real control sockets, and a placement over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = {name: FakeMedia() for name in NAMES}
        self.controls: dict[str, Control] = {}
        self.events: list[MediaEvent] = []
        self.placement = self.anew()

    def anew(self) -> Placement:
        """The placement of a web process that has just started."""
        made = placement_of({name: self.folder / f"{name}.sock" for name in NAMES})
        made.subscribe(self.events.append)
        return made

    async def begin(self, name: str) -> None:
        """An engine starts, with nothing in it."""
        self.media[name].sessions.clear()
        self.controls[name] = Control(self.media[name], self.folder / f"{name}.sock")
        await self.controls[name].start()

    async def die(self, name: str) -> None:
        """An engine is gone, and its sessions with it."""
        await self.controls.pop(name).stop()

    async def all_there(self) -> None:
        """Every engine answers."""
        await until(lambda: all(one.load is not None for one in self.placement.engines))

    def of(self, session: str) -> list[str]:
        """Which engines hold the session."""
        return [name for name, media in self.media.items() if session in media.sessions]

    def told(self, kind: EventKind) -> int:
        """How often this was reported."""
        return sum(one.kind is kind for one in self.events)


def play(
    folder: Path,
    work: Callable[[Engines], Awaitable[None]],
    *,
    first: tuple[str, ...] = NAMES,
    silent: tuple[str, ...] = (),
) -> None:
    async def run() -> None:
        engines = Engines(folder)
        for name in silent:
            engines.media[name].down = True
        for name in first:
            await engines.begin(name)
        await engines.placement.start()
        try:
            async with asyncio.timeout(20):
                await work(engines)
        finally:
            await engines.placement.stop()
            for control in engines.controls.values():
                await control.stop()

    asyncio.run(run())


def test_sessions_are_spread_and_everything_of_one_goes_to_its_engine(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        await engines.all_there()
        media = engines.placement
        for number in range(6):
            await media.open_session(session=f"s{number}")
            await media.open_session(session=f"s{number}")
        assert [len(one.sessions) for one in engines.media.values()] == [3, 3]
        for number in range(6):
            session, (home,) = f"s{number}", engines.of(f"s{number}")
            assert (await media.start_recording(session=session)).recording
            assert (await media.join(session=session, seat="official", offer="x")).sdp == "answer to x"
            await media.mark(session=session, kind="paper")
            assert (await media.status(session=session)).recording.recording
            assert not (await media.pause_recording(session=session)).recording
            await media.leave(session=session, seat="official")
            assert list(await media.files(session=session)) == []
            verbs = {name: {verb for verb, of in one.calls if of == session} for name, one in engines.media.items()}
            assert len(verbs[home]) == 8
            await media.close_session(session=session)
            assert engines.of(session) == []
            assert [name for name, called in verbs.items() if called] == [home]

    play(tmp_path, work)


def test_a_new_session_goes_to_the_least_busy_one_that_is_not_full(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        engines.media["1"].cpu = 0.5
        await engines.all_there()
        await engines.placement.open_session(session="a")
        await engines.placement.open_session(session="b")
        assert (engines.of("a"), engines.of("b")) == (["2"], ["2"])
        engines.media["2"].full = True
        await engines.placement.open_session(session="c")
        assert engines.of("c") == ["1"]
        engines.media["1"].full = True
        with pytest.raises(Unavailable, match="media_full"):
            await engines.placement.open_session(session="d")
        await engines.placement.open_session(session="a")
        with pytest.raises(NotFound, match="no_such_session"):
            await engines.placement.status(session="d")

    play(tmp_path, work)


def test_the_sessions_of_a_dead_engine_are_opened_on_another(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        await engines.all_there()
        await engines.placement.open_session(session="a")
        (home,) = engines.of("a")
        (other,) = set(NAMES) - {home}
        ready = engines.told(EventKind.ENGINE_READY)
        await engines.die(home)
        await until(lambda: engines.told(EventKind.ENGINE_LOST) == 1)
        with pytest.raises(Unavailable, match="media_unavailable"):
            await engines.placement.status(session="a")
        await until(lambda: engines.told(EventKind.ENGINE_READY) > ready)
        with pytest.raises(NotFound, match="no_such_session"):
            await engines.placement.status(session="a")
        await engines.placement.open_session(session="a")
        assert "a" in engines.media[other].sessions

    play(tmp_path, work)


def test_a_talk_that_went_on_elsewhere_ends_where_it_was_left_over(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        await engines.all_there()
        await engines.placement.open_session(session="a")
        (home,) = engines.of("a")
        await engines.die(home)
        await until(lambda: engines.told(EventKind.ENGINE_READY) == 3)
        await engines.placement.open_session(session="a")
        assert len(engines.of("a")) == 2
        engines.controls[home] = Control(engines.media[home], tmp_path / f"{home}.sock")
        await engines.controls[home].start()
        await until(lambda: home not in engines.of("a"))
        await engines.placement.status(session="a")

    play(tmp_path, work)


def test_after_a_restart_of_the_web_process_sessions_are_found_where_they_are(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        await engines.all_there()
        for session in ("a", "b", "check-left"):
            await engines.placement.open_session(session=session)
        homes = {session: engines.of(session) for session in ("a", "b")}
        await engines.placement.stop()
        engines.placement = engines.anew()
        with pytest.raises(Unavailable, match="media_unavailable"):
            await engines.placement.status(session="a")
        await engines.placement.start()
        await engines.all_there()
        for session in ("a", "b"):
            await engines.placement.status(session=session)
            await engines.placement.open_session(session=session)
        assert {session: engines.of(session) for session in ("a", "b")} == homes
        await until(lambda: engines.of("check-left") == [])

    play(tmp_path, work)


def test_one_engine_that_never_comes_keeps_nobody_waiting(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        await until(lambda: engines.told(EventKind.ENGINE_READY) == 1 and engines.placement.engines[1].client.tried)
        with pytest.raises(NotFound, match="no_such_session"):
            await engines.placement.status(session="a")
        await engines.placement.open_session(session="a")
        assert engines.of("a") == ["1"]

    play(tmp_path, work, first=("1",))


def test_a_silent_engine_gets_no_new_talk_until_it_speaks_again(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        await engines.all_there()
        engines.media["1"].down = True
        await until(lambda: engines.placement.engines[0].load is None)
        for session in ("a", "b"):
            await engines.placement.open_session(session=session)
            assert engines.of(session) == ["2"]
        with pytest.raises(NotFound, match="no_such_session"):
            await engines.placement.status(session="none")
        engines.media["1"].down = False
        await until(lambda: engines.placement.engines[0].load is not None)
        await engines.placement.open_session(session="c")
        assert engines.of("c") == ["1"]

    play(tmp_path, work)


def test_an_engine_that_is_silent_at_first_is_asked_until_it_speaks(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        engines.media["1"].sessions["a"] = RecordingState(recording=False)
        await until(lambda: engines.placement.engines[1].known and engines.placement.engines[0].client.connected)
        with pytest.raises(Unavailable, match="media_unavailable"):
            await engines.placement.status(session="a")
        engines.media["1"].down = False
        await engines.all_there()
        assert (await engines.placement.status(session="a")).session == "a"
        assert engines.told(EventKind.ENGINE_READY) == 2

    play(tmp_path, work, silent=("1",))


def test_what_no_engine_holds_is_finalised_by_any(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        await engines.all_there()
        await engines.placement.close_session(session="over")
        assert [name for name in NAMES if ("close_session", "over") in engines.media[name].calls] == ["1"]

    play(tmp_path, work)


def test_without_an_engine_every_verb_says_so(tmp_path: Path) -> None:
    async def work(engines: Engines) -> None:
        for verb in (engines.placement.open_session, engines.placement.close_session, engines.placement.files):
            with pytest.raises(Unavailable, match="media_unavailable"):
                await verb(session="a")

    play(tmp_path, work, first=())
