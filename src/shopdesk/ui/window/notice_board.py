"""Show notices in a corner of the window, above the page."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint, QPropertyAnimation, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from shopdesk.ui.base import tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.notice import Notice
from shopdesk.ui.widgets.banner import TONE_ICONS
from shopdesk.ui.widgets.buttons import Button, IconButton
from shopdesk.ui.widgets.labels import Drawing, Label


class NoticeCard(QFrame):
    """A notification with an optional action."""

    closed = Signal()  # emitted when the notice closes

    def __init__(self, note: Notice, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = note
        self.slide = QPropertyAnimation(self, b"pos", self)
        self.slide.setDuration(tokens.MOTION_MS)
        self.setProperty("role", "notice")
        self.setAccessibleName(note.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.L, tokens.S, tokens.S, tokens.S)
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
        """Emit ``closed``, so that the other notices move up."""
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
    """The notices at the top of a window, between its title and its buttons, where they cover nothing.

    Only one notice that closes by itself is shown at a time; notices that stay are placed below it.
    """

    def __init__(self, window: QWidget, *, below: int = 0) -> None:
        super().__init__(window)
        self._window = window
        self._below = below
        self._notices: list[NoticeCard] = []
        self._unread: Notice | None = None
        window.installEventFilter(self)

    @property
    def texts(self) -> list[str]:
        """The texts of the notices shown, oldest first."""
        return [notice.note.text for notice in self._notices]

    def show(self, note: Notice) -> None:
        """Show a notice; it replaces one with the same text."""
        for notice in list(self._notices):
            if notice.note.text == note.text or not (note.stays or notice.note.stays):
                notice.close()
        notice = NoticeCard(note, parent=self._window)
        notice.closed.connect(lambda: self._remove(notice))
        self._notices.append(notice)
        notice.move((self._window.width() - self._width()) // 2, self._below - tokens.PRIMARY)
        notice.show()
        notice.raise_()
        self._place()
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
        for notice in list(self._notices):
            notice.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the notices centred when the window is resized."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _on_read(self) -> None:
        self._unread = None

    def _remove(self, notice: NoticeCard) -> None:
        if notice in self._notices:
            self._notices.remove(notice)
            self._place()

    def _place(self) -> None:
        width = self._width()
        top = self._below + tokens.S
        for notice in sorted(self._notices, key=lambda notice: notice.note.stays):
            height = max(notice.heightForWidth(width), notice.sizeHint().height(), tokens.PRIMARY)
            notice.resize(width, height)
            notice.slide.stop()
            notice.slide.setEndValue(QPoint((self._window.width() - width) // 2, top))
            notice.slide.start()
            top += height + tokens.S

    def _width(self) -> int:
        return min(tokens.NOTICE, self._window.width() - 2 * tokens.L)
