"""What the database itself keeps: sealed documents, journal, gap-free numbers, sums; and that verify sees tampering."""

import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.document import Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.queries import verify
from shopdesk.store import numbering
from shopdesk.store.columns import Instant, WholeNumber
from shopdesk.store.database import Database
from shopdesk.store.session import Session
from shopdesk.usecases import documents
from support.shops import SampleShop, open_shop

SEALED = [
    "UPDATE documents SET gross_minor = 1, net_minor = 1, tax_minor = 0",
    "UPDATE documents SET buyer_name = 'Eve'",
    "UPDATE documents SET number = 'R-A-2026-000009'",
    "UPDATE documents SET sealed_at = NULL",
    "UPDATE documents SET state = 'voided'",
    "UPDATE document_lines SET item = 'Gold'",
    "DELETE FROM document_lines",
    "UPDATE document_taxes SET tax_minor = 0",
    "DELETE FROM document_taxes",
    "DELETE FROM documents",
    "UPDATE payments SET amount_minor = 0",
    "DELETE FROM payments",
    "UPDATE journal SET by_name = 'Eve'",
    "DELETE FROM journal",
]


@pytest.mark.parametrize("statement", SEALED)
def test_raw_sql_cannot_change_what_is_kept(sample_shop: SampleShop, statement: str) -> None:
    sample_shop.seal_at_issue()
    sample_shop.issue()
    with pytest.raises(DBAPIError, match="kept for ever"), sample_shop.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_row_cannot_be_slipped_into_a_sealed_document(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sample_shop.issue()
    slip = (
        "INSERT INTO document_lines SELECT document_key, 99, item, product_key, quantity_milli, unit_price_centi, "
        "discount_minor, discount_milli, rate_milli, category, amount_minor FROM document_lines"
        " WHERE position = 0"
    )
    with pytest.raises(DBAPIError, match="kept for ever"), sample_shop.database.engine.begin() as connection:
        connection.execute(text(slip))


TAMPERED = [
    ("UPDATE documents SET gross_minor = gross_minor + 1, net_minor = net_minor + 1", "rows add up to"),
    (
        "UPDATE documents SET buyer_name = 'x', buyer = replace(buyer, 'Ada', 'Eve')",
        "differs from its last journal entry",
    ),
    ("UPDATE documents SET paid_minor = 0", "payments add up to"),
    ("UPDATE series SET last = last + 1", "the counter is at 2"),
    ("UPDATE day_sales SET gross_minor = 0", "day_sales"),
    ("UPDATE day_items SET quantity_milli = 7", "day_items"),
    ("UPDATE day_items SET gross_minor = gross_minor + 1", "items add up to"),
    ("UPDATE day_taxes SET tax_minor = tax_minor + 1", "day_taxes"),
    ("UPDATE day_taxes SET net_minor = net_minor + 1, tax_minor = tax_minor - 1", "taxes add up to"),
    ("UPDATE day_payments SET amount_minor = amount_minor + 1", "what is still owed"),
    ("UPDATE day_payments SET method = 'offset'", "moved between documents"),
    ("DELETE FROM day_customers", "day_customers"),
    ("DELETE FROM day_payments", "day_payments"),
    ("UPDATE tills SET journal_seq = 5", "5 rows were written"),
]


@pytest.mark.parametrize(("statement", "said"), TAMPERED)
def test_verify_names_what_was_tampered_with(sample_shop: SampleShop, statement: str, said: str) -> None:
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        connection.execute(text(statement))
    found = sample_shop.ask(lambda session: list(verify.violations(session)))
    assert any(said in fault for fault in found), found


def test_verify_sees_a_journal_row_that_was_rewritten_behind_the_trigger(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execute(
            text("DROP TRIGGER keep_journal_update" if sqlite else "DROP TRIGGER keep_journal ON journal")
        )
        connection.execute(text("UPDATE journal SET by_name = 'Eve' WHERE seq = 1"))
    found = sample_shop.ask(lambda session: list(verify.violations(session)))
    assert any("columns differ" in fault for fault in found)


def test_verify_sees_that_the_end_of_the_journal_was_cut_off(sample_shop: SampleShop) -> None:
    sample_shop.issue()
    sample_shop.issue()
    with sample_shop.database.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.execute(
            text("DROP TRIGGER keep_journal_delete" if sqlite else "DROP TRIGGER keep_journal ON journal")
        )
        connection.execute(text("DELETE FROM journal WHERE seq = 2"))
    found = sample_shop.ask(lambda session: list(verify.violations(session)))
    assert any("it ends at row 1, but 2 rows were written" in fault for fault in found)


class _AbortError(Exception):
    pass


def test_numbers_have_no_gaps_though_every_third_transaction_is_given_up(sample_shop: SampleShop) -> None:
    database, till = sample_shop.database, sample_shop.by.till
    given: list[str] = []
    lock = threading.Lock()

    def take(worker: int) -> None:
        for turn in range(20):
            try:
                with database.sessions.begin() as session:
                    number = numbering.next_number(session, till=till, kind=Kind.INVOICE, on=date(2026, 1, 1))
                    if (worker + turn) % 3 == 0:
                        raise _AbortError
            except _AbortError:
                continue
            with lock:
                given.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"I-A-2026-{count:06d}" for count in range(1, len(given) + 1)]
    assert len(given) > 40


def test_an_issue_that_fails_at_its_last_step_leaves_nothing(sample_shop: SampleShop) -> None:
    draft = sample_shop.draft()

    def fail_late(session: Session, *args: object, **kwargs: object) -> None:
        documents.issue(session, draft, by=sample_shop.by, now=sample_shop.now)
        raise _AbortError

    with pytest.raises(_AbortError):
        sample_shop.do(fail_late)
    assert sample_shop.issue().number == "R-A-2026-000001"
    assert sample_shop.ask(lambda session: list(verify.violations(session))) == []


def test_each_kind_and_each_year_has_its_own_series(sample_shop: SampleShop) -> None:
    numbers = [sample_shop.issue(kind=kind).number for kind in (Kind.INVOICE, Kind.RECEIPT, Kind.QUOTE, Kind.INVOICE)]
    assert numbers == ["I-A-2026-000001", "R-A-2026-000001", "Q-A-2026-000001", "I-A-2026-000002"]


def test_money_is_never_stored_as_anything_but_whole_minor_units(database: Database) -> None:
    with pytest.raises(TypeError, match="whole number"):
        WholeNumber().process_bind_param(1.5, database.engine.dialect)  # type: ignore[arg-type]


def test_an_instant_without_its_zone_is_refused_and_one_with_it_comes_back_in_utc(database: Database) -> None:
    kind = Instant()
    with pytest.raises(TypeError, match="time zone"):
        kind.process_bind_param(datetime(2026, 1, 1), database.engine.dialect)  # noqa: DTZ001 - that is the test
    sample_shop = open_shop(database)
    document = sample_shop.issue(DraftRow("Tea", "1", "1"))
    assert document.issued_at.tzinfo is UTC
