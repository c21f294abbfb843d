"""The code on an unpaid invoice that a banking app reads: for euros EPC069-12, for Swiss francs the QR-bill.

The content is written from the fields of the two standards: EPC069-12 version 2.1, and the Swiss Implementation
Guidelines QR-bill version 2.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.money import Money

_UNPAID_KINDS = frozenset((Kind.INVOICE, Kind.DEBIT_NOTE))
_MOST_EURO_CENTS = 99_999_999_999
_MOST_RAPPEN = 99_999_999_999
_LONGEST_NAME, _LONGEST_TOWN, _LONGEST_POSTCODE, _LONGEST_TEXT = 70, 35, 16, 140
_MOST_NAME_BYTES = 200
"""Leaves room for the other fields: the whole may have 331 bytes."""
_LAST_LINE = re.compile(r"(?:[A-Z]{1,3}[- ])?(\d{4,6}|\d{3} \d{2}) +(\S.*)")
_QR_IBAN = range(30_000, 32_000)
"""The numbers of banks (IID) whose accounts take a reference of the bank's own only (QRR), which no shop has here."""
# The guidelines, 4.1.1: Basic Latin, Latin-1 Supplement, Latin Extended-A and five more.
_NOT_SWISS = re.compile("[^\\n\x20-\x7e\xa0-\u017fȘșȚț€]")


class CodeKind(Enum):
    """The standard of a payment code."""

    EPC = auto()
    SWISS = auto()


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address in fields: street, post code, town, country (ISO 3166)."""

    street: str
    postcode: str
    town: str
    country: str


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A payment code: its standard and its content, line by line. ``creditor`` and ``debtor`` stand on a Swiss slip."""

    kind: CodeKind
    content: str
    creditor: PostalAddress | None = None
    debtor: PostalAddress | None = None


def is_payable(document: Document) -> bool:
    """Return True if a document can be paid by transfer: an invoice with a balance, of a shop with an account."""
    return document.kind in _UNPAID_KINDS and document.balance.minor > 0 and bool(document.seller.iban)


def payment_code(document: Document) -> PaymentCode | None:
    """Return the code for the balance of a document; None where there is no standard for it or a fact is missing."""
    if not is_payable(document):
        return None
    currency, balance = document.currency.code, document.balance.minor
    if currency == "EUR" and balance <= _MOST_EURO_CENTS:
        return PaymentCode(CodeKind.EPC, _epc(document))
    if currency == "CHF" and balance <= _MOST_RAPPEN:
        return _swiss(document)
    return None


def _epc(document: Document) -> str:
    """Return the lines of EPC069-12, 3.1: version 002, in which the bank's code may be missing; text in UTF-8."""
    seller = document.seller
    purpose = reference = ""
    return "\n".join(
        (
            "BCD",
            "002",
            "1",
            "SCT",
            seller.bic,
            _one_line(seller.name, _LONGEST_NAME).encode()[:_MOST_NAME_BYTES].decode(errors="ignore"),
            seller.iban,
            f"EUR{document.balance}",
            purpose,
            reference,
            _one_line(document.number, _LONGEST_TEXT),
        )
    )


def _swiss(document: Document) -> PaymentCode | None:
    """Return the code of the QR-bill (guidelines, 4.2.2), with structured addresses and without a reference."""
    seller, buyer = document.seller, document.buyer
    creditor = postal_address(seller.address, seller.country)
    is_swiss = seller.iban[:2] in {"CH", "LI"} and int(seller.iban[4:9]) not in _QR_IBAN
    if creditor is None or not is_swiss:
        return None
    debtor = postal_address(buyer.address, buyer.country) if buyer.name else None
    ultimate_creditor = [""] * 7
    lines = (
        "SPC",
        "0200",
        "1",
        seller.iban,
        *_swiss_party(seller.name, creditor),
        *ultimate_creditor,
        str(Money(document.balance.minor, document.currency)),
        "CHF",
        *(_swiss_party(buyer.name, debtor) if debtor else [""] * 7),
        "NON",
        "",
        _one_line(document.number, _LONGEST_TEXT),
        "EPD",
    )
    return PaymentCode(CodeKind.SWISS, _NOT_SWISS.sub(".", "\n".join(lines)), creditor, debtor)


def _swiss_party(name: str, address: PostalAddress) -> list[str]:
    house = ""  # the street has it
    return ["S", _one_line(name, _LONGEST_NAME), address.street, house, address.postcode, address.town, address.country]


def postal_address(text: str, country: str) -> PostalAddress | None:
    """Return the fields of an address whose last line is post code and town; None for any other, or without country."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    found = _LAST_LINE.fullmatch(lines[-1]) if lines else None
    if found is None or not country:
        return None
    street = lines[-2] if len(lines) > 1 else ""
    return PostalAddress(
        street[:_LONGEST_NAME], found[1][:_LONGEST_POSTCODE], found[2][:_LONGEST_TOWN].strip(), country
    )


def _one_line(text: str, most: int) -> str:
    return " ".join(text.split())[:most].strip()
