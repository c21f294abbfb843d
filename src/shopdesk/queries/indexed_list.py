"""Reads a page of a list from indexes only: it never reads a whole table, and never sorts most of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union_all

from shopdesk.queries.keyset import rows_after
from shopdesk.store.session import Session
from shopdesk.store.unindexed import as_few, is_among, one_by_one, unindexed, unordered

FEW = 1000
"""So many rows are sorted in any case, rather than met along the index of an order."""
MOST = 12_000
"""So many are sorted if there are not enough of them not far along the order."""
FEW_IN_ORDER = 30_000
"""So many are sorted in any case by what their own index has, if nothing else is asked of them."""
FEW_LOOKED_UP, MOST_LOOKED_UP, MOST_FAR_OFF = 3500, 30_000, 70_000
"""From how many keys on they are not sorted, but read at once to look up among them what is met, and up to how many.

The last is for keys of which the next rows have none.
"""
FAR, _FAR_FOR_EACH = 60_000, 8
"""So many rows at most, and for each key, are looked up before the keys are rather sorted."""
FAR_AMONG = 20_000
"""The same for ``Condition.among``: the rows themselves are still more than its keys."""
_SAMPLE, _MANY, _MANY_AMONG = 300, 12, 60
"""If so many of that many next rows match, a page is soon full along the index of an order, asking each row.

