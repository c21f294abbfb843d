"""The table of keyboard shortcuts, from which they are bound, which F1 shows and which a till may change.

To add one: one row in SHORTCUTS, one ``bind(widget, "name", act)`` where it works. A row that is only shown (such as
Enter in a table) has no binding. Two rows may share a key if they never work in the same place.

A till has its own keys for some rows (``use``); everything that is bound or shown follows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.message_catalogues import SOURCE, Marked, mark
from shopdesk.ui.base import i18n
from shopdesk.ui.base.pages import Page


class ShortcutScope(StrEnum):
    """The place where a shortcut works; the sheet is grouped by it."""

    EVERYWHERE = mark("Everywhere")
    PAGES = mark("Pages")
    EDITOR = mark("New document")
    PROMPT = mark("Saving and questions")
    VIEW = mark("A document")
    LISTS = mark("Lists")


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One row of the table. ``keys`` are written as Qt reads them.

    An ``is_listed_only`` row is not bound here, and its keys are the same at every till, as those of ``is_fixed`` are.
    """

    name: str
    keys: tuple[str, ...]
    does: Marked
    scope: ShortcutScope
    is_listed_only: bool = False
    is_fixed: bool = False

    @property
    def can_change(self) -> bool:
        """True if a till may have other keys for it."""
        return not (self.is_listed_only or self.is_fixed)


