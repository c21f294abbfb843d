"""What an e-invoice needs is set once, copied into each document, and kept there for ever."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.e_invoice import missing_facts
from shopdesk.domain.errors import Refused
from shopdesk.domain.product import Product
from shopdesk.domain.tax import Category
from shopdesk.domain.unit import Unit
from shopdesk.queries import documents as ask
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import document_snapshots
from shopdesk.store.tables import customers as _customers
from shopdesk.store.tables import journal
from shopdesk.usecases import customers, documents, products
from support.e_invoices import BUYER, REASON, equip, sell, shop_of
from support.shops import SampleShop


def _violations(sample_shop: SampleShop) -> list[str]:
    return sample_shop.ask(lambda session: list(verify.violations(session)))


def test_a_document_copies_what_an_e_invoice_needs(sample_shop: SampleShop) -> None:
    issued = sell(sample_shop)
    found = sample_shop.ask(ask.get, issued.key)
    assert found == issued
    assert [line.unit for line in found.lines] == [Unit.KILOGRAM, Unit.PIECE]
    assert found.exemptions == ((Category.EXEMPT, REASON),)
    assert (found.seller.vat_number, found.seller.iban, found.seller.bic) == (
        "DE136695976",
        "DE89370400440532013000",
        "COBADEFFXXX",
    )
    assert (found.buyer.country, found.buyer.vat_number, found.buyer.reference) == ("FR", "FR40303265045", "PO 4711")
    assert missing_facts(found) == ()
    assert _violations(sample_shop) == []


def test_a_later_change_of_shop_and_product_changes_no_document(sample_shop: SampleShop) -> None:
    issued = sell(sample_shop)
    (cheese,) = (line.product_key for line in issued.lines if line.product_key)
    sample_shop.change_shop(taxes=shop_of(sample_shop).taxes[:-1])
    sample_shop.do(products.save, Product(key=cheese, code="1", name="Cheese", price=1, unit=Unit.GRAM))
    found = sample_shop.ask(ask.get, issued.key)
    assert found.exemptions == ((Category.EXEMPT, REASON),)
    assert found.lines[0].unit is Unit.KILOGRAM


def test_a_credit_note_repeats_units_and_reasons_even_if_the_shop_has_others_now(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    issued = sell(sample_shop)
    sample_shop.change_shop(taxes=shop_of(sample_shop).taxes[:-1])
    credited = sample_shop.do(documents.delete, issued.key)
    assert credited.corrected_by is not None
    note = sample_shop.ask(ask.get, credited.corrected_by)
    assert (note.kind, note.exemptions) == (Kind.CREDIT_NOTE, issued.exemptions)
    assert [line.unit for line in note.lines] == [Unit.KILOGRAM, Unit.PIECE]
    assert _violations(sample_shop) == []


def test_saving_twice_issues_one_document_whatever_its_units(sample_shop: SampleShop) -> None:
    cheese = Product(key=new_key(), code="1", name="Cheese", price=20_0000, unit=Unit.KILOGRAM)
    sample_shop.do(products.save, cheese)
    draft = sample_shop.draft(DraftRow("Cheese", "0.350", "20", product_key=cheese.key))
    assert sample_shop.do(documents.issue, draft) == sample_shop.do(documents.issue, draft)


# --- the journal ----------------------------------------------------------------------------------------------------


def _written(sample_shop: SampleShop, issued: Document) -> tuple[int, dict[str, Any]]:
    row = select(journal.c.version, journal.c.snapshot).where(journal.c.document_key == issued.key)
    version, snapshot = sample_shop.ask(lambda session: session.execute(row).one())
    return version, json.loads(document_snapshots.unpacked(snapshot))["document"]


def test_the_journal_has_the_facts_of_e_invoices_since_version_4(sample_shop: SampleShop) -> None:
    issued = sell(sample_shop)
    version, facts = _written(sample_shop, issued)
    assert version == document_snapshots.VERSION
    assert facts["exemptions"] == [["E", REASON]]
    assert [line[8:] for line in facts["lines"]] == [["KGM"], []]
    assert facts["seller"]["iban"] == "DE89370400440532013000"
    assert facts["buyer"]["country"] == "FR"
    assert document_snapshots.from_facts(facts) == issued


_VERSION_3 = (
    '{"amounts":[178],"buyer":{"address":"","email":"","key":null,"language":"","name":"","phone":"","tax_id":""},'
    '"corrected_by":null,"corrects":null,"currency":"USD","date_on":"2026-11-23","discount":[null,null],'
    '"draft_key":"019a0000-0000-7000-8000-000000000002","due_on":null,"gross":178,'
    '"groups":[[16000,"S",178,0,153,25,178]],"issued_at":"2026-11-23T09:00:01.000000Z","issued_by":"Ada",'
    '"issued_by_key":"019a0000-0000-7000-8000-000000000003","key":"019a0000-0000-7000-8000-000000000001",'
    '"kind":"receipt","language":"en","lines":[["Milk",2000,8900,16000,"S",null,null,null]],"net":153,"note":"",'
    '"number":"R-A-2026-000001","off":0,"origin":"019a0000-0000-7000-8000-000000000009","payments":[],'
    '"prices_include_tax":true,"replaces":null,"revision":1,"sealed_at":null,"seller":{"address":"","country":"US",'
    '"email":"shop@example.org","footer":"","name":"Corner Shop","phone":"","tax_id":""},"state":"issued","sum":178,'
    '"tax":25,"till":"A","voided_at":null}'
)


def test_a_row_of_version_3_is_read_and_written_again_byte_by_byte() -> None:
    document = document_snapshots.from_facts(json.loads(_VERSION_3))
    assert document.lines[0].unit is Unit.PIECE
    assert document_snapshots.canonical(document_snapshots.to_facts(document)) == _VERSION_3.encode()


# --- what is refused ------------------------------------------------------------------------------------------------


def test_each_wrong_number_of_the_shop_is_named_at_its_field(sample_shop: SampleShop) -> None:
    with pytest.raises(Refused) as refused:
        equip(sample_shop, iban="DE89 3704 0044 0532 0130 01", bic="X", vat_number="136695976")
    assert [fault.field for fault in refused.value.faults] == ["vat_number", "iban", "bic"]


def test_each_wrong_fact_of_a_customer_is_named_at_its_field(sample_shop: SampleShop) -> None:
    with pytest.raises(Refused) as refused:
        sample_shop.do(customers.save, replace(BUYER, country="Frankreich", vat_number="12", electronic_address="Ada"))
    assert [fault.field for fault in refused.value.faults] == ["country", "vat_number", "electronic_address"]


def test_a_rate_that_is_taxed_has_no_reason(sample_shop: SampleShop) -> None:
    taxes = tuple(replace(tax, reason="because") for tax in shop_of(sample_shop).taxes)
    assert {tax.reason for tax in sample_shop.change_shop(taxes=taxes).taxes} == {""}


def test_an_erased_customer_leaves_nothing_of_an_e_invoice_behind(sample_shop: SampleShop) -> None:
    buyer = sample_shop.do(customers.save, BUYER)
    sample_shop.do(customers.erase, buyer.key)
    rows = sample_shop.ask(lambda session: session.execute(select(_customers)).all())
    assert [row for row in rows if "FR" in str(row) or "4711" in str(row)] == []
