"""Nothing typed is ever lost: each change is a committed row, and the document opens again where it was left."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from shopdesk.background import Background
from shopdesk.domain.account import AccountStatus, Role
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.queries import drafts as ask_drafts
from shopdesk.row_keys import new_key
from shopdesk.store.database import Database
from shopdesk.ui.base.context import Context
from shopdesk.ui.editor.cell_format import ItemColumn
from shopdesk.ui.editor.drafts_dialog import DraftsDialog
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.usecases import accounts, documents, drafts
from support.context import NavigationSpy, Show, second_window
from support.keyboard_input import Typist
from support.qtbot import QtBot
from support.shops import SampleShop

Until = Callable[..., None]


@pytest.fixture
def editor(context: Context, show: Show) -> EditorScreen:
    return show(EditorScreen(context))


def _kept(shop: SampleShop) -> list[DraftForm]:
    found = shop.ask(ask_drafts.open_at, shop.by.till)
    forms = [shop.ask(ask_drafts.form, draft.key) for draft in found]
    return [form for form in forms if form is not None]


def _kind(editor: EditorScreen) -> Kind:
    return editor.document.kind


def _rows(editor: EditorScreen) -> tuple[DraftRow, ...]:
    return editor.document.items.rows


def test_a_blank_document_is_not_worth_a_row(
    editor: EditorScreen, typist: Typist, shop: SampleShop, settled: Callable[[], None]
) -> None:
    typist.enter(3)
    editor.add_row.click()
    settled()
    assert not _kept(shop)
    assert editor.kept.text() == ""
    assert not editor.discard.isVisible()


def test_every_key_is_kept_and_it_is_said_only_when_it_is_so(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until
) -> None:
    said: list[str] = []
    editor.document.autosave.status_changed.connect(lambda _: said.append(editor.kept.text()))
    typist.type("Mil")
    until(lambda: editor.kept.text() == "draft saved ✓")
    assert said[0] == "saving …"
    (form,) = _kept(shop)
    assert form == editor.document.form
    assert form.rows == (DraftRow("Mil"),)


def test_half_a_word_in_an_open_cell_survives_the_end_of_the_program(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, context: Context, show: Show
) -> None:
    """The first editor is never closed: as far as the database knows, the program was killed."""
    typist.row("Milk", "2", "0.89", "", "")
    editor.fields.kind_box.setCurrentText("Invoice")
    editor.fields.customer.edit.setFocus()
    typist.type("Grace <grace@example.org>")
    editor.fields.note.control.setFocus()
    typist.type("Ring twice")
    editor.table.go_to(1, ItemColumn.ITEM)
    editor.table.setFocus()
    typist.row("Bread")
    typist.type("1.")
    until(lambda: [form.rows for form in _kept(shop)] == [(DraftRow("Milk", "2", "0.89"), DraftRow("Bread", "1."))])

    again = show(EditorScreen(context))
    until(lambda: again.document.form == editor.document.form)
    form = again.document.form
    assert (form.kind, form.customer, form.note) == (Kind.INVOICE, "Grace <grace@example.org>", "Ring twice")
    assert again.table.currentIndex().row() == 1
    assert again.table.currentIndex().column() == ItemColumn.QUANTITY
    assert again.fields.customer.edit.text() == "Grace <grace@example.org>"
    assert again.fields.note.text() == "Ring twice"
    assert again.kept.text() == "draft saved ✓"
    assert again.table.hasFocus()


def test_text_the_rules_refuse_is_kept_as_typed(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until
) -> None:
    typist.row("x" * 600, "-3", "free", "a lot", "17")
    editor.fields.date.edit.setFocus()
    typist.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    typist.type("1800-01-01")
    editor.fields.due.edit.setFocus()
    typist.type("soon")
    until(lambda: [form.due for form in _kept(shop)] == ["soon"])
    (form,) = _kept(shop)
    assert form.rows[0] == DraftRow("x" * 600, "-3", "free", "a lot", "17")
    assert form.on == "1800-01-01"


def test_fast_fingers_make_no_queue_and_the_last_state_wins(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, context: Context
) -> None:
    written: list[frozenset[str]] = []
    context.background.changed.connect(written.append)
    for number in range(200):
        editor.document.items.write(0, ItemColumn.ITEM, f"Item {number}")
    until(lambda: editor.kept.text() == "draft saved ✓")
    assert _kept(shop)[0].rows == (DraftRow("Item 199"),)
    assert len(written) <= 5


def test_only_rows_that_changed_are_written(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, settled: Callable[[], None]
) -> None:
    for name in ("Milk", "Bread", "Tea"):
        typist.row(name, "1", "1", "", "")
    settled()
    with shop.database.sessions.begin() as session:  # whatever writes row 1 again would mend it
        session.execute(text("UPDATE draft_rows SET item = 'untouched' WHERE position = 1"))
    editor.table.go_to(2, ItemColumn.QUANTITY)
    typist.row("5")
    settled()
    assert [row.item for row in _kept(shop)[0].rows] == ["Milk", "untouched", "Tea", ""]
    assert _kept(shop)[0].rows[2].quantity == "5"
    editor.table.go_to(0, ItemColumn.ITEM)
    typist.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert _kept(shop)[0].rows == _rows(editor)


def test_what_waits_is_written_before_the_page_is_gone(
    editor: EditorScreen, typist: Typist, shop: SampleShop, settled: Callable[[], None]
) -> None:
    typist.row("Milk", "2")
    typist.type("0.89")
    editor.hide()
    settled()
    assert _kept(shop)[0].rows == (DraftRow("Milk", "2", "0.89"),)


def test_done_leaves_and_the_draft_stays(
    editor: EditorScreen, typist: Typist, shop: SampleShop, navigation: NavigationSpy, settled: Callable[[], None]
) -> None:
    typist.type("Milk")
    editor.done.click()
    settled()
    assert navigation.last == ("page_wanted", "Dashboard")
    assert _kept(shop)[0].rows == (DraftRow("Milk"),)


def test_a_document_that_was_emptied_again_is_no_draft(
    editor: EditorScreen, typist: Typist, shop: SampleShop, settled: Callable[[], None]
) -> None:
    typist.row("Milk")
    settled()
    editor.table.go_to(0, ItemColumn.ITEM)
    typist.key(Qt.Key.Key_Delete)
    editor.leave()
    settled()
    assert not _kept(shop)


def test_a_database_that_is_away_is_told_and_everything_is_written_when_it_is_back(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    unreachable_database: Database,
    settled: Callable[[], None],
) -> None:
    typist.row("Milk", "2")
    settled()
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    typist.type("0.8")
    until(lambda: editor.kept.text().startswith("not saved: "))
    context.background.attach(shop.database.sessions, shop.database.reads)
    typist.type("9")
    until(lambda: [form.rows for form in _kept(shop)] == [(DraftRow("Milk", "2", "0.89"),)])
    until(lambda: editor.kept.text() == "draft saved ✓")


def test_it_is_tried_again_without_a_key(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    unreachable_database: Database,
) -> None:
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    editor.table.go_to(0, ItemColumn.UNIT_PRICE)
    typist.type("0.89")
    until(lambda: editor.kept.text().startswith("not saved: "))
    context.background.attach(shop.database.sessions, shop.database.reads)
    until(lambda: editor.kept.text() == "draft saved ✓")
    assert _kept(shop)[0].rows == (DraftRow(unit_price="0.89"),)


# --- several ---


@pytest.mark.usefixtures("either_direction")
def test_a_new_document_leaves_the_other_one_in_open_drafts(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until
) -> None:
    typist.row("Milk", "2", "0.89")
    editor.new(Kind.INVOICE)
    assert _kind(editor) is Kind.INVOICE
    assert _rows(editor) == (DraftRow(),)
    until(editor.drafts.isVisible)
    assert "Open drafts (1)" in editor.drafts.text()
    typist.row("Bread")
    editor.drafts.open_list()
    dialog = _list(until)
    until(lambda: bool(dialog.model.rows))
    assert _shown(dialog) == [["Receipt", "Walk-in", "Milk", "$1.78", "Ada", "just now"]]
    typist.enter()
    until(lambda: _rows(editor)[0] == DraftRow("Milk", "2", "0.89"))
    assert _kind(editor) is Kind.RECEIPT
    until(lambda: [draft.first_item for draft in editor.drafts.found] == ["Bread"])
    assert len(_kept(shop)) == 2


def test_parked_sales_are_found_by_customer_item_or_cashier_and_discarded(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until
) -> None:
    ben = shop.as_(shop.staff(Role.CASHIER))
    for minute, (by, customer, item, price) in enumerate(
        [(shop, "Grace", "Green tea", "3"), (ben, "", "Milk", "2"), (shop, "Joan", "Bread", "x")]
    ):
        rows = (DraftRow(item, "2", price), DraftRow())
        by.now = shop.now + timedelta(minutes=minute)
        by.do(drafts.save_draft, DraftForm(key=new_key(), customer=customer, rows=rows), changed=None)
    editor.drafts.open_list()
    dialog = _list(until)
    until(lambda: len(dialog.model.rows) == 3)
    assert [row[1:5] for row in _shown(dialog)] == [
        ["Joan", "Bread", "", "Ada"],
        ["Walk-in", "Milk", "$4.00", "Ben"],
        ["Grace", "Green tea", "$6.00", "Ada"],
    ]
    for words, found in (("gra", "Green tea"), ("tea gr", "Green tea"), ("ben", "Milk"), ("bre", "Bread")):
        dialog.search.clear()
        typist.type(words)
        until(lambda found=found: [row.items for row in dialog.model.rows] == [found])
    typist.key(Qt.Key.Key_Down)
    typist.key(Qt.Key.Key_Delete)
    until(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog))
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    assert question.fact("Customer") == "Joan"
    question.yes.click()
    until(lambda: not dialog.model.rows)
    assert sorted(form.customer for form in _kept(shop)) == ["", "Grace"]
    dialog.reject()


def test_enter_typed_before_the_list_is_read_opens_the_draft_that_was_searched(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until
) -> None:
    for item in ("Milk", "Bread"):
        shop.do(drafts.save_draft, DraftForm(key=new_key(), rows=(DraftRow(item), DraftRow())), changed=None)
    editor.drafts.open_list()
    dialog = _list(until)
    until(lambda: len(dialog.model.rows) == 2)
    typist.type("milk")
    typist.enter()
    until(lambda: _rows(editor)[0].item == "Milk")


def _list(until: Until) -> DraftsDialog:
    until(lambda: isinstance(QApplication.activeModalWidget(), DraftsDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, DraftsDialog)
    until(dialog.search.hasFocus)
    return dialog


def _shown(dialog: DraftsDialog) -> list[list[str]]:
    model = dialog.model
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_a_new_document_over_a_blank_one_only_changes_its_kind_to_the_tills(
    editor: EditorScreen, shop: SampleShop, context: Context, settled: Callable[[], None]
) -> None:
    editor.new(Kind.INVOICE)
    editor.new(None)
    assert _kind(editor) is Kind.RECEIPT
    context.till_preferences = TillPreferences(default_kind=Kind.DEBIT_NOTE)
    editor.new(None)
    assert _kind(editor) is Kind.DEBIT_NOTE
    editor.new(Kind.QUOTE)
    assert _kind(editor) is Kind.QUOTE
    assert editor.fields.kind_box.currentText() == "Quote"
    settled()
    assert not _kept(shop)


def test_a_document_begun_before_the_page_is_shown_is_not_replaced_by_the_last_draft(
    context: Context, show: Show, shop: SampleShop, settled: Callable[[], None]
) -> None:
    shop.do(drafts.save_draft, DraftForm(key=new_key(), rows=(DraftRow("Milk"),)), changed=None)
    editor = EditorScreen(context)
    editor.new(Kind.INVOICE)
    show(editor)
    settled()
    assert _rows(editor) == (DraftRow(),)
    assert editor.drafts.isVisible()


def test_a_draft_that_is_gone_is_told(editor: EditorScreen, navigation: NavigationSpy, until: Until) -> None:
    editor.open_draft(new_key())
    until(lambda: navigation.words == ["This draft no longer exists: it was saved or discarded."])


def test_a_draft_is_discarded_after_a_question(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, settled: Callable[[], None]
) -> None:
    typist.row("Milk", "2", "0.89")
    settled()
    editor.discard.click()
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    assert question.no.isDefault()
    question.no.click()
    assert _rows(editor)[0].item == "Milk"
    editor.discard.click()
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    question.yes.click()
    settled()
    assert not _kept(shop)
    assert _rows(editor) == (DraftRow(),)
    assert editor.kept.text() == ""


def test_an_issued_document_is_opened_to_be_corrected_and_reopened_where_it_was_left(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    show: Show,
    until: Until,
    settled: Callable[[], None],
) -> None:
    document = shop.issue()
    editor.edit(document.key)
    until(lambda: editor.head.title.text() == f"Editing {document.number}")
    assert not editor.fields.kind_box.isEnabled()
    settled()
    assert not _kept(shop)  # looking at it is no correction yet
    editor.table.go_to(0, ItemColumn.QUANTITY)
    typist.row("3")
    settled()

    again = show(EditorScreen(context))
    again.edit(document.key)
    until(lambda: again.document.form == editor.document.form)
    assert again.head.title.text() == f"Editing {document.number}"
    assert again.document.items.row(0).quantity == "3"


def test_a_correction_of_what_somebody_else_changed_starts_anew(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, settled: Callable[[], None]
) -> None:
    document = shop.issue()
    editor.edit(document.key)
    until(lambda: editor.document.document is not None)
    typist.row("Oat milk")
    settled()
    shop.do(documents.correct, document.key, shop.draft(DraftRow("Soy milk", "1", "2.00")), revision=1)
    editor.new(None)
    editor.edit(document.key)
    until(lambda: _rows(editor)[0].item == "Soy milk")
    assert editor.document.form.revision == 2
    until(lambda: len(editor.drafts.found) == 1)


def test_whoever_may_no_longer_sell_is_told_that_nothing_is_kept(
    editor: EditorScreen, typist: Typist, shop: SampleShop, until: Until, context: Context
) -> None:
    cashier = shop.staff(Role.CASHIER)
    context.actor = shop.as_(cashier).by
    shop.do(accounts.block, cashier.key)
    typist.type("Milk")
    until(lambda: editor.kept.text().startswith("not saved: Ben"))
    context.actor = shop.by
    assert cashier.status is AccountStatus.ACTIVE  # as this window still believes


def test_closing_the_program_writes_the_last_key(
    context: Context, show: Show, typist: Typist, shop: SampleShop, qtbot: QtBot
) -> None:
    background = Background(shop.database.sessions, shop.database.reads)
    there = second_window(context, background)
    editor = show(EditorScreen(there))
    typist.type("Milk")
    editor.close()
    background.close()
    assert _kept(shop)[0].rows == (DraftRow("Milk"),)


def test_a_document_left_while_the_database_was_away_is_written_later(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    context: Context,
    until: Until,
    unreachable_database: Database,
    navigation: NavigationSpy,
) -> None:
    context.background.attach(unreachable_database.sessions, unreachable_database.reads)
    editor.table.go_to(0, ItemColumn.UNIT_PRICE)
    typist.type("0.89")
    until(lambda: editor.kept.text().startswith("not saved: "))
    editor.new(Kind.QUOTE)
    context.background.attach(shop.database.sessions, shop.database.reads)
    until(lambda: [form.rows for form in _kept(shop)] == [(DraftRow(unit_price="0.89"),)])


def test_a_draft_that_is_typed_on_two_machines_becomes_two_and_nothing_is_written_over(
    editor: EditorScreen,
    typist: Typist,
    shop: SampleShop,
    until: Until,
    context: Context,
    show: Show,
    settled: Callable[[], None],
    navigation: NavigationSpy,
) -> None:
    typist.row("Milk")
    until(lambda: editor.kept.text() == "draft saved ✓")
    other = show(EditorScreen(context))
    until(lambda: other.document.form.key == editor.document.form.key)
    shop.now += timedelta(seconds=1)
    other.document.change(note="theirs")
    until(lambda: [form.note for form in _kept(shop)] == ["theirs"])
    shop.now += timedelta(seconds=1)
    editor.document.change(note="ours")
    until(lambda: {form.note for form in _kept(shop)} == {"theirs", "ours"})
    settled()
    assert navigation.words == [
        "This document is also being edited on another machine. Your version continues as a separate draft."
    ]
    assert editor.document.form.key != other.document.form.key
    assert [form.rows for form in _kept(shop)] == [(DraftRow("Milk"),)] * 2
    assert editor.kept.text() == "draft saved ✓"
