"""A strict OpenID Connect provider on loopback that knows nobody by habit: what is not exactly right is refused.

It can also do wrong in every way that a client must notice: see ``write_token``, ``alter_answer`` and
``WebServer.instead``.
"""

import base64
import hashlib
import hmac
import re
import secrets
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from gateways.web_server import Answer, Request, WebServer

RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}, private=True)
"""Made once: it takes a moment."""


@dataclass
class Client:
    """A program that may send people here. ``redirects`` without a port stand for any port (RFC 8252, 7.3)."""

    client_id: str
    redirects: tuple[str, ...]
    secret: str | None = None
    secret_in_header: bool = True


@dataclass
class _Grant:
    """A code that was given out, and all that it is bound to."""

    client_id: str
    redirect: str
    challenge: str
    nonce: str
    scopes: list[str]
    is_used: bool = False


@dataclass
class Person:
    """Who sits at the browser."""

    sub: str = "248289761001"
    claims: dict[str, Any] = field(
        default_factory=lambda: {"name": "Ada Lovelace", "email": "ada@example.org", "email_verified": True}
    )


class OidcServer(WebServer):
    """``issuer``, ``clients``, ``person``; ``says_no`` is an error to send back instead of a code."""

    def __init__(self, *clients: Client, context: ssl.SSLContext | None = None, algorithm: str = "RS256") -> None:
        super().__init__(context=context)
        self.issuer = self.address
        self.clients = {client.client_id: client for client in clients}
        self.person = Person()
        self.algorithm = algorithm
        self.key: RSAKey | ECKey = RSA if algorithm[0] in "RP" else ECKey.generate_key("P-256", {"kid": "ec"})
        self.says_no = ""
        self.claims_in_token = True
        self.metadata: dict[str, Any] = {}
        self.write_token: Callable[[dict[str, Any], dict[str, Any]], object] = self.signed
        self.alter_answer: Callable[[dict[str, str]], dict[str, str]] = dict
        self.alter_tokens: Callable[[dict[str, Any]], object] = dict
        self.faults: list[str] = []
        self._grants: dict[str, _Grant] = {}
        self._tokens: dict[str, _Grant] = {}
        self.routes = {
            ("GET", "/.well-known/openid-configuration"): lambda _: Answer.of(self.discovery()),
            ("GET", "/jwks"): lambda _: Answer.of({"keys": [self.key.as_dict(private=False)]}),
            ("GET", "/authorize"): self._authorize,
            ("POST", "/token"): self._token,
            ("GET", "/userinfo"): self._userinfo,
        }

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.algorithm],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "authorization_response_iss_parameter_supported": True,
        } | self.metadata

    def signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])

    # --- the browser ------------------------------------------------------------------------------------------------

    def _authorize(self, request: Request) -> Answer:
        asked = request.query
        client = self.clients.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if not client or not any(_is_registered(redirect, one) for one in client.redirects):
            return self._refused("unknown client or redirect")  # never sent anywhere
        answer = {"state": asked.get("state", ""), "iss": self.issuer}
        if self.says_no:
            answer |= {"error": self.says_no, "error_description": "because"}
        elif fault := self._fault_of(asked):
            self.faults.append(fault)
            answer |= {"error": "invalid_request", "error_description": fault}
        else:
            code = secrets.token_urlsafe(32)
            self._grants[code] = _Grant(
                client.client_id, redirect, asked["code_challenge"], asked["nonce"], asked["scope"].split()
            )
            answer["code"] = code
        return Answer(302, headers={"Location": f"{redirect}?{urlencode(self.alter_answer(answer))}"})

    def _fault_of(self, asked: Any) -> str:
        if asked.get("response_type") != "code":
            return "response_type"
        if asked.get("code_challenge_method") != "S256" or not re.fullmatch(
            r"[\w-]{43}", asked.get("code_challenge", "")
        ):
            return "code_challenge"
        if len(asked.get("state", "")) < 22 or len(asked.get("nonce", "")) < 22:
            return "state and nonce need 128 bits"
        return "" if "openid" in asked.get("scope", "").split() else "scope"

    # --- the program ------------------------------------------------------------------------------------------------

    def _token(self, request: Request) -> Answer:
        form = request.form
        client = self._client(request)
        if not client:
            return self._refused("invalid_client", 401)
        if form.get("grant_type") != "authorization_code":
            return self._refused("unsupported_grant_type")
        grant = self._grants.get(form.get("code", ""))
        if not grant or grant.is_used or grant.client_id != client.client_id:
            return self._refused("invalid_grant")
        grant.is_used = True  # a code that was tried is spent, whatever comes of it
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if form.get("redirect_uri") != grant.redirect or challenge.rstrip(b"=").decode() != grant.challenge:
            return self._refused("invalid_grant")
        access_token = secrets.token_urlsafe(32)
        self._tokens[access_token] = grant
        tokens = {"access_token": access_token, "token_type": "Bearer", "expires_in": 3600}
        tokens["id_token"] = self.write_token(*self._unsigned(grant, access_token))
        return Answer.of(self.alter_tokens(tokens))

    def _unsigned(self, grant: _Grant, access_token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        now = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "sub": self.person.sub,
            "aud": grant.client_id,
            "exp": now + 300,
            "iat": now,
            "nonce": grant.nonce,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        return {"alg": self.algorithm, "kid": self.key.kid}, claims | (
            self.person.claims if self.claims_in_token else {}
        )

    def _client(self, request: Request) -> Client | None:
        """The program that asks, if it proves it in the one way that was agreed with it (RFC 6749, 2.3)."""
        scheme, _, proof = request.headers.get("authorization", "").partition(" ")
        given = request.form.get("client_id", ""), request.form.get("client_secret")
        if scheme:
            if scheme != "Basic" or given != ("", None):
                return None
            name, _, secret = base64.b64decode(proof).decode().partition(":")
            given = unquote_plus(name), unquote_plus(secret)
        client = self.clients.get(given[0])
        if not client or bool(scheme) != (client.secret is not None and client.secret_in_header):
            return None
        if client.secret is None:
            return client if given[1] is None else None
        return client if hmac.compare_digest((given[1] or "").encode(), client.secret.encode()) else None

    def _userinfo(self, request: Request) -> Answer:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._tokens:
            return self._refused("invalid_token", 401)
        return Answer.of({"sub": self.person.sub} | self.person.claims)

    def _refused(self, error: str, status: int = 400) -> Answer:
        self.faults.append(error)
        return Answer.of({"error": error}, status)


def _is_registered(given: str, registered: str) -> bool:
    """Equal letter by letter; on loopback any port may stand where none is registered."""
    if urlsplit(registered).port is None and urlsplit(registered).hostname in {"127.0.0.1", "localhost", "::1"}:
        return re.sub(r"^(http://[^/]+?):\d+/", r"\1/", given) == registered
    return given == registered
