"""A UDP relay between browsers and the media process that can lose everything for a while."""

import selectors
import socket
import threading
from types import TracebackType

Address = tuple[str, int]


class Relay:
    """Listens on ``port`` and passes datagrams on, each browser by a socket of its own; ``cut`` stops all of them."""

    def __init__(self, target: Address) -> None:
        self._target = target
        self._front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._front.bind(("127.0.0.1", 0))
        self.port = int(self._front.getsockname()[1])
        self._backs: dict[Address, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._front, selectors.EVENT_READ, None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.cut = False
        self.passed = 0

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(2)
        self._selector.close()
        for one in (self._front, *self._backs.values()):
            one.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            for key, _ in self._selector.select(0.2):
                self._pass(key.fileobj, key.data)

    def _pass(self, ready: object, browser: Address | None) -> None:
        assert isinstance(ready, socket.socket)
        try:
            data, sender = ready.recvfrom(2048)
        except ConnectionRefusedError:
            return
        if self.cut:
            return
        self.passed += 1
        if browser is None:
            self._back(sender).sendto(data, self._target)
        else:
            self._front.sendto(data, browser)

    def _back(self, browser: Address) -> socket.socket:
        if browser not in self._backs:
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind(("127.0.0.1", 0))
            self._backs[browser] = made
            self._selector.register(made, selectors.EVENT_READ, browser)
        return self._backs[browser]
