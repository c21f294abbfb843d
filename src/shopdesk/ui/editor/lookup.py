"""Lookup of products and customers by typed text, for the two fields with suggestions.

Enter takes a suggestion only if it is unambiguous. A name typed in full matches itself; a
beginning matches the first suggestion; but numbers and addresses match as a whole only: “Household 88” is not
“Household 883”.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from shopdesk.domain.barcode import gtin
from shopdesk.domain.customer import Contact, Customer, read_contact, same_name
from shopdesk.domain.email_address import comparable
from shopdesk.domain.errors import Refused
from shopdesk.domain.product import Product
from shopdesk.queries import customers, products

T = TypeVar("T")

SHORTEST_BEGINNING = 2
_LENGTHS = (14, 13, 12)
"""The lengths in which people type a GTIN."""


def products_for(session: Any, text: str) -> tuple[Product, ...]:
    """Return the products to suggest for an item: the one with this code first, then those whose names begin so."""
    exact = products.by_code(session, text)
    others = products.suggest(session, text)
    return tuple({product.key: product for product in ((exact,) if exact else ()) + others}.values())


def product_meant(session: Any, text: str) -> Product | None:
    """Return the product that Enter takes, or None."""
    found = products_for(session, text)
    at = match(text, found, product_names)
    return found[at] if at >= 0 else None


def product_named(session: Any, text: str) -> Product | None:
    """Return the product with exactly this code, barcode or name, or None."""
    found = products_for(session, text)
    at = exact_match(text, found, product_names)
    return found[at] if at >= 0 else None


def customers_for(session: Any, text: str, country: str) -> tuple[Customer, ...]:
    """Return the customers to suggest: exact matches of name or address first, then those that begin so."""
    exact = customers_named(session, text, country)
    others = customers.suggest(session, text)
    return tuple({customer.key: customer for customer in exact + others}.values())


def customers_meant(session: Any, text: str, country: str) -> tuple[Customer, ...]:
    """Return the customer that Enter takes, or all that fit the text exactly; none if it fits no one."""
    if exact := customers_named(session, text, country):
        return exact
    found = customers_for(session, text, country)
    at = choice(text, found, country)
    return (found[at],) if at >= 0 else ()


def customers_named(session: Any, text: str, country: str) -> tuple[Customer, ...]:
    """Return the customers with exactly this e-mail address, phone number or name, as issuing would find them."""
    try:
        return customers.matching(session, read_contact(text, country))
    except Refused:
        return ()


def choice(text: str, found: Sequence[Customer], country: str) -> int:
    """Return the index of the customer that Enter takes, or -1: never one of several that fit exactly.

    Addresses and numbers match as a whole only.
    """
    try:
        contact = read_contact(text, country)
    except Refused:
        contact = Contact()
    if contact.email:
        exact = [at for at, one in enumerate(found) if comparable(one.email) == comparable(contact.email)]
    elif contact.phone:
        exact = [at for at, one in enumerate(found) if one.phone == contact.phone]
    else:
        exact = [at for at, one in enumerate(found) if same_name(one.name, text)]
    if exact or contact.email or contact.phone:
        return exact[0] if len(exact) == 1 else -1
    return match(text, found, customer_names)


def product_names(product: Product) -> tuple[str, ...]:
    """Return the texts that identify a product."""
    article = gtin(product.barcode)
    forms = [article[-length:] for length in _LENGTHS if article and not article[:-length].strip("0")]
    return product.barcode, product.code, product.name, *forms


def customer_names(customer: Customer) -> tuple[str, ...]:
    """Return the texts that identify a customer."""
    return customer.name, customer.email, customer.phone


def exact_match(text: str, found: Sequence[T], names: Callable[[T], tuple[str, ...]]) -> int:
    """Return the index of the exact match, ignoring case, or -1."""
    wanted = _plain(text)
    return next((at for at, one in enumerate(found) if wanted in map(_plain, names(one)) and wanted), -1)


def match(text: str, found: Sequence[T], names: Callable[[T], tuple[str, ...]]) -> int:
    """Return the index that Enter takes, or -1: the exact match, else the first if its numbers match as a whole."""
    at = exact_match(text, found, names)
    if at >= 0 or not found or len(text.strip()) < SHORTEST_BEGINNING:
        return at
    there = set(_words(" ".join(names(found[0]))))
    numbers = [word for word in _words(text) if any(mark.isdigit() for mark in word)]
    return 0 if all(word in there for word in numbers) else -1


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _words(text: str) -> list[str]:
    return "".join(mark if mark.isalnum() else " " for mark in text.casefold()).split()
