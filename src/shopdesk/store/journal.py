"""The journal: for each till, an append-only chain of hashed rows, one for each action.

An action on a document has the document after it; a change of people, prices or settings has no document, but what was
changed, from what to what (since version 2), in words and as values (``store/journaled_values``).

``hash = sha256(previous hash + canonical bytes)``. The chain proves order and completeness, not authorship: a person
who can rewrite the whole database can rewrite the chain, too. It is not a fiscal certificate.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update

from shopdesk.domain.account import Actor
from shopdesk.domain.activity import Activity, Change
from shopdesk.domain.conflict import ConcurrentAction
from shopdesk.domain.document import Action, Document
from shopdesk.domain.statement import Statement
from shopdesk.store import document_snapshots, logos, statement_snapshots
from shopdesk.store.journaled_values import ValueChange
from shopdesk.store.plain_rows import Advanced, ignored, key_text, key_text_or_none, plain
from shopdesk.store.session import Session
from shopdesk.store.tables import journal, tills

BEGINNING = bytes(32)
"""The hash before a till's first row."""

_CHANGES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class JournalRef:
    """A reference to a journal row: the till, the number of the row, and the time of the row before (None if first)."""

    till_key: UUID
    seq: int
    previous_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a till's chain: the number and the hash of its last row, 0 if there is none."""

    till_key: UUID
    till: str
    seq: int
    hash: bytes


_PREVIOUS_AT = (
    select(journal.c.at).where(journal.c.till_key == tills.c.key, journal.c.seq == tills.c.journal_seq)
).scalar_subquery()
_HEAD = (
    select(tills.c.journal_seq, tills.c.journal_hash, _PREVIOUS_AT)
    .where(tills.c.key == bindparam("till"))
    .with_for_update()
)
_HEADS = select(tills.c.key, tills.c.name, tills.c.journal_seq, tills.c.journal_hash)
_HEAD_OF_TILL = _HEADS.where(tills.c.key == bindparam("till"))
_MOVE_HEAD = (
    update(tills)
    .where(tills.c.key == bindparam("till"))
    .values(journal_seq=bindparam("journal_seq"), journal_hash=bindparam("journal_hash"))
)


def record(
    session: Session, act: Action, document: Document, *, by: Actor, at: datetime, detail: str = ""
) -> JournalRef:
    """Append a row to the chain of the actor's till. ``document`` is its state after the action."""
    facts = {"version": document_snapshots.VERSION, "document": document_snapshots.to_facts(document)}
    return _append(session, act, facts, by=by, at=at, detail=detail, key=document.key, number=document.number)


def record_changes(
    session: Session,
    act: Activity,
    changes: Sequence[Change],
    *,
    by: Actor,
    at: datetime,
    values: Sequence[ValueChange] = (),
) -> None:
    """Append a row for changes that belong to no document; several rows for many, and none where nothing changed.

    ``changes`` are the words that people read, ``values`` what ``verify`` compares with the stored ones.
    """
    for some, of_some, detail in in_rows(changes, values):
        facts = {
            "version": document_snapshots.CHANGES_VERSION,
            "document": None,
            "changes": [[one.subject, one.before, one.after] for one in some],
            "values": [one.facts for one in of_some],
        }
        _append(session, act, facts, by=by, at=at, detail=detail, key=None, number="")


def in_rows(
    changes: Sequence[Change], values: Sequence[ValueChange]
) -> Iterator[tuple[Sequence[Change], Sequence[ValueChange], str]]:
    """Yield the changes and values of each row that is written of them, with its detail."""
    for start in range(0, max(len(changes), len(values)), _CHANGES_AT_ONCE):
        some = changes[start : start + _CHANGES_AT_ONCE]
        detail = some[0].subject if len(some) == 1 else f"{len(some)} changes" if some else ""
        yield some, values[start : start + _CHANGES_AT_ONCE], detail


def as_json(changes: Sequence[Change]) -> str:
    """Return changes as a row tells them, as canonical JSON."""
    return document_snapshots.text_of([[one.subject, one.before, one.after] for one in changes])


