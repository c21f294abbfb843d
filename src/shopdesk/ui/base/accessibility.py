"""Names of combo boxes and announcements, for screen readers: Qt leaves them out."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QApplication, QComboBox, QWidget

_INSTALLED = "shopdesk_accessibility_installed"


class _Choice(QAccessibleWidget):
    """A combo box by its own name. Qt on Linux takes the chosen entry for the name, so that it is told without one."""

    def __init__(self, combo: QComboBox) -> None:
        super().__init__(combo, QAccessible.Role.ComboBox)
        self._combo = combo

    def text(self, which: QAccessible.Text) -> str:
        """Return the name, or the chosen entry as the value."""
        if which is QAccessible.Text.Value:
            return self._combo.currentText()
        return super().text(which)

    def actionNames(self) -> list[str]:
        """Return what can be done with it: open the list."""
        return [self.showMenuAction(), *super().actionNames()]

    def doAction(self, name: str) -> None:
        """Open the list, or do what every control does."""
        if name == self.showMenuAction():
            self._combo.showPopup()
        else:
            super().doAction(name)


def install(app: QApplication) -> None:
    """Give combo boxes their names, once per application; Qt asks only while a screen reader or a test listens."""
    if not app.property(_INSTALLED):
        app.setProperty(_INSTALLED, True)
        QAccessible.installFactory(_interface)


def _interface(kind: str, of: object) -> QAccessibleInterface | None:
    return _Choice(of) if kind == "QComboBox" and isinstance(of, QComboBox) else None


def announce(source: QWidget, text: str) -> None:
    """Have a screen reader say a text, after what it is saying."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(source, text))
