"""Invoices and credit notes as EN 16931 models them: business terms (BT), ready to be written in any syntax.

The arithmetic is that of ``totals``: the standard wants rows, prices and discounts without tax, so what was typed with
tax is turned into net amounts that add up to the document's own. All amounts of a credit note are positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind, Line, State
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import PRICE_PER_MINOR, QUANTITY_UNIT, rounded
from shopdesk.domain.payment import Method
from shopdesk.domain.sentence import Sentence, joined, sentence
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import WITH_REASON, Category, TaxRate
from shopdesk.domain.totals import net_before_discount, net_lines
from shopdesk.domain.unit import Unit

_WHOLE = 100_000
_TYPES = {Kind.INVOICE: "380", Kind.DEBIT_NOTE: "383", Kind.CREDIT_NOTE: "381"}
"""The kinds that are written as e-invoices, with their codes (BT-3, UNTDID 1001)."""
_MEANS = {Method.CASH: "10", Method.CARD: "48"}
_CREDIT_TRANSFER, _SEPA_TRANSFER, _AGREED = "30", "58", "ZZZ"
_REASON_CODES = {Category.REVERSE_CHARGE: "VATEX-EU-AE", Category.OUTSIDE: "VATEX-EU-O"}
_UNLISTED_CURRENCIES = frozenset("ANG BGN CUC HRK SLL STN ZWL".split())
"""Currencies that a shop or an older document may have and that the rules do not list (BR-CL-04)."""
_UNLISTED_COUNTRIES = frozenset({"SS"})
_COUNTRIES = {"XK": "1A", "EA": "ES", "IC": "ES", "DG": "IO"}
"""The codes that the rules list (BR-CL-14) for Kosovo and for regions that are no countries of ISO 3166."""
_ADDRESS_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceParty:
    """The seller (BG-4) or the buyer (BG-7). ``endpoint`` is a scheme and an address (BT-34, BT-49)."""

    name: str
    country: str
    address: tuple[str, ...] = ()
    vat_number: str = ""
    tax_number: str = ""
    registration: str = ""
    endpoint: tuple[str, str] | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """A row (BG-25): quantity × price − discount = net, all without tax, rounded half up to the currency."""

    name: str
    quantity: Decimal
    unit: Unit
    price: Decimal
    discount: Decimal
    net: Decimal
    rate: TaxRate


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceAllowance:
    """A tax group's part of the document discount, without tax (BG-20); negative, a charge (BG-21)."""

    amount: Decimal
    rate: TaxRate


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTax:
    """The tax of one rate (BG-23), with the reason why there is none in words and as a code (BT-120, BT-121)."""

    rate: TaxRate
    base: Decimal
    tax: Decimal
    reason: str
    reason_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMeans:
    """The way of payment (BG-16): its code (BT-81, UNTDID 4461) with the account to pay to, or a text (BT-82)."""

    code: str
    text: str = ""
    iban: str = ""
    bic: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """An invoice or a credit note (381) by the terms of EN 16931; amounts have the currency's decimals, at most two."""

    type_code: str
    number: str
    issued_on: date
    due_on: date | None
    terms: str
    currency: str
    note: str
    buyer_reference: str
    corrects: str
    seller: InvoiceParty
    buyer: InvoiceParty
    means: PaymentMeans | None
    rows: tuple[InvoiceRow, ...]
    allowances: tuple[InvoiceAllowance, ...]
    taxes: tuple[InvoiceTax, ...]
    row_total: Decimal
    allowance_total: Decimal
    charge_total: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal
    rounding: Decimal
    due: Decimal

    @property
    def is_credit_note(self) -> bool:
        """True if it is a credit note."""
        return self.type_code == _TYPES[Kind.CREDIT_NOTE]


def is_e_invoice(document: Document) -> bool:
    """Return True if a document of this kind and state is written as an e-invoice, unless a fact is missing."""
    return document.kind in _TYPES and document.state is not State.VOIDED


def missing_facts(document: Document) -> tuple[Sentence, ...]:
    """Return what keeps a document from being an e-invoice, one sentence each; the rules are those of EN 16931."""
    return (*_beyond_the_standard(document), *_missing_of_seller(document), *_missing_of_buyer(document))


def _beyond_the_standard(document: Document) -> list[Sentence]:
    found = []
    if document.currency.digits > 2:  # BR-DEC
        text = sentence("An e-invoice has at most two decimals; {code} has three.", code=document.currency.code)
        found.append(text)
    if document.currency.code in _UNLISTED_CURRENCIES:  # BR-CL-04
        found.append(sentence("{code} is not among the currencies of e-invoices.", code=document.currency.code))
    if {document.seller.country, document.buyer.country} & _UNLISTED_COUNTRIES:  # BR-CL-14
        found.append(sentence("The country of the shop or the customer is not among those of e-invoices."))
    categories = _categories(document)
    if Category.OUTSIDE in categories and len(categories) > 1:  # BR-O-11
        found.append(sentence("Rows outside the scope of tax cannot stand beside others in an e-invoice."))
    if any(group.rate == TaxRate(0) for group in document.totals.groups):  # BR-S-05
        found.append(sentence("A rate of 0 % needs a reason why there is no tax (Settings, Taxes)."))
    has_reason = any(category is Category.EXEMPT for category, _ in document.exemptions)
    if Category.EXEMPT in categories and not has_reason:  # BR-E-10
        found.append(sentence("The reason for the exemption from tax is missing (Settings, Taxes)."))
    return found


