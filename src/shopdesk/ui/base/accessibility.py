"""Names and values of choices, and announcements, for screen readers: Qt leaves them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QApplication, QComboBox, QPushButton, QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QButtonGroup

_INSTALLED = "shopdesk_accessibility_installed"


class _Choice(QAccessibleWidget):
    """A combo box by its own name. Qt on Linux takes the chosen entry for the name, so that it is told without one."""

    def __init__(self, combo: QComboBox) -> None:
        super().__init__(combo, QAccessible.Role.ComboBox)
        self._combo = combo

    def text(self, which: QAccessible.Text) -> str:
        """Return the name; the chosen entry is the value, and where only numbers are values the description."""
        chosen = self._combo.currentText()
        if which is QAccessible.Text.Value:
            return chosen
        if which is QAccessible.Text.Description:
            return " · ".join(filter(None, (chosen, super().text(which))))
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


class _Toggle(QAccessibleWidget):
    """A button that stays down: a radio button where one of its group is chosen. Qt takes each for a check box."""

    def __init__(self, button: QPushButton) -> None:
        super().__init__(button, QAccessible.Role.CheckBox)
        self._button = button

    def role(self) -> QAccessible.Role:
        """Return how it works now: it joins its group after it was made."""
        group = cast("QButtonGroup | None", self._button.group())  # the stubs leave None out
        is_one_of_group = group is not None and group.exclusive()
        return QAccessible.Role.RadioButton if is_one_of_group else super().role()

    def state(self) -> QAccessible.State:
        """Return the state of every control, and whether it is down."""
        state = super().state()
        state.checkable = True
        state.checked = self._button.isChecked()
        return state

    def actionNames(self) -> list[str]:
        """Return what can be done with it: choose it, or not any more."""
        return [self.toggleAction(), *super().actionNames()] if self._button.isEnabled() else []

    def doAction(self, name: str) -> None:
        """Change it, or do what every control does."""
        if name == self.toggleAction():
            self._button.toggle()
        else:
            super().doAction(name)


def install(app: QApplication) -> None:
    """Describe choices, once per application; Qt asks only while a screen reader or a test listens."""
    if not app.property(_INSTALLED):
        app.setProperty(_INSTALLED, True)
        QAccessible.installFactory(_interface)


def _interface(kind: str, of: object) -> QAccessibleInterface | None:
    if kind == "QComboBox" and isinstance(of, QComboBox):
        of.currentTextChanged.connect(_announce_choice)
        return _Choice(of)
    if kind == "QPushButton" and isinstance(of, QPushButton) and of.isCheckable():
        return _Toggle(of)
    return None


def _announce_choice(chosen: str) -> None:
    """Announce the entry that the keys choose in a combo box that is not open."""
    focus = QApplication.focusWidget()
    if isinstance(focus, QComboBox) and focus.currentText() == chosen:
        announce(focus, chosen)


def announce(source: QWidget, text: str) -> None:
    """Have a screen reader say a text, after what it is saying."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(source, text))
