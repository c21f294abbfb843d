"""A sample document with the shop's own head, to show how its papers look; it is never stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Draft, Kind, Line, State
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.shop import number_in_series, regional
from shopdesk.render.translations import wording
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr

_PRICE = 1250 * PRICE_PER_MINOR


def sample(context: Context, kind: Kind, language: str) -> Document:
    """Return a document of a kind in a language: a receipt is paid, anything else is open."""
    shop, today = context.shop, context.today()
    item = wording(language).item
    draft = Draft(
        key=new_key(),
        kind=kind,
        lines=tuple(
            Line(item=f"{item} {at}", quantity=at * QUANTITY_UNIT, unit_price=_PRICE, tax=shop.default_tax.rate)
            for at in (1, 2)
        ),
        date_on=today,
        currency=shop.currency,
        prices_include_tax=shop.prices_include_tax,
        buyer=Buyer(name=tr("Ada Example"), address=tr("1 Sample Street")),
    )
    total = draft.totals().gross
    paid = Payment(
        key=new_key(),
        method=Method.CASH,
        amount=total,
        tendered=total,
        change=0,
        rounding=0,
        at=context.now(),
        by_name=context.actor.staff.name,
    )
    is_due = kind in {Kind.INVOICE, Kind.DEBIT_NOTE, Kind.QUOTE}
    return replace(
        as_issued(context, draft, counter=1),
        language=regional(language, shop.seller.country),
        due_on=today + timedelta(days=shop.due_days) if is_due else None,
        payments=(paid,) if kind is Kind.RECEIPT else (),
    )


def as_issued(context: Context, draft: Draft, *, counter: int) -> Document:
    """Return the document that a draft would be, with a number of this till."""
    shop, till, staff = context.shop, context.actor.till, context.actor.staff
    return Document(
        key=new_key(),
        draft_key=draft.key,
        kind=draft.kind,
        number=number_in_series(draft.kind.letter, till.name, draft.date_on, counter),
        state=State.ISSUED,
        revision=1,
        till=till.name,
        seller=shop.seller,
        buyer=draft.buyer,
        currency=draft.currency,
        prices_include_tax=draft.prices_include_tax,
        language=shop.locale,
        lines=draft.signed_lines,
        discount=draft.discount,
        totals=draft.totals(),
        note=draft.note,
        date_on=draft.date_on,
        due_on=draft.due_on,
        issued_at=context.now(),
        issued_by=staff.name,
        issued_by_key=staff.key,
    )
