"""Bar codes as GTINs: one number for a trade item, whichever symbology carries it.

UPC-A, UPC-E, EAN-8, EAN-13 and GTIN-14 of one article are one GTIN with 14 digits (GS1 General Specifications,
section 3.3). Scanners may send a symbology identifier (ISO/IEC 15424, such as ``]E0``) or a letter before the code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from shopdesk.domain.clean_text import ascii_digits, storable
from shopdesk.domain.keyboard_layout import digits_meant

GTIN_LENGTH = 14
_LENGTHS = frozenset({8, 12, 13, 14})
_UPC_E = 6
_UPC_A = 12
_IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_WITH_ADD_ON = "]E3"  # EAN-13 with the two or five digits of a magazine's issue behind it
_EAN_13 = 13
_GS1 = frozenset({"]C1", "]e0", "]d2", "]Q3"})  # GS1-128, DataBar, DataMatrix, QR
_SEPARATOR = "\x1d"
_ARTICLE = re.compile(r"01(\d{14})")
_GROUPS = re.compile(r"(?<=\d)[\s\-‐‑–](?=\d)")
_LETTERS_BEFORE = re.compile(r"[A-Za-z]{1,3}(?=\d+$)")


@dataclass(frozen=True, slots=True)
class Barcode:
    """A code as read: ``text`` without a symbology identifier, and the GTINs that it may be, the likeliest first."""

    text: str
    gtins: tuple[str, ...] = ()
    is_certain: bool = False
    """True if it can be nothing but a code, as its check digit is right or an identifier says what it is."""
    is_element_string: bool = False
    """True if it has more than the article: see ``domain.element_string``."""
    is_garbled: bool = False
    """True if the scanner is set to another keyboard layout than the computer."""

    @property
    def is_number(self) -> bool:
        """True if it consists of digits only."""
        return self.text.isdecimal()


def read_barcode(typed: str) -> Barcode:
    """Return the bar code in a text from a scanner or a person; digits of every script become 0 to 9."""
    text = ascii_digits(storable(typed).strip())
    if text.startswith("*") and text.endswith("*"):  # Code 39 begins and ends so
        text = text.strip("*")
    identifier = _IDENTIFIER.match(text)
    if identifier is not None:
        text = text[identifier.end() :]
        if identifier.group() == _WITH_ADD_ON:
            text = text[:_EAN_13]
    is_gs1 = identifier is not None and identifier.group() in _GS1
    if is_gs1 or _SEPARATOR in text or ((article := _ARTICLE.match(text)) and gtins(article.group(1))):
        article = _ARTICLE.match(text.lstrip(_SEPARATOR))
        found = gtins(article.group(1)) if article is not None else ()
        return Barcode(text.strip(_SEPARATOR), found, is_certain=is_gs1 or bool(found), is_element_string=True)
    if found := gtins(text):
        return Barcode(text, found, is_certain=True)
    if (letters := _LETTERS_BEFORE.match(text)) and (found := gtins(text[letters.end() :])):
        return Barcode(text, found, is_certain=True)
    for digits in digits_meant(text):
        if found := gtins(digits):
            return Barcode(digits, found, is_certain=True, is_garbled=True)
    if len(text) == _UPC_E and text.isdecimal():
        return Barcode(text, (_upc_e(text + _check_digit(_expanded(text)), system="0"),))
    return Barcode(text)


def gtins(code: str) -> tuple[str, ...]:
    """Return the GTINs, 14 digits each, that a code of digits with a right check digit may be.

    Eight digits may be an EAN-8 and a UPC-E: then the catalogue decides.
    """
    if len(code) not in _LENGTHS or not (code.isascii() and code.isdecimal()):
        return ()
    found = [code.zfill(GTIN_LENGTH)] if _check_digit(code[:-1]) == code[-1] else []
    if len(code) == _UPC_E + 2 and code[0] in "01":
        expanded = code[0] + _expanded(code[1:-1])
        if _check_digit(expanded) == code[-1]:
            found.append((expanded + code[-1]).zfill(GTIN_LENGTH))
    if code.startswith("0"):
        found.reverse()  # no EAN-8 of a company begins with 0 (GS1 General Specifications, section 1.4)
    return tuple(found)


def gtin(code: str) -> str:
    """Return the GTIN by which a product with this bar code is found; "" if the code is no GTIN.

    Its digits may be in groups, as they are printed below the bars: ``4 006381 333931``, ``978-0-201-37962-4``. Eleven
    may be a UPC-A whose first digit was 0: a spreadsheet takes it away.
    """
    digits = _GROUPS.sub("", ascii_digits(code.strip()))
    return next(iter(gtins(digits.zfill(_UPC_A) if len(digits) == _UPC_A - 1 else digits)), "")


def with_check_digit(digits: str) -> str:
    """Return digits with their check digit behind them."""
    return digits + _check_digit(digits)


def _upc_e(six_and_check: str, *, system: str) -> str:
    return (system + _expanded(six_and_check[:-1]) + six_and_check[-1]).zfill(GTIN_LENGTH)


def _expanded(six: str) -> str:
    """Return the ten digits that the six of a UPC-E stand for (GS1 General Specifications, section 5.2.2.4.2)."""
    last = six[5]
    if last in "012":
        return f"{six[:2]}{last}0000{six[2:5]}"
    if last == "3":
        return f"{six[:3]}00000{six[3:5]}"
    if last == "4":
        return f"{six[:4]}00000{six[4]}"
    return f"{six[:5]}0000{last}"


def _check_digit(digits: str) -> str:
    """Return the check digit of the digits before it (GS1 General Specifications, section 7.9)."""
    weighted = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)
