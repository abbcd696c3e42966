"""The other side of notices: an SMS gateway and a mail server that can be told to misbehave."""

import socketserver
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from typing import Any

SILENCE = 0


class Gateway:
    """Takes texts. ``answers`` are the next statuses, ``SILENCE`` for a cut line; 200 where none is left.

    About the number ``cut`` it is silent in any case.
    """

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: deque[int] = deque()
        self.before_answer: Callable[[], None] = lambda: None
        self.url = self.cut = ""

    def about(self, number: str) -> list[dict[str, Any]]:
        """The texts that name this number."""
        return [one for one in self.texts if f"{number}。" in one["text"]]

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """One text; the status to answer with."""
        self.texts.append(loads(body))
        self.headers.append(headers)
        self.before_answer()
        if self.cut and f"{self.cut}。" in self.texts[-1]["text"]:
            return SILENCE
        return self.answers.popleft() if self.answers else 200


@contextmanager
def open_gateway() -> Iterator[Gateway]:
    """A gateway that listens."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = gateway.take({name.lower(): value for name, value in self.headers.items()}, body)
            if status == SILENCE:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("content-length", "0")
            self.send_header("location", f"{gateway.url}/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            """Say nothing."""

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        gateway.url = f"http://127.0.0.1:{port}/send"
        yield gateway


class MailOffice:
    """Takes letters. ``replies`` are what verbs are answered with instead of yes; ``SILENCE`` cuts the line."""

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self.letters: list[tuple[str, str]] = []
        self.signed_in: list[str] = []
        self.replies: dict[str, int] = {}
        self.certificate = certificate
        self.port = 0


class _Cut(Exception):
    """The line is cut."""


class _Counter(socketserver.StreamRequestHandler):
    office: MailOffice

    def handle(self) -> None:
        self.to = ""
        self._say("220 post office")
        try:
            while verb := self.rfile.readline().decode().strip():
                self._answer(verb)
        except (_Cut, OSError):
            pass
        finally:
            for one in (self.rfile, self.wfile, self.connection):
                one.close()

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _answer(self, line: str) -> None:
        verb = line.split()[0].upper()
        code = self.office.replies.get(verb)
        if code == SILENCE:
            raise _Cut
        if code is not None:
            self._say(f"{code} no")
        elif verb == "EHLO":
            features = ["STARTTLS"] if self.office.certificate and not hasattr(self.connection, "cipher") else []
            lines = ["post office", *features, "AUTH PLAIN"]
            for one in lines[:-1]:
                self._say(f"250-{one}")
            self._say(f"250 {lines[-1]}")
        elif verb == "STARTTLS":
            self._secure()
        elif verb == "DATA":
            self._take()
        else:
            self.to = line[len("RCPT TO:<") :].split(">")[0] if verb == "RCPT" else self.to
            self.office.signed_in += [line] if verb == "AUTH" else []
            self._say("235 yes" if verb == "AUTH" else "250 yes")

    def _secure(self) -> None:
        assert self.office.certificate is not None
        self._say("220 go on")
        self.connection = self.office.certificate.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode()) not in {".\r\n", ""}:
            lines.append(line)
        self.office.letters.append((self.to, "".join(lines)))
        code = self.office.replies.get("MESSAGE")
        if code == SILENCE:
            raise _Cut
        self._say(f"{code or 250} that is it")


@contextmanager
def open_mail_office(certificate: ssl.SSLContext | None = None) -> Iterator[MailOffice]:
    """A mail server that listens; with a certificate it offers STARTTLS."""
    office = MailOffice(certificate)
    handler = type("Counter", (_Counter,), {"office": office})
    with served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)) as port:
        office.port = port
        yield office


@contextmanager
def served(server: socketserver.TCPServer) -> Iterator[int]:
    """The port of a server that answers in threads until the end."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
