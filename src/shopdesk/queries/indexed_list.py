"""Reads a page of a list from indexes only: it never reads a whole table, and never sorts most of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union_all

from shopdesk.queries.keyset import rows_after
from shopdesk.store.session import Session
from shopdesk.store.unindexed import unindexed, unordered

FEW = 2000
"""So many rows are looked at one by one and sorted in any case, rather than met along the index of an order."""
MOST = 12_000
"""The most rows that are sorted, if few of the next rows are among them: of a million, more are met sooner."""
MOST_IN_ORDER = 60_000
"""The same for keys from an index with the order, which is sorted without a look at the rows."""
_SAMPLE, _MANY, _SOME = 300, 12, 3
"""If so many of that many next rows match, a page is soon full along the index of an order; some fill a short list."""

Keys = Select[tuple[UUID]]
Seen = Callable[[ColumnElement[Any]], ColumnElement[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a list. ``holds`` returns it in terms of the columns as given: ``indexed`` or ``unindexed``.

    ``keys`` are the rows that meet it, read from an index of their own. ``leads`` are the orders that an index has
    within the condition. With ``is_rough``, others are in these indexes, too. With ``is_searched``, all keys together
    are costly to find, but may be sorted if they are not many; with ``has_order``, in the index that they are from.
    """

    holds: Callable[[Seen], ColumnElement[bool]]
    keys: Keys | None = None
    leads: frozenset[str] = frozenset()
    is_rough: bool = False
    is_searched: bool = False
    has_order: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPosition:
    """A place in a list of rows with this ``key``: after the row with the values ``last`` in the columns of its order.

    ``last`` is None before the first row. The columns are those of an index, ``order`` its name in ``Condition.leads``.
    """

    key: ColumnElement[UUID]
    columns: tuple[ColumnElement[Any], ...]
    descending: bool
    last: tuple[Any, ...] | None
    order: str = ""

    def rows(self, session: Session, wanted: Select[Any], parts: Sequence[Condition], limit: int) -> Sequence[Any]:
        """Return the next rows that meet all parts."""
        return session.execute(self._page(session, wanted, parts, limit)).all()

    def rows_of_any(
        self, session: Session, wanted: Select[Any], choices: Iterable[Sequence[Condition]], limit: int
    ) -> Sequence[Any]:
        """Return the next rows that meet all parts of any choice; each choice is read by its own index."""
        pages = [self._page(session, select(self.key), parts, limit) for parts in choices]
        if not pages:
            return ()
        keys = union_all(*(select(page.subquery().c.key) for page in pages))
        return session.execute(self._following(wanted.where(self.key.in_(keys)), limit, unordered)).all()

    def _page(self, session: Session, wanted: Select[Any], parts: Sequence[Condition], limit: int) -> Select[Any]:
        lead = next((part for part in parts if self.order in part.leads), None)
        others = [part for part in parts if part is not lead]
        is_met = lead is not None and not others and not lead.is_rough  # every row of the index is in the list
        few = (
            None if is_met else next((part for part in parts if self._are_few(session, part, len(parts), limit)), None)
        )
        if few is not None and few.keys is not None:
            keys = few.keys
            if few.has_order and len(parts) == 1:
                keys = self._following(keys, limit, unordered)
            rest = [part.holds(unindexed) for part in parts if part is not few or part.is_rough]
            return self._following(wanted.where(self.key.in_(keys), *rest), limit, unordered)
        if lead is not None:
            wanted = wanted.where(lead.holds(indexed))
        return self._following(wanted.where(*(part.holds(unindexed) for part in others)), limit, indexed)

    def _are_few(self, session: Session, part: Condition, parts: int, limit: int) -> bool:
        """Return True if the keys of a part are better sorted than met along the index of the order."""
        if part.keys is None:
            return False
        is_sorted_there = part.is_searched and part.has_order
        if not is_sorted_there and self._count(session, part, FEW) <= FEW:
            return True
        met = self._count_next(session, part)
        if met >= (_MANY if part.has_order else max(_SOME, limit // 16)):
            return False
        if part.is_searched and not part.has_order:
            return True
        if is_sorted_there and parts == 1:  # without any among the next, there may be many behind them
            return met > 0 or self._count(session, part, MOST_IN_ORDER) <= MOST_IN_ORDER
        return self._count(session, part, MOST) <= MOST

    def _count(self, session: Session, part: Condition, most: int) -> int:
        """Return the number of a part's keys, or ``most`` + 1 if there are more."""
        if part.keys is None:
            return most + 1
        counted = select(func.count()).select_from(part.keys.limit(most + 1).subquery())
        return session.execute(counted).scalar_one()

    def _count_next(self, session: Session, part: Condition) -> int:
        """Return how many of the next rows meet a part."""
        following = self._following(select(self.key), _SAMPLE, indexed)
        found = select(func.count()).where(self.key.in_(following), part.holds(unindexed))
        return session.execute(found).scalar_one()

    def _following(self, wanted: Select[Any], limit: int, seen: Seen) -> Select[Any]:
        columns = tuple(seen(column) for column in self.columns)
        if self.last is not None:
            here, last = rows_after(columns, self.last)
            wanted = wanted.where(here < last if self.descending else here > last)
        return wanted.order_by(*(one.desc() if self.descending else one.asc() for one in columns)).limit(limit)


def indexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the column as it is: its index may be used."""
    return column
