"""Tell a scanner from fingers: digits that come faster than anybody types, ended by Enter, are a barcode.

The one thing to know: a scanner is a keyboard and types wherever the focus is. ``ScanGuard`` watches the controls of a
page, puts back what a burst typed into one of them, and reports the code instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

FASTEST_FINGER_MS = 35
"""Scanners send a key every 1 to 20 ms; the fastest typists on a number pad need 60."""
LATEST_ENTER_MS = 250
"""Some scanners wait a moment before they end the code."""
SHORTEST_CODE = 6
"""UPC-E has six digits; the codes of a shop's own labels have as many or more."""
_GTIN = frozenset({8, 12, 13, 14})


class Burst:
    """The keys of the moment. Knows no clock: ``at`` is the time of each key, in ms."""

    def __init__(self) -> None:
        self._typed = ""
        self._last = 0

    def key(self, text: str, at: int) -> bool:
        """A key was typed. Tells whether it begins a new burst; a key that is no letter, or a star, ends one."""
        if not text.isprintable() or text in {"", "*"}:
            self._typed = ""
            return False
        begins = not self._typed or at - self._last > FASTEST_FINGER_MS
        self._typed = text if begins else self._typed + text
        self._last = at
        return begins

    def enter(self, at: int) -> str:
        """Enter was pressed: the code that it ends, or nothing when it was typed by hand or is not all digits."""
        code, self._typed = self._typed, ""
        return code if _is_code(code) and at - self._last <= LATEST_ENTER_MS else ""

    def is_code(self, at: int) -> bool:
        """Whether what was typed up to now looks like a code that only waits for its Enter."""
        return _is_code(self._typed) and at - self._last <= LATEST_ENTER_MS


def _is_code(typed: str) -> bool:
    return len(typed) >= SHORTEST_CODE and typed.isascii() and typed.isdecimal()


def is_barcode(code: str) -> bool:
    """Whether the digits are a GTIN (EAN-8, UPC-A, EAN-13, ITF-14): the last one checks the others."""
    if len(code) not in _GTIN or not (code.isascii() and code.isdecimal()):
        return False
    weighted = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(code)))
    return weighted % 10 == 0


def _clock() -> int:
    return time.monotonic_ns() // 1_000_000


class ScanGuard(QObject):
    """Watches controls for bursts. ``scanned`` carries the code and the control that its last digit went to.

    A line or a box of text gets back what stood in it before the burst.
    """

    scanned = Signal(str, QWidget)

    def __init__(self, *, clock: Callable[[], int] = _clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._burst = Burst()
        self._before = ""
        self._behind = 0
        self._stands: dict[QObject, Callable[[], str]] = {}

    def watch(self, control: QWidget, stands: Callable[[], str] | None = None) -> None:
        """Look at the keys of one more control.

        ``stands`` tells what stands where a digit would go, for a control that opens a line of text with the first key.
        """
        if stands is not None:
            self._stands[control] = stands
        control.installEventFilter(self)

    def is_scanning(self) -> bool:
        """Whether a code has come in, all but its Enter."""
        return self._burst.is_code(self._clock() - self._behind)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt calls this with every event of a watched control; the Enter that ends a scan goes no further."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or event.key() in _SHIFTS:
            return False
        at = int(event.timestamp()) or self._clock()
        self._behind = self._clock() - at  # the system's clock began at another time than ours
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            code = self._burst.enter(at)
            if code:
                _write(watched, self._before)
                self.scanned.emit(code, watched)
            return bool(code)
        is_letter = not event.isAutoRepeat() and not event.modifiers() & _WITH
        if self._burst.key(event.text() if is_letter else "", at):
            self._before = self._stands.get(watched, lambda: _read(watched))()
        return False


def _read(control: QWidget) -> str:
    if isinstance(control, QPlainTextEdit):
        return control.toPlainText()
    return control.text() if isinstance(control, QLineEdit) else ""


def _write(control: QWidget, text: str) -> None:
    if isinstance(control, QPlainTextEdit):
        control.setPlainText(text)
    elif isinstance(control, QLineEdit):
        control.setText(text)


_WITH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_SHIFTS = {Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_AltGr}
