"""Every use case and every guarded question, tried with every role: the table says who may, the program does so."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from types import ModuleType
from typing import Any

import pytest

from shopdesk.domain.account import RIGHTS, AccountStatus, NotAllowed, Right, Role, Staff
from shopdesk.domain.customer import Customer
from shopdesk.domain.discount_limit import excess
from shopdesk.domain.document import Action, Document, Draft, Kind, Line, State
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import Currency, Money
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.price_change import PriceChange, ProductChoice
from shopdesk.domain.printer import PaperChoice
from shopdesk.domain.product import Product
from shopdesk.domain.shop import Seal
from shopdesk.domain.tax import TaxRate
from shopdesk.domain.till_preferences import TillPreferences
from shopdesk.domain.totals import AmountOff, Discount, PercentOff
from shopdesk.queries import accountant_export, customer_accounts, money_report, number_report, statistics, verify
from shopdesk.queries import accounts as ask_accounts
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import price_previews as ask_prices
from shopdesk.queries import shifts as ask_shifts
from shopdesk.queries import shop as ask_shop
from shopdesk.queries.statistics import Step
from shopdesk.row_keys import new_key
from shopdesk.usecases import (
    accountant,
    accounts,
    customers,
    documents,
    drafts,
    imports,
    outbox,
    papers,
    price_changes,
    print_jobs,
    products,
    shifts,
    shop,
    statements_by_mail,
)
from shopdesk.usecases.customer_import import CUSTOMERS
from shopdesk.usecases.day_close import UNCOUNTED, close_day
from shopdesk.usecases.import_file import ImportFile
from shopdesk.usecases.import_layout import Subject
from shopdesk.usecases.product_import import PRODUCTS
from support.shops import SampleShop

EVERYBODY = frozenset(Role)
CHIEFS = frozenset({Role.OWNER, Role.MANAGER})
OWNER = frozenset({Role.OWNER})


@dataclass(frozen=True)
class Case:
    """A use case, who may, and its arguments, made as the owner."""

    act: Callable[..., Any]
    may: frozenset[Role]
    given: Callable[[SampleShop], tuple[tuple[Any, ...], dict[str, Any]]]
    is_question: bool = False


def _waiting(sample_shop: SampleShop) -> Any:
    return sample_shop.staff(Role.CASHIER, name=f"Eve{new_key().hex}", status=AccountStatus.WAITING).key


def _new_person() -> accounts.NewAccount:
    return accounts.NewAccount(user_name=f"eve{new_key().hex}", name="Eve", password="four words in a row")


def _other(sample_shop: SampleShop) -> Any:
    return sample_shop.staff(Role.CASHIER, name=f"Eve{new_key().hex}").key


def _paid_back(sample_shop: SampleShop) -> Any:
    return sample_shop.issue(kind=Kind.CREDIT_NOTE).key


def _goods_of(document: Document) -> tuple[tuple[Any, ...], dict[str, Any]]:
    pieces = (1000, *[0] * (len(document.lines) - 1))
    return (document.key, pieces, Method.CASH), {"seen": document, "note_key": new_key()}


def _print(sample_shop: SampleShop) -> Any:
    return sample_shop.do(print_jobs.print_document, sample_shop.issue().key, PaperChoice.ROLL)


def _customer(sample_shop: SampleShop, name: str) -> Customer:
    return sample_shop.do(customers.save, Customer(key=new_key(), name=name))


def _mailed(sample_shop: SampleShop) -> Any:
    return sample_shop.do(customers.save, Customer(key=new_key(), name="Eve", email=f"{new_key().hex}@example.org")).key


def _two_alike(sample_shop: SampleShop) -> tuple[tuple[Any, ...], dict[str, Any]]:
    one, other = _customer(sample_shop, "Ada"), _customer(sample_shop, "Ada L.")
    return (one, other), {"base": one}


def _closed_day(sample_shop: SampleShop) -> int | None:
    return sample_shop.do(close_day, confirmed=_UNCOUNTED).number


def _closed(sample_shop: SampleShop, units: int) -> Money:
    """End the shift of the till, and return an amount of cash."""
    _closed_day(sample_shop)
    return Money(units * 100, Currency.of("USD"))


def _open(sample_shop: SampleShop, units: int) -> Money:
    amount = _closed(sample_shop, units)
    sample_shop.do(shifts.open_shift, amount)
    return amount


def _pieces(sample_shop: SampleShop) -> tuple[tuple[int, int], ...]:
    return ((1000, _open(sample_shop, 10).minor // 1000),)


_UNCOUNTED = frozenset({UNCOUNTED})


def _file(raw: bytes, subject: Subject) -> ImportFile:
    return imports.read(raw, subject, language="en")


CATALOGUE = b"product_id,name,price\n1,Tea,1.00\n"
PEOPLE = b"name,email\nAda,ada@example.org\n"
PERIOD = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}

CASES = [
    Case(documents.issue, EVERYBODY, lambda c: ((c.draft(),), {})),
    Case(documents.issue, CHIEFS, lambda c: ((c.draft(kind=Kind.CREDIT_NOTE),), {})),
    Case(documents.issue, CHIEFS, lambda c: ((c.draft(DraftRow("Tea", "1", "10", "50 %")),), {})),
    Case(documents.issue, CHIEFS, lambda c: ((c.draft(DraftRow("Tea", "1", "10"), discount="5"),), {})),
    Case(documents.correct, EVERYBODY, lambda c: ((c.issue().key, c.draft()), {"revision": 1})),
    Case(documents.delete, CHIEFS, lambda c: ((c.issue().key,), {})),
    Case(documents.return_goods, CHIEFS, lambda c: _goods_of(c.issue())),
    Case(
        documents.pay,
        EVERYBODY,
        lambda c: (
            (c.issue(kind=Kind.INVOICE).key, Tender(method=Method.CASH, tendered=100)),
            {"payment_key": new_key()},
        ),
    ),
    Case(
        documents.pay,
        CHIEFS,
        lambda c: ((_paid_back(c), Tender(method=Method.CASH, tendered=-100)), {"payment_key": new_key()}),
    ),
    Case(print_jobs.note_printed, EVERYBODY, lambda c: ((c.issue().key,), {})),
    Case(documents.resend, EVERYBODY, lambda c: ((c.issue().key,), {})),
    Case(documents.resend_all, EVERYBODY, lambda c: (((c.issue().key,),), {})),
    Case(drafts.save_draft, EVERYBODY, lambda c: ((DraftForm(key=new_key()),), {"changed": None})),
    Case(drafts.discard, EVERYBODY, lambda c: ((new_key(),), {})),
    Case(drafts.restore_local, EVERYBODY, lambda c: (((),), {})),
    Case(customers.save, EVERYBODY, lambda c: ((Customer(key=new_key(), name="Ada"),), {})),
    Case(customers.merge, CHIEFS, _two_alike),
    Case(customers.erase, CHIEFS, lambda c: ((_customer(c, "Ada").key,), {})),
    Case(statements_by_mail.send_statement, EVERYBODY, lambda c: ((_mailed(c),), PERIOD)),
    Case(customer_accounts.balances, EVERYBODY, lambda c: (([new_key()],), {}), is_question=True),
    Case(
        customer_accounts.open_documents,
        EVERYBODY,
        lambda c: ((), {"customer_key": new_key(), "after": None}),
        is_question=True,
    ),
    Case(customer_accounts.statement, EVERYBODY, lambda c: ((_mailed(c),), PERIOD), is_question=True),
    Case(products.save, CHIEFS, lambda c: ((Product(key=new_key(), code="1", name="Tea", price=1),), {})),
    Case(
        price_changes.change_prices,
        CHIEFS,
        lambda c: (
            (ProductChoice(), PriceChange()),
            {"state": c.ask(ask_prices.check, choice=ProductChoice(), change=PriceChange(), by=c.by).state},
        ),
    ),
    Case(
        ask_prices.check,
        CHIEFS,
        lambda c: ((), {"choice": ProductChoice(), "change": PriceChange()}),
        is_question=True,
    ),
    Case(
        ask_prices.preview,
        CHIEFS,
        lambda c: ((), {"choice": ProductChoice(), "change": PriceChange(), "after": None}),
        is_question=True,
    ),
    Case(products.check_import, CHIEFS, lambda c: ((CATALOGUE,), {})),
    Case(products.import_all, CHIEFS, lambda c: ((CATALOGUE,), {})),
    Case(products.inspect_import, CHIEFS, lambda c: ((_file(CATALOGUE, PRODUCTS),), {})),
    Case(customers.check_import, EVERYBODY, lambda c: ((PEOPLE,), {})),
    Case(customers.import_all, EVERYBODY, lambda c: ((PEOPLE,), {})),
    Case(customers.inspect_import, EVERYBODY, lambda c: ((_file(PEOPLE, CUSTOMERS),), {})),
    Case(outbox.retry, EVERYBODY, lambda c: ((new_key(),), {})),
    Case(outbox.retry_all, EVERYBODY, lambda c: ((), {})),
    Case(print_jobs.print_document, EVERYBODY, lambda c: ((c.issue().key, PaperChoice.ROLL), {})),
    Case(print_jobs.print_again, EVERYBODY, lambda c: ((_print(c),), {})),
    Case(print_jobs.settle, EVERYBODY, lambda c: ((_print(c),), {})),
    Case(shop.change, OWNER, lambda c: ((c.ask(ask_shop.current),), {})),
    Case(papers.change_texts, OWNER, lambda c: (({},), {"has_barcode": False, "base": c.ask(ask_shop.current)})),
    Case(papers.set_logo, OWNER, lambda c: ((b"\x89PNG\r\n\x1a\n",), {})),
    Case(close_day, CHIEFS, lambda c: ((), {"confirmed": _UNCOUNTED})),
    Case(shifts.open_shift, EVERYBODY, lambda c: ((_closed(c, 10),), {})),
    Case(shifts.move_cash, CHIEFS, lambda c: ((_open(c, 10), "Bank"), {"is_out": True, "movement_key": new_key()})),
    Case(shifts.count_shift, EVERYBODY, lambda c: ((_pieces(c),), {})),
    Case(shifts.note_drawer_opened, CHIEFS, lambda c: (("Change",), {})),
    Case(ask_shifts.x_report, CHIEFS, lambda c: ((), {"now": c.now}), is_question=True),
    Case(ask_shifts.z_reports, CHIEFS, lambda c: ((), {}), is_question=True),
    Case(
        ask_shifts.z_report, CHIEFS, lambda c: ((c.do(close_day, confirmed=_UNCOUNTED).number,), {}), is_question=True
    ),
    Case(shop.set_preferences, OWNER, lambda c: ((TillPreferences(),), {})),
    Case(accounts.let_in, OWNER, lambda c: ((_waiting(c),), {"role": Role.CASHIER})),
    Case(accounts.set_role, OWNER, lambda c: ((_other(c),), {"role": Role.MANAGER})),
    Case(accounts.block, OWNER, lambda c: ((_other(c),), {})),
    Case(accounts.unblock, OWNER, lambda c: ((_other(c),), {})),
    Case(accounts.add_person, OWNER, lambda c: ((_new_person(),), {"role": Role.CASHIER})),
    Case(accounts.reset_password, OWNER, lambda c: ((_other(c),), {"new": "four words in a row"})),
    Case(ask_accounts.everyone, OWNER, lambda c: ((), {}), is_question=True),
    Case(statistics.overview, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.over_time, CHIEFS, lambda c: ((), PERIOD | {"step": Step.DAY}), is_question=True),
    Case(statistics.by_customer_type, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.by_kind, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.by_method, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.by_tax, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.settlement, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(statistics.best_customers, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    *(
        Case(query, CHIEFS, lambda c: ((), PERIOD), is_question=True)
        for query in (statistics.by_hour, statistics.by_weekday, statistics.by_cashier, statistics.by_department)
    ),
    Case(statistics.best_items, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(money_report.money_report, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(number_report.all_series, CHIEFS, lambda c: ((), {}), is_question=True),
    Case(number_report.ranges_of, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(number_report.page, CHIEFS, lambda c: ((), {"ranges": ()}), is_question=True),
    Case(accountant_export.mapping, CHIEFS, lambda c: ((), {}), is_question=True),
    Case(accountant_export.page, CHIEFS, lambda c: ((), PERIOD), is_question=True),
    Case(accountant.set_mapping, CHIEFS, lambda c: (({},), {"columns": ()})),
]

# Acts on one's own account, or before there is anybody to ask: each has tests of its own.
ELSEWHERE = {accounts.register, accounts.sign_in, accounts.change_password, shop.set_up, shop.add_till}
ELSEWHERE |= {shifts.end_uncounted}  # a part of close_day


def _run(sample_shop: SampleShop, case: Case, staff: Staff) -> None:
    args, kwargs = case.given(sample_shop)
    them = sample_shop.as_(staff)
    if case.is_question:
        them.ask(case.act, *args, **kwargs, by=them.by)
    else:
        them.do(case.act, *args, **kwargs)


def _is_let(sample_shop: SampleShop, case: Case, staff: Staff) -> bool:
    try:
        _run(sample_shop, case, staff)
    except Refused as refused:
        if "may" not in str(refused):
            raise  # refused for another reason: the case itself is wrong
        return False
    return True


@pytest.mark.parametrize("role", Role)
def test_who_may_do_what_is_as_the_table_says(sample_shop: SampleShop, role: Role) -> None:
    staff = sample_shop.staff(role, name="Someone")
    let = [_is_let(sample_shop, case, staff) for case in CASES]
    assert [
        case.act.__qualname__ for case, is_let in zip(CASES, let, strict=True) if is_let != (role in case.may)
    ] == []


@dataclass(frozen=True)
class Road:
    """A correction of what the owner issued, or (with no ``sold``) a new document, by whoever has the right."""

    name: str
    after: Callable[[SampleShop], Draft]
    sold: Callable[[SampleShop], Document] | None = None

    def take(self, them: SampleShop, sold: Document | None) -> Document:
        draft = self.after(them)
        if sold is None:
            return them.do(documents.issue, draft, confirmed=frozenset({documents.SAME_AGAIN}))
        return them.do(documents.correct, sold.key, draft, revision=sold.revision)


LAMP, BULB = DraftRow("Lamp", "1", "95.00"), DraftRow("Bulb", "1", "5.00")


def _sold(kind: Kind = Kind.RECEIPT, paid: int = 0, **fields: Any) -> Callable[[SampleShop], Document]:
    def sell(c: SampleShop) -> Document:
        document = c.issue(LAMP, BULB, kind=kind, **fields)
        tender = Tender(method=Method.CARD, tendered=paid)
        return c.do(documents.pay, document.key, tender, payment_key=new_key()) if paid else document

    return sell


def _rows(*rows: DraftRow, **fields: Any) -> Callable[[SampleShop], Draft]:
    return lambda c: c.draft(*rows, customer="Ada <ada@example.org>", **fields)


def _with_returned(kind: Kind, *, quantity: int = 1000, price: int = 100) -> Callable[[SampleShop], Draft]:
    """A document with a row that takes goods back: the editor refuses to type it, a draft may still have it."""

    def made(c: SampleShop) -> Draft:
        draft = c.draft(LAMP, BULB, kind=kind)
        return replace(draft, lines=(draft.lines[0], replace(draft.lines[1], quantity=quantity, unit_price=price)))

    return made


LOWER = replace(LAMP, unit_price="90.00")
OUT = [
    Road("its price lowered", _rows(LOWER, BULB), _sold()),
    Road("a row taken out", _rows(BULB), _sold()),
    Road("fewer of it", _rows(replace(LAMP, quantity="0.5"), BULB), _sold()),
    Road("a cheaper one instead", _rows(replace(LAMP, item="Candle", unit_price="1.00"), BULB), _sold()),
    Road("a discount on a row", _rows(replace(LAMP, discount="1 %"), BULB), _sold()),
    Road("a discount on the document", _rows(LAMP, BULB, discount="0.01"), _sold()),
    Road("an unpaid invoice lowered", _rows(LOWER, BULB, kind=Kind.INVOICE), _sold(Kind.INVOICE)),
    Road("a paid invoice lowered", _rows(LOWER, BULB, kind=Kind.INVOICE), _sold(Kind.INVOICE, paid=10000)),
    Road("a part-paid debit note lowered", _rows(LOWER, BULB, kind=Kind.DEBIT_NOTE), _sold(Kind.DEBIT_NOTE, paid=100)),
    Road("a credit note", _rows(BULB, kind=Kind.CREDIT_NOTE)),
    Road("a row taken back in a receipt", _with_returned(Kind.RECEIPT, quantity=-1000)),
    Road("a row taken back in an invoice", _with_returned(Kind.INVOICE, quantity=-1000)),
    Road("a negative price in a debit note", _with_returned(Kind.DEBIT_NOTE, price=-100)),
    Road("a receipt below zero", _with_returned(Kind.RECEIPT, quantity=-99_000, price=10_000)),
    Road(
        "a row taken back by Edit, the total as before",
        lambda c: replace(
            c.draft(LAMP, BULB, BULB),
            lines=tuple(
                replace(line, quantity=quantity)
                for line, quantity in zip(c.draft(LAMP, BULB, BULB).lines, (1000, 2000, -1000), strict=True)
            ),
        ),
        _sold(),
    ),
]
FREE = [
    Road("the same again", _rows(LAMP, BULB), _sold()),
    Road("more of it", _rows(LAMP, replace(BULB, quantity="2")), _sold()),
    Road("another name", _rows(replace(LAMP, item="Floor lamp"), BULB), _sold()),
    Road("another customer", lambda c: c.draft(LAMP, BULB), _sold(Kind.RECEIPT)),
    Road("a quote lowered", _rows(LOWER, kind=Kind.QUOTE), _sold(Kind.QUOTE)),
    Road("a discount taken away", _rows(LAMP, BULB), _sold(discount="5 %")),
]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("seal", Seal)
def test_money_goes_out_only_with_the_right_to_refund(sample_shop: SampleShop, seal: Seal, role: Role) -> None:
    sample_shop.change_shop(seal=seal)
    them = sample_shop.as_(sample_shop.staff(role, name="Someone"))
    wrong = []
    for road in OUT + FREE:
        sold = road.sold(sample_shop) if road.sold else None
        them.now = sample_shop.now
        needed = None
        try:
            road.take(them, sold)
        except NotAllowed as refused:
            needed = refused.right
        sample_shop.now = them.now
        if needed is not (None if road in FREE or role in CHIEFS else Right.REFUND):
            wrong.append(road.name)
    assert wrong == []
    with sample_shop.database.reads() as session:
        assert list(verify.violations(session)) == []


def test_a_manager_lends_the_right_to_refund_and_both_names_are_kept(sample_shop: SampleShop) -> None:
    cashier, manager = sample_shop.staff(Role.CASHIER), sample_shop.staff(Role.MANAGER, name="Mia")
    sold = sample_shop.issue(LAMP, BULB)
    with pytest.raises(NotAllowed, match=r"Ben .* may not give refunds"):
        sample_shop.as_(cashier).do(documents.correct, sold.key, sample_shop.draft(BULB), revision=1)
    lent = sample_shop.as_(cashier, approver=manager)
    after = lent.do(documents.correct, sold.key, sample_shop.draft(BULB), revision=1)
    assert sum(payment.amount for payment in after.payments) == 500
    entry = sample_shop.ask(ask_documents.history, after.key)[-1]
    assert (entry.act, entry.by_name, entry.approver_name) == (Action.AMEND, "Ben", "Mia")


def test_who_lacks_the_right_to_refund_cannot_void_a_sale(sample_shop: SampleShop, monkeypatch: Any) -> None:
    monkeypatch.setitem(RIGHTS, Role.CASHIER, RIGHTS[Role.CASHIER] | {Right.DELETE})
    cashier = sample_shop.as_(sample_shop.staff(Role.CASHIER))
    sold, quote = sample_shop.issue(), sample_shop.issue(kind=Kind.QUOTE)
    with pytest.raises(NotAllowed, match="refunds"):
        cashier.do(documents.delete, sold.key)
    assert cashier.do(documents.delete, quote.key).state is State.VOIDED


def test_a_debt_is_not_settled_without_money(sample_shop: SampleShop) -> None:
    owed = sample_shop.issue(LAMP, kind=Kind.INVOICE)
    tender = Tender(method=Method.OFFSET, tendered=9500)
    with pytest.raises(Refused, match="how it is paid"):
        sample_shop.do(documents.pay, owed.key, tender, payment_key=new_key())
    with pytest.raises(Refused, match="how it is paid"):
        sample_shop.do(documents.issue, sample_shop.draft(LAMP), tenders=(tender,))


def test_another_currency_is_no_way_to_a_lower_total(sample_shop: SampleShop) -> None:
    sold = sample_shop.issue(LAMP)
    yen = replace(sample_shop.draft(LAMP), currency=Currency.of("JPY"))
    with pytest.raises(Refused, match="currency"):
        sample_shop.do(documents.correct, sold.key, yen, revision=1)
    with pytest.raises(Refused, match="currency"):
        sample_shop.do(documents.issue, replace(yen, key=new_key()))


@pytest.fixture
def cashier(sample_shop: SampleShop) -> SampleShop:
    """A cashier, who may give 20 % off, in a shop that sells a lamp at 10.00."""
    sample_shop.do(products.save, Product(key=LAMP_KEY, code="L1", barcode="4006381333931", name="Lamp", price=100_000))
    return sample_shop.as_(sample_shop.staff(Role.CASHIER))


LAMP_KEY = new_key()
WITHIN = [
    ((DraftRow("Lamp", "1", "10.00", "20 %", product_key=LAMP_KEY),), ""),
    ((DraftRow("Lamp", "1", "8.00", product_key=LAMP_KEY),), ""),
    ((DraftRow("Lamp", "3", "9.00", "10 %", product_key=LAMP_KEY),), ""),
    ((DraftRow("Lamp", "1", "12.00", product_key=LAMP_KEY),), ""),
    ((DraftRow("Thing", "1", "3.99", "20 %"),), ""),
    ((DraftRow("Thing", "1", "3.99", "0.80"),), ""),
    ((DraftRow("Thing", "1", "3.99"), DraftRow("Pin", "1", "0.01")), "20 %"),
    ((DraftRow("Thing", "1", "10.00", "10 %"),), "11.111 %"),
    ((DraftRow("Thing", "1", "10.00", "1.00"),), "1.00"),
    ((DraftRow("Thing", "1", "10.00", "10 %"), DraftRow("Other", "1", "1.00")), "10 %"),
    ((DraftRow("Lamp", "1", "9.00", product_key=LAMP_KEY),), "10 %"),
]
BEYOND = [
    ((DraftRow("Lamp", "1", "1.00", product_key=LAMP_KEY),), "", "unit_price", 0),
    ((DraftRow("Lamp", "1", "7.99", product_key=LAMP_KEY),), "", "unit_price", 0),
    ((DraftRow("Lamp", "1", "9.00", "12 %", product_key=LAMP_KEY),), "", "unit_price", 0),
    ((DraftRow("Lamp", "1", "9.00", product_key=LAMP_KEY),), "12 %", "discount", None),
    ((DraftRow("Lamp", "1", "1.00"),), "", "unit_price", 0),
    ((DraftRow("L1", "1", "1.00"),), "", "unit_price", 0),
    ((DraftRow("4006381333931", "1", "1.00"),), "", "unit_price", 0),
    ((DraftRow("Thing", "1", "3.99", "20.1 %"),), "", "discount", 0),
    ((DraftRow("Thing", "1", "3.99", "0.81"),), "", "discount", 0),
    ((DraftRow("Thing", "1", "10.00"),), "20.1 %", "discount", None),
    ((DraftRow("Thing", "1", "10.00"),), "2.01", "discount", None),
    ((DraftRow("Thing", "1", "10.00", "20 %"),), "20 %", "discount", None),
    ((DraftRow("Thing", "1", "10.00", "1.50"),), "1.50", "discount", None),
    ((DraftRow("Thing", "1", "10.00", "15 %"), DraftRow("Other", "1", "90.00")), "10 %", "discount", None),
]


@pytest.mark.parametrize("kind", [Kind.RECEIPT, Kind.INVOICE, Kind.DEBIT_NOTE, Kind.QUOTE])
def test_discounts_and_lower_prices_are_judged_together(cashier: SampleShop, kind: Kind) -> None:
    for rows, discount in WITHIN:
        draft = cashier.draft(*rows, discount=discount, kind=kind)
        cashier.do(documents.issue, draft, confirmed=frozenset({documents.SAME_AGAIN}))
    for rows, discount, field, row in BEYOND:
        with pytest.raises(NotAllowed, match="at most 20 %") as refused:
            cashier.do(documents.issue, cashier.draft(*rows, discount=discount, kind=kind))
        assert (refused.value.right, refused.value.faults[0].field, refused.value.faults[0].row) == (
            Right.DISCOUNT,
            field,
            row,
        ), (rows, discount)


@pytest.mark.parametrize("minor", [*range(1, 120), 198, 249, 399, 498, 1999])
def test_the_limit_itself_is_allowed_at_every_price(minor: int) -> None:
    line = Line(item="Thing", quantity=1000, unit_price=minor * 100, tax=TaxRate.percent(16))
    off: list[Discount] = [PercentOff(20_000), *([AmountOff(amount)] if (amount := (minor * 2 + 5) // 10) else [])]
    for discount in off:
        pairs: tuple[tuple[Discount | None, Discount | None], ...] = ((discount, None), (None, discount))
        for row, whole in pairs:
            draft = Draft(
                key=LAMP_KEY,
                kind=Kind.RECEIPT,
                lines=(replace(line, discount=row),),
                date_on=date(2026, 11, 23),
                currency=Currency.of("USD"),
                prices_include_tax=True,
                discount=whole,
            )
            assert excess(draft, [0], most=20_000) is None


def test_what_a_manager_gave_stays_when_a_cashier_corrects_the_rest(
    cashier: SampleShop, sample_shop: SampleShop
) -> None:
    lamp = DraftRow("Lamp", "1", "10.00", "50 %", product_key=LAMP_KEY)
    sold = sample_shop.issue(lamp)
    sample_shop.do(products.save, Product(key=LAMP_KEY, code="L1", name="Lamp", price=900_000))
    noted = cashier.draft(lamp, BULB, note="Wrapped")
    assert cashier.do(documents.correct, sold.key, noted, revision=1).note == "Wrapped"
    with pytest.raises(NotAllowed, match="at most"):
        cashier.do(documents.correct, sold.key, cashier.draft(lamp, BULB, lamp), revision=2)


@pytest.mark.parametrize("standing", [AccountStatus.WAITING, AccountStatus.BLOCKED])
def test_an_owner_who_waits_or_is_blocked_may_nothing(sample_shop: SampleShop, standing: AccountStatus) -> None:
    staff = sample_shop.staff(Role.OWNER, name="Someone", status=standing)
    assert [case.act.__qualname__ for case in CASES if _is_let(sample_shop, case, staff)] == []


@pytest.mark.parametrize(
    "module", [documents, drafts, customers, products, outbox, papers, print_jobs, shop, accounts, shifts, statistics]
)
def test_no_act_is_missing_from_the_table(module: ModuleType) -> None:
    tried = {case.act for case in CASES} | ELSEWHERE
    acts = {
        act
        for name, act in inspect.getmembers(module, inspect.isfunction)
        if act.__module__ == module.__name__ and not name.startswith("_") and "by" in inspect.signature(act).parameters
    }
    assert acts <= tried, sorted(act.__qualname__ for act in acts - tried)