def _listed(name: str, keys: tuple[str, ...], does: Marked, scope: ShortcutScope) -> Shortcut:
    return Shortcut(name, keys, does, scope, is_listed_only=True)


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("new", ("Ctrl+N", "F4"), mark("New sale; the open document is kept as a draft"), ShortcutScope.EVERYWHERE),
    Shortcut("new invoice", ("Shift+F4", "Ctrl+Shift+N"), mark("New invoice"), ShortcutScope.EVERYWHERE),
    Shortcut("dashboard", ("F2",), mark("Dashboard"), ShortcutScope.EVERYWHERE),
    Shortcut("search", ("Ctrl+F", "F3"), mark("Search documents, customers and products"), ShortcutScope.EVERYWHERE),
    Shortcut("lock", ("Ctrl+L",), mark("Lock the till"), ShortcutScope.EVERYWHERE),
    Shortcut("shift", ("Ctrl+F10",), mark("Open a shift, or count the drawer"), ShortcutScope.EVERYWHERE),
    Shortcut("open drawer", ("Ctrl+F9",), mark("Open the cash drawer"), ShortcutScope.EVERYWHERE),
    Shortcut("x report", ("Ctrl+F11",), mark("X report"), ShortcutScope.EVERYWHERE),
    Shortcut("close day", ("Ctrl+F12",), mark("Close the day, with its Z report"), ShortcutScope.EVERYWHERE),
    Shortcut("keys", ("F1",), mark("Keyboard shortcuts"), ShortcutScope.EVERYWHERE),
    Shortcut("back", ("Esc",), mark("Back; nothing typed is lost"), ShortcutScope.EVERYWHERE, is_fixed=True),
    *(Shortcut(f"page {at}", (f"Ctrl+{at}",), page.value, ShortcutScope.PAGES) for at, page in enumerate(Page, 1)),
    _listed("next cell", ("Enter",), mark("Next cell; from the last cell, a new row"), ShortcutScope.EDITOR),
    _listed(
        "take suggestion",
        ("Enter",),
        mark("On a suggestion: take it and begin the next row; with Tab, go on to the quantity"),
        ShortcutScope.EDITOR,
    ),
    _listed("next field", ("Tab",), mark("Next field; with Shift, the previous one"), ShortcutScope.EDITOR),
    _listed("next row", ("↓",), mark("Next row; below the last one, a new row"), ShortcutScope.EDITOR),
    _listed("quantity", ("0…9 *",), mark("Quantity of the next or the selected row"), ShortcutScope.EDITOR),
    _listed("take back", ("Esc",), mark("In a cell: take back what was typed"), ShortcutScope.EDITOR),
    Shortcut("remove row", ("Ctrl+Del",), mark("Remove the row"), ShortcutScope.EDITOR),
    Shortcut("add product", ("F8",), mark("Add the product of an unknown code"), ShortcutScope.EDITOR),
    Shortcut("tiles", ("Ctrl+Shift+T",), mark("Go to the tiles of goods without a code"), ShortcutScope.EDITOR),
    Shortcut("undo", ("Ctrl+Z",), mark("Undo the last change"), ShortcutScope.EDITOR, is_fixed=True),
    Shortcut("customer", ("F9",), mark("Go to the customer"), ShortcutScope.EDITOR),
    Shortcut("discount", ("F10",), mark("Go to the discount of the document"), ShortcutScope.EDITOR),
    Shortcut("note", ("F11",), mark("Go to the note"), ShortcutScope.EDITOR),
    Shortcut("kind", ("Ctrl+Shift+K",), mark("Go to the kind"), ShortcutScope.EDITOR),
    Shortcut("date", ("Ctrl+Shift+D",), mark("Go to the date"), ShortcutScope.EDITOR),
    Shortcut("drafts", ("F6",), mark("Open drafts; then Enter resumes the latest"), ShortcutScope.EDITOR),
    Shortcut(
        "save", ("F12", "Ctrl+S"), mark("Save; in the prompt, type the cash received, then Enter"), ShortcutScope.EDITOR
    ),
    _listed("pad save", ("−",), mark("On the number pad: save, in the prompt too"), ShortcutScope.EDITOR),
    Shortcut("explain", ("F7",), mark("Why is it this total?"), ShortcutScope.EDITOR),
    Shortcut("confirm", ("F12", "Ctrl+S"), mark("Yes"), ShortcutScope.PROMPT),
    Shortcut("pay cash", ("F9",), mark("Pay in cash and save"), ShortcutScope.PROMPT),
    Shortcut("pay card", ("F10",), mark("Pay by card and save"), ShortcutScope.PROMPT),
    Shortcut("pay transfer", ("F11",), mark("Pay by transfer and save"), ShortcutScope.PROMPT),
    Shortcut("pay later", ("F8",), mark("Put it on account and save"), ShortcutScope.PROMPT),
    _listed(
        "pay part",
        ("+",),
        mark("After an amount: count it, and pay the rest another way; so does the key of a method"),
        ShortcutScope.PROMPT,
    ),
    _listed("choose method", ("↑", "↓"), mark("Choose how it is paid"), ShortcutScope.PROMPT),
    Shortcut("done", ("Return", "Enter"), mark("Done"), ShortcutScope.VIEW, is_fixed=True),
    Shortcut("edit", ("Ctrl+E",), mark("Edit"), ShortcutScope.VIEW),
    Shortcut("delete", ("Del",), mark("Delete"), ShortcutScope.VIEW),
    Shortcut("print", ("Ctrl+P",), mark("Print"), ShortcutScope.VIEW),
    Shortcut("print elsewhere", ("Ctrl+Alt+P",), mark("Print at another printer"), ShortcutScope.VIEW),
    Shortcut("other paper", ("Ctrl+Shift+L",), mark("Show as a slip or as a sheet"), ShortcutScope.VIEW),
    Shortcut("send", ("Ctrl+M",), mark("Send the message again"), ShortcutScope.VIEW),
    Shortcut("pay", ("Ctrl+T",), mark("Take a payment or refund"), ShortcutScope.VIEW),
    Shortcut("return", ("Ctrl+R",), mark("Take goods back"), ShortcutScope.VIEW),
    Shortcut("save pdf", ("Ctrl+Shift+P",), mark("Save as PDF"), ShortcutScope.VIEW),
    Shortcut("invoice quote", ("Ctrl+I",), mark("Invoice a quote"), ShortcutScope.VIEW),
    Shortcut("receipt of quote", ("Ctrl+Shift+I",), mark("Sell a quote with a receipt"), ShortcutScope.VIEW),
    Shortcut("duplicate", ("Ctrl+D",), mark("Duplicate as a new document"), ShortcutScope.VIEW),
    Shortcut("delivery note", ("Ctrl+Shift+D",), mark("Show as a delivery note, or as itself"), ShortcutScope.VIEW),
    Shortcut("pro forma", ("Ctrl+Shift+F",), mark("Show as a pro-forma invoice, or as itself"), ShortcutScope.VIEW),
    Shortcut("explain document", ("F7",), mark("Why is it this total?"), ShortcutScope.VIEW),
    _listed("open", ("Enter",), mark("Open the row"), ShortcutScope.LISTS),
    _listed("type", ("A…Z",), mark("Search in the list"), ShortcutScope.LISTS),
    _listed("ends", ("Ctrl+Home", "Ctrl+End"), mark("First row; last row"), ShortcutScope.LISTS),
    Shortcut("go to", ("Ctrl+G",), mark("Go to a date or a number"), ShortcutScope.LISTS),
    Shortcut("refresh", ("F5",), mark("Refresh"), ShortcutScope.LISTS),
)

