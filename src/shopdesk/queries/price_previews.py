"""The effect of a change of many prices: the number of products that change, and each old price beside the new one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shopdesk.domain.account import Actor, Right
from shopdesk.domain.collation import sort_key
from shopdesk.domain.price_change import PriceChange, ProductChoice
from shopdesk.domain.product import Product
from shopdesk.queries.accounts import permitted
from shopdesk.queries.keyset import rows_after
from shopdesk.store import products as kept
from shopdesk.store import shop
from shopdesk.store.session import Session
from shopdesk.store.tables import products


@dataclass(frozen=True, slots=True)
class PricePreview:
    """A product before and after the change."""

    before: Product
    after: Product

    @property
    def key(self) -> UUID:
        """The product's key."""
        return self.before.key


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCheck:
    """The numbers of products that were chosen, that change, and that would cost less than nothing.

    ``state`` stands for the products with their revisions: the change is refused when one has changed since.
    """

    chosen: int
    changed: int
    negative: int
    state: str


def check(session: Session, *, choice: ProductChoice, change: PriceChange, by: Actor) -> PriceCheck:
    """Return what a change would do to the chosen products; nothing is written."""
    permitted(session, by, Right.CATALOGUE)
    state = kept.ProductsState()
    chosen = changed = negative = 0
    for some in kept.each_chosen(session, choice):
        state.add(some)
        chosen += len(some)
        for product, _ in some:
            after = change.changed(product)
            changed += after != product
            negative += after.price < 0
    return PriceCheck(chosen=chosen, changed=changed, negative=negative, state=state.text)


def preview(
    session: Session,
    *,
    choice: ProductChoice,
    change: PriceChange,
    by: Actor,
    after: PricePreview | None,
    limit: int = 200,
) -> tuple[PricePreview, ...]:
    """Return the next chosen products by name, each before and after the change."""
    permitted(session, by, Right.CATALOGUE)
    order = (products.c.sort_key, products.c.key)
    statement = kept.SELECT.where(*kept.chosen(choice))
    if after is not None:
        here, last = rows_after(order, (sort_key(after.before.name, shop.language(session)), after.key))
        statement = statement.where(here > last)
    rows = session.execute(statement.order_by(*order).limit(limit))
    return tuple(PricePreview(product, change.changed(product)) for product in map(kept.to_product, rows))
