"""Threads, transactions and the way back to the window, on a real SQLite file."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, create_engine, func, insert, select, text

from shopdesk.background import Background
from shopdesk.domain.errors import ConfirmationRequired, DatabaseUnavailable, Refused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.store.session import Session, Sessions
from support.qtbot import QtBot

THING = Table(
    "things", MetaData(), Column("id", Integer, primary_key=True), Column("name", String, unique=True, nullable=False)
)


def add(session: Session, name: str) -> str:
    session.execute(insert(THING).values(name=name))
    return name


def count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(THING)).scalar_one()


def add_and_refuse(session: Session, name: str) -> None:
    add(session, name)
    raise Refused(sentence("The rules say no."))


def add_and_break(session: Session, name: str) -> None:
    add(session, name)
    raise ZeroDivisionError(name)


class Told:
    """What came back, in the order in which it came."""

    def __init__(self) -> None:
        self.all: list[tuple[str, object]] = []

    def __call__(self, name: str) -> Callable[[object], None]:
        return lambda value: self.all.append((name, value))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.all]

    def one(self, name: str) -> object:
        (value,) = (value for told, value in self.all if told == name)
        return value


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    THING.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def background(qtbot: QtBot, engine: Engine) -> Iterator[Background]:
    background = Background(Sessions(engine))
    yield background
    background.run_on_database_thread(engine.dispose, owner=background)
    background.close()


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QObject]:
    owner = QObject()
    yield owner
    del owner


@pytest.fixture
def told(background: Background) -> Told:
    told = Told()
    background.changed.connect(told("changed"))
    background.error_reported.connect(told("troubled"))
    return told


def test_a_use_case_is_committed_before_then_runs(
    qtbot: QtBot, background: Background, owner: QObject, told: Told, engine: Engine
) -> None:
    def then(name: str) -> None:
        with Sessions(engine)() as other:
            told.all.append((name, count(other)))

    background.do(add, "milk", owner=owner, then=then)
    assert told.all == []  # never inside the caller
    qtbot.waitUntil(lambda: len(told.all) == 2)
    assert told.all == [("milk", 1), ("changed", frozenset({"things"}))]


def test_results_come_back_in_order_and_on_the_window_thread(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    threads: set[int] = set()

    def note(rows: int) -> None:
        threads.add(threading.get_ident())
        told("rows")(rows)

    for number in range(20):
        background.do(add, f"thing {number}", owner=owner)
        background.ask(count, owner=owner, then=note)
    qtbot.waitUntil(lambda: told.names.count("rows") == 20)
    seen = [int(str(value)) for name, value in told.all if name == "rows"]
    assert seen == sorted(seen)
    assert all(rows >= number for number, rows in enumerate(seen, start=1))  # each sees what was written before it
    assert threads == {threading.get_ident()}


def test_use_cases_and_scans_share_a_thread_and_queries_have_one_of_their_own(
    qtbot: QtBot, background: Background, owner: QObject
) -> None:
    seen: dict[str, set[str]] = {}

    def note(kind: str) -> Callable[..., None]:
        return lambda *_: seen.setdefault(kind, set()).add(threading.current_thread().name)

    for _ in range(5):
        background.do(note("do"), owner=owner)
        background.look_up(note("look_up"), owner=owner, then=lambda _: None)
        background.ask(note("ask"), owner=owner, then=lambda _: None)
        background.run_on_database_thread(note("run_on_database_thread"), owner=owner)
        background.run_in_pool(note("run_in_pool"), owner=owner)
    qtbot.waitUntil(lambda: not background.is_busy)
    assert seen["do"] == seen["look_up"] == seen["run_on_database_thread"] == {"database_0"}
    assert seen["ask"] == {"queries_0"}
    assert all(name.startswith("pool") for name in seen["run_in_pool"])


def test_a_scan_and_a_save_pass_every_query_that_is_slow(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    go_on = threading.Event()

    def long(session: Session) -> int:
        rows = count(session)
        assert go_on.wait(20)
        return rows

    background.ask(long, owner=owner, then=told("searched"))
    background.ask_slow(long, owner=owner, then=told("studied"))
    background.do(add, "Tea", owner=owner, then=told("sold"))
    background.look_up(count, owner=owner, then=told("scanned"))
    qtbot.waitUntil(lambda: "scanned" in told.names)
    assert told.names == ["sold", "changed", "scanned"]
    go_on.set()
    qtbot.waitUntil(lambda: not background.is_busy)
    assert told.one("scanned") == told.one("searched") == 1


def test_a_query_that_a_use_case_overtook_is_read_again(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    is_read, go_on = threading.Event(), threading.Event()

    def long(session: Session) -> int:
        rows = count(session)
        is_read.set()
        assert go_on.wait(20)
        return rows

    background.ask(long, owner=owner, then=told("before"))
    assert is_read.wait(20)
    background.do(add, "Tea", owner=owner, then=lambda _: go_on.set())
    qtbot.waitUntil(lambda: "before" in told.names)
    assert told.one("before") == 1


def test_a_query_waits_for_the_use_cases_before_it(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    go_on = threading.Event()

    def slow_add(session: Session) -> str:
        assert go_on.wait(20)
        return add(session, "Tea")

    background.do(slow_add, owner=owner, then=told("sold"))
    background.ask(count, owner=owner, then=told("asked"))
    background.run_on_database_thread(lambda: None, owner=owner, then=told("closed"))
    assert told.all == []
    go_on.set()
    qtbot.waitUntil(lambda: not background.is_busy)
    assert told.one("asked") == 1
    assert told.names.index("asked") < told.names.index("closed")


@pytest.mark.parametrize("usecase", [add_and_refuse, add_and_break])
def test_an_error_takes_everything_back_and_announces_no_change(
    qtbot: QtBot,
    background: Background,
    owner: QObject,
    told: Told,
    expect_log: Callable[[str], object],
    usecase: Callable[[Session, str], None],
) -> None:
    if usecase is add_and_break:
        expect_log("unexpected error")
    background.do(usecase, "milk", owner=owner, then=told("then"), failed=told("failed"))
    background.ask(count, owner=owner, then=told("rows"))
    qtbot.waitUntil(lambda: "rows" in told.names)
    assert told.names == ["failed", "rows"]
    assert told.one("rows") == 0


def test_an_error_that_nobody_takes_goes_to_troubled(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    background.do(add_and_refuse, "milk", owner=owner)
    qtbot.waitUntil(lambda: told.names == ["troubled"])
    assert isinstance(told.one("troubled"), Refused)


def test_a_question_that_needs_a_yes_reaches_who_asked(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    def twice(session: Session) -> None:
        raise ConfirmationRequired(sentence("The same sale a minute ago. Again?"), answer="same sale")

    background.do(twice, owner=owner, failed=told("failed"))
    qtbot.waitUntil(lambda: told.names == ["failed"])
    error = told.one("failed")
    assert isinstance(error, ConfirmationRequired)
    assert error.answer == "same sale"


def test_a_bug_is_logged_whole_and_keeps_no_session_alive(
    qtbot: QtBot,
    background: Background,
    owner: QObject,
    told: Told,
    caplog: pytest.LogCaptureFixture,
    expect_log: Callable[[str], object],
) -> None:
    expect_log("unexpected error")
    background.do(add_and_break, "milk", owner=owner)
    qtbot.waitUntil(lambda: told.names == ["troubled"])
    assert "ZeroDivisionError: milk" in caplog.text
    assert "add_and_break" in caplog.text
    error = told.one("troubled")
    assert isinstance(error, ZeroDivisionError)
    step = error.__traceback__
    while step is not None:
        assert not any(isinstance(value, Session) for value in step.tb_frame.f_locals.values())
        step = step.tb_next


def test_a_result_for_a_closed_window_is_dropped(qtbot: QtBot, background: Background, told: Told) -> None:
    owner = QObject()
    gate = threading.Event()

    def slow(session: Session) -> int:
        gate.wait(10)
        return count(session)

    background.ask(slow, owner=owner, then=told("then"), failed=told("failed"))
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    gate.set()
    qtbot.waitUntil(lambda: not background.is_busy)
    assert told.all == []


def test_an_act_that_fails_after_its_window_closed_is_still_told(
    qtbot: QtBot, background: Background, told: Told
) -> None:
    owner = QObject()
    gate = threading.Event()

    def slow(session: Session) -> None:
        gate.wait(10)
        raise Unavailable(sentence("The disk is full."))

    background.do(slow, owner=owner, failed=told("failed"))
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    gate.set()
    qtbot.waitUntil(lambda: told.names == ["troubled"])


def test_a_busy_database_is_unavailable_in_words(
    qtbot: QtBot, background: Background, owner: QObject, told: Told, engine: Engine
) -> None:
    def impatient(session: Session) -> None:
        session.execute(text("PRAGMA busy_timeout = 0"))
        add(session, "milk")

    with engine.connect() as other:
        other.execute(text("BEGIN IMMEDIATE"))
        background.do(impatient, owner=owner, failed=told("failed"))
        qtbot.waitUntil(lambda: told.names == ["failed"])
        other.rollback()
    error = told.one("failed")
    assert isinstance(error, DatabaseUnavailable)
    assert error.what == "The shop's file is in use by another program."
    assert error.advice


@pytest.mark.parametrize("content", [b"This is a letter, not a database. " * 40])
def test_a_file_that_is_no_database_is_unavailable_in_words(
    qtbot: QtBot, background: Background, owner: QObject, told: Told, tmp_path: Path, content: bytes
) -> None:
    letter = tmp_path / "letter.db"
    letter.write_bytes(content)
    engine = create_engine(f"sqlite:///{letter}")
    background.attach(Sessions(engine))
    background.ask(count, owner=owner, then=told("then"), failed=told("failed"))
    background.run_on_database_thread(engine.dispose, owner=owner)
    qtbot.waitUntil(lambda: told.names == ["failed"])
    error = told.one("failed")
    assert isinstance(error, Unavailable)
    assert error.what == "The shop's file is not a shopdesk database."


def test_a_server_that_is_not_there_is_unavailable_in_words(
    qtbot: QtBot, background: Background, owner: QObject, told: Told, tmp_path: Path
) -> None:
    engine = create_engine(f"postgresql+psycopg://nobody@/shop?host={tmp_path}")
    background.attach(Sessions(engine))
    background.ask(count, owner=owner, then=told("then"), failed=told("failed"))
    qtbot.waitUntil(lambda: told.names == ["failed"])
    error = told.one("failed")
    assert isinstance(error, Unavailable)
    assert error.what == "The database server cannot be reached."


def test_a_rule_of_the_database_that_was_broken_is_a_bug(
    qtbot: QtBot, background: Background, owner: QObject, told: Told, expect_log: Callable[[str], object]
) -> None:
    expect_log("unexpected error")
    background.do(add, "milk", owner=owner)
    background.do(add, "milk", owner=owner)
    qtbot.waitUntil(lambda: "troubled" in told.names)
    assert type(told.one("troubled")).__name__ == "IntegrityError"


def test_before_the_database_is_open_it_says_so(qtbot: QtBot, owner: QObject) -> None:
    background, told = Background(), Told()
    background.ask(count, owner=owner, then=told("then"), failed=told("failed"))
    qtbot.waitUntil(lambda: told.names == ["failed"])
    background.close()
    assert isinstance(told.one("failed"), Unavailable)


def test_a_file_that_cannot_be_written_is_unavailable(
    qtbot: QtBot, background: Background, owner: QObject, told: Told, tmp_path: Path
) -> None:
    background.run_in_pool((tmp_path / "no" / "such" / "folder").write_text, "x", owner=owner, failed=told("failed"))
    qtbot.waitUntil(lambda: told.names == ["failed"])
    error = told.one("failed")
    assert isinstance(error, Unavailable)
    assert "No such file or directory" in error.what


def test_closing_writes_what_was_handed_over_and_leaves_no_thread(qtbot: QtBot, engine: Engine, owner: QObject) -> None:
    before = set(threading.enumerate())
    background = Background(Sessions(engine))
    for number in range(50):
        background.do(add, f"thing {number}", owner=owner, then=pytest.fail)
    background.run_in_pool(lambda: None, owner=owner)
    background.run_on_database_thread(engine.dispose, owner=owner)
    background.close()
    background.close()
    assert set(threading.enumerate()) <= before
    with Sessions(engine)() as session:
        assert count(session) == 50


def test_busy_is_said_once_for_many_jobs(qtbot: QtBot, background: Background, owner: QObject) -> None:
    said: list[bool] = []
    background.busy.connect(said.append)
    for _ in range(5):
        background.ask(count, owner=owner, then=lambda _: None)
    qtbot.waitUntil(lambda: said == [True, False])


def test_five_thousand_signals_leave_the_interpreter_alive(qtbot: QtBot, background: Background) -> None:
    # WORKAROUND: PySide6 6.12.0 on Python 3.11 loses a reference of True per emit and aborts after some 580.
    said: list[bool] = []
    background.busy.connect(said.append)
    for _ in range(5000):
        background.busy.emit(True)
    assert len(said) == 5000


def test_news_from_another_thread_arrive_on_the_window_thread(qtbot: QtBot, background: Background, told: Told) -> None:
    heard: list[int] = []
    background.changed.connect(lambda _: heard.append(threading.get_ident()))
    background.written.connect(pytest.fail)  # it was not written here
    other = threading.Thread(target=background.announce, args=(frozenset({"outbox"}),))
    other.start()
    other.join()
    background.report(Unavailable(sentence("The mail server refused the password.")))
    assert told.all == []
    qtbot.waitUntil(lambda: told.names == ["changed", "troubled"])
    assert told.one("changed") == frozenset({"outbox"})
    assert heard == [threading.get_ident()]


def test_what_a_call_tells_before_it_is_done_is_heard_on_the_window_thread(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    heard = threading.Event()

    def call(name: str, *, on_progress: Callable[[str], object]) -> str:
        on_progress(f"{name} is coming")
        assert heard.wait(5)
        return name

    def on_heard(text: str) -> None:
        assert threading.current_thread() is threading.main_thread()
        told("heard")(text)
        heard.set()

    background.run_in_pool(call, "milk", owner=owner, on_progress=on_heard, then=told("then"))
    qtbot.waitUntil(lambda: "then" in told.names)
    assert told.all == [("heard", "milk is coming"), ("then", "milk")]


def test_what_is_told_to_an_owner_that_is_gone_is_dropped(
    qtbot: QtBot, background: Background, owner: QObject, told: Told
) -> None:
    gone = QObject()
    go_on = threading.Event()

    def call(*, on_progress: Callable[[str], object]) -> None:
        assert go_on.wait(5)
        on_progress("too late")

    background.run_in_pool(call, owner=gone, on_progress=told("heard"))
    delete(gone)
    go_on.set()
    qtbot.waitUntil(lambda: not background.is_busy)
    assert told.all == []


def test_what_may_take_long_lets_a_sale_pass(qtbot: QtBot, background: Background, owner: QObject, told: Told) -> None:
    go_on = threading.Event()

    def long(session: Session) -> int:
        assert go_on.wait(20)
        return count(session)

    background.ask_slow(long, owner=owner, then=told("studied"))
    background.do(add, "Tea", owner=owner, then=told("sold"))
    qtbot.waitUntil(lambda: "sold" in told.names)
    assert "studied" not in told.names
    go_on.set()
    qtbot.waitUntil(lambda: "studied" in told.names)
    assert told.one("studied") == 1


def test_while_the_standby_is_away_the_main_server_answers_and_that_is_told_once(
    qtbot: QtBot, background: Background, engine: Engine, owner: QObject, told: Told, tmp_path: Path
) -> None:
    away = create_engine(f"sqlite:///{tmp_path / 'nowhere' / 'shop.db'}")
    background.attach(Sessions(engine), standby=Sessions(away))
    for _ in range(2):
        background.ask_slow(count, owner=owner, then=told("studied"), failed=told("failed"))
    qtbot.waitUntil(lambda: told.names.count("studied") == 2)
    qtbot.waitUntil(lambda: "troubled" in told.names)
    assert str(told.one("troubled")).startswith("The standby server does not respond.")
    assert "failed" not in told.names
    away.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="the priority of one thread is set on Linux only")
def test_queries_leave_the_processor_to_sales(qtbot: QtBot, background: Background, owner: QObject, told: Told) -> None:
    def niceness(_session: Session) -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)

    own = os.getpriority(os.PRIO_PROCESS, 0)
    background.do(niceness, owner=owner, then=told("sale"))
    background.ask(niceness, owner=owner, then=told("query"))
    background.ask_slow(niceness, owner=owner, then=told("slow"))
    qtbot.waitUntil(lambda: len(told.all) == 3)
    assert [told.one(name) for name in ("sale", "query", "slow")] == [own, own + 5, own + 10]