def record_statement(session: Session, statement: Statement, change: Change, *, by: Actor, at: datetime) -> JournalRef:
    """Append a row with a statement of account, from which the message to the customer is made."""
    told = {"statement": statement_snapshots.to_facts(statement)}
    return record_facts(session, Activity.STATEMENT, change, told, by=by, at=at)


def record_facts(
    session: Session, act: Activity, change: Change, told: Mapping[str, Any], *, by: Actor, at: datetime
) -> JournalRef:
    """Append a row with one change in words and with what it ``told`` beside, as JSON types under names of its own."""
    facts = {
        "version": document_snapshots.CHANGES_VERSION,
        "document": None,
        "changes": [[change.subject, change.before, change.after]],
        "values": [],
        **told,
    }
    return _append(session, act, facts, by=by, at=at, detail=change.subject, key=None, number="")


def facts_of(snapshot: bytes) -> dict[str, Any]:
    """Return what a row tells, as JSON types. Raises ValueError or zlib.error where it cannot be read."""
    return _facts(snapshot)


def head(session: Session, till_key: UUID) -> ChainHead:
    """Return the end of a till's chain."""
    (row,) = session.fetch(_HEAD_OF_TILL, {"till": till_key})
    return ChainHead(*row)


def heads(session: Session) -> tuple[ChainHead, ...]:
    """Return the end of every till's chain, by key."""
    return tuple(ChainHead(*row) for row in session.execute(_HEADS.order_by(tills.c.key)))


def statement_at(session: Session, place: JournalRef) -> Statement:
    """Return the statement of account as stored in a journal row."""
    row = select(journal.c.snapshot).where(journal.c.till_key == place.till_key, journal.c.seq == place.seq)
    statement = statement_snapshots.from_facts(_facts(session.execute(row).scalar_one())["statement"])
    return replace(statement, logo=logos.read(session, statement.logo.mark)) if statement.logo else statement


def changes_of(snapshot: bytes) -> tuple[Change, ...]:
    """Return the changes in the snapshot of a row without a document."""
    return tuple(Change(*change) for change in _facts(snapshot)["changes"])


def _append(
    session: Session,
    act: Action | Activity,
    facts: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    detail: str,
    key: UUID | None,
    number: str,
) -> JournalRef:
    ((seq, previous, previous_at),) = session.fetch(_HEAD, {"till": by.till.key}, beside=True)
    seq += 1
    lender = by.approver.name if by.approver else ""
    content = document_snapshots.canonical(
        {
            **facts,
            "till": str(by.till.key),
            "seq": seq,
            "at": document_snapshots.format_instant(at),
            "act": act.value,
            "by": str(by.staff.key),
            "by_name": by.staff.name,
            "lender": lender,
            "detail": detail,
        }
    )
    digest = hashlib.sha256(previous + content).digest()
    session.insert(
        journal,
        [
            {
                "till_key": by.till.key,
                "seq": seq,
                "version": facts["version"],
                "at": at,
                "act": act.value,
                "document_key": key,
                "number": number,
                "by_key": by.staff.key,
                "by_name": by.staff.name,
                "lender_name": lender,
                "detail": detail,
                "snapshot": zlib.compress(content, 1),
                "hash": digest,
            }
        ],
    )
    session.fetch(_MOVE_HEAD, {"till": by.till.key, "journal_seq": seq, "journal_hash": digest}, beside=True)
    return JournalRef(by.till.key, seq, previous_at)


def document_at(session: Session, place: JournalRef) -> Document:
    """Return the document as stored in a journal row."""
    row = select(journal.c.snapshot).where(journal.c.till_key == place.till_key, journal.c.seq == place.seq)
    return logos.filled(session, document_snapshots.from_facts(_facts(session.execute(row).scalar_one())["document"]))


