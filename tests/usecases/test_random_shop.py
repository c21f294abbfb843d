"""Laws of the books, held against random days: sales, payments, returns, corrections, closes, wrong clocks, crashes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from shopdesk.domain import returns
from shopdesk.domain.account import Actor
from shopdesk.domain.conflict import EditConflict
from shopdesk.domain.document import Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.money import Money
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.shop import Seal, ShopTax
from shopdesk.domain.tax import TaxRate
from shopdesk.queries import money_report, statistics, verify
from shopdesk.queries import shop as ask_shop
from shopdesk.row_keys import new_key
from shopdesk.store import day_closes, sales_reports
from shopdesk.store import documents as stored
from shopdesk.store.database import Database, connect
from shopdesk.store.session import Session
from shopdesk.store.tables import day_payments, journal, payments
from shopdesk.store.tables import documents as table
from shopdesk.usecases import amount_check, day_close, documents, shifts
from shopdesk.usecases import shop as do_shop
from support.postgresql import Server
from support.shops import open_shop

SURE = frozenset(
    {
        documents.SAME_AGAIN,
        documents.CLOCK_IS_RIGHT,
        documents.DATE_IS_MEANT,
        documents.CONVERT_AGAIN,
        day_close.UNCOUNTED,
        amount_check.AMOUNT_IS_MEANT,
    }
)
CUSTOMERS = ("", "Ada <ada@example.org>", "Bea <bea@example.org>")

money = st.integers(0, 30_000).map(lambda cents: f"{cents / 100:.2f}")
quantities = st.sampled_from(["1", "2", "3", "7", "0.350", "1.255", "-1"])
discounts = st.sampled_from(["", "", "10 %", "33.333 %", "0.50", "100 %"])
rates = st.sampled_from(["", "7", "0"])
rows = st.lists(
    st.builds(DraftRow, st.sampled_from(["Milk", "Bread", "Tea"]), quantities, money, discounts, rates),
    min_size=1,
    max_size=4,
)
methods = st.sampled_from([Method.CASH, Method.CARD, Method.TRANSFER])
places = st.integers(0, 1_000)
"""A document of those there are: it is taken modulo their number."""


class CrashError(Exception):
    """The program ends before its transaction does."""


class RandomShop(RuleBasedStateMachine):
    """A shop with two tills. ``shop`` is opened by the first rule; ``known`` are the keys of its documents."""

    opened: ClassVar[Callable[[], Database]]

    @initialize(
        seal=st.sampled_from(Seal),
        coin=st.sampled_from([1, 5]),
        with_tax=st.booleans(),
    )
    def open(self, *, seal: Seal, coin: int, with_tax: bool) -> None:
        self.database = type(self).opened()
        self.shop = open_shop(self.database, prices_include_tax=with_tax, smallest_coin=coin)
        taxes = self.shop.ask(ask_shop.current)
        assert taxes is not None
        reduced = ShopTax(key=new_key(), name="Reduced", rate=TaxRate.percent(7))
        self.shop.change_shop(seal=seal, taxes=(*taxes.taxes, reduced))
        with self.database.sessions.begin() as session:
            do_shop.add_till(session, "B", by_staff=self.shop.by.staff, now=self.shop.now)
        self.tills = self.shop.ask(ask_shop.tills)
        self.coin, self.currency = coin, taxes.currency
        self.known: list[UUID] = []

    def teardown(self) -> None:
        if not hasattr(self, "database"):
            return
        try:  # numbers have no gap, chains hold, sums of a day are those of its documents
            assert self.shop.ask(lambda session: list(verify.book_violations(session))) == []
        finally:
            self.database.close()

    # --- what people do ---------------------------------------------------------------------------------------------

    @rule(
        lines=rows,
        customer=st.sampled_from(CUSTOMERS),
        discount=discounts,
        method=methods,
        handed=st.sampled_from(["exactly", "more", "split"]),
        crashes=st.booleans(),
    )
    def sell(
        self, *, lines: list[DraftRow], customer: str, discount: str, method: Method, handed: str, crashes: bool
    ) -> None:
        parsed = self.shop.read(*lines, customer=customer, discount=discount)
        if parsed.draft is None:
            return
        gross = parsed.draft.totals().gross
        tenders = {
            "exactly": (Tender(method=method, tendered=gross),),
            "more": (Tender(method=Method.CASH, tendered=gross + 2_000 - gross % 100),),
            "split": (Tender(method=Method.CARD, tendered=gross // 2), Tender(method=Method.CASH, tendered=gross)),
        }[handed]
        given: dict[str, Any] = {"contact": parsed.contact, "tenders": tenders}
        self._act(documents.issue, parsed.draft, crashes=crashes, **given)

    @rule(lines=rows, customer=st.sampled_from(CUSTOMERS[1:]), kind=st.sampled_from([Kind.INVOICE, Kind.QUOTE]))
    def write(self, *, lines: list[DraftRow], customer: str, kind: Kind) -> None:
        parsed = self.shop.read(*lines, kind=kind, customer=customer)
        if parsed.draft is not None:
            self._act(documents.issue, parsed.draft, contact=parsed.contact)

    @precondition(lambda self: self.known)
    @rule(place=places, method=methods, part=st.integers(1, 4), crashes=st.booleans())
    def pay(self, *, place: int, method: Method, part: int, crashes: bool) -> None:
        document = self._document(place)
        tender = Tender(method=method, tendered=document.balance.minor // part)
        self._act(documents.pay, document.key, tender, payment_key=new_key(), crashes=crashes)

    @precondition(lambda self: self.known)
    @rule(place=places, pieces=st.lists(st.integers(0, 3), min_size=4, max_size=4), method=methods)
    def take_back(self, *, place: int, pieces: list[int], method: Method) -> None:
        document = self._document(place)
        goods = self.shop.ask(self._returnable, document)
        given = [1000 * piece for piece in pieces[: len(goods)]]
        self._act(
            documents.return_goods, document.key, given, method, seen=document, note_key=new_key(), confirms=False
        )

    @precondition(lambda self: self.known)
    @rule(place=places, lines=rows, crashes=st.booleans())
    def correct(self, *, place: int, lines: list[DraftRow], crashes: bool) -> None:
        document = self._document(place)
        parsed = self.shop.read(*lines, kind=document.kind)
        if parsed.draft is None:
            return
        draft = replace(parsed.draft, buyer=document.buyer, date_on=document.date_on)
        given: dict[str, Any] = {"revision": document.revision, "was_sealed": document.is_sealed}
        self._act(documents.correct, document.key, draft, crashes=crashes, **given)

    @precondition(lambda self: self.known)
    @rule(place=places)
    def delete(self, *, place: int) -> None:
        self._act(documents.delete, self._document(place).key, confirms=False)

    @rule(opening=st.integers(0, 40).map(lambda fives: 500 * fives))
    def open_a_shift(self, *, opening: int) -> None:
        self._act(shifts.open_shift, Money(opening, self.currency), confirms=False)

    @rule(amount=st.integers(1, 20).map(lambda fives: 500 * fives), is_out=st.booleans())
    def move_cash(self, *, amount: int, is_out: bool) -> None:
        given: dict[str, Any] = {"is_out": is_out, "movement_key": new_key()}
        self._act(shifts.move_cash, Money(amount, self.currency), "change", confirms=False, **given)

    @rule(notes=st.integers(0, 50), crashes=st.booleans())
    def count_the_shift(self, *, notes: int, crashes: bool) -> None:
        self._act(shifts.count_shift, ((500, notes),), confirms=False, crashes=crashes)

    @rule(crashes=st.booleans())
    def close_the_day(self, *, crashes: bool) -> None:
        self._act(day_close.close_day, crashes=crashes)

    @rule(hours=st.sampled_from([1, 5, 20, 48, -30]))
    def let_time_pass(self, *, hours: int) -> None:
        self.shop.now += timedelta(hours=hours)

    @rule(place=places)
    def go_to_a_till(self, *, place: int) -> None:
        self.shop.by = Actor(self.shop.by.staff, self.tills[place % len(self.tills)])

    # --- the laws ---------------------------------------------------------------------------------------------------

    @invariant()
    def the_books_balance(self) -> None:
        if hasattr(self, "database"):
            every = self.shop.ask(lambda session: [stored.by_key(session, key) for key in self.known])
            self._check_money(every)
            self._check_credits(every)
            self._check_reports(every)

    def _check_money(self, every: Sequence[Document]) -> None:
        """Money that changed hands pays for documents, but for the rounding of cash; coins make all cash."""
        summed = select(
            func.coalesce(func.sum(day_payments.c.amount_minor - day_payments.c.rounding_minor), 0),
            func.coalesce(func.sum(day_payments.c.amount_minor).filter(day_payments.c.method == "cash"), 0),
        )
        settled, cash = self.shop.ask(lambda session: session.execute(summed).one())
        assert settled == sum(document.paid.minor for document in every)
        moved = [one for document in every for one in document.payments]
        assert cash == sum(one.tendered - one.change for one in moved if one.method is Method.CASH)
        assert cash % self.coin == 0
        assert sum(one.amount for one in moved if one.method is Method.OFFSET) == 0
        assert not any(document.paid for document in every if document.state is State.VOIDED)

    def _check_credits(self, every: Sequence[Document]) -> None:
        """Goods come back once, and a document that is credited whole is worth nothing any more."""
        for sold in every:
            notes = [document for document in every if document.corrects == sold.key]
            back = -sum(note.gross.minor for note in notes)
            if sold.state is State.CORRECTED:
                assert back == sold.gross.minor
            elif notes:
                assert all(0 <= one.left <= one.sold for one in returns.returnable(sold, notes))
                assert min(sold.totals.amounts) < 0 or 0 <= back <= sold.gross.minor

    def _check_reports(self, every: Sequence[Document]) -> None:
        """Statistics, the money report and the Z reports are the sums of the documents that count."""
        sales = [one for one in every if one.kind.is_sale and one.state is not State.VOIDED]
        assert all(document.totals.net + document.totals.tax == document.gross.minor for document in sales)
        year = timedelta(days=365)
        span = {"since": self.shop.today - year, "until": self.shop.today + year, "by": self.shop.by}
        money = self.shop.ask(money_report.money_report, **span)
        assert money.sales.minor == sum(document.gross.minor for document in sales)
        assert self.shop.ask(self._closed_and_since) == money.sales.minor
        months = self.shop.ask(statistics.over_time, step=statistics.Step.MONTH, **span)
        assert sum(month.gross.minor for month in months) == sum(document.gross.minor for document in sales)

    # --- how --------------------------------------------------------------------------------------------------------

    def _act(
        self,
        usecase: Callable[..., object],
        *args: object,
        crashes: bool = False,
        confirms: bool = True,
        **given: object,
    ) -> None:
        """Run a use case, or break its transaction off at the end; what is refused or breaks off changes nothing."""

        def broken_off(session: Session, *args: object, **given: object) -> None:
            usecase(session, *args, **given)
            raise CrashError

        sure = {"confirmed": SURE} if confirms else {}
        before = self._written()
        try:
            self.shop.do(broken_off if crashes else usecase, *args, **given, **sure)
        except (Refused, ConfirmationRequired, EditConflict, CrashError):
            assert self._written() == before
        every = select(table.c.key).order_by(table.c.key)
        self.known = self.shop.ask(lambda session: list(session.execute(every).scalars()))

    def _written(self) -> tuple[int, ...]:
        counts = (select(func.count()).select_from(one) for one in (table, payments, journal))
        return self.shop.ask(lambda session: tuple(session.execute(one).scalar_one() for one in counts))

    def _document(self, place: int) -> Document:
        return self.shop.ask(stored.by_key, self.known[place % len(self.known)])

    @staticmethod
    def _closed_and_since(session: Session) -> int:
        """Return the running total of the last Z report, and what was sold since, in minor units."""
        before = day_closes.last_report(session)
        since = sales_reports.figures(session, day_closes.spans_since(session, before))
        return (before.running_total if before else 0) + sum(one.amount for _, one in since.kinds)

    @staticmethod
    def _returnable(session: Session, document: Document) -> tuple[returns.Returnable, ...]:
        return returns.returnable(document, stored.returns_of(session, document))


_RUNS = int(os.environ.get("SHOPDESK_TEST_LAWS", "5"))
"""The random shops on a file; on a server a fifth as many."""


def test_the_laws_hold_on_a_file(tmp_path: Path, _sqlite_template: Path) -> None:  # noqa: PT019 - its value is used
    class OnAFile(RandomShop):
        @staticmethod
        def opened() -> Database:
            file = tmp_path / f"{new_key().hex}.db"
            shutil.copyfile(_sqlite_template, file)
            return connect(f"sqlite:///{file}")

    run_state_machine_as_test(OnAFile, settings=settings(max_examples=_RUNS, stateful_step_count=25))


def test_the_laws_hold_on_a_server(postgresql: Server, _postgresql_template: str) -> None:  # noqa: PT019
    class OnAServer(RandomShop):
        @staticmethod
        def opened() -> Database:
            return connect(postgresql.url(postgresql.create(template=_postgresql_template)))

    run_state_machine_as_test(OnAServer, settings=settings(max_examples=max(1, _RUNS // 5), stateful_step_count=25))
