"""Bar code scanners: keys that come faster than a person types are a scan, wherever the focus is.

A scanner is a keyboard. ``ScanGuard`` follows the keys of the whole program. It hands a scan to the page that it was
typed on: the nearest parent of the focused control with a method ``take_scan``. The page looks the code up and answers;
until then the keys that follow wait, in order. So a scan never stays in a price, and its Enter presses no button.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMetaObject,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
)
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from shopdesk.domain.barcode import Barcode, read_barcode
from shopdesk.domain.shop import is_document_number
from shopdesk.ui.base.i18n import tr

FASTEST_FINGER_MS = 35
"""Scanners send a key every 1 to 20 ms; the fastest typists on a number pad need 60."""
LATEST_ENTER_MS = 250
"""Some scanners pause before the Enter."""
PAUSE_MS = 100
"""The pause that ends a code with a right check digit or a document's number, from a scanner that sends no Enter."""
SHORTEST_CODE = 6
"""UPC-E has six digits; a shop's own labels have at least as many."""
SHORTEST_LABEL = 4
"""The shortest code with letters."""
PATIENCE_MS = 5000
"""The longest that keys wait for the answer of a page."""
_MOST_PRESSED = 200

_MODIFIERS = frozenset(
    {
        Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_AltGr, Qt.Key.Key_Control, Qt.Key.Key_Alt,
        Qt.Key.Key_Meta,
    }
)  # fmt: skip
_CONTROL = Qt.KeyboardModifier.ControlModifier
_CHORD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_CONTROL_ENDS = frozenset({Qt.Key.Key_J, Qt.Key.Key_M})  # line feed and return, where the key has no text
_ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_LINE_ENDS = frozenset({"\r", "\n", "\t"})  # scanners send a line feed as Ctrl+J
_GROUP_SEPARATOR = "\x1d"  # Ctrl+]: ends a field of a GS1 element string
_KEEPS_SCANS, _TAKES_NUMBERS, _IS_SEARCH = "keeps_scans", "takes_numbers", "is_search"


def _is_number(text: str) -> bool:
    """Return True for digits with or without decimal marks: a quantity or an amount."""
    return all(mark.isdecimal() or mark in ".,٫٬" for mark in text)


def _is_number_of_document(code: str) -> bool:
    """Return True for a scan of a document's number, also by a scanner whose Caps Lock is on."""
    return is_document_number(code.upper())


class Burst:
    """The latest run of fast keys. It has no clock: ``at`` is the time of each key, in ms."""

    def __init__(self) -> None:
        self.text = ""
        self.last = 0

    def begins(self, text: str, at: int) -> bool:
        """Return True if a key is not part of this burst."""
        if not text.isprintable() and text != _GROUP_SEPARATOR:
            return True
        is_star = text == "*" and _is_number(self.text)  # what stands before it is a quantity
        return not text or not self.text or is_star or not 0 <= at - self.last <= FASTEST_FINGER_MS

    def key(self, text: str, at: int) -> bool:
        """Add a key; return True if it starts a new burst. A key without text ends the burst."""
        begins = self.begins(text, at)
        is_text = text.isprintable() or text == _GROUP_SEPARATOR
        self.text = (text if begins else self.text + text) if is_text else ""
        self.last = at
        return begins

    def is_followed(self, at: int) -> bool:
        """Return True if a key that ends a code belongs to this burst."""
        return self.may_be_code and 0 <= at - self.last <= LATEST_ENTER_MS

    @property
    def may_be_code(self) -> bool:
        """True if the keys so far may be a code: digits, or a word with digits or in capitals; no amount, no name."""
        text = self.text
        if text.isdecimal():
            return len(text) >= SHORTEST_CODE
        if len(text) < SHORTEST_LABEL or any(mark.isspace() for mark in text.replace(_GROUP_SEPARATOR, "")):
            return False
        if _is_number(text):
            return False
        return any(mark.isdecimal() for mark in text) or text.isupper() or read_barcode(text).is_certain

    def take(self) -> str:
        """Return the keys, and begin anew."""
        text, self.text = self.text, ""
        return text


