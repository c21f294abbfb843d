"""The database server goes away and comes back: told once, looked for by itself, and nothing waits for it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject
from sqlalchemy import event, text

from shopdesk import database_watch as module
from shopdesk.background import Background
from shopdesk.domain.errors import DatabaseUnavailable
from shopdesk.store.database import connect
from shopdesk.store.postgresql import TimeoutConnection
from shopdesk.store.session import Session
from support.postgresql import Server
from support.proxy import Proxy
from support.qtbot import QtBot


def one(session: Session) -> object:
    return session.execute(text("SELECT 1")).scalar()


def break_off(session: Session) -> None:
    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


Answered = Callable[[], bool]


class Told:
    """What was said, in its order."""

    def __init__(self, background: Background) -> None:
        self.all: list[str] = []
        background.watch.disconnected.connect(lambda error: self.all.append(error.what))
        background.watch.reconnected.connect(lambda: self.all.append("returned"))
        background.error_reported.connect(lambda error: self.all.append(f"troubled: {error}"))


@pytest.fixture
def background(qtbot: QtBot, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Background]:
    """On a real server, over a wire that can be cut."""
    monkeypatch.setattr(module, "PROBE_AGAIN_MS", 50)
    database = connect(proxy.url("postgres"))
    background = Background(database.sessions, database.reads)
    yield background
    background.close()
    database.close()


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QObject]:
    owner = QObject()
    yield owner
    del owner


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time out a silent server soon."""
    monkeypatch.setattr(TimeoutConnection, "timeout", 0.3)


@pytest.fixture
def told(background: Background) -> Told:
    return Told(background)


@pytest.fixture
def answered(qtbot: QtBot, background: Background) -> Callable[[], bool]:
    """Whether the database answers a question."""

    def ask() -> bool:
        answers: list[object] = []
        background.ask(one, owner=background, then=answers.append, failed=answers.append)
        qtbot.waitUntil(lambda: bool(answers))
        return answers == [1]

    return ask


def test_it_is_told_once_that_it_is_away_and_once_that_it_is_back(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered
) -> None:
    assert answered()
    proxy.cut_now()
    for _ in range(3):
        assert not answered()
    qtbot.waitUntil(lambda: bool(told.all))
    assert background.watch.is_disconnected
    assert not answered()
    proxy.mend()
    qtbot.waitUntil(lambda: "returned" in told.all)
    assert told.all == ["The connection to the database server was lost.", "returned"]
    assert answered()


def test_one_dead_connection_of_a_server_that_is_there_is_no_absence(
    qtbot: QtBot, background: Background, told: Told, answered: Answered
) -> None:
    failed: list[Exception] = []
    background.do(break_off, owner=background, failed=failed.append)
    qtbot.waitUntil(lambda: "returned" in told.all)
    assert isinstance(failed[0], DatabaseUnavailable)
    assert told.all == ["returned"]  # nobody was told that it is away; what was asked meanwhile is asked again
    assert answered()


def test_what_a_database_says_that_was_left_is_no_news_of_the_one_that_is_open(
    qtbot: QtBot, background: Background, told: Told, postgresql: Server
) -> None:
    gate = threading.Event()
    left = connect(postgresql.url("nowhere"))

    @event.listens_for(left.engine, "do_connect")
    def wait(*_: object) -> None:
        gate.wait(10)

    open_now = connect(postgresql.url("postgres"))
    background.attach(left.sessions, left.reads)
    background.watch.probe()
    background.attach(open_now.sessions, open_now.reads)
    gate.set()
    qtbot.waitUntil(lambda: not background.watch._is_probing)
    assert not background.watch.is_disconnected
    assert told.all == []
    open_now.close()
    left.close()


def test_a_question_is_not_asked_while_it_is_away_but_an_act_is_tried(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered
) -> None:
    assert answered()
    proxy.cut_now()
    assert not answered()
    qtbot.waitUntil(lambda: bool(told.all))
    background.watch._probe_again.setInterval(60_000)
    background.watch._probe_again.start()
    proxy.mend()
    assert not answered()
    done: list[object] = []
    background.do(one, owner=background, then=done.append)
    qtbot.waitUntil(lambda: done == [1])
    assert told.all[-1] == "returned"
    assert answered()


