"""Settings, read once from the environment (``LIANXIN_*``) and ``.env``; docs/operations.md lists them."""

import ipaddress
import os
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMONSTRATION_SECRET = "demonstration-only-secret-not-for-real-use"  # noqa: S105 - refused outside demonstration
MOST_MEDIA_PROCESSES = 16
MOST_SOCKET_PATH = 107
"""Bytes of a Unix socket's path (unix(7)), without its end."""
TURN_URL = re.compile(
    r"(?P<scheme>turn|turns(?!.*transport=udp)):(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)"
    r"(:(?P<port>\d{1,5}))?(\?transport=(?P<transport>udp|tcp))?"
)
QUIET_HOURS = re.compile(r"(([01]?\d|2[0-3]):[0-5]\d)-(([01]?\d|2[0-3]):[0-5]\d)")
GATEWAY = re.compile(r"https?://[^\s/@]+(/\S*)?")


def own_addresses() -> list[str]:
    """The addresses by which others reach this machine, as far as it has any, then loopback."""
    found = [_own_address(socket.AF_INET, "192.0.2.1"), _own_address(socket.AF_INET6, "2001:db8::1")]
    return [*(one for one in found if one not in {"", "127.0.0.1", "::1"}), "127.0.0.1"]


def _own_address(family: socket.AddressFamily, beyond: str) -> str:
    """From which address this machine would write to an address beyond it; nothing is sent. Empty: from none."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((beyond, 9))
        return str(probe.getsockname()[0])
    return ""


def _by_comma(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]


def _is_turn_url(value: str) -> bool:
    """Whether every browser takes it: one that is malformed would keep the connection from being made at all."""
    found = TURN_URL.fullmatch(value)
    return found is not None and 0 < int(found["port"] or 1) <= 65535


@dataclass(frozen=True)
class MediaEngine:
    """One media process: its control socket, its UDP port (0: any), and the one told to browsers (0: the same)."""

    name: str
    control_path: Path
    port: int
    public_port: int


class Settings(BaseSettings):
    """Every setting with its default; an empty one has it too. Paths may be relative to the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="LIANXIN_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    demonstration: bool = Field(default=False, description="Serve the fictitious demonstration district.")
    secret: SecretStr = Field(
        default=SecretStr(DEMONSTRATION_SECRET),
        description="At least 32 characters; seals personal data and signs tokens.",
    )
    recording_key: SecretStr = Field(
        default=SecretStr(""), description="At least 32 characters; seals recordings. Empty: they are kept plain."
    )
    data_dir: Path = Field(default=Path("recordings"), description="Database, papers, certificates, recordings.")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: SQLite below the data directory.")
    host: str = Field(default="127.0.0.1", description="Address of the plain page server; only loopback is secure.")
    port: int = Field(default=8080, ge=1, le=65535, description="TCP port of the plain page server.")
    tls_host: str = Field(default="0.0.0.0", description="Address of the TLS server.")  # noqa: S104 - kiosks call in
    tls_port: int = Field(default=8443, ge=1, le=65535, description="TCP port of the TLS server, once made.")
    media_host: str = Field(default="::", description="UDP address of the media process; '::' is IPv6 and IPv4.")
    media_port: int = Field(default=40000, ge=0, le=65535, description="The one UDP port of the media process; 0: any.")
    media_addresses: str = Field(default="", description="Addresses told to browsers, by comma; empty: this machine's.")
    media_public_port: int = Field(default=0, ge=0, le=65535, description="UDP port told to browsers; 0: media_port.")
    media_group_ms: float = Field(default=3, ge=0, le=20, description="Milliseconds packets of many talks may gather.")
    media_processes: int = Field(
        default=1, ge=1, le=MOST_MEDIA_PROCESSES, description="Media processes; each takes the next UDP port."
    )
    media_full_cpu: float = Field(default=0.75, gt=0, description="Share of a core above which no session is taken.")
    media_full_lag_ms: float = Field(default=30.0, gt=0, description="Lateness above which no session is taken.")
    turn_urls: str = Field(default="", description="TURN servers for those to whom UDP is closed, by comma.")
    turn_secret: SecretStr = Field(default=SecretStr(""), description="At least 32 characters, shared with coturn.")
    turn_seconds: int = Field(default=3600, ge=60, le=86400, description="Seconds TURN credentials are good for.")
    turn_only: bool = Field(default=False, description="Media go by TURN alone, to try it out.")
    metrics_token: SecretStr = Field(default=SecretStr(""), description="Bearer token of /metrics; empty: loopback.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")
    signing_in_lockout_minutes: int = Field(default=15, ge=1, description="Lock after five wrong passwords.")
    working_target_days: int = Field(default=20, ge=1, description="Internal target for handling, in days.")
    accept_days: int = Field(default=15, ge=1, description="Days to accept or refuse, told in writing (art. 23).")
    handle_days: int = Field(default=60, ge=1, description="Days to handle from acceptance (art. 34).")
    recording_keep_days: int = Field(default=180, ge=0, description="Days after closing; 0: recordings stay for ever.")
    draft_keep_days: int = Field(default=1, ge=1, description="Days an unfinished booking and its photographs stay.")
    booking_notice_days: int = Field(default=3, ge=0, description="Days of notice for a booking by a villager.")
    grace_minutes: int = Field(default=10, ge=0, description="Minutes a booked visitor may be late.")
    hold_minutes: int = Field(default=10, ge=1, le=60, description="Minutes a chosen time is kept for who books it.")
    same_matter_days: int = Field(default=90, ge=0, description="Days in which a second booking of one matter is told.")
    priority_minutes: int = Field(default=30, ge=0, le=240, description="Minutes credited to visitors with priority.")
    priority_reasons: str = Field(
        default="old,disabled,ill,far,deadline", description="Reasons that give priority, by comma."
    )
    priority_age: int = Field(default=70, ge=1, description="Age from which a visitor is of great age, by the ID card.")
    point_share_minutes: int = Field(
        default=20,
        ge=0,
        le=240,
        description="Minutes between walk-ins of one point, so that other points come between.",
    )
    longest_wait_minutes: int = Field(
        default=60, ge=1, description="Minutes of waiting after which nobody who came later goes first."
    )
    quiet_hours: str = Field(default="21:30-7:30", description="When no text goes to a phone; 0:00-0:00: never.")
    notice_keep_days: int = Field(default=180, ge=1, description="Days what was sent to whom can be looked up.")
    sms_url: str = Field(default="", description="Address of the SMS gateway; empty: no texts to phones.")
    sms_header: str = Field(default="Authorization", description="Header that carries the secret of the gateway.")
    sms_secret: SecretStr = Field(default=SecretStr(""), description="What the gateway knows us by.")
    mail_host: str = Field(default="", description="Mail server (SMTP); empty: no e-mail.")
    mail_port: int = Field(default=587, ge=1, le=65535, description="Its TCP port.")
    mail_security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="How it is secured.")
    mail_user: str = Field(default="", description="Name to sign in with there; empty: without.")
    mail_password: SecretStr = Field(default=SecretStr(""), description="Password to sign in with there.")
    mail_from: str = Field(default="", description="Sender's address of e-mail.")

    overtime_minutes: int = Field(
        default=0, ge=0, le=240, description="Minutes after the end of a reception in which a talk may still begin."
    )
    absence_undo_minutes: int = Field(
        default=120, ge=1, le=1440, description="Minutes in which what was done about an absence can be undone."
    )

    office_name: str = Field(default="", max_length=40, description="Office in whose name papers are made.")
    document_fonts: str = Field(default="", description="Fonts for the body of papers, by comma, before our own.")

    offer_minutes: int = Field(
        default=120, ge=15, le=2880, description="Minutes of daytime to answer when a freed time is offered."
    )

    @model_validator(mode="after")
    def _secret_is_real(self) -> Self:
        value = self.secret.get_secret_value()
        if not self.demonstration and (value == DEMONSTRATION_SECRET or len(value) < 32):
            raise ValueError("LIANXIN_SECRET must be set to at least 32 characters outside demonstration")
        return self

    @field_validator("recording_key")
    @classmethod
    def _recording_key_is_long(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("a recording key has at least 32 characters")
        return value

    @model_validator(mode="after")
    def _ports_are_enough(self) -> Self:
        if max(self.media_port, self.media_public_port) + self.media_processes - 1 > 65535:
            raise ValueError("So many media processes need lower media ports")
        return self

    @model_validator(mode="after")
    def _addresses_are_some(self) -> Self:
        for one in self._chosen_addresses():
            try:
                ipaddress.ip_address(one)
            except ValueError as error:
                raise ValueError("LIANXIN_MEDIA_ADDRESSES must be IP addresses, by comma") from error
        return self

    @field_validator("priority_reasons")
    @classmethod
    def _reasons_are_known(cls, value: str) -> str:
        if not {one.strip() for one in value.split(",")} - {""} <= {"old", "disabled", "ill", "far", "deadline"}:
            raise ValueError("priority reasons are among old, disabled, ill, far, deadline")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _quiet_hours_are_hours(cls, value: str) -> str:
        if value.strip() and not QUIET_HOURS.fullmatch(value.strip()):
            raise ValueError("LIANXIN_QUIET_HOURS must be like 21:30-7:30; 0:00-0:00 for never")
        return value

    @model_validator(mode="after")
    def _ways_of_notices_are_whole(self) -> Self:
        if self.sms_url and not GATEWAY.fullmatch(self.sms_url):
            raise ValueError("LIANXIN_SMS_URL must be an address like https://gateway.example/send")
        if self.sms_url and not self.sms_secret.get_secret_value():
            raise ValueError("LIANXIN_SMS_URL needs LIANXIN_SMS_SECRET: what the gateway knows us by")
        if self.mail_host and "@" not in self.mail_from:
            raise ValueError("LIANXIN_MAIL_HOST needs LIANXIN_MAIL_FROM: the sender's address")
        return self

    @model_validator(mode="after")
    def _turn_is_whole(self) -> Self:
        if not all(_is_turn_url(one) for one in self.turn_servers):
            raise ValueError(
                "LIANXIN_TURN_URLS must be like turn:name:3478?transport=tcp or turns:name:5349?transport=tcp, by comma"
            )
        if self.turn_servers and len(self.turn_secret.get_secret_value()) < 32:
            raise ValueError("LIANXIN_TURN_URLS needs LIANXIN_TURN_SECRET: at least 32 characters, the same in coturn")
        if self.turn_only and not self.turn_servers:
            raise ValueError("LIANXIN_TURN_ONLY needs LIANXIN_TURN_URLS")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.port == self.tls_port:
            raise ValueError("LIANXIN_PORT and LIANXIN_TLS_PORT must differ")
        return self

    def _chosen_addresses(self) -> list[str]:
        return _by_comma(self.media_addresses)

    @property
    def turn_servers(self) -> list[str]:
        """The addresses of the TURN servers (RFC 7065)."""
        return _by_comma(self.turn_urls)

    @property
    def wished_fonts(self) -> list[str]:
        """The font families that papers prefer."""
        return _by_comma(self.document_fonts)

    @property
    def chosen_reasons(self) -> list[str]:
        """The reasons that give priority."""
        return [one.strip() for one in self.priority_reasons.split(",") if one.strip()]

    @property
    def state_dir(self) -> Path:
        """Where the database, sockets, keys and certificates are."""
        return self.data_dir / "state"

    @property
    def sessions_dir(self) -> Path:
        """Where recordings are, one folder a session."""
        return self.data_dir / "sessions"

    @property
    def papers_dir(self) -> Path:
        """Where photographed papers are."""
        return self.data_dir / "papers"

    @property
    def media_engines(self) -> list[MediaEngine]:
        """Every media process of this machine, the first first."""
        return [
            MediaEngine(
                name=str(index + 1),
                control_path=self.state_dir / ("media.sock" if index == 0 else f"media-{index + 1}.sock"),
                port=self.media_port and self.media_port + index,
                public_port=self.media_public_port and self.media_public_port + index,
            )
            for index in range(self.media_processes)
        ]

    @property
    def media_public_addresses(self) -> list[str]:
        """The addresses told to browsers: those that were set, else this machine's of the families it listens to."""
        found = [one for one in own_addresses() if ":" not in one or ":" in self.media_host]
        return self._chosen_addresses() or found

    @property
    def database_address(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{(self.state_dir / 'lianxin.sqlite3').absolute()}"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()


def unknown_settings() -> list[str]:
    """Names in the environment and in ``.env`` that look like settings and are none: a slip would go unnoticed."""
    named = {name.upper() for name in (*os.environ, *dotenv_values(".env")) if name.upper().startswith("LIANXIN_")}
    return sorted(named - {f"LIANXIN_{name.upper()}" for name in Settings.model_fields})
