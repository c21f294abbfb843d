"""What the numbers of a column mean, and how the text of an export is told from an apostrophe of one's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.money import Currency, NumberSymbols, read_price
from shopdesk.render import formatting
from shopdesk.render.export import unescaped
from shopdesk.usecases.import_layout import decimal_mark, is_yes

EUR = Currency.of("EUR")


@pytest.mark.parametrize(
    ("column", "proved", "doubtful"),
    [
        ("12.50", ".", ""),
        ("12,50", ",", ""),
        ("1.234", "", "1.234"),
        ("2,500", "", "2,500"),
        ("0.350", ".", ""),
        ("0,350", ",", ""),
        (".350", ".", ""),
        ("1234.567", ".", ""),
        ("1234,567", ",", ""),
        ("1.234,50", ",", ""),
        ("1,234.50", ".", ""),
        ("1.234.567", ",", ""),
        ("1,234,567", ".", ""),
        ("1'234.50", ".", ""),
        ("1’234.500", ".", ""),
        ("1 234,500", ",", ""),
        ("1\u202f234,50", ",", ""),
        ("12", "", ""),
        ("", "", ""),
        ("cheap", "", ""),
        ("１２．５０", ".", ""),
        ("١٢٫٥٠", "", ""),
        ("1.2345", ".", ""),
        ("12.5", ".", ""),
        ("100.000", "", "100.000"),
        ("1.234 | 12,50", ",", "1.234"),
        ("1.234 | 12.50", ".", "1.234"),
        ("12.50 | 12,50", ",.", ""),
    ],
)
def test_what_a_column_says_of_its_decimal_mark(column: str, proved: str, doubtful: str) -> None:
    assert decimal_mark(iter(column.split(" | "))) == (frozenset(proved), doubtful)


@given(
    st.integers(0, 10**9),
    st.sampled_from(("en", "de", "de-CH", "fr", "es", "hi", "pl")),
)
def test_what_a_price_proves_is_how_it_was_written(hundredths: int, language: str) -> None:
    symbols = formatting.number_symbols(language)
    written = formatting.price(hundredths, EUR, language)
    proved, doubtful = decimal_mark(iter([written]))
    assert proved <= {symbols.decimal}
    if doubtful:  # both readings are a price
        for decimal, group in ((".", ","), (",", ".")):
            read_price(doubtful, NumberSymbols(decimal, group), EUR)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'-50 % voucher", "-50 % voucher"),
        ("'=1+1", "=1+1"),
        ("'+49 SIM", "+49 SIM"),
        ("'@home", "@home"),
        ("'＝1", "＝1"),
        ("' =1", " =1"),
        ("'n Tee", "'n Tee"),
        ("''=1", "'=1"),
        ("'", "'"),
        ("", ""),
        ("-1", "-1"),
    ],
)
def test_the_apostrophe_of_an_export_comes_off_and_any_other_stays(cell: str, text: str) -> None:
    assert unescaped(cell) == text


def test_words_for_yes_and_no() -> None:
    assert [is_yes(word) for word in ("yes", "TRUE", "1", 1, "Y", "active")] == [True] * 6
    assert [is_yes(word) for word in ("no", "False", "0", 0, "-1", "draft", "")] == [False] * 7
    assert is_yes("perhaps") is None
