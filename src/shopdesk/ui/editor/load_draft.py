"""Queries that load everything the editor needs to open a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shopdesk.domain.customer import Buyer, Customer
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftForm
from shopdesk.domain.errors import Refused
from shopdesk.domain.shop import Till
from shopdesk.queries import customers, documents, drafts, products


@dataclass(frozen=True, slots=True)
class LoadedDraft:
    """A loaded draft: its form, when it was saved, the document it corrects, and its customer; any may be None.

    ``origin`` is the document that it was made from, ``prices`` are today's prices of the products in it, by key.
    """

    form: DraftForm | None = None
    document: Document | None = None
    customer: Customer | None = None
    kept_at: datetime | None = None
    origin: Document | None = None
    prices: Mapping[UUID, int] = field(default_factory=dict)


def load(session: Any, key: UUID) -> LoadedDraft:
    """Load a draft as it was last saved."""
    form = drafts.form(session, key)
    if form is None:
        return LoadedDraft()
    document = documents.get(session, form.edits) if form.edits else None
    kept_at = drafts.changed_at(session, key)
    customer = _customer(session, form.customer_key, document)
    origin = documents.find(session, form.origin) if form.origin and document is None else None
    return LoadedDraft(form, document, customer, kept_at, origin, _todays_prices(session, origin))


def load_last(session: Any, till: Till) -> LoadedDraft:
    """Load the most recent draft of a till."""
    found = drafts.open_at(session, till)
    return load(session, found[0].key) if found else LoadedDraft()


def load_correction(session: Any, key: UUID, till: Till) -> LoadedDraft:
    """Load an issued document to correct it, or this till's unfinished correction unless the document changed since."""
    document = documents.get(session, key)
    for draft in drafts.open_at(session, till):
        if draft.edits == key:
            begun = load(session, draft.key)
            if begun.form is not None and begun.form.revision == document.revision:
                return begun
    return LoadedDraft(None, document, _customer(session, document.buyer.key, document))


def load_copy(session: Any, key: UUID, kind: Kind | None, till: Till) -> LoadedDraft:
    """Load a document to make another of it: of its own kind, or what a quote becomes.

    What this till has begun of a quote already is continued. A customer who was erased is left out.
    """
    origin = documents.get(session, key)
    if origin.kind is Kind.QUOTE and kind is not None:
        for draft in drafts.open_at(session, till):
            if draft.origin == key and draft.kind is kind:
                return load(session, draft.key)
    customer = _customer(session, origin.buyer.key, None)
    return LoadedDraft(None, None, customer, None, origin, _todays_prices(session, origin))


def _todays_prices(session: Any, origin: Document | None) -> Mapping[UUID, int]:
    if origin is None:
        return {}
    return products.todays_prices(session, [line.product_key for line in origin.lines if line.product_key])


def _customer(session: Any, key: UUID | None, document: Document | None) -> Customer | None:
    """Return the customer of a form; one who was erased is known as the corrected document prints them."""
    if key is None:
        return None
    try:
        return customers.get(session, key)
    except Refused:
        return _as_printed(document.buyer, key) if document is not None and document.buyer.key == key else None


def _as_printed(buyer: Buyer, key: UUID) -> Customer:
    return Customer(
        key=key,
        name=buyer.name,
        email=buyer.email,
        phone=buyer.phone,
        address=buyer.address,
        tax_id=buyer.tax_id,
        language=buyer.language,
        country=buyer.country,
        vat_number=buyer.vat_number,
        reference=buyer.reference,
        electronic_address=buyer.electronic_address,
    )
