"""The list of messages: delivery status in words, and the mail server's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject

from shopdesk.domain.message import DeliveryStatus, Message, MessageReason, server_words
from shopdesk.message_catalogues import mark
from shopdesk.queries import outbox
from shopdesk.queries.documents import DocumentFilter
from shopdesk.queries.outbox import MessageOrder, MessageSummary
from shopdesk.render import formatting as paper
from shopdesk.render.export import Cell
from shopdesk.ui.base import display_names
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, stored, tr, tr_marked
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A row of the list. ``key`` identifies it when its state changes."""

    key: UUID
    summary: MessageSummary

    @property
    def message(self) -> Message:
        """The message."""
        return self.summary.message

    @property
    def look(self) -> StatusLook:
        """The delivery status in words, with icon and tone."""
        return display_names.delivery_status(self.message.state)


def page(
    session: Any,
    *,
    states: frozenset[DeliveryStatus],
    after: MessageRow | None,
    limit: int = 200,
    order: MessageOrder = MessageOrder.CREATED,
    descending: bool = True,
) -> tuple[MessageRow, ...]:
    """Read the rows that follow ``after``, newest first; a query for ``context.ask``."""
    last = after.summary if after else None
    found = outbox.page(session, states=states, after=last, limit=limit, order=order, descending=descending)
    return tuple(MessageRow(summary.message.key, summary) for summary in found)


class MessagesModel(PagedModel[MessageRow]):
    """All messages, newest first."""

    def __init__(self, context: Context, *, parent: QObject | None = None) -> None:
        columns: tuple[ColumnOf[MessageRow], ...] = (
            ColumnOf(
                title=tr("State"), text=lambda row: row.look.word, look=lambda row: row.look, width=120, key="state"
            ),
            ColumnOf(title=tr("To"), text=lambda row: row.message.recipient, tip=to, key="to"),
            ColumnOf(
                title=tr("Document"),
                text=lambda row: number(row, context),
                width=160,
                tip=occasion,
                rank=1,
                key="document",
            ),
            ColumnOf(title=tr("Server response"), text=_short, tip=server_answer, key="response"),
            ColumnOf(
                title=tr("Attempts"),
                text=lambda row: context.format.count(row.message.attempts),
                width=84,
                is_number=True,
                rank=4,
                key="attempts",
            ),
            ColumnOf(
                title=tr("Next attempt"), text=lambda row: next_attempt(row, context), width=120, rank=2, key="next"
            ),
            ColumnOf(
                title=tr("Created"),
                text=lambda row: context.ago(row.message.created_at),
                tip=lambda row: context.format.instant(row.message.created_at),
                width=116,
                rank=3,
                key="created",
                order=MessageOrder.CREATED,
            ),
            ColumnOf(
                title=tr("Channel"),
                text=lambda row: display_names.channel(row.message.channel),
                width=116,
                rank=3,
                key="channel",
            ),
        )
        super().__init__(context, columns, descending=True, parent=parent)


def to(row: MessageRow) -> str:
    """Return the recipient: name and address, or the address alone."""
    name, address = row.summary.buyer_name, row.message.recipient
    return f"{name} <{address}>" if name and name != address else address


def server_answer(row: MessageRow) -> str:
    """Return the last answer of the mail server, or the last error on the way to it."""
    return stored(row.message.last_error)


def _short(row: MessageRow) -> str:
    return stored(server_words(row.message.last_error))


def number(row: MessageRow, context: Context) -> str:
    """Return the number of the document; of a statement the word and its last day."""
    if row.summary.kind is not None:
        return row.summary.number
    until = date.fromisoformat(row.summary.number.rpartition("--")[2])
    return tr("Statement, {day}", day=context.format.day(until))


def show_subject(row: MessageRow, context: Context) -> None:
    """Open the document of a message, or the documents of the customer who got a statement."""
    if row.message.document_key is not None:
        context.navigation.open_document(row.message.document_key)
    else:
        context.navigation.find_documents(DocumentFilter(customer_key=row.message.customer_key))


_OCCASIONS = {
    MessageReason.ORDER_PLACED: mark("The order was placed"),
    MessageReason.CORRECTED: mark("The document was corrected"),
    MessageReason.VOIDED: mark("The document was voided"),
    MessageReason.STATEMENT: mark("Statement of account"),
}


def occasion(row: MessageRow) -> str:
    """Return the reason for the message, in words; only invoices and receipts are orders."""
    reason, kind = row.message.reason, row.summary.kind
    if reason is MessageReason.ORDER_PLACED and kind is not None and not kind.is_order:
        return tr("{kind} issued", kind=display_names.kind(kind))
    return tr_marked(_OCCASIONS[reason])


def file_head() -> tuple[str, ...]:
    """Return the column names of an exported list."""
    return ("created", "state", "to", "name", "document", "reason", "attempts", "sent", "server_response", "channel")


def file_row(row: MessageRow) -> tuple[Cell, ...]:
    """Return a message as a row of an exported list."""
    message = row.message
    created, sent = (
        at.astimezone().replace(tzinfo=None) if at else None for at in (message.created_at, message.sent_at)
    )
    return (
        created, message.state.value, message.recipient, row.summary.buyer_name, row.summary.number,
        message.reason.value, message.attempts, sent, message.last_error,
        message.channel.value,
    )  # fmt: skip


def next_attempt(row: MessageRow, context: Context) -> str:
    """Return the time of the next attempt, with the date unless it is today; empty if there is none."""
    message = row.message
    if message.state is DeliveryStatus.SENDING:
        return tr("now")
    if message.state is not DeliveryStatus.QUEUED or message.next_at is None:
        return ""
    return tr("at once") if message.next_at <= context.now() else moment(message.next_at, context)


def moment(at: datetime, context: Context) -> str:
    """Return an instant as text: the time of day, with the date unless it is today."""
    if at.astimezone().date() == context.today():
        return paper.clock(at, context.language)
    return context.format.instant(at)


def can_go_again(message: Message) -> bool:
    """Return True if “Retry” applies: the message failed or came back, may have gone, or a retry is scheduled."""
    return message.state in {DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.UNKNOWN} or (
        message.state is DeliveryStatus.QUEUED and message.attempts > 0
    )
