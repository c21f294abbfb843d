"""Signing in at a real (and strict) OpenID provider in the browser; and every way in which it must not work."""

import base64
import hmac
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import trustme
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from gateways.conftest import Browser
from gateways.oidc_server import RSA, Client, OidcServer
from gateways.web_server import Answer, Request
from shopdesk import logs
from shopdesk.domain.account import Identity
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.gateways import oauth, oauth_http, providers
from shopdesk.gateways.providers import Cancelled, NotTrusted, Provider
from shopdesk.settings import LogLevel, ProviderKind, ProviderSettings

PUBLIC = Client("shop", ("http://127.0.0.1/callback",))
SECRET = "s+ec/r:et %ü=&?"


@pytest.fixture
def server() -> Iterator[OidcServer]:
    with OidcServer(PUBLIC) as server:
        yield server


def at(server: OidcServer, **more: Any) -> Provider:
    given = {"kind": ProviderKind.OIDC, "issuer": server.issuer, "client_id": "shop", "label": "Company"}
    return providers.provider("company", ProviderSettings(**(given | more)))


def sign_in(
    server: OidcServer, browser: Callable[[str], object], *, secret: str | None = None, seconds: float = 20, **more: Any
) -> Identity:
    return oauth.sign_in(
        at(server, **more),
        client_secret=secret,
        open_browser=browser,
        cancelled=threading.Event(),
        seconds=seconds,
    )


def said(browser: Browser, server: OidcServer, **more: Any) -> str:
    """The words of a provider that was not trusted."""
    with pytest.raises(NotTrusted) as refused:
        sign_in(server, browser, **more)
    assert refused.value.final
    assert "The sign-in was stopped" in str(refused.value)
    return refused.value.what


# --- that it works --------------------------------------------------------------------------------------------------


def test_a_public_client_signs_somebody_in(server: OidcServer, browser: Browser) -> None:
    assert sign_in(server, browser) == Identity(
        issuer=server.issuer,
        subject="248289761001",
        label="Company",
        name="Ada Lovelace",
        email="ada@example.org",
        email_verified=True,
    )
    assert "You can close this page and go back to the till" in browser.visits[-1].text
    assert server.faults == []


@pytest.mark.parametrize("in_header", [True, False])
def test_a_client_with_a_secret_proves_itself_as_the_provider_wants(browser: Browser, in_header: bool) -> None:
    client = replace(PUBLIC, secret=SECRET, secret_in_header=in_header)
    with OidcServer(client) as server:
        method = "client_secret_basic" if in_header else "client_secret_post"
        server.metadata["token_endpoint_auth_methods_supported"] = [method]
        assert sign_in(server, browser, secret=SECRET).subject == "248289761001"
        assert server.faults == []


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_every_usual_signature_is_understood(browser: Browser, algorithm: str) -> None:
    with OidcServer(PUBLIC, algorithm=algorithm) as server:
        server.metadata["id_token_signing_alg_values_supported"] = ["none", "HS256", algorithm]
        assert sign_in(server, browser).subject == "248289761001"


def test_every_sign_in_has_a_fresh_challenge_state_and_nonce(server: OidcServer, browser: Browser) -> None:
    for _ in range(2):
        sign_in(server, browser)
    first, second = (request.query for request in server.asked_for("/authorize"))
    for name in ("code_challenge", "state", "nonce", "redirect_uri"):
        assert first[name] != second[name] or name == "redirect_uri"
        assert len(first[name]) >= 22
    assert first["code_challenge_method"] == second["code_challenge_method"] == "S256"
    assert all("code_verifier" in request.form for request in server.asked_for("/token"))


def test_the_token_request_says_its_grant(server: OidcServer, browser: Browser) -> None:
    sign_in(server, browser)
    (request,) = server.asked_for("/token")
    assert request.form["grant_type"] == "authorization_code"
    assert set(request.form) == {"grant_type", "code", "code_verifier", "redirect_uri", "client_id"}


def test_name_and_address_come_from_the_userinfo_if_the_token_has_none(server: OidcServer, browser: Browser) -> None:
    server.claims_in_token = False
    identity = sign_in(server, browser)
    assert (identity.name, identity.email, identity.email_verified) == ("Ada Lovelace", "ada@example.org", True)


