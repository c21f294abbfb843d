"""An e-invoice as Cross Industry Invoice D16B, the syntax of Factur-X and ZUGFeRD, in their profile EN 16931.

The order of the elements is that of the schema. Comments name the business terms (BT, BG).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from shopdesk.domain.e_invoice import EInvoice, InvoiceAllowance, InvoiceParty, InvoiceRow, InvoiceTax, PaymentMeans
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.render.xml_text import DECLARATION, compact_day, element, leaf

GUIDELINE = "urn:cen.eu:en16931:2017"
"""The specification (BT-24): the profile EN 16931 of Factur-X."""
PROFILE = "EN 16931"

_STANDARD = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "xmlns:rsm": f"{_STANDARD}CrossIndustryInvoice:100",
    "xmlns:ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "xmlns:udt": f"{_STANDARD}UnqualifiedDataType:100",
}
_DISCOUNT = leaf("ram:ReasonCode", "95") + leaf("ram:Reason", "Discount")  # BT-97, BT-98; UNTDID 5189
_VAT = leaf("ram:TypeCode", "VAT")


def cii(invoice: EInvoice) -> bytes:
    """Return the XML file. The same invoice gives the same bytes."""
    context = element("ram:GuidelineSpecifiedDocumentContextParameter", leaf("ram:ID", GUIDELINE))
    transaction = element(
        "rsm:SupplyChainTradeTransaction",
        *(_row(place, row) for place, row in enumerate(invoice.rows, start=1)),
        _agreement(invoice),
        # BT-72: the schema demands the element, and a document's date is the day of the sale.
        element("ram:ApplicableHeaderTradeDelivery", _delivered(invoice)),
        _settlement(invoice),
    )
    root = element(
        "rsm:CrossIndustryInvoice",
        element("rsm:ExchangedDocumentContext", context),
        _head(invoice),
        transaction,
        **_NAMESPACES,
    )
    return f"{DECLARATION}{root}\n".encode()


def _head(invoice: EInvoice) -> str:
    return element(
        "rsm:ExchangedDocument",
        leaf("ram:ID", invoice.number),  # BT-1
        leaf("ram:TypeCode", invoice.type_code),  # BT-3
        element("ram:IssueDateTime", _day(invoice.issued_on)),  # BT-2
        element("ram:IncludedNote", leaf("ram:Content", invoice.note)),  # BT-22
    )


def _row(place: int, row: InvoiceRow) -> str:
    discount = leaf("ram:ActualAmount", row.discount) if row.discount else ""  # BT-136
    settlement = element(
        "ram:SpecifiedLineTradeSettlement",
        _rate("ram:ApplicableTradeTax", row.rate),  # BT-151, BT-152
        _allowance(discount, is_charge=False),
        element("ram:SpecifiedTradeSettlementLineMonetarySummation", leaf("ram:LineTotalAmount", row.net)),  # BT-131
    )
    price = element("ram:NetPriceProductTradePrice", leaf("ram:ChargeAmount", row.price))  # BT-146
    return element(
        "ram:IncludedSupplyChainTradeLineItem",
        element("ram:AssociatedDocumentLineDocument", leaf("ram:LineID", str(place))),  # BT-126
        element("ram:SpecifiedTradeProduct", leaf("ram:Name", row.name)),  # BT-153
        element("ram:SpecifiedLineTradeAgreement", price),
        element(
            "ram:SpecifiedLineTradeDelivery",
            leaf("ram:BilledQuantity", row.quantity, unitCode=row.unit.value),  # BT-129, BT-130
        ),
        settlement,
    )


def _agreement(invoice: EInvoice) -> str:
    return element(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", invoice.buyer_reference),  # BT-10
        _party("ram:SellerTradeParty", invoice.seller),
        _party("ram:BuyerTradeParty", invoice.buyer),
    )


def _party(name: str, party: InvoiceParty) -> str:
    scheme, address = party.endpoint or ("", "")
    lines = zip(("ram:LineOne", "ram:LineTwo", "ram:LineThree"), party.address, strict=False)
    return element(
        name,
        leaf("ram:Name", party.name),  # BT-27, BT-44
        element("ram:SpecifiedLegalOrganization", leaf("ram:ID", party.registration)),  # BT-30
        element(
            "ram:DefinedTradeContact",
            leaf("ram:PersonName", party.contact),  # BT-41
            element("ram:TelephoneUniversalCommunication", leaf("ram:CompleteNumber", party.phone)),  # BT-42
            element("ram:EmailURIUniversalCommunication", leaf("ram:URIID", party.email)),  # BT-43
        ),
        element(
            "ram:PostalTradeAddress",
            *(leaf(line, text) for line, text in lines),  # BT-35, BT-36, BT-162; BT-50, BT-51, BT-163
            leaf("ram:CountryID", party.country),  # BT-40, BT-55
        ),
        element("ram:URIUniversalCommunication", leaf("ram:URIID", address, schemeID=scheme)),  # BT-34, BT-49
        element("ram:SpecifiedTaxRegistration", leaf("ram:ID", party.vat_number, schemeID="VA")),  # BT-31, BT-48
        element("ram:SpecifiedTaxRegistration", leaf("ram:ID", party.tax_number, schemeID="FC")),  # BT-32
    )


def _delivered(invoice: EInvoice) -> str:
    occurred = element("ram:OccurrenceDateTime", _day(invoice.issued_on))
    return element("ram:ActualDeliverySupplyChainEvent", occurred)


def _settlement(invoice: EInvoice) -> str:
    due = _day(invoice.due_on) if invoice.due_on else ""
    return element(
        "ram:ApplicableHeaderTradeSettlement",
        leaf("ram:InvoiceCurrencyCode", invoice.currency),  # BT-5
        _means(invoice.means) if invoice.means else "",
        *map(_tax, invoice.taxes),
        *_allowances(invoice.allowances),
        element(
            "ram:SpecifiedTradePaymentTerms",
            leaf("ram:Description", invoice.terms),  # BT-20
            element("ram:DueDateDateTime", due),  # BT-9
        ),
        _sums(invoice),
        element("ram:InvoiceReferencedDocument", leaf("ram:IssuerAssignedID", invoice.corrects)),  # BT-25
    )


def _means(means: PaymentMeans) -> str:
    return element(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        leaf("ram:TypeCode", means.code),  # BT-81
        leaf("ram:Information", means.text),  # BT-82
        element(
            "ram:PayeePartyCreditorFinancialAccount",
            leaf("ram:IBANID", means.iban),  # BT-84
            leaf("ram:AccountName", means.holder),  # BT-85
        ),
        element("ram:PayeeSpecifiedCreditorFinancialInstitution", leaf("ram:BICID", means.bic)),  # BT-86
    )


def _tax(tax: InvoiceTax) -> str:
    return element(
        "ram:ApplicableTradeTax",
        leaf("ram:CalculatedAmount", tax.tax),  # BT-117
        _VAT,
        leaf("ram:ExemptionReason", tax.reason),  # BT-120
        leaf("ram:BasisAmount", tax.base),  # BT-116
        leaf("ram:CategoryCode", tax.rate.category.value),  # BT-118
        leaf("ram:ExemptionReasonCode", tax.reason_code),  # BT-121
        _percent(tax.rate),  # BT-119
    )


def _allowances(allowances: Iterable[InvoiceAllowance]) -> Iterable[str]:
    for one in allowances:
        amount = leaf("ram:ActualAmount", abs(one.amount))  # BT-92, BT-99
        yield _allowance(amount, is_charge=one.amount < 0, after=_rate("ram:CategoryTradeTax", one.rate))


def _allowance(amount: str, *, is_charge: bool, after: str = "") -> str:
    if not amount:
        return ""
    reason = leaf("ram:Reason", "Discount") if is_charge else _DISCOUNT
    indicator = element("ram:ChargeIndicator", leaf("udt:Indicator", "true" if is_charge else "false"))
    return element("ram:SpecifiedTradeAllowanceCharge", indicator, amount, reason, after)


def _sums(invoice: EInvoice) -> str:
    return element(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        leaf("ram:LineTotalAmount", invoice.row_total),  # BT-106
        leaf("ram:ChargeTotalAmount", invoice.charge_total) if invoice.charge_total else "",  # BT-108
        leaf("ram:AllowanceTotalAmount", invoice.allowance_total) if invoice.allowance_total else "",  # BT-107
        leaf("ram:TaxBasisTotalAmount", invoice.net),  # BT-109
        leaf("ram:TaxTotalAmount", invoice.tax, currencyID=invoice.currency),  # BT-110
        leaf("ram:RoundingAmount", invoice.rounding) if invoice.rounding else "",  # BT-114
        leaf("ram:GrandTotalAmount", invoice.gross),  # BT-112
        leaf("ram:TotalPrepaidAmount", invoice.paid) if invoice.paid else "",  # BT-113
        leaf("ram:DuePayableAmount", invoice.due),  # BT-115
    )


@lru_cache(maxsize=64)
def _rate(name: str, rate: TaxRate) -> str:
    return element(name, _VAT, leaf("ram:CategoryCode", rate.category.value), _percent(rate))


def _percent(rate: TaxRate) -> str:
    # BR-O-05: outside the scope of tax there is no rate, not even 0.
    return "" if rate.category is Category.OUTSIDE else leaf("ram:RateApplicablePercent", rate.decimal)


def _day(day: date) -> str:
    return leaf("udt:DateTimeString", compact_day(day), format="102")
