"""Who somebody is, from what a provider says once they were there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.integrations.requests_client import OAuth2Session

from shopdesk.domain.account import Identity
from shopdesk.gateways import https, id_token
from shopdesk.gateways.providers import Endpoints, NotTrusted, Provider
from shopdesk.settings import ProviderKind


def by_id_token(
    http: OAuth2Session, provider: Provider, endpoints: Endpoints, token: Mapping[str, Any], nonce: str
) -> Identity:
    """What the identity token says, once it is verified, and the userinfo for what it leaves out."""
    claims = id_token.verified(
        token.get("id_token"),
        https.get(http, provider, endpoints.keys),
        label=provider.label,
        endpoints=endpoints,
        client_id=provider.client_id,
        nonce=nonce,
        access_token=token["access_token"],
    )
    told = dict(claims)
    is_facebook = provider.kind is ProviderKind.FACEBOOK
    if endpoints.user and not is_facebook and not {"name", "email"} <= told.keys():
        said = https.get(http, provider, endpoints.user, signed_in=True)
        # OpenID Connect Core, 5.3.2: without this check a stranger's answer could be taken for theirs.
        if not isinstance(said, dict) or said.get("sub") != claims["sub"]:
            raise NotTrusted(provider.label, "it speaks of two different people")
        # Whether an address is proven only they can say who name it.
        names_it = claims if "email" in claims else said
        told = said | told | {"email_verified": names_it.get("email_verified")}
    # Facebook does not say whether an address was ever proven.
    return _identity(
        provider, endpoints, claims["sub"], told, is_proven=told.get("email_verified") is True and not is_facebook
    )


def by_github(http: OAuth2Session, provider: Provider, endpoints: Endpoints) -> Identity:
    """GitHub's numeric id: names there change hands. An address only where GitHub says that it is proven."""
    user = https.get(http, provider, endpoints.user, signed_in=True)
    key = user.get("id") if isinstance(user, dict) else None
    if type(key) is not int or key <= 0:
        raise NotTrusted(provider.label, "it does not say who somebody is")
    try:
        listed = https.get(http, provider, f"{endpoints.user}/emails", signed_in=True)
    except https.Failed as error:
        if error.status not in {403, 404}:  # the person did not allow it
            raise
        listed = []
    proven = [
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("verified") is True and isinstance(one.get("email"), str)
    ]
    proven.sort(key=lambda one: one.get("primary") is not True)
    told = {"name": user.get("name") or user.get("login"), "email": proven[0]["email"] if proven else ""}
    return _identity(provider, endpoints, str(key), told, is_proven=bool(proven))


def by_facebook(http: OAuth2Session, provider: Provider, endpoints: Endpoints) -> Identity:
    """The device flow gives no identity token; the id is the same as ``sub`` there."""
    user = https.get(http, provider, endpoints.user, signed_in=True)
    key = user.get("id") if isinstance(user, dict) else None
    if not isinstance(key, str) or not key.isdecimal():
        raise NotTrusted(provider.label, "it does not say who somebody is")
    return _identity(provider, endpoints, key, user, is_proven=False)


def _identity(
    provider: Provider, endpoints: Endpoints, subject: str, told: Mapping[str, Any], *, is_proven: bool
) -> Identity:
    name, email = ("".join(mark for mark in _text(told, key) if mark.isprintable())[:200] for key in ("name", "email"))
    return Identity(
        issuer=endpoints.issuer,
        subject=subject,
        label=provider.label,
        name=name,
        email=email,
        email_verified=bool(email) and is_proven,
    )


def _text(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key)
    return value.strip() if isinstance(value, str) else ""
