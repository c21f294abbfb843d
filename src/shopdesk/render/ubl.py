"""An e-invoice as UBL 2.1, the second syntax of EN 16931: the same content as ``cii``, under other names.

The order of the elements is that of the schema. Comments name the business terms (BT, BG).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from shopdesk.domain.e_invoice import EInvoice, InvoiceAllowance, InvoiceParty, InvoiceRow, InvoiceTax, PaymentMeans
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.render.xml_text import DECLARATION, element, leaf

_SPECIFICATION = "urn:cen.eu:en16931:2017"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_PARTS = {"xmlns:cac": f"{_UBL}CommonAggregateComponents-2", "xmlns:cbc": f"{_UBL}CommonBasicComponents-2"}
_DISCOUNT = leaf("cbc:AllowanceChargeReasonCode", "95") + leaf("cbc:AllowanceChargeReason", "Discount")
_VAT = element("cac:TaxScheme", leaf("cbc:ID", "VAT"))
_LOCAL_TAX = element("cac:TaxScheme", leaf("cbc:ID", "TAX"))


def ubl(invoice: EInvoice) -> bytes:
    """Return the XML file, an Invoice or a CreditNote. The same invoice gives the same bytes."""
    kind = "CreditNote" if invoice.is_credit_note else "Invoice"
    root = element(
        kind,
        leaf("cbc:CustomizationID", _SPECIFICATION),  # BT-24
        leaf("cbc:ID", invoice.number),  # BT-1
        leaf("cbc:IssueDate", invoice.issued_on.isoformat()),  # BT-2
        leaf("cbc:DueDate", invoice.due_on.isoformat()) if invoice.due_on else "",  # BT-9
        leaf(f"cbc:{kind}TypeCode", invoice.type_code),  # BT-3
        leaf("cbc:Note", invoice.note),  # BT-22
        leaf("cbc:DocumentCurrencyCode", invoice.currency),  # BT-5
        leaf("cbc:BuyerReference", invoice.buyer_reference),  # BT-10
        element(
            "cac:BillingReference", element("cac:InvoiceDocumentReference", leaf("cbc:ID", invoice.corrects))
        ),  # BT-25
        element("cac:AccountingSupplierParty", _party(invoice.seller)),
        element("cac:AccountingCustomerParty", _party(invoice.buyer)),
        element("cac:Delivery", leaf("cbc:ActualDeliveryDate", invoice.issued_on.isoformat())),  # BT-72
        _means(invoice.means) if invoice.means else "",
        element("cac:PaymentTerms", leaf("cbc:Note", invoice.terms)),  # BT-20
        *_allowances(invoice),
        element("cac:TaxTotal", _amount("TaxAmount", invoice.tax, invoice), *_taxes(invoice)),  # BT-110
        _sums(invoice),
        *(_row(kind, place, row, invoice) for place, row in enumerate(invoice.rows, start=1)),
        xmlns=f"{_UBL}{kind}-2",
        **_PARTS,
    )
    return f"{DECLARATION}{root}\n".encode()


def _party(party: InvoiceParty) -> str:
    scheme, address = party.endpoint or ("", "")
    first, second, third = (*party.address, "", "", "")[:3]
    return element(
        "cac:Party",
        leaf("cbc:EndpointID", address, schemeID=scheme),  # BT-34, BT-49
        element(
            "cac:PostalAddress",
            leaf("cbc:StreetName", first),  # BT-35, BT-50
            leaf("cbc:AdditionalStreetName", second),  # BT-36, BT-51
            element("cac:AddressLine", leaf("cbc:Line", third)),  # BT-162, BT-163
            element("cac:Country", leaf("cbc:IdentificationCode", party.country)),  # BT-40, BT-55
        ),
        _registered(party.vat_number, _VAT),  # BT-31, BT-48
        _registered(party.tax_number, _LOCAL_TAX),  # BT-32
        element(
            "cac:PartyLegalEntity",
            leaf("cbc:RegistrationName", party.name),  # BT-27, BT-44
            leaf("cbc:CompanyID", party.registration),  # BT-30
        ),
        element(
            "cac:Contact",
            leaf("cbc:Name", party.contact),  # BT-41
            leaf("cbc:Telephone", party.phone),  # BT-42
            leaf("cbc:ElectronicMail", party.email),  # BT-43
        ),
    )


def _registered(number: str, scheme: str) -> str:
    return element("cac:PartyTaxScheme", leaf("cbc:CompanyID", number), scheme) if number else ""


def _means(means: PaymentMeans) -> str:
    name = {"name": means.text} if means.text else {}  # BT-82
    return element(
        "cac:PaymentMeans",
        leaf("cbc:PaymentMeansCode", means.code, **name),  # BT-81
        element(
            "cac:PayeeFinancialAccount",
            leaf("cbc:ID", means.iban),  # BT-84
            leaf("cbc:Name", means.holder),  # BT-85
            element("cac:FinancialInstitutionBranch", leaf("cbc:ID", means.bic)),  # BT-86
        ),
    )


def _allowances(invoice: EInvoice) -> Iterable[str]:
    for one in invoice.allowances:
        yield _allowance(one, invoice)


def _allowance(one: InvoiceAllowance, invoice: EInvoice) -> str:
    is_charge = one.amount < 0
    return element(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", "true" if is_charge else "false"),
        leaf("cbc:AllowanceChargeReason", "Discount") if is_charge else _DISCOUNT,
        _amount("Amount", abs(one.amount), invoice),  # BT-92, BT-99
        _category("cac:TaxCategory", one.rate),
    )


def _taxes(invoice: EInvoice) -> Iterable[str]:
    for tax in invoice.taxes:
        yield element(
            "cac:TaxSubtotal",
            _amount("TaxableAmount", tax.base, invoice),  # BT-116
            _amount("TaxAmount", tax.tax, invoice),  # BT-117
            _category("cac:TaxCategory", tax.rate, _reason(tax)),
        )


def _reason(tax: InvoiceTax) -> str:
    # BT-121, BT-120
    return leaf("cbc:TaxExemptionReasonCode", tax.reason_code) + leaf("cbc:TaxExemptionReason", tax.reason)


def _sums(invoice: EInvoice) -> str:
    def amount(name: str, value: Decimal, *, is_shown: bool = True) -> str:
        return _amount(name, value, invoice) if is_shown else ""

    return element(
        "cac:LegalMonetaryTotal",
        amount("LineExtensionAmount", invoice.row_total),  # BT-106
        amount("TaxExclusiveAmount", invoice.net),  # BT-109
        amount("TaxInclusiveAmount", invoice.gross),  # BT-112
        amount("AllowanceTotalAmount", invoice.allowance_total, is_shown=bool(invoice.allowance_total)),  # BT-107
        amount("ChargeTotalAmount", invoice.charge_total, is_shown=bool(invoice.charge_total)),  # BT-108
        amount("PrepaidAmount", invoice.paid, is_shown=bool(invoice.paid)),  # BT-113
        amount("PayableRoundingAmount", invoice.rounding, is_shown=bool(invoice.rounding)),  # BT-114
        amount("PayableAmount", invoice.due),  # BT-115
    )


def _row(kind: str, place: int, row: InvoiceRow, invoice: EInvoice) -> str:
    quantity = "CreditedQuantity" if invoice.is_credit_note else "InvoicedQuantity"
    discount = element(
        "cac:AllowanceCharge",
        leaf("cbc:ChargeIndicator", "false"),
        _DISCOUNT,
        _amount("Amount", row.discount, invoice),  # BT-136
    )
    return element(
        f"cac:{kind}Line",
        leaf("cbc:ID", str(place)),  # BT-126
        leaf(f"cbc:{quantity}", row.quantity, unitCode=row.unit.value),  # BT-129, BT-130
        _amount("LineExtensionAmount", row.net, invoice),  # BT-131
        discount if row.discount else "",
        element(
            "cac:Item",
            leaf("cbc:Name", row.name),  # BT-153
            _category("cac:ClassifiedTaxCategory", row.rate),  # BT-151, BT-152
        ),
        element("cac:Price", _amount("PriceAmount", row.price, invoice)),  # BT-146
    )


def _category(name: str, rate: TaxRate, reason: str = "") -> str:
    # BR-O-05: outside the scope of tax there is no rate, not even 0.
    percent = "" if rate.category is Category.OUTSIDE else leaf("cbc:Percent", rate.decimal)
    return element(name, leaf("cbc:ID", rate.category.value), percent, reason, _VAT)


def _amount(name: str, value: Decimal, invoice: EInvoice) -> str:
    return leaf(f"cbc:{name}", value, currencyID=invoice.currency)
