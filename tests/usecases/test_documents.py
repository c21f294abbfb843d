"""Issuing, correcting, deleting and paying, on both databases."""

from dataclasses import replace
from uuid import UUID

import pytest

from shopdesk.domain.account import Role
from shopdesk.domain.conflict import ChangedMeanwhile, Meanwhile
from shopdesk.domain.document import Act, Kind, State
from shopdesk.domain.draft import Row
from shopdesk.domain.errors import NeedsYes, Refused
from shopdesk.domain.message import Occasion, Sending
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import customers, dashboard, drafts, outbox, verify
from shopdesk.queries import documents as ask
from shopdesk.store.keys import new_key
from shopdesk.usecases import documents, shop
from shopdesk.usecases import drafts as do_drafts
from support.shops import Counter


def books_hold(counter: Counter) -> bool:
    return counter.ask(lambda session: list(verify.faults(session))) == []


def test_issuing_gives_a_number_totals_a_payment_and_a_message(counter: Counter) -> None:
    document = counter.issue()
    assert document.number == "R-A-2026-000001"
    assert str(document.gross) == "6.04"  # 1.78 + 3.00 + 1.26
    assert document.totals.net + document.totals.tax == document.totals.gross
    assert str(document.paid) == "6.04"
    assert not document.balance
    (message,) = counter.ask(outbox.of_document, document.key)
    assert (message.state, message.recipient) == (Sending.QUEUED, "ada@example.org")
    assert counter.ask(ask.whole, document.key) == document
    assert books_hold(counter)


def test_pressing_save_twice_issues_one_document(counter: Counter) -> None:
    draft = counter.draft()
    first = counter.do(documents.issue, draft)
    second = counter.do(documents.issue, draft)
    assert first == second
    assert len(counter.ask(ask.recent, 5)) == 1


def test_the_same_sale_again_is_asked_about_and_nothing_is_written_before_the_yes(counter: Counter) -> None:
    counter.issue()
    reading = counter.read(customer="Ada <ada@example.org>")
    with pytest.raises(NeedsYes) as question:
        counter.do(documents.issue, reading.draft, contact=reading.contact)
    assert len(counter.ask(ask.recent, 5)) == 1
    again = counter.do(documents.issue, reading.draft, contact=reading.contact, sure=frozenset({question.value.answer}))
    assert again.number == "R-A-2026-000002"


def test_two_walk_ins_with_the_same_coffee_are_not_asked_about(counter: Counter) -> None:
    counter.do(documents.issue, counter.draft())
    counter.do(documents.issue, counter.draft())
    assert len(counter.ask(ask.recent, 5)) == 2


def test_the_customer_of_the_one_field_is_created_once(counter: Counter) -> None:
    first = counter.issue(customer="Ada <ada@example.org>")
    second = counter.issue(Row("Tea", "1", "1"), customer="ADA@example.org")
    assert first.buyer.key == second.buyer.key
    assert second.buyer.name == "Ada"
    assert len(counter.ask(customers.page, text="", after=None)) == 1


def test_an_issued_document_takes_its_open_draft_with_it(counter: Counter) -> None:
    reading = counter.read()
    form_key = reading.draft.key
    from shopdesk.domain.draft import Form

    counter.do(do_drafts.keep, Form(key=form_key, rows=(Row("Milk", "2", "0.89"),)), changed=None)
    assert len(counter.ask(drafts.open_at, counter.by.till)) == 1
    counter.do(documents.issue, reading.draft)
    assert counter.ask(drafts.open_at, counter.by.till) == ()
    # A keystroke that was still on its way does not bring it back.
    counter.do(do_drafts.keep, Form(key=form_key, rows=(Row("Milk", "2", "0.89"),)), changed=None)
    assert counter.ask(drafts.open_at, counter.by.till) == ()


def test_an_unsealed_document_is_amended_under_its_own_number(counter: Counter) -> None:
    before = counter.issue()
    after = counter.do(documents.correct, before.key, counter.draft(Row("Milk", "3", "0.89")), revision=1)
    assert (after.number, after.key, after.revision) == (before.number, before.key, 2)
    assert str(after.gross) == "2.67"
    assert not after.balance  # a receipt stays paid: the difference went back
    assert counter.ask(ask.whole, after.key) == after
    assert [entry.act.value for entry in counter.ask(ask.history, after.key)] == ["issued", "amended"]
    assert books_hold(counter)


