"""The main window: shows the sign-in flow, the workspace, the lock page over it, or the start-up error.

It also shows what has no place on a page: errors by their kind, notices, and the loss of the database.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from shopdesk.background import Background, Outdated
from shopdesk.domain.errors import DatabaseAway, NeedsYes, Refused, Unavailable
from shopdesk.ui.base import theme
from shopdesk.ui.base.i18n import Action, Note, tr
from shopdesk.ui.base.theme import Tone
from shopdesk.ui.sign_in.flow import Entrance, Entry

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QPaintEvent

    from shopdesk.crash_reports import Ended
    from shopdesk.domain.account import Identity, Staff
    from shopdesk.domain.shop import Shop
    from shopdesk.settings import Settings
    from shopdesk.ui.base.context import Loan
    from shopdesk.ui.base.ports import Doors, Moving, Restoring
    from shopdesk.ui.sign_in.lock_screen import LockScreen
    from shopdesk.ui.sign_in.provider_dialog import Browse
    from shopdesk.ui.sign_in.sign_in_screen import ProviderChoice
    from shopdesk.ui.sign_in.till_lock import Locking
    from shopdesk.ui.widgets.notices import Banner, NoticeBoard
    from shopdesk.ui.window.database_move_screen import MovingScreen
    from shopdesk.ui.window.idle_timer import Idle
    from shopdesk.ui.window.restore_screen import RestoreScreen
    from shopdesk.ui.window.startup_error import TroubleScreen
    from shopdesk.ui.window.workspace import Counter

_SIZE = "window/geometry"
_TABLES = frozenset(
    {
        "documents", "customers", "products", "outbox", "drafts", "accounts", "shop", "tax_rates", "payments", "tills",
        "journal",
    }
)  # fmt: skip
"""The tables to read again after the database was unreachable."""


class MainWindow(QMainWindow):
    """Holds the pages and switches between them. ``report`` returns the report of an unexpected error as text."""

    retry_wanted = Signal()  # try again to start
    restart_wanted = Signal()  # of the program
    reopen_wanted = Signal()  # open the database of the settings
    restore_wanted = Signal()  # of the backup that was checked
    password_given = Signal(str)  # for the database server
    painted = Signal()  # once, after the first paint: slow work may start
    settings_changed = Signal(object)  # Settings
    sending_wanted = Signal()  # retry the delivery of messages
    signed_in = Signal(object)  # Counter
    signed_out = Signal()

    def __init__(
        self,
        background: Background,
        *,
        now: Callable[[], datetime],
        report: Callable[[BaseException], str],
    ) -> None:
        super().__init__()
        self._background = background
        self._now = now
        self._report = report
        self._is_painted = False
        self._is_outdated = False
        self._settings: Settings | None = None
        self._doors: Doors | None = None
        self._idle: Idle | None = None
        self._locking: Locking | None = None
        self._to_read: Note | None = None
        self._moving: MovingScreen | None = None
        self._restore: RestoreScreen | None = None
        self._restoring: Restoring | None = None
        self.browse: Browse = _browse
        self.counter: Counter | None = None
        self.trouble: TroubleScreen | None = None
        self.setWindowTitle("shopdesk")
        self.setMinimumSize(theme.SMALLEST_WINDOW)
        self.pages = QStackedWidget()
        self.entrance = Entrance(background, now=now)
        self.entrance.entered.connect(self._on_entered)
        self.entrance.provider_chosen.connect(self._on_provider)
        self.entrance.joined.connect(self.reopen)
        self.entrance.named.connect(self._on_settings)
        self.entrance.restore_wanted.connect(self.show_restore)
        self.pages.addWidget(self.entrance)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._column = column
        column.addWidget(self.pages, 1)
        self.setCentralWidget(middle)
        self._banner: Banner | None = None
        self._away: DatabaseAway | None = None
        self._notices: NoticeBoard | None = None
        background.troubled.connect(self._on_troubled)
        background.changed.connect(self._on_changed)
        background.away.connect(self._on_away)
        self.pages.currentChanged.connect(lambda _: self._tell_away())
        background.slow.connect(self._on_slow)
        background.returned.connect(self._on_returned)
        size = QSettings().value(_SIZE)
        if not isinstance(size, QByteArray) or not self.restoreGeometry(size):
            self._take_usual_size()

    def _take_usual_size(self) -> None:
        """Set the size of the first start; maximize on a small screen, so that nothing is outside it."""
        self.resize(theme.USUAL_WINDOW)
        if self.screen().availableSize().boundedTo(theme.USUAL_WINDOW) != theme.USUAL_WINDOW:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    @property
    def is_busy(self) -> bool:
        """True while anything is being read or written."""
        return self._background.is_busy

    # --- banner and notices: made when first needed, to open the window faster ---

    @property
    def banner(self) -> Banner:
        """The banner across the top."""
        if self._banner is None:
            from shopdesk.ui.widgets.notices import Banner

            self._banner = Banner()
            self._column.insertWidget(0, self._banner)
        return self._banner

    @property
    def notices(self) -> NoticeBoard:
        """The notices, which are shown one after the other."""
        if self._notices is None:
            from shopdesk.ui.widgets.notices import NoticeBoard

            self._notices = NoticeBoard(self, below=theme.TAB)
        return self._notices

    def open(self, settings: Settings, doors: Doors | None = None) -> None:
        """Show the sign-in page on an open database. ``doors`` are the ports for the pages."""
        self._settings = settings
        self._doors = doors
        self._is_outdated = False
        self.pages.setCurrentWidget(self.entrance)
        self.entrance.open(settings, doors)

    def show_trouble(self, error: Exception) -> None:
        """Show why the program cannot start, and what to do about it."""
        if self.trouble is None:
            from shopdesk.ui.window.startup_error import TroubleScreen

            self.trouble = TroubleScreen()
            self.trouble.retry_wanted.connect(self.retry_wanted)
            self.trouble.password_given.connect(self.password_given)
            self.trouble.quit_wanted.connect(self.close)
            self.trouble.restore_wanted.connect(self.show_restore)
            self.pages.addWidget(self.trouble)
        self.trouble.show_error(error, self._report(error))
        self.pages.setCurrentWidget(self.trouble)

    def come_forward(self) -> None:
        """Bring the window to the front after a second start of the program."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.notices.show(Note(text=tr("shopdesk is already open. This is its window."), tone=Tone.PLAIN))

    def tell_ended(self, ended: Ended) -> None:
        """Show how the previous run ended; the notice stays until the user closes it."""
        from shopdesk.ui.base import display_names

        when = display_names.when(ended.at, self._now())
        if ended.report:
            show = Action(tr("Report"), lambda: self._show_report(ended.report, tr("shopdesk ended unexpectedly")))
            text = tr("shopdesk ended unexpectedly {when}. Nothing was lost.", when=when)
        else:
            show = None
            text = tr(
                "shopdesk did not shut down properly {when} (power cut, or stopped by the system). Nothing was lost.",
                when=when,
            )
        self._to_read = Note(text=text, tone=Tone.PLAIN, action=show, stays=True, read=self._on_read)
        self.notices.show(self._to_read)

    def _on_read(self) -> None:
        self._to_read = None

    # --- sign-in, sign-out, lock ---

    def _on_entered(self, entry: Entry) -> None:
        from shopdesk.domain.account import Actor
        from shopdesk.render.formatting import marks
        from shopdesk.ui.base.context import Desk
        from shopdesk.ui.window import update_notice
        from shopdesk.ui.window.idle_timer import Idle
        from shopdesk.ui.window.workspace import Counter

        if self._settings is None:
            return
        desk = Desk(
            background=self._background,
            actor=Actor(entry.staff, entry.till),
            shop=entry.shop,
            marks=marks(entry.shop.language),
            settings=self._settings,
            now=self._now,
            doors=self._doors,
            borrow=self._on_loan,
        )
        desk.noted.connect(self.notices.show)
        desk.provider_wanted.connect(lambda wish: self.ask_provider(wish.choice, wish.then, wish.failed))
        desk.settings_changed.connect(lambda: self._on_settings(desk.settings))
        desk.sending_wanted.connect(self.sending_wanted)
        desk.move_wanted.connect(self._on_move)
        desk.reopen_wanted.connect(self.reopen)
        desk.restore_wanted.connect(self.show_restore)
        self._leave()
        self.counter = Counter(desk)
        self.counter.lock_wanted.connect(self.lock)
        self._made_locking().remember(entry.staff)
        self.counter.sign_out_wanted.connect(self.sign_out)
        self.pages.addWidget(self.counter)
        self.pages.setCurrentWidget(self.counter)
        self.setWindowTitle(f"{entry.shop.seller.name} – shopdesk")
        self.entrance.restart()
        if self._idle is None:
            self._idle = Idle(self)
            self._idle.idled.connect(self.lock)
        self._idle.start(entry.shop.lock_after_minutes)
        self.counter.begin()
        if self._to_read is not None:  # signing in cleared it unread
            self.notices.show(self._to_read)
        if desk.settings.update_address:
            QTimer.singleShot(update_notice.LATER_MS, self.counter, lambda: update_notice.look(desk, self.browse))
        self.signed_in.emit(self.counter)

    def sign_out(self) -> None:
        """Return to the sign-in page; the open document stays as a draft."""
        if self.counter is not None and self._locking is not None:
            self._locking.forget(self.counter.desk.actor.staff)
        self._leave()
        self.setWindowTitle("shopdesk")
        self.pages.setCurrentWidget(self.entrance)
        self.entrance.restart()
        if self._settings is not None:
            self.entrance.open(self._settings, self._doors)
        self.signed_out.emit()

    def lock(self) -> None:
        """Cover the workspace with the lock page; everything open stays open."""
        if self.counter is None or self._locking is None or self.pages.currentWidget() is self._locking.page:
            return
        while (question := QApplication.activeModalWidget()) is not None:
            question.close()  # it would cover the lock page; cancelling is always safe
        if self._restore is not None:
            self._restore.leave()
        if self.pages.currentWidget() is not self.counter:  # a move or restore must not be interrupted
            self._watch_idle()
            return
        desk = self.counter.desk
        self._locking.show(desk.actor.staff, desk.shop.seller.name, self.entrance.choices)
        self.pages.setCurrentWidget(self._locking.page)
        if self._idle is not None:
            self._idle.stop()

    def _watch_idle(self) -> None:
        if self.counter is not None and self._idle is not None:
            self._idle.start(self.counter.desk.shop.lock_after_minutes)

    @property
    def lock_page(self) -> LockScreen | None:
        """The lock page; None before the first sign-in."""
        return self._locking.page if self._locking else None

    def _made_locking(self) -> Locking:
        from shopdesk.ui.sign_in.till_lock import Locking

        if self._locking is None:
            self._locking = Locking(self._background, doors=self._usable_doors, now=self._now, parent=self)
            self._locking.unlocked.connect(self._on_unlocked)
            self._locking.page.sign_out_wanted.connect(self.sign_out)
            self._locking.page.provider_chosen.connect(self._on_provider_at_lock)
            self.pages.addWidget(self._locking.page)
        return self._locking

    def _on_unlocked(self, staff: Staff) -> None:
        if self.counter is None:
            return
        self.counter.hand_over(staff)
        self.pages.setCurrentWidget(self.counter)
        if self._idle is not None:
            self._idle.start(self.counter.desk.shop.lock_after_minutes)

    # --- providers ---

    @property
    def _usable_doors(self) -> Doors:
        from shopdesk.ui.base.ports import Doors

        return self._doors or Doors()

    def ask_provider(
        self, choice: ProviderChoice, then: Callable[[Identity], object], failed: Callable[[str], object]
    ) -> None:
        """Let the user sign in at a provider; neither callback is called if they cancel."""
        from shopdesk.ui.sign_in.provider_sign_in import ByProvider

        ByProvider(
            choice,
            background=self._background,
            doors=self._usable_doors,
            browse=self.browse,
            then=then,
            failed=failed,
            parent=self,
        ).begin()

    def _on_provider(self, name: str) -> None:
        choice = next(choice for choice in self.entrance.choices if choice.name == name)
        self.ask_provider(choice, self.entrance.admit, self.entrance.sign_in.refuse_provider)

    def _on_provider_at_lock(self, choice: ProviderChoice) -> None:
        locking = self._made_locking()
        self.ask_provider(choice, locking.judge, locking.page.refuse)

    def _on_loan(self, loan: Loan) -> None:
        from shopdesk.ui.sign_in import manager_override

        if self.counter is not None:
            manager_override.ask(loan, self.counter.desk, self)

    # --- another database ---

    def allow_restore(self, restoring: Restoring | None) -> None:
        """Set the port that restores backups; None where the shop's data is not a file."""
        self._restoring = restoring
        self.entrance.may_restore = restoring is not None

    def show_restore(self) -> None:
        """Show the page that restores a backup; once signed in, only with the right to change settings."""
        from shopdesk.domain.account import Right
        from shopdesk.ui.window.restore_screen import RestoreScreen

        if self._restoring is None or (self.counter is not None and not self.counter.desk.may(Right.SETTINGS)):
            return
        before = self.pages.currentWidget() or self.entrance
        self._restore = RestoreScreen(self._restoring, self._background)
        self._restore.left.connect(lambda: self._on_restore_left(before))
        self._restore.wanted.connect(self._on_restore)
        self.pages.addWidget(self._restore)
        self.pages.setCurrentWidget(self._restore)
        self._restore.setFocus()

    def _on_restore_left(self, before: QWidget) -> None:
        self._forget_restore()
        self.pages.setCurrentWidget(before)

    def _on_restore(self) -> None:
        self._forget_restore()
        self._go_out()
        self.restore_wanted.emit()

    def _forget_restore(self) -> None:
        page, self._restore = self._restore, None
        if page is not None:
            self.pages.removeWidget(page)
            page.hide()
            page.deleteLater()

    def tell_restored(self, kept: str) -> None:
        """Show that the backup was restored; ``kept`` is the path of the previous data file."""
        text = tr("Backup restored. Sign in with the user name and password you had when it was made.")
        if kept:
            text += " " + tr("The previous data file was kept: {file}.", file=kept)
        self._to_read = Note(text=text, stays=True, read=self._on_read)
        self.notices.show(self._to_read)

    def reopen(self) -> None:
        """Sign out and open the database that the settings name now."""
        self._go_out()
        self.reopen_wanted.emit()

    def _go_out(self) -> None:
        """Sign out and stop all queries until a database is opened again."""
        self._settings = None  # otherwise signing out would query the old database
        self.sign_out()
        if self._locking is not None:  # it holds users of the old database
            self.pages.removeWidget(self._locking.page)
            self._locking.page.deleteLater()
            self._locking.deleteLater()
            self._locking = None
        self.entrance.sign_in.set_ready(False)

    def _on_move(self, wanted: Moving) -> None:
        from shopdesk.ui.window.database_move_screen import MovingScreen

        if self.counter is None:
            return
        self._moving = MovingScreen(wanted, self.counter.desk)
        self._moving.left.connect(self._on_moving_left)
        self.pages.addWidget(self._moving)
        self.pages.setCurrentWidget(self._moving)
        self._moving.setFocus()

    def _on_moving_left(self, is_moved: bool) -> None:
        page, self._moving = self._moving, None
        if page is not None:
            self.pages.removeWidget(page)
            page.deleteLater()
        if is_moved:
            self.reopen()
        elif self.counter is not None:
            self.pages.setCurrentWidget(self.counter)

    def _leave(self) -> None:
        if self._idle is not None:
            self._idle.stop()
        if self._notices is not None:
            self._notices.clear()
        if self.counter is not None:
            self.pages.removeWidget(self.counter)
            self.counter.hide()
            self.counter.deleteLater()
            self.counter = None

    # --- changes and errors ---

    def _on_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.entrance.show_settings(settings)
        self.settings_changed.emit(settings)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "shop" in tables and self.counter is not None:
            from shopdesk.queries import shop

            self._background.ask(shop.current, owner=self.counter, then=self._on_shop)

    def _on_shop(self, shop: Shop | None) -> None:
        from shopdesk.render.formatting import marks

        if shop is not None and self.counter is not None:
            self.counter.desk.set_shop(shop, marks(shop.language))
            self.setWindowTitle(f"{shop.seller.name} – shopdesk")

    def _on_troubled(self, error: Exception) -> None:
        match error:
            case Outdated():
                self._is_outdated = True
                self.banner.say(str(error), action=Action(tr("Restart"), self.restart_wanted.emit))
            case DatabaseAway():  # the banner shows the cause; the notice, that this action failed
                self.notices.show(Note(text=tr("Not done. {why}", why=error), tone=Tone.WARN))
            case Unavailable():
                self.notices.show(Note(text=str(error), tone=Tone.WARN, stays=True))
            case Refused() | NeedsYes():
                self.notices.show(Note(text=str(error), tone=Tone.WARN))
            case _:
                report = self._report(error)
                text = tr("Something went wrong. What you typed is still here.")
                show = Action(tr("Report"), lambda: self._show_report(report))
                self.notices.show(Note(text=text, tone=Tone.BAD, action=show, stays=True))

    # --- the connection to the database ---

    def _on_away(self, error: DatabaseAway) -> None:
        self._away = error
        self._tell_away()
        self._show_database(False)

    def _tell_away(self) -> None:
        """Show the error in the banner; in the workspace add that typing may continue."""
        if self._away is None:
            return
        text = str(self._away)
        if self._away.is_gone and self.counter is not None and self.pages.currentWidget() is self.counter:
            text += " " + tr("You can keep typing. Nothing will be lost.")
        self.banner.say(text, action=Action(tr("Retry"), self._background.look))

    def _on_slow(self, is_slow: bool) -> None:
        """Show or hide the banner for a slow database; it is not known yet if an answer will come."""
        if self._away is not None or self._is_outdated:
            return
        if is_slow:
            self.banner.say(tr("The database is responding slowly. Nothing is lost."), tone=Tone.PLAIN)
        else:
            self._show_database(True)

    def _on_returned(self) -> None:
        """Let every page read its data again after the connection returned."""
        self._away = None
        self._show_database(True)
        self._background.changed.emit(_TABLES)
        if self.counter is None and self._settings is not None:
            self.entrance.open(self._settings)

    def _show_database(self, is_there: bool) -> None:
        if is_there and self._banner is not None and not self._is_outdated:
            self._banner.hide()
        if self.counter is not None:
            self.counter.status.show_database(is_there)

    def _show_report(self, report: str, title: str = "") -> None:
        from shopdesk.ui.window.report_dialog import Report

        Report(report, title=title, parent=self).open()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Emit ``painted`` once, after the first paint."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save the size and cancel any provider sign-in; everything typed is stored already."""
        if "shopdesk.ui.sign_in.provider_sign_in" in sys.modules:  # not loaded: no sign-in to cancel
            from shopdesk.ui.sign_in.provider_sign_in import ByProvider

            for trying in self.findChildren(ByProvider):
                trying.cancel()
        if self._moving is not None:
            self._moving.give_up()
        QSettings().setValue(_SIZE, self.saveGeometry())
        self._leave()
        super().closeEvent(event)


def _browse(address: str) -> bool:
    from shopdesk.ui.sign_in.provider_sign_in import browse

    return browse(address)
