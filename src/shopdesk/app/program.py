"""The program, from start to end.

1. The application and its name.
2. Background: the threads everything slow runs on.
3. The window with the sign-in page, in our look. It is painted before anything heavy is imported.
4. On the database's thread: settings, log, database, migrations. A fault there is a page that says what to do.
5. Delivery begins to empty the outbox, and the sign-in page takes people in.

Each step registers its own undo where it is made; at the end they run in reverse: the window goes first, so that what
it still writes is written; then delivery, the database, the log; the threads last.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtWidgets import QApplication

from shopdesk import __version__, paths
from shopdesk.app.opening import Opening
from shopdesk.background import Background
from shopdesk.ui import theme
from shopdesk.ui.main_window import MainWindow


def run() -> int:
    """Open the window and stay until it is closed. Returns the exit status."""
    app = application()
    with ExitStack() as stack:
        stack.callback(theme.forget)
        window = begin(stack, app, home=paths.home(), environ=os.environ)
        window.restart_wanted.connect(lambda: app.exit(_RESTART))
        window.show()
        status = app.exec()
    if status != _RESTART:
        return status
    start_again()
    return 0


_RESTART = 75


def start_again() -> None:
    """Start this program anew, as it was started; everything of this one must be closed by then."""
    arguments = sys.argv[1:] if getattr(sys, "frozen", False) else sys.orig_argv[1:]
    # A bundle's child would take itself for a part of this one.
    environ = os.environ | {"PYINSTALLER_RESET_ENVIRONMENT": "1"}
    subprocess.Popen([sys.executable, *arguments], env=environ, start_new_session=True)


def application() -> QApplication:
    """The one application of this process."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["shopdesk", *theme.STYLE])
    app.setApplicationName("shopdesk")
    app.setApplicationDisplayName("shopdesk")
    app.setOrganizationName("shopdesk")
    app.setApplicationVersion(__version__)
    return app


def begin(stack: ExitStack, app: QApplication, *, home: Path, environ: Mapping[str, str]) -> MainWindow:
    """Build everything into ``stack``; the window comes back at once, the database opens when it has been painted."""
    # What this window remembers lies with the data: another home is another program.
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
    background = Background()
    stack.callback(background.close)
    opened = stack.enter_context(ExitStack())
    theme.prepare(app)
    window = MainWindow(background, now=_now, report=_report)
    stack.callback(_bury, window)
    theme.start(app)
    opening = Opening(app, window, background, opened, home, environ)
    window.painted.connect(opening.finish_look)
    window.painted.connect(opening.read_settings)
    window.retry_wanted.connect(opening.read_settings)
    return window


def _report(error: BaseException) -> str:
    from shopdesk import logs

    return logs.report(error)


def _now() -> datetime:
    return datetime.now(UTC)


def _bury(window: MainWindow) -> None:
    """Close the window and carry it out at once: nothing of it may outlive the threads below it."""
    from PySide6.QtCore import QEvent

    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
