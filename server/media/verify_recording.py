"""Whether a recording is whole: one file that needs nothing but Python 3.11 (docs/recording-format.md).

    python3 verify_recording.py FOLDER [--seal DIGITS]

FOLDER is that of one session, DIGITS the check code on the petitioner's slip or in the petition.
Exit status: 0 everything is whole, 1 something is not, 2 there is no recording. No key is needed.
"""

import argparse
import json
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

INDEX, SEAL, START, _PIECE = "events.journal", "seal.txt", bytes(32), 1 << 16
_HEADER, _HEAD = struct.Struct(">8sqqq32sI"), struct.Struct(">3sBIqqII")
_SEGMENT = re.compile(r"([A-Za-z0-9_-]{1,64})-(?=\d{4}\.)0*(\d+)\.journal")
_LINKED = re.compile(rb', "link": "([0-9a-f]{64})"\}\n')
SENTENCES: dict[str | int, str] = {
    "whole": "{where}:{start} 至 {end} 完整。",
    "cut": "{where}:在 {end} 处中断,其后没有内容。",
    "changed": "{where}:{start} 至 {end} 之间被改动。",
    "missing": "{where}:{start} 至 {end} 之间有缺失。",
    "moved": "{where}:{start} 至 {end} 的内容错位或重复。",
    "added": "{where}:{end} 之后被添加了内容。",
    "beginning": "{where}:开头不对,或是旧格式,无法校验。",
    "went_on": "{where}:{end} 之后原有内容,现已缺失。",
    "gone": "{where}:文件缺失。",
    "other": "{where}:与封存时不同,现止于 {end}。",
    "sealed": "与封存时的录像一致,校验码:{digits}",
    "compare": "请与回执上的录像校验码核对:{digits}",
    "unsealed": "录像尚未封存:还没有结束。",
    "other_seal": "与封存的录像不一致,此处校验码:{digits}",
    0: "录像完整。",
    1: "录像不完整。",
    2: "这里没有录像。",
}
_CHINESE = {"events.journal": "事件记录", "petitioner": "信访人", "official": "接访领导"}


@dataclass(frozen=True)
class Item:
    """A chunk of a segment or a line of the index. ``link`` covers what lies from ``at`` up to ``until``."""

    number: int
    first: float
    last: float
    at: int
    until: int
    end: int
    link: bytes
    closes: bool = False


@dataclass(frozen=True)
class Journal:
    """A file as its links tell it; the first link is what the first item follows, ``strays`` belong to no item."""

    path: Path
    size: int
    items: list[Item] = field(default_factory=list)
    strays: list[tuple[int, int]] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)
    previous: bytes = START

    @property
    def seconds(self) -> float:
        """How far it goes in the recording."""
        return max((one.last for one in self.items), default=0.0)


@dataclass(frozen=True)
class Finding:
    """One thing that was found; ``word`` is a key of ``SENTENCES``, times are seconds of the recording."""

    word: str
    name: str = ""
    start: float = 0.0
    end: float = 0.0
    detail: str = ""


