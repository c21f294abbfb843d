"""A quote becomes an invoice, and a document is repeated: tied to where it came from, at the prices of then."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.document import Draft, Kind
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.domain.errors import ConfirmationRequired
from shopdesk.domain.product import Product
from shopdesk.queries import document_details, drafts, verify
from shopdesk.row_keys import new_key
from shopdesk.usecases import documents, products
from shopdesk.usecases import drafts as do_drafts
from support.shops import SampleShop
from usecases.test_races import at_once


def test_a_quote_becomes_an_invoice_once_without_a_question(sample_shop: SampleShop) -> None:
    quote = sample_shop.issue(kind=Kind.QUOTE, discount="10 %")
    invoice = sample_shop.issue(kind=Kind.INVOICE, discount="10 %", origin=quote.key)
    assert invoice.origin == quote.key
    seen, there = (sample_shop.ask(document_details.details, one.key) for one in (quote, invoice))
    assert [one.number for one in seen.descendants] == [invoice.number]
    assert seen.converted_into == seen.descendants[0]
    assert there.origin is not None
    assert (there.origin.number, there.converted_into) == (quote.number, None)

    again = sample_shop.draft(kind=Kind.RECEIPT, origin=quote.key)
    with pytest.raises(ConfirmationRequired, match=f"{quote.number} already became {invoice.number}") as question:
        sample_shop.do(documents.issue, again)
    receipt = sample_shop.do(documents.issue, again, confirmed=frozenset({question.value.answer}))
    sample_shop.do(documents.delete, receipt.key)
    sample_shop.do(documents.delete, invoice.key)
    third = sample_shop.issue(kind=Kind.INVOICE, origin=quote.key)
    assert third.origin == quote.key, "the others count no more"
    sample_shop.issue(kind=Kind.QUOTE, origin=quote.key)
    sample_shop.issue(kind=Kind.INVOICE, origin=third.key)
    assert [one.kind for one in sample_shop.ask(document_details.details, third.key).descendants] == [Kind.INVOICE]
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_two_tills_that_convert_a_quote_at_once_make_one_document_and_a_question(sample_shop: SampleShop) -> None:
    for _ in range(5):
        quote = sample_shop.issue(kind=Kind.QUOTE)
        offers = [sample_shop.draft(DraftRow("Tea", "1", price), kind=Kind.INVOICE, origin=quote.key) for price in "12"]
        came = at_once(
            sample_shop.database,
            *[partial(documents.issue, draft=one, by=sample_shop.by, now=sample_shop.now) for one in offers],
        )
        assert sorted(type(one).__name__ for one in came) == ["ConfirmationRequired", "Document"]


def test_a_corrected_document_keeps_where_it_came_from(sample_shop: SampleShop) -> None:
    quote = sample_shop.issue(kind=Kind.QUOTE)
    invoice = sample_shop.issue(kind=Kind.INVOICE, origin=quote.key)
    other = sample_shop.draft(DraftRow("Tea", "9", "1"), kind=Kind.INVOICE, customer="")
    amended = sample_shop.do(documents.correct, invoice.key, other, revision=1)
    assert (amended.revision, amended.origin) == (2, quote.key)
    sample_shop.seal_at_issue()
    sealed = sample_shop.issue(kind=Kind.INVOICE, origin=amended.key)
    replaced = sample_shop.do(documents.correct, sealed.key, replace(other, key=new_key()), revision=1)
    assert (replaced.replaces, replaced.origin) == (sealed.key, amended.key)
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_what_a_manager_quoted_a_cashier_may_sell_while_the_quote_is_valid(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(cashier_discount_milli=5_000)
    cheap = Product(key=new_key(), code="T", name="Tea", price=10_000)
    sample_shop.do(products.save, cheap)
    row = DraftRow("Tea", "1", "1.00", "50 %", product_key=cheap.key)
    until = str(sample_shop.today + timedelta(days=1))
    quote, gone = (sample_shop.issue(row, kind=Kind.QUOTE, due=until) for _ in range(2))
    sample_shop.do(documents.delete, gone.key)
    till = sample_shop.as_(sample_shop.staff(Role.CASHIER))

    def sale(of: Draft, **facts: object) -> Draft:
        return replace(of, key=new_key(), **facts)  # type: ignore[arg-type]

    asked = till.draft(row, kind=Kind.INVOICE, origin=quote.key)
    late = asked.date_on + timedelta(days=2)
    for refused in (
        sale(asked, origin=None),
        sale(asked, origin=gone.key),
        sale(asked, date_on=late, due_on=late),
        till.draft(replace(row, discount="60 %"), kind=Kind.INVOICE, origin=quote.key),
    ):
        with pytest.raises(NotAllowed, match="at most 5 % off"):
            till.do(documents.issue, refused, confirmed=frozenset({documents.DATE_IS_MEANT}))
    assert till.do(documents.issue, asked).gross.minor == 50


def test_an_origin_that_a_restored_backup_lacks_stops_no_sale(sample_shop: SampleShop) -> None:
    lost = sample_shop.issue(kind=Kind.INVOICE, origin=new_key())
    assert sample_shop.ask(document_details.details, lost.key).origin is None


def test_a_draft_keeps_its_origin(sample_shop: SampleShop) -> None:
    quote = sample_shop.issue(kind=Kind.QUOTE)
    form = DraftForm(key=new_key(), rows=(DraftRow("Tea"),), origin=quote.key)
    sample_shop.do(do_drafts.save_draft, form, changed=None)
    assert sample_shop.ask(drafts.form, form.key) == form
