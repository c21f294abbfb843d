"""Buttons by purpose: one primary button per page, the others less prominent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QPushButton, QWidget

from shopdesk.ui.base import icons, shortcuts, tokens
from shopdesk.ui.base.i18n import as_written, is_right_to_left
from shopdesk.ui.base.tokens import Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QButtonGroup


class Density(IntEnum):
    """The part of a button that is shown: label and shortcut, the label, or the icon alone."""

    FULL = 0
    SHORT = 1
    ICON = 2


class Button(QPushButton):
    """A button. Its shortcut is shown after the label; the accessible name is the label alone.

    ``shortcut`` is the name of a row of the table of shortcuts, ``hint`` any other key.
    """

    role = ""
    tone = Tone.SOFT

    def __init__(
        self,
        label: str,
        act: Callable[[], object] | None = None,
        *,
        icon: str = "",
        hint: str = "",
        shortcut: str = "",
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._shortcut = shortcut
        self._hint = shortcuts.hint(shortcut) if shortcut else shortcuts.in_short(hint)
        self._density = Density.FULL
        self._gap = "\u2009 " if icon else ""  # Qt leaves less than a space between icon and text
        self._tip = tip
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)  # Enter presses the dialog's default button, not the button focused last
        if icon:
            icons.put_icon(self, icon, self.tone)
            self.setIconSize(QSize(tokens.ICON, tokens.ICON))
        self.set_label(label)
        if self.role:
            self.setProperty("role", self.role)
        self._act = act
        self.clicked.connect(self._on_clicked)

    def set_label(self, label: str) -> None:
        """Set the text on the button and its accessible name."""
        self._label = label
        self.setAccessibleName(label)
        self._show()

    def setToolTip(self, tip: str) -> None:
        """Set the text of the tool tip, which has what the button does not show of its own text as well."""
        self._tip = tip
        self._show()

    def set_density(self, density: Density) -> None:
        """Show all of the text, or less; the tool tip has the rest."""
        if density is not self._density:
            self._density = density
            self._show()

    def show_shortcut(self) -> None:
        """Show the key that this till has for it now."""
        if self._shortcut:
            self._hint = shortcuts.hint(self._shortcut)
            self._show()

    def _show(self) -> None:
        text = self._text()
        self.setText(as_written(text))
        rest = ("" if text else self._label, self._tip, "" if self._density is Density.FULL else self._hint)
        super().setToolTip("   ".join(filter(None, rest)))

    def _text(self) -> str:
        if self._density is Density.ICON and not self.icon().isNull() and self.role != PrimaryButton.role:
            return ""
        if not self._hint or self._density is not Density.FULL:
            return self._gap + self._label
        # Right to left, a key must not join a Latin word before it: an isolate (UAX #9).
        key = f"\u2068{self._hint}\u2069" if is_right_to_left() else self._hint
        return f"{self._gap}{self._label}   {key}"

    def _on_clicked(self) -> None:
        if self._act is not None:  # not connected directly: ``clicked`` would pass its ``checked`` argument on
            self._act()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the focused button on Enter, as Qt does on Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers() & ~_KEYPAD:
            self.click()
            return
        super().keyPressEvent(event)


_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class PrimaryButton(Button):
    """The main action of a page."""

    role = "primary"
    tone = Tone.ON_ACCENT


class DangerButton(Button):
    """An action that cannot easily be undone. Never the default button of a dialog."""

    role = "danger"
    tone = Tone.BAD


class QuietButton(Button):
    """A secondary action, without a border until it is hovered or focused."""

    role = "quiet"


class LinkButton(Button):
    """A button that opens another page: “View all”."""

    role = "link"
    tone = Tone.ACCENT


class IconButton(Button):
    """An icon without text; the label is its accessible name, and its tool tip if no other is set."""

    role = "icon"

    def __init__(
        self, label: str, act: Callable[[], object] | None = None, *, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(label, act, icon=icon, parent=parent)

    def _show(self) -> None:
        QPushButton.setToolTip(self, self._tip or self._label)


class Segment(Button):
    """One of a few choices side by side; group them in a QButtonGroup.

    It acts however a user chooses it; a screen reader toggles it without a click. It does not act on ``setChecked``.
    """

    role = "segment"

    def __init__(
        self,
        label: str,
        act: Callable[[], object] | None = None,
        *,
        shortcut: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(label, act, shortcut=shortcut, parent=parent)
        self._is_told = False
        self.setCheckable(True)
        self.toggled.connect(self._on_toggled)

    def setChecked(self, checked: bool) -> None:
        """Show it as chosen or not, without acting."""
        self._is_told = True
        super().setChecked(checked)
        self._is_told = False

    def nextCheckState(self) -> None:
        """Change by a click, which acts by itself."""
        self._is_told = True
        super().nextCheckState()
        self._is_told = False

    def _on_toggled(self, checked: bool) -> None:
        group = cast("QButtonGroup | None", self.group())  # the stubs leave None out
        is_other_chosen = not checked and group is not None and group.exclusive()
        if not self._is_told and not is_other_chosen and self._act is not None:
            self._act()


def fit(buttons: Sequence[Button], layout: QLayout, room: int) -> None:
    """Show as much of the texts of the buttons in a layout as it can have in ``room`` px."""
    for density in Density:
        for button in buttons:
            button.set_density(density)
            part = button.parentWidget()
            if part is not None and (own := part.layout()) is not None and part is not layout.parentWidget():
                own.activate()  # layouts inside it learn of the shorter text only now
                part.updateGeometry()
        if layout.totalMinimumSize().width() <= room:
            return


class ButtonRow(QWidget):
    """Buttons at the foot of a page, the last one at the end; in a narrow window they show less of their texts."""

    def __init__(self, *buttons: Button, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = buttons
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(tokens.XL, tokens.S, tokens.XL, tokens.S)
        self._row.setSpacing(tokens.S)
        for button in buttons[:-1]:
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._row.addWidget(buttons[-1])
        self.setMinimumWidth(1)  # the page may be narrower than all texts

    def fit(self) -> None:
        """Show as much of the texts as there is room for; call it when buttons were shown or hidden."""
        fit(self._buttons, self._row, self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the texts as there is room for."""
        super().resizeEvent(event)
        self.fit()
