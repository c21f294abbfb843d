"""Amounts, prices, quantities and percentages: exact values, and strict reading of what people type."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.errors import Refused
from shopdesk.domain.money import (
    LARGEST_MINOR,
    Currency,
    Money,
    NumberSymbols,
    is_percentage,
    read_count,
    read_minor,
    read_percent,
    read_price,
    read_quantity,
)

EUR, JPY, KWD, CHF = (Currency.of(code) for code in ("EUR", "JPY", "KWD", "CHF"))

ENGLISH = NumberSymbols(".", ",")
GERMAN = NumberSymbols(",", ".")
FRENCH = NumberSymbols(",", "\u202f")
POLISH = NumberSymbols(",", "\u00a0")
SWISS = NumberSymbols(".", "’")
HINDI = NumberSymbols(".", ",", sizes=(3, 2))
PASHTO = NumberSymbols("\u066b", "\u066c")
ALL_MARKS = [ENGLISH, GERMAN, FRENCH, POLISH, SWISS, HINDI, PASHTO]


# --- money ----------------------------------------------------------------------------------------------------------


def test_a_currency_knows_its_decimals() -> None:
    assert [Currency.of(code).digits for code in ("JPY", "EUR", "KWD", "UGX", "TND", "USD")] == [0, 2, 3, 0, 3, 2]


@pytest.mark.parametrize("code", ["", "EU", "eur", "EURO", "E R", "EUR\n", "ЕUR", "€"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(Refused, match="currency code") as refused:
        Currency.of(code)
    assert refused.value.faults[0].field == "currency"


def test_money_is_written_with_its_currencys_decimals() -> None:
    assert [str(Money(-5, currency)) for currency in (JPY, EUR, KWD)] == ["-5", "-0.05", "-0.005"]
    assert Money(1230, EUR).decimal == Decimal("12.30")


def test_money_adds_subtracts_negates_and_compares() -> None:
    one, two = Money(100, EUR), Money(250, EUR)
    assert (one + two, one - two, -one, abs(one - two)) == tuple(Money(m, EUR) for m in (350, -150, -100, 150))
    assert one < two
    assert one <= one
    assert not one > two
    assert [bool(Money(minor, EUR)) for minor in (0, 1, -1)] == [False, True, True]


def test_two_currencies_never_mix() -> None:
    euro, franc = Money(1, EUR), Money(1, CHF)
    for mix in (lambda: euro + franc, lambda: euro - franc, lambda: euro < franc):
        with pytest.raises(ValueError, match="do not mix"):
            mix()
    assert euro != franc


@pytest.mark.parametrize("minor", [1.0, "1", True, None, Decimal(1)])
def test_money_refuses_what_is_not_whole(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, EUR)  # type: ignore[arg-type]


@given(st.integers())
def test_money_of_any_size_is_exact(minor: int) -> None:
    assert int(str(Money(minor, EUR)).replace(".", "")) == minor
    assert Money(minor, EUR).decimal * 1 == Money(minor, EUR).decimal or abs(minor) >= 10**28


# --- reading: what is a number --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("symbols", "typed", "number"),
    [
        (ENGLISH, "1234.56", "1234.56"),
        (ENGLISH, "1,234.56", "1234.56"),
        (ENGLISH, "1,234", "1234"),
        (ENGLISH, "12,345,678.9", "12345678.9"),
        (ENGLISH, ".5", "0.5"),
        (ENGLISH, "5.", "5"),
        (ENGLISH, "007", "7"),
        (ENGLISH, " 5 ", "5"),
        (ENGLISH, "-5", "-5"),
        (ENGLISH, "−5", "-5"),
        (ENGLISH, "-0", "0"),
        (ENGLISH, "1.500000000000000000000000000000000", "1.5"),
        (GERMAN, "1234,56", "1234.56"),
        (GERMAN, "1.234,56", "1234.56"),
        (GERMAN, "1.234", "1234"),
        (GERMAN, "-1.234.567,89", "-1234567.89"),
        (FRENCH, "1 234,56", "1234.56"),
        (FRENCH, "1\u00a0234,56", "1234.56"),
        (FRENCH, "1\u202f234,56", "1234.56"),
        (FRENCH, "1\u2009234,56", "1234.56"),
        (FRENCH, "1 234\u00a0567,89", "1234567.89"),
        (POLISH, "1 234,56", "1234.56"),
        (POLISH, "1\u202f234,56", "1234.56"),
        (SWISS, "1'234.56", "1234.56"),
        (SWISS, "1’234’567.89", "1234567.89"),
        (HINDI, "12,34,567.5", "1234567.5"),
        (HINDI, "1,00,000", "100000"),
        (HINDI, "1,234,567", "1234567"),
        (ENGLISH, "١٢٣٫٥", "123.5"),
        (GERMAN, "١٢٣٫٥", "123.5"),
        (ENGLISH, "١٬٢٣٤٫٥", "1234.5"),
        (ENGLISH, "۱۲۳٫۵", "123.5"),
        (ENGLISH, "१२३.५", "123.5"),
        (ENGLISH, "๑๒๓", "123"),
        (ENGLISH, "１２３．４５", "123.45"),
        (GERMAN, "１２３，４５", "123.45"),
        (ENGLISH, "－１", "-1"),
        (ENGLISH, "\u200f١٢٣\u200f", "123"),
        (ENGLISH, "\u200e-5", "-5"),
        (ENGLISH, "-\u200e5", "-5"),
        (ENGLISH, "\u202a5\u202c", "5"),
        (ENGLISH, "\ufeff5\u200b", "5"),
        (PASHTO, "۱۲۳٫۵", "123.5"),
    ],
)
def test_a_number_is_read_as_the_locale_writes_it(symbols: NumberSymbols, typed: str, number: str) -> None:
    with_four_decimals = Currency("XTS", 4)
    assert str(Money(read_minor(typed, symbols, with_four_decimals), with_four_decimals)) == f"{Decimal(number):.4f}"


@pytest.mark.parametrize(
    ("symbols", "typed"),
    [
        (GERMAN, "1234.56"),
        (GERMAN, "1.5"),
        (GERMAN, "1,234.56"),
        (ENGLISH, "1234,56"),
        (ENGLISH, "1,5"),
        (ENGLISH, "1.234,56"),
        (ENGLISH, "1,23,456"),
        (ENGLISH, "1,2345"),
        (ENGLISH, "1234,567"),
        (ENGLISH, ",123"),
        (ENGLISH, "1,,234"),
        (ENGLISH, "1,234,"),
        (ENGLISH, "1 234"),
        (ENGLISH, "1'234"),
        (ENGLISH, "1.2.3"),
        (ENGLISH, "1.234,567"),
        (FRENCH, "1234.56"),
        (FRENCH, "1.234,56"),
        (FRENCH, "12 34,56"),
        (FRENCH, "1  234"),
        (FRENCH, "1'234,56"),
        (SWISS, "1,234.56"),
        (SWISS, "1 234.56"),
        (HINDI, "12,34,56"),
        (HINDI, "123,45,678"),
        (ENGLISH, ""),
        (ENGLISH, "   "),
        (ENGLISH, "."),
        (ENGLISH, "-"),
        (ENGLISH, "-."),
        (ENGLISH, "--5"),
        (ENGLISH, "+5"),
        (ENGLISH, "5-"),
        (ENGLISH, "- 5"),
        (ENGLISH, "(5)"),
        (ENGLISH, "1e5"),
        (ENGLISH, "1E2"),
        (ENGLISH, "1_000"),
        (ENGLISH, "0x10"),
        (ENGLISH, "inf"),
        (ENGLISH, "-Infinity"),
        (ENGLISH, "nan"),
        (ENGLISH, "sNaN"),
        (ENGLISH, "five"),
        (ENGLISH, "5 €"),
        (ENGLISH, "½"),
        (ENGLISH, "5²"),
        (ENGLISH, "Ⅷ"),
        (ENGLISH, "五"),
        (ENGLISH, "1\x002"),
        (ENGLISH, "1\n2"),
        (ENGLISH, "5\ud800"),
        (ENGLISH, "1\u06602.3.4"),
    ],
)
def test_what_is_no_number_in_the_locale_is_refused_with_how_to_type_it(symbols: NumberSymbols, typed: str) -> None:
    with pytest.raises(Refused) as refused:
        read_minor(typed, symbols, EUR)
    (fault,) = refused.value.faults
    sentence, _, example = fault.text.removesuffix(".").partition(" Type it like ")
    assert sentence.endswith("is not an amount.")
    read_minor(example, symbols, EUR)
    assert fault.text.isprintable()


QUANTITY, PRICE, AMOUNT, PERCENT = "quantity", "price", "amount", "percentage"
HOW_TO_READ: dict[str, Callable[[str, NumberSymbols], int]] = {
    QUANTITY: read_quantity,
    PRICE: lambda text, symbols: read_price(text, symbols, EUR),
    AMOUNT: lambda text, symbols: read_minor(text, symbols, EUR),
    PERCENT: read_percent,
}


@pytest.mark.parametrize("what", HOW_TO_READ)
@pytest.mark.parametrize(
    ("symbols", "typed", "example"),
    [
        (GERMAN, "0.350", "0,350"),
        (GERMAN, "0.050", "0,050"),
        (GERMAN, "00.500", "0,500"),
        (GERMAN, "00.125", "0,125"),
        (GERMAN, "0.125.000", None),
        (GERMAN, "-0.350", "-0,350"),
        (GERMAN, "٠٬٣٥٠", "0,350"),
        (GERMAN, "०.३५०", "0,350"),
        (ENGLISH, "0,350", "0.350"),
        (ENGLISH, "0,050", "0.050"),
        (ENGLISH, "000,100", "0.100"),
        (POLISH, "0 050", "0,050"),
        (FRENCH, "0\u202f050", "0,050"),
        (SWISS, "0’350", "0.350"),
        (HINDI, "0,00,000", None),
        (HINDI, "0,350", "0.350"),
        (PASHTO, "۰٬۳۵۰", None),
        (PASHTO, "0,350", "0٫350"),
    ],
)
def test_a_grouped_number_never_begins_with_0(
    what: str, symbols: NumberSymbols, typed: str, example: str | None
) -> None:
    with pytest.raises(Refused, match=f"is not an? {what}") as refused:
        HOW_TO_READ[what](typed, symbols)
    if example is not None and (what != AMOUNT or len(example.rstrip("0").lstrip("-")) <= 4):
        assert str(refused.value).endswith(f"Type it like {example}.")


MEXICAN = NumberSymbols(".", ",")  # es-MX: see test_formatting


@pytest.mark.parametrize(
    ("typed", "symbols", "price", "quantity"),
    [
        ("1.234,50", GERMAN, 1234_5000, "1234,50"),
        ("1,234.50", ENGLISH, 1234_5000, "1234.50"),
        ("0.350", GERMAN, "0,350", "0,350"),
        ("0,350", ENGLISH, "0.350", "0.350"),
        ("0,350", GERMAN, 3500, 350),
        ("1.255", GERMAN, 1255_0000, "1,255"),
        ("1,255", GERMAN, 1_2550, 1255),  # what the number pad types, in German, Spanish and French
        ("00.125", GERMAN, "0,125", "0,125"),
        ("12,50", MEXICAN, "12.50", "12.50"),
        ("١٢٫٥٠", ENGLISH, 12_5000, 12_500),
        ("١٢٫٥٠", GERMAN, 12_5000, 12_500),
        ("۱۲٫۵۰", PASHTO, 12_5000, 12_500),
        ("१२.५०", ENGLISH, 12_5000, 12_500),
        ("๑๒,๕๐", GERMAN, 12_5000, 12_500),
    ],
)
def test_the_worked_table_of_numbers(typed: str, symbols: NumberSymbols, price: int | str, quantity: int | str) -> None:
    """Money.md, "Reading and writing numbers": a value in hundredths of a cent or thousandths, or what to type."""
    for what, expected in ((PRICE, price), (QUANTITY, quantity)):
        if isinstance(expected, int):
            assert HOW_TO_READ[what](typed, symbols) == expected
        else:
            with pytest.raises(Refused) as refused:
                HOW_TO_READ[what](typed, symbols)
            assert str(refused.value).endswith(f"is not a {what}. Type it like {expected}.")


@pytest.mark.parametrize(
    ("symbols", "typed", "price", "quantity"),
    [
        (GERMAN, "12.50", 12_5000, 12_500),
        (GERMAN, "1.5", 1_5000, 1_500),
        (GERMAN, "-.5", None, None),
        (GERMAN, ".5", 5000, 500),
        (GERMAN, "0.35", 3500, 350),
        (MEXICAN, "12,50", 12_5000, 12_500),
        (ENGLISH, "1,5", 1_5000, 1_500),
        (ENGLISH, "0,0125", 125, None),  # a quantity has three decimals
        (POLISH, "12.5", 12_5000, 12_500),
        (SWISS, "12,50", 12_5000, 12_500),
        (GERMAN, "1.250", 1250_0000, None),  # a group of three: as before
        (GERMAN, "0.350", None, None),
        (POLISH, "1.250", None, None),
        (ENGLISH, "00,5", None, None),
        (GERMAN, "1.234.56", None, None),
        (GERMAN, "1.2.3", None, None),
    ],
)
def test_a_field_takes_the_other_decimal_mark_where_it_can_mean_only_one_thing(
    symbols: NumberSymbols, typed: str, price: int | None, quantity: int | None
) -> None:
    in_a_field = replace(symbols, either_mark=True)
    for what, expected in ((PRICE, price), (QUANTITY, quantity)):
        if expected is not None:
            assert HOW_TO_READ[what](typed, in_a_field) == expected
        else:
            with pytest.raises(Refused):
                HOW_TO_READ[what](typed, in_a_field)


@pytest.mark.parametrize("what", [QUANTITY, PERCENT])
@pytest.mark.parametrize(
    ("symbols", "typed", "example"),
    [
        (ENGLISH, "1,255", "1.255"),
        (ENGLISH, "12,345", "12.345"),
        (POLISH, "1 255", "1255"),
        (POLISH, "1\u202f255,5", "1255,5"),
        (SWISS, "1’255", "1255"),
        (GERMAN, "1.234.567", "1234567"),
        (HINDI, "1,00,000", {QUANTITY: "1.5", PERCENT: "12.5"}),
    ],
)
def test_a_quantity_and_a_percentage_take_no_group_marks(
    what: str, symbols: NumberSymbols, typed: str, example: str | dict[str, str]
) -> None:
    with pytest.raises(Refused) as refused:
        HOW_TO_READ[what](typed, symbols)
    example = example if isinstance(example, str) else example[what]
    assert str(refused.value).endswith(f"is not a {what}. Type it like {example}.")


@given(st.integers(1, 999_999), st.sampled_from(ALL_MARKS))
def test_a_quantity_with_a_foreign_mark_is_never_a_thousand_times_as_much(
    thousandths: int, symbols: NumberSymbols
) -> None:
    for mark in ".,":
        typed = f"{thousandths // 1000}{mark}{thousandths % 1000:03d}"
        try:
            read = read_quantity(typed, symbols)
        except Refused:
            continue
        assert read == thousandths


def test_a_whole_number_is_shown_how_to_type_without_a_decimal_mark() -> None:
    with pytest.raises(Refused, match=r"“x” is not an amount\. Type it like 1234\.$"):
        read_minor("x", ENGLISH, JPY)


def test_a_number_with_too_many_decimals_is_refused() -> None:
    with pytest.raises(Refused, match="At most 2 are allowed"):
        read_minor("1.234", ENGLISH, EUR)
    with pytest.raises(Refused, match="None is allowed"):
        read_minor("1.5", ENGLISH, JPY)
    assert read_minor("1.500", ENGLISH, EUR) == 150
    assert read_minor("15.0", ENGLISH, JPY) == 15


@pytest.mark.parametrize("typed", ["9" * 41, "9" * 10_000, "1." + "0" * 100, "x" * 1_000_000])
def test_a_number_longer_than_any_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="too long"):
        read_minor(typed, ENGLISH, EUR)


@pytest.mark.parametrize("typed", ["10000000000000.00", "9" * 40, "-10000000000000.00", "9" * 30 + ".99"])
def test_an_amount_too_large_for_the_books_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="too large"):
        read_minor(typed, ENGLISH, EUR)


def test_the_largest_amount_is_read_exactly() -> None:
    assert read_minor("9999999999999.99", ENGLISH, EUR) == LARGEST_MINOR
    assert read_minor("-9,999,999,999,999.99", ENGLISH, EUR) == -LARGEST_MINOR


def test_reading_does_not_depend_on_the_decimal_context_of_the_thread() -> None:
    with localcontext() as context:
        context.prec = 3
        assert read_minor("123456789.01", ENGLISH, EUR) == 12_345_678_901
        assert str(Money(12_345_678_901, EUR)) == "123456789.01"


# --- reading: amounts, prices, quantities, percentages --------------------------------------------------------------


@pytest.mark.parametrize(("currency", "typed", "minor"), [(EUR, "2.50", 250), (JPY, "198", 198), (KWD, "1.234", 1234)])
def test_an_amount_is_whole_minor_units(currency: Currency, typed: str, minor: int) -> None:
    assert read_minor(typed, ENGLISH, currency) == minor


@pytest.mark.parametrize(
    ("currency", "typed", "hundredths"),
    [(EUR, "0.0125", 125), (EUR, "19.99", 199_900), (JPY, "198", 19_800), (JPY, "0.25", 25), (KWD, "1.2345", 123_450)],
)
def test_a_price_may_have_two_decimals_more_than_its_currency(currency: Currency, typed: str, hundredths: int) -> None:
    assert read_price(typed, ENGLISH, currency) == hundredths


def test_a_price_of_nothing_is_a_price_and_one_below_nothing_is_none() -> None:
    assert (read_price("0", ENGLISH, EUR), read_price("-0", ENGLISH, EUR)) == (0, 0)
    with pytest.raises(Refused, match="use a credit note"):
        read_price("-0.01", ENGLISH, EUR)
    with pytest.raises(Refused, match="At most 4 are allowed"):
        read_price("0.00001", ENGLISH, EUR)


@pytest.mark.parametrize(
    ("typed", "thousandths"), [("1", 1000), ("1.255", 1255), ("0.001", 1), ("999999.999", 999_999_999)]
)
def test_a_quantity_is_whole_thousandths(typed: str, thousandths: int) -> None:
    assert read_quantity(typed, ENGLISH) == thousandths


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "must be more than 0"),
        ("-0", "must be more than 0"),
        ("-1", "must be more than 0"),
        ("1000000", "must be less than 1 000 000"),
        ("1e9", "is not a quantity"),
        ("0.0001", "At most 3 are allowed"),
    ],
)
def test_an_absurd_quantity_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_quantity(typed, ENGLISH)


@pytest.mark.parametrize(
    ("typed", "milli"),
    [
        ("15", 15_000),
        ("15 %", 15_000),
        ("15%", 15_000),
        ("%15", 15_000),
        ("% 15", 15_000),
        ("8.875%", 8875),
        ("15\u00a0%", 15_000),
        ("15\u202f%", 15_000),
        ("15\u200e%\u200e", 15_000),
        ("١٥٪", 15_000),
        ("１５％", 15_000),
        ("100", 100_000),
        ("0", 0),
    ],
)
def test_a_percentage_is_read_with_its_sign_before_behind_or_without(typed: str, milli: int) -> None:
    assert read_percent(typed, ENGLISH) == milli


@pytest.mark.parametrize("typed", ["-1", "100.001", "101 %", "", "%", "% %", "%5%", "5%%", "1%5", "0.0001 %", "x %"])
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        read_percent(typed, ENGLISH)
    assert "percentage" in str(refused.value) or "decimals" in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "says"), [("15 %", True), ("%15", True), ("١٥٪", True), ("１５％", True), ("15", False)]
)
def test_a_per_cent_sign_is_seen_in_any_script(typed: str, says: bool) -> None:
    assert is_percentage(typed) is says


# --- laws -----------------------------------------------------------------------------------------------------------


def written(minor: int, symbols: NumberSymbols) -> str:
    """An amount of cents as the locale writes it, grouped."""
    whole, cents = divmod(abs(minor), 100)
    last, others = symbols.sizes
    digits = str(whole)
    parts = [digits[-last:]]
    digits = digits[:-last]
    while digits:
        parts.insert(0, digits[-others:])
        digits = digits[:-others]
    return f"{'-' if minor < 0 else ''}{symbols.group.join(parts)}{symbols.decimal}{cents:02d}"


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.sampled_from(ALL_MARKS))
def test_what_a_locale_writes_it_reads_again(minor: int, symbols: NumberSymbols) -> None:
    assert read_minor(written(minor, symbols), symbols, EUR) == minor


@given(st.integers(0, LARGEST_MINOR), st.sampled_from(ALL_MARKS), st.sampled_from(ALL_MARKS))
def test_what_one_locale_writes_another_never_reads_as_a_hundred_times_as_much(
    minor: int, writer: NumberSymbols, reader: NumberSymbols
) -> None:
    try:
        read = read_minor(written(minor, writer), reader, EUR)
    except Refused:
        return
    assert read == minor


SIGNS = st.characters() | st.sampled_from("0123456789.,-%'’ \u00a0\u202f٠٫٬−eE_+\u200f\ud800")
READERS: list[Callable[[str, NumberSymbols], int]] = [
    lambda text, symbols: read_minor(text, symbols, EUR),
    lambda text, symbols: read_price(text, symbols, KWD),
    read_quantity,
    read_percent,
]


@given(st.text(SIGNS, max_size=50), st.sampled_from(ALL_MARKS), st.sampled_from(READERS))
def test_any_text_is_a_number_or_gets_its_sentence(
    text: str, symbols: NumberSymbols, reader: Callable[[str, NumberSymbols], int]
) -> None:
    try:
        assert type(reader(text, symbols)) is int
    except Refused as refused:
        (fault,) = refused.faults
        assert fault.text.endswith(".")
        assert fault.text.isprintable()


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0", 0), (" 587 ", 587), ("٥٨٧", 587), ("\u200f7", 7), ("999", 999), ("1000", None), ("9" * 5000, None),
     ("", None), ("-1", None), ("1.0", None), ("²", None), ("x", None)],
)  # fmt: skip
def test_a_whole_number_is_read_up_to_its_limit(typed: str, number: int | None) -> None:
    assert read_count(typed, 999) == number
