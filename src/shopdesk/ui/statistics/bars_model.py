"""The bars of the chart as a table, which a screen reader can read."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar of the chart as a row of a table, in minor units; a screen reader can read it."""

    key: int
    days: str
    orders: int
    gross: int
    before: int | None


class BarsModel(PagedModel[BarRow]):
    """The bars of the chart as a table."""

    def __init__(self, context: Context, *, parent: QObject) -> None:
        currency = context.shop.currency.code
        columns: tuple[ColumnOf[BarRow], ...] = (
            ColumnOf(title=tr("When"), text=lambda row: row.days),
            ColumnOf(title=tr("Orders"), text=lambda row: context.format.count(row.orders), width=104, is_number=True),
            ColumnOf(
                title=tr("Sales, {currency}", currency=currency),
                text=lambda row: context.format.amount(row.gross),
                width=140,
                is_number=True,
            ),
            ColumnOf(
                title=tr("Previous period, {currency}", currency=currency),
                text=lambda row: context.format.amount(row.before) if row.before is not None else "",
                width=180,
                is_number=True,
            ),
        )
        super().__init__(context, columns, parent=parent)

    def show_bars(self, rows: tuple[BarRow, ...]) -> None:
        """Show the bars."""
        self._replace(rows, len(rows) + 1)
