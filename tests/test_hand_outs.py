"""Files for handing out, made in the background: when the machine is free, one at a time, again after a death."""

import asyncio
import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from server.audit.models import AuditEntry
from server.database import reading, writing
from server.hand_outs import Workshop
from server.media.finalise import finalise
from server.media.holding import claimed
from server.media.ports import SIDE_BY_SIDE, EngineLoad
from server.media.recorder import Recorder
from server.petitions.models import HandOut
from server.petitions.service_hand_out import MOST_TRIES, ask_hand_out, cancel_hand_out
from server.petitions.words import HandOutState
from server.settings import Settings
from tests.background import BUSY, IDLE, Engines, children, play, until
from tests.district import District
from tests.media.packets import Source, decode, feed, talk
from tests.petitions.record import Talk, whole

LATE = EngineLoad(sessions=("a",), cpu=0.05, lag=0.02)
FEW = EngineLoad(sessions=("a",), cpu=0.02, lag=0.001)


FAKE = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1], sys.argv[2])
sys.stdin.readline()
if (folder / "fault").exists():
    sys.exit(print("fault", (folder / "fault").read_text()))
for piece in range(1, 10):
    while piece == 5 and (folder / "held").exists():
        time.sleep(0.01)
    print(piece / 10, flush=True)
    if not sys.stdin.readline():
        sys.exit(1)
