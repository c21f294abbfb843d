"""The prompt on Save: what will be saved, how it is paid and where the message goes. Enter confirms.

The key of a payment method chooses it and saves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Document, Draft, Kind
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import Channel
from shopdesk.domain.message_route import ChannelOrder, PreferredChannel, Reachability
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method, Payment, Tender, settle_difference
from shopdesk.queries import documents, outbox, scans
from shopdesk.ui.base import display_names, keypad_decimal, shortcuts, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, counted, tr, translated
from shopdesk.ui.base.scanner import Scan
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor.payment_panel import ALL_CHOICES, PaymentPanel
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import MessageLine, show_faults
from shopdesk.ui.widgets.labels import Drawing, Label, MoneyLabel
from shopdesk.ui.widgets.page_parts import Separator


@dataclass(frozen=True, slots=True)
class Saved:
    """A document about to be saved: its draft, the contact if no customer was chosen, and what it corrects."""

    draft: Draft
    contact: Contact
    corrects: Document | None = None

    @property
    def gross(self) -> Money:
        """The total, tax included."""
        return Money(self.draft.totals().gross, self.draft.currency)

    @property
    def customer(self) -> str:
        """The customer's name; empty for a walk-in."""
        return self.draft.buyer.name or self.contact.name

    def reached(self, order: ChannelOrder) -> Reachability:
        """Return how the customer can be reached as far as the document tells, without what the customer wishes."""
        known = self.draft.buyer if self.draft.buyer.key else self.contact
        return Reachability(email=known.email, phone=known.phone, order=order)


