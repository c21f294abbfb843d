"""The list of the documents that are open at this till: to find one, to open it, to discard it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from shopdesk.domain.draft import DraftForm, parse
from shopdesk.domain.money import Money, NumberSymbols
from shopdesk.domain.search_words import words_of
from shopdesk.domain.shop import Shop, Till
from shopdesk.queries import documents, drafts
from shopdesk.queries.drafts import DraftSummary
from shopdesk.ui.base import display_names, icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.editor.cell_format import shop_for
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.table import RowAct, Table
from shopdesk.usecases import drafts as usecase


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """A row of the list. ``amount`` is None while nothing in it can be read as an amount."""

    key: UUID
    summary: DraftSummary
    items: str
    amount: Money | None


def listed(
    session: Any,
    *,
    till: Till,
    shown: UUID | None,
    text: str,
    shop: Shop,
    symbols: NumberSymbols,
    today: date,
    after: OpenDraft | None,
    limit: int,
) -> tuple[OpenDraft, ...]:
    """Return the drafts of a till but the one shown, the last changed first, whose words begin like those of a text.

    A till has a few of them, the list one page.
    """
    if after is not None:
        return ()
    found = [one for one in drafts.open_at(session, till) if one.key != shown]
    forms = drafts.forms(session, [one.key for one in found])
    rows = []
    for one in found:
        form = forms[one.key]
        like = shop_for(documents.get(session, one.edits), shop) if one.edits else shop
        totals = parse(form, shop=like, symbols=symbols, today=today).totals
        items = " · ".join(item for row in form.rows if (item := " ".join(row.item.split())))
        amount = Money(totals.gross, like.currency) if items else None
        rows.append(OpenDraft(key=one.key, summary=one, items=items, amount=amount))
    return tuple(row for row in rows if _is_found(row, text))[:limit]


def _is_found(row: OpenDraft, text: str) -> bool:
    there = words_of(row.summary.customer, row.summary.by_name, row.items)
    return all(any(word.startswith(typed) for word in there) for typed in words_of(text))


class DraftsModel(PagedModel[OpenDraft]):
    """The open documents of a till, the last changed one first."""

    def __init__(self, context: Context, *, parent: QWidget) -> None:
        columns: tuple[ColumnOf[OpenDraft], ...] = (
            ColumnOf(title=tr("Kind"), text=_kind, width=88, rank=3),
            ColumnOf(title=tr("Customer"), text=_customer, tip=_customer, width=104, rank=1),
            ColumnOf(title=tr("Items"), text=lambda row: row.items, tip=lambda row: row.items),
            ColumnOf(
                title=tr("Amount"),
                text=lambda row: context.format.money(row.amount) if row.amount else "",
                width=88,
                is_number=True,
            ),
            ColumnOf(title=tr("Cashier"), text=lambda row: row.summary.by_name, width=88, rank=2),
            ColumnOf(title=tr("Changed"), text=lambda row: context.ago(row.summary.changed_at), width=96, rank=1),
        )
        super().__init__(context, columns, parent=parent)


def _kind(row: OpenDraft) -> str:
    return tr("Correction") if row.summary.edits else display_names.kind(row.summary.kind)


def _customer(row: OpenDraft) -> str:
    return " ".join(row.summary.customer.split()) or tr("Walk-in")


class DraftsDialog(ConfirmDialog):
    """The open documents of this till but the one shown. Enter opens the one selected, Del discards it."""

    wanted = Signal(object)  # emitted with the UUID of the draft to open

    def __init__(self, context: Context, shown: UUID | None, *, parent: QWidget) -> None:
        super().__init__(tr("Open drafts"), yes=tr("Open"), no=tr("Close"), parent=parent)
        self.setMinimumWidth(tokens.READING)
        self._context = context
        self._shown = shown
        self._is_reading = self._is_asked = False
        self.search = QLineEdit()
        self.search.setAccessibleName(tr("Search"))
        self.search.setPlaceholderText(tr("Customer, item or cashier"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.model = DraftsModel(context, parent=self)
        self.table = Table(tr("Open drafts"))
        self.table.setMinimumHeight(6 * tokens.ROW)
        self.table.show_model(self.model)
        self.table.acts = self._acts
        self.discard = Button(tr("Discard"), self._on_discard, icon="delete")
        self.discard.setMinimumHeight(tokens.PRIMARY)
        self.answers.insertWidget(0, self.discard)
        self.body.addWidget(self.search)
        self.body.addWidget(self.table)
        self.search.textChanged.connect(self._read)
        self.table.opened.connect(self._open)
        self.model.read.connect(self._on_read)
        self.model.failed.connect(self._on_failed)
        context.background.changed.connect(self._on_changed)
        self._read()
        self.search.setFocus()

    @property
    def chosen(self) -> OpenDraft | None:
        """The selected draft."""
        return self.model.row(self.table.currentIndex())

    def accept(self) -> None:
        """Open the selected draft, once the list has been read."""
        self._is_asked = self._is_reading
        if not self._is_reading and (draft := self.chosen) is not None:
            super().accept()
            self.wanted.emit(draft.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from the search into the list, and discard the selected draft there."""
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.table.setFocus()
            self.table.selectRow(min(self.table.currentIndex().row() + 1, len(self.model.rows) - 1))
        elif event.key() == Qt.Key.Key_Delete and self.table.hasFocus():
            self._on_discard()
        else:
            super().keyPressEvent(event)

    # --- inside ---

    def _read(self) -> None:
        context = self._context
        self._is_reading = True
        self.model.show(
            listed,
            till=context.actor.till,
            shown=self._shown,
            text=self.search.text(),
            shop=context.shop,
            symbols=context.symbols,
            today=context.today(),
        )

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "drafts" in tables:
            self.model.refresh()

    def _on_read(self) -> None:
        self._is_reading = False
        if self.model.rows and self.chosen is None:
            self.table.selectRow(0)
        self.discard.setEnabled(bool(self.model.rows))
        if self._is_asked:
            self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._is_reading = False
        self._context.report_unanswered(error)

    def _open(self, draft: OpenDraft) -> None:
        del draft  # the one selected
        self.accept()

    def _acts(self, rows: tuple[OpenDraft, ...]) -> tuple[RowAct, ...]:
        if not rows:
            return ()
        return (
            RowAct(label=tr("Open"), act=self.accept, icon="edit"),
            RowAct(label=tr("Discard"), act=self._on_discard, icon="delete"),
        )

    def _on_discard(self) -> None:
        draft = self.chosen
        if draft is not None:
            ask_to_discard(draft.summary, then=lambda: self._discard(draft.key), parent=self)

    def _discard(self, key: UUID) -> None:
        self._context.do(usecase.discard, key, owner=self, then=lambda _: self.model.refresh())


def ask_to_discard(draft: DraftSummary | DraftForm, *, then: Callable[[], object], parent: QWidget) -> None:
    """Ask whether to discard an open document, and tell what will be lost."""
    question = ConfirmDialog(
        tr("Discard this document?"),
        text=tr("It was never issued and has no number. What you typed will be lost.")
        if draft.edits is None
        else tr("The issued document stays as it is. Your correction will be lost."),
        facts=[(tr("Kind"), display_names.kind(draft.kind)), (tr("Customer"), draft.customer or tr("Walk-in"))],
        yes=tr("Discard"),
        is_dangerous=True,
        parent=parent,
    )
    question.ask(then)
