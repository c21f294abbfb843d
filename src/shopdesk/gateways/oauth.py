"""Sign-in with GitHub, Facebook or an OpenID Connect provider, in the browser or with a code on another device.

Authorization code with PKCE (RFC 6749, 7636, 8252, 9700) and the device flow (RFC 8628). Calls may block for minutes:
never make them on the window thread. Of a person only the identity is used, and no token is stored; ``consent`` returns
the lasting token of a mailbox.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shopdesk import logs
from shopdesk.domain.account import Identity
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import Sentence, duration, sentence
from shopdesk.gateways.loopback import RedirectListener, read_redirect
from shopdesk.gateways.providers import (
    Cancelled,
    DeviceCode,
    Endpoints,
    NotTrusted,
    Provider,
    SignInMethod,
    sign_in_method,
)
from shopdesk.settings import ProviderKind

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

TIMEOUT_SECONDS = 300.0
"""Time limit for the user in the browser."""
_TO_FINISH = 30.0
"""Time limit for the requests after that."""

# Modules that need Authlib and requests are imported inside the functions: that takes a third of a second.


def sign_in(
    provider: Provider,
    *,
    client_secret: str | None,
    open_browser: Callable[[str], object],
    cancelled: threading.Event,
    seconds: float = TIMEOUT_SECONDS,
) -> Identity:
    """Send the browser to the provider, wait until it returns, and return the identity.

    ``open_browser`` is called once, with the address, on this thread. Raises Cancelled soon after ``cancelled`` is set,
    Refused when the user declines, NotTrusted for an invalid answer, and Unavailable when the provider fails or
    ``seconds`` have passed.
    """
    from shopdesk.gateways import identity

    with _in_browser(provider, client_secret, open_browser, cancelled, seconds, login_hint="") as signed_in:
        if signed_in.endpoints.keys:
            return identity.by_id_token(signed_in.http, provider, signed_in.endpoints, signed_in.token, signed_in.nonce)
        return identity.by_github(signed_in.http, provider, signed_in.endpoints)


def consent(
    provider: Provider,
    *,
    client_secret: str | None,
    open_browser: Callable[[str], object],
    cancelled: threading.Event,
    login_hint: str = "",
    seconds: float = TIMEOUT_SECONDS,
) -> str:
    """Let the user allow the provider's scopes in the browser, and return the refresh token. Raises as ``sign_in``."""
    with _in_browser(provider, client_secret, open_browser, cancelled, seconds, login_hint=login_hint) as signed_in:
        lasting = signed_in.token.get("refresh_token")
    if not isinstance(lasting, str) or not lasting:
        raise NotTrusted(provider.label, sentence("it gives no lasting permission"))
    return lasting


@dataclass(frozen=True, slots=True)
class _SignedIn:
    """A finished sign-in in the browser: the tokens, and what to ask more with."""

    http: OAuth2Session
    endpoints: Endpoints
    token: Mapping[str, Any]
    nonce: str


@contextmanager
def _in_browser(
    provider: Provider,
    client_secret: str | None,
    open_browser: Callable[[str], object],
    cancelled: threading.Event,
    seconds: float,
    *,
    login_hint: str,
) -> Iterator[_SignedIn]:
    from shopdesk.gateways import discovery, oauth_http

    _check_usable(provider)
    end = time.monotonic() + seconds + _TO_FINISH
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    with (
        RedirectListener(read_redirect(provider.redirect), state=state) as listener,
        oauth_http.session(provider, client_secret, end=end, redirect=listener.address) as http,
    ):
        endpoints = discovery.endpoints(http, provider)
        extra = {
            "prompt": endpoints.prompt,
            "nonce": nonce if endpoints.keys else "",
            "login_hint": login_hint,
        }
        extra = {name: value for name, value in extra.items() if value}
        address, _ = http.create_authorization_url(endpoints.authorize, state=state, code_verifier=verifier, **extra)
        _check_wanted(cancelled)
        open_browser(address)
        answer = listener.wait(cancelled=cancelled, seconds=seconds)
        _check_wanted(cancelled)
        if answer is None:
            what = sentence(
                "The sign-in at {provider} was not finished within {duration}.",
                provider=provider.label,
                duration=duration(seconds),
            )
            raise Unavailable(what, advice=sentence("Start again."))
        _check_issuer(provider, endpoints, answer)
        if "error" in answer:
            raise oauth_http.refusal(provider, answer["error"], answer.get("error_description", ""))
        logs.hide(answer["code"])
        logs.hide(verifier)
        token = oauth_http.fetch_token(http, provider, endpoints, code=answer["code"], code_verifier=verifier)
        _check_wanted(cancelled)
        yield _SignedIn(http, endpoints, token, nonce)


