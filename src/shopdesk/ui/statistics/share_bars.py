"""Share bars: the parts of a total, each with a bar as long as its share behind its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QStyle, QStyledItemDelegate, QWidget

from shopdesk.queries.documents import DocumentFilter
from shopdesk.render.export import Cell
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.output.export import ExportSource, rows_of
from shopdesk.ui.output.export_button import ExportIcon
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card, set_margins
from shopdesk.ui.widgets.paged_model import ROW_ROLE, ColumnOf, PagedModel
from shopdesk.ui.widgets.table import Table

_COUNT, _AMOUNT = 96, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part: its name, count, amount, and the filter for its documents (None where no filter finds just these).

    ``share`` is its share of the total and ``length`` the length of its bar, both in thousandths.
    """

    name: str
    count: str
    amount: str
    share: int
    length: int
    find: DocumentFilter | None
    cells: tuple[Cell, Cell] = ("", "")
    """The count and the amount in an exported file: numbers."""


class ShareBars(Card):
    """The card with the parts of a total; a row opens its documents."""

    def __init__(
        self, context: Context, title: str, *, name: str, count: str, rows: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(margin=0, spacing=0, parent=parent)
        self._context = context
        heading = Label(title, "heading")
        heading.setContentsMargins(tokens.L, tokens.M, tokens.L, tokens.XS)
        self.setAccessibleName(title)
        self.model = _SharesModel(context, name=name, count=count, parent=self)
        self.export = ExportIcon(context, lambda: self.exported(title))
        self.nothing = Label("", "soft")  # until it is known that there is nothing
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QWidget()
        body.setFixedHeight((rows + 1) * tokens.ROW + tokens.RING)
        body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._body = QStackedLayout(body)
        self._body.addWidget(self.nothing)
        top = QHBoxLayout()
        set_margins(top, 0, 0, tokens.S, 0)
        top.addWidget(heading, 1)
        top.addWidget(self.export)
        self.add(top)
        self.add(body)
        self.column.addSpacing(tokens.S)

    @cached_property
    def table(self) -> Table:
        """The table of the parts; made with the first part, as a page has many of these cards."""
        table = Table(self.accessibleName())
        table.setProperty("role", "bare")
        table.show_model(self.model)
        table.setItemDelegateForColumn(0, _BarDelegate(table))
        table.opened.connect(self._on_opened)
        self._body.addWidget(table)
        return table

    def _on_opened(self, share: Share) -> None:
        if share.find is not None:
            self._context.navigation.find_documents(share.find)

    def exported(self, title: str) -> ExportSource:
        """Return the parts as a list for a file, with numbers in its cells."""
        return ExportSource(
            title=title,
            query=rows_of(self.model.rows),
            head=tuple(column.title for column in self.model.columns),
            row=lambda share: (share.name, *share.cells),
        )

    def show_shares(self, shares: Sequence[Share]) -> None:
        """Show the parts of a total."""
        self.model.show_shares(shares)
        self.nothing.setText(tr("Nothing in this period"))
        self._body.setCurrentWidget(self.table if shares else self.nothing)


class _SharesModel(PagedModel[Share]):
    def __init__(self, context: Context, *, name: str, count: str, parent: QWidget) -> None:
        amount = context.shop.currency.code
        columns: tuple[ColumnOf[Share], ...] = (
            ColumnOf(title=name, text=lambda row: row.name, tip=lambda row: _description(row, context)),
            ColumnOf(title=count, text=lambda row: row.count, width=_COUNT, is_number=True),
            ColumnOf(title=amount, text=lambda row: row.amount, width=_AMOUNT, is_number=True),
        )
        super().__init__(context, columns, parent=parent)

    def show_shares(self, shares: Sequence[Share]) -> None:
        self._replace(tuple(shares), len(shares) + 1)


def _description(row: Share, context: Context) -> str:
    if not row.share:
        return row.name
    return tr("{name}: {share} of the total", name=row.name, share=context.format.percent(row.share * 100))


class _BarDelegate(QStyledItemDelegate):
    """A delegate that draws the share as a bar behind the name."""

    def paint(self, painter: QPainter, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Draw the bar, then the name over it."""
        share = index.data(ROW_ROLE)
        if isinstance(share, Share) and share.length > 0 and not option.state & QStyle.StateFlag.State_Selected:
            place = QRectF(option.rect).adjusted(tokens.XS, tokens.XS, -tokens.XS, -tokens.XS - tokens.HAIR)
            width = max(place.width() * min(share.length, 1000) / 1000, tokens.RING)
            if option.direction is Qt.LayoutDirection.RightToLeft:
                place.setLeft(place.right() - width)
            place.setWidth(width)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.colours().tint))
            painter.drawRoundedRect(place, tokens.XS, tokens.XS)
            painter.restore()
        super().paint(painter, option, index)

    def sizeHint(self, option: Any, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a row."""
        return QSize(super().sizeHint(option, index).width(), tokens.ROW)

    def initStyleOption(self, option: Any, index: QModelIndex | QPersistentModelIndex) -> None:
        """Remove the focus frame of the cell, as the whole row is current."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus
