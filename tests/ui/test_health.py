"""The doctor at the real window: a page of the settings, and what the page of trouble offers. It is a real process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog

from gateways.web_server import Answer, WebServer
from shopdesk import paths
from shopdesk.domain.account import Role
from shopdesk.store import backup_file
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.pages import Page
from shopdesk.ui.settings.health import HealthSection
from shopdesk.ui.settings.settings_screen import SettingsScreen
from shopdesk.ui.widgets.check_results import CheckResultsDialog
from support.context import Show
from support.qtbot import QtBot
from support.shops import SampleShop
from support.systems import IS_POSIX, is_running
from support.windows import Window


def test_the_owner_sees_each_finding_and_takes_the_report_away(
    qtbot: QtBot,
    show: Show,
    settled: Callable[[], None],
    context: Context,
    shop: SampleShop,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
    tmp_path: Path,
    survives_power_cut: Callable[[Path], bool],
) -> None:
    home.mkdir(mode=0o755)  # which is one thing to say
    url = shop.database.engine.url.render_as_string()
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", url)
    shop.issue()
    screen = show(SettingsScreen(context))
    section = screen.open("Health")
    assert isinstance(section, HealthSection)
    page = section.examination
    assert page.summary.text() == "Checking …"
    assert not page.copy.isEnabled()
    qtbot.waitUntil(page.copy.isEnabled)
    assert page.parts["Journal"].accessibleName() == "Journal: OK. The journal is complete and unchanged."
    if IS_POSIX:
        assert page.parts["Data folder"].badge.word == "warning"
        assert "chmod go=" in page.parts["Data folder"].advice.text()
    assert page.summary.text().startswith("No errors, ")
    first = min(page.parts.values(), key=lambda part: part.y())
    assert first.state == "warn"  # what is worth a look stands first
    page.copy.click()
    assert QApplication.clipboard().text() == page.report
    assert str(home) not in page.report
    section.save.click()
    question = QApplication.activeModalWidget()
    assert isinstance(question, QFileDialog)
    question.fileSelected.emit(str(tmp_path / "report.txt"))
    question.reject()
    settled()
    assert (tmp_path / "report.txt").read_text("utf-8") == page.report
    assert survives_power_cut(tmp_path / "report.txt")


def test_a_file_with_a_broken_page_offers_to_restore_a_backup(
    qtbot: QtBot, show: Show, context: Context, shop: SampleShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop.issue()
    with shop.database.engine.connect() as connection:
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'day_items'").scalar_one()
    path, copy = shop.database.path, tmp_path / "copy.db"
    assert path is not None
    backup_file.back_up(path, copy)
    with copy.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    monkeypatch.setenv("SHOPDESK_DATABASE_URL", f"sqlite:///{copy}")
    section = show(SettingsScreen(context)).open("Health")
    assert isinstance(section, HealthSection)
    qtbot.waitUntil(section.examination.copy.isEnabled)
    act = section.examination.parts["Broken pages"].act
    assert act is not None
    with qtbot.waitSignal(context.navigation.restore_wanted):
        act.click()


def test_only_the_owner_is_shown_the_doctor(show: Show, context: Context, shop: SampleShop) -> None:
    context.switch_to(shop.staff(Role.CASHIER))
    section = show(SettingsScreen(context)).open("Health")
    assert isinstance(section, HealthSection)
    assert section.reason.isVisible()
    assert not section.examination.isVisible()
    assert section.examination._process is None


def test_leaving_the_page_ends_the_doctor(show: Show, context: Context) -> None:
    screen = show(SettingsScreen(context))
    section = screen.open("Health")
    assert isinstance(section, HealthSection)
    process = section.examination._process
    assert process is not None
    number = process.processId()
    assert is_running(number)
    screen.open("Shop")
    assert section.examination._process is None
    assert not is_running(number)


def test_the_page_of_trouble_looks_for_the_cause(program: Window, home: Path) -> None:
    program.ready()
    (home / "shopdesk.toml").write_text("[mail\n")
    program.main.retry_wanted.emit()
    program.press("Look for the cause")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, CheckResultsDialog)
    program.until(dialog.examination.copy.isEnabled)
    assert dialog.examination.parts["Settings file"].state == "fail"
    assert dialog.examination.summary.text().endswith("failed")
    program.press("Close")
    program.rest()


def test_the_owner_sets_where_newer_versions_are_announced(program: Window) -> None:
    program.open_shop()
    with WebServer() as server:
        server.routes["GET", "/v.json"] = lambda _: Answer.of({"version": "99.0"})
        program.workspace.show_page(Page.SETTINGS)
        screen = program.main.findChild(SettingsScreen)
        assert screen is not None
        section = screen.open("Health")
        assert isinstance(section, HealthSection)
        program.type_into("Address of the version file", "http://example.org/v.json")
        section.form.save.click()
        program.until(lambda: "https://" in section.address.fault)
        program.type_into("Address of the version file", f"{server.address}/v.json")
        section.form.save.click()
        program.until(lambda: section.ask.words == "shopdesk 99.0 is available.")
    assert "update_address" in (paths.home() / "shopdesk.toml").read_text("utf-8")
    program.rest()
