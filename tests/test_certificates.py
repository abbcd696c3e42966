"""The authority stays, the certificate is renewed, keys are nobody else's."""

import ipaddress
import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from server.certificates import RENEW_DAYS, SERVER_DAYS, certificates_in, make_certificate, needs_renewal, own_names
from server.errors import Invalid, Unavailable

NOW = datetime.now(UTC)


def shake_hands(folder: Path, name: str) -> str:
    """Call the server's certificate by ``name`` as a client that trusts the authority; the protocol spoken."""
    files = certificates_in(folder)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.server)
    client = ssl.create_default_context(cafile=files.authority)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            try:
                server.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            with (
                socket.create_connection(listener.getsockname()) as plain,
                client.wrap_socket(plain, server_hostname=name) as secure,
            ):
                return str(secure.version())
        finally:
            thread.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "10.20.30.40", "fd00::7", "kiosk.example", "县信访局.example"])
def test_a_client_that_trusts_the_authority_reaches_every_name(tmp_path: Path, name: str) -> None:
    make_certificate(certificates_in(tmp_path), names=["127.0.0.1", name], now=NOW)
    assert shake_hands(tmp_path, name) == "TLSv1.3"


def test_another_name_is_refused(tmp_path: Path) -> None:
    make_certificate(certificates_in(tmp_path), names=["127.0.0.1"], now=NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tmp_path, "elsewhere.example")


def test_renewal_keeps_the_authority_and_the_names(tmp_path: Path) -> None:
    files = certificates_in(tmp_path)
    make_certificate(files, names=["first.example"], now=NOW)
    authority, server = files.authority.read_bytes(), files.server.read_bytes()
    assert make_certificate(files, names=["second.example"], now=NOW) == ["second.example", "first.example"]
    assert files.authority.read_bytes() == authority
    assert files.server.read_bytes() != server
    assert shake_hands(tmp_path, "first.example") == "TLSv1.3"


def test_nobody_else_can_read_the_keys(tmp_path: Path) -> None:
    files = certificates_in(tmp_path)
    make_certificate(files, names=["a.example"], now=NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files.folder.iterdir()}
    assert modes == {"ca.key": 0o600, "ca.crt": 0o644, "server.pem": 0o600}
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700


def test_the_authority_may_sign_servers_only(tmp_path: Path) -> None:
    files = certificates_in(tmp_path)
    make_certificate(files, names=["a.example"], now=NOW)
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    server = x509.load_pem_x509_certificate(files.server.read_bytes())
    assert server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value == x509.ExtendedKeyUsage(
        [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    )


@pytest.mark.parametrize("broken", ["missing", "torn", "foreign"])
def test_half_an_authority_is_not_replaced_in_silence(tmp_path: Path, broken: str) -> None:
    files = certificates_in(tmp_path / "one")
    make_certificate(files, names=["a.example"], now=NOW)
    other = certificates_in(tmp_path / "other")
    make_certificate(other, names=["a.example"], now=NOW)
    if broken == "missing":
        files.authority_key.unlink()
    else:
        files.authority_key.write_bytes(b"torn" if broken == "torn" else other.authority_key.read_bytes())
    authority = files.authority.read_bytes()
    with pytest.raises(Unavailable, match="authority_broken"):
        make_certificate(files, names=["a.example"], now=NOW)
    assert files.authority.read_bytes() == authority


@pytest.mark.parametrize("name", ["", "a b", "*.example", "a/b", "..", "x" * 70])
def test_a_name_that_is_none_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    files = certificates_in(tmp_path)
    with pytest.raises(Invalid, match="bad_certificate_name"):
        make_certificate(files, names=[name], now=NOW)
    assert not files.folder.exists()


def test_renewal_is_needed_near_the_end_and_for_a_new_address(tmp_path: Path) -> None:
    files = certificates_in(tmp_path)
    assert not needs_renewal(files, names=["a.example"], now=NOW)
    make_certificate(files, names=["a.example"], now=NOW)
    assert not needs_renewal(files, names=["a.example"], now=NOW)
    assert needs_renewal(files, names=["10.0.0.9"], now=NOW)
    assert needs_renewal(files, names=["a.example"], now=NOW + timedelta(days=SERVER_DAYS - RENEW_DAYS + 1))
    files.server.write_bytes(b"torn")
    assert needs_renewal(files, names=["a.example"], now=NOW)


def test_this_machine_knows_its_own_names() -> None:
    names = own_names()
    assert {"127.0.0.1", "::1", "localhost", socket.gethostname()} <= set(names)
    assert all(
        ipaddress.ip_address(one) for one in names if one[0].isdigit() and ":" not in one and one.count(".") == 3
    )
