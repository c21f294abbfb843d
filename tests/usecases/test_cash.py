"""Cash is what coins make, wherever it moves, and money goes back the way it came; on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.shop import Seal
from shopdesk.queries import documents as ask
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store.tables import payments
from shopdesk.usecases import documents
from shopdesk.usecases.day_close import close_day
from support.shops import SampleShop

FRANC = 5  # the smallest Swiss coin
SAME = frozenset({documents.SAME_AGAIN})
CASH, CARD = Method.CASH, Method.CARD


def sold(
    sample_shop: SampleShop,
    price: str,
    *,
    method: Method | None = CASH,
    tendered: int | None = None,
    kind: Kind = Kind.RECEIPT,
) -> Document:
    draft = sample_shop.draft(DraftRow("Tea", "1", price), kind=kind)
    given = draft.totals().gross if tendered is None else tendered
    tender = Tender(method=method, tendered=given) if method else None
    return sample_shop.do(documents.issue, draft, tenders=(tender,) if tender else (), confirmed=SAME)


def corrected(sample_shop: SampleShop, document: Document, price: str) -> Document:
    draft = sample_shop.draft(DraftRow("Tea", "1", price), kind=document.kind)
    return sample_shop.do(documents.correct, document.key, draft, revision=document.revision)


def paid(sample_shop: SampleShop, document: Document, method: Method, tendered: int) -> Document:
    tender = Tender(method=method, tendered=tendered)
    return sample_shop.do(documents.pay, document.key, tender, payment_key=new_key())


def moved(sample_shop: SampleShop, since: Any = None) -> dict[Method, int]:
    """What was taken and not given back, by method: the drawer, and the card machine's total."""
    sums: dict[Method, int] = {}
    rows = select(payments) if since is None else select(payments).where(payments.c.paid_at > since)
    for row in sample_shop.ask(lambda session: session.execute(rows).all()):
        method = Method(row.method)
        assert row.tendered_minor - row.change_minor == row.amount_minor + row.rounding_minor
        if method is not Method.OFFSET:
            sums[method] = sums.get(method, 0) + row.tendered_minor - row.change_minor
    return {method: total for method, total in sums.items() if total}


def books_hold(sample_shop: SampleShop) -> bool:
    return sample_shop.ask(lambda session: list(verify.violations(session))) == []


@pytest.fixture(params=[Seal.AT_CLOSE, Seal.AT_ISSUE])
def swiss(request: pytest.FixtureRequest, sample_shop: SampleShop) -> SampleShop:
    """A shop whose smallest coin is 0.05, with corrections before and after sealing."""
    sample_shop.change_shop(smallest_coin=FRANC, seal=request.param)
    return sample_shop


@pytest.mark.parametrize(
    ("price", "taken", "new_price", "drawer"),
    [
        ("10.03", 1005, "7.51", 750),
        ("10.03", 1005, "10.02", 1000),
        ("10.02", 1000, "10.04", 1005),
        ("10.02", 1000, "10.01", 1000),
        ("0.02", 0, "0.03", 5),
        ("10.00", 1000, "0.02", 0),
    ],
)
def test_what_a_correction_gives_back_or_takes_is_what_coins_make(
    swiss: SampleShop, price: str, taken: int, new_price: str, drawer: int
) -> None:
    before = sold(swiss, price)
    assert moved(swiss).get(CASH, 0) == taken
    after = corrected(swiss, before, new_price)
    assert not after.balance
    assert moved(swiss).get(CASH, 0) == drawer
    swiss.do(documents.delete, after.key)
    assert moved(swiss) == {}
    assert books_hold(swiss)


def test_many_small_corrections_do_not_add_up_to_an_amount_that_coins_do_not_make(swiss: SampleShop) -> None:
    document = sold(swiss, "10.02")
    for price in ("10.04", "10.06", "10.08", "10.11", "9.99"):
        document = corrected(swiss, document, price)
        assert moved(swiss)[CASH] == round(float(price) * 20) * 5
    assert books_hold(swiss)


def test_a_document_that_replaced_another_gives_back_what_came_in(swiss: SampleShop) -> None:
    after = corrected(swiss, sold(swiss, "10.03"), "7.51")
    gone = swiss.do(documents.delete, after.key)
    assert gone.state in {State.VOIDED, State.CORRECTED}
    assert moved(swiss) == {}
    assert books_hold(swiss)


def test_a_card_sale_is_refunded_to_the_card_after_any_corrections(swiss: SampleShop) -> None:
    document = sold(swiss, "10.03", method=CARD)
    for price in ("10.03", "7.51", "8.12"):
        document = corrected(swiss, document, price)
        assert moved(swiss) == {CARD: round(float(price) * 100)}
    swiss.do(documents.delete, document.key)
    assert moved(swiss) == {}
    assert books_hold(swiss)


