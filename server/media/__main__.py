"""``python -m server.media [NUMBER]``: the media process of that number, or the first, with this machine's settings."""

import sys

from server.logs import configure
from server.media.process import run
from server.settings import get_settings


def main() -> None:
    """Serve the media until told to stop."""
    settings = get_settings()
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    own = settings.media_engines[number - 1]
    configure(settings.log_level, process="media" if settings.media_processes == 1 else f"media-{own.name}")
    run(
        control_path=own.control_path,
        host=settings.media_host,
        port=own.port,
        public_addresses=settings.media_public_addresses,
        public_port=own.public_port,
        group=settings.media_group_ms / 1000,
        recordings=settings.sessions_dir,
        full_cpu=settings.media_full_cpu,
        full_lag=settings.media_full_lag_ms / 1000,
        recording_secret=settings.recording_key.get_secret_value(),
    )


if __name__ == "__main__":
    main()
