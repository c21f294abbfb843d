"""Goods that come back: which of a document may, and what is paid back for them.

All rows of one item at one price count together. Several returns give back exactly what was paid, to the cent and per
tax rate: each one is the difference between what is returned after it and before it, and all goods together are worth
what the document says. So a part of a cent is never lost or given twice (rules 4 to 7, by the largest remainder over
time).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shopdesk.domain.document import Action, Document, Draft, Line, State, next_state
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import QUANTITY_UNIT, rounded
from shopdesk.domain.sentence import sentence
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import AmountOff, Group, PercentOff, Totals, line_amount, tax_group

_Goods = tuple[object, ...]
"""The facts by which two rows are the same goods: item, price, tax, product and discount, whatever a fixed one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returnable:
    """Goods of a document: sold and already returned in thousandths, ``amount`` what they cost after row discounts."""

    line: Line
    sold: int
    returned: int
    amount: int

    @property
    def left(self) -> int:
        """The quantity that may still come back."""
        return self.sold - self.returned


def can_return(document: Document) -> bool:
    """Return True if goods of a document may come back: of an invoice or a receipt that still counts."""
    return document.kind.is_order and document.state is State.ISSUED


def returnable(document: Document, earlier: Iterable[Document]) -> tuple[Returnable, ...]:
    """Return the goods of a document in the order of its rows, less what ``earlier`` credit notes took back.

    Rows that take goods back themselves are not among them.
    """
    found: dict[_Goods, Returnable] = {}
    for line, amount in zip(document.lines, document.totals.amounts, strict=True):
        if line.quantity > 0:
            so_far = found.get(_goods(line)) or Returnable(line=line, sold=0, returned=0, amount=0)
            found[_goods(line)] = replace(so_far, sold=so_far.sold + line.quantity, amount=so_far.amount + amount)
    for credit in earlier:
        for line in credit.lines:
            if known := found.get(_goods(line)):
                found[_goods(line)] = replace(known, returned=known.returned - line.quantity)
    return tuple(found.values())


def check_quantities(goods: Sequence[Returnable], quantities: Sequence[int]) -> None:
    """Refuse to take back nothing, less than nothing, or more than was sold and has not come back yet."""
    if len(goods) != len(quantities) or not any(quantities):
        raise Refused(sentence("Choose what comes back."), field="quantity", row=0)
    for row, (one, quantity) in enumerate(zip(goods, quantities, strict=True)):
        if quantity < 0:
            raise Refused(sentence("The quantity that comes back must be more than 0."), field="quantity", row=row)
        if quantity > one.left:
            left = Decimal(one.left) / QUANTITY_UNIT
            raise Refused(
                sentence("Only {left} of “{item}” can still come back.", left=left, item=one.line.item),
                field="quantity",
                row=row,
            )


def credited(
    document: Document, goods: Sequence[Returnable], quantities: Sequence[int]
) -> tuple[tuple[Line, ...], Totals]:
    """Return the rows and totals of the credit note for goods of a sealed document; all amounts are negative."""
    next_state(document.state, Action.RETURN, is_sealed=document.is_sealed)
    check_quantities(goods, quantities)
    before = {at: one.returned for at, one in enumerate(goods)}
    after = {at: one.returned + quantity for at, (one, quantity) in enumerate(zip(goods, quantities, strict=True))}
    taken = [at for at, quantity in enumerate(quantities) if quantity]
    amounts = {at: _share(goods[at], after[at]) - _share(goods[at], before[at]) for at in taken}
    lines = tuple(_returned(goods[at].line, quantities[at], amounts[at]) for at in taken)
    rates = {goods[at].line.tax for at in taken}
    worth_after, worth_before = (_groups(document, goods, which, rates) for which in (after, before))
    groups = tuple(_difference(worth_before[rate], worth_after[rate]) for rate in sorted(rates))
    return lines, _totals(tuple(-amounts[at] for at in taken), groups)


def worth(document: Document, goods: Sequence[Returnable]) -> tuple[Group, ...]:
    """Return what all that came back until now is worth together, per tax rate."""
    returned = {at: one.returned for at, one in enumerate(goods) if one.returned}
    rates = {goods[at].line.tax for at in returned}
    return tuple(_groups(document, goods, returned, rates)[rate] for rate in sorted(rates))


