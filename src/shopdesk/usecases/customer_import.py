"""The lines of a file of customers: how each is read, compared with the stored customers, and stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from shopdesk.domain.clean_text import quoted
from shopdesk.domain.customer import Customer, cleaned, comparable_name, same_name
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused, sentence_of
from shopdesk.domain.sentence import NOTHING, Sentence, sentence
from shopdesk.message_catalogues import mark
from shopdesk.row_keys import new_key
from shopdesk.store import customers, shop
from shopdesk.store.session import Session
from shopdesk.usecases.import_file import Cell, ImportFile, text_of
from shopdesk.usecases.import_headings import CUSTOMER_COLUMNS, CUSTOMER_PROGRAMS
from shopdesk.usecases.import_layout import ImportField, Layout, Subject
from shopdesk.usecases.imports import ImportLine, RawLine, Verdict


def _missing(fields: frozenset[str]) -> tuple[str, ...]:
    return () if fields & {"name", "first_name", "last_name", "company"} else ("name",)


CUSTOMERS = Subject(
    name="customers",
    fields=(
        ImportField(name="name", label=mark("Name"), is_needed=True),
        ImportField(name="first_name", label=mark("First name")),
        ImportField(name="last_name", label=mark("Last name")),
        ImportField(name="company", label=mark("Company")),
        ImportField(name="email", label=mark("E-mail")),
        ImportField(name="phone", label=mark("Phone")),
        ImportField(name="address", label=mark("Address")),
        ImportField(name="street", label=mark("Street")),
        ImportField(name="street2", label=mark("Street, second line")),
        ImportField(name="postal_code", label=mark("Postal code")),
        ImportField(name="city", label=mark("City")),
        ImportField(name="state", label=mark("State")),
        ImportField(name="country", label=mark("Country")),
        ImportField(name="tax_id", label=mark("Tax number")),
        ImportField(name="note", label=mark("Note")),
        ImportField(name="preferred_channel", label=mark("Preferred channel")),
        ImportField(name="sms_consent_on", label=mark("Agreed to text messages")),
    ),
    columns=CUSTOMER_COLUMNS,
    programs=CUSTOMER_PROGRAMS,
    missing=_missing,
)

# The fields of a file, and the field of a customer that each belongs to.
_FILLS = {
    "name": "name",
    "first_name": "name",
    "last_name": "name",
    "company": "name",
    "email": "email",
    "phone": "phone",
    "phone2": "phone",
    "address": "address",
    "street": "address",
    "street2": "address",
    "postal_code": "address",
    "city": "address",
    "state": "address",
    "country": "address",
    "tax_id": "tax_id",
    "language": "language",
    "note": "note",
    "preferred_channel": "preferred_channel",
    "sms_consent_on": "sms_consent_on",
    "country_code": "country",
    "vat_number": "vat_number",
    "reference": "reference",
    "electronic_address": "electronic_address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine(ImportLine[Customer]):
    """A line of a file of customers."""

    @property
    def customer(self) -> Customer | None:
        """The customer to store; None for a wrong or skipped line."""
        return self.after


class CustomerChecker:
    """Compares the lines of a file with the customers that are stored.

    A line is the customer with its identifier (in a file exported here), else with its e-mail address, else with its
    phone number and name. A line with a name alone is the one customer of that name.
    """

    def __init__(
        self, session: Session, file: ImportFile, layout: Layout, country: str, *, for_update: bool = False
    ) -> None:
        self._session = session
        self._file = file
        self._country = country
        self._for_update = for_update
        self._filled = frozenset(_FILLS[name] for name in layout.fields if name in _FILLS)

    def __call__(self, reads: Sequence[RawLine]) -> list[CustomerLine]:
        """Return the verdict on each line."""
        lines = [self._read(read) for read in reads]
        found = [line.after for line in lines if line.after is not None]
        gone = customers.unlisted(self._session, [customer.key for customer in found])
        language = shop.language(self._session)
        like = customers.like(self._session, found, language=language, for_update=self._for_update)
        known = _Known(like, gone)
        return [self._compared(line, line.after, known) if line.after is not None else line for line in lines]

    def _read(self, read: RawLine) -> CustomerLine:
        """Return a line with the customer as the file has them, or with its error."""
        texts = {name: text_of(read.record.get(name, "")) for name in ("email", "phone")} | {"name": _name(read.record)}
        line = CustomerLine(number=read.number, texts=texts, verdict=Verdict.WRONG, why=read.wrong)
        if read.wrong:
            return line
        if not any(text_of(cell).strip() for cell in read.record.values()):
            return replace(line, verdict=Verdict.SKIPPED, why=sentence("There is no customer in this line."))
        try:
            return replace(line, after=cleaned(_customer(read.record), country=self._country))
        except Refused as refused:
            return replace(line, why=sentence_of(refused))

    def _compared(self, line: CustomerLine, read: Customer, known: _Known) -> CustomerLine:
        """Return the verdict on a line that can be read; a known customer keeps their values for missing columns."""
        if read.key in known.gone:
            why = sentence("This customer has been merged or erased since the file was made.")
            return replace(line, verdict=Verdict.SKIPPED, after=None, why=why)
        same = known.same(read)
        if len(same) > 1:
            why = sentence(
                "Several customers are called {name}. Add a phone number or an e-mail address.", name=quoted(read.name)
            )
            return replace(line, after=None, why=why)
        before = same[0] if same else None
        first = self._file.first_with("customer", _identity(read, before), line.number)
        if first != line.number:
            return replace(line, after=None, why=sentence("Line {line} is the same customer.", line=first))
        if before is None:
            key = read.key if read.key.int else new_key()
            return replace(line, verdict=Verdict.NEW, after=replace(read, key=key), why=known.shared(read))
        filled = self._filled if line.name else self._filled - {"name"}
        after = replace(before, **{name: getattr(read, name) for name in filled})
        verdict = Verdict.SAME if after == before else Verdict.CHANGED
        return replace(line, verdict=verdict, before=before, after=after)


class _Known:
    """The stored customers that some lines may be."""

    def __init__(self, found: Sequence[Customer], gone: frozenset[UUID]) -> None:
        self.gone = gone
        self._by_key = {one.key: one for one in found}
        self._found = found

    def same(self, read: Customer) -> list[Customer]:
        """Return the stored customer of a line; several when that is not clear."""
        if read.key in self._by_key:
            return [self._by_key[read.key]]
        if read.email:
            same = [one for one in self._found if comparable(one.email) == comparable(read.email)]
        elif read.phone:
            same = [one for one in self._found if one.phone == read.phone]
        else:
            return [one for one in self._found if same_name(one.name, read.name)]
        named = [one for one in same if same_name(one.name, read.name)]
        return (named or (same if read.email else []))[:1]

    def shared(self, read: Customer) -> Sentence:
        """Return a warning where another customer has the phone number of a new one."""
        other = next((one for one in self._found if read.phone and one.phone == read.phone), None)
        return sentence("“{name}” has the same phone number.", name=other.name) if other is not None else NOTHING


def _identity(read: Customer, before: Customer | None) -> str:
    if before is not None:
        return before.key.hex
    if read.key.int:
        return read.key.hex
    return comparable(read.email) or f"{read.phone} {comparable_name(read.name)}"


def _customer(record: Mapping[str, Cell]) -> Customer:
    text = {name: text_of(cell).strip() for name, cell in record.items()}
    return Customer(
        key=_key(text.get("id", "")),
        name=_name(record) or text.get("email", "") or text.get("phone", ""),  # as at the till
        email=text.get("email", ""),
        phone=text.get("phone", "") or text.get("phone2", ""),
        address=_address(text),
        tax_id=text.get("tax_id", ""),
        language=_language(text.get("language", "")),
        note=text.get("note", ""),
        preferred_channel=text.get("preferred_channel", ""),
        sms_consent_on=text.get("sms_consent_on", ""),
        country=text.get("country_code", ""),
        vat_number=text.get("vat_number", ""),
        reference=text.get("reference", ""),
        electronic_address=text.get("electronic_address", ""),
    )


def _key(text: str) -> UUID:
    """Return the key that our own export writes; 0 for none."""
    if not text:
        return UUID(int=0)
    try:
        return UUID(text)
    except ValueError:
        raise Refused(
            sentence("{text} is no {field}. Leave it empty for a new customer.", text=quoted(text), field="customer_id")
        ) from None


def _name(record: Mapping[str, Cell]) -> str:
    text = {name: text_of(record.get(name, "")).strip() for name in ("name", "first_name", "last_name", "company")}
    return text["name"] or " ".join(filter(None, (text["first_name"], text["last_name"]))) or text["company"]


def _address(text: Mapping[str, str]) -> str:
    """Return the lines of an address; the company of a person is its first line."""
    person = text.get("name") or text.get("first_name") or text.get("last_name")
    company = text.get("company", "") if person else ""
    if whole := text.get("address", ""):
        return whole
    city = " ".join(filter(None, (text.get("postal_code", ""), text.get("city", ""))))
    lines = (
        company,
        text.get("street", ""),
        text.get("street2", ""),
        city,
        text.get("state", ""),
        text.get("country", ""),
    )
    return "\n".join(filter(None, lines))


def _language(text: str) -> str:
    tag = text.replace("_", "-")
    if tag and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
        raise Refused(sentence("{text} is no language. Write it like en or pt-BR.", text=quoted(text)))
    return tag
