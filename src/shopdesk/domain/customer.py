"""A customer, and how one field (name, phone or e-mail) becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from shopdesk.domain.errors import Refused
from shopdesk.domain.text import bare, clean, quoted

_LONGEST_EMAIL = 320
# RFC 5321 and 6531: a dot-string, then labels of up to 63 characters. Deliverability only delivery can tell.
_ATOM = r"[^\s.@<>()\[\],;:\\\"]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_NAMED = re.compile(r"\"?([^<>]*?)\"?\s*<([^<>]*)>?")
_PHONE = re.compile(r"[+＋]?[\d\s().\-/‐-―]{5,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who buys. ``phone`` is E.164 (``+254712345678``), ``language`` a BCP 47 tag; both may be empty."""

    key: UUID
    name: str
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_id: str = ""
    language: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The customer as a document keeps it: copied at issue, unchanged by later edits of the customer.

    A buyer without a key and a name is a walk-in.
    """

    key: UUID | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_id: str = ""
    language: str = ""

    @classmethod
    def of(cls, customer: Customer) -> Buyer:
        """The copy of a customer that a document keeps."""
        return cls(
            key=customer.key,
            name=customer.name,
            email=customer.email,
            phone=customer.phone,
            address=customer.address,
            tax_id=customer.tax_id,
            language=customer.language,
        )

    @property
    def is_walk_in(self) -> bool:
        """Nobody in particular."""
        return not self.name and self.key is None


WALK_IN = Buyer()


@dataclass(frozen=True, slots=True)
class Contact:
    """What the one customer field says: any of a name, an e-mail address and a phone number."""

    name: str = ""
    email: str = ""
    phone: str = ""


def read_email(text: str) -> str:
    """An e-mail address as typed, trimmed. Raises Refused when it is none (RFC 5321, 4.5.3.1 lengths)."""
    address = bare(text)
    if not _is_email(address):
        raise Refused(f"{quoted(text)} is not an e-mail address. Type it like ada@example.org.", field="email")
    return address


def _is_email(address: str) -> bool:
    # First what the pattern cannot judge: lone surrogates, and texts that would keep it busy.
    if len(address) > _LONGEST_EMAIL or not address.isprintable() or not _EMAIL.fullmatch(address):
        return False
    local, _, domain = address.rpartition("@")
    return len(local.encode()) <= 64 and len(domain) <= 253


def read_phone(text: str, country: str) -> str:
    """A phone number as typed, in E.164; ``country`` (ISO 3166) is where a number without + is from.

    Letters are refused, an extension too: E.164 could not keep it.
    """
    import phonenumbers  # only where somebody writes a number: it brings one module per country

    written = bare(text)
    try:
        number = phonenumbers.parse(written, country or None) if _PHONE.fullmatch(written) else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refused(f"{quoted(text)} is not a phone number. Begin with + and the country.", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_contact(text: str, country: str) -> Contact:
    """The one customer field: ``Ada``, ``ada@example.org``, ``Ada <ada@example.org>``, ``0712 345678``, or nothing.

    Raises Refused when it looks like an address or a number but is none.
    """
    written = clean(text, most=320, field="customer")
    if "@" in written:
        named = _NAMED.fullmatch(written)
        email = read_email(named[2] if named else written)
        return Contact(name=(named and named[1]) or email, email=email)
    if _PHONE.fullmatch(bare(written)):
        phone = read_phone(written, country)
        return Contact(name=phone, phone=phone)
    return Contact(name=written)
