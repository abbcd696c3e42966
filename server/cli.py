"""The command ``lianxin``."""

import errno
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from server import supervisor
from server.accounts.roles import Actor, Role
from server.accounts.service_people import PersonForm, add_person, list_people, new_password
from server.certificates import certificates_in, make_certificate, needs_renewal, own_names
from server.clock import SystemClock
from server.console import refuse, say, text
from server.database import make_engine, writing
from server.demonstration.seed import demonstration_accounts, demonstration_kiosk_codes, plant
from server.errors import LianxinError, Unavailable
from server.initial import initialise
from server.logs import configure
from server.media.udp import bound_socket
from server.migrations.run import migrate as migrate_database
from server.sealing import Sealer, use_sealer
from server.settings import MOST_SOCKET_PATH, Settings, get_settings, unknown_settings
from server.storage import LEAST_FREE_BYTES, free_bytes, make_folders
from server.verification import verify_session

CONSOLE = Actor(role=Role.ADMINISTRATOR, name="console")
cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _settings() -> Settings:
    try:
        found = get_settings()
    except ValidationError as error:
        raise typer.Exit(_refuse_settings(error)) from error
    if unknown := unknown_settings():
        raise typer.Exit(refuse(text("There is no such setting: %(names)s", names=", ".join(unknown))))
    return found


def _refuse_settings(error: ValidationError) -> int:
    wrong = "; ".join(_wrong_setting(one) for one in error.errors())
    return refuse(text("A setting is not right: %(wrong)s", wrong=wrong))


def _wrong_setting(wrong: ErrorDetails) -> str:
    told = wrong.get("ctx", {})
    messages = {
        "int_parsing": text("must be a whole number"),
        "bool_parsing": text("must be true or false"),
        "literal_error": text("must be one of: %(expected)s", expected=told.get("expected")),
        "greater_than_equal": text("must be at least %(least)s", least=told.get("ge")),
        "less_than_equal": text("must be at most %(most)s", most=told.get("le")),
    }
    message = messages.get(wrong["type"]) or text(wrong["msg"].removeprefix("Value error, "))
    return ": ".join([*(f"LIANXIN_{str(one).upper()}" for one in wrong["loc"]), message])


def _prepare(settings: Settings) -> None:
    """Tables and, for a demonstration, its district, in folders that are there."""
    _make_room(settings)
    try:
        engine = make_engine(settings.database_address)
        migrate_database(engine)
        if settings.demonstration:
            use_sealer(Sealer.from_secret(settings.secret.get_secret_value()))
            plant(engine, now=SystemClock().now())
        engine.dispose()
    except (SQLAlchemyError, ImportError, Unavailable) as error:
        words = text("The database does not answer. Please look at its file and rights, or at LIANXIN_DATABASE_URL.")
        raise typer.Exit(refuse(words)) from error


