"""Keyboard access: controls that Tab does not reach, and controls without an accessible name."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget


def unnamed_controls(page: QWidget) -> list[str]:
    """Return the types of the controls that take the focus but have no accessible name."""
    return [type(part).__name__ for part in _stops(page) if not part.accessibleName()]


def unreachable_by_tab(page: QWidget) -> list[str]:
    """Return the names of the controls that Tab does not reach; one button of an exclusive group is enough."""
    page.setFocus()
    seen: set[QWidget] = set()
    stops = _stops(page)
    for _ in range(3 * len(stops)):
        focus = QApplication.focusWidget()
        if focus is None:
            break
        seen.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    groups = {part.group() for part in seen if isinstance(part, QAbstractButton)} - {None}
    missing = [part for part in stops if part not in seen]
    return [
        part.accessibleName() for part in missing if not (isinstance(part, QAbstractButton) and part.group() in groups)
    ]


def _stops(page: QWidget) -> list[QWidget]:
    return [
        part
        for part in page.findChildren(QWidget)
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and part.isVisible()
        and part.isEnabled()
        and part.focusProxy() is None
    ]
