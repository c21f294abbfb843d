"""The import at its window: columns asked for where they are not known, a verdict per line, all or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog

from shopdesk.domain.customer import Customer
from shopdesk.domain.product import Product
from shopdesk.queries import customers as ask_customers
from shopdesk.queries import products as ask
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.catalogue.customers_screen import CustomersScreen
from shopdesk.ui.catalogue.import_dialog import ImportDialog
from shopdesk.ui.catalogue.import_kinds import CUSTOMERS_IMPORT, PRODUCTS_IMPORT, ImportKind
from shopdesk.ui.catalogue.products_screen import ProductsScreen
from shopdesk.usecases import customers, products
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show, press
from support.qtbot import QtBot
from support.shops import SampleShop

HEAD = "product_id,name,department,category,brand,price\n"

Importing = Callable[..., ImportDialog]


def keep(shop: SampleShop, code: str, name: str, price: int = 8900) -> Product:
    return shop.do(products.save, Product(key=new_key(), code=code, name=name, price=price))


def names(shop: SampleShop) -> list[str]:
    return [one.name for one in shop.ask(ask.page, text="", after=None)]


def cells(window: ImportDialog, row: int) -> list[str]:
    return [str(window.model.index(row, at).data()) for at in range(window.model.columnCount())]


def choose(window: ImportDialog, field: str, entry: str) -> None:
    """Choose an entry by a part of its words, as with the keyboard."""
    box = window.columns.fields[field].control
    assert isinstance(box, QComboBox)
    found = [at for at in range(box.count()) if entry in box.itemText(at)]
    assert found, [box.itemText(at) for at in range(box.count())]
    box.setFocus()
    box.setCurrentIndex(found[0])


def filters(window: ImportDialog) -> list[str]:
    return [one.accessibleName() for one in window._filters.buttons() if one.isVisibleTo(window)]


@pytest.fixture
def importing(qtbot: QtBot, context: Context, show: Show, tmp_path: Path, settled: Callable[[], None]) -> Importing:
    """Open the import and let it check a file, typed by its name."""

    def begin(content: str | bytes, *, kind: ImportKind = PRODUCTS_IMPORT, name: str = "catalogue.csv") -> ImportDialog:
        screen = show(ProductsScreen(context))
        window = ImportDialog(kind, context, parent=screen)
        window.open()
        qtbot.waitUntil(window.path.control.hasFocus)
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        press(window.path.control, str(file))
        qtbot.keyClick(window.path.control, Qt.Key.Key_Return)
        settled()
        return window

    return begin


def test_a_good_file_is_imported_by_enter_alone(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, settled: Callable[[], None],
    navigation: NavigationSpy, tmp_path: Path,
) -> None:  # fmt: skip
    keep(shop, "1", "Milk", 8000)
    screen = show(ProductsScreen(context))
    qtbot.mouseClick(screen.import_file, Qt.MouseButton.LeftButton)
    window = QApplication.activeModalWidget()
    assert isinstance(window, ImportDialog)
    file = tmp_path / "catalogue.csv"
    file.write_text(HEAD + "1,Milk,DAIRY,,X,0.89\n2,Bread,BAKERY,,X,1.50\n")
    qtbot.waitUntil(window.path.control.hasFocus)
    press(window.path.control, str(file))
    qtbot.keyClick(window.path.control, Qt.Key.Key_Return)
    settled()
    assert cells(window, 0) == ["2", "changed", "1", "Milk", "0.89", "price 0.80 → 0.89, department"]
    assert cells(window, 1)[:2] == ["3", "new"]
    assert window.summary.text() == "This column is ignored: “brand”."
    assert window.import_all.hasFocus()
    assert window.import_all.accessibleName() == "Import 2 products"
    qtbot.keyClick(window.import_all, Qt.Key.Key_Return)
    settled()
    qtbot.waitUntil(lambda: [row.name for row in screen.list.model.rows] == ["Bread", "Milk"])
    assert navigation.words == ["Products imported: 1 new, 1 changed."]
    assert QApplication.activeModalWidget() is None


def test_a_wrong_line_is_shown_with_its_reason_and_keeps_the_whole_file_out(
    qtbot: QtBot, shop: SampleShop, importing: Importing, settled: Callable[[], None]
) -> None:
    window = importing(HEAD + "1,Milk,,,,0.89\n2,,,,,1.50\n3,Bread,,,,cheap\n,,,,x,\n")
    assert [cells(window, row)[:3] for row in range(2)] == [["3", "wrong", "2"], ["4", "wrong", "3"]]
    assert cells(window, 0)[5] == "A product needs a name."
    assert not window.import_all.isEnabled()
    assert window.summary.text().startswith("2 lines are wrong. Correct them in the file")
    assert filters(window) == ["All: 4", "New: 1", "Skipped: 1", "Wrong: 2"]
    (everything,) = [one for one in window._filters.buttons() if one.accessibleName() == "All: 4"]
    qtbot.mouseClick(everything, Qt.MouseButton.LeftButton)
    settled()
    assert window.model.rowCount() == 4
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert names(shop) == []


def test_a_warning_is_shown_and_lets_the_file_in(
    qtbot: QtBot, shop: SampleShop, importing: Importing, settled: Callable[[], None]
) -> None:
    window = importing("code,name,price,barcode\n1,A,1.00,4006381333931\n2,B,2.00,4006381333931\n")
    assert filters(window) == ["All: 2", "New: 2", "Warnings: 1"]
    assert "1 line has a warning. Look at it before you import." in window.summary.text()
    (warned,) = [one for one in window._filters.buttons() if one.accessibleName() == "Warnings: 1"]
    qtbot.mouseClick(warned, Qt.MouseButton.LeftButton)
    settled()
    assert [cells(window, row)[5] for row in range(window.model.rowCount())] == ["Line 2 has the same barcode."]
    window.import_all.click()
    settled()
    assert names(shop) == ["A", "B"]


def test_a_file_that_is_stored_already_has_nothing_to_import(shop: SampleShop, importing: Importing) -> None:
    keep(shop, "1", "Milk", 8900)
    window = importing("code,name,price\n1,Milk,0.89\n")
    assert window.summary.text() == "All of it is stored already."
    assert not window.import_all.isEnabled()
    window.reject()


# --- columns ---


UNKNOWN = "Art;Bezeichnung;VK;Klasse\n1;Tea;1.234;low\n2;Milk;2.500;\n"


def test_unknown_columns_are_chosen_with_the_keyboard_and_remembered(
    qtbot: QtBot, shop: SampleShop, importing: Importing, settled: Callable[[], None]
) -> None:
    window = importing(UNKNOWN)
    fields = window.columns.fields
    assert window.import_all.accessibleName() == "Check the lines"
    assert [name for name, field in fields.items() if field.fault] == ["code", "name", "price"]
    assert fields["name"].fault == "Which column is “Name”? Its heading is not known."
    assert fields["code"].control.hasFocus()
    for name, entry in (("code", "Art"), ("name", "Bezeichnung"), ("price", "VK")):
        choose(window, name, entry)
        assert not fields[name].fault
    window.import_all.click()
    settled()
    fields = window.columns.fields
    assert fields["decimal"].fault == "Which mark begins the decimals in “1.234”? The prices fit both."
    assert fields["decimal"].control.hasFocus()
    question = fields["decimal"]  # below what fits the page: it is scrolled to, with its error
    qtbot.waitUntil(lambda: question.visibleRegion().boundingRect().height() == question.height())
    choose(window, "decimal", "Decimal comma: 1.234 is 1,234.00")
    qtbot.keyClick(fields["decimal"].control, Qt.Key.Key_Return)
    qtbot.keyClick(fields["with_tax"].control, Qt.Key.Key_Return)  # Enter in the last field goes on
    settled()
    assert cells(window, 0) == ["2", "new", "1", "Tea", "1,234.00", ""]
    assert window.import_all.hasFocus()
    qtbot.keyClick(window.import_all, Qt.Key.Key_Return)
    settled()
    assert [one.price for one in shop.ask(ask.page, text="", after=None)] == [25_000_000, 12_340_000]
    window = importing(UNKNOWN.replace("Tea", "Green tea"))
    assert cells(window, 0) == ["2", "changed", "1", "Green tea", "1,234.00", "name"]
    window.reject()


def test_a_tax_of_the_file_is_placed_by_the_owner(
    qtbot: QtBot, shop: SampleShop, importing: Importing, settled: Callable[[], None]
) -> None:
    window = importing("code,name,price,tax\n1,Tea,1.50,low\n2,Milk,2.50,\n")
    fields = window.columns.fields
    assert fields["taxes"].label.text() == "low"
    assert fields["taxes"].fault == "Which tax rates of this shop are “low”?"
    window.import_all.click()
    assert fields["taxes"].fault == "Choose a rate."
    choose(window, "taxes", "No tax")
    window.import_all.click()
    settled()
    window.import_all.click()
    settled()
    tax = {one.name: one.tax.name if one.tax else "" for one in shop.ask(ask.page, text="", after=None)}
    assert tax == {"Tea": "No tax", "Milk": ""}


def test_another_row_can_be_the_one_with_the_headings(importing: Importing, settled: Callable[[], None]) -> None:
    window = importing("A;B;C\nvon;bis;x\n1;Tea;1.50\n")
    assert window.columns.fields["head"].text() == "1"
    choose(window, "head", "no headings")
    settled()
    assert "Column 1: A" in window.columns.fields["code"].control.itemText(1)  # type: ignore[attr-defined]
    choose(window, "head", "Line 2")
    settled()
    for name, entry in (("code", "von"), ("name", "bis"), ("price", "x")):
        choose(window, name, entry)
    window.import_all.click()
    settled()
    assert cells(window, 0) == ["3", "new", "1", "Tea", "1.50", ""]
    window.reject()


def test_letters_can_be_read_in_another_way(importing: Importing, settled: Callable[[], None]) -> None:
    window = importing("Art,Name,VK\n1,\u017c\u00f3\u0142w,1.50\n".encode("cp1250"))
    assert "\u017c" not in window.columns.fields["name"].control.currentText()  # type: ignore[attr-defined]
    choose(window, "encoding", "Central European")
    settled()
    assert "\u017c\u00f3\u0142w" in window.columns.fields["name"].control.currentText()  # type: ignore[attr-defined]
    window.reject()


def test_known_columns_can_be_changed_afterwards(importing: Importing, settled: Callable[[], None]) -> None:
    window = importing("code,name,price,note\n1,Tea,1.50,Drinks\n")
    window.choose_columns.click()
    settled()
    assert window.columns.fields["code"].control.hasFocus()
    choose(window, "category", "note: Drinks")
    window.import_all.click()
    settled()
    (line,) = window.model.rows
    assert line.after is not None
    assert line.after.category == "Drinks"
    window.reject()


def test_every_control_has_a_name_and_tab_comes_to_it(importing: Importing) -> None:
    window = importing(UNKNOWN)
    assert not unnamed_controls(window)
    assert not unreachable_by_tab(window)
    window.reject()
    window = importing(HEAD + "1,Milk,,,,0.89\n")
    assert not unnamed_controls(window)
    assert not unreachable_by_tab(window)
    window.reject()


# --- files ---


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (HEAD, "The file contains no products."),
        ('code,name,price\n1,"Tea,1.50\n', "is not valid CSV"),
        (b"", "The file is empty."),
        (b"PK\x03\x04", "This workbook is damaged. Save it again as XLSX."),
    ],
)
def test_a_file_that_is_no_catalogue_says_why(content: str | bytes, told: str, importing: Importing) -> None:
    window = importing(content)
    assert told in window.path.fault + window.summary.text()
    assert not window.import_all.isEnabled()
    window.reject()


def test_a_file_that_is_not_there_is_said_beside_the_field(
    qtbot: QtBot, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    screen = show(ProductsScreen(context))
    window = ImportDialog(PRODUCTS_IMPORT, context, parent=screen)
    window.open()
    qtbot.mouseClick(window.read, Qt.MouseButton.LeftButton)
    assert window.path.fault == "Choose a file first."
    press(window.path.control, "/nowhere/at.csv")
    qtbot.mouseClick(window.read, Qt.MouseButton.LeftButton)
    settled()
    assert window.path.fault == f"There is no file {Path('/nowhere/at.csv')}."
    window.reject()


def test_another_name_typed_after_the_check_must_be_checked_again(importing: Importing) -> None:
    window = importing(HEAD + "1,Milk,,,,0.89\n")
    assert window.import_all.isEnabled()
    press(window.path.control, "x")
    assert not window.import_all.isEnabled()
    assert not window.table.isVisible()
    window.reject()


def test_a_workbook_is_chosen_in_the_systems_dialog(
    qtbot: QtBot, context: Context, show: Show, tmp_path: Path, settled: Callable[[], None]
) -> None:
    book = openpyxl.Workbook()
    for row in (["code", "name", "price"], ["1", "Milk", 0.89]):
        book.worksheets[0].append(row)
    book.create_sheet("Suppliers").append(["x"])
    book.save(tmp_path / "catalogue.xlsx")
    screen = show(ProductsScreen(context))
    window = ImportDialog(PRODUCTS_IMPORT, context, parent=screen)
    window.open()
    qtbot.mouseClick(window.browse, Qt.MouseButton.LeftButton)
    (chooser,) = window.findChildren(QFileDialog)
    chooser.fileSelected.emit(str(tmp_path / "catalogue.xlsx"))
    chooser.reject()
    settled()
    assert window.import_all.isEnabled()
    assert window.summary.text() == "Only the first sheet is read, not “Suppliers”."
    window.reject()


# --- cancelling ---


class Gate:
    """Holds the worker at its second step until it may go on."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, done: int) -> None:
        if done > 500:
            self.reached.set()
            assert self.open.wait(30)


