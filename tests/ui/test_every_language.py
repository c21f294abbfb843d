"""Each text of each window comes out of the catalogues and has room: a walk through all pages in a pseudo-language."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget

from shopdesk import app
from shopdesk.domain.account import AccountStatus, Role
from shopdesk.domain.accounting import AccountMapping
from shopdesk.domain.cash_difference import Cause, Proposal
from shopdesk.domain.document import Document, Kind
from shopdesk.domain.draft import DraftRow
from shopdesk.domain.payment import Method
from shopdesk.domain.printer import PROFILES
from shopdesk.domain.product import Product
from shopdesk.domain.sales_report import ShiftResult
from shopdesk.domain.shift import Shift, ShiftCount
from shopdesk.message_catalogues import SOURCE, languages
from shopdesk.row_keys import new_key
from shopdesk.store.database import connect
from shopdesk.ui.base import country_defaults, document_languages, i18n, window_language
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.i18n import tr
from shopdesk.ui.base.pages import Page
from shopdesk.ui.catalogue.customers_screen import CustomersScreen
from shopdesk.ui.catalogue.products_screen import ProductsScreen
from shopdesk.ui.documents.document_screen import DocumentScreen
from shopdesk.ui.documents.documents_screen import DocumentsScreen
from shopdesk.ui.documents.sms_dialog import SmsDialog
from shopdesk.ui.editor.editor_screen import EditorScreen
from shopdesk.ui.settings.sections import SECTIONS
from shopdesk.ui.shifts.sales_reports_screen import SalesReportsScreen
from shopdesk.ui.statistics.dashboard_screen import DashboardScreen
from shopdesk.ui.statistics.mapping_dialog import MappingDialog
from shopdesk.ui.statistics.reports_screen import ReportsScreen
from shopdesk.ui.widgets.labels import ShortLabel
from shopdesk.ui.window.about_screen import ART, PARTS
from shopdesk.usecases import products
from shopdesk.usecases.day_close import close_day
from shopdesk.usecases.shifts import CountOutcome
from support import pseudo
from support.qtbot import QtBot
from support.shops import SampleShop, open_shop
from support.visible_text import cut, texts
from support.windows import Begin, Window

_DATA = re.compile(
    "|".join(map(re.escape, sorted({text for part in PARTS + ART for text in part}, key=len, reverse=True))) + "|"
    # names and numbers of this shop, and of the program; the usual words on papers, in the language of the papers
    r"Quittung|Vielen Dank für Ihren Einkauf!|קבלה|תודה על הקנייה!|"
    r"shopdesk|Corner Shop|Ada|\bada\b|Ben\b|\bben\b|Milk|Bread|Tomatoes|Tea|Standard|No tax|\bEUR\b|\bde\b|\bhe\b|"
    r"[\w.]*@[\w.]+|https?://\S+|/\S+|[A-Z]:\\\S+|SQLite|GitHub|Facebook|backup FILE\.dump|"
    r"Python|Qt|Linux-\S+|Windows-\S+|\ben\b|"
    r"\bPOST\b|\bGET\b|\bPUT\b|"  # of HTTP
    r"Google|Microsoft|"
    r"\w+׳|"  # months
    # the captions of keys
    r"Strg|Umschalt|Entf|Pos1|Ende|Enter|Esc|Tab|Ctrl|Shift|Alt|Del|Home|End"
)


class Walk:
    """Opens pages and collects what is wrong there."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._data = {country.name for country in country_defaults.countries(i18n.language())}
        self._data |= {model.name for model in PROFILES.values()}
        self._data |= {*country_defaults.currencies(), *(name for _, name in document_languages.choices())}
        self.english: dict[str, str] = {}
        self.cut: dict[str, str] = {}

    def look(self, name: str, page: QWidget) -> None:
        """Collect the texts of a page that are in no catalogue, and those that have no room."""
        self.window.rest()
        for _ in range(3):  # wrapped labels get their height after their width
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        for where, text in texts(page):
            text = re.sub("[\u200b\u200f\u2066-\u2069]", "", text)
            rest = "" if text in self._data else _DATA.sub("", pseudo.unmarked(text))
            if re.search(r"[^\W\d_]{2,}", rest):
                self.english.setdefault(text, f"{name}: {where}")
        for where, text in cut(page):
            self.cut.setdefault(text, f"{name}: {where}")
        if folder := os.environ.get("PSEUDO_PICTURES"):
            self.window.main.grab().save(f"{folder}/{name}.png")
            if page.isWindow():
                page.grab().save(f"{folder}/{name}.png")

    def look_at_dialog(self, name: str, opened: Callable[[], object]) -> None:
        """Open a dialog, look at it, and close it."""
        opened()
        self.window.until(lambda: isinstance(QApplication.activeModalWidget(), QDialog))
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        self.look(name, dialog)
        dialog.reject()
        self.window.until(lambda: QApplication.activeModalWidget() is not dialog)


