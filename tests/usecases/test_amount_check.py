"""Amounts that are hardly meant are asked about before they are booked, on each database."""

from dataclasses import replace

import pytest

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.product import Product
from shopdesk.queries import documents as ask
from shopdesk.row_keys import new_key
from shopdesk.usecases import documents, products
from shopdesk.usecases.amount_check import AMOUNT_IS_MEANT
from support.shops import SampleShop

MEANT = frozenset({AMOUNT_IS_MEANT})


def _issue(
    shop: SampleShop,
    *rows: DraftRow,
    tender: Tender | None = None,
    confirmed: frozenset[str] = frozenset(),
    **fields: Kind,
) -> Document:
    draft = shop.read(*rows, **fields).draft
    assert draft is not None
    return shop.do(documents.issue, draft, tenders=(tender,) if tender else (), confirmed=confirmed)


def _cash(minor: int) -> Tender:
    return Tender(method=Method.CASH, tendered=minor)


@pytest.fixture
def shop(sample_shop: SampleShop) -> SampleShop:
    """Its dearest product on sale costs 99.99."""
    milk = Product(key=new_key(), code="1", name="Milk", price=89_00)
    sample_shop.do(products.save, milk)
    sample_shop.do(products.save, replace(milk, key=new_key(), code="2", name="Drill", price=9999_00))
    sample_shop.do(products.save, replace(milk, key=new_key(), code="3", name="Old", price=10**12, is_retired=True))
    return sample_shop


def test_cash_of_a_thousand_times_the_total_is_asked_about(shop: SampleShop) -> None:
    row = DraftRow("Milk", "1", "5.00")
    with pytest.raises(ConfirmationRequired, match=r"in cash for .*5\.00 is at least a thousand times") as asked:
        _issue(shop, row, tender=_cash(425_261_400))
    assert asked.value.answer == AMOUNT_IS_MEANT
    assert shop.ask(ask.recent, 5) == ()
    assert _issue(shop, row, tender=_cash(499_999)).payments[0].change == 499_499
    assert _issue(shop, row, tender=_cash(500_000), confirmed=MEANT).payments[0].change == 499_500
    assert _issue(shop, row).payments[0].change == 0


def test_cash_for_an_invoice_is_asked_about_when_it_is_paid(shop: SampleShop) -> None:
    invoice = _issue(shop, DraftRow("Milk", "1", "5.00"), kind=Kind.INVOICE)
    key = new_key()
    with pytest.raises(ConfirmationRequired, match="thousand times"):
        shop.do(documents.pay, invoice.key, _cash(7_351_353_700), payment_key=key)
    assert shop.ask(ask.get, invoice.key).payments == ()
    paid = shop.do(documents.pay, invoice.key, _cash(7_351_353_700), payment_key=key, confirmed=MEANT)
    assert not paid.balance


def test_a_price_of_eight_digits_is_asked_about_where_the_dearest_product_has_four(shop: SampleShop) -> None:
    with pytest.raises(ConfirmationRequired, match="dearest product of the shop"):
        _issue(shop, DraftRow("Tea", "1", "735135.37"))
    with pytest.raises(ConfirmationRequired, match="dearest product of the shop"):
        _issue(shop, DraftRow("Milk", "1", "0.89"), DraftRow("Tea", "1", "100000.00"))
    piano = _issue(shop, DraftRow("Piano", "1", "99000.00"))
    with pytest.raises(ConfirmationRequired, match="dearest product of the shop"):
        shop.do(documents.correct, piano.key, _draft(shop, "735135.37"), revision=1)
    wrong = _issue(shop, DraftRow("Tea", "1", "735135.37"), confirmed=MEANT)
    right = shop.do(documents.correct, wrong.key, _draft(shop, "735135.37"), revision=1)
    assert right.gross.minor == 73_513_537


def _draft(shop: SampleShop, price: str) -> object:
    draft = shop.read(DraftRow("Tea", "1", price), kind=Kind.RECEIPT).draft
    assert draft is not None
    return draft


def test_a_quantity_that_is_a_code_is_asked_about(shop: SampleShop) -> None:
    with pytest.raises(ConfirmationRequired, match="is this quantity right"):
        _issue(shop, DraftRow("Screws", "250000", "0.01"))
    assert _issue(shop, DraftRow("Screws", "99999", "0.01")).number


def test_a_shop_without_priced_products_is_not_asked_about_prices(sample_shop: SampleShop) -> None:
    assert _issue(sample_shop, DraftRow("House", "1", "735135.37")).gross.minor == 73_513_537
