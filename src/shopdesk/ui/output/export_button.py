"""The button “Export”: saves the list shown as a file, for users with the right to export."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from shopdesk.domain.account import Right
from shopdesk.render.export import FileKind
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.output.export import ExportSource, export_list
from shopdesk.ui.widgets.buttons import Button, IconButton


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
        _offer_kinds(self, self._context, self._listing)


class ExportIcon(ExportButton, IconButton):
    """The same as an icon, in the heading of a table."""


def _offer_kinds(button: QPushButton, context: Context, listing: Callable[[], ExportSource]) -> None:
    """Show the types of files below a button; the chosen one exports the list."""

    def exporting(kind: FileKind) -> Callable[[], None]:
        return lambda: export_list(listing(), kind, context=context, parent=button.window())

    menu = QMenu(button)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for label, kind in ((tr("CSV file …"), FileKind.CSV), (tr("Excel file (XLSX) …"), FileKind.XLSX)):
        menu.addAction(label, exporting(kind))
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))
    menu.setActiveAction(menu.actions()[0])