def read_segment(path: Path) -> Journal:
    """Walk over a segment's chunks without reading what they hold."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        header = stream.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(b"LXJRNL02"):
            return Journal(path, size)
        origin = sha256(header + path.name.encode()).digest()
        journal = Journal(path, size, links=[origin], previous=header[32:64])
        at = _HEADER.size
        while at < size:
            item = next((one for place in _places(stream, at) if (one := _chunk(stream, place))), None)
            if item is None or item.end > size:
                journal.strays.append((at, size))
                break
            if item.at > at:
                journal.strays.append((at, item.at))
            journal.items.append(item)
            journal.links.append(item.link)
            at = item.end
    return journal


def _places(stream: BinaryIO, at: int) -> Iterator[int]:
    yield at
    at += 1
    while stream.seek(at) and (piece := stream.read(_PIECE)):
        yield from (at + found.start() for found in re.finditer(rb"\xa5LC", piece))
        at += max(len(piece) - 2, 1)


def _chunk(stream: BinaryIO, at: int) -> Item | None:
    stream.seek(at)
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size or not head.startswith(b"\xa5LC") or int.from_bytes(head[-4:]) != crc32(head[:-4]):
        return None
    _, kind, number, first, last, length, _ = _HEAD.unpack(head)
    until = stream.seek(at + _HEAD.size + length)
    return Item(number, first / 1e6, last / 1e6, at, until, until + len(START), stream.read(len(START)), kind == 0)


def read_index(path: Path) -> tuple[Journal, list[tuple[str, str]]]:
    """The index, and each entry's event and detail. A link covers all bytes since the link before."""
    data, at = path.read_bytes(), 0
    journal = Journal(path, len(data), links=[START])
    told: list[tuple[str, str]] = []
    for found in _LINKED.finditer(data):
        number, offset, event, detail = _entry(data[at : found.start()], len(told) + 1)
        link = bytes.fromhex(found[1].decode())
        journal.items.append(Item(number, offset, offset, at, found.start(), found.end(), link))
        journal.links.append(link)
        told.append((event, detail))
        at = found.end()
    return journal, told


def _entry(covered: bytes, place: int) -> tuple[int, float, str, str]:
    try:
        told = json.loads(covered.rsplit(b"\n", 1)[-1] + b"}")
        return int(told["number"]), min(1e9, abs(float(told["offset"]))), str(told["event"]), str(told["detail"])
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return place, 0.0, "", ""


def _faults(journal: Journal) -> Iterator[Finding]:
    name, present = journal.path.name, {one.number for one in journal.items}
    damaged = {end for _, end in journal.strays}
    expected, until, closed = 1, 0.0, False
    for one in journal.items:
        if closed or one.number < expected:
            yield Finding("added" if closed else "moved", name, one.first, until if closed else one.last)
        elif one.at in damaged:
            yield Finding("changed", name, until, one.first)
        elif one.number > expected and expected not in present:
            yield Finding("missing", name, until, one.first)
        expected, until, closed = max(expected, one.number + 1), max(until, one.last), closed or one.closes
    if closed and journal.size in damaged:
        yield Finding("added", name, until, until)
    yield from _changed(journal)


def _changed(journal: Journal) -> Iterator[Finding]:
    """Items whose link does not follow from what they hold. The one after a missing one cannot be proven."""
    stored = {one.number: one.link for one in reversed(journal.items)} | dict(enumerate(journal.links[:1]))
    with journal.path.open("rb") as stream:
        for one in journal.items:
            before = stored.get(one.number - 1)
            if before is not None and _digest(stream, before, one.at, one.until) != one.link:
                yield Finding("changed", journal.path.name, one.first, one.last)


def _digest(stream: BinaryIO, before: bytes, at: int, until: int) -> bytes:
    made = sha256(before)
    stream.seek(at)
    while at < until and (piece := stream.read(min(_PIECE, until - at))):
        made.update(piece)
        at += len(piece)
    return made.digest()


def _check(journal: Journal, *, closed: bool) -> Iterator[Finding]:
    name, faults = journal.path.name, list(_faults(journal))
    if not journal.links and journal.size >= _HEADER.size:
        yield Finding("beginning", name)
        return
    if journal.items and not faults:
        yield Finding("whole", name, journal.items[0].first, journal.seconds)
    yield from faults
    if not closed:
        yield Finding("cut", name, 0.0, journal.seconds)


def _check_seat(folder: Path, seat: str, last: int) -> Iterator[Finding]:
    before: Journal | None = None
    for number in range(1, last + 1):
        path = folder / f"{seat}-{number:04d}.journal"
        journal = read_segment(path) if path.is_file() else None
        if journal is None:
            yield Finding("gone", path.name)
        else:
            yield from _check(journal, closed=any(one.closes for one in journal.items))
        if before and journal and journal.links and journal.previous not in (before.links or [START]):
            yield Finding("went_on", before.path.name, 0.0, before.seconds)
        before = journal


