"""The fixed texts on paper and in messages, in the customer's language.

The English texts are below; the other languages are in the catalogues, under the contexts "paper" and "mail".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shopdesk import message_catalogues
from shopdesk.domain.document import Kind, PaperForm
from shopdesk.domain.message import MessageReason
from shopdesk.domain.payment import Method
from shopdesk.domain.tax import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The subject and first sentence of a message, with placeholders ``{kind}``, ``{number}`` and ``{shop}``."""

    subject: str
    opening: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWords:
    """The texts of a statement of account; ``credit`` is a closing balance in the customer's favour."""

    title: str
    period: str
    document: str
    balance: str
    brought_forward: str
    closing: str
    credit: str
    payment: str
    refund: str
    ageing: str
    ages: tuple[str, str, str, str]
    nothing: str
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWords:
    """The texts of X and Z reports."""

    x_title: str
    z_title: str
    day: str
    since: str
    made: str
    sales: str
    payments: str
    numbers: str
    changes: str
    amended: str
    replacements: str
    drawer: str
    cashiers: str
    shift: str
    opening: str
    cash: str
    expected: str
    counted: str
    not_counted: str
    difference: str
    times: str
    total_before: str
    running_total: str
    journal: str
    till: str
    nothing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The fixed texts of one language. ``language`` is its ISO 639 code."""

    language: str
    kinds: Mapping[Kind, str]
    forms: Mapping[PaperForm, str]
    methods: Mapping[Method, str]
    categories: Mapping[Category, str]
    customer: str
    tax_id: str
    date: str
    due_date: str
    valid_until: str
    served_by: str
    item: str
    quantity: str
    unit_price: str
    discount: str
    tax: str
    tax_rate: str
    amount: str
    subtotal: str
    net: str
    gross: str
    total: str
    prices_with_tax: str
    prices_without_tax: str
    rounding: str
    change: str
    paid: str
    due: str
    refund: str
    refunded: str
    to_refund: str
    note: str
    credit_for: str
    credit_for_earlier: str
    replaces: str
    replaces_earlier: str
    corrected_by: str
    corrected: str
    voided: str
    copy: str
    practice: str
    not_an_invoice: str
    received_by: str
    vat_number: str
    pay_by_transfer: str
    account_holder: str
    bank: str
    reference: str
    thanks: str
    page: str
    greeting: str
    letters: Mapping[MessageReason, Letter]
    """For orders: invoices and receipts."""
    other_letters: Mapping[MessageReason, Letter]
    """For other documents: quotes, debit notes and credit notes."""
    credited: Letter
    """For the credit note that cancels an order."""
    statement: StatementWords
    report: ReportWords
    more_items: str
    attached: str
    questions: str


def wording(language: str) -> Wording:
    """Return the texts for a BCP 47 language tag; English if there is no translation."""
    return _wording(message_catalogues.matching(language))


@cache
def _wording(language: str) -> Wording:
    catalogue = message_catalogues.catalogue(language)

    def paper(text: str) -> str:
        return catalogue.pgettext("paper", text)

    def mail(text: str) -> str:
        return catalogue.pgettext("mail", text)

    return Wording(
        language=language,
        kinds={
            Kind.INVOICE: paper("Invoice"),
            Kind.RECEIPT: paper("Receipt"),
            Kind.DEBIT_NOTE: paper("Debit note"),
            # Translators: the document that takes an invoice back; its legal name, if the country has one
            Kind.CREDIT_NOTE: paper("Credit note"),
            Kind.QUOTE: paper("Quote"),
        },
        forms={
            # Translators: the paper that goes with the goods, without prices
            PaperForm.DELIVERY_NOTE: paper("Delivery note"),
            PaperForm.PRO_FORMA: paper("Pro-forma invoice"),
        },
        methods={
            Method.CASH: paper("Cash"),
            Method.CARD: paper("Card"),
            Method.TRANSFER: paper("Bank transfer"),
            Method.OTHER: paper("Other payment"),
            Method.OFFSET: paper("Offset against another document"),
        },
        categories={
            Category.EXEMPT: paper("Exempt from tax"),
            Category.REVERSE_CHARGE: paper("Reverse charge"),
            Category.OUTSIDE: paper("Outside the scope of tax"),
        },
        customer=paper("Customer"),
        tax_id=paper("Tax ID"),
        date=paper("Date"),
        due_date=paper("Due date"),
        valid_until=paper("Valid until"),
        served_by=paper("Served by"),
        item=paper("Item"),
        # Translators: the head of a narrow column
        quantity=paper("Qty"),
        unit_price=paper("Unit price"),
        discount=paper("Discount"),
        tax=paper("Tax"),
        # Translators: the head of the column with the tax rates in per cent
        tax_rate=paper("Rate"),
        amount=paper("Amount"),
        subtotal=paper("Subtotal"),
        # Translators: the amount without tax
        net=paper("Net"),
        # Translators: the amount with tax
        gross=paper("Gross"),
        total=paper("Total"),
        prices_with_tax=paper("Prices include tax."),
        prices_without_tax=paper("Prices do not include tax."),
        rounding=paper("Cash rounding"),
        # Translators: the cash given back to the customer
        change=paper("Change"),
        paid=paper("Paid"),
        # Translators: the amount that is still to be paid
        due=paper("Due"),
        refund=paper("Refund"),
        refunded=paper("Refunded"),
        to_refund=paper("To be refunded"),
        note=paper("Note"),
        credit_for=paper("Credit note for {number}"),
        credit_for_earlier=paper("Gives back an earlier document"),
        replaces=paper("Replaces {number}"),
        replaces_earlier=paper("Replaces an earlier document"),
        corrected_by=paper("Corrected by {number}"),
        corrected=paper("Corrected by another document"),
        voided=paper("Voided"),
        # Translators: on each print of a document but the first; {count} is 1 for the first copy
        copy=paper("Copy {count}"),
        # Translators: printed across a paper that was made to learn the program, and is not valid
        practice=paper("Practice"),
        not_an_invoice=paper("This is not a tax invoice."),
        # Translators: below the line where the customer signs for the goods
        received_by=paper("Goods received: date and signature"),
        vat_number=paper("VAT number"),
        # Translators: above the account of the shop on an unpaid invoice
        pay_by_transfer=paper("Please pay by bank transfer"),
        account_holder=paper("Account holder"),
        bank=paper("Bank"),
        # Translators: what the customer writes into the transfer
        reference=paper("Reference"),
        thanks=paper("Thank you for your purchase!"),
        page=paper("Page {page} of {pages}"),
        greeting=mail("Hello {name},"),
        letters={
            MessageReason.ORDER_PLACED: Letter(
                subject=mail("Your order {number} has been placed"),
                opening=mail("Your order has been placed. Thank you for shopping at {shop}."),
            ),
            MessageReason.CORRECTED: Letter(
                subject=mail("Your order {number} has been corrected"),
                opening=mail(
                    "Your order has been corrected. This is how it stands now; earlier messages no longer hold."
                ),
            ),
            MessageReason.VOIDED: Letter(
                subject=mail("Your order {number} has been cancelled"),
                opening=mail("Your order has been cancelled. The document {number} is void."),
            ),
        },
        other_letters={
            MessageReason.ORDER_PLACED: Letter(
                subject=mail("{kind} {number} from {shop}"),
                opening=mail("Here is a document for you: {kind} {number}."),
            ),
            MessageReason.CORRECTED: Letter(
                subject=mail("Corrected: {kind} {number}"),
                opening=mail("The document {number} has been corrected. This is how it stands now."),
            ),
            MessageReason.VOIDED: Letter(
                subject=mail("Void: {kind} {number}"), opening=mail("The document {number} is void.")
            ),
        },
        credited=Letter(
            subject=mail("Your order has been cancelled: {number}"),
            opening=mail("Your order has been cancelled. This document takes it back: {kind} {number}."),
        ),
        statement=StatementWords(
            title=paper("Statement of account"),
            period=paper("{first} to {last}"),
            document=paper("Document"),
            balance=paper("Balance"),
            # Translators: the balance before the first day of a statement of account
            brought_forward=paper("Balance brought forward"),
            closing=paper("Balance due"),
            credit=paper("Balance in your favour"),
            payment=paper("Payment for {number}: {method}"),
            refund=paper("Refund for {number}: {method}"),
            ageing=paper("Open at the end, by days overdue"),
            ages=(
                # Translators: days overdue, the first with what is not due yet
                paper("0 to 30"),
                paper("31 to 60"),
                paper("61 to 90"),
                paper("More than 90"),
            ),
            nothing=paper("Nothing was sold or paid in this period."),
            letter=Letter(
                subject=mail("Your statement of account from {shop}"),
                opening=mail("Here is your statement of account at {shop}."),
            ),
        ),
        report=ReportWords(
            # Translators: the figures of the day so far; the name that tills have for it
            x_title=paper("X report"),
            # Translators: the figures of a closed day; the name that tills have for it
            z_title=paper("Z report {number}"),
            day=paper("Business day"),
            since=paper("Since"),
            made=paper("Made"),
            sales=paper("Sales"),
            payments=paper("Payments"),
            numbers=paper("Document numbers"),
            changes=paper("Voids and corrections"),
            amended=paper("Amended"),
            # Translators: documents that replace a corrected one
            replacements=paper("Replacements"),
            drawer=paper("Drawer opened without a sale"),
            cashiers=paper("Cashiers"),
            shift=paper("Till {till}, shift {number}"),
            # Translators: the cash in the drawer at the beginning of a shift
            opening=paper("Float"),
            cash=paper("Cash payments"),
            # Translators: the cash that should be in the drawer
            expected=paper("Expected"),
            counted=paper("Counted"),
            not_counted=paper("Not counted"),
            difference=paper("Difference"),
            # Translators: a shift was counted more than once
            times=paper("Counted {count} times"),
            total_before=paper("Running total before"),
            running_total=paper("Running total"),
            # Translators: the record of all actions, which proves that nothing is missing
            journal=paper("End of the journal"),
            till=paper("Till {till}, row {number}"),
            nothing=paper("Nothing was sold."),
        ),
        more_items=mail("… and {count} more"),
        attached=mail("The document is attached as a PDF file."),
        questions=mail("Questions? You reach us here:"),
    )