_BY_NAME = {row.name: row for row in SHORTCUTS}
_REPEATED = frozenset({"remove row", "undo"})
_CHANGED = "shopdesk_keys"
_NAME = "shopdesk_shortcut"
_IN_FIELDS = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.SelectAll,
    QKeySequence.StandardKey.Undo,
    QKeySequence.StandardKey.Redo,
    QKeySequence.StandardKey.Delete,
    QKeySequence.StandardKey.DeleteEndOfLine,
    QKeySequence.StandardKey.DeleteCompleteLine,
    QKeySequence.StandardKey.DeleteEndOfWord,
    QKeySequence.StandardKey.DeleteStartOfWord,
    QKeySequence.StandardKey.MoveToStartOfLine,
    QKeySequence.StandardKey.MoveToEndOfLine,
    QKeySequence.StandardKey.MoveToNextWord,
    QKeySequence.StandardKey.MoveToPreviousWord,
)
"""Keys that a text field takes for itself, as far as Qt tells on this system."""
_IN_OTHER_FIELDS = frozenset({"Ctrl+A", "Ctrl+D", "Ctrl+E", "Ctrl+J", "Ctrl+K", "Ctrl+M", "Ctrl+U", "Ctrl+Y"})
"""Keys that fields take on some systems, and the line ends of scanners."""
_EVERYWHERE = frozenset({ShortcutScope.EVERYWHERE, ShortcutScope.PAGES})


def rows() -> tuple[Shortcut, ...]:
    """Return the table with the keys of this till."""
    return tuple(map(_with_keys_of_till, SHORTCUTS))


def shortcut(name: str) -> Shortcut:
    """Return the row of this name, with the keys of this till."""
    return _with_keys_of_till(_BY_NAME[name])


def _with_keys_of_till(row: Shortcut) -> Shortcut:
    changed = _changed().get(row.name)
    return row if changed is None else replace(row, keys=changed)


def hint(name: str) -> str:
    """Return the first shortcut of a row as shown beside a label: “Ctrl+N”, “Del”, “Strg+N”; empty if it has none."""
    return in_short(next(iter(shortcut(name).keys), ""))


def in_short(sequence: str) -> str:
    """Return a key sequence as shown beside a label: the short name of a key, in German “Strg+C”."""
    return sequence if i18n.language() == SOURCE else shown(sequence)