def test_a_split_payment_goes_back_by_both_ways_and_by_neither_more_than_came(swiss: SampleShop) -> None:
    document = sold(swiss, "10.03", method=CARD, tendered=400)
    document = paid(swiss, document, CASH, 603)
    assert moved(swiss) == {CARD: 400, CASH: 605}
    document = corrected(swiss, document, "3.01")
    assert moved(swiss) == {CARD: 301}
    swiss.do(documents.delete, document.key)
    assert moved(swiss) == {}
    assert books_hold(swiss)


def test_a_card_sale_refunded_in_cash_asks_for_no_cash_when_it_is_deleted(swiss: SampleShop) -> None:
    invoice = sold(swiss, "10.03", method=CARD, kind=Kind.INVOICE)
    after = corrected(swiss, invoice, "8.00")
    after = paid(swiss, after, CASH, -203)
    assert moved(swiss) == {CARD: 1003, CASH: -205}
    swiss.do(documents.delete, after.key)
    assert moved(swiss) == {CARD: 203, CASH: -205}  # the card gets back 8.00, and no coin goes in
    assert books_hold(swiss)


def test_a_part_payment_is_what_coins_make_or_refused(swiss: SampleShop) -> None:
    invoice = sold(swiss, "10.03", method=None, kind=Kind.INVOICE)
    with pytest.raises(Refused, match="no coins for this amount"):
        paid(swiss, invoice, CASH, 501)
    invoice = paid(swiss, invoice, CASH, 500)
    invoice = paid(swiss, invoice, CASH, 503)
    assert not invoice.balance
    assert moved(swiss) == {CASH: 1005}
    assert books_hold(swiss)


def test_a_credit_note_pays_out_what_coins_make(swiss: SampleShop) -> None:
    note = sold(swiss, "10.03", kind=Kind.CREDIT_NOTE, tendered=-1003)
    assert moved(swiss) == {CASH: -1005}
    if not note.is_sealed:
        swiss.do(documents.delete, note.key)
        assert moved(swiss) == {}
    assert books_hold(swiss)


def test_a_sale_of_before_the_shop_rounded_is_given_back_in_coins(sample_shop: SampleShop) -> None:
    document = sold(sample_shop, "10.03")
    assert moved(sample_shop) == {CASH: 1003}
    sample_shop.change_shop(smallest_coin=FRANC)
    sample_shop.do(documents.delete, document.key)
    assert moved(sample_shop) == {CASH: -2}  # 10.05 went out: no coins make 10.03
    assert books_hold(sample_shop)


