"""The dialog that changes many prices and taxes: first each old price beside the new one, then one act."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.errors import FieldError, Refused, Unavailable
from shopdesk.domain.money import read_percent, read_price
from shopdesk.domain.price_change import PriceChange, PriceRounding, ProductChoice
from shopdesk.domain.product import Product
from shopdesk.message_catalogues import mark
from shopdesk.queries import price_previews as ask
from shopdesk.queries.price_previews import PriceCheck, PricePreview
from shopdesk.ui.base import tokens
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import StatusLook, counted, tr, tr_marked, translated
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.catalogue.products_model import tax_of
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.widgets.field import Field, MessageLine, show_faults
from shopdesk.ui.widgets.form import ChoiceField
from shopdesk.ui.widgets.paged_model import ColumnOf, PagedModel
from shopdesk.ui.widgets.table import Table
from shopdesk.usecases import price_changes as usecase

_NOTHING, _PERCENT, _AMOUNT, _ROUND = "", "percent", "amount", "round"
_KEEP, _DEFAULT = "", "default"
_WAIT_MS = 150
"""The time without a key after which the check runs."""
_ROWS, _FEWEST_ROWS = 7, 3
_AROUND = 420
"""The height of all but the rows of the list, in px: on a small screen the list gives way."""
_ROUNDINGS = (
    (PriceRounding.MINOR, mark("To the smallest unit")),
    (PriceRounding.COIN, mark("To the smallest coin")),
    (PriceRounding.FIVE, mark("To a last digit of 5")),
    (PriceRounding.NINE, mark("To a last digit of 9")),
    (PriceRounding.EXACT, mark("Not rounded")),
)
ALL, FOUND, SELECTED = "all", "found", "selected"


class PricesDialog(ConfirmDialog):
    """Change many prices at once. The list below shows what will change, before anything is stored.

    ``text`` is what is searched for in the list, ``selected`` are the rows selected there.
    """

    def __init__(
        self,
        context: Context,
        *,
        text: str,
        selected: tuple[Product, ...],
        departments: tuple[str, ...],
        parent: QWidget,
    ) -> None:
        super().__init__(
            tr("Change prices"),
            text=tr("Nothing is stored before you press the button. To take it back, change the prices once more."),
            yes=tr("Change prices"),
            parent=parent,
        )
        self._context = context
        self._search = text.strip()
        self._selected = tuple(product.key for product in selected)
        self._check: PriceCheck | None = None
        self._asked = 0
        self.setMinimumWidth(tokens.READING)
        self.which = ChoiceField(tr("Products"), self._choices(departments), name="which", compact=True)
        hows = [
            (_PERCENT, tr("By per cent")),
            (_AMOUNT, tr("By an amount")),
            (_ROUND, tr("Only round them")),
            (_NOTHING, tr("Leave them")),
        ]
        self.how = ChoiceField(tr("Prices"), hows, name="how", compact=True)
        self.how.set_text(_PERCENT)
        self.by = Field(tr("By how much (with a minus to lower them)"), name="amount", compact=True)
        self.rounding = ChoiceField(tr("Round"), self._roundings(), name="rounding", compact=True)
        self.tax = ChoiceField(tr("Tax"), self._taxes(), name="tax", compact=True)
        self.fields = {field.name: field for field in (self.which, self.how, self.by, self.rounding, self.tax)}
        KeypadDecimal(self.by.control, lambda: context.symbols.decimal)
        self.model = _PricesModel(context, parent=self)
        self.table = Table(tr("Prices before and after"))
        self.table.show_model(self.model)
        rows = (parent.window().height() - _AROUND) // tokens.ROW
        self.table.setFixedHeight((min(max(rows, _FEWEST_ROWS), _ROWS) + 1) * tokens.ROW)
        self.said = MessageLine()
        self._lay_out()
        self._pause = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._pause.timeout.connect(self._ask)
        for field in self.fields.values():
            field.edited.connect(self._on_edited)
        self.model.failed.connect(context.report_unanswered)
        if self._selected:
            self.which.set_text(SELECTED)
        elif self._search:
            self.which.set_text(FOUND)
        self.by.control.setFocus()
        self._on_edited()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, fields in ((first, (self.which, self.tax)), (second, (self.how, self.by, self.rounding))):
            row.setSpacing(tokens.M)
            for field in fields:
                row.addWidget(field, 1)
        rows = QVBoxLayout()
        rows.setSpacing(tokens.S)
        rows.addLayout(first)
        rows.addLayout(second)
        self.body.addLayout(rows)
        self.body.addWidget(self.table)
        self.body.addWidget(self.said)

    def _choices(self, departments: tuple[str, ...]) -> list[tuple[str, str]]:
        count = len(self._selected)
        found = [(FOUND, tr("Found by “{text}”", text=self._search))] if self._search else []
        chosen = [(SELECTED, counted(count, "{count} selected product", "{count} selected products"))] if count else []
        names = [
            (f"department {name}", tr("Department: {name}", name=name) if name else tr("Without a department"))
            for name in departments
        ]
        return [*chosen, *found, (ALL, tr("All products")), *names]

    def _roundings(self) -> list[tuple[str, str]]:
        return [(rounding.value, tr_marked(word)) for rounding, word in _ROUNDINGS]

    def _taxes(self) -> list[tuple[str, str]]:
        shop, percent = self._context.shop, self._context.format.percent
        rates = [(str(tax.key), f"{tax.name} {percent(tax.rate.milli)}") for tax in shop.taxes]
        standard = tr("Shop default ({rate})", rate=percent(shop.default_tax.rate.milli))
        return [(_KEEP, tr("Leave it")), (_DEFAULT, standard), *rates]

    # --- what is chosen ---

    @property
    def choice(self) -> ProductChoice:
        """The products to change."""
        which = self.which.text()
        if which == SELECTED:
            return ProductChoice(keys=self._selected)
        if which == FOUND:
            return ProductChoice(text=self._search)
        return ProductChoice() if which == ALL else ProductChoice(department=which.removeprefix("department "))

    def change(self) -> PriceChange:
        """Return the change as typed. Raise Refused with the fault of the field."""
        how, tax, shop = self.how.text(), self.tax.text(), self._context.shop
        percent = amount = 0
        typed = self.by.text().strip()
        if how in {_PERCENT, _AMOUNT} and typed:
            percent, amount = self._by(typed, how)
        return PriceChange(
            percent_milli=percent,
            amount=amount,
            rounding=PriceRounding(self.rounding.text()),
            coin=shop.smallest_coin,
            changes_price=how == _ROUND or bool(percent or amount),
            changes_tax=bool(tax),
            tax_key=UUID(tax) if tax not in {_KEEP, _DEFAULT} else None,
        )

    def _by(self, typed: str, how: str) -> tuple[int, int]:
        """Return the percentage or the amount typed; a minus before or behind it, or of another script, lowers."""
        symbols = self._context.symbols
        sign = -1 if typed[0] in "-−" else 1
        plain = typed.lstrip("-−+").strip()
        try:
            if how == _PERCENT:
                return sign * read_percent(plain.removesuffix("%").strip(), symbols), 0
            return 0, sign * read_price(plain, symbols, self._context.shop.currency)
        except Refused as refused:
            raise Refused([FieldError(fault.text, "amount") for fault in refused.faults]) from None

    # --- checking ---

    def _on_edited(self) -> None:
        self.by.setEnabled(self.how.text() in {_PERCENT, _AMOUNT})
        self.rounding.setEnabled(self.how.text() != _NOTHING)
        self.yes.setEnabled(False)
        self._check = None
        self._pause.start()

    def _ask(self) -> None:
        self._asked += 1
        asked = self._asked
        try:
            choice, change = self.choice, self.change()
        except Refused as refused:
            show_faults(refused, self.fields)
            return
        given = {"choice": choice, "change": change, "by": self._context.actor}
        self.model.show(ask.preview, **given)

        def then(check: PriceCheck) -> None:
            if asked == self._asked:
                self._check = check
                self._show_check(check)

        self._context.ask_slow(ask.check, owner=self, then=then, failed=self._on_failed, **given)

    def _show_check(self, check: PriceCheck) -> None:
        self.yes.setEnabled(bool(check.changed) and not check.negative)
        if check.negative:
            text = counted(
                check.negative,
                "{count} price would be less than nothing.",
                "{count} prices would be less than nothing.",
            )
            self.said.show_state(StatusLook(text, "warn", Tone.BAD))
            return
        changed = counted(check.changed, "{count} product changes", "{count} products change")
        chosen = counted(check.chosen, "{count} product chosen", "{count} products chosen")
        self.said.show_state(StatusLook(f"{changed} · {chosen}", "info", Tone.SOFT))
        self.said.setAccessibleName(f"{changed}, {chosen}")

    # --- changing ---

    def accept(self) -> None:
        """Change the prices; the dialog stays open if that is refused."""
        check = self._check
        if check is None:
            return
        self.yes.setEnabled(False)

        def done(count: int) -> None:
            text = counted(count, "{count} product was changed.", "{count} products were changed.")
            self._context.navigation.notify(text)
            ConfirmDialog.accept(self)

        self._context.do(
            usecase.change_prices,
            self.choice,
            self.change(),
            state=check.state,
            owner=self,
            then=done,
            failed=self._on_failed,
        )

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, Refused):
            rest = show_faults(error, self.fields)
            if rest:
                self.said.show_state(StatusLook(" ".join(translated(fault.text) for fault in rest), "warn", Tone.BAD))
            self._asked += 1
        elif isinstance(error, Unavailable):
            self.said.show_state(StatusLook(translated(error), "warn", Tone.BAD))
        else:
            self._context.report_error(error)


class _PricesModel(PagedModel[PricePreview]):
    def __init__(self, context: Context, *, parent: QObject) -> None:
        code = context.shop.currency.code

        def price(pick: Callable[[PricePreview], Product]) -> Callable[[PricePreview], str]:
            return lambda row: context.format.price(pick(row).price)

        def tax(row: PricePreview) -> str:
            before, after = (
                context.format.percent(tax_of(one, context.shop).rate.milli) for one in (row.before, row.after)
            )
            return before if before == after else f"{before} → {after}"

        columns: tuple[ColumnOf[PricePreview], ...] = (
            ColumnOf(title=tr("Code"), text=lambda row: row.before.code, width=88, rank=1),
            ColumnOf(title=tr("Name"), text=lambda row: row.before.name, tip=lambda row: row.before.name),
            ColumnOf(title=tr("Tax"), text=tax, width=72, is_number=True),
            ColumnOf(
                title=tr("Now, {currency}", currency=code),
                text=price(lambda row: row.before),
                width=96,
                is_number=True,
            ),
            ColumnOf(
                title=tr("Then, {currency}", currency=code),
                text=price(lambda row: row.after),
                look=_then(context),
                width=96,
                is_number=True,
            ),
        )
        super().__init__(context, columns, parent=parent)


def _then(context: Context) -> Callable[[PricePreview], StatusLook]:
    def look(row: PricePreview) -> StatusLook:
        price = context.format.price(row.after.price)
        if row.after.price < 0:
            return StatusLook(price, "warn", Tone.BAD)
        if row.after.price == row.before.price:
            return StatusLook(price, "level", Tone.SOFT)
        is_up = row.after.price > row.before.price
        return StatusLook(price, "up" if is_up else "down", Tone.PLAIN)

    return look