def test_a_userinfo_about_somebody_else_is_not_trusted(server: OidcServer, browser: Browser) -> None:
    server.claims_in_token = False
    server.instead["/userinfo"] = lambda _: Answer.of({"sub": "victim", "email": "ceo@example.org"})
    assert "two different people" in said(browser, server)


@pytest.mark.parametrize(
    ("in_token", "in_userinfo", "email", "is_proven"),
    [
        ({"email": "ceo@example.org"}, {"email": "ada@example.org", "email_verified": True}, "ceo@example.org", False),
        ({"email_verified": True}, {"email": "ceo@example.org"}, "ceo@example.org", False),
        ({"email_verified": True}, {"email": "x@example.org", "email_verified": False}, "x@example.org", False),
        ({}, {"email": "ada@example.org", "email_verified": True}, "ada@example.org", True),
    ],
)
def test_an_address_is_proven_only_by_whoever_names_it(
    server: OidcServer,
    browser: Browser,
    in_token: dict[str, object],
    in_userinfo: dict[str, object],
    email: str,
    is_proven: bool,
) -> None:
    server.claims_in_token = False
    server.write_token = lambda header, claims: server.signed(header, claims | in_token)
    server.instead["/userinfo"] = lambda _: Answer.of({"sub": server.person.sub} | in_userinfo)
    identity = sign_in(server, browser)
    assert (identity.email, identity.email_verified) == (email, is_proven)


@pytest.mark.parametrize("verified", [False, None, "true", 1, "absent"])
def test_an_address_is_verified_only_if_the_provider_says_exactly_that(
    server: OidcServer, browser: Browser, verified: object
) -> None:
    server.person.claims["email_verified"] = verified
    if verified == "absent":
        del server.person.claims["email_verified"]
    identity = sign_in(server, browser)
    assert identity.email == "ada@example.org"
    assert identity.email_verified is False


def test_a_person_without_name_and_address_is_still_somebody(server: OidcServer, browser: Browser) -> None:
    server.person.claims = {"name": None, "email": ["x"], "email_verified": True}
    assert sign_in(server, browser) == Identity(issuer=server.issuer, subject=server.person.sub, label="Company")


def test_control_characters_in_a_name_do_not_come_through(server: OidcServer, browser: Browser) -> None:
    server.person.claims["name"] = "Ada\x1b[2J\nLovelace\u202e" + "x" * 1000
    name = sign_in(server, browser).name
    assert name.isprintable()
    assert len(name) <= 200


def test_the_issuer_may_be_typed_with_a_slash_at_its_end(server: OidcServer, browser: Browser) -> None:
    assert sign_in(server, browser, issuer=f"{server.issuer}/").issuer == server.issuer


def test_a_fixed_port_is_used_when_the_redirect_has_one(browser: Browser) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    redirect = f"http://localhost:{port}/back"
    with OidcServer(replace(PUBLIC, redirects=(redirect,))) as server:
        sign_in(server, browser, redirect=redirect)
    assert browser.way_back.startswith(f"{redirect}?")


def test_a_choice_of_account_is_asked_for_where_it_is_offered(server: OidcServer, browser: Browser) -> None:
    sign_in(server, browser)
    server.metadata["prompt_values_supported"] = ["none", "login", "select_account"]
    sign_in(server, browser)
    assert [request.query.get("prompt") for request in server.asked_for("/authorize")] == [None, "select_account"]


def test_it_works_over_tls(authority: trustme.CA, tmp_path: Path, browser: Browser, monkeypatch: Any) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with OidcServer(PUBLIC, context=context) as server:
        with monkeypatch.context() as patch:
            patch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
            assert sign_in(server, browser).issuer.startswith("https://127.0.0.1:")
        assert "certificate" in said(browser, server)


# --- the person -----------------------------------------------------------------------------------------------------


def test_somebody_says_no(server: OidcServer, browser: Browser) -> None:
    server.says_no = "access_denied"
    with pytest.raises(Refused, match="You cancelled the sign-in at Company"):
        sign_in(server, browser)
    assert "You were not signed in" in browser.visits[-1].text


def test_a_closed_browser_ends_with_the_time(server: OidcServer) -> None:
    with pytest.raises(Unavailable, match=r"The sign-in at Company was not finished within 0 seconds\. Start again"):
        sign_in(server, lambda address: None, seconds=0.05)


