"""The values of people, settings, tax rates and prices as the journal tells them, so that ``verify`` can compare them.

A journal row without a document carries each value that it changed, before and after; of a new person, rate or product
the first values alone. Hashes and addresses stand there as a mark only (the first eight bytes of their SHA-256).

Which value is the last one needs no clock of a till, see ``_last``.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from sys import intern
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from shopdesk.domain.product import Product
from shopdesk.store import document_snapshots
from shopdesk.store.accounts import fingerprint, lock
from shopdesk.store.session import Session
from shopdesk.store.tables import accounts, credentials, identities, journal, products, shop, tax_rates

PERSON, SHOP, RATE, PRODUCT = "person", "shop", "rate", "product"
THE_SHOP = ""
"""The key of the shop's own values."""

Value = str | int | None
Values = Mapping[str, Value]
Subject = tuple[str, str]
"""A kind, and the key of one of that kind."""
Stored = dict[Subject, Values]

_OF_SHOP = tuple(column.name for column in shop.c if column.name != "id")
_OF_RATE = ("name", "rate_milli", "category", "is_default", "is_retired", "reason")
_NAMED = {
    "user_name_folded": "name to sign in with",
    "standing": "status",
    "pin": "PIN",
    "email": "e-mail address",
    "providers": "sign-in by providers",
    "rate_milli": "rate in thousandths of a per cent",
    "cashier_discount_milli": "discount for cashiers in thousandths of a per cent",
    "is_default": "mark as the default",
    "is_retired": "mark as retired",
}
_KINDS = {PERSON: "person", SHOP: "shop", RATE: "tax rate", PRODUCT: "product"}
_MARKED = frozenset({"email", "password", "pin", "providers"})
"""The values of a person of which the journal has a mark only."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """The values of one subject that changed: each before and after, or alone where the subject is new."""

    subject: Subject
    values: Mapping[str, Sequence[Value]]

    @property
    def facts(self) -> list[Any]:
        """The change as JSON types."""
        return [*self.subject, {name: list(value) for name, value in self.values.items()}]


def everything(session: Session) -> Stored:
    """Return all values that the journal tells of, as they are stored now."""
    return people(session) | settings(session) | prices(session)


def people(session: Session) -> Stored:
    """Return the values of all people."""
    linked: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(select(identities).order_by(identities.c.issuer, identities.c.subject)):
        linked[row.account_key].append(row)
    return {
        (PERSON, row.key.hex): _of_account(row, linked.get(row.key, ())) for row in session.execute(select(accounts))
    }


def person(session: Session, key: UUID) -> Stored:
    """Return the values of one person, who is held until the transaction ends: of two changes one comes after."""
    lock(session)
    row = session.execute(select(accounts).where(accounts.c.key == key)).one()
    linked = select(identities).where(identities.c.account_key == key)
    in_order = linked.order_by(identities.c.issuer, identities.c.subject)
    return {(PERSON, key.hex): _of_account(row, session.execute(in_order))}


def settings(session: Session) -> Stored:
    """Return the values of the shop and of its tax rates."""
    stored: Stored = {}
    for row in session.execute(select(shop)):
        stored[SHOP, THE_SHOP] = {name: row._mapping[name] for name in _OF_SHOP}
    for row in session.execute(select(tax_rates)):
        stored[RATE, row.key.hex] = {name: row._mapping[name] for name in _OF_RATE}
    return stored


def prices(session: Session) -> Stored:
    """Return the prices and taxes of all products."""
    columns = (products.c.key, products.c.price_centi, products.c.tax_key)
    return {(PRODUCT, key.hex): _of_product(price, tax) for key, price, tax in session.execute(select(*columns))}


def price(product: Product | None) -> Stored:
    """Return the price and the tax of a product; nothing without one."""
    if product is None:
        return {}
    return {(PRODUCT, product.key.hex): _of_product(product.price, product.tax_key)}


def _each(session: Session) -> Iterator[tuple[Subject, Values]]:
    """Yield the same as ``everything``, without holding the prices of all products at once."""
    yield from people(session).items()
    yield from settings(session).items()
    columns = (products.c.key, products.c.price_centi, products.c.tax_key)
    with session.streamed(select(*columns)) as rows:
        for key, price_centi, tax in rows:
            yield (PRODUCT, key.hex), _of_product(price_centi, tax)


def changes(before: Stored, after: Stored) -> list[ValueChange]:
    """Return what is new or another than before."""
    found = []
    for subject, values in after.items():
        old = before.get(subject)
        if old is None:
            found.append(ValueChange(subject, {name: (value,) for name, value in values.items()}))
        elif old != values:
            changed = {name: (old[name], value) for name, value in values.items() if old[name] != value}
            found.append(ValueChange(subject, changed))
    return found


def _of_product(price: int, tax: UUID | None) -> Values:
    return {"price": price, "tax": tax.hex if tax else None}


def _of_account(row: Row[Any], linked: Iterable[Row[Any]]) -> Values:
    providers = json.dumps([(one.issuer, one.subject, one.label) for one in linked])
    return {
        "user_name": row.user_name,
        "user_name_folded": row.user_name_folded,
        "name": row.name,
        "email": fingerprint(row.email),
        "role": row.role,
        "standing": row.standing,
        "password": row.password_mark,
        "pin": row.pin_mark,
        "providers": fingerprint(providers),
    }


# --- verification -----------------------------------------------------------------------------------------------------


def violations(session: Session) -> Iterator[str]:
    """Compare what is stored with the journal, and yield a sentence for each difference."""
    yield from _mark_violations(session)
    told = _told(session)
    if not told and session.execute(select(shop.c.id)).first() is None:
        return  # people who came before the shop was set up: its first entry tells of them
    for subject, values in _each(session):
        of_subject = told.pop(subject, None)
        if of_subject is None:
            yield f"{_name(session, subject)} is not in the journal."
            continue
        for name, value in values.items():
            # A value that is younger than its subject is told from its first change on.
            if name in of_subject and (right := _last(of_subject[name])) != value:
                yield _sentence(session, subject, name, value, right)
    for kind, key in told:
        yield f"The {_KINDS.get(kind, kind)} with key {key} is in the journal, but no more in the database."


def _mark_violations(session: Session) -> Iterator[str]:
    """Compare the marks of passwords and PINs with their hashes, where this database's user may read them."""
    if session.dialect == "postgresql":
        readable = text("SELECT has_table_privilege('credentials', 'SELECT')")
        if not session.execute(readable).scalar():
            return
    hashes = (credentials.c.password_hash, credentials.c.pin_hash)
    for row in session.execute(select(accounts, *hashes).outerjoin(credentials)):
        for name, what in (("password", "password"), ("pin", "PIN")):
            if fingerprint(row._mapping[f"{name}_hash"]) != row._mapping[f"{name}_mark"]:
                yield f"{_name(session, (PERSON, row.key.hex))}: its {what} is not as the journal tells."


