"""The texts of an X or Z report in the language of the shop, the same for each paper size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shopdesk.domain.document import Kind
from shopdesk.domain.sales_report import SalesReport, ShiftResult, Sum
from shopdesk.render import formatting
from shopdesk.render.translations import wording

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReportSection:
    """A heading and its rows: a label and one or more numbers, in all rows as many; ``totals`` are printed strong."""

    title: str
    rows: tuple[Cells, ...]
    header: Cells = ()
    totals: tuple[Cells, ...] = ()


class ReportText:
    """The texts of a report."""

    def __init__(self, report: SalesReport) -> None:
        self.report = report
        self.words = wording(report.language)
        self.language = report.language or self.words.language
        self.is_rtl = formatting.is_rtl(self.words.language)

    @property
    def title(self) -> str:
        """Its name, with the number of a Z report."""
        words = self.words.report
        return words.z_title.format(number=self._count(self.report.number)) if self.report.number else words.x_title

    def seller(self) -> list[str]:
        """Return the lines below the shop's name."""
        seller = self.report.seller
        tax_id = f"{self.words.tax_id} {seller.tax_id}" if seller.tax_id else ""
        return [line for line in (*seller.address.splitlines(), tax_id) if line.strip()]

    def facts(self) -> list[tuple[str, str]]:
        """Return what the report is of: its day, since when, and who made it."""
        report, words = self.report, self.words.report
        since = [(words.since, formatting.instant(report.since, self.language))] if report.since else []
        made = f"{formatting.instant(report.made_at, self.language)} · {report.by_name}"
        return [(words.day, formatting.day(report.day, self.language)), *since, (words.made, made)]

    def sections(self) -> Iterator[SalesReportSection]:
        """Yield the sections that have anything to tell, in their order on paper."""
        yield self._sales()
        for section in (self._taxes(), self._payments(), self._numbers(), self._changes(), self._cashiers()):
            if section.rows or section.totals:
                yield section
        yield from (self._shift(result) for result in self.report.figures.shifts)
        if self.report.number:
            yield self._running_total()
        yield self._journal()

    def _sales(self) -> SalesReportSection:
        figures, words = self.report.figures, self.words
        rows = tuple(self._summed(words.kinds[kind], sales) for kind, sales in figures.kinds)
        title = f"{words.report.sales} {self.report.currency.code}"
        if not rows:
            return SalesReportSection(title=title, rows=((words.report.nothing, "", ""),))
        return SalesReportSection(title=title, rows=rows, totals=(self._summed(words.total, figures.sales),))

    def _taxes(self) -> SalesReportSection:
        words = self.words
        rows = tuple(
            (
                words.categories.get(one.rate.category) or formatting.percent(one.rate.milli, self.language),
                *(self._amount(minor) for minor in (one.net, one.tax, one.gross)),
            )
            for one in self.report.figures.taxes
        )
        return SalesReportSection(title=words.tax, header=("", words.net, words.tax, words.gross), rows=rows)

    def _payments(self) -> SalesReportSection:
        figures, words = self.report.figures, self.words
        rows = [
            (words.methods[one.method], self._count(one.count), self._amount(one.moved)) for one in figures.payments
        ]
        if rounding := sum(one.rounding for one in figures.payments):
            rows.append((words.rounding, "", self._amount(rounding)))
        return SalesReportSection(title=words.report.payments, rows=tuple(rows))

    def _numbers(self) -> SalesReportSection:
        spans = self.report.figures.numbers
        rows = tuple(
            (one.first if one.first == one.last else f"{one.first} – {one.last}", self._count(one.count))
            for one in spans
        )
        return SalesReportSection(title=self.words.report.numbers, rows=rows)

    def _changes(self) -> SalesReportSection:
        figures, words = self.report.figures, self.words
        sums = (
            (words.voided, figures.voided),
            (words.kinds[Kind.CREDIT_NOTE], figures.credited),
            (words.report.replacements, figures.replaced),
            (words.discount, figures.discounts),
        )
        rows = [self._summed(label, one) for label, one in sums if one.count]
        counts = ((words.report.amended, figures.amended), (words.report.drawer, figures.drawer_openings))
        rows += [(label, self._count(number), "") for label, number in counts if number]
        return SalesReportSection(title=words.report.changes, rows=tuple(rows))

    def _cashiers(self) -> SalesReportSection:
        rows = tuple(self._summed(one.name, one.sales) for one in self.report.figures.cashiers)
        return SalesReportSection(title=self.words.report.cashiers, rows=rows)

    def _shift(self, result: ShiftResult) -> SalesReportSection:
        words, shift, count = self.words.report, result.shift, result.count
        rows = [(words.opening, self._amount(shift.opening)), (words.cash, self._amount(result.cash))]
        rows += [(one.reason, self._amount(one.amount)) for one in result.moved]
        totals = [(words.expected, self._amount(count.expected if count else result.expected))]
        if count is None or count.counted is None:
            totals.append((words.not_counted, ""))
        else:
            totals.append((words.counted, self._amount(count.counted)))
            totals.append((words.difference, self._amount(count.counted - count.expected)))
            if count.attempt > 1:
                rows.append((words.times.format(count=self._count(count.attempt)), ""))
        title = words.shift.format(till=shift.till, number=self._count(shift.number))
        return SalesReportSection(title=title, rows=tuple(rows), totals=tuple(totals))

    def _running_total(self) -> SalesReportSection:
        words, report = self.words.report, self.report
        return SalesReportSection(
            title=words.running_total,
            rows=((words.total_before, self._amount(report.total_before)),),
            totals=((words.running_total, self._amount(report.running_total)),),
        )

    def _journal(self) -> SalesReportSection:
        words = self.words.report
        rows: list[Cells] = []
        for span in self.report.figures.tills:
            rows.append((words.till.format(till=span.till, number=self._count(span.until_seq)),))
            rows.append((span.head.hex(),))
        return SalesReportSection(title=words.journal, rows=tuple(rows))

    def _summed(self, label: str, sums: Sum) -> Cells:
        return label, self._count(sums.count), self._amount(sums.amount)

    def _amount(self, minor: int) -> str:
        return formatting.amount(minor, self.report.currency, self.language)

    def _count(self, number: int) -> str:
        return formatting.count(number, self.language)