class ScanTarget(Protocol):
    """A page that takes the scans typed on it."""

    looks_words_up: bool
    """True if a code with letters, or a number without a check digit, is one after a pause, too."""

    def take_scan(self, scan: Scan) -> None:
        """Answer with ``scan.finish`` or ``scan.leave``, once, now or later."""


class Scan:
    """A burst of keys that may be a code."""

    def __init__(
        self,
        guard: ScanGuard,
        typed: str,
        source: QWidget,
        *,
        is_ended: bool,
        touched: Sequence[Callable[[], None]],
        chosen: Sequence[Callable[[], None]],
    ) -> None:
        self.code: Barcode = read_barcode(typed)
        self.typed = typed
        self.source = source
        self.is_ended = is_ended
        """True if Enter, Tab or a line feed ended it; False after a pause."""
        self._guard = guard
        self._touched = (*chosen, *touched)
        self.is_typing = bool(touched)
        """True if it reached a text field; False if it was typed on a button or a list."""
        self.is_in_field = _restorer(source, "") is not None
        """True if it began in a text field: something else is being typed."""

    @property
    def is_in_empty_search(self) -> bool:
        """True if it is all that was typed in a search box where no product is searched for."""
        source = self.source
        return isinstance(source, QLineEdit) and bool(source.property(_IS_SEARCH)) and source.text() == self.typed

    @property
    def is_sure(self) -> bool:
        """True if it is a code in any case: its check digit is right, or digits were ended at scanner speed."""
        if isinstance(self.source, QLineEdit) and self.source.echoMode() is not QLineEdit.EchoMode.Normal:
            return self.code.is_certain  # password managers type fast, too
        return self.code.is_certain or (self.is_ended and self.code.is_number)

    def take_back(self) -> None:
        """Restore the text of all fields that it was typed into, and the entries chosen before its letters did."""
        touched, self._touched = self._touched, ()
        for restore in reversed(touched):
            restore()

    def finish(self) -> None:
        """End the scan: its end key does nothing, the keys that waited are typed."""
        self._guard.end(self, is_left=False)

    def leave(self) -> None:
        """Let the text stand as typed: its end key and the keys that waited are typed."""
        self._guard.end(self, is_left=True)


