"""Queries about a customer's account: what is open, and the statement of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.customer import Balance
from shopdesk.domain.document import Kind
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.statement import OpenItem, Statement
from shopdesk.queries.accounts import permitted
from shopdesk.queries.keyset import rows_after
from shopdesk.store import customers as kept
from shopdesk.store import statements
from shopdesk.store.session import Session
from shopdesk.store.tables import UNPAID, documents


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDocument:
    """A document of a customer that is not settled: ``balance`` is positive where the customer owes it."""

    key: UUID
    number: str
    kind: Kind
    date_on: date
    due_on: date | None
    gross: Money
    paid: Money
    balance: Money

    def days_overdue(self, today: date) -> int:
        """Return the days since it was due, 0 while it is not."""
        return OpenItem(
            number=self.number, kind=self.kind, date_on=self.date_on, due_on=self.due_on, amount=self.balance.minor
        ).days_overdue(today)


def balances(session: Session, keys: Sequence[UUID], *, by: Actor) -> dict[UUID, Balance]:
    """Return what is open with each of some customers."""
    permitted(session, by, Right.SELL)
    found = statements.balances(session, keys)
    return {key: found.get(key, Balance()) for key in keys}


def open_documents(
    session: Session, *, customer_key: UUID, by: Actor, after: OpenDocument | None, limit: int = 200
) -> tuple[OpenDocument, ...]:
    """Return the next documents of a customer that are not settled, the oldest first."""
    permitted(session, by, Right.SELL)
    columns = documents.c
    order = (columns.date_on, columns.key)
    statement = select(documents).where(UNPAID, columns.customer_key.in_(kept.keys_of(session, customer_key)))
    if after is not None:
        here, last = rows_after(order, (after.date_on, after.key))
        statement = statement.where(here > last)
    rows = session.execute(statement.order_by(*order).limit(limit)).all()
    found = []
    for row in rows:
        currency = Currency.of(row.currency)
        found.append(
            OpenDocument(
                key=row.key,
                number=row.number,
                kind=Kind(row.kind),
                date_on=row.date_on,
                due_on=row.due_on,
                gross=Money(row.gross_minor, currency),
                paid=Money(row.paid_minor, currency),
                balance=Money(row.gross_minor - row.paid_minor, currency),
            )
        )
    return tuple(found)


def statement(session: Session, key: UUID, *, since: date, until: date, by: Actor) -> Statement:
    """Return the statement of a customer's account. Raise Refused for a period that is none or too long."""
    permitted(session, by, Right.SELL)
    return statements.read(session, key, since=since, until=until)
