"""``python -m server.media``: the media process with this machine's settings."""

from server.logs import configure
from server.media.process import run
from server.settings import get_settings


def main() -> None:
    """Serve the media until told to stop."""
    settings = get_settings()
    configure(settings.log_level, process="media")
    run(
        control_path=settings.control_path,
        host=settings.media_host,
        port=settings.media_port,
        public_addresses=settings.media_public_addresses,
        public_port=settings.media_public_port,
        group=settings.media_group_ms / 1000,
        recordings=settings.sessions_dir,
    )


if __name__ == "__main__":
    main()
