"""The number report: every number of the series, what became of it, by whom, when and why; gaps are entries, too.

A period has the numbers of its documents, by the date of the document, and the gaps before and between them. A series
alone has all its numbers, from 1 to its counter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.document import Action, Kind, State
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.sentence import sentence
from shopdesk.queries.accounts import permitted
from shopdesk.store.session import Session
from shopdesk.store.tables import documents, journal, series, tills

_AT_ONCE = 500
_LEAST_DIGITS = 6


class NumberOutcome(StrEnum):
    """The fate of a number."""

    ISSUED = "issued"
    AMENDED = "amended"
    VOIDED = "voided"
    CORRECTED = "corrected"
    RETURNED = "returned"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRange:
    """Numbers of one series, from ``first`` to ``last``; with ``since`` and ``until`` only those dated in a period."""

    kind: Kind
    till: str
    year: int
    first: int
    last: int
    since: date | None = None
    until: date | None = None

    @property
    def prefix(self) -> str:
        """The beginning of all its numbers: “R-A-2026-”."""
        return f"{self.kind.letter}-{self.till}-{self.year}-"

    def number(self, count: int) -> str:
        """Return the number with this count."""
        return f"{self.prefix}{count:0{_LEAST_DIGITS}d}"

    def has(self, day: date) -> bool:
        """Return True if a document of this date belongs to the report."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberEntry:
    """One number, or a gap from ``count`` to ``last_count``, of which all but the number and the outcome is empty.

    ``acted_by``, ``approver``, ``acted_at`` and ``detail`` are those of the act that the outcome tells of, with the
    detail in the journal's words; ``amendments`` counts amendments.
    """

    prefix: str
    count: int
    last_count: int
    number: str
    outcome: NumberOutcome
    document_key: UUID | None = None
    kind: Kind
    date_on: date | None = None
    gross: Money | None = None
    buyer_name: str = ""
    issued_by: str = ""
    issued_at: datetime | None = None
    acted_by: str = ""
    approver: str = ""
    acted_at: datetime | None = None
    detail: str = ""
    amendments: int = 0
    corrects: str = ""
    corrected_by: str = ""
    replaces: str = ""
    replaced_by: str = ""

    @property
    def key(self) -> str:
        """Its place in a list."""
        return self.number


def all_series(session: Session, *, by: Actor) -> tuple[NumberRange, ...]:
    """Return every series with all its numbers, the newest year first."""
    permitted(session, by, Right.STATISTICS)
    return ranges(session)


def ranges_of(session: Session, *, since: date, until: date, by: Actor) -> tuple[NumberRange, ...]:
    """Return the numbers of a period, series by series. Raise NotAllowed, and Refused for days in the wrong order."""
    permitted(session, by, Right.STATISTICS)
    return ranges(session, since=since, until=until)


def ranges(session: Session, *, since: date | None = None, until: date | None = None) -> tuple[NumberRange, ...]:
    """Return the same for the command line, whose user can read the database in any case."""
    if since is not None and until is not None and since > until:
        raise Refused(sentence("The first day is after the last day."), field="since")
    rows = session.execute(
        select(series.c.kind, series.c.year, series.c.last, tills.c.name)
        .join_from(series, tills)
        .order_by(series.c.year.desc(), series.c.kind, tills.c.name)
    ).all()
    whole = (
        NumberRange(kind=Kind(row.kind), till=row.name, year=row.year, first=1, last=row.last, since=since, until=until)
        for row in rows
    )
    if since is None and until is None:
        return tuple(whole)
    return tuple(found for one in whole if (found := _dated(session, one)) is not None)


def page(
    session: Session, *, ranges: Sequence[NumberRange], by: Actor, after: NumberEntry | None = None, limit: int = 200
) -> tuple[NumberEntry, ...]:
    """Return the next entries after the last one shown."""
    permitted(session, by, Right.STATISTICS)
    return tuple(islice(entries(session, _following(ranges, after)), limit))


def entries(session: Session, ranges: Sequence[NumberRange]) -> Iterator[NumberEntry]:
    """Yield the entries of these numbers in order, read some hundred at a time."""
    for one in ranges:
        expected = one.first
        for rows in _rows(session, one):
            told = _Acts(session, rows)
            for count, row in rows:
                if count > expected:
                    yield _gap(one, expected, count - 1)
                expected = count + 1
                if one.has(row.date_on):
                    yield told.entry(one, count, row)
        if expected <= one.last:
            yield _gap(one, expected, one.last)


def _following(ranges: Sequence[NumberRange], after: NumberEntry | None) -> Sequence[NumberRange]:
    if after is None:
        return ranges
    at = next(place for place, one in enumerate(ranges) if one.prefix == after.prefix)
    return (replace(ranges[at], first=after.last_count + 1), *ranges[at + 1 :])


def _gap(of: NumberRange, first: int, last: int) -> NumberEntry:
    return NumberEntry(
        prefix=of.prefix,
        count=first,
        last_count=last,
        number=of.number(first),
        outcome=NumberOutcome.MISSING,
        kind=of.kind,
    )


# --- reading rows ---------------------------------------------------------------------------------------------------


def _of_series(of: NumberRange) -> ColumnElement[bool]:
    return and_(documents.c.number >= of.prefix, documents.c.number < of.prefix + "\U0010ffff")


