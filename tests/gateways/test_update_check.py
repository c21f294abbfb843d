"""The version file, asked for at a real web server: what it may say, and that nothing of the shop goes there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateways.web_server import Answer, Request, WebServer
from shopdesk import __version__
from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import update_check


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


def ask(server: WebServer, content: object) -> update_check.Release | None:
    server.routes["GET", "/version.json"] = lambda _: Answer.of(content)
    return update_check.newest_release(f"{server.address}/version.json")


def test_a_newer_version_is_told_with_its_own_words_and_link(server: WebServer) -> None:
    found = ask(server, {"version": "99.1", "text": "What is new in 99.1", "link": "https://example.org/news"})
    assert found == update_check.Release(version="99.1", text="What is new in 99.1", link="https://example.org/news")


@pytest.mark.parametrize("version", [__version__, f"{__version__}.0", "0.0.9"])
def test_what_is_not_newer_is_nothing_to_tell(server: WebServer, version: str) -> None:
    assert ask(server, {"version": version}) is None


@pytest.mark.parametrize(
    ("newer", "older"), [("0.10.0", "0.9.9"), ("1.0.1", "1"), ("2.0", "1.99.99"), ("0.1.1", "0.1.0")]
)
def test_versions_are_compared_as_numbers(newer: str, older: str) -> None:
    assert update_check.is_newer(newer, than=older)
    assert not update_check.is_newer(older, than=newer)


def test_versions_that_differ_in_zeros_alone_are_the_same() -> None:
    assert not update_check.is_newer("1.0.0", than="1")
    assert not update_check.is_newer("1", than="1.0.0")


@pytest.mark.parametrize(
    "content", [{}, [], "99", {"version": 99}, {"version": "99; rm"}, {"version": "9" * 400}, {"version": ""}]
)
def test_a_file_that_names_no_version_is_not_believed(server: WebServer, content: object) -> None:
    with pytest.raises(Unavailable, match="contains no version number"):
        ask(server, content)


def test_a_link_that_a_browser_should_not_open_is_left_out(server: WebServer) -> None:
    for link in ("http://example.org/", "javascript:alert(1)", "file:///etc/passwd", "https://a@b/", 7):
        found = ask(server, {"version": "99", "link": link, "text": "a\nb\x1b[2J" + "x" * 200})
        assert found is not None
        assert found.link == ""
        assert found.text.isprintable()
        assert len(found.text) <= 60


@pytest.mark.parametrize("address", ["http://example.org/v.json", "ftp://example.org/", "example.org", "https://"])
def test_only_protected_addresses_are_asked(address: str) -> None:
    with pytest.raises(Unavailable, match="must begin with https"):
        update_check.newest_release(address)


def test_a_file_that_never_ends_or_leads_elsewhere_is_given_up(server: WebServer) -> None:
    server.routes["GET", "/version.json"] = lambda _: Answer(body=b" " * 2_000_000)
    with pytest.raises(Unavailable, match="is too long"):
        update_check.newest_release(f"{server.address}/version.json")
    server.routes["GET", "/version.json"] = lambda _: Answer(302, headers={"Location": "http://127.0.0.1:1/"})
    with pytest.raises(Unavailable, match="redirects to another address"):
        update_check.newest_release(f"{server.address}/version.json")
    with pytest.raises(Unavailable, match="404"):
        update_check.newest_release(f"{server.address}/nothing.json")


def test_nothing_is_sent_but_the_question(server: WebServer) -> None:
    ask(server, {"version": "99"})
    (asked,) = server.asked
    assert isinstance(asked, Request)
    assert (asked.method, asked.path, dict(asked.query), dict(asked.form)) == ("GET", "/version.json", {}, {})
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers.keys() <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert headers["user-agent"] == f"shopdesk/{__version__}"
