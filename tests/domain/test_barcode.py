"""One article is one GTIN, whichever bar code carries it and whatever the scanner sends before it."""

import pytest

from shopdesk.domain.barcode import Barcode, gtin, gtins, read_barcode


@pytest.mark.parametrize(
    ("code", "article"),
    [
        ("012345678905", "00012345678905"),  # UPC-A
        ("0012345678905", "00012345678905"),  # the same as EAN-13
        ("00012345678905", "00012345678905"),  # and as GTIN-14
        ("4006381333931", "04006381333931"),
        ("10012345678902", "10012345678902"),  # a case of it is another article
        ("73513537", "00000073513537"),  # EAN-8
        ("04252614", "00042100005264"),  # UPC-E
        ("01234505", "00012000003455"),  # its last digit says how to expand it: 0 to 2 …
        ("01234531", "00012300000451"),  # … 3 …
        ("01234543", "00012340000053"),  # … 4 …
        ("01234558", "00012345000058"),  # … and 5 to 9
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "04006381333931"),
        ("4 006381 333931", "04006381333931"),  # in groups, as below the bars
        ("978-0-201-37962-4", "09780201379624"),
        ("12345678905", "00012345678905"),  # a spreadsheet took the zero before a UPC-A
        ("12345678906", ""),
        ("4006381333932", ""),
        ("250000", ""),
        ("LBL0012345", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_code_is_found_by_its_gtin(code: str, article: str) -> None:
    assert gtin(code) == article


def test_of_eight_digits_the_catalogue_decides() -> None:
    both = next(code for at in range(10**6, 2 * 10**6) if len(gtins(code := f"{at:07d}{_check(f'{at:07d}')}")) == 2)
    ean_8, upc_e = gtins(both)
    assert ean_8 == both.zfill(14)
    assert upc_e.startswith("001")


def _check(digits: str) -> int:
    return -sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(reversed(digits))) % 10


@pytest.mark.parametrize(
    ("typed", "text", "article"),
    [
        ("]E04006381333931", "4006381333931", "04006381333931"),
        ("]E00012345678905", "0012345678905", "00012345678905"),
        ("]E473513537", "73513537", "00000073513537"),
        ("]E3977123456700305", "9771234567003", "09771234567003"),  # a magazine with its issue
        ("F4006381333931", "F4006381333931", "04006381333931"),
        ("FF73513537", "FF73513537", "00000073513537"),
        ("]A0LBL0012345", "LBL0012345", ""),
        ("*LBL0012345*", "LBL0012345", ""),
        ("LBL0012345", "LBL0012345", ""),
    ],
)
def test_what_a_scanner_sends_before_a_code_is_no_part_of_it(typed: str, text: str, article: str) -> None:
    read = read_barcode(typed)
    assert (read.text, "".join(read.gtins)) == (text, article)
    assert read.is_certain is bool(article)


def test_six_digits_may_be_a_upc_e_without_its_check_digit() -> None:
    assert read_barcode("425261") == Barcode("425261", ("00042100005264",))


@pytest.mark.parametrize(
    "typed", ["]C1010400638133393110AB", "0104006381333931", "]d20104006381333931", "10AB\x1d0104006381333931"]
)
def test_an_element_string_is_recognised(typed: str) -> None:
    assert read_barcode(typed).is_element_string


def test_a_number_that_only_begins_like_one_is_none() -> None:
    assert not read_barcode("0104006381333932").is_element_string
