"""The documents page: all documents, newest first, with search, filters and export. Reads only the rows in view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.errors import Refused
from shopdesk.queries import documents
from shopdesk.queries.documents import DocumentFilter, DocumentSummary, DocumentSums
from shopdesk.render.export import FileKind
from shopdesk.ui.base import shortcuts, theme, tokens
from shopdesk.ui.base.accessibility import announce
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import counted, tr, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents.documents_model import DocumentsModel, file_head, file_row, summed
from shopdesk.ui.documents.filters import DocumentFilters
from shopdesk.ui.documents.go_to_field import GoToField
from shopdesk.ui.documents.several_documents import SeveralDocuments
from shopdesk.ui.output.export import ExportSource, export_acts, export_list
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import EmptyState, Head
from shopdesk.ui.widgets.table import RowAct, Table

_TABLES = frozenset({"documents", "payments", "outbox"})


class DocumentsScreen(QWidget):
    """The list with its filters. ``find`` sets all filters at once, as when a figure elsewhere is clicked."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._is_stale = True
        self._opens_first = False
        self.filters = DocumentFilters(context)
        self.filters.changed.connect(self._ask)
        self.filters.entered.connect(self._on_enter)
        self.filters.downed.connect(self._to_first)
        self.model = DocumentsModel(context, parent=self)
        self.table = Table(tr("Documents"), keep="documents", many=True)
        self.table.show_model(self.model)
        self.table.acts = self._acts
        self.table.opened.connect(self._on_opened)
        self.table.selected_rows_changed.connect(self._show_foot)
        self._sums: DocumentSums | None = None
        self.several = SeveralDocuments(context, self)
        self.table.typed.connect(self._on_typed)
        self.empty = EmptyState("documents", "", "", (tr("Show all documents"), lambda: self.find(DocumentFilter())))
        self.foot = Label(role="small")
        self.go_to = GoToField(context, self)
        self.go_to.wanted.connect(self._go_to)
        self._lay_out()
        self.setFocusProxy(self.filters.search)
        self.model.read.connect(self._on_read)
        self.model.failed.connect(self._on_failed)
        context.background.changed.connect(self._on_changed)
        context.actor_changed.connect(self._offer_export)
        shortcuts.bind(self, "refresh", self.model.refresh)
        shortcuts.bind(self, "go to", self._ask_where)

    def _lay_out(self) -> None:
        self.head = Head(tr("Documents"))
        self.export = Button(tr("Export"), self._on_export, icon="export")
        self._offer_export()
        self.head.add(self.export)
        list_or_word = QWidget()
        self._body = QStackedLayout(list_or_word)
        self._body.addWidget(self.table)
        self._body.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.S)
        column.setSpacing(tokens.M)
        column.addWidget(self.head)
        column.addWidget(self.filters)
        column.addWidget(list_or_word, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.foot, 1)
        foot.addWidget(self.go_to)
        column.addLayout(foot)
        QWidget.setTabOrder(self.table, self.export)  # it comes before the focus proxy, so Tab would never reach it

    def find(self, find: DocumentFilter) -> None:  # type: ignore[override]  # QWidget.find(window id) is not used here
        """Set the filters to ``find`` and show the documents that match."""
        self.filters.want(find)

    # --- the keyboard ---

    def _on_typed(self, text: str) -> None:
        """Continue typing from the list in the search box."""
        self.filters.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.filters.search.insert(text)

    def _on_enter(self) -> None:
        """Open the document if only one is found, such as a scanned number; go to the first of several."""
        self._opens_first = True
        self._ask()

    def _to_first(self) -> None:
        if self.model.rows:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            self.table.selectRow(max(0, self.table.currentIndex().row()))

    def _ask_where(self) -> None:
        self.go_to.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.go_to.selectAll()

    def _go_to(self, to: date | str) -> None:
        """Show the list from a date or a number on."""

        def then() -> None:
            self.go_to.clear()
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            self.table.go_to(0)

        def failed(error: Exception) -> None:
            if isinstance(error, Refused):
                theme.set_role(self.foot, theme.SMALL_ROLES[Tone.BAD])
                self.foot.setText(translated(error))
                announce(self.go_to, self.foot.text())
            else:
                self._on_failed(error)

        self.model.show_from(documents.page_from, to=to, then=then, failed=failed)

    # --- reading and showing ---

    def showEvent(self, event: QShowEvent) -> None:
        """Read what may have changed while another page was in front."""
        super().showEvent(event)
        if self._is_stale:
            self._ask()

    def _ask(self) -> None:
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.model.show(documents.page, find=self.filters.wanted)
            self._ask_sums()

    def _ask_sums(self) -> None:
        """Have the database add the list up, unless it is that of all documents, whose sum says nothing.

        It is shown when it is there, which may be a second in a very long list.
        """
        self._sums = None
        find = self.filters.wanted
        if find == DocumentFilter():
            return

        def then(sums: DocumentSums | None) -> None:
            if sums is not None and find == self.filters.wanted:
                self._sums = sums
                self._show_foot()

        currency = self._context.shop.currency
        self._context.ask_slow(
            documents.sums_if,
            lambda: find == self.filters.wanted,
            find=find,
            currency=currency,
            owner=self,
            then=then,
            failed=lambda _: None,
        )

    def _on_changed(self, tables: frozenset[str]) -> None:
        if not tables & _TABLES:
            return
        if self.isVisible():
            self.model.refresh()
            self._ask_sums()
        else:
            self._is_stale = True

    def _on_read(self) -> None:
        rows = self.model.rows
        self._body.setCurrentWidget(self.table if rows else self.empty)
        if not rows:
            self._explain_empty()
        self._show_foot()
        if self._opens_first:
            self._opens_first = False
            if len(rows) == 1:
                self._on_opened(rows[0])
            else:
                self._to_first()

    def _show_foot(self) -> None:
        """Show how many documents are listed and what they add up to; those selected, if there are several."""
        rows, chosen = self.model.rows, self.table.selected
        theme.set_role(self.foot, "small")
        if len(chosen) > 1:
            said = counted(len(chosen), "{count} document selected", "{count} documents selected")
            self.foot.setText(f"{said} · {self._added_up(summed(chosen, self._context.shop.currency))}")
        elif self.model.is_whole and rows:
            said = counted(len(rows), "{count} document", "{count} documents")
            self.foot.setText(f"{said} · {self._added_up(summed(rows, self._context.shop.currency))}")
        elif self._sums is not None and rows:
            said = counted(self._sums.count, "{count} document", "{count} documents")
            self.foot.setText(f"{said} · {self._added_up(self._sums)}")
        else:
            self.foot.setText(self._shown_part(self._context.format.count(len(rows))) if rows else " ")

    def _shown_part(self, count: str) -> str:
        if self.model.has_first:
            return tr("Showing the first {count}. Scroll for more.", count=count)
        if self.model.has_last:
            return tr("Showing the last {count}. Scroll up for more.", count=count)
        return tr("Showing {count} from the middle. Scroll up or down for more.", count=count)

    def _added_up(self, sums: DocumentSums) -> str:
        write = self._context.format
        said = tr("total {amount}", amount=write.money(sums.gross))
        if sums.due:
            said += " · " + tr("due {amount}", amount=write.money(sums.due))
        left_out = sums.count - sums.counted
        if left_out:
            said += " · " + counted(left_out, "{count} does not count", "{count} do not count")
        return said

    # --- several documents at once ---

    def _acts(self, rows: tuple[DocumentSummary, ...]) -> tuple[RowAct, ...]:
        whole = ExportSource(title=tr("Documents"), query=documents.page, head=file_head(), row=file_row)
        return (
            RowAct(label=tr("Print"), icon="print", act=lambda: self.several.print(rows)),
            RowAct(label=tr("Save PDF"), icon="pdf", act=lambda: self.several.save(rows)),
            RowAct(label=tr("Send again"), icon="send", act=lambda: self.several.send(rows)),
            *export_acts(self._context, lambda: whole, rows, parent=self),
        )

    def _explain_empty(self) -> None:
        is_all = self.filters.wanted == DocumentFilter()
        if self.empty.button is not None:
            self.empty.button.setVisible(not is_all)
        if is_all:
            self.empty.set_text(
                tr("No documents yet"), tr("Invoices, receipts, notes and quotes will appear here, newest first.")
            )
        else:
            self.empty.set_text(tr("Nothing found"), tr("No document matches the search and filters above."))

    def _on_failed(self, error: Exception) -> None:
        self._is_stale = True
        self._opens_first = False
        self._context.report_unanswered(error)

    def _on_opened(self, row: DocumentSummary) -> None:
        self._context.navigation.open_document(row.key)

    # --- exporting ---

    def _offer_export(self) -> None:
        may = self._context.may(Right.EXPORT)
        self.export.setEnabled(may)
        self.export.setToolTip(
            tr("Export this list to a file")
            if may
            else tr("Your role may not export. The owner assigns roles in Settings, People.")
        )

    def _on_export(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for label, kind in ((tr("CSV file …"), FileKind.CSV), (tr("Excel file (XLSX) …"), FileKind.XLSX)):
            menu.addAction(label, self._exporting(kind))
        menu.popup(self.export.mapToGlobal(QPoint(0, self.export.height())))
        menu.setActiveAction(menu.actions()[0])

    def _exporting(self, kind: FileKind) -> Callable[[], None]:
        def act() -> None:
            whole = ExportSource(
                title=tr("Documents"),
                query=documents.page,
                given=self.model.given | {"find": self.filters.wanted},
                head=file_head(),
                row=file_row,
            )
            export_list(whole, kind, context=self._context, parent=self)

        return act
