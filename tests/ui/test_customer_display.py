"""The customer display follows the sale: row, total, change, thanks; and it is blank while the till is locked."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.row_keys import new_key
from shopdesk.settings import TillSettings
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.customer_view import CustomerView
from shopdesk.ui.editor import customer_views
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.window.customer_display import CustomerDisplay
from shopdesk.usecases import documents
from support.context import Show
from support.keyboard_input import Typist
from support.shops import SampleShop


@pytest.fixture
def seen(context: Context) -> list[CustomerView | None]:
    """What is shown, with a second screen in the settings."""
    context.settings = replace(context.settings, till=TillSettings(customer_display="HDMI-1"))
    views: list[CustomerView | None] = []
    context.navigation.customer_view_changed.connect(views.append)
    return views


@pytest.fixture
def display(themed_app: object) -> Iterator[CustomerDisplay]:
    display = CustomerDisplay()
    display.resize(800, 600)
    display.show_shop("Corner Shop", "en", is_practice=False)
    yield display
    display.deleteLater()


def test_the_customer_sees_the_row_that_is_typed_and_the_total(
    context: Context, show: Show, typist: Typist, seen: list[CustomerView | None], settled: Callable[[], None]
) -> None:
    editor = show(EditorScreen(context))
    typist.row("Milk", "2", "0.89", "", "")
    typist.row("Tea", "1", "5.00")
    editor.document.read_now()
    settled()
    view = seen[-1]
    assert view is not None
    assert (view.item, view.detail, view.amount) == ("Tea", "1 × 5.00", "5.00")
    assert [(one.label, one.amount, one.is_loud) for one in view.sums] == [("Total USD", "6.78", True)]
    editor.document.items.replace(0, DraftRow("Milk", "3", "0.89"))
    editor.document.read_now()
    assert seen[-1] is not None
    assert (seen[-1].item, seen[-1].detail, seen[-1].amount) == ("Milk", "3 × 0.89", "2.67")


def test_without_a_second_screen_nothing_is_made_for_it(context: Context, show: Show) -> None:
    views: list[object] = []
    context.navigation.customer_view_changed.connect(views.append)
    editor = show(EditorScreen(context))
    editor.document.items.replace(0, DraftRow("Milk", "2", "0.89"))
    editor.document.read_now()
    assert views == []


def paid(shop: SampleShop, tender: Tender) -> Document:
    document = shop.issue(DraftRow("Tea", "1", "6.78"), kind=Kind.INVOICE)
    return shop.do(documents.pay, document.key, tender, payment_key=new_key())


def test_a_saved_sale_shows_total_cash_change_and_thanks(shop: SampleShop) -> None:
    cash = Tender(method=Method.CASH, tendered=1000)
    view = customer_views.of_document(paid(shop, cash))
    assert [(one.label, one.amount, one.is_loud) for one in view.sums] == [
        ("Total USD", "6.78", False),
        ("Cash", "10.00", False),
        ("Change", "3.22", True),
    ]
    assert (view.thanks, view.is_saved) == ("Thank you for your purchase!", True)


def test_an_unpaid_invoice_shows_what_is_due_and_a_card_no_change(shop: SampleShop) -> None:
    invoice = customer_views.of_document(shop.issue(DraftRow("Tea", "1", "6.78"), kind=Kind.INVOICE))
    assert [(one.label, one.is_loud) for one in invoice.sums] == [("Total USD", True), ("Due", False)]
    card = Tender(method=Method.CARD, tendered=678)
    view = customer_views.of_document(paid(shop, card))
    assert [(one.label, one.is_loud) for one in view.sums] == [("Total USD", True), ("Card", False)]


def test_the_shops_name_stands_there_between_two_sales(display: CustomerDisplay) -> None:
    shown = [display.texts]
    display.show_shop("مخبز", "ar", is_practice=True)
    assert [*shown, display.texts] == [("Corner Shop",), ("Practice", "مخبز")]
    assert display.layoutDirection() is Qt.LayoutDirection.RightToLeft


def test_the_amount_stands_at_the_other_side_from_right_to_left(display: CustomerDisplay) -> None:
    view = CustomerView(item="x", detail="x", amount="1.78", sums=())

    def painted(side: range) -> bool:
        picture = display.grab().toImage()
        ground = picture.pixel(0, 0)
        lines = range(display.height() // 6, display.height() // 4)  # where the amount is
        return any(picture.pixel(x, y) != ground for x in side for y in lines)

    display.show_view(replace(view, detail=""))
    left, right = range(200), range(600, 800)
    assert (painted(left), painted(right)) == (False, True)
    display.show_shop("مخبز", "ar", is_practice=False)
    assert (painted(left), painted(right)) == (True, False)


def test_a_blank_display_has_one_colour(display: CustomerDisplay) -> None:
    display.set_blank(True)
    picture = display.grab().toImage()
    colours = {picture.pixel(x, y) for x in range(0, 800, 7) for y in range(0, 600, 7)}
    assert len(colours) == 1
    assert QColor(colours.pop()).isValid()
    assert display.texts == ()


def test_it_covers_the_second_screen_only(tmp_path: Path) -> None:
    screens = [
        {"name": "till", "x": 0, "y": 0, "width": 1024, "height": 768},
        {"name": "customers", "x": 1024, "y": 0, "width": 800, "height": 480},
    ]
    more = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": [screen | more for screen in screens]}))
    program = Path(__file__).parents[1] / "processes" / "customer_display.py"
    environ = os.environ | {"QT_QPA_PLATFORM": f"offscreen:configfile={config.name}"}  # no "C:" in it

    done = subprocess.run(
        [sys.executable, program], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    # Which of the screens is the first does not follow the file.
    places = {"till": [0, 0, 1024, 768], "customers": [1024, 0, 800, 480]}
    shop = {"screen": seen["other"], "place": places[seen["other"]]}
    row = ["Fluid milk", "2 × 0.89", "1.78", "Total USD", "1.78"]
    assert seen["off"] is None
    assert seen["idle"] == shop | {"texts": ["Corner Shop"], "is_painted": True}
    assert seen["row"] == seen["unlocked"] == shop | {"texts": row, "is_painted": True}
    assert seen["locked"] == shop | {"texts": [], "is_painted": False}
    assert seen["practice"]["texts"] == ["Practice", *row]
    assert seen["own screen"] is None
    assert seen["again"]["screen"] == seen["other"]
    assert seen["moved there"] is None
    assert seen["signed out"] is None
