"""One kiosk of a contest, a process of its own that knows the product by HTTP only: reads its orders, tells what came.

Each line it tells is ``[outcome, number]``: ``booked`` with the number that was acknowledged, ``taken``, or ``error``.
"""

import http.client
import json
import random
import re
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

KEY = re.compile(rb'name="request_key" value="([^"]+)"')
ANSWERS = {
    "who": "anonymous",
    "private": "no",
    "purpose": "request",
    "content": "housing",
    "summary": "房子漏水,找了物业三次没人管。",
    "papers": "none",
    "wanted": "any",
}
TAKEN = "这个时段刚被别人约了".encode()
PATIENCE = 60.0


@dataclass(frozen=True)
class Orders:
    """What to do: ``attempts`` at ``slots``, drawn anew each time, or each once; asking again when the line is cut."""

    address: str
    cookie: str
    slots: list[str]
    attempts: int
    seed: int
    again: bool


class Lost(Exception):
    """The server did not answer, or answered what it never should."""


class Contender:
    """A kiosk with one connection."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._host = urlsplit(orders.address).netloc
        self._key = ""
        self._line = http.client.HTTPConnection(self._host, timeout=PATIENCE)

    def book(self, slot: str) -> tuple[str, str]:
        """Answer every question, if they are not answered already, then this time; confirm."""
        answers = {"slot": slot} if self._key else {**ANSWERS, "slot": slot}
        for step, answer in answers.items():
            status, page = self._ask("POST", f"/kiosk/book/{step}", answer=answer)
            if step == "slot" and status == 409 and TAKEN in page:
                return "taken", ""
            if status != 303:
                raise Lost(f"{status} at {step}")
        if not self._key:
            self._key = self._read_key()
        told = self.confirm(self._key)
        if told[0] == "booked":
            self._key = ""
        return told

    def _read_key(self) -> str:
        status, page = self._ask("GET", "/kiosk/book/check")
        found = KEY.search(page)
        if found is None:
            raise Lost(f"{status} without a key")
        return found[1].decode()

    def confirm(self, key: str) -> tuple[str, str]:
        """Book; a slot that somebody else has is no error."""
        status, told = self._ask("POST", "/kiosk/book/check", request_key=key)
        if status == 303:
            return "booked", told.decode().rsplit("/", 1)[1]
        if status == 409 and TAKEN in told:
            return "taken", ""
        raise Lost(f"{status}")

    def _ask(self, method: str, path: str, **fields: str) -> tuple[int, bytes]:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._once(method, path, **fields)
            except (OSError, http.client.HTTPException) as error:
                self._line.close()
                if not self._orders.again or time.monotonic() > end:
                    raise Lost(type(error).__name__) from error
                time.sleep(0.05)

    def _once(self, method: str, path: str, **fields: str) -> tuple[int, bytes]:
        headers = {"cookie": f"lianxin={self._orders.cookie}", "accept": "text/html"}
        if method == "POST":
            headers["content-type"] = "application/x-www-form-urlencoded"
        self._line.request(method, path, urlencode(fields) if fields else None, headers)
        answer = self._line.getresponse()
        body = answer.read()
        return answer.status, answer.headers.get("location", "").encode() if answer.status == 303 else body


def main() -> None:
    """Play."""
    orders = Orders(**json.loads(sys.stdin.readline()))
    dice = random.Random(orders.seed)  # noqa: S311 - which slot is tried
    contender = Contender(orders)
    for index in range(orders.attempts):
        slot = orders.slots[index] if orders.again else dice.choice(orders.slots)
        try:
            told = contender.book(slot)
        except Lost as lost:
            told = ("error", str(lost))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
