"""A demonstration that works the real windows: a new shop's first day, from register to delivery, with screenshots.

It uses a fresh data folder, a mail server of its own, and a driver that sees only the screen. It succeeds only if every
document, sum and message is correct; ``summary.json`` contains the results.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QTableView

from shopdesk import paths
from shopdesk.demo.mailbox import Mailbox
from shopdesk.demo.tour_steps import PAGES, TourSteps, conduct, is_filled, opened_shop, require
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import verbatim

if TYPE_CHECKING:
    from shopdesk.domain.document import Document
    from shopdesk.store.database import Database


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a basket, as typed: text."""

    name: str
    quantity: str
    unit_price: str
    discount: str


@dataclass(frozen=True, slots=True)
class Basket:
    """One customer's purchase."""

    basket_id: str
    household_id: str
    items: tuple[Item, ...]

    @property
    def customer(self) -> str:
        """The text typed into the customer field."""
        return f"Household {self.household_id} <household{self.household_id}@example.org>"


def run(*, out: Path, sales: Path | None, products: Path | None, count: int) -> int:
    """Run the whole tour and write its files to ``out``; return 0 if all went well, else 1. Raises Refused."""
    sample = paths.resources() / "sample"
    baskets = read_baskets(sales or sample / "sales.csv", products or sample / "products.csv", count)
    return conduct(out, lambda folder, mailbox, stack: _Tour(folder, mailbox, stack, baskets).walk())


def read_baskets(sales: Path, products: Path, count: int) -> tuple[Basket, ...]:
    """Read the first ``count`` baskets of a sales file. Raises Refused if a file is unreadable or invalid."""
    if count < 2:
        raise Refused(verbatim("The tour needs at least two baskets: it corrects one and deletes another."))
    try:
        with products.open(encoding="utf-8", newline="") as file:
            names = {row["product_id"]: row["name"] for row in csv.DictReader(file)}
        with sales.open(encoding="utf-8", newline="") as file:
            baskets = tuple(_baskets(csv.DictReader(file), names, count))
    except OSError as error:
        raise Refused(verbatim(f"{error.filename} cannot be read: {error.strerror}.")) from None
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise Refused(
            verbatim(f"These are not a sales file and a products file: {error} is missing or invalid.")
        ) from None
    if len(baskets) < count:
        raise Refused(verbatim(f"{sales} has only {len(baskets)} baskets."))
    return baskets


def _baskets(rows: Iterator[dict[str, str]], names: dict[str, str], count: int) -> Iterator[Basket]:
    for number, (basket_id, lines) in enumerate(groupby(rows, key=lambda row: row["basket_id"])):
        if number == count:
            return
        whole = list(lines)
        yield Basket(basket_id, whole[0]["household_id"], tuple(_item(line, names) for line in whole))


def _item(line: dict[str, str], names: dict[str, str]) -> Item:
    discount = Decimal(line["discount"])
    return Item(
        name=names.get(line["product_id"]) or f"Product {line['product_id']}",
        quantity=line["quantity"],
        unit_price=line["unit_price"],
        discount=str(discount) if discount else "",
    )


