"""The command ``lianxin``."""

import socket
import subprocess
import sys

import typer
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from server import supervisor, web
from server.clock import SystemClock
from server.console import refuse, say, text
from server.database import make_engine
from server.demonstration.seed import demonstration_accounts, demonstration_kiosk_codes, plant
from server.media.__main__ import main as run_media
from server.migrations.run import migrate as migrate_database
from server.sealing import Sealer, use_sealer
from server.settings import Settings, get_settings

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _settings() -> Settings:
    try:
        return get_settings()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise typer.Exit(refuse(text("A setting is not right: %(wrong)s", wrong=wrong))) from error


def _prepare(settings: Settings) -> None:
    """Folders, tables and, for a demonstration, its district."""
    try:
        for folder in (settings.state_dir, settings.sessions_dir, settings.papers_dir):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = make_engine(settings.database_address)
        migrate_database(engine)
        if settings.demonstration:
            use_sealer(Sealer.from_secret(settings.secret.get_secret_value()))
            plant(engine, now=SystemClock().now())
        engine.dispose()
    except (OSError, OperationalError) as error:
        words = text(
            "Nothing can be written to %(folder)s. Please look at its rights and at the free space.",
            folder=settings.data_dir,
        )
        raise typer.Exit(refuse(words)) from error


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            words = text(
                "Port %(port)s is in use. End the other program or choose another: LIANXIN_PORT=%(next)s",
                port=port,
                next=port + 1,
            )
            raise typer.Exit(refuse(words)) from error


def _greet(settings: Settings) -> None:
    say(text("Lianxin: http://%(host)s:%(port)s", host=settings.host, port=settings.port))
    if settings.demonstration:
        say(text("Demonstration accounts (user name / password):"))
        for one in demonstration_accounts():
            say(f"  {one.username:<14} {one.password}   {text(one.note)}")
        codes = ", ".join(demonstration_kiosk_codes()[:3])
        say(text("Kiosk codes, one browser each, at /kiosk/enrol: %(codes)s", codes=codes))
    say(text("Ctrl-C ends it."))


@cli.command()
def serve() -> None:
    """Serve everything on this machine: pages and media."""
    settings = _settings()
    _check_port(settings.host, settings.port)
    _prepare(settings)
    _greet(settings)
    raise typer.Exit(supervisor.serve())


@cli.command("web")
def web_command() -> None:
    """Serve the pages only."""
    _settings()
    web.main()


@cli.command()
def media() -> None:
    """Serve the media only."""
    _settings()
    run_media()


@cli.command()
def migrate() -> None:
    """Bring the database to the newest version; plant the demonstration district where it is wanted."""
    _prepare(_settings())


@cli.command()
def demo() -> None:
    """Play one whole reception with two synthetic peers, against the running server or one of its own."""
    raise typer.Exit(subprocess.run([sys.executable, "-m", "server.demonstration"], check=False).returncode)


def main() -> None:
    """Run the command."""
    cli()


if __name__ == "__main__":
    main()
