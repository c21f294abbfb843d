"""Goods that come back: credited or amended, paid out in one step and never twice, on both databases."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.document import Action, Document, Kind, State
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.message import DeliveryStatus
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.returns import returnable
from shopdesk.domain.shop import Seal
from shopdesk.queries import document_details, outbox, statistics, verify
from shopdesk.queries import documents as ask
from shopdesk.queries.document_details import Relation
from shopdesk.row_keys import new_key
from shopdesk.store.database import Database
from shopdesk.usecases import documents
from support.shops import SampleShop
from usecases.test_races import at_once, crowded

__all__ = ["crowded"]
THREE = DraftRow("Tea", "3", "0.333")
MILK = DraftRow("Milk", "2", "0.89")


def take_back(at: SampleShop, seen: Document, *pieces: int, method: Method = Method.CASH, **more: Any) -> Document:
    """Return goods, in thousandths for each of them."""
    given = {"seen": seen, "note_key": new_key()} | more
    return at.do(documents.return_goods, seen.key, pieces, method, **given)


def violations(at: SampleShop) -> list[str]:
    return at.ask(lambda session: list(verify.violations(session)))


def test_goods_of_a_sealed_receipt_are_credited_and_paid_out_in_one_step(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sold = sample_shop.issue(THREE, MILK)
    note = take_back(sample_shop, sold, 1000, 0, method=Method.CARD)
    assert (note.kind, note.corrects, str(note.gross), str(note.balance)) == (
        Kind.CREDIT_NOTE, sold.key, "-0.33", "0.00",
    )  # fmt: skip
    assert [(one.method, one.amount) for one in note.payments] == [(Method.CARD, -33)]
    details = sample_shop.ask(document_details.details, sold.key)
    assert (details.document.state, details.document.balance.minor) == (State.ISSUED, 0)
    assert [(one.relation, one.number) for one in details.related] == [(Relation.RETURNED_BY, note.number)]
    assert (details.history[-1].act, details.history[-1].detail) == (Action.RETURN, f"by {note.number}")
    back = sample_shop.ask(document_details.details, note.key)
    assert [(one.relation, one.number) for one in back.related] == [(Relation.RETURN_OF, sold.number)]
    assert back.history[0].detail == f"credits {sold.number}"
    assert sample_shop.ask(outbox.of_document, note.key)[0].state is DeliveryStatus.QUEUED
    assert not violations(sample_shop)


def test_all_returns_together_give_back_what_was_paid_and_not_a_piece_more(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sold = sample_shop.issue(THREE, MILK, discount="0.78")
    paid = [take_back(sample_shop, sold, 1000, quantity) for quantity in (0, 2000, 0)]
    assert sum(note.gross.minor for note in paid) == -sold.gross.minor == -200
    period = {"since": sample_shop.today, "until": sample_shop.today, "by": sample_shop.by}
    assert sum(one.gross.minor for one in sample_shop.ask(statistics.by_kind, **period)) == 0
    for pieces in ((1000, 0), (0, 1000)):
        with pytest.raises(Refused, match="Only 0 of"):
            take_back(sample_shop, sold, *pieces)
    for act in (documents.delete, partial(documents.correct, draft=sample_shop.draft(MILK), revision=1)):
        with pytest.raises(Refused, match="came back already"):
            sample_shop.do(act, sold.key)
    with pytest.raises(Refused, match="cannot be changed"):
        sample_shop.do(documents.delete, paid[0].key)
    assert not violations(sample_shop)


def test_the_same_return_again_pays_out_once(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sold, key = sample_shop.issue(MILK), new_key()
    first, again = (take_back(sample_shop, sold, 1000, note_key=key) for _ in range(2))
    assert first == again
    sample_shop.change_shop(seal=Seal.AT_CLOSE)
    open_one = sample_shop.issue(MILK, THREE)
    first, again = (take_back(sample_shop, open_one, 1000, 0) for _ in range(2))
    assert first == again
    whole = sample_shop.issue(MILK)
    first, again = (take_back(sample_shop, whole, 2000) for _ in range(2))
    assert first == again
    assert not violations(sample_shop)


def test_an_unsealed_receipt_is_amended_and_voided_when_all_of_it_is_back(sample_shop: SampleShop) -> None:
    sold = sample_shop.issue(MILK, THREE)
    less = take_back(sample_shop, sold, 1000, 0, method=Method.CARD)
    assert (less.key, less.revision, less.gross.minor, less.balance.minor) == (sold.key, 2, 189, 0)
    assert [(one.method, one.amount) for one in less.payments] == [(Method.CASH, 278), (Method.CARD, -89)]
    with pytest.raises(Refused, match="Another user has changed"):
        take_back(sample_shop, sold, 0, 1000)
    with pytest.raises(Refused, match="Only 1 of “Milk”"):
        take_back(sample_shop, less, 2000, 0)
    gone = take_back(sample_shop, less, 1000, 3000)
    assert (gone.state, gone.paid.minor) == (State.VOIDED, 0)
    assert not violations(sample_shop)


def test_what_was_not_paid_yet_is_not_paid_out(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    owed = sample_shop.issue(MILK, kind=Kind.INVOICE)
    tender = Tender(method=Method.CASH, tendered=100)
    owed = sample_shop.do(documents.pay, owed.key, tender, payment_key=new_key())
    first = take_back(sample_shop, owed, 1000)
    assert [(one.method, one.amount) for one in first.payments] == [(Method.OFFSET, -78), (Method.CASH, -11)]
    assert not sample_shop.ask(ask.get, owed.key).balance
    assert not violations(sample_shop)


def test_cash_that_comes_back_in_parts_is_rounded_once(sample_shop: SampleShop) -> None:
    sample_shop.change_shop(seal=Seal.AT_ISSUE, smallest_coin=5)
    sold = sample_shop.issue(DraftRow("Tea", "3", "0.34"))
    assert sold.payments[0].tendered == 100
    moved = [take_back(sample_shop, sold, 1000).payments[0] for _ in range(3)]
    assert sum(one.tendered for one in moved) == -100
    assert all(one.tendered % 5 == 0 for one in moved)
    assert not violations(sample_shop)


def test_a_cashier_needs_the_right_to_refund_or_a_manager(sample_shop: SampleShop) -> None:
    sold = sample_shop.issue(MILK)
    cashier, boss = sample_shop.staff(Role.CASHIER), sample_shop.staff(Role.MANAGER, name="Meg")
    with pytest.raises(NotAllowed, match="refund"):
        take_back(sample_shop.as_(cashier), sold, 1000)
    assert take_back(sample_shop.as_(cashier, boss), sold, 1000).gross.minor == 89
    for kind in (Kind.QUOTE, Kind.DEBIT_NOTE):
        other = sample_shop.issue(MILK, kind=kind)
        with pytest.raises(Refused, match="invoices and receipts only"):
            take_back(sample_shop, other, 1000)
    with pytest.raises(Refused, match="how it is paid"):
        take_back(sample_shop, sample_shop.issue(THREE), 1000, method=Method.OFFSET)


@pytest.mark.parametrize("is_sealed", [True, False])
def test_two_tills_never_take_the_same_goods_back(sample_shop: SampleShop, crowded: Database, is_sealed: bool) -> None:
    if is_sealed:
        sample_shop.seal_at_issue()
    for _ in range(5):
        sold = sample_shop.issue(MILK, customer="")
        acts = [
            partial(
                documents.return_goods, key=sold.key, quantities=(2000,), method=Method.CASH, seen=sold,
                note_key=new_key(), by=sample_shop.by, now=sample_shop.now,
            )
            for _ in range(2)
        ]  # fmt: skip
        came = at_once(crowded, *acts)
        back = [one for one in came if isinstance(one, Document)]
        paid = sum(payment.amount for payment in {p for one in back for p in one.payments if p.amount < 0})
        assert paid == -178, came
    assert not violations(sample_shop)


def test_a_changed_amount_of_a_return_is_found(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sold = sample_shop.issue(THREE)
    note = take_back(sample_shop, sold, 1000)
    goods = returnable(sold, sample_shop.ask(document_details.details, sold.key).returns)
    assert goods[0].left == 2000
    totals = replace(note.totals, amounts=(-34,))
    assert totals != note.totals
    with sample_shop.database.engine.begin() as connection:
        where = {"key": note.key.bytes if connection.dialect.name == "sqlite" else note.key}
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE document_lines SET amount_minor = -34 WHERE document_key = :key"), where)
        connection.execute(text("UPDATE document_taxes SET sum_minor = -34, gross_minor = -34, net_minor = "
                                "-34 - tax_minor WHERE document_key = :key"), where)  # fmt: skip
        connection.execute(text("UPDATE documents SET sum_minor = -34, gross_minor = -34, net_minor = "
                                "-34 - tax_minor WHERE key = :key"), where)  # fmt: skip
    assert any("adds up to another amount" in one for one in violations(sample_shop))
