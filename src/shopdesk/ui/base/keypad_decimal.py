"""The number pad: its decimal key types the shop's decimal mark, whatever the keyboard layout, and its minus saves.

Layouts disagree: on X11 the French, Spanish and Italian ones type ".", the German, Nordic and Turkish ones ",". In a
shop with a decimal comma, 1.255 from such a pad would be refused, or read as 1255.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from shopdesk.ui.base.scanner import mark_number_field

_PAD = Qt.KeyboardModifier.KeypadModifier
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_MARKS = frozenset(".,\u066b")

_DECIMAL_SCAN_CODE = 91
"""The decimal key of the pad on X11 and Wayland. Some layouts, such as fr(oss), type another key symbol with it."""
_GROUP_SCAN_CODE = 129
"""The second mark of a Brazilian pad there: it groups."""

_WITHOUT_NUM_LOCK = frozenset({Qt.Key.Key_Delete, Qt.Key.Key_End})
"""The decimal key and the 1 of the pad without Num Lock."""


def is_decimal_key(event: QKeyEvent) -> bool:
    """Return True for the decimal key of the number pad."""
    code = event.nativeScanCode()
    is_on_pad = code == _DECIMAL_SCAN_CODE or (bool(event.modifiers() & _PAD) and code != _GROUP_SCAN_CODE)
    return is_on_pad and event.text() in _MARKS and not event.modifiers() & _CHORD


def is_minus_key(event: QKeyEvent) -> bool:
    """Return True for the minus of the number pad, which saves where a sale is made."""
    return event.text() == "-" and bool(event.modifiers() & _PAD) and not event.modifiers() & _CHORD


class KeypadDecimal(QObject):
    """Lets the number pad type ``mark`` into a control; create one for each control that takes numbers.

    ``save`` is called on its minus, which otherwise types one.
    """

    without_num_lock = Signal()  # emitted on a key of the pad that edits, instead of typing a number

    def __init__(self, control: QWidget, mark: Callable[[], str], *, save: Callable[[], object] | None = None) -> None:
        super().__init__(control)
        self._mark = mark
        self._save = save
        mark_number_field(control)
        control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Replace the decimal key by the same key with the mark."""
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if event.key() in _WITHOUT_NUM_LOCK and event.modifiers() & _PAD:
            self.without_num_lock.emit()
        if self._save is not None and is_minus_key(event):
            self._save()
            return True
        if not is_decimal_key(event) or event.text() == (mark := self._mark()):
            return False
        QCoreApplication.sendEvent(watched, _with_text(event, mark))
        return True


def _with_text(event: QKeyEvent, mark: str) -> QKeyEvent:
    typed = QKeyEvent(
        event.type(),
        {".": Qt.Key.Key_Period, ",": Qt.Key.Key_Comma}.get(mark, Qt.Key.Key_unknown),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        mark,
        event.isAutoRepeat(),
    )
    typed.setTimestamp(event.timestamp())
    return typed