@pytest.mark.parametrize("stage", ["check", "import"])
def test_cancel_stops_and_imports_nothing(
    stage: str, qtbot: QtBot, shop: SampleShop, importing: Importing, settled: Callable[[], None],
    context: Context, show: Show, tmp_path: Path,
) -> None:  # fmt: skip
    file = tmp_path / "big.csv"
    file.write_text(HEAD + "".join(f"{number},Thing {number},,,,1.00\n" for number in range(3000)))
    gate, is_gated = Gate(), {"check": PRODUCTS_IMPORT.check, "import": PRODUCTS_IMPORT.import_all}[stage]

    def gated(session: object, source: object, *, progress: Callable[[int, int], object], **how: object) -> object:
        def step(done: int, of: int) -> None:
            gate(done)
            progress(done, of)

        return is_gated(session, source, progress=step, **how)

    name = {"check": "check", "import": "import_all"}[stage]
    fields = {one: getattr(PRODUCTS_IMPORT, one) for one in PRODUCTS_IMPORT.__dataclass_fields__}
    window = ImportDialog(ImportKind(**fields | {name: gated}), context, parent=show(ProductsScreen(context)))
    window.open()
    press(window.path.control, str(file))
    qtbot.keyClick(window.path.control, Qt.Key.Key_Return)
    if stage == "import":
        settled()
        window.import_all.click()
    qtbot.waitUntil(gate.reached.is_set)
    qtbot.waitUntil(lambda: window.bar.isVisible() and window.bar.maximum() == 3001)
    assert not window.import_all.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.summary.text() == "Cancelling …"
    gate.open.set()
    settled()
    assert window.summary.text() == "The import was cancelled. Nothing was imported."
    assert not window.bar.isVisible()
    assert names(shop) == []
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_a_whole_catalogue_is_imported_with_its_progress(
    qtbot: QtBot, shop: SampleShop, importing: Importing, navigation: NavigationSpy
) -> None:
    lines = [f"{number},Product {number},DEPARTMENT,CATEGORY {number % 40},National,1.99\n" for number in range(5_243)]
    window = importing(HEAD + "".join(lines))
    assert window.import_all.accessibleName() == "Import 5,243 products"
    qtbot.mouseClick(window.import_all, Qt.MouseButton.LeftButton)
    assert window.cancel.isEnabled()
    assert window.bar.isVisible()
    qtbot.waitUntil(lambda: navigation.words == ["Products imported: 5,243 new, 0 changed."], timeout=30_000)
    assert len(shop.ask(ask.suggest, "product 5242")) == 1


