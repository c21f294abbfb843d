"""Drafts, issued documents, and the table of their legal state transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shopdesk.domain.customer import WALK_IN, Buyer
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import LARGEST_MINOR, Currency, Money
from shopdesk.domain.paper_layout import PaperLayout
from shopdesk.domain.payment import Payment
from shopdesk.domain.sentence import Sentence, sentence
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import Exemption, TaxRate
from shopdesk.domain.totals import AmountOff, Discount, PricedLine, Totals, calculate
from shopdesk.domain.unit import Unit

MAX_ROWS = 10_000


class Kind(StrEnum):
    """The kind of a document."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    DEBIT_NOTE = "debit_note"
    CREDIT_NOTE = "credit_note"
    QUOTE = "quote"

    @property
    def letter(self) -> str:
        """The first letter of its numbers: I, R, D, C or Q."""
        return self.name[0]

    @classmethod
    def of_number(cls, number: str) -> Kind:
        """Return the kind of the document with this number, from its first letter."""
        return next(kind for kind in cls if number.startswith(kind.letter))

    @property
    def is_sale(self) -> bool:
        """True if it counts in the sales figures: every kind but a quote."""
        return self is not Kind.QUOTE

    @property
    def is_order(self) -> bool:
        """True if it counts as an order: an invoice or a receipt."""
        return self in {Kind.INVOICE, Kind.RECEIPT}

    @property
    def can_be_credited(self) -> bool:
        """True if a credit note can cancel it: every kind but a credit note and a quote."""
        return self not in {Kind.CREDIT_NOTE, Kind.QUOTE}


class State(StrEnum):
    """The state of a numbered document. (An unnumbered one is a Draft, not a Document.)"""

    ISSUED = "issued"
    VOIDED = "voided"
    CORRECTED = "corrected"


class PaperForm(StrEnum):
    """The form that a document is printed in: as itself, or as a paper of another title that counts as no sale."""

    ORIGINAL = "original"
    DELIVERY_NOTE = "delivery note"
    PRO_FORMA = "pro-forma invoice"


class Action(StrEnum):
    """An action on a document, as recorded in the journal."""

    ISSUE = "issued"
    AMEND = "amended"
    VOID = "voided"
    CREDIT = "credited"
    RETURN = "returned"
    SEAL = "sealed"
    PAY = "paid"
    PRINT = "printed"
    SEND = "sent"