def test_a_correction_replaces_the_message_nobody_tried_to_send_yet(counter: Counter) -> None:
    before = counter.issue()
    reading = counter.read(Row("Milk", "3", "0.89"), customer="Ada <ada@example.org>")
    counter.do(documents.correct, before.key, reading.draft, contact=reading.contact, revision=1)
    first, second = counter.ask(outbox.of_document, before.key)
    assert first.state is Sending.WITHDRAWN
    assert (second.state, second.occasion) == (Sending.QUEUED, Occasion.ORDER_PLACED)


def meanwhile(counter: Counter, key: UUID, *, revision: int = 1, was_sealed: bool = False) -> Meanwhile:
    """What is told to whoever saves a correction that began then."""
    draft = counter.draft(Row("Milk", "4", "0.89"))
    with pytest.raises(ChangedMeanwhile) as told:
        counter.do(documents.correct, key, draft, revision=revision, was_sealed=was_sealed)
    return told.value.meanwhile


def test_whoever_corrects_second_is_told_what_the_other_changed_and_may_save_over_it(counter: Counter) -> None:
    before = counter.issue(Row("Milk", "2", "0.89"), Row("Tea", "1", "3.50"))
    ben = counter.as_(counter.staff(Role.MANAGER))
    ben.do(documents.correct, before.key, ben.draft(Row("Milk", "3", "0.89"), Row("Bread", "1", "2")), revision=1)
    told = meanwhile(counter, before.key)
    assert [(done.act, done.by_name, done.till) for done in told.done] == [(Act.AMEND, "Ben", "A")]
    assert [
        (one.before and one.before.item, one.after and one.after.quantity) for one in told.lines
    ] == [("Milk", 3000), (None, 1000), ("Tea", None)]  # fmt: skip
    assert told.before == before
    assert (told.now.revision, told.can_be_saved_over) == (2, True)
    mine = counter.draft(Row("Milk", "4", "0.89"))
    after = counter.do(documents.correct, before.key, mine, revision=told.now.revision, was_sealed=False)
    assert (after.revision, after.lines[0].quantity) == (3, 4000)
    history = [entry.by_name for entry in counter.ask(ask.history, before.key) if entry.act is Act.AMEND]
    assert history == ["Ben", "Ada"]
    assert books_hold(counter)


def test_a_document_that_was_sealed_meanwhile_is_told_before_it_is_credited(counter: Counter) -> None:
    before = counter.issue()
    counter.do(shop.close_day)
    told = meanwhile(counter, before.key)
    assert [done.act for done in told.done] == [Act.SEAL]
    assert told.now.is_sealed
    assert len(counter.ask(ask.recent, 5)) == 1
    mine = counter.draft(Row("Milk", "4", "0.89"))
    after = counter.do(documents.correct, before.key, mine, revision=1, was_sealed=True)
    assert after.replaces == before.key
    assert books_hold(counter)


def test_a_document_that_was_deleted_meanwhile_cannot_be_saved_over(counter: Counter) -> None:
    before = counter.issue()
    counter.do(documents.delete, before.key)
    told = meanwhile(counter, before.key)
    assert [done.act for done in told.done] == [Act.VOID]
    assert (told.now.state, told.can_be_saved_over) == (State.VOIDED, False)


def test_of_a_document_that_was_replaced_meanwhile_the_replacement_is_corrected(counter: Counter) -> None:
    counter.seal_at_issue()
    before = counter.issue()
    theirs = counter.do(documents.correct, before.key, counter.draft(Row("Tea", "1", "3.50")), revision=1)
    told = meanwhile(counter, before.key, was_sealed=True)
    assert (told.now, told.can_be_saved_over) == (theirs, True)
    assert [one.after.item for one in told.lines if one.after] == ["Tea"]
    mine = counter.draft(Row("Milk", "4", "0.89"))
    after = counter.do(documents.correct, told.now.key, mine, revision=1, was_sealed=True)
    assert after.replaces == theirs.key
    assert books_hold(counter)