def test_cancelling_ends_it_at_once(server: OidcServer) -> None:
    cancelled = threading.Event()
    with pytest.raises(Cancelled):
        oauth.sign_in(
            at(server), client_secret=None, open_browser=lambda _: cancelled.set(), cancelled=cancelled, seconds=60
        )
    assert not server.asked_for("/token")


def test_a_sign_in_that_was_cancelled_before_it_began_opens_no_browser(server: OidcServer, browser: Browser) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        oauth.sign_in(at(server), client_secret=None, open_browser=browser, cancelled=cancelled)
    assert browser.visits == []


# --- the way back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["", "wrong", None])
def test_an_answer_without_our_state_is_not_taken(server: OidcServer, browser: Browser, state: str | None) -> None:
    def altered(answer: dict[str, str]) -> dict[str, str]:
        rest = {name: value for name, value in answer.items() if name != "state"}
        return rest if state is None else rest | {"state": state}

    server.alter_answer = altered
    with pytest.raises(Unavailable, match="was not finished"):
        sign_in(server, browser, seconds=0.05)
    assert browser.visits[-1].status_code == 400
    assert not server.asked_for("/token")


def test_a_forged_answer_does_not_end_the_sign_in(server: OidcServer, browser: Browser) -> None:
    def attacked(address: str) -> None:
        back = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        for query in ("code=forged", "code=forged&state=guess", "error=access_denied"):
            assert requests.get(f"{back}?{query}", timeout=5).status_code == 400
        browser(address)

    assert sign_in(server, attacked).subject == "248289761001"


def test_an_answer_that_is_repeated_is_gone(server: OidcServer, browser: Browser) -> None:
    statuses: list[int] = []

    def twice(request: Request) -> Answer:
        # While the code is being traded, somebody who saw the address tries it too.
        statuses.append(requests.get(browser.way_back, timeout=5).status_code)
        return server.routes["POST", "/token"](request)

    server.instead["/token"] = twice
    back: list[str] = []

    def open_browser(address: str) -> None:
        browser(address)
        back.append(browser.way_back)

    assert sign_in(server, open_browser).subject == "248289761001"
    assert statuses == [410]
    with pytest.raises(requests.ConnectionError):
        requests.get(back[0], timeout=5)


def test_a_code_that_was_used_before_signs_nobody_in(server: OidcServer, browser: Browser) -> None:
    sign_in(server, browser)
    used = parse_qs(urlsplit(browser.way_back).query)["code"][0]
    server.alter_answer = lambda answer: answer | {"code": used}
    with pytest.raises(Unavailable, match="has expired"):
        sign_in(server, browser)


def test_somebody_elses_code_signs_nobody_in(server: OidcServer, browser: Browser) -> None:
    """Code injection (RFC 9700, 4.5): the victim's fresh code does not fit our verifier."""
    victim: list[str] = []

    def steal(answer: dict[str, str]) -> dict[str, str]:
        victim.append(answer["code"])
        return answer | {"state": "lost"}

    server.alter_answer = steal
    with pytest.raises(Unavailable, match="was not finished"):
        sign_in(server, browser, seconds=0.05)
    server.alter_answer = lambda answer: answer | {"code": victim[0]}
    with pytest.raises(Unavailable, match="has expired"):
        sign_in(server, browser)


@pytest.mark.parametrize(
    ("iss", "words"), [(None, "does not name its issuer"), ("https://evil.example", "comes from another issuer")]
)
def test_an_answer_of_another_provider_is_not_trusted(
    server: OidcServer, browser: Browser, iss: str | None, words: str
) -> None:
    def altered(answer: dict[str, str]) -> dict[str, str]:
        rest = {name: value for name, value in answer.items() if name != "iss"}
        return rest if iss is None else rest | {"iss": iss}

    server.alter_answer = altered
    assert words in said(browser, server)
    assert not server.asked_for("/token")


def test_a_provider_that_never_names_itself_is_taken_at_its_word(server: OidcServer, browser: Browser) -> None:
    server.metadata["authorization_response_iss_parameter_supported"] = False
    server.alter_answer = lambda answer: {name: value for name, value in answer.items() if name != "iss"}
    assert sign_in(server, browser).subject == "248289761001"


