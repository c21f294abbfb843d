"""Buttons by what they are for: one primary per page, the others quieter, each as wide as a finger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from shopdesk.ui import theme
from shopdesk.ui.theme import Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class Button(QPushButton):
    """A button. ``hint`` is the key that does the same, written after the label; screen readers hear the label."""

    role = ""
    tone = Tone.SOFT

    def __init__(
        self,
        label: str,
        act: Callable[[], object] | None = None,
        *,
        icon: str = "",
        hint: str = "",
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._hint = hint
        self._gap = "\u2009 " if icon else ""  # Qt sets icon and text closer than a word
        self.set_label(label)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)  # Enter presses the default button of a dialog, not the one that had focus last
        if icon:
            theme.put_icon(self, icon, self.tone)
            self.setIconSize(QSize(theme.ICON, theme.ICON))
        if self.role:
            self.setProperty("role", self.role)
        self._act = act
        self.clicked.connect(self._on_clicked)

    def set_label(self, label: str) -> None:
        """The words on the button, and what a screen reader says."""
        self.setText(self._gap + (f"{label}   {self._hint}" if self._hint else label))
        self.setAccessibleName(label)

    def _on_clicked(self) -> None:
        if self._act is not None:  # called here, so that what Qt adds (is it checked?) reaches no act
            self._act()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses a button that has the focus, as Space does."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers() & ~_KEYPAD:
            self.click()
            return
        super().keyPressEvent(event)


_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class PrimaryButton(Button):
    """The one thing to press next on a page."""

    role = "primary"
    tone = Tone.ON_ACCENT


class DangerButton(Button):
    """Something that cannot simply be undone. Never the default button of a question."""

    role = "danger"
    tone = Tone.BAD


class QuietButton(Button):
    """Something beside the point: no border until the pointer or the focus comes."""

    role = "quiet"


class LinkButton(Button):
    """Leads somewhere: “View all”."""

    role = "link"
    tone = Tone.ACCENT


class IconButton(Button):
    """A drawing alone; its word is the tool tip and the accessible name."""

    role = "icon"

    def __init__(
        self, label: str, act: Callable[[], object] | None = None, *, icon: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(label, act, icon=icon, tip=label, parent=parent)

    def set_label(self, label: str) -> None:
        """The word for the drawing."""
        self.setAccessibleName(label)
        self.setToolTip(label)


class Segment(Button):
    """One of a few choices beside each other; put them into a QButtonGroup."""

    role = "segment"

    def __init__(self, label: str, act: Callable[[], object] | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(label, act, parent=parent)
        self.setCheckable(True)
