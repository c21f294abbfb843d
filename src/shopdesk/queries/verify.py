"""Verification of the data: journal, numbers, totals, payments and sums per day are recomputed and compared."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.errors import Refused
from shopdesk.domain.totals import calculate
from shopdesk.store import document_snapshots, rollups
from shopdesk.store import documents as kept
from shopdesk.store import journal as chain
from shopdesk.store.session import Session
from shopdesk.store.tables import documents, journal, series, tills

_BATCH = 200
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, Refused)
"""The errors of reading a value that this program never wrote."""


def violations(session: Session) -> Iterator[str]:
    """Yield every violation as one sentence; nothing when the data is correct."""
    for part in (journal_violations, number_violations, document_violations, rollup_violations):
        yield from part(session)


def counted(session: Session) -> tuple[int, int]:
    """Return the number of documents and of journal rows to verify."""
    return (
        session.execute(select(func.count()).select_from(documents)).scalar_one(),
        session.execute(select(func.count()).select_from(journal)).scalar_one(),
    )


def journal_violations(session: Session) -> Iterator[str]:
    """Yield the violations in every till's hash chain, from its first row to its last."""
    yield from chain.violations(session)


def number_violations(session: Session) -> Iterator[str]:
    """Yield the gaps in the number series: each must run from 1 to its last number."""
    rows = session.execute(select(series, tills.c.name).join_from(series, tills))
    for row in rows.all():
        prefix = f"{Kind(row.kind).letter}-{row.name}-{row.year}-"
        numbers = select(documents.c.number).where(
            documents.c.number >= prefix, documents.c.number < prefix + "\U0010ffff"
        )
        expected = 0
        for number in session.execute(numbers.order_by(func.length(documents.c.number), documents.c.number)).scalars():
            digits = number.removeprefix(prefix)
            if not digits.isdecimal():
                yield f"Number {number} does not fit its series."
                continue
            count = int(digits)
            for missing in range(expected + 1, count):
                yield f"Number {prefix}{missing:06d} is missing."
            expected = count
        if expected != row.last:
            yield f"Numbers {prefix}…: the counter is at {row.last}, but the last document has {expected}."


def document_violations(session: Session) -> Iterator[str]:
    """Yield the violations in each document's totals, payments and last journal snapshot."""
    last = UUID(int=0)
    while True:
        step = select(documents.c.key).where(documents.c.key > last).order_by(documents.c.key).limit(_BATCH)
        keys = list(session.execute(step).scalars())
        if not keys:
            return
        last = keys[-1]
        paid = dict(
            session.execute(select(documents.c.key, documents.c.paid_minor).where(documents.c.key.in_(keys))).all()
        )
        told = _last_snapshots(session, keys)
        for key in keys:
            try:
                document = kept.by_key(session, key)
            except _UNREADABLE as error:
                yield f"The document with key {key} cannot be read: {error!r}."
                continue
            yield from _violations_of(document, paid[key], told.get(key))


def rollup_violations(session: Session) -> Iterator[str]:
    """Yield the differences between the sums per day and the documents."""
    yield from rollups.violations(session)


def _violations_of(document: Document, paid_minor: int, told: bytes | None) -> Iterator[str]:
    again = calculate(
        [line.priced for line in document.lines],
        prices_include_tax=document.prices_include_tax,
        discount=document.discount,
    )
    if again != document.totals:
        yield f"{document.number}: its rows add up to {again.gross} minor units, not {document.totals.gross}."
    if paid_minor != document.paid.minor:
        yield f"{document.number}: its payments add up to {document.paid.minor} minor units, not {paid_minor}."
    if told is None:
        yield f"{document.number}: it is missing from the journal."
    elif told != _canonical(document_snapshots.to_facts(document)):
        yield f"{document.number}: it differs from its last journal entry."


def _last_snapshots(session: Session, keys: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return the last journal snapshot of each document, regardless of clocks; empty where it is unreadable."""
    rows: Any = session.execute(
        select(journal.c.document_key, journal.c.snapshot)
        .where(journal.c.document_key.in_(keys))
        .order_by(journal.c.at, journal.c.seq)
    )
    last: dict[UUID, Mapping[str, Any]] = {}
    unreadable = set()
    for key, snapshot in rows:
        try:
            facts = json.loads(zlib.decompress(snapshot))["document"]
            if key not in last or document_snapshots.progress(facts) >= document_snapshots.progress(last[key]):
                last[key] = facts
        except (zlib.error, ValueError, KeyError, TypeError):
            unreadable.add(key)
    return {key: _canonical(facts) for key, facts in last.items()} | dict.fromkeys(unreadable, b"")


def _canonical(facts: Mapping[str, Any]) -> bytes:
    """Return canonical JSON with the payments sorted by key: by time, they may be in another order than stored."""
    return document_snapshots.canonical({**facts, "payments": sorted(facts["payments"])})
