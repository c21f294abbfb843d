"""HTTP requests to a provider: only over TLS (or to this machine), without redirects, limited in size and time.

Imports Authlib and requests, which takes a third of a second: import this module only when it is needed.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from shopdesk import __version__, logs
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.gateways.providers import Endpoints, GrantExpired, NotTrusted, Provider, is_loopback, is_safe
from shopdesk.gateways.server_text import shown

_STEP_SECONDS = 10.0
_LARGEST_ANSWER = 1_000_000
_BASIC = "client_secret_basic, form-encoded"
_CODE = "authorization_code"


class RequestFailed(Unavailable):
    """An HTTP error from the provider; ``status`` is its code."""

    def __init__(self, provider: Provider, status: int) -> None:
        advice = (
            sentence("Try again in a moment.")
            if status >= 500 or status == 429
            else sentence("See {where}.", where=provider.where)
        )
        super().__init__(
            sentence("{provider} answered with error {status}.", provider=provider.label, status=str(status)),
            advice=advice,
        )
        self.status = status


def session(provider: Provider, client_secret: str | None, *, end: float, redirect: str = "") -> OAuth2Session:
    """Return an Authlib session for one sign-in that must finish by ``end`` (seconds of the monotonic clock)."""
    http = OAuth2Session(
        client_id=provider.client_id,
        client_secret=client_secret,
        token_endpoint_auth_method="client_secret_post" if client_secret else "none",
        scope=" ".join(provider.scopes),
        redirect_uri=redirect,
        code_challenge_method="S256",  # without it Authlib silently leaves PKCE out
        leeway=0,  # else Authlib treats a token valid for less than a minute as expired
    )
    http.register_client_auth_method((_BASIC, _basic_encoded))
    http.register_compliance_hook("access_token_response", lambda response: _token_answer(provider, response))
    http.headers["User-Agent"] = f"shopdesk/{__version__}"
    guard = _Guard(provider, end)
    http.mount("https://", guard)
    http.mount("http://", guard)
    return http


def get(http: OAuth2Session, provider: Provider, address: str, *, signed_in: bool = False) -> Any:
    """Return the JSON at an address, fetched with the user's access token if ``signed_in``. Raises Unavailable."""
    with readable_errors(provider):
        auth = None if signed_in else _anonymous
        return _json(provider, http.get(address, headers={"Accept": "application/json"}, auth=auth))


def post(http: OAuth2Session, provider: Provider, address: str, **form: str) -> dict[str, Any]:
    """Post a form and return the JSON answer, also when it reports an error. Raises Unavailable."""
    with readable_errors(provider):
        headers = {"Accept": "application/json"}
        return _object(provider, http.post(address, data=form, headers=headers, auth=_anonymous))


def fetch_token(
    http: OAuth2Session, provider: Provider, endpoints: Endpoints, *, grant: str = _CODE, **form: str
) -> Mapping[str, Any]:
    """Exchange a code, or what ``grant`` names, for tokens. Raises Refused when the user declined, else Unavailable."""
    try:
        token = _fetch_token(http, provider, endpoints, grant=grant, **form)
    except OAuthError as error:
        raise refusal(provider, str(error.error), str(error.description or "")) from error
    for name in ("access_token", "refresh_token", "id_token"):
        if isinstance(token.get(name), str):
            logs.hide(token[name])
    return token


def check_program(http: OAuth2Session, provider: Provider, endpoints: Endpoints, **form: str) -> None:
    """Check the client ID and secret by exchanging an invalid code; raise Unavailable if they are not accepted.

    A provider that accepts them complains of the code.
    """
    try:
        _fetch_token(http, provider, endpoints, **form)
    except OAuthError as error:
        if error.error not in {"invalid_grant", "bad_verification_code"}:
            raise refusal(provider, str(error.error), str(error.description or "")) from error
    else:
        raise NotTrusted(provider.label, sentence("it accepts invalid codes"))


