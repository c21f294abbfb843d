"""Sign-in to a mailbox at Google or Microsoft by the owner's consent (OAuth 2) instead of a password.

The consent is a refresh token in the keyring. It buys access tokens, which hold for an hour and sign in to SMTP and
IMAP by XOAUTH2. Calls go to the network: never make them on the window thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from shopdesk.domain.errors import MailSignInFailed, Refused, Unavailable, sentence_of
from shopdesk.domain.sentence import NOTHING, Sentence, sentence
from shopdesk.gateways import oauth
from shopdesk.gateways.providers import Endpoints, GrantExpired, Provider, provider
from shopdesk.settings import MailSettings, MailSignIn, ProviderSettings

PASSWORD = "mail"  # noqa: S105 - the names of secrets
CLIENT_SECRET = "mail client"  # noqa: S105

WHERE = sentence("Settings, Mail")
_SECONDS = 30.0
"""The longest wait for an access token."""
_MARGIN = 60.0
"""The seconds before its end in which an access token is not used any more."""
_USUAL_SECONDS = 3600
"""Of an access token that does not tell how long it holds."""

T = TypeVar("T")


def consent_name(way: MailSignIn) -> str:
    """Return the name of a provider's consent in the keyring: none is shown to the other provider."""
    return f"mail consent {way.value}"


def mail_provider(mail: MailSettings) -> Provider:
    """Return the provider of a mailbox, with the scopes to ask consent for: sending, and reading bounces if wanted."""
    is_google = mail.sign_in is MailSignIn.GOOGLE
    given = ProviderSettings(
        label="Google" if is_google else "Microsoft",
        client_id=mail.client_id,
        issuer=(mail.issuer or ("https://accounts.google.com" if is_google else _MICROSOFT)).rstrip("/"),
        # Entra takes only “localhost” with any port.
        redirect="http://127.0.0.1/callback" if is_google else "http://localhost/callback",
    )
    built = provider(mail.sign_in.value, given, where=WHERE)
    endpoints, scopes = _google(given.issuer) if is_google else _microsoft(given.issuer)
    if mail.imap_host and not is_google:
        scopes = (*scopes, "https://outlook.office.com/IMAP.AccessAsUser.All")
    return replace(built, scopes=scopes, endpoints=endpoints)


_MICROSOFT = "https://login.microsoftonline.com/common"


def _google(issuer: str) -> tuple[Endpoints, tuple[str, ...]]:
    is_own = issuer == "https://accounts.google.com"
    return Endpoints(
        issuer=issuer,
        # Without “offline” and “consent” there is no refresh token when the account consented before.
        authorize=f"{issuer}/o/oauth2/v2/auth?access_type=offline",
        token="https://oauth2.googleapis.com/token" if is_own else f"{issuer}/token",
        prompt="consent",
    ), ("https://mail.google.com/",)


def _microsoft(issuer: str) -> tuple[Endpoints, tuple[str, ...]]:
    return Endpoints(
        issuer=issuer.rpartition("/")[0],  # the part of all organisations
        authorize=f"{issuer}/oauth2/v2.0/authorize",
        token=f"{issuer}/oauth2/v2.0/token",
        names_tenants=True,
        prompt="select_account",
    ), ("https://outlook.office.com/SMTP.Send", "offline_access")


class ConsentNeeded(MailSignInFailed):
    """No access token without a new consent of the owner: none was given, or it was withdrawn or has ended."""


