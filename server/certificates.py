"""A small certificate authority for kiosks in the local network, and this machine's certificate from it.

Everything is in ``<state_dir>/tls``: ``ca.key`` and ``ca.crt`` are made once and stay, because every kiosk was told to
trust them; ``server.pem`` (key and certificate in one file, replaced as a whole) is made anew by every call.
"""

import ipaddress
import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.errors import Invalid, Unavailable
from server.settings import own_addresses

CA_DAYS = 3650
SERVER_DAYS = 730
RENEW_DAYS = 30
SLOW_CLOCKS = timedelta(days=2)
_USAGES = [
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]


@dataclass(frozen=True)
class Certificates:
    """Where the files are."""

    folder: Path

    @property
    def authority_key(self) -> Path:
        """The authority's secret; it never leaves this machine."""
        return self.folder / "ca.key"

    @property
    def authority(self) -> Path:
        """What kiosks are told to trust."""
        return self.folder / "ca.crt"

    @property
    def server(self) -> Path:
        """Key and certificate of the TLS server."""
        return self.folder / "server.pem"


def certificates_in(state_dir: Path) -> Certificates:
    """The files below the state directory, whether they are there or not."""
    return Certificates(state_dir / "tls")


def own_names() -> list[str]:
    """Names and addresses by which others may call this machine."""
    host = socket.gethostname()
    found = [*own_addresses(), "::1", "localhost", host, f"{host.split('.')[0]}.local"]
    with suppress(OSError):
        found += [str(one[4][0]).split("%")[0] for one in socket.getaddrinfo(host, None)]
    return [one for one in dict.fromkeys(found) if _holds(one)]


def _holds(name: str) -> bool:
    """Whether a certificate can hold the name: some machines have one with an underscore."""
    with suppress(Invalid):
        _general_name(name)
        return True
    return False


def make_certificate(files: Certificates, *, names: list[str], now: datetime) -> list[str]:
    """Make or renew the server's certificate for ``names`` and those it had; all of them. The authority stays.

    Raises ``Invalid("bad_certificate_name")`` for a name no certificate can hold,
    ``Unavailable("authority_broken")`` when only a part of the authority is there,
    ``OSError`` when nothing can be written.
    """
    wanted = [_general_name(one) for one in names]
    files.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, authority = _authority(files, now)
    with suppress(OSError, ValueError):
        wanted += _names_of(files)
    wanted = list(dict.fromkeys(wanted))
    own_key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _builder("Lianxin", authority.subject, own_key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(files.server, _pem(own_key) + made.public_bytes(Encoding.PEM), 0o600)
    return [str(one.value) for one in wanted]


def needs_renewal(files: Certificates, *, names: list[str], now: datetime) -> bool:
    """Whether there is a certificate that ends soon or does not know one of ``names``."""
    try:
        certificate = x509.load_pem_x509_certificate(files.server.read_bytes())
        known = set(_names_of(files))
    except (OSError, ValueError):
        return files.server.exists()
    ends_soon = certificate.not_valid_after_utc - now < timedelta(days=RENEW_DAYS)
    return ends_soon or any(_general_name(one) not in known for one in names)


def _authority(files: Certificates, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    if not files.authority_key.exists() and not files.authority.exists():
        _make_authority(files, now)
    try:
        key = load_pem_private_key(files.authority_key.read_bytes(), None)
        authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    except (FileNotFoundError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _broken(files) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or authority.public_key() != key.public_key():
        raise _broken(files)
    return key, authority


def _broken(files: Certificates) -> Unavailable:
    return Unavailable(
        "authority_broken",
        "The files ca.key and ca.crt in %(folder)s do not belong together. Bring them back from a backup, or remove "
        "both and let every kiosk trust the new certificate.",
        params={"folder": files.folder},
    )


def _make_authority(files: Certificates, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"Lianxin {socket.gethostname()[:40]} {secrets.token_hex(3)}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        _builder(name, subject, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(files.authority_key, _pem(key), 0o600)
    _write(files.authority, made.public_bytes(Encoding.PEM), 0o644)


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLOW_CLOCKS)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*granted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{one: one in granted for one in _USAGES})


def _general_name(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    try:
        plain = name.encode("idna").decode()
        if not plain or set(plain.lower()) - set("abcdefghijklmnopqrstuvwxyz0123456789-."):
            raise ValueError(name)
        return x509.DNSName(plain)
    except ValueError as error:
        message = "%(name)s is neither a name nor an address of a machine."
        raise Invalid("bad_certificate_name", message, params={"name": name}) from error


def _names_of(files: Certificates) -> list[x509.GeneralName]:
    certificate = x509.load_pem_x509_certificate(files.server.read_bytes())
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes, mode: int) -> None:
    """Replace a file as a whole; nobody else can read it at any moment."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
