"""Prints in the windows: the page of the till, the notices, the view page, and the key of the drawer."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from PySide6.QtWidgets import QApplication

from shopdesk.domain.account import NotAllowed, Role
from shopdesk.domain.document import Document
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method, Tender
from shopdesk.domain.print_job import DocumentPrint, PrintRequest, PrintState, QueueJob
from shopdesk.domain.printer import PaperChoice
from shopdesk.queries import print_jobs as ask
from shopdesk.row_keys import new_key
from shopdesk.settings import TillSettings
from shopdesk.store import print_jobs as kept
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.ports import Ports, PrintingPort
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.documents.prints_screen import PrintsScreen
from shopdesk.ui.shifts.shift_acts import ShiftActs
from shopdesk.ui.widgets.confirm_dialog import ConfirmDialog
from shopdesk.ui.window.print_notices import PrintNotices
from shopdesk.usecases import documents, print_jobs
from support.accessibility import unnamed_controls, unreachable_by_tab
from support.context import NavigationSpy, Show
from support.shops import SampleShop

Until = Callable[..., None]
WORKER = new_key()
TILL = TillSettings(receipt_printer="tcp://192.0.2.7:9100", drawer=2)


def sold(shop: SampleShop) -> Document:
    return shop.do(documents.issue, shop.draft(), to_print=PrintRequest(paper=PaperChoice.ROLL))


def prints(shop: SampleShop) -> tuple[DocumentPrint, ...]:
    return shop.ask(ask.page, till_key=shop.by.till.key, states=frozenset(), after=None)


def end(shop: SampleShop, key: UUID, state: PrintState, words: str = "", *, queue_job: QueueJob | None = None) -> None:
    """Print as the worker does, and this is how it ends; a job of a queue is followed."""
    with shop.database.sessions.begin() as session:
        assert kept.claim(session, key, worker=WORKER)
        kept.record_result(
            session, key, worker=WORKER, state=state, words=words, at=shop.now, queue_job=queue_job,
            is_followed=queue_job is not None,
        )  # fmt: skip


@pytest.fixture
def called(context: Context) -> list[str]:
    """The calls of the worker that prints."""
    calls: list[str] = []
    printing = PrintingPort(open_drawer=lambda: calls.append("drawer"), resume=lambda: calls.append("resume"))
    context.ports = Ports(printing=printing)
    context.settings = replace(context.settings, till=TILL)
    return calls


def test_the_page_shows_each_print_and_prints_again_what_is_unclear_after_a_question(
    context: Context, shop: SampleShop, show: Show, until: Until, called: list[str]
) -> None:
    for state in (PrintState.PRINTED, PrintState.UNCLEAR):
        sold(shop)
        end(shop, prints(shop)[0].key, state, "The printer has no paper.")
    screen = show(PrintsScreen(context))
    until(lambda: len(screen.model.rows) == 2)
    shown = [str(screen.model.index(row, 0).data()) for row in range(2)]
    assert shown == ["unclear", "printed"]
    assert unnamed_controls(screen) == []
    assert unreachable_by_tab(screen) == []
    screen.again.click()
    until(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog))
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    question.accept()
    until(lambda: called == ["resume"] and len(screen.model.rows) == 3)
    assert [(job.copy, job.is_stuck) for job in prints(shop)] == [(1, False), (0, False), (0, False)]
    screen.table.selectRow(2)
    assert not screen.again.isEnabled()
    screen.table.selectRow(0)
    screen.settle.click()
    until(lambda: prints(shop)[0].state is PrintState.WITHDRAWN)


def test_a_print_that_waits_or_fails_is_told_once(
    context: Context, shop: SampleShop, navigation: NavigationSpy, until: Until
) -> None:
    notices = PrintNotices(context)
    document = sold(shop)
    (job,) = prints(shop)
    tables = frozenset({"print_jobs"})
    for state, words in (
        (PrintState.QUEUED, "No paper."),
        (PrintState.QUEUED, "No paper."),
        (PrintState.FAILED, "Off."),
    ):
        end(shop, job.key, state, words)
        context.background.changed.emit(tables)
        until(lambda: not context.background.is_busy)
    assert navigation.words == [
        f"{document.number} waits for the printer. No paper.",
        f"{document.number} was not printed. Off.",
    ]
    assert [note.tone for note in navigation.notes] == [Tone.WARN, Tone.BAD]
    notices.look()
    until(lambda: not context.background.is_busy)
    assert len(navigation.words) == 2


def test_a_print_that_is_tried_again_is_not_told_again(
    context: Context, shop: SampleShop, navigation: NavigationSpy, until: Until
) -> None:
    notices = PrintNotices(context)
    sold(shop)
    (job,) = prints(shop)
    end(shop, job.key, PrintState.QUEUED, "No paper.")
    notices.look()
    until(lambda: not context.background.is_busy)
    with shop.database.sessions.begin() as session:
        assert kept.claim(session, job.key, worker=WORKER)
    notices.look()  # while the printer is tried
    until(lambda: not context.background.is_busy)
    with shop.database.sessions.begin() as session:
        kept.record_result(session, job.key, worker=WORKER, state=PrintState.QUEUED, words="No paper.", at=shop.now)
    notices.look()
    until(lambda: not context.background.is_busy)
    assert len(navigation.words) == 1


def test_a_print_that_is_done_with_does_not_tell_of_an_older_one_again(
    context: Context, shop: SampleShop, navigation: NavigationSpy, until: Until
) -> None:
    notices = PrintNotices(context)

    def look() -> list[str]:
        notices.look()
        until(lambda: not context.background.is_busy)
        return navigation.words

    numbers = [sold(shop).number for _ in range(2)]
    newer, older = prints(shop)
    for job in (older, newer):
        end(shop, job.key, PrintState.FAILED, "Off.")
        look()
    told = [f"{number} was not printed. Off." for number in numbers]
    assert navigation.words == told
    shop.do(print_jobs.settle, newer.key)
    assert look() == told
    shop.do(print_jobs.print_again, older.key)
    assert look() == told
    end(shop, older.key, PrintState.FAILED, "Off.")
    assert look() == [*told, told[0]], "it was tried again, and failed again"


def test_the_view_page_shows_the_paper_that_is_printed_and_prints_it_without_a_dialog(
    context: Context, shop: SampleShop, show: Show, until: Until, called: list[str]
) -> None:
    document = shop.issue()
    screen = show(DocumentScreen(context))
    screen.show_document(document.key)
    until(lambda: screen.details is not None and screen.paper.is_drawn)
    assert screen.papers[PaperChoice.ROLL].isChecked()
    assert not screen.printing.isVisible()
    screen.do_print()
    until(screen.printing.isVisible)
    assert (screen.printing.badge.word, screen.printing.said.text()) == ("queued", "Roll · Original")
    (job,) = prints(shop)
    end(shop, job.key, PrintState.FAILED, "The printer cannot be reached.")
    context.background.changed.emit(frozenset({"print_jobs"}))
    until(lambda: screen.printing.badge.word == "failed")
    assert screen.printing.words.text() == "The printer cannot be reached."
    screen.printing.again.click()
    until(lambda: called == ["resume"] and screen.printing.badge.word == "queued")
    screen.do_turn_paper()
    assert screen.papers[PaperChoice.A4].isChecked()
    assert screen.history.lines[-1].startswith("Printed")


def test_what_a_queue_has_not_finished_offers_nothing_to_do(
    context: Context, shop: SampleShop, show: Show, until: Until, called: list[str]
) -> None:
    document = sold(shop)
    end(shop, prints(shop)[0].key, PrintState.GIVEN, queue_job=QueueJob("till", 7, shop.now))
    screen = show(DocumentScreen(context))
    screen.show_document(document.key)
    until(screen.printing.isVisible)
    assert screen.printing.badge.word == "given to the printer"
    assert not screen.printing.again.isVisible()
    assert not screen.printing.settle.isVisible()


def test_the_drawer_opens_for_the_cash_of_a_sealed_sale_that_is_deleted(
    context: Context, shop: SampleShop, show: Show, until: Until, called: list[str]
) -> None:
    shop.seal_at_issue()
    tender = Tender(method=Method.CASH, tendered=5_00)
    document = shop.do(documents.issue, shop.draft(DraftRow("Tea", "1", "5.00")), tenders=(tender,))
    screen = show(DocumentScreen(context))
    screen.show_document(document.key)
    until(screen.delete.isEnabled)
    screen.do_delete()
    until(lambda: isinstance(QApplication.activeModalWidget(), ConfirmDialog))
    question = QApplication.activeModalWidget()
    assert isinstance(question, ConfirmDialog)
    question.yes.click()
    until(lambda: called == ["drawer"])


def test_the_key_of_the_drawer_wants_the_right_and_the_journal_tells_it(
    context: Context, shop: SampleShop, show: Show, until: Until, called: list[str], navigation: NavigationSpy
) -> None:
    screen = show(DocumentScreen(context))
    acts = ShiftActs(context, screen)
    acts.open_drawer()
    until(lambda: called == ["drawer"])
    context.switch_to(shop.staff(Role.CASHIER))
    acts.open_drawer()
    until(lambda: bool(navigation.errors))
    (error,) = navigation.errors
    assert isinstance(error, NotAllowed)
    navigation.errors.clear()
    context.settings = replace(context.settings, is_practice=True)
    acts.open_drawer()
    context.settings = replace(context.settings, is_practice=False, till=TillSettings())
    acts.open_drawer()
    assert navigation.words == [
        "Practice opens no drawer.",
        "No cash drawer is set for this till. Settings, Printer has it.",
    ]
    assert called == ["drawer"]