# --- bad identity tokens --------------------------------------------------------------------------------------------

STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})
Write = Callable[[dict[str, Any], dict[str, Any], OidcServer], object]


def _with(**changed: Any) -> Write:
    return lambda header, claims, server: server.signed(header, claims | changed)


def _without(name: str) -> Write:
    return lambda header, claims, server: server.signed(
        header, {key: value for key, value in claims.items() if key != name}
    )


def _head(**changed: Any) -> Write:
    """A header that joserfc itself would not write, signed all the same."""

    def write(header: dict[str, Any], claims: dict[str, Any], server: OidcServer) -> str:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        parts = [_base64(json.dumps(part).encode()) for part in (header | changed, claims)]
        assert RSA.private_key is not None
        signature = RSA.private_key.sign(".".join(parts).encode(), PKCS1v15(), SHA256())
        return ".".join([*parts, _base64(signature)])

    return write


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unsigned(header: dict[str, Any], claims: dict[str, Any], server: OidcServer) -> str:
    return f"{_base64(json.dumps({'alg': 'none'}).encode())}.{_base64(json.dumps(claims).encode())}."


def _hs256(key: bytes) -> Write:
    def write(header: dict[str, Any], claims: dict[str, Any], server: OidcServer) -> str:
        parts = ".".join(_base64(json.dumps(part).encode()) for part in (header | {"alg": "HS256"}, claims))
        return f"{parts}.{_base64(hmac.digest(key, parts.encode(), 'sha256'))}"

    return write


def _tampered(header: dict[str, Any], claims: dict[str, Any], server: OidcServer) -> str:
    head, _, signature = server.signed(header, claims).split(".")
    return f"{head}.{_base64(json.dumps(claims | {'sub': 'victim'}).encode())}.{signature}"


def _by_stranger(header: dict[str, Any], claims: dict[str, Any], server: OidcServer) -> str:
    return jwt.encode(header, claims, STRANGER, algorithms=["RS256"])


def _embedded_key(header: dict[str, Any], claims: dict[str, Any], server: OidcServer) -> str:
    named = header | {"jwk": STRANGER.as_dict(private=False)}
    return jwt.encode(named, claims, STRANGER, algorithms=["RS256"])


NOW = int(time.time())