def _missing_of_seller(document: Document) -> list[Sentence]:
    seller = document.seller
    if not seller.country:  # BR-09
        return [sentence("The shop's country is missing (Settings, Shop).")]
    if _categories(document) == {Category.OUTSIDE}:  # BR-O-02 and BR-CO-26
        is_known = bool(seller.registration)
        return [] if is_known else [sentence("The shop's registration number is missing (Settings, Shop).")]
    if seller.vat_number or (seller.tax_id and seller.registration):  # BR-S-02 and BR-CO-26
        return []
    return [sentence("The shop's VAT number is missing, or its tax and registration numbers (Settings, Shop).")]


def _missing_of_buyer(document: Document) -> list[Sentence]:
    buyer = document.buyer
    found = []
    if not buyer.name:  # BR-07
        found.append(sentence("The customer's name is missing."))
    if not buyer.country:  # BR-11
        found.append(sentence("The customer's country is missing."))
    if Category.REVERSE_CHARGE in _categories(document) and not buyer.vat_number:  # BR-AE-02
        found.append(sentence("Reverse charge needs the customer's VAT number."))
    return found


def _categories(document: Document) -> set[Category]:
    return {group.rate.category for group in document.totals.groups}


def to_e_invoice(document: Document, *, corrects: str = "", terms: str = "") -> EInvoice:
    """Return a document by the terms of EN 16931.

    ``corrects`` is the number that a credit note cancels (BT-25), ``terms`` the terms of payment in words (BT-20).
    Raise Refused with the missing facts.
    """
    if not is_e_invoice(document):
        raise Refused(sentence("{number} is no invoice and no credit note.", number=document.number))
    if missing := missing_facts(document):
        raise Refused(joined(missing))
    return _Mapping(document).invoice(corrects, terms)


