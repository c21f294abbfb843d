"""The door the browser comes back through takes one answer, and only the right one."""

import errno
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.gateways import loopback
from shopdesk.gateways.loopback import Redirect, RedirectListener, read_redirect

STATE = "s" * 43


@pytest.fixture
def listener() -> Iterator[RedirectListener]:
    with RedirectListener(Redirect("127.0.0.1", 0, "/callback"), state=STATE) as listener:
        yield listener


def ask(listener: RedirectListener, query: str, **more: Any) -> requests.Response:
    return requests.get(f"{listener.address}?{query}", timeout=5, **more)


def raw(listener: RedirectListener, request: bytes) -> bytes:
    """What comes back for these very bytes."""
    port = int(listener.address.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request.replace(b"HERE", f"127.0.0.1:{port}".encode()))
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def taken(listener: RedirectListener, seconds: float = 0.0) -> object:
    return listener.wait(cancelled=threading.Event(), seconds=seconds)


def still_takes_the_right_one(listener: RedirectListener) -> bool:
    return ask(listener, f"code=abc&state={STATE}").status_code == 200 and taken(listener, 5) is not None


def test_the_right_answer_is_taken_and_the_page_says_so(listener: RedirectListener) -> None:
    answer = ask(listener, f"code=a%2Bb&state={STATE}&iss=https%3A%2F%2Fidp.example")
    assert answer.status_code == 200
    assert "go back to the till" in answer.text
    assert taken(listener, 5) == {"code": "a+b", "state": STATE, "iss": "https://idp.example"}


def test_the_page_loads_nothing_and_is_kept_nowhere(listener: RedirectListener) -> None:
    headers = ask(listener, f"code=abc&state={STATE}").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


def test_a_no_of_the_provider_is_an_answer_too(listener: RedirectListener) -> None:
    answer = ask(listener, f"error=access_denied&state={STATE}")
    assert "You were not signed in" in answer.text
    assert taken(listener, 5) == {"error": "access_denied", "state": STATE}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "code=abc",
        "code=abc&state=",
        f"code=abc&state={STATE[:-1]}",
        f"code=abc&state={STATE}x",
        "code=abc&state=ä",
        "error=access_denied",
        f"state={STATE}",
        f"state={STATE}&code=abc&error=access_denied",
        f"state={STATE}&state={STATE}&code=abc",
        f"state={STATE}&code=abc&code=def",
        f"state={STATE}&code=%ff",
        f"state={STATE}&code=abc&" + "&".join(f"x{n}=1" for n in range(60)),
    ],
)
def test_a_wrong_answer_is_refused_and_the_door_stays_open(listener: RedirectListener, query: str) -> None:
    assert ask(listener, query).status_code == 400
    assert taken(listener) is None
    assert still_takes_the_right_one(listener)