BAD_TOKENS: dict[str, tuple[Write, str]] = {
    "another audience": (_with(aud="other"), "meant for another program"),
    "other audiences": (_with(aud=["other", "third"]), "meant for another program"),
    "no audience": (_without("aud"), "meant for another program"),
    "an empty audience": (_with(aud=[]), "meant for another program"),
    "several audiences without a party": (_with(aud=["shop", "other"]), "meant for another program"),
    "another party": (_with(aud=["shop", "other"], azp="other"), "meant for another program"),
    "another issuer": (_with(iss="https://evil.example"), "comes from another issuer"),
    "a longer issuer": (lambda h, c, s: s.signed(h, c | {"iss": s.issuer + "/"}), "comes from another issuer"),
    "no issuer": (_without("iss"), "comes from another issuer"),
    "another nonce": (_with(nonce="n" * 64), "belongs to another sign-in"),
    "a list of nonces": (lambda h, c, s: s.signed(h, c | {"nonce": [c["nonce"]]}), "belongs to another sign-in"),
    "no nonce": (_without("nonce"), "belongs to another sign-in"),
    "expired": (_with(exp=NOW - 1000, iat=NOW - 2000), "has expired; check this machine's clock"),
    "no expiry": (_without("exp"), "“exp” is missing"),
    "an expiry that is no time": (_with(exp="tomorrow"), "“exp” is missing or wrong"),
    "an expiry that is no number": (_with(exp=float("nan")), "“exp” is missing or wrong"),
    "of the future": (_with(iat=NOW + 1000), "dated in the future"),
    "not yet": (_with(nbf=NOW + 1000), "not valid yet"),
    "no subject": (_without("sub"), "“sub” is missing"),
    "an empty subject": (_with(sub=""), "“sub” is missing or wrong"),
    "a subject that is a number": (_with(sub=42), "“sub” is missing or wrong"),
    "an endless subject": (_with(sub="x" * 256), "“sub” is missing or wrong"),
    "another access token": (_with(at_hash="x" * 22), "tokens do not belong together"),
    "signed by nobody": (_unsigned, "signature method is not accepted"),
    "HS256 with the public key (PEM)": (_hs256(RSA.as_pem(private=False)), "signature method is not accepted"),
    "HS256 with the public key (modulus)": (
        _hs256(str(RSA.as_dict(private=False)["n"]).encode()),
        "signature method is not accepted",
    ),
    "HS256 with the client's name": (_hs256(b"shop"), "signature method is not accepted"),
    "an unknown key": (lambda h, c, s: _by_stranger(h | {"kid": "new"}, c, s), "an unknown key"),
    "a stranger's key under the same name": (_by_stranger, "signature is not valid"),
    "a key of its own": (_embedded_key, "signature is not valid"),
    "claims changed afterwards": (_tampered, "signature is not valid"),
    "an algorithm that was not announced": (
        lambda h, c, s: jwt.encode(h | {"alg": "PS256"}, c, RSA, algorithms=["PS256"]),
        "signature method is not accepted",
    ),
    "something we must understand": (_head(crit=["exp"], exp=1), "signature is not valid"),
    "an access token": (_head(typ="at+jwt"), "signature is not valid"),
    "a key name that is none": (_head(kid=["rsa"]), "signature is not valid"),
    "no algorithm": (_head(alg=None), "signature method is not accepted"),
    "no token": (lambda h, c, s: None, "signature is not valid"),
    "an empty one": (lambda h, c, s: "", "signature is not valid"),
    "a number": (lambda h, c, s: 42, "signature is not valid"),
    "two parts": (lambda h, c, s: "a.b", "signature is not valid"),
    "noise": (lambda h, c, s: "!.!.!", "signature is not valid"),
    "a list": (lambda h, c, s: [s.signed(h, c)], "signature is not valid"),
    "claims that are a list": (lambda h, c, s: _head()(h, [c], s), "signature is not valid"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("fault", BAD_TOKENS)
def test_a_bad_identity_token_signs_nobody_in(server: OidcServer, browser: Browser, fault: str) -> None:
    write, words = BAD_TOKENS[fault]
    server.write_token = lambda header, claims: write(header, claims, server)
    assert words in said(browser, server)


GOOD_TOKENS: dict[str, Write] = {
    "a clock that is a little off": _with(iat=NOW + 60, exp=NOW + 400),
    "a list with our name": _with(aud=["shop"]),
    "several audiences and us": _with(aud=["other", "shop"], azp="shop"),
    "no at_hash": _without("at_hash"),
    "a header nobody knows": _head(extra="x", typ="JWT"),
    "no type": _head(),
}


@pytest.mark.parametrize("kind", GOOD_TOKENS)
def test_an_identity_token_may_differ_where_it_may(server: OidcServer, browser: Browser, kind: str) -> None:
    server.write_token = lambda header, claims: GOOD_TOKENS[kind](header, claims, server)
    assert sign_in(server, browser).subject == "248289761001"


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": []},
        {"keys": "x"},
        {"nokeys": []},
        [],
        {"keys": [None, 1, {}, {"kty": "RSA"}, {"kty": "new"}]},
        {"keys": [RSA.as_dict(private=False) | {"use": "enc"}]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "rsa"}]},
        {"keys": [ECKey.generate_key("P-256", {"kid": "rsa"}).as_dict(private=False)]},
    ],
)
def test_keys_that_do_not_fit_sign_nobody_in(server: OidcServer, browser: Browser, keys: object) -> None:
    server.instead["/jwks"] = lambda _: Answer.of(keys)
    said(browser, server)


@pytest.mark.filterwarnings("ignore:Key size should be")  # what the attacker's own library says to it
def test_a_key_that_is_too_short_signs_nobody_in(server: OidcServer, browser: Browser) -> None:
    short = RSAKey.generate_key(1024, {"kid": "short"})
    server.instead["/jwks"] = lambda _: Answer.of({"keys": [short.as_dict(private=False)]})
    server.write_token = lambda header, claims: jwt.encode(
        header | {"kid": "short"}, claims, short, algorithms=["RS256"]
    )
    assert "an unknown key" in said(browser, server)


