"""What a scan means, on each database: a document, a GS1 code, a label of the shop's own, a product."""

from dataclasses import replace
from datetime import date

import pytest

from shopdesk.domain.barcode import read_barcode, with_check_digit
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.product import Product
from shopdesk.queries import health, scans
from shopdesk.queries import products as ask
from shopdesk.queries.scans import ScanMeaning, ScannedItem
from shopdesk.row_keys import new_key
from shopdesk.usecases import products
from support.shops import SampleShop


def _save(shop: SampleShop, code: str, barcode: str, *, price: int = 8900, name: str = "") -> Product:
    return shop.do(
        products.save, Product(key=new_key(), code=code, name=name or f"Item {code}", price=price, barcode=barcode)
    )


def _scan(shop: SampleShop, typed: str) -> object:
    found = shop.ask(scans.meaning, read_barcode(typed))
    return found and (found.item or found.document_key)


def test_one_article_is_found_by_each_of_its_codes_and_keeps_its_own_as_typed(sample_shop: SampleShop) -> None:
    milk = _save(sample_shop, "1", "012345678905")
    gum = _save(sample_shop, "2", "04252614")
    tea = _save(sample_shop, "3", "73513537")
    for typed in ("012345678905", "0012345678905", "00012345678905", "]E00012345678905", "F012345678905"):
        assert _scan(sample_shop, typed) == ScannedItem(product=milk)
    for typed in ("04252614", "425261", "042100005264", "]E00042100005264", "00042100005264"):
        assert _scan(sample_shop, typed) == ScannedItem(product=gum)
    assert _scan(sample_shop, "]E473513537") == ScannedItem(product=tea)
    assert [one.barcode for one in sample_shop.ask(ask.page, text="", after=None)] == [
        "012345678905", "04252614", "73513537"
    ]  # fmt: skip
    assert sample_shop.ask(ask.by_code, "0012345678905") == milk
    assert sample_shop.ask(ask.page, text="00012345678905", after=None) == (milk,)
    assert sample_shop.ask(ask.suggest, "]E00042100005264") == (gum,)


def test_a_products_own_code_comes_before_a_guess_at_six_digits(sample_shop: SampleShop) -> None:
    _save(sample_shop, "1", "04252614")
    own = _save(sample_shop, "425261", "")
    assert _scan(sample_shop, "425261") == ScannedItem(product=own)


