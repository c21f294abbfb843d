"""Sign-in providers as data, built from the settings: GitHub, Facebook and any OpenID Connect provider.

To add a provider that does not support OpenID Connect, add a kind to ``settings.ProviderKind``, its constants to
``_OWN``, its endpoints to ``_configured``, and the reading of its answer to ``identity.py``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from urllib.parse import urlsplit

from shopdesk.domain.errors import Refused, Unavailable, sentence_of
from shopdesk.domain.sentence import NOTHING, Sentence, joined, sentence
from shopdesk.gateways.loopback import read_redirect
from shopdesk.settings import ProviderKind, ProviderSettings

WHERE = sentence("Settings, Sign-in providers")

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Accepted signatures of ID tokens: those with a private key. Never ``none`` or HS…, whose key is shared."""


class NotTrusted(Unavailable):
    """An invalid answer from a provider: an attack, or a provider set up wrongly."""

    def __init__(self, provider: str, why: Sentence) -> None:
        what = sentence("{provider} gave an answer that cannot be trusted: {why}.", provider=provider, why=why)
        super().__init__(what, advice=sentence("The sign-in was stopped."), final=True)


class GrantExpired(Unavailable):
    """The provider no longer accepts the code or token of a sign-in: only a new sign-in can help."""


class Cancelled(Refused):
    """The user cancelled the sign-in."""


class SignInMethod(Enum):
    """The way to sign in: in this machine's browser, or with a code typed on another device."""

    BROWSER = "browser"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """A code to type, the address to type it at, and the seconds it is valid for (RFC 8628, 3.2)."""

    code: str
    address: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The addresses and abilities of a provider. Identities are stored with its ``issuer``."""

    issuer: str
    authorize: str
    token: str
    keys: str = ""
    user: str = ""
    device: str = ""
    device_answer: str = ""
    algorithms: frozenset[str] = ALGORITHMS
    secret_in_header: bool = False
    names_itself: bool = False
    """True if its redirects carry ``iss`` (RFC 9207)."""
    names_tenants: bool = False
    """True if its redirects name an issuer below its own."""
    prompt: str = ""
    """The ``prompt`` parameter that lets the user choose an account instead of reusing the browser's last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One button "Continue with ``label``". ``why_not`` is the reason why it is disabled, empty when it is enabled.

    ``redirect`` is the exact address to register with the provider; ``endpoints`` is None if they must be fetched.
    """

    name: str
    kind: ProviderKind
    label: str
    client_id: str
    issuer: str
    redirect: str
    scopes: tuple[str, ...]
    endpoints: Endpoints | None
    why_not: Sentence = NOTHING
    where: Sentence = WHERE
    """The page of Settings that has its settings."""

    @property
    def secret_name(self) -> str:
        """The name of its client secret in the keyring."""
        return f"provider {self.name}"


@dataclass(frozen=True, slots=True)
class _Own:
    """Constants of one kind of provider."""

    label: str
    issuer: str
    redirect: str
    scopes: tuple[str, ...]


_OWN: Mapping[ProviderKind, _Own] = {
    ProviderKind.GITHUB: _Own("GitHub", "https://github.com", "http://127.0.0.1/callback", ("read:user", "user:email")),
    # Facebook accepts no other name for this machine, and only while the app there is in development.
    ProviderKind.FACEBOOK: _Own(
        "Facebook", "https://www.facebook.com", "http://localhost/callback", ("openid", "public_profile", "email")
    ),
    ProviderKind.OIDC: _Own("", "", "http://127.0.0.1/callback", ("openid", "profile", "email")),
}


def provider(name: str, given: ProviderSettings, *, where: Sentence = WHERE) -> Provider:
    """Build a provider from its settings. A wrong setting does not raise; it is described in ``why_not``."""
    own = _OWN[given.kind]
    issuer = given.issuer or own.issuer
    scopes = given.scopes or own.scopes
    if given.kind is ProviderKind.OIDC and "openid" not in scopes:
        scopes = ("openid", *scopes)
    built = Provider(
        name=name,
        kind=given.kind,
        label=given.label or own.label or name.capitalize(),
        client_id=given.client_id,
        issuer=issuer,
        redirect=given.redirect or own.redirect,
        scopes=scopes,
        endpoints=_configured(given.kind, issuer.rstrip("/")),
        where=where,
    )
    return replace(built, why_not=_why_not(built))


def sign_in_method(provider: Provider, *, has_secret: bool) -> SignInMethod:
    """Return the way to sign in.

    GitHub's browser flow needs a secret, and a live Facebook app may only redirect to https.
    """
    if provider.kind is ProviderKind.GITHUB and not has_secret:
        return SignInMethod.DEVICE
    if provider.kind is ProviderKind.FACEBOOK and urlsplit(provider.redirect).scheme == "https":
        return SignInMethod.DEVICE
    return SignInMethod.BROWSER


def is_safe(address: str) -> bool:
    """Return True if an address is https, or http on this machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or not address.isprintable() or " " in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Return True if a host name means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why_not(built: Provider) -> Sentence:
    if not built.client_id:
        return sentence("{provider} is not set up. See {where}.", provider=built.label, where=built.where)
    if not built.issuer:
        return sentence("{provider} has no address (issuer). See {where}.", provider=built.label, where=built.where)
    if not is_safe(built.issuer):
        return sentence(
            "The address of {provider} must begin with https://. See {where}.", provider=built.label, where=built.where
        )
    if built.kind is ProviderKind.FACEBOOK and urlsplit(built.redirect).scheme == "https":
        return NOTHING
    try:
        read_redirect(built.redirect)
    except Refused as refusal:
        return joined((sentence_of(refusal), sentence("See {where}.", where=built.where)))
    return NOTHING


def _configured(kind: ProviderKind, issuer: str) -> Endpoints | None:
    """Return the endpoints of a provider without discovery; None if it has discovery."""
    match kind:
        case ProviderKind.GITHUB:
            # GitHub Enterprise has its API below its own address.
            api = "https://api.github.com" if issuer == "https://github.com" else f"{issuer}/api/v3"
            return Endpoints(
                issuer=issuer,
                authorize=f"{issuer}/login/oauth/authorize",
                token=f"{issuer}/login/oauth/access_token",
                user=f"{api}/user",
                device=f"{issuer}/login/device/code",
                device_answer=f"{issuer}/login/oauth/access_token",
                prompt="select_account",
                names_tenants=True,
            )
        case ProviderKind.FACEBOOK:
            graph = "https://graph.facebook.com" if issuer == "https://www.facebook.com" else issuer
            return Endpoints(
                issuer=issuer,
                authorize=f"{issuer}/v21.0/dialog/oauth",
                token=f"{graph}/v21.0/oauth/access_token",
                keys=f"{issuer}/.well-known/oauth/openid/jwks/",
                user=f"{graph}/v21.0/me?fields=id,name,email",
                device=f"{graph}/v21.0/device/login",
                device_answer=f"{graph}/v21.0/device/login_status",
                algorithms=frozenset({"RS256"}),
            )
        case ProviderKind.OIDC:
            return None
