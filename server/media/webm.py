"""A small WebM writer (Matroska subset): VP8 and Opus blocks in, a seekable file with known sizes out."""

import struct
from typing import Protocol

from server.media import opus

VIDEO_TRACK, AUDIO_TRACK = 1, 2
CLUSTER_MS = 2_000
CLUSTER_BYTES = 4 * 1024 * 1024
_SEEK_HEAD_ROOM = 96
_BLOCK = struct.Struct(">BhB")
_SHORT_BLOCK, _MIDDLE_BLOCK = struct.Struct(">BBBhB"), struct.Struct(">BHBhB")
_UID = {VIDEO_TRACK: 0x4C58_0001, AUDIO_TRACK: 0x4C58_0002}


class Target(Protocol):
    """Where a file is written; going back is needed within its first 4 KiB only."""

    def write(self, data: bytes, /) -> int:
        """Write at the present place."""
        ...

    def tell(self) -> int:
        """The present place."""
        ...

    def seek(self, at: int, /) -> int:
        """Go to a place."""
        ...


def element(name: int, body: bytes) -> bytes:
    """One EBML element."""
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + _size(len(body)) + body


def _size(length: int) -> bytes:
    if length < 0x7F:
        return bytes((length | 0x80,))
    if length < 0x3FFF:
        return (length | 0x4000).to_bytes(2, "big")
    for width in range(1, 9):
        if length < (1 << 7 * width) - 1:
            return (length | 1 << 7 * width).to_bytes(width, "big")
    raise ValueError("no element is that long")


