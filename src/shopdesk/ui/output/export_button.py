"""The button “Export”: saves the list shown as a file, for users with the right to export."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from shopdesk.domain.account import Right
from shopdesk.render.export import FileKind
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.output.export import ExportSource, export_list
from shopdesk.ui.widgets.buttons import Button


class ExportButton(Button):
    """The button and its menu of file types; ``listing`` is called on each export."""

    def __init__(self, context: Context, listing: Callable[[], ExportSource], *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export"), self._on_export, icon="export", parent=parent)
        self._context = context
        self._listing = listing
        context.actor_changed.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        may = self._context.may(Right.EXPORT)
        self.setEnabled(may)
        why_not = tr("Your role does not allow exporting. The owner can change this in Settings.")
        self.setToolTip(tr("Save the list shown as a file") if may else why_not)

    def _on_export(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for label, kind in ((tr("CSV file …"), FileKind.CSV), (tr("Excel file (XLSX) …"), FileKind.XLSX)):
            menu.addAction(label, self._exporting(kind))
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        menu.setActiveAction(menu.actions()[0])

    def _exporting(self, kind: FileKind) -> Callable[[], None]:
        return lambda: export_list(self._listing(), kind, context=self._context, parent=self.window())
