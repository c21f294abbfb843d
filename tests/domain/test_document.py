"""Documents and their legal moves: only what the table declares can happen; a credit note takes back to the cent."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shopdesk.domain.customer import Buyer
from shopdesk.domain.document import (
    MAX_ROWS,
    TRANSITIONS,
    Action,
    Document,
    Draft,
    Kind,
    Line,
    State,
    can,
    credit_note_for,
    next_state,
)
from shopdesk.domain.errors import Refused
from shopdesk.domain.money import LARGEST_MINOR, Currency, Money
from shopdesk.domain.payment import Method, Payment
from shopdesk.domain.shop import Seller
from shopdesk.domain.tax import Category, TaxRate
from shopdesk.domain.totals import AmountOff, Discount, Group, PercentOff, Totals, line_amount

EUR, JPY, KWD = Currency.of("EUR"), Currency.of("JPY"), Currency.of("KWD")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOON.date()
TEA = Line(item="Tea", quantity=2000, unit_price=15_000, tax=TaxRate.percent(16))


def draft(*lines: Line, **facts: Any) -> Draft:
    plain = Draft(key=UUID(int=1), kind=Kind.INVOICE, lines=lines, date_on=TODAY, currency=EUR, prices_include_tax=True)
    return replace(plain, **facts)


def issued(of: Draft, **facts: Any) -> Document:
    plain = Document(
        key=UUID(int=2),
        draft_key=of.key,
        kind=of.kind,
        number=f"{of.kind.letter}-A-2026-000001",
        state=State.ISSUED,
        revision=1,
        till="A",
        seller=Seller(name="Corner Shop"),
        buyer=of.buyer,
        currency=of.currency,
        prices_include_tax=of.prices_include_tax,
        language=of.language,
        lines=of.signed_lines,
        discount=of.discount,
        totals=of.totals(),
        note=of.note,
        date_on=of.date_on,
        due_on=of.due_on,
        issued_at=NOON,
        issued_by="Ada",
        issued_by_key=UUID(int=3),
    )
    return replace(plain, **facts)


def paid(*amounts: int) -> tuple[Payment, ...]:
    return tuple(
        Payment(
            key=UUID(int=place),
            method=Method.CASH,
            amount=amount,
            tendered=amount,
            change=0,
            rounding=0,
            at=NOON,
            by_name="Ada",
        )
        for place, amount in enumerate(amounts)
    )


# --- kinds, drafts, balances ----------------------------------------------------------------------------------------


def test_the_kinds_have_letters_of_their_own() -> None:
    assert {kind.value: kind.letter for kind in Kind} == {
        "invoice": "I",
        "receipt": "R",
        "debit_note": "D",
        "credit_note": "C",
        "quote": "Q",
    }


def test_everything_but_a_quote_is_a_sale_and_only_invoices_and_receipts_are_orders() -> None:
    assert [kind for kind in Kind if not kind.is_sale] == [Kind.QUOTE]
    assert [kind for kind in Kind if kind.is_order] == [Kind.INVOICE, Kind.RECEIPT]


def test_an_empty_draft_has_no_totals() -> None:
    with pytest.raises(Refused, match="The document is empty") as refused:
        draft().totals()
    assert (refused.value.faults[0].field, refused.value.faults[0].row) == ("items", 0)


def test_a_draft_has_at_most_ten_thousand_rows() -> None:
    assert len(draft(*[TEA] * MAX_ROWS).totals().amounts) == MAX_ROWS
    with pytest.raises(Refused, match="at most 10,000 rows"):
        draft(*[TEA] * (MAX_ROWS + 1)).totals()


def test_no_amount_of_a_document_is_larger_than_the_books_can_keep() -> None:
    largest = replace(TEA, quantity=1000, unit_price=LARGEST_MINOR * 100)
    assert draft(largest).totals().gross == LARGEST_MINOR
    for lines, facts in (
        ([largest, TEA], {}),
        ([largest, TEA], {"kind": Kind.CREDIT_NOTE}),
        ([largest, TEA], {"discount": PercentOff(100_000)}),
        ([largest], {"prices_include_tax": False}),
        ([largest, replace(largest, quantity=-2000), largest, TEA], {}),
    ):
        with pytest.raises(Refused, match="too large"):
            draft(*lines, **facts).totals()


def test_a_credit_note_negates_its_lines() -> None:
    assert draft(TEA, kind=Kind.CREDIT_NOTE).signed_lines == (TEA.negated(),)
    assert draft(TEA, kind=Kind.CREDIT_NOTE).totals().gross == -300
    assert TEA.negated().negated() == TEA


def test_the_balance_is_the_total_less_what_was_paid() -> None:
    invoice = issued(draft(TEA))
    assert (invoice.gross, invoice.paid, invoice.balance) == (Money(300, EUR), Money(0, EUR), Money(300, EUR))
    part_paid = replace(invoice, payments=paid(100, 50))
    assert (part_paid.paid, part_paid.balance) == (Money(150, EUR), Money(150, EUR))
    assert not replace(invoice, payments=paid(350, -50)).balance


def test_a_credit_note_is_owed_to_the_customer_until_it_is_paid_out() -> None:
    credit = issued(draft(TEA, kind=Kind.CREDIT_NOTE))
    assert credit.balance == Money(-300, EUR)
    assert not replace(credit, payments=paid(-300)).balance


@pytest.mark.parametrize("state", [State.VOIDED, State.CORRECTED])
def test_nothing_is_owed_on_a_document_that_was_taken_back(state: State) -> None:
    assert not issued(draft(TEA), state=state).balance


def test_nothing_is_owed_on_a_quote() -> None:
    assert not issued(draft(TEA, kind=Kind.QUOTE)).balance


# --- legal moves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "is_sealed", "act", "sentence"),
    [
        (State.VOIDED, False, Action.AMEND, "This document is voided. Nothing more can be done with it."),
        (
            State.CORRECTED,
            True,
            Action.PAY,
            "This document was already corrected. Its history shows what replaced it.",
        ),
        (
            State.ISSUED,
            True,
            Action.AMEND,
            "This document is sealed and cannot be changed. Correct it with a credit note.",
        ),
        (
            State.ISSUED,
            True,
            Action.VOID,
            "This document is sealed and cannot be changed. Correct it with a credit note.",
        ),
        (State.ISSUED, False, Action.CREDIT, "This document is not sealed yet. Change or void it instead."),
        (State.ISSUED, False, Action.ISSUE, "A document cannot be issued now."),
        (None, False, Action.PAY, "A document cannot be paid now."),
    ],
)
def test_a_move_that_is_not_declared_is_refused_in_words(
    state: State | None, is_sealed: bool, act: Action, sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        next_state(state, act, is_sealed=is_sealed)
    assert str(refused.value) == sentence


def test_only_declared_moves_are_possible() -> None:
    for move in product((None, *State), (False, True), Action):
        state, is_sealed, act = move
        if move in TRANSITIONS:
            assert next_state(state, act, is_sealed=is_sealed) is TRANSITIONS[move]
        else:
            with pytest.raises(Refused):
                next_state(state, act, is_sealed=is_sealed)


def test_the_table_of_moves_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[State.ISSUED, True, Action.VOID] = State.VOIDED  # type: ignore[index]


class LifeOfADocument(RuleBasedStateMachine):
    """Somebody tries every act, in any order, on one document."""

    document: Document
    done: list[Action]

    @initialize(
        kind=st.sampled_from(Kind),
        include=st.booleans(),
        discount=st.sampled_from([None, PercentOff(10_000), AmountOff(7)]),
    )
    def issue(self, kind: Kind, include: bool, discount: Discount | None) -> None:
        assert next_state(None, Action.ISSUE, is_sealed=False) is State.ISSUED
        self.document = issued(draft(TEA, kind=kind, prices_include_tax=include, discount=discount))
        self.done = []

    @rule(act=st.sampled_from(Action))
    def act(self, act: Action) -> None:
        before = self.document
        try:
            state = next_state(before.state, act, is_sealed=before.is_sealed)
        except Refused:
            assert not can(before, act)
            return
        if act is Action.RETURN and not can(before, act):
            return
        if act is Action.CREDIT and not can(before, act):
            with pytest.raises(Refused):
                credit_note_for(before, key=UUID(int=4), date_on=TODAY)
            return
        assert can(before, act)
        self.done.append(act)
        changes: dict[Action, dict[str, Any]] = {
            Action.AMEND: {"revision": before.revision + 1},
            Action.VOID: {"voided_at": NOON},
            Action.SEAL: {"sealed_at": NOON},
            Action.CREDIT: {"corrected_by": UUID(int=4)},
        }
        self.document = replace(before, state=state, **changes.get(act, {}))

    @invariant()
    def a_sealed_document_is_never_amended_or_voided(self) -> None:
        if Action.SEAL in self.done:
            assert not {Action.AMEND, Action.VOID} & set(self.done[self.done.index(Action.SEAL) :])

    @invariant()
    def a_document_ends_once_and_only_shows_itself_from_then_on(self) -> None:
        ends = [place for place, act in enumerate(self.done) if act in {Action.VOID, Action.CREDIT}]
        assert len(ends) <= 1
        for place in ends:
            assert set(self.done[place + 1 :]) <= {Action.PRINT, Action.SEND, Action.SEAL}
        assert (self.document.state is State.ISSUED) == (not ends)

    @invariant()
    def a_document_is_issued_and_sealed_once(self) -> None:
        assert Action.ISSUE not in self.done
        assert self.done.count(Action.SEAL) <= 1

    @invariant()
    def only_a_sealed_sale_is_credited_and_then_it_sums_to_nothing(self) -> None:
        if can(self.document, Action.CREDIT):
            assert self.document.is_sealed
            assert self.document.kind in {Kind.INVOICE, Kind.RECEIPT, Kind.DEBIT_NOTE}
            credit = credit_note_for(self.document, key=UUID(int=4), date_on=TODAY)
            assert credit.totals().gross == -self.document.totals.gross
        else:
            with pytest.raises(Refused):
                credit_note_for(self.document, key=UUID(int=4), date_on=TODAY)


TestLifeOfADocument = LifeOfADocument.TestCase


# --- taking back ----------------------------------------------------------------------------------------------------


def test_a_credit_note_takes_back_everything_and_names_its_document() -> None:
    ada = Buyer(key=UUID(int=9), name="Ada", language="sw")
    invoice = issued(
        draft(TEA, TEA, buyer=ada, discount=PercentOff(10_000), language="sw", due_on=date(2026, 12, 6), note="Thanks"),
        sealed_at=NOON,
    )
    credit = credit_note_for(invoice, key=UUID(int=4), date_on=date(2026, 11, 23))
    assert credit == Draft(
        key=UUID(int=4),
        kind=Kind.CREDIT_NOTE,
        lines=(TEA, TEA),
        date_on=date(2026, 11, 23),
        currency=EUR,
        prices_include_tax=True,
        buyer=ada,
        discount=AmountOff(60),
        note=invoice.number,
        language="sw",
    )


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (issued(draft(TEA)), "not sealed yet"),
        (issued(draft(TEA), state=State.VOIDED, sealed_at=NOON), "is voided"),
        (issued(draft(TEA), state=State.CORRECTED, sealed_at=NOON), "was already corrected"),
        (issued(draft(TEA, kind=Kind.CREDIT_NOTE), sealed_at=NOON), "A credit note cannot be credited"),
        (issued(draft(TEA, kind=Kind.QUOTE), sealed_at=NOON), "A quote cannot be credited"),
    ],
)
def test_what_cannot_be_taken_back_by_a_credit_note_says_why(document: Document, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        credit_note_for(document, key=UUID(int=4), date_on=TODAY)


RATES = [TaxRate.percent(percent) for percent in ("5", "7", "8.875", "19", "20")]
RATES += [TaxRate(0, category) for category in Category]
PERCENTS = st.integers(min_value=0, max_value=100_000).map(PercentOff)


@st.composite
def sealed_documents(draw: st.DrawFn) -> Document:
    """Documents in currencies of 0, 2 and 3 decimals, with discounts of both sorts on their lines and themselves."""
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        quantity, price = draw(st.integers(1, 9999)), draw(st.integers(0, 10**7))
        line = Line(item="x", quantity=quantity, unit_price=price, tax=draw(st.sampled_from(RATES)))
        off = draw(st.one_of(st.none(), PERCENTS, st.integers(0, line_amount(line.priced)).map(AmountOff)))
        lines.append(replace(line, discount=off))
    total = sum(line_amount(line.priced) for line in lines)
    plain = draft(
        *lines,
        kind=draw(st.sampled_from([Kind.INVOICE, Kind.RECEIPT, Kind.DEBIT_NOTE])),
        currency=draw(st.sampled_from([EUR, JPY, KWD])),
        prices_include_tax=draw(st.booleans()),
        discount=draw(st.one_of(st.none(), PERCENTS, st.integers(0, total).map(AmountOff))),
    )
    return issued(plain, sealed_at=NOON)


@given(sealed_documents())
def test_a_credit_note_and_its_document_sum_to_zero_in_every_group(document: Document) -> None:
    credit = credit_note_for(document, key=UUID(int=4), date_on=TODAY).totals()
    assert [group.rate for group in credit.groups] == [group.rate for group in document.totals.groups]
    assert [facts(part) for part in parts(credit)] == [
        tuple(-fact for fact in facts(part)) for part in parts(document.totals)
    ]
    assert credit.amounts == tuple(-amount for amount in document.totals.amounts)


def parts(totals: Totals) -> list[Group | Totals]:
    return [*totals.groups, totals]


def facts(part: Group | Totals) -> tuple[int, ...]:
    return part.sum, part.discount, part.net, part.tax, part.gross
