"""“Why is it this total?”: the steps from the rows to the balance, each with its calculation and amount.

The steps come from ``domain.explanation``; this module only words them. A line is worded when it is drawn, so that a
document of ten thousand rows opens at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from shopdesk.domain.explanation import Explanation, RowStep, TaxStep
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.totals import PercentOff
from shopdesk.ui.base import display_names, shortcuts, tokens
from shopdesk.ui.base.formatter import Formatter
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.widgets.buttons import Button
from shopdesk.ui.widgets.labels import Label

Index = QModelIndex | QPersistentModelIndex
_Words = tuple[str, str, str]
"""A line: what it is, how it is calculated, its amount."""
_INDENT = "\u2003"


@dataclass(frozen=True, slots=True)
class _Line:
    words: Callable[[], _Words]
    is_strong: bool = False


class ExplanationModel(QAbstractTableModel):
    """The lines of an explanation."""

    def __init__(self, explanation: Explanation, write: Formatter, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines = list(_Wording(explanation, write).lines())

    def words(self, row: int) -> _Words:
        """Return the texts of a line."""
        return self._lines[row].words()

    def text(self) -> str:
        """Return all lines as text: the amounts below each other, for a letter or an e-mail."""
        lines = [self.words(row) for row in range(len(self._lines))]
        widths = [max((len(line[at]) for line in lines), default=0) for at in range(3)]
        return "\n".join(
            f"{what:<{widths[0]}}  {how:<{widths[1]}}  {amount:>{widths[2]}}".rstrip() for what, how, amount in lines
        )

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Step"), tr("Calculation"), tr("Amount"))[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_side(section))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return line.words()[index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                words = line.words()
                said = words if index.column() == 0 else words[index.column() : index.column() + 1]
                return ", ".join(filter(None, map(str.strip, said)))
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(_side(index.column()))
            case Qt.ItemDataRole.FontRole if line.is_strong:
                return tokens.tabular(tokens.font(tokens.BODY, QFont.Weight.DemiBold))
            case Qt.ItemDataRole.FontRole:
                return tokens.tabular(tokens.font())
            case _:
                return None


class ExplanationDialog(QDialog):
    """The sheet of an explanation; Esc, F7 and Close close it, Ctrl+C and Copy copy it as text."""

    def __init__(
        self, explanation: Explanation, write: Formatter, about: str, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        title = tr("Why is it this total?")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(about)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.model = ExplanationModel(explanation, write, parent=self)
        self.table = _Table(self.model, title)
        self.copy = Button(tr("Copy"), self._on_copy, icon="copy", hint="Ctrl+C")
        self.close_button = Button(tr("Close"), self.accept, hint=tr("Esc"))
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.L, tokens.XL, tokens.L)
        column.setSpacing(tokens.M)
        column.addWidget(Label(title, "title"))
        column.addWidget(Label(about, "soft", wrap=True))
        column.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.setSpacing(tokens.S)
        row.addWidget(self.copy)
        row.addStretch(1)
        row.addWidget(self.close_button)
        column.addLayout(row)
        self.close_button.setDefault(True)
        shortcuts.bind(self, "explain", self.accept)
        self.resize(_size(parent, self.model.rowCount()))
        self.table.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy all with Ctrl+C, wherever the focus is."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._on_copy()
            return
        super().keyPressEvent(event)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.model.text())
        self.copy.set_label(tr("Copied"))


class _Table(QTableView):
    """The lines; Ctrl+C goes to the dialog, and Tab leaves the table."""

    def __init__(self, model: ExplanationModel, name: str) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(tokens.XL)
        self.verticalHeader().setDefaultSectionSize(tokens.XL + tokens.XS)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for at in (1, 2):
            header.setSectionResizeMode(at, QHeaderView.ResizeMode.Fixed)
        self.setCurrentIndex(model.index(0, 0))

    def showEvent(self, event: QShowEvent) -> None:
        """Make the columns of amounts as wide as their texts, which the stylesheet of the window pads."""
        super().showEvent(event)
        header = self.horizontalHeader()
        for at in (1, 2):
            header.resizeSection(at, max(header.sectionSizeHint(at), self._width(at)))

    def _width(self, column: int) -> int:
        """Return the width of the texts at both ends of the list, where the sums are; Qt would measure every line."""
        model = self.model()
        count = model.rowCount()
        ends = {*range(min(_MEASURED, count)), *range(max(0, count - _MEASURED), count)}
        return max(self.sizeHintForIndex(model.index(row, column)).width() for row in ends) + tokens.S

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Ctrl+C and Enter to the dialog."""
        if event.matches(QKeySequence.StandardKey.Copy) or event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            event.ignore()
            return
        super().keyPressEvent(event)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _size(parent: QWidget | None, lines: int) -> QSize:
    """Return a size for so many lines, within the window."""
    wanted = QSize(tokens.READING, _AROUND + lines * (tokens.XL + tokens.XS))
    return wanted.boundedTo(tokens.KEY_SHEET if parent is None else parent.window().size() - tokens.FRAME)


