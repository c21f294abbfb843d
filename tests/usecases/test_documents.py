"""Issuing, correcting, deleting and paying, on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from shopdesk.domain.account import Role
from shopdesk.domain.conflict import ConcurrentEdit, EditConflict
from shopdesk.domain.document import Action, Kind, State
from shopdesk.domain.draft import DraftForm, DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.message import DeliveryStatus, MessageReason
from shopdesk.domain.payment import Method, Tender
from shopdesk.queries import customers, dashboard, drafts, outbox, statistics, verify
from shopdesk.queries import documents as ask
from shopdesk.row_keys import new_key
from shopdesk.usecases import documents
from shopdesk.usecases import drafts as do_drafts
from shopdesk.usecases.day_close import close_day
from support.shops import SampleShop


def books_hold(sample_shop: SampleShop) -> bool:
    return sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_issuing_gives_a_number_totals_a_payment_and_a_message(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    assert document.number == "R-A-2026-000001"
    assert str(document.gross) == "6.04"  # 1.78 + 3.00 + 1.26
    assert document.totals.net + document.totals.tax == document.totals.gross
    assert str(document.paid) == "6.04"
    assert not document.balance
    (message,) = sample_shop.ask(outbox.of_document, document.key)
    assert (message.state, message.recipient) == (DeliveryStatus.QUEUED, "ada@example.org")
    assert sample_shop.ask(ask.get, document.key) == document
    assert books_hold(sample_shop)


def test_pressing_save_twice_issues_one_document(sample_shop: SampleShop) -> None:
    draft = sample_shop.draft()
    first = sample_shop.do(documents.issue, draft)
    second = sample_shop.do(documents.issue, draft)
    assert first == second
    assert len(sample_shop.ask(ask.recent, 5)) == 1


def test_the_same_sale_again_is_asked_about_and_nothing_is_written_before_the_yes(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    reading = sample_shop.read(customer="Ada <ada@example.org>")
    with pytest.raises(ConfirmationRequired) as question:
        sample_shop.do(documents.issue, reading.draft, contact=reading.contact)
    assert len(sample_shop.ask(ask.recent, 5)) == 1
    again = sample_shop.do(
        documents.issue, reading.draft, contact=reading.contact, confirmed=frozenset({question.value.answer})
    )
    assert again.number == "R-A-2026-000002"


def test_two_walk_ins_with_the_same_coffee_are_not_asked_about(sample_shop: SampleShop) -> None:
    sample_shop.do(documents.issue, sample_shop.draft())
    sample_shop.do(documents.issue, sample_shop.draft())
    assert len(sample_shop.ask(ask.recent, 5)) == 2


def test_the_customer_of_the_one_field_is_created_once(sample_shop: SampleShop) -> None:
    first = sample_shop.issue(customer="Ada <ada@example.org>")
    second = sample_shop.issue(DraftRow("Tea", "1", "1"), customer="ADA@example.org")
    assert first.buyer.key == second.buyer.key
    assert second.buyer.name == "Ada"
    assert len(sample_shop.ask(customers.page, text="", after=None)) == 1


def test_an_issued_document_takes_its_open_draft_with_it(sample_shop: SampleShop) -> None:
    draft = sample_shop.draft()
    form = DraftForm(key=draft.key, rows=(DraftRow("Milk", "2", "0.89"),))
    sample_shop.do(do_drafts.save_draft, form, changed=None)
    assert len(sample_shop.ask(drafts.open_at, sample_shop.by.till)) == 1
    sample_shop.do(documents.issue, draft)
    assert sample_shop.ask(drafts.open_at, sample_shop.by.till) == ()
    # A keystroke that was still on its way does not bring it back.
    sample_shop.do(do_drafts.save_draft, form, changed=None)
    assert sample_shop.ask(drafts.open_at, sample_shop.by.till) == ()


def test_an_unsealed_document_is_amended_under_its_own_number(sample_shop: SampleShop) -> None:
    before = sample_shop.issue()
    after = sample_shop.do(documents.correct, before.key, sample_shop.draft(DraftRow("Milk", "3", "0.89")), revision=1)
    assert (after.number, after.key, after.revision) == (before.number, before.key, 2)
    assert str(after.gross) == "2.67"
    assert not after.balance  # a receipt stays paid: the difference went back
    assert sample_shop.ask(ask.get, after.key) == after
    assert [entry.act.value for entry in sample_shop.ask(ask.history, after.key)] == ["issued", "amended"]
    assert books_hold(sample_shop)


def test_a_correction_replaces_the_message_nobody_tried_to_send_yet(sample_shop: SampleShop) -> None:
    before = sample_shop.issue()
    reading = sample_shop.read(DraftRow("Milk", "3", "0.89"), customer="Ada <ada@example.org>")
    sample_shop.do(documents.correct, before.key, reading.draft, contact=reading.contact, revision=1)
    first, second = sample_shop.ask(outbox.of_document, before.key)
    assert first.state is DeliveryStatus.WITHDRAWN
    assert (second.state, second.reason) == (DeliveryStatus.QUEUED, MessageReason.ORDER_PLACED)


def meanwhile(sample_shop: SampleShop, key: UUID, *, revision: int = 1, was_sealed: bool = False) -> ConcurrentEdit:
    """What is told to whoever saves a correction that began then."""
    draft = sample_shop.draft(DraftRow("Milk", "4", "0.89"))
    with pytest.raises(EditConflict) as told:
        sample_shop.do(documents.correct, key, draft, revision=revision, was_sealed=was_sealed)
    return told.value.meanwhile


def test_whoever_corrects_second_is_told_what_the_other_changed_and_may_save_over_it(sample_shop: SampleShop) -> None:
    before = sample_shop.issue(DraftRow("Milk", "2", "0.89"), DraftRow("Tea", "1", "3.50"))
    ben = sample_shop.as_(sample_shop.staff(Role.MANAGER))
    ben.do(
        documents.correct, before.key, ben.draft(DraftRow("Milk", "3", "0.89"), DraftRow("Bread", "1", "2")), revision=1
    )
    told = meanwhile(sample_shop, before.key)
    assert [(done.act, done.by_name, done.till) for done in told.done] == [(Action.AMEND, "Ben", "A")]
    assert [
        (one.before and one.before.item, one.after and one.after.quantity) for one in told.lines
    ] == [("Milk", 3000), (None, 1000), ("Tea", None)]  # fmt: skip
    assert told.before == before
    assert (told.now.revision, told.can_be_saved_over) == (2, True)
    mine = sample_shop.draft(DraftRow("Milk", "4", "0.89"))
    after = sample_shop.do(documents.correct, before.key, mine, revision=told.now.revision, was_sealed=False)
    assert (after.revision, after.lines[0].quantity) == (3, 4000)
    history = [entry.by_name for entry in sample_shop.ask(ask.history, before.key) if entry.act is Action.AMEND]
    assert history == ["Ben", "Ada"]
    assert books_hold(sample_shop)


def test_a_document_that_was_sealed_meanwhile_is_told_before_it_is_credited(sample_shop: SampleShop) -> None:
    before = sample_shop.issue()
    sample_shop.do(close_day)
    told = meanwhile(sample_shop, before.key)
    assert [done.act for done in told.done] == [Action.SEAL]
    assert told.now.is_sealed
    assert len(sample_shop.ask(ask.recent, 5)) == 1
    mine = sample_shop.draft(DraftRow("Milk", "4", "0.89"))
    after = sample_shop.do(documents.correct, before.key, mine, revision=1, was_sealed=True)
    assert after.replaces == before.key
    assert books_hold(sample_shop)


def test_a_document_that_was_deleted_meanwhile_cannot_be_saved_over(sample_shop: SampleShop) -> None:
    before = sample_shop.issue()
    sample_shop.do(documents.delete, before.key)
    told = meanwhile(sample_shop, before.key)
    assert [done.act for done in told.done] == [Action.VOID]
    assert (told.now.state, told.can_be_saved_over) == (State.VOIDED, False)


def test_of_a_document_that_was_replaced_meanwhile_the_replacement_is_corrected(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    before = sample_shop.issue()
    theirs = sample_shop.do(documents.correct, before.key, sample_shop.draft(DraftRow("Tea", "1", "3.50")), revision=1)
    told = meanwhile(sample_shop, before.key, was_sealed=True)
    assert (told.now, told.can_be_saved_over) == (theirs, True)
    assert [one.after.item for one in told.lines if one.after] == ["Tea"]
    mine = sample_shop.draft(DraftRow("Milk", "4", "0.89"))
    after = sample_shop.do(documents.correct, told.now.key, mine, revision=1, was_sealed=True)
    assert after.replaces == theirs.key
    assert books_hold(sample_shop)


def test_what_was_changed_since_somebody_looked_is_not_deleted(sample_shop: SampleShop) -> None:
    seen = sample_shop.issue()
    sample_shop.do(documents.correct, seen.key, sample_shop.draft(DraftRow("Milk", "3", "0.89")), revision=1)
    with pytest.raises(Refused, match="Another user has changed"):
        sample_shop.do(documents.delete, seen.key, seen=seen)
    now = sample_shop.ask(ask.get, seen.key)
    assert sample_shop.do(documents.delete, seen.key, seen=now).state is State.VOIDED


def test_a_sealed_document_is_credited_and_replaced_in_one_step(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    before = sample_shop.issue()
    after = sample_shop.do(documents.correct, before.key, sample_shop.draft(DraftRow("Milk", "3", "0.89")), revision=1)
    assert after.replaces == before.key
    assert after.number == "R-A-2026-000002"
    corrected = sample_shop.ask(ask.get, before.key)
    assert corrected.state is State.CORRECTED
    credit = sample_shop.ask(ask.get, corrected.corrected_by)
    assert credit.kind is Kind.CREDIT_NOTE
    assert credit.totals.gross == -before.totals.gross
    assert [str(document.balance) for document in (corrected, credit, after)] == ["0.00", "0.00", "0.00"]
    assert books_hold(sample_shop)


def test_a_credit_note_and_its_document_sum_to_zero_in_every_group(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    before = sample_shop.issue(DraftRow("Milk", "3", "0.33"), DraftRow("Stamp", "1", "0.85", tax="0"), discount="7 %")
    sample_shop.do(documents.delete, before.key)
    credit = sample_shop.ask(ask.get, sample_shop.ask(ask.get, before.key).corrected_by)
    for group, back in zip(before.totals.groups, credit.totals.groups, strict=True):
        assert (group.net + back.net, group.tax + back.tax, group.gross + back.gross) == (0, 0, 0)
    assert books_hold(sample_shop)


def test_deleting_an_unsealed_document_voids_it_and_gives_the_money_back(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    voided = sample_shop.do(documents.delete, document.key)
    assert (voided.state, voided.number) == (State.VOIDED, document.number)
    assert not voided.paid
    assert sample_shop.ask(dashboard.figures, today=sample_shop.today).sales_today.minor == 0
    assert sample_shop.do(documents.delete, document.key) == voided  # pressed twice
    assert books_hold(sample_shop)


def test_a_voided_document_cannot_be_corrected_or_paid(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(kind=Kind.INVOICE)
    sample_shop.do(documents.delete, document.key)
    with pytest.raises(EditConflict):
        sample_shop.do(documents.correct, document.key, sample_shop.draft(kind=Kind.INVOICE), revision=1)
    with pytest.raises(Refused, match="voided"):
        sample_shop.do(documents.pay, document.key, Tender(method=Method.CASH, tendered=1), payment_key=new_key())


def test_an_invoice_is_paid_in_parts_and_each_payment_once(sample_shop: SampleShop) -> None:
    invoice = sample_shop.issue(DraftRow("Chair", "1", "100"), kind=Kind.INVOICE)
    assert sample_shop.ask(dashboard.figures, today=sample_shop.today).unpaid.minor == 100_00
    key = new_key()
    sample_shop.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=40_00), payment_key=key)
    twice = sample_shop.do(documents.pay, invoice.key, Tender(method=Method.CARD, tendered=40_00), payment_key=key)
    assert str(twice.balance) == "60.00"
    done = sample_shop.do(documents.pay, invoice.key, Tender(method=Method.CASH, tendered=70_00), payment_key=new_key())
    assert not done.balance
    assert done.payments[-1].change == 10_00
    assert sample_shop.ask(dashboard.figures, today=sample_shop.today).unpaid_count == 0
    assert books_hold(sample_shop)


def test_an_unpaid_invoice_that_is_deleted_after_sealing_owes_nothing(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    invoice = sample_shop.issue(DraftRow("Chair", "1", "100"), kind=Kind.INVOICE)
    sample_shop.do(documents.pay, invoice.key, Tender(method=Method.CASH, tendered=40_00), payment_key=new_key())
    sample_shop.do(documents.delete, invoice.key)
    credit = sample_shop.ask(ask.get, sample_shop.ask(ask.get, invoice.key).corrected_by)
    assert (str(credit.balance), sample_shop.ask(dashboard.figures, today=sample_shop.today).unpaid_count) == (
        "0.00",
        0,
    )
    assert sum(payment.amount for payment in credit.payments if payment.method is Method.CASH) == -40_00
    assert books_hold(sample_shop)


def test_cash_is_rounded_to_the_smallest_coin_and_tax_is_not(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(smallest_coin=5)
    document = sample_shop.issue(DraftRow("Gum", "1", "1.02"))
    (payment,) = document.payments
    assert (payment.tendered, payment.rounding, payment.amount) == (100, -2, 102)
    assert not document.balance
    voided = sample_shop.do(documents.delete, document.key)
    assert sum(paid.tendered - paid.change for paid in voided.payments) == 0
    assert books_hold(sample_shop)


def test_a_sale_for_nothing_goes_through(sample_shop: SampleShop) -> None:
    document = sample_shop.issue(DraftRow("Sample", "1", "12.34", "100 %"))
    assert (document.totals.gross, document.payments) == (0, ())


def test_a_quote_is_no_sale(sample_shop: SampleShop) -> None:
    sample_shop.issue(kind=Kind.QUOTE)
    figures = sample_shop.ask(dashboard.figures, today=sample_shop.today)
    assert (figures.orders, figures.sales_today.minor, figures.unpaid_count) == (0, 0, 0)
    assert books_hold(sample_shop)


def test_a_quote_is_never_sealed_so_it_can_always_be_changed(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    quote = sample_shop.issue(kind=Kind.QUOTE)
    sample_shop.do(close_day)
    changed = sample_shop.do(documents.correct, quote.key, sample_shop.draft(kind=Kind.QUOTE), revision=1)
    assert changed.key == quote.key
    assert sample_shop.do(documents.delete, quote.key).state is State.VOIDED
    assert books_hold(sample_shop)


def test_closing_the_day_seals_its_documents(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    assert sample_shop.do(close_day).sealed == 1
    assert sample_shop.ask(ask.get, document.key).is_sealed
    assert sample_shop.do(close_day).sealed == 0
    assert books_hold(sample_shop)


def test_a_closed_day_keeps_its_figures(sample_shop: SampleShop) -> None:
    """A new document, a correction before and after sealing, a deletion, a payment: none changes a closed day."""
    invoice, receipt, quote = (
        sample_shop.issue(kind=Kind.INVOICE),
        sample_shop.issue(),
        sample_shop.issue(kind=Kind.QUOTE),
    )
    closed = sample_shop.today
    sample_shop.do(close_day)
    late = sample_shop.issue()  # after an early close, on the same day
    figures = _figures(sample_shop, closed)
    sample_shop.now += timedelta(days=1)
    today = sample_shop.issue()
    for kind in Kind:
        with pytest.raises(Refused, match=r"23 Nov 2026 is closed\. Use today's date, 24 Nov 2026") as refused:
            sample_shop.do(documents.issue, replace(sample_shop.draft(kind=kind), date_on=closed))
        assert refused.value.faults[0].field == "date"
    for document in (today, receipt, late):
        with pytest.raises(Refused, match="closed"):
            sample_shop.do(documents.correct, document.key, replace(sample_shop.draft(), date_on=closed), revision=1)
    replaced = sample_shop.do(documents.correct, late.key, sample_shop.draft(DraftRow("Tea", "1", "1")), revision=1)
    assert (replaced.date_on, replaced.replaces) == (sample_shop.today, late.key)
    sample_shop.do(documents.correct, invoice.key, sample_shop.draft(kind=Kind.INVOICE), revision=1)
    sample_shop.do(documents.delete, receipt.key)
    same_day = replace(sample_shop.draft(kind=Kind.QUOTE), date_on=closed)
    assert sample_shop.do(documents.correct, quote.key, same_day, revision=1).key == quote.key  # no sale, no figures
    assert _figures(sample_shop, closed) == figures
    assert books_hold(sample_shop)


def test_what_was_issued_after_an_early_close_is_sealed_when_it_is_deleted_later(sample_shop: SampleShop) -> None:
    sample_shop.do(close_day)
    late = sample_shop.issue()
    assert sample_shop.do(documents.correct, late.key, sample_shop.draft(), revision=1).key == late.key  # still today
    sample_shop.now += timedelta(days=1)
    deleted = sample_shop.do(documents.delete, late.key)
    assert (deleted.state, deleted.is_sealed) == (State.CORRECTED, True)
    assert books_hold(sample_shop)


def _figures(sample_shop: SampleShop, day: date) -> object:
    return sample_shop.ask(statistics.overview, since=day, until=day, by=sample_shop.by)


@pytest.mark.parametrize(
    ("days", "said"), [(1, "in the future"), (3650, "in the future"), (-32, "more than a month ago")]
)
def test_a_date_that_nobody_may_have_meant_is_asked(sample_shop: SampleShop, days: int, said: str) -> None:
    day = sample_shop.today + timedelta(days=days)
    draft = replace(sample_shop.draft(), date_on=day)
    with pytest.raises(ConfirmationRequired, match=said) as asked:
        sample_shop.do(documents.issue, draft)
    meant = frozenset({asked.value.answer})
    issued = sample_shop.do(documents.issue, draft, confirmed=meant)
    assert (issued.date_on, issued.number[-6:]) == (day, "000001")  # the question left no gap
    noted = replace(sample_shop.draft(note="Wrapped"), date_on=day)
    assert sample_shop.do(documents.correct, issued.key, noted, revision=1).note == "Wrapped"  # asked once
    near = sample_shop.issue()
    moved = replace(sample_shop.draft(), date_on=sample_shop.today + timedelta(days=min(days, 30)))
    with pytest.raises(ConfirmationRequired, match=said):
        sample_shop.do(documents.correct, near.key, moved, revision=1)
    assert sample_shop.do(documents.correct, near.key, moved, revision=1, confirmed=meant).date_on == moved.date_on


def test_yesterdays_date_asks_nobody(sample_shop: SampleShop) -> None:
    yesterday = sample_shop.today - timedelta(days=1)
    assert sample_shop.do(documents.issue, replace(sample_shop.draft(), date_on=yesterday)).date_on == yesterday


def test_the_kind_of_an_issued_document_stays(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    with pytest.raises(Refused, match="kind"):
        sample_shop.do(documents.correct, document.key, sample_shop.draft(kind=Kind.INVOICE), revision=1)


def test_a_cashier_gives_small_discounts_only_unless_a_manager_lends_the_right(sample_shop: SampleShop) -> None:
    cashier, manager = sample_shop.staff(Role.CASHIER), sample_shop.staff(Role.MANAGER, name="Mia")
    cheap = sample_shop.draft(DraftRow("Cheese", "1", "10", "2.01"))
    with pytest.raises(Refused, match="20 %") as refused:
        sample_shop.as_(cashier).do(documents.issue, cheap)
    assert refused.value.faults[0].row == 0
    sample_shop.as_(cashier).do(documents.issue, sample_shop.draft(DraftRow("Cheese", "1", "10", "2.00")))
    lent = sample_shop.as_(cashier, approver=manager).do(documents.issue, cheap)
    (entry,) = sample_shop.ask(ask.history, lent.key)
    assert (entry.by_name, entry.approver_name) == ("Ben", "Mia")


def test_what_a_window_remembers_of_a_role_counts_for_nothing(sample_shop: SampleShop) -> None:
    cashier = sample_shop.staff(Role.CASHIER)
    document = sample_shop.issue()
    boasting = replace(cashier, role=Role.OWNER)
    with pytest.raises(Refused, match="may not delete"):
        sample_shop.as_(boasting).do(documents.delete, document.key)


def test_sending_again_queues_a_message_of_its_own(sample_shop: SampleShop) -> None:
    document = sample_shop.issue()
    sample_shop.do(documents.resend, document.key)
    first, second = sample_shop.ask(outbox.of_document, document.key)
    assert first.message_id != second.message_id
    for nowhere in ("", "+1 202 555 0123"):
        unreachable = sample_shop.issue(customer=nowhere)
        with pytest.raises(Refused, match="no e-mail"):
            sample_shop.do(documents.resend, unreachable.key)
        assert len(sample_shop.ask(ask.history, unreachable.key)) == 1


def test_addresses_with_sharp_s_and_with_two_s_are_two_customers(sample_shop: SampleShop) -> None:
    first, second = (
        sample_shop.issue(DraftRow("Tea", "1", price), customer=f"Jo <info@{domain}>").buyer
        for price, domain in (("5.00", "strasse.example"), ("6.00", "straße.example"))
    )
    assert first.key != second.key
    again = sample_shop.issue(DraftRow("Tea", "1", "7.00"), customer="INFO@Straße.example").buyer
    assert again.key == second.key
