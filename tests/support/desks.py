"""What screens ask of their window, kept for the test; and keys for every alphabet."""

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.ui.desk import Desk
from shopdesk.ui.text import Note

W = TypeVar("W", bound=QWidget)
Show = Callable[[W], W]


class Wishes:
    """What screens asked of the window, as (signal, value), and what they said."""

    def __init__(self, desk: Desk) -> None:
        self.all: list[tuple[str, Any]] = []
        self.notes: list[Note] = []
        self.troubles: list[Exception] = []
        for name in (
            "document_wanted", "new_document_wanted", "edit_wanted", "draft_wanted", "documents_wanted", "page_wanted",
        ):  # fmt: skip
            getattr(desk, name).connect(lambda value, name=name: self.all.append((name, value)))
        desk.noted.connect(self.notes.append)
        desk.background.troubled.connect(self.troubles.append)

    @property
    def last(self) -> tuple[str, Any]:
        return self.all[-1]

    @property
    def words(self) -> list[str]:
        return [note.text for note in self.notes]


def press(widget: QWidget, text: str) -> None:
    """Type a text, whatever its alphabet (``keyClicks`` dies of anything but ASCII)."""
    for letter in text:
        for kind in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))
