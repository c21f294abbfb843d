"""A demonstration of the books: a German shop's day in the real windows, from the float to the accountant's export.

What is typed stands at the top; ``books_check`` computes from it what the books must be.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QListWidget

from shopdesk.demo.books_check import Books, TypedDocument, TypedRow, check, denomination_counts
from shopdesk.demo.mailbox import Mailbox
from shopdesk.demo.tour_steps import TourSteps, conduct, opened_shop

_SHOP = MappingProxyType(
    {
        "VAT number": "DE136695976",
        "Phone": "030 123456",
        "Contact": "Ada Lovelace",
        "IBAN": "DE89 3704 0044 0532 0130 00",
        "BIC": "COBADEFFXXX",
        "Bank": "Commerzbank",
    }
)
_CUSTOMER = MappingProxyType(
    {
        "Name": "Weber Office GmbH",
        "E-mail": "accounts@example.org",
        "VAT number": "DE123456788",
        "Reference": "PO-4711",
    }
)
_REASON = "Exempt from VAT, section 4 no. 21 UStG"
_NOVEL = TypedRow("Novel, hardcover", "4", "24,00", "", "7")
_CARD = TypedRow("Greeting card", "3", "2,50", "", "")
_PENCILS = TypedRow("Pencil set", "1", "9,80", "", "")
_BOOKMARKS = TypedRow("Bookmark", "2", "1,50", "", "")
_CASH_RECEIPT = TypedDocument((TypedRow("Paperback", "2", "12,00", "", "7"), _CARD))
_CARD_RECEIPT = TypedDocument((TypedRow("Calendar", "1", "18,90", "", ""), TypedRow("Poems", "1", "14,00", "", "7")))
_WRONG_RECEIPT = TypedDocument((_PENCILS, _BOOKMARKS))
_RIGHT_RECEIPT = TypedDocument((_PENCILS.of("2"), _BOOKMARKS))
_INVOICE = TypedDocument(
    (
        _NOVEL,
        TypedRow("Fountain pen", "2", "50,00", "10 %", ""),
        TypedRow("Notebook", "10", "3,50", "5,00", ""),
        TypedRow("Course in bookbinding", "1", "180,00", "", "Exempt"),
    ),
    discount="5 %",
)
_FLOAT, _CASH_OUT, _PART_PAYMENT = "200,00", "100,00", "100,00"


def run(*, out: Path) -> int:
    """Run the whole tour and write its files to ``out``; return 0 if the books add up, else 1. Raises Refused."""
    return conduct(out, lambda folder, mailbox, stack: _BooksTour(folder, mailbox, stack).walk())


class _BooksTour(TourSteps):
    """The steps of the tour."""

    def __init__(self, folder: Path, mailbox: Mailbox, stack: ExitStack) -> None:
        # The driver cannot type into the system's own Save dialog.
        QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
        super().__init__(folder, mailbox, stack)
        self._year = datetime.now(UTC).astimezone().year
        self._books = Books(
            documents={
                self._number("R", 1): _CASH_RECEIPT,
                self._number("R", 2): _CARD_RECEIPT,
                self._number("R", 3): _WRONG_RECEIPT,
                self._number("R", 4): _RIGHT_RECEIPT,
                self._number("I", 1): _INVOICE,
                self._number("C", 1): TypedDocument((_CARD.of("-1"),)),
                self._number("C", 2): _WRONG_RECEIPT.credited(),
                self._number("C", 3): TypedDocument((_NOVEL.of("-1"),), discount=_INVOICE.discount),
            },
            opening=_FLOAT,
            taken_out=_CASH_OUT,
            in_cash=(_CASH_RECEIPT, _RIGHT_RECEIPT, TypedDocument((_CARD.of("-1"),))),
            by_card=(_CARD_RECEIPT,),
            by_transfer=_PART_PAYMENT,
            # The customer of the second receipt paid in cash, but it was entered as a card payment.
            difference=_CARD_RECEIPT.gross,
            invoice=self._number("I", 1),
            credit_note=self._number("C", 3),
            mistaken=self._number("R", 2),
        )

    def walk(self) -> dict[str, Any]:
        """Take all steps in order and return the summary. Raises WaitTimeout if one fails."""
        for name, act in (
            ("register", self.register),
            ("set up the shop", self._set_up),
            ("settings", self._settings),
            ("customer", self._add_customer),
            ("open the shift", self._open_shift),
            ("cash receipt", partial(self._sell, _CASH_RECEIPT, self._pay_cash)),
            ("card receipt", partial(self._sell, _CARD_RECEIPT, partial(self.driver.key, Qt.Key.Key_F10))),
            ("wrong receipt", partial(self._sell, _WRONG_RECEIPT, partial(self.driver.key, Qt.Key.Key_Return))),
            ("invoice", self._invoice),
            ("part payment", self._pay_in_part),
            ("e-invoice", partial(self._save_files, "invoice")),
            ("return", self._return),
            ("correction", self._correct),
            ("credit note", self._credit),
            ("cash out", self._take_out),
            ("X report", self._x_report),
            ("count", self._count),
            ("close of the day", self._close),
            ("reports", self._reports),
            ("accountant", self._accountant),
            ("deliver", self.deliver),
        ):
            self.step(name, act)
        with opened_shop(self.folder) as database, database.reads() as session:
            self.require_no_errors(session)
            return {
                **check(session, self.folder, self._books),
                "messages": self.messages(session),
                "seconds": self.seconds,
            }

    def _number(self, letter: str, count: int) -> str:
        return f"{letter}-A-{self._year}-{count:06d}"

    # --- the shop ---

    def _set_up(self) -> None:
        driver = self.driver
        driver.enter_into("Shop name", "Market Square Books")
        self.choose("Country", "Germany")
        self.choose("Currency", "EUR")
        self.choose("Language of documents", "English")
        driver.enter_into("Default tax rate", "19")
        driver.picture("first-run")
        driver.press("Open the shop")
        driver.find("Create invoice", QAbstractButton)
        self.be_quiet()

    def _settings(self) -> None:
        """Enter what e-invoices need, and a tax rate that is exempt."""
        driver = self.driver
        self.go_to("settings")
        self._enter_lines("Address", "Marktplatz 1", "10178 Berlin")
        for name, text in _SHOP.items():
            driver.enter_into(name, text)
        self.pick("A document is sealed", "as soon as it is issued")
        self._save_form("settings-shop")
        sections = driver.find("Sections", QListWidget)
        sections.setCurrentItem(sections.findItems("Taxes", Qt.MatchFlag.MatchExactly)[0])
        driver.press("Add a rate …")
        driver.await_question()
        driver.enter_into("Name", "Exempt")
        driver.enter_into("Rate in per cent", "0")
        self.pick("Why there is no tax", "Exempt from tax")
        driver.enter_into("Reason on documents", _REASON)
        driver.picture("tax-rate")
        driver.press("Save")
        self.await_answer()
        self.be_quiet()
        driver.picture("settings-taxes")

    def _add_customer(self) -> None:
        driver = self.driver
        self.go_to("customers")
        driver.press("New customer")
        for name, text in _CUSTOMER.items():
            driver.enter_into(name, text)
        self._enter_lines("Address", "Industriestraße 5", "50667 Köln")
        self.choose("Country", "Germany")
        self._save_form("customer")

    def _enter_lines(self, name: str, *lines: str) -> None:
        self.driver.enter_into(name, lines[0])
        for line in lines[1:]:
            self.driver.key(Qt.Key.Key_Return)
            self.driver.enter(line)

    def _save_form(self, picture: str) -> None:
        driver = self.driver
        driver.press("Save")
        driver.wait("the form to be saved", lambda: not driver.find("Save", QAbstractButton).isEnabled())
        self.be_quiet()
        driver.picture(picture)

    # --- documents ---

    def _sell(self, typed: TypedDocument, pay: Callable[[], object]) -> None:
        table = self.begin("Receipt", "")
        for at, row in enumerate(typed.rows):
            self.enter_row(table, at, *row.cells)
        self.save(pay)
        self.done()

    def _pay_cash(self) -> None:
        self.driver.enter("50")
        self.driver.key(Qt.Key.Key_Return)

    def _invoice(self) -> None:
        """Put an invoice with three tax rates on account."""
        driver = self.driver
        table = self.begin("Invoice", _CUSTOMER["Name"])
        for at, row in enumerate(_INVOICE.rows):
            self.enter_row(table, at, *row.cells)
        driver.enter_into("Document discount", _INVOICE.discount)
        driver.key(Qt.Key.Key_Tab)
        self.be_quiet()
        driver.picture("invoice")
        self.save(partial(driver.press, "Save"))

    def _pay_in_part(self) -> None:
        driver = self.driver
        self.await_done()
        driver.press("Take payment")
        driver.await_question()
        driver.enter_into("Amount", _PART_PAYMENT)
        driver.picture("part-payment")
        driver.key(Qt.Key.Key_F11)
        self.await_answer()
        self.be_quiet()

    def _save_files(self, name: str) -> None:
        """Save the document that is open as a PDF file and as UBL."""
        driver = self.driver
        driver.picture(f"{name}-page")
        driver.press("Save PDF")
        driver.save_as(self.folder / f"{name}.pdf")
        driver.press("Save as UBL")
        driver.save_as(self.folder / f"{name}.ubl.xml")
        self.be_quiet()
        driver.press("Done")
        driver.find("Create invoice", QAbstractButton)

    def _take_back(self, number: str, item: str, picture: str) -> None:
        """Take one piece of an item of a document back."""
        driver = self.driver
        self.open(number)
        driver.press("Return")
        driver.await_question()
        driver.press(item)
        driver.enter_into(f"Quantity of {item}", "1")
        driver.picture(picture)
        driver.press("Return")
        self.await_answer()
        self.be_quiet()
        self.done()

    def _return(self) -> None:
        self._take_back(self._number("R", 1), _CARD.name, "return")

    def _correct(self) -> None:
        """Correct the third receipt: a credit note cancels it, and a new receipt replaces it."""
        self.open(self._number("R", 3))
        table = self.edit(len(_WRONG_RECEIPT.rows))
        table.setCurrentIndex(table.model().index(0, 1))
        self.driver.enter(_RIGHT_RECEIPT.rows[0].quantity)
        self.driver.key(Qt.Key.Key_Return)
        self.save(self._confirm_correction)
        self.done()

    def _confirm_correction(self) -> None:
        self.driver.picture("correction")
        self.driver.press("Save")

    def _credit(self) -> None:
        """Take a piece of the invoice back, and save its credit note."""
        self._take_back(self._number("I", 1), _NOVEL.name, "invoice-return")
        self.open(self._number("C", 3))
        self._save_files("credit-note")

    # --- the drawer and the day ---

    def _open_shift(self) -> None:
        driver = self.driver
        self.go_to("dashboard")
        driver.press("Open shift")
        driver.await_question()
        driver.enter_into("Float, EUR", _FLOAT)
        driver.picture("open-shift")
        driver.press("Open shift")
        self.await_answer()
        driver.find("Count", QAbstractButton)

    def _take_out(self) -> None:
        driver = self.driver
        driver.press("Cash in or out")
        driver.await_question()
        driver.press("Take out")
        driver.enter_into("Amount, EUR", _CASH_OUT)
        driver.enter_into("What for", "to the bank")
        driver.picture("cash-out")
        driver.press("Record")
        self.await_answer()

    def _x_report(self) -> None:
        driver = self.driver
        driver.press("X report")
        driver.wait("the X report", lambda: driver.find("Save PDF", QAbstractButton).isEnabled())
        self.be_quiet()
        driver.picture("x-report")

    def _count(self) -> None:
        driver = self.driver
        self.go_to("dashboard")
        self.be_quiet()
        driver.picture("dashboard-shift")
        driver.press("Count")
        driver.await_question()
        for piece, number in denomination_counts(self._books.counted):
            driver.enter_into(f"Number of {_written(piece)}", str(number))
        driver.picture("count")
        driver.press("Count")
        driver.find("Count again", QAbstractButton)
        driver.picture("count-result")
        driver.press("Done")
        self.await_answer()

    def _close(self) -> None:
        driver = self.driver
        driver.press("Close the day")
        driver.await_question()
        driver.picture("close-day")
        driver.press("Close the day")
        self.await_answer()
        self.be_quiet()
        driver.picture("dashboard-closed")
        driver.press("Z reports")
        driver.wait("the Z report", lambda: driver.find("Save PDF", QAbstractButton).isEnabled())
        self.be_quiet()
        driver.picture("z-reports")
        driver.press("Save PDF")
        driver.save_as(self.folder / "z-report.pdf")

    # --- reports ---

    def _reports(self) -> None:
        driver = self.driver
        self.go_to("statistics")
        driver.press("Reports")
        driver.find("Money report", QAbstractButton)
        self.be_quiet()
        driver.picture("money-report")
        driver.press("Number report")
        self.be_quiet()
        driver.picture("number-report")
        driver.press("Export")
        driver.choose_in_menu("CSV file …")
        driver.save_as(self.folder / "number-report.csv")

    def _accountant(self) -> None:
        driver = self.driver
        driver.press("For the accountant …")
        driver.await_question()
        driver.picture("accountant")
        driver.press("Accounts and columns …")
        driver.find("Save", QAbstractButton)
        driver.picture("accounts")
        driver.key(Qt.Key.Key_Escape)
        driver.press("Export …")
        driver.save_as(self.folder / "accountant.zip")
        self.await_answer()
        self.be_quiet()


def _written(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
