"""The shop: its details on documents, its taxes, its tills and their number series."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from shopdesk.domain.errors import Refused
from shopdesk.domain.language_tag import regional
from shopdesk.domain.message_route import ChannelOrder
from shopdesk.domain.money import Currency
from shopdesk.domain.paper_layout import Logo, OwnTexts, PaperLayout, texts_for
from shopdesk.domain.sentence import sentence
from shopdesk.domain.tax import Exemption, TaxRate
from shopdesk.domain.totals import Totals


class Seal(StrEnum):
    """The time from which a document can no longer be changed, only corrected by new documents."""

    AT_CLOSE = "at close"
    AT_ISSUE = "at issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopTax:
    """A tax rate of the shop, with the name that staff use for it."""

    key: UUID
    name: str
    rate: TaxRate
    is_default: bool = False
    reason: str = ""
    """Why there is no tax, as the law words it (EN 16931, BT-120); printed and written into e-invoices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The shop as a document prints it: copied at issue.

    ``vat_number`` begins with the country; ``registration`` is the number in the commercial register; ``contact`` the
    person or department to ask. ``iban`` and ``bic`` have no spaces.
    """

    name: str
    address: str = ""
    country: str = ""
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    footer: str = ""
    vat_number: str = ""
    registration: str = ""
    contact: str = ""
    iban: str = ""
    bic: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The shop's settings. ``language`` is a BCP 47 tag, ``country`` ISO 3166, ``smallest_coin`` minor units."""

    seller: Seller
    currency: Currency
    prices_include_tax: bool
    taxes: tuple[ShopTax, ...]
    language: str = "en"
    seal: Seal = Seal.AT_CLOSE
    smallest_coin: int = 1
    lock_after_minutes: int = 10
    due_days: int = 14
    cashier_discount_milli: int = 20_000
    in_store_codes: str = ""
    """The patterns of the shop's own weight and price labels, separated by commas; see ``domain.in_store_code``."""
    has_barcode: bool = True
    """True if new documents get a barcode of their number."""
    logo: str = ""
    """The mark of the logo on new documents: see ``Logo``; empty for none."""
    own_texts: tuple[OwnTexts, ...] = ()
    message_channels: ChannelOrder = ChannelOrder.EMAIL

    @property
    def default_tax(self) -> ShopTax:
        """The rate of a new line: the one marked as default, else the first. Raises Refused when there is none."""
        if not self.taxes:
            raise Refused(sentence("The shop has no tax rate yet. Tax rates are set in Settings, Taxes."), field="tax")
        return next((tax for tax in self.taxes if tax.is_default), self.taxes[0])

    @property
    def locale(self) -> str:
        """The language with the shop's country: how numbers and dates are written and read."""
        return regional(self.language, self.seller.country)

    def exemptions(self, totals: Totals) -> tuple[Exemption, ...]:
        """Return the reasons that the shop gives for the rates of a document that bear no tax."""
        used = {group.rate for group in totals.groups}
        return tuple((tax.rate.category, tax.reason) for tax in self.taxes if tax.reason and tax.rate in used)

    def layout(self, kind: str, language: str) -> PaperLayout:
        """Return what a new document of a kind (``Kind.value``) in a language prints of the shop's choices."""
        texts = texts_for(self.own_texts, kind, language, self.language)
        return PaperLayout(has_barcode=self.has_barcode, logo=Logo(self.logo) if self.logo else None, texts=texts)

    def with_taxes(self, taxes: tuple[ShopTax, ...]) -> Shop:
        """Return the same shop with other rates."""
        return replace(self, taxes=taxes)


@dataclass(frozen=True, slots=True)
class Till:
    """A till. Its name is part of its document numbers."""

    key: UUID
    name: str


def read_till_name(text: str) -> str:
    """Return a till's name: 1 to 8 capital letters or digits, as in R-A-2026-000412. Raise Refused."""
    name = text.strip().upper()
    if not re.fullmatch(r"[A-Z0-9]{1,8}", name):
        raise Refused(sentence("A till's name has 1 to 8 letters or digits, such as A or FRONT2."), field="till")
    return name


def is_document_number(text: str) -> bool:
    """Return True for a text that has the form of a document's number: see ``number_in_series``."""
    return _NUMBER.fullmatch(text) is not None


_NUMBER = re.compile(r"[A-Z]-[A-Z0-9]{1,8}-\d{4}-\d{6,}", re.ASCII)


def number_in_series(letter: str, till: str, on: date, count: int) -> str:
    """Return a document's number: kind letter, till, year, count: R-A-2026-000412."""
    return f"{letter}-{till}-{on.year}-{count:06d}"
