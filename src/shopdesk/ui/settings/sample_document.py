"""Documents of the shop that are never stored: to show how its papers look, and to try a printer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Draft, Kind, Line
from shopdesk.domain.language_tag import regional
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.shop import number_in_series
from shopdesk.render.translations import wording
from shopdesk.row_keys import new_key
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.usecases.new_document import new_document

_PRICE = 1250 * PRICE_PER_MINOR


def sample(context: Context, kind: Kind, language: str) -> Document:
    """Return a document of a kind in a language: a receipt is paid, anything else is open."""
    shop, today = context.shop, context.today()
    item = wording(language).item
    is_due = kind in {Kind.INVOICE, Kind.DEBIT_NOTE, Kind.QUOTE}
    draft = Draft(
        key=new_key(),
        kind=kind,
        lines=tuple(
            Line(item=f"{item} {at}", quantity=at * QUANTITY_UNIT, unit_price=_PRICE, tax=shop.default_tax.rate)
            for at in (1, 2)
        ),
        date_on=today,
        due_on=today + timedelta(days=shop.due_days) if is_due else None,
        currency=shop.currency,
        prices_include_tax=shop.prices_include_tax,
        buyer=Buyer(name=tr("Ada Example"), address=tr("1 Sample Street")),
        language=regional(language, shop.seller.country),
    )
    made = _numbered(context, draft, 1)
    return replace(made, payments=(_in_cash(context, made.totals.gross),)) if kind is Kind.RECEIPT else made


def test_page(context: Context, note: str) -> Document:
    """Return a receipt with a note, which has no logo and no barcode."""
    shop = context.shop
    draft = Draft(
        key=new_key(),
        kind=Kind.RECEIPT,
        lines=(Line(item=tr("Test page"), quantity=QUANTITY_UNIT, unit_price=0, tax=shop.default_tax.rate),),
        date_on=context.today(),
        currency=shop.currency,
        prices_include_tax=shop.prices_include_tax,
        note=note,
    )
    return replace(_numbered(context, draft, 0), layout=None)


def _numbered(context: Context, draft: Draft, count: int) -> Document:
    made = new_document(draft, draft.totals(), context.shop, by=context.actor, now=context.now())
    return replace(made, number=number_in_series(draft.kind.letter, context.actor.till.name, draft.date_on, count))


def _in_cash(context: Context, amount: int) -> Payment:
    return Payment(
        key=new_key(),
        method=Method.CASH,
        amount=amount,
        tendered=amount,
        change=0,
        rounding=0,
        at=context.now(),
        by_name=context.actor.staff.name,
    )