(folder / "side-by-side.mp4").write_bytes(b"film")
"""


@pytest.fixture
def talked(district: District, settings: Settings) -> Talk:
    """A talk that was recorded."""
    made, _ = whole(district)
    (settings.sessions_dir / made.token).mkdir(parents=True)
    return made


@pytest.fixture
def engines() -> Engines:
    """Engines with nothing to do."""
    return Engines()


@pytest.fixture
def workshop(district: District, settings: Settings, engines: Engines) -> Workshop:
    """What makes the files, with a program that only says so."""
    return Workshop(district.engine, district.clock, settings, engines, (sys.executable, "-S", "-c", FAKE))


def ask(one: Talk, *, again: bool = False) -> None:
    district = one.district
    with writing(district.engine) as db:
        ask_hand_out(db, actor=district.clerk, now=district.clock.now(), token=one.token, again=again)


def row(district: District) -> HandOut:
    with reading(district.engine) as db:
        return db.exec(select(HandOut)).one()


def deeds(district: District) -> list[str]:
    with reading(district.engine) as db:
        found = db.exec(select(AuditEntry.action).order_by(AuditEntry.id)).all()  # type: ignore[arg-type]
    return [one for one in found if one.startswith("hand_out.")]


def held(settings: Settings, one: Talk) -> Path:
    """As long as this file is there the making stands before its middle, so that a story can reach it."""
    made = settings.sessions_dir / one.token / "held"
    made.touch()
    return made


def file_of(settings: Settings, one: Talk) -> Path:
    return settings.sessions_dir / one.token / SIDE_BY_SIDE


def test_asked_for_twice_it_is_made_once(talked: Talk, workshop: Workshop, settings: Settings) -> None:
    ask(talked)
    ask(talked)
    asyncio.run(workshop.look())
    made = row(talked.district)
    assert (made.state, made.percent, made.tries) == (HandOutState.DONE, 100, 1)
    assert made.bytes == file_of(settings, talked).stat().st_size
    ask(talked)
    asyncio.run(workshop.look())
    assert row(talked.district).tries == 1
    assert deeds(talked.district) == ["hand_out.ask", "hand_out.finish"]
    ask(talked, again=True)
    assert (row(talked.district).state, row(talked.district).percent) == (HandOutState.WAITING, 0)


@pytest.mark.parametrize("load", [BUSY, LATE, EngineLoad(sessions=("a",), full=True), None])
def test_while_talks_need_the_machine_nothing_begins(
    talked: Talk, workshop: Workshop, engines: Engines, load: EngineLoad | None
) -> None:
    ask(talked)
    engines.loads = [IDLE, load]
    asyncio.run(workshop.look())
    assert (row(talked.district).state, row(talked.district).tries) == (HandOutState.WAITING, 0)


def test_few_talks_are_no_hindrance() -> None:
    assert FEW.nearly_idle


def test_it_rests_while_talks_need_the_machine_and_goes_on_by_itself(
    talked: Talk, workshop: Workshop, engines: Engines, settings: Settings
) -> None:
    ask(talked)
    hold = held(settings, talked)

    async def story() -> None:
        await until(lambda: row(talked.district).percent > 0)
        engines.loads = [BUSY]
        hold.unlink()
        await until(lambda: row(talked.district).state is HandOutState.WAITING)
        assert 0 < row(talked.district).percent < 100
        assert not file_of(settings, talked).exists()
        engines.loads = [IDLE]

    play(workshop, story)
    assert (row(talked.district).state, row(talked.district).tries) == (HandOutState.DONE, 1)


def test_killed_in_the_middle_it_is_made_anew_a_few_times(
    talked: Talk, workshop: Workshop, engines: Engines, settings: Settings
) -> None:
    ask(talked)

    async def story(tries: int) -> None:
        hold = held(settings, talked)
        await until(lambda: row(talked.district).tries == tries and row(talked.district).percent > 0)
        engines.loads = [BUSY]
        hold.unlink()
        await until(lambda: row(talked.district).state is HandOutState.WAITING)
        os.kill(next(children(FAKE)), signal.SIGKILL)
        engines.loads = [IDLE]

    for tries in range(1, MOST_TRIES):
        play(workshop, partial(story, tries))
        assert row(talked.district).state is HandOutState.MAKING
        assert not file_of(settings, talked).exists()
    asyncio.run(workshop.look())
    assert (row(talked.district).state, row(talked.district).tries) == (HandOutState.DONE, MOST_TRIES)


def test_one_that_never_comes_about_fails_with_a_word_and_can_be_tried_again(
    talked: Talk, workshop: Workshop, settings: Settings
) -> None:
    ask(talked)
    fault = settings.sessions_dir / talked.token / "fault"
    fault.write_text("not_finalised")
    for _ in range(MOST_TRIES + 1):
        asyncio.run(workshop.look())
    assert (row(talked.district).state, row(talked.district).fault) == (HandOutState.FAILED, "broken")
    fault.write_text("file_damaged")
    ask(talked)
    asyncio.run(workshop.look())
    assert (row(talked.district).state, row(talked.district).fault) == (HandOutState.FAILED, "file_damaged")
    fault.unlink()
    ask(talked)
    asyncio.run(workshop.look())
    assert (row(talked.district).state, row(talked.district).fault) == (HandOutState.DONE, "")
    assert deeds(talked.district) == ["hand_out.ask", "hand_out.fail"] * 2 + ["hand_out.ask", "hand_out.finish"]


def test_cancelled_it_ends_and_leaves_nothing(
    talked: Talk, workshop: Workshop, settings: Settings, engines: Engines
) -> None:
    ask(talked)
    district, hold = talked.district, held(settings, talked)

    async def story() -> None:
        await until(lambda: row(district).percent > 0)
        with writing(district.engine) as db:
            cancel_hand_out(db, actor=district.clerk, now=district.clock.now(), token=talked.token)
        hold.unlink()

    play(workshop, story)
    assert row(district).state is HandOutState.CANCELLED
    assert list(children(FAKE)) == []
    assert [one.name for one in file_of(settings, talked).parent.iterdir() if SIDE_BY_SIDE in one.name] == []


def test_when_the_house_ends_the_work_ends_and_begins_anew_at_the_next_start(
    talked: Talk, workshop: Workshop, settings: Settings
) -> None:
    ask(talked)
    hold = held(settings, talked)

    async def house() -> None:
        looking = asyncio.create_task(workshop.look())
        await until(lambda: row(talked.district).percent > 0)
        looking.cancel()
        hold.unlink()
        with pytest.raises(asyncio.CancelledError):
            await looking

    asyncio.run(house())
    assert list(children(FAKE)) == []
    assert row(talked.district).state is HandOutState.MAKING
    asyncio.run(workshop.look())
    assert (row(talked.district).state, row(talked.district).tries) == (HandOutState.DONE, 2)


def test_only_one_is_made_at_a_time_and_only_where_the_recording_lies(
    talked: Talk, workshop: Workshop, settings: Settings
) -> None:
    ask(talked)
    with claimed(settings.state_dir):
        asyncio.run(workshop.look())
    assert row(talked.district).tries == 0
    folder = settings.sessions_dir / talked.token
    folder.rename(folder.with_name("elsewhere"))
    asyncio.run(workshop.look())
    assert row(talked.district).tries == 0


def test_the_real_one_makes_a_film(talked: Talk, district: District, settings: Settings, engines: Engines) -> None:
    recorder = Recorder(root=settings.sessions_dir, session=talked.token)
    recorder.start()
    feed(recorder, time.monotonic(), "petitioner", talk(2.0, Source(colours=((90, 90, 200),))))
    recorder.close()
    finalise(settings.sessions_dir, talked.token)
    ask(talked)
    asyncio.run(Workshop(district.engine, district.clock, settings, engines).look())
    assert (row(district).state, row(district).tries) == (HandOutState.DONE, 1)
    assert abs(decode(file_of(settings, talked)).duration - 2.0) < 0.1
