"""The steps that every tour takes in the program's window, and what it needs: a fresh folder and a mail server."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QTabBar, QTableView

from shopdesk import app
from shopdesk.demo.mailbox import Mailbox, mail_server
from shopdesk.demo.ui_driver import UiDriver, WaitTimeout
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.sentence import verbatim

if TYPE_CHECKING:
    from shopdesk.store.database import Database
    from shopdesk.store.session import Session

_OWN_FILES = (
    "*.png", "*.pdf", "*.eml", "*.ubl.xml", "number-report.csv", "accountant.zip", "summary.json", "shopdesk.db*",
    "shopdesk.toml", "logs", "shopdesk",
)  # fmt: skip
_PASSWORD = "a tour through the shop"  # noqa: S105 - for a demonstration whose data is discarded
PAGES = ("dashboard", "editor", "documents", "statistics", "customers", "products", "messages", "settings")


class TourSteps:
    """The program's window in ``folder``, and steps in it; ``seconds`` has the duration of each."""

    def __init__(self, folder: Path, mailbox: Mailbox, stack: ExitStack) -> None:
        self.folder = folder
        self.mailbox = mailbox
        self.seconds: dict[str, float] = {}
        environ = {
            "SHOPDESK_MAIL_HOST": mailbox.host,
            "SHOPDESK_MAIL_PORT": str(mailbox.port),
            "SHOPDESK_MAIL_SECURITY": "none",
            "SHOPDESK_MAIL_SENDER": "shop@example.org",
        }
        self.window = app.start(stack, app.application(), home=folder, environ=environ)
        self.window.setWindowState(Qt.WindowState.WindowNoState)  # not only as large as a small screen
        self.window.resize(1280, 800)
        self.window.show()
        self.window.activateWindow()
        self.driver = UiDriver(folder, self.window)

    def step(self, name: str, act: Callable[[], None]) -> None:
        begun = time.monotonic()
        act()
        self.seconds[name] = round(time.monotonic() - begun, 3)

    def register(self) -> None:
        driver = self.driver
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

    def choose(self, name: str, text: str) -> None:
        box = self.driver.find(name, QComboBox)
        at = next(number for number in range(box.count()) if text in box.itemText(number))
        box.setFocus()
        self.driver.enter_into(name, box.itemText(at))
        self.driver.key(Qt.Key.Key_Tab)
        self.driver.wait(f"{name} to be {text}", lambda: text in box.currentText())

    def pick(self, name: str, text: str) -> None:
        """Choose an entry of a short list."""
        box = self.driver.find(name, QComboBox)
        box.setCurrentIndex(box.findText(text))

    def begin(self, kind: str, customer: str) -> QTableView:
        """Begin a new document, and return the table of its rows."""
        driver = self.driver
        self.be_active()
        driver.key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        self.pick("Kind", kind)
        table = driver.find("Items", QTableView)
        driver.enter_into("Customer", customer)
        driver.key(Qt.Key.Key_Tab)
        table.setFocus()
        table.setCurrentIndex(table.model().index(0, 0))
        return table

    def enter_row(self, table: QTableView, row: int, *cells: str) -> None:
        """Type one row, cell by cell; Enter moves to the next cell, and from the last to a new row."""
        driver = self.driver
        model = table.model()
        for column, text in enumerate(cells):
            driver.wait(f"row {row + 1}", lambda: model.rowCount() > row)
            table.setFocus()
            table.setCurrentIndex(model.index(row, column))
            if not text:
                continue
            driver.enter(text)
            driver.key(Qt.Key.Key_Return)
            driver.wait(f"“{text}” in row {row + 1}", partial(is_filled, model, row, column))
        if model.rowCount() == row + 1:
            driver.press("Add row")

    def edit(self, rows: int) -> QTableView:
        """Edit the document that is open, and return the table once its rows are there."""
        driver = self.driver
        driver.key(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        table = driver.find("Items", QTableView)
        model = table.model()
        driver.wait("its rows", lambda: model.rowCount() >= rows and model.data(model.index(0, 0)))
        table.setFocus()
        return table

    def save(self, answer: Callable[[], object]) -> None:
        """Save, ``answer`` the prompt, and wait for the view page."""
        driver = self.driver
        driver.key(Qt.Key.Key_F12)
        driver.await_question()
        answer()

        def is_done() -> bool:
            # Confirm the warning about a repeated document: two baskets may be equal.
            if driver.has("Issue another") and driver.find("Issue another", QAbstractButton).isEnabled():
                driver.press("Issue another")
            return QApplication.activeModalWidget() is None and driver.has("Done") and driver.has("Save PDF")

        driver.wait("the view page", is_done)

    def await_done(self) -> None:
        """Wait until the view page can be left with Enter."""
        self.driver.wait("“Done” to have the focus", lambda: self.driver.focus.accessibleName() == "Done")

    def done(self) -> None:
        """Return from the view page to the dashboard with Enter."""
        self.await_done()
        self.driver.key(Qt.Key.Key_Return)
        self.driver.find("Create invoice", QAbstractButton)

    def await_answer(self) -> None:
        """Wait until no dialog is open."""
        self.driver.wait("the dialog to close", lambda: QApplication.activeModalWidget() is None)

    def deliver(self) -> None:
        """Wait until every message that is due is sent."""

        def is_delivered() -> bool:
            with opened_shop(self.folder) as database, database.reads() as session:
                from shopdesk.queries import outbox

                return outbox.not_delivered(session).total == 0

        self.driver.wait("the messages to be delivered", is_delivered)

    def messages(self, session: Session) -> list[dict[str, Any]]:
        """Return the messages for the summary. Raises WaitTimeout unless those marked as sent were received."""
        from shopdesk.queries import outbox

        found = [one.message for one in outbox.page(session, states=frozenset(), after=None, limit=10_000)][::-1]
        sent = {message.message_id for message in found if message.state is DeliveryStatus.SENT}
        require(sent == self.mailbox.message_ids(), "the messages marked as sent are not those the server received")
        return [
            {
                "message_id": message.message_id,
                "recipient": message.recipient,
                "occasion": message.reason.value,
                "state": message.state.value,
            }
            for message in found
        ]

    def require_no_errors(self, session: Session) -> None:
        """Check the log and verify the data. Raises WaitTimeout if one has an error."""
        from shopdesk.queries import verify

        log = (self.folder / "logs" / "shopdesk.log").read_text(encoding="utf-8")
        require(not re.search(r"(?m)Z (ERROR|CRITICAL) ", log), "the log contains an error of the program")
        faults = list(verify.violations(session))
        require(not faults, f"the data failed verification: {faults}")

    def be_quiet(self) -> None:
        self.driver.wait("the page to be quiet", lambda: not self.window.is_busy)

    def be_active(self) -> None:
        """Wait until the window takes keys, which it does a moment after a dialog is closed, and the page is quiet."""

        def is_active() -> bool:
            return self.driver.focus.isActiveWindow()

        self.driver.wait("the window to be active", is_active)
        self.be_quiet()

    def open(self, number: str) -> None:
        """Open a document from any page by search."""
        driver = self.driver
        self.be_active()
        driver.key(Qt.Key.Key_F3)
        driver.enter_into("Search", number)
        driver.wait(f"{number} to be found", lambda: driver.has(number) or _is_listed(number))
        driver.key(Qt.Key.Key_Return)
        driver.find("Save PDF", QAbstractButton)
        self.be_quiet()

    def go_to(self, name: str) -> None:
        """Open a page by its key, and wait until it has read what it shows."""
        self.be_active()
        tabs, place = self.driver.find("Pages", QTabBar), PAGES.index(name)
        self.driver.key(Qt.Key(Qt.Key.Key_1 + place), Qt.KeyboardModifier.ControlModifier)
        self.driver.wait(f"the page {name}", partial(_is_at, tabs, place))
        self.be_quiet()


def conduct(out: Path, walk: Callable[[Path, Mailbox, ExitStack], dict[str, Any]]) -> int:
    """Take a tour in the folder ``out``, write its summary there and return 0; return 1 if it stopped.

    Raises Refused if the folder contains a shop's data.
    """
    folder = out.absolute()
    _make_fresh(folder)
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        with mail_server(folder) as mailbox, ExitStack() as stack:
            summary = walk(folder, mailbox, stack)
    except WaitTimeout as stuck:
        print(f"shopdesk: the tour stopped. {stuck} The pictures in {folder} show how far it got.", file=sys.stderr)
        return 1
    (folder / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    documents, messages = summary["documents"], summary["messages"]
    print(f"{len(documents)} documents, {len(messages)} messages. Pictures, PDFs and messages are in {folder}.")
    return 0


def require(holds: object, otherwise: str) -> None:
    if not holds:
        raise WaitTimeout(f"At the end, {otherwise}.")


def is_filled(model: QAbstractItemModel, row: int, column: int) -> bool:
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
def opened_shop(folder: Path) -> Iterator[Database]:
    from shopdesk.store import database

    opened = database.connect(f"sqlite:///{folder / 'shopdesk.db'}")
    try:
        yield opened
    finally:
        opened.close()


def _make_fresh(folder: Path) -> None:
    """Empty the folder of an earlier tour, or create it. Raises Refused if it contains a shop's data."""
    if (folder / "shopdesk.db").exists() and not (folder / "01-sign-in.png").exists():
        raise Refused(verbatim(f"{folder} contains a shop's data. Choose an empty folder for the tour."))
    folder.mkdir(parents=True, exist_ok=True)
    for pattern in _OWN_FILES:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
