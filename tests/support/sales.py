"""A sale at a window, by the same use case that the editor's Save calls."""

from __future__ import annotations

from datetime import UTC, datetime

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import Form, Row, read
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents
from support.windows import Window


def sell(window: Window, *rows: Row, kind: Kind = Kind.RECEIPT, customer: str = "") -> Document:
    """Issue a document of these rows, as whoever works at this window."""
    desk = window.counter.desk
    form = Form(key=new_key(), kind=kind, customer=customer, rows=rows)
    reading = read(form, shop=desk.shop, marks=desk.marks, today=desk.today())
    assert reading.draft is not None, reading.faults
    sure = frozenset({documents.SAME_AGAIN})
    issued = window.do(
        documents.issue, reading.draft, contact=reading.contact, sure=sure, by=desk.actor, now=datetime.now(UTC)
    )
    assert isinstance(issued, Document)
    return issued
