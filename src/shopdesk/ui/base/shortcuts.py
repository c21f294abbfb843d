"""The table of keyboard shortcuts, from which they are bound and which F1 shows.

To add one: one row in SHORTCUTS, one ``bind(widget, "name", act)`` where it works. A row that is only shown (such as
Enter in a table) has no binding. Two rows may share a key if they never work in the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from shopdesk.ui.base.pages import Page


class ShortcutScope(StrEnum):
    """The place where a shortcut works; the sheet is grouped by it."""

    EVERYWHERE = "Everywhere"
    PAGES = "Pages"
    EDITOR = "New document"
    VIEW = "A document"
    LISTS = "Lists"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One row of the table. ``keys`` are written as Qt reads them; an ``is_listed_only`` row is not bound here."""

    name: str
    keys: tuple[str, ...]
    does: str
    scope: ShortcutScope
    is_listed_only: bool = False


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("new", ("Ctrl+N", "F4"), "New document", ShortcutScope.EVERYWHERE),
    Shortcut("dashboard", ("F2",), "Dashboard", ShortcutScope.EVERYWHERE),
    Shortcut("search", ("Ctrl+F", "F3"), "Search documents, customers and products", ShortcutScope.EVERYWHERE),
    Shortcut("lock", ("Ctrl+L",), "Lock the till", ShortcutScope.EVERYWHERE),
    Shortcut("keys", ("F1",), "Keyboard shortcuts", ShortcutScope.EVERYWHERE),
    Shortcut("back", ("Esc",), "Back; nothing typed is lost", ShortcutScope.EVERYWHERE),
    *(Shortcut(f"page {at}", (f"Ctrl+{at}",), page.value, ShortcutScope.PAGES) for at, page in enumerate(Page, 1)),
    Shortcut(
        "next cell", ("Enter",), "Next cell; from the last cell, a new row", ShortcutScope.EDITOR, is_listed_only=True
    ),
    Shortcut(
        "next field", ("Tab",), "Next field; with Shift, the previous one", ShortcutScope.EDITOR, is_listed_only=True
    ),
    Shortcut(
        "quantity", ("0…9 *",), "Quantity of the next or the selected row", ShortcutScope.EDITOR, is_listed_only=True
    ),
    Shortcut("remove row", ("Ctrl+Del",), "Remove the row", ShortcutScope.EDITOR),
    Shortcut("undo", ("Ctrl+Z",), "Undo the last change", ShortcutScope.EDITOR),
    Shortcut(
        "save", ("Ctrl+S", "F12"), "Save; in the prompt, type the cash received, then Enter", ShortcutScope.EDITOR
    ),
    Shortcut("done", ("Return", "Enter"), "Done", ShortcutScope.VIEW),
    Shortcut("edit", ("Ctrl+E",), "Edit", ShortcutScope.VIEW),
    Shortcut("delete", ("Del",), "Delete", ShortcutScope.VIEW),
    Shortcut("print", ("Ctrl+P",), "Print", ShortcutScope.VIEW),
    Shortcut("send", ("Ctrl+M",), "Send the message again", ShortcutScope.VIEW),
    Shortcut("open", ("Enter",), "Open the row", ShortcutScope.LISTS, is_listed_only=True),
    Shortcut("type", ("A…Z",), "Search in the list", ShortcutScope.LISTS, is_listed_only=True),
    Shortcut("refresh", ("F5",), "Refresh", ShortcutScope.LISTS),
)


def shortcut(name: str) -> Shortcut:
    """Return the row of this name."""
    return next(row for row in SHORTCUTS if row.name == name)


def hint(name: str) -> str:
    """Return the first shortcut of a row as shown beside a label: “Ctrl+N”."""
    return shown(shortcut(name).keys[0])


def bind(
    widget: QWidget,
    name: str,
    act: Callable[[], object],
    *,
    context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> tuple[QShortcut, ...]:
    """Bind the keys of a row to ``act`` while the focus is in ``widget`` (or, by ``context``, in its window)."""
    row = shortcut(name)
    if row.is_listed_only:
        raise ValueError(f"{name!r} is only shown: Qt or the widget itself binds it")
    made = []
    for written in row.keys:
        bound = QShortcut(QKeySequence(written), widget)
        bound.setContext(context)
        bound.activated.connect(act)
        made.append(bound)
    return tuple(made)


def shown(sequence: str) -> str:
    """Return a key sequence as it is shown to people: “Delete” for Qt's “Del”."""
    return {"Del": "Delete", "Ctrl+Del": "Ctrl+Delete", "Return": "Enter"}.get(sequence, sequence)
