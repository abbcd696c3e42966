"""``python -m server.media``: the media process with this machine's settings."""

from server.media.process import run
from server.settings import get_settings

if __name__ == "__main__":
    settings = get_settings()
    run(
        control_path=settings.control_path,
        host=settings.media_host,
        port=settings.media_port,
        public_addresses=settings.media_public_addresses,
        recordings=settings.sessions_dir,
    )
