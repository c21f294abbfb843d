"""Copy what one needs to practise into an empty file: the shop, its taxes, tills, people and products.

No document, journal, message or draft is copied; of customers only the name, and no name that is an e-mail address or
a phone number; of people neither e-mail address nor password, PIN or provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select

from shopdesk.domain.customer import Customer
from shopdesk.domain.errors import Refused
from shopdesk.domain.sentence import sentence
from shopdesk.store import accounts as people
from shopdesk.store import customers as kept
from shopdesk.store import journal, products, search
from shopdesk.store.database import Database
from shopdesk.store.session import Session, long_running
from shopdesk.store.tables import accounts, customers, logos, search_words, shop, tax_rates, tills
from shopdesk.store.tables import products as catalogue

_BATCH = 1000
_MOST_CUSTOMERS = 1000


def copy(origin: Session, target: Database, *, password_hash: str, at: datetime) -> None:
    """Copy what ``origin`` has into ``target``, which is migrated and empty. Raise Refused if there is no shop yet.

    Everyone gets the password of ``password_hash``, so that each role can be tried.
    """
    of_person: dict[str, Any] = {"email": "", "password_mark": None, "pin_mark": None}
    of_till: dict[str, Any] = {"journal_seq": 0, "journal_hash": journal.BEGINNING}
    with target.engine.begin() as connection, long_running(connection), long_running(origin.connection):
        copied = Session(connection)
        tables: tuple[tuple[Table, dict[str, Any]], ...] = (
            (logos, {}), (shop, {}), (tax_rates, {}), (tills, of_till), (accounts, of_person), (catalogue, {}),
        )  # fmt: skip
        for table, own in tables:
            for rows in _batches(origin, table):
                copied.execute(insert(table), [row | own for row in rows])
        for key in copied.execute(select(accounts.c.key)).scalars().all():
            people.change(copied, key, password_hash=password_hash)
        language = copied.execute(select(shop.c.language)).scalar()
        if language is None:
            raise Refused(sentence("There is no shop to practise with yet. Set it up first."))
        words = select(search_words).where(search_words.c.kind.in_(search.kinds(products.SEARCH)))
        for rows in _partitions(origin, words):
            copied.execute(insert(search_words), rows)
        kept.add_all(copied, list(_names(origin)), language=language, at=at)


def _names(origin: Session) -> Iterator[Customer]:
    """Yield customers with their name and language alone."""
    columns = customers.c
    rows = origin.execute(
        select(columns.key, columns.name, columns.language)
        .where(
            columns.merged_into.is_(None),
            columns.erased_at.is_(None),
            columns.name.not_like("%@%"),
            columns.name != columns.phone,
        )
        .order_by(columns.sort_key, columns.key)
        .limit(_MOST_CUSTOMERS)
    )
    for row in rows:
        yield Customer(key=row.key, name=row.name, language=row.language)


def _batches(origin: Session, table: Table) -> Iterator[list[dict[str, Any]]]:
    return _partitions(origin, select(table).order_by(*table.primary_key.columns))


def _partitions(origin: Session, statement: Any) -> Iterator[list[dict[str, Any]]]:
    rows = origin.execute(statement.execution_options(yield_per=_BATCH))
    for partition in rows.mappings().partitions(_BATCH):
        yield [dict(row) for row in partition]
