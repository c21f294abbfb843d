"""Documents for the tests of the paper: plain functions that make one, with what the test cares about."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from shopdesk.domain.customer import WALK_IN, Buyer
from shopdesk.domain.document import Document, Kind, Line, State
from shopdesk.domain.money import Currency
from shopdesk.domain.paper_layout import PaperLayout
from shopdesk.domain.payment import Method, Payment, Tender, settle
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.totals import Discount, calculate

SELLER = Seller(
    name="Corner Grocery",
    address="12 Market Street\nNairobi 00100",
    country="KE",
    tax_id="P051234567X",
    email="shop@corner.example.org",
    phone="+254 712 345 678",
    footer="Goods can be returned within 14 days with this receipt.",
)
ADA = Buyer(
    key=UUID(int=7),
    name="Ada Lovelace",
    email="ada@example.org",
    phone="+442079460000",
    address="5 St James’s Square\nLondon SW1Y 4JU",
    tax_id="GB123456789",
)
ISSUED = datetime(2026, 11, 22, 10, 41, tzinfo=UTC)
SIXTEEN = TaxRate.percent(16)


def line(
    item: str = "Fluid milk white only 1 PT",
    quantity: int = 2000,
    unit_price: int = 8900,
    *,
    tax: TaxRate = SIXTEEN,
    discount: Discount | None = None,
) -> Line:
    """A row: quantity in thousandths, price in hundredths of a minor unit."""
    return Line(item=item, quantity=quantity, unit_price=unit_price, tax=tax, discount=discount)


def lines(count: int) -> list[Line]:
    """Rows that differ."""
    return [
        line(f"Article {at + 1} of the shelf", 1000 * (1 + at % 7), 100 * (25 + 13 * at % 997)) for at in range(count)
    ]


def payment(due: int, tendered: int, method: Method = Method.CASH, *, smallest_coin: int = 1) -> Payment:
    """What settles ``due``."""
    settled = settle(due, Tender(method=method, tendered=tendered), smallest_coin=smallest_coin)
    return Payment(
        key=UUID(int=9),
        method=method,
        amount=settled.amount,
        tendered=settled.tendered,
        change=settled.change,
        rounding=settled.rounding,
        at=ISSUED,
        by_name="Ada",
    )


def document(
    rows: Sequence[Line] | int = 1,
    *,
    kind: Kind = Kind.RECEIPT,
    state: State = State.ISSUED,
    currency: str = "USD",
    language: str = "en",
    prices_include_tax: bool = True,
    discount: Discount | None = None,
    buyer: Buyer = WALK_IN,
    seller: Seller = SELLER,
    payments: tuple[Payment, ...] = (),
    note: str = "",
    due_on: date | None = None,
    corrects: UUID | None = None,
    replaces: UUID | None = None,
    corrected_by: UUID | None = None,
    issued_by: str = "Grace Hopper",
    number: str = "",
    layout: PaperLayout | None = None,
) -> Document:
    """An issued document with its totals calculated; a credit note's rows are negated as the program does."""
    positive = lines(rows) if isinstance(rows, int) else list(rows)
    kept = [row.negated() for row in positive] if kind is Kind.CREDIT_NOTE else positive
    totals = calculate([row.priced for row in kept], prices_include_tax=prices_include_tax, discount=discount)
    return Document(
        key=UUID(int=1),
        draft_key=UUID(int=2),
        kind=kind,
        number=number or f"{kind.letter}-A-2026-000412",
        state=state,
        revision=1,
        till="A",
        seller=seller,
        buyer=buyer,
        currency=Currency.of(currency),
        prices_include_tax=prices_include_tax,
        language=language,
        lines=tuple(kept),
        discount=discount,
        totals=totals,
        note=note,
        date_on=date(2026, 11, 22),
        due_on=due_on,
        issued_at=ISSUED,
        issued_by=issued_by,
        issued_by_key=UUID(int=3),
        voided_at=ISSUED if state is State.VOIDED else None,
        corrects=corrects,
        replaces=replaces,
        corrected_by=corrected_by,
        payments=payments,
        layout=layout,
    )
