"""The one window: before the counter the entrance, then the counter, the lock over it, and trouble instead of it.

It also says what nobody else has a place for: an error by its kind, a notice at the foot, the database away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSettings, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from shopdesk.background import Background, DatabaseAway
from shopdesk.domain.errors import NeedsYes, Refused, Unavailable
from shopdesk.ui import theme
from shopdesk.ui.entrance import Entrance, Entry
from shopdesk.ui.text import Action, Note, tr
from shopdesk.ui.theme import Tone

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QPaintEvent

    from shopdesk.domain.shop import Shop
    from shopdesk.settings import Settings
    from shopdesk.ui.counter import Counter
    from shopdesk.ui.doors import Doors
    from shopdesk.ui.idle import Idle
    from shopdesk.ui.screens.lock import LockScreen
    from shopdesk.ui.screens.trouble import TroubleScreen
    from shopdesk.ui.widgets.notices import Banner, NoticeBoard

_SIZE = "window/geometry"
_TABLES = frozenset({"documents", "customers", "products", "outbox", "drafts", "accounts", "shop", "payments"})


class MainWindow(QMainWindow):
    """Holds the pages and turns between them; what is on them is theirs. ``report`` writes a bug's report."""

    retry_wanted = Signal()
    painted = Signal()  # for the first time: what is heavy may begin
    settings_changed = Signal(object)  # Settings
    sending_wanted = Signal()
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
        self._settings: Settings | None = None
        self._doors: Doors | None = None
        self._idle: Idle | None = None
        self.counter: Counter | None = None
        self.lock_page: LockScreen | None = None
        self.trouble: TroubleScreen | None = None
        self.setWindowTitle("shopdesk")
        self.setMinimumSize(theme.SMALLEST_WINDOW)
        self.pages = QStackedWidget()
        self.entrance = Entrance(background, now=now)
        self.entrance.entered.connect(self._on_entered)
        self.pages.addWidget(self.entrance)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._column = column
        column.addWidget(self.pages, 1)
        self.setCentralWidget(middle)
        self._banner: Banner | None = None
        self._notices: NoticeBoard | None = None
        background.troubled.connect(self._on_troubled)
        background.changed.connect(self._on_changed)
        size = QSettings().value(_SIZE)
        if not isinstance(size, QByteArray) or not self.restoreGeometry(size):
            self.resize(theme.USUAL_WINDOW)

    @property
    def is_busy(self) -> bool:
        """Whether anything is still being read or written."""
        return self._background.is_busy

    # --- what it says; made when first needed, for the window has to stand at once ---

    @property
    def banner(self) -> Banner:
        """The line across the top."""
        if self._banner is None:
            from shopdesk.ui.widgets.notices import Banner

            self._banner = Banner()
            self._column.insertWidget(0, self._banner)
        return self._banner

    @property
    def notices(self) -> NoticeBoard:
        """The sentences that come and go."""
        if self._notices is None:
            from shopdesk.ui.widgets.notices import NoticeBoard

            self._notices = NoticeBoard(self, below=theme.TAB)
        return self._notices

    def open(self, settings: Settings, doors: Doors | None = None) -> None:
        """The database is open: people may come in. ``doors`` is what the settings page may reach outside."""
        self._settings = settings
        self._doors = doors
        self.pages.setCurrentWidget(self.entrance)
        self.entrance.open(settings)

    def show_trouble(self, error: Exception) -> None:
        """The program cannot begin: a page that says why and what to do."""
        if self.trouble is None:
            from shopdesk.ui.screens.trouble import TroubleScreen

            self.trouble = TroubleScreen()
            self.trouble.retry_wanted.connect(self.retry_wanted)
            self.trouble.quit_wanted.connect(self.close)
            self.pages.addWidget(self.trouble)
        self.trouble.show_error(error, self._report(error))
        self.pages.setCurrentWidget(self.trouble)

    # --- in and out ---

    def _on_entered(self, entry: Entry) -> None:
        from shopdesk.domain.account import Actor
        from shopdesk.render.words import marks
        from shopdesk.ui.counter import Counter
        from shopdesk.ui.desk import Desk
        from shopdesk.ui.idle import Idle

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
        )
        desk.noted.connect(self.notices.show)
        desk.settings_changed.connect(lambda: self._on_settings(desk.settings))
        desk.sending_wanted.connect(self.sending_wanted)
        self._leave()
        self.counter = Counter(desk)
        self.counter.lock_wanted.connect(self.lock)
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
        self.signed_in.emit(self.counter)

    def sign_out(self) -> None:
        """Back to the first page; what was open is kept as a draft."""
        self._leave()
        self.setWindowTitle("shopdesk")
        self.pages.setCurrentWidget(self.entrance)
        self.entrance.restart()
        if self._settings is not None:
            self.entrance.open(self._settings)
        self.signed_out.emit()

    def lock(self) -> None:
        """Cover the counter until the password is given; what is open on it stays."""
        if self.counter is None or self.pages.currentWidget() is not self.counter:
            return
        if self.lock_page is None:
            from shopdesk.ui.screens.lock import LockScreen

            self.lock_page = LockScreen()
            self.lock_page.unlock_wanted.connect(self._on_unlock)
            self.lock_page.sign_out_wanted.connect(self.sign_out)
            self.pages.addWidget(self.lock_page)
        while (question := QApplication.activeModalWidget()) is not None:
            question.close()  # a question that stays open would stand over the lock; no is always a safe answer
        desk = self.counter.desk
        self.lock_page.show_person(desk.actor.staff.name, desk.shop.seller.name)
        self.pages.setCurrentWidget(self.lock_page)
        if self._idle is not None:
            self._idle.stop()

    def _on_unlock(self, password: str) -> None:
        from shopdesk.usecases import accounts

        if self.counter is None or self.lock_page is None:
            return
        self._background.do(
            accounts.sign_in,
            user_name=self.counter.desk.actor.staff.user_name,
            password=password,
            now=self._now(),
            owner=self.counter,
            then=self._on_judged,
            failed=lambda error: self._on_not_judged(error),
        )

    def _on_judged(self, answer: Any) -> None:
        from shopdesk.usecases.accounts import SignInRefused

        if self.counter is None or self.lock_page is None:
            return
        if isinstance(answer, SignInRefused):
            self.lock_page.refuse(answer.text)
            return
        self.lock_page.clear()
        self.pages.setCurrentWidget(self.counter)
        if self._idle is not None:
            self._idle.start(self.counter.desk.shop.lock_after_minutes)

    def _on_not_judged(self, error: Exception) -> None:
        if self.lock_page is not None:
            self.lock_page.refuse(str(error) if isinstance(error, Unavailable) else tr("This did not work."))
        if not isinstance(error, Unavailable):
            self._background.report(error)

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

    # --- news ---

    def _on_settings(self, settings: Settings) -> None:
        self._settings = settings
        self.entrance.show_settings(settings)
        self.settings_changed.emit(settings)

    def _on_changed(self, tables: frozenset[str]) -> None:
        self._show_database(True)  # something was just written
        if "shop" in tables and self.counter is not None:
            from shopdesk.queries import shop

            self._background.ask(shop.current, owner=self.counter, then=self._on_shop)

    def _on_shop(self, shop: Shop | None) -> None:
        from shopdesk.render.words import marks

        if shop is not None and self.counter is not None:
            self.counter.desk.set_shop(shop, marks(shop.language))
            self.setWindowTitle(f"{shop.seller.name} – shopdesk")

    def _on_troubled(self, error: Exception) -> None:
        match error:
            case DatabaseAway():
                self.banner.say(str(error), action=Action(tr("Retry"), self._on_retry))
                self._show_database(False)
            case Unavailable():
                self.notices.show(Note(text=str(error), tone=Tone.WARN, stays=True))
            case Refused() | NeedsYes():
                self.notices.show(Note(text=str(error), tone=Tone.WARN))
            case _:
                report = self._report(error)
                text = tr("Something went wrong that should not. What you typed is still here.")
                show = Action(tr("Report"), lambda: self._show_report(report))
                self.notices.show(Note(text=text, tone=Tone.BAD, action=show, stays=True))

    def _show_database(self, is_there: bool) -> None:
        if is_there and self._banner is not None:
            self._banner.hide()
        if self.counter is not None:
            self.counter.status.show_database(is_there)

    def _on_retry(self) -> None:
        """Ask something small; when it answers, every page reads again what it shows."""
        from shopdesk.queries import accounts

        self._background.ask(accounts.any_account, owner=self, then=lambda _: self._background.changed.emit(_TABLES))

    def _show_report(self, report: str) -> None:
        from shopdesk.ui.widgets.report import Report

        Report(report, parent=self).open()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once that the window stands, when it is really on the screen."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the size; everything typed is stored already."""
        QSettings().setValue(_SIZE, self.saveGeometry())
        self._leave()
        super().closeEvent(event)