def _check_index(path: Path) -> tuple[list[Finding], set[str]]:
    if not path.is_file():
        return [Finding("gone", path.name)], set()
    journal, told = read_index(path)
    turns = [event for event, _ in told if event in {"started", "reopened", "closed"}]
    named = {f"{detail}.journal" for event, detail in told if event == "seat_joined"}
    return list(_check(journal, closed=turns[-1:] == ["closed"])), named


def seal_lines(folder: Path) -> str:
    """The seal's text: of each journal the name, the bytes, the last link, and a hash of what follows it."""
    lines = []
    for path in sorted(path for path in folder.glob("*.journal") if path.is_file()):
        journal = _read(path)
        with path.open("rb") as stream:
            rest = _digest(stream, b"", max((one.end for one in journal.items), default=0), journal.size)
        lines.append(f"{path.name} {journal.size} {(journal.links or [START])[-1].hex()} {rest.hex()}\n")
    return "".join(lines)


def _read(path: Path) -> Journal:
    return read_index(path)[0] if path.name == INDEX else read_segment(path)


def _check_seal(folder: Path, expected: str) -> Iterator[Finding]:
    present, kept = seal_lines(folder), (folder / SEAL).read_bytes() if (folder / SEAL).is_file() else b""
    digest, sealed = sha256(present.encode()).hexdigest(), sha256(kept).hexdigest() if kept else ""
    if digest.startswith(expected or sealed or "-"):
        yield Finding("sealed" if expected else "compare", detail=digest)
        return
    yield Finding("other_seal" if expected or sealed else "unsealed", detail=digest)
    differ = set(kept.decode(errors="replace").splitlines()) ^ set(present.splitlines())
    names = {Path(line.split(" ")[0]).name for line in differ if sealed and sealed.startswith(expected)}
    for path in sorted(folder / name for name in names):
        yield Finding("other", path.name, 0.0, _read(path).seconds) if path.is_file() else Finding("gone", path.name)


def verify(folder: Path, expected: str = "") -> list[Finding]:
    """Everything there is to say of a session's folder; nothing where there is no recording.

    ``expected`` is the check code that is known from elsewhere, or its beginning, in lower case without spaces.
    """
    found = {path.name for path in folder.glob("*.journal")}
    index, named = _check_index(folder / INDEX)
    last: dict[str, int] = {}
    for parts in filter(None, map(_SEGMENT.fullmatch, found | named)):
        last[parts[1]] = max(last.get(parts[1], 0), int(parts[2]))
    seats = [one for seat, number in sorted(last.items()) for one in _check_seat(folder, seat, number)]
    return list(dict.fromkeys([*seats, *index, *_check_seal(folder, expected)])) if found else []


def status(findings: list[Finding]) -> int:
    """The exit status."""
    return 2 if not findings else 0 if all(one.word in {"whole", "sealed", "compare"} for one in findings) else 1


def sentences(findings: list[Finding]) -> Iterator[str]:
    """What was found, for people, with the verdict last."""
    for one in findings:
        start, end = (f"{int(at // 60)}:{at % 60:04.1f}" for at in (one.start, one.end))
        where = _SEGMENT.sub(r"\1第 \2 段", one.name)
        for word, chinese in _CHINESE.items():
            where = where.replace(word, chinese)
        digits = re.sub(r"(....)(?=.)", r"\1 ", one.detail)
        yield SENTENCES[one.word].format(where=where, start=start, end=end, digits=digits)
    yield SENTENCES[status(findings)]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Say whether a recording is whole.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seal", default="")
    asked = parser.parse_args()
    digits = re.sub(r"[\s-]", "", asked.seal).lower()
    if not re.fullmatch(r"|[0-9a-f]{16,64}", digits):
        parser.error("--seal: at least 16 digits of 0-9 and a-f")
    findings = verify(asked.folder, digits)
    sys.stdout.write("".join(f"{line}\n" for line in sentences(findings)))
    return status(findings)


if __name__ == "__main__":
    sys.exit(main())