def bind(
    widget: QWidget,
    name: str,
    act: Callable[[], object],
    *,
    context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> QShortcut:
    """Bind the keys of a row to ``act`` while the focus is in ``widget`` (or, by ``context``, in its window)."""
    row = shortcut(name)
    if row.is_listed_only:
        raise ValueError(f"{name!r} is only shown: Qt or the widget itself binds it")
    bound = QShortcut(widget)
    bound.setProperty(_NAME, name)
    bound.setKeys([QKeySequence(written) for written in row.keys])
    bound.setContext(context)
    bound.setAutoRepeat(name in _REPEATED)  # a key held too long must not confirm the question it opened
    bound.activated.connect(act)
    return bound


@runtime_checkable
class ShowsShortcut(Protocol):
    """A widget that shows a shortcut, such as a button."""

    def show_shortcut(self) -> None:
        """Show the shortcut again, as it may have changed."""


def use(keys: Mapping[str, tuple[str, ...]]) -> None:
    """Use this till's keys for the named rows, and those of the table for all others; unknown names are left out."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    known = {row.name for row in SHORTCUTS if row.can_change}
    changed = {name: tuple(keys[name]) for name in keys.keys() & known}
    if changed == _changed():
        return
    app.setProperty(_CHANGED, changed)
    for widget in app.allWidgets():
        for bound in widget.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if name := bound.property(_NAME):
                bound.setKeys([QKeySequence(written) for written in shortcut(name).keys])
        if isinstance(widget, ShowsShortcut):
            widget.show_shortcut()


def read_keys(text: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Return key sequences typed as “F4, Ctrl+N”, as Qt writes them; raise Refused for what is no key to bind.

    A key that types or edits text is refused, unless it is a ``usual`` one: letters typed in a field must never do
    anything else.
    """
    found: list[str] = []
    for written in filter(None, (part.strip() for part in text.split(","))):
        sequence = QKeySequence(_written(written))
        if _is_unknown(sequence):  # as the window shows it: “Strg+N”
            sequence = QKeySequence.fromString(written, QKeySequence.SequenceFormat.NativeText)
        portable = sequence.toString(QKeySequence.SequenceFormat.PortableText)
        if _is_unknown(sequence):
            raise Refused(sentence("“{key}” is no key. Write it like F4 or Ctrl+N.", key=written))
        if portable not in usual and _types(sequence):
            raise Refused(
                sentence("{key} is needed for typing. Use a function key, or one with Ctrl.", key=shown(portable))
            )
        if portable not in found:
            found.append(portable)
    return tuple(found)


def _is_unknown(sequence: QKeySequence) -> bool:
    return sequence.count() != 1 or not sequence.toString() or _first(sequence).key() == Qt.Key.Key_unknown


def check(changed: Mapping[str, tuple[str, ...]]) -> None:
    """Raise Refused with a fault for each row, by its name, whose key does something else in the same place."""
    table = [replace(row, keys=changed.get(row.name, row.keys)) for row in SHORTCUTS if not row.is_listed_only]
    faults = [
        FieldError(
            sentence("{key} is already used for “{what}”.", key=shown(key), what=Sentence(other.does)), field=row.name
        )
        for row in table
        if row.name in changed
        for key in row.keys
        for other in table
        if other.name != row.name and key in other.keys and _meet(row.scope, other.scope)
    ]
    if faults:
        raise Refused(faults)


def shown(sequence: str) -> str:
    """Return a key sequence as it stands on the keys: “Delete” for Qt's “Del”, in German “Strg+Entf”."""
    if i18n.language() == SOURCE or "…" in sequence:
        return {"Del": "Delete", "Ctrl+Del": "Ctrl+Delete", "Return": "Enter"}.get(sequence, sequence)
    keys = QKeySequence("Enter" if sequence == "Return" else sequence)
    return keys.toString(QKeySequence.SequenceFormat.NativeText).replace("\u202a", "")


def _changed() -> Mapping[str, tuple[str, ...]]:
    app = QApplication.instance()
    return (app.property(_CHANGED) if app is not None else None) or {}


def _written(text: str) -> str:
    return {"Delete": "Del", "Ctrl+Delete": "Ctrl+Del"}.get(text, text)


def _meet(one: ShortcutScope, other: ShortcutScope) -> bool:
    """Return True if two rows can work in the same place; a prompt holds back every other place."""
    if ShortcutScope.PROMPT in {one, other}:
        return one is other
    return one is other or bool({one, other} & _EVERYWHERE)


def _types(sequence: QKeySequence) -> bool:
    """Return True if a key types or edits text, in any field or on any keyboard layout."""
    key, modifiers = _first(sequence).key(), _first(sequence).keyboardModifiers()
    control = Qt.KeyboardModifier.ControlModifier
    if sequence.toString(QKeySequence.SequenceFormat.PortableText) in _IN_OTHER_FIELDS:
        return True
    if any(sequence in QKeySequence.keyBindings(standard) for standard in _IN_FIELDS):
        return True
    if Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
        return False
    is_alt_gr = bool(modifiers & control) and bool(modifiers & Qt.KeyboardModifier.AltModifier)
    return is_alt_gr or not modifiers & control


def _first(sequence: QKeySequence) -> QKeyCombination:
    found: QKeyCombination = sequence[0]  # type: ignore[index] # the stubs leave the operator out
    return found
