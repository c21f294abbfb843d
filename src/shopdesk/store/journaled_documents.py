"""The documents as the journal tells them, so that ``verify`` can compare them.

Almost all are as they should be. So ``in_doubt`` writes the last journal row of each again, from the rows that are
stored, and compares bytes; only what differs, or cannot be told so, is read as a document and judged one by one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Column, Table, select

from shopdesk.domain.document import Action, Kind, State
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency
from shopdesk.domain.payment import Method
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import PricedLine, calculate
from shopdesk.domain.unit import Unit
from shopdesk.store import document_snapshots
from shopdesk.store.journal import heads
from shopdesk.store.plain_rows import key_text, key_text_or_none, plain
from shopdesk.store.session import Session
from shopdesk.store.tables import document_lines, document_taxes, documents, journal, payments, tills
from shopdesk.store.whole_check import WholeCheck

_T = TypeVar("_T")

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, Refused, zlib.error)
"""The errors of reading a value that this program never wrote."""
_AT_ONCE = 300
"""Documents per statement: both databases limit the number of parameters."""


@dataclass(slots=True)
class Told:
    """The journal's word on a document: its last snapshot, and who may have taken each payment at which till."""

    last: Mapping[str, Any] | None = None
    """As JSON types; None where a row cannot be read."""
    row: Any = None
    """The journal row of that snapshot."""
    payers: dict[str, tuple[Any, set[tuple[Any, Any]]]] = field(default_factory=dict)

    @property
    def canonical(self) -> bytes:
        """The last snapshot as canonical bytes; none where a row cannot be read."""
        return b"" if self.last is None else canonical(self.last)

    def may_have_taken(self, payment: str, who: tuple[Any, Any]) -> bool:
        """Return True if this person may have taken this payment at this till."""
        return payment in self.payers and who in self.payers[payment][1]


def canonical(facts: Mapping[str, Any]) -> bytes:
    """Return canonical JSON with the payments sorted by key: by time, they may be in another order than stored."""
    return document_snapshots.canonical({**facts, "payments": sorted(facts["payments"])})


def told(session: Session, keys: Sequence[UUID]) -> dict[UUID, Told]:
    """Return what the journal tells of documents, regardless of clocks."""
    rows = session.execute(
        select(journal.c.document_key, journal.c.snapshot, journal.c.act, journal.c.by_key, journal.c.till_key)
        .where(journal.c.document_key.in_(keys))
        .order_by(journal.c.document_key, journal.c.at, journal.c.seq)
    )
    return {key: _told(list(group)) for key, group in groupby(rows.all(), key=attrgetter("document_key"))}


_TAKES_PAYMENTS = {
    one.value for one in (Action.ISSUE, Action.AMEND, Action.VOID, Action.CREDIT, Action.RETURN, Action.PAY)
}


def _told(rows: Sequence[Any]) -> Told:
    """Return what the rows of one document tell, of which each is a step forward or the same again."""
    found, is_unreadable = Told(), False
    best: Any = None
    for row in rows:
        try:
            facts = json.loads(document_snapshots.unpacked(row.snapshot))["document"]
            progress = document_snapshots.progress(facts)
            if best is None or progress >= best:
                best, found.last, found.row = progress, facts, row
            if row.act in _TAKES_PAYMENTS:
                _note_payers(found.payers, facts["payments"], progress, (row.by_key, row.till_key))
        except (zlib.error, ValueError, KeyError, TypeError):
            is_unreadable = True
    if is_unreadable:
        found.last = None
    return found


def _note_payers(noted: dict[str, Any], paid: Sequence[Any], progress: Any, who: tuple[Any, Any]) -> None:
    """Note who wrote the first entry with each payment; where two are equally early, both."""
    for key, *_ in paid:
        before = noted.get(key)
        if before is None or progress < before[0]:
            noted[key] = (progress, {who})
        elif progress == before[0]:
            before[1].add(who)


# --- the same by bytes ------------------------------------------------------------------------------------------------


def in_doubt(session: Session, keys: Sequence[UUID]) -> list[UUID]:
    """Return the documents that are not, byte for byte, what the journal tells, and whose sums are to be looked at."""
    names = {row.key: row.name for row in _rows(session, tills, tills.c.key, None)}
    lines = _by_document(session, document_lines, keys, document_lines.c.position)
    taxes = _by_document(session, document_taxes, keys, document_taxes.c.rate_milli, document_taxes.c.category)
    paid = _by_document(session, payments, keys, payments.c.paid_at, payments.c.key)
    rows = _by_document(session, journal, keys, journal.c.at, journal.c.seq)
    sound = set()
    for row in _rows(session, documents, documents.c.key, keys):
        own = (part.get(row.key, ()) for part in (lines, taxes, paid, rows))
        if _is_sound(row, *own, till=names.get(row.till_key)):
            sound.add(key_text(row.key))
    return [key for key in keys if str(key) not in sound]


