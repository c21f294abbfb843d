"""A sale at a window, by the same use case that the editor's Save calls."""

from __future__ import annotations

from datetime import UTC, datetime

from shopdesk.domain.document import Document, Draft, Kind
from shopdesk.domain.draft import DraftForm, DraftRow, ParsedForm, parse
from shopdesk.keys import new_key
from shopdesk.usecases import documents
from support.windows import Window


def sell(window: Window, *rows: DraftRow, kind: Kind = Kind.RECEIPT, customer: str = "") -> Document:
    """Issue a document of these rows, as whoever works at this window."""
    context = window.workspace.context
    said = _read(window, DraftForm(key=new_key(), kind=kind, customer=customer, rows=rows))
    sure = frozenset({documents.SAME_AGAIN})
    issued = window.do(
        documents.issue, said.draft, contact=said.contact, confirmed=sure, by=context.actor, now=datetime.now(UTC)
    )
    assert isinstance(issued, Document)
    return issued


def reading(window: Window, *rows: DraftRow, kind: Kind = Kind.RECEIPT) -> Draft:
    """What the editor at this window would make of these rows."""
    draft = _read(window, DraftForm(key=new_key(), kind=kind, rows=rows)).draft
    assert draft is not None
    return draft


def _read(window: Window, form: DraftForm) -> ParsedForm:
    context = window.workspace.context
    said = parse(form, shop=context.shop, symbols=context.symbols, today=context.today())
    assert said.draft is not None, said.faults
    return said
