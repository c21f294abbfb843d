"""Real windows on a fresh home: ``program`` is the whole window, ``find`` and ``press`` work it by accessible names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from shopdesk import app, paths
from shopdesk.message_catalogues import SOURCE
from shopdesk.queries.document_details import DocumentDetails
from shopdesk.ui.base import i18n, theme, window_language
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.window.main_window import MainWindow
from shopdesk.ui.window.workspace import Workspace
from support.qtbot import QtBot

W = TypeVar("W", bound=QWidget)

PASSWORD = "seven purple kettles sing"


@pytest.fixture
def themed_app(qapp: QApplication) -> Iterator[QApplication]:
    """The application with our theme, light, in English."""
    theme.start(qapp)
    theme.finish(qapp)
    theme.show("light")
    yield qapp
    theme.show("light")
    if i18n.language() != SOURCE:  # a shop in another language changed it
        window_language.use(qapp, SOURCE)


@dataclass
class Window:
    """The main window as its user works it: visible controls are found by name, pressed and typed into."""

    qtbot: QtBot
    main: MainWindow

    def until(self, holds: Callable[[], bool]) -> None:
        """Run the event loop until the condition is true."""
        self.qtbot.waitUntil(holds)

    @property
    def workspace(self) -> Workspace:
        """The workspace, once the user is signed in."""
        self.until(lambda: self.main.workspace is not None)
        assert self.main.workspace is not None
        return self.main.workspace

    def see(self, name: str) -> QWidget:
        """Return the visible control of this accessible name, of any type."""
        return self.find(name, QWidget)

    def find(self, name: str, kind: type[W]) -> W:
        """Wait for the visible control of this accessible name and return it."""
        found: list[W] = []

        def is_there() -> bool:
            found[:] = [part for part in self._root().findChildren(kind) if self._is(part, name)]
            return bool(found)

        self.until(is_there)
        return found[0]

    def sees(self, name: str) -> bool:
        """Return True if such a control is visible now."""
        return any(self._is(part, name) for part in self._root().findChildren(QWidget))

    def find_text(self, text: str) -> QLabel:
        """Wait for a visible label that contains this text and return it."""
        found: list[QLabel] = []

        def is_there() -> bool:
            found[:] = [part for part in self._root().findChildren(QLabel) if text in part.text() and part.isVisible()]
            return bool(found)

        self.until(is_there)
        return found[0]

    def do(self, usecase: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a use case in its own transaction, as a page does, and return its result."""
        done: list[Any] = []
        self.main._background.do(usecase, *args, owner=self.main, then=done.append, **kwargs)
        self.until(lambda: bool(done))
        return done[0]

    def ask(self, query: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a query as a page does and return its result."""
        found: list[Any] = []
        self.main._background.ask(query, *args, owner=self.main, then=found.append, **kwargs)
        self.until(lambda: bool(found))
        return found[0]

    @property
    def view(self) -> DocumentDetails:
        """The details that the document page shows."""
        details = self.find("view", DocumentScreen).details
        assert details is not None
        return details

    @property
    def editor(self) -> EditorScreen:
        """The editor; it must be in front."""
        return self.find("New document", EditorScreen)

    def press(self, name: str) -> None:
        """Click a button once it is enabled."""
        button = self.find(name, QAbstractButton)
        self.until(button.isEnabled)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def type_into(self, name: str, text: str) -> None:
        """Replace the text of a field."""
        field = self.see(name)
        field.setFocus(Qt.FocusReason.TabFocusReason)
        target = field.focusProxy() or field
        QTest.keyClick(target, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.type(text)

    def type(self, text: str) -> None:
        """Type into the control with the focus."""
        for character in text:
            for event in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):
                QApplication.sendEvent(self.focus, QKeyEvent(event, 0, Qt.KeyboardModifier.NoModifier, character))

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key in the control with the focus."""
        QTest.keyClick(self.focus, key, modifiers)

    def enter(self, *cells: str) -> None:
        """Type the cells, each followed by Enter."""
        for cell in cells:
            self.type(cell)
            self.key(Qt.Key.Key_Return)

    @property
    def focus(self) -> QWidget:
        """The control with the focus, once a window is active; the offscreen platform takes a moment for that."""
        found: list[QWidget] = []

        def is_active() -> bool:
            window = self._root()
            if not window.isActiveWindow():
                window.activateWindow()
                return False
            found[:] = [QApplication.focusWidget() or window]
            return True

        self.until(is_active)
        return found[0]

    def until_at(self, name: str) -> None:
        """Wait until the control of this name has the focus."""
        self.until(lambda: self.focus.accessibleName() == name)

    def rest(self) -> None:
        """Wait until no query or use case is running."""
        self.until(lambda: not self.main.is_busy)

    # --- sign-in ---

    def ready(self) -> None:
        """Wait until the database is open."""
        self.until(lambda: self.main.sign_in_flow.sign_in._is_ready)

    def register(self, name: str = "Ada Lovelace", user_name: str = "ada") -> None:
        """Register an account."""
        self.ready()
        self.press("Register")
        self.type_into("Your name", name)
        self.type_into("User name", user_name)
        self.type_into("E-mail", f"{user_name}@example.org")
        self.type_into("Password", PASSWORD)
        self.type_into("Repeat password", PASSWORD)
        self.press("Create account")

    def open_shop(self, name: str = "Corner Shop") -> None:
        """Register the first account and open its shop."""
        self.register()
        self.type_into("Shop name", name)
        self.press("Open the shop")
        assert self.workspace.isVisible()
        self.rest()

    def sign_in(self, user_name: str = "ada", password: str = PASSWORD) -> None:
        """Sign in on the sign-in page."""
        self.ready()
        self.type_into("User name", user_name)
        self.type_into("Password", password)
        self.press("Sign in")

    def _root(self) -> QWidget:
        return QApplication.activeModalWidget() or self.main

    @staticmethod
    def _is(part: QWidget, name: str) -> bool:
        return part.accessibleName() == name and part.isVisible()


class Begin:
    """``begin()`` starts the program on the test's home folder; a running one is closed first, as for a restart."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self._programs = ExitStack()

    def __call__(self) -> Window:
        self.end()
        main = app.start(self._programs, app.application(), home=paths.home(), environ=os.environ)
        main.show()
        main.activateWindow()
        self._qtbot.waitUntil(main.isActiveWindow)
        return Window(self._qtbot, main)

    def end(self) -> None:
        """Close the program."""
        self._programs.close()


@pytest.fixture
def begin(qtbot: QtBot, themed_app: QApplication, home: Path) -> Iterator[Begin]:
    """The program on a fresh home folder."""
    begin = Begin(qtbot)
    yield begin
    begin.end()


@pytest.fixture
def program(begin: Begin, home: Path, _sqlite_template: Path) -> Window:
    """The whole program, just started, on a fresh home folder; the tables are there, which takes long to make."""
    home.mkdir(mode=0o700)
    shutil.copyfile(_sqlite_template, home / "shopdesk.db")
    return begin()
