"""Why is it this total: the steps are those of the totals that print, and add up to them."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.test_document import TEA, TODAY, draft, issued, paid
from domain.test_draft import form, reading
from domain.test_totals import documents
from shopdesk.domain.document import Kind, Line, State, credit_note_for
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.explanation import Explanation, explain, explain_draft
from shopdesk.domain.totals import AmountOff, Discount, Group, PercentOff, PricedLine


def check(steps: Explanation) -> None:
    """Go through the steps as a reader does, and arrive at the printed amounts."""
    totals = steps.totals
    assert [row.full - row.off for row in steps.rows] == list(totals.amounts)
    assert sum(row.amount for row in steps.rows) == totals.sum
    assert sum(row.share for row in steps.rows) == totals.discount
    for tax in steps.taxes:
        rows = [row for row in steps.rows if row.line.tax == tax.group.rate]
        assert sum(row.amount - row.share for row in rows) == tax.base
        assert tax.base + (0 if steps.prices_include_tax else tax.group.tax) == tax.group.gross
        assert tax.group.net + tax.group.tax == tax.group.gross
    assert sum(tax.group.gross for tax in steps.taxes) == totals.gross == totals.net + totals.tax
    for payment in steps.payments:
        assert payment.tendered - payment.change == payment.amount + payment.rounding
    if steps.balance is not None:
        assert totals.gross - steps.paid == steps.balance


@given(documents(), st.sampled_from(Kind), st.booleans(), st.sampled_from([1, 5, 100]))
def test_the_steps_add_up_to_the_printed_totals(
    content: tuple[list[PricedLine], bool, Discount | None], kind: Kind, is_return: bool, coin: int
) -> None:
    priced, include, discount = content
    sign = -1 if is_return else 1
    lines = [
        Line(item="Tea", quantity=sign * one.quantity, unit_price=one.unit_price, tax=one.tax, discount=one.discount)
        for one in priced
    ]
    typed = draft(*lines, kind=kind, prices_include_tax=include, discount=discount)
    steps = explain_draft(typed, typed.totals(), smallest_coin=coin)
    check(steps)
    assert not any(tax.is_part for tax in steps.taxes)
    assert (steps.cash is None) == (not kind.is_sale or typed.totals().gross % coin == 0)
    document = issued(typed, payments=paid(7, 5), sealed_at=datetime(2026, 11, 22, 20, tzinfo=UTC))
    check(explain(document, smallest_coin=coin))
    if kind.can_be_credited:
        credit = issued(credit_note_for(document, key=UUID(int=9), date_on=TODAY))
        check(explain(credit))


def test_a_row_is_explained_down_to_its_share_of_the_discount() -> None:
    cheap = replace(TEA, quantity=3000, unit_price=3333, discount=PercentOff(10_000))
    typed = draft(TEA, cheap, discount=AmountOff(100))
    first, second = explain_draft(typed, typed.totals()).rows
    assert (first.full, first.off, first.amount, first.share) == (300, 0, 300, 77)
    assert (second.full, second.off, second.amount, second.share) == (100, 10, 90, 23)


def test_a_document_that_no_longer_counts_has_no_balance_and_nothing_to_round() -> None:
    gone = issued(draft(TEA, kind=Kind.RECEIPT), state=State.VOIDED)
    steps = explain(gone, smallest_coin=7)
    assert (steps.balance, steps.cash) == (None, None)


def test_the_tax_of_a_part_of_another_document_is_said_to_be_a_part() -> None:
    """A return takes back what is left of the tax, so that document and returns add up; the rate gives another."""
    group = Group(TEA.tax, -300, 0, net=-258, tax=-42, gross=-300)
    sold = draft(TEA, kind=Kind.CREDIT_NOTE)
    back = replace(issued(sold), totals=replace(sold.totals(), groups=(group,), net=-258, tax=-42))
    steps = explain(back)
    check(steps)
    assert [tax.is_part for tax in steps.taxes] == [True]


def test_a_form_with_faults_is_explained_as_far_as_it_can_be_read() -> None:
    typed = reading(form(DraftRow("Tea", "2", "1.50"), DraftRow("Cake", "1", "dear"), discount="much"))
    steps = explain_draft(typed.valid_part, typed.totals)
    assert typed.draft is None
    assert [row.line.item for row in steps.rows] == ["Tea"]
    check(steps)
