"""The counter worked from outside: real keys on a real screen, and what a screen reader is told through AT-SPI."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from shopdesk.domain.product import Product
from shopdesk.row_keys import new_key
from shopdesk.store.database import connect
from shopdesk.usecases import products
from support.desktop import Desktop
from support.shops import PASSWORD, open_shop

TEA = Product(key=new_key(), code="1001", name="Green tea", price=25000, barcode="4006381333931")
UNKNOWN = "4006381333999"


@pytest.fixture
def shop_with_tea(home: Path, _sqlite_template: Path) -> None:
    """A shop in the data folder of this test, whose owner signs in with a password, and which sells tea."""
    home.mkdir(mode=0o700)
    shutil.copyfile(_sqlite_template, home / "shopdesk.db")
    database = connect(f"sqlite:///{home / 'shopdesk.db'}")
    open_shop(database, signs_in=True).do(products.save, TEA)
    database.close()


def _nameless(elements: list[dict[str, Any]]) -> list[str]:
    """Return the roles of those that take the focus without a name; a cell of a list is told by its content."""
    return [one["role"] for one in elements if "focusable" in one["states"] and not one["name"] and not _is_cell(one)]


def _is_cell(element: dict[str, Any]) -> bool:
    return str(element["role"]) == "table cell"


@pytest.mark.timeout(120)  # a whole program, on a machine that runs other tests
@pytest.mark.usefixtures("shop_with_tea")
def test_a_sale_by_keys_alone_is_told_by_a_screen_reader(desktop: Desktop) -> None:
    reader = desktop.reader
    program = desktop.start_program()
    reader.see("text", "User name", "focused")
    desktop.type("ada")
    desktop.key("Tab")
    reader.see("password text", "Password", "focused")
    desktop.type(PASSWORD)
    desktop.key("Return")

    reader.see("button", "New sale", "focused")
    assert _nameless(reader.everything()) == []
    desktop.scan(TEA.barcode)
    reader.hear("1 × Green tea")
    reader.hear("Total 2.50")
    reader.see("table cell", "Green tea")
    assert reader.see("text", "Total")["text"] == "2.50"
    assert reader.see("combo box", "Kind")["description"] == "Receipt"
    reader.see("table", "Items", "focused")
    assert _nameless(reader.everything()) == []
    desktop.scan(UNKNOWN)
    reader.hear(f"No product has the barcode {UNKNOWN}.")
    desktop.scan(UNKNOWN)  # the same again is told again
    reader.hear(f"No product has the barcode {UNKNOWN}.")

    reader.see("table", "Items", "focused")
    desktop.key("F12")
    reader.see("text", "Cash received", "focused")
    reader.see("dialog", "Save this receipt?")
    reader.see("label", "Total: $2.50")
    reader.see("radio button", "Cash", "checked")
    reader.act("radio button", "Card", "Toggle")
    reader.see("radio button", "Card", "checked")
    reader.act("radio button", "Cash", "Toggle")
    reader.see("radio button", "Cash", "checked")
    assert _nameless(reader.everything()) == []
    desktop.key("Return")
    reader.see("button", "Done", "focused")
    reader.see("label", "Due: $0.00")
    reader.see("label", "Paid: $2.50")
    assert _nameless(reader.everything()) == []
    desktop.key("Return")

    reader.see("button", "New sale", "focused")
    reader.see("button", "Orders: 1, 1 today")
    desktop.key("ctrl+8")
    reader.see("check box", "Prices include tax", "checked")
    reader.act("check box", "Prices include tax", "Toggle")
    reader.see("button", "Save", "enabled")
    assert _nameless(reader.everything()) == []
    program.terminate()
    assert program.wait(timeout=20) == 0
