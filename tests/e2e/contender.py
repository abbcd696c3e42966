"""One kiosk of a contest, a process of its own that knows the product by HTTP only: reads its orders, tells what came.

It goes from question to question as the product leads it, for one visitor after another. Each line it tells is
``[outcome, number]``: ``booked`` with the number that was acknowledged, ``taken``, or ``error``.
"""

import http.client
import json
import random
import re
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from stdnum.cn import ric

KEY = re.compile(rb'name="request_key" value="([^"]+)"')
ANSWERS = {
    "phone": "",
    "private": "no",
    "purpose": "request",
    "content": "housing",
    "earlier": "new",
    "summary": "房子漏水,找了物业三次没人管。",
    "papers": "none",
    "wanted": "any",
}
TAKEN = "这个时段刚被别人约了".encode()
PATIENCE = 60.0


@dataclass(frozen=True)
class Orders:
    """What to do: ``attempts`` at ``slots``, drawn anew each time, or each once; asking again when the line is cut.

    Without ``again`` each confirmation is sent twice at the same time, as by a finger that presses twice.
    """

    address: str
    cookie: str
    slots: list[str]
    attempts: int
    seed: int
    again: bool


class Lost(Exception):
    """The server did not answer, or answered what it never should."""


def visitor(seed: int, turn: int) -> dict[str, str]:
    """Who comes in their turn: every third gives no name, every seventh was there before, about the same."""
    if turn % 3 == 2:
        return {"who": "anonymous"}
    person = 0 if turn % 7 == 6 else turn
    number = f"990101{1940 + seed % 60}0101{person:03d}"
    return {"who": "named", "name": f"村民{person}", "id_number": number + ric.calc_check_digit(f"{number}0")}


class Contender:
    """A kiosk with one connection, and another for what it sends twice."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._turn = 0
        self._step = "who"
        host = urlsplit(orders.address).netloc
        self._line, self._other = (http.client.HTTPConnection(host, timeout=PATIENCE) for _ in range(2))

    def close(self) -> None:
        """Hang up."""
        self._line.close()
        self._other.close()

    def book(self, slot: str) -> tuple[str, str]:
        """Answer every question that is open, then this time; confirm. A time that is taken leaves the rest."""
        if not self.hold(slot):
            return "taken", ""
        told = self._confirm(self._read_key())
        self._turn += told[0] == "booked"
        self._step = "who" if told[0] == "booked" else "slot"
        return told

    def hold(self, slot: str) -> bool:
        """Answer all but the confirmation; whether the time is this kiosk's now."""
        answers = {**ANSWERS, **visitor(self._orders.seed, self._turn)}
        while self._step != "slot":
            status, told = self._ask("POST", f"/kiosk/book/{self._step}", answer=answers[self._step])
            if status != 303:
                raise Lost(f"{status} at {self._step}")
            self._step = _last(told)
        status, told = self._ask("POST", "/kiosk/book/slot", answer=slot)
        if status == 409 and TAKEN in told:
            return False
        if status != 303 or _last(told) != "check":
            raise Lost(f"{status} at slot")
        return True

    def _read_key(self) -> str:
        status, page = self._ask("GET", "/kiosk/book/check")
        found = KEY.search(page)
        if found is None:
            raise Lost(f"{status} without a key")
        return found[1].decode()

    def _confirm(self, key: str) -> tuple[str, str]:
        """Book; a slot that somebody else has is no error."""
        status, told = self._ask("POST", "/kiosk/book/check", request_key=key)
        if status == 409 and TAKEN in told:
            return "taken", ""
        if status != 303:
            raise Lost(f"{status} at check")
        return "booked", _last(told)

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
        twice = "request_key" in fields and not self._orders.again
        lines = [self._line, self._other] if twice else [self._line]
        for line in lines:
            headers = {"cookie": f"lianxin={self._orders.cookie}", "accept": "text/html"}
            if method == "POST":
                headers["content-type"] = "application/x-www-form-urlencoded"
            line.request(method, path, urlencode(fields) if fields else None, headers)
        told = [_read(line) for line in lines]
        if twice:
            self._other.close()
        if told[0] != told[-1]:
            raise Lost(f"{[status for status, _ in told]} to the same sent twice")
        return told[0]


def _read(line: http.client.HTTPConnection) -> tuple[int, bytes]:
    """The page, or where it leads."""
    answer = line.getresponse()
    body = answer.read()
    return answer.status, answer.headers.get("location", "").encode() if answer.status == 303 else body


def _last(address: bytes) -> str:
    return address.decode().rsplit("/", 1)[1]


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
