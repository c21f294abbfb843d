"""The main window: shows the sign-in flow, the workspace, the lock page over it, or the start-up error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from shopdesk.background import Background
from shopdesk.ui.base import i18n, theme, tokens, window_language
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.notice import Notice, NoticeAction
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.sign_in.flow import SignedIn, SignInFlow
from shopdesk.ui.window.covering_pages import CoveringPages
from shopdesk.ui.window.database_banner import DatabaseBanner
from shopdesk.ui.window.error_presenter import ErrorPresenter
from shopdesk.ui.window.practice_strip import PracticeStrip

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QPaintEvent

    from shopdesk.crash_reports import UncleanExit
    from shopdesk.domain.account import Identity, Staff
    from shopdesk.domain.shop import Shop
    from shopdesk.settings import Settings
    from shopdesk.ui.base.context import Context, OverrideRequest
    from shopdesk.ui.base.navigation import ProviderRequest
    from shopdesk.ui.base.ports import MoveRequest, Ports, Restoring
    from shopdesk.ui.base.provider_choice import ProviderChoice
    from shopdesk.ui.base.scanner import Scan
    from shopdesk.ui.sign_in.lock_screen import LockScreen
    from shopdesk.ui.sign_in.provider_dialog import Browse
    from shopdesk.ui.sign_in.till_lock import TillLock
    from shopdesk.ui.window.customer_display import CustomerScreen
    from shopdesk.ui.window.idle_timer import IdleTimer
    from shopdesk.ui.window.lock_guard import LockGuard
    from shopdesk.ui.window.notice_board import NoticeBoard
    from shopdesk.ui.window.startup_error import StartupErrorScreen
    from shopdesk.ui.window.workspace import Workspace

_SIZE = "window/geometry"
MINUTE_MS = 60_000
_TABLES = frozenset(
    {
        "documents", "customers", "products", "outbox", "drafts", "accounts", "shop", "tax_rates", "payments", "tills",
        "journal", "shifts", "shift_counts", "day_closes", "print_jobs",
    }
)  # fmt: skip
"""The tables to read again after the database was unreachable."""


class MainWindow(QMainWindow):
    """Holds the pages and switches between them. ``report`` returns the report of an unexpected error as text.

    ``is_practice`` shows a strip above every page that says so.
    """

    retry_wanted = Signal()  # try again to start
    restart_wanted = Signal()  # of the program
    reopen_wanted = Signal()  # open the database of the settings
    restore_wanted = Signal()  # of the backup that was checked
    password_given = Signal(str)  # for the database server
    painted = Signal()  # once, after the first paint: slow work may start
    settings_changed = Signal(object)  # Settings
    sending_wanted = Signal()  # retry the delivery of messages
    signed_in = Signal(object)  # Workspace
    signed_out = Signal()
    closing = Signal()

    looks_words_up = False

    def __init__(
        self,
        background: Background,
        *,
        now: Callable[[], datetime],
        report: Callable[[BaseException], str],
        is_practice: bool = False,
    ) -> None:
        super().__init__()
        self._background = background
        self._now = now
        self._report = report
        self._title = tr("Practice") if is_practice else "shopdesk"
        self._is_painted = False
        self._settings: Settings | None = None  # of the open database
        self._ports: Ports  # of the open database
        self._idle: IdleTimer | None = None
        self._till_lock: TillLock | None = None
        self.customer_screen: CustomerScreen | None = None
        self._guard: LockGuard | None = None
        self._notices: NoticeBoard | None = None
        self.browse: Browse = _browse
        self.workspace: Workspace | None = None
        self.trouble: StartupErrorScreen | None = None
        self.painted.connect(_watch_scans)
        self.setWindowTitle(self._title)
        self.setMinimumSize(tokens.SMALLEST_WINDOW)
        self.pages = QStackedWidget()
        self.sign_in_flow = self._create_sign_in_flow()
        self.covering = CoveringPages(self.pages, background)
        self.covering.restore_wanted.connect(self._on_restore)
        self.covering.moved.connect(self.reopen)
        self.banner = DatabaseBanner(background.watch)
        self.banner.restart_wanted.connect(self.restart_wanted)
        self._errors = ErrorPresenter(
            self,
            banner=self.banner,
            notify=lambda note: self.notices.show(note),
            report=report,
            mail_action=self._mail_action,
        )
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if is_practice:
            column.addWidget(PracticeStrip())
        column.addWidget(self.banner)
        column.addWidget(self.pages, 1)
        self._column = column
        self.setCentralWidget(middle)
        self.pages.currentChanged.connect(self._on_page_changed)
        background.error_reported.connect(self._errors.present)
        background.changed.connect(self._on_changed)
        background.watch.reconnected.connect(self._on_reconnected)
        size = QSettings().value(_SIZE)
        if not isinstance(size, QByteArray) or not self.restoreGeometry(size):
            self._set_default_size()
        theme.style_window(self)

    def _create_sign_in_flow(self) -> SignInFlow:
        flow = SignInFlow(self._background, now=self._now)
        flow.entered.connect(self._on_entered)
        flow.provider_chosen.connect(self._on_provider)
        flow.joined.connect(self.reopen)
        flow.named.connect(self._on_settings)
        flow.restore_wanted.connect(self.show_restore)
        self.pages.addWidget(flow)
        return flow

    def take_scan(self, scan: Scan) -> None:
        """Let a scan do nothing at sign-in, over the lock and wherever else there is nothing to sell."""
        from shopdesk.ui.base.scanner import ignore_scan  # loaded with the guard, after the first paint

        ignore_scan(scan)

    def _set_default_size(self) -> None:
        """Set the size of the first start; maximize on a small screen, so that nothing is outside it."""
        self.resize(tokens.USUAL_WINDOW)
        room = self.screen().availableSize() - tokens.FRAME
        if room.boundedTo(tokens.USUAL_WINDOW) != tokens.USUAL_WINDOW:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    @property
    def is_busy(self) -> bool:
        """True while anything is being read or written."""
        return self._background.is_busy

    @property
    def notices(self) -> NoticeBoard:
        """The notices, which are shown one after the other; made when first needed, to open the window faster."""
        if self._notices is None:
            from shopdesk.ui.window.notice_board import NoticeBoard

            self._notices = NoticeBoard(self)
            self._place_notices()
        return self._notices

    def _place_notices(self) -> None:
        """Put the notices above the page; in the workspace below its tabs, which so stay where they are."""
        if self._notices is None:
            return
        if self.workspace is not None and self.pages.currentWidget() is self.workspace:
            self.workspace.take_notices(self._notices.strip)
        else:
            self._column.insertWidget(self._column.indexOf(self.pages), self._notices.strip)

    def open(self, settings: Settings, ports: Ports) -> None:
        """Show the sign-in page on an open database. ``ports`` are for the pages."""
        self._settings = settings
        self._ports = ports
        self.banner.clear_outdated()
        self.pages.setCurrentWidget(self.sign_in_flow)
        self.sign_in_flow.open(settings, ports)

    def show_trouble(self, error: Exception) -> None:
        """Show why the program cannot start, and what to do about it."""
        if self.trouble is None:
            from shopdesk.ui.window.startup_error import StartupErrorScreen

            self.trouble = StartupErrorScreen()
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
        self.notices.show(Notice(text=tr("shopdesk is already open. This is its window."), tone=Tone.PLAIN))

    def show_unclean_exit(self, ended: UncleanExit) -> None:
        """Show how the previous run ended; the notice stays until the user closes it."""
        self.notices.show_until_read(self._errors.notice_of_unclean_exit(ended, self._now()))

    # --- sign-in, sign-out, lock ---

    def _on_entered(self, entry: SignedIn) -> None:
        from shopdesk.ui.window import update_notice
        from shopdesk.ui.window.idle_timer import IdleTimer
        from shopdesk.ui.window.workspace import Workspace

        if self._settings is None:
            return
        context = self._create_context(entry, self._settings)
        self._leave()
        self._speak(window_language.of(entry.staff.key, entry.shop.language))
        if isinstance(app := QApplication.instance(), QApplication):
            theme.keep_font(app)  # some desktops tell their fonts only once the window is shown
        self.workspace = Workspace(context)
        self.workspace.lock_wanted.connect(self.lock)
        self.workspace.sign_out_wanted.connect(self.sign_out)
        self.workspace.language_chosen.connect(self._on_language_chosen)
        self._create_till_lock().remember(entry.staff)
        self.pages.addWidget(self.workspace)
        self.pages.setCurrentWidget(self.workspace)
        self.setWindowTitle(f"{entry.shop.seller.name} – {self._title}")
        self.sign_in_flow.restart()
        if self._idle is None:
            self._idle = IdleTimer(self)
            self._idle.idled.connect(self.lock)
        self._watch_idle()
        self.workspace.start()
        self._show_to_customers(context)
        if self._notices is not None:
            self._notices.show_unread()  # signing in has closed it
        if context.settings.update_address:
            QTimer.singleShot(
                update_notice.LATER_MS, self.workspace, lambda: update_notice.check_for_update(context, self.browse)
            )
        self.signed_in.emit(self.workspace)

    def _show_to_customers(self, context: Context) -> None:
        from shopdesk.ui.window.customer_display import CustomerScreen

        if self.customer_screen is None:
            self.customer_screen = CustomerScreen(self)
        self.customer_screen.follow(context)

    def _speak(self, language: str) -> None:
        """Show every window in this language from now on: those pages that are not the workspace are built anew."""
        window_language.remember(language)
        if language == i18n.language() or not isinstance(app := QApplication.instance(), QApplication):
            return
        window_language.use(app, language)
        before = self.sign_in_flow
        self.sign_in_flow = self._create_sign_in_flow()
        self.sign_in_flow.may_restore = before.may_restore
        if self._settings is not None:
            self.sign_in_flow.open(self._settings, self._ports)
        opened = self._till_lock.opened if self._till_lock is not None else ()
        self._drop_till_lock()
        for staff in opened:
            self._create_till_lock().remember(staff)
        for page in (before, self.trouble):
            if page is not None:
                self.pages.removeWidget(page)
                page.hide()
                page.deleteLater()
        self.trouble = None
        if self._notices is not None:
            self._notices.strip.deleteLater()
            self._notices.deleteLater()
            self._notices = None

    def _on_language_chosen(self, language: str) -> None:
        """Build the workspace anew in the language that its user has chosen; what is typed stays as a draft."""
        if self.workspace is None:
            return
        context, page = self.workspace.context, self.workspace.page
        window_language.choose(context.actor.staff.key, language)
        self._on_entered(SignedIn(context.actor.staff, context.shop, context.actor.till))
        if page in set(Page) and page != Page.EDITOR:
            self.workspace.show_page(page)

    def _create_context(self, entry: SignedIn, settings: Settings) -> Context:
        from shopdesk.domain.account import Actor
        from shopdesk.render.formatting import typing_symbols
        from shopdesk.ui.base.context import Context

        context = Context(
            background=self._background,
            actor=Actor(entry.staff, entry.till),
            shop=entry.shop,
            symbols=typing_symbols(entry.shop.locale),
            settings=settings,
            now=self._now,
            ports=self._ports,
            request_override=self._on_override_requested,
        )
        context.settings_changed.connect(lambda: self._on_settings(context.settings))
        navigation = context.navigation
        navigation.noted.connect(lambda note: self.notices.show(note))
        navigation.provider_wanted.connect(self._on_provider_wanted)
        navigation.sending_wanted.connect(self.sending_wanted)
        navigation.move_wanted.connect(self._on_move)
        navigation.reopen_wanted.connect(self.reopen)
        navigation.restore_wanted.connect(self.show_restore)
        return context

    def sign_out(self) -> None:
        """Return to the sign-in page; the open document stays as a draft."""
        if self.workspace is not None and self._till_lock is not None:
            self._till_lock.clear(self.workspace.context.actor.staff)
        self._leave()
        self.setWindowTitle(self._title)
        self.pages.setCurrentWidget(self.sign_in_flow)
        self.sign_in_flow.restart()
        if self._settings is not None:
            self.sign_in_flow.open(self._settings, self._ports)
        self.signed_out.emit()

    def lock(self) -> None:
        """Cover the workspace with the lock page; everything open stays open."""
        if self.workspace is None or self._till_lock is None or self.pages.currentWidget() is self._till_lock.page:
            return
        self.covering.leave_restore()
        if self.pages.currentWidget() is not self.workspace:  # a move or restore must not be interrupted
            self._watch_idle()
            return
        self._lock_guard().engage()
        context = self.workspace.context
        self.notices.lock()
        if self.customer_screen is not None:
            self.customer_screen.set_blank(True)
        self._end_sign_in(context.actor.staff)
        self._till_lock.show(context.actor.staff, context.shop.seller.name, self.sign_in_flow.choices)
        self.pages.setCurrentWidget(self._till_lock.page)
        if self._idle is not None:
            self._idle.stop()

    def _end_sign_in(self, staff: Staff) -> None:
        """End the sign-in on a server; where that fails, it ends there by itself within hours."""
        from shopdesk.usecases import accounts

        if staff.token:
            self._background.do(accounts.sign_out, staff.token, owner=self, failed=lambda _: None)

    def _lock_guard(self) -> LockGuard:
        from shopdesk.ui.window.lock_guard import LockGuard

        if self._guard is None:
            self._guard = LockGuard(self, self._create_till_lock().page)
        return self._guard

    def _watch_idle(self) -> None:
        if self.workspace is not None and self._idle is not None:
            self._idle.start(self.workspace.context.shop.lock_after_minutes * MINUTE_MS)

    @property
    def lock_page(self) -> LockScreen | None:
        """The lock page; None before the first sign-in."""
        return self._till_lock.page if self._till_lock else None

    def _create_till_lock(self) -> TillLock:
        from shopdesk.ui.sign_in.till_lock import TillLock

        if self._till_lock is None:
            self._till_lock = TillLock(self._background, ports=self._ports, now=self._now, parent=self)
            self._till_lock.unlocked.connect(self._on_unlocked)
            self._till_lock.page.sign_out_wanted.connect(self.sign_out)
            self._till_lock.page.provider_chosen.connect(self._on_provider_at_lock)
            self.pages.addWidget(self._till_lock.page)
        return self._till_lock

    def _on_unlocked(self, staff: Staff) -> None:
        if self.workspace is None:
            return
        same_person = staff == self.workspace.context.actor.staff
        self._lock_guard().release()
        if self.customer_screen is not None:
            self.customer_screen.set_blank(False)
        context = self.workspace.context
        if window_language.of(staff.key, context.shop.language) != i18n.language():
            self._on_entered(SignedIn(staff, context.shop, context.actor.till))
            return
        self.workspace.switch_to(staff)
        self.pages.setCurrentWidget(self.workspace)
        self.notices.unlock(same_person=same_person)
        self._watch_idle()

    # --- providers ---

    def ask_provider(
        self,
        choice: ProviderChoice,
        then: Callable[[Identity], object],
        failed: Callable[[str], object],
        sign_in: Callable[..., Any] | None = None,
    ) -> None:
        """Let the user sign in at a provider; neither callback is called if they cancel."""
        from shopdesk.ui.sign_in.provider_sign_in import ProviderSignIn

        trying = ProviderSignIn(
            choice,
            background=self._background,
            sign_in=sign_in or partial(self._ports.provider.sign_in, choice.name),
            browse=self.browse,
            then=then,
            failed=failed,
            parent=self,
        )
        self.closing.connect(trying.cancel)
        trying.start()

    def _on_provider_wanted(self, wanted: ProviderRequest) -> None:
        self.ask_provider(wanted.choice, wanted.then, wanted.failed, wanted.sign_in)

    def _on_provider(self, name: str) -> None:
        choice = next(choice for choice in self.sign_in_flow.choices if choice.name == name)
        self.ask_provider(choice, self.sign_in_flow.on_identity, self.sign_in_flow.sign_in.refuse_provider)

    def _on_provider_at_lock(self, choice: ProviderChoice) -> None:
        till_lock = self._create_till_lock()
        self.ask_provider(choice, till_lock.check_identity, till_lock.page.refuse)

    def _on_override_requested(self, request: OverrideRequest) -> None:
        from shopdesk.ui.sign_in import manager_override

        if self.workspace is not None:
            manager_override.ask(request, self.workspace.context, self)

    # --- another database ---

    def allow_restore(self, restoring: Restoring | None) -> None:
        """Set the port that restores backups; None where the shop's data is not a file."""
        self.covering.restoring = restoring
        self.sign_in_flow.may_restore = restoring is not None

    def show_restore(self) -> None:
        """Show the page that restores a backup; once signed in, only with the right to change settings."""
        from shopdesk.domain.account import Right

        if self.workspace is None or self.workspace.context.may(Right.SETTINGS):
            self.covering.open_restore()

    def _on_restore(self) -> None:
        self._go_out()
        self.restore_wanted.emit()

    def show_restored(self, kept: str) -> None:
        """Show that the backup was restored; ``kept`` is the path of the previous data file."""
        text = tr("Backup restored. Sign in with the user name and password you had when it was made.")
        if kept:
            text += " " + tr("The previous data file was kept: {file}.", file=kept)
        self.notices.show_until_read(Notice(text=text))

    def reopen(self) -> None:
        """Sign out and open the database that the settings name now."""
        self._go_out()
        self.reopen_wanted.emit()

    def _go_out(self) -> None:
        """Sign out and stop all queries until a database is opened again."""
        self._settings = None  # otherwise signing out would query the old database
        self.sign_out()
        self._drop_till_lock()  # it holds users of the old database
        self.sign_in_flow.sign_in.set_ready(False)

    def _drop_till_lock(self) -> None:
        if self._till_lock is not None:
            self.pages.removeWidget(self._till_lock.page)
            self._till_lock.page.deleteLater()
            self._till_lock.deleteLater()
            self._till_lock = self._guard = None

    def _on_move(self, wanted: MoveRequest) -> None:
        if self.workspace is not None:
            self.covering.open_move(wanted, self.workspace.context)

    def _leave(self) -> None:
        if self._idle is not None:
            self._idle.stop()
        if self._guard is not None:
            self._guard.release()
        if self._notices is not None:
            self._notices.clear()
        if self.customer_screen is not None:
            self.customer_screen.close()
        if self.workspace is not None:
            self._end_sign_in(self.workspace.context.actor.staff)
            self.pages.removeWidget(self.workspace)
            self.workspace.hide()
            self.workspace.deleteLater()
            self.workspace = None

    def _mail_action(self) -> NoticeAction | None:
        from shopdesk.domain.account import Right

        workspace = self.workspace
        if workspace is None or not workspace.context.may(Right.SETTINGS):
            return None
        return NoticeAction(tr("Set up mail"), lambda: workspace.show_section("Mail"))

    # --- changes ---

    def _on_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.sign_in_flow.show_settings(settings)
        self.settings_changed.emit(settings)

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "shop" in tables and self.workspace is not None:
            from shopdesk.queries import shop

            self._background.ask(shop.current, owner=self.workspace, then=self._on_shop)

    def _on_shop(self, shop: Shop | None) -> None:
        from shopdesk.render.formatting import typing_symbols

        if shop is not None and self.workspace is not None:
            self.workspace.context.set_shop(shop, typing_symbols(shop.locale))
            self.setWindowTitle(f"{shop.seller.name} – {self._title}")

    def _on_page_changed(self) -> None:
        self._place_notices()
        self.banner.set_typing(self.workspace is not None and self.pages.currentWidget() is self.workspace)

    def _on_reconnected(self) -> None:
        """Let every page read its data again."""
        self._background.changed.emit(_TABLES)
        if self.workspace is None and self._settings is not None:
            self.sign_in_flow.open(self._settings, self._ports)

    def changeEvent(self, event: QEvent) -> None:
        """Keep our font when the desktop's theme changes."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ThemeChange and isinstance(app := QApplication.instance(), QApplication):
            theme.keep_font(app)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Emit ``painted`` once, after the first paint."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save the size and cancel sign-ins at providers and a move; everything typed is stored already."""
        self.closing.emit()
        self.covering.give_up_move()
        QSettings().setValue(_SIZE, self.saveGeometry())
        self._leave()
        super().closeEvent(event)


def _browse(address: str) -> bool:
    from shopdesk.ui.sign_in.provider_sign_in import browse

    return browse(address)


def _watch_scans() -> None:
    from shopdesk.ui.base.scanner import scan_guard  # imported late: no code is scanned before the first paint

    scan_guard()
