"""The till locks itself when nobody works at it, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QPointingDevice, QWheelEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from shopdesk.ui.window.idle_timer import IdleTimer
from support.qtbot import QtBot

_PASSED_MS = 60


@dataclass
class Till:
    """A field that somebody may type into, and the lock that waits for them to stop."""

    field: QLineEdit
    idle: IdleTimer
    qtbot: QtBot

    @property
    def timer(self) -> QTimer:
        """What counts."""
        found = self.idle.findChild(QTimer)
        assert isinstance(found, QTimer)
        return found

    def let_time_pass(self) -> int:
        """A moment without any sign of life; returns what is left before the lock."""
        self.qtbot.waitUntil(lambda: self.timer.remainingTime() <= self.timer.interval() - _PASSED_MS)
        return self.timer.remainingTime()


@pytest.fixture
def till(qtbot: QtBot) -> Iterator[Till]:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    qtbot.waitExposed(field)
    owner = QObject()
    till = Till(field, IdleTimer(owner), qtbot)
    till.timer.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one is rounded by more than a test waits
    yield till
    till.idle.stop()


def window_of(field: QWidget) -> QWindow:
    """Where the system hands over what somebody does."""
    window = field.windowHandle()
    assert window is not None
    return window


def press(field: QWidget) -> None:
    QTest.keyClick(window_of(field), Qt.Key.Key_A)


def click(field: QWidget) -> None:
    QTest.mouseClick(window_of(field), Qt.MouseButton.LeftButton)


def move(field: QWidget) -> None:
    QTest.mouseMove(window_of(field), QPoint(3, 3))
    QTest.mouseMove(window_of(field), QPoint(9, 9))


def turn_wheel(field: QWidget) -> None:
    at, turned = QPointF(5, 5), QPoint(0, 120)
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(at, at, QPoint(), turned, Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(window_of(field), event)


def touch(field: QWidget) -> None:
    finger = QTest.createTouchDevice()
    assert isinstance(finger, QPointingDevice)
    QTest.touchEvent(window_of(field), finger).press(0, QPoint(5, 5), window_of(field)).commit()
    QTest.touchEvent(window_of(field), finger).release(0, QPoint(5, 5), window_of(field)).commit()


@pytest.mark.parametrize("work", [press, click, move, turn_wheel, touch])
def test_work_at_the_till_puts_the_lock_off(till: Till, work: Callable[[QWidget], None]) -> None:
    till.idle.start(600_000)
    left = till.let_time_pass()
    work(till.field)
    assert till.timer.remainingTime() > left


def test_work_in_a_window_that_opened_later_puts_the_lock_off(till: Till, qtbot: QtBot) -> None:
    till.idle.start(600_000)
    dialog = QDialog(till.field)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.isActiveWindow)
    left = till.let_time_pass()
    press(dialog)
    assert till.timer.remainingTime() > left


def test_what_the_program_does_by_itself_puts_nothing_off(till: Till) -> None:
    till.idle.start(600_000)
    left = till.let_time_pass()
    till.field.setText("someone else's change")
    till.field.repaint()
    QApplication.sendEvent(till.field, QEvent(QEvent.Type.StyleChange))
    QApplication.sendEvent(window_of(till.field), QEvent(QEvent.Type.UpdateRequest))
    assert till.timer.remainingTime() <= left


def test_where_nobody_works_it_is_said_once(till: Till, qtbot: QtBot) -> None:
    said: list[bool] = []
    till.idle.idled.connect(lambda: said.append(True))
    with qtbot.waitSignal(till.idle.idled):
        till.idle.start(20)
    press(till.field)  # who unlocks starts it anew; a key alone does not
    assert not till.timer.isActive()
    assert said == [True]


def test_nought_is_never(till: Till) -> None:
    till.idle.start(600_000)
    till.idle.start(0)
    assert not till.timer.isActive()


def test_after_the_end_work_starts_nothing(till: Till) -> None:
    till.idle.start(600_000)
    till.idle.stop()
    press(till.field)
    assert not till.timer.isActive()
