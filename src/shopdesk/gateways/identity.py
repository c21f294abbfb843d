"""A person's identity, from what a provider returns after a sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.integrations.requests_client import OAuth2Session

from shopdesk.domain.account import Identity
from shopdesk.domain.sentence import sentence
from shopdesk.gateways import id_token, oauth_http
from shopdesk.gateways.providers import Endpoints, NotTrusted, Provider
from shopdesk.settings import ProviderKind


def by_id_token(
    http: OAuth2Session, provider: Provider, endpoints: Endpoints, token: Mapping[str, Any], nonce: str
) -> Identity:
    """Return the identity in a verified ID token; ask userinfo for what is missing.

    Raises NotTrusted and Unavailable.
    """
    claims = id_token.verified(
        token.get("id_token"),
        oauth_http.get(http, provider, endpoints.keys),
        label=provider.label,
        endpoints=endpoints,
        client_id=provider.client_id,
        nonce=nonce,
        access_token=token["access_token"],
    )
    details = dict(claims)
    is_facebook = provider.kind is ProviderKind.FACEBOOK
    if endpoints.user and not is_facebook and not {"name", "email"} <= details.keys():
        userinfo = oauth_http.get(http, provider, endpoints.user, signed_in=True)
        # OpenID Connect Core, 5.3.2: without this check another person's data could be taken for theirs.
        if not isinstance(userinfo, dict) or userinfo.get("sub") != claims["sub"]:
            raise NotTrusted(provider.label, sentence("it describes two different people"))
        # Only the source that names the address can vouch that it is verified.
        names_it = claims if "email" in claims else userinfo
        details = userinfo | details | {"email_verified": names_it.get("email_verified")}
    # Facebook does not report whether an address was ever verified.
    return _identity(
        provider, endpoints, claims["sub"], details, is_proven=details.get("email_verified") is True and not is_facebook
    )


def by_github(http: OAuth2Session, provider: Provider, endpoints: Endpoints) -> Identity:
    """Return the identity at GitHub, by its numeric id because names can be reassigned.

    The e-mail address is set only if GitHub has verified it. Raises NotTrusted and Unavailable.
    """
    user = oauth_http.get(http, provider, endpoints.user, signed_in=True)
    key = user.get("id") if isinstance(user, dict) else None
    if type(key) is not int or key <= 0:
        raise NotTrusted(provider.label, sentence("it does not identify the user"))
    try:
        listed = oauth_http.get(http, provider, f"{endpoints.user}/emails", signed_in=True)
    except oauth_http.RequestFailed as error:
        if error.status not in {403, 404}:  # the user did not allow it
            raise
        listed = []
    proven = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("verified") is True and isinstance(one.get("email"), str)
    ]
    proven.sort(key=lambda one: one.get("primary") is not True)
    details = {"name": user.get("name") or user.get("login"), "email": proven[0]["email"] if proven else ""}
    return _identity(provider, endpoints, str(key), details, is_proven=bool(proven))


def by_facebook(http: OAuth2Session, provider: Provider, endpoints: Endpoints) -> Identity:
    """Return the identity at Facebook after the device flow, which gives no ID token; the id equals ``sub``.

    Raises NotTrusted and Unavailable.
    """
    user = oauth_http.get(http, provider, endpoints.user, signed_in=True)
    key = user.get("id") if isinstance(user, dict) else None
    if not isinstance(key, str) or not key.isdecimal():
        raise NotTrusted(provider.label, sentence("it does not identify the user"))
    return _identity(provider, endpoints, key, user, is_proven=False)


def _identity(
    provider: Provider, endpoints: Endpoints, subject: str, details: Mapping[str, Any], *, is_proven: bool
) -> Identity:
    name, email = (
        "".join(mark for mark in _text(details, key) if mark.isprintable())[:200] for key in ("name", "email")
    )
    return Identity(
        issuer=endpoints.issuer,
        subject=subject,
        label=provider.label,
        name=name,
        email=email,
        email_verified=bool(email) and is_proven,
    )


def _text(details: Mapping[str, Any], key: str) -> str:
    value = details.get(key)
    return value.strip() if isinstance(value, str) else ""
