"""The line about a newer version: to the owner alone, once a day, until it is read; the version file is a real one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from gateways.web_server import Answer, WebServer
from shopdesk import __version__
from shopdesk.domain.account import Role
from shopdesk.gateways import update_check as gateway
from shopdesk.ui.base.context import Desk
from shopdesk.ui.base.i18n import Note
from shopdesk.ui.base.ports import Doors
from shopdesk.ui.window import update_notice
from support.context import Wishes
from support.shops import Counter

Look = Callable[[], list[Note]]


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        announced = {"version": "99.0", "text": "What is new", "link": "https://example.org/99"}
        running.routes["GET", "/version.json"] = lambda _: Answer.of(announced)
        yield running


@pytest.fixture
def browsed() -> list[str]:
    return []


@pytest.fixture
def look(desk: Desk, wishes: Wishes, server: WebServer, settled: Callable[[], None], browsed: list[str]) -> Look:
    """Look, and what was said then."""
    address = f"{server.address}/version.json"
    desk.settings = replace(desk.settings, update_address=address)
    desk.doors = Doors(newer=partial(gateway.newest, address))  # type: ignore[arg-type]

    def looked() -> list[Note]:
        wishes.notes.clear()
        update_notice.look(desk, browsed.append)
        settled()
        return list(wishes.notes)

    return looked


def test_the_owner_is_told_once_a_day_until_it_is_read(look: Look, shop: Counter, browsed: list[str]) -> None:
    (note,) = look()
    assert note.text == f"shopdesk 99.0 is available. You have {__version__}."
    assert note.stays
    assert look() == []  # today it was asked
    shop.now += timedelta(days=1)
    (note,) = look()
    assert note.action is not None
    assert note.action.label == "What is new"
    note.action.act()
    assert browsed == ["https://example.org/99"]
    assert note.read is not None
    note.read()
    shop.now += timedelta(days=1)
    assert look() == []


def test_nobody_but_the_owner_is_told(look: Look, desk: Desk, shop: Counter, server: WebServer) -> None:
    desk.hand_over(shop.staff(Role.CASHIER))
    assert look() == []
    assert server.asked == []


def test_without_an_address_nobody_is_asked(look: Look, desk: Desk, server: WebServer) -> None:
    desk.settings = replace(desk.settings, update_address="")
    assert look() == []
    assert server.asked == []


def test_an_address_that_does_not_answer_is_no_news(look: Look, server: WebServer) -> None:
    server.routes.clear()
    assert look() == []
