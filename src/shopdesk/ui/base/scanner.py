"""Detection of barcode scanners: digits that come faster than a person types, ended by Enter, are a barcode.

A scanner is a keyboard and types wherever the focus is. ``ScanGuard`` watches the controls of a page, restores the text
that a scan changed, and reports the code instead.
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
"""Some scanners pause before the Enter."""
SHORTEST_CODE = 6
"""UPC-E has six digits; a shop's own labels have at least as many."""
_GTIN = frozenset({8, 12, 13, 14})


class Burst:
    """The latest run of fast keys. It has no clock: ``at`` is the time of each key, in ms."""

    def __init__(self) -> None:
        self._typed = ""
        self._last = 0

    def key(self, text: str, at: int) -> bool:
        """Add a key; return True if it starts a new burst. A non-printable key or ``*`` ends the burst."""
        if not text.isprintable() or text in {"", "*"}:
            self._typed = ""
            return False
        begins = not self._typed or at - self._last > FASTEST_FINGER_MS
        self._typed = text if begins else self._typed + text
        self._last = at
        return begins

    def enter(self, at: int) -> str:
        """End the burst with Enter; return its code, or "" if it was typed by hand or is not all digits."""
        code, self._typed = self._typed, ""
        return code if _is_code(code) and at - self._last <= LATEST_ENTER_MS else ""

    def is_code(self, at: int) -> bool:
        """Return True if the keys so far look like a code that only lacks its Enter."""
        return _is_code(self._typed) and at - self._last <= LATEST_ENTER_MS


def _is_code(typed: str) -> bool:
    return len(typed) >= SHORTEST_CODE and typed.isascii() and typed.isdecimal()


def is_barcode(code: str) -> bool:
    """Return True for a GTIN (EAN-8, UPC-A, EAN-13, ITF-14) with a right check digit."""
    if len(code) not in _GTIN or not (code.isascii() and code.isdecimal()):
        return False
    weighted = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(code)))
    return weighted % 10 == 0


def _clock() -> int:
    return time.monotonic_ns() // 1_000_000


class ScanGuard(QObject):
    """Watches controls for scanned codes; restores the text that a field had before the scan."""

    scanned = Signal(str, QWidget)  # the code, and the control that got its last digit

    def __init__(self, *, clock: Callable[[], int] = _clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._burst = Burst()
        self._before = ""
        self._behind = 0
        self._stands: dict[QObject, Callable[[], str]] = {}

    def watch(self, control: QWidget, stands: Callable[[], str] | None = None) -> None:
        """Watch one more control.

        ``stands`` returns the text that a digit would change, for a control that opens its editor with the first key.
        """
        if stands is not None:
            self._stands[control] = stands
        control.installEventFilter(self)

    def is_scanning(self) -> bool:
        """Return True if a code has been typed except for its Enter."""
        return self._burst.is_code(self._clock() - self._behind)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Collect the keys of a watched control; consume the Enter that ends a scan."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or event.key() in _SHIFTS:
            return False
        at = int(event.timestamp()) or self._clock()
        self._behind = self._clock() - at  # Qt's time stamps have another zero than our clock
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