def device_sign_in(
    provider: Provider,
    show: Callable[[DeviceCode], object],
    cancelled: threading.Event,
    *,
    client_secret: str | None = None,
) -> Identity:
    """Show a code to enter on another device, wait until it was entered, and return the identity.

    ``show`` is called once, on this thread. ``client_secret`` is the "client token" for Facebook; GitHub needs none.
    Raises as ``sign_in`` does.
    """
    from shopdesk.gateways import device_flow, identity, oauth_http

    _check_usable(provider)
    with oauth_http.session(provider, None, end=time.monotonic() + _TO_FINISH) as http:
        begun = device_flow.DeviceAuthorization(http, provider, client_secret)
    end = time.monotonic() + begun.shown.seconds
    with oauth_http.session(provider, None, end=end + _TO_FINISH) as http:
        _check_wanted(cancelled)
        show(begun.shown)
        while time.monotonic() + begun.interval < end:
            cancelled.wait(begun.interval)
            _check_wanted(cancelled)
            if token := begun.access_token(http):
                http.token = {"access_token": token, "token_type": "bearer"}
                ask = identity.by_facebook if provider.kind is ProviderKind.FACEBOOK else identity.by_github
                return ask(http, provider, begun.endpoints)
    raise Unavailable(
        sentence("The code was not entered at {provider} in time.", provider=provider.label),
        advice=sentence("Start again."),
    )


def test(provider: Provider, client_secret: str | None) -> Sentence:
    """Test all that needs no user and return the result as a sentence. Raises as ``sign_in`` does."""
    from shopdesk.gateways import device_flow, discovery, oauth_http

    _check_usable(provider)
    end = time.monotonic() + _TO_FINISH
    with oauth_http.session(provider, client_secret, end=end, redirect=provider.redirect) as http:
        if sign_in_method(provider, has_secret=bool(client_secret)) is SignInMethod.DEVICE:
            device_flow.DeviceAuthorization(http, provider, client_secret)
            return sentence(
                "{provider} answered and accepts this program. People sign in with a code entered on another device.",
                provider=provider.label,
            )
        endpoints = discovery.endpoints(http, provider)
        if endpoints.keys:
            oauth_http.get(http, provider, endpoints.keys)
        code, verifier = secrets.token_urlsafe(20), secrets.token_urlsafe(48)
        oauth_http.check_program(http, provider, endpoints, code=code, code_verifier=verifier)
    return sentence(
        "{provider} answered and accepts this program. Only a sign-in can show whether this redirect address is "
        "registered there: {redirect}",
        provider=provider.label,
        redirect=provider.redirect,
    )


def _check_usable(provider: Provider) -> None:
    if provider.why_not:
        raise Refused(provider.why_not)


def _check_wanted(cancelled: threading.Event) -> None:
    if cancelled.is_set():
        raise Cancelled(sentence("The sign-in was cancelled."))


def _check_issuer(provider: Provider, endpoints: Endpoints, answer: Mapping[str, str]) -> None:
    """Reject an answer that another provider issued (mix-up attack; RFC 9207, 2.4). Raises NotTrusted."""
    given = answer.get("iss")
    if given is None:
        if endpoints.names_itself:
            raise NotTrusted(provider.label, sentence("it does not name its issuer (iss)"))
        return
    is_own = endpoints.names_tenants and given.startswith(f"{endpoints.issuer}/")
    if not is_own and not hmac.compare_digest(given.encode(), endpoints.issuer.encode()):
        raise NotTrusted(provider.label, sentence("it comes from another issuer (iss)"))
