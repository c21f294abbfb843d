"""A sample document with the shop's own head, to show how its papers look; it is never stored."""

from __future__ import annotations

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
    totals = draft.totals()
    paid = Payment(
        key=new_key(),
        method=Method.CASH,
        amount=totals.gross,
        tendered=totals.gross,
        change=0,
        rounding=0,
        at=context.now(),
        by_name=context.actor.staff.name,
    )
    is_due = kind in {Kind.INVOICE, Kind.DEBIT_NOTE, Kind.QUOTE}
    return Document(
        key=new_key(),
        draft_key=draft.key,
        kind=kind,
        number=number_in_series(kind.letter, context.actor.till.name, today, 1),
        state=State.ISSUED,
        revision=1,
        till=context.actor.till.name,
        seller=shop.seller,
        buyer=draft.buyer,
        currency=draft.currency,
        prices_include_tax=draft.prices_include_tax,
        language=regional(language, shop.seller.country),
        lines=draft.signed_lines,
        discount=None,
        totals=totals,
        note="",
        date_on=today,
        due_on=today + timedelta(days=shop.due_days) if is_due else None,
        issued_at=context.now(),
        issued_by=context.actor.staff.name,
        issued_by_key=context.actor.staff.key,
        payments=(paid,) if kind is Kind.RECEIPT else (),
    )