def _rows(session: Session, table: Table, key: Column[Any], keys: Sequence[UUID] | None, *order: Any) -> Any:
    statement = select(*plain(table.c, session.dialect)).order_by(*order)
    return session.execute(statement if keys is None else statement.where(key.in_(keys))).all()


def _by_document(session: Session, table: Table, keys: Sequence[UUID], *order: Any) -> dict[Any, Sequence[Any]]:
    key = table.c.document_key
    rows = _rows(session, table, key, keys, key, *order)
    return {key: list(group) for key, group in groupby(rows, key=attrgetter("document_key"))}


def _is_sound(
    row: Any, lines: Sequence[Any], taxes: Sequence[Any], paid: Sequence[Any], rows: Sequence[Any], *, till: Any
) -> bool:
    try:
        facts = _facts(row, lines, taxes, paid)
        return (
            row.till == till
            and row.corrects is None  # a credit note is judged together with what it corrects
            and row.paid_minor == sum(one.amount_minor for one in paid)
            and all(one.number == row.number for one in paid)
            and (facts["buyer"]["key"], facts["buyer"]["name"]) == (key_text_or_none(row.customer_key), row.buyer_name)
            and [position for _, position, *_ in lines] == list(range(len(lines)))
            and _is_told(facts, paid, rows)
            and _adds_up(facts)
        )
    except UNREADABLE:
        return False


def _is_told(facts: Mapping[str, Any], paid: Sequence[Any], rows: Sequence[Any]) -> bool:
    """Return True if the last row of the journal is, byte for byte, what it would be of these facts."""
    if len(rows) == 1:
        (row,) = rows
        has_payers = all((one.by_key, one.till_key) == (row.by_key, row.till_key) for one in paid) and (
            not paid or row.act in _TAKES_PAYMENTS
        )
    else:
        history = _told(rows)
        row = history.row
        has_payers = history.last is not None and all(
            history.may_have_taken(key_text(one.key), (one.by_key, one.till_key)) for one in paid
        )
    return has_payers and document_snapshots.unpacked(row.snapshot) == _written_again(row, facts)


def _written_again(row: Any, facts: Mapping[str, Any]) -> bytes:
    """Return the content of a row of the journal from its columns and its document."""
    return document_snapshots.canonical(
        {
            "version": row.version,
            "document": facts,
            "till": _often(row.till_key),
            "seq": row.seq,
            "at": row.at,
            "act": row.act,
            "by": _often(row.by_key),
            "by_name": row.by_name,
            "lender": row.lender_name,
            "detail": row.detail,
        }
    )


def _adds_up(facts: Mapping[str, Any]) -> bool:
    """Return True if the totals are those of the lines."""
    again = calculate(
        [
            PricedLine(quantity, price, _rate(milli, category), _discount(off, off_milli))
            for _, quantity, price, milli, category, off, off_milli, *_ in facts["lines"]
        ],
        prices_include_tax=facts["prices_include_tax"],
        discount=_discount(*facts["discount"]),
    )
    groups = [
        [one.rate.milli, one.rate.category.value, one.sum, one.discount, one.net, one.tax, one.gross]
        for one in again.groups
    ]
    return (list(again.amounts), again.sum, again.discount, groups, again.net, again.tax, again.gross) == tuple(
        facts[name] for name in ("amounts", "sum", "off", "groups", "net", "tax", "gross")
    )


def _discount(minor: int | None, milli: int | None) -> Any:
    if minor is not None and milli is not None:
        raise ValueError("a discount is an amount or a percentage")
    return None if minor is milli is None else document_snapshots.discount_of_pair((minor, milli))


@lru_cache(maxsize=100)
def _rate(milli: int, category: str) -> TaxRate:
    return TaxRate(milli, Category(category))


_currency = lru_cache(maxsize=10)(Currency.of)
_BOOLEAN = {False: False, True: True}
_COLUMNS = documents.c.keys()
_AMOUNT = list(document_lines.c.keys()).index("amount_minor")


