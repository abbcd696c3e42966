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
        recordings=settings.sessions_dir,
        recording_secret=settings.recording_key.get_secret_value(),
    )


if __name__ == "__main__":
    main()
