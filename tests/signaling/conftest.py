"""Browsers on the live socket of the test's application."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest
from fastapi.testclient import TestClient

from server.accounts.roles import Actor
from tests.district import District
from tests.signaling.talkers import Open, Talker, connected, cookie_of


@pytest.fixture
def opened(client: TestClient, district: District) -> Iterator[Open]:
    """Opens browsers for actors; all end with the test."""
    with ExitStack() as stack:

        def open_one(actor: Actor | None, **hello: object) -> Talker:
            cookie = cookie_of(district.engine, district.clock, actor) if actor is not None else None
            one: AbstractContextManager[Talker] = connected(client, cookie, **hello)
            return stack.enter_context(one)

        yield open_one


@pytest.fixture
def talk(opened: Open, district: District) -> tuple[Talker, Talker, str]:
    """A kiosk and its official in a talk; its number."""
    number = district.wait()
    kiosk, desk = opened(district.kiosk, place="talk", booking=number), opened(district.official, place="desk")
    kiosk.until("waiting", position=1)
    desk.done("admit", booking=number)
    kiosk.until("session", phase="talk")
    desk.until("session", phase="talk")
    return kiosk, desk, number
