"""The view page: what the customer sees, what it came to, what happened; every act asks, does it once, and says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QFileDialog, QLineEdit, QPushButton, QWidget

from shopdesk.domain.account import Role
from shopdesk.domain.document import Action, Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.message import Channel, DeliveryStatus, Message, server_words
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.shop import Seal
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import outbox as ask_outbox
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.row_keys import new_key
from shopdesk.store import outbox
from shopdesk.store.database import Database
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.pages import Page
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.documents.payment_dialog import PaymentDialog
from shopdesk.ui.output import printing
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import documents, print_jobs
from support.context import NavigationSpy, Show, press
from support.e_invoices import equip, sell
from support.qtbot import QtBot
from support.shops import SampleShop

Open = Callable[[Document], DocumentScreen]


@pytest.fixture
def view(qtbot: QtBot, context: Context, show: Show) -> Open:
    """``view(document)``: the page with this document on it."""

    def opened(document: Document) -> DocumentScreen:
        screen = DocumentScreen(context)
        screen.show_document(document.key)
        show(screen)
        qtbot.waitUntil(lambda: screen.details is not None)
        return screen

    return opened


def invoice(shop: SampleShop, price: str = "64.20", **fields: Any) -> Document:
    return shop.issue(DraftRow("Tea", "1", price), kind=Kind.INVOICE, **fields)


def now_is(shop: SampleShop, document: Document) -> Document:
    return shop.ask(ask_documents.get, document.key)


def modal(qtbot: QtBot, kind: type[QDialog]) -> QDialog:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, kind)
    return dialog


def _is_due(screen: DocumentScreen, amount: str) -> bool:
    return no_dialog() and screen.money.due.text() == amount


def no_dialog() -> bool:
    return QApplication.activeModalWidget() is None


def settle_message(shop: SampleShop, state: DeliveryStatus, said: str) -> None:
    worker = new_key()
    with shop.database.sessions.begin() as session:
        key = outbox.claim(session, channel=Channel.EMAIL, worker=worker, at=shop.now)
        assert key is not None
        sent_at = shop.now if state is DeliveryStatus.SENT else None
        outbox.save_body(session, key, b"the bytes", worker=worker)
        outbox.record_result(session, key, worker=worker, state=state, last_error=said, next_at=None, sent_at=sent_at)


def messages(shop: SampleShop, document: Document) -> tuple[Message, ...]:
    return shop.ask(ask_outbox.of_document, document.key)


# --- what is shown ------------------------------------------------------------------------------------------------


def test_the_page_says_number_kind_state_total_paid_and_due(shop: SampleShop, view: Open) -> None:
    document = invoice(shop)
    shop.do(documents.pay, document.key, Tender(method=Method.CARD, tendered=2000), payment_key=new_key())
    screen = view(document)
    assert screen.head.title.text() == f"Invoice {document.number}"
    assert screen.paid.word == "part paid"
    assert screen.issued.text() == f"issued {screen._context.format.instant(document.issued_at)} by Ada"
    assert screen.money.total.accessibleName() == "Total: $64.20"
    assert screen.money.paid.accessibleName() == "Paid: $20.00"
    assert screen.money.due.accessibleName() == "Due: $44.20"


def test_the_page_says_that_the_pdf_is_an_e_invoice_and_saves_it_as_ubl(
    qtbot: QtBot, shop: SampleShop, view: Open, tmp_path: Path, navigation: NavigationSpy
) -> None:
    issued = sell(shop)
    screen = view(issued)
    assert screen.e_invoice.said.text() == "The PDF has the e-invoice inside (Factur-X, ZUGFeRD)."
    assert screen.details is not None
    screen.output.save_ubl_as(screen.details, tmp_path / "one.xml")
    qtbot.waitUntil(lambda: navigation.words == [f"Saved as {tmp_path / 'one.xml'}."])
    assert b"<cbc:ID>" + issued.number.encode() in (tmp_path / "one.xml").read_bytes()


def test_the_page_says_what_is_missing_for_an_e_invoice_before_the_pdf_is_saved(shop: SampleShop, view: Open) -> None:
    equip(shop)
    screen = view(invoice(shop))
    assert screen.e_invoice.said.text() == "The PDF has no e-invoice inside. It is a plain PDF:"
    assert screen.e_invoice.missing.text() == "The customer's country is missing."
    assert not screen.e_invoice.save_ubl.isVisible()
    receipt = view(shop.issue())
    assert not receipt.e_invoice.isVisible()


def test_the_paper_is_the_documents_pdf_sharp_and_told_in_words(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    document = shop.issue(DraftRow("Żółty ser", "2", "3.00"), customer="Ada <ada@example.org>")
    screen = view(document)
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    page = pypdfium2.PdfDocument(screen._pdf)[0]
    text = page.get_textpage().get_text_bounded()
    assert document.number in text
    assert "Żółty ser" in text
    (picture,) = screen.paper._pictures.values()
    assert picture.width() == round(screen.paper._pages[0].width() * screen.devicePixelRatioF())
    assert screen.paper.accessibleName() == f"Receipt {document.number} as the customer sees it"
    assert "2 Żółty ser: $6.00; Total $6.00; paid $6.00" in screen.paper.accessibleDescription()


def test_several_pages_scroll_and_only_those_in_sight_are_drawn(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    document = shop.issue(*[DraftRow(f"Item {count}", "1", "2.00") for count in range(400)])
    screen = view(document)
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    assert screen.paper.page_count > 8
    assert len(screen.paper._pictures) <= 2
    screen.paper.setFocus()
    qtbot.keyClick(screen.paper, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    assert screen.paper.page_count - 1 in screen.paper._pictures


def inked(screen: DocumentScreen) -> int:
    """The dark points of what is painted where the paper is."""
    picture = screen.paper.viewport().grab().toImage()
    points = ((x, y) for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2))
    return sum(picture.pixelColor(x, y).lightness() < 128 for x, y in points)


def test_the_old_paper_stays_in_sight_until_the_new_one_is_drawn(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    document = invoice(shop)
    screen = view(document)
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    before = screen.paper._pictures[0]
    least: list[int] = []

    def is_drawn_anew() -> bool:
        least.append(inked(screen))
        return screen.paper.is_drawn and screen.paper._pictures[0] is not before

    shop.do(documents.pay, document.key, Tender(method=Method.CARD, tendered=6420), payment_key=new_key())
    screen._read()
    qtbot.waitUntil(is_drawn_anew)
    assert min(least) > 50
    assert screen.paper.verticalScrollBar().value() == 0


def test_the_paper_of_another_document_is_never_in_sight(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    document, other = invoice(shop), invoice(shop, "1.00")
    screen = view(document)
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    screen.show_document(other.key)
    assert not screen.paper._pictures
    qtbot.waitUntil(lambda: screen.details is not None and screen.details.document.key == other.key)
    assert not screen.paper._pictures or screen.paper.is_drawn
    qtbot.waitUntil(lambda: screen.paper.is_drawn)


def test_what_is_shown_of_the_history_stays_as_it_grows(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    document = invoice(shop)
    screen = view(document)
    (issued,) = screen.history.entries
    shop.do(documents.pay, document.key, Tender(method=Method.CARD, tendered=6420), payment_key=new_key())
    screen._read()
    qtbot.waitUntil(lambda: len(screen.history.lines) == 2)
    assert screen.history.entries[0] is issued
    assert screen.history.lines[1].startswith("Paid card")


def test_a_paper_is_not_drawn_again_for_another_height(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    screen = view(shop.issue())
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    first = screen.paper._pictures[0]
    screen.paper.resize(screen.paper.width(), screen.paper.height() - 60)
    assert screen.paper.is_drawn
    assert screen.paper._pictures[0] is first
    screen.paper.resize(screen.paper.width() - 200, screen.paper.height())
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    assert screen.paper._pictures[0].width() == screen.paper._pages[0].width()


def test_the_paper_zooms_and_fits_its_width_again(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    screen = view(shop.issue())
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    fitting = screen.paper._pages[0].width()
    screen.paper.setFocus()
    qtbot.keyClick(screen.paper, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert screen.paper._pages[0].width() == round(fitting * 1.25)
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    (picture,) = screen.paper._pictures.values()
    assert picture.width() == screen.paper._pages[0].width()
    qtbot.keyClick(screen.paper, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert screen.paper._pages[0].width() == fitting
    qtbot.waitUntil(lambda: screen.paper.is_drawn)


def test_the_history_tells_who_did_what_and_when(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    document = invoice(shop)
    draft = shop.draft(DraftRow("Tea", "1", "60.00"), kind=Kind.INVOICE)
    shop.do(documents.correct, document.key, replace(draft, buyer=document.buyer), revision=1)
    ben = shop.as_(shop.staff(Role.MANAGER))
    ben.now = shop.now
    ben.do(documents.pay, document.key, Tender(method=Method.TRANSFER, tendered=6000), payment_key=new_key())
    ben.do(print_jobs.note_printed, document.key)
    ben.do(documents.resend, document.key)
    settle_message(ben, DeliveryStatus.SENT, "250 OK")
    screen = view(document)
    begins = [
        "Issued, ",
        "Corrected, total 64.20 → 60.00, ",
        "Paid transfer, ",
        "Printed, ",
        "Sent to ada@example.org, ",
        "E-mail to ada@example.org delivered, ",
    ]
    assert len(screen.history.lines) == len(begins)
    assert all(line.startswith(begin) for line, begin in zip(screen.history.lines, begins, strict=True))
    assert screen.history.lines[1].endswith("· Ada · till A")
    assert screen.history.lines[3].endswith("· Ben · till A")


@pytest.mark.parametrize(
    ("state", "said", "word", "told"),
    [
        (DeliveryStatus.SENT, "250 OK id=1", "delivered", "E-mail to ada@example.org, accepted by the server"),
        (
            DeliveryStatus.FAILED,
            "The mail server said: 550 No.",
            "failed",
            "E-mail to ada@example.org was not accepted",
        ),
        (DeliveryStatus.UNKNOWN, "no answer", "unknown", "it is unclear whether the server accepted it"),
    ],
)
def test_the_message_is_told_in_words_and_in_the_servers(
    state: DeliveryStatus, said: str, word: str, told: str, shop: SampleShop, view: Open
) -> None:
    document = invoice(shop)
    settle_message(shop, state, said)
    screen = view(document)
    assert screen.message.badge.word == word
    assert told in screen.message.said.text()
    assert screen.message.server.text() == f"Server reply: {server_words(said)}"


def test_a_customer_without_an_address_gets_no_message_and_the_page_says_why(shop: SampleShop, view: Open) -> None:
    screen = view(invoice(shop, customer="Ben"))
    assert screen.message.badge.word == "no message"
    assert screen.message.said.text() == "No message. The customer has no e-mail address."
    assert not screen.message.send.isEnabled()


def test_a_document_that_is_not_there_is_told(
    qtbot: QtBot, context: Context, show: Show, navigation: NavigationSpy
) -> None:
    screen = DocumentScreen(context)
    screen.show_document(new_key())
    show(screen)
    qtbot.waitUntil(screen.trouble.isVisible)
    assert screen.trouble.title.text() == "This document no longer exists"
    for button in (screen.edit, screen.delete, screen.print, screen.save_pdf):
        assert not button.isEnabled()
    qtbot.keyClick(screen.done, Qt.Key.Key_Return)
    assert navigation.all == [("page_wanted", Page.DASHBOARD)]


def test_a_document_that_cannot_be_read_is_told_and_read_again(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    unreachable_database: Database,
) -> None:
    document = invoice(shop)
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    screen = DocumentScreen(context)
    screen.show_document(document.key)
    show(screen)
    qtbot.waitUntil(screen.trouble.isVisible)
    qtbot.waitUntil(lambda: len(navigation.disconnections) == 1)
    context.background.attach(shop.database.sessions, shop.database.reads)
    assert screen.trouble.button is not None
    qtbot.mouseClick(screen.trouble.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.details is not None)
    assert not screen.trouble.isVisible()


def test_what_another_act_changes_stands_there_at_once(
    qtbot: QtBot, shop: SampleShop, context: Context, view: Open
) -> None:
    document = invoice(shop)
    screen = view(document)
    qtbot.waitUntil(lambda: screen.paper.is_drawn)
    before = screen._pdf
    draft = shop.draft(DraftRow("Tea", "2", "64.20"), kind=Kind.INVOICE, customer="Ada <ada@example.org>")
    shop.do(documents.correct, document.key, draft, revision=1)
    context.background.announce(frozenset({"documents"}))
    qtbot.waitUntil(lambda: screen.money.total.text() == "$128.40")
    qtbot.waitUntil(lambda: screen._pdf != before)


def test_a_page_in_the_background_reads_again_when_it_is_shown(
    qtbot: QtBot, shop: SampleShop, context: Context, view: Open
) -> None:
    document = invoice(shop)
    screen = view(document)
    screen.hide()
    shop.do(documents.pay, document.key, Tender(method=Method.CARD, tendered=6420), payment_key=new_key())
    with qtbot.waitSignal(context.background.changed):
        context.background.announce(frozenset({"documents", "payments"}))
    assert screen.money.due.text() == "$64.20"
    screen.show()
    qtbot.waitUntil(lambda: screen.money.due.text() == "$0.00")


def test_another_document_takes_the_place_of_the_first(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    first, second = invoice(shop), invoice(shop, "7.00")
    screen = view(first)
    screen.show_document(second.key)
    assert screen.head.title.text() == " "
    assert not screen.edit.isEnabled()
    qtbot.waitUntil(lambda: screen.head.title.text() == f"Invoice {second.number}")
    assert screen.money.total.text() == "$7.00"


# --- done and edit ------------------------------------------------------------------------------------------------


def test_enter_is_done_as_soon_as_the_page_opens(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    screen = view(invoice(shop))
    assert screen.done.hasFocus()
    qtbot.keyClick(screen.done, Qt.Key.Key_Return)
    assert navigation.all == [("page_wanted", Page.DASHBOARD)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_enter_is_done_from_the_paper_too(
    key: Qt.Key, qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    screen = view(invoice(shop))
    screen.paper.setFocus()
    qtbot.keyClick(screen.paper, key)
    assert navigation.all == [("page_wanted", Page.DASHBOARD)]


def test_enter_on_another_button_presses_that_one(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    document = invoice(shop)
    screen = view(document)
    screen.edit.setFocus()
    qtbot.keyClick(screen.edit, Qt.Key.Key_Return)
    assert navigation.all == [("edit_wanted", document.key)]


def test_edit_opens_the_editor_by_button_and_by_key(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    document = invoice(shop)
    screen = view(document)
    qtbot.mouseClick(screen.edit, Qt.MouseButton.LeftButton)
    qtbot.keyClick(screen.done, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert navigation.all == [("edit_wanted", document.key)] * 2


def test_the_buttons_have_the_names_they_are_found_by(shop: SampleShop, view: Open) -> None:
    screen = view(invoice(shop))
    names = {button.accessibleName() for button in screen.findChildren(QPushButton) if button.isVisible()}
    assert {"Edit", "Delete", "Print", "Save PDF", "Done", "Send again", "Take payment"} <= names


# --- delete -------------------------------------------------------------------------------------------------------


def test_delete_asks_with_the_total_and_what_will_happen_and_cancel_is_the_default(
    qtbot: QtBot, shop: SampleShop, view: Open
) -> None:
    document = shop.issue(DraftRow("Tea", "1", "64.20"))
    screen = view(document)
    qtbot.keyClick(screen.done, Qt.Key.Key_Delete)
    question = modal(qtbot, ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    assert question.windowTitle() == f"Delete receipt {document.number}?"
    assert question.fact("Total") == "$64.20"
    assert question.fact("Paid") == "cash $64.20"
    assert "its number stays in the history" in question.accessibleDescription()
    assert question.no.accessibleName() == "Cancel"
    assert question.no.isDefault()
    qtbot.waitUntil(question.no.hasFocus)
    qtbot.keyClick(question.no, Qt.Key.Key_Return)
    qtbot.waitUntil(no_dialog)
    assert now_is(shop, document) == document


def test_delete_says_what_goes_back_by_each_method_and_in_coins(
    qtbot: QtBot, shop: SampleShop, context: Context, view: Open
) -> None:
    context.set_shop(shop.change_shop(smallest_coin=5, seal=Seal.AT_ISSUE), context.symbols)
    before = shop.issue(DraftRow("Tea", "1", "64.23"))
    draft = shop.draft(DraftRow("Tea", "1", "60.01"))
    document = shop.do(documents.correct, before.key, draft, revision=1)
    screen = view(document)
    qtbot.keyClick(screen.done, Qt.Key.Key_Delete)
    question = modal(qtbot, ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    assert question.fact("To give back") == "$60.00 (Cash)"
    qtbot.mouseClick(question.no, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(no_dialog)


@pytest.mark.parametrize("way", ["Esc", "button", "cross"])
def test_cancel_never_deletes(
    way: str, qtbot: QtBot, shop: SampleShop, view: Open, settled: Callable[[], None]
) -> None:
    document = invoice(shop)
    screen = view(document)
    qtbot.mouseClick(screen.delete, Qt.MouseButton.LeftButton)
    question = modal(qtbot, ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    if way == "Esc":
        qtbot.keyClick(question, Qt.Key.Key_Escape)
    elif way == "button":
        qtbot.mouseClick(question.no, Qt.MouseButton.LeftButton)
    else:
        question.close()
    qtbot.waitUntil(no_dialog)
    settled()
    assert now_is(shop, document) == document


def test_an_unsealed_document_is_voided_and_the_page_shows_it(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    document = shop.issue(DraftRow("Tea", "1", "64.20"))
    screen = view(document)
    screen.do_delete()
    question = modal(qtbot, ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    qtbot.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.paid.word == "voided")
    assert now_is(shop, document).state is State.VOIDED
    assert "It no longer counts" in screen.strip.text
    assert navigation.words == [f"{document.number} was voided. $64.20 is given back."]
    assert not screen.delete.isEnabled()
    assert not screen.edit.isEnabled()
    assert screen.print.isEnabled()
    assert [one for one in screen.money.findChildren(QWidget) if "$64.20 refunded" in one.accessibleName()]


def test_after_a_delete_by_its_button_enter_is_done(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    screen = view(shop.issue(DraftRow("Tea", "1", "64.20")))
    screen.delete.setFocus()
    qtbot.mouseClick(screen.delete, Qt.MouseButton.LeftButton)
    question = modal(qtbot, ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    qtbot.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.paid.word == "voided")
    assert screen.window().focusWidget() is screen.done


def test_a_sealed_document_is_credited_and_leads_to_its_credit_note(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    shop.seal_at_issue()
    document = invoice(shop)
    screen = view(document)
    assert "Sealed" in screen.strip.text
    qtbot.keyClick(screen.done, Qt.Key.Key_Delete)
    question = modal(qtbot, ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    assert "a credit note for the full amount will cancel it" in question.accessibleDescription()
    qtbot.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.paid.word == "corrected")
    credit = now_is(shop, document).corrected_by
    assert credit is not None
    note = shop.ask(ask_documents.get, credit)
    qtbot.waitUntil(lambda: bool(navigation.notes))
    assert navigation.words == [f"{document.number} was cancelled by credit note {note.number}."]
    links = screen.strip.findChildren(QAbstractButton)
    qtbot.waitUntil(lambda: any(one.isVisible() for one in links))
    (link,) = [one for one in links if one.isVisible()]
    assert link.accessibleName() == f"Credited by {note.number}"
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert navigation.last == ("document_wanted", note.key)


def test_a_replaced_document_leads_to_its_replacement_and_back(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    shop.seal_at_issue()
    before = invoice(shop)
    draft = shop.draft(DraftRow("Tea", "1", "60.00"), kind=Kind.INVOICE)
    after = shop.do(documents.correct, before.key, draft, revision=1)
    screen = view(before)
    links = {one.accessibleName(): one for one in screen.strip.findChildren(QAbstractButton) if one.isVisible()}
    qtbot.mouseClick(links[f"Replaced by {after.number}"], Qt.MouseButton.LeftButton)
    assert navigation.last == ("document_wanted", after.key)
    screen.show_document(after.key)
    qtbot.waitUntil(lambda: screen.head.title.text() == f"Invoice {after.number}")
    links = {one.accessibleName(): one for one in screen.strip.findChildren(QAbstractButton) if one.isVisible()}
    qtbot.mouseClick(links[f"Replaces invoice {before.number}"], Qt.MouseButton.LeftButton)
    assert navigation.last == ("document_wanted", before.key)


def test_who_may_not_delete_is_told_and_nothing_happens(
    qtbot: QtBot, shop: SampleShop, context: Context, view: Open, navigation: NavigationSpy
) -> None:
    document = invoice(shop)
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    screen = view(document)
    screen.do_delete()
    question = modal(qtbot, ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    qtbot.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(navigation.notes))
    assert "may not delete documents" in navigation.words[0]
    assert now_is(shop, document) == document


# --- paying -------------------------------------------------------------------------------------------------------


def paying(qtbot: QtBot, screen: DocumentScreen) -> tuple[PaymentDialog, QLineEdit]:
    qtbot.mouseClick(screen.money.take, Qt.MouseButton.LeftButton)
    dialog = modal(qtbot, PaymentDialog)
    assert isinstance(dialog, PaymentDialog)
    edit = dialog.amount.control
    assert isinstance(edit, QLineEdit)
    qtbot.waitUntil(edit.hasFocus)
    return dialog, edit


def test_enter_takes_the_exact_amount_in_cash(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    document = invoice(shop)
    screen = view(document)
    _, edit = paying(qtbot, screen)
    assert edit.text() == "64.20"
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.paid.word == "paid")
    (payment,) = now_is(shop, document).payments
    assert (payment.method, payment.amount, payment.change) == (Method.CASH, 6420, 0)
    assert not screen.money.take.isVisible()
    assert navigation.words == [f"{document.number} is paid."]


def test_change_is_told_while_the_amount_is_typed(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    document = invoice(shop)
    screen = view(document)
    dialog, edit = paying(qtbot, screen)
    press(edit, "100")
    assert dialog.change.accessibleName() == "Change: $35.80"
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.paid.word == "paid")
    assert navigation.words == ["Paid. Change: $35.80."]
    assert [one for one in screen.money.findChildren(QWidget) if "$100.00, change $35.80" in one.accessibleName()]


def test_a_part_payment_leaves_the_rest_due(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    document = invoice(shop)
    screen = view(document)
    dialog, edit = paying(qtbot, screen)
    press(edit, "20")
    assert dialog.change.accessibleName() == "Still due after this: $44.20"
    qtbot.keyClick(edit, Qt.Key.Key_Down)
    assert dialog.method is Method.CARD
    assert edit.text() == "64.20"  # only cash gives change: the exact amount is proposed
    edit.selectAll()
    press(edit, "20")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.money.due.text() == "$44.20")
    (payment,) = now_is(shop, document).payments
    assert payment.method is Method.CARD
    assert screen.money.take.isVisible()


def test_the_key_of_a_method_pays_what_is_typed_and_a_split_payment_is_told(
    qtbot: QtBot, shop: SampleShop, view: Open
) -> None:
    document = invoice(shop)
    screen = view(document)
    for typed, paid, due in (("20", 2000, "$44.20"), ("", 4420, "$0.00")):
        _, edit = paying(qtbot, screen)
        press(edit, typed)
        qtbot.keyClick(edit, Qt.Key.Key_F10)
        qtbot.waitUntil(partial(_is_due, screen, due))
        payment = now_is(shop, document).payments[-1]
        assert (payment.method, payment.amount) == (Method.CARD, paid)
    tenders = tuple(Tender(method=method, tendered=100) for method in (Method.CASH, Method.CARD))
    screen = view(shop.do(documents.issue, shop.draft(DraftRow("Tea", "1", "2.00")), tenders=tenders))
    assert screen.history.lines[0].startswith("Issued, paid cash, card, ")


@pytest.mark.parametrize(
    ("typed", "method", "fault"),
    [
        ("much", Method.CASH, "is not an amount"),
        ("0", Method.CASH, "more than 0"),
        ("-5", Method.CASH, "more than 0"),
        ("100", Method.CARD, "Only cash gives change"),
    ],
)
def test_an_amount_that_cannot_be_is_told_beside_the_field_and_stays_there(
    typed: str, method: Method, fault: str, qtbot: QtBot, shop: SampleShop, view: Open
) -> None:
    document = invoice(shop)
    dialog, edit = paying(qtbot, view(document))
    if method is Method.CARD:
        qtbot.keyClick(edit, Qt.Key.Key_Down)
    edit.selectAll()
    press(edit, typed)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert fault in dialog.amount.fault
    assert edit.text() == typed
    assert edit.hasFocus()
    dialog.reject()
    qtbot.waitUntil(no_dialog)
    assert now_is(shop, document).payments == ()


def test_pressing_twice_pays_once(qtbot: QtBot, shop: SampleShop, view: Open, settled: Callable[[], None]) -> None:
    document = invoice(shop)
    screen = view(document)
    dialog, edit = paying(qtbot, screen)
    press(edit, "20")
    dialog.accept()
    dialog.accept()
    settled()
    assert len(now_is(shop, document).payments) == 1


def test_a_payment_that_did_not_arrive_is_tried_again_with_the_same_key(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    view: Open,
    navigation: NavigationSpy,
    unreachable_database: Database,
) -> None:
    document = invoice(shop)
    screen = view(document)
    dialog, edit = paying(qtbot, screen)
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Press again: the payment is recorded only once." in dialog.amount.fault)
    assert dialog.isVisible()
    assert dialog.yes.isEnabled()
    context.background.attach(shop.database.sessions, shop.database.reads)
    qtbot.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.paid.word == "paid")
    assert [payment.key for payment in now_is(shop, document).payments] == [dialog._key]


def test_what_the_shop_owes_is_paid_back(qtbot: QtBot, shop: SampleShop, view: Open) -> None:
    credit = shop.issue(DraftRow("Tea", "1", "5.00"), kind=Kind.CREDIT_NOTE)
    screen = view(credit)
    assert screen.money.take.accessibleName() == "Refund"
    assert screen.paid.word == "to be refunded"
    dialog, edit = paying(qtbot, screen)
    assert dialog.windowTitle() == "Refund"
    assert edit.text() == "5.00"
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.paid.word == "refunded")
    assert now_is(shop, credit).paid.minor == -500


def test_a_document_paid_meanwhile_at_another_till_is_told_in_the_dialog(
    qtbot: QtBot, shop: SampleShop, view: Open
) -> None:
    document = invoice(shop)
    screen = view(document)
    dialog, edit = paying(qtbot, screen)
    shop.do(documents.pay, document.key, Tender(method=Method.CARD, tendered=6420), payment_key=new_key())
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "nothing to pay" in dialog.amount.fault)
    dialog.reject()
    qtbot.waitUntil(no_dialog)


def test_a_barcode_scanned_into_the_amount_pays_nothing(
    qtbot: QtBot, shop: SampleShop, view: Open, settled: Callable[[], None]
) -> None:
    document = invoice(shop)
    dialog, edit = paying(qtbot, view(document))
    press(edit, "4006381333931")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "4006381333931 is a barcode" in dialog.amount.fault
    assert edit.text() == "64.20"
    settled()
    assert now_is(shop, document).payments == ()
    dialog.reject()


def test_absurd_cash_is_asked_about_before_it_is_booked(
    qtbot: QtBot, shop: SampleShop, view: Open, settled: Callable[[], None]
) -> None:
    document = invoice(shop)
    dialog, edit = paying(qtbot, view(document))
    edit.setText("73513537")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    questions: list[ConfirmDialog] = []

    def is_asked() -> bool:
        questions[:] = [one for one in dialog.findChildren(ConfirmDialog) if one.isVisible()]
        return bool(questions)

    qtbot.waitUntil(is_asked)
    assert questions[0].no.isDefault()
    questions[0].reject()
    settled()
    assert now_is(shop, document).payments == ()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(is_asked)
    questions[0].yes.click()
    qtbot.waitUntil(no_dialog)
    assert now_is(shop, document).payments[0].tendered == 7_351_353_700


# --- message ------------------------------------------------------------------------------------------------------


def test_a_delivered_message_is_sent_anew_and_stands_in_the_history(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    document = invoice(shop)
    settle_message(shop, DeliveryStatus.SENT, "250 OK")
    screen = view(document)
    shop.now += timedelta(minutes=1)
    qtbot.keyClick(screen.done, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: screen.message.badge.word == "queued")
    assert len(messages(shop, document)) == 2
    assert navigation.words == ["The message to ada@example.org is on its way."]
    assert any(line.startswith("Sent to ada@example.org") for line in screen.history.lines)


@pytest.mark.parametrize("state", [DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN])
def test_a_message_that_failed_goes_out_again_as_the_same_message(
    state: DeliveryStatus, qtbot: QtBot, shop: SampleShop, view: Open
) -> None:
    document = invoice(shop)
    settle_message(shop, state, "451 later")
    screen = view(document)
    qtbot.mouseClick(screen.message.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.message.badge.word == "queued")
    assert len(messages(shop, document)) == 1


# --- paper out ----------------------------------------------------------------------------------------------------


def saving(qtbot: QtBot, screen: DocumentScreen) -> QFileDialog:
    qtbot.mouseClick(screen.save_pdf, Qt.MouseButton.LeftButton)
    dialog = modal(qtbot, QFileDialog)
    assert isinstance(dialog, QFileDialog)
    return dialog


def test_save_pdf_proposes_the_number_and_writes_the_document(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy, tmp_path: Path
) -> None:
    document = invoice(shop)
    screen = view(document)
    dialog = saving(qtbot, screen)
    assert Path(dialog.selectedFiles()[0]).name == f"{document.number}.pdf"
    path = tmp_path / "paper.pdf"
    dialog.selectFile(str(path))
    dialog.accept()
    qtbot.waitUntil(lambda: bool(navigation.notes))
    assert navigation.words == [f"Saved as {path}."]
    assert navigation.notes[0].action is not None
    assert document.number in pypdfium2.PdfDocument(path)[0].get_textpage().get_text_bounded()


def test_a_pdf_that_cannot_be_written_is_told_in_words(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy, tmp_path: Path
) -> None:
    screen = view(invoice(shop))
    details = screen.details
    assert details is not None
    screen.output.save_as(details, tmp_path / "nowhere" / "paper.pdf")
    qtbot.waitUntil(lambda: bool(navigation.notes))
    assert "cannot be written: No such file or directory" in navigation.words[0]
    assert navigation.notes[0].stays


def test_without_a_printer_the_page_says_so_and_offers_the_pdf(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy
) -> None:
    screen = view(invoice(shop))
    qtbot.keyClick(screen.done, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    (note,) = navigation.notes
    assert note.text.startswith("This computer has no printer.")
    assert note.action is not None
    assert note.action.label == "Save PDF"
    note.action.act()
    modal(qtbot, QFileDialog).reject()


def test_what_was_printed_stands_in_the_history(
    qtbot: QtBot, shop: SampleShop, view: Open, navigation: NavigationSpy, tmp_path: Path
) -> None:
    document = invoice(shop)
    screen = view(document)
    details = screen.details
    assert details is not None
    printer = printing.opened(printing.PrintJob(printer="", paper=PaperSize.A4))
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    screen.output.print_on(printer, details, PaperSize.A4)
    qtbot.waitUntil(lambda: any(line.startswith("Printed") for line in screen.history.lines))
    assert (tmp_path / "out.pdf").stat().st_size > 1000
    assert [entry.act for entry in shop.ask(ask_documents.history, document.key)] == [Action.ISSUE, Action.PRINT]


def test_what_the_printer_did_not_take_is_not_told_as_printed(
    qtbot: QtBot,
    shop: SampleShop,
    view: Open,
    navigation: NavigationSpy,
    tmp_path: Path,
    expect_log: Callable[[str], object],
) -> None:
    expect_log("QPainter::begin")
    document = invoice(shop)
    screen = view(document)
    details = screen.details
    assert details is not None
    printer = printing.opened(printing.PrintJob(printer="", paper=PaperSize.A4))
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "nowhere" / "out.pdf"))
    screen.output.print_on(printer, details, PaperSize.A4)
    qtbot.waitUntil(lambda: bool(navigation.notes))
    assert "did not accept" in navigation.words[0]
    assert [entry.act for entry in shop.ask(ask_documents.history, document.key)] == [Action.ISSUE]
