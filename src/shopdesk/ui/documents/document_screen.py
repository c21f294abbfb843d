"""The view page: one document as the customer sees it, with its payments, message, history and actions.

The one thing to know: the page shows what the database holds. Every action goes to a use case, and the page reads
again.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain.document import Act, Document, State, can
from shopdesk.domain.errors import DatabaseAway, Refused, Unavailable
from shopdesk.domain.message import Sending
from shopdesk.domain.money import Money
from shopdesk.queries import document_details as asked
from shopdesk.queries.document_details import Bond, Related, Sheet
from shopdesk.render import receipt_pdf
from shopdesk.ui.base import display_names, shortcuts, theme
from shopdesk.ui.base.context import Desk, Page
from shopdesk.ui.base.i18n import Action, tr
from shopdesk.ui.base.theme import Tone
from shopdesk.ui.documents.delete_dialog import DeleteQuestion
from shopdesk.ui.documents.document_cards import HistoryCard, MessageCard, MoneyCard, StateStrip, in_words
from shopdesk.ui.documents.payment_dialog import PaymentDialog
from shopdesk.ui.documents.pdf_view import Paper
from shopdesk.ui.documents.print_and_save import PaperOut
from shopdesk.ui.widgets.buttons import Button, DangerButton, PrimaryButton
from shopdesk.ui.widgets.cards import EmptyState, Head, Scroll
from shopdesk.ui.widgets.labels import Label, StateBadge
from shopdesk.usecases import documents, outbox

_TABLES = frozenset({"documents", "payments", "outbox", "journal"})
_SIDE = theme.NARROW - theme.XL


class ViewScreen(QWidget):
    """Shows one document at a time: ``show_document(key)``."""

    shown = Signal(object)  # Sheet, each time it is on the page

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._key: UUID | None = None
        self._sheet: Sheet | None = None
        self._pdf = b""
        self._drawn: tuple[object, ...] = ()
        self._is_stale = False
        self._make_parts()
        self._lay_out()
        self.setFocusProxy(self.done)
        desk.background.changed.connect(self._on_changed)
        for name, act in (
            ("edit", self.do_edit),
            ("delete", self.do_delete),
            ("print", self.do_print),
            ("send", self.do_send),
            ("refresh", self._read),
        ):
            shortcuts.bind(self, name, act)

    # --- building the page ---

    def _make_parts(self) -> None:
        desk = self._desk
        self.head = Head("")
        self.paid = StateBadge()
        self.issued = Label(role="soft")
        self.head.add_after_title(self.paid)
        self.head.add(self.issued)
        self.strip = StateStrip(self._on_other)
        self.paper = Paper(desk.background)
        self.money = MoneyCard(desk, self.do_pay)
        self.message = MessageCard(desk, self.do_send)
        self.history = HistoryCard(desk)
        self.edit = Button(tr("Edit"), self.do_edit, icon="edit", hint=shortcuts.hint("edit"))
        self.delete = DangerButton(tr("Delete"), self.do_delete, icon="delete", hint=tr("Del"))
        self.print = Button(tr("Print"), self.do_print, icon="print", hint=shortcuts.hint("print"))
        self.save_pdf = Button(tr("Save PDF"), self.do_save_pdf, icon="pdf")
        self.done = PrimaryButton(tr("Done"), self.do_done, icon="done", hint="⏎")
        self.paper_out = PaperOut(desk, self, self._on_refused)
        self.trouble = EmptyState("document", "", "", (tr("Try again"), self._read))

    def _lay_out(self) -> None:
        side = QWidget()
        side.setProperty("role", "column")
        cards = QVBoxLayout(side)
        cards.setContentsMargins(0, theme.L, theme.S, theme.L)
        cards.setSpacing(theme.M)
        for card in (self.money, self.message, self.history):
            cards.addWidget(card)
        cards.addStretch(1)
        scroll = Scroll(side)
        scroll.setFixedWidth(_SIDE)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(theme.S, 0, theme.L, 0)
        row.setSpacing(0)
        row.addWidget(self.paper, 1)
        row.addWidget(scroll)
        body = QWidget()
        self._body = QStackedLayout(body)
        self._blank = QWidget()
        for page in (self._blank, content, self.trouble):
            self._body.addWidget(page)
        self._content = content
        head = QHBoxLayout()
        head.setContentsMargins(theme.XL, theme.S, theme.XL, theme.S)
        head.addWidget(self.head)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.strip)
        column.addWidget(body, 1)
        column.addWidget(self._foot())

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setProperty("role", "status")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.XL, theme.S, theme.XL, theme.S)
        row.setSpacing(theme.S)
        for button in (self.edit, self.delete, self.print, self.save_pdf):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.done)
        return foot

    # --- reading ---

    @property
    def sheet(self) -> Sheet | None:
        """The details of the document; None until they have been read."""
        return self._sheet

    def show_document(self, key: UUID) -> None:
        """Read a document and show it; until then the page is blank and only Done works."""
        if key != self._key:
            self._key = key
            self._forget()
        self._read()
        self.done.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget(self) -> None:
        self._sheet, self._pdf, self._drawn = None, b"", ()
        self.head.title.setText(" ")
        self.issued.clear()
        self.paid.hide()
        self.strip.hide()
        self.paper.clear()
        self._body.setCurrentWidget(self._blank)
        self._enable()

    def _read(self) -> None:
        key = self._key
        if key is None:
            return
        self._is_stale = False

        def then(sheet: Sheet) -> None:
            if key == self._key:
                self._show(sheet)

        def failed(error: Exception) -> None:
            if key == self._key:
                self._on_unreadable(error)

        self._desk.ask(asked.of, key, owner=self, then=then, failed=failed)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def _on_changed(self, tables: frozenset[str]) -> None:
        if tables & _TABLES and self._key is not None:
            if self.isVisible():
                self._read()
            else:
                self._is_stale = True

    def _on_unreadable(self, error: Exception) -> None:
        if isinstance(error, DatabaseAway) and self._sheet is not None:
            self._is_stale = True  # keep showing it; the banner warns that it may be out of date
            return
        self._forget()
        is_gone = isinstance(error, Refused)
        if self.trouble.button is not None:
            self.trouble.button.setVisible(not is_gone)
        if is_gone:
            self.trouble.say(tr("This document no longer exists"), str(error))
        else:
            self.trouble.say(tr("This document cannot be read right now"), str(error))
            self._desk.unanswered(error)
        self._body.setCurrentWidget(self.trouble)

    # --- showing ---

    def _show(self, sheet: Sheet) -> None:
        self._sheet = sheet
        document = sheet.document
        title = f"{display_names.kind(document.kind)} {document.number}"
        self.head.title.setText(title)
        self.paid.show_look(
            display_names.paid(document.kind, document.state, gross=document.gross, balance=document.balance)
        )
        self.paid.show()
        self.issued.setText(
            tr("issued {when} by {who}", when=self._desk.instant(document.issued_at), who=document.issued_by)
        )
        self.strip.show_sheet(sheet, self._desk)
        self.money.show_document(document)
        self.message.show_sheet(sheet)
        self.history.show_sheet(sheet)
        self.paper.setAccessibleName(tr("{title} as the customer sees it", title=title))
        self.paper.setAccessibleDescription(in_words(document, self._desk))
        self._body.setCurrentWidget(self._content)
        self._enable()
        self._draw(sheet)
        self.shown.emit(sheet)

    def _enable(self) -> None:
        document = self._sheet.document if self._sheet is not None else None
        can_edit = document is not None and (can(document, Act.AMEND) or can(document, Act.CREDIT))
        can_delete = document is not None and (can(document, Act.VOID) or can(document, Act.CREDIT))
        acts = {self.edit: can_edit, self.delete: can_delete}
        acts |= dict.fromkeys((self.print, self.save_pdf), document is not None)
        if acts.get(self.window().focusWidget()) is False:  # type: ignore[call-overload]
            self.done.setFocus(Qt.FocusReason.OtherFocusReason)  # otherwise Qt moves the focus to another page's tab
        for button, can_be_done in acts.items():
            button.setEnabled(can_be_done)

    def _draw(self, sheet: Sheet) -> None:
        """Render the PDF on a worker thread, unless the one shown has the same content."""
        wanted = (sheet.document, sheet.related)
        if wanted == self._drawn:
            return
        self._drawn = wanted

        def then(pdf: bytes) -> None:
            if wanted == self._drawn:
                self._pdf = pdf
                self.paper.show_pdf(pdf)

        self._desk.background.reach(receipt_pdf.receipt, sheet.document, numbers=sheet.numbers, owner=self, then=then)

    # --- keys ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter and Esc as Done. They are no shortcuts, as a focused button must get Enter itself."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape} and not (
            event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            self.do_done()
            return
        super().keyPressEvent(event)

    # --- actions ---

    def do_done(self) -> None:
        """Go back to the dashboard."""
        self._desk.show_page(Page.DASHBOARD)

    def do_edit(self) -> None:
        """Open the document in the editor."""
        if self._sheet is not None and self.edit.isEnabled():
            self._desk.edit_document(self._sheet.document.key)

    def do_pay(self) -> None:
        """Open the dialog that takes a payment or pays back."""
        if self._sheet is None or not self._sheet.document.balance:
            return
        dialog = PaymentDialog(self._sheet.document, self._desk, parent=self)
        dialog.paid.connect(self._on_paid)
        dialog.open()

    def _on_paid(self, document: Document) -> None:
        payment = document.payments[-1]
        if payment.change:
            change = self._desk.money(Money(payment.change, document.currency))
            self._desk.notify(tr("Paid. Change: {amount}.", amount=change))
        elif document.balance:
            self._desk.notify(tr("Paid in part; {amount} is still due.", amount=self._desk.money(document.balance)))
        else:
            self._desk.notify(tr("{number} is paid.", number=document.number))

    def do_send(self) -> None:
        """Send the message again: retry the one that is waiting or failed, else send a new one."""
        sheet = self._sheet
        if sheet is None or not self.message.send.isEnabled():
            return
        latest = sheet.messages[-1] if sheet.messages else None
        recipient = sheet.document.buyer.email

        def then(_: object) -> None:
            self._desk.resume_sending()
            self._desk.notify(tr("The message to {recipient} is on its way.", recipient=recipient))

        is_open = latest is not None and latest.state in {Sending.QUEUED, Sending.FAILED, Sending.UNKNOWN}
        if latest is not None and is_open and latest.recipient == recipient:
            self._desk.do(outbox.retry, latest.key, owner=self, then=then, failed=self._on_refused)
        else:
            self._desk.do(documents.resend, sheet.document.key, owner=self, then=then, failed=self._on_refused)

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self._desk.notify(str(error), tone=Tone.BAD, stays=True)
            self._read()  # another till may have changed it first
        elif isinstance(error, Unavailable) and not isinstance(error, DatabaseAway):
            self._desk.notify(str(error), tone=Tone.BAD, stays=True)
        else:
            self._desk.trouble(error)

    def _on_other(self, other: Related) -> None:
        self._desk.open_document(other.key)

    # --- deleting ---

    def do_delete(self) -> None:
        """Ask to confirm, showing what will happen; then void or credit."""
        if self._sheet is None or not self.delete.isEnabled():
            return
        seen = self._sheet.document

        def delete() -> None:
            self._desk.do(
                documents.delete, seen.key, seen=seen, owner=self, then=self._on_deleted, failed=self._on_refused
            )

        DeleteQuestion(self._sheet, self._desk, parent=self).ask(delete)

    def _on_deleted(self, after: Document) -> None:
        """Report what was done; the page reads again by itself."""
        if after.state is not State.VOIDED:
            self._desk.ask(asked.of, after.key, owner=self, then=self._tell_credited)
            return
        said = tr("{number} was voided.", number=after.number)
        back = Money(sum(-payment.amount for payment in after.payments if payment.amount < 0), after.currency)
        if back:
            said += " " + tr("{amount} is given back.", amount=self._desk.money(back))
        self._desk.notify(said)

    def _tell_credited(self, sheet: Sheet) -> None:
        number = sheet.document.number
        for credit in sheet.related:
            if credit.bond is Bond.CORRECTED_BY:
                self._desk.notify(
                    tr("{number} was cancelled by credit note {credit}.", number=number, credit=credit.number),
                    action=Action(tr("Show credit note"), partial(self._on_other, credit)),
                )
                return

    # --- paper ---

    def do_save_pdf(self) -> None:
        """Save the document as a PDF file."""
        if self._sheet is not None:
            self.paper_out.save(self._sheet)

    def do_print(self) -> None:
        """Print the document."""
        if self._sheet is not None:
            self.paper_out.print(self._sheet)
