"""Document numbers: assigned in the issuing transaction, so that a rollback leaves no gap."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from shopdesk.domain.document import Kind
from shopdesk.domain.letters import without_accents
from shopdesk.domain.shop import Till, number_in_series
from shopdesk.store.session import Session, insert
from shopdesk.store.tables import series, tills

_RAISE = (
    update(series)
    .where(
        series.c.till_key == bindparam("till"),
        series.c.kind == bindparam("of_kind"),
        series.c.year == bindparam("in_year"),
    )
    .values(last=series.c.last + 1)
    .returning(series.c.last)
)


_SERIES = select(series.c.kind, series.c.year, series.c.last, tills.c.name).join_from(series, tills)


def next_number(session: Session, *, till: Till, kind: Kind, on: date) -> str:
    """Return the till's next number for this kind and year. Its row is locked until the transaction ends."""
    this = {"till": till.key, "of_kind": kind.value, "in_year": on.year}
    count = session.fetch_value(_RAISE, this)
    if count is None:
        _begin(session, till=till, kind=kind, year=on.year)
        count = session.fetch_value(_RAISE, this)
    return number_in_series(kind.letter, till.name, on, count)


def number_ahead(session: Session, *, till: Till, kind: Kind, on: date) -> str:
    """Return the number that the till's next document of this kind and year gets, without taking it."""
    here = select(series.c.last).where(
        series.c.till_key == till.key, series.c.kind == kind.value, series.c.year == on.year
    )
    return number_in_series(kind.letter, till.name, on, (session.execute(here).scalar() or 0) + 1)


def numbers_typed(session: Session, text: str) -> list[str]:
    """Return the document numbers that a search text may stand for: whole, or from the till, year or count on.

    Zeros and dashes may be missing: “2026-1” is R-A-2026-000001, and I-A-2026-000001, if they exist.
    """
    parts = re.findall("[A-Z0-9]+", without_accents(text).upper())
    typed = "".join(parts)
    if not typed[-1:].isdigit():
        return []
    rows = session.execute(_SERIES)
    return [number for row in rows for number in _in_series(typed, row, is_split=len(parts) > 1)]


def beginnings(session: Session, first: int, last: int) -> list[str]:
    """Return what the numbers of each series of some years begin with."""
    rows = [row for row in session.execute(_SERIES) if first <= row.year <= last]
    return [f"{Kind(row.kind).letter}-{row.name}-{row.year}-" for row in rows]


@dataclass(frozen=True, slots=True)
class SeriesBegun:
    """The series whose numbers begin with a text: their kind, and where it names a till, their first and last year.

    ``is_whole`` is True for a text with the whole name of a till and the dash behind it.
    """

    kind: Kind
    years: tuple[int, int] | None
    is_whole: bool = False


def names_a_till(text: str) -> bool:
    """Return True if a text is the beginning of a number with at least a letter of the till: “R-A”."""
    return re.match("[A-Z]-.", text.upper()) is not None


def series_begun(session: Session, begun: str) -> SeriesBegun | None:
    """Return the series of numbers that begin with a text, in capital letters; None where no number does."""
    kind = next((kind for kind in Kind if begun[:1] == kind.letter), None)
    if kind is None:
        return None
    if begun in {kind.letter, f"{kind.letter}-"}:
        return SeriesBegun(kind, None)
    of_kind = [row for row in session.execute(_SERIES) if row.kind == kind.value]
    heads = {(row.year, f"{kind.letter}-{row.name}-") for row in of_kind}
    years = [year for year, head in heads if f"{head}{year}-".startswith(begun) or begun.startswith(f"{head}{year}-")]
    is_whole = any(begun.startswith(head) for _, head in heads)
    return SeriesBegun(kind, (min(years), max(years)), is_whole) if years else None


def _in_series(typed: str, row: Any, *, is_split: bool) -> Iterator[str]:
    kind, year = Kind(row.kind), str(row.year)
    beginnings = {kind.letter + row.name + year, row.name + year, year} | (set() if is_split else {""})
    counts = {
        int(typed[len(one) :])
        for one in beginnings
        if re.fullmatch("[0-9]{1,18}", typed[len(one) :]) and typed.startswith(one)
    }
    for count in counts:
        if 0 < count <= row.last:
            yield number_in_series(kind.letter, row.name, date(row.year, 1, 1), count)


def _begin(session: Session, *, till: Till, kind: Kind, year: int) -> None:
    row = {"till_key": till.key, "kind": kind.value, "year": year, "last": 0}
    session.execute(insert(series, session.dialect).values(row).on_conflict_do_nothing())
