"""A customer, and how one field (name, phone or e-mail) becomes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from uuid import UUID

import phonenumbers

from shopdesk.domain.errors import Refused
from shopdesk.domain.text import clean

_ATEXT = r"[^\s@<>()\[\],;:\\\"]+"
# RFC 5321: a local part of at most 64 octets, a domain of labels up to 63. Deliverability only delivery can tell.
_EMAIL = re.compile(rf"{_ATEXT}@(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.)*[^\W_](?:[\w-]{{0,61}}[^\W_])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who buys. ``phone`` is E.164 (RFC-free form ``+254712345678``), ``language`` a BCP 47 tag or empty."""

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
    address = text.strip()
    local, _, domain = address.rpartition("@")
    if not _EMAIL.fullmatch(address) or len(local.encode()) > 64 or len(domain) > 253 or ".." in address:
        raise Refused(f"“{_short(address)}” is not an e-mail address. Type it like ada@example.org.", field="email")
    return address


def read_phone(text: str, country: str) -> str:
    """A phone number as typed, in E.164; ``country`` (ISO 3166) is where a number without + is from."""
    try:
        number = phonenumbers.parse(text.strip(), country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refused(f"“{_short(text)}” is not a phone number. Begin with + and the country.", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_contact(text: str, country: str) -> Contact:
    """The one customer field: ``Ada``, ``ada@example.org``, ``Ada <ada@example.org>``, ``0712 345678``, or nothing.

    Raises Refused when it looks like an address or a number but is none.
    """
    written = clean(text, most=320, field="customer")
    if not written:
        return Contact()
    if "@" in written:
        name, address = parseaddr(written) if "<" in written else ("", written)
        email = read_email(address or written)
        return Contact(name=name.strip() or email, email=email)
    if re.fullmatch(r"\+?[\d\s().\-/]{5,}", written):
        phone = read_phone(written, country)
        return Contact(name=phone, phone=phone)
    return Contact(name=written)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
