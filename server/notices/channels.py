"""The ways out of the house: texts through an HTTP gateway, e-mail through SMTP. Both block.

What comes back says whether it surely went, surely not, or nobody knows: only what surely did not go is tried again.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Protocol

import httpx2

from server.notices.sending import SENT, Came, Letter
from server.notices.states import SendingEvent
from server.notices.words import Channel
from server.settings import Settings

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0
NOT_THIS_ONE = frozenset({400, 413, 422})
PERHAPS_SENT = frozenset({504})


class Way(Protocol):
    """Sends a letter."""

    def __call__(self, letter: Letter) -> Came:
        """What came of it; never raises for what the other side does."""
        ...


class SmsGateway:
    """``POST {"id", "phone", "text"}`` as JSON with the secret in a header; 2xx is taken. Follows no redirect."""

    def __init__(self, url: str, header: str, secret: str) -> None:
        self._url, self._headers = url, {header: secret}
        self._timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)

    def __call__(self, letter: Letter) -> Came:
        """Send it."""
        body = {"id": letter.key, "phone": letter.to, "text": letter.text}
        headers = {**self._headers, "idempotency-key": letter.key}
        try:
            with httpx2.Client(timeout=self._timeout, trust_env=False, verify=ssl.create_default_context()) as client:
                answer = client.post(self._url, json=body, headers=headers)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            return Came(SendingEvent.WAIT, "away")
        except httpx2.HTTPError:
            return Came(SendingEvent.LOSE, "no_answer")
        return _of_status(answer.status_code)


def _of_status(status: int) -> Came:
    """A wrong secret or address is mended in the settings, so it is tried again; a number that is refused is not."""
    if 200 <= status < 300:
        return SENT
    if status in NOT_THIS_ONE:
        return Came(SendingEvent.GIVE_UP, "refused")
    if status in PERHAPS_SENT:
        return Came(SendingEvent.LOSE, "no_answer")
    return Came(SendingEvent.WAIT, "busy" if status >= 500 or status == 429 else "not_let_in")


@dataclass(frozen=True)
class MailServer:
    """Where e-mail is handed in. ``security``: ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str


class Mail:
    """One message a connection."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def __call__(self, letter: Letter) -> Came:
        """Send it."""
        try:
            with self._connected() as smtp:
                code, _ = smtp.mail(self._server.sender)
                if code == 250:
                    code, _ = smtp.rcpt(letter.to)
                    return _handed_in(smtp, self._message(letter)) if code in {250, 251} else _refusal(code)
                return Came(SendingEvent.WAIT, "not_let_in")
        except smtplib.SMTPAuthenticationError:
            return Came(SendingEvent.WAIT, "not_let_in")
        except (smtplib.SMTPException, OSError):
            return Came(SendingEvent.WAIT, "away")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server, trust = self._server, ssl.create_default_context()
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=ANSWER_SECONDS, context=trust)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
        try:
            if server.security == "starttls":
                smtp.starttls(context=trust)
            if server.user:
                smtp.login(server.user, server.password)
            smtp.ehlo_or_helo_if_needed()
            yield smtp
        finally:
            smtp.close()

    def _message(self, letter: Letter) -> bytes:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._server.sender, letter.to, letter.subject
        message["Date"], message["Auto-Submitted"] = formatdate(), "auto-generated"
        message["Message-ID"] = f"<{re.sub(r'[^0-9A-Za-z.-]', '.', letter.key)}@{self._server.host}>"
        message.set_content(letter.text, cte="base64")
        return message.as_bytes(policy=SMTP)


def _handed_in(smtp: smtplib.SMTP, message: bytes) -> Came:
    """From here on only a server that says no has surely not sent it."""
    try:
        code, _ = smtp.data(message)
    except smtplib.SMTPDataError as refusal:
        return _refusal(refusal.smtp_code)
    except (smtplib.SMTPException, OSError):
        return Came(SendingEvent.LOSE, "no_answer")
    return SENT if code == 250 else _refusal(code)


def _refusal(code: int) -> Came:
    return Came(SendingEvent.GIVE_UP, "refused") if code >= 500 else Came(SendingEvent.WAIT, "busy")


def ways_of(settings: Settings) -> dict[Channel, Way]:
    """The ways that are set up."""
    ways: dict[Channel, Way] = {}
    if settings.sms_url:
        ways[Channel.SMS] = SmsGateway(settings.sms_url, settings.sms_header, settings.sms_secret.get_secret_value())
    if settings.mail_host:
        ways[Channel.EMAIL] = Mail(
            MailServer(
                host=settings.mail_host,
                port=settings.mail_port,
                security=settings.mail_security,
                user=settings.mail_user,
                password=settings.mail_password.get_secret_value(),
                sender=settings.mail_from,
            )
        )
    return ways
