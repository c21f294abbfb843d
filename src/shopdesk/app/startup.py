"""Start-up after the first paint: opens settings, log, database and delivery in turn, each on its own thread."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from shopdesk.app.credentials import Credentials
from shopdesk.app.environment import Environment
from shopdesk.background import Background
from shopdesk.domain.errors import PasswordRefused, Unavailable
from shopdesk.domain.sentence import sentence
from shopdesk.ui.base import theme
from shopdesk.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from sqlalchemy import URL

    from shopdesk.app.backup_scheduler import BackupScheduler
    from shopdesk.app.mail import MailService
    from shopdesk.app.print_service import PrintService
    from shopdesk.settings import Settings
    from shopdesk.store.change_feed import ChangeFeed
    from shopdesk.store.database import Database
    from shopdesk.ui.base.ports import Restoring
    from shopdesk.ui.window.workspace import Workspace


AGAIN_MS = 5000


@cache
def _freeze_modules() -> None:
    """Leave what is imported by now out of garbage collections: each stops the window for as long as it looks."""
    gc.freeze()


class Startup(QObject):
    """Steps 4 and 5 of the start: each part runs on the database's thread and starts the next when it is done."""

    def __init__(
        self,
        environment: Environment,
        window: MainWindow,
        background: Background,
        *,
        opened: ExitStack,
        held: ExitStack,
    ) -> None:
        super().__init__(window)
        self._environment = environment
        self._window = window
        self._background = background
        self._opened = opened
        self._held = held  # closed at the latest when all threads have ended
        self._ended = environment.ended
        background.changed.connect(self._on_changed)
        window.settings_changed.connect(self._on_settings_changed)
        window.sending_wanted.connect(self._on_sending_wanted)
        window.password_given.connect(self._on_password)
        window.reopen_wanted.connect(self._on_reopen)
        window.signed_in.connect(self._on_signed_in)
        window.restore_wanted.connect(self._on_restore)
        self._file: Path | None = None
        self._trouble = ""
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._read)
        self._credentials = Credentials()
        self._mail_service: MailService | None = None
        self._print_service: PrintService | None = None
        self._change_feed: ChangeFeed | None = None

    def finish_theme(self) -> None:
        """Load the parts of the theme that the first paint did not wait for."""
        theme.finish(self._environment.app)

    def read_settings(self) -> None:
        """Read the settings, then open the log and the database."""
        self._trouble = ""
        self._read()

    def _read(self) -> None:
        self._again.stop()
        self._background.run_on_database_thread(
            _read, self._environment, owner=self, then=self._on_settings, failed=self._window.show_trouble
        )

    def _on_settings(self, settings: Settings) -> None:
        from shopdesk import logs

        self._opened.close()  # what an earlier attempt opened
        self._file = _file(settings)
        self._window.allow_restore(_restoring(self._file) if self._file else None)
        try:
            self._opened.enter_context(logs.writing_to(self._environment.home, settings.log_level))
        except Unavailable as error:
            self._window.show_trouble(error)
            return
        self._opened.callback(_hook(self._background))
        self._background.run_on_database_thread(
            _open,
            settings,
            self._credentials,
            self._held,
            owner=self,
            then=lambda opened: self._on_database(settings, *opened),
            failed=lambda error: self._on_closed(settings, error),
        )

    def _on_closed(self, settings: Settings, error: Exception) -> None:
        """Show that the database cannot be opened. Retry with a server: it may only be starting, as in the morning."""
        if str(error) != self._trouble:  # else it is already shown, and the user may be reading its details
            self._trouble = str(error)
            self._window.show_trouble(error)
        is_silent = isinstance(error, Unavailable) and not isinstance(error, PasswordRefused)
        if is_silent and not settings.database.startswith("sqlite"):
            self._again.start()

    def _on_database(self, settings: Settings, database: Database, standby: Database | None) -> None:
        self._again.stop()
        close = self._held.pop_all().close
        self._opened.callback(self._background.run_on_database_thread, close, owner=self._background)
        from shopdesk.app.adapters import for_practice, ports
        from shopdesk.app.mail import MailService

        self._background.attach(database.sessions, database.reads, standby=standby.reads if standby else None)
        mail_service = self._mail_service = MailService(
            settings, database, self._background, self._credentials, home=self._environment.home
        )
        mail_service.start()
        self._opened.callback(mail_service.close)
        print_service = self._start_printing(settings, database)
        if database.path is None:
            self._connect_change_feed(database)
        backup_scheduler = self._schedule_backups(settings, database, mail_service)
        self._schedule_sums()
        built = ports(self._environment, self._credentials, mail_service, print_service, database, backup_scheduler)
        self._window.open(settings, for_practice(built) if settings.is_practice else built)
        _freeze_modules()
        self._opened.callback(database.hurry)
        if self._ended is not None:
            self._window.show_unclean_exit(self._ended)
            self._ended = None

    def _start_printing(self, settings: Settings, database: Database) -> PrintService:
        """Print what is queued at this till. A print that is queued here wakes it on the thread that wrote it."""
        from shopdesk.app.print_service import PrintService

        background = self._background
        print_service = self._print_service = PrintService(settings, database, background)
        print_service.start()
        self._opened.callback(print_service.close)
        committed = background.committed.connect(print_service.on_committed, Qt.ConnectionType.DirectConnection)
        self._opened.callback(background.committed.disconnect, committed)
        return print_service

    def _schedule_backups(self, settings: Settings, database: Database, mail_service: MailService) -> BackupScheduler:
        from shopdesk.app.backup_scheduler import BackupScheduler

        backup_scheduler = BackupScheduler(
            self._background, database, lambda: mail_service.settings, self._environment, parent=self._background
        )
        if not settings.is_practice:
            backup_scheduler.start()
        self._opened.callback(backup_scheduler.deleteLater)
        self._opened.callback(backup_scheduler.close)
        return backup_scheduler

    def _schedule_sums(self) -> None:
        from shopdesk.app.sums_scheduler import SumsScheduler

        sums_scheduler = SumsScheduler(self._background, parent=self._background)
        sums_scheduler.start()
        self._opened.callback(sums_scheduler.deleteLater)
        self._opened.callback(sums_scheduler.close)

    def _connect_change_feed(self, database: Database) -> None:
        """Connect to the change feed: notify other tills of what is written here, and receive what they write."""
        from shopdesk.store.change_feed import ChangeFeed

        background = self._background
        change_feed = ChangeFeed(
            database.engine,
            heard=background.announce,
            outdated=self._on_outdated,
            interrupted=background.watch.report_lost_connection,
            doubled=self._on_duplicate_till,
        )
        change_feed.start()
        self._change_feed = change_feed
        self._opened.callback(change_feed.close)
        background.written.connect(change_feed.notify)
        self._opened.callback(background.written.disconnect, change_feed.notify)

    def _on_outdated(self) -> None:
        """Stop all writing and sending; runs on the thread of the change feed."""
        self._background.block_writes()
        if self._mail_service is not None:
            self._mail_service.stop()
        if self._print_service is not None:
            self._print_service.delivery.stop()

    def _on_signed_in(self, workspace: Workspace) -> None:
        if self._change_feed is not None:
            self._change_feed.set_till(workspace.context.actor.till.name)

    def _on_duplicate_till(self, till: str) -> None:
        """Report that two programs share one till's numbers and drafts; runs on the thread of the change feed."""
        advice = sentence("Give this till another name in Settings, Tills and numbers.")
        self._background.report(
            Unavailable(sentence("Another machine also works as till {till}.", till=till), advice=advice)
        )

    def _on_changed(self, tables: frozenset[str]) -> None:
        if self._mail_service is not None and "outbox" in tables:
            self._mail_service.wake()

    def _on_sending_wanted(self) -> None:
        if self._mail_service is not None:
            self._mail_service.resume()

    def _on_reopen(self) -> None:
        """Open everything again, once the message being sent is finished; a worker waits for that."""
        if self._mail_service is not None:
            self._background.run_in_pool(self._close_workers, owner=self, then=lambda _: self.read_settings())

    def _close_workers(self) -> None:
        """Finish the message being sent and the document being printed."""
        for service in (self._mail_service, self._print_service):
            if service is not None:
                service.close()

    def _on_restore(self) -> None:
        """Close all that uses the file, then put the inspected backup in its place."""
        if self._mail_service is not None:
            self._background.run_in_pool(self._close_workers, owner=self, then=lambda _: self._restore_file())
        else:
            self._restore_file()

    def _restore_file(self) -> None:
        from shopdesk import restore

        self._opened.close()
        self._mail_service = self._print_service = None
        self._background.run_on_database_thread(
            restore.put_in_place,
            self._file,
            self._environment.home,
            owner=self,
            then=self._on_restored,
            failed=self._on_not_restored,
        )

    def _on_restored(self, kept: Path | None) -> None:
        self._window.show_restored(str(kept or ""))
        self.read_settings()

    def _on_not_restored(self, error: Exception) -> None:
        self._background.report(error)
        self.read_settings()

    def _on_password(self, password: str) -> None:
        """Try again with the database server's password as typed."""
        self._credentials.remember("database", password)
        self.read_settings()

    def _on_settings_changed(self, settings: Settings) -> None:
        if self._mail_service is not None:
            self._mail_service.settings = settings
            self._mail_service.resume()
        if self._print_service is not None:
            self._print_service.settings = settings
            self._print_service.delivery.resume()


