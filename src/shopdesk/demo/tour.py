"""A demonstration that works the real windows: a new shop's first day, from register to delivery, with screenshots.

It uses a fresh data folder, a mail server of its own, and a driver that sees only the screen. It succeeds only if every
document, sum and message is correct; ``summary.json`` contains the results.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QComboBox, QTabBar, QTableView

from shopdesk import app, paths
from shopdesk.demo.ui_driver import UiDriver, WaitTimeout
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.sentence import verbatim

if TYPE_CHECKING:
    from shopdesk.domain.document import Document
    from shopdesk.store.database import Database

_OWN_FILES = ("*.png", "*.pdf", "*.eml", "summary.json", "shopdesk.db*", "shopdesk.toml", "logs", "shopdesk")
_PASSWORD = "a tour through the shop"  # noqa: S105 - for a demonstration whose data is discarded


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
    folder = out.absolute()
    _make_fresh(folder)
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        with _mail_server(folder) as server, ExitStack() as stack:
            summary = _Tour(folder, server, baskets, stack).walk()
    except WaitTimeout as stuck:
        print(f"shopdesk: the tour stopped. {stuck} The pictures in {folder} show how far it got.", file=sys.stderr)
        return 1
    (folder / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    documents, messages = summary["documents"], summary["messages"]
    print(f"{len(documents)} documents, {len(messages)} messages. Pictures, PDFs and messages are in {folder}.")
    return 0


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


class _Tour:
    """The steps of the tour; ``seconds`` has the duration of each."""

    def __init__(self, folder: Path, server: _Mailbox, baskets: Sequence[Basket], stack: ExitStack) -> None:
        self._folder = folder
        self._mailbox = server
        self._baskets = baskets
        self.seconds: dict[str, float] = {}
        environ = {
            "SHOPDESK_MAIL_HOST": server.host,
            "SHOPDESK_MAIL_PORT": str(server.port),
            "SHOPDESK_MAIL_SECURITY": "none",
            "SHOPDESK_MAIL_SENDER": "shop@example.org",
        }
        self._window = app.start(stack, app.application(), home=folder, environ=environ)
        self._window.setWindowState(Qt.WindowState.WindowNoState)  # not only as large as a small screen
        self._window.resize(1280, 800)
        self._window.show()
        self._window.activateWindow()
        self._driver = UiDriver(folder, self._window)

    def walk(self) -> dict[str, Any]:
        """Take all steps in order and return the summary. Raises WaitTimeout if one fails."""
        self._step("register", self._register)
        self._step("set up the shop", self._set_up)
        for number, basket in enumerate(self._baskets, start=1):
            self._step(f"basket {number}", partial(self._sell, basket, number))
        self._step("correct", self._correct)
        self._step("return", self._return)
        self._step("delete", self._delete)
        self._step("tiles", self._tiles)
        self._step("statement", self._statement)
        self._step("deliver", self._deliver)
        self._step("look around", self._look_around)
        with _database(self._folder) as database:
            return self._result(database)

    def _step(self, name: str, act: Callable[[], None]) -> None:
        begun = time.monotonic()
        act()
        self.seconds[name] = round(time.monotonic() - begun, 3)

    def _register(self) -> None:
        driver = self._driver
        driver.find("Register", QAbstractButton)
        driver.picture("sign-in")
        driver.press("Register")
        driver.enter_into("Your name", "Ada Lovelace")
        driver.enter_into("User name", "ada")
        driver.enter_into("E-mail", "shop@example.org")
        driver.enter_into("Password", _PASSWORD)
        driver.enter_into("Repeat password", _PASSWORD)
        driver.picture("register")
        driver.press("Create account")

    def _set_up(self) -> None:
        driver = self._driver
        driver.enter_into("Shop name", "Corner Shop")
        self._choose("Country", "United States")
        self._choose("Currency", "USD")
        prices = driver.find("Prices include tax", QCheckBox)
        if not prices.isChecked():
            driver.press("Prices include tax")
        driver.enter_into("Default tax rate", "16")
        driver.picture("first-run")
        driver.press("Open the shop")
        driver.find("Create invoice", QAbstractButton)
        self._be_quiet()
        driver.picture("dashboard-empty")

    def _choose(self, name: str, text: str) -> None:
        box = self._driver.find(name, QComboBox)
        at = next(number for number in range(box.count()) if text in box.itemText(number))
        box.setFocus()
        self._driver.enter_into(name, box.itemText(at))
        self._driver.key(Qt.Key.Key_Tab)
        self._driver.wait(f"{name} to be {text}", lambda: text in box.currentText())

    def _sell(self, basket: Basket, number: int) -> None:
        driver = self._driver
        driver.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        kind = driver.find("Kind", QComboBox)
        kind.setCurrentIndex(kind.findText("Receipt"))
        table = driver.find("Items", QTableView)
        driver.enter_into("Customer", basket.customer)
        driver.key(Qt.Key.Key_Tab)
        table.setFocus()
        table.setCurrentIndex(table.model().index(0, 0))
        for row, item in enumerate(basket.items):
            self._enter_row(table, row, item)
        if number == 1:
            self._be_quiet()
            driver.picture("new-document")
        self._save()
        self._done("view" if number == 1 else "")

    def _enter_row(self, table: QTableView, row: int, item: Item) -> None:
        """Type one row, cell by cell; Enter moves to the next cell, and from the last to a new row."""
        driver = self._driver
        model = table.model()
        for column, text in enumerate((item.name, item.quantity, item.unit_price, item.discount)):
            driver.wait(f"row {row + 1}", lambda: model.rowCount() > row)
            table.setFocus()
            table.setCurrentIndex(model.index(row, column))
            if not text:
                continue
            driver.enter(text)
            driver.key(Qt.Key.Key_Return)
            driver.wait(f"“{text}” in row {row + 1}", partial(_is_filled, model, row, column))
        if model.rowCount() == row + 1:
            driver.press("Add row")

    def _save(self) -> None:
        """Save, confirm the prompt, and wait for the view page."""
        driver = self._driver
        driver.key(Qt.Key.Key_F12)
        driver.await_question()
        if not any(self._folder.glob("*-prompt.png")):
            driver.picture("prompt")
            self._split_payment()
        driver.key(Qt.Key.Key_Return)

        def is_done() -> bool:
            # Confirm the warning about a repeated document: the file has two equal baskets.
            if driver.has("Issue another") and driver.find("Issue another", QAbstractButton).isEnabled():
                driver.press("Issue another")
            return QApplication.activeModalWidget() is None and driver.has("Done") and driver.has("Save PDF")

        driver.wait("the view page", is_done)

    def _split_payment(self) -> None:
        """Pay a small part by card, so that the rest is paid in cash."""
        driver = self._driver
        driver.enter("0.50")
        driver.key(Qt.Key.Key_F10)
        driver.find("Take back: Card $0.50", QAbstractButton)
        driver.picture("prompt-split")

    def _done(self, picture: str) -> None:
        """Return from the view page to the dashboard with Enter; take a screenshot first if it is named."""
        driver = self._driver
        driver.wait("“Done” to have the focus", lambda: driver.focus.accessibleName() == "Done")
        if picture:
            self._be_quiet()
            driver.picture(picture)
        if picture == "view":
            self._explain()
        driver.key(Qt.Key.Key_Return)
        driver.find("Create invoice", QAbstractButton)

    def _explain(self) -> None:
        """Show why it is this total, and close it with the same key."""
        driver = self._driver
        driver.key(Qt.Key.Key_F7)
        driver.await_question()
        driver.picture("why")
        driver.key(Qt.Key.Key_F7)
        driver.wait("the view page", lambda: QApplication.activeModalWidget() is None)
        driver.wait("“Done” to have the focus", lambda: driver.focus.accessibleName() == "Done")

    def _be_quiet(self) -> None:
        self._driver.wait("the page to be quiet", lambda: not self._window.is_busy)

    def _open(self, number: str) -> None:
        """Open a document from any page by search."""
        driver = self._driver
        driver.key(Qt.Key.Key_F3)
        driver.enter_into("Search", number)
        driver.wait(f"{number} to be found", lambda: driver.has(number) or _is_listed(number))
        driver.key(Qt.Key.Key_Return)
        driver.find("Save PDF", QAbstractButton)
        self._be_quiet()

    def _correct(self) -> None:
        """Correct the second last document: one more of its first item."""
        driver = self._driver
        basket = self._baskets[-2]
        self._open(self._number_of(len(self._baskets) - 1))
        driver.key(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        table = driver.find("Items", QTableView)
        model = table.model()
        driver.wait("its rows", lambda: model.rowCount() >= len(basket.items) and model.data(model.index(0, 0)))
        table.setFocus()
        table.setCurrentIndex(model.index(0, 1))
        driver.enter(str(Decimal(basket.items[0].quantity) + 1))
        driver.key(Qt.Key.Key_Return)
        driver.picture("edit")
        self._save()
        self._done("view-corrected")

    def _return(self) -> None:
        """Show how one row of the corrected document would come back, and leave it sold."""
        driver = self._driver
        self._open(self._number_of(len(self._baskets) - 1))
        driver.key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        driver.await_question()
        driver.key(Qt.Key.Key_Space)
        driver.picture("return")
        driver.key(Qt.Key.Key_Escape)
        driver.wait("the question to close", lambda: QApplication.activeModalWidget() is None)
        self._done("")

    def _delete(self) -> None:
        """Delete the last document."""
        driver = self._driver
        self._open(self._number_of(len(self._baskets)))
        driver.press("Delete")
        driver.await_question()
        driver.picture("delete")
        driver.press("Delete")
        driver.wait("the answer", lambda: QApplication.activeModalWidget() is None)
        driver.wait("the document to be void", lambda: not driver.find("Delete", QAbstractButton).isEnabled())
        self._be_quiet()
        driver.picture("view-voided")
        driver.press("Done")
        driver.find("Create invoice", QAbstractButton)

    def _tiles(self) -> None:
        """Add a product without a barcode, shown as a tile, and see its tile beside the rows of a document."""
        driver = self._driver
        self._go_to("products")
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
        driver.wait("the row of the tile", partial(_is_filled, table.model(), 0, 2))
        self._be_quiet()
        driver.picture("tiles")
        driver.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        driver.key(Qt.Key.Key_F2)
        self._be_quiet()

    def _statement(self) -> None:
        """Send the customer of the first document the statement of its account."""
        driver = self._driver
        self._go_to("customers")
        table = driver.find("Customers", QTableView)
        driver.wait("the customers", lambda: table.model().rowCount() > 0)
        model, name = table.model(), f"Household {self._baskets[0].household_id}"
        table.setFocus()
        table.selectRow(next(row for row in range(model.rowCount()) if model.index(row, 0).data() == name))
        driver.press("Account")
        self._be_quiet()
        driver.picture("account")
        driver.press("Statement …")
        driver.wait("the statement", lambda: driver.find("Send by e-mail", QAbstractButton).isEnabled())
        driver.picture("statement")
        driver.press("Send by e-mail")
        self._be_quiet()
        driver.key(Qt.Key.Key_Escape)
        driver.wait("the dialog to close", lambda: QApplication.activeModalWidget() is None)

    def _deliver(self) -> None:
        """Wait until every message that is due is sent."""

        def is_delivered() -> bool:
            with _database(self._folder) as database, database.reads() as session:
                from shopdesk.queries import outbox

                return outbox.not_delivered(session).total == 0

        self._driver.wait("the messages to be delivered", is_delivered)

    def _look_around(self) -> None:
        """Open every page once in light and dark, and take a screenshot of each."""
        from shopdesk.ui.base import theme

        driver = self._driver
        for mode in ("light", "dark"):
            theme.show(mode)
            for name in _PAGES:
                self._go_to(name)
                driver.picture(f"{name}-{mode}")

    def _go_to(self, name: str) -> None:
        """Open a page by its key, and wait until it has read what it shows."""

        def is_active() -> bool:
            return self._driver.focus.isActiveWindow()

        self._driver.wait("the window to be active", is_active)
        self._be_quiet()
        tabs, place = self._driver.find("Pages", QTabBar), _PAGES.index(name)
        self._driver.key(Qt.Key(Qt.Key.Key_1 + place), Qt.KeyboardModifier.ControlModifier)
        self._driver.wait(f"the page {name}", partial(_is_at, tabs, place))
        self._be_quiet()

    def _number_of(self, count: int) -> str:
        from datetime import UTC, datetime

        year = datetime.now(UTC).astimezone().year
        return f"R-A-{year}-{count:06d}"

    def _result(self, database: Database) -> dict[str, Any]:
        """Return the summary, after checking documents, log and messages. Raises WaitTimeout if one is wrong."""
        from shopdesk.queries import documents, outbox, verify
        from shopdesk.render.receipt_pdf import receipt

        with database.reads() as session:
            found = [documents.get(session, summary.key) for summary in documents.recent(session, 10_000)][::-1]
            messages = [one.message for one in outbox.page(session, states=frozenset(), after=None, limit=10_000)][::-1]
            faults = list(verify.violations(session))
        for document in found:
            (self._folder / f"{document.number}.pdf").write_bytes(receipt(document))
        log = (self._folder / "logs" / "shopdesk.log").read_text(encoding="utf-8")
        _require(not re.search(r"(?m)Z (ERROR|CRITICAL) ", log), "the log contains an error of the program")
        _require(not faults, f"the data failed verification: {faults}")
        _require(
            len(found) == len(self._baskets), f"{len(found)} documents were made from {len(self._baskets)} baskets"
        )
        for place, (basket, document) in enumerate(zip(self._baskets, found, strict=True)):
            expected = _expected(basket, more=1 if place == len(found) - 2 else 0)
            _require(document.gross.decimal == expected, f"{document.number} is {document.gross}, not {expected}")
        _require(found[-2].revision == 2, "the second last document was not corrected")
        _require(found[-1].state.value == "voided", "the last document was not deleted")
        sent = {message.message_id for message in messages if message.state is DeliveryStatus.SENT}
        _require(sent == self._mailbox.message_ids(), "the messages marked as sent are not those the server received")
        return {
            "documents": [_summary(basket, document) for basket, document in zip(self._baskets, found, strict=True)],
            "messages": [
                {
                    "message_id": message.message_id,
                    "recipient": message.recipient,
                    "occasion": message.reason.value,
                    "state": message.state.value,
                }
                for message in messages
            ],
            "seconds": self.seconds,
        }


_PAGES = ("dashboard", "editor", "documents", "statistics", "customers", "products", "messages", "settings")


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


def _require(holds: object, otherwise: str) -> None:
    if not holds:
        raise WaitTimeout(f"At the end, {otherwise}.")


def _is_filled(model: QAbstractItemModel, row: int, column: int) -> bool:
    return bool(model.data(model.index(row, column)))


def _is_at(tabs: QTabBar, place: int) -> bool:
    return tabs.currentIndex() == place


def _is_listed(text: str) -> bool:
    """Return True if a table or list on the screen shows this text."""
    from PySide6.QtWidgets import QAbstractItemView

    window = QApplication.activeModalWidget() or QApplication.activeWindow()
    for view in window.findChildren(QAbstractItemView) if window else []:
        model = view.model()
        if view.isVisible() and model is not None:
            cells = (
                model.index(row, column).data()
                for row in range(min(model.rowCount(), 20))
                for column in range(model.columnCount())
            )
            if any(text in str(cell or "") for cell in cells):
                return True
    return False


@contextmanager
def _database(folder: Path) -> Iterator[Database]:
    from shopdesk.store import database

    opened = database.connect(f"sqlite:///{folder / 'shopdesk.db'}")
    try:
        yield opened
    finally:
        opened.close()


class _Mailbox:
    """The handler of the local mail server: saves every message as a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.host = "127.0.0.1"
        self.port = 0

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        """Save one message, then accept it."""
        content: bytes = envelope.content
        number = len(list(self._folder.glob("*.eml"))) + 1
        (self._folder / f"message-{number:03d}.eml").write_bytes(content)
        return "250 2.0.0 Accepted"

    def message_ids(self) -> set[str]:
        """Return the Message-IDs of all received messages."""
        headers = (path.read_bytes().partition(b"\r\n\r\n")[0].decode("utf-8", "replace") for path in self._files())
        return {match[1] for header in headers if (match := re.search(r"(?im)^message-id:\s*(\S+)", header))}

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.eml"))


@contextmanager
def _mail_server(folder: Path) -> Iterator[_Mailbox]:
    """Run a mail server on a free port of this machine for the duration of the tour."""
    from aiosmtpd.smtp import SMTP

    mailbox = _Mailbox(folder)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tour's mail server")
    thread.start()
    try:
        listening = loop.create_server(lambda: SMTP(mailbox, loop=loop), mailbox.host, 0)
        server = asyncio.run_coroutine_threadsafe(listening, loop).result()
        mailbox.port = server.sockets[0].getsockname()[1]
        yield mailbox
        loop.call_soon_threadsafe(server.close)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _make_fresh(folder: Path) -> None:
    """Empty the folder of an earlier tour, or create it. Raises Refused if it contains a shop's data."""
    if (folder / "shopdesk.db").exists() and not (folder / "01-sign-in.png").exists():
        raise Refused(verbatim(f"{folder} contains a shop's data. Choose an empty folder for the tour."))
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in _OWN_FILES:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