def error_of(answer: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the error code (RFC 6749, RFC 8628) and description in an answer; Facebook's own form is translated."""
    error = answer.get("error")
    if error is None:
        return None
    if not isinstance(error, dict):
        return str(error), str(answer.get("error_description", ""))
    numbers = [error.get("error_subcode"), error.get("code")]
    known = [_FACEBOOK_ERRORS[number] for number in numbers if isinstance(number, int) and number in _FACEBOOK_ERRORS]
    return (known[0] if known else str(error.get("type", "error"))), str(error.get("message", ""))


_FACEBOOK_ERRORS = {
    1349174: "authorization_pending",
    1349172: "slow_down",
    1349152: "expired_token",
    100: "invalid_grant",
    101: "invalid_client",
    190: "invalid_client",
}


def _fetch_token(
    http: OAuth2Session, provider: Provider, endpoints: Endpoints, *, grant: str = _CODE, **form: str
) -> Mapping[str, Any]:
    if http.client_secret and endpoints.secret_in_header:
        http.token_endpoint_auth_method = _BASIC
    # Always name the grant: without it Authlib may silently send client_credentials.
    with readable_errors(provider):
        token: Mapping[str, Any] = http.fetch_token(endpoints.token, grant_type=grant, **form)
    return token


@contextmanager
def readable_errors(provider: Provider) -> Iterator[None]:
    """Turn the exceptions of requests into errors that can be shown."""
    label = provider.label
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise NotTrusted(label, sentence("its certificate is not valid")) from error
    except requests.exceptions.Timeout as error:
        raise Unavailable(
            sentence("{label} did not answer in time.", label=label), advice=sentence("Try again in a moment.")
        ) from error
    except requests.exceptions.HTTPError as error:
        raise RequestFailed(provider, error.response.status_code) from error
    except requests.exceptions.RequestException as error:
        raise Unavailable(
            sentence("{label} cannot be reached.", label=label), advice=sentence("Check the network connection.")
        ) from error


def refusal(provider: Provider, error: str, description: str) -> Refused | Unavailable:
    """Return the exception for a provider's error code.

    Knows the codes of RFC 6749 (4.1.2.1 and 5.2), of RFC 8628 (3.5), of OpenID Connect Core (3.1.2.6) and GitHub's own.
    """
    label = provider.label
    match error:
        case "access_denied" | "authorization_declined":
            return Refused(sentence("You cancelled the sign-in at {label}.", label=label))
        case (
            "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" | "Not Found"
        ):  # GitHub's wording
            what = sentence("{label} does not accept this program's client ID or secret.", label=label)
            return Unavailable(what, advice=sentence("See {where}.", where=provider.where), final=True)
        case "redirect_uri_mismatch":
            what = sentence(
                "{label} does not accept the redirect address: register {redirect} there.",
                label=label,
                redirect=provider.redirect,
            )
            return Unavailable(what, advice=sentence("See {where}.", where=provider.where), final=True)
        case (
            "invalid_grant" | "bad_verification_code" | "expired_token" | "incorrect_device_code"
            | "interaction_required" | "consent_required" | "login_required"
        ):  # fmt: skip
            return GrantExpired(
                sentence("The sign-in at {label} has expired.", label=label),
                advice=sentence("Start again."),
                final=True,
            )
        case "device_flow_disabled":
            what = sentence(
                "{label} does not allow this program to sign in with a code: enable the device flow there.", label=label
            )
            return Unavailable(what, advice=sentence("See {where}.", where=provider.where), final=True)
        case _:
            said = shown(f"{error}: {description}" if description else error)
            return Unavailable(
                sentence("{label} reported: {said}.", label=label, said=said),
                advice=sentence("The sign-in was stopped."),
            )


class _Guard(HTTPAdapter):
    """The transport below requests; every request passes its checks, including those that Authlib sends."""

    def __init__(self, provider: Provider, end: float) -> None:
        super().__init__()
        self._provider = provider
        self._end = end

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request and read the whole answer. Raises NotTrusted and the exceptions of requests."""
        address = request.url or ""
        if not is_safe(address):
            raise NotTrusted(self._provider.label, sentence("it leads to an address without https"))
        left = self._end - time.monotonic()
        if left <= 0:
            raise requests.exceptions.Timeout
        kwargs |= {"stream": True, "timeout": min(left, _STEP_SECONDS)}
        if is_loopback(urlsplit(address).hostname or ""):
            kwargs["proxies"] = {}
        response = super().send(request, *args, **kwargs)
        with response:
            if 300 <= response.status_code < 400:
                raise NotTrusted(self._provider.label, sentence("it redirects to another address"))
            response._content = self._read(response)  # as requests does when it reads everything itself
            response._content_consumed = True  # type: ignore[attr-defined]
        return response

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        end = min(self._end, time.monotonic() + _STEP_SECONDS)
        try:
            # Read what has arrived instead of filling a buffer: a byte every nine seconds must not take days.
            while piece := response.raw.read1(65536, decode_content=True):
                body += piece
                if len(body) > _LARGEST_ANSWER:
                    raise NotTrusted(self._provider.label, sentence("it is too long"))
                if time.monotonic() > end:
                    raise requests.exceptions.Timeout
        except ReadTimeoutError as error:
            raise requests.exceptions.Timeout from error
        except HTTPError as error:
            raise requests.exceptions.ConnectionError from error
        return bytes(body)


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no credentials: without ``auth``, requests would send what ~/.netrc has for the host."""
    return request


def _basic_encoded(client: Any, _method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    # RFC 6749, 2.3.1: both are form-encoded before they are joined; Authlib's own method leaves that out.
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


def _object(provider: Provider, response: requests.Response) -> dict[str, Any]:
    if response.status_code >= 500:
        response.raise_for_status()
    try:
        content = response.json()
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        response.raise_for_status()
        raise NotTrusted(provider.label, sentence("it is not in the expected format"))
    return content


def _json(provider: Provider, response: requests.Response) -> Any:
    response.raise_for_status()
    try:
        return response.json()
    except (ValueError, RecursionError):
        raise NotTrusted(provider.label, sentence("it is not in the expected format")) from None


def _token_answer(provider: Provider, response: requests.Response) -> requests.Response:
    """Check an answer of the token endpoint before Authlib parses it."""
    content = _object(provider, response)
    if error := error_of(content):
        raise OAuthError(*error)
    response.raise_for_status()
    kind, token = content.get("token_type"), content.get("access_token")
    times = [content.get(name) for name in ("expires_in", "expires_at")]
    if not isinstance(kind, str) or kind.lower() != "bearer" or not isinstance(token, str) or not token.isascii():
        raise NotTrusted(provider.label, sentence("it contains no access token"))
    if not token or not all(value is None or type(value) is int for value in times):
        raise NotTrusted(provider.label, sentence("it contains no access token"))
    return response
