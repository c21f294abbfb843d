"""The words that customers, products and documents are found by, as stored and as typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shopdesk.domain.letters import without_accents

LONGEST_WORD = 64
MOST_WORDS = 60
SHORTEST_ENDING = 3
"""Fewer last digits would find too many."""


@dataclass(frozen=True, slots=True)
class SearchWords:
    """The words that find an entry: ``words`` by their beginnings, ``endings`` by their last digits."""

    words: tuple[str, ...]
    endings: tuple[str, ...] = ()


def words_of(*texts: str) -> list[str]:
    """Return the words of some texts as stored and searched: in small letters without accents, each once."""
    return _once(word for text in texts for word in _split(without_accents(text)))


def joined_words(*texts: str) -> list[str]:
    """Return each word that has punctuation inside without it: “AB-12” as “ab12”."""
    parts = (part for text in texts for part in without_accents(text).split())
    return _once(part if part.isalnum() else "".join(_split(part)) for part in parts)


def of_customer(name: str, email: str, phone: str) -> SearchWords:
    """Return the words that a customer is found by."""
    words = _once([*_phone_words(phone), *words_of(name, email), *joined_words(name)])
    return SearchWords(tuple(words[:MOST_WORDS]), _endings(phone))


def of_product(name: str, code: str, barcode: str) -> SearchWords:
    """Return the words that a product is found by."""
    words = _once([*words_of(code, barcode), *joined_words(code, barcode), *words_of(name), *joined_words(name)])
    return SearchWords(tuple(words[:MOST_WORDS]), _endings(barcode, *([code] if code.isdecimal() else [])))


def reversed_ending(word: str) -> str | None:
    """Return a word back to front, to search the index of endings; None if it is too short or has no digit."""
    return word[::-1] if len(word) >= SHORTEST_ENDING and any(map(str.isdigit, word)) else None


def _endings(*codes: str) -> tuple[str, ...]:
    words = ("".join(words_of(code))[-LONGEST_WORD:] for code in codes)
    return tuple(_once(ending for word in words if (ending := reversed_ending(word))))


def _phone_words(phone: str) -> list[str]:
    """Return a phone number (E.164) as it is written, dialled at home and dialled from abroad, and its parts."""
    if not phone:
        return []
    import phonenumbers  # imported late: it loads one module per country

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return words_of(phone)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    whole = "".join(_split(without_accents(national)))
    return [*words_of(phone), whole, phonenumbers.national_significant_number(number), *words_of(national)]


_NO_WORD = re.compile(r"[\W_]+")


def _split(folded: str) -> list[str]:
    return _NO_WORD.sub(" ", folded).split()


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in words if word))
