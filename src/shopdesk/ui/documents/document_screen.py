"""The view page: one document as the customer sees it, with its payments, message, history and actions.

The page shows what the database holds. Every action goes to a use case, and the page reads
again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import UUID

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain import returns
from shopdesk.domain.document import Action, Document, Kind, PaperForm, State, can, paper_forms
from shopdesk.domain.errors import DatabaseUnavailable, Refused, Unavailable
from shopdesk.domain.explanation import explain
from shopdesk.domain.message import Channel, DeliveryStatus
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method
from shopdesk.domain.print_job import DocumentPrint
from shopdesk.domain.printer import PaperChoice
from shopdesk.queries import document_details as asked
from shopdesk.queries import outbox as messages
from shopdesk.queries import print_jobs as asked_prints
from shopdesk.queries.document_details import DocumentDetails, Related, Relation
from shopdesk.render.receipt_pdf import PaperSize
from shopdesk.ui.base import display_names, icons, print_words, shortcuts, till_printing, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.i18n import as_written, tr, translated
from shopdesk.ui.base.navigation import CopyRequest
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents.delete_dialog import DeleteDialog
from shopdesk.ui.documents.document_cards import (
    EInvoiceCard,
    FormNote,
    HistoryCard,
    MessageCard,
    MoneyCard,
    PrintCard,
    StateStrip,
    spoken_document,
)
from shopdesk.ui.documents.payment_dialog import PaymentDialog
from shopdesk.ui.documents.print_and_save import PrintAndSave
from shopdesk.ui.documents.return_dialog import ReturnDialog
from shopdesk.ui.documents.sms_dialog import SmsDialog
from shopdesk.ui.output.pdf_view import PdfView
from shopdesk.ui.widgets.buttons import Button, ButtonRow, DangerButton, PrimaryButton, Segment
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.explanation_dialog import ExplanationDialog
from shopdesk.ui.widgets.labels import Label, StateBadge
from shopdesk.ui.widgets.page_parts import EmptyState, Head, Scroll, set_margins
from shopdesk.usecases import documents, outbox, print_jobs

_TABLES = frozenset({"documents", "payments", "outbox", "journal"})
_OPEN = frozenset({DeliveryStatus.QUEUED, DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.UNKNOWN})
"""The states of a message that is sent again itself instead of a new one."""
_SIDE = tokens.NARROW - tokens.XL


class DocumentScreen(QWidget):
    """Shows one document at a time: ``show_document(key)``."""

    shown = Signal(object)  # DocumentDetails: emitted each time they are shown

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._key: UUID | None = None
        self._details: DocumentDetails | None = None
        self._pdf = b""
        self._form = PaperForm.ORIGINAL
        self._paper = PaperChoice.A4
        self._drawn: tuple[object, ...] = ()
        self._is_stale = False
        self._is_new = True
        self._make_parts()
        self._lay_out()
        self.setFocusProxy(self.done)
        context.background.changed.connect(self._on_changed)
        for name, act in (
            ("edit", self.do_edit),
            ("delete", self.do_delete),
            ("print", self.do_print),
            ("print elsewhere", self.do_print_elsewhere),
            ("other paper", self.do_turn_paper),
            ("send", self.do_send),
            ("pay", self.do_pay),
            ("return", self.do_return),
            ("save pdf", self.do_save_pdf),
            ("explain document", self.do_explain),
            ("invoice quote", partial(self.do_convert, Kind.INVOICE)),
            ("receipt of quote", partial(self.do_convert, Kind.RECEIPT)),
            ("duplicate", self.do_duplicate),
            ("delivery note", partial(self.do_show_form, PaperForm.DELIVERY_NOTE)),
            ("pro forma", partial(self.do_show_form, PaperForm.PRO_FORMA)),
            ("refresh", self._read),
        ):
            shortcuts.bind(self, name, act)

    # --- building the page ---

    def _make_parts(self) -> None:
        context = self._context
        self.head = Head("")
        self.paid = StateBadge()
        self.issued = Label(role="soft")
        self.head.add_after_title(self.paid)
        self.head.add(self.issued)
        self.strip = StateStrip(self._on_other)
        self.form_note = FormNote(partial(self.do_show_form, PaperForm.ORIGINAL))
        self.head.add(self.form_note)
        self.papers = {
            paper: Segment(print_words.paper_name(paper), partial(self.do_show_paper, paper)) for paper in PaperChoice
        }
        self._paper_group = QButtonGroup(self)
        for segment in self.papers.values():
            segment.setToolTip(shortcuts.hint("other paper"))
            self._paper_group.addButton(segment)
            self.head.add(segment)
        self.paper = PdfView(context.background)
        self.money = MoneyCard(context, self.do_pay, self.do_explain)
        self.e_invoice = EInvoiceCard(self.do_save_ubl)
        self.message = MessageCard(context, self.do_send)
        self.printing = PrintCard(self.do_print_again, self.do_settle_print)
        self.history = HistoryCard(context)
        self.edit = Button(tr("Edit"), self.do_edit, icon="edit", shortcut="edit")
        self.delete = DangerButton(tr("Delete"), self.do_delete, icon="delete", shortcut="delete")
        self.take_back = Button(tr("Return"), self.do_return, icon="undo", shortcut="return")
        self.print = Button(tr("Print"), self.do_print, icon="print", shortcut="print")
        self.save_pdf = Button(tr("Save PDF"), self.do_save_pdf, icon="pdf", tip=shortcuts.hint("save pdf"))
        self.invoice = Button(
            tr("Create invoice"),
            partial(self.do_convert, Kind.INVOICE),
            icon="document",
            shortcut="invoice quote",
        )
        self.money.add_act(self.invoice)
        self.more = Button(tr("More"), self._on_more, icon="more")
        self.done = PrimaryButton(tr("Done"), self.do_done, icon="done", hint="⏎")
        self.output = PrintAndSave(context, self, self._on_refused)
        self.trouble = EmptyState("document", "", "", (tr("Try again"), self._read))

    def _lay_out(self) -> None:
        side = QWidget()
        side.setProperty("role", "column")
        cards = QVBoxLayout(side)
        set_margins(cards, 0, tokens.L, tokens.S, tokens.L)
        cards.setSpacing(tokens.M)
        for card in (self.money, self.printing, self.e_invoice, self.message, self.history):
            cards.addWidget(card)
        cards.addStretch(1)
        scroll = Scroll(side)
        scroll.setFixedWidth(_SIDE)
        content = QWidget()
        row = QHBoxLayout(content)
        set_margins(row, tokens.S, 0, tokens.L, 0)
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
        head.setContentsMargins(tokens.XL, tokens.S, tokens.XL, tokens.S)
        head.addWidget(self.head)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.strip)
        column.addWidget(body, 1)
        self.buttons = self._foot()
        column.addWidget(self.buttons)

    def _foot(self) -> ButtonRow:
        foot = ButtonRow(self.edit, self.delete, self.take_back, self.print, self.save_pdf, self.more, self.done)
        foot.setProperty("role", "status")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        return foot

    def heightForWidth(self, width: int) -> int:
        """Return the least height, so that the buttons stay in sight in a low window with a notice and a strip.

        Qt would take the preferred one, as the text of the strip may wrap.
        """
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout is not None else super().heightForWidth(width)

    # --- reading ---

    @property
    def details(self) -> DocumentDetails | None:
        """The details of the document; None until they have been read."""
        return self._details

    def show_document(self, key: UUID) -> None:
        """Read a document and show it; until then the page is blank and only Done works."""
        if key != self._key:
            self._key = key
            self._is_new = True
            self._clear()
        self._read()
        self.done.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        self._details, self._pdf, self._drawn = None, b"", ()
        self._form = PaperForm.ORIGINAL
        self.form_note.hide()
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

        def then(details: DocumentDetails) -> None:
            if key == self._key:
                self._show(details)

        def failed(error: Exception) -> None:
            if key == self._key:
                self._on_unreadable(error)

        self._context.ask(asked.details, key, owner=self, then=then, failed=failed)

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
        elif "print_jobs" in tables and self._details is not None:
            self._read_prints(self._details)

    def _read_prints(self, shown: DocumentDetails) -> None:
        """Read the prints alone: they change several times while a slip is printed."""
        key = shown.document.key

        def then(prints: tuple[DocumentPrint, ...]) -> None:
            if self._details is not None and self._details.document.key == key:
                self._details = replace(self._details, prints=prints)
                self.printing.show_details(self._details)

        self._context.ask(asked_prints.of_document, key, owner=self, then=then, failed=self._context.report_unanswered)

    def _on_unreadable(self, error: Exception) -> None:
        if isinstance(error, DatabaseUnavailable) and self._details is not None:
            self._is_stale = True  # keep showing it; the banner warns that it may be out of date
            return
        self._clear()
        is_gone = isinstance(error, Refused)
        if self.trouble.button is not None:
            self.trouble.button.setVisible(not is_gone)
        if is_gone:
            self.trouble.set_text(tr("This document no longer exists"), translated(error))
        else:
            self.trouble.set_text(tr("This document cannot be read right now"), translated(error))
            self._context.report_unanswered(error)
        self._body.setCurrentWidget(self.trouble)

    # --- showing ---

    def _show(self, details: DocumentDetails) -> None:
        self._details = details
        document = details.document
        if self._is_new:
            self._is_new = False
            self._paper = till_printing.shown_paper(self._context.settings, document.kind)
        title = f"{display_names.kind(document.kind)} {document.number}"
        self.head.title.setText(title)
        self.paid.show_look(
            display_names.paid(document.kind, document.state, gross=document.gross, balance=document.balance)
        )
        self.paid.show()
        self.issued.setText(
            tr("issued {when} by {who}", when=self._context.format.instant(document.issued_at), who=document.issued_by)
        )
        self.strip.show_details(details, self._context)
        self.money.show_document(document)
        self.e_invoice.show_document(document, is_practice=self._context.settings.is_practice)
        self.printing.show_details(details)
        self.message.show_details(details)
        self.history.show_details(details)
        self.paper.setAccessibleName(tr("{title} as the customer sees it", title=title))
        self.paper.setAccessibleDescription(spoken_document(document, self._context))
        self._body.setCurrentWidget(self._content)
        self._enable()
        self._show_form()
        self.shown.emit(details)

    def _enable(self) -> None:
        details = self._details
        document = details.document if details is not None else None
        is_whole = document is not None and details is not None and not details.returns
        can_edit = is_whole and document is not None and (can(document, Action.AMEND) or can(document, Action.CREDIT))
        can_delete = is_whole and document is not None and (can(document, Action.VOID) or can(document, Action.CREDIT))
        acts = {self.edit: can_edit, self.delete: can_delete, self.take_back: _has_returnable(details)}
        acts |= dict.fromkeys((self.print, self.save_pdf, self.more), document is not None)
        acts[self.invoice] = self._is_convertible
        self.invoice.setVisible(document is not None and document.kind is Kind.QUOTE)
        self.take_back.setVisible(document is None or document.kind.is_order)
        self.buttons.fit()
        if acts.get(self.window().focusWidget()) is False:  # type: ignore[call-overload]
            self.done.setFocus(Qt.FocusReason.OtherFocusReason)  # otherwise Qt moves the focus to another page's tab
        for button, can_be_done in acts.items():
            button.setEnabled(can_be_done)

    def _show_form(self) -> None:
        """Show the paper in its form; as itself if the document has lost that form, because it was voided."""
        if self._details is None:
            return
        document = self._details.document
        if self._form not in paper_forms(document):
            self._form = PaperForm.ORIGINAL
        self.form_note.show_form(self._form, document.kind)
        self.issued.setVisible(self._form is PaperForm.ORIGINAL)
        self._draw(self._details)

    def _draw(self, details: DocumentDetails) -> None:
        """Render the PDF on a worker thread, unless the one shown has the same content."""
        self.papers[self._paper].setChecked(True)
        dots = till_printing.roll_dots(self._context.settings)
        wanted = (details.document, details.related, self._form, self._paper, dots)
        if wanted == self._drawn:
            return
        self._drawn = wanted

        def then(pdf: bytes) -> None:
            if wanted == self._drawn:
                self._pdf = pdf
                self.paper.show_pdf(pdf)

        size = PaperSize.A4 if self._paper is PaperChoice.A4 else PaperSize.ROLL_80
        make = self.output.pdf(details, self._form, size, dots=dots)
        self._context.background.run_in_pool(make, owner=self, then=then)

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
        self._context.navigation.show_page(Page.DASHBOARD)

    def do_edit(self) -> None:
        """Open the document in the editor."""
        if self._details is not None and self.edit.isEnabled():
            self._context.navigation.edit_document(self._details.document.key)

    # --- making another document of it ---

    @property
    def _is_convertible(self) -> bool:
        document = self._details.document if self._details is not None else None
        return document is not None and document.kind is Kind.QUOTE and document.state is State.ISSUED

    def do_convert(self, kind: Kind) -> None:
        """Open what a quote becomes in the editor; ask first if it already became a document."""
        details = self._details
        if details is None or not self._is_convertible:
            return
        convert = CopyRequest(key=details.document.key, kind=kind)
        made = details.converted_into
        if made is None:
            self._context.navigation.copy_document(convert)
            return
        question = ConfirmDialog(
            tr("Make another document of this quote?"),
            text=tr("{quote} already became {number}.", quote=details.document.number, number=made.number),
            facts=[(tr("Issued"), self._context.format.instant(made.issued_at)), (tr("By"), made.issued_by)],
            yes=tr("Make another"),
            is_dangerous=True,
            parent=self.window(),
        )
        question.ask(lambda: self._context.navigation.copy_document(replace(convert, is_meant=True)))

    def do_duplicate(self) -> None:
        """Open a new document with the same customer and rows in the editor."""
        if self._details is not None:
            self._context.navigation.copy_document(CopyRequest(key=self._details.document.key))

    def do_show_form(self, form: PaperForm) -> None:
        """Show the paper in a form, or again as itself."""
        if self._details is not None:
            self._form = PaperForm.ORIGINAL if self._form is form else form
            self.done.setFocus(Qt.FocusReason.OtherFocusReason)  # the link back is about to be hidden
            self._show_form()

    def menu_now(self) -> QMenu:
        """Return what else can be done with the document."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        acts: list[tuple[str, str, str, Callable[[], object]]] = [
            (tr("Duplicate"), "copy", "duplicate", self.do_duplicate)
        ]
        if self._is_convertible:
            sell = partial(self.do_convert, Kind.RECEIPT)
            acts.append((tr("Sell with a receipt"), "receipt", "receipt of quote", sell))
        forms = paper_forms(self._details.document) if self._details is not None else ()
        acts.append((tr("Print at another printer …"), "print", "print elsewhere", self.do_print_elsewhere))
        for form, name in ((PaperForm.DELIVERY_NOTE, "delivery note"), (PaperForm.PRO_FORMA, "pro forma")):
            if form in forms:
                shown = tr("Show as {form}", form=display_names.form_in_sentence(form, Kind.INVOICE))
                acts.append((shown, "document", name, partial(self.do_show_form, form)))
        for label, icon, name, act in acts:
            action = menu.addAction(icons.icon(icon), f"{as_written(label)}\t{shortcuts.hint(name)}")
            action.triggered.connect(lambda _=False, act=act: act())
        return menu

    def _on_more(self) -> None:
        menu = self.menu_now()
        menu.popup(self.more.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def do_pay(self) -> None:
        """Open the dialog that takes a payment or pays back."""
        if self._details is None or not self._details.document.balance:
            return
        dialog = PaymentDialog(self._details.document, self._context, parent=self)
        dialog.paid.connect(self._on_paid)
        dialog.open()

    def _on_paid(self, document: Document) -> None:
        payment = document.payments[-1]
        till_printing.open_drawer_for(self._context, [payment])
        if payment.change:
            change = self._context.format.money(Money(payment.change, document.currency))
            self._context.navigation.notify(tr("Paid. Change: {amount}.", amount=change))
        elif document.balance:
            self._context.navigation.notify(
                tr("Paid in part; {amount} is still due.", amount=self._context.format.money(document.balance))
            )
        else:
            self._context.navigation.notify(tr("{number} is paid.", number=document.number))

    def do_save_ubl(self) -> None:
        """Ask where to save the e-invoice as UBL."""
        if self._details is not None:
            self.output.save_ubl(self._details)

    def do_return(self) -> None:
        """Open the dialog in which goods come back."""
        if self._details is None or not self.take_back.isEnabled():
            return
        dialog = ReturnDialog(self._details, self._context, parent=self)
        dialog.returned.connect(self._on_returned)
        dialog.open()

    def _on_returned(self, document: Document) -> None:
        """Report what was done, and show the credit note; the page reads an amended document again by itself."""
        said = tr("{number} was changed: goods came back.", number=document.number)
        if document.key != self._key:
            said = tr("Credit note {number} issued.", number=document.number)
            self._context.navigation.open_document(document.key)
        elif document.state is State.VOIDED:
            said = tr("{number} was voided: all of it came back.", number=document.number)
        moved = [payment for payment in document.payments if payment.method is not Method.OFFSET]
        till_printing.open_drawer_for(self._context, moved[-1:])
        back = Money(-moved[-1].tendered if moved else 0, document.currency)
        if back.minor > 0:
            said += " " + tr("{amount} is given back.", amount=self._context.format.money(back))
        self._context.navigation.notify(said)

    def do_explain(self) -> None:
        """Show why it is this total."""
        if self._details is None:
            return
        document = self._details.document
        steps = explain(document, smallest_coin=self._context.shop.smallest_coin)
        write = Formatter(self._context.format.language, document.currency)
        ExplanationDialog(steps, write, self.head.title.text(), parent=self).open()

    def do_send(self) -> None:
        """Send the message again: retry the one that is waiting or failed, else send a new one."""
        details = self._details
        if details is None or not self.message.send.isEnabled():
            return
        route = details.reached.route()
        if route is None:
            return
        latest = details.messages[-1] if details.messages else None
        is_open = latest is not None and latest.state in _OPEN
        waiting = latest if latest and is_open and latest.recipient == route.recipient else None

        def then(_: object) -> None:
            self._context.navigation.resume_sending()
            self._context.navigation.notify(tr("The message to {recipient} is on its way.", recipient=route.recipient))

        def send() -> None:
            act, key = (outbox.retry, waiting.key) if waiting else (documents.resend, details.document.key)
            self._context.do(act, key, owner=self, then=then, failed=self._on_refused)

        def ask(text: str) -> None:
            is_unclear = waiting is not None and waiting.state is DeliveryStatus.UNKNOWN
            SmsDialog(self._context, route.recipient, text, is_unclear=is_unclear, parent=self).ask(send)

        if route.channel is not Channel.SMS:
            send()
        elif waiting is not None:
            self._context.ask(messages.text_of, waiting.key, owner=self, then=ask)
        else:
            keys = (details.document.key,)
            self._context.ask(messages.texts_to_resend, keys, owner=self, then=lambda texts: ask(*texts))

    def _on_refused(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self._context.navigation.notify(translated(error), tone=Tone.BAD, stays=True)
            self._read()  # another till may have changed it first
        elif isinstance(error, Unavailable) and not isinstance(error, DatabaseUnavailable):
            self._context.navigation.notify(translated(error), tone=Tone.BAD, stays=True)
        else:
            self._context.report_error(error)

    def _on_other(self, other: Related) -> None:
        self._context.navigation.open_document(other.key)

    # --- deleting ---

    def do_delete(self) -> None:
        """Ask to confirm, showing what will happen; then void or credit."""
        if self._details is None or not self.delete.isEnabled():
            return
        seen = self._details.document

        def delete() -> None:
            self._context.do(
                documents.delete, seen.key, seen=seen, owner=self, then=self._on_deleted, failed=self._on_refused
            )

        DeleteDialog(self._details, self._context, parent=self).ask(delete)

    def _on_deleted(self, after: Document) -> None:
        """Report what was done; the page reads again by itself."""
        if after.state is not State.VOIDED:
            self._context.ask(asked.details, after.key, owner=self, then=self._notify_credited)
            return
        said = tr("{number} was voided.", number=after.number)
        till_printing.open_drawer_for(self._context, [payment for payment in after.payments if payment.amount < 0])
        back = Money(sum(-payment.amount for payment in after.payments if payment.amount < 0), after.currency)
        if back:
            said += " " + tr("{amount} is given back.", amount=self._context.format.money(back))
        self._context.navigation.notify(said)

    def _notify_credited(self, details: DocumentDetails) -> None:
        number = details.document.number
        for credit in details.related:
            if credit.relation is Relation.CORRECTED_BY:
                self._context.navigation.notify(
                    tr("{number} was cancelled by credit note {credit}.", number=number, credit=credit.number),
                    action=NoticeAction(tr("Show credit note"), partial(self._on_other, credit)),
                )

                def given_back(note: DocumentDetails) -> None:
                    till_printing.open_drawer_for(self._context, note.document.payments)

                self._context.ask(asked.details, credit.key, owner=self, then=given_back)
                return

    # --- paper ---

    def do_save_pdf(self) -> None:
        """Save the document as a PDF file."""
        if self._details is not None:
            self.output.save(self._details, self._form)

    def do_show_paper(self, paper: PaperChoice) -> None:
        """Show the document as it is printed on this paper."""
        self._paper = paper
        if self._details is not None:
            self._draw(self._details)

    def do_turn_paper(self) -> None:
        """Show the document on the other paper."""
        self.do_show_paper(PaperChoice.ROLL if self._paper is PaperChoice.A4 else PaperChoice.A4)

    def do_print(self) -> None:
        """Print the document on the paper that is shown, at the printer that is set; ask for one if none is."""
        if self._details is None or self.output.refuses_in_practice():
            return
        if not till_printing.has_printer(self._context.settings, self._paper):
            self.do_print_elsewhere()
            return
        document = self._details.document

        def queued(_: UUID) -> None:
            self._context.navigation.notify(tr("Printing {number}.", number=document.number), tone=Tone.PLAIN)

        self._context.do(
            print_jobs.print_document,
            document.key,
            self._paper,
            form=self._form,
            owner=self,
            then=queued,
            failed=self._on_refused,
        )

    def do_print_elsewhere(self) -> None:
        """Ask for the printer and print the document."""
        if self._details is not None:
            self.output.print(self._details, self._form)

    def do_print_again(self, job: DocumentPrint) -> None:
        """Print again: as it is if nothing was printed, else as a copy."""
        resume = self._context.ports.printing.resume
        self._context.do(print_jobs.print_again, job.key, owner=self, then=lambda _: resume(), failed=self._on_refused)

    def do_settle_print(self, job: DocumentPrint) -> None:
        """End a print that is not needed, or that a cashier has looked at."""
        self._context.do(print_jobs.settle, job.key, owner=self, failed=self._on_refused)


def _has_returnable(details: DocumentDetails | None) -> bool:
    """Return True if goods of the document may still come back."""
    if details is None or not returns.can_return(details.document):
        return False
    return any(one.left > 0 for one in returns.returnable(details.document, details.returns))
