"""The servers and keyrings that the other tests stand on are real, fresh, and do as they are told."""

import os
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import keyring
import pytest
from keyring.errors import KeyringLocked, NoKeyringError
from sqlalchemy import create_engine, text

from shopdesk import paths
from shopdesk.store.database import Database
from support.mail import MailServer


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "shop@example.org", "ada@example.org", "Żółw — paid"
    letter.set_content("Thank you.")
    return letter


def _client(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, local_hostname="till.test", context=ssl.create_default_context()
        )
    return smtplib.SMTP(server.host, server.port, local_hostname="till.test")


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_has_a_fresh_database(database_url: str, round_: int) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing (name TEXT)"))
        connection.execute(text("INSERT INTO thing VALUES ('Żółw 🐢')"))
        assert connection.execute(text("SELECT name FROM thing")).scalar() == "Żółw 🐢"
    engine.dispose()


@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_has_a_fresh_shop(database: Database, round_: int) -> None:
    with database.sessions.begin() as session:
        assert session.execute(text("SELECT count(*) FROM documents")).scalar() == 0
        session.execute(text("CREATE TABLE thing (name TEXT)"))


def test_each_test_has_a_fresh_home(home: Path) -> None:
    assert not home.exists()
    assert paths.home() == home
    assert home.stat().st_mode & 0o777 == 0o700
    assert os.environ["SHOPDESK_HOME"] == str(home)


def test_resources_come_with_the_program() -> None:
    assert (paths.resources() / "fonts" / "DejaVuSans.ttf").is_file()


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_mail_arrives(security: str, start_mail_server: Callable[..., MailServer]) -> None:
    server = start_mail_server(security, login=("shop", "secret"))
    with _client(server) as client:
        if security == "starttls":
            client.starttls(context=ssl.create_default_context())
        client.login("shop", "secret")
        client.send_message(_letter())
    (received,) = server.wait_for(1)
    assert received.recipients == ("ada@example.org",)
    assert received.message["Subject"] == "Żółw — paid"
    assert received.user == "shop"
    assert received.encrypted == (security != "none")


def test_a_certificate_of_nobody_is_refused(start_mail_server: Callable[..., MailServer]) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        _client(start_mail_server("tls", trusted=False))


def test_a_wrong_password_is_refused(start_mail_server: Callable[..., MailServer]) -> None:
    with _client(start_mail_server(login=("shop", "secret"))) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("shop", "guess")


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", ["451 4.3.0 later", "550 5.1.1 no such person"])
def test_the_mail_server_refuses(stage: str, reply: str, mail_server: MailServer) -> None:
    mail_server.answers[stage] = reply
    with _client(mail_server) as client, pytest.raises(smtplib.SMTPException, match=reply[:3]):
        client.send_message(_letter())
    mail_server.answers.clear()
    with _client(mail_server) as client:
        client.send_message(_letter())
    assert len(mail_server.received) == 1


def test_mail_without_signing_in_is_refused(start_mail_server: Callable[..., MailServer]) -> None:
    with (
        _client(start_mail_server(login=("shop", "secret"))) as client,
        pytest.raises(smtplib.SMTPException, match="530"),
    ):
        client.send_message(_letter())


def test_the_mail_server_loses_its_answer(mail_server: MailServer) -> None:
    mail_server.lose_answer = True
    client = _client(mail_server)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(_letter())
    client.close()
    assert len(mail_server.wait_for(1)) == 1


def test_secrets_stay_in_memory() -> None:
    assert keyring.get_password("shopdesk", "mail") is None
    keyring.set_password("shopdesk", "mail", "secret")
    assert keyring.get_password("shopdesk", "mail") == "secret"


def test_a_machine_without_a_keyring_says_so(no_keyring: None) -> None:
    with pytest.raises(NoKeyringError):
        keyring.get_password("shopdesk", "mail")


def test_a_locked_keyring_says_so(locked_keyring: None) -> None:
    with pytest.raises(KeyringLocked):
        keyring.set_password("shopdesk", "mail", "secret")
