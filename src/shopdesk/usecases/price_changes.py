"""The use case that changes the prices and taxes of many products at once."""

from __future__ import annotations

from datetime import datetime

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.errors import Refused
from shopdesk.domain.price_change import PriceChange, ProductChoice
from shopdesk.domain.sentence import sentence
from shopdesk.store import acts_lists, products, shop
from shopdesk.store.acts_lists import Saved
from shopdesk.store.session import Session
from shopdesk.usecases import price_journal
from shopdesk.usecases.rights import authorize


def change_prices(
    session: Session, choice: ProductChoice, change: PriceChange, *, state: str, by: Actor, now: datetime
) -> int:
    """Change the chosen products, all or none, and return how many changed.

    ``state`` is that of the check (``queries/price_previews``). Raise Refused if a product was changed, added or
    removed since, if the tax is not one of the shop's, or if a price would be negative. To undo it, change them back.
    """
    actor = authorize(session, by, Right.CATALOGUE)
    the_shop = shop.current(session)
    if change.changes_tax and change.tax_key not in {None, *(tax.key for tax in the_shop.taxes)}:
        raise Refused(sentence("This tax rate is no longer in use. Choose another one."), field="tax")
    now_there = products.ProductsState()
    saved: list[Saved] = []
    for some in products.each_chosen(session, choice, for_update=True):
        now_there.add(some)
        saved += [(before, after) for before, _ in some if (after := change.changed(before)) != before]
    if now_there.text != state:
        raise Refused(sentence("Another user has changed some of these products. Check the prices again."))
    if any(after.price < 0 for _, after in saved):
        raise Refused(sentence("Some prices would be less than nothing. Take off less."), field="amount")
    acts_lists.set_prices(session, saved, price_journal.words(session, saved), by=actor, at=now)
    return len(saved)
