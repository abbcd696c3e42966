"""Janus (Debian package) with its video call plugin, recording both sides, over its Unix socket."""

import json
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.media.target import connected, end
from tests.media.raw_peer import RawPeer

STARTS = 10
CONFIG = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  debug_level = 2
  session_timeout = 0
}}
media: {{ rtp_port_range = "42000-49999" }}
nat: {{ ice_lite = true, ice_enforce_list = "{address}" }}
plugins: {{ disable = "{unused}" }}
transports: {{ disable = "{unspoken}" }}
events: {{ broadcast = false }}
"""
SOCKET = """
general: {{ enabled = true, json = "compact", path = "{path}", type = "SOCK_SEQPACKET" }}
admin: {{ admin_enabled = false }}
"""


def installed() -> bool:
    """Whether Janus is on this machine."""
    return shutil.which("janus") is not None and _library() is not None


def _library() -> Path | None:
    return next((one for one in Path("/usr/lib").glob("*/janus") if (one / "plugins").is_dir()), None)


def started(folder: Path, address: str) -> "Janus":
    """A running Janus; it does not find its own transport at every start."""
    for number in range(STARTS):
        try:
            return Janus(folder / str(number), address)
        except RuntimeError:
            continue
    raise RuntimeError("Janus does not start")


class Janus:
    """See Target. Raises ``RuntimeError`` when it ends at its start."""

    name = "janus"

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, library = folder, _library()
        assert library is not None
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "janus.sock"
        unused = ",".join(one.name for one in (library / "plugins").glob("*.so") if "videocall" not in one.name)
        unspoken = ",".join(one.name for one in (library / "transports").glob("*.so") if "pfunix" not in one.name)
        told = {"unspoken": unspoken, "folder": folder, "library": library, "address": address, "unused": unused}
        (folder / "janus.jcfg").write_text(CONFIG.format(**told))
        (folder / "janus.transport.pfunix.jcfg").write_text(SOCKET.format(path=path))
        with (folder / "log").open("wb") as log:
            command = ["janus", "-F", str(folder), "-C", str(folder / "janus.jcfg")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        self._socket = connected(path, self.process, socket.SOCK_SEQPACKET)
        self._socket.settimeout(10)
        self._kept: list[dict[str, Any]] = []

    def connect(self, session: int, pair: tuple[RawPeer, RawPeer]) -> None:
        """See Target."""
        handles = [self._registered(f"user-{session}-{side}") for side in range(2)]
        calling, called = handles
        offer = {"type": "offer", "sdp": pair[0].offer("active")}
        self._message(calling, {"request": "call", "username": f"user-{session}-1"}, offer)
        incoming = self._event(called, "incomingcall")["jsep"]["sdp"]
        answer = {"type": "answer", "sdp": pair[1].offer("active")}
        self._message(called, {"request": "accept"}, answer)
        accepted = self._event(calling, "accepted")["jsep"]["sdp"]
        pair[0].connect(accepted)
        pair[1].connect(incoming)
        for side, handle in enumerate(handles):
            name = str(self.folder / f"rec-{session}-{side}")
            told = {"request": "set", "audio": True, "video": True, "record": True, "filename": name}
            self._message(handle, told)
            self._event(handle, "set")

    def _registered(self, username: str) -> tuple[int, int]:
        session = self._ask({"janus": "create"})["data"]["id"]
        attach = {"janus": "attach", "session_id": session, "plugin": "janus.plugin.videocall"}
        handle = (session, self._ask(attach)["data"]["id"])
        self._message(handle, {"request": "register", "username": username})
        self._event(handle, "registered")
        return handle

    def _message(self, handle: tuple[int, int], body: dict[str, Any], jsep: dict[str, str] | None = None) -> None:
        told = {"janus": "message", "session_id": handle[0], "handle_id": handle[1], "body": body}
        self._ask(told | ({"jsep": jsep} if jsep else {}))

    def _ask(self, told: dict[str, Any]) -> dict[str, Any]:
        transaction = secrets.token_hex(6)
        self._socket.send(json.dumps({**told, "transaction": transaction}).encode())
        for answer in self._heard():
            if answer.get("transaction") == transaction and answer["janus"] in {"success", "ack", "error"}:
                assert answer["janus"] != "error", answer
                return answer
        raise AssertionError

    def _event(self, handle: tuple[int, int], kind: str) -> dict[str, Any]:
        for answer in self._heard():
            data = answer.get("plugindata", {}).get("data", {})
            assert "error" not in data, data
            if answer.get("sender") == handle[1] and data.get("result", {}).get("event") == kind:
                self._kept.clear()
                return answer
        raise AssertionError

    def _heard(self) -> Iterator[dict[str, Any]]:
        """What was heard earlier and not taken, then what comes."""
        yield from list(self._kept)
        while True:
            answer = json.loads(self._socket.recv(1 << 20))
            self._kept.append(answer)
            yield answer

    def stop(self) -> None:
        """See Target."""
        self._socket.close()
        end(self.process)
