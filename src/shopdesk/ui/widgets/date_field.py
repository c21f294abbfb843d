"""A date field: typed in the local format, or picked from a calendar. Unreadable text is kept."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from shopdesk.domain.clean_text import quoted
from shopdesk.domain.draft import EARLIEST_DATE
from shopdesk.ui.base import date_input, icons, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets import calendar
from shopdesk.ui.widgets.field import Field

_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class DateField(Field):
    """A field for a date. Empty means the date of ``show_default``, or no date without one."""

    changed = Signal()  # emitted when ``value`` changes
    completed = Signal()  # emitted on Enter
    finished = Signal()  # emitted when a date was picked, or typed and left

    def __init__(
        self, context: Context, label: str, *, name: str, compact: bool = False, parent: QWidget | None = None
    ) -> None:
        self.edit = QLineEdit()
        super().__init__(label, self.edit, name=name, compact=compact, parent=parent)
        self._context = context
        self._default: date | None = None
        self._value = ""
        self._is_filling = False
        self.edit.textChanged.connect(self._on_typed)
        self.edit.installEventFilter(self)
        pick = self.edit.addAction(icons.icon("calendar"), QLineEdit.ActionPosition.TrailingPosition)
        pick.setToolTip(tr("Calendar"))
        for button in self.edit.findChildren(QToolButton):
            button.setAccessibleName(tr("Calendar"))
        pick.triggered.connect(self.pick)
        self.show_value("")

    @property
    def value(self) -> str:
        """The ISO date if the text can be read, else the text as typed."""
        return self._value

    @property
    def day(self) -> date | None:
        """The date, or None if there is none or it cannot be read."""
        try:
            return date.fromisoformat(self._value) if self._value else self._default
        except ValueError:
            return None

    def show_value(self, value: str) -> None:
        """Show a value: an ISO date in the local format, any other text as it is."""
        self._value = value
        self.clear_fault()
        self._write()

    def show_default(self, day: date | None) -> None:
        """Set the date that an empty field means, and show it unless something is being typed."""
        if day == self._default:
            return
        shows_default = self.edit.text() == self._written()
        self._default = day
        if not self._value and (shows_default or not self.edit.hasFocus()):
            self._write()

    def pick(self) -> None:
        """Open the calendar below the field."""
        calendar.pick(self.day or self._context.today(), self._context.language, self.edit, self._take)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Step by days with the arrows, go on at Enter, and format the date when the focus leaves."""
        if event.type() is QEvent.Type.FocusOut:
            self._write()
            self.finished.emit()
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if event.key() in _ENTER:
            self._write()
            self.finished.emit()
            self.completed.emit()
            return True
        if event.key() in _STEPS and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.pick()
            return True
        if event.key() in _STEPS:
            day = self.day or self._context.today()
            self._take(date_input.shifted(day, _STEPS[Qt.Key(event.key())]))
            return True
        return False

    # --- inside ---

    @property
    def _order(self) -> str:
        """The language with the shop's country, which decides whether the day or the month is typed first."""
        language, country = self._context.language, self._context.shop.seller.country
        return language if "-" in language or not country else f"{language}-{country}"

    def _written(self) -> str:
        day = self.day
        return self._value if day is None else self._context.format.day(day)

    def _write(self) -> None:
        text = self._written()
        if text != self.edit.text():
            self._is_filling = True
            fault = self.fault
            self.edit.setText(text)
            self.show_fault(fault)
            self._is_filling = False

    def _take(self, day: date) -> None:
        self.show_value(day.isoformat())
        self.edit.selectAll()
        self.changed.emit()
        self.finished.emit()

    def _on_typed(self, text: str) -> None:
        if self._is_filling or text == self._written():
            return
        today = self._context.today()
        found = date_input.read(text, today=today, language=self._order) if text.strip() else None
        self._value = found.isoformat() if found else text.strip()
        self.changed.emit()


_LATEST_DATE = date(EARLIEST_DATE.year + 199, 12, 31)


class FilterDate(DateField):
    """A date of a filter or a period, without a visible label. While the text is no date, the last one holds."""

    picked = Signal()  # emitted when the date has changed

    def __init__(self, context: Context, label: str, on: date, *, parent: QWidget | None = None) -> None:
        super().__init__(context, label, name="day", compact=True, parent=parent)
        self.label.hide()
        widest = [context.format.day(date(on.year, month, 28)) for month in range(1, 13)]
        self.setFixedWidth(max(map(self.edit.fontMetrics().horizontalAdvance, widest)) + 3 * tokens.XL)
        self.set_date(on)
        self.finished.connect(self._on_finished)

    @property
    def chosen(self) -> date:
        """The date that was last typed or picked."""
        return self._chosen

    def set_date(self, on: date) -> None:
        """Show a date, without a signal."""
        self._chosen = on
        self.show_value(on.isoformat())

    def _on_finished(self) -> None:
        day = self.day
        if not self.value:
            self.set_date(self._chosen)
        elif day is None:
            example = self._context.format.day(self._context.today())
            text = tr("{typed} is not a date. Type it like {example}.", typed=quoted(self.value), example=example)
            self.show_fault(text)
        elif not EARLIEST_DATE <= day <= _LATEST_DATE:
            self.show_fault(tr("The date must be in {year} or later.", year=str(EARLIEST_DATE.year)))
        elif day != self._chosen:
            self._chosen = day
            self.picked.emit()
