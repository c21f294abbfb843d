"""Guards: an unexpected log line, connection, thread, timer, window or variable fails the test that left it."""

import gc
import ipaddress
import logging
import os
import re
import socket
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QObject,
    QSettings,
    QThread,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget

# --- a home and an environment of its own ---------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    """The data folder of this test (``$SHOPDESK_HOME``); the developer's own settings and secrets are out of reach."""
    folder = tmp_path / "home"
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("SHOPDESK_", "PG", "XDG_", "DBUS_", "SMTP_", "MAIL_")):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path))
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        patch.setenv("SHOPDESK_HOME", str(folder))
        # A program started by the test must not find the developer's keyring either.
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, str(tmp_path / "qt"))
        before = _environment()
        yield folder
        after = _environment()
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        for name in changed:
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]
    assert not changed, f"the test left these variables changed: {', '.join(changed)}"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


# --- silence --------------------------------------------------------------------------------------------------------

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

_HARMLESS = re.compile(
    "This plugin does not support propagateSizeHints"  # logged by the offscreen platform for each window
    "|QFontDatabase: Cannot find font directory"  # the same on Windows: it looks for fonts that Qt once had
    "|Session.login_data is deprecated"  # logged by aiosmtpd itself at each sign-in
)


class Expected:
    """A log line that the test expects; ``records`` has those that came."""

    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(pattern)
        self.records: list[logging.LogRecord] = []

    def takes(self, record: logging.LogRecord) -> bool:
        if self.pattern.search(record.getMessage()):
            self.records.append(record)
            return True
        return False