# --- customers ---


def test_customers_are_imported_the_same_way(
    qtbot: QtBot, shop: SampleShop, context: Context, show: Show, tmp_path: Path,
    settled: Callable[[], None], navigation: NavigationSpy,
) -> None:  # fmt: skip
    shop.do(customers.save, Customer(key=new_key(), name="Ada", email="ada@example.org"))
    screen = show(CustomersScreen(context))
    qtbot.mouseClick(screen.import_file, Qt.MouseButton.LeftButton)
    window = QApplication.activeModalWidget()
    assert isinstance(window, ImportDialog)
    assert window.windowTitle() == "Import customers"
    file = tmp_path / "customers.csv"
    file.write_text("name,email,phone\nAda,ada@example.org,+12125550123\nBen,,\n")
    press(window.path.control, str(file))
    qtbot.keyClick(window.path.control, Qt.Key.Key_Return)
    settled()
    assert cells(window, 0) == ["2", "changed", "Ada", "ada@example.org", "+12125550123", "phone"]
    assert window.import_all.accessibleName() == "Import 2 customers"
    window.import_all.click()
    settled()
    assert navigation.words == ["Customers imported: 1 new, 1 changed."]
    qtbot.waitUntil(lambda: [row.name for row in screen.list.model.rows] == ["Ada", "Ben"])
    (ada,) = shop.ask(ask_customers.suggest, "ada")
    assert ada.phone == "+12125550123"


def test_the_columns_of_customers_have_no_prices(importing: Importing) -> None:
    window = importing("Vorname;Wohnort\nAda;London\n", kind=CUSTOMERS_IMPORT)
    assert window.columns.fields["name"].fault == "Which column is “Name”? Its heading is not known."
    assert not {"decimal", "with_tax", "taxes"} & window.columns.fields.keys()
    assert not unnamed_controls(window)
    window.reject()
