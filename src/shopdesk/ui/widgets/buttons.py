"""Buttons by purpose: one primary button per page, the others less prominent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from shopdesk.ui.base import icons, shortcuts, tokens
from shopdesk.ui.base.i18n import as_written
from shopdesk.ui.base.tokens import Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent
    from PySide6.QtWidgets import QButtonGroup


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
        self._is_dense = False
        self._gap = "\u2009 " if icon else ""  # Qt leaves less than a space between icon and text
        self.set_label(label)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)  # Enter presses the dialog's default button, not the button focused last
        if icon:
            icons.put_icon(self, icon, self.tone)
            self.setIconSize(QSize(tokens.ICON, tokens.ICON))
        if self.role:
            self.setProperty("role", self.role)
        self._act = act
        self.clicked.connect(self._on_clicked)

    def set_label(self, label: str) -> None:
        """Set the text on the button and its accessible name."""
        self._label = label
        self.setText(self._gap + as_written(f"{label}   {self._hint}" if self._hint and not self._is_dense else label))
        self.setAccessibleName(label)

    def set_dense(self, dense: bool) -> None:
        """Show the shortcut in the tool tip only, or on the button again."""
        if dense != self._is_dense:
            self._is_dense = dense
            name = self.accessibleName()
            self.set_label(self._label)
            self.setAccessibleName(name)
            if self._hint:
                self.setToolTip(self._hint if dense else "")

    def width_of(self, *, dense: bool) -> int:
        """Return the width that it needs with its shortcut, or without."""
        missing = self.fontMetrics().horizontalAdvance(f"   {self._hint}") if self._hint else 0
        return self.sizeHint().width() + missing * (int(self._is_dense) - int(dense))

    def show_shortcut(self) -> None:
        """Show the key that this till has for it now."""
        if self._shortcut:
            self._hint = shortcuts.hint(self._shortcut)
            name = self.accessibleName()
            self.set_label(self._label)
            self.setAccessibleName(name)

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
    """An icon without text; the label is its tool tip and accessible name."""

    role = "icon"

    def __init__(
        self, label: str, act: Callable[[], object] | None = None, *, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(label, act, icon=icon, tip=label, parent=parent)

    def set_label(self, label: str) -> None:
        """Set the tool tip and the accessible name."""
        self._label = label
        self.setAccessibleName(label)
        self.setToolTip(label)


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


class ButtonRow(QWidget):
    """Buttons at the foot of a page, the last one at the end; in a narrow window they show no shortcuts."""

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

    def minimumSizeHint(self) -> QSize:
        """Return the width of the buttons without their shortcuts."""
        return QSize(self._width(dense=True), super().minimumSizeHint().height())

    def fit(self) -> None:
        """Show the shortcuts if there is room for them; call it when buttons were shown or hidden."""
        dense = self._width(dense=False) > self.width()
        for button in self._buttons:
            button.set_dense(dense)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the shortcuts if there is room for them."""
        super().resizeEvent(event)
        self.fit()

    def _width(self, *, dense: bool) -> int:
        margins = self._row.contentsMargins()
        shown = [button for button in self._buttons if not button.isHidden()]
        widths = sum(button.width_of(dense=dense) for button in shown)
        return widths + (len(shown) - 1) * self._row.spacing() + margins.left() + margins.right()
