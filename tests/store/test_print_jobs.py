"""Prints as rows: written with their document, printed by one worker of their till, never twice by themselves."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from shopdesk.domain.account import Actor
from shopdesk.domain.document import Document, PaperForm
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import ConfirmationRequired, Refused
from shopdesk.domain.print_job import DocumentPrint, PrintRequest, PrintState, QueueJob
from shopdesk.domain.printer import PaperChoice
from shopdesk.queries import documents as ask_documents
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.store import print_jobs as kept
from shopdesk.store.tables import print_jobs as table
from shopdesk.usecases import documents, print_jobs
from shopdesk.usecases import shop as do_shop
from support.shops import SampleShop

ME, OTHER = new_key(), new_key()
ROLL = PrintRequest(paper=PaperChoice.ROLL)


def sold(at: SampleShop, to_print: PrintRequest | None = ROLL, *, customer: str = "") -> Document:
    """Issue a receipt that is printed at once."""
    reading = at.read(customer=customer)
    assert reading.draft is not None
    return at.do(documents.issue, reading.draft, contact=reading.contact, to_print=to_print)


def waiting(at: SampleShop) -> list[DocumentPrint]:
    open_here = select(table).where(table.c.till_key == at.by.till.key, table.c.ended_at.is_(None))
    is_left = table.c.state.in_(("queued", "given"))
    rows = at.ask(lambda session: session.execute(open_here.where(is_left).order_by(table.c.key)).all())
    return list(map(kept.to_print, rows))


def job(at: SampleShop, key: UUID) -> DocumentPrint:
    found = at.ask(kept.find, key)
    assert found is not None
    return found


def claim(at: SampleShop, key: UUID, worker: UUID = ME) -> bool:
    with at.database.sessions.begin() as session:
        return kept.claim(session, key, worker=worker)


def release(at: SampleShop, worker: UUID) -> int:
    with at.database.sessions.begin() as session:
        return kept.release(session, at.by.till.key, worker=worker)


def end(at: SampleShop, key: UUID, state: PrintState, worker: UUID = ME, queue_job: QueueJob | None = None) -> bool:
    with at.database.sessions.begin() as session:
        return kept.record_result(
            session, key, worker=worker, state=state, words="So it was.", at=at.now, queue_job=queue_job,
            is_followed=queue_job is not None,
        )  # fmt: skip


def details(at: SampleShop, document: Document) -> list[str]:
    return [entry.detail for entry in at.ask(ask_documents.history, document.key)]


def test_a_receipt_is_queued_with_its_own_content_in_the_transaction_of_its_save(sample_shop: SampleShop) -> None:
    document = sold(sample_shop)
    (queued,) = waiting(sample_shop)
    assert (queued.number, queued.paper, queued.copy, queued.state) == (
        document.number, PaperChoice.ROLL, 0, PrintState.QUEUED,
    )  # fmt: skip
    assert queued.till_key == sample_shop.by.till.key
    assert sample_shop.ask(kept.content, queued.key) == document
    assert details(sample_shop, document) == ["paid cash, print"]
    with pytest.raises(ConfirmationRequired):  # it is asked after all was written
        sample_shop.do(documents.issue, sample_shop.draft(), to_print=ROLL, now=sample_shop.now - timedelta(hours=1))
    assert waiting(sample_shop) == [queued]


def test_a_save_that_is_repeated_queues_one_print(sample_shop: SampleShop) -> None:
    draft = sample_shop.draft()
    for _ in range(2):
        sample_shop.do(documents.issue, draft, to_print=ROLL)
    assert len(waiting(sample_shop)) == 1


def test_who_gets_an_e_mail_gets_no_paper_if_the_till_is_set_so(sample_shop: SampleShop) -> None:
    wanted = replace(ROLL, only_without_email=True)
    mailed = sold(sample_shop, wanted, customer="Ada <ada@example.org>")
    assert (waiting(sample_shop), details(sample_shop, mailed)) == ([], ["paid cash"])
    sold(sample_shop, wanted)
    assert len(waiting(sample_shop)) == 1


def test_each_print_but_the_first_is_a_numbered_copy_on_paper_and_in_the_journal(sample_shop: SampleShop) -> None:
    document = sold(sample_shop, replace(ROLL, has_second_slip=True))
    sample_shop.do(print_jobs.print_document, document.key, PaperChoice.A4)
    sample_shop.do(print_jobs.note_printed, document.key)  # by the dialog
    sample_shop.do(print_jobs.print_document, document.key, PaperChoice.A4, form=PaperForm.DELIVERY_NOTE)
    again = sample_shop.do(print_jobs.print_document, document.key, PaperChoice.ROLL)
    assert [(one.copy, one.paper.value) for one in waiting(sample_shop)] == [
        (0, "roll"), (1, "roll"), (2, "a4"), (0, "a4"), (4, "roll"),
    ]  # fmt: skip
    assert job(sample_shop, again).title == f"{document.number} copy 4"
    assert details(sample_shop, document) == [
        "paid cash, print twice", "copy 2", "copy 3", "delivery note", "copy 4",
    ]  # fmt: skip
    assert sample_shop.ask(lambda session: list(verify.book_violations(session))) == []


def test_the_first_print_of_a_corrected_document_is_no_copy_and_the_old_one_is_withdrawn(
    sample_shop: SampleShop,
) -> None:
    document = sold(sample_shop)
    (old,) = waiting(sample_shop)
    draft = sample_shop.draft(DraftRow("Tea", "1", "2"))
    sample_shop.do(documents.correct, document.key, draft, revision=1, to_print=ROLL)
    (new,) = waiting(sample_shop)
    assert (job(sample_shop, old.key).state, new.copy) == (PrintState.WITHDRAWN, 0)
    assert sample_shop.ask(kept.content, new.key).revision == 2
    sample_shop.do(documents.delete, document.key)
    assert waiting(sample_shop) == []


def test_a_print_that_failed_does_not_bring_back_what_was_corrected(sample_shop: SampleShop) -> None:
    document = sold(sample_shop)
    (failed,) = waiting(sample_shop)
    claim(sample_shop, failed.key)
    end(sample_shop, failed.key, PrintState.FAILED)
    sample_shop.do(documents.correct, document.key, sample_shop.draft(DraftRow("Tea", "1", "2")), revision=1)
    assert job(sample_shop, failed.key).state is PrintState.WITHDRAWN
    again = sample_shop.do(print_jobs.print_again, failed.key)
    assert (again != failed.key, sample_shop.ask(kept.content, again).revision) == (True, 2)


def test_a_print_that_fails_while_its_document_changes_is_not_tried_again(sample_shop: SampleShop) -> None:
    document = sold(sample_shop)
    (tried,) = waiting(sample_shop)
    claim(sample_shop, tried.key)
    draft = sample_shop.draft(DraftRow("Tea", "1", "2"))
    sample_shop.do(documents.correct, document.key, draft, revision=1, to_print=ROLL)
    assert end(sample_shop, tried.key, PrintState.QUEUED)
    (new,) = waiting(sample_shop)
    assert (job(sample_shop, tried.key).state, new.key != tried.key) == (PrintState.WITHDRAWN, True)
    claim(sample_shop, new.key)
    sample_shop.do(documents.delete, document.key)
    assert end(sample_shop, new.key, PrintState.PRINTED)
    assert job(sample_shop, new.key).state is PrintState.PRINTED


def test_what_a_queue_has_taken_stays_to_be_looked_at_though_the_document_changed(sample_shop: SampleShop) -> None:
    document = sold(sample_shop, PrintRequest(paper=PaperChoice.A4))
    (sheet,) = waiting(sample_shop)
    claim(sample_shop, sheet.key)
    end(sample_shop, sheet.key, PrintState.GIVEN, queue_job=QueueJob("office", 41, sample_shop.now))
    end(sample_shop, sheet.key, PrintState.FAILED)
    sample_shop.do(documents.delete, document.key)
    assert (job(sample_shop, sheet.key).state, job(sample_shop, sheet.key).is_stuck) == (PrintState.FAILED, True)


def test_a_till_has_only_its_own_prints_but_counts_the_copies_of_all(sample_shop: SampleShop) -> None:
    with sample_shop.database.sessions.begin() as session:
        till_b = do_shop.add_till(session, "B", by_staff=sample_shop.by.staff, now=sample_shop.now)
    other = SampleShop(sample_shop.database, Actor(sample_shop.by.staff, till_b), sample_shop.now)
    document = sold(sample_shop, replace(ROLL, paper=PaperChoice.A4))
    other.do(print_jobs.print_document, document.key, PaperChoice.ROLL)
    assert [one.copy for one in (*waiting(sample_shop), *waiting(other))] == [0, 1]
    release(other, OTHER)
    assert claim(sample_shop, waiting(sample_shop)[0].key)
    assert release(other, OTHER) == 0


def test_only_one_worker_prints_and_one_that_ended_leaves_it_unclear(sample_shop: SampleShop) -> None:
    sold(sample_shop)
    (queued,) = waiting(sample_shop)
    assert claim(sample_shop, queued.key)
    assert not claim(sample_shop, queued.key, OTHER)
    assert release(sample_shop, ME) == 0
    assert release(sample_shop, OTHER) == 1
    left = job(sample_shop, queued.key)
    assert (left.state, left.is_stuck, left.ended_at) == (PrintState.UNCLEAR, True, None)
    assert waiting(sample_shop) == []
    assert not end(sample_shop, queued.key, PrintState.PRINTED, OTHER)
    assert end(sample_shop, queued.key, PrintState.PRINTED), "its own worker was alive after all"
    assert (job(sample_shop, queued.key).state, job(sample_shop, queued.key).ended_at) == (
        PrintState.PRINTED, sample_shop.now,
    )  # fmt: skip


def test_what_is_unclear_goes_again_as_a_copy_and_what_never_left_as_it_is(sample_shop: SampleShop) -> None:
    sold(sample_shop)
    (first,) = waiting(sample_shop)
    claim(sample_shop, first.key)
    end(sample_shop, first.key, PrintState.FAILED)
    assert sample_shop.do(print_jobs.print_again, first.key) == first.key
    claim(sample_shop, first.key)
    end(sample_shop, first.key, PrintState.UNCLEAR)
    second = sample_shop.do(print_jobs.print_again, first.key)
    assert (job(sample_shop, second).copy, job(sample_shop, first.key).is_stuck) == (1, False)
    with pytest.raises(Refused, match="no longer there"):
        sample_shop.do(print_jobs.print_again, new_key())


def test_a_sheet_in_a_queue_is_followed_until_it_ends(sample_shop: SampleShop) -> None:
    sold(sample_shop, PrintRequest(paper=PaperChoice.A4))
    (queued,) = waiting(sample_shop)
    claim(sample_shop, queued.key)
    at_queue = QueueJob("office", 41, sample_shop.now)
    end(sample_shop, queued.key, PrintState.GIVEN, queue_job=at_queue)
    (followed,) = waiting(sample_shop)
    assert (followed.queue_job, followed.ended_at) == (at_queue, None)
    assert end(sample_shop, queued.key, PrintState.FAILED, OTHER), "after a restart"
    stopped = job(sample_shop, queued.key)
    assert (stopped.is_stuck, stopped.queue_job) == (True, at_queue)
    again = sample_shop.do(print_jobs.print_again, queued.key)
    assert (again != queued.key, job(sample_shop, again).copy) == (True, 1), "some of it may be on paper"


def test_a_person_ends_what_nobody_needs(sample_shop: SampleShop) -> None:
    document = sold(sample_shop)
    failed = sample_shop.do(print_jobs.print_document, document.key, PaperChoice.ROLL)
    claim(sample_shop, failed)
    end(sample_shop, failed, PrintState.FAILED)
    for one in (waiting(sample_shop)[0].key, failed):
        sample_shop.do(print_jobs.settle, one)
        assert job(sample_shop, one).ended_at == sample_shop.now
    assert (waiting(sample_shop), job(sample_shop, failed).state) == ([], PrintState.FAILED)
    assert not claim(sample_shop, failed)
