"""Sales through a window, by the use case that the editor's Save calls."""

from __future__ import annotations

from datetime import UTC, datetime

from shopdesk.domain.document import Document, Draft, Kind
from shopdesk.domain.draft import DraftForm, DraftRow, ParsedForm, parse
from shopdesk.row_keys import new_key
from shopdesk.usecases import documents
from support.windows import Window


def sell(window: Window, *rows: DraftRow, kind: Kind = Kind.RECEIPT, customer: str = "") -> Document:
    """Issue a document of these rows as the user of this window."""
    context = window.workspace.context
    parsed = _read(window, DraftForm(key=new_key(), kind=kind, customer=customer, rows=rows))
    issued = window.do(
        documents.issue,
        parsed.draft,
        contact=parsed.contact,
        confirmed=frozenset({documents.SAME_AGAIN}),
        by=context.actor,
        now=datetime.now(UTC),
    )
    assert isinstance(issued, Document)
    return issued


def draft_of(window: Window, *rows: DraftRow, kind: Kind = Kind.RECEIPT) -> Draft:
    """Return the draft that the editor of this window makes of these rows."""
    draft = _read(window, DraftForm(key=new_key(), kind=kind, rows=rows)).draft
    assert draft is not None
    return draft


def _read(window: Window, form: DraftForm) -> ParsedForm:
    context = window.workspace.context
    parsed = parse(form, shop=context.shop, symbols=context.symbols, today=context.today())
    assert parsed.draft is not None, parsed.faults
    return parsed
