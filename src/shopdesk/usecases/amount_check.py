"""Questions about amounts that are hardly meant: a bar code, a phone number or a stuck key in a field for money."""

from __future__ import annotations

from collections.abc import Iterable

from shopdesk.domain.document import Draft, Line
from shopdesk.domain.errors import ConfirmationRequired
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT, Currency, Money
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.sentence import sentence
from shopdesk.render import formatting
from shopdesk.store import products
from shopdesk.store.session import Session

AMOUNT_IS_MEANT = "amount is meant"
"""The confirmation for an amount that is a thousand times what is usual."""
_TIMES = 1000
_MOST_PIECES = 100_000 * QUANTITY_UNIT
_USUAL_PRICE = 100_000 * PRICE_PER_MINOR
"""A lower price is not compared with the products, which takes two statements: 1,000.00, or 100,000 yen."""


def ask_if_absurd(session: Session, draft: Draft, *, but: Iterable[Line] = ()) -> None:
    """Ask about a price of a thousand times the dearest product on sale, and about a hundred thousand pieces.

    Lines that are like one in ``but``, those of the document before a correction, have been asked about.
    """
    known = {(line.quantity, line.unit_price) for line in but}
    lines = [line for line in draft.lines if (line.quantity, line.unit_price) not in known]
    for line in lines:
        if line.quantity >= _MOST_PIECES:
            quantity = formatting.localized(formatting.quantity, line.quantity)
            raise ConfirmationRequired(
                sentence("{quantity} × “{item}”: is this quantity right?", quantity=quantity, item=line.item),
                answer=AMOUNT_IS_MEANT,
            )
    dearest = max(lines, key=lambda line: line.unit_price, default=None)
    if dearest is None or dearest.unit_price < _USUAL_PRICE:
        return
    if products.are_all_cheaper(session, dearest.unit_price // _TIMES):
        price = formatting.localized(formatting.price, dearest.unit_price, draft.currency)
        raise ConfirmationRequired(
            sentence(
                "{price} for “{item}” is at least a thousand times the dearest product of the shop. Is this "
                "price right?",
                price=price,
                item=dearest.item,
            ),
            answer=AMOUNT_IS_MEANT,
        )


def ask_if_absurd_cash(due: int, tender: Tender, currency: Currency) -> None:
    """Ask about cash of a thousand times what is due; both in minor units."""
    if tender.method is Method.CASH and abs(tender.tendered) >= _TIMES * abs(due) > 0:
        given, total = (
            formatting.localized(formatting.money, Money(abs(minor), currency)) for minor in (tender.tendered, due)
        )
        raise ConfirmationRequired(
            sentence(
                "{given} in cash for {total} is at least a thousand times as much. Is this amount right?",
                given=given,
                total=total,
            ),
            answer=AMOUNT_IS_MEANT,
        )
