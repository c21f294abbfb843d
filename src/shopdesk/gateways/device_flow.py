"""Sign-in with a code typed on another device: the device flow (RFC 8628) and Facebook's variant of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.integrations.requests_client import OAuth2Session

from shopdesk import logs
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.gateways import oauth_http
from shopdesk.gateways.providers import WHERE, DeviceCode, Endpoints, NotTrusted, Provider, is_safe
from shopdesk.settings import ProviderKind

_LONGEST_SECONDS = 900.0
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class DeviceAuthorization:
    """A device flow in progress.

    ``shown`` is the code to show to the user, ``interval`` the number of seconds to wait between two polls.
    """

    def __init__(self, http: OAuth2Session, provider: Provider, client_secret: str | None) -> None:
        """Request the code. Raises Unavailable and NotTrusted."""
        if provider.endpoints is None or not provider.endpoints.device:
            raise Unavailable(
                sentence("{provider} does not support sign-in with a code here.", provider=provider.label), final=True
            )
        if provider.kind is ProviderKind.FACEBOOK and not client_secret:
            raise Unavailable(
                sentence("The client token of {provider} is missing.", provider=provider.label),
                advice=sentence("See {where}.", where=WHERE),
                final=True,
            )
        self._provider = provider
        self.endpoints: Endpoints = provider.endpoints
        self._us = _us(provider, client_secret)
        answer = oauth_http.post(http, provider, self.endpoints.device, **self._us, scope=_scope(provider))
        if error := oauth_http.error_of(answer):
            raise oauth_http.refusal(provider, *error)
        self.shown, self.interval = _read(provider, answer)
        secret = answer.get("device_code", answer.get("code"))
        if not isinstance(secret, str) or not secret:
            raise NotTrusted(provider.label, sentence("it contains no code"))
        self._secret = secret
        logs.hide(secret)
        logs.hide(self.shown.code)

    def access_token(self, http: OAuth2Session) -> str | None:
        """Poll once for the access token; return None while the code has not been entered.

        Raises Refused when the user declined, else Unavailable.
        """
        form = {"code": self._secret}
        if self._provider.kind is not ProviderKind.FACEBOOK:
            form = {"device_code": self._secret, "grant_type": _GRANT}
        try:
            answer = oauth_http.post(http, self._provider, self.endpoints.device_answer, **self._us, **form)
        except NotTrusted:
            raise
        except Unavailable:  # the network may fail for a moment (RFC 8628, 3.5)
            return None
        match oauth_http.error_of(answer):
            case None:
                return _access_token(self._provider, answer)
            case ("authorization_pending", _):
                return None
            case ("slow_down", _):
                self.interval += 5
                return None
            case (error, words):
                raise oauth_http.refusal(self._provider, error, words)


def _us(provider: Provider, client_secret: str | None) -> dict[str, str]:
    if provider.kind is ProviderKind.FACEBOOK:
        return {"access_token": f"{provider.client_id}|{client_secret}"}
    return {"client_id": provider.client_id}


def _scope(provider: Provider) -> str:
    if provider.kind is ProviderKind.FACEBOOK:  # commas, and no openid there
        return ",".join(scope for scope in provider.scopes if scope != "openid")
    return " ".join(provider.scopes)


def _read(provider: Provider, answer: Mapping[str, Any]) -> tuple[DeviceCode, float]:
    code, address = answer.get("user_code"), answer.get("verification_uri")
    seconds, interval = answer.get("expires_in", _LONGEST_SECONDS), answer.get("interval", 5)
    if not isinstance(code, str) or not 4 <= len(code) <= 40 or not code.isprintable():
        raise NotTrusted(provider.label, sentence("it contains no code"))
    if not isinstance(address, str) or not is_safe(address):
        raise NotTrusted(provider.label, sentence("it points to an address without https"))
    if not _is_number(seconds) or not _is_number(interval) or not 0 < interval <= 60 or not seconds > 0:
        raise NotTrusted(provider.label, sentence("it is not in the expected format"))
    return DeviceCode(code=code, address=address, seconds=min(seconds, _LONGEST_SECONDS)), float(interval)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _access_token(provider: Provider, answer: Mapping[str, Any]) -> str:
    token = answer.get("access_token")
    if not isinstance(token, str) or not token or not token.isascii():
        raise NotTrusted(provider.label, sentence("it contains no access token"))
    logs.hide(token)
    return token