def test_a_key_nobody_can_read_does_not_lock_everybody_out(server: OidcServer, browser: Browser) -> None:
    odd: list[dict[str, Any]] = [
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "x"},
        {"kty": "RSA", "n": "!", "e": 3},
        {"kty": "EC", "crv": "?"},
    ]
    curve = ECKey.generate_key("P-256").as_dict(private=False)
    strange: tuple[Any, ...] = ("P-999", "", "é", 5, None, [])
    odd += [curve | {name: value} for name in ("crv", "x", "y") for value in strange]  # of a curve yet unknown
    server.instead["/jwks"] = lambda _: Answer.of({"keys": [*odd, RSA.as_dict(private=False)]})
    assert sign_in(server, browser).subject == "248289761001"


# --- a provider that is down, slow, or talks nonsense ---------------------------------------------------------------

STEPS = ["/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"]


@pytest.fixture(params=STEPS)
def step(request: pytest.FixtureRequest, server: OidcServer) -> str:
    server.claims_in_token = False
    return str(request.param)


def test_a_provider_that_is_down_is_said_in_words(browser: Browser) -> None:
    with OidcServer(PUBLIC) as server:
        pass
    with pytest.raises(Unavailable, match="Company cannot be reached") as failed:
        sign_in(server, browser)
    assert not failed.value.final
    assert browser.visits == []


def test_a_provider_that_does_not_answer_is_given_up(
    server: OidcServer, browser: Browser, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_http, "_STEP_SECONDS", 0.1)
    server.silent.add(step)
    with pytest.raises(Unavailable, match="did not answer in time") as failed:
        sign_in(server, browser)
    assert not failed.value.final


def test_a_provider_that_answers_byte_by_byte_is_given_up(
    server: OidcServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_http, "_STEP_SECONDS", 0.2)
    ended = threading.Event()
    to_the_end: list[bool] = []  # fifty seconds of it

    def drip(handler: Any) -> None:
        for _ in range(1000):
            if ended.wait(0.05):
                return
            handler.wfile.write(b" ")
        to_the_end.append(True)

    server.instead["/jwks"] = lambda _: Answer(200, b"", {"Content-Length": "100000"})
    handler: Any = server._http.RequestHandlerClass
    original = handler._answer

    def answer(self: Any, body: bytes) -> None:
        original(self, body)
        if self.path == "/jwks":
            drip(self)

    monkeypatch.setattr(handler, "_answer", answer)
    try:
        with pytest.raises(Unavailable, match="did not answer in time"):
            sign_in(server, browser)
    finally:
        ended.set()
    assert not to_the_end


@pytest.mark.parametrize("status", [500, 503, 429, 403])
def test_an_error_of_http_is_said_in_words(server: OidcServer, browser: Browser, step: str, status: int) -> None:
    server.instead[step] = lambda _: Answer(status, b"<html>sorry</html>")
    with pytest.raises(Unavailable, match=f"answered with error {status}") as failed:
        sign_in(server, browser)
    assert not isinstance(failed.value, NotTrusted)


@pytest.mark.parametrize(
    "body", [b"", b"<html>welcome</html>", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000]
)
def test_an_answer_that_makes_no_sense_is_not_trusted(
    server: OidcServer, browser: Browser, step: str, body: bytes
) -> None:
    server.instead[step] = lambda _: Answer(200, body)
    said(browser, server)


def test_an_answer_that_never_ends_is_not_read(server: OidcServer, browser: Browser, step: str) -> None:
    server.instead[step] = lambda _: Answer(200, b" " * (oauth_http._LARGEST_ANSWER + 1))
    assert "it is too long" in said(browser, server)


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read(server: OidcServer, browser: Browser) -> None:
    import gzip

    bomb = gzip.compress(b" " * 50_000_000)
    server.instead["/jwks"] = lambda _: Answer(200, bomb, {"Content-Encoding": "gzip"})
    assert "it is too long" in said(browser, server)


def test_an_answer_that_breaks_off_is_said_in_words(server: OidcServer, browser: Browser, step: str) -> None:
    server.instead[step] = lambda _: Answer(200, b'{"issuer":', {"Content-Length": "1000"})
    with pytest.raises(Unavailable, match="cannot be reached"):
        sign_in(server, browser)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("elsewhere", ["http://evil.example/x", "https://evil.example/x", "/jwks"])
