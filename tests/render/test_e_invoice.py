"""E-invoices in both syntaxes: the official rules over random documents, and what no rule looks at."""

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from xml.etree import ElementTree as ET

import pytest

from domain.test_totals import priced
from render.documents import ADA, document
from render.e_invoices import CAFE, EXEMPT, MILL, NINETEEN, OUTSIDE, REVERSE, SEVEN, ZERO, invoice, random_invoice
from shopdesk.domain.customer import WALK_IN
from shopdesk.domain.document import Document, Kind, Line, State
from shopdesk.domain.e_invoice import EInvoice, InvoiceRow, is_e_invoice, missing_facts, to_e_invoice
from shopdesk.domain.errors import Refused
from shopdesk.domain.identifiers import read_iban
from shopdesk.domain.paper_layout import PaperLayout, PaperTexts
from shopdesk.domain.payment import Method, Payment, Tender, settle
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import AmountOff, Discount, PercentOff, PricedLine
from shopdesk.domain.unit import Unit
from shopdesk.render.cii import cii
from shopdesk.render.document_text import DocumentText
from shopdesk.render.e_invoice_files import cii_of, ubl_of
from shopdesk.render.ubl import ubl
from support.e_invoice_rules import violations

_CORRECTED = "I-A-2026-000411"
_COUNT = int(os.environ.get("SHOPDESK_TEST_E_INVOICES", "200"))
_AT_ONCE = 50


def _invoice(made: Document) -> EInvoice:
    return to_e_invoice(made, corrects=_CORRECTED if made.kind is Kind.CREDIT_NOTE else "")


def _line(row: PricedLine) -> Line:
    return Line(item="Milk", quantity=row.quantity, unit_price=row.unit_price, tax=row.tax, discount=row.discount)


# --- the official rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(_COUNT // _AT_ONCE))
def test_the_official_rules_find_nothing_in_random_documents(seed: int) -> None:
    random = Random(seed)
    for count in range(_AT_ONCE):
        made = random_invoice(random)
        found = _invoice(made)
        _check_what_no_rule_checks(made, found)
        rules = ("CII", "Factur-X") if count % 10 == 0 else ("CII",)
        assert violations(cii(found), *rules) + violations(ubl(found), "UBL") == [], (seed, count, made)


_TABLES: dict[str, tuple[list[PricedLine], bool, Discount | None]] = {
    "A": ([priced("3", "19.99", "16"), priced("2", "4.25", "8"), priced("1", "120.00", "0")], False, None),
    "B": ([priced("1", "500.00", "19")], True, None),
    "C inside": ([priced("1", "1.01", "19")] * 5, True, None),
    "C on top": ([priced("1", "0.33", "19")] * 5, False, None),
    "D": (
        [priced("2", "24.95", "20"), priced("1", "9.99", "5"), priced("3", "1.15", "0")],
        False,
        PercentOff(10_000),
    ),
    "E": ([priced("1.255", "3.99", "7"), priced("0.340", "12.50", "7", discount=PercentOff(15_000))], True, None),
    "F": ([priced("1", "10.00", rate) for rate in ("20", "10", "0")], True, AmountOff(100)),
    "I": ([priced("1", "12.34", "19", discount=PercentOff(100_000))], True, None),
}


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.CREDIT_NOTE])
@pytest.mark.parametrize("name", _TABLES)
def test_the_official_rules_find_nothing_in_the_worked_tables(name: str, kind: Kind) -> None:
    rows, includes_tax, discount = _TABLES[name]
    made = invoice([_line(row) for row in rows], kind=kind, prices_include_tax=includes_tax, discount=discount)
    found = _invoice(made)
    _check_what_no_rule_checks(made, found)
    assert violations(cii(found), "CII", "Factur-X") + violations(ubl(found), "UBL") == []


def test_the_official_rules_find_nothing_in_a_currency_without_cents() -> None:
    rows = [Line(item="Tea", quantity=3000, unit_price=19800, tax=TaxRate.percent(10))]
    rows.append(Line(item="Rice", quantity=1000, unit_price=10500, tax=TaxRate.percent(8)))
    found = _invoice(invoice(rows, currency="JPY"))
    assert found.gross == 699
    assert violations(cii(found), "CII", "Factur-X") + violations(ubl(found), "UBL") == []


def test_the_rules_of_each_syntax_find_a_total_that_is_wrong() -> None:
    found = replace(_invoice(invoice()), gross=Decimal("5.00"))
    for written, name in ((cii(found), "CII"), (cii(found), "Factur-X"), (ubl(found), "UBL")):
        assert any("BR-CO-15" in one or "FX-SCH-A" in one for one in violations(written, name)), name


def test_a_unit_of_every_kind_is_one_of_the_rules() -> None:
    rows = [replace(_line(priced("1", "1.00", "19")), unit=unit) for unit in Unit]
    found = _invoice(invoice(rows))
    assert violations(cii(found), "CII", "Factur-X") + violations(ubl(found), "UBL") == []


