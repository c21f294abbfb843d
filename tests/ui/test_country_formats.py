"""The country decides how numbers and dates are written and read, the language only the words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QSpinBox, QToolButton

from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.draft import DraftForm, DraftRow, parse
from shopdesk.domain.money import NumberSymbols
from shopdesk.queries import shop as ask_shop
from shopdesk.render.document_text import DocumentText
from shopdesk.render.formatting import first_weekday, typing_symbols
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.pages import Page
from shopdesk.ui.settings.settings_screen import SettingsScreen
from shopdesk.ui.widgets.calendar import Calendar
from shopdesk.ui.widgets.date_field import DateField, FilterDate
from shopdesk.usecases import customers, documents
from support.context import Show, press, retype
from support.qtbot import QtBot
from support.sales import sell
from support.shops import SampleShop
from support.windows import Window


def open_shop_in(program: Window, country: str) -> None:
    program.register()
    program.type_into("Shop name", "La Esquina")
    box = program.find("Country", QComboBox)
    box.setCurrentIndex(box.findData(country))
    language = program.find("Language of documents", QComboBox)
    language.setCurrentIndex(language.findData("en"))  # the windows of the test stay English
    program.press("Open the shop")
    assert program.workspace.isVisible()
    program.rest()


def choose_language(program: Window, name: str) -> None:
    program.workspace.show_page(Page.SETTINGS)
    page = program.workspace.opened(Page.SETTINGS)
    assert isinstance(page, SettingsScreen)
    page.open("Shop")
    program.rest()
    box = program.find("Language", QComboBox)
    box.setCurrentIndex(box.findText(name))
    program.press("Save")
    program.rest()


def test_choosing_spanish_keeps_the_point_of_a_mexican_shop(program: Window) -> None:
    open_shop_in(program, "MX")
    choose_language(program, "Español")
    context = program.workspace.context
    program.until(lambda: context.shop.language == "es")
    assert context.symbols == typing_symbols("es-MX")
    assert context.format.amount(123_450) == "1,234.50"
    assert program.find("Language", QComboBox).currentText() == "Español"
    document = sell(program, DraftRow("Pan", "1", "1,234.50"))
    assert (document.language, document.totals.gross) == ("es-MX", 123_450)
    assert DocumentText(document, {}).amount(123_450) == "1,234.50"


def test_a_shop_whose_language_has_the_region_shows_the_language(
    shop: SampleShop, context: Context, show: Show, settled: Callable[[], None]
) -> None:
    shop.change_shop(language="es-US")
    facts = shop.ask(ask_shop.current)
    assert facts is not None
    context.set_shop(facts, typing_symbols(facts.locale))
    section = show(SettingsScreen(context)).open("Shop")
    settled()
    assert section.form.values()["language"] == "es"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("customer", "locale", "amount"),
    [("de", "de-CH", "1’234.50"), ("", "fr-CH", "1\u202f234,50"), ("es", "es-CH", "1.234,50")],
)
def test_a_customers_document_has_the_customers_words_and_the_countrys_numbers(
    shop: SampleShop, customer: str, locale: str, amount: str
) -> None:
    facts = shop.ask(ask_shop.current)
    assert facts is not None
    swiss = shop.change_shop(language="fr", seller=replace(facts.seller, country="CH"))
    ada = Customer(key=new_key(), name="Ada", language=customer)
    shop.do(customers.save, ada)
    form = DraftForm(key=new_key(), customer_key=ada.key, rows=(DraftRow("Tee", "1", "1234.50"),))
    draft = parse(form, shop=swiss, symbols=NumberSymbols(), today=shop.today, buyer=Buyer.of(ada)).draft
    assert draft is not None
    document = shop.do(documents.issue, draft)
    assert document.language == locale
    assert DocumentText(document, {}).amount(123_450) == amount
    changed = shop.do(documents.correct, document.key, replace(draft, key=new_key(), note="again"), revision=1)
    assert changed.language == locale


DIGITS = ["ar-EG", "fa-IR", "mr-IN", "ne-NP", "my-MM", "bn-BD", "ckb-IQ", "he-IL", "es-MX"]


@pytest.mark.parametrize("language", DIGITS)
def test_a_calendar_writes_0_to_9(qtbot: QtBot, language: str) -> None:
    calendar = Calendar(date(2026, 11, 22), language)
    qtbot.addWidget(calendar)
    calendar.show()
    assert calendar.locale().zeroDigit() == "0"
    shown = [button.text() for button in calendar.findChildren(QToolButton)]
    shown += [box.text() for box in calendar.findChildren(QSpinBox)]
    assert {mark for text in shown for mark in text if mark.isdecimal()} == set("026")
    assert calendar.selectedDate() == QDate(2026, 11, 22)


def test_a_calendar_keeps_the_months_of_the_country() -> None:
    shown = Calendar(date(2026, 11, 22), "ar-EG").locale()
    assert shown.monthName(1) == QLocale("ar_EG").monthName(1)


@pytest.mark.parametrize("language", ["en", "en-GB", "en-EG", "de-US", "ar-SA", "ar-AE", "fa-IR"])
def test_a_calendar_begins_its_weeks_as_periods_do(qtbot: QtBot, language: str) -> None:
    calendar = Calendar(date(2026, 11, 22), language)
    qtbot.addWidget(calendar)
    assert calendar.firstDayOfWeek().value - 1 == first_weekday(language)


@pytest.mark.parametrize("typed", ["20/11/2026", "٢٠/١١/٢٠٢٦", "२०.११.२०२६", "20 nov", "2026-11-20"])
def test_the_digits_of_any_script_are_read_in_a_filter_and_0_to_9_written(
    context: Context, show: Show, qtbot: QtBot, typed: str
) -> None:
    mexican = replace(context.shop, language="es", seller=replace(context.shop.seller, country="MX"))
    context.set_shop(mexican, typing_symbols(mexican.locale))
    field = show(FilterDate(context, "From", date(2026, 11, 1)))
    with qtbot.waitSignal(field.picked):
        retype(field.edit, typed)
    assert field.chosen == date(2026, 11, 20)
    assert field.edit.text() == "20 nov 2026"


def test_a_filter_keeps_its_date_while_the_text_is_none_and_says_how_to_type_one(context: Context, show: Show) -> None:
    field = show(FilterDate(context, "From", date(2026, 11, 1)))
    for typed, fault in (
        ("4006381333", "“4006381333” is not a date. Type it like 23 Nov 2026."),
        ("soon", "“soon” is not a date. Type it like 23 Nov 2026."),
        ("31.12.1999", "The date must be in 2000 or later."),
    ):
        retype(field.edit, typed)
        assert field.fault == fault
        assert field.chosen == date(2026, 11, 1)
    field.edit.selectAll()
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return):
        QTest.keyClick(field.edit, key)
    assert (field.fault, field.edit.text()) == ("", "1 Nov 2026")
    retype(field.edit, "20 Nov")
    assert (field.fault, field.chosen) == ("", date(2026, 11, 20))


def test_a_filter_takes_a_date_as_the_arrows_and_the_calendar_give_it(
    context: Context, show: Show, qtbot: QtBot
) -> None:
    field = show(FilterDate(context, "From", date(2026, 11, 1)))
    with qtbot.waitSignal(field.picked):
        QTest.keyClick(field.edit, Qt.Key.Key_Up)
    assert field.chosen == date(2026, 11, 2)


def test_the_date_of_a_document_is_read_in_any_script(context: Context, show: Show) -> None:
    field = show(DateField(context, "Date", name="date"))
    field.edit.selectAll()
    press(field.edit, "٢٤")
    QTest.keyClick(field.edit, Qt.Key.Key_Return)
    assert (field.value, field.edit.text()) == ("2026-11-24", "24 Nov 2026")
    field.edit.selectAll()
    press(field.edit, "0000000024")
    assert (field.value, field.day) == ("0000000024", None)