The last is for ``Condition.among``: there, looking up is quicker than asking until a page is full at once.
"""

Keys = Select[tuple[UUID]]
Seen = Callable[[ColumnElement[Any]], ColumnElement[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The entries of an index of another table that has the columns of an order; a row of the list may have several.

    ``key`` is the key of the row, ``columns`` are copies of its columns of the order, ``where`` is the condition.
    """

    key: ColumnElement[UUID]
    columns: tuple[ColumnElement[Any], ...]
    where: tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a list. ``holds`` returns it in terms of the columns as given: ``indexed`` or ``unindexed``.

    ``keys`` are the rows that meet it, read from an index of their own. ``leads`` are the orders that an index has
    within the condition. With ``is_rough``, others are in these indexes, too. With ``has_order``, the index that the
    keys are from has the columns of the order. With ``is_costly``, asking a row means a look into another table.
    ``among`` is a column of the row and the keys, many, that it is one of, where these are fewer than the rows.
    ``entries`` are those of the index in ``leads``, where that is of another table. ``ranges`` are values of the first
    column of the order, from and before: all rows that meet the condition are between them.
    """

    holds: Callable[[Seen], ColumnElement[bool]]
    keys: Keys | None = None
    leads: frozenset[str] = frozenset()
    is_rough: bool = False
    has_order: bool = False
    is_costly: bool = False
    among: tuple[ColumnElement[UUID | None], Keys] | None = None
    entries: Entries | None = None
    ranges: Sequence[tuple[Any, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPosition:
    """A place in a list of rows with this ``key``: after the row with the values ``last`` in the columns of its order.

    ``last`` is None before the first row. The columns are those of an index, ``order`` its name in ``Condition.leads``.
    With ``is_clustered``, rows that a condition finds stand together in the order, as names that begin alike do: the
    next rows tell of no page but their own, and if none of them is found, all may be far off.
    """

    key: ColumnElement[UUID]
    columns: tuple[ColumnElement[Any], ...]
    descending: bool
    last: tuple[Any, ...] | None
    order: str = ""
    is_clustered: bool = False

    def rows(self, session: Session, wanted: Select[Any], parts: Sequence[Condition], limit: int) -> Sequence[Any]:
        """Return the next rows that meet all parts."""
        found = self._page(session, wanted, parts, limit)
        return session.execute(found).all() if isinstance(found, Select) else found

    def rows_of_any(
        self, session: Session, wanted: Select[Any], choices: Iterable[Sequence[Condition]], limit: int
    ) -> Sequence[Any]:
        """Return the next rows that meet all parts of any choice; each choice is read by its own index."""
        choices = list(choices)
        if len(choices) < 2:
            return self.rows(session, wanted, choices[0], limit) if choices else ()
        found = [self._page(session, select(self.key), parts, limit) for parts in choices]
        pages = [
            page if isinstance(page, Select) else select(self.key).where(self.key.in_([row.key for row in page]))
            for page in found
        ]
        keys = union_all(*(select(page.subquery().c.key) for page in pages))
        return session.execute(self._following(wanted.where(self.key.in_(keys)), limit, unordered)).all()

    def _page(
        self, session: Session, wanted: Select[Any], parts: Sequence[Condition], limit: int
    ) -> Select[Any] | Sequence[Any]:
        """Return the query for the next rows, or the rows."""
        lead = self._lead(parts)
        others = [part for part in parts if part is not lead]
        asked = [*others, lead] if lead is not None and lead.is_rough else others
        for part in asked:
            if _are_few(session, part, is_alone=len(parts) == 1):
                return self._sorted(session, wanted, part, parts, limit)
        for part in asked:
            if (page := self._by_keys(session, wanted, part, parts, limit)) is not None:
                return page
        if lead is not None and lead.entries is not None:
            return self._along_entries(wanted, lead.entries, others, limit)
        if ranges := next((part.ranges for part in parts if part.ranges), None):
            return self._along_ranges(session, wanted, ranges, [part.holds(unindexed) for part in parts], limit)
        return self._along(wanted, lead, [part.holds(unindexed) for part in others], limit)

    def _lead(self, parts: Sequence[Condition]) -> Condition | None:
        """Return the part whose index has the order, if there is one."""
        return next((part for part in parts if self.order in part.leads), None)

    def _by_keys(
        self, session: Session, wanted: Select[Any], part: Condition, parts: Sequence[Condition], limit: int
    ) -> Select[Any] | Sequence[Any] | None:
        """Return the next rows by the keys of a part, or None if the order is rather followed."""
        is_alone, enough = len(parts) == 1, limit if self.is_clustered else _MANY
        if part.keys is None or (part.ranges and is_alone):  # those of some days are more than are sorted
            return None
        found = 0 if part.ranges else self._count_next(session, part)
        if found >= (_MANY_AMONG if part.among else enough):
            return None
        if self.is_clustered and not found and _count(session, part.keys, MOST) <= MOST:
            return self._sorted(session, wanted, part, parts, limit)
        if part.is_costly and not any(one.ranges for one in parts):  # else the next rows may be of none
            most = MOST_LOOKED_UP if found else MOST_FAR_OFF
            if (rows := self._looked_up(session, wanted, part, parts, limit, most)) is not None:
                return rows
        if found < enough and ((part.has_order and is_alone) or _count(session, part.keys, MOST) <= MOST):
            return self._sorted(session, wanted, part, parts, limit)
        return None

    def _along(
        self, wanted: Select[Any], lead: Condition | None, conditions: Iterable[ColumnElement[bool]], limit: int
    ) -> Select[Any]:
        """Return the next rows along the index of the order, asking each for all conditions."""
        if lead is not None:
            wanted = wanted.where(lead.holds(indexed))
        return self._following(wanted.where(*conditions), limit, indexed)

    def _along_entries(
        self, wanted: Select[Any], entries: Entries, others: Iterable[Condition], limit: int
    ) -> Select[Any]:
        """Return the next rows along an index of another table, asking the row of each entry for what is left."""
        copies = dict(zip(self.columns, entries.columns, strict=True))
        rest = []
        found = select(entries.key.label("key"), *entries.columns).where(*entries.where).distinct()
        for part in others:
            if self.order in part.leads:  # a range of the order's columns
                found = found.where(part.holds(copies.__getitem__))
            else:
                rest.append(part.holds(unindexed))
        if rest:
            found = found.where(one_by_one(select(self.key).where(self.key == entries.key, *rest)))
        place = replace(self, columns=entries.columns)
        # By the key, too: else PostgreSQL sorts all entries, to leave out those of the same row.
        key = entries.key.desc() if self.descending else entries.key
        keys = place._following(found, limit, indexed).order_by(key).subquery().c.key
        return self._following(wanted.where(self.key.in_(select(keys))), limit, unordered)

    def _along_ranges(
        self,
        session: Session,
        wanted: Select[Any],
        ranges: Iterable[tuple[Any, Any]],
        conditions: Sequence[ColumnElement[bool]],
        limit: int,
    ) -> Sequence[Any]:
        """Return the next rows along the index of the order within some ranges, one after the other."""
        rows: list[Any] = []
        column, last = self.columns[0], self.last[0] if self.last is not None else None
        for first, end in sorted(ranges, reverse=self.descending):
            is_over = last is not None and (first > last if self.descending else end <= last)
            if not is_over and len(rows) < limit:
                within = (column >= first, column < end, *conditions)
                rows += session.execute(self._along(wanted, None, within, limit - len(rows))).all()
        return rows

    def _sorted(
        self, session: Session, wanted: Select[Any], few: Condition, parts: Sequence[Condition], limit: int
    ) -> Select[Any]:
        """Return the next rows by sorting all that meet a part: their keys alone, before the rows are read."""
        rest = [part.holds(unindexed) for part in parts if part is not few or part.is_rough] + _asked_already(wanted)
        keys: Select[Any] | None = few.keys
        if keys is None or rest or not few.has_order:
            some = as_few(keys, session.dialect) if keys is not None else ()
            keys = select(self.key).where(self.key.in_(some), *rest)
        chosen = self._following(keys, limit, unordered)
        return self._following(wanted.where(self.key.in_(chosen)), limit, unordered)

    def _looked_up(
        self,
        session: Session,
        wanted: Select[Any],
        part: Condition,
        parts: Sequence[Condition],
        limit: int,
        most: int,
    ) -> Sequence[Any] | None:
        """Return the next rows, if there are enough not far along the order, or no more at all; else None.

        Each row is looked up among all keys of the part, which costs a tenth of what asking does.
        """
        lead = self._lead(parts)
        if lead is not None and lead.entries is not None:
            lead = None  # its index is of another table
        column, keys = part.among or (self.key, part.keys)
        count = _count(session, keys, most) if keys is not None else 0
        if keys is None or count > most or (count <= FEW_LOOKED_UP and not part.among):
            return None
        conditions = [is_among(column, keys)]
        others = [one for one in parts if one is not lead and (one is not part or one.is_rough)]
        conditions += [one.holds(unindexed) for one in others]
        end = self._far_along(session, lead, part, count)
        if end is not None:
            here, last = rows_after(self.columns, tuple(end))
            conditions.append(here > last if self.descending else here < last)
        conditions += _asked_already(wanted)
        chosen = self._along(select(self.key), lead, conditions, limit)  # from the index alone, if it has all columns
        rows = session.execute(self._following(wanted.where(self.key.in_(chosen)), limit, unordered)).all()
        return rows if end is None or len(rows) == limit else None

    def _far_along(self, session: Session, lead: Condition | None, part: Condition, count: int) -> Any:
        """Return the place up to which rows are looked up, or None for the end of the list.

        More keys than are sorted would be asked for each row instead, which takes longer in any case.
        """
        if count > MOST and not part.among:
            return None
        far = FAR_AMONG if part.among else min(FAR, _FAR_FOR_EACH * count)
        return session.execute(self._along(select(*self.columns), lead, (), 1).offset(far)).first()

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


def _asked_already(wanted: Select[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions that a query has of its own: keys that are chosen before it runs must meet them, too."""
    return [wanted.whereclause] if wanted.whereclause is not None else []


def _are_few(session: Session, part: Condition, *, is_alone: bool) -> bool:
    """Return True if the rows of a part are sorted in any case; ``is_alone`` if nothing else is asked of them."""
    if part.keys is None or part.among is not None:
        return False
    most = FEW_IN_ORDER if part.has_order and is_alone else FEW
    return _count(session, part.keys, most) <= most


def _count(session: Session, keys: Keys, most: int) -> int:
    """Return the number of keys, or ``most`` + 1 if there are more."""
    counted = select(func.count()).select_from(keys.limit(most + 1).subquery())
    return session.execute(counted).scalar_one()