class _Wording:
    """The words of an explanation, in the order of the paper."""

    def __init__(self, explanation: Explanation, write: Formatter) -> None:
        self._of = explanation
        self._write = write
        self._includes_tax = explanation.prices_include_tax

    def lines(self) -> Iterator[_Line]:
        """Yield the lines."""
        of, totals = self._of, self._of.totals
        yield self._heading(tr("Rows"))
        for number, row in enumerate(of.rows, 1):
            yield from self._row(number, row)
        yield self._line(tr("Sum of the rows"), "", totals.sum, is_strong=True)
        if totals.discount:
            how = self._share_of(of.discount.milli, totals.sum) if isinstance(of.discount, PercentOff) else ""
            yield self._line(tr("Discount on the document"), how, -totals.discount)
        for tax in of.taxes:
            yield from self._tax(tax)
        yield self._heading(tr("Total"))
        if totals.tax and (len(of.taxes) > 1 or not self._includes_tax):
            yield self._line(_INDENT + tr("Net"), self._sum([tax.group.net for tax in of.taxes]), totals.net)
            yield self._line(_INDENT + tr("Tax"), self._sum([tax.group.tax for tax in of.taxes]), totals.tax)
        how = f"{self._amount(totals.net)} + {self._amount(totals.tax)}"
        yield self._line(
            tr("Total {currency}", currency=of.currency.code), how if totals.tax else "", totals.gross, is_strong=True
        )
        yield from self._payments()
        yield from self._cash()

    def _row(self, number: int, row: RowStep) -> Iterator[_Line]:
        def words() -> _Words:
            how = f"{self._write.quantity(row.line.quantity)} × {self._write.price(row.line.unit_price)}"
            return f"{number}  {row.line.item}", how, self._amount(row.full)

        yield _Line(words)
        if row.off:
            yield _Line(partial(self._row_discount, row))
            yield _Line(lambda: (_INDENT + tr("Row after its discount"), "", self._amount(row.amount)))
        if row.share:
            yield _Line(partial(self._row_share, row))

    def _row_discount(self, row: RowStep) -> _Words:
        discount = row.line.discount
        how = self._share_of(discount.milli, row.full) if isinstance(discount, PercentOff) else ""
        return _INDENT + tr("Discount"), how, self._amount(-row.off)

    def _row_share(self, row: RowStep) -> _Words:
        how = f"{self._amount(row.amount)} − {self._amount(row.share)} = {self._amount(row.amount - row.share)}"
        return _INDENT + tr("Its part of the document discount"), how, self._amount(-row.share)

    def _tax(self, tax: TaxStep) -> Iterator[_Line]:
        group, rate = tax.group, self._write.percent(tax.group.rate.milli)
        included = tr("Tax {rate}, included in the prices", rate=rate)
        yield self._heading(included if self._includes_tax else tr("Tax {rate}, on top of the prices", rate=rate))
        yield self._line(_INDENT + tr("Rows at {rate}", rate=rate), "", group.sum)
        if group.discount:
            yield self._line(_INDENT + tr("Part of the document discount"), "", -group.discount)
            yield self._line(_INDENT + tr("After the discount"), "", tax.base)
        yield self._line(_INDENT + tr("Tax {rate}", rate=rate), self._how_taxed(tax), group.tax)
        if not group.rate.milli:
            return
        if self._includes_tax:
            how = f"{self._amount(group.gross)} − {self._amount(group.tax)}"
            yield self._line(_INDENT + tr("Without tax"), how, group.net)
        else:
            how = f"{self._amount(group.net)} + {self._amount(group.tax)}"
            yield self._line(_INDENT + tr("With tax"), how, group.gross)

    def _how_taxed(self, tax: TaxStep) -> str:
        milli = tax.group.rate.milli
        if tax.is_part:
            return tr("part of the tax of the other document")
        if self._includes_tax:
            number = self._write.quantity(milli)  # thousandths too
            hundred = self._write.quantity(100_000 + milli)
            return f"{self._amount(tax.base)} × {number} ÷ {hundred}"
        return self._share_of(milli, tax.base)

    def _payments(self) -> Iterator[_Line]:
        of = self._of
        if not of.payments and of.balance is None:
            return
        yield self._heading(tr("Paid"))
        for payment in of.payments:
            yield from self._payment(payment)
        yield self._line(tr("Paid"), self._sum([one.amount for one in of.payments]), of.paid, is_strong=True)
        if of.balance is not None:
            word = tr("Owed to the customer") if of.balance < 0 else tr("Due")
            how = f"{self._amount(of.totals.gross)} − {self._amount(of.paid)}"
            yield self._line(word, how, abs(of.balance), is_strong=True)

    def _payment(self, payment: Payment) -> Iterator[_Line]:
        name = tr("Settled with another document") if payment.method is Method.OFFSET else ""
        name = _INDENT + (name or display_names.method(payment.method))
        if not payment.change and not payment.rounding:
            yield self._line(name, "", payment.amount)
            return
        yield self._line(name, tr("handed over"), payment.tendered)
        if payment.change:
            yield self._line(_INDENT + tr("Change"), "", -payment.change)
        if payment.rounding:
            yield self._line(
                _INDENT + tr("Rounding to the smallest coin"), tr("not part of the total"), -payment.rounding
            )
        yield self._line(_INDENT + tr("Settles"), "", payment.amount)

    def _cash(self) -> Iterator[_Line]:
        if (cash := self._of.cash) is None:
            return
        yield self._heading(tr("If paid in cash"))
        how = tr("smallest coin {amount}", amount=self._amount(cash.coin))
        yield self._line(_INDENT + tr("Rounding to the smallest coin"), how, cash.rounding)
        yield self._line(tr("To pay in cash"), "", cash.payable, is_strong=True)

    # --- parts ---

    def _heading(self, text: str) -> _Line:
        return _Line(lambda: (text, "", ""), is_strong=True)

    def _line(self, what: str, how: str, minor: int, *, is_strong: bool = False) -> _Line:
        return _Line(lambda: (what, how, self._amount(minor)), is_strong)

    def _amount(self, minor: int) -> str:
        return self._write.amount(minor)

    def _share_of(self, milli: int, minor: int) -> str:
        return tr("{percent} of {amount}", percent=self._write.percent(milli), amount=self._amount(minor))

    def _sum(self, amounts: list[int]) -> str:
        return " + ".join(map(self._amount, amounts)) if 1 < len(amounts) <= _MOST_ADDED else ""


_MOST_ADDED = 4
_MEASURED = 100
_AROUND = 240
"""The height of the dialog without its lines, in px."""
