"""The editor: the open document as it is typed, kept with every key, and saved when somebody says yes.

It lays the parts out and lets them know of each other; what each of them does is in its own module: the form and its
reading in ``models/open_document``, keys of the table in ``widgets/items_table``, products and scans in
``widgets/products_in_cells``, saving in ``screens/saving``.
"""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.errors import Fault
from shopdesk.ui import fresh, keys, opening, theme, words
from shopdesk.ui.desk import Desk, Page
from shopdesk.ui.models.keeper import Keeping, Kept
from shopdesk.ui.models.open_document import OpenDocument
from shopdesk.ui.notation import Notation, shop_for
from shopdesk.ui.opening import Opening
from shopdesk.ui.screens.saving import Saving
from shopdesk.ui.text import Look, tr
from shopdesk.ui.theme import Tone
from shopdesk.ui.widgets.buttons import Button, IconButton, PrimaryButton, QuietButton
from shopdesk.ui.widgets.cards import Column as Content
from shopdesk.ui.widgets.cards import Head
from shopdesk.ui.widgets.drafts_button import DraftsButton
from shopdesk.ui.widgets.editor_head import EditorHead
from shopdesk.ui.widgets.field import Line
from shopdesk.ui.widgets.items_table import ItemsTable
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.products_in_cells import ProductsInCells
from shopdesk.ui.widgets.question import Question
from shopdesk.ui.widgets.totals import TotalsPanel
from shopdesk.usecases import drafts


