"""Where the print server is, as CUPS has it in an environment variable, and answers that are none."""

import socket
import threading

import pytest

from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import ipp


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x02\x00\x00\x00\x00\x00\x00\x01\x01",
        b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n",
        b"",
    ],
)
def test_what_does_not_answer_as_a_print_server_is_unavailable(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                connection.recv(4096)
                connection.sendall(answer)

        server = threading.Thread(target=serve)
        server.start()
        monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(Unavailable, match="The print server does not answer"):
            ipp.ask(ipp.GET_DEFAULT)
        server.join()


def test_a_port_that_is_none_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", "localhost:six")
    with pytest.raises(Unavailable, match="The print server does not answer"):
        ipp.ask(ipp.GET_DEFAULT)


@pytest.mark.parametrize(
    ("named", "server"),
    [
        ("print.example.org", ("print.example.org", 631)),
        ("print.example.org:8631/version=2.0", ("print.example.org", 8631)),
        ("[2001:db8::7]:8631", ("2001:db8::7", 8631)),
        ("/run/other.sock", ("/run/other.sock", 0)),
        ("/run/other.sock/version=1.1", ("/run/other.sock", 0)),
    ],
)
def test_the_server_is_found_as_the_commands_of_cups_find_it(
    monkeypatch: pytest.MonkeyPatch, named: str, server: tuple[str, int]
) -> None:
    monkeypatch.setenv("CUPS_SERVER", named)
    assert ipp._server() == server
