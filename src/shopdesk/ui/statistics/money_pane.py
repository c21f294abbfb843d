"""The money report on the page of reports: its three tables, for all tax rates or for one."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont
from PySide6.QtWidgets import QWidget

from shopdesk.domain.errors import Unavailable
from shopdesk.queries import money_report as ask
from shopdesk.queries.money_report import MoneyReport
from shopdesk.render.export import FileKind
from shopdesk.render.report_pdf import ReportColumn, ReportHead, cell_text
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.base.notice import NoticeAction
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.output.export import FILE_FILTERS, ask_where, writing_file
from shopdesk.ui.statistics import money_sections
from shopdesk.ui.statistics.money_sections import ReportRow, ReportSection
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card, Column, Scroll
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.table import ShortTable

_MOST = 40
_NUMBER = 104
_ALL = "all"


class MoneyPane(QWidget):
    """The tables of a period, and the choice of the rate whose sales are shown."""

    shown = Signal()  # emitted when the report of the period is there

    def __init__(self, context: Context, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self.report: MoneyReport | None = None
        self.rate = ChoiceField(tr("Tax rate"), [(_ALL, tr("All rates"))], name="rate", compact=True)
        self.rate.edited.connect(self._show)
        self.tables = tuple(
            _SectionCard(context, columns)
            for columns in (
                money_sections.sales_columns(),
                money_sections.payment_columns(),
                money_sections.open_columns(),
            )
        )
        page = Column(margin=0)
        for table in self.tables:
            page.add(table)
        page.column.addStretch(1)
        outer = Column(margin=0, parent=self)
        outer.add(Scroll(page), 1)
        self.setLayout(outer.column)

    def read(self, since: date, until: date) -> None:
        """Show the report of a period; the old one stays until it is read."""
        self._asked += 1
        asked = self._asked

        def then(report: MoneyReport) -> None:
            if asked == self._asked:  # ignore the answer to an older query
                self.report = report
                self._offer_rates(report)
                self._show()
                self.shown.emit()

        self._context.ask_slow(
            ask.money_report,
            since=since,
            until=until,
            by=self._context.actor,
            owner=self,
            then=then,
            failed=self._context.report_unanswered,
        )

    def sections(self) -> tuple[ReportSection, ...]:
        """Return the tables as shown; none before the report is read."""
        if self.report is None:
            return ()
        chosen = {self._key(one.rate): one.rate for one in self.report.rates}.get(self.rate.text())
        return money_sections.sections(self.report, self._context.shop, rate=chosen)

    def save(self, kind: FileKind, head: ReportHead) -> None:
        """Ask for a file and write the tables to it."""
        name = f"{head.title} {self._context.today().isoformat()}.{kind.value}"
        ask_where(
            tr("Export {list}", list=head.title),
            name,
            [FILE_FILTERS[kind]],
            self.window(),
            lambda path: self.save_to(path, kind, head),
        )

    def save_to(self, path: Path, kind: FileKind, head: ReportHead) -> None:
        """Write the tables to a file on a worker."""
        folder = QUrl.fromLocalFile(str(path.parent))

        def saved(_: object) -> None:
            self._context.navigation.notify(
                tr("Saved: {file}", file=str(path)),
                action=NoticeAction(tr("Open folder"), lambda: QDesktopServices.openUrl(folder)),
            )

        made_at = self._context.now().astimezone().replace(tzinfo=None)
        self._context.background.run_in_pool(
            _write, path, kind, head, self.sections(), made_at, owner=self, then=saved, failed=self._on_failed
        )

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Unavailable):
            self._context.navigation.notify(translated(error), tone=Tone.BAD, stays=True)
        else:
            self._context.report_error(error)

    def _offer_rates(self, report: MoneyReport) -> None:
        named = [(self._key(one.rate), money_sections.rate_name(one.rate, self._context.shop)) for one in report.rates]
        self.rate.offer([(_ALL, tr("All rates")), *named])

    def _key(self, rate: Any) -> str:
        return f"{rate.milli} {rate.category.value}"

    def _show(self) -> None:
        for table, section in zip(self.tables, self.sections(), strict=False):
            table.show_section(section)


def _write(path: Path, kind: FileKind, head: ReportHead, parts: tuple[ReportSection, ...], made_at: datetime) -> None:
    with writing_file(path) as file:
        money_sections.write(file, kind, head, parts, made_at=made_at)


class _SectionCard(Card):
    """One table of the report, as high as its rows."""

    def __init__(self, context: Context, columns: tuple[ReportColumn, ...]) -> None:
        super().__init__(margin=0, spacing=0)
        self.heading = Label("", "heading")
        self.heading.setContentsMargins(tokens.L, tokens.M, tokens.L, tokens.XS)
        self.model = _SectionModel(context, columns, parent=self)
        self.table = ShortTable("", self.model, most=_MOST)
        self.add(self.heading)
        self.add(self.table)
        self.column.addSpacing(tokens.S)

    def show_section(self, section: ReportSection) -> None:
        """Show the rows of a section."""
        self.heading.setText(section.title)
        self.setAccessibleName(section.title)
        self.table.setAccessibleName(section.title)
        self.model.show_rows(section.rows)


class _SectionModel(PagedModel[ReportRow]):
    def __init__(self, context: Context, columns: tuple[ReportColumn, ...], *, parent: QWidget) -> None:
        def column(at: int, one: ReportColumn) -> ColumnOf[ReportRow]:
            return ColumnOf(
                title=one.title,
                text=lambda row: cell_text(row.cells[at], context.shop.currency, context.language),
                width=_NUMBER if one.is_number else 0,
                is_number=one.is_number,
            )

        super().__init__(context, [column(at, one) for at, one in enumerate(columns)], parent=parent)

    def show_rows(self, rows: tuple[ReportRow, ...]) -> None:
        self._replace(rows, len(rows) + 1)

    def font(self, row: ReportRow) -> QFont | None:
        """Show sums in bold."""
        return tokens.font(weight=QFont.Weight.DemiBold) if row.is_total else None
