"""A browser without a window, and providers to send it to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from gateways.web_server import WebServer
from shopdesk import logs


@pytest.fixture(autouse=True)
def _fresh_log_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets that another test hid from the log."""
    monkeypatch.setattr(logs, "_hidden", set())


class Browser:
    """Follows redirects wherever they lead, as a browser does; ``visits`` has what it saw."""

    def __init__(self) -> None:
        self.visits: list[requests.Response] = []

    def __call__(self, address: str) -> None:
        answer = requests.get(address, timeout=10)
        self.visits += [*answer.history, answer]

    @property
    def way_back(self) -> str:
        """The address with the code in it."""
        return self.visits[-1].url


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def never() -> threading.Event:
    """Nobody cancels."""
    return threading.Event()


@pytest.fixture
def run() -> Iterator[Callable[[WebServer], WebServer]]:
    """``run(OidcServer(client))`` starts a server, which ends with the test."""
    with ExitStack() as running:
        yield running.enter_context
