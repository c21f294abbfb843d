"""Show notices in a strip above the page, which moves down: they cover nothing."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.notice import Notice
from shopdesk.ui.widgets.banner import TONE_ICONS
from shopdesk.ui.widgets.buttons import Button, IconButton
from shopdesk.ui.widgets.labels import Drawing, Label
from shopdesk.ui.widgets.page_parts import set_margins


class NoticeCard(QFrame):
    """A notification with an optional action."""

    closed = Signal()  # emitted when the notice closes

    def __init__(self, note: Notice, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = note
        self.setProperty("role", "notice")
        self.setAccessibleName(note.text)
        row = QHBoxLayout(self)
        set_margins(row, tokens.XL, tokens.XS, tokens.S, tokens.XS)
        row.setSpacing(tokens.M)
        row.addWidget(Drawing(TONE_ICONS[note.tone], note.tone))
        row.addWidget(Label(note.text, wrap=True), 1)
        if note.action is not None:
            self.action = Button(note.action.label, self._on_action)
            row.addWidget(self.action)
        row.addWidget(IconButton(tr("Close"), self._on_read, icon="close"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if not note.stays:
            self._until = QTimer(self, singleShot=True, interval=tokens.NOTICE_MS)
            self._until.timeout.connect(self.close)
            self._until.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Emit ``closed``, so that the strip gets smaller."""
        super().closeEvent(event)
        self.closed.emit()

    def _on_read(self) -> None:
        read = self.note.on_dismissed
        self.close()
        if read is not None:
            read()

    def _on_action(self) -> None:
        action = self.note.action
        self._on_read()
        if action is not None:
            action.act()


class NoticeBoard(QObject):
    """The notices of a window. They stand in ``strip``, which the window puts into a layout, so that it covers nothing.

    Only one notice that closes by itself is shown at a time; notices that stay are placed below it. A locked till shows
    none: those that stay are shown again when the same person unlocks it.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.strip = QWidget(window)
        self.strip.hide()
        self._column = QVBoxLayout(self.strip)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._notices: list[NoticeCard] = []
        self._unread: Notice | None = None
        self._is_locked = False

    @property
    def texts(self) -> list[str]:
        """The texts of the notices, oldest first; also while the till is locked, which hides them."""
        return [notice.note.text for notice in self._notices]

    def show(self, note: Notice) -> None:
        """Show a notice; it replaces one with the same text."""
        if self._is_locked and not note.stays:
            return  # it would have gone by the time the till is unlocked
        for notice in list(self._notices):
            if notice.note.text == note.text or not (note.stays or notice.note.stays):
                notice.close()
        notice = NoticeCard(note, parent=self.strip)
        notice.closed.connect(lambda: self._remove(notice))
        self._notices.append(notice)
        self._column.insertWidget(-1 if note.stays else 0, notice)
        self._show_strip()
        if not self._is_locked:
            QAccessible.updateAccessibility(QAccessibleEvent(notice, QAccessible.Event.Alert))

    def show_until_read(self, note: Notice) -> None:
        """Show a notice that stays until the user closes it or presses its button; ``clear`` only hides it."""
        self._unread = replace(note, stays=True, on_dismissed=self._on_read)
        self.show(self._unread)

    def show_unread(self) -> None:
        """Show the notice of ``show_until_read`` again unless the user has closed it."""
        if self._unread is not None:
            self.show(self._unread)

    def clear(self) -> None:
        """Close all notices, when another user signs in."""
        self._is_locked = False
        for notice in list(self._notices):
            notice.close()

    def lock(self) -> None:
        """Hide the notices, which may name customers; those that close by themselves are closed."""
        self._is_locked = True
        for notice in [notice for notice in self._notices if not notice.note.stays]:
            notice.close()
        self._show_strip()

    def unlock(self, *, same_person: bool) -> None:
        """Show the notices that stay again, or only the unread one if they were another person's."""
        self._is_locked = False
        if not same_person:
            self.clear()
            self.show_unread()
        self._show_strip()

    def _on_read(self) -> None:
        self._unread = None

    def _remove(self, notice: NoticeCard) -> None:
        if notice in self._notices:
            self._notices.remove(notice)
            self._show_strip()

    def _show_strip(self) -> None:
        self.strip.setVisible(bool(self._notices) and not self._is_locked)
