"""Signing in at GitHub: in the browser with a secret, with a code on another device without one."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gateways.conftest import Browser
from gateways.github_server import GitHubServer
from gateways.oidc_server import Client
from gateways.web_server import Answer, Request
from shopdesk.domain.account import Identity
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.gateways import oauth, providers
from shopdesk.gateways.providers import Cancelled, DeviceCode, NotTrusted, Provider, SignInMethod
from shopdesk.settings import ProviderKind, ProviderSettings, Settings

SECRET = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer(Client("Iv1.shop", ("http://127.0.0.1/callback",), SECRET)) as server:
        yield server


def at(server: GitHubServer, **more: Any) -> Provider:
    given = {"kind": ProviderKind.GITHUB, "issuer": server.address, "client_id": "Iv1.shop"}
    return providers.provider("github", ProviderSettings(**(given | more)))


def in_browser(server: GitHubServer, browser: Browser, *, secret: str = SECRET, **more: Any) -> Identity:
    cancelled = threading.Event()
    return oauth.sign_in(at(server, **more), client_secret=secret, open_browser=browser, cancelled=cancelled, seconds=5)


def on_device(server: GitHubServer, shown: list[DeviceCode] | None = None) -> Identity:
    show = (shown if shown is not None else []).append
    return oauth.device_sign_in(at(server), show, threading.Event())


def octocat(server: GitHubServer) -> Identity:
    return Identity(
        issuer=server.address,
        subject="583231",
        label="GitHub",
        name="The Octocat",
        email="octocat@example.org",
        email_verified=True,
    )


def test_somebody_signs_in_with_the_browser(server: GitHubServer, browser: Browser) -> None:
    assert in_browser(server, browser) == octocat(server)
    (asked,) = server.asked_for("/login/oauth/authorize")
    assert asked.query["scope"] == "read:user user:email"
    assert asked.query["prompt"] == "select_account"
    assert asked.query["code_challenge_method"] == "S256"
    assert "nonce" not in asked.query
    assert server.faults == []


def test_github_itself_is_known() -> None:
    github = providers.provider("github", Settings().providers["github"])
    assert (github.name, github.label, github.redirect) == ("github", "GitHub", "http://127.0.0.1/callback")
    assert github.why_not == "GitHub is not set up. See Settings, Sign-in providers."
    assert github.endpoints
    assert github.endpoints.authorize == "https://github.com/login/oauth/authorize"
    assert github.endpoints.token == "https://github.com/login/oauth/access_token"
    assert github.endpoints.user == "https://api.github.com/user"
    assert github.endpoints.issuer == "https://github.com"


def test_without_a_secret_a_device_is_the_way(server: GitHubServer) -> None:
    assert providers.sign_in_method(at(server), has_secret=True) is SignInMethod.BROWSER
    assert providers.sign_in_method(at(server), has_secret=False) is SignInMethod.DEVICE


def test_somebody_is_their_number_whatever_they_call_themselves(server: GitHubServer, browser: Browser) -> None:
    before = in_browser(server, browser)
    server.user |= {"login": "renamed", "name": None}
    after = in_browser(server, browser)
    assert (before.issuer, before.subject) == (after.issuer, after.subject)
    assert after.name == "renamed"


@pytest.mark.parametrize("key", [None, "583231", 0, -1, True, 1.5, [583231]])
def test_without_a_number_nobody_is_signed_in(server: GitHubServer, browser: Browser, key: object) -> None:
    server.user["id"] = key
    with pytest.raises(NotTrusted, match="does not identify the user"):
        in_browser(server, browser)


@pytest.mark.parametrize(
    ("emails", "email"),
    [
        ([{"email": "ada@example.org", "verified": False, "primary": True}], ""),
        ([{"email": "ada@example.org", "verified": "true", "primary": True}], ""),
        (
            [
                {"email": "ceo@example.org", "verified": False, "primary": True},
                {"email": "ada@example.org", "verified": True, "primary": False},
            ],
            "ada@example.org",
        ),
        ([], ""),
        ([None, 1, {"verified": True}, {"verified": True, "email": 1}], ""),
    ],
)
def test_only_a_proven_address_counts(
    server: GitHubServer, browser: Browser, emails: list[dict[str, Any]], email: str
) -> None:
    server.emails = emails
    server.user["email"] = "anybody@example.org"  # what the profile says was never proven
    identity = in_browser(server, browser)
    assert (identity.email, identity.email_verified) == (email, bool(email))


def test_somebody_may_keep_their_addresses_to_themselves(server: GitHubServer, browser: Browser) -> None:
    server.scopes_granted = False
    assert in_browser(server, browser).email == ""


def test_addresses_that_cannot_be_had_just_now_are_no_reason_to_go_without(
    server: GitHubServer, browser: Browser
) -> None:
    server.instead["/api/v3/user/emails"] = lambda _: Answer(502)
    with pytest.raises(Unavailable, match="error 502"):
        in_browser(server, browser)


# GitHub says what is wrong with HTTP 200.


def test_a_wrong_secret_is_said_in_words(server: GitHubServer, browser: Browser) -> None:
    with pytest.raises(Unavailable, match="does not accept this program's client ID or secret") as failed:
        in_browser(server, browser, secret="wrong")
    assert failed.value.final


def test_a_code_that_is_good_no_more_is_said_in_words(server: GitHubServer, browser: Browser) -> None:
    def redeemed_twice(request: Request) -> Answer:
        server.routes["POST", request.path](request)
        return server.routes["POST", request.path](request)

    server.instead["/login/oauth/access_token"] = redeemed_twice
    with pytest.raises(Unavailable, match="has expired"):
        in_browser(server, browser)
    assert server.faults == ["bad_verification_code"]


def test_a_way_back_that_is_not_registered_is_said_in_words(server: GitHubServer) -> None:
    """GitHub sends the browser to the registered address then, which is not ours."""
    seen: list[str] = []

    def open_browser(address: str) -> None:
        import requests

        answer = requests.get(address, timeout=5, allow_redirects=False)
        seen.append(answer.headers["Location"])

    with pytest.raises(Unavailable, match="was not finished"):
        oauth.sign_in(
            at(server, redirect="http://127.0.0.1/elsewhere"),
            client_secret=SECRET,
            open_browser=open_browser,
            cancelled=threading.Event(),
            seconds=0.05,
        )
    assert "error=redirect_uri_mismatch" in seen[0]
    refusal = oauth_refusal(at(server), "redirect_uri_mismatch")
    assert "register http://127.0.0.1/callback there" in str(refusal)


def oauth_refusal(provider: Provider, error: str) -> Exception:
    from shopdesk.gateways import oauth_http

    return oauth_http.refusal(provider, error, "")


def test_somebody_says_no(server: GitHubServer, browser: Browser) -> None:
    server.says_no = "access_denied"
    with pytest.raises(Refused, match="You cancelled the sign-in at GitHub"):
        in_browser(server, browser)


def test_an_error_nobody_knows_is_passed_on_in_one_clean_line(server: GitHubServer, browser: Browser) -> None:
    said = {"error": "application_suspended", "error_description": "See\n\x1b[31m token=abcdef the docs." + "x" * 999}
    server.instead["/login/oauth/access_token"] = lambda _: Answer.of(said)
    with pytest.raises(Unavailable, match="GitHub reported: application_suspended: See ") as failed:
        in_browser(server, browser)
    assert failed.value.what.isprintable()
    assert "abcdef" not in failed.value.what
    assert len(failed.value.what) < 250


@pytest.mark.parametrize(
    ("iss", "is_taken"),
    [
        (None, True),
        ("{}", True),
        ("{}/login/oauth", True),
        ("https://evil.example", False),
        ("{}.evil.example", False),
        ("", False),
    ],
)
def test_an_answer_that_names_somebody_else_is_not_trusted(
    server: GitHubServer, browser: Browser, iss: str | None, is_taken: bool
) -> None:
    def name(request: Request) -> Answer:
        from urllib.parse import quote

        answer = server.routes["GET", request.path](request)
        more = "" if iss is None else f"&iss={quote(iss.format(server.address))}"
        return Answer(302, headers={"Location": answer.headers["Location"] + more})

    server.instead["/login/oauth/authorize"] = name
    if is_taken:
        assert in_browser(server, browser) == octocat(server)
    else:
        with pytest.raises(NotTrusted, match="comes from another issuer"):
            in_browser(server, browser)


# --- with a code ----------------------------------------------------------------------------------------------------


def test_somebody_signs_in_with_a_code(server: GitHubServer) -> None:
    shown: list[DeviceCode] = []
    server.polls_before_approval = 3
    assert on_device(server, shown) == octocat(server)
    assert shown == [DeviceCode(code="WDJB-MJHT", address=f"{server.address}/login/device", seconds=899)]
    assert len(server.asked_for("/login/oauth/access_token")) == 4


def test_a_server_that_is_asked_too_often_is_asked_less(server: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.slow_downs = 2
    waits: list[float] = []

    class Patient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            return False

    assert oauth.device_sign_in(at(server), lambda _: None, Patient()) == octocat(server)
    assert waits == [pytest.approx(0.01), pytest.approx(5.01), pytest.approx(10.01), pytest.approx(10.01)]


def test_a_network_that_fails_for_a_moment_does_not_end_it(server: GitHubServer) -> None:
    failures = [Answer(502), Answer.of({"message": "later"}, 503)]
    path = "/login/oauth/access_token"
    server.instead[path] = lambda request: failures.pop() if failures else server.routes["POST", path](request)
    assert on_device(server) == octocat(server)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("expired_token", "has expired"),
        ("incorrect_device_code", "has expired"),
        ("incorrect_client_credentials", "does not accept this program"),
        ("unsupported_grant_type", "GitHub reported: unsupported_grant_type"),
    ],
)
def test_an_end_is_said_in_words(server: GitHubServer, error: str, words: str) -> None:
    server.says_no = error
    with pytest.raises(Unavailable, match=words):
        on_device(server)


def test_a_no_on_the_device_is_a_no(server: GitHubServer) -> None:
    server.says_no = "access_denied"
    with pytest.raises(Refused, match="You cancelled the sign-in at GitHub"):
        on_device(server)


def test_a_code_that_nobody_types_ends_with_its_time(server: GitHubServer) -> None:
    path = "/login/device/code"
    server.polls_before_approval = 10**9
    begun = {"device_code": "x" * 40, "user_code": "WDJB-MJHT", "expires_in": 0.2, "interval": 0.05}
    server.instead[path] = lambda _: Answer.of(begun | {"verification_uri": f"{server.address}/login/device"})
    server.device = {"device_code": "x" * 40}
    with pytest.raises(Unavailable, match="The code was not entered at GitHub in time"):
        on_device(server)


def test_cancelling_ends_the_waiting_for_the_code(server: GitHubServer) -> None:
    server.polls_before_approval = 10**9
    cancelled = threading.Event()
    with pytest.raises(Cancelled):
        oauth.device_sign_in(at(server), lambda _: cancelled.set(), cancelled)
    assert not server.asked_for("/login/oauth/access_token")


def test_a_device_flow_that_is_switched_off_is_said_in_words(server: GitHubServer) -> None:
    server.allows_device_flow = False
    with pytest.raises(Unavailable, match="enable the device flow there"):
        on_device(server)


@pytest.mark.parametrize(
    "changed",
    [
        {"user_code": None},
        {"user_code": "x"},
        {"user_code": "x" * 41},
        {"user_code": "AB\n\x1b[2J"},
        {"verification_uri": "http://evil.example/device"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": None},
        {"device_code": None},
        {"device_code": ""},
        {"expires_in": "soon"},
        {"expires_in": -1},
        {"interval": -1},
        {"interval": 0},
        {"interval": 10**6},
        {"interval": True},
        {"interval": float("nan")},
    ],
)
def test_a_code_that_cannot_be_shown_is_not_trusted(server: GitHubServer, changed: dict[str, Any]) -> None:
    path = "/login/device/code"

    def altered(request: Request) -> Answer:
        server.routes["POST", path](request)
        return Answer.of(server.device | changed)

    server.instead[path] = altered
    shown: list[DeviceCode] = []
    with pytest.raises(NotTrusted):
        on_device(server, shown)
    assert shown == []


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": 1}, {"access_token": "ä"}])
def test_a_token_that_is_none_signs_nobody_in(server: GitHubServer, answer: dict[str, Any]) -> None:
    server.instead["/login/oauth/access_token"] = lambda _: Answer.of(answer)
    with pytest.raises(NotTrusted, match="no access token"):
        on_device(server)


def test_an_openid_provider_has_no_code_to_type(server: GitHubServer) -> None:
    other = at(server, kind=ProviderKind.OIDC)
    with pytest.raises(Unavailable, match="does not support sign-in with a code"):
        oauth.device_sign_in(other, lambda _: None, threading.Event())


# --- the Test button ------------------------------------------------------------------------------------------------


def test_the_test_button_with_a_secret_and_without(server: GitHubServer) -> None:
    assert oauth.test(at(server), SECRET).startswith("GitHub answered and accepts this program.")
    assert oauth.test(at(server), None).endswith("a code entered on another device.")


def test_the_test_button_says_what_is_wrong(server: GitHubServer) -> None:
    with pytest.raises(Unavailable, match="does not accept this program"):
        oauth.test(at(server), "wrong")
    with pytest.raises(Unavailable, match="does not accept this program"):
        oauth.test(at(server, client_id="nobody"), None)