class _Tour(TourSteps):
    """The steps of the tour."""

    def __init__(self, folder: Path, mailbox: Mailbox, stack: ExitStack, baskets: Sequence[Basket]) -> None:
        super().__init__(folder, mailbox, stack)
        self._baskets = baskets

    def walk(self) -> dict[str, Any]:
        """Take all steps in order and return the summary. Raises WaitTimeout if one fails."""
        self.step("register", self.register)
        self.step("set up the shop", self._set_up)
        for number, basket in enumerate(self._baskets, start=1):
            self.step(f"basket {number}", partial(self._sell, basket, number))
        self.step("correct", self._correct)
        self.step("return", self._return)
        self.step("delete", self._delete)
        self.step("tiles", self._tiles)
        self.step("statement", self._statement)
        self.step("deliver", self.deliver)
        self.step("look around", self._look_around)
        with opened_shop(self.folder) as database:
            return self._result(database)

    def _set_up(self) -> None:
        driver = self.driver
        driver.enter_into("Shop name", "Corner Shop")
        self.choose("Country", "United States")
        self.choose("Currency", "USD")
        prices = driver.find("Prices include tax", QCheckBox)
        if not prices.isChecked():
            driver.press("Prices include tax")
        driver.enter_into("Default tax rate", "16")
        driver.picture("first-run")
        driver.press("Open the shop")
        driver.find("Create invoice", QAbstractButton)
        self.be_quiet()
        driver.picture("dashboard-empty")

    def _sell(self, basket: Basket, number: int) -> None:
        table = self.begin("Receipt", basket.customer)
        for row, item in enumerate(basket.items):
            self.enter_row(table, row, item.name, item.quantity, item.unit_price, item.discount)
        if number == 1:
            self.be_quiet()
            self.driver.picture("new-document")
        self.save(self._answer)
        self._done("view" if number == 1 else "")

    def _answer(self) -> None:
        """Confirm the prompt; the first one is paid in two ways."""
        if not any(self.folder.glob("*-prompt.png")):
            self.driver.picture("prompt")
            self._split_payment()
        self.driver.key(Qt.Key.Key_Return)

    def _split_payment(self) -> None:
        """Pay a small part by card, so that the rest is paid in cash."""
        driver = self.driver
        driver.enter("0.50")
        driver.key(Qt.Key.Key_F10)
        driver.find("Take back: Card $0.50", QAbstractButton)
        driver.picture("prompt-split")

    def _done(self, picture: str) -> None:
        """Return from the view page to the dashboard with Enter; take a screenshot first if it is named."""
        self.await_done()
        if picture:
            self.be_quiet()
            self.driver.picture(picture)
        if picture == "view":
            self._explain()
        self.done()

    def _explain(self) -> None:
        """Show why it is this total, and close it with the same key."""
        driver = self.driver
        driver.key(Qt.Key.Key_F7)
        driver.await_question()
        driver.picture("why")
        driver.key(Qt.Key.Key_F7)
        self.await_answer()
        self.await_done()

    def _correct(self) -> None:
        """Correct the second last document: one more of its first item."""
        driver = self.driver
        basket = self._baskets[-2]
        self.open(self._number_of(len(self._baskets) - 1))
        table = self.edit(len(basket.items))
        table.setCurrentIndex(table.model().index(0, 1))
        driver.enter(str(Decimal(basket.items[0].quantity) + 1))
        driver.key(Qt.Key.Key_Return)
        driver.picture("edit")
        self.save(self._answer)
        self._done("view-corrected")

    def _return(self) -> None:
        """Show how one row of the corrected document would come back, and leave it sold."""
        driver = self.driver
        self.open(self._number_of(len(self._baskets) - 1))
        driver.key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        driver.await_question()
        driver.key(Qt.Key.Key_Space)
        driver.picture("return")
        driver.key(Qt.Key.Key_Escape)
        self.await_answer()
        self._done("")

    def _delete(self) -> None:
        """Delete the last document."""
        driver = self.driver
        self.open(self._number_of(len(self._baskets)))
        driver.press("Delete")
        driver.await_question()
        driver.picture("delete")
        driver.press("Delete")
        self.await_answer()
        driver.wait("the document to be void", lambda: not driver.find("Delete", QAbstractButton).isEnabled())
        self.be_quiet()
        driver.picture("view-voided")
        driver.press("Done")
        driver.find("Create invoice", QAbstractButton)

    def _tiles(self) -> None:
        """Add a product without a barcode, shown as a tile, and see its tile beside the rows of a document."""
        driver = self.driver
        self.go_to("products")
        driver.press("New product")
        for name, text in (("Name", "Croissant"), ("Code", "CROISSANT"), ("Price", "1.20"), ("Department", "Bakery")):
            driver.enter_into(name, text)
        tile = driver.find("Show as tile", QComboBox)
        tile.setCurrentIndex(tile.findText("Orange"))
        driver.press("Save")
        driver.wait("the product to be saved", lambda: not driver.find("Save", QAbstractButton).isEnabled())
        driver.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        driver.press("Add Croissant, 1.20")
        table = driver.find("Items", QTableView)
        driver.wait("the row of the tile", partial(is_filled, table.model(), 0, 2))
        self.be_quiet()
        driver.picture("tiles")
        driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        driver.key(Qt.Key.Key_F2)
        self.be_quiet()

    def _statement(self) -> None:
        """Send the customer of the first document the statement of its account."""
        driver = self.driver
        self.go_to("customers")
        table = driver.find("Customers", QTableView)
        driver.wait("the customers", lambda: table.model().rowCount() > 0)
        model, name = table.model(), f"Household {self._baskets[0].household_id}"
        table.setFocus()
        table.selectRow(next(row for row in range(model.rowCount()) if model.index(row, 0).data() == name))
        driver.press("Account")
        self.be_quiet()
        driver.picture("account")
        driver.press("Statement …")
        driver.wait("the statement", lambda: driver.find("Send by e-mail", QAbstractButton).isEnabled())
        driver.picture("statement")
        driver.press("Send by e-mail")
        self.be_quiet()
        driver.key(Qt.Key.Key_Escape)
        self.await_answer()

    def _look_around(self) -> None:
        """Open every page once in light and dark, and take a screenshot of each."""
        from shopdesk.ui.base import theme

        driver = self.driver
        for mode in ("light", "dark"):
            theme.show(mode)
            for name in PAGES:
                self.go_to(name)
                driver.picture(f"{name}-{mode}")

    def _number_of(self, count: int) -> str:
        from datetime import UTC, datetime

        year = datetime.now(UTC).astimezone().year
        return f"R-A-{year}-{count:06d}"

    def _result(self, database: Database) -> dict[str, Any]:
        """Return the summary, after checking documents, log and messages. Raises WaitTimeout if one is wrong."""
        from shopdesk.queries import documents
        from shopdesk.render.receipt_pdf import receipt

        with database.reads() as session:
            found = [documents.get(session, summary.key) for summary in documents.recent(session, 10_000)][::-1]
            messages = self.messages(session)
            self.require_no_errors(session)
        for document in found:
            (self.folder / f"{document.number}.pdf").write_bytes(receipt(document))
        require(len(found) == len(self._baskets), f"{len(found)} documents were made from {len(self._baskets)} baskets")
        for place, (basket, document) in enumerate(zip(self._baskets, found, strict=True)):
            expected = _expected(basket, more=1 if place == len(found) - 2 else 0)
            require(document.gross.decimal == expected, f"{document.number} is {document.gross}, not {expected}")
        require(found[-2].revision == 2, "the second last document was not corrected")
        require(found[-1].state.value == "voided", "the last document was not deleted")
        return {
            "documents": [_summary(basket, document) for basket, document in zip(self._baskets, found, strict=True)],
            "messages": messages,
            "seconds": self.seconds,
        }


def _summary(basket: Basket, document: Document) -> dict[str, Any]:
    scale = document.currency
    from shopdesk.domain.money import Money

    return {
        "basket": basket.basket_id,
        "number": document.number,
        "kind": document.kind.value,
        "state": document.state.value,
        "revision": document.revision,
        "rows": len(document.lines),
        "net": str(Money(document.totals.net, scale)),
        "tax": str(Money(document.totals.tax, scale)),
        "gross": str(Money(document.totals.gross, scale)),
    }


def _expected(basket: Basket, *, more: int) -> Decimal:
    """Compute a basket's total from the file, independently of the program."""
    total = Decimal(0)
    for row, item in enumerate(basket.items):
        quantity = Decimal(item.quantity) + (more if row == 0 else 0)
        total += quantity * Decimal(item.unit_price) - Decimal(item.discount or 0)
    return total.quantize(Decimal("0.01"))
