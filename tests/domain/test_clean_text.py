"""Text as people type and paste it: what is kept, what is made plain, and what is too much."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain.clean_text import clean, clean_lines, quoted, strip_invisible
from shopdesk.domain.errors import Refused

ANY_TEXT = st.text(st.characters())  # lone surrogates too


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Tea  ", "Tea"),
        ("Green   tea", "Green tea"),
        ("Green\ttea", "Green tea"),
        ("Green\r\ntea\n", "Green tea"),
        ("Green\x00tea", "Green tea"),
        ("\x1bp0Tea\x7f", "p0Tea"),
        ("Tea\x85\u2028\u3000pot", "Tea pot"),
        ("Cafe\u0301", "Café"),
        ("\ud800Tea\udfff", "Tea"),
        ("Tea\ufffe\U0001ffff\ufdd0pot", "Tea pot"),
        ("\ufeffTea", "Tea"),
        ("\u202eTea\u202c", "Tea"),
        ("\u2067Tea\u2069", "Tea"),
        ("\x00\x01\n", ""),
        ("\u200b\u200f\u2060", ""),
        ("\u00ad \u200d", ""),
        ("", ""),
    ],
)
def test_a_line_is_trimmed_and_composed_and_has_no_control_characters(typed: str, kept: str) -> None:
    assert clean(typed, max_length=100) == kept


@pytest.mark.parametrize(
    "name",
    [
        "José Núñez",
        "فاطمة الزهراء",
        "שרה כהן",
        "मोहन",
        "Nguyễn Thị Ánh",
        "李小龍",
        "می\u200cخواهم",  # a Persian word needs its zero-width non-joiner
        "\u200fשרה (Sara)\u200e",
        "👩🏽\u200d💻 Ada",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "🫨",  # younger than Python 3.11
        "\U0003134f\U0010fffd",  # a rare ideograph, and one of a shop's own
    ],
)
def test_names_of_every_script_and_emoji_are_kept_as_they_are(name: str) -> None:
    assert clean(name, max_length=100) == unicodedata.normalize("NFC", name)


def test_a_text_of_ten_thousand_characters_is_refused_with_both_numbers() -> None:
    with pytest.raises(Refused, match=r"This text has 10,000 characters\. At most 500 are allowed here\.") as refused:
        clean("x" * 10_000, max_length=500, field="item", row=3)
    (fault,) = refused.value.faults
    assert (fault.field, fault.row) == ("item", 3)


def test_a_text_is_measured_after_it_is_cleaned() -> None:
    assert clean(" " * 10_000 + "e\u0301" * 500 + "\x00" * 10_000, max_length=500) == "é" * 500
    assert clean("ΐ" * 500, max_length=500) == "ΐ" * 500
    with pytest.raises(Refused, match="501 characters"):
        clean("x" * 501, max_length=500)


def test_a_megabyte_of_combining_marks_is_refused_at_once() -> None:
    # Composing them all would take more than ten minutes, far beyond the time limit of a test.
    accents = "a" + "\u0301\u0323" * 500_000
    with pytest.raises(Refused, match="1,000,001 characters"):
        clean(accents, max_length=2000)
    with pytest.raises(Refused, match="1,000,001 characters"):
        clean_lines(accents, max_length=2000)


def test_combining_marks_are_kept_and_counted() -> None:
    assert clean("x" + "\u0301" * 99, max_length=100) == "x" + "\u0301" * 99
    with pytest.raises(Refused, match="102 characters"):
        clean("x" + "\u0301" * 101, max_length=100)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12 Market St\r\nNairobi\r\n", "12 Market St\nNairobi"),
        ("  12  Market St \n\n  Nairobi\t", "12 Market St\n\nNairobi"),
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("one\x0btwo\x0cthree\rfour", "one two three four"),
        ("\n\n\x00\n", ""),
        ("\u200b\n\u200b", ""),
    ],
)
def test_several_lines_keep_their_breaks_and_nothing_else_that_controls(typed: str, kept: str) -> None:
    assert clean_lines(typed, max_length=100) == kept


@given(ANY_TEXT, st.booleans())
def test_cleaned_text_is_clean_for_good(text: str, several: bool) -> None:
    cleaned = clean_lines(text, max_length=10_000) if several else clean(text, max_length=10_000)
    cleaned.encode()  # any file and any database can hold it
    assert cleaned == unicodedata.normalize("NFC", cleaned).strip()
    assert not {unicodedata.category(mark) for mark in cleaned.replace("\n", " " if several else "\n")} & {"Cc", "Cs"}
    assert (clean_lines(cleaned, max_length=10_000) if several else clean(cleaned, max_length=10_000)) == cleaned


@given(ANY_TEXT)
def test_quoted_text_is_one_short_printable_line(text: str) -> None:
    assert quoted(text).isprintable()
    assert len(quoted(text)) <= 42


def test_a_quotation_is_cut_where_it_grows_long() -> None:
    assert quoted("x" * 40) == f"“{'x' * 40}”"
    assert quoted("x" * 41) == f"“{'x' * 39}…”"
    assert quoted(" a\n\u202eb ") == "“a b”"


@pytest.mark.parametrize(
    "pasted", ["+254 1", " +254 1\n", "\u202a+254 1\u202c", "\u200e+254\u200b 1\ufeff", "\u2068+254 1\u2069"]
)
def test_bare_text_has_no_invisible_company(pasted: str) -> None:
    assert strip_invisible(pasted) == "+254 1"
