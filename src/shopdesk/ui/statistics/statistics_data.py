"""The statistics of a period, read in one transaction so that the figures agree with each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Kind, State
from shopdesk.queries import statistics
from shopdesk.queries.documents import DocumentFilter
from shopdesk.queries.statistics import (
    CustomerTypeSales,
    KindSales,
    MethodSales,
    Overview,
    PartSales,
    PeriodSales,
    RankedSales,
    SalesSettlement,
    Step,
    TaxSales,
)
from shopdesk.ui.statistics.period import Span

SHORTEST_CHART = 14
"""The fewest days in a daily chart; for a shorter period, earlier days are added and the period is marked."""
LONGEST_BY_DAY = 62
LONGEST_BY_WEEK = 200
COUNTED = frozenset({State.ISSUED, State.CORRECTED})
SALES = frozenset(kind for kind in Kind if kind.is_sale)
ORDERS = frozenset(kind for kind in Kind if kind.is_order)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsData:
    """The statistics of a period: totals, bars with those of the previous period, and breakdowns.

    ``before`` is empty if the chart begins earlier than the period.
    """

    span: Span
    step: Step
    charted_since: date
    overview: Overview
    periods: tuple[PeriodSales, ...]
    before: tuple[PeriodSales, ...]
    kinds: tuple[KindSales, ...]
    methods: tuple[MethodSales, ...]
    settlement: SalesSettlement
    taxes: tuple[TaxSales, ...]
    customs: tuple[CustomerTypeSales, ...]
    customers: tuple[RankedSales, ...]
    items: tuple[RankedSales, ...]
    departments: tuple[RankedSales, ...]
    cashiers: tuple[PartSales, ...]
    hours: tuple[PartSales, ...]
    weekdays: tuple[PartSales, ...]
    as_of: datetime | None = None
    """The time up to which the data is complete if it was read from a standby that lags behind, else None."""

    def days(self, at: int) -> tuple[date, date]:
        """Return the first and the last day of a bar."""
        start = self.periods[at].start
        last = self.step.following(start) - timedelta(days=1)
        return max(start, self.charted_since), min(last, self.span.until)

    def is_inside(self, at: int) -> bool:
        """Return True if a bar belongs to the period, not to the days added before it."""
        return self.days(at)[1] >= self.span.since


def usual_step(span: Span) -> Step:
    """Return the step (day, week, month) that suits the length of a period."""
    if span.days <= LONGEST_BY_DAY:
        return Step.DAY
    return Step.WEEK if span.days <= LONGEST_BY_WEEK else Step.MONTH


def read(session: Any, *, span: Span, step: Step, by: Actor, first_weekday: int = 0) -> StatisticsData:
    """Read the statistics of a period; a query for ``context.ask_slow``. Raises NotAllowed without the right."""
    charted_since = span.since
    if step is Step.DAY:
        charted_since = min(span.since, span.until - timedelta(days=SHORTEST_CHART - 1))
    days: dict[str, Any] = {"since": span.since, "until": span.until, "by": by}
    before: tuple[PeriodSales, ...] = ()
    if charted_since == span.since:
        first, last = span.against
        before = statistics.over_time(session, since=first, until=last, step=step, by=by, first_weekday=first_weekday)
    return StatisticsData(
        span=span,
        step=step,
        charted_since=charted_since,
        overview=statistics.overview(session, **days, against=span.against),
        periods=statistics.over_time(
            session, since=charted_since, until=span.until, step=step, by=by, first_weekday=first_weekday
        ),
        before=before,
        kinds=statistics.by_kind(session, **days),
        methods=statistics.by_method(session, **days),
        settlement=statistics.settlement(session, **days),
        taxes=statistics.by_tax(session, **days),
        customs=statistics.by_customer_type(session, **days),
        customers=statistics.best_customers(session, **days),
        items=statistics.best_items(session, **days),
        departments=statistics.by_department(session, **days),
        cashiers=statistics.by_cashier(session, **days),
        hours=statistics.by_hour(session, **days),
        weekdays=statistics.by_weekday(session, **days),
        as_of=statistics.as_of(session),
    )


def find(span: Span, **more: Any) -> DocumentFilter:
    """Return the filter for the sales counted in a period; ``more`` are further fields of ``DocumentFilter``."""
    return replace(DocumentFilter(kinds=SALES, states=COUNTED, since=span.since, until=span.until), **more)
