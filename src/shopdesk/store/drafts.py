"""Drafts in the database, as typed: every change is a committed row, so that no crash loses the cart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Table, bindparam, delete, select

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.store.session import Session, insert
from shopdesk.store.tables import draft_rows, drafts

_DISCARD = delete(drafts).where(drafts.c.key == bindparam("draft"))


def save(session: Session, form: DraftForm, *, changed: frozenset[int] | None, by: Actor, at: datetime) -> None:
    """Save the form's head and the rows at the ``changed`` positions (all rows if None)."""
    head, rows = to_rows(form, changed, by=by, at=at)
    _upsert(session, drafts, [head])
    if changed is None:
        session.execute(delete(draft_rows).where(draft_rows.c.draft_key == form.key))
    if rows:
        _upsert(session, draft_rows, rows)


def to_rows(
    form: DraftForm, changed: frozenset[int] | None, *, by: Actor, at: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the columns of the form's head, and those of the rows at the ``changed`` positions (all if None)."""
    positions: Iterable[int] = range(len(form.rows)) if changed is None else sorted(changed)
    rows = [_row_to_row(form.key, place, form.rows[place]) for place in positions if place < len(form.rows)]
    return _to_row(form, by, at), rows


def discard(session: Session, key: UUID) -> None:
    """Delete a draft with its rows."""
    session.fetch(_DISCARD, {"draft": key}, beside=True)


def changed_at(session: Session, key: UUID) -> datetime | None:
    """Return the time of a draft's last change, or None if it does not exist."""
    found: datetime | None = session.execute(select(drafts.c.changed_at).where(drafts.c.key == key)).scalar()
    return found


def find(session: Session, key: UUID) -> DraftForm | None:
    """Return the form as last saved, or None."""
    return forms(session, [key]).get(key)


def forms(session: Session, keys: Sequence[UUID]) -> dict[UUID, DraftForm]:
    """Return the forms of these drafts as last saved, by key."""
    heads = session.execute(select(drafts).where(drafts.c.key.in_(keys))).all()
    rows: dict[UUID, list[DraftRow]] = {head.key: [] for head in heads}
    in_order = (draft_rows.c.draft_key, draft_rows.c.position)
    for row in session.execute(select(draft_rows).where(draft_rows.c.draft_key.in_(rows)).order_by(*in_order)):
        rows[row.draft_key].append(_to_form_row(row))
    return {head.key: _to_form(head, rows[head.key]) for head in heads}


def _to_form(head: Any, rows: Sequence[DraftRow]) -> DraftForm:
    return DraftForm(
        key=head.key,
        kind=Kind(head.kind),
        customer=head.customer,
        customer_key=head.customer_key,
        on=head.on_text,
        due=head.due_text,
        discount=head.discount_text,
        note=head.note,
        rows=tuple(rows[: head.rows]) or (DraftRow(),),
        row=head.cursor_row,
        column=head.cursor_column,
        edits=head.edits,
        revision=head.edits_revision,
        origin=head.origin,
    )


def _upsert(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    session.execute(_replacing(table, session.dialect), rows)


@cache
def _replacing(table: Table, dialect: str) -> Insert:
    """Return an INSERT that replaces an existing row. Cached: it runs with every key typed."""
    statement = insert(table, dialect)
    rest = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=[column.name for column in table.primary_key], set_=rest)


def _to_row(form: DraftForm, by: Actor, at: datetime) -> dict[str, Any]:
    return {
        "key": form.key,
        "till_key": by.till.key,
        "by_key": by.staff.key,
        "by_name": by.staff.name,
        "kind": form.kind.value,
        "customer": _storable(form.customer),
        "customer_key": form.customer_key,
        "on_text": _storable(form.on),
        "due_text": _storable(form.due),
        "discount_text": _storable(form.discount),
        "note": _storable(form.note),
        "cursor_row": form.row,
        "cursor_column": form.column,
        "edits": form.edits,
        "edits_revision": form.revision,
        "origin": form.origin,
        "rows": len(form.rows),
        "changed_at": at,
    }


def _row_to_row(key: UUID, position: int, row: DraftRow) -> dict[str, Any]:
    return {
        "draft_key": key,
        "position": position,
        "item": _storable(row.item),
        "quantity": _storable(row.quantity),
        "unit_price": _storable(row.unit_price),
        "discount": _storable(row.discount),
        "tax": _storable(row.tax),
        "product_key": row.product_key,
    }


def _storable(text: str) -> str:
    """Return text without NUL and lone surrogates, which neither database can store."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _to_form_row(row: Any) -> DraftRow:
    return DraftRow(
        item=row.item,
        quantity=row.quantity,
        unit_price=row.unit_price,
        discount=row.discount,
        tax=row.tax,
        product_key=row.product_key,
    )
