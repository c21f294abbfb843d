"""A sale at a window, by the same use case that the editor's Save calls."""

from __future__ import annotations

from datetime import UTC, datetime

from shopdesk.domain.document import Document, Draft, Kind
from shopdesk.domain.draft import Form, Reading, Row, read
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents
from support.windows import Window


def sell(window: Window, *rows: Row, kind: Kind = Kind.RECEIPT, customer: str = "") -> Document:
    """Issue a document of these rows, as whoever works at this window."""
    desk = window.counter.desk
    said = _read(window, Form(key=new_key(), kind=kind, customer=customer, rows=rows))
    sure = frozenset({documents.SAME_AGAIN})
    issued = window.do(
        documents.issue, said.draft, contact=said.contact, sure=sure, by=desk.actor, now=datetime.now(UTC)
    )
    assert isinstance(issued, Document)
    return issued


def reading(window: Window, *rows: Row, kind: Kind = Kind.RECEIPT) -> Draft:
    """What the editor at this window would make of these rows."""
    draft = _read(window, Form(key=new_key(), kind=kind, rows=rows)).draft
    assert draft is not None
    return draft


def _read(window: Window, form: Form) -> Reading:
    desk = window.counter.desk
    said = read(form, shop=desk.shop, marks=desk.marks, today=desk.today())
    assert said.draft is not None, said.faults
    return said
