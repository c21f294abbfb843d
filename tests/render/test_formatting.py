"""Numbers, money and dates in a language; Babel's own, slower words are the measure."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import product

import pytest
from babel import Locale
from babel.core import get_global
from babel.localedata import exists
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_decimal_symbol,
    get_group_symbol,
)
from hypothesis import given
from hypothesis import strategies as st

from shopdesk import message_catalogues
from shopdesk.domain.language_tag import regional
from shopdesk.domain.money import LARGEST_MINOR, Currency, Money, NumberSymbols, read_minor, read_price, read_quantity
from shopdesk.render import formatting

LANGUAGES = ["en", "en-US", "en-KE", "de", "de-CH", "fr", "es", "sw", "ar", "he", "pl", "hi", "ja", "sv", "fa"]
THREES = [language for language in LANGUAGES if language != "hi"]
"""Languages that group in threes: what the program reads back."""
TERRITORIES = sorted(get_global("territory_currencies").keys() - get_global("territory_aliases").keys())
EUR, JPY, KWD = Currency.of("EUR"), Currency.of("JPY"), Currency.of("KWD")


def signed(text: str) -> str:
    """Babel writes "-" even where CLDR has "−", or a direction mark before it."""
    return text.replace("\u200e", "").replace("−", "-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_amount_is_written_as_babel_writes_it(language: str) -> None:
    locale = language.replace("-", "_")
    for minor, currency in product([0, 5, -5, 99, 100_000, -123_456_789, LARGEST_MINOR], [EUR, JPY, KWD]):
        zeros = "0" * currency.digits
        pattern = f"{'#,##,##0' if language == 'hi' else '#,##0'}{'.' if zeros else ''}{zeros}"
        expected = format_decimal(Money(minor, currency).decimal, format=pattern, locale=locale)
        assert signed(formatting.amount(minor, currency, language)) == signed(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_money_is_written_as_babel_writes_it(language: str) -> None:
    for minor, code in product([123_456, -123_456], ["EUR", "USD", "KES", "JPY"]):
        value = Money(minor, Currency.of(code))
        expected = format_currency(value.decimal, code, locale=language.replace("-", "_"))
        # Babel leaves the space out that CLDR wants between letters and digits (UTS 35, currencySpacing).
        assert signed(formatting.money(value, language)).replace("\xa0", "") == signed(expected).replace("\xa0", "")


def test_a_currency_in_letters_stands_apart_from_the_digits() -> None:
    assert formatting.money(Money(1200, Currency.of("KES")), "en") == "KES\xa012.00"
    assert formatting.money(Money(1200, Currency.of("USD")), "en") == "$12.00"
    assert formatting.money(Money(1200, Currency.of("USD")), "en", with_code=True) == "USD\xa012.00"
    assert formatting.money(Money(-1200, EUR), "de", with_code=True) == "-12,00\xa0EUR"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_percentage_is_written_as_babel_writes_it(language: str) -> None:
    locale = language.replace("-", "_")
    assert formatting.percent(16_000, language) == format_percent(Decimal("0.16"), locale=locale)
    assert formatting.percent(8_875, language) == format_percent(
        Decimal("0.08875"), decimal_quantization=False, locale=locale
    )


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.sampled_from(THREES), st.sampled_from([EUR, JPY, KWD]))
def test_an_amount_can_be_typed_in_as_it_was_written(minor: int, language: str, currency: Currency) -> None:
    assert (
        read_minor(formatting.amount(minor, currency, language), formatting.number_symbols(language), currency) == minor
    )


@given(st.integers(1, 999_999_999), st.sampled_from(THREES))
def test_quantities_and_prices_can_be_typed_in_as_they_were_written(value: int, language: str) -> None:
    symbols = formatting.number_symbols(language)
    ungrouped = formatting.quantity(value, language).replace(symbols.group, "")
    assert read_quantity(ungrouped, symbols) == value
    assert read_price(formatting.price(value, EUR, language), symbols, EUR) == value


def test_a_price_has_more_decimals_than_its_currency_only_where_it_needs_them() -> None:
    assert formatting.price(8900, EUR, "en") == "0.89"
    assert formatting.price(125, EUR, "en") == "0.0125"
    assert formatting.price(120, EUR, "en") == "0.012"
    assert formatting.price(19_800, JPY, "en") == "198"
    assert formatting.price(19_850, JPY, "en") == "198.5"


def test_a_quantity_has_no_zeros_at_its_end() -> None:
    assert [formatting.quantity(of, "en") for of in (1000, 1500, 1255, 1, -2000, 1_234_000)] == [
        "1",
        "1.5",
        "1.255",
        "0.001",
        "-2",
        "1,234",
    ]


def test_an_indian_number_is_grouped_in_lakhs() -> None:
    assert formatting.amount(123_456_789, EUR, "hi") == "12,34,567.89"
    assert formatting.count(123_456_789, "hi") == "12,34,56,789"


@pytest.mark.parametrize("tag", ["", "zz", "zz-ZZ", "xx;;", "C", "\0", "x" * 500, "english please"])
def test_an_unknown_language_is_written_as_english(tag: str) -> None:
    assert formatting.amount(123_456, EUR, tag) == "1,234.56"
    assert formatting.number_symbols(tag) == NumberSymbols(".", ",")
    assert formatting.day(date(2026, 11, 22), tag) == "22 Nov 2026"
    assert not formatting.is_rtl(tag)


@pytest.mark.parametrize(
    ("language", "country", "amount"),
    [
        ("es", "MX", "1,234.56"),
        ("es", "ES", "1.234,56"),
        ("es", "PE", "1,234.56"),
        ("de", "CH", "1’234.56"),
        ("de", "AT", "1.234,56"),
        ("en", "DE", "1.234,56"),
        ("en", "KE", "1,234.56"),
        ("en", "US", "1,234.56"),
        ("fr", "CH", "1\u202f234,56"),
        ("pl", "MX", "1\u00a0234,56"),
        ("sw", "XX", "1,234.56"),
    ],
)
def test_the_country_decides_the_decimal_mark(language: str, country: str, amount: str) -> None:
    locale = regional(language, country)
    assert formatting.amount(123_456, EUR, locale) == amount
    assert read_minor(amount, formatting.number_symbols(locale), EUR) == 123_456


@pytest.mark.parametrize("language", message_catalogues.languages())
def test_every_language_is_written_in_every_country(language: str) -> None:
    for country in TERRITORIES:
        locale = Locale.parse(f"{language}_{country}") if exists(f"{language}_{country}") else Locale.parse(language)
        marks = formatting.number_symbols(regional(language, country))
        assert (marks.decimal, marks.group) == (get_decimal_symbol(locale), get_group_symbol(locale))


@pytest.mark.parametrize("language", ["ar-EG", "fa", "mr-IN", "ne-NP", "my-MM", "bn-BD", "ckb-IQ", "he", "hi"])
def test_digits_are_written_0_to_9(language: str) -> None:
    on, at = date(2026, 11, 22), datetime(2026, 11, 22, 10, 41, tzinfo=UTC)
    written = [
        formatting.day(on, language),
        formatting.day_of_month(on, language),
        formatting.month(on, language),
        formatting.short_month(on, language),
        formatting.instant(at, language),
        formatting.clock(at, language),
        formatting.amount(123_456, EUR, language),
        formatting.quantity(1255, language),
        formatting.percent(8_875, language),
    ]
    for text in written:
        assert {mark for mark in text if mark.isdecimal()} <= set("0123456789")


@pytest.mark.parametrize(
    ("language", "day_of_month", "month", "short"),
    [
        ("en", "22 Nov", "November 2026", "Nov 2026"),
        ("en-US", "Nov 22", "November 2026", "Nov 2026"),
        ("de", "22. Nov.", "November 2026", "Nov. 2026"),
        ("es-MX", "22 nov", "noviembre de 2026", "nov 2026"),
        ("ja", "11月22日", "2026年11月", "2026年11月"),
    ],
)
def test_a_chart_writes_days_and_months_in_the_order_of_the_language(
    language: str, day_of_month: str, month: str, short: str
) -> None:
    on = date(2026, 11, 22)
    assert formatting.day_of_month(on, language) == day_of_month
    assert (formatting.month(on, language), formatting.short_month(on, language)) == (month, short)


def test_what_is_known_of_a_language_is_used() -> None:
    assert formatting.amount(123_456, EUR, "de-XX") == "1.234,56"
    assert formatting.amount(123_456, EUR, "de_DE") == "1.234,56"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "22 Nov 2026"),
        ("en-US", "Nov 22, 2026"),
        ("de", "22.11.2026"),
        ("sw", "22 Nov 2026"),
        ("pl", "22 lis 2026"),
    ],
)
def test_a_date_is_written_in_its_language(language: str, written: str) -> None:
    assert formatting.day(date(2026, 11, 22), language) == written


def test_an_instant_is_told_by_the_clock_of_its_zone() -> None:
    at = datetime(2026, 11, 22, 22, 30, 59, tzinfo=UTC)
    nairobi = timezone(timedelta(hours=3))
    assert formatting.instant(at, "en", zone=nairobi) == "23 Nov 2026, 01:30"
    assert formatting.instant(at, "en", zone=UTC) == "22 Nov 2026, 22:30"
    assert formatting.clock(at, "en", zone=nairobi) == "01:30"


def test_hebrew_and_arabic_run_from_the_right() -> None:
    assert [tag for tag in ("en", "he", "ar", "ar-EG", "fa", "de") if formatting.is_rtl(tag)] == [
        "he",
        "ar",
        "ar-EG",
        "fa",
    ]


def test_text_is_tidied_of_everything_that_cannot_be_printed() -> None:
    assert formatting.tidy("a\x1b[0m\tb\0c\r\nd\u2028e\x85\ud800f") == "a [0m b c  d e  f"
    assert formatting.tidy("abc\u202edcba") == "abcdcba", "an override would make a name read backwards"
    assert formatting.tidy("e\u0301") == "é"


def test_importing_the_words_imports_neither_babel_nor_what_prints() -> None:
    code = (
        "import sys, shopdesk.render.formatting, shopdesk.render.receipt_pdf, shopdesk.render.email_message as m;"
        "print([n for n in ('babel', 'reportlab', 'PySide6') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("language", "day"),
    [("en", 6), ("en-US", 6), ("en-GB", 0), ("en-EG", 5), ("de-US", 6), ("ar", 5), ("ar-AE", 0), ("es-mx", 6)],
)
def test_a_week_begins_as_in_the_region_whatever_the_language(language: str, day: int) -> None:
    assert formatting.first_weekday(language) == day
