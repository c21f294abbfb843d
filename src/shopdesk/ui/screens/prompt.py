"""The prompt on Save: what will be saved, how it is paid, where the message goes; Enter says yes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shopdesk.domain.customer import Contact
from shopdesk.domain.document import Document, Draft, Kind
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method
from shopdesk.queries import products
from shopdesk.ui import scanner, theme, words
from shopdesk.ui.desk import Desk
from shopdesk.ui.text import Look, counted, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.cards import Rule
from shopdesk.ui.widgets.field import Line, show_faults
from shopdesk.ui.widgets.labels import Drawing, Label, MoneyLabel
from shopdesk.ui.widgets.payment_panel import PaymentPanel
from shopdesk.ui.widgets.question import Question


@dataclass(frozen=True, slots=True)
class Saved:
    """What is about to be saved: the draft, who it is for when nobody was chosen, what it corrects."""

    draft: Draft
    contact: Contact
    corrects: Document | None = None

    @property
    def gross(self) -> Money:
        """The total, tax included."""
        return Money(self.draft.totals().gross, self.draft.currency)

    @property
    def customer(self) -> str:
        """Who it is for."""
        return self.draft.buyer.name or self.contact.name

    @property
    def email(self) -> str:
        """Where the message goes, or nothing."""
        return self.draft.buyer.email if self.draft.buyer.key else self.contact.email


class SavePrompt(Question):
    """Stays until the document is in the books; ``confirmed`` comes once per yes, with the Tender or None."""

    confirmed = Signal(object)

    def __init__(self, saved: Saved, desk: Desk, *, parent: QWidget | None = None) -> None:
        kind = words.kind_in_sentence(saved.draft.kind)
        super().__init__(
            tr("Save this {kind}?", kind=kind),
            text=what_happens(saved, desk),
            facts=[
                (tr("Kind"), words.kind(saved.draft.kind)),
                (tr("Customer"), saved.customer or tr("Walk-in")),
                (tr("Rows"), counted(len(saved.draft.lines), "{count} row", "{count} rows")),
            ],
            yes=tr("Save"),
            parent=parent,
        )
        self._desk = desk
        self._is_under_way = False
        due = saved.gross if saved.corrects is None else Money(0, saved.draft.currency)
        self.payment = PaymentPanel(saved.draft.kind, due, desk)
        self.total = MoneyLabel(desk.money(saved.gross), "total", name=tr("Total"))
        self.message = Label(where_to(saved), "soft", wrap=True)
        self.answer = Line()
        self._lay_out(saved)
        self.guard = scanner.ScanGuard(parent=self)
        for control in (self.payment.edit, self.yes, self.no):
            self.guard.watch(control)
        self.guard.scanned.connect(self._on_scanned)
        self._focus()

    def _lay_out(self, saved: Saved) -> None:
        top = QHBoxLayout()
        top.addWidget(Label(tr("Total"), "heading"), alignment=Qt.AlignmentFlag.AlignBottom)
        top.addStretch(1)
        top.addWidget(self.total)
        where = QHBoxLayout()
        where.setSpacing(theme.S)
        where.addWidget(Drawing("mail" if saved.email else "info", size=theme.ICON_SMALL))
        where.addWidget(self.message, 1)
        self.body.addWidget(Rule())
        self.body.addLayout(top)
        if saved.corrects is not None and (difference := settled_difference(saved, self._desk)):
            self.body.addWidget(Label(difference, "strong", wrap=True))
        self.body.addWidget(self.payment)
        self.body.addLayout(where)
        self.body.addWidget(self.answer)
        self.answer.hide()

    # --- saying yes ---

    def accept(self) -> None:
        """Hand the tender over, once; the prompt goes when the books have the document."""
        if self._is_under_way:
            return
        try:
            tender = self.payment.tender()
        except Refused as refused:
            show_faults(refused, [self.payment.tendered])
            return
        self.answer.say(None)
        self.set_under_way(is_so=True)
        self.confirmed.emit(tender)

    def set_under_way(self, *, is_so: bool) -> None:
        """While it is written, Save waits."""
        self._is_under_way = is_so
        self.yes.setEnabled(not is_so)
        self.payment.edit.setReadOnly(is_so)
        if not is_so:
            self._focus()

    def _focus(self) -> None:
        (self.payment.edit if self.payment.ways and not self.payment.is_refund else self.yes).setFocus()

    def finish(self) -> None:
        """It is in the books."""
        super().accept()

    @property
    def is_under_way(self) -> bool:
        """Whether it is being written."""
        return self._is_under_way

    def say(self, text: str, *, tone: Tone = Tone.BAD) -> None:
        """Something that the prompt has to say by itself."""
        self.answer.say(Look(text, "good" if tone is Tone.GOOD else "warn", tone))
        self.answer.show()
        column = self.layout()
        if column is not None:
            column.activate()
            self.resize(self.width(), max(self.height(), column.totalHeightForWidth(self.width())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits are money, wherever the focus is."""
        if event.text().isdecimal() and self.payment.ways:
            self.payment.take_digit(event.text())
            return
        super().keyPressEvent(event)

    # --- a barcode is no cash ---

    def _on_scanned(self, code: str) -> None:
        if scanner.is_barcode(code):
            self.say(tr("That was a barcode, not cash. Answer first, then scan."))
            return
        self._desk.ask(
            products.by_code,
            code,
            owner=self,
            then=lambda found: self._on_looked_up(code, is_product=found is not None),
            failed=lambda _: self.payment.edit.setText(code),  # nobody knows: whoever typed it sees it, and says yes
        )

    def _on_looked_up(self, code: str, *, is_product: bool) -> None:
        if is_product:
            self.say(tr("That was a barcode, not cash. Answer first, then scan."))
        else:  # fast fingers
            self.payment.edit.setText(code)
            self.accept()


def where_to(saved: Saved) -> str:
    """Where the message goes, in words."""
    if not saved.email:
        return tr("No message: the customer has no address")
    kind = words.kind_in_sentence(saved.draft.kind)
    return tr("E-mail to {address} with the {kind}", address=saved.email, kind=kind)


def what_happens(saved: Saved, desk: Desk) -> str:
    """What saving does to a document that was issued before."""
    before = saved.corrects
    if before is None:
        return ""
    kind = words.kind_in_sentence(before.kind)
    if before.is_sealed:
        return tr(
            "{number} is sealed. A credit note takes it back, and a new {kind} replaces it.",
            number=before.number,
            kind=kind,
        )
    if before.gross == saved.gross:
        return tr("{number} is changed and keeps its number. Its history tells what changed.", number=before.number)
    return tr(
        "{number} is changed and keeps its number. Its total was {before}.",
        number=before.number,
        before=desk.money(before.gross),
    )


def settled_difference(saved: Saved, desk: Desk) -> str:
    """What a correction makes the customer pay, or get back: a paid receipt stays paid, the way it was paid."""
    before = saved.corrects
    if before is None or not before.kind.is_sale:
        return ""
    left = saved.gross - before.paid
    if before.kind is Kind.RECEIPT and before.payments and not before.balance:
        if not left:
            return ""
        method = before.payments[-1].method
        way = words.method(Method.CASH if method is Method.OFFSET else method)
        if left.minor > 0:
            return tr("To pay now: {amount} ({way})", amount=desk.money(left), way=way)
        return tr("To give back now: {amount} ({way})", amount=desk.money(-left), way=way)
    if before.paid:
        return tr("Paid {paid}, {left} stays to be paid", paid=desk.money(before.paid), left=desk.money(left))
    return ""