@pytest.fixture
def install(themed_app: QApplication, begin: Begin, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Put the pseudo-languages in the place of two languages until the test ends."""
    with pytest.MonkeyPatch.context() as patch:
        yield lambda: pseudo.install(patch, tmp_path)
        begin.end()
    pseudo.forget()
    window_language.use(themed_app, SOURCE)


@pytest.fixture
def walk(home: Path, _sqlite_template: Path, begin: Begin, install: Callable[[], None]) -> Callable[[str], Walk]:
    """Walk through the program in one of the pseudo-languages, as an owner whose shop has some of everything."""
    home.mkdir(parents=True)
    shutil.copyfile(_sqlite_template, home / "shopdesk.db")
    shop = open_shop(connect(f"sqlite:///{home / 'shopdesk.db'}"), country="DE", currency="EUR")
    shop.staff(Role.CASHIER, status=AccountStatus.WAITING)
    document = shop.issue()
    invoice = shop.issue(kind=Kind.INVOICE, customer="Ben <ben@example.org>")
    shop.do(products.save, Product(key=new_key(), code="T1", name="Tea", price=10_000))
    shop.do(close_day)

    def run(language: str) -> Walk:
        shop.change_shop(language=language)
        shop.database.close()
        install()
        app.application()
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home))
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings().setValue("language/last", language)
        walk = Walk(begin())
        walk.window.main.resize(1024, 700)
        _sign_in(walk, shop)
        _pages(walk, document)
        _dialogs(walk, invoice)
        return walk

    return run


def _sign_in(walk: Walk, shop: SampleShop) -> None:
    main = walk.window.main
    flow = main.sign_in_flow
    walk.window.ready()
    walk.look("sign-in", flow)
    for name in ("_register", "_approval", "_first_run", "_join"):
        walk.look(name.strip("_"), getattr(flow, name).show())
    flow.restart()
    flow.continue_as(shop.by.staff)
    assert walk.window.workspace.isVisible()


def _pages(walk: Walk, document: Document) -> None:
    workspace = walk.window.workspace
    for page in Page:
        workspace.show_page(page)
        walk.look(page.name.lower(), workspace.opened(page))
    settings = workspace.opened(Page.SETTINGS)
    for section in SECTIONS:
        workspace.show_section(section.title)
        walk.look(f"settings {section.title}", settings)
    workspace.show_report(1)
    for name in ("X and Z reports", "search", "My account", "About", "Reports", "Prints"):
        workspace._turn_to(name)
        walk.look(name, workspace.opened(name))
    reports = workspace.opened("Reports")
    assert isinstance(reports, ReportsScreen)
    reports.of_numbers.click()
    walk.look("number report", reports)
    walk.look_at_dialog("accountant", reports.for_accountant.click)
    mapping = MappingDialog(workspace.context, AccountMapping(), parent=reports)
    walk.look_at_dialog("accounts", mapping.open)
    workspace.open_document(document.key)
    walk.look("document", workspace)  # with the tabs and the status line
    main = walk.window.main
    main.lock()
    assert main.lock_page is not None
    walk.look("lock", main.lock_page)
    main._on_unlocked(workspace.context.actor.staff)


def _dialogs(walk: Walk, invoice: Document) -> None:
    window, workspace = walk.window, walk.window.workspace
    view = workspace.opened("view")
    assert isinstance(view, DocumentScreen)
    walk.look_at_dialog("delete", view.delete.click)
    walk.look_at_dialog("return", view.take_back.click)
    asked = SmsDialog(workspace.context, "+254712345678", "Milk: 1", is_unclear=True, parent=view)
    walk.look_at_dialog("text message", asked.open)
    workspace.open_document(invoice.key)
    window.rest()
    walk.look_at_dialog("payment", view.money.take.click)
    walk.look_at_dialog("keys", workspace._on_keys)
    shift = workspace.shift
    for name, opened in (("move cash", shift.move_cash), ("count", shift.count), ("close day", shift.close_day)):
        walk.look_at_dialog(name, opened)
    walk.look_at_dialog("open shift", lambda: shift.open_shift(100_00))
    for name, causes in (("counted", tuple(Cause)[:6]), ("counted, too", tuple(Cause)[6:])):
        walk.look_at_dialog(name, partial(shift._show_count, _counted(causes)))
    for page in (Page.CUSTOMERS, Page.PRODUCTS):
        workspace.show_page(page)
        window.rest()
        screen = workspace.opened(page)
        assert isinstance(screen, CustomersScreen | ProductsScreen)
        walk.look_at_dialog(f"import {page.name.lower()}", screen.import_file.click)
        screen.new.click()
        walk.look(f"new {page.name.lower()}", screen)
    products_screen = workspace.opened(Page.PRODUCTS)
    assert isinstance(products_screen, ProductsScreen)
    walk.look_at_dialog("prices", products_screen.prices.click)
    workspace.new_document(Kind.INVOICE)
    editor = window.workspace.opened(Page.EDITOR)
    assert isinstance(editor, EditorScreen)
    window.enter("Tea", "2", "x")
    walk.look("editor with an error", editor)
    workspace.new_document(Kind.RECEIPT)
    window.rest()
    window.enter("Tea", "2", "5")
    window.rest()
    walk.look_at_dialog("explanation", editor.do_explain)
    walk.look_at_dialog("checkout", editor.do_save)
    walk.look_at_dialog("drafts", editor.drafts.open_list)


def _counted(causes: Sequence[Cause]) -> CountOutcome:
    """A count with a difference, and a proposal of each of some causes."""
    at = datetime(2026, 11, 23, 20, tzinfo=UTC)
    key = new_key()
    shift = Shift(till_key=key, till="A", number=1, opening=100, opened_at=at, by_name="Ada", opened_seq=1)
    count = ShiftCount(attempt=1, expected=100, counted=90, pieces=(), at=at, by_name="Ada", until_seq=2)
    proposals = tuple(
        Proposal(cause=cause, amount=10, number="R-A-2026-000001", method=Method.CARD, right=20) for cause in causes
    )
    return CountOutcome(ShiftResult(shift=shift, cash=0, moved=(), count=count), proposals)


@pytest.mark.usefixtures("no_flashes")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["de", "he"])
def test_each_text_is_translated_and_has_room(walk: Callable[[str], Walk], language: str) -> None:
    found = walk(language)
    assert not found.english, "\n".join(f"{where}: {text}" for text, where in found.english.items())
    assert not found.cut, "\n".join(f"{where}: {text}" for text, where in found.cut.items())


def test_a_person_chooses_a_language_at_once_and_keeps_it_and_the_sale(
    begin: Begin, install: Callable[[], None]
) -> None:
    window = begin()
    window.open_shop()
    install()
    window.key(Qt.Key.Key_F4)
    window.until(lambda: window.workspace.page == Page.EDITOR)
    window.enter("Tea", "2", "4.50")
    window.rest()
    _choose(window, "עברית")
    assert window.main.layoutDirection() is Qt.LayoutDirection.RightToLeft
    assert window.workspace.tabs.tabText(0) == pseudo.in_hebrew_letters("Dashboard")
    window.until(lambda: window.workspace.page == Page.EDITOR)  # with what was typed
    editor = window.workspace.opened(Page.EDITOR)
    assert isinstance(editor, EditorScreen)
    window.until(lambda: editor.totals.total.text().strip("\u200e\u200f\u2066\u2069") == "9.00")
    window = begin()  # before a person signs in, it is the language of the last one
    window.ready()
    names = {label.text().strip("\u200f") for label in window.main.sign_in_flow.sign_in.findChildren(QLabel)}
    assert pseudo.in_hebrew_letters("Password") in names


def _choose(window: Window, language: str) -> None:
    before = window.workspace
    next(action for action in before.findChildren(QAction) if action.text() == language).trigger()
    window.until(lambda: window.main.workspace not in {None, before})
    window.rest()


@pytest.mark.parametrize("language", languages())
def test_how_sales_compare_has_room_on_the_dashboard(
    themed_app: QApplication, context: Context, shop: SampleShop, qtbot: QtBot, language: str
) -> None:
    window_language.use(themed_app, language)
    for days, price in ((7, "100.00"), (0, "50.00")):
        shop.now = datetime.now(UTC) - timedelta(days=days)
        shop.issue(DraftRow("Tea", "1", price))
    screen = DashboardScreen(context)
    qtbot.addWidget(screen)
    screen.resize(960, 600)
    screen.show()
    told = tr("{percent} less than last {day}", percent="", day="").strip()
    qtbot.waitUntil(lambda: any(word in screen.sales.accessibleName() for word in told.split()))
    QApplication.processEvents()
    elided = [one for one in screen.sales.findChildren(ShortLabel) if one.sizeHint().width() > one.width()]
    assert [one.text() for one in elided] == []
    assert list(cut(screen.sales)) == []
    assert len({card.height() for card in screen.figures}) == 1


@pytest.mark.parametrize("language", ["de", "fr"])  # those with the longest texts
def test_pages_fit_into_the_smallest_window(
    themed_app: QApplication, context: Context, shop: SampleShop, qtbot: QtBot, language: str
) -> None:
    window_language.use(themed_app, language)
    document = shop.issue(DraftRow("Tea", "1", "100.00"))
    view, editor = DocumentScreen(context), EditorScreen(context)
    view.show_document(document.key)
    reports = SalesReportsScreen(context)
    for screen in (view, editor, reports, DocumentsScreen(context)):
        qtbot.addWidget(screen)
        screen.resize(800, 440)
        screen.show()
        assert screen.width() == 800, type(screen)
    qtbot.waitUntil(lambda: view.details is not None and not context.background.is_busy)
    QApplication.processEvents()
    for part in (view.done, view.more, view.delete, editor.save, editor.totals.total, editor.totals.why, reports.print):
        assert part.visibleRegion().boundingRect() == part.rect(), part.accessibleName()
        assert part.width() >= part.minimumSizeHint().width(), part.accessibleName()
    assert view.delete.text() == ""
    assert tr("Delete") in view.delete.toolTip()
    view.resize(1500, 700)
    assert tr("Delete") in view.delete.text()
