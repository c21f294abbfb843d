"""The program through a cashier's day: every tab twice and more, sales, searches; prints what each act took.

The shop is in SHOPDESK_HOME, its owner is ada; arguments: her password, the number of sales, words to look for. A line
of JSON per act: its name, milliseconds from the key to the paint, and the longest step of the window thread in
milliseconds of its own processor time. Then "ready".
"""

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from waiting import ready

from shopdesk import app, paths
from shopdesk.ui.base.pages import Page
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.search.search_screen import SearchScreen
from shopdesk.ui.sign_in.sign_in_screen import SignInScreen
from shopdesk.ui.window.main_window import MainWindow
from shopdesk.ui.window.workspace import Workspace

_LIMIT_SECONDS = 30.0
_ROUNDS = 12
_VIEW, _SEARCH = "view", "search"
_ENTER = Qt.Key.Key_Return
_SCANNER_MS = 5
_sent_at = itertools.count(1_000_000, _SCANNER_MS)


class Stopwatch:
    """Measures acts: from the key to the paint that shows its effect, and the longest step of the window thread."""

    def __init__(self) -> None:
        self._steps: list[float] = []
        self._at = 0.0
        self._ticks = QTimer()
        self._ticks.setInterval(0)
        self._ticks.timeout.connect(self._tick)

    def _tick(self) -> None:
        now = time.thread_time()
        self._steps.append(now - self._at)
        self._at = now

    def measure(self, name: str, act: Callable[[], object], is_done: Callable[[], object]) -> None:
        """Print what an act took."""
        _focus()
        settle()
        self._steps.clear()
        self._at = time.thread_time()
        self._ticks.start()
        begun = time.perf_counter()
        act()
        until(is_done)
        QApplication.processEvents()  # the paint
        took = time.perf_counter() - begun
        settle()
        self._ticks.stop()
        print(json.dumps([name, 1000 * took, 1000 * max(self._steps, default=0.0)]), flush=True)


def until(is_done: Callable[[], object]) -> None:
    """Let the program run until something is so."""
    end = time.monotonic() + _LIMIT_SECONDS
    while not is_done():
        if time.monotonic() > end:
            raise SystemExit("the program did not come so far")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)


def settle() -> None:
    """Let the program run until it has nothing to do for a twentieth of a second."""
    quiet_since = time.monotonic()
    while time.monotonic() < quiet_since + 0.05:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
        if window.is_busy:
            quiet_since = time.monotonic()


def sign_in(password: str) -> Workspace:
    """Sign in as the owner, as soon as somebody can."""
    page = window.findChild(SignInScreen)
    assert page is not None

    def is_signed_in() -> bool:
        if window.workspace is None and page.sign_in.isEnabled() and not window.is_busy:
            page.sign_in_wanted.emit("ada", password)
        return window.workspace is not None

    until(is_signed_in)
    settle()
    assert window.workspace is not None
    return window.workspace


def visit_tabs(workspace: Workspace, watch: Stopwatch) -> None:
    """Show each tab for the first time, then again and again."""
    for page in list(Page)[1:]:  # the dashboard is shown
        watch.measure(f"first {page}", partial(workspace.show_page, page), _is_at_rest)
    for _ in range(_ROUNDS):
        for page in list(Page):
            watch.measure(f"again {page}", partial(workspace.show_page, page), _is_at_rest)


def sell(workspace: Workspace, watch: Stopwatch, turn: int) -> None:
    """Sell one product by its barcode for cash, look at the paper, and go on."""
    watch.measure("new", workspace.new_document, lambda: workspace.page == Page.EDITOR)
    editor, view = workspace.opened(Page.EDITOR), workspace.opened(_VIEW)
    assert isinstance(editor, EditorScreen)
    assert isinstance(view, DocumentScreen)
    before, saving = view.details, editor.saving
    scan(f"{4_000_000_000_001 + turn}")
    watch.measure("scan", lambda: _send(_ENTER, "\r"), lambda: editor.document.items.rows[0].item)
    watch.measure("prompt", lambda: press(Qt.Key.Key_F12), lambda: saving.prompt is not None)

    def is_shown() -> bool:
        return (
            workspace.page == _VIEW and view.details is not None and view.details is not before and view.paper.is_drawn
        )

    watch.measure("save", lambda: press(_ENTER), is_shown)
    watch.measure("done", lambda: press(_ENTER), lambda: workspace.page == Page.DASHBOARD)


def look_for(workspace: Workspace, watch: Stopwatch, word: str) -> None:
    """Type a word into the search, letter by letter, each after what the one before it finds is shown."""
    watch.measure("look", workspace.search, lambda: workspace.page == _SEARCH)
    screen = workspace.opened(_SEARCH)
    assert isinstance(screen, SearchScreen)
    shown: list[None] = []
    screen.model.modelReset.connect(lambda: shown.append(None))
    for letter in word.upper():
        shown.clear()
        watch.measure("search", partial(press, Qt.Key(ord(letter))), lambda: shown)


def scan(code: str) -> None:
    """Type a barcode as fast as a scanner does, without the Enter behind it."""
    for digit in code:
        _send(Qt.Key(ord(digit)), digit)


def _send(key: Qt.Key, text: str) -> None:
    at = next(_sent_at)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
        event.setTimestamp(at)
        QApplication.sendEvent(_focus(), event)


def press(key: Qt.Key) -> None:
    """Press a key where the focus is."""
    QTest.keyClick(_focus(), key)


def _focus() -> QWidget:
    top = QApplication.activeModalWidget() or window
    if not top.isActiveWindow():
        top.activateWindow()  # nobody else does, where there is no window manager
    return QApplication.focusWidget() or top


def _is_at_rest() -> bool:
    return not window.is_busy


application = app.application()
with ExitStack() as stack:
    window: MainWindow = app.start(stack, application, home=paths.home(), environ=os.environ)
    window.resize(1280, 800)
    window.show()
    workspace = sign_in(sys.argv[1])
    watch = Stopwatch()
    visit_tabs(workspace, watch)
    for turn in range(int(sys.argv[2])):
        sell(workspace, watch, turn)
    for word in sys.argv[3:]:
        look_for(workspace, watch, word)
    ready()