def test_a_receipt_corrected_after_the_close_of_the_day_moves_what_coins_make(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(smallest_coin=FRANC)
    document = sold(sample_shop, "10.03")
    sample_shop.do(close_day)
    corrected(sample_shop, sample_shop.ask(ask.get, document.key), "7.51")
    assert moved(sample_shop) == {CASH: 750}
    assert books_hold(sample_shop)


def test_the_credit_note_of_a_correction_is_neither_changed_nor_deleted(sample_shop: SampleShop) -> None:
    document = sold(sample_shop, "10.03")
    sample_shop.do(close_day)
    corrected(sample_shop, sample_shop.ask(ask.get, document.key), "7.51")
    credit_key = sample_shop.ask(ask.get, document.key).corrected_by
    credit = sample_shop.ask(ask.get, credit_key)
    assert not credit.is_sealed
    with pytest.raises(Refused, match="cancels another document"):
        sample_shop.do(documents.delete, credit.key)
    with pytest.raises(Refused, match="cancels another document"):
        corrected(sample_shop, credit, "1.00")
    assert sample_shop.ask(ask.get, credit_key) == credit
    assert books_hold(sample_shop)


# --- any acts in any order ------------------------------------------------------------------------------------------

PRICES = st.integers(0, 5000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
METHODS = st.sampled_from([CASH, CASH, CARD])
ACTS = st.one_of(
    st.tuples(st.just("sell"), PRICES, METHODS),
    st.tuples(st.just("sell in parts"), PRICES, METHODS, st.integers(1, 99)),
    st.tuples(st.just("invoice"), PRICES),
    st.tuples(st.just("credit"), PRICES, METHODS),
    st.tuples(st.just("settle"), st.integers(0, 9), METHODS, st.integers(1, 100)),
    st.tuples(st.just("correct"), st.integers(0, 9), PRICES),
    st.tuples(st.just("correct"), st.integers(0, 9), PRICES),
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.just(("close",)),
)


@dataclass
class Counter:
    """A day at the counter, act by act; what the rules refuse is left out."""

    shop: SampleShop
    coin: int
    keys: list[Any]

    def act(self, name: str, *given: Any) -> None:
        if name == "close":
            self.shop.do(close_day)
        elif name == "sell":
            self._sell(given[0], given[1])
        elif name == "sell in parts":
            self._sell(given[0], given[1], percent=given[2])
        elif name == "invoice":
            self._keep(sold(self.shop, given[0], method=None, kind=Kind.INVOICE))
        elif name == "credit":
            self._sell(given[0], given[1], kind=Kind.CREDIT_NOTE)
        elif self.keys:
            document = self.shop.ask(ask.get, self.keys[given[0] % len(self.keys)])
            if name == "settle" and document.balance:
                self._settle(document, given[1], given[2])
            elif name == "correct" and document.state is State.ISSUED:
                self._correct(document, given[1])
            elif name == "delete" and document.state is State.ISSUED:
                self._delete(document)

    def _sell(self, price: str, method: Method, *, percent: int = 100, kind: Kind = Kind.RECEIPT) -> None:
        gross = self.shop.draft(DraftRow("Tea", "1", price), kind=kind).totals().gross
        part = self._part(gross, method, percent)
        if gross and part:
            self._keep(sold(self.shop, price, method=method, tendered=part, kind=kind))

    def _settle(self, document: Document, method: Method, percent: int) -> None:
        if part := self._part(document.balance.minor, method, percent):
            paid(self.shop, document, method, part)

    def _correct(self, document: Document, price: str) -> None:
        if document.is_sealed and document.kind is Kind.CREDIT_NOTE:
            return
        after = corrected(self.shop, document, price)
        was_settled = document.kind is Kind.RECEIPT and document.payments and not document.balance
        assert not was_settled or not after.balance
        if after.key != document.key:
            self._keep(after)

    def _delete(self, document: Document) -> None:
        if not (document.is_sealed and document.kind is Kind.CREDIT_NOTE):
            self.shop.do(documents.delete, document.key)

    def _part(self, due: int, method: Method, percent: int) -> int:
        """A part that can be paid by the method: for cash, what coins make."""
        if percent == 100 or method is not CASH:
            return due * percent // 100 if due > 0 else -(-due * percent // 100)
        part = abs(due) * percent // 100 // self.coin * self.coin
        return part if due > 0 else -part

    def _keep(self, document: Document) -> None:
        self.keys.append(document.key)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    acts=st.lists(ACTS, min_size=4, max_size=12),
    coin=st.sampled_from([5, 10, 50, 100]),
    prices_include_tax=st.booleans(),
    seal=st.sampled_from(Seal),
)
def test_the_drawer_never_holds_what_no_coins_make(
    sample_shop: SampleShop, acts: Sequence[tuple[Any, ...]], coin: int, prices_include_tax: bool, seal: Seal
) -> None:
    sample_shop.change_shop(smallest_coin=coin, prices_include_tax=prices_include_tax, seal=seal)
    began = sample_shop.now
    counter = Counter(sample_shop, coin, [])
    for name, *arguments in acts:
        counter.act(name, *arguments)
        assert moved(sample_shop, began).get(CASH, 0) % coin == 0
    for key in counter.keys:
        document = sample_shop.ask(ask.get, key)
        if document.state is State.ISSUED and not (document.is_sealed and document.kind is Kind.CREDIT_NOTE):
            sample_shop.do(documents.delete, key)
    rest = moved(sample_shop, began)
    assert rest.get(CASH, 0) % coin == 0
    notes = [sample_shop.ask(ask.get, key) for key in counter.keys]
    open_still = sum(note.paid.minor for note in notes if note.state is State.ISSUED)
    assert abs(sum(rest.values()) - open_still) <= coin * len(acts)
    assert books_hold(sample_shop)


@pytest.mark.parametrize("coin", [0, -5])
def test_there_is_no_coin_of_nothing(sample_shop: SampleShop, coin: int) -> None:
    with pytest.raises(Refused, match="must be more than zero") as refused:
        sample_shop.change_shop(smallest_coin=coin)
    assert refused.value.faults[0].field == "smallest_coin"


def test_one_sale_is_paid_in_several_ways_and_its_parts_add_up(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(smallest_coin=FRANC)
    draft = sample_shop.draft(DraftRow("Tea", "1", "12.03"))
    tenders = (Tender(method=CASH, tendered=1000), Tender(method=CARD, tendered=500))
    sold_one = sample_shop.do(documents.issue, draft, tenders=tenders)
    assert [(one.method, one.amount, one.change, one.rounding) for one in sold_one.payments] == [
        (CASH, 703, 295, 2),
        (CARD, 500, 0, 0),
    ]
    assert not sold_one.balance
    assert sample_shop.ask(ask.get, sold_one.key) == sold_one
    assert sample_shop.ask(ask.history, sold_one.key)[0].detail == "paid cash, paid card"
    assert moved(sample_shop) == {CASH: 705, CARD: 500}
    with pytest.raises(Refused, match="settle it already"):
        sample_shop.do(documents.issue, sample_shop.draft(DraftRow("Tea", "1", "5")), tenders=tenders)
    assert not list(sample_shop.ask(lambda session: list(verify.violations(session))))
