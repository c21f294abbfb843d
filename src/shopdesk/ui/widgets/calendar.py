"""A month calendar for picking a day, in the theme's colours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QDate, QLocale, QPoint, QSize, Qt
from PySide6.QtGui import QColor, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QMenu, QToolButton, QWidget, QWidgetAction

from shopdesk.render.formatting import first_weekday
from shopdesk.ui.base import icons, tokens
from shopdesk.ui.base.i18n import tr

_WEEK = (
    Qt.DayOfWeek.Monday,
    Qt.DayOfWeek.Tuesday,
    Qt.DayOfWeek.Wednesday,
    Qt.DayOfWeek.Thursday,
    Qt.DayOfWeek.Friday,
    Qt.DayOfWeek.Saturday,
    Qt.DayOfWeek.Sunday,
)


class Calendar(QCalendarWidget):
    """The month of a day, with that day selected."""

    def __init__(self, day: date, language: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Calendar"))
        self.setLocale(_western_digits(language))
        self.setFirstDayOfWeek(_WEEK[first_weekday(language)])  # Qt knows a language in its usual region only
        self.setGridVisible(False)
        self.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.setSelectedDate(QDate(day.year, day.month, day.day))
        self.setStyleSheet("QTableView::item { padding: 0; border: none; } QTableView { border: none; }")
        self.setMinimumSize(QSize(8 * tokens.CONTROL, 8 * tokens.CONTROL))
        colours = tokens.colours()
        days, head = QTextCharFormat(), QTextCharFormat()
        days.setForeground(QColor(colours.text))
        head.setForeground(QColor(colours.soft))
        head.setBackground(QColor(colours.raised))
        self.setHeaderTextFormat(head)
        for weekday in _WEEK:  # Qt shows weekends in red, which means an error here
            self.setWeekdayTextFormat(weekday, days)
        for name, icon, said in (
            ("prevmonth", "back", tr("Previous month")),
            ("nextmonth", "forward", tr("Next month")),
        ):
            button = self.findChild(QToolButton, f"qt_calendar_{name}")
            if isinstance(button, QToolButton):
                button.setIcon(icons.icon(icon))
                button.setIconSize(QSize(tokens.ICON_SMALL, tokens.ICON_SMALL))
                button.setAccessibleName(said)
                button.setToolTip(said)


def _western_digits(language: str) -> QLocale:
    """Return a locale of the language that writes 0 to 9, as the rest of the program does; English if Qt has none."""
    locale = QLocale(language.replace("-", "_"))
    alike = QLocale.matchingLocales(locale.language(), locale.script(), QLocale.Country.AnyCountry)
    western = [one for one in (locale, *alike) if one.zeroDigit() == "0"] or [QLocale("en_GB")]
    return next((one for one in western if one.monthName(1) == locale.monthName(1)), western[0])


def pick(day: date, language: str, below: QWidget, picked: Callable[[date], object]) -> QMenu:
    """Open a calendar below a control; a click or Enter on a day calls ``picked``, Esc closes it."""
    calendar = Calendar(day, language)
    menu = QMenu(below)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    action = QWidgetAction(menu)
    action.setDefaultWidget(calendar)
    menu.addAction(action)

    def take(chosen: QDate) -> None:
        menu.close()
        picked(date(chosen.year(), chosen.month(), chosen.day()))

    calendar.clicked.connect(take)
    calendar.activated.connect(take)
    menu.popup(below.mapToGlobal(QPoint(0, below.height() + tokens.XS)))
    calendar.setFocus()
    return menu
