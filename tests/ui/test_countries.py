"""What a country suggests to a new shop, and that the first page shows it."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox

from shopdesk.domain.money import Currency
from shopdesk.ui.base import countries
from shopdesk.ui.base.countries import Country
from support.windows import Window


def country(code: str) -> Country:
    (found,) = (one for one in countries.countries() if one.code == code)
    return found


@pytest.mark.parametrize(
    ("code", "currency", "tax"),
    [("DE", "EUR", "19"), ("GB", "GBP", "20"), ("KE", "KES", "16"), ("CH", "CHF", "8.1"), ("US", "USD", "")],
)
def test_a_country_suggests_its_currency_and_its_usual_tax(code: str, currency: str, tax: str) -> None:
    assert (country(code).currency, country(code).tax) == (currency, tax)


def test_prices_include_tax_but_where_shops_add_it_at_the_till() -> None:
    without = {one.code for one in countries.countries() if not one.prices_include_tax}
    assert without == {"US", "CA"}


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


def test_every_country_has_a_name_and_a_currency_that_a_shop_can_have() -> None:
    found = countries.countries()
    assert len(found) > 200
    assert [one.name for one in found] == sorted(one.name for one in found)
    assert all(re.fullmatch("[A-Z]{2}", one.code) and one.name for one in found)
    assert {Currency.of(code).code for code in countries.currencies()} == set(countries.currencies())
