"""Enter moves to the next field of a form, and from the last one to its button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from shopdesk.ui.widgets.field import Field


class EnterNavigation(QObject):
    """Enter in a field moves to the next one, in the last field it calls ``act``."""

    def __init__(self, fields: Sequence[QWidget], act: Callable[[], object], *, parent: QWidget) -> None:
        super().__init__(parent)
        self._controls = [field.control if isinstance(field, Field) else field for field in fields]
        self._act = act
        for control in self._controls:
            control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle Enter in the controls."""
        if (
            event.type() is not QEvent.Type.KeyPress
            or not isinstance(event, QKeyEvent)
            or event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        ):
            return False
        at = next((at for at, control in enumerate(self._controls) if control is watched), None)
        if at is None:
            return False
        following = [control for control in self._controls[at + 1 :] if control.isVisible() and control.isEnabled()]
        if following:
            following[0].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._act()
        return True
