"""The totals panel of the editor: net, tax per rate and the total."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from shopdesk.domain.totals import Totals
from shopdesk.ui.base import tokens
from shopdesk.ui.base.accessibility import announce
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.editor.cell_format import CellFormat
from shopdesk.ui.widgets.buttons import QuietButton
from shopdesk.ui.widgets.labels import Label

_Part = tuple[str, str]
_USUAL = "100.00"
_BESIDE = 2
"""Number of small amounts in one line."""


class Figure(QLineEdit):
    """A read-only amount. It is a line edit, so that screen readers read name and value separately."""

    def __init__(self, name: str, size: int, weight: QFont.Weight, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrame(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(name)
        self.setStyleSheet("border: none; background: transparent; padding: 0; min-height: 0;")
        self.setFont(tokens.font(size, weight))

    def show_amount(self, text: str) -> None:
        """Show a formatted amount."""
        if text != self.text():
            before = self.sizeHint()
            self.setText(text)
            if self.sizeHint() != before:
                self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the width of the amount, at least that of a usual one, so that the layout does not move."""
        metrics = self.fontMetrics()
        width = max(metrics.horizontalAdvance(self.text()), metrics.horizontalAdvance(_USUAL))
        return QSize(width + tokens.S, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: an amount is never cut."""
        return self.sizeHint()


class TotalsPanel(QWidget):
    """The small amounts, and the total below them at the right; ``explain`` is what “Why?” does."""

    announced = Signal(str)  # a change of the total, for screen readers

    def __init__(self, explain: Callable[[], object], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.why = QuietButton(tr("Why?"), explain, icon="unknown", shortcut="explain", tip=tr("Why is it this total?"))
        self.why.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the cursor in the table
        self.total = Figure(tr("Total"), tokens.TOTAL, QFont.Weight.DemiBold)
        self.announced.connect(lambda text: announce(self.total, text))
        self.currency = Label("", "soft")
        self._word = Label(tr("Total"), "heading")
        self._parts = QGridLayout()
        self._parts.setHorizontalSpacing(tokens.M)
        self._parts.setVerticalSpacing(0)
        self._names: list[Label] = []
        self._shape = (0, 0)
        self.figures: list[Figure] = []
        below = QHBoxLayout()
        below.setSpacing(tokens.M)
        below.addStretch(1)
        below.addWidget(self.why)
        below.addWidget(self._word)
        below.addWidget(self.currency)
        below.addWidget(self.total)
        above = QHBoxLayout()
        above.addStretch(1)
        above.addLayout(self._parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.S)
        column.addStretch(1)
        column.addLayout(above)
        column.addLayout(below)

    def show_totals(self, totals: Totals, notation: CellFormat) -> None:
        """Show the totals of a document."""
        write = notation.shown_amount
        sums = [(tr("Net"), write(totals.net))]
        if totals.discount:
            sums.insert(0, (tr("Discount"), write(-totals.discount)))
        taxes = [(tr("Tax {rate}", rate=notation.rate(group.rate)), write(group.tax)) for group in totals.groups]
        self._show_parts(sums, taxes)
        self.currency.setText(notation.shop.currency.code)
        before = self.total.text()
        self.total.show_amount(write(totals.gross))
        if self.isVisible() and self.total.text() != before:
            self.announced.emit(tr("Total {amount}", amount=self.total.text()))
        self._word.setAccessibleName(f"{tr('Total')}: {self.total.text()} {notation.shop.currency.code}")

    def _show_parts(self, sums: list[_Part], taxes: list[_Part]) -> None:
        parts = sums + taxes
        while len(self.figures) < len(parts):
            self._add_part()
        for at, (word, figure) in enumerate(zip(self._names, self.figures, strict=True)):
            word.setVisible(at < len(parts))
            figure.setVisible(at < len(parts))
            if at < len(parts):
                name, amount = parts[at]
                word.setText(name)
                figure.setAccessibleName(name)
                figure.show_amount(amount)
        if (shape := (len(sums), len(taxes))) != self._shape:
            self._shape = shape
            self._arrange(*shape)

    def _arrange(self, sums: int, taxes: int) -> None:
        """Arrange the amounts in one line if they fit, else the taxes below, right-aligned."""
        lines = [sums + taxes] if sums + taxes <= _BESIDE else [sums, *_lines(taxes)]
        at = 0
        for row, count in enumerate(lines):
            for place in range(_BESIDE - count, _BESIDE):
                self._parts.addWidget(self._names[at], row, 2 * place, Qt.AlignmentFlag.AlignRight)
                self._parts.addWidget(self.figures[at], row, 2 * place + 1)
                at += 1

    def _add_part(self) -> None:
        self._names.append(Label("", "soft", parent=self))
        self.figures.append(Figure("", tokens.BODY, QFont.Weight.Medium, parent=self))


def _lines(count: int) -> list[int]:
    """Return the number of amounts per line; the last line is full."""
    first = count % _BESIDE
    return [*([first] if first else []), *[_BESIDE] * (count // _BESIDE)]
