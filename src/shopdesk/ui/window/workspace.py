"""The workspace after sign-in: tabs, the open page below them, and the status line.

A page is imported and built when it is first opened. To add one: a row in ``Page``, a function in ``screens`` and a row
in ``Workspace``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QIcon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from shopdesk.domain.account import Right
from shopdesk.domain.document import Kind
from shopdesk.message_catalogues import Marked, mark
from shopdesk.queries import scans, shop
from shopdesk.ui.base import display_names, document_languages, icons, shortcuts, theme, tokens, window_language
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr, tr_marked
from shopdesk.ui.base.navigation import CopyRequest
from shopdesk.ui.base.pages import Page
from shopdesk.ui.base.scan_sound import beep_bad
from shopdesk.ui.base.scanner import Scan, ignore_scan, not_found
from shopdesk.ui.base.theme import Theme
from shopdesk.ui.base.tokens import Tone
from shopdesk.ui.editor.restore_local_drafts import restore_local_drafts
from shopdesk.ui.shifts.shift_acts import ShiftActs
from shopdesk.ui.widgets.banner import BusyLine
from shopdesk.ui.widgets.buttons import QuietButton
from shopdesk.ui.widgets.labels import Drawing, Label
from shopdesk.ui.widgets.lazy_page import LazyPage
from shopdesk.ui.window import preload, screens
from shopdesk.ui.window.print_notices import PrintNotices

if TYPE_CHECKING:
    from shopdesk.domain.account import Staff
    from shopdesk.domain.till_preferences import TillPreferences
    from shopdesk.queries.documents import DocumentFilter
    from shopdesk.queries.drafts import DraftSummary
    from shopdesk.queries.outbox import NotDelivered
    from shopdesk.queries.scans import ScanMeaning


W = TypeVar("W", bound=QWidget)

_VIEW, _SEARCH, _ACCOUNT, _ABOUT = mark("view"), mark("search"), mark("My account"), mark("About")
_REPORTS, _SALES_REPORTS, _PRINTS = mark("Reports"), mark("X and Z reports"), mark("Prints")
"""Pages without a tab: the tab they were opened from stays marked."""
_OPEN_PAGE = "window/page"


class Workspace(QWidget):
    """The workspace of the signed-in user."""

    lock_wanted = Signal()  # by key or menu
    sign_out_wanted = Signal()  # from the menu
    language_chosen = Signal(str)  # one of the languages with a catalogue, or that of the shop

    looks_words_up = False

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._context = context
        context.setParent(self)
        self._viewed: UUID | None = None
        self.tabs = _Tabs()
        self.stack = QStackedWidget()
        self._pages: dict[str, LazyPage[QWidget]] = {}
        self.shift = ShiftActs(context, self)
        self._add(Page.DASHBOARD.value, lambda context: screens.dashboard(context, self.shift))
        self._editor = self._add(Page.EDITOR.value, screens.editor, scrolls=False)
        self._documents = self._add(Page.DOCUMENTS.value, screens.documents)
        self._add(Page.STATISTICS.value, screens.statistics)
        self._add(Page.CUSTOMERS.value, screens.customers)
        self._add(Page.PRODUCTS.value, screens.products)
        self._add(Page.MESSAGES.value, screens.messages)
        self._settings = self._add(Page.SETTINGS.value, screens.settings)
        self._view = self._add(_VIEW, screens.document)
        self._add(_SEARCH, screens.search)
        self._sales_reports = self._add(_SALES_REPORTS, screens.sales_reports)
        self._add(_ACCOUNT, screens.my_account)
        self._add(_ABOUT, screens.about)
        self._add(_REPORTS, screens.reports)
        self._add(_PRINTS, screens.prints)
        self.status = StatusLine(context)
        self.print_notices = PrintNotices(context, self)
        self.busy = BusyLine()
        self.account = QuietButton(
            context.actor.staff.name, icon="person", tip=tr("My account, lock, keyboard shortcuts, sign out")
        )
        self.account.setMenu(self._menu())
        head = QWidget()
        head.setProperty("role", "header")
        row = QHBoxLayout(head)
        row.setContentsMargins(tokens.S, 0, tokens.S, 0)
        row.setSpacing(tokens.S)
        row.addWidget(self.tabs, 1)
        row.addWidget(self.account)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.busy)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        self._column = column
        self._listen()
        self._bind()

    @property
    def context(self) -> Context:
        """The context of this workspace."""
        return self._context

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window, show every page rather than the name of who is signed in; the status line has it too."""
        super().resizeEvent(event)
        self._fit_head()

    def _fit_head(self) -> None:
        name = self._context.actor.staff.name
        self.account.set_label(name)
        dense = self.width() < self.tabs.full_width + self.account.sizeHint().width() + 3 * tokens.S
        self.tabs.set_dense(dense)
        if dense:
            self.account.setText("")

    def take_notices(self, strip: QWidget) -> None:
        """Put the strip of notices between the tabs and the page."""
        self._column.insertWidget(self._column.indexOf(self.stack), strip)

    @property
    def page(self) -> str:
        """The name of the open page: a Page, "view", "search", "My account", "About" or "Reports"."""
        return next((name for name, page in self._pages.items() if page.is_open), "")

    def opened(self, name: str) -> QWidget:
        """Return the screen of a page; build it first if needed."""
        return self._pages[name].page

    def show_page(self, page: str) -> None:
        """Show a tab."""
        self.tabs.mark(Page(page))
        self._turn_to(page)

    def show_section(self, title: str) -> None:
        """Show a section of Settings, by its title."""
        self.show_page(Page.SETTINGS)
        self._settings.page.open(title)

    def start(self) -> None:
        """Show the dashboard, or the draft that was open when the program ended."""
        context = self._context
        context.ask(shop.till_preferences, context.actor.till, owner=self, then=self._on_preferences)
        was_typing = QSettings().value(_OPEN_PAGE) == Page.EDITOR.name
        restore_local_drafts(self._context, owner=self, then=lambda: self._resume() if was_typing else None)
        self.show_page(Page.DASHBOARD)
        preload.start(context)

    def _on_preferences(self, preferences: TillPreferences) -> None:
        self._context.till_preferences = preferences

    def _resume(self) -> None:
        from shopdesk.queries import drafts

        self._context.ask(drafts.open_at, self._context.actor.till, owner=self, then=self._on_drafts)

    def _on_drafts(self, found: tuple[DraftSummary, ...]) -> None:
        if found and self.page == Page.DASHBOARD:
            self.open_draft(found[0].key)

    def switch_to(self, staff: Staff) -> None:
        """Switch to another user: keep the open document, rebuild the other pages for the new user."""
        same_person = staff == self._context.actor.staff
        self._context.switch_to(staff)
        if same_person:
            return
        page = self.page
        self._fit_head()
        self.status.show_person(staff)
        for lazy in self._pages.values():
            if lazy is not self._editor:
                lazy.discard()
        if page == _VIEW and self._viewed is not None:
            self.open_document(self._viewed)
        else:
            self._turn_to(page)

    # --- scans ---

    def take_scan(self, scan: Scan) -> None:
        """Begin a sale with the scanned product, or open the scanned document, unless something else is being typed."""
        if scan.is_in_field and not scan.is_in_empty_search:
            if ignore_scan(scan):
                self._refuse(tr("{code} is a barcode. Leave the field to sell it.", code=scan.code.text))
            return

        def looked_up(found: ScanMeaning | None) -> None:
            if found is None and scan.is_typing and (scan.is_in_empty_search or not scan.is_sure):
                scan.leave()
                return
            scan.take_back()
            if found is not None and found.document_key is not None:
                self._editor.page.products.apply(found)
            elif found is not None or scan.is_sure:
                self.new_document()
                entry = self._editor.page.products
                entry.apply(found) if found is not None else entry.report_unknown(scan.code)
            else:
                self._refuse(not_found(scan.code))
            scan.finish()

        def unanswered(error: Exception) -> None:
            self._context.report_unanswered(error)
            if scan.is_typing and not scan.is_sure:
                scan.leave()
                return
            scan.take_back()
            self._refuse(tr("The database is unreachable, so {code} cannot be looked up.", code=scan.code.text))
            scan.finish()

        self._context.look_up(scans.meaning, scan.code, owner=self, then=looked_up, failed=unanswered)

    def _refuse(self, text: str) -> None:
        beep_bad(self._context.settings.till.scan_sound, self)
        self._context.navigation.notify(text, tone=Tone.WARN)

    # --- navigation ---

    def open_document(self, key: UUID) -> None:
        """Show a document on the view page."""
        self._viewed = key
        self._view.page.show_document(key)
        self._turn_to(_VIEW)

    def search(self) -> None:
        """Show the search page."""
        self._turn_to(_SEARCH)

    def new_document(self, kind: Kind | None = None) -> None:
        """Open an empty document in the editor; the one open there stays as a draft."""
        self._editor.page.new(kind)
        self.show_page(Page.EDITOR)
        if kind is Kind.INVOICE:  # it needs a customer, where a receipt begins with the goods
            self._editor.page.fields.go_to("customer")

    def edit_document(self, key: UUID) -> None:
        """Open an issued document in the editor, to correct it."""
        self._editor.page.edit(key)
        self.show_page(Page.EDITOR)

    def copy_document(self, wanted: CopyRequest) -> None:
        """Open the editor on a new document with the content of another."""
        self._editor.page.copy(wanted)
        self.show_page(Page.EDITOR)

    def open_draft(self, key: UUID) -> None:
        """Open a saved draft in the editor."""
        self._editor.page.open_draft(key)
        self.show_page(Page.EDITOR)

    def show_report(self, number: int) -> None:
        """Show the X report (0), a Z report by its number, or the latest one (-1), to whom may see statistics."""
        if not self._context.may(Right.STATISTICS):
            text = tr("Your role does not show reports.")
            self._context.navigation.notify(text, tone=Tone.WARN)
            return
        self._sales_reports.page.show_report(number)
        self._turn_to(_SALES_REPORTS)

    def show_reports(self) -> None:
        """Show the page of reports, which belongs to Statistics."""
        self.tabs.mark(Page.STATISTICS)
        self._turn_to(_REPORTS)

    def show_prints(self) -> None:
        """Show the page of prints, which belongs to Messages."""
        self.tabs.mark(Page.MESSAGES)
        self._turn_to(_PRINTS)

    def find_documents(self, find: DocumentFilter) -> None:
        """Show the Documents page with these filters."""
        self._documents.page.find(find)
        self.show_page(Page.DOCUMENTS)

    # --- internals ---

    def _add(self, name: Marked, create: Callable[[Context], W], *, scrolls: bool = True) -> LazyPage[W]:
        def create_named() -> W:
            screen = create(self._context)
            screen.setAccessibleName(tr_marked(name))
            return screen

        page = LazyPage(self.stack, create_named, scrolls=scrolls)
        self._pages[name] = page
        return page

    def _turn_to(self, name: str) -> None:
        self._pages[name].show().setFocus(Qt.FocusReason.OtherFocusReason)
        QSettings().setValue(_OPEN_PAGE, Page(name).name if name in set(Page) else "")

    def _listen(self) -> None:
        context = self._context
        context.navigation.document_wanted.connect(self.open_document)
        context.navigation.new_document_wanted.connect(self.new_document)
        context.navigation.edit_wanted.connect(self.edit_document)
        context.navigation.copy_wanted.connect(self.copy_document)
        context.navigation.documents_wanted.connect(self.find_documents)
        context.navigation.page_wanted.connect(self.show_page)
        context.navigation.report_wanted.connect(self.show_report)
        context.navigation.section_wanted.connect(self.show_section)
        context.navigation.reports_wanted.connect(self.show_reports)
        context.navigation.prints_wanted.connect(self.show_prints)
        context.background.busy.connect(self.busy.set_busy)
        self.tabs.pressed.connect(self.show_page)

    def _bind(self) -> None:
        """Bind the shortcuts that work on every page, wherever the focus is in the window."""
        acts: dict[str, Callable[[], object]] = {
            "new": self.new_document,
            "new invoice": partial(self.new_document, Kind.INVOICE),
            "dashboard": partial(self.show_page, Page.DASHBOARD),
            "search": self.search,
            "lock": self.lock_wanted.emit,
            "keys": self._on_keys,
            "shift": self.shift.open_or_count,
            "open drawer": self.shift.open_drawer,
            "x report": self.shift.x_report,
            "close day": self.shift.close_day,
        }
        acts |= {f"page {at}": partial(self.show_page, page) for at, page in enumerate(Page, 1)}
        for name, act in acts.items():
            shortcuts.bind(self, name, act, context=Qt.ShortcutContext.WindowShortcut)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        colours = QMenu(tr("Theme"), menu)
        group = QActionGroup(colours)
        for each, name in (
            (Theme.SYSTEM, tr("As the system")),
            (Theme.LIGHT, tr("Light")),
            (Theme.DARK, tr("Dark")),
        ):
            action = colours.addAction(name)
            action.setCheckable(True)
            action.setChecked(theme.chosen() is each)
            action.triggered.connect(lambda _=False, each=each: theme.choose(each))
            group.addAction(action)
        for label, icon, hint, act in (
            (tr("My account"), "person", "", lambda: self._turn_to(_ACCOUNT)),
            (tr("Lock the till"), "lock", shortcuts.hint("lock"), self.lock_wanted.emit),
            (tr("Keyboard shortcuts"), "keys", shortcuts.hint("keys"), self._on_keys),
            (tr("About shopdesk"), "info", "", lambda: self._turn_to(_ABOUT)),
            *([] if self._context.settings.is_practice else [(tr("Practice"), "practice", "", self._on_practice)]),
            (tr("Sign out"), "sign-out", "", self.sign_out_wanted.emit),
        ):
            # The shortcut is shown as text only: Qt calls a key that is bound twice ambiguous and runs neither.
            menu.addAction(icons.icon(icon), f"{label}\t{hint}" if hint else label).triggered.connect(act)
        menu.insertMenu(menu.actions()[-1], colours)
        menu.insertMenu(menu.actions()[-1], self._languages(menu))
        return menu

    def _on_practice(self) -> None:
        context = self._context

        def opened(_: object) -> None:
            context.navigation.notify(tr("Practice opens in a window of its own. Nothing done there is real."))

        context.background.run_in_pool(context.ports.open_practice, owner=self, then=opened)

    def _languages(self, menu: QMenu) -> QMenu:
        languages = QMenu(tr("Language of the windows"), menu)
        group = QActionGroup(languages)
        now = window_language.chosen(self._context.actor.staff.key)
        for tag, name in ((window_language.AS_THE_SHOP, tr("As the shop")), *document_languages.choices()):
            action = languages.addAction(name)
            action.setCheckable(True)
            action.setChecked(now == tag)
            # Later: the menu is deleted with this workspace.
            action.triggered.connect(
                lambda _=False, tag=tag: QTimer.singleShot(0, self, lambda: self.language_chosen.emit(tag))
            )
            group.addAction(action)
        return languages

    def _on_keys(self) -> None:
        from shopdesk.ui.window.shortcut_sheet import ShortcutSheet

        ShortcutSheet(parent=self.window()).open()