def _make_room(settings: Settings) -> None:
    """Folders that can be written, on a disk that is not full."""
    try:
        make_folders(settings)
        free = free_bytes(settings)
    except OSError as error:
        raise typer.Exit(refuse(_told(error, settings.data_dir))) from error
    if free < LEAST_FREE_BYTES:
        told = {"folder": settings.data_dir, "free": free // 2**20}
        words = text("Only %(free)s MiB are left below %(folder)s. Please make room first.", **told)
        raise typer.Exit(refuse(words))


def _check_depth(settings: Settings) -> None:
    """The path of a socket has an end on every system."""
    if any(len(os.fsencode(one.control_path)) > MOST_SOCKET_PATH for one in settings.media_engines):
        words = text(
            "The path of %(folder)s is too long for the sockets below. Please choose a shorter one: LIANXIN_DATA_DIR",
            folder=settings.data_dir,
        )
        raise typer.Exit(refuse(words))


def _check_ports(settings: Settings) -> None:
    _check_port(settings.host, settings.port, "LIANXIN_PORT")
    for engine in settings.media_engines:
        _check_port(settings.media_host, engine.port, "LIANXIN_MEDIA_PORT", bound_socket)
    if certificates_in(settings.state_dir).server.exists():
        _check_port(settings.tls_host, settings.tls_port, "LIANXIN_TLS_PORT")


def _check_port(host: str, port: int, setting: str, bound: Callable[[str, int], socket.socket] | None = None) -> None:
    try:
        (bound or _listening)(host, port).close()
    except OSError as error:
        raise typer.Exit(refuse(_port_refused(error, host, port, setting))) from error


def _listening(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def _port_refused(error: OSError, host: str, port: int, setting: str) -> str:
    if error.errno == errno.EADDRINUSE:
        told = {"port": port, "setting": setting, "next": port + 1}
        return text("Port %(port)s is in use. End the other program or choose another: %(setting)s=%(next)s", **told)
    own = error.errno == errno.EACCES
    told = {"host": host, "port": port, "setting": setting if own else setting.replace("_PORT", "_HOST")}
    return text("This machine cannot serve %(host)s, port %(port)s. Please look at %(setting)s.", **told)


def _renew_certificate(settings: Settings) -> None:
    """Before it ends, or when this machine has a new address. Serving goes on with the old one if that fails."""
    files, names, now = certificates_in(settings.state_dir), own_names(), SystemClock().now()
    if needs_renewal(files, names=names, now=now):
        try:
            make_certificate(files, names=names, now=now)
        except (LianxinError, OSError) as error:
            refuse(_told(error, files.folder))


def _told(error: LianxinError | OSError, folder: Path) -> str:
    if isinstance(error, LianxinError):
        return text(error.message, **error.params)
    return text("Nothing can be written to %(folder)s. Please look at its rights and at the free space.", folder=folder)


def _greet(settings: Settings) -> None:
    say(text("Lianxin: http://%(host)s:%(port)s", host=settings.host, port=settings.port))
    if certificates_in(settings.state_dir).server.exists():
        own = settings.media_public_addresses[0]
        address = f"https://{f'[{own}]' if ':' in own else own}:{settings.tls_port}"
        say(text("For kiosks and desks in the network: %(address)s", address=address))
    if settings.demonstration:
        say(text("Demonstration accounts (user name / password):"))
        for one in demonstration_accounts():
            say(f"  {one.username:<14} {one.password}   {text(one.note)}")
        codes = ", ".join(demonstration_kiosk_codes()[:3])
        say(text("Kiosk codes, one browser each, at /kiosk/enrol: %(codes)s", codes=codes))
    say(text("Ctrl-C ends it."))


@cli.command()
def serve(
    media: Annotated[int | None, typer.Option(help="How many media processes; otherwise as set.")] = None,
) -> None:
    """Serve everything on this machine: pages and media."""
    if media is not None:
        os.environ["LIANXIN_MEDIA_PROCESSES"] = str(media)
    settings = _settings()
    configure(settings.log_level, process="supervisor")
    _check_depth(settings)
    _make_room(settings)
    _check_ports(settings)
    _prepare(settings)
    _renew_certificate(settings)
    _greet(settings)
    raise typer.Exit(supervisor.serve(engines={one.name: one.control_path for one in settings.media_engines}))


def _become(*command: str) -> NoReturn:
    """Go on as another process of ours: this command need not load what only that one needs, and starts sooner."""
    os.execv(sys.executable, [sys.executable, "-m", *command])  # noqa: S606 - our own modules


@cli.command("init")
def init_command() -> None:
    """Make the data folders, and the two keys in the file .env; what is there stays as it is."""
    try:
        for line in initialise(Path(".env"), os.environ):
            say(line)
    except ValidationError as error:
        raise typer.Exit(_refuse_settings(error)) from error
    except LianxinError as error:
        raise typer.Exit(refuse(text(error.message, **error.params))) from error
    except OSError as error:
        raise typer.Exit(refuse(_told(error, Path(error.filename or ".env").absolute()))) from error


@cli.command("web")
def web_command() -> None:
    """Serve the pages only."""
    _settings()
    _become("server.web")


@cli.command()
def media(engine: Annotated[int, typer.Option(min=1, help="Which of the media processes.")] = 1) -> None:
    """Serve the media only: one process of them."""
    settings = _settings()
    _check_depth(settings)
    if engine > len(settings.media_engines):
        raise typer.Exit(refuse(text("There are not so many media processes. Please look at LIANXIN_MEDIA_PROCESSES.")))
    _become("server.media", str(engine))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest version; plant the demonstration district where it is wanted."""
    _prepare(_settings())


@cli.command()
def demo() -> None:
    """Play one whole reception with two synthetic peers, against the running server or one of its own."""
    _settings()
    _become("server.demonstration")


@cli.command()
def selftest() -> None:
    """Make a recorded call through the running media processes, or through one of its own, and judge it."""
    _settings()
    _become("server.selftest")


@cli.command()
def administrator(username: str) -> None:
    """Make an administrator's account, or give it a new password, which is shown once."""
    settings = _settings()
    _prepare(settings)
    use_sealer(Sealer.from_secret(settings.secret.get_secret_value()))
    engine = make_engine(settings.database_address)
    try:
        with writing(engine) as db:
            password = _password_of_administrator(db, username)
    except LianxinError as error:
        raise typer.Exit(refuse(text(error.message, **error.params))) from error
    finally:
        engine.dispose()
    say(text("The password of %(name)s, shown only now: %(password)s", name=username, password=password))


def _password_of_administrator(db: Session, username: str) -> str:
    told: dict[str, Any] = {"actor": CONSOLE, "now": SystemClock().now()}
    known = list_people(db, actor=CONSOLE, text=username, role=Role.ADMINISTRATOR)
    for person, _place in known:
        if person.username == username and person.active:
            return new_password(db, user_id=person.id or 0, **told)
    form = PersonForm(display_name=username, role=Role.ADMINISTRATOR)
    return add_person(db, username=username, form=form, **told)[1]


@cli.command()
def verify(session: str) -> None:
    """Say what of a recording is whole: by its folder's name, the number of the reception or of the petition."""
    raise typer.Exit(verify_session(_settings(), session))


@cli.command()
def tls(
    name: Annotated[list[str] | None, typer.Option(help="A further name or address of this machine.")] = None,
) -> None:
    """Make or renew the certificate for kiosks in the local network; what they trust stays the same."""
    settings = _settings()
    files = certificates_in(settings.state_dir)
    try:
        made = make_certificate(files, names=[*(name or []), *own_names()], now=SystemClock().now())
    except (LianxinError, OSError) as error:
        raise typer.Exit(refuse(_told(error, files.folder))) from error
    say(text("The certificate is valid for: %(names)s", names=", ".join(made)))
    say(text("Kiosks trust this file once: %(file)s", file=files.authority))
    say(text("It is used from the next start on, on port %(port)s.", port=settings.tls_port))


def main() -> None:
    """Run the command; whatever it and its processes make is for this user only."""
    os.umask(0o077)
    cli()


if __name__ == "__main__":
    main()
