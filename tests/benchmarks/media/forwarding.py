"""Processor, delay and memory of forwarding and recording, ours beside Janus and the floor on the same packets."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from server.settings import own_addresses
from tests.benchmarks.media import janus
from tests.benchmarks.media.clip import clip
from tests.benchmarks.media.figures import Figure, Group
from tests.benchmarks.media.floor import Floor
from tests.benchmarks.media.lianxin import Lianxin
from tests.benchmarks.media.load import Load, Measured, Says, stream
from tests.benchmarks.media.stock import Stock
from tests.benchmarks.media.target import Target, cpu_seconds, memory_bytes
from tests.media.raw_peer import RawPeer

FEW, MANY = 15, 50
WARM, SECONDS, ALONE_SECONDS = 2.0, 20.0, 6.0
PEERS = {"janus": "janus 1.1.2", "aiortc": "aiortc MediaRelay and MediaRecorder"}


@dataclass(frozen=True)
class Run:
    """What one target needed for so many sessions."""

    sessions: int
    cpu: float
    memory: float
    measured: Measured
    load: tuple[float, float, bool] = (0.0, 0.0, False)

    def delay(self, share: float) -> float:
        """A quantile of the delay, in milliseconds."""
        delays = self.measured.delays
        return delays[min(len(delays) - 1, int(share * len(delays)))] * 1000 if delays else float("inf")


def play(target: Target, sessions: int, host: str, seconds: float = SECONDS, says: Says = stream) -> Run:
    """Let so many pairs talk through a fresh target. Its processor time is its own, whatever else the machine does."""
    idle, marks, loads = memory_bytes(target.process.pid), list[float](), list[tuple[float, float, bool]]()
    peers = [RawPeer(host) for _ in range(2 * sessions)]
    for number in range(sessions):
        target.connect(number, (peers[2 * number], peers[2 * number + 1]))
    if isinstance(target, Floor):
        target.go()

    def mark() -> None:
        marks.append(cpu_seconds(target.process.pid))

    def at_end() -> None:
        mark()
        loads.append(target.load() if isinstance(target, Lianxin) else (0.0, 0.0, False))

    measured = Load(peers, WARM + seconds, says).run(begin=WARM, end=WARM + seconds, at_begin=mark, at_end=at_end)
    memory = (memory_bytes(target.process.pid) - idle) / sessions
    return Run(sessions, 100 * (marks[1] - marks[0]) / seconds / sessions, memory, measured, loads[0])


def forwarding_figures(wanted: frozenset[str]) -> Iterator[Figure]:
    """Without Janus on the machine the peer's columns are left out."""
    host = own_addresses()[0]
    makes: dict[str, Callable[[Path], Target]] = {
        "lianxin": lambda folder: Lianxin(folder, {"LIANXIN_MEDIA_ADDRESSES": host}),
        "floor": lambda _: Floor(host),
    }
    if janus.installed():
        makes["janus"] = lambda folder: janus.started(folder, host)
    if wanted & OF_ONE:
        yield _alone(makes["lianxin"], host)
    if wanted & OF_FEW:
        few = {name: _once(make, FEW, host) for name, make in makes.items()}
        yield _figure("cpu_per_session_15", "% of a core", few, lambda run: run.cpu)
        ratio = few["lianxin"].cpu / few["floor"].cpu
        yield {"name": "floor_ratio", "value": round(ratio, 2), "unit": "x", "n": few["lianxin"].measured.sent}
        yield _load_figure("load_15", few["lianxin"])
    if wanted & OF_MANY:
        many = {name: _once(makes[name], MANY, host) for name in makes if name != "floor"}
        yield from _figures_of_many(many)


def _alone(make: Callable[[Path], Target], host: str) -> Figure:
    """One session of packets that can be decoded, beside stock aiortc, which does; it falls behind at two."""
    runs = {"lianxin": _once(make, 1, host, ALONE_SECONDS, clip), "aiortc": _once(Stock, 1, host, ALONE_SECONDS, clip)}
    return _figure("cpu_per_session_1", "% of a core", runs, lambda run: run.cpu)


def _figures_of_many(many: dict[str, Run]) -> Iterator[Figure]:
    yield _figure("cpu_per_session_50", "% of a core", many, lambda run: run.cpu)
    yield _figure("added_delay_p50_50", "ms", many, lambda run: run.delay(0.5))
    yield _figure("added_delay_p99_50", "ms", many, lambda run: run.delay(0.99))
    yield _figure("packets_lost_50", "packets", many, lambda run: run.measured.sent - run.measured.received)
    yield _figure("memory_per_session", "MB", many, lambda run: run.memory / 2**20)
    yield _load_figure("load_50", many["lianxin"])


def _load_figure(name: str, run: Run) -> Figure:
    """What the engine itself says of its load at the end: the share of a core, and the lateness that counts as full."""
    cpu, lag, full = run.load
    return {"name": name, "value": cpu, "unit": "of a core", "n": run.sessions, "lag_ms": lag * 1000, "full": full}


def _once(
    make: Callable[[Path], Target], sessions: int, host: str, seconds: float = SECONDS, says: Says = stream
) -> Run:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        target = make(Path(folder) / "data")
        stack.callback(target.stop)
        return play(target, sessions, host, seconds, says)


def _figure(name: str, unit: str, runs: dict[str, Run], value: Callable[[Run], float]) -> Figure:
    ours = value(runs["lianxin"])
    told: Figure = {"name": name, "value": round(ours, 3), "unit": unit, "n": runs["lianxin"].measured.sent}
    for peer in [one for one in PEERS if one in runs]:
        theirs = value(runs[peer])
        told |= {"peer": PEERS[peer], "peer_value": round(theirs, 3)}
        told |= {"ratio": round(ours / theirs, 3)} if theirs else {}
    return told


OF_ONE = frozenset({"cpu_per_session_1"})
OF_FEW = frozenset({"cpu_per_session_15", "floor_ratio", "load_15"})
OF_MANY = frozenset({"cpu_per_session_50", "added_delay_p50_50", "added_delay_p99_50", "packets_lost_50"}) | {
    "memory_per_session",
    "load_50",
}
FORWARDING = Group((*sorted(OF_ONE), *sorted(OF_FEW), *sorted(OF_MANY)), forwarding_figures)
