"""The computer's clock was set back, or a till's differs from another's: who issues is asked, and the books hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Kind, State
from shopdesk.domain.draft import Row
from shopdesk.domain.errors import NeedsYes
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import documents as ask
from shopdesk.queries import verify
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents
from shopdesk.usecases import shop as do_shop
from support.shops import Counter


def faults(counter: Counter) -> list[str]:
    with counter.database.reads() as session:
        return list(verify.faults(session))


def pay(counter: Counter, key: object, amount: int) -> None:
    tender = Tender(method=Method.CARD, tendered=amount)
    counter.do(documents.pay, key, tender, payment_key=new_key())


def test_who_issues_while_the_clock_is_behind_the_books_is_asked_and_nothing_is_written(counter: Counter) -> None:
    first = counter.issue()
    counter.now -= timedelta(days=1)
    draft = counter.draft()
    with pytest.raises(NeedsYes, match=r"clock shows .*22 Nov 2026.* 23 Nov 2026") as asked:
        counter.do(documents.issue, draft)
    assert counter.ask(ask.by_number, first.number) is not None
    second = counter.do(documents.issue, draft, sure=frozenset({asked.value.answer}))
    assert second.number.endswith("000002")  # the question left no gap
    assert faults(counter) == []


def test_a_clock_that_was_put_right_by_a_minute_asks_nobody(counter: Counter) -> None:
    counter.issue()
    counter.now -= timedelta(seconds=90)
    counter.issue()
    assert faults(counter) == []


def test_another_tills_clock_is_no_reason_to_ask(counter: Counter) -> None:
    counter.issue()
    with counter.database.sessions.begin() as session:
        other = do_shop.add_till(session, "B", by_staff=counter.by.staff, now=counter.now)
    counter.now -= timedelta(days=1)
    Counter(counter.database, Actor(counter.by.staff, other), counter.now).issue()
    assert faults(counter) == []


def test_whatever_is_done_while_the_clock_is_behind_the_books_hold(counter: Counter) -> None:
    invoice = counter.issue(Row("Milk", "10", "1.00"), kind=Kind.INVOICE)
    other = counter.issue(Row("Bread", "10", "1.00"), kind=Kind.INVOICE)
    pay(counter, invoice.key, 100)
    counter.now -= timedelta(days=3)
    pay(counter, invoice.key, 200)
    draft = counter.draft(Row("Milk", "9", "1.00"), kind=Kind.INVOICE)
    amended = counter.do(documents.correct, invoice.key, draft, revision=1)
    pay(counter, invoice.key, 50)
    assert amended.revision == 2
    assert counter.do(documents.delete, other.key).state is State.VOIDED
    assert faults(counter) == []
    counter.now += timedelta(days=5)
    counter.seal_at_issue()
    pay(counter, invoice.key, 25)
    assert faults(counter) == []