def _file(settings: Settings) -> Path | None:
    """Return the shop's file from the settings, without importing the database library; None for a server."""
    kind, _, path = settings.database.partition(":///")
    return Path(path) if kind == "sqlite" else None


def _restoring(file: Path) -> Restoring:
    """Return the functions to inspect a backup; they need no open database and import the heavy modules when called."""
    from shopdesk.ui.base.ports import BackupContents, Restoring

    def look(chosen: Path, phrase: str | None) -> BackupContents:
        from shopdesk import restore

        staged = restore.stage(chosen, file, phrase=phrase)
        found = staged.contents
        return BackupContents(
            shop=found.shop,
            documents=found.documents,
            last_number=found.last_number,
            last_at=found.last_at,
            faults=staged.faults,
        )

    def forget() -> None:
        from shopdesk.store import backup_file

        backup_file.discard(file)

    return Restoring(look=look, forget=forget)


def _read(environment: Environment) -> Settings:
    from shopdesk import settings

    return settings.load(environment.home, environment.variables)


def _open(settings: Settings, credentials: Credentials, held: ExitStack) -> tuple[Database, Database | None]:
    """Connect, check and migrate the database; import what the pages need, so that no page waits for it.

    A shop's file is for one program at a time, whatever its data folder: there is a lock beside the file. The databases
    and the lock are put into ``held``, too, because the result is dropped if the program ends meanwhile.
    """
    from shopdesk import process_lock
    from shopdesk.store import database, upgrade

    standby = _standby(settings, credentials)
    url = database.parse(settings.database)
    opened = database.connect(url, password=None if url.password else _password(url, credentials))
    with ExitStack() as stack:  # closed on an error, so that a backup can be restored over the file
        if opened.path is not None:
            with suppress(OSError):  # the next step reports it better
                stack.enter_context(process_lock.acquire(process_lock.beside(opened.path)))
        for one in (opened, standby):
            if one is not None:
                stack.callback(one.close)
        upgrade.open_ready(opened)
        from shopdesk.app import adapters, mail  # noqa: F401
        from shopdesk.queries import accounts, dashboard, documents, drafts, outbox, shop  # noqa: F401
        from shopdesk.usecases import accounts as people  # noqa: F401

        held.push(stack.pop_all())
        return opened, standby


def _standby(settings: Settings, credentials: Credentials) -> Database | None:
    """Return the standby that statistics are read from, if one is set. It connects when first used."""
    from shopdesk.store import database

    if not settings.database_read:
        return None
    url = database.parse(settings.database_read)
    if "target_session_attrs" not in url.query:
        url = url.update_query_dict({"target_session_attrs": "prefer-standby"})
    return database.connect(url, password=None if url.password else _password(url, credentials))


def _password(url: URL, credentials: Credentials) -> str | None:
    """Return a server's password as typed or from the keyring; None if there is none, which may be enough."""
    if url.get_backend_name() == "sqlite":
        return None
    with suppress(Unavailable):
        return credentials.secret("database")
    return None


def _hook(background: Background) -> Callable[[], None]:
    """Show uncaught errors of slots and events as well as log them; return a function that undoes this."""
    before = sys.excepthook

    def shown(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)  # the log
        if isinstance(error, Exception):
            background.report(error)

    def undo() -> None:
        sys.excepthook = before

    sys.excepthook = shown
    return undo