class _KeyTimes(QObject):
    """Keeps the time of each key, where a screen reader gets the keys of a window first and forgets it: on Linux."""

    # WORKAROUND(findings/qt_key_times_with_screen_reader.sh): what comes back from there has no time.

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pressed: deque[tuple[int, int]] = deque(maxlen=_MOST_PRESSED)

    def follow(self) -> None:
        """See the keys before a screen reader, if there is one."""
        if sys.platform == "linux" and QAccessible.isActive() and (app := QCoreApplication.instance()) is not None:
            app.installEventFilter(self)  # again, too: the newest is asked first

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the time of a key on its way to a window."""
        if isinstance(watched, QWindow) and isinstance(event, QKeyEvent) and _is_timed_press(event):
            self._pressed.append((event.key(), int(event.timestamp())))
        return False

    def restore(self, event: QKeyEvent) -> None:
        """Give a key that a screen reader has seen the time at which it was pressed."""
        pressed, own = self._pressed, int(event.timestamp())
        while pressed and (not own or pressed[0][1] <= own):
            key, at = pressed.popleft()
            if not own and key == event.key():
                event.setTimestamp(at)
                return


class ScanGuard(QObject):
    """Finds scans among the keys of the program, and hands each to its page. There is one: ``scan_guard()``."""

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__(app)
        self._burst = Burst()
        self._source: QWidget | None = None
        self._touched: dict[object, Callable[[], None]] = {}
        self._chosen: dict[QWidget, Callable[[], None]] = {}
        self._watches: dict[QWidget, QMetaObject.Connection] = {}
        self._scan: Scan | None = None
        self._end: QKeyEvent | None = None
        self._tail = range(0)
        self._waiting: list[QKeyEvent] = []
        self._calls: list[Callable[[], object]] = []
        self._is_offering = False
        self._is_sending = False
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(lambda: self._offer(None))
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._give_up)
        self._key_times = _KeyTimes(self)
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._watch)
            self._watch()

    @property
    def is_busy(self) -> bool:
        """True while the keys typed last may be a scan, or a page looks one up."""
        return self._scan is not None or self._pause.isActive()

    def when_idle(self, call: Callable[[], object]) -> None:
        """Call now, or once the scan that is being typed or looked up is done."""
        if self._pause.isActive():
            self._offer(None)
        if self._scan is None:
            call()
        else:
            self._calls.append(call)

    # --- keys ---

    def _watch(self) -> None:
        """Follow the keys of the control that has got the focus."""
        # The program itself is not watched: a thousand events and more, for one dialog, would pass through here.
        if (receiver := _receiver()) is not None:
            receiver.installEventFilter(self)  # before its other filters: the newest is asked first
        self._key_times.follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the keys of the focused control; consume those that end a scan, and those that have to wait."""
        is_popup = isinstance(event, QFocusEvent) and event.reason() is Qt.FocusReason.PopupFocusReason
        if is_popup or isinstance(watched, QMenu):
            self._watch()  # a menu takes the keys, not the focus; another menu may have opened from it
        # The class is asked first, for asking the type takes longer.
        if not isinstance(event, QKeyEvent) or self._is_sending:
            return False
        if event.type() is QEvent.Type.ShortcutOverride:  # by it, before the key, an open list takes Enter
            is_of_scan = _is_end(event) and self._burst.is_followed(int(event.timestamp()) or _clock())
            if is_of_scan:
                event.accept()  # then it is no shortcut either
            return is_of_scan
        if event.type() is not QEvent.Type.KeyPress:
            return False
        is_first = watched is _receiver() or watched is QApplication.focusWidget()  # then Qt offers it to its parents
        if not isinstance(watched, QWidget) or not is_first:
            return False
        self._key_times.restore(event)
        return self._on_key(watched, event)

    def _on_key(self, receiver: QWidget, event: QKeyEvent) -> bool:
        if event.key() in _MODIFIERS:
            return False
        if self._waits(event):
            return True
        at = int(event.timestamp()) or _clock()
        if _is_end(event):
            if self._burst.is_followed(at):
                is_taken = self._offer(event.clone())
                self._tail = range(at, at + FASTEST_FINGER_MS + 1) if is_taken else range(0)
                return is_taken
            self._burst.take()
            self._pause.stop()
            return at in self._tail  # a scanner may send a line feed behind its Enter
        text = _text(event)
        if self._burst.may_be_code and self._burst.begins(text, at):
            self._offer(None)
            if self._waits(event):
                return True
        self._tail = range(0)
        if self._burst.key(text, at):
            self._forget()
            self._source = receiver
        self._remember(receiver)
        self._wait_for_end()
        return False

    def _wait_for_end(self) -> None:
        """Let a pause end the burst, if it may be a code that a page looks up."""
        self._pause.stop()
        source = self._source
        if not self._burst.may_be_code or source is None or source.property(_KEEPS_SCANS):
            return
        if read_barcode(self._burst.text).is_certain or _is_number_of_document(self._burst.text):
            self._pause.start(PAUSE_MS)
        elif getattr(_page_of(source), "looks_words_up", False):
            self._pause.start(LATEST_ENTER_MS)

    def _waits(self, event: QKeyEvent) -> bool:
        if self._scan is not None and not _is_shown(self._scan.source):
            self._scan = None  # its page has gone and will not answer
            self._waiting.clear()
            self._calls.clear()
        if self._scan is None:
            return False
        self._waiting.append(event.clone())
        return True

    def _remember(self, receiver: QWidget) -> None:
        """Remember how to restore a control before the first key of the burst changes it."""
        if receiver not in self._watches:
            self._watches[receiver] = receiver.destroyed.connect(self._drop)
        owner = _nearest(receiver, "before_scan")
        if owner is not None:
            place, restore = owner.before_scan()
            self._touched.setdefault(place, restore)
        elif receiver not in self._touched:
            typed = self._burst.text[:-1] if receiver is not self._source else ""
            if (restore := _restorer(receiver, typed)) is not None:
                self._touched[receiver] = restore
        if receiver not in self._chosen and (choose := _entry_restorer(receiver)) is not None:
            self._chosen[receiver] = choose

    def _forget(self) -> None:
        """Let go of the controls of the burst before."""
        for watch in self._watches.values():
            QObject.disconnect(watch)
        self._source, self._touched, self._chosen, self._watches = None, {}, {}, {}

    def _drop(self) -> None:
        """End the burst of a control that is destroyed: a reference to one of Qt's own would point to nothing."""
        self._burst.take()
        self._pause.stop()
        self._forget()

    # --- scans ---

    def _offer(self, end: QKeyEvent | None) -> bool:
        """Hand the burst to its page; return True if its end key is consumed."""
        self._pause.stop()
        source, last, typed = self._source, self._burst.last, self._burst.take()
        if source is None or not isValid(source) or source.property(_KEEPS_SCANS):
            return False
        page: ScanTarget | None = _page_of(source)
        if page is None:
            return False
        touched, chosen = tuple(self._touched.values()), tuple(self._chosen.values())
        scan = self._scan = Scan(self, typed, source, is_ended=end is not None, touched=touched, chosen=chosen)
        self._end = end
        if end is None:
            self._tail = range(last, last + LATEST_ENTER_MS + 1)
        self._patience.start(PATIENCE_MS)
        self._is_offering = True
        page.take_scan(scan)
        self._is_offering = False
        return self._end is not None

    def end(self, scan: Scan, *, is_left: bool) -> None:
        """Take a page's answer; called by the scan."""
        if self._scan is not scan:
            return
        end, self._scan = self._end, None
        self._patience.stop()
        if is_left:
            self._end = None
            self._tail = range(0)
        else:
            _close_menus()  # no part of the sale
        if not self._is_offering:
            self._go_on(end if is_left else None)

    def _give_up(self) -> None:
        """Type the keys that waited for a page that did not answer."""
        self._scan = None
        self._go_on(None)

    def _go_on(self, end: QKeyEvent | None) -> None:
        if end is not None:
            self._send(end)
        while self._waiting and self._scan is None:
            event = self._waiting.pop(0)
            receiver = _receiver()
            if receiver is not None and not self._on_key(receiver, event):
                self._send(event)
        while self._calls and self._scan is None:
            self._calls.pop(0)()

    def _send(self, event: QKeyEvent) -> None:
        receiver = _receiver()
        if receiver is None:
            return
        self._is_sending = True
        QCoreApplication.sendEvent(receiver, event)
        self._is_sending = False


