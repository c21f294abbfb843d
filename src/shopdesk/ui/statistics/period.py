"""The period picker of Statistics, and the days each period is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from shopdesk.message_catalogues import mark
from shopdesk.render.formatting import first_weekday
from shopdesk.ui.base import display_names, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.date_field import FilterDate
from shopdesk.ui.widgets.flow_layout import FlowLayout
from shopdesk.ui.widgets.labels import Label


class Period(StrEnum):
    """The periods of the picker; the value is the English label."""

    TODAY = mark("Today")
    THIS_WEEK = mark("This week")
    THIS_MONTH = mark("This month")
    LAST_30_DAYS = mark("Last 30 days")
    THIS_YEAR = mark("This year")
    YESTERDAY = mark("Yesterday")
    LAST_MONTH = mark("Last month")
    LAST_QUARTER = mark("Last quarter")
    OWN = mark("Own range")


@dataclass(frozen=True, slots=True)
class Span:
    """The first and last day, the days compared with, and their name as in “more than the week before”."""

    since: date
    until: date
    against: tuple[date, date]
    then: str

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.until - self.since).days + 1


def span(period: Period, today: date, own: tuple[date, date], *, first_weekday: int = 0) -> Span:
    """Return the days of a period up to today, and as many days before to compare with; see ``Span``.

    Weeks begin on ``first_weekday``, counted from 0, Monday.
    """
    week = timedelta(days=7)
    match period:
        case Period.TODAY:
            then = tr("last {weekday}", weekday=display_names.weekday(today.weekday()))
            return Span(today, today, (today - week, today - week), then)
        case Period.YESTERDAY:
            day = today - timedelta(days=1)
            then = tr("the {weekday} before", weekday=display_names.weekday(day.weekday()))
            return Span(day, day, (day - week, day - week), then)
        case Period.LAST_MONTH:
            since, until = _months_before(today, 1)
            return Span(since, until, _months_before(since, 1), tr("the month before"))
        case Period.LAST_QUARTER:
            since, until = _months_before(today.replace(day=1, month=3 * ((today.month - 1) // 3) + 1), 3)
            return Span(since, until, _months_before(since, 3), tr("the quarter before"))
        case Period.THIS_WEEK:
            begin = today - timedelta(days=(today.weekday() - first_weekday) % 7)
            return Span(begin, today, (begin - week, today - week), tr("the week before"))
        case Period.THIS_MONTH:
            last = today.replace(day=1) - timedelta(days=1)
            same_day = last.replace(day=min(today.day, last.day))
            return Span(today.replace(day=1), today, (last.replace(day=1), same_day), tr("the month before"))
        case Period.THIS_YEAR:
            begin = date(today.year - 1, 1, 1)
            return Span(date(today.year, 1, 1), today, (begin, _a_year_before(today)), tr("the year before"))
        case Period.LAST_30_DAYS:
            return _with_as_many_before(today - timedelta(days=29), today)
        case Period.OWN:
            return _with_as_many_before(*own)


def _months_before(day: date, count: int) -> tuple[date, date]:
    """Return the first and the last day of the whole months before that of ``day``."""
    last = day.replace(day=1) - timedelta(days=1)
    months = last.year * 12 + last.month - count
    return date(months // 12, months % 12 + 1, 1), last


def _with_as_many_before(since: date, until: date) -> Span:
    length = until - since + timedelta(days=1)
    days = length.days
    then = tr("the day before") if days == 1 else tr("the {count} days before", count=days)
    return Span(since, until, (since - length, since - timedelta(days=1)), then)


def _a_year_before(day: date) -> date:
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


class PeriodPicker(QWidget):
    """A row of buttons for the periods. ``own`` holds the two dates of the custom range; the page places it."""

    changed = Signal()  # emitted when the period or its days change

    def __init__(self, context: Context, *, begin: Period = Period.LAST_30_DAYS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Period"))
        self._context = context
        self._group = QButtonGroup(self)
        row = FlowLayout(self)
        row.setSpacing(tokens.XS)
        for at, period in enumerate(Period):
            segment = Segment(tr_marked(period.value), self._on_pressed)
            segment.setChecked(period is begin)
            self._group.addButton(segment, at)
            row.addWidget(segment)
        today = context.today()
        self.since = FilterDate(context, tr("From"), today - timedelta(days=29))
        self.until = FilterDate(context, tr("Until"), today)
        for day in (self.since, self.until):
            day.picked.connect(self._on_day)
        self.own = QWidget()
        own = QHBoxLayout(self.own)
        own.setContentsMargins(0, 0, 0, 0)
        own.setSpacing(tokens.XS)
        own.addWidget(self.since)
        own.addWidget(Label("–", "soft"))
        own.addWidget(self.until)
        if begin is not Period.OWN:
            self.own.hide()
        self.setFocusProxy(self._group.button(list(Period).index(begin)))

    def button(self, period: Period) -> Segment:
        """Return the button of a period."""
        button = self._group.button(list(Period).index(period))
        if not isinstance(button, Segment):
            raise TypeError("every period has a Segment")
        return button

    @property
    def period(self) -> Period:
        """The selected period."""
        return list(Period)[self._group.checkedId()]

    @property
    def span(self) -> Span:
        """The days of the selected period; the two dates of a custom range may be in either order."""
        since, until = sorted((self.since.chosen, self.until.chosen))
        return span(
            self.period, self._context.today(), (since, until), first_weekday=first_weekday(self._context.shop.locale)
        )

    def _on_pressed(self) -> None:
        if self.period is Period.OWN:
            self.own.show()
        else:
            self.own.hide()
            shown = self.span
            for edit, day in ((self.since, shown.since), (self.until, shown.until)):
                edit.set_date(day)  # the custom range starts with the days shown before
        self.setFocusProxy(self.button(self.period))
        self.changed.emit()

    def _on_day(self) -> None:
        if self.period is Period.OWN:
            self.changed.emit()