def without(document: Document, goods: Sequence[Returnable], quantities: Sequence[int]) -> Draft | None:
    """Return the content of an unsealed document without some goods; None if no row is left.

    Discounts of a fixed amount shrink with what they are taken from.
    """
    check_quantities(goods, quantities)
    taken = {_goods(one.line): quantity for one, quantity in zip(goods, quantities, strict=True)}
    left: list[Line] = []
    for line in reversed(document.lines):
        back = min(line.quantity, taken.get(_goods(line), 0)) if line.quantity > 0 else 0
        if back:
            taken[_goods(line)] -= back
        if back < line.quantity or line.quantity <= 0:
            left.append(_shrunk(line, back))
    if not left:
        return None
    draft = Draft(
        key=document.draft_key,
        kind=document.kind,
        lines=tuple(reversed(left)),
        date_on=document.date_on,
        currency=document.currency,
        prices_include_tax=document.prices_include_tax,
        buyer=document.buyer,
        due_on=document.due_on,
        discount=document.discount,
        note=document.note,
        language=document.language,
    )
    if isinstance(document.discount, AmountOff) and document.totals.sum > 0:
        rest = replace(draft, discount=None).totals().sum
        off = rounded(document.discount.minor * rest, document.totals.sum)
        draft = replace(draft, discount=AmountOff(off) if off else None)
    return draft


def adds_up(credit: Document) -> bool:
    """Return True if the rows of a credit note for returned goods, its tax groups and its totals agree."""
    totals = credit.totals
    sums: dict[TaxRate, int] = {}
    for line, amount in zip(credit.lines, totals.amounts, strict=True):
        sums[line.tax] = sums.get(line.tax, 0) + amount
    return totals == _totals(totals.amounts, totals.groups) and all(
        group.sum == sums.get(group.rate)
        and group.net + group.tax == group.gross
        and group.sum - group.discount == (group.gross if credit.prices_include_tax else group.net)
        for group in totals.groups
    )


def _goods(line: Line) -> _Goods:
    discount = line.discount if isinstance(line.discount, PercentOff) else type(line.discount)
    return line.item, line.unit_price, line.tax, line.product_key, discount


def _share(goods: Returnable, quantity: int) -> int:
    """Return what a quantity of some goods cost after row discounts; all of them cost all."""
    return rounded(goods.amount * quantity, goods.sold)


def _groups(
    document: Document, goods: Sequence[Returnable], returned: Mapping[int, int], rates: Iterable[TaxRate]
) -> dict[TaxRate, Group]:
    """Return what the returned quantities are worth together, per rate, with their share of the document discount."""
    sums = dict.fromkeys(rates, 0)
    for at, quantity in returned.items():
        if goods[at].line.tax in sums:
            sums[goods[at].line.tax] += _share(goods[at], quantity)
    sold = {group.rate: group for group in document.totals.groups}
    return {
        rate: tax_group(
            rate,
            total,
            rounded(sold[rate].discount * total, sold[rate].sum) if sold[rate].sum else 0,
            prices_include_tax=document.prices_include_tax,
        )
        for rate, total in sums.items()
    }


def _difference(before: Group, after: Group) -> Group:
    """Return the group by which a credit note goes from ``after`` back to ``before``."""
    return Group(
        before.rate,
        before.sum - after.sum,
        before.discount - after.discount,
        net=before.net - after.net,
        tax=before.tax - after.tax,
        gross=before.gross - after.gross,
    )


def _totals(amounts: tuple[int, ...], groups: tuple[Group, ...]) -> Totals:
    return Totals(
        amounts=amounts,
        sum=sum(amounts),
        discount=sum(group.discount for group in groups),
        groups=groups,
        net=sum(group.net for group in groups),
        tax=sum(group.tax for group in groups),
        gross=sum(group.gross for group in groups),
    )


def _returned(line: Line, quantity: int, amount: int) -> Line:
    """Return the row of a credit note; a fixed discount is what the amount lacks to the full price."""
    back = replace(line, quantity=-quantity)
    if not isinstance(line.discount, AmountOff):
        return back
    full = -line_amount(replace(back, discount=None).priced)
    return replace(back, discount=AmountOff(max(full - amount, 0)))


def _shrunk(line: Line, back: int) -> Line:
    if not back:
        return line
    rest = replace(line, quantity=line.quantity - back)
    if not isinstance(line.discount, AmountOff):
        return rest
    off = rounded(line.discount.minor * rest.quantity, line.quantity)
    full = line_amount(replace(rest, discount=None).priced)
    return replace(rest, discount=AmountOff(min(off, full)))
