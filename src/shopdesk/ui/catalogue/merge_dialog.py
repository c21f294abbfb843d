"""The dialog that merges two customers: choose the other one, then which values to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QListWidget, QListWidgetItem, QRadioButton, QWidget

from shopdesk.domain.customer import Customer
from shopdesk.domain.errors import Refused
from shopdesk.queries import customers as ask
from shopdesk.ui.base import document_languages, tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, translated
from shopdesk.ui.catalogue.searchable_list import SearchBox
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.labels import Label
from shopdesk.usecases import customers

_SHOWN = 4
"""The rows of the list of customers to choose from."""
_FIELDS = (
    "name", "email", "phone", "address", "country", "tax_id", "vat_number", "language", "reference",
    "electronic_address", "preferred_channel", "sms_consent_on",
)  # fmt: skip


class MergeDialog(ConfirmDialog):
    """The dialog that merges two customers. ``merged`` is called with the stored customer that is kept."""

    def __init__(
        self, context: Context, customer: Customer, merged: Callable[[Customer], object], *, parent: QWidget
    ) -> None:
        super().__init__(
            tr("Merge {name} with another customer", name=customer.name),
            text=tr("Both become one, with the documents of both. What is printed on documents does not change."),
            yes=tr("Merge"),
            parent=parent,
        )
        self._context = context
        self._customer = customer
        self._merged = merged
        self.other: Customer | None = None
        self.setMinimumWidth(tokens.READING)
        self.search = SearchBox(tr("Name, e-mail or phone of the other customer"), finds_codes=False)
        self.found = QListWidget()
        self.found.setAccessibleName(tr("Customers"))
        self.found.setFixedHeight(_SHOWN * tokens.ROW)
        self.found.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(tokens.L)
        self._grid.setVerticalSpacing(tokens.XS)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        self.choices: dict[str, QButtonGroup] = {}
        self.problem = Label(role="fault", wrap=True)
        self.problem.hide()
        for part in (self.search, self.found):
            self.body.addWidget(part)
        self.body.addLayout(self._grid)
        self.body.addWidget(self.problem)
        self.search.textChanged.connect(self._ask)
        self.search.down.connect(self._to_list)
        self.found.currentItemChanged.connect(lambda item: self._choose(item))
        self.yes.setEnabled(False)
        self.search.setText(customer.name)
        self.search.selectAll()
        self.search.setFocus()

    def accept(self) -> None:
        """Merge the two; the dialog stays open if that is refused."""
        if self.other is None:
            return
        self.yes.setEnabled(False)
        self._context.do(
            customers.merge,
            self._kept(),
            self.other,
            base=self._customer,
            owner=self,
            then=self._on_merged,
            failed=self._on_failed,
        )

    # --- inside ---

    def _ask(self, text: str) -> None:
        def show(found: Sequence[Customer]) -> None:
            if text == self.search.text():
                self._show([customer for customer in found if customer.key != self._customer.key])

        self._context.ask(ask.suggest, text, limit=50, owner=self, then=show)

    def _show(self, found: Sequence[Customer]) -> None:
        chosen = self.other
        self.found.clear()
        for customer in found:
            parts = (customer.name, customer.email, customer.phone, " ".join(customer.address.split()))
            item = QListWidgetItem(" · ".join(filter(None, parts)), self.found)
            item.setData(Qt.ItemDataRole.UserRole, customer)
            item.setSizeHint(QSize(0, tokens.ROW))
            if chosen is not None and customer.key == chosen.key:
                self.found.setCurrentItem(item)

    def _to_list(self) -> None:
        if self.found.count():
            self.found.setFocus()
            self.found.setCurrentRow(max(0, self.found.currentRow()))

    def _choose(self, item: QListWidgetItem | None) -> None:
        self.other = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        self.yes.setEnabled(self.other is not None)
        self._compare()

    def _compare(self) -> None:
        """Show the values that differ, side by side; this customer's are chosen, where it has one."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.choices = {}
        other = self.other
        if other is None:
            return
        for name, word in zip(_FIELDS, _words(), strict=True):
            values = [getattr(one, name) for one in (self._customer, other)]
            if values[0] != values[1]:
                self._add_choice(name, word, values)

    def _add_choice(self, name: str, word: str, values: Sequence[str]) -> None:
        row = self._grid.rowCount()
        group = self.choices[name] = QButtonGroup(self)
        self._grid.addWidget(Label(word, "soft"), row, 0)
        for at, value in enumerate(values):
            shown = document_languages.name(value) if value and name == "language" else " ".join(value.split())
            button = QRadioButton(_shortened(shown) or tr("none"))
            button.setToolTip(value)
            button.setAccessibleName(f"{word}: {shown or tr('none')}")
            group.addButton(button, at)
            self._grid.addWidget(button, row, 1 + at)
        group.button(0 if values[0] else 1).setChecked(True)

    def _kept(self) -> Customer:
        other = self.other or self._customer
        taken = {name: getattr(other, name) for name, group in self.choices.items() if group.checkedId() == 1}
        notes = dict.fromkeys(filter(None, (self._customer.note, other.note)))
        return replace(self._customer, **taken, note="\n".join(notes))

    def _on_merged(self, kept: Customer) -> None:
        super().accept()
        self._merged(kept)

    def _on_failed(self, error: Exception) -> None:
        self.yes.setEnabled(True)
        if isinstance(error, Refused):
            self.problem.setText(translated(error))
            self.problem.show()
        else:
            self._context.report_error(error)


def _words() -> tuple[str, ...]:
    return (
        tr("Name"), tr("E-mail"), tr("Phone"), tr("Address"), tr("Country"), tr("Tax number"), tr("VAT number"),
        tr("Language"), tr("Reference"), tr("Electronic address"), tr("Preferred channel"), tr("Text messages since"),
    )  # fmt: skip


def _shortened(text: str) -> str:
    most = 34
    return text if len(text) <= most else text[: most - 1] + "…"