def _rows(session: Session, of: NumberRange) -> Iterator[list[tuple[int, Any]]]:
    """Yield the documents of a range by their count, some hundred at a time.

    Numbers of the same length have the order of their counts, which is that of the index.
    """
    count = of.first - 1
    for digits in range(max(_LEAST_DIGITS, len(str(of.first))), max(_LEAST_DIGITS, len(str(of.last))) + 1):
        while True:
            last = min(of.last, 10**digits - 1)
            some = (
                select(documents)
                .where(
                    documents.c.number > f"{of.prefix}{count:0{digits}d}",
                    documents.c.number <= f"{of.prefix}{last:0{digits}d}",
                    func.length(documents.c.number) == len(of.prefix) + digits,
                )
                .order_by(documents.c.number)
                .limit(_AT_ONCE)
            )
            found = [(int(row.number.removeprefix(of.prefix)), row) for row in session.execute(some)]
            if not found:
                break
            yield found
            count = found[-1][0]


def _dated(session: Session, of: NumberRange) -> NumberRange | None:
    """Return the range from the first to the last number of a period, with the gaps at both ends; None for none."""
    length = func.length(documents.c.number)
    dated = select(documents.c.number).where(_of_series(of), documents.c.date_on.between(of.since, of.until))
    first = session.execute(dated.order_by(length, documents.c.number).limit(1)).scalar()
    if first is None:
        return None
    last = session.execute(dated.order_by(length.desc(), documents.c.number.desc()).limit(1)).scalar_one()
    every = select(documents.c.number).where(_of_series(of)).limit(1)
    before = session.execute(
        every.where(length <= len(first), documents.c.number < first).order_by(length.desc(), documents.c.number.desc())
    ).scalar()
    beyond = or_(length > len(last), and_(length == len(last), documents.c.number > last))
    is_last = session.execute(every.where(beyond)).first() is None
    begin = int(before.removeprefix(of.prefix)) + 1 if before else 1
    return replace(of, first=begin, last=of.last if is_last else int(last.removeprefix(of.prefix)))


_TOLD = (Action.ISSUE, Action.AMEND, Action.VOID, Action.CREDIT, Action.RETURN)
_OUTCOMES = {
    Action.ISSUE: NumberOutcome.ISSUED,
    Action.AMEND: NumberOutcome.AMENDED,
    Action.VOID: NumberOutcome.VOIDED,
    Action.CREDIT: NumberOutcome.CORRECTED,
    Action.RETURN: NumberOutcome.RETURNED,
}


class _Acts:
    """The acts on some documents, as the journal tells them, and the numbers of those that they belong with."""

    def __init__(self, session: Session, rows: Sequence[tuple[int, Any]]) -> None:
        keys = [row.key for _, row in rows]
        self._acts: dict[UUID, list[Any]] = {}
        acts = (
            select(journal.c.document_key, journal.c.act, journal.c.at, journal.c.by_name, journal.c.lender_name)
            .add_columns(journal.c.detail)
            .where(journal.c.document_key.in_(keys), journal.c.act.in_([act.value for act in _TOLD]))
            .order_by(journal.c.at, journal.c.seq)
        )
        for act in session.execute(acts):
            self._acts.setdefault(act.document_key, []).append(act)
        related = {key for _, row in rows for key in (row.corrects, row.replaces, row.corrected_by) if key}
        named = select(documents.c.key, documents.c.number, documents.c.issued_at).where(documents.c.key.in_(related))
        found = session.execute(named).all() if related else []
        self._numbers = {row.key: row.number for row in found}
        # A replacement is issued with the credit note, and instants have an index.
        notes = {row.corrected_by for _, row in rows}
        at = [row.issued_at for row in found if row.key in notes]
        replacing = select(documents.c.replaces, documents.c.number).where(
            documents.c.issued_at.in_(at), documents.c.replaces.in_(keys)
        )
        self._replaced_by: dict[UUID, str] = dict(session.execute(replacing).all()) if at else {}

    def entry(self, of: NumberRange, count: int, row: Any) -> NumberEntry:
        """Return what became of a document's number."""
        acts = self._acts.get(row.key, [])
        last = acts[-1] if acts else None
        outcome = _OUTCOMES[Action(last.act)] if last else NumberOutcome.ISSUED
        if row.state != State.ISSUED.value:
            outcome = NumberOutcome.VOIDED if row.state == State.VOIDED.value else NumberOutcome.CORRECTED
        return NumberEntry(
            prefix=of.prefix,
            count=count,
            last_count=count,
            number=row.number,
            outcome=outcome,
            document_key=row.key,
            kind=Kind(row.kind),
            date_on=row.date_on,
            gross=Money(row.gross_minor, Currency.of(row.currency)),
            buyer_name=row.buyer_name,
            issued_by=row.issued_by,
            issued_at=row.issued_at,
            acted_by=last.by_name if last else "",
            approver=last.lender_name if last else "",
            acted_at=last.at if last else None,
            detail=last.detail if last else "",
            amendments=sum(act.act == Action.AMEND.value for act in acts),
            corrects=self._numbers.get(row.corrects, ""),
            corrected_by=self._numbers.get(row.corrected_by, ""),
            replaces=self._numbers.get(row.replaces, ""),
            replaced_by=self._replaced_by.get(row.key, ""),
        )