# The legal transitions: (state, is it sealed, action) -> the next state. All others are refused.
# To add one: add the row, handle it in usecases/documents.py, and extend the state machine in tests/domain.
TRANSITIONS: Mapping[tuple[State | None, bool, Action], State] = MappingProxyType(
    {
        (None, False, Action.ISSUE): State.ISSUED,
        (State.ISSUED, False, Action.AMEND): State.ISSUED,
        (State.ISSUED, False, Action.VOID): State.VOIDED,
        (State.ISSUED, False, Action.SEAL): State.ISSUED,
        (State.VOIDED, False, Action.SEAL): State.VOIDED,
        (State.ISSUED, True, Action.CREDIT): State.CORRECTED,
        (State.ISSUED, True, Action.RETURN): State.ISSUED,
        (State.ISSUED, False, Action.PAY): State.ISSUED,
        (State.ISSUED, True, Action.PAY): State.ISSUED,
    }
    | {
        (state, sealed, act): state
        for state in State
        for sealed in (False, True)
        for act in (Action.PRINT, Action.SEND)
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row: quantity in thousandths, unit price in hundredths of a minor unit, its own discount and tax rate."""

    item: str
    quantity: int
    unit_price: int
    tax: TaxRate
    discount: Discount | None = None
    product_key: UUID | None = None
    unit: Unit = field(default=Unit.PIECE, compare=False)
    """Taken from the product at issue and not typed: rows that differ in it alone are the same."""

    @property
    def priced(self) -> PricedLine:
        """The part of the row that the calculation needs."""
        return PricedLine(quantity=self.quantity, unit_price=self.unit_price, tax=self.tax, discount=self.discount)

    def negated(self) -> Line:
        """Return the row with the opposite quantity, for a credit note (rule 10)."""
        return replace(self, quantity=-self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A complete document without a number, ready to issue. ``key`` makes issuing it idempotent.

    ``origin`` is the document that it was made from, if any.
    """

    key: UUID
    kind: Kind
    lines: tuple[Line, ...]
    date_on: date
    currency: Currency
    prices_include_tax: bool
    buyer: Buyer = WALK_IN
    due_on: date | None = None
    discount: Discount | None = None
    note: str = ""
    language: str = ""
    origin: UUID | None = None

    def totals(self) -> Totals:
        """Calculate the totals, with a credit note's sign. Raise Refused when it cannot be a document."""
        if not self.lines:
            raise Refused(sentence("The document is empty. Add at least one item."), field="items", row=0)
        if len(self.lines) > MAX_ROWS:
            raise Refused(sentence("A document can have at most {most} rows.", most=MAX_ROWS), field="items")
        priced = [line.priced for line in self.signed_lines]
        totals = calculate(priced, prices_include_tax=self.prices_include_tax, discount=self.discount)
        if max(map(abs, (*totals.amounts, totals.sum, totals.gross))) > LARGEST_MINOR:
            raise Refused(sentence("The total is too large."), field="items")
        return totals

    @property
    def signed_lines(self) -> tuple[Line, ...]:
        """The rows as the document stores them: a credit note's are negated (rule 10)."""
        return tuple(line.negated() for line in self.lines) if self.kind is Kind.CREDIT_NOTE else self.lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A numbered document with everything it prints, unaffected by later changes of shop, customer or product.

    ``revision`` counts amendments from 1. ``replaces`` is the document this one replaces, ``corrects`` the one it
    credits whole or for returned goods, ``corrected_by`` the credit note that cancelled this one. ``origin`` is the
    quote that it invoices, or the document that it repeats. ``exemptions`` are the reasons for rates without tax.
    ``layout`` is None if an older program issued it: it prints as it did then.
    """

    key: UUID
    draft_key: UUID
    kind: Kind
    number: str
    state: State
    revision: int
    till: str
    seller: Seller
    buyer: Buyer
    currency: Currency
    prices_include_tax: bool
    language: str
    lines: tuple[Line, ...]
    discount: Discount | None
    totals: Totals
    note: str
    date_on: date
    due_on: date | None
    issued_at: datetime
    issued_by: str
    issued_by_key: UUID
    sealed_at: datetime | None = None
    voided_at: datetime | None = None
    corrects: UUID | None = None
    replaces: UUID | None = None
    corrected_by: UUID | None = None
    origin: UUID | None = None
    payments: tuple[Payment, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    layout: PaperLayout | None = None

    @property
    def gross(self) -> Money:
        """The total, tax included."""
        return Money(self.totals.gross, self.currency)

    @property
    def paid(self) -> Money:
        """The sum of its payments."""
        return Money(sum(payment.amount for payment in self.payments), self.currency)

    @property
    def balance(self) -> Money:
        """The amount still to be paid: gross - paid; zero for a quote, a voided or a corrected document."""
        if self.state is not State.ISSUED or not self.kind.is_sale:
            return Money(0, self.currency)
        return self.gross - self.paid

    @property
    def is_sealed(self) -> bool:
        """True if it can only be corrected by new documents."""
        return self.sealed_at is not None

    def has_same_content(self, draft: Draft) -> bool:
        """Return True if it has the draft's kind, rows, discount, note, dates and customer."""
        return (
            self.kind is draft.kind
            and self.lines == draft.signed_lines
            and (self.discount, self.note) == (draft.discount, draft.note)
            and (self.date_on, self.due_on) == (draft.date_on, draft.due_on)
            and self.buyer.key == draft.buyer.key
        )


def next_state(state: State | None, act: Action, *, is_sealed: bool) -> State:
    """Return the state after an action. Raise Refused for a transition that is not in the table."""
    try:
        return TRANSITIONS[state, is_sealed, act]
    except KeyError:
        raise Refused(_why_not(state, act, is_sealed=is_sealed)) from None


def can(document: Document, act: Action) -> bool:
    """Return True if the action is legal in the document's present state."""
    is_declared = (document.state, document.is_sealed, act) in TRANSITIONS
    if act in {Action.AMEND, Action.VOID} and document.corrects is not None:
        return False
    return is_declared and (act not in {Action.CREDIT, Action.RETURN} or document.kind.can_be_credited)


def paper_forms(document: Document) -> tuple[PaperForm, ...]:
    """Return the forms that a document can be printed in: an order as its goods, an invoice or a quote pro forma."""
    if document.state is not State.ISSUED:
        return (PaperForm.ORIGINAL,)
    goods = (PaperForm.DELIVERY_NOTE,) if document.kind.is_order else ()
    pro_forma = (PaperForm.PRO_FORMA,) if document.kind in {Kind.INVOICE, Kind.QUOTE} else ()
    return (PaperForm.ORIGINAL, *goods, *pro_forma)


def check_changeable(document: Document) -> None:
    """Refuse to change or void the credit note that cancels a document: together they sum to zero (rule 10)."""
    if document.corrects is not None:
        raise Refused(
            sentence("This credit note cancels another document and cannot be changed. Issue a new document instead.")
        )


_NOT_NOW = {
    Action.ISSUE: sentence("A document cannot be issued now."),
    Action.AMEND: sentence("A document cannot be amended now."),
    Action.VOID: sentence("A document cannot be voided now."),
    Action.CREDIT: sentence("A document cannot be credited now."),
    Action.SEAL: sentence("A document cannot be sealed now."),
    Action.PAY: sentence("A document cannot be paid now."),
    Action.PRINT: sentence("A document cannot be printed now."),
    Action.SEND: sentence("A document cannot be sent now."),
    Action.RETURN: sentence("Nothing of the document can be returned now."),
}


def _why_not(state: State | None, act: Action, *, is_sealed: bool) -> Sentence:
    if state is State.VOIDED:
        return sentence("This document is voided. Nothing more can be done with it.")
    if state is State.CORRECTED:
        return sentence("This document was already corrected. Its history shows what replaced it.")
    if is_sealed and act in {Action.AMEND, Action.VOID}:
        return sentence("This document is sealed and cannot be changed. Correct it with a credit note.")
    if not is_sealed and act is Action.CREDIT:
        return sentence("This document is not sealed yet. Change or void it instead.")
    return _NOT_NOW[act]


def credit_note_for(document: Document, *, key: UUID, date_on: date) -> Draft:
    """Return the draft of the credit note that cancels a whole document; every tax group sums to zero (rule 10).

    Raise Refused when the document cannot be credited in its present state.
    """
    next_state(document.state, Action.CREDIT, is_sealed=document.is_sealed)
    if document.kind is Kind.CREDIT_NOTE:
        raise Refused(sentence("A credit note cannot be credited. Issue a new document instead."))
    if not document.kind.can_be_credited:
        raise Refused(sentence("A quote cannot be credited. Issue a new quote instead."))
    # Repeat the document discount as a fixed amount, so that it is split the same way to the cent.
    off = AmountOff(abs(document.totals.discount)) if document.totals.discount else None
    return Draft(
        key=key,
        kind=Kind.CREDIT_NOTE,
        lines=document.lines,
        date_on=date_on,
        currency=document.currency,
        prices_include_tax=document.prices_include_tax,
        buyer=document.buyer,
        discount=off,
        note=document.number,
        language=document.language,
    )
