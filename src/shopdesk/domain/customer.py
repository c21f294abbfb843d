"""Customers, and the parsing of the one customer field (name, phone or e-mail)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from shopdesk.domain.clean_text import clean, clean_lines, quoted, strip_invisible
from shopdesk.domain.email_address import ascii_domain
from shopdesk.domain.errors import FieldError, Refused
from shopdesk.domain.identifiers import read_scheme_number, read_vat_number
from shopdesk.domain.message_route import ChannelOrder, PreferredChannel, Reachability
from shopdesk.domain.sentence import counted_sentence, sentence

_LONGEST_EMAIL = 320
# RFC 5321 and 6531: a dot-string, then labels of up to 63 characters. Only sending shows whether it is deliverable.
_ATOM = r"[^\s.@<>()\[\],;:\\\"]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_NAMED = re.compile(r"\"?([^<>]*?)\"?\s*<([^<>]*)>?")
_PHONE_SIGNS = re.compile(r"[+＋]?[\d\s().\-/‐-―]+")
_SHORTEST_PHONE = 5
"""Fewer characters in the one customer field are a name: “7-11”."""


@dataclass(frozen=True, slots=True)
class Balance:
    """The open amounts of a customer, in minor units: what it owes, and what it gets back. Neither is negative."""

    owes: int = 0
    gets: int = 0

    @property
    def net(self) -> int:
        """The amount it owes less the amount it gets back."""
        return self.owes - self.gets


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer. ``phone`` is E.164 (``+254712345678``), ``language`` a BCP 47 tag; both may be empty.

    For e-invoices: ``country`` (ISO 3166), ``vat_number``, ``reference`` (BT-10, the buyer's own reference) and
    ``electronic_address`` (BT-49): an e-mail address, or a scheme and a number, such as 0088:4012345000016.

    For messages: ``preferred_channel``, a value of ``PreferredChannel``, and ``sms_consent_on``, the day on which the
    customer agreed to text messages (ISO 8601), empty if they did not.
    """

    key: UUID
    name: str
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_id: str = ""
    language: str = ""
    note: str = ""
    country: str = ""
    vat_number: str = ""
    reference: str = ""
    electronic_address: str = ""
    preferred_channel: str = ""
    sms_consent_on: str = ""

    def reached(self, order: ChannelOrder) -> Reachability:
        """Return how the customer can be reached by a shop that tries channels in this order."""
        return Reachability(
            email=self.email,
            phone=self.phone,
            preferred=PreferredChannel(self.preferred_channel),
            has_sms_consent=bool(self.sms_consent_on),
            order=order,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The customer as stored in a document: copied at issue, unchanged by later edits of the customer.

    A buyer without a key and a name is a walk-in.
    """

    key: UUID | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_id: str = ""
    language: str = ""
    country: str = ""
    vat_number: str = ""
    reference: str = ""
    electronic_address: str = ""

    @classmethod
    def of(cls, customer: Customer) -> Buyer:
        """Return the copy of a customer for a document."""
        return cls(
            key=customer.key,
            name=customer.name,
            email=customer.email,
            phone=customer.phone,
            address=customer.address,
            tax_id=customer.tax_id,
            language=customer.language,
            country=customer.country,
            vat_number=customer.vat_number,
            reference=customer.reference,
            electronic_address=customer.electronic_address,
        )

    @property
    def is_walk_in(self) -> bool:
        """True if the customer was not identified."""
        return not self.name and self.key is None


WALK_IN = Buyer()


@dataclass(frozen=True, slots=True)
class Contact:
    """The parsed customer field: any of a name, an e-mail address and a phone number.

    ``is_new`` is the answer that it is none of the customers who fit.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    is_new: bool = False


class AmbiguousCustomer(Refused):
    """Several customers fit what was typed; a message must never go to the wrong one. ``customers`` are those."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        super().__init__(
            counted_sentence(
                len(customers),
                "{count} customer fits this. Choose it, or a new customer.",
                "{count} customers fit this. Choose one, or a new customer.",
            ),
            field="customer",
        )
        self.customers = tuple(customers)


def same_name(one: str, other: str) -> bool:
    """Return True if two names differ at most in case, blanks and how their accents are stored."""
    return comparable_name(one) == comparable_name(other)


def comparable_name(name: str) -> str:
    """Return the form in which names are compared: see ``same_name``."""
    return " ".join(unicodedata.normalize("NFKC", name.casefold()).split())


def cleaned(customer: Customer, *, country: str) -> Customer:
    """Return a customer with clean texts; ``country`` (ISO 3166) applies to a phone number without ``+``.

    Raise Refused with one error for each wrong field.
    """
    faults: list[FieldError] = []
    result = replace(
        customer,
        name=clean(customer.name, max_length=200, field="name"),
        address=clean_lines(customer.address, max_length=1000, field="address"),
        tax_id=clean(customer.tax_id, max_length=60, field="tax_id"),
        note=clean_lines(customer.note, max_length=2000, field="note"),
        reference=clean(customer.reference, max_length=100, field="reference"),
    )
    reading: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("email", read_email),
        ("phone", lambda text: read_phone(text, country)),
        ("country", _read_country),
        ("vat_number", read_vat_number),
        ("electronic_address", _read_electronic_address),
        ("preferred_channel", _read_preferred_channel),
        ("sms_consent_on", _read_consent_day),
    )
    found: dict[str, Any] = {}
    for name, read in reading:
        text = strip_invisible(getattr(result, name))
        try:
            found[name] = read(text) if text else ""
        except Refused as refused:
            faults.extend(FieldError(fault.text, name) for fault in refused.faults)
    if not result.name:
        faults.insert(0, FieldError(sentence("A customer needs a name."), "name"))
    if faults:
        raise Refused(faults)
    return replace(result, **found)


def _read_country(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise Refused(sentence("Choose a country."))
    return text


def _read_preferred_channel(text: str) -> str:
    if text not in set(PreferredChannel):
        raise Refused(sentence("Messages go by “email”, “sms” or “none”; leave it empty for what the shop does."))
    return text


def _read_consent_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refused(sentence("{text} is not a date. Write it like 2026-11-30.", text=quoted(text))) from None


def _read_electronic_address(text: str) -> str:
    return read_email(text) if "@" in text else read_scheme_number(text)


def read_email(text: str) -> str:
    """Return an e-mail address as typed, trimmed, in NFC. Raise Refused when it is not valid.

    Its parts are as long as RFC 5321, 4.5.3.1, allows, the domain in the form that DNS knows it by.
    """
    address = strip_invisible(text)
    if len(address) <= _LONGEST_EMAIL:
        address = unicodedata.normalize("NFC", address)
    if not _is_email(address):
        raise Refused(
            sentence("{text} is not an e-mail address. Type it like ada@example.org.", text=quoted(text)), field="email"
        )
    return address


def _is_email(address: str) -> bool:
    # First what the patterns cannot check: lone surrogates, and texts so long that matching would be slow.
    if len(address) > _LONGEST_EMAIL or not address.isprintable():
        return False
    local, _, domain = address.rpartition("@")
    try:
        domain = ascii_domain(domain)
    except UnicodeError:
        return False
    is_short = len(local.encode()) <= 64 and len(domain) <= 253
    return is_short and bool(_LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain))


def read_phone(text: str, country: str) -> str:
    """Return a phone number as typed, in E.164; ``country`` (ISO 3166) applies to a number without ``+``.

    Raise Refused with what is wrong, for letters, for an extension, which E.164 cannot hold, and for a number that
    cannot be called from everywhere, such as one without its area code.
    """
    import phonenumbers  # imported late: it loads one module per country

    written = " ".join(strip_invisible(text).split())
    try:
        number = phonenumbers.parse(written, country or None) if _PHONE_SIGNS.fullmatch(written) else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None:
        raise Refused(
            sentence("{text} is not a phone number. Begin with + and the country code.", text=quoted(text)),
            field="phone",
        )
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise Refused(
            sentence(
                "{text} is not a phone number: {why}.",
                text=quoted(text),
                why=_WRONG_WITH_PHONE[reason],
            ),
            field="phone",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# By phonenumbers.ValidationResult, which is imported late.
_WRONG_WITH_PHONE = {
    1: sentence("there is no such country code"),
    2: sentence("some of its digits are missing"),
    3: sentence("it has too many digits"),
    4: sentence("the area code is missing"),
    5: sentence("it has too few or too many digits"),
}


def read_contact(text: str, country: str) -> Contact:
    """Parse the customer field: ``Ada``, ``ada@example.org``, ``Ada <ada@example.org>``, ``0712 345678``, or nothing.

    Raise Refused when it resembles an address or a phone number but is not valid.
    """
    written = clean(text, max_length=320, field="customer")
    if "@" in written:
        named = _NAMED.fullmatch(written)
        email = read_email(named[2] if named else written)
        return Contact(name=(named and named[1]) or email, email=email)
    signs = strip_invisible(written)
    if len(signs.lstrip("+＋")) >= _SHORTEST_PHONE and _PHONE_SIGNS.fullmatch(signs):
        phone = read_phone(written, country)
        return Contact(name=phone, phone=phone)
    return Contact(name=written)
