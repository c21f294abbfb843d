"""From Save to the books: one yes is one document, and no fault loses anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from shiboken6 import isValid

from shopdesk.domain.account import Role
from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.printer import AutoPrint
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Seal, ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import documents as ask
from shopdesk.queries import drafts as ask_drafts
from shopdesk.queries import print_jobs as ask_prints
from shopdesk.row_keys import new_key
from shopdesk.settings import TillSettings
from shopdesk.store.database import Database
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.ports import Ports, PrintingPort
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.checkout_prompt import CheckoutPrompt
from shopdesk.ui.editor.edit_conflict_dialog import EditConflictDialog
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import customers, documents, products
from shopdesk.usecases.day_close import close_day
from support.context import NavigationSpy, Show
from support.keyboard_input import Typist
from support.shops import SampleShop

Until = Callable[..., None]
Settled = Callable[[], None]
Prompted = Callable[[], CheckoutPrompt]
MILK = Product(key=new_key(), code="1001", name="Fluid milk 1 PT", price=8900, barcode="4006381333931")


@pytest.fixture
def editor(context: Context, show: Show) -> EditorScreen:
    return show(EditorScreen(context))


@pytest.fixture
def prompted(editor: EditorScreen, typist: Typist, until: Until) -> Prompted:
    """Press F12 and wait for the prompt."""

    def press() -> CheckoutPrompt:
        _back(editor, until)
        typist.key(Qt.Key.Key_F12)
        until(lambda: editor.saving.prompt is not None and _hears(editor.saving.prompt))
        prompt = editor.saving.prompt
        assert prompt is not None
        return prompt

    return press


def _hears(window: QWidget) -> bool:
    focus = QApplication.focusWidget()
    return focus is not None and window.isAncestorOf(focus)


def _back(editor: EditorScreen, until: Until) -> None:
    """No window manager off screen: what a dialog stood over is made active by hand."""
    editor.activateWindow()
    until(lambda: _hears(editor))


def _issued(shop: SampleShop) -> list[Document]:
    return [shop.ask(ask.get, found.key) for found in shop.ask(ask.recent, 50)]


def _gone(editor: EditorScreen) -> bool:
    return editor.saving.prompt is None and QApplication.activeModalWidget() is None


# --- the whole way ---


def test_a_sale_for_exact_cash_is_a_scan_and_three_keys(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted, navigation: NavigationSpy
) -> None:
    shop.do(products.save, MILK)
    typist.scan(MILK.barcode)
    until(lambda: editor.totals.total.text() == "0.89")
    prompted()
    typist.enter()
    until(lambda: bool(navigation.all))
    (document,) = _issued(shop)
    assert navigation.last == ("document_wanted", document.key)
    assert (document.kind, document.totals.gross, document.buyer.is_walk_in) == (Kind.RECEIPT, 89, True)
    assert document.lines[0].product_key == MILK.key
    assert [(payment.method, payment.amount) for payment in document.payments] == [(Method.CASH, 89)]
    assert navigation.words == [f"Receipt {document.number} saved."]


def test_a_sale_for_cash_opens_the_drawer_and_is_printed_as_the_till_is_set(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    kicks: list[bool] = []
    context.ports = Ports(printing=PrintingPort(open_drawer=lambda: kicks.append(True)))
    till = TillSettings(receipt_printer="192.0.2.7", drawer=2, print_receipts=AutoPrint.ALWAYS)
    context.settings = replace(context.settings, till=till)
    for asked, answer in (
        (AutoPrint.ALWAYS, None),
        (AutoPrint.ASK, Qt.Key.Key_Escape),
        (AutoPrint.ASK, Qt.Key.Key_F12),
    ):
        context.settings = replace(context.settings, till=replace(till, print_receipts=asked))
        _back(editor, until)
        editor.new()
        typist.row("Milk", "1", "0.89")
        prompted()
        typist.enter()
        if answer is not None:
            until(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog) and editor.saving.prompt is None)
            question = QApplication.activeModalWidget()
            assert question is not None
            QTest.keyClick(question, answer)
        until(lambda: _gone(editor))
    until(lambda: len(shop.ask(ask_prints.page, till_key=shop.by.till.key, states=frozenset(), after=None)) == 2)
    assert kicks == [True] * 3


def test_practice_prints_nothing_and_opens_no_drawer(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    till = TillSettings(receipt_printer="192.0.2.7", drawer=2, print_receipts=AutoPrint.ALWAYS)
    context.settings = replace(context.settings, till=till, is_practice=True)
    typist.row("Milk", "1", "0.89")
    prompted()
    typist.enter()
    until(lambda: _gone(editor) and bool(_issued(shop)))
    assert shop.ask(ask_prints.page, till_key=shop.by.till.key, states=frozenset(), after=None) == ()


def test_absurd_cash_is_asked_about_and_enter_does_not_book_it(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> None:
    typist.row("Milk", "1", "0.89")
    prompt = prompted()

    def ask_for(cash: str) -> ConfirmDialog:
        prompt.activateWindow()
        prompt.payment.edit.setText(cash)
        prompt.payment.edit.setFocus()
        until(prompt.payment.edit.hasFocus)
        typist.enter()
        until(lambda: any(_hears(one) for one in prompt.findChildren(ConfirmDialog)))
        return next(one for one in prompt.findChildren(ConfirmDialog) if _hears(one))

    question = ask_for("4252614")
    assert question.windowTitle() == "Is this amount right?"
    typist.enter()  # the first answer is Cancel
    until(lambda: QApplication.activeModalWidget() is prompt)
    assert not _issued(shop)
    assert prompt.payment.edit.text() == "4252614"
    ask_for("4252614").yes.click()
    until(lambda: _gone(editor))
    assert _issued(shop)[0].payments[0].tendered == 425_261_400


def test_after_saving_the_editor_is_ready_for_the_next_of_the_tills_kind(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    until: Until,
    prompted: Prompted,
    settled: Settled,
) -> None:
    editor.fields.kind_box.setCurrentText("Invoice")
    editor.fields.customer.edit.setFocus()
    typist.type("Grace <grace@example.org>")
    typist.enter()
    typist.row("Milk", "2", "0.89")
    key = editor.document.form.key
    prompted()
    typist.enter()
    until(lambda: _gone(editor))
    settled()
    form = editor.document.form
    assert form.key != key
    assert (form.kind, form.customer, form.rows) == (Kind.RECEIPT, "", (DraftRow(),))
    assert editor.fields.customer.edit.text() == ""
    assert editor.kept.text() == ""
    assert not shop.ask(ask_drafts.open_at, shop.by.till)
    (document,) = _issued(shop)
    assert document.buyer.email == "grace@example.org"
    assert document.balance.minor == 178
    assert document.due_on is not None


def test_the_customer_is_found_out_before_the_prompt_says_where_the_message_goes(
    editor: EditorScreen, typist: Typist, shop: SampleShop, prompted: Prompted
) -> None:
    ada = Customer(key=new_key(), name="Ada Lovelace", email="ada@example.org")
    shop.do(customers.save, ada)
    typist.row("Milk", "", "1")
    editor.fields.customer.edit.setFocus()
    typist.type("Ada Lovelace")
    prompt = prompted()
    assert prompt.message.text() == "E-mail to ada@example.org with the receipt"


def test_pressing_save_twice_gives_one_document(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    until: Until,
    prompted: Prompted,
    settled: Settled,
) -> None:
    typist.row("Milk", "", "1")
    prompt = prompted()
    prompt.yes.click()
    assert not prompt.yes.isEnabled()
    prompt.yes.click()
    prompt.accept()
    until(lambda: _gone(editor))
    settled()
    assert len(_issued(shop)) == 1


def test_each_prompt_is_made_ahead_and_serves_once(
    editor: EditorScreen, typist: Typist, until: Until, prompted: Prompted
) -> None:
    typist.row("Milk", "", "1")
    seen = []
    for _ in range(2):
        until(lambda: _gone(editor) and editor.findChild(CheckoutPrompt) is not None)
        (ahead,) = editor.findChildren(CheckoutPrompt)
        prompt = prompted()
        assert prompt is ahead
        assert prompt not in seen
        assert (prompt.payment.edit.text(), prompt.payment.parts, prompt.answer.isVisible()) == ("", [], False)
        seen.append(prompt)
        typist.type("0.40")
        prompt.payment.add_part()
        typist.type("nothing")
        prompt.show_message("Try again.")
        typist.key(Qt.Key.Key_Escape)
        until(lambda: not isValid(seen[-1]))


def test_save_pressed_again_shows_the_one_prompt(editor: EditorScreen, typist: Typist, prompted: Prompted) -> None:
    typist.row("Milk", "", "1")
    prompt = prompted()
    editor.do_save()
    assert editor.saving.prompt is prompt
    assert len([window for window in QApplication.topLevelWidgets() if isinstance(window, CheckoutPrompt)]) == 1


def test_cancel_issues_nothing_and_keeps_everything(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    until: Until,
    prompted: Prompted,
    settled: Settled,
) -> None:
    typist.row("Milk", "2", "0.89")
    prompted()
    typist.key(Qt.Key.Key_Escape)
    until(lambda: _gone(editor))
    settled()
    assert not _issued(shop)
    assert editor.document.items.rows == (DraftRow("Milk", "2", "0.89"),)
    assert editor.kept.text() == "draft saved ✓"


def test_what_is_typed_in_an_open_cell_is_saved_too(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> None:
    typist.row("Milk", "2")
    typist.type("0.89")
    prompted()
    typist.enter()
    until(lambda: len(_issued(shop)) == 1)
    assert _issued(shop)[0].totals.gross == 178
    until(lambda: _gone(editor))


def test_rows_nobody_filled_do_not_count(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> None:
    typist.row("Milk", "2", "0.89", "", "")
    editor.add_row.click()
    typist.row("Bread", "1", "3.50")
    prompt = prompted()
    assert prompt.fact("Rows") == "2 rows"
    typist.enter()
    until(lambda: _gone(editor))
    assert [line.item for line in _issued(shop)[0].lines] == ["Milk", "Bread"]


# --- what the rules say ---


def test_an_empty_document_is_told_in_its_first_row(editor: EditorScreen, typist: Typist, until: Until) -> None:
    editor.fields.customer.edit.setFocus()
    typist.key(Qt.Key.Key_F12)
    until(lambda: "The document is empty" in editor.line.words.text())
    assert editor.table.hasFocus()
    assert (editor.table.row, editor.table.currentIndex().column()) == (0, ItemColumn.ITEM)
    assert _gone(editor)


def test_every_fault_is_told_and_the_focus_goes_to_the_first(
    editor: EditorScreen, typist: Typist, until: Until, shop: SampleShop
) -> None:
    typist.row("Milk", "2", "0.89", "", "")
    typist.row("Bread", "none")
    editor.fields.customer.edit.setFocus()
    typist.type("grace@")
    editor.fields.due.edit.setFocus()
    typist.type("never")
    editor.table.setFocus()
    typist.key(Qt.Key.Key_F12)
    until(editor.fields.customer.edit.hasFocus)
    assert "is not an e-mail address" in editor.fields.customer.fault
    assert "not a date" in editor.fields.due.fault
    model = editor.document.items
    assert "is not a quantity" in model.fault(1, ItemColumn.QUANTITY)
    assert model.fault(1, ItemColumn.UNIT_PRICE) == "The price is missing."
    assert not _issued(shop)
    editor.fields.customer.edit.clear()
    editor.fields.due.edit.clear()
    typist.key(Qt.Key.Key_F12)
    until(editor.table.hasFocus)
    assert (editor.table.row, editor.table.currentIndex().column()) == (1, ItemColumn.QUANTITY)
    assert "is not a quantity" in editor.line.words.text()
    assert "The price is missing." in editor.line.words.text()


def test_a_refusal_of_the_books_stands_in_its_row_until_that_is_changed(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    typist.row("Milk", "1", "1.00", "", "")
    editor.add_row.click()  # a blank row between them: the books count lines, the editor rows
    typist.row("Bread", "1", "2.00", "50 %")
    prompted()
    typist.enter()
    until(lambda: "at most 20 % off" in editor.line.words.text())
    assert (editor.table.row, editor.table.currentIndex().column()) == (2, ItemColumn.DISCOUNT)
    assert not _issued(shop)
    _back(editor, until)
    typist.row("10 %")
    until(lambda: not editor.document.faults)
    prompted()
    typist.enter()
    until(lambda: len(_issued(shop)) == 1)
    until(lambda: _gone(editor))


def test_a_refused_discount_on_everything_stands_beside_its_field(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    typist.row("Milk", "1", "1.00")
    editor.fields.discount.control.setFocus()
    typist.type("0.90")
    prompted()
    typist.enter()
    until(lambda: "at most 20 % off" in editor.fields.discount.fault)
    _back(editor, until)
    assert editor.fields.discount.control.hasFocus()
    assert editor.fields.discount.text() == "0.90"


def test_a_missing_right_is_told(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    prompted: Prompted,
    navigation: NavigationSpy,
) -> None:
    context.actor = shop.as_(shop.staff(Role.CASHIER)).by
    editor.new(Kind.CREDIT_NOTE)
    typist.row("Milk", "1", "1.00")
    prompted()
    typist.enter()
    until(lambda: any("may not give refunds" in note for note in navigation.words))
    assert editor.document.items.row(0).item == "Milk"


def test_whether_the_clock_is_right_is_asked_once_and_not_for_each_customer(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> None:
    shop.issue(DraftRow("Milk", "1", "1.00"))
    shop.now -= timedelta(days=1)
    for count in (2, 3):
        _save(editor, typist, shop, until, prompted, count=count, is_asked=count == 2)


def test_a_clock_that_is_set_back_a_second_time_is_asked_about_again(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> None:
    shop.issue(DraftRow("Milk", "1", "1.00"))
    for count in (2, 3):
        shop.now -= timedelta(days=1)
        _save(editor, typist, shop, until, prompted, count=count, is_asked=True)


def _save(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    until: Until,
    prompted: Prompted,
    *,
    count: int,
    is_asked: bool,
) -> None:
    """Sell, and say that the clock is right if that is asked; then there are ``count`` documents."""
    typist.row("Bread", str(count), "1.00")
    prompted()
    typist.enter()
    if is_asked:
        until(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog) and not _is_prompt())
        question = QApplication.activeModalWidget()
        assert isinstance(question, ConfirmDialog)
        assert question.yes.accessibleName() == "The clock is right"
        question.yes.click()
    until(lambda: len(_issued(shop)) == count)
    until(lambda: _gone(editor))
    editor.new(Kind.RECEIPT)
    editor.activateWindow()
    until(editor.isActiveWindow)
    editor.setFocus()


def test_the_same_again_is_asked_and_issued_when_somebody_says_so(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> None:
    shop.issue(DraftRow("Milk", "1", "1.00"))
    for answer in ("no", "yes"):
        if answer == "no":
            editor.fields.customer.edit.setFocus()
            typist.type("ada@example.org")
            typist.enter()
            typist.row("Milk", "1", "1.00")
        prompt = prompted()
        typist.enter()
        until(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog) and not _is_prompt())
        question = QApplication.activeModalWidget()
        assert isinstance(question, ConfirmDialog)
        assert question.yes.accessibleName() == "Issue another"
        if answer == "no":
            question.no.click()
            assert prompt.yes.isEnabled()
            prompt.no.click()
            until(lambda: _gone(editor))
            assert len(_issued(shop)) == 1
        else:
            question.yes.click()
            until(lambda: len(_issued(shop)) == 2)
            until(lambda: _gone(editor))


def _is_prompt() -> bool:
    return isinstance(QApplication.activeModalWidget(), CheckoutPrompt)


def test_while_the_database_is_away_the_prompt_stays_with_what_is_typed_in_it_and_can_be_pressed_again(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    prompted: Prompted,
    navigation: NavigationSpy,
    unreachable_database: Database,
    settled: Settled,
) -> None:
    typist.row("Milk", "2", "0.89")
    settled()
    prompt = prompted()
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    typist.type("5")
    typist.enter()
    for _ in range(2):
        until(lambda: "Press Save again; only one document is made." in prompt.answer.words.text())
        assert prompt.payment.edit.text() == "5"
        until(prompt.yes.isEnabled)
        typist.enter()
    until(lambda: "Press Save again" in prompt.answer.words.text())
    context.background.attach(shop.database.sessions, shop.database.reads)
    until(lambda: prompt.answer.words.text() == "The database is available again. Press Save.")
    assert not _issued(shop)
    typist.enter()
    until(lambda: bool(navigation.all))
    (document,) = _issued(shop)
    assert document.payments[0].tendered == 500
    assert navigation.words == [f"Receipt {document.number} saved. Change: $3.22"]


@pytest.fixture
def unanswered(
    editor: EditorScreen,
    shop: SampleShop,
    context: Context,
    typist: Typist,
    until: Until,
    prompted: Prompted,
    unreachable_database: Database,
) -> Callable[[], Document]:
    """Saves the open document, and lets its answer be lost."""

    def save() -> Document:
        prompt = prompted()
        reading = editor.document.reading
        assert reading.draft is not None
        context.background.attach(unreachable_database.sessions, unreachable_database.reads)
        typist.enter()
        until(lambda: "Press Save again" in prompt.answer.words.text())
        return shop.do(documents.issue, reading.draft, contact=reading.contact)

    return save


@pytest.mark.parametrize("is_left", [False, True])
def test_a_save_whose_answer_was_lost_is_found_when_the_database_is_back(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    navigation: NavigationSpy,
    settled: Settled,
    unanswered: Callable[[], Document],
    is_left: bool,
) -> None:
    typist.row("Milk", "2", "0.89")
    settled()
    document = unanswered()
    if is_left:
        typist.key(Qt.Key.Key_Escape)
        until(lambda: _gone(editor))
    context.background.attach(shop.database.sessions, shop.database.reads)
    until(lambda: navigation.all == [("document_wanted", document.key)])
    assert navigation.words == [f"Receipt {document.number} saved."]
    until(lambda: _gone(editor))
    assert editor.document.is_blank
    settled()
    assert len(_issued(shop)) == 1
    assert editor.kept.text() == ""


def test_a_lost_answer_is_still_looked_for_when_the_database_goes_away_while_it_is(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    navigation: NavigationSpy,
    settled: Settled,
    unanswered: Callable[[], Document],
    unreachable_database: Database,
) -> None:
    typist.row("Milk", "2", "0.89")
    settled()
    document = unanswered()
    context.background.attach(
        unreachable_database.sessions, unreachable_database.reads
    )  # it seems to be back, and is not
    settled()
    context.background.attach(shop.database.sessions, shop.database.reads)
    until(lambda: navigation.all == [("document_wanted", document.key)])
    assert len(_issued(shop)) == 1


@pytest.mark.parametrize("is_pressed", [False, True])
def test_what_is_typed_after_a_save_whose_answer_was_lost_becomes_its_correction(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    navigation: NavigationSpy,
    prompted: Prompted,
    settled: Settled,
    unanswered: Callable[[], Document],
    is_pressed: bool,
) -> None:
    typist.row("Milk", "2", "0.89", "", "")
    settled()
    document = unanswered()
    typist.key(Qt.Key.Key_Escape)
    until(lambda: _gone(editor))
    _back(editor, until)
    typist.row("Bread", "1", "3.50", "", "")
    if is_pressed:  # before anybody has looked
        editor.saving._unanswered = None
        prompted()
    context.background.attach(shop.database.sessions, shop.database.reads)
    if is_pressed:
        typist.enter()
    until(lambda: editor.head.title.text() == f"Editing {document.number}")
    assert navigation.notes[-1].stays
    assert f"{document.number} was already saved" in navigation.words[-1]
    assert [row.item for row in editor.document.items.rows if not row.is_blank] == ["Milk", "Bread"]
    settled()
    assert editor.kept.text() == "draft saved ✓"
    prompted()
    typist.enter()
    until(lambda: shop.ask(ask.get, document.key).revision == 2)
    (after,) = _issued(shop)
    assert (after.number, after.totals.gross) == (document.number, 528)
    until(lambda: _gone(editor))


# --- corrections ---


def test_an_issued_document_is_amended_and_keeps_its_number(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted, navigation: NavigationSpy
) -> None:
    before = shop.issue()
    editor.edit(before.key)
    until(lambda: editor.document.document is not None)
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.row("3")
    prompt = prompted()
    assert "keeps its number" in prompt.accessibleDescription()
    typist.enter()
    until(lambda: navigation.all == [("document_wanted", before.key)])
    after = shop.ask(ask.get, before.key)
    assert (after.number, after.revision) == (before.number, 2)
    assert after.totals.gross == before.totals.gross + 89
    assert not after.balance
    assert navigation.words == [f"{before.number} corrected."]
    assert editor.document.form.edits is None


def test_a_sealed_document_is_credited_and_replaced(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted, navigation: NavigationSpy
) -> None:
    shop.seal_at_issue()
    before = shop.issue()
    editor.edit(before.key)
    until(lambda: editor.document.document is not None)
    editor.table.go_to(0, ItemColumn.ITEM)
    typist.row("Oat milk")
    prompt = prompted()
    assert "A credit note will cancel it, and a new receipt will replace it." in prompt.accessibleDescription()
    typist.enter()
    until(lambda: bool(navigation.all))
    key = navigation.last[1]
    after = shop.ask(ask.get, key)
    assert after.replaces == before.key
    assert after.lines[0].item == "Oat milk"
    assert navigation.words == [f"{after.number} replaces {before.number}."]


@pytest.fixture
def collided(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> tuple[Document, EditConflictDialog]:
    """Seven milk were typed and saved, while Ben made three and a bread of the same two milk and a tea."""
    before = shop.issue(DraftRow("Milk", "2", "0.89"), DraftRow("Tea", "1", "3.50"))
    editor.edit(before.key)
    until(lambda: editor.document.document is not None)
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.row("7")
    ben = shop.as_(shop.staff(Role.MANAGER))
    ben.do(
        documents.correct, before.key, ben.draft(DraftRow("Milk", "3", "0.89"), DraftRow("Bread", "1", "2")), revision=1
    )
    prompted()
    typist.enter()
    until(lambda: isinstance(QApplication.activeModalWidget(), EditConflictDialog))
    question = QApplication.activeModalWidget()
    assert isinstance(question, EditConflictDialog)
    return before, question


def test_whoever_saves_second_is_told_what_the_other_changed_and_by_default_goes_on_editing(
    editor: EditorScreen,
    collided: tuple[Document, EditConflictDialog],
    until: Until,
    settled: Settled,
    shop: SampleShop,
) -> None:
    before, question = collided
    assert question.windowTitle() == f"Ben has changed {before.number}"
    assert question.fact("By").startswith("Ben, till A, ")
    assert question.fact("Changed") == "Milk: 2 × 0.89 → 3 × 0.89"
    assert question.fact("Added") == "Bread: 1 × 2.00"
    assert question.fact("Removed") == "Tea: 1 × 3.50"
    assert question.fact("Their total") == "$5.28 → $4.67"
    assert question.fact("Your total") == "$9.73"
    assert question.no.isDefault()
    question.reject()
    settled()
    assert editor.document.items.row(0).quantity == "7"
    assert shop.ask(ask.get, before.key).revision == 2


def test_mine_can_be_saved_over_theirs_and_the_history_keeps_both(
    collided: tuple[Document, EditConflictDialog], until: Until, shop: SampleShop, navigation: NavigationSpy
) -> None:
    before, question = collided
    question.yes.click()
    until(lambda: bool(navigation.words))
    assert navigation.words == [f"{before.number} corrected."]
    after = shop.ask(ask.get, before.key)
    assert (after.revision, after.lines[0].quantity, str(after.gross)) == (3, 7000, "9.73")


def test_theirs_can_be_looked_at_and_what_was_typed_stays_a_draft(
    editor: EditorScreen,
    collided: tuple[Document, EditConflictDialog],
    settled: Settled,
    shop: SampleShop,
    navigation: NavigationSpy,
) -> None:
    before, question = collided
    question.look.click()
    settled()
    assert navigation.last == ("document_wanted", before.key)
    (draft,) = shop.ask(ask_drafts.open_at, shop.by.till)
    assert draft.edits == before.key
    assert editor.document.items.row(0).quantity == "7"


def test_what_was_typed_for_a_document_that_was_deleted_meanwhile_can_be_issued_as_a_new_one(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted, navigation: NavigationSpy
) -> None:
    before = shop.issue()
    editor.edit(before.key)
    until(lambda: editor.document.document is not None)
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.row("7")
    shop.do(documents.delete, before.key)
    prompted()
    typist.enter()
    until(lambda: isinstance(QApplication.activeModalWidget(), EditConflictDialog))
    question: Any = QApplication.activeModalWidget()
    assert question.windowTitle() == f"Ada has deleted {before.number}"
    assert question.yes.accessibleName() == "Issue mine as a new document"
    question.yes.click()
    until(lambda: editor.saving.prompt is not None and _hears(editor.saving.prompt))
    typist.enter()
    until(lambda: any(name == "document_wanted" for name, _ in navigation.all))
    new = shop.ask(ask.get, navigation.last[1])
    assert (new.number, new.lines[0].quantity) == ("R-A-2026-000002", 7000)
    assert not shop.ask(ask_drafts.open_at, shop.by.till)


def test_a_paid_invoice_stays_paid_when_it_is_corrected(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, prompted: Prompted
) -> None:
    before = shop.issue(DraftRow("Milk", "1", "1.00"), kind=Kind.INVOICE)
    shop.do(documents.pay, before.key, Tender(method=Method.CARD, tendered=100), payment_key=new_key())
    editor.edit(before.key)
    until(lambda: editor.document.document is not None)
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.row("3")
    prompt = prompted()
    assert any("Paid $1.00, $2.00 still due" in text for text in _texts(prompt))
    typist.enter()
    until(lambda: shop.ask(ask.get, before.key).revision == 2)
    assert shop.ask(ask.get, before.key).balance.minor == 200
    until(lambda: _gone(editor))


@pytest.mark.parametrize("seal", Seal)
@pytest.mark.parametrize(
    ("before", "price", "said", "drawer"),
    [
        (["10.03"], "7.51", "To give back now: $2.55 (Cash)", 750),
        (["10.03", "7.51"], "7.53", "To pay now: $0.05 (Cash)", 755),
        (["10.03", "7.51"], "7.52", "", 750),
    ],
)
def test_the_prompt_says_what_coins_change_hands_and_so_it_is_done(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    prompted: Prompted,
    navigation: NavigationSpy,
    seal: Seal,
    before: list[str],
    price: str,
    said: str,
    drawer: int,
) -> None:
    context.set_shop(shop.change_shop(smallest_coin=5, seal=seal), context.symbols)
    document = shop.issue(DraftRow("Milk", "1", before[0]))
    for earlier in before[1:]:
        draft = shop.draft(DraftRow("Milk", "1", earlier))
        document = shop.do(documents.correct, document.key, draft, revision=document.revision)
    editor.edit(document.key)
    until(lambda: editor.document.document is not None)
    editor.table.go_to(0, ItemColumn.UNIT_PRICE)
    typist.row(price)
    prompt = prompted()
    until(lambda: not context.background.is_busy)
    assert (prompt.difference.text(), prompt.difference.isVisible()) == (said, bool(said))
    typist.enter()
    until(lambda: any(name == "document_wanted" for name, _ in navigation.all))
    after = shop.ask(ask.get, navigation.last[1])
    cash = [payment for payment in shop.ask(ask.received, after) if payment.method is Method.CASH]
    assert (after.balance.minor, sum(payment.tendered for payment in cash)) == (0, drawer)
    until(lambda: _gone(editor))


def _texts(prompt: CheckoutPrompt) -> list[str]:
    return [label.text() for label in prompt.findChildren(QLabel)]


def test_a_document_at_a_rate_the_shop_gave_up_can_be_corrected(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    old = shop.issue(DraftRow("Milk", "1", "1.16"))
    assert old.lines[0].tax == TaxRate.percent(16)
    shop.change_shop(
        taxes=(ShopTax(key=new_key(), name="New", rate=TaxRate.percent(20), is_default=True),), prices_include_tax=False
    )
    facts = shop.change_shop()
    context.set_shop(facts, context.symbols)
    editor.edit(old.key)
    until(lambda: editor.document.document is not None)
    assert editor.totals.total.text() == "1.16"
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.row("2")
    prompted()
    typist.enter()
    until(lambda: shop.ask(ask.get, old.key).revision == 2)
    after = shop.ask(ask.get, old.key)
    assert (after.totals.gross, after.lines[0].tax, after.prices_include_tax) == (232, TaxRate.percent(16), True)
    until(lambda: _gone(editor))


def test_a_credit_note_reads_back_with_its_quantities(editor: EditorScreen, shop: SampleShop, until: Until) -> None:
    note = shop.issue(DraftRow("Milk", "2", "1.00"), kind=Kind.CREDIT_NOTE)
    assert note.totals.gross == -200
    editor.edit(note.key)
    until(lambda: editor.document.document is not None)
    reading = editor.document.reading
    assert reading.draft is not None
    assert reading.draft.signed_lines == note.lines
    assert editor.totals.total.text() == "-2.00"


def test_an_unchanged_correction_reads_as_the_document(editor: EditorScreen, shop: SampleShop, until: Until) -> None:
    document = shop.issue(
        DraftRow("Milk", "1.255", "0.0125", "", "16"),
        DraftRow("Bread", "2", "1234.5", "12.5 %", "0"),
        DraftRow("Tea", "1", "3", "0.5", "16"),
        discount="1.00",
        note="Ring\ntwice",
    )
    editor.edit(document.key)
    until(lambda: editor.document.document is not None)
    draft = editor.document.reading.draft
    assert draft is not None
    assert draft.lines == document.lines
    assert draft.totals() == document.totals
    assert (draft.note, draft.discount, draft.date_on, draft.due_on) == (
        document.note,
        document.discount,
        document.date_on,
        document.due_on,
    )
    assert draft.buyer == replace(document.buyer)


def _question(until: Until) -> ConfirmDialog:
    until(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog) and not _is_prompt())
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    return question


def _on(context: Context, day: datetime) -> None:
    context.now = lambda: day


def test_past_midnight_the_dates_that_nobody_typed_are_those_of_the_new_day(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    late = context.now().astimezone().replace(hour=23, minute=59)
    _on(context, late)
    editor.document.start_new(Kind.INVOICE)
    typist.row("Milk", "1", "2.00", "", "")
    before = context.format.day(late.date())
    until(lambda: editor.fields.date.edit.text() == before)
    prompted()
    _on(context, late + timedelta(minutes=2))
    typist.key(Qt.Key.Key_F9)
    until(lambda: len(_issued(shop)) == 1)
    (document,) = _issued(shop)
    day = late.date() + timedelta(days=1)
    assert (document.date_on, document.due_on) == (day, day + timedelta(days=context.shop.due_days))


def test_the_dates_shown_follow_the_day_while_the_page_is_open(
    editor: EditorScreen, context: Context, until: Until
) -> None:
    editor.document.start_new(Kind.INVOICE)
    tomorrow = context.now() + timedelta(days=1)
    _on(context, tomorrow)
    editor.document.follow_day()
    due = tomorrow.astimezone().date() + timedelta(days=context.shop.due_days)
    until(lambda: editor.fields.date.edit.text() == context.format.day(tomorrow.astimezone().date()))
    assert editor.fields.due.edit.text() == context.format.day(due)
    assert not editor.document.follow_day()


def test_a_date_in_the_future_is_asked_and_no_goes_back_to_the_prompt(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    day = context.today() + timedelta(days=365)
    typist.row("Milk", "1", "2.00", "", "")
    editor.document.change(on=day.isoformat())
    prompt = prompted()
    typist.enter()
    question = _question(until)
    assert any("in the future" in label.text() for label in question.findChildren(QLabel))
    question.reject()
    until(lambda: not prompt.is_under_way)
    assert not _issued(shop)
    prompt.accept()
    _question(until).accept()
    until(lambda: len(_issued(shop)) == 1)


def test_a_closed_day_is_said_beside_the_date(
    editor: EditorScreen, typist: Typist, shop: SampleShop, context: Context, until: Until, prompted: Prompted
) -> None:
    shop.do(close_day, now=context.now() - timedelta(days=1))
    typist.row("Milk", "1", "2.00", "", "")
    editor.document.change(on=(context.today() - timedelta(days=1)).isoformat())
    prompted()
    typist.enter()
    until(lambda: "is closed. Use today's date" in editor.fields.date.fault)
    assert not _issued(shop)
