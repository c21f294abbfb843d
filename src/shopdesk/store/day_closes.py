"""The closes of the day in the database: each with its Z report, whose numbers have no gap; never changed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select

from shopdesk.domain.activity import Activity
from shopdesk.domain.business_day import DayClose
from shopdesk.domain.sales_report import SalesReport, TillSpan
from shopdesk.store import document_snapshots, journal, report_snapshots, sales_reports
from shopdesk.store.session import Session
from shopdesk.store.tables import day_closes
from shopdesk.store.tables import journal as chain

FACTS = "report"
"""The name of the Z report in the journal row of its close."""


def add(session: Session, close: DayClose, report: SalesReport) -> None:
    """Insert a close of the day with its Z report."""
    row = {
        "key": close.key,
        "closed_at": close.at,
        "until_on": close.until,
        "by_key": close.by_key,
        "by_name": close.by_name,
        "documents": close.sealed,
        "number": close.number,
        "report": report_snapshots.to_text(report),
    }
    session.execute(insert(day_closes), row)


def find(session: Session, key: UUID) -> DayClose | None:
    """Return a close by its key, or None: the button was pressed twice."""
    return next(_closes(session, _CLOSES.where(day_closes.c.key == key)), None)


def last(session: Session) -> DayClose | None:
    """Return the last close, or None: the one with the highest number, else the latest."""
    rows = _CLOSES.order_by(func.coalesce(day_closes.c.number, 0).desc(), day_closes.c.closed_at.desc()).limit(1)
    return next(_closes(session, rows), None)


def report(session: Session, number: int) -> SalesReport | None:
    """Return a Z report, or None."""
    text = session.execute(select(day_closes.c.report).where(day_closes.c.number == number)).scalar()
    return report_snapshots.from_text(text) if text else None


def last_report(session: Session) -> SalesReport | None:
    """Return the last Z report, or None before the first."""
    text = session.execute(_LAST_REPORT).scalar()
    return report_snapshots.from_text(text) if text else None


def page(session: Session, *, before: int | None, limit: int) -> tuple[DayClose, ...]:
    """Return the closes with a Z report, the newest first: those ``before`` a number."""
    rows = _CLOSES.where(day_closes.c.number.is_not(None)).order_by(day_closes.c.number.desc()).limit(limit)
    return tuple(_closes(session, rows if before is None else rows.where(day_closes.c.number < before)))


def spans_since(session: Session, before: SalesReport | None) -> tuple[TillSpan, ...]:
    """Return what the tills wrote into their journals since a Z report, or since the last close without one."""
    known = (
        {span.till_key: span.until_seq for span in before.figures.tills} if before else _closed_without_report(session)
    )
    return tuple(
        TillSpan(
            till_key=head.till_key,
            till=head.till,
            after_seq=known.get(head.till_key, 0),
            until_seq=head.seq,
            head=head.hash,
        )
        for head in journal.heads(session)
    )


def violations(session: Session, *, since: datetime | None = None) -> Iterator[str]:
    """Yield the Z reports that differ from the journal or from the documents, and the gaps in their numbers.

    The figures of those made before ``since`` are not summed again.
    """
    told = _told(session)
    before: SalesReport | None = None
    rows = select(day_closes.c.number, day_closes.c.report, day_closes.c.closed_at, day_closes.c.key)
    for number, text, at, key in session.execute(rows.where(day_closes.c.number.is_not(None)).order_by("number")):
        expected = before.number + 1 if before else 1
        if number != expected:
            yield f"Z report {expected} is missing."
        if told.pop(number, None) != (text, str(key)):
            yield f"Z report {number}: it differs from the journal."
        one = report_snapshots.from_text(text)
        if (one.number, one.made_at) != (number, at):
            yield f"Z report {number}: it is stored with another number or time."
        yield from _order_violations(one, before)
        if (since is None or at >= since) and sales_reports.figures(session, one.figures.tills) != one.figures:
            yield f"Z report {one.number}: it differs from the documents, payments and shifts of its day."
        before = one
    for number in told:
        yield f"Z report {number} in the journal is missing from the closed days."


def _order_violations(one: SalesReport, before: SalesReport | None) -> Iterator[str]:
    if one.total_before != (before.running_total if before else 0):
        yield f"Z report {one.number}: its running total does not continue that of the report before."
    ends = _ends(before) if before else {}
    if any(span.after_seq != ends.get(span.till_key, span.after_seq) for span in one.figures.tills):
        yield f"Z report {one.number}: it does not begin where the report before ends."


def _ends(report: SalesReport) -> dict[UUID, int]:
    return {span.till_key: span.until_seq for span in report.figures.tills}


def _told(session: Session) -> dict[int, tuple[str, str]]:
    """Return the reports in the journal as canonical text, with the key of the close, by number."""
    told = {}
    closed = (chain.c.document_key.is_(None), chain.c.act == Activity.CLOSED.value)
    for snapshot in session.execute(select(chain.c.snapshot).where(*closed)).scalars():
        with suppress(zlib.error, ValueError, KeyError, TypeError):  # the journal's own check reports it
            facts = journal.facts_of(snapshot)
            if FACTS in facts:
                told[facts[FACTS]["number"]] = (_text(facts[FACTS]), facts["close"])
    return told


def _text(facts: Mapping[str, Any]) -> str:
    return document_snapshots.canonical(facts).decode()


def _closed_without_report(session: Session) -> dict[UUID, int]:
    """Return the last row of each journal that a close without a Z report covers, by the clocks of the tills."""
    at = session.execute(select(func.max(day_closes.c.closed_at)).where(day_closes.c.number.is_(None))).scalar()
    if at is None:
        return {}
    rows = select(chain.c.till_key, func.max(chain.c.seq)).where(chain.c.at <= at).group_by(chain.c.till_key)
    return dict(session.execute(rows).all())


_LAST_REPORT = (
    select(day_closes.c.report).where(day_closes.c.number.is_not(None)).order_by(day_closes.c.number.desc()).limit(1)
)
_COLUMNS = (column for column in day_closes.c if column is not day_closes.c.report)
_CLOSES = select(*_COLUMNS)


def _closes(session: Session, rows: Select[Any]) -> Iterator[DayClose]:
    for row in session.execute(rows):
        yield DayClose(
            key=row.key,
            number=row.number,
            until=row.until_on,
            at=row.closed_at,
            by_key=row.by_key,
            by_name=row.by_name,
            sealed=row.documents,
        )
