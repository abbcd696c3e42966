"""The ways out of the house against real servers: what went, what surely did not, and what nobody knows."""

import socket
import ssl
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_string
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from server.certificates import certificates_in, make_certificate
from server.notices.channels import Mail, MailServer, SmsGateway, ways_of
from server.notices.sending import SENT, Came, Letter
from server.notices.states import SendingEvent
from server.notices.words import Channel
from server.settings import Settings
from tests.notices.post_office import SILENCE, Gateway, MailOffice, open_gateway, open_mail_office

TEXT = Letter("261127-001-1:booked:2026-11-24T01:00:00+00:00:sms", "+8613800138000", "接访通知", "您约好了。")
MAIL = Letter(TEXT.key.replace("sms", "email"), "liuwan@qingxi.example", "接访通知", "您约好了。")
WAIT, GIVE_UP, LOSE = SendingEvent.WAIT, SendingEvent.GIVE_UP, SendingEvent.LOSE


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as made:
        yield made


@pytest.fixture
def office() -> Iterator[MailOffice]:
    with open_mail_office() as made:
        yield made


def sms(gateway: Gateway) -> SmsGateway:
    return SmsGateway(gateway.url, "Authorization", "Bearer known")


def mail(office: MailOffice, *, security: str = "none", user: str = "") -> Mail:
    return Mail(MailServer("127.0.0.1", office.port, security, user, "word", "jiefang@qingxi.example"))


def nobody() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_text_goes_with_its_key_and_the_secret(gateway: Gateway) -> None:
    assert sms(gateway)(TEXT) == SENT
    assert gateway.texts == [{"id": TEXT.key, "phone": "+8613800138000", "text": "您约好了。"}]
    assert gateway.headers[0]["authorization"] == "Bearer known"
    assert gateway.headers[0]["idempotency-key"] == TEXT.key


@pytest.mark.parametrize(
    ("status", "came"),
    [
        (202, SENT),
        (400, Came(GIVE_UP, "refused")),
        (422, Came(GIVE_UP, "refused")),
        (401, Came(WAIT, "not_let_in")),
        (404, Came(WAIT, "not_let_in")),
        (302, Came(WAIT, "not_let_in")),
        (429, Came(WAIT, "busy")),
        (500, Came(WAIT, "busy")),
        (504, Came(LOSE, "no_answer")),
        (SILENCE, Came(LOSE, "no_answer")),
    ],
)
def test_what_the_gateway_says_is_understood(gateway: Gateway, status: int, came: Came) -> None:
    gateway.answers.append(status)
    assert sms(gateway)(TEXT) == came
    assert len(gateway.texts) == 1


def test_a_gateway_that_is_not_there_has_surely_sent_nothing() -> None:
    assert SmsGateway(f"http://127.0.0.1:{nobody()}/send", "X-Key", "known")(TEXT) == Came(WAIT, "away")


def test_a_letter_goes_to_the_agent_in_plain_chinese(office: MailOffice) -> None:
    assert mail(office, user="jiefang")(MAIL) == SENT
    [(to, raw)] = office.letters
    letter = message_from_string(raw)
    assert to == "liuwan@qingxi.example"
    assert str(make_header(decode_header(letter["Subject"]))) == "接访通知"
    assert b64decode(str(letter.get_payload())).decode().strip() == "您约好了。"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert b64decode(office.signed_in[0].split()[-1]) == b"\0jiefang\0word"


@pytest.mark.parametrize(
    ("verb", "reply", "came"),
    [
        ("RCPT", 550, Came(GIVE_UP, "refused")),
        ("RCPT", 451, Came(WAIT, "busy")),
        ("MAIL", 530, Came(WAIT, "not_let_in")),
        ("AUTH", 535, Came(WAIT, "not_let_in")),
        ("DATA", 451, Came(WAIT, "busy")),
        ("MESSAGE", 552, Came(GIVE_UP, "refused")),
        ("MESSAGE", 450, Came(WAIT, "busy")),
        ("MAIL", SILENCE, Came(WAIT, "away")),
        ("RCPT", SILENCE, Came(WAIT, "away")),
        ("MESSAGE", SILENCE, Came(LOSE, "no_answer")),
    ],
)
def test_what_the_mail_server_says_is_understood(office: MailOffice, verb: str, reply: int, came: Came) -> None:
    office.replies[verb] = reply
    assert mail(office, user="jiefang")(MAIL) == came


def test_a_mail_server_that_is_not_there_has_surely_sent_nothing() -> None:
    server = MailServer("127.0.0.1", nobody(), "none", "", "", "jiefang@qingxi.example")
    assert Mail(server)(MAIL) == Came(WAIT, "away")


def test_a_mail_server_is_trusted_by_its_certificate_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificates_in(tmp_path)
    make_certificate(files, names=["127.0.0.1"], now=datetime.now(UTC))
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(files.server)
    with open_mail_office(own) as office:
        assert mail(office, security="starttls")(MAIL) == Came(WAIT, "away")
        assert office.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
        assert mail(office, security="starttls")(MAIL) == SENT
        assert len(office.letters) == 1


def test_nothing_is_said_in_clear_where_it_was_to_be_secured(office: MailOffice) -> None:
    assert mail(office, security="starttls", user="jiefang")(MAIL) == Came(WAIT, "away")
    assert (office.letters, office.signed_in) == ([], [])


def test_both_ways_are_off_unless_set_up(settings: Settings) -> None:
    assert ways_of(settings) == {}
    gate = {"sms_url": "https://gateway.example/send", "sms_secret": SecretStr("known")}
    post = {"mail_host": "mail.example", "mail_from": "jiefang@qingxi.example"}
    assert set(ways_of(settings.model_copy(update={**gate, **post}))) == {Channel.SMS, Channel.EMAIL}


@pytest.mark.parametrize(
    "wrong",
    [
        {"sms_url": "gateway.example", "sms_secret": "known"},
        {"sms_url": "https://gateway.example/send"},
        {"sms_url": "https://name:word@gateway.example/send", "sms_secret": "known"},
        {"mail_host": "mail.example"},
        {"quiet_hours": "at night"},
        {"quiet_hours": "21:30-25:00"},
    ],
)
def test_half_a_setting_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="LIANXIN_"):
        Settings(demonstration=True, _env_file=None, **wrong)
