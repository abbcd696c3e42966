"""Whole recorded talks through the real engine over lines that lose, overtake, repeat and are narrow; seeded.

All talks go on at the same time, in real time: what is counted does not depend on how fast the machine is.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from server.media.journal_format import Kind
from server.media.timeline import read_seat, segments_of
from tests.benchmarks.media.lianxin import Lianxin
from tests.media.raw_peer import RawPeer
from tests.media.wired import Stage, Wired, offer_of, wired
from tests.relay import Relay, Way

LOSSES = {5: 0.01, 10: 0.02, 20: 0.05}
"""How many of 100 a line loses, and the share that may be missing after two such hops and their repair."""
TALK = 8.0
NARROW = 150_000
SEATS = ("petitioner", "official")


@pytest.fixture
def engine(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Lianxin]:
    """What it says on its error stream is seen by ``capfd``. It takes talks however busy the machine is."""
    ready = {"LIANXIN_MEDIA_FULL_CPU": "1", "LIANXIN_MEDIA_FULL_LAG_MS": "1000"}
    running = Lianxin(tmp_path / "data", ready)
    yield running
    running.stop()


@pytest.fixture
def relay(engine: Lianxin) -> Iterator[Relay]:
    """Before the engine's port, which a first join tells."""
    engine.ask("open_session", session="port")
    raw = RawPeer()
    raw.take(engine.ask("join", session="port", seat="official", offer=raw.offer())["sdp"])
    with Relay(raw.remote, seed=20261126) as made:
        yield made


def talk(engine: Lianxin, relay: Relay, name: str) -> list[Wired]:
    """Two who talk over lines that are as the relay is now."""
    engine.ask("open_session", session=name)
    engine.ask("start_recording", session=name)
    seats = []
    for number, seat in enumerate(SEATS):
        raw = RawPeer()
        answer = engine.ask("join", session=name, seat=seat, offer=offer_of(raw))["sdp"]
        relay.up, relay.down = Way(**vars(relay.up)), Way(**vars(relay.down))
        seats.append(wired(raw, answer, relay, ssrc=1000 + 10 * number))
    return seats


def missing(seat: Wired, kind: str) -> float:
    """The share of a stream's numbers that never came, without the last half second."""
    got = sorted(seat.received(kind))
    return 1 - len(got) / (got[-1] - got[0] + 1)


def recorded(engine: Lianxin, name: str, seat: str) -> list[int]:
    """The numbers of the voice in a journal, as they were written."""
    found = read_seat(segments_of(engine.folder / "sessions" / name, seat))
    return [packet.sequence for _, kind, _, _, packet in found if kind is Kind.AUDIO]


def states(engine: Lianxin, name: str) -> list[str]:
    return [one["state"] for one in engine.ask("status", session=name)["seats"]]


def heard(seat: Wired) -> set[int]:
    """Which of the other's voices have come."""
    return {int(one[5:].split(b"\0")[0]) for one in seat.received("audio").values()}


def narrowed_until_only_the_voice(engine: Lianxin, stage: Stage, way: Way) -> None:
    way.rate = NARROW
    for _ in range(40):
        stage.play(0.5)
        if states(engine, "narrow")[1] == "voice_only":
            return
    raise AssertionError("the picture is never stopped")


def widened_until_pictures_stay(engine: Lianxin, stage: Stage, desk: Wired, way: Way) -> None:
    way.rate = 0
    good = 0
    for _ in range(80):
        before = len(desk.received("video"))
        stage.play(0.5)
        shown = len(desk.received("video")) > before + 5 and states(engine, "narrow")[1] == "connected"
        good = good + 1 if shown else 0
        if good == 5:
            return
    raise AssertionError("the picture never comes back")


def judge_lossy(engine: Lianxin, talks: Mapping[int, Sequence[Wired]], relay: Relay) -> None:
    lines = iter(relay.lines)
    for (loss, pair), may_miss in zip(talks.items(), LOSSES.values(), strict=True):
        for seat, line in zip(pair, lines, strict=False):
            for hop in (line.up, line.down):
                assert hop.lost > 0.007 * loss * (hop.lost + hop.passed)
                assert hop.doubled > 0
            assert missing(seat, "audio") <= may_miss, loss
            assert missing(seat, "video") <= may_miss, loss
        assert "lost" not in states(engine, f"lossy-{loss}")
        for name, seat in zip(SEATS, pair, strict=True):
            numbers = recorded(engine, f"lossy-{loss}", name)
            assert len(set(numbers)) == len(numbers)
            assert len(numbers) >= (1 - may_miss) * (seat.numbers[seat.ssrc] - 100)


def test_what_bad_lines_lose_is_repaired_and_recorded(
    engine: Lianxin, relay: Relay, capfd: pytest.CaptureFixture[str]
) -> None:
    talks = {}
    for loss in LOSSES:
        relay.up = relay.down = Way(loss=loss / 100, twice=0.03, late=0.05, delay=0.02)
        talks[loss] = talk(engine, relay, f"lossy-{loss}")
    Stage([seat for pair in talks.values() for seat in pair]).play(TALK)
    judge_lossy(engine, talks, relay)
    assert "Traceback" not in capfd.readouterr().err


def test_on_a_narrow_line_the_voice_is_whole_and_pictures_come_back_with_the_line(
    engine: Lianxin, relay: Relay, capfd: pytest.CaptureFixture[str]
) -> None:
    relay.up = relay.down = Way(delay=0.02)
    kiosk, desk = talk(engine, relay, "narrow")
    stage, narrow = Stage([kiosk, desk]), relay.lines[-1].down.way
    stage.play(3.0)
    narrowed_until_only_the_voice(engine, stage, narrow)
    stage.play(1.0)
    first = kiosk.numbers[kiosk.ssrc]
    stage.play(3.0)
    last = kiosk.numbers[kiosk.ssrc]
    stage.play(0.5)
    assert last - first > 100
    assert set(range(first, last)) <= heard(desk)
    widened_until_pictures_stay(engine, stage, desk, narrow)
    assert "Traceback" not in capfd.readouterr().err