# --- what no rule looks at --------------------------------------------------------------------------------------------


def _check_what_no_rule_checks(made: Document, found: EInvoice) -> None:
    rates = [tax.rate for tax in found.taxes]
    assert len(rates) == len(set(rates)), "one group per rate"
    for row in found.rows:
        assert (row.quantity * row.price).quantize(_step(made), ROUND_HALF_UP) - row.discount == row.net
        assert row.discount >= 0
        assert row.price >= 0
    if found.is_credit_note and made.totals.gross < 0:
        assert found.gross > 0
        assert found.corrects == _CORRECTED
    if found.means and found.means.iban:
        assert read_iban(found.means.iban) == found.means.iban
    for written in (cii(found), ubl(found)):
        assert b">-0.00<" not in written
        assert b">-0<" not in written


def _step(made: Document) -> Decimal:
    return Decimal(1).scaleb(-made.currency.digits)


def test_both_syntaxes_hold_the_same_amounts() -> None:
    found = _invoice(random_invoice(Random(11)))
    amounts = [re.findall(r">(-?\d+\.\d\d)</", text.decode()) for text in (cii(found), ubl(found))]
    assert sorted(set(amounts[0])) == sorted(set(amounts[1]))


def test_the_price_is_the_one_typed_where_it_has_no_tax_in_it() -> None:
    (row,) = _rows(invoice([_line(priced("1.255", "3.9875", "7"))], prices_include_tax=False))
    assert (row.quantity, row.price, row.net) == (Decimal("1.255"), Decimal("3.9875"), Decimal("5.00"))


def test_the_price_without_tax_is_the_shortest_that_gives_the_net() -> None:
    (row,) = _rows(invoice([_line(priced("3", "1.00", "19"))]))
    assert (row.price, row.net) == (Decimal("0.84"), Decimal("2.52"))
    (row,) = _rows(invoice([_line(priced("200", "0.99", "19"))]))
    assert (row.price, row.net) == (Decimal("0.83195"), Decimal("166.39"))


def test_a_row_discount_is_an_allowance_and_a_document_discount_is_split_by_rate() -> None:
    rows = [_line(priced("1", "11.90", "19", discount=PercentOff(10_000))), _line(priced("1", "10.70", "7"))]
    found = _invoice(invoice(rows, discount=AmountOff(200)))
    assert [(row.discount, row.net) for row in found.rows] == [
        (Decimal("1.00"), Decimal("9.00")),
        (Decimal(0), Decimal("10.00")),
    ]
    assert {one.rate: one.amount for one in found.allowances} == {NINETEEN: Decimal("0.84"), SEVEN: Decimal("0.93")}
    assert found.row_total - found.allowance_total == found.net


def test_a_credit_note_is_positive_and_names_what_it_corrects() -> None:
    found = _invoice(invoice([_line(priced("2", "11.90", "19"))], kind=Kind.CREDIT_NOTE))
    assert (found.type_code, found.gross, found.rows[0].quantity) == ("381", Decimal("23.80"), Decimal(2))
    assert f"<ram:IssuerAssignedID>{_CORRECTED}<".encode() in cii(found)
    assert f"<cac:InvoiceDocumentReference><cbc:ID>{_CORRECTED}<".encode() in ubl(found)


def test_cash_rounding_is_a_rounding_and_what_was_kept_is_paid() -> None:
    paid = settle(1233, Tender(method=Method.CASH, tendered=2000), smallest_coin=5)
    made = invoice([_line(priced("1", "12.33", "19"))], currency="CHF", payments=(_payment(paid.rounding, 1233),))
    found = _invoice(made)
    assert (found.paid, found.rounding, found.due) == (Decimal("12.35"), Decimal("0.02"), Decimal("0.00"))
    assert found.due_on is None


def _payment(rounding: int, amount: int, method: Method = Method.CASH) -> Payment:
    made = document()
    moved = amount + rounding
    return Payment(
        key=made.key,
        method=method,
        amount=amount,
        tendered=moved,
        change=0,
        rounding=rounding,
        at=made.issued_at,
        by_name="Ada",
    )


def _means(made: Document) -> tuple[str, str, str] | None:
    means = _invoice(made).means
    return (means.code, means.text, means.iban) if means else None


def test_the_means_of_payment_say_how_the_rest_is_paid_or_how_all_was() -> None:
    row = [_line(priced("1", "10.00", "19"))]
    cash, card = _payment(0, 400), _payment(0, 600, Method.CARD)
    no_bank = replace(MILL, iban="", bic="")
    assert _means(invoice(row)) == ("58", "", MILL.iban)
    assert _means(invoice(row, currency="CHF")) == ("30", "", MILL.iban)
    assert _means(invoice(row, payments=(cash,))) == ("58", "", MILL.iban)
    assert _means(invoice(row, seller=no_bank)) is None
    assert _means(invoice(row, payments=(cash, card))) == ("ZZZ", "card, cash", "")
    assert _means(invoice(row, payments=(_payment(0, 1000),))) == ("10", "", "")


