"""The one socket of the media process."""

import socket
from contextlib import suppress

RECEIVE_BUFFER = 4 * 1024 * 1024


def bound_socket(address: tuple[str, int]) -> socket.socket:
    """A non-blocking UDP socket with room for a burst. Raises ``OSError`` when the port is taken."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    with suppress(OSError):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    try:
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
