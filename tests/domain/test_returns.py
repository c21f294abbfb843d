"""Goods that come back: several returns give back exactly what was paid, and never more than was sold."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.domain import returns
from shopdesk.domain.document import Document, Draft, Kind, Line, State
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency
from shopdesk.domain.returns import Returnable
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import AmountOff, Discount, PercentOff, Totals

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RATES = (TaxRate.percent(0), TaxRate.percent(7), TaxRate.percent(19))


def sold(*lines: Line, kind: Kind = Kind.RECEIPT, include: bool = True, discount: Discount | None = None) -> Document:
    """Return a sealed document of these rows."""
    draft = Draft(
        key=UUID(int=1),
        kind=kind,
        lines=lines,
        date_on=NOON.date(),
        currency=Currency.of("EUR"),
        prices_include_tax=include,
        discount=discount,
    )
    return Document(
        key=UUID(int=2),
        draft_key=draft.key,
        kind=kind,
        number="R-A-2026-000001",
        state=State.ISSUED,
        revision=1,
        till="A",
        seller=Seller(name="Corner Shop"),
        buyer=draft.buyer,
        currency=draft.currency,
        prices_include_tax=include,
        language="en",
        lines=lines,
        discount=discount,
        totals=draft.totals(),
        note="",
        date_on=draft.date_on,
        due_on=None,
        issued_at=NOON,
        issued_by="Ada",
        issued_by_key=UUID(int=3),
        sealed_at=NOON,
    )


def line(quantity: int, price: int, *, item: str = "Tea", rate: int = 19, discount: Discount | None = None) -> Line:
    """Return a row; quantity in thousandths, price in hundredths of a cent."""
    return Line(item=item, quantity=quantity, unit_price=price, tax=TaxRate.percent(rate), discount=discount)


def come_back(document: Document, earlier: list[Document], quantities: list[int]) -> Totals:
    """Return goods once more, and remember the credit note."""
    lines, totals = returns.credited(document, returns.returnable(document, earlier), quantities)
    note = replace(document, kind=Kind.CREDIT_NOTE, lines=lines, totals=totals, corrects=document.key)
    assert returns.adds_up(note)
    earlier.append(note)
    return totals


@st.composite
def _sales(draw: st.DrawFn) -> Document:
    def one() -> Line:
        quantity, price = draw(st.integers(1, 20_000)), draw(st.integers(0, 500_000))
        off: Discount | None = draw(
            st.sampled_from([None, None, PercentOff(12_500), AmountOff(quantity * price // 300_000)])
        )
        item = draw(st.sampled_from(["Tea", "Milk", "Bread"]))
        return Line(item=item, quantity=quantity, unit_price=price, tax=draw(st.sampled_from(RATES)), discount=off)

    lines = [one() for _ in range(draw(st.integers(1, 6)))]
    off: Discount | None = draw(st.sampled_from([None, PercentOff(3_333), PercentOff(100_000)]))
    document = sold(*lines, include=draw(st.booleans()), discount=off)
    if document.totals.sum > 1 and draw(st.booleans()):
        amount = AmountOff(draw(st.integers(1, document.totals.sum)))
        document = sold(*lines, include=document.prices_include_tax, discount=amount)
    return document


@given(_sales(), st.data())
def test_returns_in_parts_give_back_exactly_what_was_paid_per_rate(document: Document, data: st.DataObject) -> None:
    earlier: list[Document] = []
    while any(one.left for one in returns.returnable(document, earlier)):
        goods = returns.returnable(document, earlier)
        wanted = [one.left if len(earlier) > 4 else data.draw(st.integers(0, one.left)) for one in goods]
        if any(wanted):
            totals = come_back(document, earlier, wanted)
            assert all(amount <= 0 for amount in totals.amounts)
            assert all(group.net <= 0 and group.tax <= 0 for group in totals.groups)
            assert -totals.gross <= document.totals.gross
        else:
            come_back(document, earlier, [one.left for one in goods])
    for name in ("sum", "discount", "net", "tax", "gross"):
        assert sum(getattr(note.totals, name) for note in earlier) == -getattr(document.totals, name)
        for group in document.totals.groups:
            of_rate = [one for note in earlier for one in note.totals.groups if one.rate == group.rate]
            assert sum(getattr(one, name) for one in of_rate) == -getattr(group, name)


def test_three_thirds_of_a_euro_are_a_euro() -> None:
    """3 × 0.333 cost 1.00: one of them gives back 0.33, the next 0.34, the last 0.33."""
    document, earlier = sold(line(3000, 3330)), list[Document]()
    assert [come_back(document, earlier, [1000]).gross for _ in range(3)] == [-33, -34, -33]


def test_tax_on_top_is_given_back_to_the_cent() -> None:
    """5 × 0.33 plus 19 % cost 1.96, though one alone would cost 0.39."""
    document, earlier = sold(line(5000, 3300), include=False), list[Document]()
    assert [come_back(document, earlier, [1000]).gross for _ in range(5)] == [-39, -40, -39, -39, -39]


def test_a_return_takes_its_share_of_the_discount_of_the_document() -> None:
    document = sold(line(1000, 100_000), line(1000, 50_000, item="Milk"), discount=AmountOff(300))
    lines, totals = returns.credited(document, returns.returnable(document, ()), [0, 1000])
    assert [(one.item, one.quantity, one.unit_price) for one in lines] == [("Milk", -1000, 50_000)]
    assert (totals.sum, totals.discount, totals.gross) == (-500, -100, -400)


def test_rows_of_the_same_goods_at_one_price_count_together() -> None:
    document = sold(line(2000, 10_000), line(1000, 20_000), line(1000, 10_000), line(-1000, 10_000))
    goods = returns.returnable(document, ())
    assert [(one.sold, one.line.unit_price) for one in goods] == [(3000, 10_000), (1000, 20_000)]


@pytest.mark.parametrize(
    ("quantities", "sentence"),
    [
        ([0], "Choose what comes back."),
        ([], "Choose what comes back."),
        ([-1000], "must be more than 0"),
        ([2500], "Only 1.5 of “Tea” can still come back."),
    ],
)
def test_no_more_comes_back_than_was_sold_and_is_not_back_yet(quantities: list[int], sentence: str) -> None:
    document, earlier = sold(line(3500, 10_000)), list[Document]()
    come_back(document, earlier, [2000])
    with pytest.raises(Refused, match=sentence):
        returns.credited(document, returns.returnable(document, earlier), quantities)


def test_a_quantity_is_told_with_all_its_digits() -> None:
    document = sold(line(12_345_678, 10_000))
    with pytest.raises(Refused, match=r"Only 12,345\.678 of “Tea”"):
        returns.credited(document, returns.returnable(document, ()), [12_345_679])


def test_an_unsealed_document_goes_on_without_what_came_back() -> None:
    document = replace(
        sold(line(4000, 10_000, discount=AmountOff(80)), line(1000, 20_000, item="Milk"), discount=AmountOff(52)),
        sealed_at=None,
    )
    goods = returns.returnable(document, ())
    left = returns.without(document, goods, [3000, 0])
    assert left is not None
    assert [(one.item, one.quantity, one.discount) for one in left.lines] == [
        ("Tea", 1000, AmountOff(20)),
        ("Milk", 1000, None),
    ]
    assert left.discount == AmountOff(28)  # 52 of 520, so 28 of 280
    assert returns.without(document, goods, [4000, 1000]) is None


def test_goods_come_back_from_what_was_sold_and_still_counts() -> None:
    kinds = {kind for kind in Kind if returns.can_return(sold(line(1000, 100), kind=kind))}
    assert kinds == {Kind.INVOICE, Kind.RECEIPT}
    for state in (State.VOIDED, State.CORRECTED):
        assert not returns.can_return(replace(sold(line(1000, 100)), state=state))


def test_what_was_changed_by_hand_does_not_add_up() -> None:
    document, earlier = sold(line(2000, 10_000)), list[Document]()
    come_back(document, earlier, [1000])
    (note,) = earlier
    assert not returns.adds_up(replace(note, totals=replace(note.totals, gross=-99)))
    goods = (Returnable(line=document.lines[0], sold=2000, returned=1000, amount=200),)
    assert returns.returnable(document, earlier) == goods
    assert [group.gross for group in returns.worth(document, goods)] == [100]