@pytest.fixture(autouse=True)
def _log(home: Path) -> Iterator[list[Expected]]:
    """Fail the test for an unexpected record of WARNING or above, from any logger or from Qt."""
    expected: list[Expected] = []
    unexpected: list[logging.LogRecord] = []
    make = logging.getLogRecordFactory()

    # Records are watched where they are made, not in a handler: no change of handlers by the program can hide one.
    def watch(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make(*args, **kwargs)
        noise = record.levelno >= logging.WARNING and not _HARMLESS.search(record.getMessage())
        if noise and not any(one.takes(record) for one in expected):
            unexpected.append(record)
        return record

    def from_qt(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        logging.getLogger("qt").log(_LEVELS[kind], "%s: %s", context.category, message)

    logging.setLogRecordFactory(watch)
    previous = qInstallMessageHandler(from_qt)
    yield expected
    qInstallMessageHandler(previous)
    logging.setLogRecordFactory(make)
    lines = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in unexpected]
    assert not lines, "the log has lines that the test does not expect (see expect_log):\n" + "\n".join(lines)
    missing = [one.pattern.pattern for one in expected if not one.records]
    assert not missing, f"expected log lines that did not come: {missing}"


@pytest.fixture
def expect_log(_log: list[Expected]) -> Callable[[str], Expected]:
    """``expect_log("no answer from")``: the test expects at least one such warning or error."""

    def expect(pattern: str) -> Expected:
        _log.append(Expected(pattern))
        return _log[-1]

    return expect


# --- sockets --------------------------------------------------------------------------------------------------------


class OutsideError(OSError):
    """The test tried to reach another machine."""


@pytest.fixture(autouse=True)
def _loopback_only(_log: list[Expected]) -> Iterator[None]:
    """Refuse connections and look-ups beyond this machine; fails the test even if it swallows the error."""
    tried: list[str] = []
    find = socket.getaddrinfo

    def check(family: int, host: object) -> None:
        if family in (socket.AF_INET, socket.AF_INET6) and not _is_here(host):
            tried.append(str(host))
            raise OutsideError(f"a test may not reach {host}")

    def connect(self: socket.socket, address: tuple[object, ...]) -> None:
        check(self.family, address[0])
        super(socket.socket, self).connect(address)

    def connect_ex(self: socket.socket, address: tuple[object, ...]) -> int:
        check(self.family, address[0])
        return super(socket.socket, self).connect_ex(address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> object:
        check(socket.AF_INET, host)
        return find(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield
    assert not tried, f"the test tried to reach {', '.join(tried)}"


def _is_here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


# --- leftovers ------------------------------------------------------------------------------------------------------


_MANY = 50_000


@pytest.fixture(autouse=True)
def _nothing_left(_loopback_only: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test for a thread, and in a test of windows for a window, timer or QThread, that outlives it."""
    _freeze_modules()
    threads = set(threading.enumerate())
    windows = set(map(_address, _windows()))
    yield
    left = _left_by_qt(windows) if "qapp" in request.fixturenames else []
    for thread in set(threading.enumerate()) - threads:
        # A Python callback in a QThread leaves a dummy thread behind; the QThread itself is checked above.
        if not isinstance(thread, threading._DummyThread):
            thread.join(timeout=2)
            left += [f"thread {thread.name}"] if thread.is_alive() else []
    assert not left, "the test left behind: " + ", ".join(left)


def _freeze_modules() -> None:
    """Exclude the objects of imported modules from the search after each test; it would take most of the time."""
    if len(gc.get_objects()) > _MANY:
        gc.collect()
        gc.freeze()


@pytest.fixture
def no_flashes(qapp: QApplication) -> Iterator[None]:
    """Fail a test in which a widget is shown before it has a parent. It sees all events: for where all pages open."""
    flashes = _FlashDetector()
    qapp.installEventFilter(flashes)
    yield
    qapp.removeEventFilter(flashes)
    assert not flashes.seen, "shown too early: " + ", ".join(flashes.seen)


class _FlashDetector(QObject):
    """Detects widgets that were shown before they had a parent, each for a moment a window with the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._windows: weakref.WeakSet[QWidget] = weakref.WeakSet()  # the guard must not keep a window alive

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QWidget):
            return False
        if event.type() is QEvent.Type.Show and watched.isWindow():
            self._windows.add(watched)
        elif event.type() is QEvent.Type.ParentChange and watched in self._windows and not watched.isWindow():
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()!r}")
        return False


def _left_by_qt(before: set[int]) -> list[str]:
    _run_deferred_deletes()
    if any(_address(window) not in before for window in _windows()):
        gc.collect()  # a window that only a reference cycle keeps alive is no leftover
        _run_deferred_deletes()
    left = []
    for window in _windows():
        if _address(window) not in before:
            left.append(f"window {type(window).__name__} {window.objectName() or window.windowTitle()!r}")
            window.close()
            window.deleteLater()
    kinds = _with_subclasses(QTimer) | _with_subclasses(QThread)
    for thing in gc.get_objects():
        # isinstance() would run __class__ of foreign objects; type() does not.
        if type(thing) in kinds and shiboken6.isValid(thing):
            if issubclass(type(thing), QThread):
                if thing.isRunning() and shiboken6.ownedByPython(thing):
                    left.append(f"QThread {thing.objectName()!r}")
            elif thing.isActive():
                left.append(f"QTimer {thing.objectName()!r} every {thing.interval()} ms of {thing.parent()}")
                thing.stop()
    _run_deferred_deletes()
    return left


def _with_subclasses(kind: type) -> set[type]:
    return {kind}.union(*map(_with_subclasses, type.__subclasses__(kind)))


def _windows() -> list[QWidget]:
    """Return the top-level windows without a parent, except Qt's own hidden tool tip."""
    if not isinstance(QApplication.instance(), QApplication):
        return []
    return [
        window
        for window in QApplication.topLevelWidgets()
        if window.parent() is None and window.metaObject().className() != "QTipLabel"
    ]


def _address(window: QWidget) -> int:
    return int(shiboken6.getCppPointer(window)[0])


def _run_deferred_deletes() -> None:
    """Run every deleteLater(), including those that a deletion causes."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


# --- one loud line --------------------------------------------------------------------------------------------------


def pytest_report_header() -> str:
    return f"python: {sys.executable} on {os.cpu_count()} cores"