def test_a_documents_own_number_is_that_document(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    _save(sample_shop, document.number, "")
    assert _scan(sample_shop, document.number) == document.key


@pytest.mark.parametrize("typed", ['\'àà-"_&"""ç"&', "$))^#*!###(#!"])
def test_a_scanner_with_another_layout_is_recognised(sample_shop: SampleShop, typed: str) -> None:
    milk = _save(sample_shop, "1", "4006381333931")
    label = _save(sample_shop, "2", "LBL-ZY-001")
    document = sample_shop.issue()
    found = sample_shop.ask(scans.meaning, read_barcode(typed))
    assert found == ScanMeaning(item=ScannedItem(product=milk), is_garbled=True)
    for garbled in ("LBL?ZY?001", "LBL/YZ/001", "lbl-zy-001"):
        found = sample_shop.ask(scans.meaning, read_barcode(garbled))
        assert found == ScanMeaning(item=ScannedItem(product=label), is_garbled=True)
    found = sample_shop.ask(scans.meaning, read_barcode(document.number.replace("-", "?")))
    assert found == ScanMeaning(document_key=document.key, is_garbled=True)
    assert sample_shop.ask(scans.meaning, read_barcode("Regards,Ada")) is None


def test_a_computer_set_to_another_alphabet_is_recognised(sample_shop: SampleShop) -> None:
    product = _save(sample_shop, "2", "LBL-ZY-001")
    document = sample_shop.issue()
    for number in ("\u064c-\u0650-2026-000001", "ר-ש-2026-000001", "К-Ф-2026-000001"):  # Arabic, Hebrew, Russian
        found = sample_shop.ask(scans.meaning, read_barcode(number))
        assert found == ScanMeaning(document_key=document.key, is_garbled=True)
    for label in (
        "/\u0644\u0622/-~\u0625-001",  # Arabic: no letter, but what Shift types
        "\u0645\u0644\u0627\u0645-\u0626\u063a-001",
        "\u0645\ufefb\u0645-\u0626\u063a-001",
        "ךנך-זט-001",
        "ДИД-ЯН-001",
    ):
        found = sample_shop.ask(scans.meaning, read_barcode(label))
        assert found == ScanMeaning(item=ScannedItem(product=product), is_garbled=True)


def test_a_gs1_code_brings_weight_price_batch_and_expiry(sample_shop: SampleShop) -> None:
    ham = _save(sample_shop, "1", "4006381333931", price=1250_00)
    assert _scan(sample_shop, "]C10104006381333931310300125510A-7\x1d17261231") == ScannedItem(
        product=ham, quantity=1255, batch="A-7", expires_on=date(2026, 12, 31)
    )
    assert _scan(sample_shop, "010400638133393139220250\x1d") == ScannedItem(product=ham, quantity=200)
    assert _scan(sample_shop, "]C10105901234123457") is None


def test_a_label_of_the_shops_own_brings_price_or_weight(sample_shop: SampleShop) -> None:
    ham = _save(sample_shop, "12345", "", price=1250_00)
    cheese = _save(sample_shop, "9", with_check_digit("280004200000"), price=0)
    assert _scan(sample_shop, with_check_digit("291234500250")) is None
    sample_shop.change_shop(in_store_codes="29iiiiipppppc, 28 IIIII WWWWW C, 27 IIIII PPPPP C")
    assert _scan(sample_shop, with_check_digit("291234500250")) == ScannedItem(product=ham, quantity=200)
    assert _scan(sample_shop, with_check_digit("291234500002")) == ScannedItem(product=ham, quantity=1000, price=2_00)
    assert _scan(sample_shop, with_check_digit("280004201255")) == ScannedItem(product=cheese, quantity=1255)
    assert _scan(sample_shop, with_check_digit("279999900499")) is None
    with pytest.raises(Refused, match="is no pattern of a label"):
        sample_shop.change_shop(in_store_codes="29 IIIII")


def test_the_same_code_on_two_products_is_asked_about_and_listed(sample_shop: SampleShop) -> None:
    upc = _save(sample_shop, "1", "012345678905", name="Milk")
    _save(sample_shop, "3", "LBL1")
    ean = Product(key=new_key(), code="2", barcode="0012345678905", name="Other milk", price=1_00)
    with pytest.raises(ConfirmationRequired, match=r"^Milk \(1\) has this barcode already"):
        sample_shop.do(products.save, ean)
    sample_shop.do(products.save, ean, confirmed=frozenset({products.SHARED_BARCODE}))
    sample_shop.do(products.save, replace(ean, price=2_00))  # what was confirmed is not asked again
    assert sample_shop.ask(health.same_articles) == [("012345678905", ("Milk", "Other milk"))]
    sample_shop.do(products.save, replace(upc, is_retired=True))
    assert sample_shop.ask(health.same_articles) == []
    with pytest.raises(ConfirmationRequired, match=r"^Other milk \(2\) has"):
        sample_shop.do(products.save, upc)  # on sale again


def test_a_code_that_a_spreadsheet_destroyed_is_refused(sample_shop: SampleShop) -> None:
    for destroyed in ("4,00638E+12", "4.00638E+12", "4e+12", "4.00638E12", "40063813339,31E+2"):
        with pytest.raises(Refused, match="last digits are lost"):
            _save(sample_shop, "1", destroyed)


def test_a_barcode_without_its_first_zero_or_in_groups_is_found_by_a_scan(sample_shop: SampleShop) -> None:
    for typed, scanned in (("12345678905", "012345678905"), ("4 006381 333931", "4006381333931")):
        product = _save(sample_shop, typed, typed)
        for code in (typed, scanned):
            assert _scan(sample_shop, code) == ScannedItem(product=product)
