"""Everything Statistics shows of a period, read in one question, so that its figures agree with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Kind, State
from shopdesk.queries import statistics
from shopdesk.queries.documents import Find
from shopdesk.queries.statistics import Best, CustomSales, KindSales, MethodSales, Overview, Period, Step
from shopdesk.ui.desk import Desk
from shopdesk.ui.models.paged import ColumnOf, PagedModel
from shopdesk.ui.text import tr
from shopdesk.ui.widgets.period import Span

SHORTEST_CHART = 14
"""A day alone says little: the chart shows at least these many days, the period's own marked."""
LONGEST_BY_DAY = 62
LONGEST_BY_WEEK = 200
COUNTED = frozenset({State.ISSUED, State.CORRECTED})
SALES = frozenset(kind for kind in Kind if kind.is_sale)
ORDERS = frozenset(kind for kind in Kind if kind.is_order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A period: its figures, its bars with those of the time before (as far as they pair), and its parts."""

    span: Span
    step: Step
    charted_since: date
    overview: Overview
    periods: tuple[Period, ...]
    before: tuple[Period, ...]
    kinds: tuple[KindSales, ...]
    methods: tuple[MethodSales, ...]
    customs: tuple[CustomSales, ...]
    customers: tuple[Best, ...]
    items: tuple[Best, ...]
    as_of: datetime | None = None
    """Up to when the books were known that this was read from, where they were behind."""

    def days(self, at: int) -> tuple[date, date]:
        """The first and the last day of a bar."""
        start = self.periods[at].start
        last = self.step.following(start) - timedelta(days=1)
        return max(start, self.charted_since), min(last, self.span.until)

    def is_inside(self, at: int) -> bool:
        """Whether a bar belongs to the period itself."""
        return self.days(at)[1] >= self.span.since


def usual_step(span: Span) -> Step:
    """By what the bars of a period are best read."""
    if span.days <= LONGEST_BY_DAY:
        return Step.DAY
    return Step.WEEK if span.days <= LONGEST_BY_WEEK else Step.MONTH


def read(session: Any, *, span: Span, step: Step, by: Actor) -> Report:
    """A question for ``desk.study``: needs the right to see statistics."""
    charted_since = span.since
    if step is Step.DAY:
        charted_since = min(span.since, span.until - timedelta(days=SHORTEST_CHART - 1))
    days: dict[str, Any] = {"since": span.since, "until": span.until, "by": by}
    before: tuple[Period, ...] = ()
    if charted_since == span.since:
        first, last = span.against
        before = statistics.over_time(session, since=first, until=last, step=step, by=by)
    return Report(
        span=span,
        step=step,
        charted_since=charted_since,
        overview=statistics.overview(session, **days, against=span.against),
        periods=statistics.over_time(session, since=charted_since, until=span.until, step=step, by=by),
        before=before,
        kinds=statistics.by_kind(session, **days),
        methods=statistics.by_method(session, **days),
        customs=statistics.by_custom(session, **days),
        customers=statistics.best_customers(session, **days),
        items=statistics.best_items(session, **days),
        as_of=statistics.as_of(session),
    )


def find(span: Span, **more: Any) -> Find:
    """The documents that count in a period, and more conditions."""
    return replace(Find(kinds=SALES, states=COUNTED, since=span.since, until=span.until), **more)


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar as a row of a table: for whoever reads rather than looks."""

    key: int
    days: str
    orders: int
    gross: int
    before: int | None


class BarsModel(PagedModel[BarRow]):
    """The chart as a table."""

    def __init__(self, desk: Desk, *, parent: Any) -> None:
        currency = desk.shop.currency.code
        columns: tuple[ColumnOf[BarRow], ...] = (
            ColumnOf(title=tr("When"), text=lambda row: row.days),
            ColumnOf(title=tr("Orders"), text=lambda row: desk.count(row.orders), width=104, is_number=True),
            ColumnOf(
                title=tr("Sales, {currency}", currency=currency),
                text=lambda row: desk.amount(row.gross),
                width=140,
                is_number=True,
            ),
            ColumnOf(
                title=tr("The time before, {currency}", currency=currency),
                text=lambda row: desk.amount(row.before) if row.before is not None else "",
                width=180,
                is_number=True,
            ),
        )
        super().__init__(desk, columns, parent=parent)

    def show_bars(self, rows: tuple[BarRow, ...]) -> None:
        """Show these."""
        self._replace(rows, len(rows) + 1)