def test_nobody_sends_us_elsewhere(
    server: OidcServer, browser: Browser, step: str, status: int, elsewhere: str
) -> None:
    server.instead[step] = lambda _: Answer(status, headers={"Location": elsewhere})
    assert "it redirects to another address" in said(browser, server)


@pytest.mark.parametrize("address", ["http://evil.example/x", "http://192.0.2.1/", "http://localhost.evil.example/"])
def test_whatever_asks_for_it_nothing_goes_out_unprotected(server: OidcServer, address: str) -> None:
    provider = at(server)
    with oauth_http.session(provider, None, end=time.monotonic() + 10) as http:
        with pytest.raises(NotTrusted, match="an address without https"):
            oauth_http.get(http, provider, address)
        with pytest.raises(NotTrusted, match="an address without https"):
            http.request("POST", address, data={"client_secret": SECRET}, withhold_token=True)  # Authlib on its own


@pytest.mark.parametrize(
    "answer",
    [
        {"token_type": "Bearer"},
        {"access_token": "", "token_type": "Bearer"},
        {"access_token": 42, "token_type": "Bearer"},
        {"access_token": "abc"},
        {"access_token": "abc", "token_type": "mac"},
        {"access_token": "abc", "token_type": None},
        {"access_token": "abc", "token_type": "Bearer", "expires_in": "soon"},
        {"access_token": "abc", "token_type": "Bearer", "expires_at": []},
        {"access_token": "abc", "token_type": "Bearer", "expires_in": float("inf")},
        {"access_token": "a\u2028b", "token_type": "Bearer"},
    ],
)
def test_tokens_that_are_none_sign_nobody_in(server: OidcServer, browser: Browser, answer: dict[str, object]) -> None:
    server.alter_tokens = lambda tokens: answer | {"id_token": tokens["id_token"]}
    assert "no access token" in said(browser, server)


def test_a_token_that_is_good_for_a_second_is_good_enough(server: OidcServer, browser: Browser) -> None:
    server.claims_in_token = False
    server.alter_tokens = lambda tokens: tokens | {"expires_in": 30}
    assert sign_in(server, browser).name == "Ada Lovelace"


# --- discovery ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/x",
        "ftp://127.0.0.1/x",
        "javascript:alert(1)",
        "//evil.example",
        "",
        None,
        42,
        "https://a@b/",
        "https://x\n/",
        "https://a b/",
        "http://localhost.evil.example/",
        "https://[::1/x",
    ],
)
def test_endpoints_that_are_not_protected_are_not_used(
    server: OidcServer, browser: Browser, name: str, address: object
) -> None:
    server.metadata[name] = address
    assert f"its {name} does not use https" in said(browser, server)
    assert browser.visits == []


def test_a_provider_elsewhere_cannot_send_us_to_this_machine() -> None:
    from shopdesk.gateways import discovery

    far = providers.provider("far", ProviderSettings(issuer="https://idp.example", client_id="x"))
    for address in ("http://127.0.0.1:631/", "https://localhost/"):
        with pytest.raises(NotTrusted, match="points to this machine"):
            discovery._address(far, {"token_endpoint": address}, "token_endpoint")


@pytest.mark.parametrize("issuer", ["https://evil.example", None, 42, "", "http://127.0.0.1"])
def test_a_provider_that_says_it_is_somebody_else_is_not_trusted(
    server: OidcServer, browser: Browser, issuer: object
) -> None:
    server.metadata["issuer"] = issuer
    assert "it names another issuer" in said(browser, server)
    assert browser.visits == []


def test_a_provider_without_pkce_is_not_used(server: OidcServer, browser: Browser) -> None:
    server.metadata["code_challenge_methods_supported"] = ["plain"]
    with pytest.raises(Unavailable, match="does not support PKCE"):
        sign_in(server, browser)
    assert browser.visits == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"client_id": ""}, "Company is not set up. See Settings, Sign-in providers."),
        ({"issuer": ""}, "has no address"),
        ({"issuer": "http://idp.example"}, "must begin with https://"),
        ({"issuer": "http://127.0.0.1@idp.example"}, "must begin with https://"),
        ({"redirect": "https://shop.example/back"}, "does not point to this machine"),
    ],
)
def test_a_provider_that_cannot_be_used_says_why(
    server: OidcServer, browser: Browser, more: dict[str, Any], words: str
) -> None:
    assert words in at(server, **more).why_not
    with pytest.raises(Refused, match="Settings, Sign-in providers"):
        sign_in(server, browser, **more)
    assert server.asked == []


