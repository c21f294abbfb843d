"""A page with a searchable list and, beside it, the details of the chosen entry in a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.conflict import MergeConflict
from shopdesk.domain.errors import ConfirmationRequired, FieldError, Refused
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.catalogue.detail_pane import DetailPane
from shopdesk.ui.catalogue.searchable_list import SearchableList
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.focus_order import FocusedPage
from shopdesk.ui.widgets.form import Form
from shopdesk.ui.widgets.page_parts import Head


class Entry(Protocol):
    """A value of a list: frozen, with a key and a name. Only one that is not yet saved has no name."""

    @property
    def key(self) -> UUID: ...

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing(Generic[T]):
    """The texts and functions with which a page reads, shows and saves its entries."""

    table: str
    """The table of the database whose changes are shown at once."""
    title: str
    new: str
    """The title of a new entry: “New customer”."""
    unnamed: str
    """A new entry in a sentence, while it has no name: “the new customer”."""
    first: str = "name"
    """The field that gets the focus in a new entry."""
    opened: str = "name"
    """The field that gets the focus when a row is opened."""
    blank: Callable[[], T]
    get: Callable[..., T]
    """The query that reads an entry by its key."""
    save: Callable[..., T]
    """The use case that saves an entry; its ``base`` is the entry as it was read, None for a new one."""
    texts: Callable[[T], dict[str, str]]
    """The texts of the form's fields."""
    entry: Callable[[T, Mapping[str, str]], T]
    """An entry with the texts of the form's fields. Raises Refused if one of them is invalid."""
    shown: Callable[[T], dict[str, str]]
    """The texts of the fields as a person reads them."""
    field_of: Mapping[str, str] = field(default_factory=dict)
    """The form's fields for attributes of another name."""


class ListWithDetails(FocusedPage, Generic[T]):
    """The list on the left, the chosen entry on the right; unsaved changes are never lost without a question."""

    def __init__(self, context: Context, editing: Editing[T], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(editing.title)
        self._context = context
        self._editing = editing
        self._entry: T | None = None
        self._is_stale = True

    def lay_out(self, entries: SearchableList, form: Form, details: DetailPane, *acts: QWidget) -> None:
        """Set the parts of the page; ``acts`` are the buttons beside its title."""
        self.list, self.form, self.details = entries, form, details
        head = Head(self._editing.title)
        for act in acts:
            head.add(act)
        row = QHBoxLayout()
        row.setSpacing(tokens.L)
        row.addWidget(entries, 1)
        row.addWidget(details)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(head)
        column.addLayout(row, 1)
        self.begin_at(entries.search)
        entries.chosen.connect(self._on_chosen)
        entries.opened.connect(lambda _: form.fields[self._editing.opened].control.setFocus())
        form.save_wanted.connect(self._save)
        form.dirtied.connect(lambda _: self._show_title())
        form.undone.connect(self._on_undone)
        self._context.background.changed.connect(self._on_changed)

    # --- reading ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._is_stale = False
            self.list.read()
            self._read_again()

    def _on_changed(self, tables: frozenset[str]) -> None:
        """Read what changed; a page that shows more extends it."""
        if self._editing.table in tables:
            self._is_stale = not self.isVisible()
            if not self._is_stale:
                self.list.model.refresh()
                self._read_again()

    def _read_again(self) -> None:
        """Read the open entry again, as another till may have changed it; unsaved changes are left alone."""
        entry = self._entry
        if entry is not None and entry.name and not self.form.is_dirty:
            self._context.ask(self._editing.get, entry.key, owner=self, then=self._on_read_again, failed=lambda _: None)

    def _on_read_again(self, entry: T) -> None:
        is_open = self._entry is not None and self._entry.key == entry.key
        if is_open and entry != self._entry and not self.form.is_dirty:
            self.show_entry(entry)

    # --- choosing ---

    def _on_chosen(self, entry: T | None) -> None:
        if entry is None or (self._entry is not None and entry.key == self._entry.key):
            return
        if self.form.is_dirty:
            self._ask_to_save(entry, discard=lambda: self.show_entry(entry), keep=self._go_back)
        else:
            self.show_entry(entry)

    def begin_new(self) -> None:
        """Show a blank form, after the question whether to save what is open and unsaved."""
        if self.form.is_dirty:
            self._ask_to_save(self._editing.blank(), discard=self._edit_new, keep=lambda: None)
        else:
            self._edit_new()

    def _ask_to_save(self, wanted: T, *, discard: Callable[[], object], keep: Callable[[], object]) -> None:
        name = self.form.fields["name"].text().strip() or self._editing.unnamed
        self.details.ask_to_save(name, save=lambda: self._save(then=wanted), discard=discard, keep=keep)

    def _go_back(self) -> None:
        if self._entry is None:
            self.list.choose_none()
        else:
            self.list.choose(self._entry.key)
        self.form.fields["name"].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _edit_new(self) -> None:
        self.list.choose_none()
        self.show_entry(self._editing.blank())
        self.form.fields[self._editing.first].control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_undone(self) -> None:
        if self._entry is not None and not self._entry.name:
            self._entry = None
            self.details.show_nothing()

    # --- showing ---

    def show_entry(self, entry: T) -> None:
        """Show an entry in the form, in place of the one before."""
        self._entry = entry
        self.form.fill(self._editing.texts(entry))
        self.details.show_page(None if entry.name else 0)
        self._show_title()

    def _show_title(self) -> None:
        if self._entry is not None:
            self.details.set_title(self._entry.name or self._editing.new, unsaved=self.form.is_dirty)

    # --- saving ---

    def _save(self, then: T | None = None, confirmed: frozenset[str] = frozenset()) -> None:
        before = self._entry
        if before is None:
            return
        try:
            entry = self._editing.entry(before, self.form.values())
        except Refused as refused:
            self._on_failed(refused)
            return
        self.form.set_busy(True)

        def saved(kept: T) -> None:
            self.form.set_busy(False)
            self._context.navigation.notify(tr("{name} saved.", name=kept.name))
            self.show_entry(then or kept)
            if then is None:
                self.list.choose(kept.key)

        def failed(error: Exception) -> None:
            if isinstance(error, ConfirmationRequired):
                self._confirm(error, lambda: self._save(then, confirmed | {error.answer}))
            else:
                self._on_failed(error)

        base = before if before.name else None
        answers = {"confirmed": confirmed} if confirmed else {}
        self._context.do(self._editing.save, entry, base=base, **answers, owner=self, then=saved, failed=failed)

    def _confirm(self, error: ConfirmationRequired, save: Callable[[], object]) -> None:
        self.form.set_busy(False)
        question = ConfirmDialog(
            tr("Save this?"), text=translated(error.question), yes=tr("Save anyway"), parent=self.window()
        )
        question.ask(save)

    def _on_failed(self, error: Exception) -> None:
        self.form.set_busy(False)
        self.details.show_page(0)
        if isinstance(error, MergeConflict):
            editing, self._entry = self._editing, error.theirs
            self.form.rebase(editing.texts(error.theirs), editing.texts(error.joined))
            faults = [FieldError(fault.text, editing.field_of.get(fault.field, fault.field)) for fault in error.faults]
            self.form.show_conflicts(Refused(faults), editing.shown(error.theirs))
        elif isinstance(error, Refused):
            self.form.refuse(error)
        else:
            self._context.report_error(error)
