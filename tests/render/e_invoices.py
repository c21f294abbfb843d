"""Invoices that can be e-invoices: the seller and the buyer with all facts, and random ones of every kind."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from render.documents import ADA, SELLER, document
from shopdesk.domain.document import Document, Kind, Line
from shopdesk.domain.payment import Method, Payment, Tender, settle
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import Category, Exemption, TaxRate
from shopdesk.domain.totals import AmountOff, Discount, PercentOff
from shopdesk.domain.unit import Unit

MILL = replace(
    SELLER,
    name="Mühle & Söhne <Naturkost>",
    address="Am Markt 3\n80331 München",
    country="DE",
    tax_id="143/123/45678",
    vat_number="DE136695976",
    registration="HRB 12345",
    contact="Ada",
    iban="DE89370400440532013000",
    bic="COBADEFFXXX",
    bank="Commerzbank",
)
CAFE = replace(
    ADA,
    name="Café Ada",
    address="1 rue de la Paix\n2e étage\nBâtiment B\n75002 Paris",
    country="FR",
    vat_number="FR40303265045",
    reference="PO 4711",
    electronic_address="0009:30326504500017",
)
NINETEEN, SEVEN = TaxRate.percent(19), TaxRate.percent(7)
ZERO, EXEMPT = TaxRate.percent(0), TaxRate(0, Category.EXEMPT)
REVERSE, OUTSIDE = TaxRate(0, Category.REVERSE_CHARGE), TaxRate(0, Category.OUTSIDE)
_EXEMPTIONS: tuple[Exemption, ...] = (
    (Category.EXEMPT, "§ 4 Nr. 21 UStG"),
    (Category.REVERSE_CHARGE, "§ 13b UStG"),
)
_MIXES = (
    (NINETEEN,),
    (NINETEEN, SEVEN),
    (NINETEEN, ZERO, TaxRate.percent("8.875")),
    (SEVEN, ZERO, EXEMPT),
    (REVERSE,),
    (NINETEEN, REVERSE),
    (OUTSIDE,),
)


def invoice(
    rows: Sequence[Line] | int = 1,
    *,
    kind: Kind = Kind.INVOICE,
    currency: str = "EUR",
    seller: Seller = MILL,
    prices_include_tax: bool = True,
    discount: Discount | None = None,
    payments: tuple[Payment, ...] = (),
    exemptions: tuple[Exemption, ...] = _EXEMPTIONS,
) -> Document:
    """A document with all that an e-invoice needs."""
    made = document(
        rows,
        kind=kind,
        currency=currency,
        language="de-DE",
        seller=seller,
        buyer=CAFE,
        prices_include_tax=prices_include_tax,
        discount=discount,
        payments=payments,
    )
    return replace(made, exemptions=exemptions)


def random_invoice(random: Random) -> Document:
    """An invoice, debit note or credit note with any rows, rates, discounts and payments that the domain allows."""
    kind = random.choice((Kind.INVOICE, Kind.INVOICE, Kind.DEBIT_NOTE, Kind.CREDIT_NOTE))
    currency = random.choice(("EUR", "EUR", "EUR", "CHF", "JPY"))
    mix = random.choices(range(len(_MIXES)), (8, 8, 6, 6, 2, 2, 2))[0]
    rows = [_row(random, _MIXES[mix]) for _ in range(random.choice((1, 2, 3, 5, 8, 25)))]
    if kind is Kind.INVOICE and random.random() < 0.2:
        rows.append(replace(random.choice(rows), quantity=-1000, discount=_discount(random, 1)))  # goods taken back
    seller = MILL if random.random() < 0.7 else replace(MILL, iban="", bic="", contact="", phone="")
    made = invoice(
        rows,
        kind=kind,
        currency=currency,
        prices_include_tax=random.random() < 0.6,
        discount=random.choice((None, None, _discount(random, 10))),
        seller=seller,
    )
    return replace(made, payments=_payments(random, made))


def _row(random: Random, rates: Sequence[TaxRate]) -> Line:
    weighed = random.random() < 0.3
    return Line(
        item=random.choice(("Milk", "Crème fraîche & Quark", "Äpfel <Boskoop>", "牛乳")),
        quantity=random.randint(1, 5000) if weighed else 1000 * random.randint(1, 200),
        unit_price=random.choice((random.randint(0, 100_00), 100 * random.randint(1, 99_999))),
        tax=random.choice(rates),
        discount=random.choice((None, None, _discount(random, 1))),
        unit=Unit.KILOGRAM if weighed else Unit.PIECE,
    )


def _discount(random: Random, most: int) -> Discount:
    """A discount that is not more than what it is taken from, whatever that is."""
    if random.random() < 0.5:
        return PercentOff(random.choice((0, 5_000, 12_500, 33_333, 100_000)))
    return AmountOff(0) if random.random() < 0.5 else PercentOff(random.randint(0, 100_000))


def _payments(random: Random, made: Document) -> tuple[Payment, ...]:
    due = made.gross.minor
    coin = 5 if made.currency.code == "CHF" else 1
    paid = []
    for method in random.choice(((), (Method.CASH,), (Method.CARD, Method.CASH), (Method.TRANSFER,))):
        part = due if method is Method.CASH else due // 2
        if part and not (method is Method.CASH and abs(part) < coin):
            settled = settle(due, Tender(method=method, tendered=part), smallest_coin=coin)
            paid.append(
                Payment(
                    key=made.key,
                    method=method,
                    amount=settled.amount,
                    tendered=settled.tendered,
                    change=settled.change,
                    rounding=settled.rounding,
                    at=made.issued_at,
                    by_name="Ada",
                )
            )
            due -= settled.amount
    return tuple(paid)