def test_what_was_changed_since_somebody_looked_is_not_deleted(counter: Counter) -> None:
    seen = counter.issue()
    counter.do(documents.correct, seen.key, counter.draft(Row("Milk", "3", "0.89")), revision=1)
    with pytest.raises(Refused, match="Another user has changed"):
        counter.do(documents.delete, seen.key, seen=seen)
    now = counter.ask(ask.whole, seen.key)
    assert counter.do(documents.delete, seen.key, seen=now).state is State.VOIDED


def test_a_sealed_document_is_credited_and_replaced_in_one_step(counter: Counter) -> None:
    counter.seal_at_issue()
    before = counter.issue()
    after = counter.do(documents.correct, before.key, counter.draft(Row("Milk", "3", "0.89")), revision=1)
    assert after.replaces == before.key
    assert after.number == "R-A-2026-000002"
    corrected = counter.ask(ask.whole, before.key)
    assert corrected.state is State.CORRECTED
    credit = counter.ask(ask.whole, corrected.corrected_by)
    assert credit.kind is Kind.CREDIT_NOTE
    assert credit.totals.gross == -before.totals.gross
    assert [str(document.balance) for document in (corrected, credit, after)] == ["0.00", "0.00", "0.00"]
    assert books_hold(counter)


def test_a_credit_note_and_its_document_sum_to_zero_in_every_group(counter: Counter) -> None:
    counter.seal_at_issue()
    before = counter.issue(Row("Milk", "3", "0.33"), Row("Stamp", "1", "0.85", tax="0"), discount="7 %")
    counter.do(documents.delete, before.key)
    credit = counter.ask(ask.whole, counter.ask(ask.whole, before.key).corrected_by)
    for group, back in zip(before.totals.groups, credit.totals.groups, strict=True):
        assert (group.net + back.net, group.tax + back.tax, group.gross + back.gross) == (0, 0, 0)
    assert books_hold(counter)


def test_deleting_an_unsealed_document_voids_it_and_gives_the_money_back(counter: Counter) -> None:
    document = counter.issue()
    voided = counter.do(documents.delete, document.key)
    assert (voided.state, voided.number) == (State.VOIDED, document.number)
    assert not voided.paid
    assert counter.ask(dashboard.figures, today=counter.today).sales_today.minor == 0
    assert counter.do(documents.delete, document.key) == voided  # pressed twice
    assert books_hold(counter)


def test_a_voided_document_cannot_be_corrected_or_paid(counter: Counter) -> None:
    document = counter.issue(kind=Kind.INVOICE)
    counter.do(documents.delete, document.key)
    with pytest.raises(ChangedMeanwhile):
        counter.do(documents.correct, document.key, counter.draft(kind=Kind.INVOICE), revision=1)
    with pytest.raises(Refused, match="voided"):
        counter.do(documents.pay, document.key, Tender(method=Method.CASH, tendered=1), payment_key=new_key())


def test_an_invoice_is_paid_in_parts_and_each_payment_once(counter: Counter) -> None:
    invoice = counter.issue(Row("Chair", "1", "100"), kind=Kind.INVOICE)
    assert counter.ask(dashboard.figures, today=counter.today).unpaid.minor == 100_00
    key = new_key()
    counter.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=40_00), payment_key=key)
    twice = counter.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=40_00), payment_key=key)
    assert str(twice.balance) == "60.00"
    done = counter.do(documents.pay, invoice.key, Tender(method=Method.CASH, tendered=70_00), payment_key=new_key())
    assert not done.balance
    assert done.payments[-1].change == 10_00
    assert counter.ask(dashboard.figures, today=counter.today).unpaid_count == 0
    assert books_hold(counter)


def test_an_unpaid_invoice_that_is_deleted_after_sealing_owes_nothing(counter: Counter) -> None:
    counter.seal_at_issue()
    invoice = counter.issue(Row("Chair", "1", "100"), kind=Kind.INVOICE)
    counter.do(documents.pay, invoice.key, Tender(method=Method.CASH, tendered=40_00), payment_key=new_key())
    counter.do(documents.delete, invoice.key)
    credit = counter.ask(ask.whole, counter.ask(ask.whole, invoice.key).corrected_by)
    assert (str(credit.balance), counter.ask(dashboard.figures, today=counter.today).unpaid_count) == ("0.00", 0)
    assert sum(payment.amount for payment in credit.payments if payment.method is Method.CASH) == -40_00
    assert books_hold(counter)


