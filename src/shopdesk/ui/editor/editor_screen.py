"""The editor: the open document as it is typed, autosaved with every key and issued once the cashier confirms.

This module arranges the parts and connects them. Each part has a module of its own: the form and its parsing
``edited_document``, the keys of the table ``items_table``, products and scans ``product_entry``, opening
``draft_switcher``, saving ``document_saver``.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.errors import FieldError
from shopdesk.domain.explanation import explain_draft
from shopdesk.queries import customers
from shopdesk.queries.scans import ScannedItem
from shopdesk.ui.base import display_names, shortcuts, theme, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.i18n import StatusLook, tr, translated
from shopdesk.ui.base.navigation import CopyRequest
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.scanner import Scan
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor import customer_views
from shopdesk.ui.editor.autosave import SaveState, SaveStatus
from shopdesk.ui.editor.document_saver import DocumentSaver
from shopdesk.ui.editor.draft_switcher import DraftSwitcher
from shopdesk.ui.editor.drafts_button import DraftsButton
from shopdesk.ui.editor.edited_document import EditedDocument
from shopdesk.ui.editor.head_fields import EditorHead
from shopdesk.ui.editor.items_table import ItemsTable
from shopdesk.ui.editor.new_product_form import NewProductForm
from shopdesk.ui.editor.product_entry import ProductEntry
from shopdesk.ui.editor.tiles_panel import TilesPanel
from shopdesk.ui.editor.totals_panel import TotalsPanel
from shopdesk.ui.widgets.buttons import Button, IconButton, PrimaryButton, QuietButton, fit
from shopdesk.ui.widgets.explanation_dialog import ExplanationDialog
from shopdesk.ui.widgets.field import MessageLine
from shopdesk.ui.widgets.focus_order import FocusedPage, tab_order
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Column as Content
from shopdesk.ui.widgets.page_parts import Head, Scroll


class EditorScreen(FocusedPage):
    """One open document at a time; the others are listed under “Open drafts”."""

    looks_words_up = True

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._said: StatusLook | None = None
        self._is_told_of_num_lock = False
        self._latest_row = -1
        self.document = EditedDocument(context, parent=self)
        self.head = Head("")
        self.kept = Label("", "small")
        self.switching = DraftSwitcher(self.document, context, parent=self)
        self.discard = IconButton(tr("Discard this document"), self.switching.discard, icon="delete")
        self.drafts = DraftsButton(context)
        self.fields = EditorHead(self.document, context)
        self.table = ItemsTable(self.document.items)
        self.products = ProductEntry(self.table, context)
        self.line = MessageLine()
        self.unknown = NewProductForm(context)
        self.add_row = Button(tr("Add row"), self._on_add_row, icon="new")
        self.done = QuietButton(tr("Done"), self.leave, icon="back", tip=tr("Back to the dashboard; the draft is kept"))
        self.save = PrimaryButton(tr("Save"), self.do_save, icon="save", shortcut="save")
        self.totals = TotalsPanel(self.do_explain)
        self.tiles = TilesPanel(context)
        self.saving = DocumentSaver(self.document, context, parent=self)
        self._lay_out()
        self._listen()
        self._bind()
        self._on_opened()
        self.document.read_now()

    # --- called by the window ---

    def new(self, kind: Kind | None = None) -> None:
        """Start a new document; the open one stays a draft."""
        self.table.commit()
        self.switching.new(kind)

    def edit(self, key: UUID) -> None:
        """Open an issued document to correct it."""
        self.table.commit()
        self.switching.edit(key)

    def copy(self, wanted: CopyRequest) -> None:
        """Open a new document with the content of another."""
        self.table.commit()
        self.switching.copy(wanted)

    def open_draft(self, key: UUID) -> None:
        """Open a saved draft at the row and cell where it was left."""
        self.table.commit()
        self.switching.open_draft(key)

    # --- user actions ---

    def do_save(self) -> None:
        """Commit the cell being typed, resolve the customer, and open the save prompt; a scan comes first."""
        self._context.scans.when_idle(self._save)

    def _save(self) -> None:
        if isValid(self):
            self.table.commit()
            self.fields.customer.resolve(self.saving.save)

    def take_scan(self, scan: Scan) -> None:
        """Add the scanned product, wherever on the page the scanner typed."""
        customer = self.fields.customer
        self.products.take(scan, may_stay=scan.source is customer.edit and customer.may_be_phone(scan.code.text))

    def do_explain(self) -> None:
        """Show why it is this total, of what has been typed until now."""
        self.table.commit()
        document = self.document
        reading = document.reading
        steps = explain_draft(reading.valid_part, reading.totals, smallest_coin=document.shop.smallest_coin)
        write = Formatter(document.shop.locale, document.shop.currency)
        about = self.head.title.text()
        if reading.faults:
            about += " · " + tr("without the rows and fields that have an error")
        ExplanationDialog(steps, write, about, parent=self).open()

    def leave(self) -> None:
        """Go back to the dashboard; the draft is kept."""
        self.table.commit()
        self.document.autosave.flush_or_discard()
        self._context.navigation.show_page(Page.DASHBOARD)

    # --- building the page ---

    def _lay_out(self) -> None:
        self.head.add(self.kept)
        self.head.add(self.discard)
        self.head.add(self.drafts)
        self.line.setAccessibleName(tr("About this row"))
        self._below = QWidget()  # outside what scrolls: total and Save stay in sight on the smallest screen
        self._below.setMinimumWidth(1)
        self._foot = foot = QHBoxLayout(self._below)
        foot.setContentsMargins(tokens.L, tokens.S, tokens.L, tokens.M)
        foot.setSpacing(tokens.L)
        foot.addLayout(self.fields.below(self.add_row, self.done), 1)
        foot.addWidget(self.totals, alignment=Qt.AlignmentFlag.AlignBottom)
        foot.addWidget(self.save, alignment=Qt.AlignmentFlag.AlignBottom)
        page = Content(margin=tokens.L, spacing=tokens.S)
        page.add(self.head)
        page.add(self.fields)
        rows_and_tiles = QHBoxLayout()
        rows_and_tiles.setSpacing(tokens.M)
        rows_and_tiles.addWidget(self.table, 3)
        rows_and_tiles.addWidget(self.tiles, 1)
        page.add(rows_and_tiles, 1)
        page.add(self.line)
        page.add(self.unknown)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(Scroll(page), 1)
        outer.addWidget(self._below)
        self.begin_at(self.table)
        tab_order(
            self.discard, self.drafts, self.fields, self.table, self.unknown, self.add_row, self.fields.discount,
            self.done, self.fields.note, self.save,
        )  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the texts at the foot as there is room for beside the total."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        fit((self.add_row, self.done, self.totals.why, self.save), self._foot, self.width())

    def _listen(self) -> None:
        document = self.document
        document.opened.connect(self._on_opened)
        document.read.connect(self._on_read)
        document.items.changed.connect(self._on_rows_changed)
        document.autosave.status_changed.connect(self._on_kept)
        document.forked.connect(self._on_forked)
        self.table.moved.connect(self._on_moved)
        self.table.opened.connect(lambda edit: self._attend())
        self.table.without_num_lock.connect(self._on_without_num_lock)
        self.fields.completed.connect(self.table.setFocus)
        self.fields.save_wanted.connect(self.do_save)
        self.table.save_wanted.connect(self.do_save)
        self.products.notice.connect(self._on_said)
        self.products.unknown.connect(self.unknown.offer)
        self.tiles.chosen.connect(lambda product: self.products.add(ScannedItem(product=product)))
        self.unknown.added.connect(lambda product: self.products.add(ScannedItem(product=product)))
        self.unknown.closed.connect(self.table.setFocus)
        self.saving.blamed.connect(self._on_blamed)
        self.saving.done.connect(self._on_done)
        self.drafts.wanted.connect(self.open_draft)
        self.switching.looked.connect(lambda: self.drafts.refresh(document.form.key))
        self._context.background.changed.connect(self._on_changed)

    def _bind(self) -> None:
        shortcuts.bind(self, "save", self.do_save)
        shortcuts.bind(self, "remove row", self._on_remove_row)
        shortcuts.bind(self, "tiles", self.tiles.take_focus)
        shortcuts.bind(self, "add product", self.unknown.type_name)
        shortcuts.bind(self, "undo", self.document.items.undo.undo)
        shortcuts.bind(self, "explain", self.do_explain)
        shortcuts.bind(self, "back", self.leave)
        shortcuts.bind(self, "drafts", self._on_drafts)
        for name in ("kind", "customer", "date", "discount", "note"):
            shortcuts.bind(self, name, partial(self.fields.go_to, name))
        redo = QShortcut(QKeySequence.StandardKey.Redo, self)
        redo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        redo.activated.connect(self.document.items.undo.redo)

    def showEvent(self, event: QShowEvent) -> None:
        """Resume the document that was typed last, if there is one."""
        super().showEvent(event)
        self.tiles.read()
        self.switching.resume()
        self.saving.prepare()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what was typed before the page is hidden."""
        self.table.commit()
        self.document.autosave.flush_or_discard()
        super().hideEvent(event)

    # --- reacting to signals ---

    def _on_opened(self) -> None:
        form, document = self.document.form, self.document.document
        kind = display_names.kind_in_sentence(form.kind)
        number = document.number if document else ""
        self.head.title.setText(tr("Editing {number}", number=number) if number else tr("New {kind}", kind=kind))
        self.table.go_to(form.row, form.column)
        if self.isVisible():
            self.table.setFocus()
        self.drafts.refresh(form.key)

    def _on_read(self) -> None:
        form = self.document.form
        if self.document.document is None:
            self.head.title.setText(tr("New {kind}", kind=display_names.kind_in_sentence(form.kind)))
        self.totals.show_totals(self.document.reading.totals, self.document.items.notation)
        if self._foot.totalMinimumSize().width() > self.width():  # the amounts have grown
            self._fit()
        self.discard.setVisible(not form.is_blank)
        self._show_line()
        if self._context.settings.till.customer_display:
            self._context.navigation.show_to_customer(customer_views.of_form(self.document, self._latest_row))

    def _on_rows_changed(self, rows: frozenset[int]) -> None:
        self._latest_row = max(rows, default=-1)

    def _on_kept(self, keeping: SaveStatus) -> None:
        text = {
            SaveState.NOTHING: "",
            SaveState.WRITING: tr("saving …"),
            SaveState.SAFE: tr("draft saved ✓"),
            SaveState.LOCAL_ENCRYPTED: tr("saved on this till, encrypted"),
            SaveState.LOCAL_PLAIN: tr("saved on this till, not encrypted"),
            SaveState.FAILED: tr("not saved: {why}", why=keeping.text),
        }[keeping.state]
        self.kept.setText(text)
        self.kept.setAccessibleName(text)
        self.kept.setToolTip(_where_it_lies(keeping.state))
        theme.set_role(self.kept, "fault" if keeping.state is SaveState.FAILED else "small")

    def _on_forked(self) -> None:
        self._context.navigation.notify(
            tr("This document is also being edited on another machine. Your version continues as a separate draft."),
            tone=Tone.WARN,
            stays=True,
        )
        self.drafts.refresh(self.document.form.key)

    def _on_moved(self, row: int, column: int) -> None:
        self._said = None
        self.document.remember_cell(row, column)
        self._attend()

    def _attend(self) -> None:
        cell = self.table.delegate.open
        self.document.items.attend(self.table.row, cell.column if cell else -1)
        self._show_line()

    def _on_without_num_lock(self) -> None:
        if not self._is_told_of_num_lock:
            self._is_told_of_num_lock = True
            text = tr("Num Lock is off: the number pad moves and deletes instead of typing. Press Num Lock.")
            self._context.navigation.notify(text, tone=Tone.WARN)

    def _on_said(self, look: StatusLook) -> None:
        self._said = look
        self.line.show_state(None)  # so that the same result again is announced again
        self._show_line()

    def _show_line(self) -> None:
        faults = self.document.items.faults_of(self.table.row)
        said = " ".join(dict.fromkeys(faults.values()))
        note = self.document.items.note(self.table.row)
        noted = self._said or (StatusLook(note, "info", Tone.WARN) if note else None)
        self.line.show_state(StatusLook(said, "warn", Tone.BAD) if said else noted)

    def _on_drafts(self) -> None:
        if self.drafts.found:
            self.drafts.open_list()
        else:
            self._context.navigation.notify(tr("No other draft is open at this till."))

    def _on_add_row(self) -> None:
        self.table.add_row()
        self.table.setFocus()

    def _on_remove_row(self) -> None:
        if self.table.hasFocus() or self.table.delegate.open is not None:
            self.table.remove_row()

    def _on_blamed(self, faults: tuple[FieldError, ...]) -> None:
        """Show every fault beside its field and focus the first one."""
        if self.document.reading.draft is not None:
            self.document.show_error(faults)
        self.document.items.check()
        self.fields.check()
        for fault in faults:
            if fault.row is None and fault.field not in self.fields.fields:
                self._context.navigation.notify(translated(fault.text), tone=Tone.BAD)
        head = next((fault.field for fault in faults if fault.row is None and fault.field in self.fields.fields), None)
        row = next((fault for fault in faults if fault.row is not None), None)
        if head is not None and (row is None or head not in {"discount", "note"}):
            self.fields.fields[head].control.setFocus(Qt.FocusReason.OtherFocusReason)
        elif (place := self.document.items.first_fault()) is not None:
            self.table.go_to(*place)
            self.table.setFocus()
        self._show_line()

    def _on_done(self, document: Document, form: UUID) -> None:
        """Show the saved document and start the next one."""
        if form == self.document.form.key:
            self.document.autosave.close()
            self.document.start_new(self._context.till_preferences.default_kind)
        if self._context.settings.till.customer_display:
            self._context.navigation.show_to_customer(customer_views.of_document(document))
        self._context.navigation.open_document(document.key)

    def _on_changed(self, tables: frozenset[str]) -> None:
        chosen = self.document.customer
        if "customers" in tables and chosen is not None:
            self._context.ask(
                customers.get,
                chosen.key,
                owner=self,
                then=lambda customer: self._on_customer(chosen.key, customer),
                failed=lambda _: None,  # one who was erased meanwhile stays in the form, and saving says so
            )

    def _on_customer(self, key: UUID, customer: Customer) -> None:
        """Take over changes to the chosen customer, so that the message goes to the new address."""
        chosen = self.document.customer
        if chosen is not None and chosen.key == key and chosen != customer:
            self.fields.customer.show_customer(customer.name, customer)
            self.document.choose(customer.name, customer)


def _where_it_lies(state: SaveState) -> str:
    if state not in {SaveState.LOCAL_ENCRYPTED, SaveState.LOCAL_PLAIN}:
        return ""
    said = tr("The database is unreachable. This document will be saved there once it is available again.")
    if state is SaveState.LOCAL_ENCRYPTED:
        return said + " " + tr("Until then it is stored on this machine, with its key in the keyring.")
    return said + " " + tr("This machine has no keyring, so until then it is stored unencrypted in the data folder.")
