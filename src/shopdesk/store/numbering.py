"""Document numbers: assigned in the issuing transaction, so that a rollback leaves no gap."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select, update

from shopdesk.domain.document import Kind
from shopdesk.domain.shop import Till, number_in_series
from shopdesk.store.session import Session, insert
from shopdesk.store.tables import series

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


def next_number(session: Session, *, till: Till, kind: Kind, on: date) -> str:
    """Return the till's next number for this kind and year. Its row is locked until the transaction ends."""
    this = {"till": till.key, "of_kind": kind.value, "in_year": on.year}
    count = session.execute(_RAISE, this).scalar()
    if count is None:
        _begin(session, till=till, kind=kind, year=on.year)
        count = session.execute(_RAISE, this).scalar_one()
    return number_in_series(kind.letter, till.name, on, count)


def number_ahead(session: Session, *, till: Till, kind: Kind, on: date) -> str:
    """Return the number that the till's next document of this kind and year gets, without taking it."""
    here = select(series.c.last).where(
        series.c.till_key == till.key, series.c.kind == kind.value, series.c.year == on.year
    )
    return number_in_series(kind.letter, till.name, on, (session.execute(here).scalar() or 0) + 1)


def _begin(session: Session, *, till: Till, kind: Kind, year: int) -> None:
    row = {"till_key": till.key, "kind": kind.value, "year": year, "last": 0}
    session.execute(insert(series, session.dialect).values(row).on_conflict_do_nothing())
