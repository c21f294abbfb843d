"""Documents as canonical bytes and back, for the hashes of the journal and for queued messages.

Canonical: UTF-8 JSON, keys sorted, no white space, instants in UTC with microseconds. ``VERSION`` is stored with the
bytes, so that the format may change and old rows can still be read. Version 3 added the origin, version 4 the facts of
e-invoices: ``_ADDED`` of seller and buyer, the units of rows, the reasons of exemptions. Version 5 added the layout:
what is printed of the shop's own choices. Each is left out where it is not known, so that a document without any is
written as in version 1. (Version 2 is that of rows without a document.)
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind, Line, State
from shopdesk.domain.money import Currency
from shopdesk.domain.paper_layout import Logo, PaperLayout, PaperTexts
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import Category, Exemption, TaxRate
from shopdesk.domain.totals import AmountOff, Discount, Group, PercentOff, Totals
from shopdesk.domain.unit import Unit

VERSION = 5
CHANGES_VERSION = 2
"""The version of a row of the journal without a document."""

_ADDED = frozenset(
    ("vat_number", "registration", "contact", "iban", "bic", "bank", "country", "reference", "electronic_address")
)
"""The fields of seller and buyer since version 4; a seller's country is older and always there."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "document": (
        "amounts", "buyer", "corrected_by", "corrects", "currency", "date_on", "discount", "draft_key", "due_on",
        "exemptions", "gross", "groups", "issued_at", "issued_by", "issued_by_key", "key", "kind", "language", "layout",
        "lines", "net", "note", "number", "off", "origin", "payments", "prices_include_tax", "replaces", "revision",
        "sealed_at", "seller", "state", "sum", "tax", "till", "voided_at",
    ),
    "seller": tuple(sorted(Seller.__slots__)),
    "buyer": tuple(sorted(Buyer.__slots__)),
    "layout": ("barcode", "footer", "logo", "terms", "thanks", "title"),
}  # fmt: skip
"""The keys of a snapshot and of its parts, in their order. A server takes no others: see ``acts_books_sql``."""
OPTIONAL_KEYS = ("exemptions", "layout", "origin", *sorted(_ADDED))
"""Those that are left out where there is nothing to tell."""
LINE_LENGTH = 8
"""The number of values of a line, without its unit, which is left out where pieces are counted."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Return facts as canonical bytes."""
    return _encode(facts).encode()


def text_of(facts: Any) -> str:
    """Return facts, or a part of them, as the text of their canonical bytes."""
    return _encode(facts)


def unpacked(stored: bytes) -> bytes:
    """Return canonical bytes as the journal stores them: compressed by zlib, or, by a server's acts, as they are.

    Raises zlib.error or ValueError where compressed data does not end where it should.
    """
    if stored.startswith(b"{"):
        return stored
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(stored)
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("a snapshot ends too early, or not at its end")
    return content


def to_facts(document: Document) -> dict[str, Any]:
    """Return a whole document as JSON types."""
    totals = document.totals
    known: dict[str, Any] = {"origin": str(document.origin)} if document.origin else {}
    if document.exemptions:
        known["exemptions"] = exemptions_to_pairs(document.exemptions)
    if document.layout is not None:
        known["layout"] = layout_to_facts(document.layout)
    return known | {
        "key": str(document.key),
        "draft_key": str(document.draft_key),
        "kind": document.kind.value,
        "number": document.number,
        "state": document.state.value,
        "revision": document.revision,
        "till": document.till,
        "seller": seller_to_facts(document.seller),
        "buyer": buyer_to_facts(document.buyer),
        "currency": document.currency.code,
        "prices_include_tax": document.prices_include_tax,
        "language": document.language,
        "lines": [_line_to_facts(line) for line in document.lines],
        "discount": discount_to_pair(document.discount),
        "amounts": list(totals.amounts),
        "sum": totals.sum,
        "off": totals.discount,
        "groups": [
            [g.rate.milli, g.rate.category.value, g.sum, g.discount, g.net, g.tax, g.gross] for g in totals.groups
        ],
        "net": totals.net,
        "tax": totals.tax,
        "gross": totals.gross,
        "note": document.note,
        "date_on": document.date_on.isoformat(),
        "due_on": document.due_on.isoformat() if document.due_on else None,
        "issued_at": format_instant(document.issued_at),
        "issued_by": document.issued_by,
        "issued_by_key": str(document.issued_by_key),
        "sealed_at": format_instant(document.sealed_at),
        "voided_at": format_instant(document.voided_at),
        "corrects": _text(document.corrects),
        "replaces": _text(document.replaces),
        "corrected_by": _text(document.corrected_by),
        "payments": [
            [str(p.key), p.method.value, p.amount, p.tendered, p.change, p.rounding, format_instant(p.at), p.by_name]
            for p in document.payments
        ],
    }


def progress(facts: Mapping[str, Any]) -> tuple[int, int, bool, bool]:
    """Return a sort key for the snapshots of a document that does not depend on the clocks of the tills."""
    is_sealed, is_issued = facts["sealed_at"] is not None, facts["state"] == State.ISSUED.value
    return facts["revision"], len(facts["payments"]), is_sealed, not is_issued