class EditorScreen(QWidget):
    """One open document at a time; the others wait in “Open drafts”."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._is_begun = False
        self._said: Look | None = None
        self.document = OpenDocument(desk, parent=self)
        self.head = Head("")
        self.kept = Label("", "small")
        self.discard = IconButton(tr("Discard this document"), self._on_discard, icon="delete")
        self.drafts = DraftsButton(desk)
        self.fields = EditorHead(self.document, desk)
        self.table = ItemsTable(self.document.items)
        self.products = ProductsInCells(self.table, desk)
        self.line = Line()
        self.add_row = Button(tr("Add row"), self._on_add_row, icon="new")
        self.done = QuietButton(tr("Done"), self.leave, icon="back", tip=tr("Back; the draft stays"))
        self.save = PrimaryButton(tr("Save"), self.do_save, icon="save", hint=keys.key("save").keys[-1])
        self.totals = TotalsPanel()
        self.saving = Saving(self.document, desk, parent=self)
        self._lay_out()
        self._listen()
        self._bind()
        self._on_opened()
        self.document.read_now()

    # --- what the window calls ---

    def new(self, kind: Kind | None = None) -> None:
        """A fresh document; the one that is open stays a draft."""
        self._is_begun = True
        self.table.commit()
        if kind is not None and self.document.is_blank and self.document.kind is not kind:
            self.document.begin(kind)
        elif not self.document.is_blank:
            self.document.begin(kind or self.document.kind)

    def edit(self, key: UUID) -> None:
        """An issued document, to correct it."""
        self._is_begun = True
        self.table.commit()
        self._desk.ask(opening.correction, key, self._desk.actor.till, owner=self, then=self._on_correction)

    def open_draft(self, key: UUID) -> None:
        """A kept draft, on the row and cell where it was left."""
        self._is_begun = True
        self.table.commit()
        if key != self.document.form.key:
            self._desk.ask(opening.kept, key, owner=self, then=self._on_draft)

    # --- what a person does ---

    def do_save(self) -> None:
        """Take over what is being typed, find out who the customer is, and ask for a yes."""
        self.table.commit()
        self.fields.customer.settle(self.saving.save)

    def leave(self) -> None:
        """Back to the dashboard; the draft stays."""
        self.table.commit()
        self.document.keeper.settle()
        self._desk.show_page(Page.DASHBOARD)

    # --- how it is made ---

    def _lay_out(self) -> None:
        self.head.add(self.kept)
        self.head.add(self.discard)
        self.head.add(self.drafts)
        self.line.setAccessibleName(tr("About this row"))
        foot = QHBoxLayout()
        foot.setSpacing(theme.XL)
        foot.addLayout(self.fields.below(self.add_row, self.done), 1)
        foot.addWidget(self.totals, alignment=Qt.AlignmentFlag.AlignBottom)
        foot.addWidget(self.save, alignment=Qt.AlignmentFlag.AlignBottom)
        page = Content(margin=theme.L, spacing=theme.S)
        page.add(self.head)
        page.add(self.fields)
        page.add(self.table, 1)
        page.add(self.line)
        page.add(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.setFocusProxy(self.table)

    def _listen(self) -> None:
        document = self.document
        document.opened.connect(self._on_opened)
        document.read.connect(self._on_read)
        document.keeper.told.connect(self._on_kept)
        self.table.moved.connect(self._on_moved)
        self.table.opened.connect(lambda edit: self._attend())
        self.fields.passed.connect(self.table.setFocus)
        self.products.said.connect(self._on_said)
        self.products.given_back.connect(self._on_given_back)
        for control in (*self.fields.controls, self.add_row, self.done, self.save, self.discard, self.drafts):
            self.products.watch(control, takes_numbers=control is self.fields.customer.edit)
        self.saving.blamed.connect(self._on_blamed)
        self.saving.done.connect(self._on_done)
        self.drafts.wanted.connect(self.open_draft)

    def _bind(self) -> None:
        keys.bind(self, "save", self.do_save)
        keys.bind(self, "remove row", self._on_remove_row)
        keys.bind(self, "undo", self.document.items.undo.undo)
        keys.bind(self, "back", self.leave)
        redo = QShortcut(QKeySequence.StandardKey.Redo, self)
        redo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        redo.activated.connect(self.document.items.undo.redo)

    def showEvent(self, event: QShowEvent) -> None:
        """The tab opens: with the document that was typed last, if there is one."""
        super().showEvent(event)
        if self._is_begun:
            self.drafts.look(self.document.form.key)
        else:
            self._is_begun = True
            self._desk.ask(opening.last, self._desk.actor.till, owner=self, then=self._on_last)

    def hideEvent(self, event: QHideEvent) -> None:
        """Whatever hides the page, what was typed is written."""
        self.table.commit()
        self.document.keeper.settle()
        super().hideEvent(event)

    # --- what comes ---

    def _on_last(self, found: Opening) -> None:
        if found.form is not None and self.document.is_blank:
            self._on_draft(found)
        else:
            self.drafts.look(self.document.form.key)

    def _on_draft(self, found: Opening) -> None:
        if found.form is None:
            self._desk.notify(tr("This draft is gone: it was saved or discarded."), tone=Tone.WARN)
            self.drafts.look(self.document.form.key)
        else:
            self.document.open(found.form, is_kept=True, customer=found.customer, document=found.document)

    def _on_correction(self, found: Opening) -> None:
        document = found.document
        if found.form is not None:
            self._on_draft(found)
        elif document is not None:
            notation = Notation(shop_for(document, self._desk.shop), self._desk.marks)
            form = notation.form_of(document, key=fresh.key())
            self.document.open(form, is_kept=False, customer=found.customer, document=document)

    def _on_opened(self) -> None:
        form, document = self.document.form, self.document.document
        kind = words.kind_in_sentence(form.kind)
        number = document.number if document else ""
        self.head.title.setText(tr("Editing {number}", number=number) if number else tr("New {kind}", kind=kind))
        self.table.go(form.row, form.column)
        if self.isVisible():
            self.table.setFocus()
        self.drafts.look(form.key)

    def _on_read(self) -> None:
        form = self.document.form
        if self.document.document is None:
            self.head.title.setText(tr("New {kind}", kind=words.kind_in_sentence(form.kind)))
        self.totals.show_totals(self.document.reading.totals, self.document.items.notation)
        self.discard.setVisible(not form.is_blank)
        self._show_line()

    def _on_kept(self, keeping: Keeping) -> None:
        text = {
            Kept.NOTHING: "",
            Kept.WRITING: tr("saving …"),
            Kept.SAFE: tr("draft saved ✓"),
            Kept.FAILED: tr("not saved: {why}", why=keeping.text),
        }[keeping.state]
        self.kept.setText(text)
        self.kept.setAccessibleName(text)
        theme.set_role(self.kept, "fault" if keeping.state is Kept.FAILED else "small")

    def _on_moved(self, row: int, column: int) -> None:
        self._said = None
        self.document.place(row, column)
        self._attend()

    def _attend(self) -> None:
        cell = self.table.delegate.open
        self.document.items.attend(self.table.row, cell.column if cell else -1)
        self._show_line()

    def _on_said(self, look: Look) -> None:
        self._said = look
        self._show_line()

    def _show_line(self) -> None:
        faults = self.document.items.faults_of(self.table.row)
        said = " ".join(dict.fromkeys(faults.values()))
        self.line.say(Look(said, "warn", Tone.BAD) if said else self._said)

    def _on_given_back(self, control: QWidget, text: str) -> None:
        if isinstance(control, QPlainTextEdit):
            control.insertPlainText(text)
        elif isinstance(control, QLineEdit):
            control.setText(text)
            if control is self.fields.customer.edit:
                self.fields.customer.pass_on()

    def _on_add_row(self) -> None:
        self.table.add_row()
        self.table.setFocus()

    def _on_remove_row(self) -> None:
        if self.table.hasFocus() or self.table.delegate.open is not None:
            self.table.remove_row()

    def _on_blamed(self, faults: tuple[Fault, ...]) -> None:
        """Every fault beside its field, and the focus on the first."""
        if self.document.reading.draft is not None:
            self.document.blame(faults)
        self.document.items.check()
        self.fields.check()
        for fault in faults:
            if fault.row is None and fault.field not in self.fields.fields:
                self._desk.notify(fault.text, tone=Tone.BAD)
        head = next((fault.field for fault in faults if fault.row is None and fault.field in self.fields.fields), None)
        row = next((fault for fault in faults if fault.row is not None), None)
        if head is not None and (row is None or head not in {"discount", "note"}):
            self.fields.fields[head].control.setFocus(Qt.FocusReason.OtherFocusReason)
        elif (place := self.document.items.first_fault()) is not None:
            self.table.go(*place)
            self.table.setFocus()
        self._show_line()

    def _on_done(self, document: Document) -> None:
        """It is in the books: show it, and be ready for the next one."""
        self.document.keeper.forget()
        self.document.begin(document.kind)
        self._desk.open_document(document.key)

    def _on_discard(self) -> None:
        form = self.document.form
        question = Question(
            tr("Discard this document?"),
            text=tr("It was never issued and has no number. What was typed is gone for good."),
            facts=[(tr("Kind"), words.kind(form.kind)), (tr("Customer"), form.customer or tr("Walk-in"))],
            yes=tr("Discard"),
            is_dangerous=True,
            parent=self.window(),
        )
        question.ask(lambda: self._do_discard(form.key))

    def _do_discard(self, key: UUID) -> None:
        if key == self.document.form.key:
            kind = self.document.kind
            self.document.keeper.forget()
            self.document.begin(kind)
        self._desk.do(drafts.discard, key, owner=self, then=lambda _: self.drafts.look(self.document.form.key))
