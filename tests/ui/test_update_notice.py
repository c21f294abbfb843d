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
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.notice import Notice
from shopdesk.ui.base.ports import Ports
from shopdesk.ui.window import update_notice
from support.context import NavigationSpy
from support.shops import SampleShop

Check = Callable[[], list[Notice]]


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
def check(
    context: Context, navigation: NavigationSpy, server: WebServer, settled: Callable[[], None], browsed: list[str]
) -> Check:
    """Check, and what was said then."""
    address = f"{server.address}/version.json"
    context.settings = replace(context.settings, update_address=address)
    context.ports = Ports(available_update=partial(gateway.newest_release, address))  # type: ignore[arg-type]

    def looked() -> list[Notice]:
        navigation.notes.clear()
        update_notice.check_for_update(context, browsed.append)
        settled()
        return list(navigation.notes)

    return looked


def test_the_owner_is_told_once_a_day_until_it_is_read(check: Check, shop: SampleShop, browsed: list[str]) -> None:
    (note,) = check()
    assert note.text == f"shopdesk 99.0 is available. You have {__version__}."
    assert note.stays
    assert check() == []  # today it was asked
    shop.now += timedelta(days=1)
    (note,) = check()
    assert note.action is not None
    assert note.action.label == "What is new"
    note.action.act()
    assert browsed == ["https://example.org/99"]
    assert note.on_dismissed is not None
    note.on_dismissed()
    shop.now += timedelta(days=1)
    assert check() == []


def test_nobody_but_the_owner_is_told(check: Check, context: Context, shop: SampleShop, server: WebServer) -> None:
    context.switch_to(shop.staff(Role.CASHIER))
    assert check() == []
    assert server.asked == []


def test_without_an_address_nobody_is_asked(check: Check, context: Context, server: WebServer) -> None:
    context.settings = replace(context.settings, update_address="")
    assert check() == []
    assert server.asked == []


def test_an_address_that_does_not_answer_is_no_news(check: Check, server: WebServer) -> None:
    server.routes.clear()
    assert check() == []
