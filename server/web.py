"""The web process: the application under uvicorn, plain on loopback and with TLS once there is a certificate."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI

from server.app import create_app
from server.certificates import certificates_in
from server.logs import configure
from server.reports.typesetting import look_for_fonts
from server.settings import Settings, get_settings
from server.signaling.placement import placement_of

SOCKET_BYTES = 80 * 1024


class _Quiet(uvicorn.Server):
    """A server that leaves the signals to its process: two of them run in one."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def _servers(settings: Settings, app: FastAPI) -> list[_Quiet]:
    common: dict[str, Any] = {
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "ws": "websockets-sansio",
        "ws_max_size": SOCKET_BYTES,
        "timeout_graceful_shutdown": 2,
    }
    servers = [_Quiet(uvicorn.Config(app, host=settings.host, port=settings.port, **common))]
    certificate = certificates_in(settings.state_dir).server
    if certificate.exists():
        secure: dict[str, Any] = {"host": settings.tls_host, "port": settings.tls_port, "ssl_certfile": certificate}
        servers.append(_Quiet(uvicorn.Config(app, **secure, **common)))
    return servers


async def _serve(settings: Settings) -> None:
    media = placement_of({one.name: one.control_path for one in settings.media_engines})
    app = create_app(settings, media=media)
    servers = _servers(settings, app)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    # One life of the application for both servers: each of them would begin one of its own.
    async with app.router.lifespan_context(app):
        await asyncio.gather(asyncio.to_thread(look_for_fonts), *(server.serve() for server in servers))


def main() -> None:
    """Serve the pages until told to stop."""
    settings = get_settings()
    configure(settings.log_level, process="web")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings))


if __name__ == "__main__":
    main()