def _told(session: Session) -> dict[Subject, dict[str, list[Sequence[Value]]]]:
    """Return the steps of each value in the journal, by the clocks of the tills."""
    told: dict[Subject, dict[str, list[Sequence[Value]]]] = {}
    rows = select(journal.c.snapshot).where(journal.c.document_key.is_(None)).order_by(journal.c.at, journal.c.seq)
    with session.streamed(rows, at_once=10) as snapshots:
        for snapshot in snapshots.scalars():
            with suppress(zlib.error, ValueError):  # the journal's own check reports it
                changed = json.loads(document_snapshots.unpacked(snapshot)).get("values", [])
                changed.reverse()
                while changed:  # given back one by one: a row of an upgrade may tell a hundred thousand prices
                    kind, key, values = changed.pop()
                    of_subject = told.setdefault((intern(kind), key), {})
                    for name, step in values.items():
                        of_subject.setdefault(intern(name), []).append(tuple(step))
    return told


def _last(steps: Sequence[Sequence[Value]]) -> Value:
    """Return the value that came once more than it went: the last one, whatever the clocks of the tills say.

    Where none does, a step is missing: the value was changed without an entry, and by the program later. Then the
    latest step counts.
    """
    if len(steps) > 1:
        count = Counter(after for *_, after in steps)
        count.subtract(before for before, _ in (step for step in steps if len(step) > 1))
        left = +count
        if left.total() == 1:
            return next(iter(left))
    return steps[-1][-1]


def _sentence(session: Session, subject: Subject, name: str, value: Value, right: Value) -> str:
    what = f"{_name(session, subject)}: its {_NAMED.get(name, name.replace('_', ' '))}"
    if name in _MARKED and subject[0] == PERSON:
        return f"{what} is not as the journal tells."
    return f"{what} is “{value}”, but “{right}” in the journal."


def _name(session: Session, subject: Subject) -> str:
    kind, key = subject
    if kind == SHOP:
        return "The shop"
    if kind == RATE:
        return f"Tax rate {session.execute(select(tax_rates.c.name).where(tax_rates.c.key == UUID(key))).scalar()}"
    name, code = (accounts.c.name, accounts.c.user_name) if kind == PERSON else (products.c.name, products.c.code)
    found = session.execute(select(name, code).where(name.table.c.key == UUID(key))).one()
    return f"{_KINDS[kind].capitalize()} {found[0]} ({found[1]})"
