"""The texts of a document in the customer's language, shared by A4, roll and e-mail; no layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import Document, Kind, Line, PaperForm, State
from shopdesk.domain.identifiers import spaced_iban
from shopdesk.domain.paper_layout import PaperLayout, filled
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.payment_code import is_payable
from shopdesk.domain.shop import Seller, is_document_number
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import Group, PercentOff
from shopdesk.render import formatting
from shopdesk.render.translations import Wording, wording

RelatedNumbers = Mapping[UUID, str]
"""Document numbers by key, as far as the caller knows them."""

_MOST_TAX_ROWS = 4


def corrected_number(document: Document, numbers: RelatedNumbers) -> str:
    """Return the number of the document that a credit note cancels; empty for any other, or where it is not known."""
    if document.corrects is None:
        return ""
    return numbers.get(document.corrects, "") or (document.note if _names_credited(document) else "")


def _stopped(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _compact(number: str) -> str:
    return "".join(number.split()).upper()


def _names_credited(document: Document) -> bool:
    """Return True if the note is only the number of the credited document, as ``credit_note_for`` sets it."""
    return document.corrects is not None and is_document_number(document.note)


class Weight(Enum):
    """The emphasis of a row of the totals."""

    PLAIN = auto()
    TOTAL = auto()
    STRONG = auto()


@dataclass(frozen=True, slots=True)
class TotalsRow:
    """A row of the totals."""

    label: str
    value: str
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True)
class LineText:
    """A row of the table as text; ``discount`` and ``tax`` are empty if there is none."""

    item: str
    quantity: str
    unit_price: str
    discount: str
    tax: str
    amount: str


class DocumentText:
    """The texts of a document, each computed on access."""

    def __init__(
        self,
        document: Document,
        numbers: RelatedNumbers,
        form: PaperForm = PaperForm.ORIGINAL,
        *,
        copy: int = 0,
        is_practice: bool = False,
    ) -> None:
        self.document = document
        self.form = form
        self._copy = copy
        self._is_practice = is_practice
        self.words: Wording = wording(document.language)
        # Numbers use the document's language even if there is no translation of the words.
        self.language = document.language or self.words.language
        self.is_rtl = formatting.is_rtl(self.words.language)
        self._numbers = numbers

    # --- the head ---------------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """The kind or the form, in the document's language, or the title that the shop gives it."""
        if self.form is not PaperForm.ORIGINAL:
            return self.words.forms[self.form]
        return self._own("title") or self.words.kinds[self.document.kind]

    @property
    def number(self) -> str:
        """The number; of another form the kind and number of the document, for the form has no number of its own."""
        document = self.document
        is_own = self.form is PaperForm.ORIGINAL
        return document.number if is_own else f"{self.words.kinds[document.kind]} {document.number}"

    @property
    def watermark(self) -> str:
        """The word across every page; empty for none."""
        if self._is_practice:
            return self.words.practice.upper()
        return self.words.voided.upper() if self.is_voided else ""

    @property
    def has_prices(self) -> bool:
        """True unless it is a delivery note."""
        return self.form is not PaperForm.DELIVERY_NOTE

    @property
    def title(self) -> str:
        """The kind and the number."""
        return f"{self.kind} {self.number}"

    @property
    def is_voided(self) -> bool:
        """True if the document is voided."""
        return self.document.state is State.VOIDED

    @property
    def badges(self) -> list[str]:
        """The words in a frame below the number: of a copy, of a voided document."""
        copy = self.words.copy.format(count=formatting.count(self._copy, self.language)) if self._copy else ""
        return [word.upper() for word in (copy, self.words.voided if self.is_voided else "") if word]

    def seller(self) -> list[str]:
        """Return the lines below the shop's name: address, contact, phone and e-mail, its numbers."""
        seller = self.document.seller
        reach = " · ".join(filter(None, (seller.contact, seller.phone, seller.email)))
        numbers = (*self._numbers_of(seller), seller.registration)
        return [line for line in (*seller.address.splitlines(), reach, *numbers) if line.strip()]

    def _numbers_of(self, party: Seller | Buyer) -> list[str]:
        """Return tax ID and VAT number, the same number once."""
        named = {self.words.tax_id: party.tax_id, self.words.vat_number: party.vat_number}
        if _compact(party.tax_id) == party.vat_number:
            del named[self.words.tax_id]
        return [f"{word} {number}" for word, number in named.items() if number]

    def buyer(self) -> list[str]:
        """Return the customer's lines, name first; empty for a walk-in."""
        buyer = self.document.buyer
        if buyer.is_walk_in:
            return []
        below = (*buyer.address.splitlines(), buyer.email, buyer.phone, *self._numbers_of(buyer))
        # A customer with only an e-mail address or phone number has it as the name.
        return [buyer.name, *(line for line in below if line.strip() and line != buyer.name)]

    def facts(self) -> list[tuple[str, str]]:
        """Return the dates and the person who served, each with its label."""
        document = self.document
        facts = [(self.words.date, formatting.day(document.date_on, self.language))]
        if document.due_on is not None and self.has_prices:
            label = self.words.valid_until if document.kind is Kind.QUOTE else self.words.due_date
            facts.append((label, formatting.day(document.due_on, self.language)))
        if document.buyer.reference:
            facts.append((self.words.reference, document.buyer.reference))
        if document.issued_by:
            facts.append((self.words.served_by, document.issued_by))
        return facts

    def remarks(self) -> list[str]:
        """Return the references to documents that it credits or replaces, or that correct it, or a pro forma."""
        document, text = self.document, self.words
        if self.form is not PaperForm.ORIGINAL:
            return [text.not_an_invoice] if self.form is PaperForm.PRO_FORMA else []
        found = [
            (document.corrects, text.credit_for, text.credit_for_earlier),
            (document.replaces, text.replaces, text.replaces_earlier),
            (document.corrected_by, text.corrected_by, text.corrected),
        ]
        return [self._remark(key, named, unnamed) for key, named, unnamed in found if key is not None]

    def _remark(self, key: UUID, named: str, unnamed: str) -> str:
        is_credited = key == self.document.corrects
        number = corrected_number(self.document, self._numbers) if is_credited else self._numbers.get(key, "")
        return named.format(number=number) if number else unnamed

    @property
    def _note_is_number(self) -> bool:
        return _names_credited(self.document)

    @property
    def note(self) -> str:
        """The note to the customer; empty if there is none."""
        return "" if self._note_is_number else self.document.note

    # --- the rows ---------------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[LineText]:
        """Yield the rows of the table."""
        document = self.document
        if not self.has_prices:
            for line in document.lines:
                quantity = formatting.quantity(line.quantity, self.language)
                yield LineText(line.item, quantity, unit_price="", discount="", tax="", amount="")
            return
        shows_tax = self.has_tax
        for line, amount in zip(document.lines, document.totals.amounts, strict=True):
            yield LineText(
                item=line.item,
                quantity=formatting.quantity(line.quantity, self.language),
                unit_price=formatting.price(line.unit_price, document.currency, self.language),
                discount=self._discount(line),
                tax=formatting.percent(line.tax.milli, self.language) if shows_tax else "",
                amount=self.amount(amount),
            )

    def _discount(self, line: Line) -> str:
        match line.discount:
            case None:
                return ""
            case PercentOff(milli):
                return formatting.percent(milli, self.language)
            case off:
                return self.amount(off.minor)

    def amount(self, minor: int) -> str:
        """Return minor units as text, without the currency."""
        return formatting.amount(minor, self.document.currency, self.language)

    def figure(self, text: str) -> str:
        """Return a figure for use inside text, kept left to right in right-to-left languages (UAX 9, W2)."""
        return f"\u200e{text}\u200e" if self.is_rtl else text

    def join(self, pieces: list[str]) -> str:
        """Return the pieces joined with dots, in the direction of the language."""
        mark = "\u200f" if self.is_rtl else ""
        return mark + f"{mark} · {mark}".join(pieces)

    @property
    def thanks(self) -> str:
        """The thank-you line of an order, or the shop's own; empty on other forms, and on a voided document."""
        if self.form is not PaperForm.ORIGINAL or self.is_voided:
            return ""
        return self._own("thanks") or (self.words.thanks if self.document.kind.is_order else "")

    @property
    def footer(self) -> str:
        """The text at the foot: the shop's own for this kind, else the one for all documents."""
        own = self._own("footer") if self.form is PaperForm.ORIGINAL else ""
        return own or self.document.seller.footer

    @property
    def terms(self) -> str:
        """The shop's own terms of payment, while there is something to pay, or on a quote; else empty."""
        is_open = self.document.balance.minor != 0 or not self.document.kind.is_sale
        is_told = self.form is PaperForm.ORIGINAL and not self.is_voided and is_open
        return self._own("terms") if is_told else ""

    def _own(self, name: str) -> str:
        """Return a text of the shop with what it asks for filled in; empty where there is none."""
        text = str(getattr(self._layout.texts, name))
        return filled(text, self._placeholders()) if text else ""

    def _placeholders(self) -> dict[str, str]:
        document = self.document
        return {
            "shop": document.seller.name,
            "kind": self.words.kinds[document.kind],
            "number": self.figure(document.number),
            "date": formatting.day(document.date_on, self.language),
            "due": formatting.day(document.due_on, self.language) if document.due_on else "",
            "total": self.figure(formatting.money(document.gross, self.language)),
            "customer": document.buyer.name,
        }

    # --- the shop's choices -----------------------------------------------------------------------------------------

    @property
    def is_of_old(self) -> bool:
        """True if an older program issued it: it prints as it did then."""
        return self.document.layout is None

    @property
    def logo(self) -> bytes:
        """The PNG file of the shop's logo; empty for none."""
        return self._layout.logo.content if self._layout.logo else b""

    @property
    def barcode(self) -> str:
        """The content of the barcode, by which a scan finds the document; empty for none, as in practice."""
        return self.document.number if self._layout.has_barcode and not self._is_practice else ""

    @property
    def _layout(self) -> PaperLayout:
        return self.document.layout or PaperLayout()

    # --- the totals -------------------------------------------------------------------------------------------------

    @property
    def has_tax(self) -> bool:
        """True if any row has a tax rate, or a category that needs a reason (such as exempt)."""
        return any(group.rate.milli or group.rate.category in self.words.categories for group in self._groups)

    @property
    def _groups(self) -> tuple[Group, ...]:
        return self.document.totals.groups

    def totals(self) -> list[TotalsRow]:
        """Return the rows from the subtotal to the total; none without prices."""
        totals, text = self.document.totals, self.words
        sums: list[TotalsRow] = []
        if not self.has_prices:
            return sums
        if totals.discount or self.document.discount is not None:
            sums.append(TotalsRow(text.subtotal, self.amount(totals.sum)))
            label = text.discount
            if isinstance(self.document.discount, PercentOff):
                label = f"{label} {self.figure(formatting.percent(self.document.discount.milli, self.language))}"
            sums.append(TotalsRow(label, self.amount(-totals.discount)))
        if not self.document.prices_include_tax and self.has_tax:
            sums.append(TotalsRow(text.net, self.amount(totals.net)))
            taxed = [group for group in self._groups if group.rate.milli]
            if len(taxed) <= _MOST_TAX_ROWS:
                sums.extend(
                    TotalsRow(f"{text.tax} {self.figure(self.rate(group.rate))}", self.amount(group.tax))
                    for group in taxed
                )
            else:
                sums.append(TotalsRow(text.tax, self.amount(totals.tax)))
        sums.append(TotalsRow(f"{text.total} {self.document.currency.code}", self.amount(totals.gross), Weight.TOTAL))
        return sums

    def rate(self, rate: TaxRate) -> str:
        """Return a tax rate as a percentage."""
        return formatting.percent(rate.milli, self.language)

    def taxes(self) -> list[tuple[str, str, str, str]]:
        """Return rate, net, tax, gross per rate, after a header row and before the sum; empty without tax or prices."""
        if not self.has_tax or not self.has_prices:
            return []
        text, totals = self.words, self.document.totals
        sums = [(self.rate(group.rate), group.net, group.tax, group.gross) for group in self._groups]
        if len(sums) > 1:
            sums.append((text.total, totals.net, totals.tax, totals.gross))
        amount = self.amount
        rows = [(label, amount(net), amount(tax), amount(gross)) for label, net, tax, gross in sums]
        return [(text.tax_rate, text.net, text.tax, text.gross), *rows]

    def tax_remarks(self) -> list[str]:
        """Return the remark if prices include tax, and the reason for each exemption in words (EN 16931, BT-120)."""
        if not self.has_tax:
            return []
        text = self.words
        include = text.prices_with_tax if self.document.prices_include_tax else text.prices_without_tax
        given = dict(self.document.exemptions)
        reasons = [
            f"{self.figure(self.rate(group.rate))}: {_stopped(given.get(category) or text.categories[category])}"
            for group in self._groups
            if (category := group.rate.category) in text.categories
        ]
        return [include, *reasons]

    def transfer(self) -> list[tuple[str, str]]:
        """Return how to pay the balance by bank transfer, each with its label; empty if there is nothing to pay so."""
        document, text, seller = self.document, self.words, self.document.seller
        if self.form is not PaperForm.ORIGINAL or self._is_practice or not is_payable(document):
            return []
        amount = self.figure(formatting.money(document.balance, self.language))
        rows = [
            (text.account_holder, seller.name),
            ("IBAN", self.figure(spaced_iban(seller.iban))),
            ("BIC", seller.bic),
            (text.bank, seller.bank),
            (text.amount, amount),
            (text.reference, self.figure(document.number)),
        ]
        return [(label, value) for label, value in rows if value]

    def payments(self) -> list[TotalsRow]:
        """Return the payments, the paid amount, and what is due or to be refunded; empty for quotes and other forms."""
        document, text = self.document, self.words
        if not document.kind.is_sale or self.form is not PaperForm.ORIGINAL:
            return []
        sums = [row for payment in document.payments for row in self._payment(payment)]
        gives_back = document.totals.gross < 0
        if gives_back:
            back = -sum(payment.amount for payment in document.payments if payment.method is not Method.OFFSET)
            sums.extend([TotalsRow(text.refunded, self.amount(back))] if back else [])
        elif document.payments or document.state is State.ISSUED:
            sums.append(TotalsRow(text.paid, self.amount(document.paid.minor)))
        if document.state is State.ISSUED:
            balance = document.balance.minor
            weight = Weight.STRONG if balance else Weight.PLAIN
            label = text.to_refund if balance < 0 or gives_back else text.due
            sums.append(TotalsRow(label, self.amount(abs(balance) if label == text.to_refund else balance), weight))
        return sums

    def _payment(self, payment: Payment) -> Iterator[TotalsRow]:
        text, method = self.words, self.words.methods[payment.method]
        if payment.method is Method.OFFSET:
            yield TotalsRow(method, self.amount(payment.amount))
            return
        sign = -1 if payment.amount < 0 else 1
        if payment.rounding:
            yield TotalsRow(text.rounding, self.amount(sign * payment.rounding))
        label = f"{text.refund}: {method}" if sign < 0 else method
        yield TotalsRow(label, self.amount(sign * payment.tendered))
        if payment.change:
            yield TotalsRow(text.change, self.amount(sign * payment.change))