class MailSecrets:
    """The secret of the mailbox: its password, or an access token that is renewed before it ends.

    ``read`` and ``store`` reach the keyring; what ``store`` cannot put there, ``read`` returns until the program ends.
    One object serves all threads, which then share the access token.
    """

    def __init__(self, read: Callable[[str], str | None], store: Callable[[str, str], object]) -> None:
        self._read = read
        self._store = store
        self._lock = threading.Lock()
        self._held: _AccessToken | None = None

    def check(self, mail: MailSettings) -> None:
        """Raise Unavailable if the keyring cannot be read."""
        if mail.username:
            self._read(PASSWORD if mail.sign_in is MailSignIn.PASSWORD else consent_name(mail.sign_in))

    def use(self, mail: MailSettings, act: Callable[[str | None], T]) -> T:
        """Call ``act`` with the password or an access token; None if the server needs no sign-in.

        A token that the server rejects before its time is renewed once. Raises ConsentNeeded, Unavailable and what
        ``act`` raises.
        """
        if not mail.username:
            return act(None)
        if mail.sign_in is MailSignIn.PASSWORD:
            return act(self._read(PASSWORD))
        held = self._held
        token = self._access_token(mail)
        try:
            return act(token.text)
        except MailSignInFailed:
            if token is not held:
                raise
        with self._lock:
            if self._held is token:
                self._held = None
        return act(self._access_token(mail).text)

    def consent(
        self,
        mail: MailSettings,
        *,
        client_secret: str | None,
        open_browser: Callable[[str], object],
        cancelled: threading.Event,
        seconds: float = oauth.TIMEOUT_SECONDS,
    ) -> Sentence:
        """Let the owner consent in the browser and store the refresh token. Raises as ``oauth.sign_in`` does.

        Return why it is not in the keyring, and holds until the program ends; nothing if it is there.

        Only Google gives client secrets to programs on people's machines, and Microsoft takes none from them.
        """
        lasting = oauth.consent(
            mail_provider(mail),
            client_secret=client_secret if mail.sign_in is MailSignIn.GOOGLE else None,
            open_browser=open_browser,
            cancelled=cancelled,
            login_hint=mail.username,
            seconds=seconds,
        )
        with self._lock:
            self._held = None
            try:
                self._store(consent_name(mail.sign_in), lasting)
            except Unavailable as error:
                return sentence_of(error)
        return NOTHING

    def _access_token(self, mail: MailSettings) -> _AccessToken:
        with self._lock:
            lasting = self._read(consent_name(mail.sign_in))
            bought_with = (mail.sign_in, mail.issuer, mail.client_id, lasting)
            held = self._held
            if held and held.bought_with == bought_with and time.monotonic() < held.until:
                return held
            client_secret = self._read(CLIENT_SECRET) if mail.sign_in is MailSignIn.GOOGLE else None
            answer = _bought(mail_provider(mail), client_secret, lasting)
            if (renewed := answer.get("refresh_token", lasting)) != lasting:
                bought_with = (*bought_with[:-1], renewed)
                with suppress(Unavailable):
                    self._store(consent_name(mail.sign_in), renewed)
            until = time.monotonic() + (answer.get("expires_in") or _USUAL_SECONDS) - _MARGIN
            self._held = _AccessToken(answer["access_token"], until, bought_with)
            return self._held


@dataclass(frozen=True, slots=True)
class _AccessToken:
    """An access token, the end of its use (seconds of the monotonic clock), and the settings and token that got it."""

    text: str = field(repr=False)
    until: float
    bought_with: tuple[str | None, ...] = field(repr=False)


def _bought(account: Provider, client_secret: str | None, lasting: str | None) -> Mapping[str, Any]:
    """Return the provider's answer to a refresh token (RFC 6749, 6). Raises as ``MailSecrets.use`` does."""
    from shopdesk.gateways import discovery, oauth_http

    if account.why_not:
        raise ConsentNeeded(account.why_not)
    if not lasting:
        what = sentence("No one has signed in to {provider} for the shop’s mail yet.", provider=account.label)
        raise ConsentNeeded(what, advice=sentence("Sign in in {where}.", where=WHERE))
    scopeless = replace(account, scopes=())  # those of the consent, whatever is configured since
    end = time.monotonic() + _SECONDS
    try:
        with oauth_http.session(scopeless, client_secret, end=end) as http:
            endpoints = discovery.endpoints(http, account)
            return oauth_http.fetch_token(http, account, endpoints, grant="refresh_token", refresh_token=lasting)
    except (GrantExpired, Refused) as error:
        what = sentence(
            "{provider} no longer lets shopdesk use the mailbox: the permission was withdrawn or has expired.",
            provider=account.label,
        )
        raise ConsentNeeded(what, advice=sentence("Sign in again in {where}.", where=WHERE)) from error
    except Unavailable as error:
        if error.final:  # the registration is wrong: no message is to blame
            raise MailSignInFailed(error.what, advice=error.advice) from error
        raise
