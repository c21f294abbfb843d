"""The dialog for the accounts and the column headings of the accountant's export, remembered for the shop."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QStackedLayout, QWidget

from shopdesk.domain.accounting import (
    LEFT_OUT,
    RECEIVABLE,
    ROUNDING,
    AccountMapping,
    column_key,
    method_key,
    revenue_key,
    tax_key,
)
from shopdesk.domain.errors import Refused, Unavailable
from shopdesk.domain.payment import Method
from shopdesk.queries.accountant_export import COLUMNS, ExportColumn, ExportTable
from shopdesk.ui.base import display_names, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked, translated
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.statistics.accountant_tables import TITLES
from shopdesk.ui.statistics.money_sections import rate_name
from shopdesk.ui.widgets.buttons import Segment
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, MessageLine, show_faults
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Scroll, set_margins
from shopdesk.usecases.accountant import set_mapping

_HEIGHT = 360


class ColumnField(Field):
    """A column: whether it is in the files, and its heading there; empty is the usual one."""

    def __init__(self, column: ExportColumn) -> None:
        usual = tr_marked(column.label)
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(usual)
        super().__init__(usual, self.edit, name=column_key(column.name), compact=True)
        self.box = QCheckBox()
        self.box.setAccessibleName(tr("Write the column {name}", name=usual))
        self.box.setChecked(True)
        self.box.toggled.connect(self.edit.setEnabled)
        self.box.toggled.connect(lambda _: self._on_edited())
        self.add_beside(self.box)

    def text(self) -> str:
        """Return the heading; the mark of a column that is left out if it is not checked."""
        return self.edit.text() if self.box.isChecked() else LEFT_OUT

    def set_text(self, text: str) -> None:
        """Show a heading, or the column as left out."""
        self.box.setChecked(text != LEFT_OUT)
        self.edit.setText("" if text == LEFT_OUT else text)


class MappingDialog(ConfirmDialog):
    """Two panes, accounts and columns; Save remembers both, for all tills."""

    def __init__(self, context: Context, mapping: AccountMapping, *, parent: QWidget) -> None:
        super().__init__(tr("Accounts and columns"), yes=tr("Save"), parent=parent)
        self._context = context
        self.setMinimumWidth(tokens.READING)
        self.accounts = self._account_fields()
        self.columns = {table: tuple(ColumnField(column) for column in COLUMNS[table]) for table in ExportTable}
        self.fields: tuple[Field, ...] = (*self.accounts, *(one for some in self.columns.values() for one in some))
        for field in self.fields:
            field.set_text(mapping.chosen.get(field.name, ""))
        self.of_accounts = Segment(tr("Accounts"), lambda: self._panes.setCurrentIndex(0))
        self.of_columns = Segment(tr("Columns"), lambda: self._panes.setCurrentIndex(1))
        self._turns = QButtonGroup(self)
        turns = QHBoxLayout()
        turns.setSpacing(tokens.XS)
        for segment in (self.of_accounts, self.of_columns):
            self._turns.addButton(segment)
            turns.addWidget(segment)
        turns.addStretch(1)
        self.of_accounts.setChecked(True)
        panes = QWidget()
        panes.setFixedHeight(_HEIGHT)
        self._panes = QStackedLayout(panes)
        self._panes.addWidget(_grid(self.accounts))
        self._panes.addWidget(self._column_pane())
        self.said = MessageLine()
        self.said.hide()
        self.body.addLayout(turns)
        self.body.addWidget(panes)
        self.body.addWidget(self.said)

    def _account_fields(self) -> tuple[Field, ...]:
        shop = self._context.shop
        fields = [
            Field(tr("Receivables"), name=RECEIVABLE, compact=True),
            Field(tr("Cash rounding"), name=ROUNDING, compact=True),
        ]
        for tax in shop.taxes:
            rate = rate_name(tax.rate, shop)
            fields.append(Field(tr("Revenue, {rate}", rate=rate), name=revenue_key(tax.rate), compact=True))
            fields.append(Field(tr("Tax, {rate}", rate=rate), name=tax_key(tax.rate), compact=True))
        for method in Method:
            label = tr("Payments: {method}", method=display_names.method(method))
            fields.append(Field(label, name=method_key(method), compact=True))
        return tuple(fields)

    def _column_pane(self) -> QWidget:
        pane = QWidget()
        self.table = ChoiceField(
            tr("Table"),
            [(table.value, tr_marked(title)) for table, title in TITLES.items()],
            name="table",
            compact=True,
        )
        grids = QWidget()
        self._grids = QStackedLayout(grids)
        for fields in self.columns.values():
            self._grids.addWidget(_grid(fields))
        self.table.edited.connect(lambda: self._grids.setCurrentIndex(list(ExportTable).index(self._shown())))
        column = QGridLayout(pane)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 0, 0)
        hint = Label(tr("An empty heading is the usual one. Untick a column to leave it out."), "soft", wrap=True)
        column.addWidget(hint, 1, 0)
        column.addWidget(grids, 2, 0)
        column.setRowStretch(2, 1)
        return pane

    def _shown(self) -> ExportTable:
        return ExportTable(self.table.text())

    def accept(self) -> None:
        """Save; the dialog closes once it is done."""
        names = tuple(column.name for columns in COLUMNS.values() for column in columns)
        typed = {field.name: field.text() for field in self.fields}
        self._context.do(
            set_mapping, typed, columns=names, owner=self, then=lambda _: self._close(), failed=self._on_failed
        )

    def _close(self) -> None:
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        """Show each fault at its field and turn to the first; nothing typed is lost."""
        if isinstance(error, Refused):
            rest = show_faults(error, {field.name: field for field in self.fields})
            self._turn_to(error)
            text = " ".join(translated(fault.text) for fault in rest)
        elif isinstance(error, Unavailable):
            text = translated(error)
        else:
            self._context.report_error(error)
            return
        self.said.show_state(StatusLook(text, "warn", Tone.BAD) if text else None)
        self.said.setVisible(bool(text))

    def _turn_to(self, error: Refused) -> None:
        name = error.faults[0].field
        for table, fields in self.columns.items():
            if any(field.name == name for field in fields):
                self.of_columns.setChecked(True)
                self._panes.setCurrentIndex(1)
                self.table.set_text(table.value)
                return
        self.of_accounts.setChecked(True)
        self._panes.setCurrentIndex(0)


def _grid(fields: tuple[Field, ...]) -> Scroll:
    """Return fields in two columns that scroll."""
    content = QWidget()
    content.setProperty("role", "column")
    grid = QGridLayout(content)
    set_margins(grid, 0, tokens.XS, tokens.M, tokens.XS)
    grid.setHorizontalSpacing(tokens.L)
    grid.setVerticalSpacing(tokens.M)
    for at, field in enumerate(fields):
        grid.addWidget(field, at // 2, at % 2, Qt.AlignmentFlag.AlignTop)
    grid.setRowStretch(len(fields), 1)
    return Scroll(content)
