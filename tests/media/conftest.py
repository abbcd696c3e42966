"""Who takes part in the tests of media without having been asked."""

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    """A socket at another address, which gives up after a moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.3", 0))
        made.settimeout(0.2)
        yield made
