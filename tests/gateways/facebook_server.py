"""A stand-in for Facebook after its documentation: OpenID Connect with endpoints of its own, and Login for Devices."""

import secrets
from typing import Any

from gateways.oidc_server import Client, OidcServer
from gateways.web_server import Answer, Request


class FacebookServer(OidcServer):
    """Errors are objects with numbers. ``polls_before_approval`` questions of a device go unanswered first."""

    client_token = "client-token"

    def __init__(self, *clients: Client) -> None:
        super().__init__(*clients)
        self.polls_before_approval = 1
        self.refuses_device: dict[str, Any] = {}
        self.device = ""
        graph = "/v21.0"
        self.routes = {
            ("GET", f"{graph}/dialog/oauth"): self.routes["GET", "/authorize"],
            ("POST", f"{graph}/oauth/access_token"): self._facebook_token,
            ("GET", "/.well-known/oauth/openid/jwks/"): self.routes["GET", "/jwks"],
            ("POST", f"{graph}/device/login"): self._device_login,
            ("POST", f"{graph}/device/login_status"): self._device_status,
            ("GET", f"{graph}/me"): self._me,
        }
        self._device_tokens: set[str] = set()

    def _facebook_token(self, request: Request) -> Answer:
        answer = self._token(request)
        if answer.status == 200:
            return answer
        if answer.status == 401:
            return _error(101, "Error validating application. Cannot get application info.")
        return _error(100, "Invalid verification code format.")

    def _device_login(self, request: Request) -> Answer:
        name, _, token = request.form.get("access_token", "").partition("|")
        if name not in self.clients or token != self.client_token:
            return _error(190, "Invalid OAuth access token signature.")
        if request.form.get("scope") != "public_profile,email":
            return _error(100, "Invalid scopes")
        self.device = secrets.token_hex(16)
        shown = {"user_code": "A1NWZ9", "verification_uri": f"{self.address}/device"}
        return Answer.of({"code": self.device, "expires_in": 420, "interval": 0.01} | shown)

    def _device_status(self, request: Request) -> Answer:
        if request.form.get("code") != self.device or not request.form.get("access_token", "").endswith(
            f"|{self.client_token}"
        ):
            return _error(190, "Invalid OAuth access token signature.")
        if self.refuses_device:
            return Answer.of({"error": self.refuses_device}, 400)
        if self.polls_before_approval:
            self.polls_before_approval -= 1
            return _error(31, "User hasn't authorized yet", subcode=1349174)
        token = f"EAA{secrets.token_hex(20)}"
        self._device_tokens.add(token)
        return Answer.of({"access_token": token, "data_access_expiration_time": 1, "expires_in": 5183996})

    def _me(self, request: Request) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._device_tokens:
            return _error(190, "Invalid OAuth access token.")
        wanted = request.query.get("fields", "").split(",")
        everything = {"id": self.person.sub} | self.person.claims
        return Answer.of({name: value for name, value in everything.items() if name in wanted})


def _error(code: int, message: str, *, subcode: int | None = None) -> Answer:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "x"}
    if subcode:
        error["error_subcode"] = subcode
    return Answer.of({"error": error}, 400)
