"""Settings, Taxes: the shop's tax rates, the default for new rows, and retiring a rate."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.clean_text import clean
from shopdesk.domain.conflict import merge
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.money import read_percent
from shopdesk.domain.sentence import sentence
from shopdesk.domain.shop import Shop, ShopTax
from shopdesk.domain.tax import WITH_REASON, Category, TaxRate
from shopdesk.message_catalogues import mark
from shopdesk.row_keys import new_key
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, tr, tr_marked, translated
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.widgets.buttons import Button, DangerButton, PrimaryButton
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, show_refusal
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.labels import Label
from shopdesk.ui.widgets.page_parts import Card
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.section import Section, row
from shopdesk.ui.widgets.table import ShortTable
from shopdesk.usecases import shop as usecase

_CATEGORIES = {
    Category.ZERO: mark("Zero rate"),
    Category.EXEMPT: mark("Exempt from tax"),
    Category.REVERSE_CHARGE: mark("Reverse charge: the buyer pays it"),
    Category.OUTSIDE: mark("Outside the scope of tax"),
}
_ROWS = 6


@dataclass(frozen=True, slots=True)
class _Rate:
    """A rate as a row of the table."""

    key: object
    tax: ShopTax


class TaxesSection(Section):
    """The table of rates, and the actions for the chosen one."""

    def __init__(self, context: Context) -> None:
        super().__init__(
            context,
            tr("Taxes"),
            tr("Documents keep the rate they were issued with. Changes apply to what is typed afterwards."),
        )
        self.model = _RatesModel(context, parent=self)
        self.table = ShortTable(tr("Tax rates"), self.model, most=_ROWS)
        self.add_rate = Button(tr("Add a rate …"), lambda: self._edit(None), icon="new")
        self.change = Button(tr("Change …"), self._on_change, icon="edit")
        self.make_default = Button(tr("Make it the default"), self._on_default)
        self.retire = DangerButton(tr("Retire …"), self._on_retire, icon="voided")
        card = Card(margin=0, spacing=0)
        card.add(self.table)
        acts = row(self.add_rate, self.change, self.make_default, self.retire)
        acts.setContentsMargins(tokens.L, tokens.S, tokens.L, tokens.M)
        card.add(acts)
        self.add(card)
        self.answer = MessageLine()
        self.add(self.answer)
        self.finish()
        self.table.chosen.connect(lambda _: self._show_acts())
        self.table.opened.connect(lambda _: self._on_change())
        context.shop_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.model.show_rates(self.context.shop.taxes)
        if not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._show_acts()

    def _show_acts(self) -> None:
        tax = self._chosen()
        self.add_rate.setEnabled(self.may)
        self.change.setEnabled(self.may and tax is not None)
        is_other = self.may and tax is not None and not tax.is_default
        self.make_default.setEnabled(is_other)
        self.retire.setEnabled(is_other)
        tip = tr("Make another rate the default first.") if tax is not None and tax.is_default else ""
        self.retire.setToolTip(tip)

    def _chosen(self) -> ShopTax | None:
        found = self.table.current()
        return found.tax if isinstance(found, _Rate) else None

    # --- changing ---

    def _on_change(self) -> None:
        if self.may:
            self._edit(self._chosen())

    def _edit(self, tax: ShopTax | None) -> None:
        dialog = TaxDialog(self.context, tax, parent=self)
        dialog.accepted.connect(self._show)
        dialog.open()

    def _on_default(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._save(
                tuple(replace(tax, is_default=tax.key == chosen.key) for tax in self.context.shop.taxes),
                tr("New rows start with {name}.", name=chosen.name),
            )

    def _on_retire(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        question = ConfirmDialog(
            tr("Retire {name}?", name=chosen.name),
            text=tr("It will no longer be offered. Documents with it keep it; products with it use the default."),
            facts=[(tr("Rate"), self.context.format.percent(chosen.rate.milli))],
            yes=tr("Retire"),
            is_dangerous=True,
            parent=self,
        )
        question.ask(
            lambda: self._save(
                tuple(tax for tax in self.context.shop.taxes if tax.key != chosen.key),
                tr("{name} retired.", name=chosen.name),
            )
        )

    def _save(self, taxes: tuple[ShopTax, ...], told: str) -> None:
        def saved(shop: Shop) -> None:
            self.context.navigation.notify(told)
            self.model.show_rates(shop.taxes)
            self._show_acts()

        self.answer.show_state(None)
        base = self.context.shop
        self.context.do(
            usecase.change, base.with_taxes(taxes), base=base, owner=self, then=saved, failed=self._on_failed
        )

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self.answer.show_state(StatusLook(translated(error), "warn", Tone.BAD))
        else:
            self.context.report_error(error)


class TaxDialog(QDialog):
    """A dialog for one rate, new or existing."""

    def __init__(self, context: Context, tax: ShopTax | None, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._tax = tax
        title = tr("Change rate") if tax else tr("New rate")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(tokens.QUESTION)
        self.name = Field(tr("Name"), name="name", hint=tr("As staff know it, such as Standard or Reduced."))
        self.rate = Field(tr("Rate in per cent"), name="rate")
        KeypadDecimal(self.rate.control, lambda: context.symbols.decimal)
        choices = [(category.value, tr_marked(word)) for category, word in _CATEGORIES.items()]
        self.category = ChoiceField(tr("Why there is no tax"), choices, name="category")
        self.reason = Field(
            tr("Reason on documents"),
            name="reason",
            hint=tr("As the law words it. E-invoices of an exempt rate need it."),
        )
        self.answer = MessageLine()
        self.save = PrimaryButton(tr("Save"), self._on_save)
        cancel = Button(tr("Cancel"), self.reject)
        cancel.setMinimumHeight(tokens.PRIMARY)
        foot = QHBoxLayout()
        foot.setSpacing(tokens.S)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.XL, tokens.XL, tokens.XL, tokens.L)
        column.setSpacing(tokens.S)
        column.addWidget(Label(title, "title"))
        for part in (self.name, self.rate, self.category, self.reason, self.answer):
            column.addWidget(part)
        column.addLayout(foot)
        if tax is not None:
            self.name.set_text(tax.name)
            self.rate.set_text(context.format.percent(tax.rate.milli))
            if not tax.rate.milli:
                self.category.set_text(tax.rate.category.value)
                self.reason.set_text(tax.reason)
        self.rate.edited.connect(self._on_rate)
        self.category.edited.connect(self._on_rate)
        EnterNavigation([self.name, self.rate, self.category, self.reason], self._on_save, parent=self)
        self._on_rate()
        self.name.control.setFocus()

    def _on_rate(self) -> None:
        is_free = self._milli() == 0
        self.category.setEnabled(is_free)
        self.reason.setEnabled(is_free and Category(self.category.text()) in WITH_REASON)

    def _milli(self) -> int | None:
        try:
            return read_percent(self.rate.text(), self._context.symbols)
        except Refused:
            return None

    def _read(self) -> ShopTax:
        faults: list[FieldError] = []
        name = clean(self.name.text()[:60], max_length=60)
        if not name:
            faults.append(FieldError(sentence("Enter a name."), "name"))
        milli = 0
        try:
            milli = read_percent(self.rate.text(), self._context.symbols)
        except Refused as refused:
            faults += [FieldError(fault.text, "rate") for fault in refused.faults]
        if faults:
            raise Refused(faults)
        rate = TaxRate(milli, Category.STANDARD if milli else Category(self.category.text()))
        reason = self.reason.text() if rate.category in WITH_REASON else ""
        before = self._tax or ShopTax(key=new_key(), name=name, rate=rate)
        return replace(before, name=name, rate=rate, reason=reason)

    def _over_theirs(self, tax: ShopTax) -> ShopTax:
        """Return the typed rate, merged with what another person changed since the dialog opened.

        Raises Refused if the rate was retired.
        """
        before = self._tax
        if before is None:
            return tax
        now = next((one for one in self._context.shop.taxes if one.key == tax.key), None)
        if now is None:
            raise Refused(sentence("Another person has retired this rate in the meantime."))
        self._tax = now
        return merge(before, tax, now)

    def _on_save(self) -> None:
        try:
            tax = self._over_theirs(self._read())
        except Refused as refused:
            self._refuse(refused)
            return
        self.save.setEnabled(False)
        kept = self._context.shop.taxes
        others = tuple(tax if one.key == tax.key else one for one in kept)
        base = self._context.shop
        shop = base.with_taxes(others if self._tax else (*kept, tax))
        self._context.do(usecase.change, shop, base=base, owner=self, then=self._on_saved, failed=self._on_failed)

    def _on_saved(self, shop: Shop) -> None:
        self._context.navigation.notify(tr("Tax rates saved."))
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Refused):
            self._refuse(error)
        else:
            self.save.setEnabled(True)
            self._context.report_error(error)

    def _refuse(self, refused: Refused) -> None:
        self.save.setEnabled(True)
        show_refusal(refused, [self.name, self.rate, self.category, self.reason], self.answer)


class _RatesModel(PagedModel[_Rate]):
    def __init__(self, context: Context, *, parent: QWidget) -> None:
        columns: tuple[ColumnOf[_Rate], ...] = (
            ColumnOf(title=tr("Name"), text=lambda one: one.tax.name),
            ColumnOf(
                title=tr("Rate"), text=lambda one: context.format.percent(one.tax.rate.milli), width=96, is_number=True
            ),
            ColumnOf(title=tr("Kind of rate"), text=_kind, width=200, rank=1),
            ColumnOf(title=tr("Default"), text=lambda one: tr("default") if one.tax.is_default else "", width=104),
        )
        super().__init__(context, columns, parent=parent)

    def show_rates(self, taxes: tuple[ShopTax, ...]) -> None:
        self._replace(tuple(_Rate(tax.key, tax) for tax in taxes), len(taxes) + 1)


def _kind(one: _Rate) -> str:
    return tr_marked(_CATEGORIES.get(one.tax.rate.category, mark("Taxed")))
