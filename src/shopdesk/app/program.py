"""The program from start to end.

1. Create the application and lock the data folder (single instance).
2. Create the background threads for everything slow.
3. Show the themed window with the sign-in page. It is painted before anything heavy is imported.
4. On the database's thread: settings, log, database, migrations. An error there opens a page with advice.
5. Start delivery, which empties the outbox, and enable the sign-in page.

Each step registers its own undo; at the end they run in reverse: the window is closed first, so that what it still
writes is written; then delivery, the database and the log; the threads last.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSettings, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from shopdesk import __version__, crash_reports, paths, process_lock
from shopdesk.app import single_instance
from shopdesk.app.environment import Environment
from shopdesk.app.startup import Startup
from shopdesk.background import Background
from shopdesk.domain.errors import Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.ui.base import icons, theme, tokens, window_language
from shopdesk.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext, QtMsgType

    from shopdesk.crash_reports import UncleanExit


def run() -> int:
    """Open the window, run until it is closed, and return the exit status."""
    app = application()
    with ExitStack() as stack:
        stack.callback(icons.clear_cache)
        home = enter(stack, app)
        if home is None:
            return 0
        ended = stack.enter_context(crash_reports.detect_unclean_exit(home))
        window = start(stack, app, home=home, environ=os.environ, ended=ended)
        window.restart_wanted.connect(lambda: app.exit(_RESTART))
        listener = single_instance.ActivationListener(home, window)
        listener.activated.connect(window.come_forward)
        window.painted.connect(listener.listen)
        window.painted.connect(lambda: _quit_on_signal(app))
        app.aboutToQuit.connect(stack.close)  # at the end of its session Windows ends the process: exec never returns
        window.show()
        status = app.exec()
    if status != _RESTART:
        return status
    restart()
    return 0


_RESTART = 75


def restart() -> None:
    """Start this program again with the same arguments; call it only when everything is closed."""
    arguments = sys.argv[1:] if getattr(sys, "frozen", False) else sys.orig_argv[1:]
    # Without this, a bundled program started by another takes itself for a part of it.
    environ = os.environ | {"PYINSTALLER_RESET_ENVIRONMENT": "1"}
    import subprocess

    subprocess.Popen([sys.executable, *arguments], env=environ, start_new_session=True)


def enter(stack: ExitStack, app: QApplication) -> Path | None:
    """Lock the data folder until ``stack`` closes, and return its path. Return None after showing an error."""
    while True:
        try:
            return _own_home(stack)
        except process_lock.LockHeld as held:
            if held.is_ours and single_instance.activate_running(held):
                from shopdesk import fatal_error

                fatal_error.write("shopdesk is already running. Its window is now in front.")
                return None
            trouble = single_instance.not_responding(held) if held.is_ours else held
        except Unavailable as error:
            trouble = error
        if not _asks_again(app, trouble):
            return None


def _own_home(stack: ExitStack) -> Path:
    home = paths.home()
    try:
        stack.enter_context(process_lock.acquire(home / single_instance.LOCK))
    except OSError as error:
        raise Unavailable(
            sentence("The data folder {home} cannot be used: {reason}.", home=home, reason=error.strerror),
            advice=sentence("Allow your user to write there, or set SHOPDESK_HOME to another folder."),
        ) from error
    return home


def _asks_again(app: QApplication, trouble: Unavailable) -> bool:
    """Show the error in a window until the user retries or quits; return True to retry."""
    from shopdesk.ui.window.startup_error import StartupErrorScreen

    theme.start(app)
    page = StartupErrorScreen()
    page.setWindowTitle("shopdesk")
    theme.style_window(page)
    page.resize(tokens.SMALLEST_WINDOW)
    page.show_error(trouble)
    page.retry_wanted.connect(lambda: app.exit(_AGAIN))
    page.quit_wanted.connect(app.quit)
    page.show()
    theme.finish(app)
    chosen = app.exec()
    page.deleteLater()
    return chosen == _AGAIN


_AGAIN = 1


def application() -> QApplication:
    """Return the one application of this process, with its texts in the language of this machine until ``start``.

    If Qt finds no screen, show that before it ends the process.
    """
    existing = QApplication.instance()
    QApplication.setDesktopFileName("shopdesk")  # the entry in the menu; Qt names it to a Linux desktop when it starts
    before = qInstallMessageHandler(_log_qt_message)
    arguments = ["shopdesk", *theme.STYLE, *theme.platform_theme(os.environ)]
    app = existing if isinstance(existing, QApplication) else QApplication(arguments)
    qInstallMessageHandler(before)
    app.setApplicationName("shopdesk")
    app.setApplicationDisplayName("shopdesk")
    app.setOrganizationName("shopdesk")
    app.setApplicationVersion(__version__)
    window_language.use(app, window_language.of_machine())
    return app


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    """Print Qt's messages while it looks for a screen; show a fatal one, after which Qt would abort the process."""
    from shopdesk import fatal_error

    if kind.name != "QtFatalMsg":
        fatal_error.write(text or "")
        return
    fatal_error.show_fatal_error(f"shopdesk could not find a screen to open its window on.\n\n{text}")
    os._exit(1)


def _quit_on_signal(app: QApplication) -> None:
    """Quit on SIGTERM, SIGINT and SIGHUP as if the window were closed: the end of a session or a shutdown."""
    import signal

    from PySide6.QtCore import QSocketNotifier

    if sys.platform == "win32":
        return  # the end of a session comes to Qt as a message
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, lambda *_: None)  # Python runs it late; the wakeup fd is at once
    notifier = QSocketNotifier(reader, QSocketNotifier.Type.Read, app)
    notifier.activated.connect(app.quit)


def start(
    stack: ExitStack, app: QApplication, *, home: Path, environ: Mapping[str, str], ended: UncleanExit | None = None
) -> MainWindow:
    """Build everything into ``stack`` and return the window; the database is opened after its first paint.

    ``ended`` describes the previous run if it did not shut down properly.
    """
    # The window's own settings are stored with the data: another data folder is another program.
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
    background = Background()
    held = stack.enter_context(ExitStack())
    stack.callback(background.close)
    opened = stack.enter_context(ExitStack())
    window_language.use(app, window_language.at_start())
    theme.prepare(app)
    window = MainWindow(background, now=_now, report=_report, is_practice=paths.is_practice(home))
    stack.callback(_delete_now, window)
    theme.start(app)
    environment = Environment(app=app, home=home, variables=environ, ended=ended)
    startup = Startup(environment, window, background, opened=opened, held=held)
    window.painted.connect(gc.enable)
    window.painted.connect(startup.finish_theme)
    window.painted.connect(startup.read_settings)
    window.retry_wanted.connect(startup.read_settings)
    return window


def _report(error: BaseException) -> str:
    from shopdesk import logs

    return logs.report(error)


def _now() -> datetime:
    return datetime.now(UTC)


def _delete_now(window: MainWindow) -> None:
    """Close and delete the window now, before the worker threads stop."""
    from PySide6.QtCore import QEvent

    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