def test_questions_that_stand_in_line_do_not_wait_for_a_silent_server_one_after_the_other(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered, short_timeout: None
) -> None:
    assert answered()
    proxy.stall()
    failed: list[Exception] = []
    tries = proxy.connections
    for _ in range(50):
        background.ask(one, owner=background, then=print, failed=failed.append)
    qtbot.waitUntil(lambda: len(failed) == 50, timeout=10_000)
    assert proxy.connections - tries <= 2  # the first question's, and the one that looks whether it is back
    assert {str(error) for error in failed} == {str(failed[0])}
    proxy.mend()
    qtbot.waitUntil(lambda: "returned" in told.all, timeout=15_000)


def test_a_question_without_an_answer_of_its_own_adds_nothing_to_the_banner(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered
) -> None:
    assert answered()
    proxy.cut_now()
    background.ask(one, owner=background, then=print)
    qtbot.waitUntil(lambda: bool(told.all))
    background.do(one, owner=background)  # an act that was not done is told all the same
    qtbot.waitUntil(lambda: len(told.all) == 2)
    assert told.all[1].startswith("troubled: The connection to the database server was lost.")


def test_a_server_that_takes_its_time_is_told_and_no_more_when_it_answers(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered
) -> None:
    assert answered()
    slow: list[bool] = []
    background.watch.slow.connect(slow.append)
    background.watch._slow.setInterval(50)
    proxy.stall()
    answers: list[object] = []
    background.ask(one, owner=background, then=answers.append)
    qtbot.waitUntil(lambda: slow == [True])
    proxy.mend()
    qtbot.waitUntil(lambda: answers == [1])
    assert slow == [True, False]
    assert told.all == []


def test_a_long_action_that_makes_progress_is_not_called_slow(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered
) -> None:
    assert answered()
    slow: list[bool] = []
    background.watch.slow.connect(slow.append)
    background.watch._slow.setInterval(50)
    proxy.stall()
    answers: list[object] = []
    background.do(one, owner=background, then=answers.append)
    qtbot.waitUntil(lambda: slow == [True])
    background.watch.note_progress()
    assert slow == [True, False]
    qtbot.waitUntil(lambda: slow == [True, False, True])  # without more progress it is slow again
    proxy.mend()
    qtbot.waitUntil(lambda: answers == [1])
    background.watch.note_progress()
    assert not background.watch._slow.isActive()


def test_what_may_take_long_is_not_called_slow(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered
) -> None:
    assert answered()
    slow: list[bool] = []
    background.watch.slow.connect(slow.append)
    background.watch._slow.setInterval(0)
    proxy.stall()
    answers: list[object] = []
    background.ask_slow(one, owner=background, then=answers.append)
    assert not background.watch._slow.isActive()
    proxy.mend()
    qtbot.waitUntil(lambda: answers == [1])
    assert slow == []


def test_a_server_that_was_slow_and_then_lost_is_told_at_once(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered, short_timeout: None
) -> None:
    assert answered()
    background.watch._slow.setInterval(50)
    proxy.stall()
    background.ask(one, owner=background, then=print)
    qtbot.waitUntil(lambda: bool(told.all))
    assert told.all == ["The database server does not answer."]
    proxy.mend()
    qtbot.waitUntil(lambda: told.all[-1] == "returned")


def test_looking_whether_it_is_back_ends_with_the_program(
    qtbot: QtBot, background: Background, told: Told, proxy: Proxy, answered: Answered
) -> None:
    proxy.cut_now()
    assert not answered()
    qtbot.waitUntil(lambda: bool(told.all))
    background.close()
    background.watch.probe()
    assert not background.watch._probe_again.isActive()


def test_a_server_that_was_killed_and_started_again(
    qtbot: QtBot, killable_server: Server, monkeypatch: pytest.MonkeyPatch, owner: QObject
) -> None:
    monkeypatch.setattr(module, "PROBE_AGAIN_MS", 50)
    database = connect(killable_server.url("postgres"))
    background = Background(database.sessions, database.reads)
    told = Told(background)
    answers: list[Any] = []
    background.ask(one, owner=owner, then=answers.append)
    qtbot.waitUntil(lambda: answers == [1])
    killable_server.kill()
    background.ask(one, owner=owner, then=answers.append)
    qtbot.waitUntil(lambda: bool(told.all))
    assert background.watch.is_disconnected
    killable_server.start()
    qtbot.waitUntil(lambda: told.all[-1] == "returned")
    background.ask(one, owner=owner, then=answers.append)
    qtbot.waitUntil(lambda: answers == [1, 1])
    background.close()
    database.close()