class _Tabs(QTabBar):
    """The tabs. ``pressed`` is also emitted for the current tab: it leads back from the view page."""

    pressed = Signal(str)  # Page

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Pages"))
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setIconSize(QSize(tokens.ICON, tokens.ICON))
        for at, page in enumerate(Page):
            self.addTab(tr_marked(page.value))
            self.setTabToolTip(at, shortcuts.hint(f"page {at + 1}"))
        self._widths: tuple[int, int] | None = None  # without and with icons
        self._show_icons(False)
        self._is_marking = False
        self.tabBarClicked.connect(self._on_pressed)
        self.currentChanged.connect(self._on_changed)

    @property
    def full_width(self) -> int:
        """The width that all pages need without icons, in px."""
        return self._measured()[0]

    def _measured(self) -> tuple[int, int]:
        """Return the width without and with icons, measured once, in the window, whose stylesheet pads them."""
        if self._widths is None:
            self.ensurePolished()
            has_icons = self._has_icons
            widths = []
            for shown in (False, True):
                self._show_icons(shown)
                widths.append(self.sizeHint().width())
            self._show_icons(has_icons)
            self._widths = (widths[0], widths[1])
        return self._widths

    def set_dense(self, dense: bool) -> None:
        """Bring the pages closer together, so that all can be reached in a narrow window."""
        theme.set_state(self, "dense" if dense else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the icons only if there is room for them."""
        super().resizeEvent(event)
        has_room = self.width() >= self._measured()[1]
        if has_room != self._has_icons:
            self._show_icons(has_room)

    def _show_icons(self, shown: bool, /) -> None:
        self._has_icons = shown
        for at, page in enumerate(Page):
            self.setTabIcon(at, icons.icon(page.icon) if shown else QIcon())

    def mark(self, page: Page) -> None:
        """Mark a tab as current without emitting ``pressed``."""
        self._is_marking = True
        self.setCurrentIndex(list(Page).index(page))
        self._is_marking = False

    def _on_pressed(self, at: int) -> None:
        if at == self.currentIndex():
            self.pressed.emit(list(Page)[at])

    def _on_changed(self, at: int) -> None:
        if not self._is_marking and at >= 0:
            self.pressed.emit(list(Page)[at])


class StatusLine(QWidget):
    """The status line: user, till, number of messages waiting, and the state of the database."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Status"))
        self.setFixedHeight(tokens.STATUS)
        self._context = context
        self.person = _Item("customer", "")
        self.till = _Item("till", tr("Till {name}", name=context.actor.till.name))
        self.database = _Item("database", tr("Database ready"))
        self.messages = _Item("messages", tr("No messages waiting"))
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.L, 0, tokens.L, 0)
        row.setSpacing(tokens.XL)
        row.addWidget(self.person)
        row.addWidget(self.till)
        row.addStretch(1)
        row.addWidget(self.messages)
        row.addWidget(self.database)
        context.background.changed.connect(self._on_changed)
        context.background.watch.disconnected.connect(self._on_disconnected)
        context.background.watch.reconnected.connect(self._on_reconnected)
        self.show_person(context.actor.staff)
        self._count()

    def show_person(self, staff: Staff) -> None:
        """Show the signed-in user."""
        self.person.set_text(f"{staff.name} · {display_names.role(staff.role)}")

    def _on_disconnected(self) -> None:
        self.database.set_text(tr("Database unreachable"), Tone.BAD)

    def _on_reconnected(self) -> None:
        self.database.set_text(tr("Database ready"))

    def _on_changed(self, tables: frozenset[str]) -> None:
        if "outbox" in tables:
            self._count()

    def _count(self) -> None:
        from shopdesk.queries import outbox

        self._context.ask(outbox.not_delivered, owner=self, then=self._on_counted)

    def _on_counted(self, left: NotDelivered) -> None:
        if not left.total:
            self.messages.set_text(tr("No messages waiting"))
            return
        look = display_names.not_delivered(left)
        self.messages.set_text(tr("Messages: {states}", states=look.word), look.tone)


class _Item(QWidget):
    """An icon and a word of the status line."""

    def __init__(self, icon: str, text: str) -> None:
        super().__init__()
        self._icon = icon
        self._drawing = Drawing(icon, size=tokens.ICON_SMALL)
        self._text = Label(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.XS)
        row.addWidget(self._drawing)
        row.addWidget(self._text)

    @property
    def text(self) -> str:
        """The text shown."""
        return self._text.text()

    def set_text(self, text: str, tone: Tone = Tone.SOFT) -> None:
        """Show a text in a tone."""
        self._text.setText(text)
        self._drawing.show_icon(self._icon, tone)
        theme.set_role(self._text, theme.SMALL_ROLES.get(tone, "small"))
