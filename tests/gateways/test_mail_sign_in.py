"""Signing in to a mailbox by consent: a strict provider, a mail server that takes its tokens, and what may go wrong."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateways.conftest import Browser
from gateways.test_smtp import written
from gateways.web_server import Answer
from shopdesk import logs
from shopdesk.app.credentials import Credentials
from shopdesk.domain.errors import MailSignInFailed, Refused, Unavailable
from shopdesk.gateways import keychain, mail_sign_in, smtp
from shopdesk.gateways.mail_sign_in import ConsentNeeded, MailSecrets
from shopdesk.gateways.providers import NotTrusted
from shopdesk.settings import MailSettings, MailSignIn, Security
from support.keyrings import MemoryKeyring
from support.mail import MailServer
from support.mail_consent import GOOGLE, MICROSOFT, ConsentServer


@pytest.fixture
def provider() -> Iterator[ConsentServer]:
    with ConsentServer() as server:
        yield server


@pytest.fixture
def mail(provider: ConsentServer, mail_server: MailServer) -> MailSettings:
    """A mailbox at Google."""
    mail_server.lets_in = provider.lets_in
    return MailSettings(
        host=mail_server.host,
        port=mail_server.port,
        security=Security.NONE,
        username="shop@example.org",
        sign_in=MailSignIn.GOOGLE,
        client_id=GOOGLE.client_id,
        issuer=provider.address,
    )


@pytest.fixture
def secrets(memory_keyring: MemoryKeyring) -> MailSecrets:
    keychain.write(mail_sign_in.CLIENT_SECRET, str(GOOGLE.secret))
    return MailSecrets(keychain.read, keychain.write)


def at_microsoft(mail: MailSettings, **more: Any) -> MailSettings:
    address = f"{mail.issuer}/shop"
    return replace(mail, sign_in=MailSignIn.MICROSOFT, client_id=MICROSOFT.client_id, issuer=address, **more)


def consent(secrets: MailSecrets, mail: MailSettings, browser: Callable[[str], object]) -> str:
    return secrets.consent(
        mail, client_secret=GOOGLE.secret, open_browser=browser, cancelled=threading.Event(), seconds=20
    )


def send(secrets: MailSecrets, mail: MailSettings) -> str:
    return secrets.use(mail, lambda token: smtp.send(mail, token, written(), "shop@example.org", "ada@example.org"))


def test_mail_is_sent_with_the_owners_consent_at_google(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer, mail_server: MailServer
) -> None:
    consent(secrets, mail, browser)
    assert send(secrets, mail) == send(secrets, mail) == "250 OK"
    assert [received.user for received in mail_server.received] == ["shop@example.org"] * 2
    assert (provider.asked_scopes, provider.hints) == (["https://mail.google.com/"], ["shop@example.org"])
    assert len(provider.asked_for("/token")) == 2  # one for the code, one for both messages


def test_mail_is_sent_with_the_owners_consent_at_microsoft(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer, memory_keyring: MemoryKeyring
) -> None:
    provider.rotates = True
    provider.alter_answer = lambda answer: answer | {"iss": f"{provider.address}/9122040d/v2.0"}
    outlook = at_microsoft(mail)
    consent(secrets, outlook, browser)
    assert send(secrets, outlook) == "250 OK"
    assert provider.asked_scopes == ["https://outlook.office.com/SMTP.Send offline_access"]
    # The new one replaced the old one, in pieces that Windows can store.
    (lasting,) = provider.consented
    assert keychain.read(mail_sign_in.consent_name(MailSignIn.MICROSOFT)) == lasting
    assert max(len(secret) for secret in memory_keyring.secrets.values()) <= 1000
    assert send(MailSecrets(keychain.read, keychain.write), outlook) == "250 OK"


def test_bounces_are_asked_for_where_they_are_read(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer
) -> None:
    consent(secrets, at_microsoft(mail, imap_host="127.0.0.1"), browser)
    assert provider.asked_scopes[0].split()[-1] == "https://outlook.office.com/IMAP.AccessAsUser.All"


def test_an_access_token_is_renewed_before_it_ends(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer
) -> None:
    consent(secrets, mail, browser)
    provider.seconds = 60  # which is the margin
    send(secrets, mail)
    send(secrets, mail)
    assert len(provider.asked_for("/token")) == 3


def test_a_token_that_is_rejected_before_its_end_is_renewed_once(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer, mail_server: MailServer
) -> None:
    consent(secrets, mail, browser)
    send(secrets, mail)
    provider.valid.clear()
    assert send(secrets, mail) == "250 OK"
    assert mail_server.challenged == [b""]


def test_a_withdrawn_consent_is_said_in_words_and_blames_no_message(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer, mail_server: MailServer
) -> None:
    consent(secrets, mail, browser)
    send(secrets, mail)
    provider.withdraw()
    with pytest.raises(ConsentNeeded) as refused:
        send(secrets, mail)
    assert str(refused.value) == (
        "Google no longer lets shopdesk use the mailbox: the permission was withdrawn or has expired. "
        "Sign in again in Settings, Mail."
    )
    assert len(mail_server.received) == 1
    consent(secrets, mail, browser)
    assert send(secrets, mail) == "250 OK"


def test_another_persons_mailbox_is_not_tried_twice(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer, mail_server: MailServer
) -> None:
    consent(secrets, mail, browser)
    with pytest.raises(MailSignInFailed, match=r"535 5\.7\.8 .* Check the user name, and sign in again\."):
        send(secrets, replace(mail, username="other@example.org"))
    assert mail_server.challenged == [b""]


def test_without_a_consent_the_mail_waits(secrets: MailSecrets, mail: MailSettings) -> None:
    with pytest.raises(ConsentNeeded, match=r"No one has signed in to Google for the shop’s mail yet\."):
        send(secrets, mail)
    with pytest.raises(ConsentNeeded, match=r"Google is not set up\. See Settings, Mail\."):
        send(secrets, replace(mail, client_id=""))


def test_without_a_keyring_the_consent_holds_until_the_program_ends(
    mail: MailSettings, browser: Browser, provider: ConsentServer, no_keyring: None
) -> None:
    credentials = Credentials()
    credentials.remember(mail_sign_in.CLIENT_SECRET, str(GOOGLE.secret))
    secrets = MailSecrets(credentials.secret, credentials.store)
    assert consent(secrets, mail, browser).startswith("This machine has no keyring to store passwords in.")
    provider.seconds = 60  # each message needs a token of its own
    assert send(secrets, mail) == send(secrets, mail) == "250 OK"


def test_the_consent_at_one_provider_is_not_shown_to_the_other(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer
) -> None:
    consent(secrets, mail, browser)
    before = len(provider.asked_for("/shop/oauth2/v2.0/token"))
    with pytest.raises(ConsentNeeded, match="No one has signed in to Microsoft"):
        send(secrets, at_microsoft(mail))
    assert len(provider.asked_for("/shop/oauth2/v2.0/token")) == before
    assert send(secrets, mail) == "250 OK"


def test_a_wrong_client_secret_blames_no_message(secrets: MailSecrets, mail: MailSettings, browser: Browser) -> None:
    consent(secrets, mail, browser)
    keychain.write(mail_sign_in.CLIENT_SECRET, "another")
    with pytest.raises(MailSignInFailed, match=r"client ID or secret\. See Settings, Mail"):
        send(secrets, mail)


def test_a_provider_that_is_away_is_asked_again_later(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer
) -> None:
    consent(secrets, mail, browser)
    provider.instead["/token"] = lambda _: Answer(503)
    with pytest.raises(Unavailable, match="Google answered with error 503") as failed:
        send(secrets, mail)
    assert not failed.value.final
    assert not isinstance(failed.value, MailSignInFailed)


def test_a_consent_that_does_not_last_is_not_stored(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer
) -> None:
    provider.alter_tokens = lambda tokens: {name: tokens[name] for name in ("access_token", "token_type")}
    with pytest.raises(NotTrusted, match="it gives no lasting permission"):
        consent(secrets, mail, browser)
    assert keychain.read(mail_sign_in.consent_name(mail.sign_in)) is None


def test_an_owner_who_declines_is_not_signed_in(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer
) -> None:
    provider.says_no = "access_denied"
    with pytest.raises(Refused, match="You cancelled the sign-in at Google"):
        consent(secrets, mail, browser)


def test_no_token_reaches_the_log(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, provider: ConsentServer
) -> None:
    consent(secrets, mail, browser)
    send(secrets, mail)
    for token in (*provider.valid, *provider.consented):
        assert logs.without_secrets(f"it is {token}!") == "it is [hidden]!"


def test_a_server_without_xoauth2_is_said_in_its_words(
    secrets: MailSecrets, mail: MailSettings, browser: Browser, mail_server: MailServer
) -> None:
    consent(secrets, mail, browser)
    mail_server.lets_in, mail_server.login = None, ("shop", "secret")
    with pytest.raises(MailSignInFailed, match=r"504 5\.5\.4 Unrecognized authentication type"):
        send(secrets, mail)
