"""The page where the owner sets up the shop: a few questions with defaults filled in. Enter moves on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.language_tag import regional
from shopdesk.domain.money import Currency, NumberSymbols, read_minor, read_percent
from shopdesk.domain.sentence import sentence
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.message_catalogues import SOURCE
from shopdesk.render import formatting
from shopdesk.ui.base import country_defaults, document_languages, i18n, tokens
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.keypad_decimal import KeypadDecimal
from shopdesk.ui.widgets.buttons import PrimaryButton, QuietButton
from shopdesk.ui.widgets.centered_page import CenteredPage, beside
from shopdesk.ui.widgets.enter_navigation import EnterNavigation
from shopdesk.ui.widgets.field import Field, MessageLine, show_refusal
from shopdesk.ui.widgets.form import find_by_typing
from shopdesk.ui.widgets.labels import Label
from shopdesk.usecases.shop import ShopSetup


class ShopSetupScreen(CenteredPage):
    """Collects the shop's first settings; ``ui/sign_in/flow.py`` opens the shop with them."""

    shop_wanted = Signal(object)  # ShopSetup: the answers are complete
    sign_out_wanted = Signal()  # "Sign out" was pressed

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Set up your shop"),
            tr("You can change this later in Settings. The currency is fixed once there are documents."),
            width=tokens.WIDE,
            parent=parent,
        )
        self._language = language
        self.shop_name = Field(tr("Shop name"), name="shop_name")
        self.shop_name.edited.connect(self._on_name)
        self.country = Field(tr("Country"), _combo(), name="country")
        self.currency = Field(tr("Currency"), _combo(), name="currency")
        self.tax = Field(tr("Default tax rate"), name="rate", hint=tr("In per cent; 0 for none."))
        self.coin = Field(tr("Smallest coin"), name="smallest_coin", hint=tr("For cash."))
        for field in (self.tax, self.coin):
            KeypadDecimal(field.control, lambda: self.symbols.decimal)
        self.language = Field(tr("Language of documents"), _combo(), name="language")
        self.other_rates = _RateBoxes(lambda: self._locale)
        self.prices_include_tax = QCheckBox(tr("Prices include tax"))
        self.prices_include_tax.setAccessibleName(tr("Prices include tax"))
        self.answer = MessageLine()
        self.open_shop = PrimaryButton(tr("Open the shop"), self._on_open)
        self.sign_out = QuietButton(tr("Sign out"), self.sign_out_wanted.emit, icon="sign-out")
        self.fields = [self.shop_name, self.country, self.currency, self.coin, self.language, self.tax]
        self._language_box = _box(self.language)
        for tag, name in document_languages.choices():
            self._language_box.addItem(name, tag)
        self._country_box, self._currency_box = _box(self.country), _box(self.currency)
        for country in country_defaults.countries(i18n.language()):
            self._country_box.addItem(country.name, country.code)
        self._currency_box.addItems(country_defaults.currencies())
        self._country_box.currentIndexChanged.connect(self._on_country)
        self._currency_box.currentIndexChanged.connect(self._suggest_coin)
        EnterNavigation([*self.fields, self.prices_include_tax], self._on_open, parent=self)
        self.setFocusProxy(self.shop_name)

        self.add(self.shop_name)
        self.add(beside(self.country, self.currency, self.coin))
        self.add(beside(self.language, self.tax))
        self.add(self.prices_include_tax)
        self.add(self.other_rates)
        self.add(self.answer)
        acts = beside(self.sign_out, self.open_shop)
        acts.setStretch(0, 0)
        self.add(acts)
        self._on_default()

    def set_busy(self, busy: bool) -> None:
        """Disable the button while the shop is being opened, so that it cannot be pressed twice."""
        self.open_shop.setEnabled(not busy)

    def refuse(self, error: Refused) -> None:
        """Show each fault beside its field, the rest at the bottom."""
        self.set_busy(False)
        show_refusal(error, self.fields, self.answer)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the shop name."""
        super().showEvent(event)
        self.shop_name.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_name(self) -> None:
        self.brand.setText(self.shop_name.text().strip() or "shopdesk")

    def _on_default(self) -> None:
        at = self._country_box.findData(country_defaults.current())
        self._country_box.setCurrentIndex(at if at >= 0 else self._country_box.findData("US"))
        self._on_country()

    def _on_country(self) -> None:
        code = self._country_box.currentData()
        country = next((one for one in country_defaults.countries(i18n.language()) if one.code == code), None)
        if country is None:
            return
        self.currency.set_text(country.currency)
        self.tax.set_text(country.tax.replace(".", self.symbols.decimal))
        self.prices_include_tax.setChecked(country.prices_include_tax)
        self.other_rates.offer(country.reduced)
        is_here = code == country_defaults.current()
        self._language_box.setCurrentIndex(self._language_index(self._language if is_here else country.language))
        self._suggest_coin()

    def _language_index(self, tag: str) -> int:
        """Return the place of a language in the list, or that of the machine's language, or of English."""
        places = (self._language_box.findData(one.partition("-")[0]) for one in (tag, self._language, SOURCE))
        return next(at for at in places if at >= 0)

    @property
    def symbols(self) -> NumberSymbols:
        """The number symbols of the machine's language in the chosen country."""
        return formatting.typing_symbols(self._locale)

    @property
    def _locale(self) -> str:
        return regional(self._language, _chosen(self._country_box))

    def _suggest_coin(self) -> None:
        """Propose the smallest coin; ask for it only where the smallest unit of the currency is none."""
        if code := _chosen(self._currency_box):
            currency = Currency.of(code)
            coin = country_defaults.smallest_coin(_chosen(self._country_box), currency)
            self.coin.set_text(formatting.amount(coin, currency, self._locale))
            self.coin.setVisible(coin > 1)

    def _on_open(self) -> None:
        if not self.open_shop.isEnabled():
            return
        self.answer.show_state(None)
        faults: list[FieldError] = []
        if not self.shop_name.text().strip():
            faults.append(
                FieldError(sentence("Enter the name of your shop. It is printed on every receipt."), "shop_name")
            )
        country = _chosen(self._country_box)
        if not country:
            faults.append(FieldError(sentence("Choose a country from the list."), "country"))
        currency = _chosen(self._currency_box)
        if not currency:
            faults.append(FieldError(sentence("Choose a currency from the list."), "currency"))
        language = _chosen(self._language_box)
        if not language:
            faults.append(FieldError(sentence("Choose a language from the list."), "language"))
        try:
            milli = read_percent(self.tax.text() or "0", self.symbols)
            rate = TaxRate(milli, Category.STANDARD if milli else Category.ZERO)
        except Refused as refused:
            rate = TaxRate.percent(0)
            faults += [FieldError(fault.text, "rate") for fault in refused.faults]
        try:
            coin = read_minor(self.coin.text(), self.symbols, Currency.of(currency)) if currency else 1
        except Refused as refused:
            coin = 1
            faults += [FieldError(fault.text, "smallest_coin") for fault in refused.faults]
        if coin < 1:
            faults.append(FieldError(sentence("The smallest coin must be more than zero."), "smallest_coin"))
        if faults:
            self.refuse(Refused(faults))
            return
        self.set_busy(True)
        self.shop_wanted.emit(
            ShopSetup(
                shop_name=self.shop_name.text(),
                country=country,
                currency=currency,
                prices_include_tax=self.prices_include_tax.isChecked(),
                default_tax=rate,
                language=language,
                smallest_coin=coin,
                other_taxes=self.other_rates.chosen(),
                default_name=tr("Standard"),
                zero_name=tr("No tax"),
            )
        )


