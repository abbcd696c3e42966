"""A media process under floods, from strangers and from a seat, with a talk in it whose packets are counted."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.media.guard import BURST
from server.media.timeline import read_seat, seats, segments_of
from server.media.udp import SLOT, SLOTS, pack_address
from server.media.udp_batch import BatchWire, can_batch
from server.media.verify_recording import SEAL
from tests.benchmarks.media.lianxin import Lianxin
from tests.benchmarks.media.load import Load, Measured
from tests.e2e.house import ROOT
from tests.media.raw_peer import AUDIO, RawPeer, rtp

pytestmark = pytest.mark.skipif(not can_batch(), reason="a flood needs sendmmsg")
RATE, SECONDS = 100_000, 10.0
OWN_FLOOD = 20_000


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lianxin]:
    """It takes talks however busy the machine is."""
    ready = {"LIANXIN_MEDIA_FULL_CPU": "1", "LIANXIN_MEDIA_FULL_LAG_MS": "1000"}
    running = Lianxin(tmp_path_factory.mktemp("flood") / "data", ready)
    yield running
    running.stop()


def talk(engine: Lianxin, number: int) -> tuple[RawPeer, RawPeer]:
    pair = RawPeer(), RawPeer()
    engine.connect(number, pair)
    return pair


def kernel_drops(port: int) -> int:
    """Datagrams that found the buffer of that port full."""
    lines = [one.split() for name in ("udp", "udp6") for one in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return sum(int(one[-1]) for one in lines if one[1].endswith(f":{port:04X}"))


def played(pair: tuple[RawPeer, RawPeer], seconds: float) -> Measured:
    """Let both say so much, and count."""

    def nothing() -> None:
        """No mark is needed."""

    return Load(pair, seconds).run(begin=0.0, end=seconds, at_begin=nothing, at_end=nothing)


def status(engine: Lianxin, number: int) -> Any:
    return engine.ask("status", session=f"session-{number}")


def heard(engine: Lianxin, number: int) -> bool:
    return all(one["state"] in {"connected", "weak", "voice_only"} for one in status(engine, number)["seats"])


def recorded(engine: Lianxin, number: int) -> int:
    """How many packets of both are on the disk once the talk is over: also those that came too late to be passed on."""
    name = f"session-{number}"
    engine.ask("close_session", session=name)
    folder = engine.folder / "sessions" / name
    for _ in range(600):
        if (folder / SEAL).exists():
            break
        time.sleep(0.05)
    return sum(1 for seat in seats(folder) for _ in read_seat(segments_of(folder, seat)))


def voices(peer: RawPeer, first: int, count: int) -> list[bytes]:
    return [rtp(AUDIO, first + one, 960 * (first + one), peer.ssrcs[AUDIO], b"after") for one in range(count)]


def recovered(engine: Lianxin, number: int, pair: tuple[RawPeer, RawPeer]) -> None:
    """Both say something until it is noticed; from then on everything passes."""
    for turn in range(100):
        for peer in pair:
            peer.send(*voices(peer, 20_000 + turn, 1))
        if heard(engine, number):
            break
        time.sleep(0.1)
    while pair[1].wait(0.3):
        pass
    pair[0].send(*voices(pair[0], 21_000, 100))
    assert len(pair[1].packets(100)) == 100
    assert heard(engine, number)


def test_a_million_hostile_datagrams_at_100000_a_second_take_nothing_from_a_talk(engine: Lianxin) -> None:
    """Only where the kernel itself had no more room is anything lost, and never more than it says."""
    pair = talk(engine, 0)
    port, before = pair[0].remote[1], engine.ask("load")["dropped"]
    words = [str(port), str(SECONDS), str(RATE), "20261126", pair[0].theirs[0]]
    command = [sys.executable, "-m", "tests.media.blaster", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as blaster:
        measured = played(pair, SECONDS + 1)
        assert blaster.stdout is not None
        sent = int(blaster.stdout.readline().split()[0])
    assert sent >= RATE * SECONDS
    assert measured.sent > 2 * 110 * SECONDS
    recovered(engine, 0, pair)
    lost = kernel_drops(port)
    assert engine.ask("load")["dropped"] - before >= sent - lost
    assert recorded(engine, 0) >= measured.sent - lost


def flood(peer: RawPeer) -> None:
    """Everything that one seat can say, as fast as it can."""
    wire, target = BatchWire(peer.socket), pack_address(*peer.remote)
    for start in range(0, OWN_FLOOD, SLOTS):
        for index in range(SLOTS):
            packet = peer.sealed(rtp(AUDIO, start + index, 0, 7, bytes(1000)))
            wire.outbox.data[index * SLOT : index * SLOT + len(packet)] = packet
        wire.send([(len(packet), target)] * SLOTS)


def test_a_seat_that_floods_takes_nothing_from_another_talk(engine: Lianxin) -> None:
    talkers, flooders = talk(engine, 1), talk(engine, 2)
    port, before = talkers[0].remote[1], kernel_drops(talkers[0].remote[1])
    flooding = threading.Thread(target=flood, args=(flooders[0],))
    flooding.start()
    measured = played(talkers, 3.0)
    flooding.join()
    recovered(engine, 1, talkers)
    assert engine.ask("load")["dropped"] > 0
    assert BURST < OWN_FLOOD * 1000 / 2
    assert status(engine, 2)["recording"]["bytes"] < OWN_FLOOD * 1000 / 2
    assert recorded(engine, 1) >= measured.sent - (kernel_drops(port) - before)
