"""The dialog before a document is deleted: total, payments and consequences. "Cancel" is the default."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from shopdesk.domain.document import Document
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method, settle_difference
from shopdesk.queries.document_details import DocumentDetails
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import listed, tr
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog


class DeleteDialog(ConfirmDialog):
    """The dialog “Delete receipt R-000123?”."""

    def __init__(self, details: DocumentDetails, context: Context, *, parent: QWidget | None = None) -> None:
        document = details.document
        super().__init__(
            tr("Delete {kind} {number}?", kind=display_names.kind_in_sentence(document.kind), number=document.number),
            text=_what_happens(details),
            facts=[
                (tr("Total"), context.format.money(document.gross)),
                (tr("Customer"), document.buyer.name or tr("Walk-in")),
                (tr("Paid"), _paid(document, context)),
                *_refunds(details, context),
            ],
            yes=tr("Delete"),
            no=tr("Cancel"),
            is_dangerous=True,
            parent=parent,
        )


def _what_happens(details: DocumentDetails) -> str:
    document = details.document
    if document.is_sealed:
        said = [tr("It is sealed: a credit note for the full amount will cancel it. Both documents are kept.")]
    else:
        said = [tr("It will be voided: it no longer counts; its number stays in the history.")]
    if document.paid:
        said.append(tr("The amount paid will be refunded."))
    waits = any(message.state is DeliveryStatus.QUEUED for message in details.messages)
    route = details.reached.route()
    if route is not None and (document.is_sealed or not waits):  # a queued message is withdrawn instead
        said.append(
            tr("The customer will be notified by text message.")
            if route.channel is Channel.SMS
            else tr("The customer will be notified by e-mail.")
        )
    return " ".join(said)


def _refunds(details: DocumentDetails, context: Context) -> list[tuple[str, str]]:
    """Return what goes back by each method, in words; coins make what goes back in cash."""
    due = -sum(payment.amount for payment in details.received)
    parts = settle_difference(details.received, due, smallest_coin=context.shop.smallest_coin)
    text = display_names.money_by_method(parts, details.document.currency, context.format)
    return [(tr("To give back") if due < 0 else tr("To take back"), text)] if text else []


def _paid(document: Document, context: Context) -> str:
    """Return the payments in words: “cash $50.00, card $14.20”."""
    sums: dict[Method, int] = {}
    for payment in document.payments:
        sums[payment.method] = sums.get(payment.method, 0) + payment.amount
    parts = [
        tr(
            "{method} {amount}",
            method=display_names.method_in_sentence(method),
            amount=context.format.money(Money(amount, document.currency)),
        )
        for method, amount in sums.items()
        if amount
    ]
    return listed(parts) or tr("nothing")
