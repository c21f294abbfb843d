"""One box finds documents, customers and products; arrows choose while it is typed, Enter opens."""

from uuid import UUID

import pytest
from PySide6.QtCore import Qt

from shopdesk.domain.document import Document
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.product import Product
from shopdesk.queries.documents import DocumentFilter
from shopdesk.row_keys import new_key
from shopdesk.store.database import Database
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.pages import Page
from shopdesk.ui.search.search_screen import SearchScreen
from shopdesk.usecases import products
from support.context import NavigationSpy, Show, press
from support.qtbot import QtBot
from support.shops import SampleShop


def sold(shop: SampleShop, customer: str = "Ada Lovelace <ada@example.org>") -> Document:
    return shop.issue(DraftRow("Tea", "1", "64.20"), customer=customer)


def product(shop: SampleShop, name: str, code: str) -> Product:
    return shop.do(products.save, Product(key=new_key(), code=code, name=name, price=899))


def titles(screen: SearchScreen) -> list[str]:
    return [hit.title for hit in screen.model.hits]


def buyer_key(document: Document) -> UUID:
    assert document.buyer.key is not None
    return document.buyer.key


@pytest.fixture
def search_screen(qtbot: QtBot, context: Context, show: Show) -> SearchScreen:
    """The search page, with the focus in its box."""
    screen = show(SearchScreen(context))
    assert screen.box.hasFocus()
    return screen


def test_what_is_found_stands_in_groups(qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen) -> None:
    document = sold(shop)
    product(shop, "Adapter plug", "77")
    press(search_screen.box, "ada")
    qtbot.waitUntil(lambda: len(titles(search_screen)) == 6)
    assert titles(search_screen) == [
        "Documents",
        f"Receipt {document.number}",
        "Customers",
        "Ada Lovelace",
        "Products",
        "Adapter plug",
    ]
    row = [search_screen.model.index(1, column).data() for column in range(3)]
    assert row == [f"Receipt {document.number}", "Ada Lovelace · 23 Nov 2026 · paid", "$64.20"]


@pytest.mark.usefixtures("either_direction")
def test_arrows_skip_the_heads_and_enter_opens_while_the_box_keeps_the_focus(
    qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen, navigation: NavigationSpy
) -> None:
    document = sold(shop)
    plug = product(shop, "Adapter plug", "77")
    press(search_screen.box, "ada")
    qtbot.waitUntil(lambda: len(titles(search_screen)) == 6)
    for wanted in (
        ("document_wanted", document.key),
        ("documents_wanted", DocumentFilter(customer_key=buyer_key(document))),
        ("documents_wanted", DocumentFilter(item=plug.name)),
        ("documents_wanted", DocumentFilter(item=plug.name)),  # the last one stays the last
    ):
        qtbot.keyClick(search_screen.box, Qt.Key.Key_Return)
        assert navigation.last == wanted
        qtbot.keyClick(search_screen.box, Qt.Key.Key_Down)
        assert search_screen.box.hasFocus()
    for _ in range(3):
        qtbot.keyClick(search_screen.box, Qt.Key.Key_Up)
    qtbot.keyClick(search_screen.box, Qt.Key.Key_Return)
    assert navigation.last == ("document_wanted", document.key)


def test_a_scanned_number_opens_at_once(
    qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen, navigation: NavigationSpy
) -> None:
    document = sold(shop)
    press(search_screen.box, document.number)
    qtbot.keyClick(search_screen.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: navigation.all == [("document_wanted", document.key)])


def test_a_click_opens_and_a_head_does_not(
    qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen, navigation: NavigationSpy
) -> None:
    document = sold(shop)
    press(search_screen.box, document.number)
    qtbot.waitUntil(lambda: len(titles(search_screen)) == 2)
    for row in (0, 1):
        place = search_screen.table.visualRect(search_screen.model.index(row, 0)).center()
        qtbot.mouseClick(search_screen.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert navigation.all == [("document_wanted", document.key)]


def test_nothing_found_says_so(qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen) -> None:
    assert search_screen.empty.title.text() == "Search everything"
    press(search_screen.box, "żółw")
    qtbot.waitUntil(lambda: search_screen.empty.title.text() == "Nothing found for “żółw”")
    assert search_screen.empty.isVisible()


def test_esc_empties_the_box_and_then_goes_back(
    qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen, navigation: NavigationSpy
) -> None:
    press(search_screen.box, "ada")
    qtbot.keyClick(search_screen.box, Qt.Key.Key_Escape)
    assert search_screen.box.text() == ""
    assert navigation.all == []
    qtbot.keyClick(search_screen.box, Qt.Key.Key_Escape)
    assert navigation.all == [("page_wanted", Page.DASHBOARD)]


def test_shown_again_it_reads_anew_and_the_old_words_are_typed_over(
    qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen
) -> None:
    press(search_screen.box, "ada")
    with qtbot.waitSignal(search_screen.found):
        pass
    search_screen.hide()
    sold(shop)
    search_screen.show()
    qtbot.waitUntil(lambda: "Ada Lovelace" in titles(search_screen))
    assert search_screen.box.selectedText() == "ada"


def test_a_group_shows_its_first_five(qtbot: QtBot, shop: SampleShop, search_screen: SearchScreen) -> None:
    for count in range(7):
        product(shop, f"Tea number {count}", f"T{count}")
    press(search_screen.box, "tea num")
    qtbot.waitUntil(lambda: len(titles(search_screen)) == 6)


def test_a_database_that_is_away_is_told(
    qtbot: QtBot,
    context: Context,
    search_screen: SearchScreen,
    navigation: NavigationSpy,
    unreachable_database: Database,
) -> None:
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    press(search_screen.box, "ada")
    qtbot.waitUntil(lambda: bool(navigation.disconnections))
