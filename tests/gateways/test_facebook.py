"""Signing in at Facebook: in the browser while the app is in development, on a device once it is live."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateways.conftest import Browser
from gateways.facebook_server import FacebookServer
from gateways.oidc_server import Client
from shopdesk.domain.account import Identity
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.gateways import oauth, providers
from shopdesk.gateways.providers import DeviceCode, NotTrusted, Provider, SignInMethod
from shopdesk.settings import ProviderKind, ProviderSettings, Settings

LIVE = "https://shop.example/back"


@pytest.fixture
def server() -> Iterator[FacebookServer]:
    with FacebookServer(Client("1234567890", ("http://localhost/callback",))) as server:
        server.person.sub = "10158234567890123"
        yield server


def at(server: FacebookServer, **more: Any) -> Provider:
    given = {"kind": ProviderKind.FACEBOOK, "issuer": server.address, "client_id": "1234567890"}
    return providers.provider("facebook", ProviderSettings(**(given | more)))


def in_browser(server: FacebookServer, browser: Browser, secret: str | None = None) -> Identity:
    cancelled = threading.Event()
    return oauth.sign_in(at(server), client_secret=secret, open_browser=browser, cancelled=cancelled, seconds=5)


def on_device(server: FacebookServer, token: str | None, shown: list[DeviceCode] | None = None) -> Identity:
    show = (shown if shown is not None else []).append
    return oauth.device_sign_in(at(server, redirect=LIVE), show, threading.Event(), client_secret=token)


def test_somebody_signs_in_with_the_browser_and_without_a_secret(server: FacebookServer, browser: Browser) -> None:
    identity = in_browser(server, browser)
    assert (identity.subject, identity.name) == ("10158234567890123", "Ada Lovelace")
    assert server.faults == []


def test_a_secret_is_told_if_there_is_one(browser: Browser) -> None:
    client = Client("1234567890", ("http://localhost/callback",), "app secret", secret_in_header=False)
    with FacebookServer(client) as server:
        assert in_browser(server, browser, "app secret").name == "Ada Lovelace"


def test_an_address_at_facebook_is_never_taken_for_proven(server: FacebookServer, browser: Browser) -> None:
    identity = in_browser(server, browser)  # although this one says it is
    assert (identity.email, identity.email_verified) == ("ada@example.org", False)
    on = on_device(server, server.client_token)
    assert (on.email, on.email_verified) == ("ada@example.org", False)


def test_facebook_itself_is_known() -> None:
    facebook = providers.provider("facebook", Settings().providers["facebook"])
    assert (facebook.name, facebook.label, facebook.redirect) == ("facebook", "Facebook", "http://localhost/callback")
    assert facebook.endpoints
    assert facebook.endpoints.authorize == "https://www.facebook.com/v21.0/dialog/oauth"
    assert facebook.endpoints.token == "https://graph.facebook.com/v21.0/oauth/access_token"
    assert facebook.endpoints.keys == "https://www.facebook.com/.well-known/oauth/openid/jwks/"
    assert facebook.endpoints.issuer == "https://www.facebook.com"


def test_a_bad_identity_token_signs_nobody_in(server: FacebookServer, browser: Browser) -> None:
    server.write_token = lambda header, claims: server.signed(header, claims | {"aud": "another app"})
    with pytest.raises(NotTrusted, match="meant for another program"):
        in_browser(server, browser)


def test_its_own_form_of_errors_is_understood(server: FacebookServer, browser: Browser) -> None:
    server.clients["1234567890"] = replace(server.clients["1234567890"], secret="s", secret_in_header=False)
    with pytest.raises(Unavailable, match="Facebook does not accept this program's client ID or secret"):
        in_browser(server, browser)


def test_a_live_app_signs_in_on_a_device(server: FacebookServer) -> None:
    assert at(server, redirect=LIVE).why_not == ""
    assert providers.sign_in_method(at(server, redirect=LIVE), has_secret=True) is SignInMethod.DEVICE
    assert providers.sign_in_method(at(server), has_secret=False) is SignInMethod.BROWSER
    shown: list[DeviceCode] = []
    server.polls_before_approval = 2
    identity = on_device(server, server.client_token, shown)
    assert [code.code for code in shown] == ["A1NWZ9"]
    assert identity.name == "Ada Lovelace"


def test_both_ways_lead_to_the_same_person(server: FacebookServer, browser: Browser) -> None:
    first, second = in_browser(server, browser), on_device(server, server.client_token)
    assert (first.issuer, first.subject) == (second.issuer, second.subject)


def test_a_device_needs_the_client_token(server: FacebookServer) -> None:
    with pytest.raises(Unavailable, match="client token of Facebook is missing"):
        on_device(server, None)
    with pytest.raises(Unavailable, match="does not accept this program"):
        on_device(server, "wrong")


def test_a_code_that_ran_out_is_said_in_words(server: FacebookServer) -> None:
    server.refuses_device = {"message": "expired", "type": "OAuthException", "code": 463, "error_subcode": 1349152}
    with pytest.raises(Unavailable, match="has expired"):
        on_device(server, server.client_token)


def test_an_error_nobody_knows_is_passed_on(server: FacebookServer) -> None:
    server.refuses_device = {"message": "An unknown error", "type": "OAuthException", "code": [], "error_subcode": {}}
    with pytest.raises(Unavailable, match="Facebook reported: OAuthException: An unknown error"):
        on_device(server, server.client_token)


def test_the_browser_of_a_live_app_is_not_opened(server: FacebookServer, browser: Browser) -> None:
    with pytest.raises(Refused, match="does not point to this machine"):
        oauth.sign_in(
            at(server, redirect=LIVE), client_secret=None, open_browser=browser, cancelled=threading.Event(), seconds=5
        )
    assert browser.visits == []


def test_the_test_button_both_ways(server: FacebookServer) -> None:
    assert oauth.test(at(server), None).endswith("http://localhost/callback")
    assert oauth.test(at(server, redirect=LIVE), server.client_token).endswith("entered on another device.")
    with pytest.raises(Unavailable, match="does not accept this program"):
        oauth.test(at(server, client_id="other"), None)
