"""The table of keyboard shortcuts, from which they are bound and which F1 shows.

To add one: one row in KEYS, one ``bind(widget, "name", act)`` where it works. A row that is only shown (such as Enter
in a table) has no binding. Two rows may share a key if they never work in the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.ui.base import theme
from shopdesk.ui.base.context import Page
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.cards import Scroll
from shopdesk.ui.widgets.labels import Label


class Place(StrEnum):
    """The place where a shortcut works; the sheet is grouped by it."""

    EVERYWHERE = "Everywhere"
    PAGES = "Pages"
    EDITOR = "New document"
    VIEW = "A document"
    LISTS = "Lists"


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the table. ``keys`` are written as Qt reads them; a ``told`` row is shown but not bound here."""

    name: str
    keys: tuple[str, ...]
    does: str
    place: Place
    told: bool = False


KEYS: tuple[Key, ...] = (
    Key("new", ("Ctrl+N", "F4"), "New document", Place.EVERYWHERE),
    Key("dashboard", ("F2",), "Dashboard", Place.EVERYWHERE),
    Key("search", ("Ctrl+F", "F3"), "Search documents, customers and products", Place.EVERYWHERE),
    Key("lock", ("Ctrl+L",), "Lock the till", Place.EVERYWHERE),
    Key("keys", ("F1",), "Keyboard shortcuts", Place.EVERYWHERE),
    Key("back", ("Esc",), "Back; nothing typed is lost", Place.EVERYWHERE),
    *(Key(f"page {at}", (f"Ctrl+{at}",), page.value, Place.PAGES) for at, page in enumerate(Page, 1)),
    Key("next cell", ("Enter",), "Next cell; from the last cell, a new row", Place.EDITOR, told=True),
    Key("next field", ("Tab",), "Next field; with Shift, the previous one", Place.EDITOR, told=True),
    Key("quantity", ("0…9 *",), "Quantity of the next or the selected row", Place.EDITOR, told=True),
    Key("remove row", ("Ctrl+Del",), "Remove the row", Place.EDITOR),
    Key("undo", ("Ctrl+Z",), "Undo the last change", Place.EDITOR),
    Key("save", ("Ctrl+S", "F12"), "Save; in the prompt, type the cash received, then Enter", Place.EDITOR),
    Key("done", ("Return", "Enter"), "Done", Place.VIEW),
    Key("edit", ("Ctrl+E",), "Edit", Place.VIEW),
    Key("delete", ("Del",), "Delete", Place.VIEW),
    Key("print", ("Ctrl+P",), "Print", Place.VIEW),
    Key("send", ("Ctrl+M",), "Send the message again", Place.VIEW),
    Key("open", ("Enter",), "Open the row", Place.LISTS, told=True),
    Key("type", ("A…Z",), "Search in the list", Place.LISTS, told=True),
    Key("refresh", ("F5",), "Refresh", Place.LISTS),
)


def key(name: str) -> Key:
    """Return the row of this name."""
    return next(row for row in KEYS if row.name == name)


def hint(name: str) -> str:
    """Return the first shortcut of a row as shown beside a label: “Ctrl+N”."""
    return _written(key(name).keys[0])


def bind(
    widget: QWidget,
    name: str,
    act: Callable[[], object],
    *,
    context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> tuple[QShortcut, ...]:
    """Bind the keys of a row to ``act`` while the focus is in ``widget`` (or, by ``context``, in its window)."""
    row = key(name)
    if row.told:
        raise ValueError(f"{name!r} is only shown: Qt or the widget itself binds it")
    made = []
    for written in row.keys:
        shortcut = QShortcut(QKeySequence(written), widget)
        shortcut.setContext(context)
        shortcut.activated.connect(act)
        made.append(shortcut)
    return tuple(made)


def _written(sequence: str) -> str:
    return {"Del": "Delete", "Ctrl+Del": "Ctrl+Delete", "Return": "Enter"}.get(sequence, sequence)


class KeySheet(QDialog):
    """The sheet of all keyboard shortcuts (F1), made from ``KEYS``."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = tr("Keyboard shortcuts")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.L)
        column.setSpacing(theme.L)
        column.addWidget(Label(title, "title"))
        halves = QWidget()
        halves.setProperty("role", "column")
        row = QHBoxLayout(halves)
        row.setContentsMargins(0, 0, theme.M, 0)
        row.setSpacing(theme.XXL)
        places = list(Place)
        for half in ((places[0], places[1]), (places[2],), (places[3], places[4])):
            side = QVBoxLayout()
            side.setSpacing(theme.XL)
            for place in half:
                side.addLayout(_group(place))
            side.addStretch(1)
            row.addLayout(side, 1)
        column.addWidget(Scroll(halves), 1)
        close = Button(tr("Close"), self.accept)
        close.setDefault(True)
        column.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
        self.resize(theme.KEY_SHEET)
        close.setFocus()


def _group(place: Place) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.M)
    grid.setVerticalSpacing(theme.S)
    grid.setColumnStretch(1, 1)
    grid.addWidget(Label(tr(place.value), "heading"), 0, 0, 1, 2)
    for at, row in enumerate((row for row in KEYS if row.place is place), 1):
        caps = QHBoxLayout()
        caps.setSpacing(theme.XS)
        for written in dict.fromkeys(map(_written, row.keys)):
            caps.addWidget(Label(written, "key"))
        caps.addStretch(1)
        does = Label(tr(row.does), wrap=True)
        does.setAccessibleName(f"{' / '.join(map(_written, row.keys))}: {tr(row.does)}")
        grid.addLayout(caps, at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(does, at, 1)
    return grid
