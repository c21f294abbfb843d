"""The computer's clock was set back, or a till's differs from another's: who issues is asked, and the books hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import documents as ask
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import documents as stored
from shopdesk.usecases import documents
from shopdesk.usecases import shop as do_shop
from shopdesk.usecases.day_close import close_day
from support.shops import SampleShop


def faults(sample_shop: SampleShop) -> list[str]:
    with sample_shop.database.reads() as session:
        return list(verify.violations(session))


def pay(sample_shop: SampleShop, key: object, amount: int) -> None:
    tender = Tender(method=Method.CARD, tendered=amount)
    sample_shop.do(documents.pay, key, tender, payment_key=new_key())


def test_who_issues_while_the_clock_is_behind_the_books_is_asked_and_nothing_is_written(
    sample_shop: SampleShop,
) -> None:
    first = sample_shop.issue()
    sample_shop.now -= timedelta(days=1)
    draft = sample_shop.draft()
    with pytest.raises(ConfirmationRequired, match=r"clock shows .*22 Nov 2026.* 23 Nov 2026") as asked:
        sample_shop.do(documents.issue, draft)
    assert [summary.number for summary in sample_shop.ask(ask.recent, 5)] == [first.number]
    second = sample_shop.do(documents.issue, draft, confirmed=frozenset({asked.value.answer}))
    assert second.number.endswith("000002")  # the question left no gap
    assert faults(sample_shop) == []


def test_a_clock_that_was_put_right_by_a_minute_asks_nobody(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    sample_shop.now -= timedelta(seconds=90)
    sample_shop.issue()
    assert faults(sample_shop) == []


def test_a_day_that_another_till_closed_is_a_reason_to_ask_once(sample_shop: SampleShop) -> None:
    with sample_shop.database.sessions.begin() as session:
        other = do_shop.add_till(session, "B", by_staff=sample_shop.by.staff, now=sample_shop.now)
    sample_shop.do(close_day)
    there = SampleShop(sample_shop.database, Actor(sample_shop.by.staff, other), sample_shop.now - timedelta(days=1))
    with pytest.raises(ConfirmationRequired, match="23 Nov 2026 is already closed") as asked:
        there.issue()
    there.do(documents.issue, there.draft(), confirmed=frozenset({asked.value.answer}))
    there.issue()
    assert faults(sample_shop) == []


def test_another_tills_clock_is_no_reason_to_ask(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    with sample_shop.database.sessions.begin() as session:
        other = do_shop.add_till(session, "B", by_staff=sample_shop.by.staff, now=sample_shop.now)
    sample_shop.now -= timedelta(days=1)
    SampleShop(sample_shop.database, Actor(sample_shop.by.staff, other), sample_shop.now).issue()
    assert faults(sample_shop) == []


def test_whatever_is_done_while_the_clock_is_behind_the_books_hold(sample_shop: SampleShop) -> None:
    invoice = sample_shop.issue(DraftRow("Milk", "10", "1.00"), kind=Kind.INVOICE)
    other = sample_shop.issue(DraftRow("Bread", "10", "1.00"), kind=Kind.INVOICE)
    pay(sample_shop, invoice.key, 100)
    sample_shop.now -= timedelta(days=3)
    pay(sample_shop, invoice.key, 200)
    draft = sample_shop.draft(DraftRow("Milk", "9", "1.00"), kind=Kind.INVOICE)
    amended = sample_shop.do(documents.correct, invoice.key, draft, revision=1)
    pay(sample_shop, invoice.key, 50)
    assert amended.revision == 2
    assert sample_shop.do(documents.delete, other.key).state is State.VOIDED
    assert faults(sample_shop) == []
    sample_shop.now += timedelta(days=5)
    sample_shop.seal_at_issue()
    pay(sample_shop, invoice.key, 25)
    assert faults(sample_shop) == []


def test_a_document_sealed_while_the_clock_is_behind_is_as_its_last_entry_tells(sample_shop: SampleShop) -> None:
    backdated = sample_shop.draft()
    sample_shop.now += timedelta(days=2)
    sold = sample_shop.do(documents.issue, backdated)
    sample_shop.now -= timedelta(days=1)
    sample_shop.do(close_day)
    assert sample_shop.ask(stored.by_key, sold.key).is_sealed
    assert not faults(sample_shop)