def from_facts(facts: Mapping[str, Any]) -> Document:
    """Return the document of the facts from ``to_facts``."""
    groups = tuple(
        Group(TaxRate(milli, Category(category)), total, off, net=net, tax=tax, gross=gross)
        for milli, category, total, off, net, tax, gross in facts["groups"]
    )
    return Document(
        key=UUID(facts["key"]),
        draft_key=UUID(facts["draft_key"]),
        kind=Kind(facts["kind"]),
        number=facts["number"],
        state=State(facts["state"]),
        revision=facts["revision"],
        till=facts["till"],
        seller=Seller(**facts["seller"]),
        buyer=buyer_from_facts(facts["buyer"]),
        currency=Currency.of(facts["currency"]),
        prices_include_tax=facts["prices_include_tax"],
        language=facts["language"],
        lines=tuple(_line_from_facts(line) for line in facts["lines"]),
        discount=discount_of_pair(facts["discount"]),
        totals=Totals(
            amounts=tuple(facts["amounts"]),
            sum=facts["sum"],
            discount=facts["off"],
            groups=groups,
            net=facts["net"],
            tax=facts["tax"],
            gross=facts["gross"],
        ),
        note=facts["note"],
        date_on=date.fromisoformat(facts["date_on"]),
        due_on=date.fromisoformat(facts["due_on"]) if facts["due_on"] else None,
        issued_at=instant_of(facts["issued_at"]),
        issued_by=facts["issued_by"],
        issued_by_key=UUID(facts["issued_by_key"]),
        sealed_at=_instant(facts["sealed_at"]),
        voided_at=_instant(facts["voided_at"]),
        corrects=_key(facts["corrects"]),
        replaces=_key(facts["replaces"]),
        corrected_by=_key(facts["corrected_by"]),
        origin=_key(facts.get("origin")),
        exemptions=exemptions_of_pairs(facts.get("exemptions", ())),
        layout=layout_from_facts(facts["layout"]) if "layout" in facts else None,
        payments=tuple(
            Payment(
                key=UUID(key),
                method=Method(method),
                amount=amount,
                tendered=tendered,
                change=change,
                rounding=rounding,
                at=instant_of(at),
                by_name=by_name,
            )
            for key, method, amount, tendered, change, rounding, at, by_name in facts["payments"]
        ),
    )


def seller_to_facts(seller: Seller) -> dict[str, str]:
    """Return the seller as a dictionary of its fields."""
    return {"country": seller.country} | _known_fields(seller)


@lru_cache(maxsize=2)
def seller_text(seller: Seller) -> str:
    """Return the seller as canonical text, the same for all documents until the shop changes."""
    return text_of(seller_to_facts(seller))


def buyer_to_facts(buyer: Buyer) -> dict[str, Any]:
    """Return the buyer as a dictionary of its fields."""
    return _known_fields(buyer) | {"key": _text(buyer.key)}


def buyer_from_facts(facts: Mapping[str, Any]) -> Buyer:
    """Return the buyer of the facts from ``buyer_to_facts``."""
    return Buyer(**{**facts, "key": _key(facts["key"])})


def _known_fields(party: Seller | Buyer) -> dict[str, Any]:
    fields = {name: getattr(party, name) for name in type(party).__slots__}
    return {name: value for name, value in fields.items() if value or name not in _ADDED}


def layout_to_facts(layout: PaperLayout) -> dict[str, Any]:
    """Return a layout as JSON types: the logo by its mark, empty for none."""
    texts = {name: getattr(layout.texts, name) for name in PaperTexts.__slots__}
    return texts | {"barcode": layout.has_barcode, "logo": layout.logo.mark if layout.logo else ""}


@lru_cache(maxsize=8)
def layout_text(layout: PaperLayout) -> str:
    """Return a layout as canonical text, the same for all documents of a kind and language."""
    return text_of(layout_to_facts(layout))


def layout_from_facts(facts: Mapping[str, Any]) -> PaperLayout:
    """Return the layout of the facts from ``layout_to_facts``; the file of its logo is not read yet."""
    texts = {name: text for name, text in facts.items() if name not in {"barcode", "logo"}}
    logo = Logo(facts["logo"]) if facts["logo"] else None
    return PaperLayout(has_barcode=facts["barcode"], logo=logo, texts=PaperTexts(**texts))


def exemptions_to_pairs(exemptions: Sequence[Exemption]) -> list[list[str]]:
    """Return the reasons of exemptions as lists of category and text."""
    return [[category.value, reason] for category, reason in exemptions]


def exemptions_of_pairs(pairs: Sequence[Sequence[str]]) -> tuple[Exemption, ...]:
    """Return the reasons of the pairs from ``exemptions_to_pairs``."""
    return tuple((Category(category), reason) for category, reason in pairs)


def discount_to_pair(discount: Discount | None) -> tuple[int | None, int | None]:
    """Return a discount as its two columns: minor units, or thousandths of a per cent."""
    match discount:
        case AmountOff(minor):
            return minor, None
        case PercentOff(milli):
            return None, milli
        case None:
            return None, None


def discount_of_pair(pair: tuple[int | None, int | None] | list[int | None]) -> Discount | None:
    """Return the discount of its two columns."""
    minor, milli = pair
    if minor is not None:
        return AmountOff(minor)
    return PercentOff(milli) if milli is not None else None


def format_instant(moment: datetime | None) -> str | None:
    """Return an instant as canonical text: UTC, microseconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z" if moment else None


def _line_to_facts(line: Line) -> list[Any]:
    minor, milli = discount_to_pair(line.discount)
    product = _text(line.product_key)
    facts = [line.item, line.quantity, line.unit_price, line.tax.milli, line.tax.category.value, minor, milli, product]
    return facts if line.unit is Unit.PIECE else [*facts, line.unit.value]


def _line_from_facts(facts: list[Any]) -> Line:
    item, quantity, unit_price, rate, category, minor, milli, product, *unit = facts
    return Line(
        item=item,
        quantity=quantity,
        unit_price=unit_price,
        tax=TaxRate(rate, Category(category)),
        discount=discount_of_pair((minor, milli)),
        product_key=_key(product),
        unit=Unit(*unit) if unit else Unit.PIECE,
    )


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None


def _key(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC) if text else None


def instant_of(text: str) -> datetime:
    """Return the instant of its canonical text."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