class _Mapping:
    """The mapping of one document; ``_sign`` turns a credit note's amounts around."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._sign = -1 if document.kind is Kind.CREDIT_NOTE else 1
        self._is_outside = _categories(document) == {Category.OUTSIDE}

    def invoice(self, corrects: str, terms: str) -> EInvoice:
        document, totals = self._document, self._document.totals
        allowances = self._allowances()
        rounding = sum(payment.rounding for payment in document.payments)
        due = totals.gross - document.paid.minor
        is_due = due * self._sign > 0
        # A credit note of UBL has no due date; without a date, an invoice is due at once.
        due_on = document.due_on or document.date_on if is_due and self._sign > 0 else None
        return EInvoice(
            type_code=_TYPES[document.kind],
            number=document.number,
            issued_on=document.date_on,
            due_on=due_on,
            terms=terms,
            currency=document.currency.code,
            note="" if document.note == corrects else document.note,
            buyer_reference=document.buyer.reference,
            corrects=corrects,
            seller=self._seller(document.seller),
            buyer=self._buyer(document.buyer),
            means=self._means(is_due=is_due),
            rows=self._rows(),
            allowances=allowances,
            taxes=self._taxes(),
            row_total=self._amount(sum(map(self._before_discount, range(len(totals.groups))))),
            allowance_total=sum((one.amount for one in allowances if one.amount > 0), self._amount(0)),
            charge_total=sum((-one.amount for one in allowances if one.amount < 0), self._amount(0)),
            net=self._amount(totals.net),
            tax=self._amount(totals.tax),
            gross=self._amount(totals.gross),
            paid=self._amount(document.paid.minor + rounding),
            rounding=self._amount(rounding),
            due=self._amount(due),
        )

    def _amount(self, minor: int) -> Decimal:
        return Decimal(self._sign * minor).scaleb(-self._document.currency.digits)

    # --- the parties ------------------------------------------------------------------------------------------------

    def _seller(self, seller: Seller) -> InvoiceParty:
        return InvoiceParty(
            name=seller.name,
            country=_country(seller.country),
            address=_address(seller.address),
            vat_number="" if self._is_outside else seller.vat_number,  # BR-O-02
            tax_number=seller.tax_id,
            registration=seller.registration,
            endpoint=_endpoint(seller.email),
            contact=seller.contact,
            phone=seller.phone,
            email=seller.email,
        )

    def _buyer(self, buyer: Buyer) -> InvoiceParty:
        return InvoiceParty(
            name=buyer.name,
            country=_country(buyer.country),
            address=_address(buyer.address),
            vat_number="" if self._is_outside else buyer.vat_number,
            endpoint=_endpoint(buyer.electronic_address or buyer.email),
        )

    def _means(self, *, is_due: bool) -> PaymentMeans | None:
        """Return how the rest is to be paid, else how all was paid; the rules allow one code in a document."""
        document = self._document
        if is_due:
            return self._transfer() if document.seller.iban and self._sign > 0 else None
        methods = {payment.method for payment in document.payments if payment.method is not Method.OFFSET}
        if not methods:
            return None
        if len(methods) == 1 and (code := _MEANS.get(next(iter(methods)))):
            return PaymentMeans(code=code)
        if methods == {Method.TRANSFER} and document.seller.iban:
            return self._transfer()
        return PaymentMeans(code=_AGREED, text=", ".join(sorted(method.value for method in methods)))

    def _transfer(self) -> PaymentMeans:
        seller = self._document.seller
        code = _SEPA_TRANSFER if self._document.currency.code == "EUR" else _CREDIT_TRANSFER
        return PaymentMeans(code=code, iban=seller.iban, bic=seller.bic, holder=seller.name)

    # --- the rows and their taxes -----------------------------------------------------------------------------------

    def _before_discount(self, at: int) -> int:
        document = self._document
        return net_before_discount(document.totals.groups[at], prices_include_tax=document.prices_include_tax)

    def _allowances(self) -> tuple[InvoiceAllowance, ...]:
        groups = self._document.totals.groups
        parts = [(group.rate, self._before_discount(at) - group.net) for at, group in enumerate(groups)]
        return tuple(InvoiceAllowance(amount=self._amount(part), rate=rate) for rate, part in parts if part)

    def _taxes(self) -> tuple[InvoiceTax, ...]:
        reasons = dict(self._document.exemptions)
        return tuple(
            InvoiceTax(
                rate=group.rate,
                base=self._amount(group.net),
                tax=self._amount(group.tax),
                reason=reasons.get(group.rate.category, "") if group.rate.category in WITH_REASON else "",
                reason_code=_REASON_CODES.get(group.rate.category, ""),
            )
            for group in self._document.totals.groups
        )

    def _rows(self) -> tuple[InvoiceRow, ...]:
        document = self._document
        priced = [line.priced for line in document.lines]
        nets = net_lines(document.totals, priced, prices_include_tax=document.prices_include_tax)
        amounts = document.totals.amounts
        return tuple(map(self._row, document.lines, amounts, nets))

    def _row(self, line: Line, amount: int, net: int) -> InvoiceRow:
        """Return a row. A row that gives money back has its discount in the price: an allowance is never negative."""
        full = rounded(line.quantity * line.unit_price, QUANTITY_UNIT * PRICE_PER_MINOR)
        off = self._sign * (full - amount)
        discount = 0
        if off > 0 and self._sign * full > 0:
            divisor = _WHOLE + line.tax.milli if self._document.prices_include_tax else _WHOLE
            discount = rounded(off * _WHOLE, divisor)
        before = self._sign * net + discount
        # A price is never negative (BR-27): the sign is that of the quantity.
        is_back = before < 0 or (before == 0 and self._sign * line.quantity < 0)
        quantity = -abs(line.quantity) if is_back else abs(line.quantity)
        return InvoiceRow(
            name=line.item,
            quantity=Decimal(quantity).scaleb(-3),
            unit=line.unit,
            price=self._price(line, abs(before)),
            discount=Decimal(discount).scaleb(-self._document.currency.digits),
            net=self._amount(net),
            rate=line.tax,
        )

    def _price(self, line: Line, before: int) -> Decimal:
        """Return the price typed, if it has no tax in it, else the shortest one that gives the net before discount."""
        digits = self._document.currency.digits
        quantity, typed = abs(line.quantity), abs(line.unit_price)
        is_exact = rounded(quantity * typed, QUANTITY_UNIT * PRICE_PER_MINOR) == before
        if not quantity or (is_exact and not self._document.prices_include_tax):
            return Decimal(typed).scaleb(-digits - 2)
        for places in count():  # ends: at some place the price is near enough to the exact quotient
            price = rounded(before * QUANTITY_UNIT * 10**places, quantity)
            if rounded(quantity * price, QUANTITY_UNIT * 10**places) == before:
                return Decimal(price).scaleb(-digits - places)
        raise AssertionError("unreachable")


def _country(code: str) -> str:
    return _COUNTRIES.get(code, code)


def _address(text: str) -> tuple[str, ...]:
    """Return at most three lines; the last one has what is left."""
    lines = [line for line in text.splitlines() if line.strip()]
    rest = ", ".join(lines[_ADDRESS_LINES - 1 :])
    return tuple(filter(None, (*lines[: _ADDRESS_LINES - 1], rest)))


def _endpoint(address: str) -> tuple[str, str] | None:
    """Return a scheme and an address: EM and an e-mail address, or a code before a colon and what follows."""
    if not address:
        return None
    if "@" in address:
        return "EM", address
    scheme, _, value = address.partition(":")
    return scheme, value