def _number(name: int, value: int) -> bytes:
    return element(name, value.to_bytes(max((value.bit_length() + 7) // 8, 1), "big"))


def _text(name: int, value: str) -> bytes:
    return element(name, value.encode())


class WebmWriter:
    """Writes one file from front to back and goes back once, in ``finish``, to fill in length, places and tracks.

    Holds one cluster (at most two seconds) and the cues in memory.
    """

    def __init__(self, stream: Target) -> None:
        self._stream = stream
        self._cluster: list[bytes] = []
        self._cluster_at = 0
        self._cluster_bytes = 0
        self._cued: set[int] = set()
        self._cues: list[bytes] = []
        stream.write(_ebml_head())
        stream.write(bytes.fromhex("18538067") + (1 << 56).to_bytes(8, "big"))
        self._data_at = stream.tell()
        stream.write(_void(_SEEK_HEAD_ROOM))
        self._info_at = stream.tell()
        stream.write(_info(0.0))
        self._tracks_at = stream.tell()
        stream.write(_void(_TRACKS_ROOM))

    def write(self, at_ms: int, track: int, key: bool, data: bytes) -> None:
        """Append a frame or sound packet at ``at_ms`` after the start of the file.

        Of each track the instants must not go back, and tracks at most 30 s apart.
        """
        age = at_ms - self._cluster_at
        if not self._cluster or self._must_close(age, begins=key and track == VIDEO_TRACK):
            self._close_cluster()
            self._cluster_at, age = at_ms, 0
        if key and track not in self._cued:
            self._cued.add(track)
            self._cues.append(_cue(at_ms, track, self._stream.tell() - self._data_at))
        length = _BLOCK.size + len(data)
        flags = 0x80 if key else 0
        if length < 0x7F:
            head = _SHORT_BLOCK.pack(0xA3, length | 0x80, 0x80 | track, age, flags)
        elif length < 0x3FFF:
            head = _MIDDLE_BLOCK.pack(0xA3, length | 0x4000, 0x80 | track, age, flags)
        else:
            head = b"\xa3" + _size(length) + _BLOCK.pack(0x80 | track, age, flags)
        self._cluster += (head, data)
        self._cluster_bytes += len(data)

    def finish(self, seconds: float, *, size: tuple[int, int] | None, sound: bool) -> None:
        """Complete the file; it lasts ``seconds``, and shows pictures up to ``size`` or none."""
        self._close_cluster()
        cues_at = self._stream.tell()
        if self._cues:
            self._stream.write(element(0x1C53BB6B, b"".join(self._cues)))
        end = self._stream.tell()
        self._stream.seek(self._data_at - 8)
        self._stream.write((1 << 56 | end - self._data_at).to_bytes(8, "big"))
        self._stream.write(self._seek_head(cues_at if self._cues else None))
        self._stream.write(_info(seconds))
        tracks = _tracks(size, sound)
        self._stream.write(tracks + (_void(_TRACKS_ROOM - len(tracks)) if len(tracks) < _TRACKS_ROOM else b""))
        self._stream.seek(end)

    def _must_close(self, age: int, *, begins: bool) -> bool:
        return begins or age >= CLUSTER_MS or age < -30_000 or self._cluster_bytes > CLUSTER_BYTES

    def _close_cluster(self) -> None:
        if self._cluster:
            self._stream.write(element(0x1F43B675, _number(0xE7, self._cluster_at) + b"".join(self._cluster)))
        self._cluster = []
        self._cluster_bytes = 0
        self._cued.clear()

    def _seek_head(self, cues_at: int | None) -> bytes:
        places = [(0x1549A966, self._info_at), (0x1654AE6B, self._tracks_at)]
        if cues_at is not None:
            places.append((0x1C53BB6B, cues_at))
        seeks = b"".join(
            element(0x4DBB, element(0x53AB, name.to_bytes(4, "big")) + _number(0x53AC, at - self._data_at))
            for name, at in places
        )
        head = element(0x114D9B74, seeks)
        return head + _void(_SEEK_HEAD_ROOM - len(head))


def _void(size: int) -> bytes:
    return b"\xec" + (1 << 56 | size - 9).to_bytes(8, "big") + bytes(size - 9)


def _cue(at_ms: int, track: int, place: int) -> bytes:
    position = _number(0xF7, track) + _number(0xF1, place)
    return element(0xBB, _number(0xB3, at_ms) + element(0xB7, position))


def _ebml_head() -> bytes:
    limits = _number(0x4286, 1) + _number(0x42F7, 1) + _number(0x42F2, 4) + _number(0x42F3, 8)
    return element(0x1A45DFA3, limits + _text(0x4282, "webm") + _number(0x4287, 4) + _number(0x4285, 2))


def _info(seconds: float) -> bytes:
    length = element(0x4489, struct.pack(">d", seconds * 1000))
    return element(
        0x1549A966, _number(0x2AD7B1, 1_000_000) + _text(0x4D80, "lianxin") + _text(0x5741, "lianxin") + length
    )


def _tracks(size: tuple[int, int] | None, sound: bool) -> bytes:
    entries = b""
    if size is not None:
        # Two bytes each, whatever the size, so that the room for it is known before it is.
        picture = element(0xE0, element(0xB0, size[0].to_bytes(2, "big")) + element(0xBA, size[1].to_bytes(2, "big")))
        entries += element(0xAE, _track_head(VIDEO_TRACK, 1, "V_VP8") + picture)
    if sound:
        audio = element(0xE1, element(0xB5, struct.pack(">d", float(opus.RATE))) + _number(0x9F, 2))
        timing = _number(0x56AA, 0) + _number(0x56BB, 80_000_000)
        entries += element(0xAE, _track_head(AUDIO_TRACK, 2, "A_OPUS") + timing + element(0x63A2, opus.HEAD) + audio)
    return element(0x1654AE6B, entries)


def _track_head(track: int, kind: int, codec: str) -> bytes:
    return (
        _number(0xD7, track)
        + _number(0x73C5, _UID[track])
        + _number(0x9C, 0)
        + _number(0x83, kind)
        + _text(0x86, codec)
    )


_TRACKS_ROOM = len(_tracks((1, 1), sound=True))
