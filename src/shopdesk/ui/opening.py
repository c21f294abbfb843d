"""Everything the editor needs to open a document, in one question each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shopdesk.domain.customer import Customer
from shopdesk.domain.document import Document
from shopdesk.domain.draft import Form
from shopdesk.domain.errors import Refused
from shopdesk.domain.shop import Till
from shopdesk.queries import customers, documents, drafts


@dataclass(frozen=True, slots=True)
class Opening:
    """A kept form and when it was kept, the document it corrects, and its customer; whatever of them there is."""

    form: Form | None = None
    document: Document | None = None
    customer: Customer | None = None
    kept_at: datetime | None = None


def kept(session: Any, key: UUID) -> Opening:
    """A draft as it was last typed."""
    form = drafts.form(session, key)
    if form is None:
        return Opening()
    document = documents.whole(session, form.edits) if form.edits else None
    kept_at = drafts.changed_at(session, key)
    return Opening(form, document, _customer(session, form.customer_key), kept_at)


def last(session: Any, till: Till) -> Opening:
    """The draft of a till that was typed last."""
    found = drafts.open_at(session, till)
    return kept(session, found[0].key) if found else Opening()


def correction(session: Any, key: UUID, till: Till) -> Opening:
    """An issued document to be corrected; as far as somebody got with it here, unless it has changed since."""
    document = documents.whole(session, key)
    for draft in drafts.open_at(session, till):
        if draft.edits == key:
            begun = kept(session, draft.key)
            if begun.form is not None and begun.form.revision == document.revision:
                return begun
    return Opening(None, document, _customer(session, document.buyer.key))


def _customer(session: Any, key: UUID | None) -> Customer | None:
    try:
        return customers.whole(session, key) if key is not None else None
    except Refused:  # nobody takes customers away; a restored backup may not have them all
        return None