# --- what stays on this machine -------------------------------------------------------------------------------------


def test_no_log_has_the_secrets_of_a_sign_in(home: Path, browser: Browser, expect_log: Callable[[str], object]) -> None:
    expect_log("Traceback told")
    told: list[dict[str, Any]] = []

    def overhear(tokens: dict[str, Any]) -> dict[str, Any]:
        told.append(tokens)
        return tokens

    with logs.writing_to(home, LogLevel.DEBUG), OidcServer(replace(PUBLIC, secret=SECRET)) as server:
        logging.getLogger().setLevel(logging.DEBUG)  # also what libraries say when they say everything
        server.alter_tokens = overhear
        server.claims_in_token = False
        sign_in(server, browser, secret=SECRET)
        for tokens in told:
            logging.getLogger("shopdesk").info("it gave %s and %s", tokens["access_token"], tokens["id_token"])
        server.alter_tokens = lambda tokens: overhear(tokens) | {"token_type": "odd"}
        try:
            sign_in(server, browser, secret=SECRET)
        except NotTrusted:
            logging.getLogger("shopdesk").warning("Traceback told: %r", told, exc_info=True)
    written = "".join(path.read_text("utf-8") for path in (home / "logs").iterdir())
    assert "/token" in written  # they did say something
    secrets = [SECRET, "s%2Bec%2Fr"]
    for answer in browser.visits:
        secrets += [value for values in parse_qs(urlsplit(answer.url).query).values() for value in values]
    secrets = [one for one in secrets if len(one) > 20 and "://" not in one]
    secrets += [str(request.form["code_verifier"]) for request in server.asked_for("/token")]
    secrets += [tokens[name] for tokens in told for name in ("access_token", "id_token")]
    assert len(secrets) > 10
    assert not [secret for secret in secrets if secret in written]


def test_a_netrc_file_does_not_sign_us_in(
    server: OidcServer, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ada password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sign_in(server, browser)
    asked = [server.asked_for(path)[0] for path in ("/.well-known/openid-configuration", "/jwks", "/token")]
    assert not [request.path for request in asked if "authorization" in request.headers]


def test_a_proxy_is_not_asked_for_what_is_on_this_machine(
    server: OidcServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def direct(address: str) -> None:
        with monkeypatch.context() as patch:
            patch.delenv("HTTP_PROXY")
            browser(address)

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert sign_in(server, direct).subject == "248289761001"


# --- the Test button ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, SECRET])
def test_the_test_button_says_that_the_provider_knows_us(secret: str | None) -> None:
    with OidcServer(replace(PUBLIC, secret=secret)) as server:
        words = oauth.test(at(server), secret)
    assert words.startswith("Company answered and accepts this program.")
    assert words.endswith("http://127.0.0.1/callback")


@pytest.mark.parametrize(
    ("client", "secret"), [(Client("other", ()), None), (replace(PUBLIC, secret=SECRET), "wrong"), (PUBLIC, "needless")]
)
def test_the_test_button_says_that_the_provider_does_not_know_us(client: Client, secret: str | None) -> None:
    with (
        OidcServer(client) as server,
        pytest.raises(Unavailable, match="does not accept this program's client ID or secret"),
    ):
        oauth.test(at(server), secret)


def test_the_test_button_wonders_at_a_provider_that_takes_anything(server: OidcServer) -> None:
    server.instead["/token"] = lambda _: Answer.of({"access_token": "abc", "token_type": "Bearer"})
    with pytest.raises(NotTrusted, match="accepts invalid codes"):
        oauth.test(at(server), None)


def test_the_test_button_says_that_the_keys_cannot_be_had(server: OidcServer) -> None:
    server.instead["/jwks"] = lambda _: Answer(500)
    with pytest.raises(Unavailable, match="answered with error 500"):
        oauth.test(at(server), None)