class CheckoutPrompt(ConfirmDialog):
    """The dialog that confirms saving and takes the payment; it stays open until the document is stored.

    It is made before there is a document, so that it opens at once, and takes one by ``show_document``. It is for this
    document only: nothing of an earlier sale can be left in it.
    """

    confirmed = Signal(object)  # tuple[Tender, ...], once per confirmation; empty if it is paid later

    looks_words_up = True

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(
            "", facts=[(tr("Kind"), ""), (tr("Customer"), ""), (tr("Rows"), "")], yes=tr("Save"), parent=parent
        )
        self._context = context
        self._saved: Saved
        self._is_under_way = False
        self.payment = PaymentPanel(context)
        self.total = MoneyLabel("", "total", name=tr("Total"))
        self.difference = Label("", "strong", wrap=True)
        self.message = Label("", "soft", wrap=True)
        self._channel = Drawing("info", size=tokens.ICON_SMALL)
        self.answer = MessageLine()
        self._lay_out()
        self.payment.settled.connect(self.accept)
        for choice in ALL_CHOICES:
            shortcuts.bind(self, choice.shortcut, partial(self._pay_by, choice.method))
        self.ensurePolished()

    def show_document(self, saved: Saved) -> None:
        """Show the document to save, once, before the prompt is opened."""
        self._saved = saved
        kind = saved.draft.kind
        self.set_fact(tr("Kind"), display_names.kind(kind))
        self.set_fact(tr("Customer"), saved.customer or tr("Walk-in"))
        self.set_fact(tr("Rows"), counted(len(saved.draft.lines), "{count} row", "{count} rows"))
        title = tr("Save this {kind}?", kind=display_names.kind_in_sentence(kind))
        self.set_question(title, what_happens(saved, self._context))
        self.total.show_amount(self._context.format.money(saved.gross))
        self.payment.show_due(kind, saved.gross if saved.corrects is None else Money(0, saved.draft.currency))
        self._ask_route(saved)
        self._ask_difference(saved)
        self._focus()

    def _lay_out(self) -> None:
        top = QVBoxLayout()  # beside the facts: several payments must fit on a small screen
        top.setSpacing(0)
        top.addWidget(Label(tr("Total"), "heading"), alignment=Qt.AlignmentFlag.AlignRight)
        top.addWidget(self.total)
        top.addStretch(1)
        self.facts.addLayout(top)
        where = QHBoxLayout()
        where.setSpacing(tokens.S)
        where.addWidget(self._channel)
        where.addWidget(self.message, 1)
        self.body.addWidget(Separator())
        self.body.addWidget(self.difference)
        self.body.addWidget(self.payment)
        self.body.addLayout(where)
        self.body.addWidget(self.answer)
        self.answer.hide()

    def _ask_route(self, saved: Saved) -> None:
        """Show where the message goes, then what the customer wishes."""
        self._show_route(saved.reached(self._context.shop.message_channels))
        if saved.draft.buyer.key is not None:
            self._context.ask(outbox.reachability, saved.draft.buyer, owner=self, then=self._show_route)

    def _show_route(self, reached: Reachability) -> None:
        route = reached.route()
        self._channel.show_icon(_ICONS[route.channel] if route is not None else "info", Tone.SOFT)
        self.message.setText(where_to(self._saved, reached))

    def _ask_difference(self, saved: Saved) -> None:
        """Show what the customer pays or gets back; what a document that it replaces received is asked for."""
        self.difference.hide()
        before = saved.corrects
        if before is None or not before.kind.is_sale:
            return
        if before.replaces is None:
            self._show_difference(saved, before.payments)
        else:
            self._context.ask(
                documents.received, before, owner=self, then=lambda found: self._show_difference(saved, found)
            )

    def _show_difference(self, saved: Saved, received: tuple[Payment, ...]) -> None:
        text = settled_difference(saved, received, self._context)
        self.difference.setText(text)
        self.difference.setVisible(bool(text))

    # --- confirming ---

    def accept(self) -> None:
        """Emit ``confirmed`` with the tender, once; the prompt closes when the document is stored."""
        self._context.scans.when_idle(self._confirm)

    def _pay_by(self, method: Method | None) -> None:
        if not self._is_under_way:
            self.payment.pay_by(method)

    def _confirm(self) -> None:
        if self._is_under_way or not isValid(self):
            return
        try:
            tenders = self.payment.tenders()
            left = self.payment.left_after(tenders)
        except Refused as refused:
            show_faults(refused, [self.payment.tendered])
            return
        self.answer.show_state(None)
        if left > 0 and not self._saved.customer and self._saved.corrects is None:
            self._ask_on_account(tenders, Money(left, self._saved.draft.currency))
        else:
            self._confirm_with(tenders)

    def _ask_on_account(self, tenders: tuple[Tender, ...], left: Money) -> None:
        """Ask before a walk-in is put on account: there is no one to ask for the money later."""
        amount = self._context.format.money(left)
        on_account = partial(self._confirm_with, tenders)
        if not tenders:
            question = ConfirmDialog(
                tr("On account without a customer?"),
                text=tr("{amount} stays unpaid, and no customer is named who could pay it later.", amount=amount),
                yes=tr("On account"),
                is_dangerous=True,
                parent=self,
            )
            question.ask(on_account, self._focus)
            return
        question = ConfirmDialog(
            tr("Rest by card?"),
            text=tr("{amount} is still due, and no customer is named who could pay it later.", amount=amount),
            yes=tr("Rest by card"),
            parent=self,
        )

        def leave() -> None:
            question.rejected.disconnect(self._focus)
            question.reject()
            on_account()

        question.answers.insertWidget(1, Button(tr("Leave it unpaid"), leave))
        rest = Tender(method=Method.CARD, tendered=left.minor)
        question.ask(partial(self._confirm_with, (*tenders, rest)), self._focus)

    def _confirm_with(self, tenders: tuple[Tender, ...]) -> None:
        self.set_under_way(is_so=True)
        self.confirmed.emit(tenders)

    def set_under_way(self, *, is_so: bool) -> None:
        """Disable Save while the document is being written."""
        self._is_under_way = is_so
        self.yes.setEnabled(not is_so)
        self.payment.edit.setReadOnly(is_so)
        if not is_so:
            self._focus()

    def _focus(self) -> None:
        (self.payment.edit if self.payment.ways and not self.payment.is_refund else self.yes).setFocus()

    def finish(self) -> None:
        """Close the prompt, as the document is stored."""
        super().accept()

    @property
    def is_under_way(self) -> bool:
        """True while the document is being written."""
        return self._is_under_way

    def show_message(self, text: str, *, tone: Tone = Tone.BAD) -> None:
        """Show a message in the prompt and make room for it."""
        self.answer.show()
        self.answer.show_state(StatusLook(text, "good" if tone is Tone.GOOD else "warn", tone))
        column = self.layout()
        if column is not None:
            column.activate()
            self.resize(self.width(), max(self.height(), column.totalHeightForWidth(self.width())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Add typed digits and the pad's decimal mark to the amount, wherever the focus is; save on the pad's minus."""
        if keypad_decimal.is_minus_key(event):
            self.accept()
            return
        text = self._context.symbols.decimal if keypad_decimal.is_decimal_key(event) else event.text()
        if (text.isdecimal() or text == self._context.symbols.decimal) and self.payment.ways:
            self.payment.take_key(text)
            return
        super().keyPressEvent(event)

    # --- scans ---

    def take_scan(self, scan: Scan) -> None:
        """Refuse a scan: it is neither cash nor a yes."""
        if scan.is_sure:
            self._refuse(scan)
            return

        def looked_up(found: object) -> None:
            if found is not None or not scan.is_typing:
                self._refuse(scan)
            else:
                scan.leave()

        self._context.look_up(scans.meaning, scan.code, owner=self, then=looked_up, failed=lambda _: looked_up(None))

    def _refuse(self, scan: Scan) -> None:
        scan.take_back()
        QApplication.beep()
        self.show_message(tr("That was a barcode, not cash. Save or cancel first, then scan."))
        scan.finish()


_ICONS = {Channel.EMAIL: "mail", Channel.SMS: "phone"}


def where_to(saved: Saved, reached: Reachability) -> str:
    """Return where the message goes, in words."""
    route = reached.route()
    kind = display_names.kind_in_sentence(saved.draft.kind)
    if route is None:
        has_any = reached.email or (reached.phone and Channel.SMS in reached.order.channels)
        if has_any or reached.preferred is PreferredChannel.NONE:
            return tr("No message. {why}", why=translated(reached.why_not()))
        return tr("No message: the customer has no address")
    if route.channel is Channel.SMS:
        return tr("Text message to {number} about the {kind}", number=route.recipient, kind=kind)
    return tr("E-mail to {address} with the {kind}", address=route.recipient, kind=kind)


def what_happens(saved: Saved, context: Context) -> str:
    """Return what saving does to the document it corrects; "" for a new document."""
    before = saved.corrects
    if before is None:
        return ""
    kind = display_names.kind_in_sentence(before.kind)
    if before.is_sealed:
        return tr(
            "{number} is sealed. A credit note will cancel it, and a new {kind} will replace it.",
            number=before.number,
            kind=kind,
        )
    if before.gross == saved.gross:
        return tr("{number} will be changed and keeps its number. Its history shows the change.", number=before.number)
    return tr(
        "{number} will be changed and keeps its number. Its total was {before}.",
        number=before.number,
        before=context.format.money(before.gross),
    )


def settled_difference(saved: Saved, received: tuple[Payment, ...], context: Context) -> str:
    """Return what the customer pays or gets back after a correction; a paid receipt is settled as it was paid."""
    before = saved.corrects
    if before is None or not before.kind.is_sale:
        return ""
    left = saved.gross - before.paid
    if before.kind is Kind.RECEIPT and before.payments and not before.balance:
        parts = settle_difference(received, left.minor, smallest_coin=context.shop.smallest_coin)
        amounts = display_names.money_by_method(parts, left.currency, context.format)
        if not amounts:
            return ""
        if left.minor > 0:
            return tr("To pay now: {amounts}", amounts=amounts)
        return tr("To give back now: {amounts}", amounts=amounts)
    if before.paid:
        return tr(
            "Paid {paid}, {left} still due", paid=context.format.money(before.paid), left=context.format.money(left)
        )
    return ""
