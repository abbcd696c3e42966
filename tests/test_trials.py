"""Trials in the background: when the machine is free, one at a time, again after a death, and with the real program."""

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select

from server.database import reading, writing
from server.media.holding import claimed
from server.media.ports import EngineLoad
from server.planning.changed import Change
from server.planning.models import PlanningTrial
from server.planning.player import RESULT
from server.planning.service_facts import facts
from server.planning.service_trials import MOST_TRIES, cancel_trial, get_trial
from server.planning.summing import Result, Round, Tally, result_of
from server.planning.trial import Trial, played
from server.planning.words import TrialState
from server.scheduling.service_order import rules_in_use
from server.settings import Settings
from server.trials import Theatre
from tests.administrator import administrator
from tests.background import BUSY, IDLE, Engines, children, play, until
from tests.district import District
from tests.planning.history import add_history, ask

MADE_UP: Result = result_of([Round(Tally(booked=[9.0]), Tally(booked=[4.0]))])
FAKE = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
sys.stdin.readline()
for piece in range(1, 10):
    while piece == 5 and (folder / "held").exists():
        time.sleep(0.01)
    print(piece / 10, flush=True)
    if not sys.stdin.readline():
        sys.exit(1)
print("result", (folder / "result").read_text(), flush=True)
"""


@pytest.fixture
def engines() -> Engines:
    """Engines with nothing to do."""
    return Engines()


@pytest.fixture
def known(district: District) -> District:
    """A district with a past, and one trial asked for."""
    add_history(district)
    ask(district)
    return district


@pytest.fixture
def theatre(known: District, settings: Settings, engines: Engines, tmp_path: Path) -> Theatre:
    """What plays the trials, with a program that only says so."""
    (tmp_path / "result").write_bytes(RESULT.dump_json(MADE_UP))
    return Theatre(known.engine, known.clock, settings, engines, (sys.executable, "-S", "-c", FAKE, str(tmp_path)))


def row(district: District) -> PlanningTrial:
    with reading(district.engine) as db:
        return db.exec(select(PlanningTrial)).one()


def test_it_is_played_once_and_its_result_is_kept(known: District, theatre: Theatre) -> None:
    asyncio.run(theatre.look())
    asyncio.run(theatre.look())
    assert (row(known).state, row(known).percent, row(known).tries) == (TrialState.DONE, 100, 1)
    with writing(known.engine) as db:
        assert get_trial(db, actor=administrator(known, db), trial_id=1).result == MADE_UP


@pytest.mark.parametrize("load", [BUSY, EngineLoad(sessions=("a",), full=True), None])
def test_while_talks_need_the_machine_nothing_begins(
    known: District, theatre: Theatre, engines: Engines, load: EngineLoad | None
) -> None:
    engines.loads = [IDLE, load]
    asyncio.run(theatre.look())
    assert (row(known).state, row(known).tries) == (TrialState.WAITING, 0)


def test_it_rests_while_talks_need_the_machine_and_goes_on_by_itself(
    known: District, theatre: Theatre, engines: Engines, tmp_path: Path
) -> None:
    hold = tmp_path / "held"
    hold.touch()

    async def story() -> None:
        await until(lambda: row(known).percent > 0)
        engines.loads = [BUSY]
        hold.unlink()
        await until(lambda: row(known).state is TrialState.WAITING)
        assert 0 < row(known).percent < 100
        engines.loads = [IDLE]

    play(theatre, story)
    assert (row(known).state, row(known).tries) == (TrialState.DONE, 1)


def test_killed_in_the_middle_it_is_played_anew_and_given_up_in_the_end(
    known: District, theatre: Theatre, engines: Engines, tmp_path: Path
) -> None:
    hold = tmp_path / "held"

    async def story(tries: int) -> None:
        await until(lambda: row(known).tries == tries and row(known).percent > 0)
        engines.loads = [BUSY]
        hold.unlink()
        await until(lambda: row(known).state is TrialState.WAITING)
        os.kill(next(children(FAKE)), signal.SIGKILL)
        engines.loads = [IDLE]

    for tries in range(1, MOST_TRIES + 1):
        hold.touch()
        play(theatre, partial(story, tries))
        assert row(known).state is TrialState.PLAYING
    asyncio.run(theatre.look())
    assert (row(known).state, row(known).fault) == (TrialState.FAILED, "broken")


def test_stopped_it_ends(known: District, theatre: Theatre, tmp_path: Path) -> None:
    hold = tmp_path / "held"
    hold.touch()

    async def story() -> None:
        await until(lambda: row(known).percent > 0)
        with writing(known.engine) as db:
            cancel_trial(db, actor=administrator(known, db), now=known.clock.now(), trial_id=1)
        hold.unlink()

    play(theatre, story)
    assert row(known).state is TrialState.CANCELLED
    assert list(children(FAKE)) == []


def test_when_the_house_ends_the_work_ends_and_begins_anew_at_the_next_start(
    known: District, theatre: Theatre, tmp_path: Path
) -> None:
    hold = tmp_path / "held"
    hold.touch()

    async def house() -> None:
        looking = asyncio.create_task(theatre.look())
        await until(lambda: row(known).percent > 0)
        looking.cancel()
        hold.unlink()
        with pytest.raises(asyncio.CancelledError):
            await looking

    asyncio.run(house())
    assert list(children(FAKE)) == []
    asyncio.run(theatre.look())
    assert (row(known).state, row(known).tries) == (TrialState.DONE, 2)


def test_words_that_are_no_result_are_none(known: District, theatre: Theatre, tmp_path: Path) -> None:
    (tmp_path / "result").write_text("{}")
    asyncio.run(theatre.look())
    assert (row(known).state, row(known).result) == (TrialState.PLAYING, None)


def test_only_one_piece_of_work_at_a_time(known: District, theatre: Theatre, settings: Settings) -> None:
    with claimed(settings.state_dir):
        asyncio.run(theatre.look())
    assert row(known).tries == 0


def test_the_real_program_plays_what_the_rules_say(known: District, settings: Settings, engines: Engines) -> None:
    asyncio.run(Theatre(known.engine, known.clock, settings, engines).look())
    assert row(known).state is TrialState.DONE
    with writing(known.engine) as db:
        found = get_trial(db, actor=administrator(known, db), trial_id=1).result
    assert found is not None
    assert found.receptions_now >= 200
    assert found == expected(known)


def expected(district: District) -> Result:
    """The same trial, played in this process."""
    with reading(district.engine) as db:
        known = facts(db, now=district.clock.now())
    *_, result = played(Trial(known, Change(official=district.official.id), rules_in_use(), 200, 7))
    assert isinstance(result, Result)
    return result
