"""How busy an engine is: measured, smoothed, full with a distance back; newcomers count before they are measured."""

import pytest

from server.errors import Unavailable
from server.media.load import BUSY_CPU, KEPT, MAX_SESSIONS, SETTLING, Load


class Machine:
    """A clock and a count of processor time that tests move."""

    def __init__(self) -> None:
        self.at = self.used = 0.0
        self.load = Load(full_cpu=0.75, full_lag=0.01, now=lambda: self.at, used=lambda: self.used)

    def runs(self, seconds: int, cpu: float, *, late: float = 0.0, sessions: int = 10) -> None:
        """Seconds in which the process takes this share of a core and its timers come so late."""
        for _ in range(seconds):
            for _ in range(10):
                self.load.late(late)
            self.at += 1.0
            self.used += cpu
            self.load.beat(sessions)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_the_share_of_a_core_is_measured_and_smoothed(machine: Machine) -> None:
    machine.runs(1, 0.9)
    assert 0 < machine.load.cpu < 0.5
    machine.runs(20, 0.5)
    assert machine.load.cpu == pytest.approx(0.5, abs=0.01)


def test_full_above_the_limit_and_free_again_well_below(machine: Machine) -> None:
    machine.runs(20, 0.8)
    assert machine.load.full
    with pytest.raises(Unavailable, match="media_full"):
        machine.load.admit(10)
    machine.runs(20, 0.7)
    assert machine.load.full
    machine.runs(20, 0.6)
    assert not machine.load.full
    machine.load.admit(10)


def test_late_timers_of_a_busy_engine_make_it_full(machine: Machine) -> None:
    machine.runs(20, BUSY_CPU + 0.1, late=0.02)
    assert machine.load.full
    machine.runs(20, BUSY_CPU + 0.1, late=0.006)
    assert machine.load.full
    machine.runs(20, BUSY_CPU + 0.1, late=0.004)
    assert not machine.load.full


def test_late_timers_of_an_idle_engine_are_another_s_doing(machine: Machine) -> None:
    machine.runs(20, BUSY_CPU - 0.1, late=0.05)
    assert machine.load.lag == 0.05
    assert not machine.load.full


def test_a_single_late_timer_is_no_lag(machine: Machine) -> None:
    for _ in range(KEPT - 1):
        machine.load.late(0.001)
    machine.load.late(0.5)
    assert machine.load.lag == 0.001


def test_what_came_just_now_counts_with_the_share_of_the_others(machine: Machine) -> None:
    machine.runs(20, 0.5, sessions=50)
    for came in range(24):
        machine.load.admit(50 + came)
    assert machine.load.expected == pytest.approx(0.74, abs=0.01)
    machine.load.admit(74)
    with pytest.raises(Unavailable, match="media_full"):
        machine.load.admit(75)
    machine.at += SETTLING + 1
    assert machine.load.expected == machine.load.cpu


def test_the_first_one_always_comes_in(machine: Machine) -> None:
    machine.runs(20, 2.0)
    machine.load.admit(0)


def test_there_is_an_end_to_sessions_that_cost_nothing(machine: Machine) -> None:
    with pytest.raises(Unavailable, match="media_full"):
        machine.load.admit(MAX_SESSIONS)