class _RateBoxes(QWidget):
    """The other tax rates that are usual in a country, each with a box to leave it out."""

    def __init__(self, locale: Callable[[], str]) -> None:
        super().__init__()
        self._locale = locale
        self._boxes: list[tuple[str, QCheckBox]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.XS)
        column.addWidget(Label(tr("Other usual rates"), "strong"))
        self._row = QHBoxLayout()
        self._row.setSpacing(tokens.M)
        column.addLayout(self._row)
        self.hide()

    def offer(self, rates: Sequence[country_defaults.ReducedRate]) -> None:
        """Show the rates of a country, all chosen."""
        while item := self._row.takeAt(0):
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._boxes = []
        for rate in rates:
            text = formatting.percent(TaxRate.percent(rate.percent).milli, self._locale())
            if rate.since is not None:
                text = tr("{rate} since {day}", rate=text, day=formatting.day(rate.since, self._locale()))
            box = QCheckBox(text)
            box.setAccessibleName(text)
            box.setChecked(True)
            self._row.addWidget(box)
            self._boxes.append((rate.percent, box))
        self._row.addStretch(1)
        self.setVisible(bool(rates))

    def chosen(self) -> tuple[tuple[str, TaxRate], ...]:
        """Return names and rates; each has a name of its own, by which a row of a document names its rate."""
        rates = [TaxRate.percent(rate) for rate, box in self._boxes if box.isChecked()]
        if len(rates) == 1:
            return ((tr("Reduced"), rates[0]),)
        percents = [formatting.percent(rate.milli, self._locale()) for rate in rates]
        return tuple((tr("Reduced {rate}", rate=percent), rate) for percent, rate in zip(percents, rates, strict=True))


def _combo() -> QComboBox:
    """Return a list that is searched by typing any part of an entry."""
    box = QComboBox()
    find_by_typing(box)
    return box


def _box(field: Field) -> QComboBox:
    control = field.control
    if not isinstance(control, QComboBox):
        raise TypeError("the field has no list to choose from")
    return control


def _chosen(box: QComboBox) -> str:
    """Return the code of the entry that is chosen or typed in full; "" if there is none."""
    at = box.findText(box.currentText().strip(), Qt.MatchFlag.MatchFixedString)
    if at < 0:
        at = box.findData(box.currentText().strip().upper())
    return str(box.itemData(at) or box.itemText(at)) if at >= 0 else ""
