"""A strict stand-in for GitHub (as GitHub Enterprise lays it out), after its documentation.

Not OpenID: codes good once and bound to program, way back and challenge; errors come as HTTP 200 with JSON; without
``Accept: application/json`` the answer is a form; the web flow wants the secret, the device flow none.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from gateways.oidc_server import Client, _is_registered
from gateways.web_server import Answer, Request, WebServer


@dataclass
class _Grant:
    client_id: str
    redirect: str
    challenge: str


class GitHubServer(WebServer):
    """``user`` and ``emails`` are who sits at the browser; ``approve()`` and ``deny()`` answer a device's code."""

    def __init__(self, *clients: Client) -> None:
        super().__init__()
        self.clients = {client.client_id: client for client in clients}
        self.user: dict[str, Any] = {"id": 583231, "login": "octocat", "name": "The Octocat"}
        self.emails: list[dict[str, Any]] = [
            {"email": "old@example.org", "verified": True, "primary": False, "visibility": None},
            {"email": "octocat@example.org", "verified": True, "primary": True, "visibility": "private"},
        ]
        self.scopes_granted = True
        self.allows_device_flow = True
        self.interval: Any = 0.01
        self.polls_before_approval = 1
        self.slow_downs = 0
        self.says_no = ""
        self.faults: list[str] = []
        self.device: dict[str, Any] = {}
        self._grants: dict[str, _Grant] = {}
        self._tokens: set[str] = set()
        self.routes = {
            ("GET", "/login/oauth/authorize"): self._authorize,
            ("POST", "/login/oauth/access_token"): self._token,
            ("POST", "/login/device/code"): self._device_code,
            ("GET", "/api/v3/user"): lambda request: self._api(request, self.user),
            ("GET", "/api/v3/user/emails"): self._emails,
        }

    def _authorize(self, request: Request) -> Answer:
        asked = request.query
        client = self.clients.get(asked.get("client_id", ""))
        if not client:
            return Answer(404, b"Not Found")
        redirect = asked.get("redirect_uri", client.redirects[0])
        if not any(_is_registered(redirect, one) for one in client.redirects):
            answer = {"error": "redirect_uri_mismatch", "state": asked.get("state", "")}
            return Answer(302, headers={"Location": f"{client.redirects[0]}?{urlencode(answer)}"})
        if self.says_no:
            answer = {"error": self.says_no, "error_description": "The user has denied your application access."}
        elif asked.get("code_challenge_method") != "S256" or not re.fullmatch(
            r"[\w-]{43}", asked.get("code_challenge", "")
        ):
            self.faults.append("code_challenge")
            answer = {"error": "invalid_request", "error_description": "code_challenge"}
        else:
            code = secrets.token_hex(10)
            self._grants[code] = _Grant(client.client_id, redirect, asked["code_challenge"])
            answer = {"code": code}
        return Answer(302, headers={"Location": f"{redirect}?{urlencode(answer | {'state': asked.get('state', '')})}"})

    def _token(self, request: Request) -> Answer:
        form = request.form
        if form.get("grant_type") == "urn:ietf:params:oauth:grant-type:device_code":
            return self._device_answer(request)
        client = self.clients.get(form.get("client_id", ""))
        if not client or form.get("client_secret") != client.secret or "authorization" in request.headers:
            return self._said(request, {"error": "incorrect_client_credentials"})
        grant = self._grants.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            not grant
            or grant.client_id != client.client_id
            or base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != grant.challenge
        ):
            return self._said(request, {"error": "bad_verification_code", "error_description": "incorrect or expired"})
        if form.get("redirect_uri") != grant.redirect:
            return self._said(request, {"error": "redirect_uri_mismatch"})
        return self._said(request, self._new_token())

    def _new_token(self) -> dict[str, str]:
        token = f"gho_{secrets.token_hex(18)}"
        self._tokens.add(token)
        return {"access_token": token, "token_type": "bearer", "scope": "read:user,user:email"}

    # --- the device flow ---------------------------------------------------------------------------------------------

    def _device_code(self, request: Request) -> Answer:
        if request.form.get("client_id", "") not in self.clients:
            return Answer.of({"error": "Not Found"}, 404)
        if not self.allows_device_flow:
            return self._said(request, {"error": "device_flow_disabled"})
        self.device = {
            "device_code": secrets.token_hex(20),
            "user_code": "WDJB-MJHT",
            "verification_uri": f"{self.address}/login/device",
            "expires_in": 899,
            "interval": self.interval,
        }
        return self._said(request, self.device)

    def _device_answer(self, request: Request) -> Answer:
        form = request.form
        if form.get("client_id", "") not in self.clients or "client_secret" in form:
            return self._said(request, {"error": "incorrect_client_credentials"})
        if form.get("device_code") != self.device.get("device_code"):
            return self._said(request, {"error": "incorrect_device_code"})
        if self.says_no:
            return self._said(request, {"error": self.says_no})
        if self.slow_downs:
            self.slow_downs -= 1
            return self._said(request, {"error": "slow_down", "interval": 10})
        if self.polls_before_approval:
            self.polls_before_approval -= 1
            return self._said(request, {"error": "authorization_pending"})
        self.device = {}
        return self._said(request, self._new_token())

    # --- who it is ---------------------------------------------------------------------------------------------------

    def _emails(self, request: Request) -> Answer:
        if not self.scopes_granted:
            return Answer.of({"message": "Resource not accessible by integration"}, 403)
        return self._api(request, self.emails)

    def _api(self, request: Request, content: object) -> Answer:
        if not request.headers.get("user-agent", "").startswith("shopdesk/"):
            return Answer.of({"message": "Request forbidden by administrative rules"}, 403)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in {"bearer", "token"} or token not in self._tokens:
            self.faults.append("token")
            return Answer.of({"message": "Bad credentials"}, 401)
        return Answer.of(content)

    def _said(self, request: Request, content: dict[str, Any]) -> Answer:
        """As GitHub does: errors too are HTTP 200, and JSON only if it was asked for."""
        if "error" in content:
            self.faults.append(content["error"])
        if request.headers.get("accept") == "application/json":
            return Answer.of(content)
        return Answer(200, urlencode(content).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
