"""The views of the customer display: of the open document while it is typed, and of the document that was saved."""

from __future__ import annotations

from itertools import chain

from shopdesk.domain.document import Document
from shopdesk.render.document_text import DocumentText, Weight
from shopdesk.render.translations import wording
from shopdesk.ui.base.customer_view import CustomerSum, CustomerView
from shopdesk.ui.editor.edited_document import EditedDocument


def of_form(document: EditedDocument, latest: int) -> CustomerView | None:
    """Return the view of the open document with the row at ``latest``, or with its last one; None without rows."""
    amounts, rows = document.reading.amounts, document.items.rows
    places = chain([latest], range(len(rows) - 1, -1, -1))
    valid = (at for at in places if 0 <= at < len(rows) and amounts[at] is not None and not rows[at].is_blank)
    if (at := next(valid, None)) is None:
        return None
    row, notation = rows[at], document.items.notation
    detail = " × ".join(text for text in (row.quantity.strip(), row.unit_price.strip()) if text)
    label = f"{wording(document.shop.locale).total} {document.shop.currency.code}"
    total = CustomerSum(label, notation.shown_amount(document.reading.totals.gross), is_loud=True)
    return CustomerView(
        item=row.item.strip(), detail=detail, amount=notation.shown_amount(amounts[at] or 0), sums=(total,)
    )


def of_document(document: Document) -> CustomerView:
    """Return the view of a saved document: total, what was handed over, change, and thanks for an order."""
    contents = DocumentText(document, {})
    text = contents.words
    total = [row for row in contents.totals() if row.weight is Weight.TOTAL]
    told = {text.paid, *([] if document.balance.minor else [text.due])}  # says no more than the rows above
    paid = [row for row in contents.payments() if row.label not in told]
    loud = next((row for row in paid if row.label == text.change), next(iter(total), None))
    sums = tuple(CustomerSum(row.label, row.value, is_loud=row is loud) for row in (*total, *paid))
    return CustomerView(sums=sums, thanks=contents.thanks, is_saved=True)