def test_an_invoice_without_a_due_date_is_due_at_once() -> None:
    made = invoice()
    assert _invoice(made).due_on == made.date_on
    assert _invoice(replace(made, due_on=date(2026, 12, 6))).due_on == date(2026, 12, 6)


_TERMS = {
    "CII": "{*}SupplyChainTradeTransaction//{*}SpecifiedTradePaymentTerms/{*}Description",
    "UBL": "{*}PaymentTerms/{*}Note",
}


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.CREDIT_NOTE])
def test_the_shops_own_terms_of_payment_are_those_of_the_paper(kind: Kind) -> None:
    texts = PaperTexts(terms="Payable by {due}, without deduction.\nPlease name {number}.")
    made = replace(invoice(kind=kind), due_on=date(2026, 12, 6), layout=PaperLayout(texts=texts))
    numbers = {made.corrects: _CORRECTED} if made.corrects else {}
    told = DocumentText(made, numbers).terms
    assert told.splitlines()[1] == f"Please name {made.number}."
    for name, written in (("CII", cii_of(made, numbers)), ("UBL", ubl_of(made, numbers))):
        assert [one.text for one in ET.fromstring(written).iterfind(_TERMS[name])] == [told]
        assert violations(written, name) == []
    paid = replace(made, payments=(_payment(0, made.gross.minor),))
    assert b"Please name" not in cii_of(paid, numbers) + ubl_of(paid, numbers)


def test_text_is_escaped_and_what_xml_cannot_hold_is_left_out() -> None:
    made = invoice([replace(_line(priced("1", "1.00", "19")), item="a < b & \x07c ]]>")])
    for written in (cii(_invoice(made)), ubl(_invoice(made))):
        texts = [one.text for one in ET.fromstring(written).iter()]
        assert "a < b &  c ]]>" in texts


# --- what cannot be expressed -----------------------------------------------------------------------------------------


def _missing(**changes: object) -> tuple[str, ...]:
    return missing_facts(replace(invoice(), **changes))  # type: ignore[arg-type]


def _rated(*rates: TaxRate) -> Document:
    return invoice([replace(_line(priced("1", "1.00", "19")), tax=rate) for rate in rates])


def _rows(made: Document) -> Iterable[InvoiceRow]:
    return _invoice(made).rows


def test_each_missing_fact_is_named() -> None:
    assert _missing() == ()
    assert _missing(buyer=replace(CAFE, country="")) == ("The customer's country is missing.",)
    assert _missing(buyer=WALK_IN) == ("The customer's name is missing.", "The customer's country is missing.")
    shop = "The shop's VAT number is missing, or its tax and registration numbers (Settings, Shop)."
    assert _missing(seller=replace(MILL, vat_number="", registration="")) == (shop,)
    assert _missing(seller=replace(MILL, vat_number="")) == ()
    assert missing_facts(replace(_rated(EXEMPT), exemptions=())) == (
        "The reason for the exemption from tax is missing (Settings, Taxes).",
    )
    assert missing_facts(replace(_rated(REVERSE), buyer=replace(CAFE, vat_number=""))) == (
        "Reverse charge needs the customer's VAT number.",
    )
    assert missing_facts(replace(_rated(OUTSIDE), seller=replace(MILL, registration=""))) == (
        "The shop's registration number is missing (Settings, Shop).",
    )


def test_what_the_standard_cannot_express_is_said() -> None:
    dinars = document(currency="KWD", kind=Kind.INVOICE, seller=MILL, buyer=CAFE)
    assert missing_facts(dinars) == ("An e-invoice has at most two decimals; KWD has three.",)
    assert missing_facts(_rated(OUTSIDE, ZERO)) == (
        "Rows outside the scope of tax cannot stand beside others in an e-invoice.",
    )
    assert missing_facts(_rated(TaxRate(0))) == ("A rate of 0 % needs a reason why there is no tax (Settings, Taxes).",)
    francs = document(currency="BGN", kind=Kind.INVOICE, seller=MILL, buyer=CAFE)
    assert missing_facts(francs) == ("BGN is not among the currencies of e-invoices.",)
    with pytest.raises(Refused, match="at most two decimals"):
        to_e_invoice(dinars)


def test_quotes_receipts_and_voided_documents_are_no_e_invoices() -> None:
    assert is_e_invoice(document(kind=Kind.CREDIT_NOTE))
    assert not is_e_invoice(document(kind=Kind.RECEIPT))
    assert not is_e_invoice(document(kind=Kind.QUOTE))
    assert not is_e_invoice(document(kind=Kind.INVOICE, state=State.VOIDED))
    with pytest.raises(Refused, match="is no invoice"):
        to_e_invoice(document(buyer=ADA))
