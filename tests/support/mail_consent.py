"""A provider on loopback that lets programs into a mailbox: consent in the browser, access and refresh tokens."""

import secrets
from typing import Any

from gateways.oidc_server import Client, OidcServer
from gateways.web_server import Answer, Request

GOOGLE = Client("shop.apps", ("http://127.0.0.1/callback",), secret="shh", secret_in_header=False)
MICROSOFT = Client("0b-entra", ("http://localhost/callback",))


class ConsentServer(OidcServer):
    """Has the addresses of Google and of Microsoft (for the organisation "shop").

    ``consented`` has the refresh token of each consent with its client and scopes; ``valid`` the access tokens.
    """

    def __init__(self) -> None:
        super().__init__(GOOGLE, MICROSOFT)
        self.consented: dict[str, tuple[str, str]] = {}
        self.valid: set[str] = set()
        self.asked_scopes: list[str] = []
        self.hints: list[str] = []
        self.seconds = 3600
        self.rotates = False
        self.routes |= {
            ("GET", "/o/oauth2/v2/auth"): self._authorize,
            ("GET", "/shop/oauth2/v2.0/authorize"): self._authorize,
            ("POST", "/shop/oauth2/v2.0/token"): self._token,
        }

    def lets_in(self, user: str, token: str) -> bool:
        """The check of the mail servers."""
        return user == "shop@example.org" and token in self.valid

    def withdraw(self) -> None:
        """End every consent, as its owner may at the provider."""
        self.consented.clear()
        self.valid.clear()

    def _fault_of(self, asked: Any) -> str:
        self.asked_scopes.append(asked.get("scope", ""))
        self.hints.append(asked.get("login_hint", ""))
        is_google = asked["client_id"] == GOOGLE.client_id
        if is_google and asked.get("access_type") != "offline":
            return "no refresh token is given then"
        return super()._fault_of(dict(asked) | {"nonce": "0" * 22, "scope": "openid"})

    def _authorize(self, request: Request) -> Answer:
        query = {"nonce": ""} | dict(request.query)
        return super()._authorize(Request(request.method, request.path, query, request.form, request.headers))

    def _token(self, request: Request) -> Answer:
        if request.form.get("grant_type") != "refresh_token":
            answer = super()._token(request)
            if answer.status != 200:
                return answer
            lasting = secrets.token_urlsafe(1200)  # Microsoft's are as long
            self.consented[lasting] = (request.form.get("client_id", ""), self.asked_scopes[-1])
            return self._tokens_for(lasting)
        client = self._client(request)
        if not client:
            return self._refused("invalid_client", 401)
        lasting = request.form.get("refresh_token", "")
        if self.consented.get(lasting, ("", ""))[0] != client.client_id or "scope" in request.form:
            return self._refused("invalid_grant")
        if self.rotates:
            self.consented[again := secrets.token_urlsafe(1200)] = self.consented.pop(lasting)
            lasting = again
        return self._tokens_for(lasting)

    def _tokens_for(self, lasting: str) -> Answer:
        token = secrets.token_urlsafe(32)
        self.valid.add(token)
        given = {"access_token": token, "token_type": "Bearer", "expires_in": self.seconds, "refresh_token": lasting}
        return Answer.of(self.alter_tokens(given))