def test_cash_is_rounded_to_the_smallest_coin_and_tax_is_not(counter: Counter) -> None:
    counter.change_shop(smallest_coin=5)
    document = counter.issue(Row("Gum", "1", "1.02"))
    (payment,) = document.payments
    assert (payment.tendered, payment.rounding, payment.amount) == (100, -2, 102)
    assert not document.balance
    voided = counter.do(documents.delete, document.key)
    assert sum(paid.tendered - paid.change for paid in voided.payments) == 0
    assert books_hold(counter)


def test_a_sale_for_nothing_goes_through(counter: Counter) -> None:
    document = counter.issue(Row("Sample", "1", "12.34", "100 %"))
    assert (document.totals.gross, document.payments) == (0, ())


def test_a_quote_is_no_sale(counter: Counter) -> None:
    counter.issue(kind=Kind.QUOTE)
    figures = counter.ask(dashboard.figures, today=counter.today)
    assert (figures.orders, figures.sales_today.minor, figures.unpaid_count) == (0, 0, 0)
    assert books_hold(counter)


def test_a_quote_is_never_sealed_so_it_can_always_be_changed(counter: Counter) -> None:
    counter.seal_at_issue()
    quote = counter.issue(kind=Kind.QUOTE)
    counter.do(shop.close_day)
    changed = counter.do(documents.correct, quote.key, counter.draft(kind=Kind.QUOTE), revision=1)
    assert changed.key == quote.key
    assert counter.do(documents.delete, quote.key).state is State.VOIDED
    assert books_hold(counter)


def test_closing_the_day_seals_its_documents(counter: Counter) -> None:
    document = counter.issue()
    assert counter.do(shop.close_day) == 1
    assert counter.ask(ask.whole, document.key).is_sealed
    assert counter.do(shop.close_day) == 0
    assert books_hold(counter)


def test_the_kind_of_an_issued_document_stays(counter: Counter) -> None:
    document = counter.issue()
    with pytest.raises(Refused, match="kind"):
        counter.do(documents.correct, document.key, counter.draft(kind=Kind.INVOICE), revision=1)


def test_a_cashier_gives_small_discounts_only_unless_a_manager_lends_the_right(counter: Counter) -> None:
    cashier, manager = counter.staff(Role.CASHIER), counter.staff(Role.MANAGER, name="Mia")
    cheap = counter.draft(Row("Cheese", "1", "10", "2.01"))
    with pytest.raises(Refused, match="20 %") as refused:
        counter.as_(cashier).do(documents.issue, cheap)
    assert refused.value.faults[0].row == 0
    counter.as_(cashier).do(documents.issue, counter.draft(Row("Cheese", "1", "10", "2.00")))
    lent = counter.as_(cashier, lender=manager).do(documents.issue, cheap)
    (entry,) = counter.ask(ask.history, lent.key)
    assert (entry.by_name, entry.lender_name) == ("Ben", "Mia")


def test_what_a_window_remembers_of_a_role_counts_for_nothing(counter: Counter) -> None:
    cashier = counter.staff(Role.CASHIER)
    document = counter.issue()
    boasting = replace(cashier, role=Role.OWNER)
    with pytest.raises(Refused, match="may not delete"):
        counter.as_(boasting).do(documents.delete, document.key)


def test_sending_again_queues_a_message_of_its_own(counter: Counter) -> None:
    document = counter.issue()
    counter.do(documents.resend, document.key)
    first, second = counter.ask(outbox.of_document, document.key)
    assert first.message_id != second.message_id
    for nowhere in ("", "+1 202 555 0123"):
        unreachable = counter.issue(customer=nowhere)
        with pytest.raises(Refused, match="no e-mail"):
            counter.do(documents.resend, unreachable.key)
        assert len(counter.ask(ask.history, unreachable.key)) == 1
