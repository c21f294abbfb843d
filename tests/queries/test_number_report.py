"""The number report: what became of every number, in pages, with the gaps."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, text

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Refused
from shopdesk.domain.payment import Method
from shopdesk.domain.returns import returnable
from shopdesk.queries import number_report as ask
from shopdesk.queries.number_report import NumberEntry, NumberOutcome, NumberRange
from shopdesk.row_keys import new_key
from shopdesk.store.database import Database
from shopdesk.store.tables import document_lines, document_taxes, documents, metadata, payments, series
from shopdesk.usecases import documents as do
from support.shops import SampleShop

TEA = DraftRow("Tea", "2", "5.00")


def today_of(shop: SampleShop) -> tuple[NumberRange, ...]:
    return shop.ask(ask.ranges_of, since=shop.today, until=shop.today, by=shop.by)


def report(shop: SampleShop, ranges: tuple[NumberRange, ...] | None = None, *, page: int = 200) -> list[NumberEntry]:
    """Every entry, read page by page."""
    found: list[NumberEntry] = []
    ranges = today_of(shop) if ranges is None else ranges
    while True:
        after = found[-1] if found else None
        some = shop.ask(ask.page, ranges=ranges, by=shop.by, after=after, limit=page)
        found += some
        if len(some) < page:
            return found


def outcomes(entries: list[NumberEntry]) -> list[tuple[str, NumberOutcome]]:
    return [(one.number, one.outcome) for one in entries]


def correct(shop: SampleShop, document: Document, price: str) -> Document:
    draft = shop.draft(DraftRow("Tea", "1", price), kind=document.kind)
    return shop.do(do.correct, document.key, draft, revision=document.revision)


def lose(database: Database, *numbers: str) -> None:
    """Delete documents as only the owner of the database could, with the guards taken off."""
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars():
                connection.execute(text(f"DROP TRIGGER {name}"))
        keys = list(connection.execute(documents.select().where(documents.c.number.in_(numbers))).scalars())
        for table in (payments, document_lines, document_taxes):
            connection.execute(delete(table).where(table.c.document_key.in_(keys)))
        connection.execute(delete(metadata.tables["outbox"]).where(metadata.tables["outbox"].c.document_key.in_(keys)))
        connection.execute(delete(documents).where(documents.c.key.in_(keys)))


def test_each_number_tells_what_became_of_it_and_who_did_it(sample_shop: SampleShop) -> None:
    sample_shop.issue(TEA)
    ben = sample_shop.staff(Role.MANAGER)
    amended, voided = sample_shop.issue(TEA), sample_shop.issue(TEA)
    sample_shop.by = sample_shop.as_(ben).by
    correct(sample_shop, amended, "4.00")
    sample_shop.do(do.delete, voided.key)
    entries = report(sample_shop)
    assert outcomes(entries) == [
        ("R-A-2026-000001", NumberOutcome.ISSUED),
        ("R-A-2026-000002", NumberOutcome.AMENDED),
        ("R-A-2026-000003", NumberOutcome.VOIDED),
    ]
    assert [(one.issued_by, one.acted_by) for one in entries] == [("Ada", "Ada"), ("Ada", "Ben"), ("Ada", "Ben")]
    assert entries[1].detail == "total 10.00 → 4.00"
    assert entries[1].amendments == 1
    assert entries[2].acted_at == sample_shop.now


def test_a_sealed_document_names_its_credit_note_and_what_replaces_it(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    correct(sample_shop, sample_shop.issue(TEA), "4.00")
    note, first, second = report(sample_shop)
    assert outcomes([note, first, second]) == [
        ("C-A-2026-000001", NumberOutcome.ISSUED),
        ("R-A-2026-000001", NumberOutcome.CORRECTED),
        ("R-A-2026-000002", NumberOutcome.ISSUED),
    ]
    assert (first.corrected_by, first.replaced_by) == (note.number, second.number)
    assert (note.corrects, second.replaces) == (first.number, first.number)


def test_returned_goods_name_their_credit_note(sample_shop: SampleShop) -> None:
    sample_shop.seal_at_issue()
    sold = sample_shop.issue(TEA)
    assert returnable(sold, ())[0].left == 2000
    sample_shop.do(do.return_goods, sold.key, [1000], Method.CASH, seen=sold, note_key=new_key())
    note, receipt = report(sample_shop)
    assert (receipt.outcome, receipt.detail) == (NumberOutcome.RETURNED, f"by {note.number}")


def test_a_gap_is_named_at_the_beginning_in_the_middle_and_at_the_end(sample_shop: SampleShop) -> None:
    for _ in range(7):
        sample_shop.issue(TEA)
    lose(sample_shop.database, *(f"R-A-2026-{count:06d}" for count in (1, 3, 4, 7)))
    entries = report(sample_shop)
    gaps = [(one.count, one.last_count) for one in entries if one.outcome is NumberOutcome.MISSING]
    assert gaps == [(1, 1), (3, 4), (7, 7)]
    assert [one.count for one in entries] == [1, 2, 3, 5, 6, 7]


@pytest.mark.parametrize("page", [1, 2, 3])
def test_pages_of_any_size_have_the_same_entries(sample_shop: SampleShop, page: int) -> None:
    for kind in (Kind.RECEIPT, Kind.INVOICE, Kind.RECEIPT, Kind.RECEIPT, Kind.RECEIPT):
        sample_shop.issue(TEA, kind=kind)
    lose(sample_shop.database, "R-A-2026-000002", "R-A-2026-000003")
    assert report(sample_shop, page=page) == report(sample_shop)


def test_a_period_has_the_numbers_of_its_own_documents_only(sample_shop: SampleShop) -> None:
    first = sample_shop.issue(TEA)
    sample_shop.now += timedelta(days=1)
    second = sample_shop.issue(TEA)
    sample_shop.now += timedelta(days=1)
    sample_shop.issue(TEA)
    day = second.date_on
    ranges = sample_shop.ask(ask.ranges_of, since=day, until=day, by=sample_shop.by)
    assert [one.number for one in report(sample_shop, ranges)] == [second.number]
    ranges = sample_shop.ask(ask.ranges_of, since=first.date_on, until=day, by=sample_shop.by)
    assert [one.number for one in report(sample_shop, ranges)] == [first.number, second.number]


def test_a_series_alone_has_all_its_numbers_to_its_counter(sample_shop: SampleShop) -> None:
    sample_shop.issue(TEA)
    sample_shop.issue(TEA, kind=Kind.QUOTE)
    with sample_shop.database.engine.begin() as connection:
        connection.execute(series.update().where(series.c.kind == "receipt").values(last=1_000_002))
    (receipts,) = [one for one in sample_shop.ask(ask.all_series, by=sample_shop.by) if one.kind is Kind.RECEIPT]
    issued, gap = report(sample_shop, (receipts,))
    assert (issued.number, gap.number, gap.last_count) == ("R-A-2026-000001", "R-A-2026-000002", 1_000_002)


def test_numbers_beyond_six_digits_keep_the_order_of_their_counts(sample_shop: SampleShop) -> None:
    sample_shop.issue(TEA)
    with sample_shop.database.engine.begin() as connection:
        connection.execute(series.update().values(last=999_998))
    for _ in range(3):
        sample_shop.issue(TEA)
    entries = report(sample_shop)
    assert [one.count for one in entries] == [1, 2, 999_999, 1_000_000, 1_000_001]
    assert report(sample_shop, page=1) == entries


def test_a_cashier_does_not_see_it(sample_shop: SampleShop) -> None:
    with pytest.raises(NotAllowed):
        today_of(sample_shop.as_(sample_shop.staff(Role.CASHIER)))


def test_days_in_the_wrong_order_are_refused(sample_shop: SampleShop) -> None:
    later = sample_shop.today + timedelta(days=1)
    with pytest.raises(Refused, match="first day is after the last day"):
        sample_shop.ask(ask.ranges_of, since=later, until=sample_shop.today, by=sample_shop.by)
