"""``lianxin verify``: what of a recording is whole, compared with the seal that the database keeps."""

from sqlalchemy.exc import SQLAlchemyError

from server.console import refuse, say, text
from server.database import make_engine, reading
from server.errors import Invalid, Unavailable
from server.media.recording_index import opaque
from server.media.verify_recording import sentences, status, verify
from server.petitions.service_seal import Sealed, sealed_session
from server.settings import Settings


def verify_session(settings: Settings, name: str) -> int:
    """Say it in sentences; 0 whole, 1 not whole, 2 not there.

    ``name`` is a session's folder, the number of a reception or that of a petition.
    """
    known = _known(settings, name)
    try:
        folder = settings.sessions_dir / opaque(known.token)
    except Invalid as error:
        refuse(text(error.message))
        return 2
    findings = verify(folder, known.seal)
    for line in sentences(findings):
        say(line)
    return status(findings)


def _known(settings: Settings, name: str) -> Sealed:
    engine = make_engine(settings.database_address)
    try:
        with reading(engine) as db:
            found = sealed_session(db, name=name)
    except (SQLAlchemyError, Unavailable):
        say(text("The database does not answer; only what lies on the disk is looked at."))
        return Sealed(name, "")
    finally:
        engine.dispose()
    if found is None:
        say(text("The database knows no such reception; only what lies on the disk is looked at."))
    elif not found.seal:
        say(text("The database has no check code for this recording; only what lies on the disk is looked at."))
    return found or Sealed(name, "")
