"""Lets nothing show over the lock page: no menu, no dialog, no report, whenever it comes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from shopdesk.ui.sign_in.provider_dialog import ProviderDialog
from shopdesk.ui.window.customer_display import CustomerDisplay


class LockGuard(QObject):
    """Closes all windows but ``window`` when the till is locked, and each that opens later until it is unlocked.

    What belongs to the lock ``page`` stays: its popups, tooltips, and the sign-in with a provider. So does the customer
    display, which is blank meanwhile.
    """

    def __init__(self, window: QWidget, page: QWidget) -> None:
        super().__init__(page)
        self._window = window
        self._page = page

    def engage(self) -> None:
        """Close everything but the window, and watch."""
        for other in _open_windows():
            if other is not self._window and not isinstance(other, CustomerDisplay):
                _dismiss(other)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def release(self) -> None:
        """Let windows open again."""
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close a window that opens."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and self._is_foreign(watched):
            watched.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)  # it is being shown right now
            QTimer.singleShot(0, watched, lambda: _dismiss_unseen(watched))
        return False

    def _is_foreign(self, widget: QWidget) -> bool:
        return widget.isWindow() and widget is not self._window and not self._is_of_lock(widget)

    def _is_of_lock(self, widget: QWidget) -> bool:
        is_tip = widget.windowType() == Qt.WindowType.ToolTip
        return is_tip or isinstance(widget, ProviderDialog | CustomerDisplay) or self._page.isAncestorOf(widget)


def _open_windows() -> list[QWidget]:
    """Return the visible windows, first those that are in front of others: closing one may close those it owns."""
    first = [found for found in (QApplication.activePopupWidget(), QApplication.activeModalWidget()) if found]
    return first + [other for other in QApplication.topLevelWidgets() if other.isVisible() and other not in first]


def _dismiss_unseen(window: QWidget) -> None:
    _dismiss(window)
    if isValid(window):
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)


def _dismiss(window: QWidget) -> None:
    """Close a window as Esc does, which is always safe; one that refuses is hidden."""
    if isinstance(window, QDialog):
        window.reject()
    elif not window.close():
        window.hide()
