"""Real kiosks at a real server, all at once, on both databases: nothing is booked twice, lost or half done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.contest import Contest, open_contest

KIOSKS = 6


@pytest.fixture(params=["sqlite", "postgresql"])
def contest(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Contest]:
    address = "" if request.param == "sqlite" else request.getfixturevalue("postgresql")
    with open_contest(tmp_path / "data", kiosks=KIOSKS + 2, slots=37, address=address) as made:
        yield made


def test_many_at_once_book_every_slot_once(contest: Contest) -> None:
    outcome = contest.play(kiosks=KIOSKS, attempts=25, slots=contest.slots[:12])
    kept = contest.kept()
    assert (outcome.errors, outcome.attempts) == ([], KIOSKS * 25)
    assert (kept.doubles, kept.lost(outcome), kept.half, kept.held, kept.chain_broken_at) == (0, 0, 0, 0, None)
    assert set(outcome.numbers) == kept.numbers
    assert len(kept.numbers) == 12


def test_what_was_acknowledged_outlives_the_server(contest: Contest) -> None:
    """Killed at a random instant it comes back by itself, and who asks again has one booking; a held time is kept."""
    with contest.kiosk(KIOSKS) as before, contest.kiosk(KIOSKS + 1) as after:
        assert before.hold(contest.slots[-1])
        outcome = contest.play_through_deaths(kiosks=KIOSKS, attempts=6, kills=3)
        kept = contest.kept()
        assert not after.hold(contest.slots[-1])
    assert (outcome.errors, outcome.taken) == ([], 0)
    assert (kept.doubles, kept.half, kept.held, kept.chain_broken_at) == (0, 0, 1, None)
    assert sorted(outcome.numbers) == sorted(kept.numbers)
    assert len(kept.numbers) == KIOSKS * 6
