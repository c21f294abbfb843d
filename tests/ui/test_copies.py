"""A quote becomes an invoice, and a document is duplicated, with one key on its page; both pages link to each other."""

from PySide6.QtCore import Qt

from shopdesk.domain.document import Kind, PaperForm
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.product import Product
from shopdesk.queries import documents as ask
from shopdesk.queries import drafts as ask_drafts
from shopdesk.row_keys import new_key
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.usecases import documents, print_jobs, products
from support.sales import sell
from support.windows import Window

TEA = Product(key=new_key(), code="1001", name="Tea", price=10_000)
CTRL = Qt.KeyboardModifier.ControlModifier


def seen(window: Window, number: str) -> str:
    """Open a document and return its history."""
    summary = next(one for one in window.ask(ask.recent, 20) if one.number == number)
    window.workspace.open_document(summary.key)
    window.until(lambda: window.view.document.number == number)
    window.rest()
    page = window.workspace.opened("view")
    return " | ".join(page.history.lines)  # type: ignore[attr-defined]


def save(window: Window, editor: EditorScreen, answer: str = "") -> str:
    """Save what is open in the editor, give the answer to a question, and return its number."""
    window.key(Qt.Key.Key_F12)
    window.until(lambda: editor.saving.prompt is not None)
    window.key(Qt.Key.Key_Return)
    if answer:
        window.press(answer)
    window.until(lambda: window.workspace.page == "view")
    window.rest()
    return window.view.document.number


def test_one_key_makes_an_invoice_of_a_quote_and_another_repeats_it(program: Window) -> None:
    w = program
    w.open_shop()
    w.do(products.save, TEA, by=w.workspace.context.actor, now=w.workspace.context.now())
    row = DraftRow("Tea", "2", "0.90", "10 %", "0 %", TEA.key)
    quote = sell(w, row, kind=Kind.QUOTE, customer="Ada <ada@example.org>")
    seen(w, quote.number)
    w.key(Qt.Key.Key_I, CTRL)
    editor = w.editor
    w.until(lambda: editor.document.form.origin == quote.key)
    w.rest()
    form = editor.document.form
    assert (form.kind, form.customer, form.rows[0]) == (Kind.INVOICE, "Ada", row)
    assert editor.document.items.note(0) == "", "a quoted price binds the shop"
    assert [draft.origin for draft in w.ask(ask_drafts.open_at, w.workspace.context.actor.till)] == [quote.key]
    w.workspace.open_document(quote.key)
    w.until_at("Done")
    w.key(Qt.Key.Key_I, CTRL)
    w.until(
        lambda: editor.document.form.key == form.key,
    )
    number = save(w, editor)
    assert f"From quote {quote.number}" in seen(w, number)
    assert f"Became invoice {number}" in seen(w, quote.number)

    w.key(Qt.Key.Key_F, CTRL | Qt.KeyboardModifier.ShiftModifier)
    w.find_text("Shown as pro-forma invoice")
    w.press("Show the quote")
    w.until(lambda: not w.sees("Show the quote"))
    w.until_at("Done")
    w.key(Qt.Key.Key_D, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert not w.sees("Show the quote"), "a quote sends no goods"
    w.do(
        print_jobs.note_printed, quote.key, form=PaperForm.PRO_FORMA, by=w.workspace.context.actor, now=quote.issued_at
    )
    assert "Printed as pro-forma invoice" in seen(w, quote.number)

    w.key(Qt.Key.Key_I, CTRL)
    w.find_text(f"{quote.number} already became {number}.")
    w.press("Make another")
    w.until(lambda: editor.document.confirmed == {documents.CONVERT_AGAIN})

    seen(w, number)
    w.key(Qt.Key.Key_D, CTRL)
    w.until(lambda: editor.document.origin is not None and editor.document.origin.number == number)
    w.rest()
    assert editor.document.kind is Kind.INVOICE
    assert editor.document.items.note(0) == "Today's price is 1.00."
    assert editor.line.words.text() == "Today's price is 1.00."
    again = save(w, editor, "Issue another")
    assert f"Copy of invoice {number}" in seen(w, again)
    assert f"Duplicated as invoice {again}" in seen(w, number)