def test_the_second_answer_comes_too_late(listener: RedirectListener) -> None:
    ask(listener, f"code=first&state={STATE}")
    again = ask(listener, f"code=second&state={STATE}")
    assert again.status_code == 410
    assert taken(listener, 5) == {"code": "first", "state": STATE}


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost", "127.0.0.1", "127.0.0.1:1", "[::1]", "127.0.0.1.evil.example", ""]
)
def test_another_host_name_is_not_served(listener: RedirectListener, host: str) -> None:
    assert ask(listener, f"code=abc&state={STATE}", headers={"Host": host}).status_code == 403
    assert still_takes_the_right_one(listener)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /callback?code=a&state=%s HTTP/1.1\r\n\r\n" % STATE.encode(), 403),
        (b"GET /callback?code=a&state=%s HTTP/1.1\r\nHost: HERE\r\nHost: HERE\r\n\r\n" % STATE.encode(), 403),
        (b"POST /callback?code=a&state=%s HTTP/1.1\r\nHost: HERE\r\n\r\n" % STATE.encode(), 405),
        (b"POST /callback HTTP/1.1\r\nHost: HERE\r\nContent-Length: 7\r\n\r\ncode=ab", 405),
        (b"HEAD /callback?code=a&state=%s HTTP/1.1\r\nHost: HERE\r\n\r\n" % STATE.encode(), 405),
        (b"GET / HTTP/1.1\r\nHost: HERE\r\n\r\n", 404),
        (b"GET /favicon.ico HTTP/1.1\r\nHost: HERE\r\n\r\n", 404),
        (b"GET /callback/?code=a&state=%s HTTP/1.1\r\nHost: HERE\r\n\r\n" % STATE.encode(), 404),
        (b"GET //callback?code=a&state=%s HTTP/1.1\r\nHost: HERE\r\n\r\n" % STATE.encode(), 404),
        (b"GET http://HERE/callback?code=a&state=%s HTTP/1.1\r\nHost: HERE\r\n\r\n" % STATE.encode(), 404),
        (b"GET //[x HTTP/1.1\r\nHost: HERE\r\n\r\n", 404),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (b"GET /callback\r\n\r\n", 400),
        (b"GET /callback?" + b"x" * 20_000, 431),
        (b"GET /callback HTTP/1.1\r\nHost: HERE\r\n" + b"X: y\r\n" * 4_000 + b"\r\n", 431),
    ],
)
def test_what_is_no_browser_on_its_way_back_is_refused(
    listener: RedirectListener, request_bytes: bytes, status: int
) -> None:
    assert raw(listener, request_bytes).startswith(b"HTTP/1.1 %d " % status)
    assert taken(listener) is None
    assert still_takes_the_right_one(listener)


def test_a_long_post_gets_its_answer_though_nobody_reads_it(listener: RedirectListener) -> None:
    answer = requests.post(listener.address, data=b"x" * 1_000_000, timeout=5)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"


def test_callers_that_say_nothing_keep_nobody_waiting(listener: RedirectListener) -> None:
    port = int(listener.address.split(":")[2].split("/")[0])
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(2 * loopback._MOST_CONNECTIONS)]
    half = socket.create_connection(("127.0.0.1", port))
    half.sendall(b"GET /callback?code=abc&st")
    assert still_takes_the_right_one(listener)
    silent[0].settimeout(5)
    assert silent[0].recv(1) == b""  # whoever was silent longest had to go
    for connection in [*silent, half]:
        connection.close()


