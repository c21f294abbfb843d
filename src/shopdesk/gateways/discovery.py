"""Endpoints and abilities of an OpenID Connect provider (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.requests_client import OAuth2Session

from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.gateways import oauth_http
from shopdesk.gateways.providers import ALGORITHMS, Endpoints, NotTrusted, Provider, is_loopback, is_safe


def endpoints(http: OAuth2Session, provider: Provider) -> Endpoints:
    """Return the provider's endpoints; fetch them unless they are known. Raises NotTrusted and Unavailable."""
    if provider.endpoints:
        return provider.endpoints
    metadata = oauth_http.get(http, provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if not isinstance(metadata, dict):
        raise NotTrusted(provider.label, sentence("it is not in the expected format"))
    issuer = metadata.get("issuer")
    if not isinstance(issuer, str) or issuer.rstrip("/") != provider.issuer.rstrip("/"):
        raise NotTrusted(provider.label, sentence("it names another issuer"))
    if not {"S256"} <= _listed(metadata, "code_challenge_methods_supported", {"S256"}):
        raise Unavailable(
            sentence("{provider} does not support PKCE, which a safe sign-in requires.", provider=provider.label),
            final=True,
        )
    methods = _listed(metadata, "token_endpoint_auth_methods_supported", {"client_secret_basic"})
    return Endpoints(
        issuer=issuer,
        authorize=_address(provider, metadata, "authorization_endpoint"),
        token=_address(provider, metadata, "token_endpoint"),
        keys=_address(provider, metadata, "jwks_uri"),
        user=_address(provider, metadata, "userinfo_endpoint") if "userinfo_endpoint" in metadata else "",
        algorithms=ALGORITHMS & _listed(metadata, "id_token_signing_alg_values_supported", {"RS256"}),
        secret_in_header="client_secret_basic" in methods,
        names_itself=metadata.get("authorization_response_iss_parameter_supported") is True,
        prompt="select_account" if "select_account" in _listed(metadata, "prompt_values_supported", set()) else "",
    )


def _address(provider: Provider, metadata: Mapping[str, Any], name: str) -> str:
    """Return an endpoint: it must be https, or on this machine if the provider itself is."""
    address = metadata.get(name)
    if not isinstance(address, str) or not is_safe(address):
        raise NotTrusted(provider.label, sentence("its {name} does not use https", name=name))
    if is_loopback(urlsplit(address).hostname or "") and not is_loopback(urlsplit(provider.issuer).hostname or ""):
        raise NotTrusted(provider.label, sentence("its {name} points to this machine", name=name))
    return address


def _listed(metadata: Mapping[str, Any], name: str, otherwise: set[str]) -> set[str]:
    values = metadata.get(name)
    return {value for value in values if isinstance(value, str)} if isinstance(values, list) else otherwise
