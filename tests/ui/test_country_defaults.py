"""What a country suggests to a new shop, and that the first page shows it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit

from shopdesk.domain.collation import sort_key
from shopdesk.domain.money import Currency
from shopdesk.domain.tax import TaxRate
from shopdesk.ui.base import country_defaults, window_language
from shopdesk.ui.base.country_defaults import Country
from shopdesk.ui.sign_in.shop_setup_screen import ShopSetupScreen
from support.qtbot import QtBot
from support.windows import Window


def country(code: str) -> Country:
    (found,) = (one for one in country_defaults.countries() if one.code == code)
    return found


@pytest.mark.parametrize(
    ("code", "currency", "tax"),
    [("DE", "EUR", "19"), ("GB", "GBP", "20"), ("KE", "KES", "16"), ("CH", "CHF", "8.1"), ("US", "USD", "")],
)
def test_a_country_suggests_its_currency_and_its_usual_tax(code: str, currency: str, tax: str) -> None:
    assert (country(code).currency, country(code).tax) == (currency, tax)


def test_prices_include_tax_but_where_shops_add_it_at_the_till() -> None:
    without = {one.code for one in country_defaults.countries() if not one.prices_include_tax}
    assert without == {"US", "CA"}


@pytest.mark.parametrize(
    ("code", "currency", "coin"),
    [
        ("CH", "CHF", 5),
        ("LI", "CHF", 5),
        ("SE", "SEK", 100),
        ("NO", "NOK", 100),
        ("DK", "DKK", 50),
        ("CA", "CAD", 5),
        ("AU", "AUD", 5),
        ("NZ", "NZD", 10),
        ("HU", "HUF", 500),
        ("CZ", "CZK", 100),
        ("IL", "ILS", 10),
        *((code, "EUR", 5) for code in ("FI", "NL", "BE", "IE", "IT", "SK", "LT", "EE")),
        ("DE", "EUR", 1),
        ("AT", "EUR", 1),
        ("CH", "EUR", 1),
        ("DE", "CHF", 5),  # the coins are those of the currency
        ("PL", "PLN", 1),
        ("US", "USD", 1),
        ("IS", "ISK", 1),
        ("JP", "JPY", 1),
    ],
)
def test_a_country_suggests_the_smallest_coin_of_its_currency(code: str, currency: str, coin: int) -> None:
    assert country_defaults.smallest_coin(code, Currency.of(currency)) == coin


def test_every_suggested_coin_is_at_least_the_smallest_unit() -> None:
    for one in country_defaults.countries():
        for currency in {one.currency, "EUR", "CHF", "JPY", "KWD"}:
            assert country_defaults.smallest_coin(one.code, Currency.of(currency)) >= 1


@pytest.mark.parametrize(("code", "shown", "coin"), [("CH", "0.05", 5), ("SE", "1,00", 100), ("DE", "", 1)])
def test_the_first_page_proposes_the_smallest_coin(program: Window, code: str, shown: str, coin: int) -> None:
    program.register()
    program.type_into("Shop name", "Corner Shop")
    choice = program.find("Country", QComboBox)
    choice.setCurrentIndex(choice.findData(code))
    assert program.sees("Smallest coin") is bool(shown)  # not asked where each amount can be paid
    assert not shown or program.find("Smallest coin", QLineEdit).text() == shown
    program.press("Open the shop")
    assert program.workspace.context.shop.smallest_coin == coin
    program.rest()


def test_the_smallest_coin_of_the_first_page_follows_the_currency_and_has_to_be_an_amount(program: Window) -> None:
    program.register()
    program.type_into("Shop name", "Corner Shop")
    country = program.find("Country", QComboBox)
    country.setCurrentIndex(country.findData("CH"))
    currency = program.find("Currency", QComboBox)
    currency.setCurrentIndex(currency.findText("JPY"))
    assert not program.sees("Smallest coin")
    currency.setCurrentIndex(currency.findText("SEK"))
    assert program.find("Smallest coin", QLineEdit).text() == "1.00"
    for typed, fault in (("0", "must be more than zero"), ("0,500", "is not an amount")):
        program.type_into("Smallest coin", typed)
        program.press("Open the shop")
        program.find_text(fault)
        assert program.see("Smallest coin").hasFocus()
    program.type_into("Smallest coin", "5")
    program.press("Open the shop")
    assert program.workspace.context.shop.smallest_coin == 500
    program.rest()


@pytest.mark.parametrize(("code", "include"), [("US", False), ("CA", False), ("DE", True), ("JP", True)])
def test_the_first_page_proposes_what_is_usual_in_the_country(program: Window, code: str, include: bool) -> None:
    program.register()
    program.type_into("Shop name", "Corner Shop")
    choice = program.find("Country", QComboBox)
    choice.setCurrentIndex(choice.findData("DE" if code == "US" else "US"))
    choice.setCurrentIndex(choice.findData(code))
    assert program.find("Prices include tax", QCheckBox).isChecked() is include
    program.press("Open the shop")
    assert program.workspace.context.shop.prices_include_tax is include
    program.rest()


def test_the_owner_has_the_last_word_about_prices(program: Window) -> None:
    program.register()
    program.type_into("Shop name", "Corner Shop")
    choice = program.find("Country", QComboBox)
    choice.setCurrentIndex(choice.findData("US"))
    program.find("Prices include tax", QCheckBox).click()
    program.press("Open the shop")
    assert program.workspace.context.shop.prices_include_tax is True
    program.rest()


def test_countries_are_listed_as_people_look_for_them() -> None:
    names = [country.name for country in country_defaults.countries()]
    assert names.index("Åland Islands") < names.index("Albania")
    assert names.index("Côte d’Ivoire") < names.index("Croatia")


def test_every_country_has_a_name_and_a_currency_that_a_shop_can_have() -> None:
    found = country_defaults.countries()
    assert len(found) > 200
    names = [one.name for one in found]
    assert names == sorted(names, key=lambda name: sort_key(name, "en"))
    assert names.index("Åland Islands") == names.index("Albania") - 1
    assert all(re.fullmatch("[A-Z]{2}", one.code) and one.name for one in found)
    assert {Currency.of(code).code for code in country_defaults.currencies()} == set(country_defaults.currencies())


@pytest.mark.parametrize(
    ("code", "language", "reduced"),
    [
        ("DE", "de", ["7"]),
        ("AT", "de", ["13", "10"]),
        ("FR", "fr", ["10", "5.5", "2.1"]),
        ("PL", "pl", ["8", "5"]),
        ("SA", "ar", []),
        ("IL", "he", []),
        ("KE", "sw", []),
        ("US", "en", []),
    ],
)
def test_a_country_suggests_its_language_and_its_reduced_rates(code: str, language: str, reduced: list[str]) -> None:
    found = country(code)
    assert (found.language, [rate.percent for rate in found.reduced]) == (language, reduced)


def test_reduced_rates_are_below_the_standard_one_and_each_once() -> None:
    with_reduced = [one for one in country_defaults.countries() if one.reduced]
    assert len(with_reduced) > 30
    for one in with_reduced:
        rates = [Decimal(rate.percent) for rate in one.reduced]
        assert rates == sorted(set(rates), reverse=True)
        assert one.code == "IN" or max(rates) < Decimal(one.tax)  # India has a rate above the standard one


@pytest.mark.parametrize(
    ("is_chosen", "reduced"),
    [
        (True, [("Reduced 13 %", 13), ("Reduced 10 %", 10)]),
        (False, [("Reduced", 13)]),
    ],
)
def test_the_first_page_opens_a_shop_with_the_usual_rates_and_the_language_of_its_country(
    program: Window, is_chosen: bool, reduced: list[tuple[str, int]]
) -> None:
    program.register()
    program.type_into("Shop name", "Eckladen")
    choice = program.find("Country", QComboBox)
    choice.setCurrentIndex(choice.findData("AT"))
    assert program.find("Language of documents", QComboBox).currentText() == "Deutsch"
    program.find("10\xa0%", QCheckBox).setChecked(is_chosen)
    program.press("Open the shop")
    shop = program.workspace.context.shop
    assert shop.language == "de"
    assert [(tax.name, tax.rate, tax.is_default) for tax in shop.taxes] == [
        ("Standard", TaxRate.percent(20), True),
        *((name, TaxRate.percent(rate), False) for name, rate in reduced),
        ("No tax", TaxRate.percent(0), False),
    ]
    program.rest()


def test_a_recent_rate_says_since_when(program: Window) -> None:
    program.register()
    choice = program.find("Country", QComboBox)
    choice.setCurrentIndex(choice.findData("FI"))
    boxes = [box.text() for box in program.main.findChildren(QCheckBox) if "%" in box.text() and box.isVisible()]
    assert boxes == ["13,5\xa0% since 1 Jan 2026", "10\xa0%"]
    program.rest()


def test_the_rates_of_a_new_shop_have_names_in_the_language_of_the_windows(
    themed_app: QApplication, qtbot: QtBot
) -> None:
    window_language.use(themed_app, "de")
    page = ShopSetupScreen("de")
    qtbot.addWidget(page)
    page.shop_name.set_text("Eckladen")
    country = page.country.control
    assert isinstance(country, QComboBox)
    country.setCurrentIndex(country.findData("DE"))
    with qtbot.waitSignal(page.shop_wanted) as wanted:
        page.open_shop.click()
    assert wanted.args is not None
    (setup,) = wanted.args
    assert (setup.default_name, setup.zero_name) == ("Regelsatz", "Ohne MwSt.")
    assert setup.other_taxes == (("Ermäßigt", TaxRate.percent(7)),)