def test_a_caller_that_says_nothing_is_sent_away(listener: RedirectListener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "_CONNECTION_SECONDS", 0.05)
    port = int(listener.address.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        assert connection.recv(1) == b""


def test_a_request_may_come_in_pieces(listener: RedirectListener) -> None:
    port = int(listener.address.split(":")[2].split("/")[0])
    request = f"GET /callback?code=abc&state={STATE} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(request)):
            connection.sendall(request[at : at + 1])
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert taken(listener, 5) is not None


def test_nothing_that_was_asked_is_logged(listener: RedirectListener, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="shopdesk"):
        ask(listener, f"code=wrong&state={STATE[1:]}")
        ask(listener, f"code=right&state={STATE}")
    assert not [record for record in caplog.records if record.name.startswith("shopdesk")]


def test_waiting_ends_when_it_is_cancelled(listener: RedirectListener) -> None:
    cancelled = threading.Event()
    ended: list[object] = []
    waiting = threading.Thread(target=lambda: ended.append(listener.wait(cancelled=cancelled, seconds=60)))
    waiting.start()
    cancelled.set()
    waiting.join(5)
    assert ended == [None]


def test_an_answer_after_cancelling_is_not_taken(listener: RedirectListener) -> None:
    cancelled = threading.Event()
    cancelled.set()
    ask(listener, f"code=abc&state={STATE}")
    assert listener.wait(cancelled=cancelled, seconds=60) is None


def test_the_door_is_on_this_machine_only_and_closes_at_the_end() -> None:
    with RedirectListener(Redirect("127.0.0.1", 0, "/"), state=STATE) as listener:
        assert [door.getsockname()[0] for door in listener._doors] == ["127.0.0.1"]
    with pytest.raises(requests.ConnectionError):
        ask(listener, "")


def test_two_sign_ins_do_not_meet() -> None:
    with (
        RedirectListener(Redirect("127.0.0.1", 0, "/callback"), state="a" * 43) as first,
        RedirectListener(Redirect("127.0.0.1", 0, "/callback"), state="b" * 43) as second,
    ):
        assert first.address != second.address
        assert ask(first, f"code=abc&state={'b' * 43}").status_code == 400
        assert taken(second) is None


def test_localhost_is_served_under_its_name_only() -> None:
    with RedirectListener(Redirect("localhost", 0, "/callback"), state=STATE) as listener:
        assert listener.address.startswith("http://localhost:")
        assert ask(listener, f"code=abc&state={STATE}").status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_localhost_is_open_on_both_addresses_with_one_port(address: str) -> None:
    with RedirectListener(Redirect("localhost", 0, "/"), state=STATE) as listener:
        port = int(listener.address.split(":")[2].split("/")[0])
        with socket.create_connection((address, port), timeout=5) as connection:
            connection.sendall(f"GET /?code=abc&state={STATE} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            assert b"200 OK" in connection.recv(65536)
        assert taken(listener, 5) == {"code": "abc", "state": STATE}
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((address, port), timeout=5)


def test_a_port_that_another_program_has_at_one_of_the_addresses_is_not_shared() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match="another port"):
            RedirectListener(Redirect("localhost", port, "/"), state=STATE).__enter__()
    with socket.create_server(("127.0.0.1", port)):  # nothing was left open
        pass


def test_a_free_port_is_free_at_both_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    made, real = [], socket.create_server

    def taken_at_first(address: tuple[str, int], **more: Any) -> socket.socket:
        made.append(address)
        if len(made) == 2:
            raise OSError(errno.EADDRINUSE, "in use")
        return real(address, **more)

    monkeypatch.setattr(socket, "create_server", taken_at_first)
    with RedirectListener(Redirect("localhost", 0, "/"), state=STATE):
        assert [address for address, _ in made] == ["127.0.0.1", "::1"] * 2
    made.clear()

    def without_ipv6(address: tuple[str, int], **more: Any) -> socket.socket:
        if ":" in address[0]:
            raise OSError(errno.EADDRNOTAVAIL, "no such address")
        return real(address, **more)

    monkeypatch.setattr(socket, "create_server", without_ipv6)
    with RedirectListener(Redirect("localhost", 0, "/"), state=STATE) as listener:
        assert ask(listener, f"code=abc&state={STATE}").status_code == 200


def test_a_sign_in_without_a_state_cannot_begin() -> None:
    with pytest.raises(ValueError, match="anybody"):
        RedirectListener(Redirect("127.0.0.1", 0, "/"), state="")


def test_a_port_that_is_taken_is_said_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with (
            pytest.raises(Unavailable, match=f"cannot return to http://127.0.0.1:{port}/callback"),
            RedirectListener(Redirect("127.0.0.1", port, "/callback"), state=STATE),
        ):
            pass


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("http://127.0.0.1/callback", Redirect("127.0.0.1", 0, "/callback")),
        ("http://localhost:8912/", Redirect("localhost", 8912, "/")),
        (" http://[::1]:80/a/b.c ", Redirect("[::1]", 80, "/a/b.c")),
        ("http://127.0.0.1", Redirect("127.0.0.1", 0, "/")),
    ],
)
def test_a_redirect_is_read(text: str, read: Redirect) -> None:
    assert read_redirect(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://127.0.0.1/callback",
        "http://shop.example/callback",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1@evil.example/",
        "http://0.0.0.0/",
        "http://127.0.0.1/a?b=c",
        "http://127.0.0.1/a#b",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\r\nX: y",
        "//127.0.0.1/",
    ],
)
def test_what_does_not_lead_back_to_this_machine_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="does not point to this machine"):
        read_redirect(text)