def _facts(stored: Any, lines: Sequence[Any], taxes: Sequence[Any], paid: Sequence[Any]) -> dict[str, Any]:
    """Return a stored document as ``document_snapshots.to_facts`` does, straight from its rows.

    Raises one of ``UNREADABLE`` for what this program never stores.
    """
    row = dict(zip(_COLUMNS, stored, strict=True))
    known: dict[str, Any] = {}
    if row["origin"] is not None:
        known["origin"] = key_text(row["origin"])
    if row["exemptions"]:
        known["exemptions"] = _exemptions(row["exemptions"])
    if row["layout"]:
        known["layout"] = _layout(row["layout"])
    return known | {
        "key": key_text(row["key"]),
        "draft_key": key_text(row["draft_key"]),
        "kind": Kind(row["kind"]).value,
        "number": row["number"],
        "state": State(row["state"]).value,
        "revision": row["revision"],
        "till": row["till"],
        "seller": _seller(row["seller"]),
        "buyer": _buyer(row["buyer"]),
        "currency": _currency(row["currency"]).code,
        "prices_include_tax": _BOOLEAN[row["prices_include_tax"]],
        "language": row["language"],
        "lines": [_line(line) for line in lines],
        "discount": [row["discount_minor"], row["discount_milli"]],
        "amounts": [line[_AMOUNT] for line in lines],
        "sum": row["sum_minor"],
        "off": row["off_minor"],
        "groups": [list(group) for _, *group in taxes],
        "net": row["net_minor"],
        "tax": row["tax_minor"],
        "gross": row["gross_minor"],
        "note": row["note"],
        "date_on": row["date_on"],
        "due_on": row["due_on"],
        "issued_at": row["issued_at"],
        "issued_by": row["issued_by"],
        "issued_by_key": _often(row["issued_by_key"]),
        "sealed_at": row["sealed_at"],
        "voided_at": row["voided_at"],
        "corrects": key_text_or_none(row["corrects"]),
        "replaces": key_text_or_none(row["replaces"]),
        "corrected_by": key_text_or_none(row["corrected_by"]),
        "payments": [
            [key_text(key), Method(method).value, *amounts, at, by_name]
            for key, _, method, *amounts, at, _, _, by_name, _, _ in paid
        ],
    }  # fmt: skip


def _line(line: Any) -> list[Any]:
    """Return a line as JSON types. Its columns come by their place: by name they take most of the time."""
    _, _, item, product, quantity, price, minor, milli, rate, category, _, unit = line
    facts = [item, quantity, price, rate, category, minor, milli, product and _often(product)]
    return facts if unit == Unit.PIECE else [*facts, Unit(unit).value]


_often = lru_cache(maxsize=10_000)(key_text)
"""The same for keys that many documents have."""


@lru_cache(maxsize=100)
def _seller(text: str) -> Mapping[str, Any]:
    facts: dict[str, Any] = json.loads(text)
    return _same(facts, document_snapshots.seller_to_facts(Seller(**facts)))


@lru_cache(maxsize=1000)
def _buyer(text: str) -> Mapping[str, Any]:
    facts: dict[str, Any] = json.loads(text)
    return _same(facts, document_snapshots.buyer_to_facts(document_snapshots.buyer_from_facts(facts)))


@lru_cache(maxsize=100)
def _layout(text: str) -> Mapping[str, Any]:
    facts = document_snapshots.layout_to_facts(document_snapshots.layout_from_facts(json.loads(text)))
    _same(text, document_snapshots.text_of(facts))
    return facts


@lru_cache(maxsize=100)
def _exemptions(text: str) -> Sequence[Any]:
    pairs = document_snapshots.exemptions_to_pairs(document_snapshots.exemptions_of_pairs(json.loads(text)))
    _same(text, document_snapshots.text_of(pairs))
    return pairs


def _same(stored: _T, written: Any) -> _T:
    """Return what is stored. Raises ValueError if the program would write something else."""
    if stored != written:
        raise ValueError("it is stored otherwise than it is written")
    return stored


# --- what is new ------------------------------------------------------------------------------------------------------


def new_since(session: Session, check: WholeCheck) -> set[UUID]:
    """Return the documents that were issued or acted on since a check."""
    keys = set(session.execute(select(documents.c.key).where(documents.c.issued_at >= check.at)).scalars())
    for row in _new_rows(session, check, journal.c.document_key):
        keys.add(row.document_key)
    return keys


def days_since(session: Session, check: WholeCheck) -> set[date]:
    """Return the days whose sums those documents and their payments may have changed, also before an amendment."""
    keys = sorted(new_since(session, check))
    days: set[date] = set()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        for key, day in ((documents.c.key, documents.c.date_on), (payments.c.document_key, payments.c.paid_on)):
            days.update(session.execute(select(day).where(key.in_(some)).distinct()).scalars())
    amended = {row.document_key for row in _new_rows(session, check, journal.c.document_key, act=Action.AMEND)}
    rows = select(journal.c.snapshot).where(journal.c.document_key.in_(amended))
    for snapshot in session.execute(rows).scalars():
        with suppress(zlib.error, ValueError, KeyError, TypeError):  # the journal's own check reports it
            days.add(date.fromisoformat(json.loads(document_snapshots.unpacked(snapshot))["document"]["date_on"]))
    return days


def _new_rows(session: Session, check: WholeCheck, *columns: Any, act: Action | None = None) -> Iterator[Any]:
    """Yield what was written to the chains about documents since a check."""
    for head in heads(session):
        after = check.heads[head.till_key].seq if head.till_key in check.heads else 0
        new = (journal.c.till_key == head.till_key, journal.c.seq > after, journal.c.document_key.is_not(None))
        rows = select(*columns).where(*new)
        yield from session.execute(rows if act is None else rows.where(journal.c.act == act.value))
