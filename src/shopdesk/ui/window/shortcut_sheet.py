"""The sheet of all keyboard shortcuts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.base.shortcuts import ShortcutScope, rows, shown
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Scroll, set_margins


class ShortcutSheet(QDialog):
    """The sheet of all keyboard shortcuts (F1), made from the table of shortcuts."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = tr("Keyboard shortcuts")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.L)
        column.addWidget(Label(title, "title"))
        halves = QWidget()
        halves.setProperty("role", "column")
        row = QHBoxLayout(halves)
        set_margins(row, 0, 0, tokens.M, 0)
        row.setSpacing(tokens.L)
        places = list(ShortcutScope)
        for half in ((places[0], places[1]), (places[2],), places[3:]):
            side = QVBoxLayout()
            side.setSpacing(tokens.XL)
            for place in half:
                side.addLayout(_group(place))
            side.addStretch(1)
            row.addLayout(side, 1)
        column.addWidget(Scroll(halves), 1)
        close = Button(tr("Close"), self.accept)
        close.setDefault(True)
        column.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
        self.resize(tokens.KEY_SHEET)
        close.setFocus()


def _group(place: ShortcutScope) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(tokens.M)
    grid.setVerticalSpacing(tokens.S)
    grid.setColumnStretch(1, 1)
    grid.addWidget(Label(tr_marked(place.value), "heading"), 0, 0, 1, 2)
    for at, row in enumerate((row for row in rows() if row.scope is place and row.keys), 1):
        caps = QHBoxLayout()
        caps.setSpacing(tokens.XS)
        for written in dict.fromkeys(map(shown, row.keys)):
            caps.addWidget(Label(written, "key"))
        caps.addStretch(1)
        does = Label(tr_marked(row.does), wrap=True)
        does.setAccessibleName(f"{' / '.join(map(shown, row.keys))}: {tr_marked(row.does)}")
        grid.addLayout(caps, at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(does, at, 1)
    return grid
