"""The cards beside a document: payments, e-invoice, message and history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import NamedTuple
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shopdesk.domain.document import Action, Document, Kind, PaperForm, State
from shopdesk.domain.e_invoice import is_e_invoice, missing_facts
from shopdesk.domain.message import DeliveryStatus, Message, MessageReason, server_words
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.print_job import ASKED_AT_ISSUE, ASKED_TWICE, COPY, DocumentPrint
from shopdesk.message_catalogues import Marked, mark
from shopdesk.queries.document_details import DocumentDetails, LinkedDocument, Related, Relation
from shopdesk.queries.documents import HistoryEntry
from shopdesk.ui.base import display_names, print_words, theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import as_title, listed, stored, tr, tr_marked, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, LinkButton, QuietButton
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Drawing, Label, MoneyLabel, StateBadge
from shopdesk.ui.widgets.page_parts import Card, Separator, clear_layout


class HistoryLine(NamedTuple):
    """An event: its icon, text, time and who caused it; ``linked`` is the key of the document that it links to."""

    icon: str
    tone: Tone
    what: str
    at: datetime
    who: str
    linked: UUID | None = None


class _Entry(QWidget):
    """One event in two lines: its text, then time and name; a text that is ``linked`` to a document opens it."""

    def __init__(self, told: HistoryLine, context: Context) -> None:
        super().__init__()
        when = context.format.instant(told.at)
        if told.linked is None:
            what: QWidget = Label(told.what, wrap=True)
        else:
            what = LinkButton(told.what, partial(context.navigation.open_document, told.linked))
        below = Label(f"{when} · {told.who}" if told.who else when, "small", wrap=True)
        self.setAccessibleName(f"{told.what}, {below.text()}")
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addWidget(what)
        lines.addWidget(below)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.S)
        row.addWidget(Drawing(told.icon, told.tone, size=tokens.ICON_SMALL), alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(lines, 1)


class _Entries(QVBoxLayout):
    """Events below each other. Those that stay keep their widgets: each sale and each print adds to what is shown."""

    def __init__(self, context: Context, *, spacing: int) -> None:
        super().__init__()
        self._context = context
        self._told: list[HistoryLine] = []
        self.setSpacing(spacing)

    def show_lines(self, told: Sequence[HistoryLine]) -> None:
        """Show these events instead."""
        kept = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self._told, told, strict=False)))
        clear_layout(self, after=kept)
        for one in told[kept:]:
            self.addWidget(_Entry(one, self._context))
        self._told = list(told)


class MoneyCard(Card):
    """Total, paid and due amounts, the payments below, and a button to take another."""

    def __init__(
        self,
        context: Context,
        take: Callable[[], object],
        explain: Callable[[], object],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(spacing=tokens.S, parent=parent)
        self._context = context
        self.total = MoneyLabel(role="total", name=tr("Total"))
        self.paid = MoneyLabel(role="title", name=tr("Paid"))
        self.due = MoneyLabel(role="title", name=tr("Due"))
        self._paid_word = Label(tr("Paid"), "soft")
        self._due_word = Label(tr("Due"), "soft")
        sums = QGridLayout()
        sums.setVerticalSpacing(tokens.XS)
        sums.setColumnStretch(1, 1)
        sums.addWidget(Label(tr("Total"), "soft"), 0, 0, Qt.AlignmentFlag.AlignBottom)
        sums.addWidget(self.total, 0, 1)
        sums.addWidget(self._paid_word, 1, 0)
        sums.addWidget(self.paid, 1, 1)
        sums.addWidget(self._due_word, 2, 0)
        sums.addWidget(self.due, 2, 1)
        self.take = Button(tr("Take payment"), take, icon="payment", shortcut="pay")
        self.why = QuietButton(tr("Why this total?"), explain, icon="unknown", shortcut="explain document")
        self._payments = _Entries(context, spacing=tokens.S)
        self._rule = Separator()
        self.add(sums)
        self.add(self.take)
        self._acts = QVBoxLayout()
        self.add(self._acts)
        self.add(self.why)
        self.add(self._rule)
        self.add(self._payments)

    def add_act(self, button: Button) -> None:
        """Add what else can be done about the amounts."""
        self._acts.addWidget(button)

    def show_document(self, document: Document) -> None:
        """Show the amounts and payments of a document."""
        context = self._context
        owed = document.balance
        is_counted = document.state is State.ISSUED and document.kind.is_sale
        self.total.show_amount(context.format.money(document.gross))
        self.paid.show_amount(context.format.money(document.paid))
        self.due.show_amount(context.format.money(abs(owed)))
        self._due_word.setText(tr("Owed to the customer") if owed.minor < 0 else tr("Due"))
        for part in (self._paid_word, self.paid, self._due_word, self.due):
            part.setVisible(document.kind.is_sale)
        self.take.setVisible(is_counted and bool(owed))
        self.take.set_label(tr("Refund") if owed.minor < 0 else tr("Take payment"))
        self._payments.show_lines([self._summary(payment, document) for payment in document.payments])
        self._rule.setVisible(bool(document.payments))

    def _summary(self, payment: Payment, document: Document) -> HistoryLine:
        def money(minor: int) -> str:
            return self._context.format.money(Money(minor, document.currency))

        method = display_names.method(payment.method)
        if payment.method is Method.OFFSET:
            what = tr("{amount} settled with another document", amount=money(payment.amount))
        elif payment.amount < 0:
            what = tr("{method}: {amount} refunded", method=method, amount=money(-payment.amount))
        elif payment.change:
            what = tr(
                "{method}: {amount}, change {change}",
                method=method,
                amount=money(payment.tendered),
                change=money(payment.change),
            )
        else:
            what = f"{method}: {money(payment.amount)}"
        if payment.rounding:
            what = tr("{what} (rounded by {amount})", what=what, amount=money(payment.rounding))
        icon = display_names.METHODS[payment.method][1]
        return HistoryLine(icon, Tone.SOFT, what, payment.at, payment.by_name)


class EInvoiceCard(Card):
    """The e-invoice inside the PDF, or what is missing for it; hidden for other kinds of documents."""

    def __init__(self, save_ubl: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(spacing=tokens.S, parent=parent)
        self.said = Label(wrap=True)
        self.missing = Label(role="soft", wrap=True)
        self.save_ubl = Button(tr("Save as UBL"), save_ubl, icon="export")
        self.save_ubl.setToolTip(tr("For networks such as Peppol: the same e-invoice as a file of its own."))
        self.add(Label(tr("E-invoice"), "heading"))
        self.add(self.said)
        self.add(self.missing)
        self.add(self.save_ubl)

    def show_document(self, document: Document, *, is_practice: bool) -> None:
        """Show what the PDF of a document has inside."""
        self.setVisible(is_e_invoice(document) and not is_practice)
        missing = missing_facts(document)
        self.said.setText(
            tr("The PDF has no e-invoice inside. It is a plain PDF:")
            if missing
            else tr("The PDF has the e-invoice inside (Factur-X, ZUGFeRD).")
        )
        self.missing.setText("\n".join(map(translated, missing)))
        self.missing.setVisible(bool(missing))
        self.save_ubl.setVisible(not missing)


class MessageCard(Card):
    """The state of the message to the customer, the mail server's reply, and "Send again"."""

    def __init__(self, context: Context, send: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(spacing=tokens.S, parent=parent)
        self._context = context
        self.badge = StateBadge()
        head = QHBoxLayout()
        head.addWidget(Label(tr("Message"), "heading"))
        head.addStretch(1)
        head.addWidget(self.badge)
        self.said = Label(wrap=True)
        self.server = Label(role="small", wrap=True)
        self.send = Button(tr("Send again"), send, icon="send", shortcut="send")
        self.add(head)
        self.add(self.said)
        self.add(self.server)
        self.add(self.send)

    def show_details(self, details: DocumentDetails) -> None:
        """Show the latest message about the document, or why there is none."""
        latest = details.messages[-1] if details.messages else None
        self.badge.show_look(display_names.delivery_status(latest.state if latest else None))
        has_route = details.reached.route() is not None
        why_not = "" if has_route else translated(details.reached.why_not())
        self.send.setEnabled(has_route)
        self.send.setToolTip(why_not)
        if latest is None:
            self.said.setText(tr("No message was sent.") if has_route else tr("No message. {why}", why=why_not))
            self.server.hide()
            return
        self.said.setText(self._state_text(latest))
        self.server.setText(self._server(latest))
        self.server.setVisible(bool(self.server.text()))

    def _state_text(self, message: Message) -> str:
        to = tr("{channel} to {recipient}", channel=display_names.channel(message.channel), recipient=message.recipient)
        match message.state:
            case DeliveryStatus.SENT if message.sent_at is not None:
                return tr(
                    "{to}, accepted by the server {when}.", to=to, when=self._context.format.instant(message.sent_at)
                )
            case DeliveryStatus.QUEUED if message.attempts and message.next_at is not None:
                return tr(
                    "{to}: waiting, next attempt {when}.", to=to, when=self._context.format.instant(message.next_at)
                )
            case DeliveryStatus.QUEUED:
                return tr("{to}: waiting to be sent.", to=to)
            case DeliveryStatus.SENDING:
                return tr("{to}: being sent.", to=to)
            case DeliveryStatus.FAILED:
                return tr("{to} was not accepted. Send it again, or choose Edit to correct the address.", to=to)
            case DeliveryStatus.BOUNCED:
                return tr("{to} came back. Ask the customer, and choose Edit to correct the address.", to=to)
            case DeliveryStatus.UNKNOWN:
                return tr(
                    "{to}: it is unclear whether the server accepted it. Ask the customer before you send it again.",
                    to=to,
                )
            case _:
                return tr("{to}: withdrawn before it was sent, because the document had changed.", to=to)

    def _server(self, message: Message) -> str:
        if not message.last_error:
            return ""
        tries = f" ({message.attempts})" if message.attempts > 1 else ""
        return tr("Server reply{tries}: {words}", tries=tries, words=stored(server_words(message.last_error)))


class PrintCard(Card):
    """The state of the document's last print, the printer's words, and what a cashier can do about it."""

    def __init__(
        self,
        again: Callable[[DocumentPrint], object],
        settle: Callable[[DocumentPrint], object],
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(spacing=tokens.S, parent=parent)
        self._last: DocumentPrint | None = None
        self.badge = StateBadge()
        head = QHBoxLayout()
        head.addWidget(Label(tr("Printing"), "heading"))
        head.addStretch(1)
        head.addWidget(self.badge)
        self.said = Label(wrap=True)
        self.words = Label(role="small", wrap=True)
        self.again = Button(tr("Print again"), lambda: self._act(again), icon="print")
        self.settle = QuietButton(tr("Not needed"), lambda: self._act(settle), icon="done")
        acts = FlowLayout()
        acts.addWidget(self.again)
        acts.addWidget(self.settle)
        self.add(head)
        self.add(self.said)
        self.add(self.words)
        self.add(acts)

    def show_details(self, details: DocumentDetails) -> None:
        """Show the last print of the document; hide the card if there is none."""
        self._last = last = details.prints[-1] if details.prints else None
        self.setVisible(last is not None)
        if last is None:
            return
        self.badge.show_look(print_words.print_state(last.state))
        self.said.setText(" · ".join((print_words.paper_name(last.paper), print_words.copy_name(last))))
        self.words.setText(print_words.explained(last))
        self.words.setVisible(bool(self.words.text()))
        for button in (self.again, self.settle):
            button.setVisible(last.is_stuck or last.waits)

    def _act(self, act: Callable[[DocumentPrint], object]) -> None:
        if self._last is not None:
            act(self._last)


_SENT_AS = {
    MessageReason.ORDER_PLACED: mark("{channel} to {recipient} delivered"),
    MessageReason.CORRECTED: mark("{channel} about the correction to {recipient} delivered"),
    MessageReason.VOIDED: mark("{channel} about the deletion to {recipient} delivered"),
}


class HistoryCard(Card):
    """All changes to the document and deliveries of its messages, oldest first, with name and time."""

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(tr("History"), spacing=tokens.S, parent=parent)
        self._context = context
        self._entries = _Entries(context, spacing=tokens.M)
        self.add(self._entries)

    @property
    def entries(self) -> list[QWidget]:
        """The entries shown, oldest first."""
        items = (self._entries.itemAt(at) for at in range(self._entries.count()))
        return [widget for item in items if item and (widget := item.widget())]

    @property
    def lines(self) -> list[str]:
        """The entries shown, one sentence each."""
        return [entry.accessibleName() for entry in self.entries]

    def show_details(self, details: DocumentDetails) -> None:
        """Show the history of a document."""
        told = [*map(self._act, details.history), *(one for m in details.messages if (one := self._delivery(m)))]
        told += self._links(details)
        self._entries.show_lines(sorted(told, key=lambda one: one.at))

    def _links(self, details: DocumentDetails) -> list[HistoryLine]:
        """Return a line for the document that this one was made from, and for each that was made from it."""
        document, origin = details.document, details.origin
        lines = []
        if origin is not None:
            is_quoted = origin.kind is Kind.QUOTE and document.kind is not Kind.QUOTE
            said = mark("From {kind} {number}") if is_quoted else mark("Copy of {kind} {number}")
            lines.append(self._link(said, origin, document.issued_at, ""))
        for made in details.descendants:
            is_sold = document.kind is Kind.QUOTE and made.kind is not Kind.QUOTE
            said = mark("Became {kind} {number}") if is_sold else mark("Duplicated as {kind} {number}")
            lines.append(self._link(said, made, made.issued_at, made.issued_by))
        return lines

    def _link(self, said: Marked, other: LinkedDocument, at: datetime, who: str) -> HistoryLine:
        what = tr_marked(said, kind=display_names.kind_in_sentence(other.kind), number=other.number)
        return HistoryLine("link", Tone.SOFT, what, at, who, other.key)

    def _act(self, entry: HistoryEntry) -> HistoryLine:
        look = display_names.action(entry.act)
        who = entry.by_name
        if entry.approver_name:
            who = tr("{name}, approved by {approver}", name=who, approver=entry.approver_name)
        who = tr("{who} · till {till}", who=who, till=entry.till)
        return HistoryLine(look.icon, Tone.SOFT, _sentence(entry, look.word), entry.at, who)

    def _delivery(self, message: Message) -> HistoryLine | None:
        if message.state is not DeliveryStatus.SENT or message.sent_at is None:
            return None
        channel = display_names.channel(message.channel)
        what = tr_marked(_SENT_AS[message.reason], channel=channel, recipient=message.recipient)
        return HistoryLine("good", Tone.GOOD, what, message.sent_at, "")


_FORMS = frozenset(form.value for form in display_names.FORMS)


def _sentence(entry: HistoryEntry, word: str) -> str:
    """Return an entry as a sentence: “Issued, paid cash”."""
    if entry.act is Action.PRINT and entry.detail in _FORMS:
        form = display_names.form_in_sentence(PaperForm(entry.detail), Kind.INVOICE)
        return as_title(tr("printed as {form}", form=form))
    if entry.act is Action.RETURN and entry.detail.startswith("by "):
        return as_title(tr("goods returned, credited by {number}", number=entry.detail.removeprefix("by ")))
    parts = entry.detail.split(", ") if entry.detail else []
    methods = dict.fromkeys(Method(name) for part in parts if (name := part.removeprefix("paid ")) in set(Method))
    details = [_detail(part) for part in parts if part.removeprefix("paid ") not in methods]
    if methods:
        names = listed([display_names.method_in_sentence(method) for method in methods])
        details.insert(0, tr("paid {method}", method=names))
    if entry.act in _WHOLE and details:
        return as_title(listed(details))
    return as_title(listed([word, *details]))


_WHOLE = frozenset({Action.PAY, Action.CREDIT, Action.SEND})
"""The actions whose detail is a sentence without the word of the action."""


def _detail(text: str) -> str:
    """Return a detail, which the journal has in English: “by C-A-2026-000001”."""
    if text in _ASKED:
        return tr_marked(_ASKED[text])
    beginning, _, rest = text.partition(" ")
    return tr_marked(_DETAILS[beginning], what=rest) if beginning in _DETAILS and rest else text


_ASKED = {ASKED_AT_ISSUE: mark("to be printed"), ASKED_TWICE: mark("to be printed twice")}
_DETAILS = {
    COPY: mark("copy {what}"),
    "by": mark("credited by {what}"),
    "credits": mark("credits {what}"),
    "replaces": mark("replaces {what}"),
    "to": mark("sent to {what}"),
    "total": mark("total {what}"),
}


_BONDS = {
    Relation.CORRECTS: mark("Credits {kind} {number}"),
    Relation.REPLACES: mark("Replaces {kind} {number}"),
    Relation.CORRECTED_BY: mark("Credited by {number}"),
    Relation.REPLACED_BY: mark("Replaced by {number}"),
    Relation.RETURN_OF: mark("Goods from {kind} {number}"),
    Relation.RETURNED_BY: mark("Goods returned: {number}"),
}


class FormNote(QWidget):
    """Says in which other form the paper is shown, with a link back."""

    def __init__(self, back: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = Label(role="soft")
        self._text.setToolTip(tr("Print and Save PDF make this paper. It counts as no sale."))
        self._back = LinkButton("", back)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.XS)
        row.addWidget(Drawing("info", Tone.ACCENT))
        row.addWidget(self._text)
        row.addWidget(self._back)
        self.hide()

    def show_form(self, form: PaperForm, kind: Kind) -> None:
        """Name the form; hide the note for the document itself."""
        self._text.setText(tr("Shown as {form}", form=display_names.form_in_sentence(form, kind)))
        self._back.set_label(tr("Show the {kind}", kind=display_names.kind_in_sentence(kind)))
        self.setVisible(form is not PaperForm.ORIGINAL)


class StateStrip(QFrame):
    """The strip above a voided, corrected, sealed or linked document, with links to related documents."""

    def __init__(self, open_other: Callable[[Related], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open = open_other
        self._drawing = Drawing("info")
        self._text = Label(wrap=True)
        self._links = QHBoxLayout()
        self._links.setSpacing(tokens.XS)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.XL, tokens.XS, tokens.XL, tokens.XS)
        row.setSpacing(tokens.S)
        row.addWidget(self._drawing)
        row.addWidget(self._text, 1)
        row.addLayout(self._links)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(tokens.PRIMARY)
        self.hide()

    @property
    def text(self) -> str:
        """The text shown; empty while the strip is hidden."""
        return "" if self.isHidden() else self._text.text()

    def show_details(self, details: DocumentDetails, context: Context) -> None:
        """Show the state of the document and links to related ones; hide the strip if there is nothing to show."""
        document = details.document
        text, icon, tone = "", "info", Tone.SOFT
        if document.state is State.VOIDED and document.voided_at is not None:
            when = context.format.instant(document.voided_at)
            text = tr("Voided {when}. It no longer counts; its number stays in the history.", when=when)
            icon, tone = "voided", Tone.WARN
        elif document.state is State.CORRECTED:
            text = tr("Cancelled by a credit note: together they add up to zero.")
            icon, tone = "corrected", Tone.WARN
        elif details.returns:
            back = Money(-sum(one.gross.minor for one in details.returns), document.currency)
            text = tr(
                "Goods came back: {amount} was credited. Return takes more back.", amount=context.format.money(back)
            )
            icon = "undo"
        elif document.is_sealed and document.sealed_at is not None:
            text = tr(
                "Sealed {when}. Edit and Delete create a credit note.", when=context.format.instant(document.sealed_at)
            )
            icon = "lock"
            if document.kind in {Kind.CREDIT_NOTE, Kind.QUOTE}:
                text = tr(
                    "Sealed {when}. It can no longer be changed.", when=context.format.instant(document.sealed_at)
                )
        elif details.related:
            text = tr("This document is linked to another one.")
            icon = "link"
        self._text.setText(text)
        self._drawing.show_icon(icon, tone)
        theme.set_role(self, "banner-warn" if tone is Tone.WARN else "banner-plain")
        clear_layout(self._links)
        for one in details.related:
            label = tr_marked(_BONDS[one.relation], kind=display_names.kind_in_sentence(one.kind), number=one.number)
            self._links.addWidget(LinkButton(label, partial(self._open, one)))
        self.setVisible(bool(text))


def spoken_document(document: Document, context: Context) -> str:
    """Return the contents of the document as text for screen readers, in the order of the paper."""
    buyer = document.buyer.name or tr("Walk-in")
    said = [
        listed([f"{display_names.kind(document.kind)} {document.number}", context.format.day(document.date_on)]),
        tr("from {shop} to {customer}", shop=document.seller.name, customer=buyer),
    ]
    for line, amount in zip(document.lines, document.totals.amounts, strict=True):
        money = context.format.money(Money(amount, document.currency))
        said.append(f"{context.format.quantity(line.quantity)} {line.item}: {money}")
    said.append(tr("Total {amount}", amount=context.format.money(document.gross)))
    if document.kind.is_sale:
        said.append(tr("paid {amount}", amount=context.format.money(document.paid)))
    return "; ".join(said)