def since(session: Session, key: UUID, revision: int) -> tuple[Document | None, tuple[ConcurrentAction, ...]]:
    """Return a document as it was at a revision (None if unknown), and the actions after that, oldest first."""
    rows = session.execute(
        select(journal.c.act, journal.c.by_name, journal.c.at, journal.c.snapshot, tills.c.name)
        .join_from(journal, tills, journal.c.till_key == tills.c.key)
        .where(journal.c.document_key == key)
        .order_by(journal.c.at, journal.c.seq)
    ).all()
    told = [(row, _facts(row.snapshot)["document"]) for row in rows]
    told.sort(key=lambda each: document_snapshots.progress(each[1]))
    before: Document | None = None
    done: list[ConcurrentAction] = []
    for row, facts in told:
        known = document_snapshots.from_facts(facts)
        if known.revision == revision and Action(row.act) in {Action.ISSUE, Action.AMEND}:
            before, done = known, []
        else:
            done.append(ConcurrentAction(act=Action(row.act), by_name=row.by_name, till=row.name, at=row.at))
    return before, tuple(done)


def violations(
    session: Session, *, after: Mapping[UUID, ChainHead] = MappingProxyType({}), advanced: Advanced = ignored
) -> Iterator[str]:
    """Verify every chain, and yield a sentence for each error.

    ``after`` has the heads that were verified before, by their tills: only what follows is read, and that they are
    still there.
    """
    for end in heads(session):
        begin = after.get(end.till_key) or ChainHead(end.till_key, end.till, 0, BEGINNING)
        if begin.seq and _hash_at(session, begin) != begin.hash:
            yield f"Journal of till {end.till}: row {begin.seq} is not the one that was verified before."
        previous, expected = begin.hash, begin.seq
        for row in _rows(session, begin):
            expected += 1
            if row.seq != expected:
                yield f"Journal of till {end.till}: row {expected} is missing."
                expected = row.seq
            yield from _row_violations(row, end.till, previous)
            previous = row.hash
            advanced(1)
        if end.seq != expected or end.hash != previous:
            yield f"Journal of till {end.till}: it ends at row {expected}, but {end.seq} rows were written."


def _hash_at(session: Session, place: ChainHead) -> bytes | None:
    row = select(journal.c.hash).where(journal.c.till_key == place.till_key, journal.c.seq == place.seq)
    return session.execute(row).scalar()


def _rows(session: Session, begin: ChainHead) -> Iterator[Row[Any]]:
    """Yield the plain rows of a chain after a place in it, a few hundred at a time."""
    columns = plain(journal.c, session.dialect)
    chain = select(*columns).where(journal.c.till_key == begin.till_key, journal.c.seq > begin.seq)
    with session.streamed(chain.order_by(journal.c.seq)) as rows:
        yield from rows


def _row_violations(row: Row[Any], till: str, previous: bytes) -> Iterator[str]:
    where = f"Journal of till {till}, row {row.seq}"
    try:
        content = document_snapshots.unpacked(row.snapshot)
        facts = json.loads(content)
    except (zlib.error, ValueError):
        yield f"{where}: its snapshot cannot be read."
        return
    if hashlib.sha256(previous + content).digest() != row.hash:
        yield f"{where}: its hash does not match the previous row."
    document = facts["document"]
    told = (
        facts["version"], facts["till"], facts["seq"], facts["at"], facts["act"],
        document["key"] if document else None, document["number"] if document else "",
        facts["by"], facts["by_name"], facts["lender"], facts["detail"],
    )  # fmt: skip
    kept = (
        row.version, key_text(row.till_key), row.seq, row.at, row.act,
        key_text_or_none(row.document_key), row.number,
        key_text(row.by_key), row.by_name, row.lender_name, row.detail,
    )  # fmt: skip
    if told != kept:
        odd = [name for name, one, other in zip(_TOLD, told, kept, strict=True) if one != other]
        yield f"{where}: its columns differ from its snapshot ({', '.join(odd)})."


_TOLD = (
    "version", "till_key", "seq", "at", "act", "document_key", "number", "by_key", "by_name", "lender_name", "detail",
)  # fmt: skip
"""The columns that the content of a row tells, too."""


def _facts(snapshot: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(document_snapshots.unpacked(snapshot))
    return facts
