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

from shopdesk.message_catalogues import SOURCE, Marked, mark
from shopdesk.ui.base import i18n
from shopdesk.ui.base.pages import Page


class ShortcutScope(StrEnum):
    """The place where a shortcut works; the sheet is grouped by it."""

    EVERYWHERE = mark("Everywhere")
    PAGES = mark("Pages")
    EDITOR = mark("New document")
    VIEW = mark("A document")
    LISTS = mark("Lists")


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One row of the table. ``keys`` are written as Qt reads them; an ``is_listed_only`` row is not bound here."""

    name: str
    keys: tuple[str, ...]
    does: Marked
    scope: ShortcutScope
    is_listed_only: bool = False


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("new", ("Ctrl+N", "F4"), mark("New document"), ShortcutScope.EVERYWHERE),
    Shortcut("dashboard", ("F2",), mark("Dashboard"), ShortcutScope.EVERYWHERE),
    Shortcut("search", ("Ctrl+F", "F3"), mark("Search documents, customers and products"), ShortcutScope.EVERYWHERE),
    Shortcut("lock", ("Ctrl+L",), mark("Lock the till"), ShortcutScope.EVERYWHERE),
    Shortcut("keys", ("F1",), mark("Keyboard shortcuts"), ShortcutScope.EVERYWHERE),
    Shortcut("back", ("Esc",), mark("Back; nothing typed is lost"), ShortcutScope.EVERYWHERE),
    *(Shortcut(f"page {at}", (f"Ctrl+{at}",), page.value, ShortcutScope.PAGES) for at, page in enumerate(Page, 1)),
    Shortcut(
        "next cell",
        ("Enter",),
        mark("Next cell; from the last cell, a new row"),
        ShortcutScope.EDITOR,
        is_listed_only=True,
    ),
    Shortcut(
        "next field",
        ("Tab",),
        mark("Next field; with Shift, the previous one"),
        ShortcutScope.EDITOR,
        is_listed_only=True,
    ),
    Shortcut(
        "quantity",
        ("0…9 *",),
        mark("Quantity of the next or the selected row"),
        ShortcutScope.EDITOR,
        is_listed_only=True,
    ),
    Shortcut("remove row", ("Ctrl+Del",), mark("Remove the row"), ShortcutScope.EDITOR),
    Shortcut("add product", ("F8",), mark("Add the product of an unknown code"), ShortcutScope.EDITOR),
    Shortcut("undo", ("Ctrl+Z",), mark("Undo the last change"), ShortcutScope.EDITOR),
    Shortcut(
        "save", ("Ctrl+S", "F12"), mark("Save; in the prompt, type the cash received, then Enter"), ShortcutScope.EDITOR
    ),
    Shortcut("done", ("Return", "Enter"), mark("Done"), ShortcutScope.VIEW),
    Shortcut("edit", ("Ctrl+E",), mark("Edit"), ShortcutScope.VIEW),
    Shortcut("delete", ("Del",), mark("Delete"), ShortcutScope.VIEW),
    Shortcut("print", ("Ctrl+P",), mark("Print"), ShortcutScope.VIEW),
    Shortcut("send", ("Ctrl+M",), mark("Send the message again"), ShortcutScope.VIEW),
    Shortcut("open", ("Enter",), mark("Open the row"), ShortcutScope.LISTS, is_listed_only=True),
    Shortcut("type", ("A…Z",), mark("Search in the list"), ShortcutScope.LISTS, is_listed_only=True),
    Shortcut("refresh", ("F5",), mark("Refresh"), ShortcutScope.LISTS),
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
    """Return a key sequence as it stands on the keys: “Delete” for Qt's “Del”, in German “Strg+Entf”."""
    if i18n.language() == SOURCE or "…" in sequence:
        return {"Del": "Delete", "Ctrl+Del": "Ctrl+Delete", "Return": "Enter"}.get(sequence, sequence)
    keys = QKeySequence("Enter" if sequence == "Return" else sequence)
    return keys.toString(QKeySequence.SequenceFormat.NativeText).replace("\u202a", "")