def scan_guard() -> ScanGuard:
    """Return the guard of the program; the first call installs it."""
    app: QCoreApplication = QApplication.instance() or QApplication([])
    guard = app.findChild(ScanGuard, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return guard if isinstance(guard, ScanGuard) else ScanGuard(app)


def keep_scans(control: QWidget) -> None:
    """Mark a control that keeps the text of a scan: a field for codes, or a search box."""
    control.setProperty(_KEEPS_SCANS, True)


def mark_search(control: QWidget) -> None:
    """Mark a search box where no product is searched for: a scan into the empty box begins a sale."""
    control.setProperty(_IS_SEARCH, True)


def mark_number_field(control: QWidget) -> None:
    """Mark a control as one for numbers, where digits at scanner speed never stay."""
    control.setProperty(_TAKES_NUMBERS, True)


def takes_numbers(control: QWidget) -> bool:
    """Return True for a control that takes numbers."""
    return bool(control.property(_TAKES_NUMBERS))


def not_found(code: Barcode) -> str:
    """Return that a code is unknown, in words: as a document's number, or as a product's barcode."""
    if _is_number_of_document(code.text):
        return tr("No document has the number {number}.", number=code.text.upper())
    return tr("No product has the barcode {code}.", code=code.text)


def ignore_scan(scan: Scan) -> bool:
    """Discard a scan on a page without a use for it. Return False if it is text that was typed fast, which is kept."""
    if scan.is_typing and not (scan.code.is_certain or (scan.is_sure and takes_numbers(scan.source))):
        scan.leave()
        return False
    scan.take_back()
    scan.finish()
    return True


class _Dialog:
    """The target of scans on a dialog that does not take them itself."""

    looks_words_up = False

    def take_scan(self, scan: Scan) -> None:
        if ignore_scan(scan):
            QApplication.beep()


def _page_of(source: QWidget) -> ScanTarget | None:
    widget: QWidget | None = source
    while widget is not None:
        if hasattr(widget, "take_scan"):
            return cast(ScanTarget, widget)
        if isinstance(widget, QDialog) and widget.isModal():
            return _Dialog()
        widget = widget.parentWidget()
    return None


def _is_timed_press(event: QKeyEvent) -> bool:
    return bool(event.timestamp()) and event.type() is QEvent.Type.KeyPress


def _is_shown(source: QWidget) -> bool:
    return isValid(source) and source.window().isVisible()


def _nearest(widget: QWidget | None, method: str) -> Any:
    while widget is not None and not hasattr(widget, method):
        widget = None if widget.isWindow() else widget.parentWidget()
    return widget


def _receiver() -> QWidget | None:
    """Return the control that gets the keys."""
    # Not popup.focusWidget(): what it returns is valid only as long as Python's own object for the popup.
    popup, focused = QApplication.activePopupWidget(), QApplication.focusWidget()
    is_in_popup = popup is not None and focused is not None and popup.isAncestorOf(focused)
    return focused if popup is None or is_in_popup else popup


def _close_menus() -> None:
    """Close the menus and lists that are open, one over the other."""
    while (popup := QApplication.activePopupWidget()) is not None and popup.close():
        pass


def _is_end(event: QKeyEvent) -> bool:
    is_line_feed = bool(event.modifiers() & _CONTROL) and event.key() in _CONTROL_ENDS
    return event.key() in _ENDS or is_line_feed or (event.text() in _LINE_ENDS and event.key() != Qt.Key.Key_Backtab)


def _text(event: QKeyEvent) -> str:
    """Return the text of a key that is part of a code; "" for any other key."""
    chord = event.modifiers() & _CHORD
    if event.text() == _GROUP_SEPARATOR or (chord == _CONTROL and event.key() == Qt.Key.Key_BracketRight):
        return _GROUP_SEPARATOR
    is_alt_gr = chord == _CONTROL | Qt.KeyboardModifier.AltModifier  # on Windows; ] is typed with it in Germany
    return "" if event.isAutoRepeat() or (chord and not is_alt_gr) else event.text()


def _restorer(control: QWidget, typed: str) -> Callable[[], None] | None:
    """Return what restores the text of a field; ``typed`` are keys that reached it from where the burst began."""
    if isinstance(control, QAbstractSpinBox):
        control = control.findChild(QLineEdit) or control
    if isinstance(control, QLineEdit) and not control.isReadOnly():
        edit, text, at = control, control.text(), control.cursorPosition()
        start, length = control.selectionStart(), len(control.selectedText())
        came = next((length for length in range(len(typed), 0, -1) if text[:at].endswith(typed[-length:])), 0)
        if came:
            text, start = text[: at - came] + text[at:], -1
            at -= came

        def restore_line() -> None:
            if isValid(edit):
                edit.setText(text)
                edit.setCursorPosition(at)
                if start >= 0:
                    edit.setSelection(start, length)

        return restore_line
    if isinstance(control, QPlainTextEdit | QTextEdit) and not control.isReadOnly():
        note, before = control, control.toPlainText()
        return lambda: note.setPlainText(before) if isValid(note) else None
    return None


def _entry_restorer(control: QWidget) -> Callable[[], None] | None:
    """Return what restores a choice's entry or a list's row: a letter goes to the next one that begins with it."""
    if isinstance(control, QComboBox):
        choice, at = control, control.currentIndex()

        def choose() -> None:
            if isValid(choice) and choice.currentIndex() != at:
                choice.setCurrentIndex(at)
                choice.activated.emit(at)  # as the letters did

        return choose
    if isinstance(control, QAbstractItemView):
        view, row = control, QPersistentModelIndex(control.currentIndex())

        def go_back() -> None:
            if isValid(view) and row.isValid():
                view.setCurrentIndex(row.model().index(row.row(), row.column(), row.parent()))

        return go_back
    return None


def _clock() -> int:
    return time.monotonic_ns() // 1_000_000
