"""The document that a draft makes."""

from __future__ import annotations

from datetime import datetime

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Action, Document, Draft, next_state
from shopdesk.domain.shop import Seal, Shop
from shopdesk.domain.totals import Totals
from shopdesk.row_keys import new_key
from shopdesk.store import acts_books


def new_document(draft: Draft, totals: Totals, the_shop: Shop, *, by: Actor, now: datetime) -> Document:
    """Return the document that a draft makes; nothing is stored, and it has no number yet."""
    return Document(
        key=new_key(),
        draft_key=draft.key,
        kind=draft.kind,
        number=acts_books.number_to_come(),
        state=next_state(None, Action.ISSUE, is_sealed=False),
        revision=1,
        till=by.till.name,
        seller=the_shop.seller,
        buyer=draft.buyer,
        currency=draft.currency,
        prices_include_tax=draft.prices_include_tax,
        language=draft.language or the_shop.locale,
        lines=draft.signed_lines,
        discount=draft.discount,
        totals=totals,
        note=draft.note,
        date_on=draft.date_on,
        due_on=draft.due_on,
        origin=draft.origin,
        exemptions=the_shop.exemptions(totals),
        layout=the_shop.layout(draft.kind.value, draft.language or the_shop.locale),
        issued_at=now,
        issued_by=by.staff.name,
        issued_by_key=by.staff.key,
        sealed_at=now if the_shop.seal is Seal.AT_ISSUE and draft.kind.is_sale else None,
    )
