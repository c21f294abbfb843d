"""The button “Export”: saves the list or report shown as a file, for users with the right to export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from shopdesk.domain.account import Right
from shopdesk.message_catalogues import mark
from shopdesk.render.export import FileKind
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.output.export import ExportSource, export_list
from shopdesk.ui.widgets.buttons import Button, IconButton


class ReportButton(Button):
    """The button and its menu of file types; ``save`` is called with the type on each export."""

    kinds: Sequence[FileKind] = (FileKind.PDF, FileKind.CSV, FileKind.XLSX)

    def __init__(self, context: Context, save: Callable[[FileKind], object], *, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export"), self._on_export, icon="export", parent=parent)
        self._context = context
        self._save = save
        context.actor_changed.connect(self._offer)
        self._offer()

    def _offer(self) -> None:
        may = self._context.may(Right.EXPORT)
        self.setEnabled(may)
        why_not = tr("Your role does not allow exporting. The owner can change this in Settings.")
        self.setToolTip(tr("Save the list shown as a file") if may else why_not)

    def _on_export(self) -> None:
        _offer_kinds(self, self.kinds, self._save)


class ExportButton(ReportButton):
    """The same for a list; ``listing`` is called on each export."""

    kinds = (FileKind.CSV, FileKind.XLSX)

    def __init__(self, context: Context, listing: Callable[[], ExportSource], *, parent: QWidget | None = None) -> None:
        def save(kind: FileKind) -> None:
            export_list(listing(), kind, context=context, parent=self.window())

        super().__init__(context, save, parent=parent)


class ExportIcon(ExportButton, IconButton):
    """The same as an icon, in the heading of a table."""


def _offer_kinds(button: QPushButton, kinds: Sequence[FileKind], choose: Callable[[FileKind], object]) -> None:
    """Show the types of files below a button."""
    menu = QMenu(button)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for kind in kinds:
        menu.addAction(tr_marked(_LABELS[kind]), partial(choose, kind))
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))
    menu.setActiveAction(menu.actions()[0])


_LABELS = {
    FileKind.PDF: mark("PDF file …"),
    FileKind.CSV: mark("CSV file …"),
    FileKind.XLSX: mark("Excel file (XLSX) …"),
}
